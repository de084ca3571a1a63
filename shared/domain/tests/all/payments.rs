//! Webhooks arrive twice, late, early and out of order: none of that changes the outcome (DESIGN §6).

use crate::support::{Story, cancel, complete_refund, fail_delivery, names, order_id, prepare, request, ship_all};
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{Command, Decision, Event, HOLD_MINUTES, PaymentEvent, RefundEvent, Refusal, Status};
use oms_domain::payments::{AttemptState, MAX_PAYMENT_ATTEMPTS, PaymentStatus, RefundReason};

fn reasons(story: &Story) -> Vec<RefundReason> {
    story.order.ledger.refunds.iter().map(|refund| refund.reason).collect()
}

#[test]
fn a_payment_confirms_the_order_and_places_it() {
    let story = Story::at(Status::Pending).after_minutes(5).paid(0);
    assert_eq!(story.order.status, Status::Confirmed);
    assert_eq!(story.order.paid_at, Some(story.now));
    assert_eq!(story.order.reservation_expires_at, None, "the hold is firm");
    assert_eq!(story.order.ledger.captured(), story.order.totals.total);
    assert_eq!(story.order.ledger.status(), PaymentStatus::Confirmed);
}

#[test]
fn a_failed_payment_leaves_the_order_pending_and_another_attempt_may_pay() {
    let story = Story::draft().submitted().given(request("stripe")).failed(0);
    assert_eq!(story.order.status, Status::Pending);
    assert_eq!(story.order.ledger.status(), PaymentStatus::Failed);

    let story = story.given(request("paypal")).paid(1);
    assert_eq!(story.order.status, Status::Confirmed);
    assert_eq!(story.order.ledger.payments[0].state, AttemptState::Failed);
}

#[test]
fn success_and_failure_of_one_attempt_end_alike_in_either_order() {
    let failure_first = Story::at(Status::Pending).failed(0).paid(0);

    let mut success_first = Story::at(Status::Pending).paid(0);
    assert_eq!(success_first.when(success_first.fail(0)), Ok(Decision::AlreadyApplied));

    for story in [failure_first, success_first] {
        assert_eq!(story.order.status, Status::Confirmed);
        assert_eq!(story.order.ledger.payments[0].state, AttemptState::Captured { reference: "pi_0".into() });
        assert_eq!(reasons(&story), []);
    }
}

#[test]
fn the_same_success_twice_is_one_payment_wherever_the_order_stands() {
    let paid = Story::at(Status::Confirmed);
    let again = paid.pay(0);
    let lives = [paid.clone(), paid.clone().given(prepare()).given(ship_all()), paid.given(cancel())];
    for mut story in lives {
        assert_eq!(story.when(again.clone()), Ok(Decision::AlreadyApplied), "{}", story.order.status);
    }
}

#[test]
fn money_that_is_not_what_we_asked_for_is_refused() {
    let mut story = Story::at(Status::Pending);
    let Command::RecordPayment { payment_id, provider, reference, money } = story.pay(0) else { unreachable!() };
    let with =
        |money| Command::RecordPayment { payment_id, provider: provider.clone(), reference: reference.clone(), money };
    let cent = Amount::from_minor(1);
    for wrong in [
        Money { amount: money.amount - cent, ..money },
        Money { amount: money.amount + cent, ..money },
        Money { amount: Amount::ZERO, ..money },
        Money { currency: "USD".parse().unwrap(), ..money },
    ] {
        assert_eq!(story.when(with(wrong)), Err(Refusal::PaymentMismatch), "{wrong}");
    }
    assert_eq!(story.order.status, Status::Pending);
}

#[test]
fn a_payment_of_another_provider_or_attempt_is_unknown() {
    let mut story = Story::at(Status::Pending);
    let money = story.order.total();
    let record = |attempt, provider: &str| Command::RecordPayment {
        payment_id: PaymentId::of_attempt(order_id(), attempt),
        provider: provider.into(),
        reference: "pi_0".into(),
        money,
    };
    assert_eq!(story.when(record(0, "paypal")), Err(Refusal::UnknownPayment));
    assert_eq!(story.when(record(7, "stripe")), Err(Refusal::UnknownPayment));
    assert_eq!(story.when(story.fail(7)), Err(Refusal::UnknownPayment));
    assert_eq!(names(&story.when(record(0, "stripe"))), ["OrderPaymentConfirmed"]);
}

