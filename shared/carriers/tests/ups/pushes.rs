//! Pushes: believed when they bring the secret that we agreed on.

use std::collections::BTreeSet;

use oms_app::ports::{Clock as _, Push, PushError, Tracker as _};
use oms_carriers::Secret;
use oms_domain::fulfilment::scan::Scan;
use oms_fakes::Delivery;
use oms_fakes::ups::{CREDENTIAL, Event, Sequence, pushed};
use rstest::rstest;
use serde_json::json;

use crate::bench::Bench;
use crate::story::{at, road, sample, scans, spoilt};

const NUMBER: &str = "1Z2220060290602143";

async fn read(bench: &Bench, delivery: &Delivery) -> Result<Push, PushError> {
    bench.ups.read_push(&delivery.headers, &delivery.body, bench.clock.now()).await
}

#[tokio::test]
async fn an_event_is_read_as_ups_publishes_it() {
    let bench = Bench::new().await;
    let Ok(Push::News(news)) = read(&bench, &pushed(&sample("ups/push"))).await else { panic!("no news") };
    assert_eq!((news.len(), news[0].tracking_number.as_str()), (1, NUMBER));
    assert_eq!(scans(&news[0]), ["2026-01-07T08:02:00Z out_for_delivery"]);
    assert_eq!(news[0].estimated_delivery, Some(at("2026-01-07T12:00:00Z")));
    assert!(!bench.ups.capabilities().signed_push, "what ends a parcel's way is asked after");
}

#[tokio::test]
async fn pushes_that_come_late_twice_and_out_of_order_say_the_same_in_the_end() {
    let bench = Bench::new().await;
    for (hour, code) in ["I/OR/005", "I/DP/010", "I/OT/021", "D/B0/011"].into_iter().enumerate() {
        bench.fake.happens(NUMBER, Event::new(at(&format!("2026-01-05T1{hour}:00:00Z")), code));
    }
    let mut heard = Vec::new();
    for sequence in [Sequence::AsFiled, Sequence::Backwards, Sequence::Twice] {
        let mut all = BTreeSet::new();
        for delivery in bench.fake.deliveries(NUMBER, sequence) {
            let Ok(Push::News(news)) = read(&bench, &delivery).await else { panic!("no news") };
            all.extend(news.into_iter().flat_map(|one| one.scans));
        }
        heard.push(all);
    }
    assert_eq!(heard[0].len(), 4);
    assert!(heard.iter().all(|other| *other == heard[0]));
}

#[tokio::test]
async fn a_push_without_exactly_our_secret_is_forged() {
    let bench = Bench::new().await;
    let genuine = pushed(&sample("ups/push"));
    let with = |headers: Vec<(&str, String)>| {
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Delivery { headers, ..genuine.clone() }
    };
    let forged = [
        vec![],
        vec![("x-api-key", CREDENTIAL.to_owned())],
        vec![("credential", String::new())],
        vec![("credential", CREDENTIAL.to_uppercase())],
        vec![("credential", format!("{CREDENTIAL} "))],
        vec![("credential", CREDENTIAL[1..].to_owned())],
        vec![("credential", CREDENTIAL.to_owned()), ("credential", CREDENTIAL.to_owned())],
    ];
    for headers in forged {
        assert_eq!(read(&bench, &with(headers.clone())).await, Err(PushError::Forged), "{headers:?}");
    }
}

#[rstest]
#[case::none(None)]
#[case::empty(Some(""))]
#[tokio::test]
async fn without_a_secret_of_ours_nothing_is_believed(#[case] credential: Option<&str>) {
    let bench = Bench::with(|config| config.push_credential = credential.map(Secret::new)).await;
    let mut empty = pushed(&sample("ups/push"));
    assert_eq!(read(&bench, &empty).await, Err(PushError::Forged));
    for (_, value) in empty.headers.iter_mut().filter(|(name, _)| name == "credential") {
        value.clear();
    }
    assert_eq!(read(&bench, &empty).await, Err(PushError::Forged));
}

#[tokio::test]
async fn what_is_proved_and_no_event_is_unreadable_and_a_photo_is_ignored() {
    let bench = Bench::new().await;
    for body in ["", "7", "{}", "[{}]"] {
        assert!(matches!(read(&bench, &pushed(body.as_bytes())).await, Err(PushError::Unreadable(_))), "{body}");
    }
    let photo = json!({"trackingNumber": NUMBER, "activityStatus": {"type": "U", "code": "PH"}, "deliveryPhoto": "aGk=",
        "gmtActivityDate": "20260105", "gmtActivityTime": "101500"});
    assert_eq!(read(&bench, &pushed(photo.to_string().as_bytes())).await, Ok(Push::Ignored));
    assert_eq!(read(&bench, &pushed(b"[]")).await, Ok(Push::Ignored));
    assert_eq!(road(&bench.ups.accept_push("1", "2").await), "refused: request");
}

#[tokio::test]
async fn a_push_that_is_spoilt_anywhere_tells_nothing_that_it_did_not_say() {
    let bench = Bench::new().await;
    for name in ["ups/push"] {
        let whole = read(&bench, &pushed(&sample(name))).await.unwrap();
        let said = match &whole {
            Push::News(news) => news[0].scans.clone(),
            Push::Handshake { .. } | Push::Ignored => Vec::new(),
        };
        for body in spoilt(&sample(name)) {
            let told = read(&bench, &pushed(body.to_string().as_bytes())).await;
            let Ok(Push::News(news)) = told else {
                assert!(!matches!(told, Err(PushError::Forged)), "{body}");
                continue;
            };
            let same = |scan: &Scan| said.iter().any(|one| one.at == scan.at && one.status == scan.status);
            assert!(news.iter().all(|one| one.scans.iter().all(same)), "{body}");
        }
    }
}
