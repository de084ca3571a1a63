//! What PayPal notifies, in neutral words, and that all of it is PayPal's answer and not the body's.

use oms_app::ports::{
    PaymentGateway as _, Receipt, RefundNotification, RefundState, SessionRef, SessionRequest, Webhook, WebhookError,
};
use oms_domain::payments::{DisputeNews, DisputeState, PaymentNotification, PaymentOutcome};
use oms_fakes::paypal::{CaptureEnd, Fault, Operation, RefundEnd};
use rstest::rstest;
use serde_json::Value;

use crate::bench::{Bench, eur, order_id, payment_id, refund, refund_id, sample, session};

fn paid(capture: &str) -> Webhook {
    Webhook::Payment(PaymentNotification {
        event_id: format!("capture/{capture}/succeeded"),
        order_id: order_id(),
        payment_id: payment_id(1),
        outcome: PaymentOutcome::Succeeded { reference: capture.to_owned(), money: eur("44.70"), kept: None },
    })
}

fn denied(capture: &str) -> Webhook {
    Webhook::Payment(PaymentNotification {
        event_id: format!("capture/{capture}/failed"),
        order_id: order_id(),
        payment_id: payment_id(1),
        outcome: PaymentOutcome::Failed { reason: "declined_by_risk_fraud_filters".to_owned() },
    })
}

