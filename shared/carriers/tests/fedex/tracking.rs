//! Where parcels are, as FedEx tells.

use jiff::SignedDuration;
use oms_app::ports::{Tracker as _, TrackingRef};
use oms_fakes::fedex::{Event, Fault, Operation};
use serde_json::json;

use crate::bench::Bench;
use crate::story::{SHIP_DATE, at, scans, tracked};

const NUMBER: &str = "794600000001";

fn happens(bench: &Bench, number: &str, from: &str, codes: &[&str]) {
    for (hour, code) in (0..).zip(codes) {
        bench.fake.happens(number, Event::new(at(from) + SignedDuration::from_hours(hour), code));
    }
}

async fn told(bench: &Bench, number: &str) -> Vec<String> {
    let news = bench.fedex.track(&[tracked(number)]).await.unwrap();
    news.iter().flat_map(scans).collect()
}

#[tokio::test]
async fn scans_come_in_the_order_in_which_they_were_made_and_without_an_address() {
    let bench = Bench::new().await;
    happens(&bench, NUMBER, "2026-01-05T10:00:00Z", &["OC", "PU", "RR", "XX", "OD", "DL"]);
    let news = bench.fedex.track(&[tracked(NUMBER)]).await.unwrap();
    let expected = [
        "2026-01-05T10:00:00Z pre_transit",
        "2026-01-05T11:00:00Z in_transit",
        // A wish of the customer's and a code that nobody knows are no place of a parcel.
        "2026-01-05T14:00:00Z out_for_delivery",
        "2026-01-05T15:00:00Z delivered",
    ];
    assert_eq!(scans(&news[0]), expected);
    assert_eq!(news[0].scans[0].place.as_deref(), Some("Leipzig, DE"));
    assert_eq!(news[0].scans[0].code, "OC");
    assert!(!format!("{news:?}").contains("Depot") && !format!("{news:?}").contains("Lovelace"));
}

#[tokio::test]
async fn delivered_after_it_turned_round_means_the_sender() {
    let bench = Bench::new().await;
    happens(&bench, NUMBER, "2026-01-05T10:00:00Z", &["DL", "RS", "IT", "DL"]);
    let expected = [
        "2026-01-05T10:00:00Z delivered",
        "2026-01-05T11:00:00Z returning",
        "2026-01-05T12:00:00Z in_transit",
        "2026-01-05T13:00:00Z returned_to_sender",
    ];
    assert_eq!(told(&bench, NUMBER).await, expected);
}

#[tokio::test]
async fn of_several_parcels_with_one_number_ours_is_told() {
    let bench = Bench::new().await;
    happens(&bench, NUMBER, "2025-06-02T10:00:00Z", &["PU", "DL"]);
    assert_eq!(told(&bench, NUMBER).await, [""; 0], "another's, whose number was given to ours");
    bench.fake.recycle(NUMBER);
    assert_eq!(told(&bench, NUMBER).await, [""; 0], "ours was not seen yet, and the other is not ours");
    happens(&bench, NUMBER, "2026-01-06T10:00:00Z", &["PU"]);
    assert_eq!(told(&bench, NUMBER).await, ["2026-01-06T10:00:00Z in_transit"]);
    bench.fake.recycle(NUMBER);
    happens(&bench, NUMBER, "2026-12-01T10:00:00Z", &["PU", "DL"]);
    assert_eq!(told(&bench, NUMBER).await, ["2026-01-06T10:00:00Z in_transit"]);
    let later = TrackingRef { shipped_on: SHIP_DATE.with().month(12).day(1).build().unwrap(), ..tracked(NUMBER) };
    assert_eq!(bench.fedex.track(&[later]).await.unwrap()[0].scans.len(), 2);
}

#[tokio::test]
async fn of_a_parcel_that_fedex_does_not_know_nothing_is_told() {
    let bench = Bench::new().await;
    happens(&bench, NUMBER, "2026-01-05T10:00:00Z", &["PU"]);
    let news = bench.fedex.track(&[tracked("794600000009"), tracked(NUMBER)]).await.unwrap();
    assert_eq!(news.iter().map(|news| news.tracking_number.as_str()).collect::<Vec<_>>(), [NUMBER]);
    bench.fake.script(Operation::Track, [Fault::Refuses(404, "TRACKING.TRACKINGNUMBER.NOTFOUND")]);
    assert_eq!(bench.fedex.track(&[tracked(NUMBER)]).await, Ok(Vec::new()));
}

#[tokio::test]
async fn no_more_than_thirty_are_asked_after_at_once_and_within_their_days() {
    let bench = Bench::new().await;
    let many: Vec<TrackingRef> = (0..31).map(|at| tracked(&format!("7946{at:08}"))).collect();
    bench.fedex.track(&many).await.unwrap();
    let asked = bench.fake.seen(Operation::Track);
    let sizes: Vec<usize> = asked.iter().map(|seen| seen.body["trackingInfo"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [30, 1]);
    let info = &asked[0].body["trackingInfo"][0];
    assert_eq!(
        (info["shipDateBegin"].as_str(), info["shipDateEnd"].as_str()),
        (Some("2025-12-29"), Some("2026-02-04"))
    );
    assert_eq!(bench.fedex.capabilities().track_at_once, 30);
}

#[tokio::test]
async fn an_estimate_is_told_when_it_has_an_offset() {
    let bench = Bench::new().await;
    let result = |estimate: &str| {
        let scan = json!({"date": "2026-01-05T09:00:00-06:00", "eventType": "IT"});
        json!({"output": {"completeTrackResults": [{"trackingNumber": NUMBER, "trackResults": [{
            "scanEvents": [scan.clone(), scan],
            "dateAndTimes": [{"type": "ESTIMATED_DELIVERY", "dateTime": estimate}],
        }]}]}})
    };
    bench.fake.script(
        Operation::Track,
        [Fault::Says(result("2026-01-08T17:00:00-06:00")), Fault::Says(result("2026-01-08T17:00:00"))],
    );
    let news = bench.fedex.track(&[tracked(NUMBER)]).await.unwrap();
    assert_eq!(news[0].estimated_delivery, Some(at("2026-01-08T23:00:00Z")));
    assert_eq!(scans(&news[0]), ["2026-01-05T15:00:00Z in_transit"], "told twice, kept once");
    assert_eq!(bench.fedex.track(&[tracked(NUMBER)]).await.unwrap()[0].estimated_delivery, None);
}
