//! Notifications that are not PayPal's, or no longer. None of them has an effect, and none makes us ask a stranger.

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use jiff::SignedDuration;
use oms_app::ports::{Clock as _, Webhook, WebhookError};
use oms_domain::payments::{PaymentNotification, PaymentOutcome};
use oms_fakes::paypal::{Authority, CERTIFICATE_NAME, Delivery, Envelope, Identity, Operation, PayPalFake};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::bench::{Bench, eur, options, sample};

/// A genuine notification of a capture of EUR 44.70, which the cases spoil.
async fn genuine(bench: &Bench) -> Delivery {
    let capture = bench.captured().await;
    bench.signed(&sample("capture-completed", &capture))
}

/// Reads it, and says what was asked of the fake for it.
async fn read(bench: &Bench, delivery: &Delivery) -> (Result<Webhook, WebhookError>, Vec<Operation>) {
    let before = bench.fake.seen().len();
    let result = bench.read(delivery).await;
    (result, bench.fake.seen()[before..].iter().map(|seen| seen.operation).collect())
}

/// A genuine body in an envelope that was changed.
async fn lie(bench: &Bench, change: impl FnOnce(&mut Envelope)) -> (Result<Webhook, WebhookError>, Vec<Operation>) {
    let Delivery { body, .. } = genuine(bench).await;
    post(bench, body, change).await
}

async fn post(
    bench: &Bench,
    body: Vec<u8>,
    change: impl FnOnce(&mut Envelope),
) -> (Result<Webhook, WebhookError>, Vec<Operation>) {
    let mut envelope = bench.fake.envelope();
    change(&mut envelope);
    let headers = envelope.seal(&bench.fake.signer(), &body);
    read(bench, &Delivery { event_id: String::new(), headers, body }).await
}

fn header<'d>(delivery: &'d mut Delivery, name: &str) -> &'d mut String {
    &mut delivery.headers.iter_mut().find(|(known, _)| known == name).unwrap().1
}

const CERTIFICATE_ONLY: [Operation; 1] = [Operation::Certificate];

#[tokio::test]
async fn what_is_not_spoilt_is_believed() {
    let bench = Bench::new().await;
    let (result, _) = lie(&bench, |_| {}).await;
    assert!(matches!(result, Ok(Webhook::Payment(_))), "{result:?}");
}

#[tokio::test]
async fn a_tampered_body_is_forged() {
    let bench = Bench::new().await;
    let genuine = genuine(&bench).await;
    for at in [0, genuine.body.len() / 2, genuine.body.len() - 1] {
        let mut tampered = genuine.clone();
        tampered.body[at] ^= 1;
        assert_eq!(read(&bench, &tampered).await.0, Err(WebhookError::Forged), "byte {at}");
    }
    for body in [Vec::new(), [genuine.body.as_slice(), b" "].concat(), genuine.body[1..].to_vec()] {
        let tampered = Delivery { body, ..genuine.clone() };
        assert_eq!(read(&bench, &tampered).await.0, Err(WebhookError::Forged));
    }
}

#[tokio::test]
async fn a_tampered_header_is_forged() {
    let bench = Bench::new().await;
    let genuine = genuine(&bench).await;
    for name in ["paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig"] {
        let mut tampered = genuine.clone();
        let value = header(&mut tampered, name);
        let digit = value.rfind(|digit: char| digit.is_ascii_digit()).unwrap();
        let other = if &value[digit..=digit] == "1" { "2" } else { "1" };
        value.replace_range(digit..=digit, other);
        assert_eq!(read(&bench, &tampered).await.0, Err(WebhookError::Forged), "{name}");
    }
    for signature in ["", "AAAA", "not base64!", &"A".repeat(344), &"A".repeat(4_000)] {
        let mut tampered = genuine.clone();
        signature.clone_into(header(&mut tampered, "paypal-transmission-sig"));
        assert_eq!(read(&bench, &tampered).await.0, Err(WebhookError::Forged), "{signature}");
    }
}

#[tokio::test]
async fn a_missing_or_doubled_header_is_forged_and_asks_nothing() {
    let bench = Bench::new().await;
    let genuine = genuine(&bench).await;
    for at in 0..5 {
        let mut missing = genuine.clone();
        let (name, value) = missing.headers.remove(at);
        assert_eq!(read(&bench, &missing).await, (Err(WebhookError::Forged), Vec::new()), "without {name}");
        let mut doubled = genuine.clone();
        doubled.headers.push((name.clone(), value));
        assert_eq!(read(&bench, &doubled).await, (Err(WebhookError::Forged), Vec::new()), "two of {name}");
    }
    let bare = Delivery { headers: Vec::new(), ..genuine };
    assert_eq!(read(&bench, &bare).await, (Err(WebhookError::Forged), Vec::new()));
}

