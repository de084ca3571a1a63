//! Where parcels are, as DHL tells when it is asked, and what it is told to push.

use oms_app::ports::{Tracker as _, TrackingRef};
use oms_fakes::dhl::{Event, Fault, Operation};
use rstest::rstest;
use serde_json::{Value, json};

use crate::bench::{Bench, HOOK};
use crate::story::{at, road, scans, tracked};

const NUMBER: &str = "00340434161094042557";

fn said(shipment: &Value) -> Fault {
    Fault::Says(json!({"shipments": [shipment]}))
}

async fn told(bench: &Bench, number: &str) -> Vec<String> {
    bench.dhl.track(&[tracked(number)]).await.unwrap().iter().flat_map(scans).collect()
}

#[tokio::test]
async fn of_several_divisions_with_one_number_ours_is_told_by_german_clocks() {
    let bench = Bench::new().await;
    let story = [
        ("09:00", "pre-transit|VA"),
        ("11:00", "transit|EE"),
        ("12:00", "unknown|GT"),
        ("13:00", "transit|The shipment has been loaded onto the delivery vehicle"),
        ("14:00", "delivered|ZU"),
    ];
    for (time, code) in story {
        bench.fake.happens(NUMBER, Event::new(at(&format!("2026-01-05T{time}:00Z")), code));
    }
    let news = bench.dhl.track(&[tracked(NUMBER)]).await.unwrap();
    let expected = [
        "2026-01-05T09:00:00Z pre_transit",
        "2026-01-05T11:00:00Z in_transit",
        "2026-01-05T13:00:00Z out_for_delivery",
        "2026-01-05T14:00:00Z delivered",
    ];
    assert_eq!(scans(&news[0]), expected);
    assert_eq!(
        (news[0].scans[0].code.as_str(), news[0].scans[2].code.as_str()),
        ("VA", "transit"),
        "a sentence is no code"
    );
    assert!(!format!("{news:?}").contains("Depot") && !format!("{news:?}").contains("Lovelace"));
    let asked = &bench.fake.seen(Operation::Track)[0].path;
    assert!(asked.contains("service=parcel-de") && asked.contains("recipientPostalCode=10117"), "{asked}");
}

#[tokio::test]
async fn summer_and_winter_are_told_apart() {
    let bench = Bench::new().await;
    let event = |time: &str| json!({"timestamp": time, "statusCode": "transit"});
    let times = [
        "2026-03-28T12:00:00",
        "2026-03-29T12:00:00",
        "2026-03-29T12:00:00+05:00",
        "2026-03-29T12:00:00Z",
        "yesterday",
    ];
    let shipment = json!({"id": NUMBER, "service": "parcel-de", "events": times.map(event)});
    bench.fake.script(Operation::Track, [said(&shipment)]);
    let expected = ["2026-03-28T11:00:00Z", "2026-03-29T07:00:00Z", "2026-03-29T10:00:00Z", "2026-03-29T12:00:00Z"];
    assert_eq!(told(&bench, NUMBER).await, expected.map(|time| format!("{time} in_transit")));
}

#[rstest]
#[case::a_flag(json!({"returnFlag": true}))]
#[case::a_text(json!({"ruecksendung": "true"}))]
#[case::inside(json!({"details": {"returnFlag": true}}))]
#[tokio::test]
async fn delivered_to_the_sender_is_returned(#[case] more: Value) {
    let bench = Bench::new().await;
    let mut shipment = json!({"id": NUMBER, "service": "parcel-de",
        "events": [{"timestamp": "2026-01-05T12:00:00", "statusCode": "delivered", "status": "ZU"}]});
    bench.fake.script(Operation::Track, [said(&shipment)]);
    assert_eq!(told(&bench, NUMBER).await, ["2026-01-05T11:00:00Z delivered"]);
    shipment.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.fake.script(Operation::Track, [said(&shipment)]);
    assert_eq!(told(&bench, NUMBER).await, ["2026-01-05T11:00:00Z returned_to_sender"]);
}

#[tokio::test]
async fn a_parcel_that_turned_round_is_delivered_to_its_sender() {
    let bench = Bench::new().await;
    for (hour, code) in [("10", "transit|RETRN"), ("12", "delivered|ZU")] {
        bench.fake.happens(NUMBER, Event::new(at(&format!("2026-01-05T{hour}:00:00Z")), code));
    }
    assert_eq!(
        told(&bench, NUMBER).await,
        ["2026-01-05T10:00:00Z returning", "2026-01-05T12:00:00Z returned_to_sender"]
    );
}

