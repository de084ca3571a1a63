//! Labels: what is sent for one, what comes back, how a lost one is found, and their end.

use oms_app::ports::{Carrier as _, CarrierDocument, DocumentFormat, LabelRequest, Recovered, Voided};
use oms_fakes::ups::{Event, Fault, LABEL, Operation};
use rstest::rstest;
use serde_json::{Value, json};

use crate::bench::{Bench, SERVICE};
use crate::story::{REFERENCE, ada_with, at, label, question, question_of_a_stranger, road, sample, spoilt};

fn gif() -> CarrierDocument {
    CarrierDocument { format: DocumentFormat::Gif, bytes: LABEL.to_vec() }
}

/// The same shipment from and to this country.
fn inside(country: &str) -> LabelRequest {
    let mut request = label("03", 1);
    for party in [&mut request.from, &mut request.to] {
        party.address.country = country.into();
    }
    request
}

#[tokio::test]
async fn a_label_is_bought_under_our_reference_and_comes_as_a_picture() {
    let bench = Bench::new().await;
    let bought = bench.bought(1).await;
    assert_eq!((bought.documents, bought.tracking_numbers), (vec![gif()], vec![bought.reference]));
    assert_eq!(bought.cost.unwrap().to_string(), "7.05 EUR", "ours, and not the list's");
    let paid = bench.fake.paid();
    assert_eq!((paid.len(), paid[0].reference.as_str(), paid[0].service.as_str()), (1, REFERENCE, SERVICE));
    let request = &bench.fake.seen(Operation::Buy)[0].body["ShipmentRequest"];
    assert_eq!(request["LabelSpecification"]["LabelImageFormat"]["Code"], "GIF", "UPS makes no PDF here");
    assert_eq!(request["Shipment"]["ShipTo"]["Address"]["ResidentialAddressIndicator"], "", "a flag is there or not");
    assert_eq!(request["Shipment"]["ShipFrom"]["Address"]["ResidentialAddressIndicator"], Value::Null);
    assert_eq!(request["Shipment"]["ShipTo"]["Phone"]["Number"], "493411234567", "the sender's, where there is none");
}

#[tokio::test]
async fn every_parcel_has_a_number_and_a_picture_of_its_own_and_numbers_are_texts() {
    let bench = Bench::new().await;
    let bought = bench.bought(3).await;
    assert_eq!((bought.tracking_numbers.len(), bought.documents.len()), (3, 3));
    let package = &bench.fake.seen(Operation::Buy)[0].body["ShipmentRequest"]["Shipment"]["Package"][0];
    assert_eq!(package["PackageWeight"], json!({"UnitOfMeasurement": {"Code": "KGS"}, "Weight": "1.3"}));
    assert_eq!(package["Dimensions"]["Length"], "31");
    let mut american = inside("US");
    american.to.address.postal_code = Some("10117-0001".into());
    bench.ups.buy_label(&american).await.unwrap();
    let shipment = &bench.fake.seen(Operation::Buy)[1].body["ShipmentRequest"]["Shipment"];
    assert_eq!(shipment["Package"][0]["PackageWeight"], json!({"UnitOfMeasurement": {"Code": "LBS"}, "Weight": "2.8"}));
    assert_eq!(shipment["ShipTo"]["Address"]["PostalCode"], "101170001", "nine characters");
}

#[rstest]
#[case::united_states("US", true)]
#[case::germany("DE", false)]
#[tokio::test]
async fn our_reference_stands_where_ups_takes_it(#[case] country: &str, #[case] by_package: bool) {
    let bench = Bench::new().await;
    bench.ups.buy_label(&inside(country)).await.unwrap();
    let shipment = bench.fake.seen(Operation::Buy)[0].body["ShipmentRequest"]["Shipment"].clone();
    let (on_package, on_shipment) = (&shipment["Package"][0]["ReferenceNumber"], &shipment["ReferenceNumber"]);
    let (here, there) = if by_package { (on_package, on_shipment) } else { (on_shipment, on_package) };
    assert_eq!((here, there), (&json!([{"Value": REFERENCE}, {"Value": "S-1001"}]), &Value::Null));
    assert_eq!(bench.fake.paid()[0].reference, REFERENCE);
}

#[tokio::test]
async fn an_address_that_cannot_be_printed_is_refused_before_anything_is_asked() {
    let bench = Bench::new().await;
    let mut request = label(SERVICE, 1);
    request.to = ada_with(|address| {
        address.recipient_name = "a".repeat(36);
        address.street_address_2 = Some("ü".repeat(18));
        address.city = "Δελφοί 東".into();
    });
    let faults: Vec<&str> = bench.ups.faults_of(&request.to.address).iter().map(|fault| fault.field).collect();
    assert_eq!(faults, ["recipient_name", "street_address_2", "city"]);
    assert_eq!(road(&bench.ups.buy_label(&request).await), "refused: address");
    assert_eq!(bench.fake.seen(Operation::Token), []);
}

