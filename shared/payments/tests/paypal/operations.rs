//! What the port promises, kept at PayPal.

use jiff::SignedDuration;
use oms_app::ports::{
    GatewayError, PaymentGateway as _, Receipt, RefundState, SessionRef, SessionRequest, SessionState,
};
use oms_domain::money::Money;
use oms_domain::payments::{MethodToken, PaymentOutcome};
use oms_fakes::paypal::{CaptureEnd, Operation, RefundEnd, TOKEN_SECONDS};
use rstest::rstest;
use serde_json::{Value, json};

use crate::bench::{Bench, RETURN_URL, eur, money, order_id, payment_id, refund, refund_id, session};

fn failed(reason: &str) -> SessionState {
    SessionState::Over(PaymentOutcome::Failed { reason: reason.to_owned() })
}

fn succeeded(state: &SessionState) -> (&str, Money) {
    let SessionState::Over(PaymentOutcome::Succeeded { reference, money, .. }) = state else {
        panic!("{state:?} is no success")
    };
    (reference, *money)
}

#[tokio::test]
async fn a_page_is_asked_for_with_our_names_and_the_exact_amount() {
    let bench = Bench::new().await;
    let opened = bench.paypal.open(&session()).await.unwrap();
    assert!(opened.redirect_url.starts_with(bench.fake.base_url()), "{}", opened.redirect_url);
    let asked = bench.asked(Operation::CreateOrder).remove(0);
    assert_eq!(asked.request_id, Some(payment_id(1).to_string()));
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let unit = json!({
        "custom_id": format!("{}/payment/{}", order_id(), payment_id(1)),
        "invoice_id": payment_id(1).to_string(),
        "amount": {"currency_code": "EUR", "value": "44.70"},
    });
    assert_eq!(body["intent"], "CAPTURE");
    assert_eq!(body["purchase_units"], json!([unit]));
    let context = &body["payment_source"]["paypal"]["experience_context"];
    assert_eq!((&context["return_url"], &context["cancel_url"]), (&json!(RETURN_URL), &json!(RETURN_URL)));
    assert_eq!(body["payment_source"]["paypal"]["attributes"], Value::Null);
}

#[tokio::test]
async fn a_customer_s_own_page_is_where_the_customer_returns_to() {
    let bench = Bench::new().await;
    let own = SessionRequest { return_url: Some("https://shop.example/mine?x=1".to_owned()), ..session() };
    bench.paypal.open(&own).await.unwrap();
    assert!(bench.asked(Operation::CreateOrder)[0].body.contains("https://shop.example/mine?x=1"));
}

#[tokio::test]
async fn a_page_opened_twice_is_one_page() {
    let bench = Bench::new().await;
    let first = bench.paypal.open(&session()).await.unwrap();
    assert_eq!(bench.paypal.open(&session()).await.unwrap(), first);
    assert_eq!(bench.fake.ledger().len(), 1);
}

#[rstest]
#[case::yen("1200", "JPY", "1200")]
#[case::forint("1200.00", "HUF", "1200")]
#[case::what_paypal_takes_whole("1200.00", "TWD", "1200")]
#[case::franc("0.05", "CHF", "0.05")]
#[tokio::test]
async fn amounts_have_the_digits_that_paypal_takes(#[case] decimal: &str, #[case] currency: &str, #[case] sent: &str) {
    let bench = Bench::new().await;
    let request = SessionRequest { money: money(decimal, currency), ..session() };
    let session = bench.paypal.open(&request).await.unwrap();
    let body: Value = serde_json::from_str(&bench.asked(Operation::CreateOrder)[0].body).unwrap();
    assert_eq!(body["purchase_units"][0]["amount"], json!({"currency_code": currency, "value": sent}));
    bench.fake.approve(&session.reference);
    let page = SessionRef { order_id: order_id(), payment_id: payment_id(1), session: session.reference };
    assert_eq!(succeeded(&bench.paypal.capture(&page).await.unwrap()).1, request.money);
}

#[tokio::test]
async fn an_amount_that_paypal_cannot_take_is_refused_without_asking() {
    let bench = Bench::new().await;
    let request = SessionRequest { money: money("19.90", "TWD"), ..session() };
    assert!(matches!(bench.paypal.open(&request).await, Err(GatewayError::Declined(_))));
    assert_eq!(bench.fake.seen(), []);
}

#[tokio::test]
async fn a_page_is_open_then_approved_then_paid() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    assert_eq!(bench.paypal.look_up(&page).await, Ok(SessionState::Open));
    bench.fake.approve(&page.session);
    assert_eq!(bench.paypal.look_up(&page).await, Ok(SessionState::Approved));
    assert_eq!(bench.fake.ledger()[0].captured, 0, "approval takes no money");
    let state = bench.paypal.capture(&page).await.unwrap();
    assert_eq!(succeeded(&state).1, eur("44.70"));
    assert_eq!(bench.paypal.look_up(&page).await, Ok(state));
}