#[test]
fn the_second_of_two_paid_attempts_goes_straight_back() {
    let mut story = Story::at(Status::Confirmed);
    let total = story.order.totals.total;
    let payment_id = PaymentId::of_attempt(order_id(), 1);
    let refund_id = RefundId::of_sequence(order_id(), 0);
    let reason = RefundReason::DuplicatePayment;
    let expected = vec![
        Event::Payment(PaymentEvent::OrderPaymentConfirmed {
            payment_id,
            reference: "pi_1".into(),
            amount: total,
            accepted: false,
            change: None,
        }),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount: total,
            reason,
            part: None,
            short: Amount::ZERO,
        }),
    ];
    assert_eq!(story.when(story.pay(1)), Ok(Decision::Happens(expected)));
    assert_eq!(story.order.status, Status::Confirmed);

    let story = story.refund_completed(0);
    assert_eq!(story.order.status, Status::Confirmed, "one charge is left and is enough");
    assert_eq!(story.order.ledger.captured() - story.order.ledger.refunded(), total);
}

#[test]
fn money_that_comes_after_the_end_goes_back_and_the_order_stays_cancelled() {
    let cancelled = Story::at(Status::Cancelled);
    let expired = Story::at(Status::Pending).after_minutes(HOLD_MINUTES).given(Command::Expire);
    for story in [cancelled, expired] {
        let story = story.after_minutes(1).paid(0).paid(1);
        assert_eq!(story.order.status, Status::Cancelled);
        assert_eq!(reasons(&story), [RefundReason::LatePayment; 2]);
        assert_eq!(story.promised_back(), story.order.ledger.captured());
        assert_eq!(story.order.paid_at, None);

        let story = story.refund_completed(1).refund_completed(0);
        assert_eq!(story.order.status, Status::Cancelled);
        assert_eq!(story.order.ledger.status(), PaymentStatus::Refunded);
    }
}

#[test]
fn money_that_comes_after_the_deadline_but_before_the_sweep_still_pays() {
    let story = Story::at(Status::Pending).after_minutes(HOLD_MINUTES + 1).paid(0);
    assert_eq!(story.order.status, Status::Confirmed, "its stock is still reserved");
}

#[test]
fn cancelling_a_paid_order_starts_its_refund_in_the_same_decision() {
    for mut story in
        [Story::at(Status::Confirmed), Story::at(Status::Processing), Story::at(Status::Shipped).given(fail_delivery())]
    {
        assert_eq!(names(&story.when(cancel())), ["OrderCancelled", "OrderRefundInitiated"]);
        assert_eq!(reasons(&story), [RefundReason::OrderCancelled]);
        assert_eq!(story.promised_back(), story.order.totals.total);
        assert_eq!(story.order.ledger.status(), PaymentStatus::RefundPending);

        let story = story.refund_completed(0);
        assert_eq!(story.order.status, Status::Cancelled);
        assert_eq!(story.order.ledger.status(), PaymentStatus::Refunded);
    }
}

#[test]
fn cancelling_after_a_duplicate_gives_back_only_what_is_not_on_its_way() {
    let story = Story::at(Status::Confirmed).paid(1).given(cancel());
    assert_eq!(reasons(&story), [RefundReason::DuplicatePayment, RefundReason::OrderCancelled]);
    assert_eq!(story.promised_back(), story.order.ledger.captured());
}

