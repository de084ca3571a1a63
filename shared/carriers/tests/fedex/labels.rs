//! Labels: what is sent for one, what comes back, and their end.

use oms_app::ports::{Carrier as _, CarrierDocument, DocumentFormat, Recovered, Voided};
use oms_fakes::fedex::{Event, Fault, LABEL, Operation};
use rstest::rstest;
use serde_json::json;

use crate::bench::{Bench, SERVICE};
use crate::story::{
    REFERENCE, ada_with, at, impersonal, label, question, question_of_a_stranger, road, sample, shop, spoilt,
};

fn pdf() -> CarrierDocument {
    CarrierDocument { format: DocumentFormat::Pdf, bytes: LABEL.to_vec() }
}

#[tokio::test]
async fn a_label_is_bought_under_our_reference_and_comes_with_what_is_printed() {
    let bench = Bench::new().await;
    let bought = bench.bought(1).await;
    assert_eq!(bought.documents, [pdf()], "the label, and not the papers beside it");
    assert_eq!(bought.tracking_numbers, std::slice::from_ref(&bought.reference));
    assert_eq!(bought.cost.unwrap().to_string(), "9.45 EUR");
    let paid = bench.fake.paid();
    assert_eq!((paid.len(), paid[0].reference.as_str(), paid[0].service.as_str()), (1, REFERENCE, SERVICE));
    let asked = &bench.fake.seen(Operation::Buy)[0];
    assert_eq!(asked.headers["x-customer-transaction-id"], REFERENCE);
    assert_eq!(asked.body["processingOptionType"], "SYNCHRONOUS_ONLY");
}

#[tokio::test]
async fn every_parcel_has_a_number_and_a_label_of_its_own() {
    let bench = Bench::new().await;
    let bought = bench.bought(3).await;
    assert_eq!((bought.tracking_numbers.len(), bought.documents.len()), (3, 3));
    assert_eq!(bought.cost.unwrap().to_string(), "28.35 EUR");
    let body = &bench.fake.seen(Operation::Buy)[0].body;
    let parcel = &body["requestedShipment"]["requestedPackageLineItems"][0];
    // Rounded up: 1.251 kg, 30.1 cm.
    assert_eq!(parcel["weight"].to_string(), r#"{"units":"KG","value":1.26}"#);
    assert_eq!(parcel["dimensions"], json!({"length": 31, "width": 20, "height": 10, "units": "CM"}));
}

#[tokio::test]
async fn what_leaves_the_united_states_is_weighed_in_pounds() {
    let bench = Bench::new().await;
    let mut request = label(SERVICE, 1);
    for party in [&mut request.from, &mut request.to] {
        party.address.country = "US".into();
        party.address.state = Some("NY".into());
        party.phone = Some("+12125550123".into());
    }
    bench.fedex.buy_label(&request).await.unwrap();
    let shipment = &bench.fake.seen(Operation::Buy)[0].body["requestedShipment"];
    assert_eq!(shipment["requestedPackageLineItems"][0]["weight"].to_string(), r#"{"units":"LB","value":2.76}"#);
    assert_eq!(shipment["recipients"][0]["contact"]["phoneNumber"], "2125550123", "ten digits there");
    assert_eq!(shipment["recipients"][0]["address"]["stateOrProvinceCode"], "NY");
}

#[rstest]
#[case::quebec("CA", "QC", json!("PQ"))]
#[case::ontario("CA", "ON", json!("ON"))]
#[case::a_name("DE", "Sachsen", serde_json::Value::Null)]
#[tokio::test]
async fn a_province_is_told_by_the_code_that_fedex_knows(
    #[case] country: &str,
    #[case] state: &str,
    #[case] told: serde_json::Value,
) {
    let bench = Bench::new().await;
    let mut request = question();
    request.to = ada_with(|address| {
        address.country = country.into();
        address.state = Some(state.into());
    });
    bench.fedex.rates(&request).await.unwrap();
    let recipient = bench.fake.seen(Operation::Rates)[0].body["requestedShipment"]["recipient"].clone();
    assert_eq!(recipient["address"]["stateOrProvinceCode"], told);
}

#[tokio::test]
async fn no_letter_beyond_ascii_and_no_empty_element_is_sent() {
    let bench = Bench::new().await;
    let mut request = label(SERVICE, 1);
    request.to = ada_with(|address| {
        address.recipient_name = "Jürgen Łukasz Größ".into();
        address.street_address = "Große Straße 1".into();
        address.state = Some("Sachsen".into());
    });
    bench.fedex.buy_label(&request).await.unwrap();
    let body = bench.fake.seen(Operation::Buy)[0].body.to_string();
    assert!(body.is_ascii() && !body.contains("\"\"") && !body.contains("null"), "{body}");
    assert!(body.contains("Juergen Lukasz Groess") && body.contains("Grosse Strasse 1") && !body.contains("Sachsen"));
}

#[tokio::test]
async fn an_address_that_cannot_be_printed_is_refused_before_anything_is_asked() {
    let bench = Bench::new().await;
    let mut request = label(SERVICE, 1);
    request.to = ada_with(|address| {
        address.city = "東京".into();
        address.street_address = "a".repeat(36);
    });
    let faults: Vec<&str> = bench.fedex.faults_of(&request.to.address).iter().map(|fault| fault.field).collect();
    assert_eq!(faults, ["street_address", "city"]);
    assert_eq!(road(&bench.fedex.buy_label(&request).await), "refused: address");
    request.to = label(SERVICE, 1).to;
    request.from = shop();
    request.from.address.city = "東京".into();
    assert_eq!(road(&bench.fedex.buy_label(&request).await), "refused: account");
    assert_eq!(bench.fake.seen(Operation::Token), [], "nothing was asked");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_asked() {
    let bench = Bench::new().await;
    let mut abroad = label(SERVICE, 1);
    abroad.to.address.country = "CH".into();
    let mut nobody_answers = label(SERVICE, 1);
    nobody_answers.from.phone = None;
    for request in [abroad, nobody_answers, label(SERVICE, 0), label(SERVICE, 21)] {
        assert_eq!(road(&bench.fedex.buy_label(&request).await), "refused: request");
    }
    assert_eq!(bench.fake.labels(), []);
}

#[tokio::test]
async fn a_label_is_read_as_fedex_publishes_it() {
    let bench = Bench::new().await;
    let published = serde_json::from_slice(&sample("fedex/label")).unwrap();
    bench.fake.script(Operation::Buy, [Fault::Says(published)]);
    let bought = bench.bought(1).await;
    assert_eq!((bought.reference.as_str(), bought.cost), ("794953535000", None), "a price of zero is none");
    assert_eq!(bought.documents[0].format, DocumentFormat::Pdf);
}

#[rstest]
#[case::a_link_instead_of_a_label(json!({"output": {"transactionShipments": [{"masterTrackingNumber": "794953535000",
    "pieceResponses": [{"trackingNumber": "794953535000", "packageDocuments": [{"contentType": "LABEL", "docType": "PDF",
        "url": "https://fedex.example/label"}]}]}]}}))]