#[tokio::test]
async fn a_page_captured_twice_is_paid_once() {
    let bench = Bench::new().await;
    let page = bench.approved().await;
    let first = bench.paypal.capture(&page).await;
    assert!(first.is_ok());
    assert_eq!(bench.paypal.capture(&page).await, first);
    assert_eq!(bench.fake.ledger()[0].captured, 4470);
    let id = Some(format!("{}-capture", payment_id(1)));
    assert_eq!(bench.asked(Operation::Capture).iter().map(|seen| &seen.request_id).collect::<Vec<_>>(), [&id, &id]);
}

#[tokio::test]
async fn money_that_was_taken_stays_taken_when_it_is_given_back() {
    let bench = Bench::new().await;
    let page = bench.approved().await;
    let paid = bench.paypal.capture(&page).await.unwrap();
    for decimal in ["14.70", "30.00"] {
        bench.fake.refund_by_hand(succeeded(&paid).0, eur(decimal)).unwrap();
        assert_eq!(bench.paypal.look_up(&page).await.as_ref(), Ok(&paid));
    }
}

#[tokio::test]
async fn a_page_that_nobody_approved_is_not_captured() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    assert_eq!(bench.paypal.capture(&page).await, Ok(SessionState::Open));
    bench.fake.approve(&page.session);
    assert_eq!(succeeded(&bench.paypal.capture(&page).await.unwrap()).1, eur("44.70"));
}

#[tokio::test]
async fn a_capture_that_waits_is_not_over_before_paypal_says_so() {
    let bench = Bench::new().await;
    bench.fake.captures_end([CaptureEnd::Pending]);
    let page = bench.approved().await;
    assert_eq!(bench.paypal.capture(&page).await, Ok(SessionState::Processing));
    let body: Value = serde_json::from_slice(&bench.fake.take_deliveries()[1].body).unwrap();
    let capture = body["resource"]["id"].as_str().unwrap();
    bench.fake.settle_capture(capture, CaptureEnd::Completed);
    assert_eq!(succeeded(&bench.paypal.look_up(&page).await.unwrap()), (capture, eur("44.70")));
}

#[rstest]
#[case(CaptureEnd::Declined, "declined_by_risk_fraud_filters")]
#[case(CaptureEnd::InstrumentDeclined, "instrument_declined")]
#[tokio::test]
async fn a_decline_is_an_end_and_not_an_outage(#[case] end: CaptureEnd, #[case] reason: &str) {
    let bench = Bench::new().await;
    bench.fake.captures_end([end]);
    let page = bench.approved().await;
    assert_eq!(bench.paypal.capture(&page).await, Ok(failed(reason)));
    assert_eq!(bench.paypal.capture(&page).await, Ok(failed(reason)), "a repeat is answered alike");
    assert_eq!(bench.fake.ledger()[0].captured, 0);
}

#[tokio::test]
async fn a_page_that_paypal_has_forgotten_is_over() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    bench.fake.expire(&page.session);
    assert_eq!(bench.paypal.look_up(&page).await, Ok(failed("expired")));
    assert_eq!(bench.paypal.capture(&page).await, Ok(failed("expired")));
    assert_eq!(bench.paypal.close(&page).await, Ok(failed("expired")));
}

#[tokio::test]
async fn closing_says_what_is_true_and_takes_nothing() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    assert_eq!(bench.paypal.close(&page).await, Ok(SessionState::Open));
    bench.fake.approve(&page.session);
    assert_eq!(bench.paypal.close(&page).await, Ok(SessionState::Approved));
    assert_eq!(bench.fake.ledger()[0].captured, 0);
    bench.paypal.capture(&page).await.unwrap();
    assert_eq!(succeeded(&bench.paypal.close(&page).await.unwrap()).1, eur("44.70"));
}

#[tokio::test]
async fn the_page_of_another_payment_says_nothing_about_this_one() {
    let bench = Bench::new().await;
    let page = SessionRef { payment_id: payment_id(2), ..bench.approved().await };
    assert!(matches!(bench.paypal.look_up(&page).await, Err(GatewayError::Declined(_))));
    for session in ["", "../../v1/oauth2/token", "A?b=c", "A/capture"] {
        let page = SessionRef { session: session.to_owned(), ..page.clone() };
        let before = bench.fake.seen().len();
        assert!(matches!(bench.paypal.look_up(&page).await, Err(GatewayError::Declined(_))), "{session}");
        assert!(matches!(bench.paypal.capture(&page).await, Err(GatewayError::Declined(_))), "{session}");
        assert_eq!(bench.fake.seen().len(), before, "nothing is asked");
    }
}

