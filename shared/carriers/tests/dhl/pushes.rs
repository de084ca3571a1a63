//! Pushes: believed when they bring the token that we chose, once the handshake was answered.

use std::collections::BTreeSet;

use oms_app::ports::{Clock as _, Push, PushError, Tracker as _};
use oms_carriers::Secret;
use oms_domain::fulfilment::scan::Scan;
use oms_fakes::Delivery;
use oms_fakes::dhl::{Event, Fault, HEADER, Operation, Sequence, TOKEN, pushed};
use serde_json::json;

use crate::bench::Bench;
use crate::story::{at, road, sample, scans, spoilt};

const NUMBER: &str = "00340434161094042557";

async fn read(bench: &Bench, delivery: &Delivery) -> Result<Push, PushError> {
    bench.dhl.read_push(&delivery.headers, &delivery.body, bench.clock.now()).await
}

#[tokio::test]
async fn news_are_read_as_dhl_publishes_them() {
    let bench = Bench::new().await;
    let Ok(Push::News(news)) = read(&bench, &pushed(&sample("dhl/push"))).await else { panic!("no news") };
    assert_eq!((news.len(), news[0].tracking_number.as_str()), (1, NUMBER));
    assert_eq!(scans(&news[0]), ["2026-01-06T05:13:00Z in_transit", "2026-01-07T08:31:00Z out_for_delivery"]);
    assert!(!bench.dhl.capabilities().signed_push, "what ends a parcel's way is asked after");
}

#[tokio::test]
async fn a_handshake_is_answered_where_it_belongs_with_its_secret() {
    let bench = Bench::new().await;
    let handshake = read(&bench, &pushed(&sample("dhl/handshake"))).await;
    let Ok(Push::Handshake { subscription, secret }) = handshake else { panic!("{handshake:?}") };
    bench.dhl.accept_push(&subscription, &secret).await.unwrap();
    let asked = &bench.fake.seen(Operation::Accept)[0];
    assert_eq!(asked.path, "/push/subscription/7e1e9f4d-0001-4a6b-9c8e-000000000001");
    assert_eq!(asked.headers["dhl-api-hook-secret"], "a-sample-secret-of-a-subscription");
    bench.fake.script(Operation::Accept, [Fault::Refuses(403, "403"), Fault::LosesAnswer]);
    assert_eq!(road(&bench.dhl.accept_push(&subscription, &secret).await), "refused: account");
    assert_eq!(road(&bench.dhl.accept_push(&subscription, &secret).await), "unknown");
    assert_eq!(road(&bench.dhl.accept_push("../orders", &secret).await), "refused: request");
}

#[tokio::test]
async fn a_handshake_that_leads_elsewhere_is_not_followed() {
    let bench = Bench::new().await;
    let handshake = |link: &str| json!({"scope": "subscription.validate", "self": link, "secret": "s"}).to_string();
    let stranger = read(&bench, &pushed(handshake("https://stranger.example/subscription/abc").as_bytes())).await;
    assert_eq!(
        stranger,
        Ok(Push::Handshake { subscription: "abc".into(), secret: "s".into() }),
        "only its last part counts"
    );
    for link in ["", "https://api-eu.dhl.com/subscription/a?b", "https://api-eu.dhl.com/subscription/a%2F..%2Fb"] {
        let told = read(&bench, &pushed(handshake(link).as_bytes())).await;
        assert!(matches!(told, Err(PushError::Unreadable(_))), "{link}: {told:?}");
    }
}

#[tokio::test]
async fn pushes_that_come_late_twice_and_out_of_order_say_the_same_in_the_end() {
    let bench = Bench::new().await;
    for (hour, code) in ["pre-transit|VA", "transit|EE", "delivered|ZU"].into_iter().enumerate() {
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
    assert_eq!(heard[0].len(), 3);
    assert!(heard.iter().all(|other| *other == heard[0]));
}

#[tokio::test]
async fn a_push_without_exactly_our_token_is_forged() {
    let bench = Bench::new().await;
    for name in ["dhl/push", "dhl/handshake"] {
        let body = sample(name);
        let forged = [
            vec![],
            vec![("authorization", TOKEN.to_owned())],
            vec![(HEADER, String::new())],
            vec![(HEADER, TOKEN.to_uppercase())],
            vec![(HEADER, TOKEN[1..].to_owned())],
            vec![(HEADER, TOKEN.to_owned()), (HEADER, TOKEN.to_owned())],
        ];
        for headers in forged {
            let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert_eq!(read(&bench, &Delivery { headers, body: body.clone() }).await, Err(PushError::Forged));
        }
    }
}

#[tokio::test]
async fn without_a_token_of_ours_nothing_is_believed() {
    let body = sample("dhl/push");
    let none = Bench::with(|config| config.push = None).await;
    assert_eq!(read(&none, &pushed(&body)).await, Err(PushError::Forged));
    let empty = Bench::with(|config| config.push.as_mut().unwrap().token = Secret::new("")).await;
    let headers = vec![(HEADER.to_owned(), String::new())];
    assert_eq!(read(&empty, &Delivery { headers, body }).await, Err(PushError::Forged));
}

#[tokio::test]
async fn a_header_is_ours_however_it_was_configured() {
    let bench = Bench::with(|config| config.push.as_mut().unwrap().header = HEADER.to_uppercase()).await;
    assert!(matches!(read(&bench, &pushed(&sample("dhl/push"))).await, Ok(Push::News(_))));
}

#[tokio::test]
async fn the_other_steps_of_a_subscription_are_ignored_and_the_rest_is_unreadable() {
    let bench = Bench::new().await;
    for scope in ["subscription.activate", "subscription.ready", "subscription.expired"] {
        assert_eq!(read(&bench, &pushed(json!({"scope": scope}).to_string().as_bytes())).await, Ok(Push::Ignored));
    }
    let silent = json!({"scope": "subscription.push", "shipments": [{"id": NUMBER, "service": "parcel-de",
        "events": [{"timestamp": "2026-01-05T12:00:00Z", "statusCode": "unknown"}]}]});
    assert_eq!(read(&bench, &pushed(silent.to_string().as_bytes())).await, Ok(Push::Ignored));
    for body in ["", "7", "{}", r#"{"scope": 7}"#, r#"{"scope": "subscription.validate"}"#] {
        assert!(matches!(read(&bench, &pushed(body.as_bytes())).await, Err(PushError::Unreadable(_))), "{body}");
    }
}

#[tokio::test]
async fn a_push_that_is_spoilt_anywhere_tells_nothing_that_it_did_not_say() {
    let bench = Bench::new().await;
    for name in ["dhl/push", "dhl/handshake"] {
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
            // Without its word an event still has its code, which says less.
            let same = |scan: &Scan| said.iter().any(|one| one.at == scan.at);
            assert!(news.iter().all(|one| one.scans.iter().all(same)), "{body}");
        }
    }
}