#[tokio::test]
async fn a_label_is_read_as_ups_publishes_it() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::Says(serde_json::from_slice(&sample("ups/label")).unwrap())]);
    let bought = bench.bought(1).await;
    assert_eq!(bought.reference, "1Z2220060290602143");
    assert_eq!(bought.cost.unwrap().to_string(), "7.05 EUR");
    assert!(bought.documents[0].bytes.starts_with(b"GIF89a"));
}

#[rstest]
#[case::no_picture(json!({"ShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, "ShipmentResults": {
    "ShipmentIdentificationNumber": "1Z1", "PackageResults": [{"TrackingNumber": "1Z1"}]}}}))]
#[case::no_packages(json!({"ShipmentResponse": {"ShipmentResults": {"ShipmentIdentificationNumber": "1Z1", "PackageResults": ""}}}))]
#[case::no_results(json!({"ShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1"}}}}))]
#[case::nothing(json!({}))]
#[tokio::test]
async fn an_answer_of_200_without_a_label_leaves_open_what_was_bought(#[case] said: Value) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::Misreports(said)]);
    assert_eq!(road(&bench.ups.buy_label(&label(SERVICE, 1)).await), "unknown");
    assert_eq!((bench.fake.paid().len(), bench.fake.seen(Operation::Buy).len()), (1, 1), "it is not asked again");
}

#[rstest]
#[case(1)]
#[case(3)]
#[tokio::test]
async fn a_lost_label_is_found_by_our_reference_and_paid_once(#[case] count: usize) {
    let bench = Bench::impatient().await;
    let request = label(SERVICE, count);
    assert_eq!(bench.ups.recover_label(&request).await, Ok(Recovered::NotBought));
    bench.fake.script(Operation::Buy, [Fault::NeverAnswers]);
    assert_eq!(road(&bench.ups.buy_label(&request).await), "unknown");
    let Ok(Recovered::Bought(found)) = bench.ups.recover_label(&request).await else { panic!("not found") };
    let paid = bench.fake.paid();
    assert_eq!((paid.len(), &found.reference, &found.tracking_numbers), (1, &paid[0].name, &paid[0].tracking_numbers));
    assert_eq!(
        (found.documents.len(), found.documents[0].clone()),
        (count, gif()),
        "one comes as an object, several as a list"
    );
}

#[tokio::test]
async fn what_the_search_does_not_say_for_certain_stays_open() {
    let bench = Bench::new().await;
    let request = label(SERVICE, 1);
    // A purchase that was repeated by somebody else: two shipments under one reference.
    for _ in 0..2 {
        bench.bought(1).await;
    }
    assert_eq!(bench.ups.recover_label(&request).await, Ok(Recovered::CannotTell));
    let odd =
        [Fault::Refuses(400, "300000"), Fault::Says(json!({})), Fault::Says(json!({"LabelRecoveryResponse": {}}))];
    bench.fake.script(Operation::Recover, odd);
    for _ in 0..3 {
        assert_eq!(bench.ups.recover_label(&request).await, Ok(Recovered::CannotTell));
    }
    let lost = [Fault::Breaks(404), Fault::LosesAnswer, Fault::Refuses(500, "10002"), Fault::Busy("9")];
    bench.fake.script(Operation::Recover, lost);
    for means in ["refused: request", "unavailable", "unavailable", "busy 9"] {
        let recovered = bench.ups.recover_label(&request).await;
        assert_ne!(recovered, Ok(Recovered::NotBought));
        if means == "refused: request" {
            assert_eq!(recovered, Ok(Recovered::CannotTell), "somebody between us knows nothing of labels");
        } else {
            assert_eq!(road(&recovered), means);
        }
    }
}

#[tokio::test]
async fn a_label_is_void_when_its_summary_and_each_package_are() {
    let bench = Bench::new().await;
    let bought = bench.bought(2).await;
    for _ in 0..2 {
        assert_eq!(bench.ups.void_label(&bought.reference, &bought.tracking_numbers).await, Ok(Voided::Void));
    }
    assert_eq!(bench.fake.paid(), []);
    let bought = bench.bought(1).await;
    bench.fake.happens(&bought.reference, Event::new(at("2026-01-05T15:00:00Z"), "I/OR/005"));
    for name in [bought.reference.as_str(), "1Z0000000000000000"] {
        assert!(matches!(bench.ups.void_label(name, &[]).await, Ok(Voided::Refused(_))), "{name}");
    }
}

