//! Every webhook that Stripe sends us, as it arrives.

use oms_app::ports::{PaymentGateway as _, Receipt, RefundNotification, RefundState, Webhook, WebhookError};
use oms_domain::payments::{MethodToken, PaymentOutcome};
use oms_fakes::stripe::{Disorder, Fault, Operation, Order};
use serde_json::json;

use crate::bench::{Bench, failed, ids, money, notification, refund_request};

#[tokio::test]
async fn a_payment_is_told_once_it_is_there() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "44.70 EUR").await;
    let heard = bench.heard().await;
    let told = notification(&heard);
    assert_eq!((told.order_id, told.payment_id), (page.order_id, page.payment_id));
    assert!(told.event_id.starts_with("evt_"), "{}", told.event_id);
    let succeeded = PaymentOutcome::Succeeded { reference, money: money("44.70 EUR"), kept: None };
    assert_eq!(told.outcome, succeeded);
}

#[tokio::test]
async fn p2_money_that_takes_days_is_told_at_once_and_when_it_comes_or_does_not() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "5.00 EUR")).await;
    bench.stripe.pay_later(&page.session).unwrap();
    assert_eq!(outcome(&bench.heard().await[0]), PaymentOutcome::Processing);
    bench.stripe.settle(&page.session, true).unwrap();
    assert!(matches!(notification(&bench.heard().await).outcome, PaymentOutcome::Succeeded { .. }));

    let page = bench.open(&bench.wanted(2, "5.00 EUR")).await;
    bench.stripe.pay_later(&page.session).unwrap();
    bench.stripe.settle(&page.session, false).unwrap();
    let outcomes: Vec<_> = bench.heard().await.into_iter().map(|webhook| outcome(&webhook)).collect();
    assert_eq!(outcomes, [PaymentOutcome::Processing, failed("insufficient_funds"), failed("async_payment_failed")]);
}

fn outcome(webhook: &Webhook) -> PaymentOutcome {
    let Webhook::Payment(told) = webhook else { panic!("not a payment: {webhook:?}") };
    told.outcome.clone()
}

#[tokio::test]
async fn a_decline_is_told_with_stripe_s_word_for_it() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "5.00 EUR")).await;
    bench.stripe.decline(&page.session, "insufficient_funds").unwrap();
    let heard = bench.heard().await;
    assert_eq!(notification(&heard).outcome, failed("insufficient_funds"));
    assert_eq!(notification(&heard).payment_id, page.payment_id);
}

#[tokio::test]
async fn a_page_that_ends_is_told() {
    let bench = Bench::new().await;
    bench.open(&bench.wanted(1, "5.00 EUR")).await;
    bench.advance_minutes(121);
    bench.stripe.expire_due();
    assert_eq!(notification(&bench.heard().await).outcome, failed("expired"));
}

#[tokio::test]
async fn what_was_kept_is_asked_for_and_waited_for() {
    let bench = Bench::new().await;
    let mut request = bench.wanted(1, "5.00 EUR");
    request.keep_for = Some("customer-1".parse().unwrap());
    let page = bench.open(&request).await;
    bench.stripe.pay(&page.session).unwrap();
    let deliveries = bench.stripe.take_webhooks();
    let completed = deliveries.last().unwrap();

    bench.stripe.fail_next(Some(Operation::ReadIntent), Fault::Status(503));
    let told = bench.gateway.read_webhook(&completed.headers, &completed.body, bench.now()).await;
    assert!(matches!(told, Err(WebhookError::Unavailable(_))), "{told:?}");

    let PaymentOutcome::Succeeded { kept: Some(MethodToken { token, label, expires }), .. } =
        outcome(&bench.read(completed).await)
    else {
        panic!("nothing was kept")
    };
    assert!(token.starts_with("pm_"), "{token}");
    assert_eq!((label.as_str(), expires.as_deref()), ("visa …4242", Some("2031-08")));
}

fn refund(webhook: Webhook) -> RefundNotification {
    let Webhook::Refund(told) = webhook else { panic!("not a refund: {webhook:?}") };
    told
}

fn refunds(heard: Vec<Webhook>) -> Vec<RefundNotification> {
    heard.into_iter().map(refund).collect()
}

#[tokio::test]
async fn a_refund_of_ours_is_told_under_our_name() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    bench.heard().await;
    bench.stripe.hold_refunds(true);
    let request = refund_request(&page, &reference, 1, "4.00 EUR");
    let receipt = bench.gateway.refund(&request).await.unwrap();
    bench.stripe.settle_refund(&receipt.reference, Ok(())).unwrap();
    let told = refunds(bench.heard().await);
    // Made, and by then done; the charge's new total; the change twice, under its new and its old name.
    assert_eq!(told.len(), 4);
    for told in &told {
        assert_eq!((told.order_id, told.refund_id), (page.order_id, Some(request.refund_id)));
        assert_eq!((&told.payment_reference, told.money), (&reference, money("4.00 EUR")));
        assert_eq!(told.receipt.reference, receipt.reference);
    }
    assert_eq!(told[3].receipt, Receipt { state: RefundState::Done, ..receipt.clone() });

    bench.stripe.settle_refund(&receipt.reference, Err("lost_or_stolen_card")).unwrap();
    for told in refunds(bench.heard().await) {
        assert_eq!(told.receipt.state, RefundState::Failed("lost_or_stolen_card".to_owned()));
    }
}