#[rstest]
#[case::stale(-SignedDuration::from_hours(97), true)]
#[case::a_late_repeat(-SignedDuration::from_hours(72), false)]
#[case::a_clock_ahead(SignedDuration::from_mins(4), false)]
#[case::future(SignedDuration::from_mins(6), true)]
#[tokio::test]
async fn the_time_of_sending_is_near_now(#[case] shift: SignedDuration, #[case] refused: bool) {
    let bench = Bench::new().await;
    let (result, asked) = lie(&bench, |envelope| envelope.sent_at += shift).await;
    if refused {
        assert_eq!((result, asked), (Err(WebhookError::OutOfTime), Vec::new()));
    } else {
        assert!(matches!(result, Ok(Webhook::Payment(_))), "{result:?}");
    }
}

#[tokio::test]
async fn what_was_signed_for_another_webhook_is_not_for_us() {
    let bench = Bench::new().await;
    let (result, asked) = lie(&bench, |envelope| envelope.webhook_id = "ANOTHERWEBHOOK001".to_owned()).await;
    assert_eq!((result, asked), (Err(WebhookError::Forged), CERTIFICATE_ONLY.to_vec()));
}

#[rstest]
#[case("SHA1withRSA")]
#[case("none")]
#[case("")]
#[case("sha256withrsa")]
#[case("SHA256withRSA ")]
#[tokio::test]
async fn only_one_algorithm_is_taken(#[case] algorithm: &str) {
    let bench = Bench::new().await;
    let (result, asked) = lie(&bench, |envelope| algorithm.clone_into(&mut envelope.algorithm)).await;
    assert_eq!((result, asked), (Err(WebhookError::Forged), Vec::new()));
}

/// A fake of the attacker's: it holds the very key and certificate that would be believed.
async fn stranger(bench: &Bench) -> PayPalFake {
    let stranger = PayPalFake::start(options(&bench.clock)).await.unwrap();
    stranger.serve("CERT-fake-0001", bench.fake.signer());
    stranger
}

#[tokio::test]
async fn a_certificate_is_fetched_from_the_pinned_origin_only() {
    let bench = Bench::new().await;
    let stranger = stranger(&bench).await;
    let Delivery { body, .. } = genuine(&bench).await;
    let path = "/v1/notifications/certs/CERT-fake-0001";
    let ours = bench.fake.base_url().strip_prefix("http://").unwrap().to_owned();
    let theirs = stranger.base_url().strip_prefix("http://").unwrap().to_owned();
    let port = theirs.rsplit(':').next().unwrap();
    for url in [
        format!("http://{theirs}{path}"),
        format!("http://{ours}@{theirs}{path}"),
        format!("http://{theirs}@{ours}{path}"),
        format!("http://{ours}:{port}{path}"),
        format!("http://localhost:{port}{path}"),
        format!("http://{theirs}/{ours}{path}"),
        format!("http://{theirs}#{ours}{path}"),
        format!("http://{theirs}?{ours}{path}"),
        format!("http://{theirs}\\@{ours}{path}"),
        format!("//{theirs}{path}"),
        format!("https://{ours}{path}"),
        "file:///etc/ssl/certs/ca-certificates.crt".to_owned(),
        "data:text/plain,certificate".to_owned(),
        format!("http://{ours}/v2/checkout/orders"),
        format!("http://{ours}{path}/../../../oauth2/token"),
    ] {
        let (result, asked) = post(&bench, body.clone(), |envelope| envelope.certificate_url.clone_from(&url)).await;
        assert_eq!((result, asked), (Err(WebhookError::Forged), Vec::new()), "{url}");
        assert_eq!(stranger.seen(), [], "{url} made us ask a stranger");
    }
}

#[tokio::test]
async fn a_pinned_origin_cannot_send_us_to_a_stranger() {
    let bench = Bench::new().await;
    let stranger = stranger(&bench).await;
    let elsewhere = stranger.certificate_url("CERT-fake-0001");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let redirect = move || async move { Redirect::temporary(&elsewhere) };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(redirect)).await });
    let bench = Bench::with(|config| config.certificate_origins = vec![origin.clone()]).await;
    let certificate_url = format!("{origin}/v1/notifications/certs/CERT-fake-0001");
    let (result, asked) = lie(&bench, |envelope| envelope.certificate_url = certificate_url).await;
    assert_eq!((result, asked), (Err(WebhookError::Forged), Vec::new()));
    assert_eq!(stranger.seen(), []);
}

