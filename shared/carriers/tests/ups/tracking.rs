//! Where parcels are, as UPS tells when it is asked, and what it is told to push.

use oms_app::ports::{Tracker as _, TrackingRef};
use oms_fakes::ups::{Event, Fault, Operation};
use rstest::rstest;
use serde_json::json;

use crate::bench::Bench;
use crate::story::{at, road, sample, scans, tracked};

const NUMBER: &str = "1Z2220060290602143";

#[tokio::test]
async fn a_time_is_what_it_is_in_gmt_and_a_date_without_news_is_no_scan() {
    let bench = Bench::new().await;
    let story = [
        ("10:00", "M/MP/003"),
        ("12:00", "I/OR/005"),
        ("13:00", "U/DL/011"),
        ("14:00", "X/OT/"),
        ("15:00", "I/OT/021"),
        ("16:00", "I/ZZ/999"),
        ("17:00", "D/FS/011"),
    ];
    for (time, code) in story {
        bench.fake.happens(NUMBER, Event::new(at(&format!("2026-01-05T{time}:00Z")), code));
    }
    let news = bench.ups.track(&[tracked(NUMBER)]).await.unwrap();
    let expected = [
        "2026-01-05T10:00:00Z pre_transit",
        "2026-01-05T12:00:00Z in_transit",
        "2026-01-05T14:00:00Z exception",
        "2026-01-05T15:00:00Z out_for_delivery",
        "2026-01-05T17:00:00Z delivered",
    ];
    assert_eq!(scans(&news[0]), expected, "and nothing of the other parcel of its shipment");
    assert_eq!(news[0].estimated_delivery, Some(at("2026-01-08T12:00:00Z")), "the rescheduled day");
    assert_eq!(news[0].scans[0].code, "M/MP/003");
    let shown = format!("{news:?}");
    assert!(!shown.contains("Depot") && !shown.contains("LOVELACE"), "{shown}");
}

#[rstest]
#[case::the_sender("D/B0/011", "returned_to_sender")]
#[case::a_shop("D/2Q/011", "ready_for_pickup")]
#[case::nobody("D/7K/011", "attempt_failed")]
#[case::the_customer("D/FS/011", "delivered")]
#[tokio::test]
async fn delivered_is_not_always_to_the_customer(#[case] code: &str, #[case] status: &str) {
    let bench = Bench::new().await;
    bench.fake.happens(NUMBER, Event::new(at("2026-01-05T17:00:00Z"), code));
    let news = bench.ups.track(&[tracked(NUMBER)]).await.unwrap();
    assert_eq!(scans(&news[0]), [format!("2026-01-05T17:00:00Z {status}")]);
}

#[tokio::test]
async fn an_answer_is_read_as_ups_publishes_it() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Track, [Fault::Says(serde_json::from_slice(&sample("ups/track")).unwrap())]);
    let news = bench.ups.track(&[tracked(NUMBER)]).await.unwrap();
    let expected =
        ["2026-01-06T07:12:41Z in_transit", "2026-01-07T08:02:00Z out_for_delivery", "2026-01-07T13:41:05Z delivered"];
    assert_eq!(scans(&news[0]), expected);
    assert_eq!(news[0].scans[2].place.as_deref(), Some("BERLIN, DE"));
}

#[rstest]
#[case::warned_of(None)]
#[case::missing(Some(Fault::Refuses(404, "TW0001")))]
#[case::no_number(Some(Fault::Refuses(400, "TV1002")))]
#[case::another_parcel(Some(Fault::Says(json!({"trackResponse": {"shipment": [{"package": [{"trackingNumber": "1Z9"}]}]}}))))]
#[case::nothing(Some(Fault::Says(json!({}))))]
#[tokio::test]
async fn of_a_parcel_that_ups_does_not_know_nothing_is_told(#[case] fault: Option<Fault>) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Track, fault);
    assert_eq!(bench.ups.track(&[tracked(NUMBER)]).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_scan_without_its_time_in_gmt_is_kept_out() {
    let bench = Bench::new().await;
    let activity = |more: serde_json::Value| {
        let mut one = json!({"date": "20260105", "time": "101500", "status": {"type": "D", "statusCode": "011"}});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let activities = [
        activity(json!({})),
        activity(json!({"gmtDate": "20260105"})),
        activity(json!({"gmtDate": "20260105", "gmtTime": "noon"})),
        activity(json!({"gmtDate": "20260105", "gmtTime": "091500"})),
    ];
    let said =
        json!({"trackResponse": {"shipment": [{"package": [{"trackingNumber": NUMBER, "activity": activities}]}]}});
    bench.fake.script(Operation::Track, [Fault::Says(said)]);
    let news = bench.ups.track(&[tracked(NUMBER)]).await.unwrap();
    assert_eq!(scans(&news[0]), ["2026-01-05T09:15:00Z delivered"]);
}

#[tokio::test]
async fn ups_tells_which_numbers_it_does_not_push_news_of_in_an_answer_of_200() {
    let bench = Bench::new().await;
    let bought = bench.bought(2).await;
    let numbers = [bought.tracking_numbers.clone(), vec!["1Z0000000000000000".into(), "794600000001".into()]].concat();
    let parcels: Vec<TrackingRef> = numbers.iter().map(|number| tracked(number)).collect();
    let refused = bench.ups.subscribe(&parcels).await.unwrap();
    assert_eq!(refused, ["794600000001", "1Z0000000000000000"], "what is no number of its kind is not even asked");
    assert_eq!(bench.fake.subscribed(), bought.tracking_numbers);
    assert_eq!(bench.ups.capabilities().subscription_days, Some(14));
    bench.fake.script(Operation::Subscribe, [Fault::Says(json!({"validTrackingNumbers": []}))]);
    let silent = bench.ups.subscribe(&parcels[..1]).await.unwrap();
    assert_eq!(silent, numbers[..1], "what is not named is not taken");
}

#[tokio::test]
async fn no_more_than_a_hundred_numbers_are_subscribed_to_at_once() {
    let bench = Bench::new().await;
    let parcels: Vec<TrackingRef> = (0..101).map(|at| tracked(&format!("1Z{at:016}"))).collect();
    assert_eq!(bench.ups.subscribe(&parcels).await.unwrap().len(), 101);
    let sizes: Vec<usize> = bench
        .fake
        .seen(Operation::Subscribe)
        .iter()
        .map(|seen| seen.body["trackingNumberList"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 1]);
    bench.fake.script(Operation::Subscribe, [Fault::Refuses(500, "VSS000")]);
    assert_eq!(road(&bench.ups.subscribe(&parcels).await), "unknown");
}