#[tokio::test]
async fn a_status_without_events_counts_as_one_and_codes_may_be_missing() {
    let bench = Bench::new().await;
    let status =
        json!({"timestamp": "2026-01-05T12:00:00+01:00", "statusCode": "transit", "status": "OUT_FOR_DELIVERY"});
    let dutch = json!({"id": 1_234_567_891_234_u64, "service": "parcel-nl", "status": status, "estimatedTimeOfDelivery": "2026-01-06T12:00:00+01:00"});
    let silent = json!({"id": NUMBER, "service": "ecommerce",
        "events": [{"timestamp": "2026-01-05T12:00:00Z", "statusCode": null, "status": null}]});
    bench.fake.script(Operation::Track, [said(&dutch), said(&silent)]);
    let news = bench.dhl.track(&[tracked("1234567891234")]).await.unwrap();
    assert_eq!(scans(&news[0]), ["2026-01-05T11:00:00Z out_for_delivery"], "its number is a number there");
    assert_eq!(news[0].estimated_delivery, Some(at("2026-01-06T11:00:00Z")));
    assert_eq!(told(&bench, NUMBER).await, [""; 0]);
}

#[tokio::test]
async fn a_piece_of_express_is_told_by_its_own_number() {
    let bench = Bench::new().await;
    let event = json!({"timestamp": "2026-01-05T12:00:00Z", "statusCode": "transit", "status": "WC"});
    let shipment = json!({"id": "2000000001", "service": "express", "events": [event],
        "details": {"pieceIds": ["JD014600000000000001", "JD014600000000000002"]}});
    bench.fake.script(Operation::Track, [said(&shipment), said(&shipment)]);
    assert_eq!(told(&bench, "JD014600000000000002").await, ["2026-01-05T12:00:00Z out_for_delivery"]);
    assert_eq!(told(&bench, "JD014600000000000009").await, [""; 0]);
}

#[tokio::test]
async fn of_a_parcel_that_dhl_does_not_know_nothing_is_told() {
    let bench = Bench::new().await;
    assert_eq!(bench.dhl.track(&[tracked(NUMBER)]).await, Ok(Vec::new()));
    bench.fake.script(Operation::Track, [said(&json!({"id": "1", "service": "parcel-de"})), Fault::Says(json!({}))]);
    assert_eq!(bench.dhl.track(&[tracked(NUMBER)]).await, Ok(Vec::new()));
    assert_eq!(bench.dhl.track(&[tracked(NUMBER)]).await, Ok(Vec::new()));
    assert_eq!(road(&bench.dhl.track(&[tracked("1&x=1")]).await), "refused: request");
}

#[tokio::test]
async fn ten_numbers_of_one_division_are_subscribed_to_at_once() {
    let bench = Bench::new().await;
    let mut parcels: Vec<TrackingRef> = (0..11).map(|at| tracked(&format!("003404341610940425{at:02}"))).collect();
    parcels.push(tracked("2000000001"));
    bench.fake.script(Operation::Subscribe, [Fault::Refuses(400, "400")]);
    let refused = bench.dhl.subscribe(&parcels).await.unwrap();
    assert_eq!(
        (refused.len(), bench.fake.subscribed()),
        (10, vec!["00340434161094042510".to_owned(), "2000000001".to_owned()])
    );
    let asked = bench.fake.seen(Operation::Subscribe);
    let divisions: Vec<&str> = asked.iter().map(|seen| seen.body["service"].as_str().unwrap()).collect();
    assert_eq!(divisions, ["parcel-de", "parcel-de", "express"]);
    assert_eq!(asked[0].body["hook"]["uri"], HOOK);
    bench.fake.script(Operation::Subscribe, [Fault::Refuses(403, "403")]);
    assert_eq!(road(&bench.dhl.subscribe(&parcels).await), "refused: account");
}

#[tokio::test]
async fn without_an_agreement_nothing_is_subscribed_to() {
    let bench = Bench::with(|config| config.push = None).await;
    assert_eq!(bench.dhl.capabilities().subscription_days, None);
    assert_eq!(road(&bench.dhl.subscribe(&[tracked(NUMBER)]).await), "refused: account");
}
