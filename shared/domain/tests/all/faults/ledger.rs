//! The ledger, whatever happens at the provider beside us; goods and money that went back; disputes; money under way.

use crate::support::{
    Story, cancel, deliver, names, prepare, receive, refund_part, refund_units, request, request_return, returned,
    ship, ship_all, units,
};
use oms_domain::catalog::stock::Condition;
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{
    Action, CancelReason, CheckoutEvent, Command, Decision, Event, HOLD_MINUTES, HoldReason, PROCESSING_DAYS, Refusal,
    Status,
};
use oms_domain::payments::{
    DisputeNews, DisputeState, MAX_PARTIAL_REFUNDS, PAGE_EXPIRED, PaymentStatus, RefundReason, Unshipped,
};

fn euro(minor_units: i64) -> Money {
    Money::new(Amount::from_minor(minor_units), "EUR".parse().unwrap())
}

/// Somebody gives back of the payment that was captured as `pi_0`.
fn by_hand(reference: &str, minor_units: i64) -> Command {
    Command::RecordRefund {
        provider: "stripe".into(),
        payment_reference: "pi_0".into(),
        reference: reference.into(),
        money: euro(minor_units),
    }
}

fn disputed(reference: &str, state: DisputeState, minor_units: Option<i64>) -> Command {
    let news =
        DisputeNews { reference: reference.into(), money: minor_units.map(euro), reason: "fraudulent".into(), state };
    Command::RecordDispute { provider: "stripe".into(), payment_reference: "pi_0".into(), news }
}

fn total(story: &Story) -> i64 {
    story.order.totals.total.minor()
}

fn amounts(story: &Story) -> Vec<i64> {
    story.order.ledger.refunds.iter().map(|refund| refund.amount.minor()).collect()
}