#[case::no_label(json!({"output": {"transactionShipments": [{"masterTrackingNumber": "1", "pieceResponses": []}]}}))]
#[case::made_later(json!({"output": {"jobId": "b335dd6a"}}))]
#[case::nothing(json!({"output": {}}))]
#[case::not_fedex(json!({"status": "ok"}))]
#[case::half_a_label(json!({"output": {"transactionShipments": [{"pieceResponses": [{"trackingNumber": "1",
    "packageDocuments": [{"contentType": "LABEL", "docType": "PDF", "encodedLabel": "not base64!"}]}]}]}}))]
#[tokio::test]
async fn an_answer_of_200_without_a_label_leaves_open_what_was_bought(#[case] said: serde_json::Value) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::Misreports(said)]);
    assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), "unknown");
    assert_eq!((bench.fake.paid().len(), bench.fake.seen(Operation::Buy).len()), (1, 1), "it is not asked again");
}

#[tokio::test]
async fn errors_in_an_answer_of_200_are_a_refusal() {
    let bench = Bench::new().await;
    let said = json!({"errors": [{"code": "RECIPIENT.POSTALCODE.INVALID", "message": "Ada's code is wrong"}]});
    bench.fake.script(Operation::Buy, [Fault::Says(said)]);
    assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), "refused: address");
}

