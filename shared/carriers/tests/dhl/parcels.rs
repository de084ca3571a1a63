//! Labels of DHL Parcel in Germany: each parcel is judged by itself, and the day has a close.

use oms_app::ports::{
    Carrier as _, CarrierDocument, CarrierError, DocumentFormat, Recovered, Tracker as _, VoidUntil, Voided,
};
use oms_fakes::dhl::{BILLING, Fault, LABEL, Operation};
use rstest::rstest;
use serde_json::{Value, json};

use crate::bench::{Bench, SERVICE};
use crate::story::{REFERENCE, ada_with, impersonal, label, question, road, sample, spoilt};

fn pdf() -> CarrierDocument {
    CarrierDocument { format: DocumentFormat::Pdf, bytes: LABEL.to_vec() }
}

#[tokio::test]
async fn a_label_is_bought_under_our_reference_and_only_if_dhl_can_route_it() {
    let bench = Bench::new().await;
    let bought = bench.bought(SERVICE, 1).await;
    assert_eq!((bought.documents, bought.cost), (vec![pdf()], None));
    assert_eq!(bought.tracking_numbers, [bought.reference]);
    let asked = &bench.fake.seen(Operation::Buy)[0];
    for parameter in ["mustEncode=true", "includeDocs=include", "docFormat=PDF"] {
        assert!(asked.path.contains(parameter), "{}", asked.path);
    }
    let shipment = &asked.body["shipments"][0];
    assert_eq!((shipment["refNo"].as_str(), shipment["billingNumber"].as_str()), (Some(REFERENCE), Some(BILLING)));
    assert_eq!(
        (shipment["consignee"]["country"].as_str(), shipment["details"]["weight"].clone()),
        (Some("DEU"), json!({"uom": "g", "value": 1_251}))
    );
    assert_eq!(bench.fake.paid()[0].reference, REFERENCE);
}

#[tokio::test]
async fn an_umlaut_stays_and_no_phone_number_is_told_inside_germany() {
    let bench = Bench::new().await;
    let mut request = label(SERVICE, 1);
    request.to = ada_with(|address| {
        address.recipient_name = "Jürgen Łukasz Größ".into();
        address.company = Some("Größ & Söhne".into());
        address.street_address_2 = Some("Hinterhaus".into());
    });
    request.to.phone = Some("+49301234567".into());
    bench.dhl.buy_label(&request).await.unwrap();
    let consignee = bench.fake.seen(Operation::Buy)[0].body["shipments"][0]["consignee"].clone();
    let lines = ["name1", "name2", "name3"].map(|line| consignee[line].as_str().unwrap().to_owned());
    assert_eq!(lines, ["Größ & Söhne", "Jürgen Lukasz Größ", "Hinterhaus"]);
    assert_eq!((&consignee["phone"], &consignee["email"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_address_that_cannot_be_printed_is_refused_before_anything_is_asked() {
    let bench = Bench::new().await;
    let mut request = label(SERVICE, 1);
    request.to = ada_with(|address| {
        address.street_address = "a".repeat(51);
        address.city = "東京".into();
    });
    let faults: Vec<&str> = bench.dhl.faults_of(&request.to.address).iter().map(|fault| fault.field).collect();
    assert_eq!(faults, ["street_address", "city"], "once each, whatever both divisions say");
    let tight = ada_with(|address| address.street_address = "a".repeat(46));
    assert_eq!(bench.dhl.faults_of(&tight.address).len(), 1, "express prints less");
    assert_eq!(road(&bench.dhl.buy_label(&request).await), "refused: address");
    let mut from_abroad = label(SERVICE, 1);
    from_abroad.from.address.country = "FR".into();
    assert_eq!(road(&bench.dhl.buy_label(&from_abroad).await), "refused: request");
    assert_eq!(bench.fake.seen(Operation::Buy), []);
}

#[tokio::test]
async fn several_parcels_have_several_labels_in_one_answer_of_207() {
    let bench = Bench::new().await;
    let bought = bench.bought(SERVICE, 3).await;
    assert_eq!((bought.tracking_numbers.len(), bought.documents.len()), (3, 3));
    assert_eq!(bench.fake.labels()[0].tracking_numbers, bought.tracking_numbers);
    let voided = bench.dhl.void_label(&bought.reference, &bought.tracking_numbers).await;
    assert_eq!((voided, bench.fake.paid().len()), (Ok(Voided::Void), 0));
}

#[tokio::test]
async fn where_one_parcel_is_refused_those_beside_it_are_taken_back() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::RefusesLast]);
    assert_eq!(road(&bench.dhl.buy_label(&label(SERVICE, 3)).await), "refused: address");
    assert_eq!((bench.fake.labels().len(), bench.fake.paid().len()), (1, 0));
}

#[tokio::test]
async fn a_part_that_cannot_be_taken_back_is_left_to_a_person_by_its_numbers() {
    for void in [Fault::LosesRequest, Fault::Refuses(500, "500")] {
        let bench = Bench::new().await;
        bench.fake.script(Operation::Buy, [Fault::RefusesLast]);
        bench.fake.script(Operation::Void, [void]);
        let bought = bench.dhl.buy_label(&label(SERVICE, 2)).await;
        impersonal(&bought);
        let number = &bench.fake.paid()[0].tracking_numbers[0];
        assert!(matches!(&bought, Err(CarrierError::Unknown(why)) if why.contains(number)), "{bought:?}");
    }
}

#[tokio::test]
async fn a_label_is_read_as_dhl_publishes_it() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::Says(serde_json::from_slice(&sample("dhl/label")).unwrap())]);
    let bought = bench.bought(SERVICE, 1).await;
    assert_eq!(bought.reference, "00340434161094042557");
    assert!(bought.documents[0].bytes.starts_with(b"%PDF"), "a warning beside it is none of ours");
}