#[test]
fn m2_what_was_given_back_elsewhere_shrinks_what_we_still_give() {
    let story = Story::at(Status::Confirmed).given(cancel());
    let (all, first_key) = (total(&story), story.order.ledger.refunds[0].key());
    let mut story = story;
    let told = story.when(by_hand("re_hand", 500));
    assert_eq!(names(&told), ["OrderRefundInitiated", "OrderRefundCompleted", "OrderRefundReduced"]);
    assert_eq!(amounts(&story), [all - 500, 500]);
    assert_ne!(story.order.ledger.refunds[0].key(), first_key, "another amount is another request");
    assert_eq!(story.order.refundable(), Amount::ZERO);
    assert_eq!(story.when(by_hand("re_hand", 500)), Ok(Decision::AlreadyApplied));
    let story = story.refund_completed(0);
    assert_eq!(story.order.ledger.refunded().minor(), all);
    assert_eq!(story.order.ledger.status(), PaymentStatus::Refunded);
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn m2_of_several_promises_the_youngest_shrinks_and_what_the_provider_gave_counts() {
    let mut story = Story::at(Status::Delivered).given(refund_part(&[], 0, 10_000));
    let all = total(&story);
    story = story.given(refund_part(&[], 0, all - 10_000)).given(by_hand("re_hand", 7_000));
    assert_eq!(amounts(&story), [10_000, all - 17_000, 7_000]);
    // The provider had given the second one whole already, so it is the first one that is short.
    let second = story.order.ledger.refunds[1].id;
    let done = Command::CompleteRefund { refund_id: second, reference: "re_1".into(), money: Some(euro(all - 10_000)) };
    assert_eq!(names(&story.when(done.clone())), ["OrderRefundCompleted", "OrderRefundReduced"]);
    assert_eq!(amounts(&story), [3_000, all - 10_000, 7_000]);
    assert_eq!(story.when(done), Ok(Decision::AlreadyApplied));
    assert_eq!(story.refund_completed(0).order.ledger.refunded().minor(), all);
}

/// Two promises, the second of which was made at the provider before the first one of another hand was told; both shrank.
#[test]
fn m2_what_had_shrunk_and_was_given_nevertheless_is_not_owed_again() {
    let story = Story::at(Status::Delivered).given(refund_part(&[], 0, 600));
    let all = total(&story);
    let key = story.order.ledger.refunds[0].id;
    let done = Command::CompleteRefund { refund_id: key, reference: "re_1".into(), money: Some(euro(600)) };
    let failed = Command::FailRefundElsewhere { reference: "re_hand".into(), reason: "account_closed".into() };

    // Told before the refund by hand failed.
    let story = story.given(by_hand("re_hand", all - 400));
    assert_eq!(amounts(&story), [400, all - 400]);
    let mut before = story.clone();
    assert_eq!(before.when(done.clone()), Err(Refusal::PaymentMismatch), "there is not so much");
    before = before.given(failed.clone());
    assert_eq!(amounts(&before), [400, 0, 200], "promised anew");
    // It turns out that all of it was given.
    assert_eq!(names(&before.when(done.clone())), ["OrderRefundCompleted", "OrderRefundReduced"]);
    assert_eq!(amounts(&before), [600, 0, 0]);
    assert!(before.order.ledger.refunds.iter().all(|refund| refund.completed), "{:?}", before.order.ledger);
    assert_eq!(before.order.ledger.refunded().minor(), 600);
    assert_eq!(before.replayed(), before.order);

    // And where only a part of it was given after all, the rest is owed still.
    let story = Story::at(Status::Delivered).given(refund_part(&[], 0, 300)).given(refund_part(&[], 0, 600));
    let second = story.order.ledger.refunds[1].id;
    let done = Command::CompleteRefund { refund_id: second, reference: "re_2".into(), money: Some(euro(600)) };
    let story = story.given(by_hand("re_hand", all - 700));
    assert_eq!(amounts(&story), [300, 400, all - 700]);
    let story = story.given(done);
    assert_eq!(amounts(&story), [100, 600, all - 700], "the other one is short now");
    // If it does not arrive, that is known by the key under which it was made.
    let key = story.order.ledger.refunds[1].id;
    assert_eq!(
        names(&story.clone().when(Command::FailRefund { key, reason: "no_funds".into() })),
        ["OrderRefundFailed"]
    );
    let story = story.given(failed);
    assert_eq!(amounts(&story), [100, 600, 0, 200], "of the second nothing is missing");
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn m2_all_of_a_promise_given_elsewhere_leaves_nothing_to_do() {
    let story = Story::at(Status::Confirmed).given(cancel());
    let all = total(&story);
    let story = story.given(by_hand("re_hand", all));
    assert!(story.order.ledger.refunds.iter().all(|refund| refund.completed), "{:?}", story.order.ledger);
    assert_eq!((story.order.refundable(), story.order.ledger.refunded().minor()), (Amount::ZERO, all));
}

#[test]
fn m2_more_than_was_paid_is_believed_of_nobody() {
    let mut story = Story::at(Status::Confirmed);
    let all = total(&story);
    assert_eq!(story.when(by_hand("re_1", all + 1)), Err(Refusal::PaymentMismatch));
    story = story.given(by_hand("re_1", all - 1));
    assert_eq!(story.when(by_hand("re_2", 2)), Err(Refusal::PaymentMismatch));
    let usd = Money::new(Amount::from_minor(1), "USD".parse().unwrap());
    let other = Command::RecordRefund {
        provider: "stripe".into(),
        payment_reference: "pi_0".into(),
        reference: "re_3".into(),
        money: usd,
    };
    assert_eq!(story.when(other), Err(Refusal::PaymentMismatch));
    let key = story.given(cancel()).order.ledger.refunds[1].key();
    assert_eq!(key, RefundId::of_sequence(crate::support::order_id(), 1));
}

#[test]
fn m2_a_refund_by_hand_that_did_not_arrive_is_owed_again_where_all_is_owed() {
    let story = Story::at(Status::Confirmed).given(cancel()).given(by_hand("re_hand", 500));
    let all = total(&story);
    let mut story = story.refund_completed(0);
    let failed = Command::FailRefundElsewhere { reference: "re_hand".into(), reason: "account_closed".into() };
    assert_eq!(names(&story.when(failed.clone())), ["OrderRefundReduced", "OrderRefundInitiated"]);
    assert_eq!(amounts(&story), [all - 500, 0, 500]);
    assert_eq!(story.when(failed), Ok(Decision::AlreadyApplied));
    // An order that stands owes nothing for it.
    let story = Story::at(Status::Delivered).given(by_hand("re_hand", 500));
    let failed = Command::FailRefundElsewhere { reference: "re_hand".into(), reason: "account_closed".into() };
    assert_eq!(amounts(&story.given(failed)), [0]);
}

#[test]
fn m2_a_refund_made_in_the_place_of_a_failed_one_is_told_twice_and_counts_once() {
    let story = Story::at(Status::Confirmed).given(cancel());
    let (all, key) = (total(&story), story.order.ledger.refunds[0].key());
    let mut story = story.given(Command::FailRefund { key, reason: "no_funds".into() }).given(by_hand("re_hand", all));
    assert_eq!(amounts(&story), [all]);
    assert_eq!(story.when(by_hand("re_hand", all)), Ok(Decision::AlreadyApplied));
    let failed = Command::FailRefundElsewhere { reference: "re_hand".into(), reason: "account_closed".into() };
    assert_eq!(names(&story.when(failed)), ["OrderRefundFailed"]);
    assert_eq!(story.order.ledger.status(), PaymentStatus::RefundPending, "ours again");
}

#[test]
fn m2_a_surplus_payment_that_somebody_gives_back_is_not_given_back_twice() {
    let story = Story::at(Status::Pending).paid(1).paid(0);
    let all = total(&story);
    let story = story.given(by_hand("re_hand", all));
    assert_eq!(story.order.status, Status::Confirmed);
    assert_eq!(amounts(&story), [0, all]);
    assert_eq!(story.order.ledger.status(), PaymentStatus::Confirmed, "the other payment pays");
}

#[test]
fn m4_what_was_refunded_does_not_ship_and_its_units_can_be_sold_again() {
    let mut story = Story::at(Status::Processing).given(refund_units(&[units(1, 1)], Unshipped::Restock));
    assert_eq!(story.order.lines[0].to_ship(), 1);
    assert_eq!(story.when(ship(&[units(1, 2)])), Err(Refusal::TooManyUnits { line: 1, left: 1 }));
    let story = story.given(ship_all());
    assert_eq!(story.order.status, Status::Shipped);
    assert_eq!(story.order.lines.iter().map(|line| line.shipped).collect::<Vec<_>>(), [1, 1, 3]);
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn m4_the_refund_says_what_becomes_of_units_that_have_not_shipped() {
    let damaged = Story::at(Status::Confirmed).given(refund_units(&[units(2, 1)], Unshipped::Damaged));
    assert_eq!((damaged.stock_of(2).damaged, damaged.stock_of(2).reserved), (1, 0));
    let shipped = Story::at(Status::Processing).given(refund_units(&[units(2, 1)], Unshipped::Ship)).given(ship_all());
    assert_eq!(shipped.order.lines[1].shipped, 1);
    // One of two has shipped: of the refunded ones, the other comes first.
    let story = Story::at(Status::Processing).given(ship(&[units(1, 1)]));
    let story = story.given(refund_units(&[units(1, 2)], Unshipped::Restock));
    assert_eq!((story.order.lines[0].withdrawn, story.order.lines[0].to_ship()), (1, 0));
}

#[test]
fn m4_an_order_of_which_no_unit_or_no_money_is_left_is_closed_before_it_ships() {
    let every_unit = refund_units(&[units(1, 2), units(2, 1), units(3, 3)], Unshipped::Restock);
    let all = total(&Story::at(Status::Confirmed));
    for status in [Status::Confirmed, Status::Processing] {
        for last in [every_unit.clone(), refund_part(&[], 0, all), by_hand("re_hand", all)] {
            let story = Story::at(status).given(last);
            assert_eq!(story.order.status, Status::Cancelled);
            assert_eq!(story.promised_back().minor(), all, "shipping, too");
            let cancelled = story.records().into_iter().find_map(|record| match record.event {
                Event::Checkout(CheckoutEvent::OrderCancelled { reason, .. }) => Some(reason),
                _ => None,
            });
            assert_eq!(cancelled, Some(CancelReason::Refunded));
            assert_eq!(story.replayed(), story.order);
        }
    }
}

#[test]
fn m4_what_has_not_shipped_stays_once_nothing_of_it_is_paid() {
    let story = Story::at(Status::Processing).given(ship(&[units(1, 2)]));
    let all = total(&story);
    let by_money = story.clone().given(refund_part(&[], 0, all));
    let by_units = story.given(refund_units(&[units(2, 1), units(3, 3)], Unshipped::Restock));
    for story in [by_money, by_units] {
        assert_eq!((story.order.status, story.order.to_ship()), (Status::Shipped, 0));
        assert_eq!(story.given(deliver()).order.status, Status::Delivered);
    }
}

#[test]
fn m4_an_order_of_before_whose_money_is_back_does_not_ship() {
    let mut story = Story::at(Status::Confirmed);
    let mut part = story.clone().given(refund_part(&[], 0, 1)).order.ledger.refunds[0].clone();
    part.amount = story.order.totals.total;
    story.order.ledger.refunds.push(part);
    assert_eq!(story.when(prepare()), Err(Refusal::MoneyIsBack));
    story.order.status = Status::Processing;
    assert_eq!(story.when(ship_all()), Err(Refusal::MoneyIsBack));
}

#[test]
fn m4_what_came_back_is_not_sent_back_again() {
    let mut story = Story::at(Status::Delivered);
    story.order.lines[0].returned = 1;
    assert_eq!(story.when(request_return(&[units(1, 2)])), Err(Refusal::TooManyUnits { line: 1, left: 1 }));
    let mut story = Story::at(Status::ReturnRequested);
    story.order.lines[0].returned = 1;
    let both = receive(&[returned(1, 2, Condition::Sellable)]);
    assert_eq!(story.when(both), Err(Refusal::TooManyUnits { line: 1, left: 1 }));
}

#[test]
fn m12_the_last_refund_may_be_all_the_rest() {
    let mut story = Story::at(Status::Delivered);
    for _ in 0..MAX_PARTIAL_REFUNDS {
        story = story.given(refund_part(&[], 0, 1));
    }
    let rest = total(&story) - 50;
    let refused = Refusal::TooManyRefunds { most: MAX_PARTIAL_REFUNDS, left: euro(rest) };
    assert_eq!(story.when(refund_part(&[], 0, rest - 1)), Err(refused));
    let story = story.given(refund_part(&[], 0, rest));
    assert_eq!(story.order.refundable(), Amount::ZERO);
}

#[test]
fn m15_an_open_attempt_at_the_same_provider_is_answered_again() {
    let again = |provider: &str, keep| Command::RequestPayment { provider: provider.into(), keep, anew: false };
    let mut story = Story::draft().submitted().given(request("stripe")).given(request("paypal"));
    assert_eq!(story.when(again("stripe", false)), Ok(Decision::AlreadyApplied), "also if it is not the last one");
    assert_eq!(names(&story.clone().when(again("stripe", true))), ["OrderPaymentRequested"], "another consent");
    assert_eq!(names(&story.clone().when(again("sandbox", false))), ["OrderPaymentRequested"]);
    story = story.failed(0);
    assert_eq!(names(&story.when(again("stripe", false))), ["OrderPaymentRequested"]);
}

#[test]
fn m16_a_dispute_holds_the_order_and_stands_in_the_ledger() {
    let mut story = Story::at(Status::Confirmed);
    assert_eq!(names(&story.when(disputed("dp_1", DisputeState::Open, Some(1_000)))), ["OrderDisputeOpened"]);
    let hold = &story.order.holds[0];
    assert_eq!((hold.id.as_str(), hold.reason, hold.since), ("dp_1", HoldReason::Dispute, story.now));
    assert_eq!(story.order.ledger.disputes[0].amount.minor(), 1_000);
    assert_eq!(story.when(prepare()), Err(Refusal::OnHold(HoldReason::Dispute)));
    let admin = oms_domain::actor::Caller::Admin("grace".parse().unwrap());
    assert!(!story.order.allowed_actions(&admin).contains(&Action::Process));
    assert_eq!(story.when(disputed("dp_1", DisputeState::Open, None)), Ok(Decision::AlreadyApplied));
    let story = story.given(disputed("dp_1", DisputeState::Won, None)).given(prepare());
    assert_eq!((story.order.status, story.order.ledger.lost()), (Status::Processing, Amount::ZERO));
    assert_eq!(story.replayed(), story.order);

    let mut story = Story::at(Status::Processing).given(disputed("dp_2", DisputeState::Open, None));
    assert_eq!(story.when(ship_all()), Err(Refusal::OnHold(HoldReason::Dispute)));
}

#[test]
fn m16_what_a_lost_dispute_took_is_gone() {
    let story = Story::at(Status::Delivered).given(disputed("dp_1", DisputeState::Open, Some(1_000)));
    let all = total(&story);
    let story = story.given(disputed("dp_1", DisputeState::Lost, Some(1_000)));
    assert!(story.order.holds.is_empty());
    assert_eq!((story.order.ledger.lost().minor(), story.order.refundable().minor()), (1_000, all - 1_000));
    assert_eq!(story.order.ledger.status(), PaymentStatus::PartiallyRefunded);
    // The bank thinks again, and the money is there again.
    let story = story.given(disputed("dp_1", DisputeState::Won, None));
    assert_eq!(story.order.refundable().minor(), all);
}

#[test]
fn m16_a_dispute_that_is_lost_before_anything_ships_ends_the_order() {
    // Only its end is told.
    let mut story = Story::at(Status::Confirmed);
    let told = story.when(disputed("dp_1", DisputeState::Lost, None));
    assert_eq!(names(&told), ["OrderDisputeOpened", "OrderDisputeClosed", "OrderCancelled"]);
    assert_eq!((story.order.status, story.promised_back()), (Status::Cancelled, Amount::ZERO));
    assert_eq!(story.order.ledger.status(), PaymentStatus::Refunded);
    // Won after all, the money is owed to whoever has no goods for it.
    let story = story.given(disputed("dp_1", DisputeState::Won, None));
    assert_eq!(story.promised_back(), story.order.totals.total);
}

#[test]
fn m16_a_lost_dispute_shrinks_what_we_still_give_and_may_cost_the_shop_more() {
    let story = Story::at(Status::Confirmed).given(cancel());
    let all = total(&story);
    let story = story.given(disputed("dp_1", DisputeState::Lost, Some(1_000)));
    assert_eq!(amounts(&story), [all - 1_000]);
    let story = Story::at(Status::Confirmed).given(cancel()).refund_completed(0);
    let story = story.given(disputed("dp_1", DisputeState::Lost, None));
    assert_eq!((story.order.refundable(), story.order.ledger.lost().minor()), (Amount::ZERO, all));
}

fn processing(attempt: usize) -> Command {
    let payment_id = PaymentId::of_attempt(crate::support::order_id(), attempt);
    Command::RecordPaymentProcessing { payment_id, provider: if attempt == 0 { "stripe" } else { "paypal" }.into() }
}

#[test]
fn p2_an_order_waits_for_money_that_is_under_way_and_asks_for_no_more() {
    let mut story = Story::at(Status::Pending).after_minutes(5);
    assert_eq!(names(&story.when(processing(0))), ["OrderPaymentProcessing"]);
    assert_eq!(story.when(processing(0)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.order.ledger.status(), PaymentStatus::Processing);
    let customer = oms_domain::actor::Caller::Customer(story.order.user_id.clone());
    assert!(!story.order.allowed_actions(&customer).contains(&Action::Pay));
    assert_eq!(story.when(request("paypal")), Err(Refusal::PaymentUnderWay { provider: "stripe".into() }));
    let mut story = story.after_minutes(PROCESSING_DAYS * 24 * 60 - 1);
    assert!(matches!(story.when(Command::Expire), Err(Refusal::NotDue { .. })));
    let paid = story.clone().paid(0);
    assert_eq!((paid.order.status, paid.replayed()), (Status::Confirmed, paid.order));
    let expired = story.after_minutes(1).given(Command::Expire);
    assert_eq!(expired.paid(0).order.ledger.refunds[0].reason, RefundReason::LatePayment);
}

#[test]
fn p2_money_that_does_not_come_leaves_the_time_of_a_hold_to_pay_otherwise() {
    let mut story = Story::at(Status::Pending).given(processing(0)).after_minutes(3 * 24 * 60);
    // The page of the other attempt ends meanwhile: no news while money is under way.
    assert_eq!(story.when(story.fail(1)), Ok(Decision::AlreadyApplied));
    let mut story = story.failed(0);
    let until = story.order.reservation_expires_at.unwrap();
    assert_eq!(until.duration_since(story.now).as_mins(), HOLD_MINUTES);
    assert_eq!(names(&story.when(request("stripe"))), ["OrderPaymentRequested"]);
    assert_eq!(story.after_minutes(HOLD_MINUTES).given(Command::Expire).order.status, Status::Cancelled);
}

#[test]
fn p2_news_that_money_is_under_way_is_old_once_the_attempt_has_ended() {
    for mut story in [Story::at(Status::Pending).failed(0), Story::at(Status::Confirmed), Story::at(Status::Cancelled)]
    {
        assert_eq!(story.when(processing(0)), Ok(Decision::AlreadyApplied), "{}", story.order.status);
    }
}

#[test]
fn p1_a_page_that_ends_with_its_order_is_no_news_and_an_expired_one_is_no_failure() {
    let expired = |story: &Story| {
        let payment_id = story.order.ledger.payments[0].id;
        Command::RecordPaymentFailure { payment_id, provider: "stripe".into(), reason: PAGE_EXPIRED.into() }
    };
    let mut story = Story::at(Status::Pending).after_minutes(HOLD_MINUTES);
    assert_eq!(story.when(expired(&story)), Ok(Decision::AlreadyApplied));
    let mut story = Story::at(Status::Pending).after_minutes(HOLD_MINUTES - 1);
    assert_eq!(names(&story.when(expired(&story))), ["OrderPaymentFailed"]);
    let record = story.records().pop().unwrap();
    let told = oms_domain::public_event::CloudEvent::of(story.order.id, &record).data.fact;
    assert_eq!(oms_domain::messaging::MessageKind::about(&told), None);
}