#[tokio::test]
async fn a_means_of_payment_is_kept_with_consent_and_forgotten_on_request() {
    let bench = Bench::new().await;
    let request = SessionRequest { keep_for: Some("alice".parse().unwrap()), ..session() };
    let reference = bench.paypal.open(&request).await.unwrap().reference;
    let page = SessionRef { order_id: order_id(), payment_id: payment_id(1), session: reference };
    bench.fake.approve(&page.session);
    let SessionState::Over(PaymentOutcome::Succeeded { kept: Some(kept), .. }) =
        bench.paypal.capture(&page).await.unwrap()
    else {
        panic!("nothing is kept")
    };
    let token = bench.fake.kept().remove(0);
    assert_eq!(kept, MethodToken { token: token.clone(), label: "paypal j…@example.com".to_owned(), expires: None });
    assert_eq!(bench.paypal.forget(&token).await, Ok(()));
    assert_eq!(bench.fake.kept(), [""; 0]);
    assert_eq!(bench.paypal.forget(&token).await, Ok(()), "it is forgotten already");
}

#[tokio::test]
async fn a_refund_asked_for_twice_is_one_refund() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    let request = refund(&capture, 1, "14.90");
    assert_eq!(bench.paypal.find_refund(&request).await, Ok(None));
    let receipt = bench.paypal.refund(&request).await.unwrap();
    assert_eq!(receipt.state, RefundState::Done);
    assert_eq!(bench.paypal.refund(&request).await.as_ref(), Ok(&receipt));
    assert_eq!(bench.paypal.find_refund(&request).await, Ok(Some(receipt)));
    assert_eq!(bench.paypal.find_refund(&refund(&capture, 2, "14.90")).await, Ok(None));
    assert_eq!(bench.fake.ledger()[0].refunded, 1490);
    let asked = bench.asked(Operation::Refund).remove(0);
    assert_eq!(asked.request_id, Some(refund_id(1).to_string()));
    assert!(asked.body.contains(&format!("{}/refund/{}", order_id(), refund_id(1))), "{}", asked.body);
}

#[tokio::test]
async fn no_more_goes_back_than_was_captured() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    for (sequence, decimal) in [(1, "14.90"), (2, "29.80")] {
        bench.paypal.refund(&refund(&capture, sequence, decimal)).await.unwrap();
    }
    let refused = bench.paypal.refund(&refund(&capture, 3, "0.01")).await;
    assert!(
        matches!(&refused, Err(GatewayError::Declined(text)) if text.contains("CAPTURE_FULLY_REFUNDED")),
        "{refused:?}"
    );
    assert_eq!((bench.fake.ledger()[0].captured, bench.fake.ledger()[0].refunded), (4470, 4470));
}

#[rstest]
#[case(RefundEnd::Pending, RefundState::Pending)]
#[case(RefundEnd::Failed, RefundState::Failed("failed".to_owned()))]
#[tokio::test]
async fn a_refund_that_is_not_done_says_so(#[case] end: RefundEnd, #[case] state: RefundState) {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    bench.fake.refunds_end([end]);
    let request = refund(&capture, 1, "14.90");
    let receipt = bench.paypal.refund(&request).await.unwrap();
    assert_eq!(receipt.state, state);
    bench.fake.settle_refund(&receipt.reference, RefundEnd::Completed);
    let found = Receipt { state: RefundState::Done, ..receipt };
    assert_eq!(bench.paypal.find_refund(&request).await, Ok(Some(found)));
}

#[tokio::test]
async fn one_token_serves_until_shortly_before_it_ends() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    bench.clock.advance(SignedDuration::from_secs(TOKEN_SECONDS - 61));
    bench.paypal.look_up(&page).await.unwrap();
    assert_eq!(bench.asked(Operation::Token).len(), 1);
    bench.clock.advance(SignedDuration::from_secs(1));
    bench.paypal.look_up(&page).await.unwrap();
    assert_eq!(bench.asked(Operation::Token).len(), 2, "PayPal would still have taken it for a minute");
}

#[tokio::test]
async fn many_calls_at_once_fetch_one_token() {
    let bench = Bench::new().await;
    let page = SessionRef { order_id: order_id(), payment_id: payment_id(1), session: "ORDER".to_owned() };
    let one = || bench.paypal.look_up(&page);
    let _ = tokio::join!(one(), one(), one(), one(), one());
    assert_eq!(bench.asked(Operation::Token).len(), 1);
}
