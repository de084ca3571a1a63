//! Pushes: believed when they are signed, and read in both of FedEx's envelopes.

use std::collections::BTreeSet;

use oms_app::ports::{Clock as _, Push, PushError, Tracker as _};
use oms_carriers::Secret;
use oms_domain::fulfilment::scan::Scan;
use oms_fakes::Delivery;
use oms_fakes::fedex::{Event, PUSH_TOKEN, Sequence, signed};
use rstest::rstest;
use serde_json::json;

use crate::bench::Bench;
use crate::story::{at, road, sample, scans, spoilt, tracked};

const NUMBER: &str = "794600000001";

async fn read(bench: &Bench, delivery: &Delivery) -> Result<Push, PushError> {
    bench.fedex.read_push(&delivery.headers, &delivery.body, bench.clock.now()).await
}

/// Each parcel with its scans.
async fn told(bench: &Bench, delivery: &Delivery) -> Vec<String> {
    match read(bench, delivery).await {
        Ok(Push::News(news)) => {
            news.iter().map(|one| format!("{}: {}", one.tracking_number, scans(one).join(", "))).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case("fedex/push")]
#[case("fedex/push.wrapped")]
#[tokio::test]
async fn both_envelopes_say_the_same(#[case] name: &str) {
    let bench = Bench::new().await;
    let told = told(&bench, &signed(&sample(name))).await;
    let expected = "794953535000: 2026-01-05T18:32:00Z in_transit, 2026-01-06T15:12:00Z out_for_delivery, 2026-01-06T20:41:00Z delivered";
    assert_eq!(told, [expected]);
}

#[tokio::test]
async fn pushes_that_come_late_twice_and_out_of_order_say_the_same_in_the_end() {
    let bench = Bench::new().await;
    for (hour, code) in ["PU", "IT", "OD", "DL"].into_iter().enumerate() {
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
async fn a_push_that_was_tampered_with_is_forged() {
    let bench = Bench::new().await;
    let genuine = signed(&sample("fedex/push"));
    for at in [0, genuine.body.len() / 2, genuine.body.len() - 1] {
        let mut tampered = genuine.clone();
        tampered.body[at] ^= 1;
        assert_eq!(read(&bench, &tampered).await, Err(PushError::Forged), "byte {at}");
    }
    for body in [Vec::new(), [genuine.body.as_slice(), b" "].concat()] {
        assert_eq!(read(&bench, &Delivery { body, ..genuine.clone() }).await, Err(PushError::Forged));
    }
}

#[tokio::test]
async fn a_push_without_exactly_one_signature_is_forged() {
    let bench = Bench::new().await;
    let genuine = signed(&sample("fedex/push"));
    let (name, signature) = genuine.headers.last().cloned().unwrap();
    let with = |headers: Vec<(String, String)>| Delivery { headers, ..genuine.clone() };
    assert_eq!(read(&bench, &with(Vec::new())).await, Err(PushError::Forged));
    let doubled = [genuine.headers.clone(), vec![(name.clone(), signature.clone())]].concat();
    assert_eq!(read(&bench, &with(doubled)).await, Err(PushError::Forged));
    // In hexadecimal digits, as a page of FedEx's has it, and in other forms.
    let hex = "8a1f".repeat(16);
    for wrong in
        [String::new(), "AAAA".into(), hex, signature.to_lowercase(), signature[1..].to_owned(), "A".repeat(4_000)]
    {
        assert_eq!(read(&bench, &with(vec![(name.clone(), wrong)])).await, Err(PushError::Forged));
    }
}

#[rstest]
#[case::none(None)]
#[case::empty(Some(""))]
#[case::blank(Some("  "))]
#[case::another(Some("Another-token-0001"))]
#[tokio::test]
async fn without_the_right_token_nothing_is_believed(#[case] token: Option<&str>) {
    let bench = Bench::with(|config| config.push_token = token.map(Secret::new)).await;
    assert_ne!(token, Some(PUSH_TOKEN));
    assert_eq!(read(&bench, &signed(&sample("fedex/push"))).await, Err(PushError::Forged));
}

#[tokio::test]
async fn what_is_signed_and_no_result_is_unreadable() {
    let bench = Bench::new().await;
    for body in ["", "[]", "{}", "{\"trackResults\": 7}", "{\"output\": 7}"] {
        assert!(matches!(read(&bench, &signed(body.as_bytes())).await, Err(PushError::Unreadable(_))), "{body}");
    }
}

#[tokio::test]
async fn a_push_that_says_nothing_of_a_parcel_is_ignored() {
    let bench = Bench::new().await;
    let error = json!({"trackingNumberInfo": {"trackingNumber": NUMBER}, "error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND"}});
    let wish = json!({"trackingNumberInfo": {"trackingNumber": NUMBER},
        "scanEvents": [{"date": "2026-01-05T10:00:00Z", "eventType": "RR"}]});
    let nameless = json!({"scanEvents": [{"date": "2026-01-05T10:00:00Z", "eventType": "DL"}]});
    for results in [json!([]), json!([error]), json!([wish]), json!([nameless])] {
        let body = json!({"trackResults": results}).to_string();
        assert_eq!(read(&bench, &signed(body.as_bytes())).await, Ok(Push::Ignored), "{body}");
    }
}

#[tokio::test]
async fn nothing_is_subscribed_to_and_no_handshake_is_answered() {
    let bench = Bench::new().await;
    assert_eq!(bench.fedex.subscribe(&[tracked(NUMBER)]).await, Ok(Vec::new()));
    assert_eq!(bench.fedex.capabilities().subscription_days, None);
    assert_eq!(road(&bench.fedex.accept_push("1", "2").await), "refused: request");
}

#[tokio::test]
async fn a_push_that_is_spoilt_anywhere_tells_nothing_that_it_did_not_say() {
    let bench = Bench::new().await;
    for name in ["fedex/push", "fedex/push.wrapped"] {
        let whole = read(&bench, &signed(&sample(name))).await.unwrap();
        let said = match &whole {
            Push::News(news) => news[0].scans.clone(),
            Push::Handshake { .. } | Push::Ignored => Vec::new(),
        };
        for body in spoilt(&sample(name)) {
            let told = read(&bench, &signed(body.to_string().as_bytes())).await;
            let Ok(Push::News(news)) = told else {
                assert!(!matches!(told, Err(PushError::Forged)), "{body}");
                continue;
            };
            let same = |scan: &Scan| said.iter().any(|one| one.at == scan.at && one.status == scan.status);
            assert!(news.iter().all(|one| one.scans.iter().all(same)), "{body}");
        }
    }
}