#[tokio::test]
async fn refunds_by_hand_are_told_one_by_one_with_their_order() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let (_, other) = bench.paid(2, "10.00 EUR").await;
    bench.heard().await;
    let first = bench.stripe.refund_by_hand(&reference, 300).unwrap();
    bench.stripe.refund_by_hand(&other, 300).unwrap();
    let second = bench.stripe.refund_by_hand(&reference, 300).unwrap();
    let told = refunds(bench.heard().await);
    assert!(told.iter().all(|told| told.refund_id.is_none() && told.money == money("3.00 EUR")));
    let of_page: Vec<_> = told.iter().filter(|told| told.order_id == page.order_id).collect();
    // Each is told when it is made and by the charge's new total, and both name the same refund.
    let names: Vec<_> = of_page.iter().map(|told| told.receipt.reference.clone()).collect();
    assert_eq!(names, [first.clone(), first, second.clone(), second]);
    assert!(of_page.iter().all(|told| told.payment_reference == reference));
}

#[tokio::test]
async fn a_dispute_is_told_with_its_order() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    bench.heard().await;
    bench.stripe.dispute(&reference, "fraudulent").unwrap();
    let heard = bench.heard().await;
    let [Webhook::Disputed { payment_reference, order_id, reason, event_id: _, news: _ }] = heard.as_slice() else {
        panic!("{heard:?}")
    };
    assert_eq!((payment_reference, *order_id, reason.as_str()), (&reference, Some(page.order_id), "fraudulent"));
}

#[tokio::test]
async fn what_is_not_ours_is_ignored() {
    let bench = Bench::new().await;
    let (order_id, _) = ids(1);
    let foreign = [
        ("checkout.session.completed", json!({"id": "cs_1", "payment_status": "paid"})),
        ("checkout.session.completed", json!({"id": "cs_1", "payment_status": "paid", "metadata": null})),
        ("checkout.session.completed", json!({"id": "cs_1", "payment_status": "paid", "metadata": {"order_id": "7"}})),
        ("checkout.session.expired", json!({"id": "cs_1", "metadata": {"order_id": order_id.to_string()}})),
        ("checkout.session.async_payment_failed", json!({"id": "cs_1", "metadata": {"payment_id": 7}})),
        ("payment_intent.payment_failed", json!({"id": "pi_1", "metadata": {}})),
        ("charge.refunded", json!({"id": "ch_1", "metadata": {}, "amount_refunded": 5})),
        ("refund.updated", json!({"id": "re_1", "amount": 5, "currency": "eur", "payment_intent": "pi_unknown"})),
        ("refund.updated", json!({"id": "re_1", "amount": 5, "currency": "eur", "payment_intent": null})),
        ("charge.dispute.created", json!({"id": "du_1", "payment_intent": "pi_unknown", "reason": "general"})),
        ("invoice.paid", json!({"id": "in_1"})),
        ("something.new", json!(7)),
    ];
    for (kind, object) in foreign {
        bench.stripe.tell(kind, &object);
        let delivery = bench.stripe.take_webhooks().remove(0);
        assert_eq!(bench.read(&delivery).await, Webhook::Ignored, "{kind} {object}");
    }
}

#[tokio::test]
async fn a_genuine_event_that_makes_no_sense_is_unreadable_and_not_repeated() {
    let bench = Bench::new().await;
    let (order, payment) = ids(1);
    let metadata = json!({"order_id": order.to_string(), "payment_id": payment.to_string()});
    for object in [
        json!("a secret text"),
        json!({"id": 7, "metadata": metadata}),
        json!({"id": "cs_1", "payment_status": "paid", "metadata": metadata}),
        json!({"id": "cs_1", "payment_status": "paid", "metadata": metadata, "payment_intent": "pi_1",
            "amount_total": 5, "currency": "a secret text"}),
    ] {
        bench.stripe.tell("checkout.session.completed", &object);
        let delivery = bench.stripe.take_webhooks().remove(0);
        let told = bench.gateway.read_webhook(&delivery.headers, &delivery.body, bench.now()).await;
        let Err(WebhookError::Unreadable(why)) = told else { panic!("{object} is {told:?}") };
        assert!(!why.contains("secret"), "{why}");
    }
}

#[tokio::test]
async fn the_same_event_has_the_same_name_however_often_it_comes() {
    let bench = Bench::new().await;
    bench.stripe.disturb(Disorder { duplicates: 2, order: Order::Shuffled(7) });
    bench.paid(1, "5.00 EUR").await;
    let heard = bench.heard().await;
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|webhook| webhook == &heard[0]));
}
