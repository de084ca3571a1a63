//! Webhooks that are not to be believed: nothing is read of them, and nobody is asked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{PaymentGateway as _, Webhook, WebhookError};
use oms_fakes::stripe::{Delivery, signature_header};
use oms_payments::Secret;
use rstest::rstest;

use crate::bench::{Bench, WEBHOOK_SECRET};

/// A webhook that tells of a payment, and its parts: time, `v1` and `v0`.
async fn genuine(bench: &Bench) -> (Delivery, [String; 3]) {
    bench.paid(1, "5.00 EUR").await;
    let delivery = bench.stripe.take_webhooks().pop().unwrap();
    let header = &delivery.headers.iter().find(|(name, _)| name == "stripe-signature").unwrap().1;
    let parts: Vec<String> = header.split(',').map(|part| part.split_once('=').unwrap().1.to_owned()).collect();
    let parts = parts.try_into().unwrap();
    (delivery, parts)
}

fn base64(hex: &str) -> String {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    STANDARD.encode(hex.as_bytes().chunks(2).map(byte).collect::<Vec<_>>())
}

#[rstest]
#[case::nothing("")]
#[case::no_signature("t={t}")]
#[case::no_time("v1={v1}")]
#[case::v0_only("t={t},v0={v0}")]
#[case::the_right_digest_as_v0("t={t},v0={v1}")]
#[case::v0_as_v1("t={t},v1={v0}")]
#[case::base64_digest("t={t},v1={base64}")]
#[case::upper_case("t={t},v1={UPPER}")]
#[case::spaces("t={t}, v1={v1}")]
#[case::cut("t={t},v1={cut}")]
#[case::lengthened("t={t},v1={v1}00")]
#[case::empty_signature("t={t},v1=")]
#[case::two_times("t={t},t={t},v1={v1}")]
#[case::two_times_last_wrong("t={t},v1={v1},t=1")]
#[case::another_time("t={later},v1={v1}")]
#[case::time_with_a_sign("t=+{t},v1={v1}")]
#[case::time_with_a_zero("t=0{t},v1={v1}")]
#[case::time_with_a_fraction("t={t}.0,v1={v1}")]
#[case::empty_time("t=,v1={v1}")]
#[case::zeros("t={t},v1={zeros}")]
#[case::another_scheme("t={t},v2={v1}")]
#[case::semicolons("t={t};v1={v1}")]
#[case::json(r#"{"t":"{t}","v1":"{v1}"}"#)]
#[tokio::test]
async fn a_header_that_does_not_sign_is_forged(#[case] shape: &str) {
    let bench = Bench::new().await;
    let (delivery, [t, v1, v0]) = genuine(&bench).await;
    let later = (t.parse::<i64>().unwrap() + 1).to_string();
    let header = shape
        .replace("{t}", &t)
        .replace("{later}", &later)
        .replace("{v1}", &v1)
        .replace("{v0}", &v0)
        .replace("{base64}", &base64(&v1))
        .replace("{UPPER}", &v1.to_uppercase())
        .replace("{cut}", &v1[..62])
        .replace("{zeros}", &"0".repeat(64));
    let before = bench.stripe.log().len();
    let told = bench.gateway.read_webhook(&headers(&header), &delivery.body, bench.now()).await;
    assert_eq!(told, Err(WebhookError::Forged), "{header}");
    assert_eq!(bench.stripe.log().len(), before);
}

fn headers(signature: &str) -> Vec<(String, String)> {
    vec![("stripe-signature".to_owned(), signature.to_owned())]
}

#[tokio::test]
async fn a_missing_or_a_doubled_header_is_forged() {
    let bench = Bench::new().await;
    let (delivery, _) = genuine(&bench).await;
    let signature = delivery.headers.last().unwrap().clone();
    for headers in [vec![], vec![signature.clone(), signature]] {
        let told = bench.gateway.read_webhook(&headers, &delivery.body, bench.now()).await;
        assert_eq!(told, Err(WebhookError::Forged));
    }
}

#[tokio::test]
async fn a_changed_body_is_forged() {
    let bench = Bench::new().await;
    let (delivery, _) = genuine(&bench).await;
    let text = String::from_utf8(delivery.body.clone()).unwrap();
    for changed in [
        text.replace("\"amount_total\":500", "\"amount_total\":5"),
        format!("{text} "),
        format!(" {text}"),
        text.replace("\":", "\": "),
        String::new(),
    ] {
        assert_ne!(changed, text);
        let told = bench.gateway.read_webhook(&delivery.headers, changed.as_bytes(), bench.now()).await;
        assert_eq!(told, Err(WebhookError::Forged));
    }
}