#[rstest]
#[case::refused_with_200(json!([{"sstatus": {"statusCode": 400}}]), "refused: request")]
#[case::blames_the_address(json!([{"sstatus": {"status": 400}, "validationMessages": [
    {"property": "consignee.city", "validationState": "Warning"},
    {"property": "consignee.postalCode", "validationState": "Error", "validationMessage": "Ada's code"}]}]), "refused: address")]
#[case::blames_us(json!([{"sstatus": {"statusCode": 400}, "validationMessages": [
    {"property": "shipper.postalCode", "validationState": "Error"}]}]), "refused: account")]
#[case::made_without_a_label(json!([{"shipmentNo": "1", "sstatus": {"statusCode": 200}}]), "unknown")]
#[case::made_without_a_number(json!([{"sstatus": {"statusCode": 200}, "label": {"b64": "JVBERg=="}}]), "unknown")]
#[case::too_many(json!([{"sstatus": {"statusCode": 200}}, {"sstatus": {"statusCode": 200}}]), "unknown")]
#[case::none(json!([]), "unknown")]
#[tokio::test]
async fn an_answer_of_200_is_judged_by_what_it_says_of_each_parcel(#[case] items: Value, #[case] means: &str) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::Says(json!({"status": {"statusCode": 200}, "items": items}))]);
    assert_eq!(road(&bench.dhl.buy_label(&label(SERVICE, 1)).await), means);
    assert_eq!(bench.fake.seen(Operation::Buy).len(), 1);
}

#[tokio::test]
async fn a_refusal_of_400_is_one_whichever_form_its_status_has() {
    let bench = Bench::new().await;
    for body in [
        json!({"status": {"title": "Bad Request", "statusCode": 400, "detail": "Linden 1"}, "items": [{"sstatus": {"status": 400}}]}),
        json!({"title": "Bad Request", "status": 400, "detail": "Linden 1", "instance": "/"}),
        json!({"status": {"status": 400}}),
    ] {
        bench.fake.script(Operation::Buy, [Fault::Answers(400, body.clone())]);
        assert_eq!(road(&bench.dhl.buy_label(&label(SERVICE, 1)).await), "refused: request", "{body}");
    }
}

#[tokio::test]
async fn a_label_for_printers_comes_as_it_is() {
    let bench = Bench::new().await;
    let item =
        json!({"shipmentNo": "1", "sstatus": {"statusCode": 200}, "label": {"zpl2": "^XA^XZ", "fileFormat": "ZPL2"}});
    bench.fake.script(Operation::Buy, [Fault::Says(json!({"items": [item]}))]);
    let bought = bench.bought(SERVICE, 1).await;
    assert_eq!(
        (bought.documents[0].format, bought.documents[0].bytes.as_slice()),
        (DocumentFormat::Zpl, b"^XA^XZ".as_slice())
    );
}

#[tokio::test]
async fn a_label_is_void_until_the_day_is_closed() {
    let bench = Bench::new().await;
    assert_eq!(bench.dhl.capabilities().void, VoidUntil::DailyClose);
    let bought = bench.bought(SERVICE, 1).await;
    bench.fake.close_day();
    for number in [bought.reference.as_str(), "00340430000000000000"] {
        assert!(matches!(bench.dhl.void_label(number, &[]).await, Ok(Voided::Refused(_))), "{number}");
    }
    assert_eq!(bench.fake.paid().len(), 1);
    let faults = [Fault::LosesAnswer, Fault::Says(json!({})), Fault::Refuses(400, "400"), Fault::Refuses(401, "401")];
    bench.fake.script(Operation::Void, faults);
    assert_eq!(road(&bench.dhl.void_label(&bought.reference, &[]).await), "unknown");
    assert_eq!(road(&bench.dhl.void_label(&bought.reference, &[]).await), "unknown");
    assert!(matches!(bench.dhl.void_label(&bought.reference, &[]).await, Ok(Voided::Refused(_))));
    assert_eq!(road(&bench.dhl.void_label(&bought.reference, &[]).await), "refused: account");
}

#[tokio::test]
async fn a_lost_label_stays_with_a_person_and_there_are_no_rates() {
    let bench = Bench::with(|config| config.express = None).await;
    bench.fake.script(Operation::Buy, [Fault::LosesAnswer]);
    assert_eq!(road(&bench.dhl.buy_label(&label(SERVICE, 1)).await), "unknown");
    assert_eq!(bench.dhl.recover_label(&label(SERVICE, 1)).await, Ok(Recovered::CannotTell));
    let can = bench.dhl.capabilities();
    assert_eq!((bench.dhl.rates(&question()).await, can.rates, can.recovers), (Ok(Vec::new()), false, false));
}

#[tokio::test]
async fn an_answer_that_is_spoilt_anywhere_is_a_label_or_leaves_it_open() {
    let bench = Bench::new().await;
    let answers = spoilt(&sample("dhl/label"));
    let count = answers.len();
    bench.fake.script(Operation::Buy, answers.iter().cloned().map(Fault::Says));
    for answer in answers {
        let bought = road(&bench.dhl.buy_label(&label(SERVICE, 1)).await);
        assert!(["done", "unknown"].contains(&bought.as_str()), "{bought}: {answer}");
    }
    assert_eq!(bench.fake.seen(Operation::Buy).len(), count, "none was asked for twice");
}