#[tokio::test]
async fn what_the_sandbox_has_made_up_is_never_real() {
    let made_up = json!({"output": {"transactionShipments": [], "alerts": [{"code": "VIRTUAL.RESPONSE"}]}});
    let live = Bench::new().await;
    live.fake.script(Operation::Buy, [Fault::Says(made_up.clone())]);
    live.fake.script(Operation::Rates, [Fault::Says(made_up)]);
    assert_eq!(road(&live.fedex.buy_label(&label(SERVICE, 1)).await), "refused: account");
    assert_eq!(road(&live.fedex.rates(&question()).await), "refused: account");
    let sandbox = Bench::with(|config| config.sandbox = true).await;
    let rates = json!({"output": {"rateReplyDetails": [], "alerts": [{"code": "VIRTUAL.RESPONSE"}]}});
    sandbox.fake.script(Operation::Rates, [Fault::Says(rates)]);
    assert_eq!(sandbox.fedex.rates(&question()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_lost_label_stays_with_a_person_whatever_fedex_shows_of_it() {
    let bench = Bench::impatient().await;
    let request = label(SERVICE, 1);
    assert_eq!(bench.fedex.recover_label(&request).await, Ok(Recovered::CannotTell));
    bench.fake.script(Operation::Buy, [Fault::NeverAnswers]);
    assert_eq!(road(&bench.fedex.buy_label(&request).await), "unknown");
    assert_eq!(bench.fedex.recover_label(&request).await, Ok(Recovered::CannotTell));
    let asked = &bench.fake.seen(Operation::Recover)[1].body["referencesInformation"];
    assert_eq!((asked["value"].as_str(), asked["type"].as_str()), (Some(REFERENCE), Some("CUSTOMER_REFERENCE")));
    assert_eq!(asked["shipDateEndDate"], "2026-01-19", "called otherwise than where a number is asked after");
    bench.fake.script(Operation::Recover, [Fault::Refuses(404, "TRACKING.REFERENCENUMBER.NOTFOUND")]);
    assert_eq!(bench.fedex.recover_label(&request).await, Ok(Recovered::CannotTell));
}

#[tokio::test]
async fn a_label_is_void_when_fedex_says_that_it_cancelled_and_not_because_it_answered() {
    let bench = Bench::new().await;
    let bought = bench.bought(2).await;
    for _ in 0..2 {
        let voided = bench.fedex.void_label(&bought.reference, &bought.tracking_numbers).await;
        assert_eq!(voided, Ok(Voided::Void), "once, and again");
    }
    assert_eq!(bench.fake.paid(), []);
    let bought = bench.bought(1).await;
    bench.fake.happens(&bought.reference, Event::new(at("2026-01-05T15:00:00Z"), "PU"));
    let voided = bench.fedex.void_label(&bought.reference, &bought.tracking_numbers).await;
    assert!(matches!(voided, Ok(Voided::Refused(_))), "{voided:?}");
    assert!(matches!(bench.fedex.void_label("794600000000", &[]).await, Ok(Voided::Refused(_))));
    let faults = [Fault::LosesAnswer, Fault::Breaks(404), Fault::Refuses(403, "FORBIDDEN.ERROR")];
    bench.fake.script(Operation::Void, faults);
    for means in ["unknown", "unknown", "refused: account"] {
        assert_eq!(road(&bench.fedex.void_label(&bought.reference, &[]).await), means);
    }
}

#[tokio::test]
async fn a_name_that_no_carrier_gives_becomes_no_part_of_a_request() {
    let bench = Bench::new().await;
    for name in ["", "1/../2", "1?x=1", "1 2", &"1".repeat(65)] {
        let voided = bench.fedex.void_label(name, &[]).await;
        impersonal(&voided);
        assert_eq!(road(&voided), "refused: request");
    }
    assert_eq!(bench.fake.seen(Operation::Void), []);
}

#[tokio::test]
async fn rates_are_ours_and_not_the_list_s() {
    let bench = Bench::new().await;
    let rates = bench.fedex.rates(&question()).await.unwrap();
    let told: Vec<String> =
        rates.iter().map(|rate| format!("{} {} {:?}", rate.name, rate.cost, rate.estimated_delivery)).collect();
    assert_eq!(told, ["FedEx Regional Economy 9.45 EUR Some(2026-01-08)", "FedEx Priority 18.60 EUR Some(2026-01-06)"]);
    assert_eq!(rates[0].service, SERVICE);
    assert_eq!(bench.fedex.rates(&question_of_a_stranger()).await, Ok(rates));
    assert_eq!(
        bench.fake.seen(Operation::Rates)[1].body["requestedShipment"]["recipient"]["address"]["city"],
        "Berlin"
    );
}

#[rstest]
#[case::only_the_list_s(json!([{"rateType": "LIST", "totalNetCharge": 14.9, "currency": "EUR"}]))]
#[case::zero(json!([{"rateType": "ACCOUNT", "totalNetCharge": 0.0, "currency": "EUR"}]))]
#[case::no_currency(json!([{"rateType": "ACCOUNT", "totalNetCharge": 9.45}]))]
#[tokio::test]
async fn a_service_without_a_price_of_ours_is_not_offered(#[case] details: serde_json::Value) {
    let bench = Bench::new().await;
    let quote = json!({"serviceType": SERVICE, "ratedShipmentDetails": details});
    bench.fake.script(Operation::Rates, [Fault::Says(json!({"output": {"rateReplyDetails": [quote]}}))]);
    assert_eq!(bench.fedex.rates(&question()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn an_answer_that_is_spoilt_anywhere_is_a_label_or_leaves_it_open() {
    let bench = Bench::new().await;
    let answers = spoilt(&sample("fedex/label"));
    let count = answers.len();
    bench.fake.script(Operation::Buy, answers.iter().cloned().map(Fault::Says));
    for answer in answers {
        let bought = road(&bench.fedex.buy_label(&label(SERVICE, 1)).await);
        assert!(["done", "unknown"].contains(&bought.as_str()), "{bought}: {answer}");
    }
    assert_eq!(bench.fake.seen(Operation::Buy).len(), count, "none was asked for twice");
}