#[tokio::test]
async fn another_secret_is_forged_and_so_is_none() {
    let bench = Bench::new().await;
    let (delivery, _) = genuine(&bench).await;
    for secrets in [vec![], vec![Secret::new("")], vec![Secret::new("whsec_wrong"), Secret::new("")]] {
        let bench = Bench::with(|config| config.webhook_secrets = secrets).await;
        let told = bench.gateway.read_webhook(&delivery.headers, &delivery.body, bench.now()).await;
        assert_eq!(told, Err(WebhookError::Forged));
    }
    // An empty secret is one that everybody knows.
    let open = Bench::with(|config| config.webhook_secrets = vec![Secret::new(""), Secret::new(" ")]).await;
    for secret in ["", " "] {
        let header = signature_header(&[secret], open.now(), &delivery.body);
        let told = open.gateway.read_webhook(&headers(&header), &delivery.body, open.now()).await;
        assert_eq!(told, Err(WebhookError::Forged));
    }
}

#[rstest]
#[case(-301, false)]
#[case(-300, true)]
#[case(0, true)]
#[case(300, true)]
#[case(301, false)]
#[case(-1_000_000, false)]
#[case(1_000_000, false)]
#[tokio::test]
async fn a_signature_holds_for_five_minutes_to_both_sides(#[case] signed_seconds_from_now: i64, #[case] holds: bool) {
    let bench = Bench::new().await;
    let (delivery, _) = genuine(&bench).await;
    let time = bench.now() + SignedDuration::from_secs(signed_seconds_from_now);
    let header = signature_header(&[WEBHOOK_SECRET], time, &delivery.body);
    let told = bench.gateway.read_webhook(&headers(&header), &delivery.body, bench.now()).await;
    if holds {
        assert!(matches!(told, Ok(Webhook::Payment(_))), "{told:?}");
    } else {
        assert_eq!(told, Err(WebhookError::OutOfTime));
    }
}

#[tokio::test]
async fn the_end_of_time_is_out_of_time() {
    let bench = Bench::new().await;
    let (delivery, _) = genuine(&bench).await;
    for time in [Timestamp::MAX, Timestamp::UNIX_EPOCH] {
        let header = signature_header(&[WEBHOOK_SECRET], time, &delivery.body);
        let told = bench.gateway.read_webhook(&headers(&header), &delivery.body, bench.now()).await;
        assert_eq!(told, Err(WebhookError::OutOfTime));
    }
}

#[tokio::test]
async fn while_a_secret_is_replaced_the_old_and_the_new_one_hold() {
    let old = Bench::new().await;
    let both = Bench::with(|config| config.webhook_secrets.insert(0, Secret::new("whsec_new"))).await;
    let new = Bench::with(|config| config.webhook_secrets = vec![Secret::new("whsec_new")]).await;
    let (delivery, _) = genuine(&old).await;
    let told = async |bench: &Bench, secrets: &[&str]| {
        let header = signature_header(secrets, bench.now(), &delivery.body);
        bench.gateway.read_webhook(&headers(&header), &delivery.body, bench.now()).await.is_ok()
    };
    for (bench, secrets, holds) in [
        (&old, &[WEBHOOK_SECRET][..], true),
        (&old, &["whsec_new"], false),
        (&old, &["whsec_new", WEBHOOK_SECRET], true),
        (&both, &[WEBHOOK_SECRET], true),
        (&both, &["whsec_new"], true),
        (&both, &["whsec_other"], false),
        (&new, &["whsec_new", WEBHOOK_SECRET], true),
        (&new, &[WEBHOOK_SECRET], false),
    ] {
        assert_eq!(told(bench, secrets).await, holds, "{secrets:?}");
    }
}

#[tokio::test]
async fn signed_bytes_that_are_no_event_are_unreadable() {
    let bench = Bench::new().await;
    for body in
        [&b""[..], b"null", b"[]", b"{}", b"{\"id\":\"evt_1\"}", b"\xff\xfe", b"{\"id\":\"evt_1\",\"type\":\"a\"}"]
    {
        let header = signature_header(&[WEBHOOK_SECRET], bench.now(), body);
        let told = bench.gateway.read_webhook(&headers(&header), body, bench.now()).await;
        assert!(matches!(told, Err(WebhookError::Unreadable(_))), "{told:?}");
    }
}