#[test]
fn a_refund_is_completed_once_and_only_if_it_was_initiated() {
    let mut story = Story::at(Status::Confirmed).given(cancel());
    assert_eq!(story.when(complete_refund(1)), Err(Refusal::UnknownRefund));
    assert_eq!(names(&story.when(complete_refund(0))), ["OrderRefundCompleted"]);
    assert_eq!(story.when(complete_refund(0)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.order.ledger.refunded(), story.order.totals.total);
}

#[test]
fn a_refund_decided_twice_has_one_id() {
    let decide = || {
        let mut story = Story::at(Status::Confirmed);
        story.when(cancel()).unwrap();
        story.order.ledger.refunds[0].id
    };
    assert_eq!(decide(), decide());
    assert_eq!(decide(), RefundId::of_sequence(order_id(), 0));

    let story = Story::at(Status::Cancelled).paid(0).paid(1);
    assert_ne!(story.order.ledger.refunds[0].id, story.order.ledger.refunds[1].id);
}

#[test]
fn a_returned_order_is_refunded_when_all_of_its_money_is_back() {
    let story = Story::at(Status::Returned).paid(1).given(Command::Refund);
    assert_eq!(reasons(&story), [RefundReason::DuplicatePayment, RefundReason::Return]);

    let story = story.refund_completed(1);
    assert_eq!(story.order.status, Status::Returned, "the duplicate is still out");
    assert_eq!(story.order.ledger.status(), PaymentStatus::RefundPending);
    assert_eq!(story.refund_completed(0).order.status, Status::Refunded);
}

#[test]
fn goods_may_stay_when_the_money_goes_back() {
    let story = Story::at(Status::ReturnRequested).given(Command::Refund).refund_completed(0);
    assert_eq!(story.order.status, Status::Refunded);
    assert_eq!(story.order.lines.iter().map(|line| line.returned).sum::<u32>(), 0);
}

#[test]
fn no_payment_is_begun_when_the_hold_has_ended() {
    let mut story = Story::at(Status::Pending).after_minutes(HOLD_MINUTES - 1);
    assert_eq!(names(&story.when(request("stripe"))), ["OrderPaymentRequested"]);

    let since = story.order.reservation_expires_at.unwrap();
    let mut story = story.after_minutes(1);
    assert_eq!(story.when(request("stripe")), Err(Refusal::HoldExpired { since }));
}

#[test]
fn attempts_are_counted_and_bounded() {
    let mut story = Story::draft().submitted();
    for attempt in 0..MAX_PAYMENT_ATTEMPTS {
        story = story.given(request("stripe")).failed(attempt);
    }
    assert_eq!(story.when(request("stripe")), Err(Refusal::TooManyAttempts(MAX_PAYMENT_ATTEMPTS)));
    assert_eq!(story.paid(3).order.status, Status::Confirmed, "an old attempt may still succeed");
}

#[test]
fn an_order_awaits_payment_while_it_is_pending_and_its_deadline_is_ahead() {
    for status in Status::ALL {
        let story = Story::at(status);
        assert_eq!(story.order.awaits_payment(story.now), status == Status::Pending, "{status}");
    }
    let Story { order, .. } = Story::at(Status::Pending);
    let deadline = order.reservation_expires_at.unwrap();
    let just_before = deadline.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
    assert!(order.awaits_payment(just_before));
    assert!(!order.awaits_payment(deadline));
}

/// None was ever written; were one read, its stock must not be held for ever and its money must not be lost.
#[test]
fn a_pending_order_without_a_deadline_does_not_wait_but_takes_the_money_that_comes() {
    let mut story = Story::at(Status::Pending);
    story.order.reservation_expires_at = None;
    assert!(!story.order.awaits_payment(story.now));
    let since = story.order.updated_at;
    assert_eq!(story.when(request("stripe")), Err(Refusal::HoldExpired { since }));
    assert_eq!(names(&story.clone().when(story.pay(0))), ["OrderPaymentConfirmed"]);

    assert_eq!(names(&story.when(Command::Expire)), ["OrderCancelled"]);
    assert_eq!(story.stock_of(1).reserved, 0);
}

#[test]
fn that_a_checkout_is_open_is_told_while_the_order_waits_for_that_very_attempt() {
    let announce = |attempt| Command::AnnounceCheckout { payment_id: PaymentId::of_attempt(order_id(), attempt) };
    let mut story = Story::at(Status::Pending);
    assert_eq!(names(&story.when(announce(0))), ["OrderPaymentPageOpened"]);
    assert_eq!(story.when(announce(7)), Err(Refusal::UnknownPayment));
    for (mut story, why) in [
        (Story::at(Status::Pending).failed(0), "the attempt has failed"),
        (Story::at(Status::Pending).after_minutes(HOLD_MINUTES), "the time to pay is over"),
        (Story::at(Status::Confirmed), "it is paid"),
    ] {
        assert_eq!(story.when(announce(0)), Ok(Decision::AlreadyApplied), "{why}");
    }
}
