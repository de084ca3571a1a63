//! What fails, and whether asking again may help.

use std::sync::Arc;

use oms_app::ports::{GatewayError, PaymentGateway as _, SessionState};
use oms_domain::payments::PaymentOutcome;
use oms_fakes::paypal::{CLIENT_SECRET, Fault, Operation};
use oms_payments::Secret;
use oms_payments::paypal::{PayPalConfig, PayPalGateway, SetupError};
use oms_testkit::time::ManualClock;
use rstest::rstest;

use crate::bench::{Bench, refund, session};

fn may_be_asked_again<T: std::fmt::Debug>(result: &Result<T, GatewayError>) -> bool {
    matches!(result, Err(GatewayError::Unavailable(_) | GatewayError::Busy { .. }))
}

#[rstest]
#[case::request_lost(Fault::LosesRequest)]
#[case::answer_lost(Fault::LosesAnswer)]
#[case::answer_late(Fault::NeverAnswers)]
#[case::overloaded(Fault::Fails(503))]
#[case::throttled(Fault::Fails(429))]
#[case::broken(Fault::Fails(500))]
#[case::under_way(Fault::Fails(409))]
#[tokio::test]
async fn what_failed_in_passing_is_done_once_when_it_is_asked_again(#[case] fault: Fault) {
    let bench = Bench::impatient().await;
    bench.fake.script(Operation::CreateOrder, [fault]);
    assert!(may_be_asked_again(&bench.paypal.open(&session()).await));
    let page = bench.approved().await;

    bench.fake.script(Operation::Capture, [fault]);
    assert!(may_be_asked_again(&bench.paypal.capture(&page).await));
    let state = bench.paypal.capture(&page).await.unwrap();
    let SessionState::Over(PaymentOutcome::Succeeded { reference, .. }) = state else { panic!("{state:?}") };

    bench.fake.script(Operation::Refund, [fault]);
    let request = refund(&reference, 1, "14.90");
    assert!(may_be_asked_again(&bench.paypal.refund(&request).await));
    let found = bench.paypal.find_refund(&request).await.unwrap();
    assert_eq!(found.is_some(), matches!(fault, Fault::LosesAnswer | Fault::NeverAnswers));
    let receipt = bench.paypal.refund(&request).await.unwrap();
    assert_eq!(bench.paypal.find_refund(&request).await, Ok(Some(receipt)));

    let ledger = bench.fake.ledger();
    assert_eq!((ledger.len(), ledger[0].captured, ledger[0].refunded), (1, 4470, 1490));
}

#[rstest]
#[case(400)]
#[case(403)]
#[case(422)]
#[tokio::test]
async fn what_paypal_refuses_is_refused_for_good(#[case] status: u16) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::CreateOrder, [Fault::Fails(status)]);
    let refused = bench.paypal.open(&session()).await;
    let text = format!("PayPal answered {status} SCRIPTED when asked for a new order (debug id fa4e0debug1d)");
    assert_eq!(refused, Err(GatewayError::Declined(text)));
    assert_eq!(bench.asked(Operation::CreateOrder).len(), 1);
}

#[tokio::test]
async fn a_stored_failure_is_still_there_when_the_truth_is_looked_up() {
    let bench = Bench::new().await;
    let page = bench.approved().await;
    bench.fake.script(Operation::Capture, [Fault::FailsForGood]);
    for _ in 0..3 {
        assert!(may_be_asked_again(&bench.paypal.capture(&page).await));
    }
    assert_eq!(bench.paypal.look_up(&page).await, Ok(SessionState::Approved));
    assert_eq!(bench.fake.ledger()[0].captured, 0);
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_replaced_once() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    bench.fake.revoke_tokens();
    assert_eq!(bench.paypal.look_up(&page).await, Ok(SessionState::Open));
    assert_eq!(bench.asked(Operation::Token).len(), 2);
    bench.fake.script(Operation::ShowOrder, [Fault::Fails(401), Fault::Fails(401)]);
    assert!(may_be_asked_again(&bench.paypal.look_up(&page).await));
    assert_eq!(bench.asked(Operation::Token).len(), 3);
}

#[tokio::test]
async fn wrong_credentials_are_ours_to_repair_and_fail_nothing_for_good() {
    let bench = Bench::with(|config| config.client_secret = Secret::new("wrong-password")).await;
    let failure = bench.paypal.open(&session()).await;
    assert!(may_be_asked_again(&failure));
    assert!(!format!("{failure:?}").contains("password"), "{failure:?}");
    assert_eq!(bench.asked(Operation::CreateOrder), []);
}

#[tokio::test]
async fn without_a_provider_there_is_no_answer() {
    // Port 9 of this machine is reserved for what throws everything away; nothing listens there.
    let bench = Bench::with(|config| config.api_base = "http://127.0.0.1:9".to_owned()).await;
    let failure = bench.paypal.open(&session()).await;
    assert_eq!(
        failure,
        Err(GatewayError::Unavailable("PayPal could not be reached when asked for a token".to_owned()))
    );
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let bench = Bench::impatient().await;
    let shown = format!("{:?}", crate::bench::config(&bench.fake));
    assert!(!shown.contains(CLIENT_SECRET), "{shown}");
    for fault in [Fault::Fails(400), Fault::Fails(401), Fault::Fails(500), Fault::LosesAnswer, Fault::NeverAnswers] {
        for operation in [Operation::Token, Operation::CreateOrder] {
            bench.fake.revoke_tokens();
            bench.fake.script(operation, [fault]);
            let failure = bench.paypal.open(&session()).await;
            let text = format!("{failure:?}");
            for secret in [CLIENT_SECRET, "A21AA", "Bearer", "Basic", bench.fake.base_url()] {
                assert!(failure.is_ok() || !text.contains(secret), "{text}");
            }
        }
    }
}

#[rstest]
#[case::in_the_clear("http://api-m.paypal.com")]
#[case::looks_local("http://localhost.evil.example")]
#[case::with_a_path("https://api-m.paypal.com/v2")]
#[case::with_a_user("https://api-m.paypal.com@evil.example")]
#[case::no_url("api-m.paypal.com")]
fn credentials_never_travel_in_the_clear(#[case] base: &str) {
    let live = || {
        let (id, webhook, page) = ("id".to_owned(), "webhook".to_owned(), "https://shop.example".to_owned());
        PayPalConfig::live(id, Secret::new("secret"), webhook, page)
    };
    let new = |config| PayPalGateway::new(config, Arc::new(ManualClock::default())).err();
    assert_eq!(new(live()), None);
    let insecure = Some(SetupError::NotSecure(base.to_owned()));
    assert_eq!(new(PayPalConfig { api_base: base.to_owned(), ..live() }), insecure);
    assert_eq!(new(PayPalConfig { certificate_origins: vec![base.to_owned()], ..live() }), insecure);
    assert_eq!(new(PayPalConfig { trusted_roots: String::new(), ..live() }), Some(SetupError::Roots));
    assert_eq!(new(PayPalConfig { trusted_roots: "no PEM".to_owned(), ..live() }), Some(SetupError::Roots));
}