fn resource(body: &[u8]) -> String {
    let event: Value = serde_json::from_slice(body).unwrap();
    event["resource"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_approval_names_the_page() {
    let bench = Bench::new().await;
    let page = bench.approved().await;
    let event_id = format!("order/{}/approved", page.session);
    let approved = Webhook::Approved { event_id, page: page.clone() };
    assert_eq!(bench.notified().await, Ok(approved.clone()));
    assert_eq!(bench.read(&bench.signed(&sample("order-approved", &page.session))).await, Ok(approved));
}

#[tokio::test]
async fn an_approval_that_is_not_or_no_longer_true_is_of_no_interest() {
    let bench = Bench::new().await;
    let page = bench.open().await;
    let notice = bench.signed(&sample("order-approved", &page.session));
    assert_eq!(bench.read(&notice).await, Ok(Webhook::Ignored), "nobody approved it");
    bench.fake.approve(&page.session);
    bench.paypal.capture(&page).await.unwrap();
    assert_eq!(bench.read(&notice).await, Ok(Webhook::Ignored), "its capture has a notification of its own");
}

#[tokio::test]
async fn a_completed_capture_is_a_payment() {
    let bench = Bench::new().await;
    let page = bench.approved().await;
    bench.forget_deliveries();
    bench.paypal.capture(&page).await.unwrap();
    let delivery = bench.fake.take_deliveries().remove(0);
    let capture = resource(&delivery.body);
    assert_eq!(bench.read(&delivery).await, Ok(paid(&capture)));
    // The sample has another order, other ids, other amounts: none of them is believed.
    assert_eq!(bench.read(&bench.signed(&sample("capture-completed", &capture))).await, Ok(paid(&capture)));
}

#[tokio::test]
async fn a_notification_has_the_same_id_when_it_comes_again_and_after_a_refund() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    let notice = bench.signed(&sample("capture-completed", &capture));
    assert_eq!(bench.read(&notice).await, Ok(paid(&capture)));
    bench.fake.refund_by_hand(&capture, eur("44.70")).unwrap();
    assert_eq!(bench.read(&notice).await, Ok(paid(&capture)));
}

#[tokio::test]
async fn a_payment_tells_what_is_kept() {
    let bench = Bench::new().await;
    let request = SessionRequest { keep_for: Some("alice".parse().unwrap()), ..session() };
    let session = bench.paypal.open(&request).await.unwrap().reference;
    bench.fake.approve(&session);
    bench.forget_deliveries();
    bench.paypal.capture(&SessionRef { order_id: order_id(), payment_id: payment_id(1), session }).await.unwrap();
    let told = bench.notified().await.unwrap();
    let Webhook::Payment(PaymentNotification { outcome: PaymentOutcome::Succeeded { kept, .. }, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!(kept.unwrap().token, bench.fake.kept()[0]);
}

#[rstest]
#[case::then_completed(CaptureEnd::Completed)]
#[case::then_declined(CaptureEnd::Declined)]
#[tokio::test]
async fn p3_a_pending_capture_is_told_and_told_again_when_it_ends(#[case] end: CaptureEnd) {
    let bench = Bench::new().await;
    bench.fake.captures_end([CaptureEnd::Pending]);
    let page = bench.approved().await;
    bench.forget_deliveries();
    bench.paypal.capture(&page).await.unwrap();
    let delivery = bench.fake.take_deliveries().remove(0);
    let capture = resource(&delivery.body);
    assert_eq!(bench.read(&delivery).await, Ok(under_way(&capture)));
    assert_eq!(bench.read(&bench.signed(&sample("capture-pending", &capture))).await, Ok(under_way(&capture)));
    for early in ["capture-completed", "capture-denied"] {
        assert_eq!(
            bench.read(&bench.signed(&sample(early, &capture))).await,
            Ok(under_way(&capture)),
            "it still waits"
        );
    }
    bench.fake.settle_capture(&capture, end);
    let expected = if end == CaptureEnd::Completed { paid(&capture) } else { denied(&capture) };
    assert_eq!(bench.notified().await, Ok(expected.clone()));
    // Whichever end a body claims, PayPal's is told.
    for claimed in ["capture-completed", "capture-denied"] {
        assert_eq!(bench.read(&bench.signed(&sample(claimed, &capture))).await, Ok(expected.clone()));
    }
}

/// The customer has done their part, and PayPal works on it.
fn under_way(capture: &str) -> Webhook {
    Webhook::Payment(PaymentNotification {
        event_id: format!("capture/{capture}/pending"),
        order_id: order_id(),
        payment_id: payment_id(1),
        outcome: PaymentOutcome::Processing,
    })
}

fn refunded(bench: &str, capture: &str, state: RefundState, word: &str) -> Webhook {
    Webhook::Refund(RefundNotification {
        event_id: format!("refund/{bench}/{word}"),
        order_id: order_id(),
        refund_id: Some(refund_id(1)),
        payment_reference: capture.to_owned(),
        money: eur("14.90"),
        receipt: Receipt { reference: bench.to_owned(), state },
    })
}

#[tokio::test]
async fn a_refund_of_ours_is_told_with_our_name_for_it() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    bench.forget_deliveries();
    let receipt = bench.paypal.refund(&refund(&capture, 1, "14.90")).await.unwrap();
    let told = refunded(&receipt.reference, &capture, RefundState::Done, "done");
    assert_eq!(bench.notified().await, Ok(told.clone()));
    // A body that calls it a reversal, or a failure, changes nothing.
    for name in ["capture-refunded", "capture-reversed", "refund-failed"] {
        assert_eq!(bench.read(&bench.signed(&sample(name, &receipt.reference))).await, Ok(told.clone()), "{name}");
    }
}

#[rstest]
#[case(RefundEnd::Completed, RefundState::Done, "done")]
#[case(RefundEnd::Failed, RefundState::Failed("failed".to_owned()), "failed")]
#[tokio::test]
async fn a_refund_that_waited_is_told_again_when_it_ends(
    #[case] end: RefundEnd,
    #[case] state: RefundState,
    #[case] word: &str,
) {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    bench.forget_deliveries();
    bench.fake.refunds_end([RefundEnd::Pending]);
    let reference = bench.paypal.refund(&refund(&capture, 1, "14.90")).await.unwrap().reference;
    assert_eq!(bench.notified().await, Ok(refunded(&reference, &capture, RefundState::Pending, "pending")));
    bench.fake.settle_refund(&reference, end);
    assert_eq!(bench.notified().await, Ok(refunded(&reference, &capture, state, word)));
}

#[tokio::test]
async fn a_refund_by_hand_is_told_without_a_name_of_ours() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    bench.forget_deliveries();
    let reference = bench.fake.refund_by_hand(&capture, eur("5.00")).unwrap();
    let told = RefundNotification {
        event_id: format!("refund/{reference}/done"),
        order_id: order_id(),
        refund_id: None,
        payment_reference: capture,
        money: eur("5.00"),
        receipt: Receipt { reference, state: RefundState::Done },
    };
    assert_eq!(bench.notified().await, Ok(Webhook::Refund(told)));
}

#[tokio::test]
async fn m16_what_paypal_takes_back_by_itself_is_gone() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    bench.forget_deliveries();
    let reversal = bench.fake.reverse(&capture, eur("44.70")).unwrap();
    let told = Webhook::Disputed {
        event_id: format!("reversal/{reversal}"),
        payment_reference: capture.clone(),
        order_id: Some(order_id()),
        reason: "reversed".to_owned(),
        news: Some(DisputeNews {
            reference: format!("reversal/{reversal}"),
            money: Some(eur("44.70")),
            reason: "reversed".to_owned(),
            state: DisputeState::Lost,
        }),
    };
    assert_eq!(bench.notified().await, Ok(told.clone()));
    assert_eq!(bench.read(&bench.signed(&sample("capture-reversed", &reversal))).await, Ok(told));
}