async fn signed_by(bench: &Bench, identity: &Arc<Identity>) -> (Result<Webhook, WebhookError>, Vec<Operation>) {
    let Delivery { body, .. } = genuine(bench).await;
    let certificate_url = bench.fake.serve("CERT-other", identity.clone());
    let envelope = Envelope { certificate_url, ..bench.fake.envelope() };
    let headers = envelope.seal(identity, &body);
    read(bench, &Delivery { event_id: String::new(), headers, body }).await
}

#[tokio::test]
async fn a_certificate_that_leads_to_another_root_is_not_believed() {
    let bench = Bench::new().await;
    let other = Authority::new().unwrap().issue(CERTIFICATE_NAME, (2000, 2099)).unwrap();
    assert_eq!(signed_by(&bench, &Arc::new(other)).await, (Err(WebhookError::Forged), CERTIFICATE_ONLY.to_vec()));
}

#[rstest]
#[case::expired(CERTIFICATE_NAME, (2020, 2025), false)]
#[case::not_yet_valid(CERTIFICATE_NAME, (2027, 2030), false)]
#[case::of_another_name("www.fake.invalid", (2000, 2099), false)]
#[case::of_a_longer_name("messageverificationcerts.fake.invalid.evil.example", (2000, 2099), false)]
#[case::of_every_name("*.invalid", (2000, 2099), false)]
#[case::good(CERTIFICATE_NAME, (2026, 2026), true)]
#[tokio::test]
async fn a_certificate_is_valid_now_and_carries_the_name(
    #[case] name: &str,
    #[case] years: (i32, i32),
    #[case] believed: bool,
) {
    let authority = Authority::new().unwrap();
    let root = authority.root_pem();
    let bench = Bench::with(|config| config.trusted_roots = root).await;
    let (result, asked) = signed_by(&bench, &Arc::new(authority.issue(name, years).unwrap())).await;
    if believed {
        assert!(matches!(result, Ok(Webhook::Payment(_))), "{result:?}");
    } else {
        assert_eq!((result, asked), (Err(WebhookError::Forged), CERTIFICATE_ONLY.to_vec()));
    }
}

#[tokio::test]
async fn a_certificate_that_was_fetched_in_time_still_expires() {
    let authority = Authority::new().unwrap();
    let root = authority.root_pem();
    let bench = Bench::with(|config| config.trusted_roots = root).await;
    let identity = Arc::new(authority.issue(CERTIFICATE_NAME, (2026, 2026)).unwrap());
    assert!(signed_by(&bench, &identity).await.0.is_ok());
    bench.clock.set("2027-02-01T00:00:00Z".parse().unwrap());
    let body = sample("capture-completed", "CAP");
    let certificate_url = bench.fake.certificate_url("CERT-other");
    let headers = Envelope { certificate_url, ..bench.fake.envelope() }.seal(&identity, &body);
    let late = Delivery { event_id: String::new(), headers, body };
    assert_eq!(read(&bench, &late).await.0, Err(WebhookError::Forged));
}

#[tokio::test]
async fn what_is_no_certificate_is_not_believed() {
    let bench = Bench::new().await;
    let url = bench.fake.certificate_url("CERT-unknown");
    let (result, asked) = lie(&bench, |envelope| envelope.certificate_url = url).await;
    assert_eq!((result, asked), (Err(WebhookError::Forged), CERTIFICATE_ONLY.to_vec()));
}

/// A certificate of another key of the same authority does not verify what this key signed.
#[tokio::test]
async fn the_certificate_is_the_signer_s() {
    let authority = Authority::new().unwrap();
    let root = authority.root_pem();
    let bench = Bench::with(|config| config.trusted_roots = root).await;
    let (named, signer) =
        (authority.issue(CERTIFICATE_NAME, (2026, 2026)), authority.issue(CERTIFICATE_NAME, (2026, 2026)));
    let certificate_url = bench.fake.serve("CERT-other", Arc::new(named.unwrap()));
    let Delivery { body, .. } = genuine(&bench).await;
    let headers = Envelope { certificate_url, ..bench.fake.envelope() }.seal(&signer.unwrap(), &body);
    let result = read(&bench, &Delivery { event_id: String::new(), headers, body }).await;
    assert_eq!(result, (Err(WebhookError::Forged), CERTIFICATE_ONLY.to_vec()));
}