#[rstest]
#[case::all_void(json!({"SummaryResult": {"Status": {"Code": "1"}}, "PackageLevelResults": [{"Status": {"Code": "1"}}]}), true)]
#[case::another_name_and_one(json!({"SummaryResult": {"Status": {"Code": "&#xD;1"}}, "PackageLevelResult": {"Status": {"Code": "1"}}}), true)]
#[case::one_stands(json!({"SummaryResult": {"Status": {"Code": "1"}},
    "PackageLevelResults": [{"Status": {"Code": "1"}}, {"Status": {"Code": "0"}}]}), false)]
#[case::only_the_call_worked(json!({"Response": {"ResponseStatus": {"Code": "1"}}}), false)]
#[case::summary_stands(json!({"SummaryResult": {"Status": {"Code": "0"}}}), false)]
#[tokio::test]
async fn that_a_call_worked_does_not_mean_that_a_label_is_void(#[case] said: Value, #[case] void: bool) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Void, [Fault::Says(json!({"VoidShipmentResponse": said}))]);
    let voided = bench.ups.void_label("1Z0000000000000000", &[]).await.unwrap();
    assert_eq!(voided == Voided::Void, void, "{voided:?}");
}

#[tokio::test]
async fn a_void_that_has_no_answer_is_not_known() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Void, [Fault::LosesAnswer, Fault::Says(json!({})), Fault::Refuses(403, "250002")]);
    for means in ["unknown", "unknown", "refused: account"] {
        assert_eq!(road(&bench.ups.void_label("1Z0000000000000000", &[]).await), means);
    }
}

#[rstest]
#[case::ours_with_taxes(json!({"NegotiatedRateCharges": {"TotalCharge": {"CurrencyCode": "EUR", "MonetaryValue": "7.05"},
    "TotalChargesWithTaxes": {"CurrencyCode": "EUR", "MonetaryValue": "8.39"}}}), "8.39 EUR")]
#[case::the_list_s_where_nothing_was_agreed(json!({}), "14.40 EUR")]
#[tokio::test]
async fn a_price_is_told_with_its_taxes(#[case] more: Value, #[case] cost: &str) {
    let bench = Bench::new().await;
    let mut rated = json!({
        "Service": {"Code": "65"},
        "TotalCharges": {"CurrencyCode": "EUR", "MonetaryValue": "12.10"},
        "TotalChargesWithTaxes": {"CurrencyCode": "EUR", "MonetaryValue": "14.40"},
    });
    rated.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.fake.script(Operation::Rates, [Fault::Says(json!({"RateResponse": {"RatedShipment": rated}}))]);
    assert_eq!(bench.ups.rates(&question()).await.unwrap()[0].cost.to_string(), cost);
}

#[tokio::test]
async fn rates_are_ours_with_a_day_inside_a_country() {
    let bench = Bench::new().await;
    let rates = bench.ups.rates(&question()).await.unwrap();
    let told: Vec<String> =
        rates.iter().map(|rate| format!("{} {} {:?}", rate.name, rate.cost, rate.estimated_delivery)).collect();
    assert_eq!(told, ["UPS Standard 7.05 EUR Some(2026-01-07)", "UPS Worldwide Express 21.90 EUR Some(2026-01-07)"]);
    assert_eq!(bench.ups.rates(&question_of_a_stranger()).await, Ok(rates));
    let asked = bench.fake.seen(Operation::Rates)[0].body["RateRequest"]["Shipment"].clone();
    assert_eq!(asked["ShipmentTotalWeight"]["Weight"], "1.3");
    let mut abroad = question();
    abroad.to.address.country = "FR".into();
    let rates = bench.ups.rates(&abroad).await.unwrap();
    assert_eq!((rates.len(), rates[0].cost.to_string().as_str(), rates[0].estimated_delivery), (1, "15.05 EUR", None));
}

#[tokio::test]
async fn an_answer_that_is_spoilt_anywhere_is_a_label_or_leaves_it_open() {
    let bench = Bench::new().await;
    let answers = spoilt(&sample("ups/label"));
    let count = answers.len();
    bench.fake.script(Operation::Buy, answers.iter().cloned().map(Fault::Says));
    for answer in answers {
        let bought = road(&bench.ups.buy_label(&label(SERVICE, 1)).await);
        assert!(["done", "unknown"].contains(&bought.as_str()), "{bought}: {answer}");
    }
    assert_eq!(bench.fake.seen(Operation::Buy).len(), count, "none was asked for twice");
}