#[tokio::test]
async fn m16_a_dispute_is_told_with_its_amount_until_it_is_decided() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    bench.forget_deliveries();
    let dispute = bench.fake.dispute(&capture, "UNAUTHORISED");
    let told = Webhook::Disputed {
        event_id: format!("dispute/{dispute}"),
        payment_reference: capture,
        order_id: Some(order_id()),
        reason: "unauthorised".to_owned(),
        news: Some(DisputeNews {
            reference: dispute.clone(),
            money: Some(eur("44.70")),
            reason: "unauthorised".to_owned(),
            state: DisputeState::Open,
        }),
    };
    assert_eq!(bench.notified().await, Ok(told.clone()));
    assert_eq!(bench.read(&bench.signed(&sample("dispute-created", &dispute))).await, Ok(told));
}

#[rstest]
#[case(r#"{"event_type":"CATALOG.PRODUCT.CREATED","resource":{"id":"X"}}"#)]
#[case(r#"{"event_type":"PAYMENT.SALE.COMPLETED","resource":{"id":"X","amount":{"total":"44.70"}},"more":[{}]}"#)]
#[case(r#"{"event_type":"VAULT.PAYMENT-TOKEN.CREATED"}"#)]
#[tokio::test]
async fn other_news_is_of_no_interest_and_asks_nothing(#[case] body: &str) {
    let bench = Bench::new().await;
    assert_eq!(bench.read(&bench.signed(body.as_bytes())).await, Ok(Webhook::Ignored));
    assert_eq!(bench.fake.seen().len(), 1, "the certificate only");
}

#[tokio::test]
async fn when_paypal_cannot_be_asked_the_notification_shall_come_again() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    let notice = bench.signed(&sample("capture-completed", &capture));
    for operation in [Operation::Certificate, Operation::ShowCapture, Operation::ShowOrder] {
        let faults = [Fault::Fails(500), Fault::Fails(429), Fault::LosesAnswer];
        bench.fake.script(operation, faults);
        for fault in faults {
            let told = bench.read(&notice).await;
            assert!(matches!(told, Err(WebhookError::Unavailable(_))), "{operation:?} {fault:?}: {told:?}");
        }
    }
    // We may not look: that is for us to repair, while PayPal repeats.
    bench.fake.script(Operation::ShowCapture, [Fault::Fails(403)]);
    assert!(matches!(bench.read(&notice).await, Err(WebhookError::Unavailable(_))));
    assert_eq!(bench.read(&notice).await, Ok(paid(&capture)));
}

#[tokio::test]
async fn a_certificate_is_fetched_once() {
    let bench = Bench::new().await;
    let capture = bench.captured().await;
    for _ in 0..3 {
        bench.read(&bench.signed(&sample("capture-completed", &capture))).await.unwrap();
    }
    assert_eq!(bench.asked(Operation::Certificate).len(), 1);
}