/// A body of the attacker's with the CRC-32 that was signed: 64 characters of no meaning, each of which may be `A` or
/// `C`, are chosen so that the sum comes out. A CRC is linear, so this is a system of 32 equations over bits.
fn collide(genuine: &[u8], wanted: &Value) -> Vec<u8> {
    let target = crc32fast::hash(genuine);
    let mut event = wanted.clone();
    event["summary"] = "A".repeat(64).into();
    let mut body = serde_json::to_vec(&event).unwrap();
    let start = body.windows(64).position(|window| window == [b'A'; 64]).unwrap();
    let base = crc32fast::hash(&body);
    let mut rows: Vec<(u32, u64)> = Vec::new();
    for bit in 0..64 {
        body[start + bit] ^= 2;
        let mut row = (crc32fast::hash(&body) ^ base, 1_u64 << bit);
        body[start + bit] ^= 2;
        for known in &rows {
            row = if row.0 ^ known.0 < row.0 { (row.0 ^ known.0, row.1 ^ known.1) } else { row };
        }
        if row.0 != 0 {
            rows.push(row);
            rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.0));
        }
    }
    let mut rest = (target ^ base, 0_u64);
    for known in &rows {
        rest = if rest.0 ^ known.0 < rest.0 { (rest.0 ^ known.0, rest.1 ^ known.1) } else { rest };
    }
    assert_eq!(rest.0, 0, "64 bits are enough for 32 equations");
    for bit in (0..64).filter(|bit| rest.1 >> bit & 1 == 1) {
        body[start + bit] ^= 2;
    }
    assert_eq!(crc32fast::hash(&body), target);
    body
}

#[tokio::test]
async fn a_body_with_the_crc_of_a_genuine_one_can_make_us_ask_and_nothing_more() {
    let bench = Bench::new().await;
    let genuine = genuine(&bench).await;
    let mut event: Value = serde_json::from_slice(&genuine.body).unwrap();
    let capture = event["resource"]["id"].as_str().unwrap().to_owned();

    event["id"] = "WH-MADE-UP".into();
    event["resource"]["amount"]["value"] = "9999.00".into();
    event["resource"]["custom_id"] =
        "0190a5b0-7c3e-7000-8000-00000000dead/payment/0190a5b0-7c3e-8000-8000-00000000beef".into();
    let collided = Delivery { body: collide(&genuine.body, &event), ..genuine.clone() };
    let told = bench.read(&collided).await;
    assert_eq!(told, bench.read(&genuine).await, "what PayPal says, not what the body says");
    let Ok(Webhook::Payment(PaymentNotification { outcome: PaymentOutcome::Succeeded { money, .. }, .. })) = told
    else {
        panic!("{told:?}")
    };
    assert_eq!(money, eur("44.70"));

    for (kind, resource) in [
        ("PAYMENT.CAPTURE.COMPLETED", json!({"id": "CAP-MADE-UP", "status": "COMPLETED"})),
        ("PAYMENT.CAPTURE.COMPLETED", json!({"id": "../../v1/oauth2/token"})),
        ("PAYMENT.CAPTURE.REFUNDED", json!({"id": capture, "status": "COMPLETED"})),
        ("PAYMENT.CAPTURE.REVERSED", json!({"id": capture})),
        ("CUSTOMER.DISPUTE.CREATED", json!({"dispute_id": "PP-D-MADE-UP"})),
        ("CHECKOUT.ORDER.APPROVED", json!({"id": "ORDER-MADE-UP"})),
        ("CHECKOUT.ORDER.APPROVED", json!({})),
    ] {
        (event["event_type"], event["resource"]) = (kind.into(), resource);
        let collided = Delivery { body: collide(&genuine.body, &event), ..genuine.clone() };
        let told = bench.read(&collided).await;
        assert!(matches!(told, Err(WebhookError::Unreadable(_))), "{kind}: {told:?}");
    }
    let collided = Delivery { body: collide(&genuine.body, &json!({"no": "event"})), ..genuine.clone() };
    assert!(matches!(bench.read(&collided).await, Err(WebhookError::Unreadable(_))));
    assert_eq!(bench.clock.now(), oms_testkit::time::start(), "all of it happened in time");
}
