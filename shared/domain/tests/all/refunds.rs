//! Parts of an order go back by hand: to the cent, never twice, and never more than was paid.

use crate::support::{
    Story, cancel, deliver, line, names, new_order, order_id, prepare, product, receive, refund_part, request,
    request_return, returned, ship_all, submit, units, usual_lines,
};
use oms_domain::actor::Caller;
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{Action, Command, Decision, Line, NewOrder, Refusal, Status};
use oms_domain::payments::{MAX_PARTIAL_REFUNDS, PaymentStatus, RefundReason};
use oms_domain::pricing::{Item, TaxTable, Totals};
use proptest::prelude::*;
use proptest::sample::Index;

const ONE_CENT: Amount = Amount::from_minor(1);

fn left(minor_units: i64) -> Money {
    Money::new(Amount::from_minor(minor_units), "EUR".parse().unwrap())
}

fn last_amount(story: &Story) -> i64 {
    story.order.ledger.refunds.last().unwrap().amount.minor()
}

#[test]
fn a_line_a_part_of_shipping_and_a_kindness_are_one_refund() {
    let mut story = Story::at(Status::Delivered);
    assert_eq!(names(&story.when(refund_part(&[units(1, 1), units(2, 1)], 90, 500))), ["OrderRefundInitiated"]);
    let refund = story.order.ledger.refunds[0].clone();
    // Half of (2 × 19.90 + 3.98 tax), all of (129.00 + 25.80 tax), 0.90 and 5.00.
    assert_eq!(refund.amount.minor(), 2_189 + 15_480 + 90 + 500);
    assert_eq!((refund.reason, refund.completed), (RefundReason::Partial, false));
    assert_eq!(refund.part.unwrap().note, "dented".into());
    assert_eq!(story.order.lines.iter().map(|line| line.refunded).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(story.order.ledger.status(), PaymentStatus::RefundPending);

    let story = story.refund_completed(0);
    assert_eq!(story.order.status, Status::Delivered);
    assert_eq!(story.order.ledger.status(), PaymentStatus::PartiallyRefunded);
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn the_same_unit_goes_back_once() {
    let mut story = Story::at(Status::Shipped).given(refund_part(&[units(3, 2)], 0, 0));
    assert_eq!(story.when(refund_part(&[units(3, 2)], 0, 0)), Err(Refusal::TooManyUnits { line: 3, left: 1 }));
    assert_eq!(
        story.when(refund_part(&[units(3, 1), units(3, 1)], 0, 0)).unwrap_err(),
        Refusal::TooManyUnits { line: 3, left: 1 }
    );
    assert_eq!(story.when(refund_part(&[units(9, 1)], 0, 0)), Err(Refusal::UnknownLine(9)));
    assert_eq!(names(&story.when(refund_part(&[units(3, 1)], 0, 0))), ["OrderRefundInitiated"]);
    let line = &story.order.lines[2];
    assert_eq!(story.promised_back(), story.order.worth(line));
}

#[test]
fn a_refund_of_nothing_or_of_less_is_refused() {
    let mut story = Story::at(Status::Confirmed);
    for (shipping, goodwill) in [(0, 0), (-1, 2), (2, -1)] {
        assert_eq!(story.when(refund_part(&[], shipping, goodwill)), Err(Refusal::EmptyRefund));
    }
}

#[test]
fn shipping_and_the_whole_are_bounds_and_their_last_cents_are_reached() {
    let total = Story::at(Status::Delivered).order.totals.total.minor();
    let mut story = Story::at(Status::Delivered);
    assert_eq!(story.when(refund_part(&[], 491, 0)), Err(Refusal::TooMuchShipping { left: left(490) }));
    story = story.given(refund_part(&[], 400, 0));
    assert_eq!(story.when(refund_part(&[], 91, 0)), Err(Refusal::TooMuchShipping { left: left(90) }));
    story = story.given(refund_part(&[], 90, 0));
    let rest = total - 490;
    assert_eq!(story.when(refund_part(&[], 0, rest + 1)), Err(Refusal::RefundTooLarge { left: left(rest) }));
    story = story.given(refund_part(&[], 0, rest - 1));
    assert_eq!(story.when(refund_part(&[units(1, 1)], 0, 0)), Err(Refusal::RefundTooLarge { left: left(1) }));
    story = story.given(refund_part(&[], 0, 1));
    assert_eq!(story.when(refund_part(&[], 0, 1)), Err(Refusal::RefundTooLarge { left: left(0) }));
    assert_eq!(story.promised_back().minor(), total);
}

#[test]
fn only_what_was_paid_for_and_stands_is_given_back_in_part() {
    for status in Status::ALL {
        let mut story = Story::at(status);
        let paid_for = !matches!(status, Status::Draft | Status::Pending | Status::Refunded | Status::Cancelled);
        let answer = story.when(refund_part(&[], 0, 1));
        if paid_for {
            assert_eq!(names(&answer), ["OrderRefundInitiated"], "{status}");
        } else {
            assert_eq!(answer, Err(Refusal::InvalidTransition { from: status, action: Action::Refund }));
        }
    }
}

#[test]
fn the_money_goes_back_to_the_payment_that_pays_for_the_order() {
    let mut story = Story::at(Status::Pending).paid(1).paid(0);
    assert_eq!(story.order.ledger.refunds[0].payment_id, story.order.ledger.payments[0].id, "the second one to arrive");
    let total = story.order.totals.total.minor();
    assert_eq!(story.when(refund_part(&[], 0, total + 1)), Err(Refusal::RefundTooLarge { left: left(total) }));
    story = story.given(refund_part(&[], 0, total));
    assert_eq!(story.order.ledger.refunds[1].payment_id, story.order.ledger.payments[1].id);
}

#[test]
fn a_later_cancel_or_return_gives_back_the_rest_only() {
    let story = Story::at(Status::Processing).given(refund_part(&[units(2, 1)], 490, 0));
    let given = last_amount(&story);
    let cancelled = story.clone().given(cancel());
    assert_eq!(last_amount(&cancelled), cancelled.order.totals.total.minor() - given);
    assert_eq!(cancelled.promised_back(), cancelled.order.totals.total);

    let returned_goods = [returned(1, 1, oms_domain::catalog::stock::Condition::Sellable)];
    let story = story.given(ship_all()).given(deliver()).given(request_return(&[units(1, 1)]));
    let story = story.given(receive(&returned_goods)).given(Command::Refund);
    assert_eq!(last_amount(&story), story.order.totals.total.minor() - given);
    let story = story.refund_completed(0).refund_completed(1);
    assert_eq!((story.order.status, story.order.ledger.status()), (Status::Refunded, PaymentStatus::Refunded));
}

#[test]
fn an_order_given_back_in_parts_before_its_return_is_refunded_when_that_is_over() {
    let total = Story::at(Status::Delivered).order.totals.total.minor();
    let mut story = Story::at(Status::Delivered).given(refund_part(&[], 0, total));
    story = story.given(request_return(&[units(1, 1)]));
    assert_eq!(story.when(Command::Refund), Ok(Decision::AlreadyApplied), "its money is on the way");
    assert_eq!(story.clone().refund_completed(0).order.status, Status::Refunded);

    let mut story = Story::at(Status::Delivered).given(refund_part(&[], 0, total)).refund_completed(0);
    story = story.given(request_return(&[units(1, 1)]));
    assert_eq!(names(&story.when(Command::Refund)), ["OrderRefunded"]);
    assert_eq!(story.order.status, Status::Refunded);
}

#[test]
fn refunds_by_hand_are_bounded_in_number() {
    let mut story = Story::at(Status::Confirmed);
    let total = story.order.totals.total.minor();
    let admin = Caller::Admin("grace".parse().unwrap());
    for _ in 0..MAX_PARTIAL_REFUNDS {
        assert!(story.order.allowed_actions(&admin).contains(&Action::Refund));
        story = story.given(refund_part(&[], 0, 1));
    }
    assert!(story.order.allowed_actions(&admin).contains(&Action::Refund), "all the rest");
    assert_eq!(
        story.when(refund_part(&[], 0, 1)),
        Err(Refusal::TooManyRefunds { most: MAX_PARTIAL_REFUNDS, left: left(total - 50) })
    );
    assert_eq!(story.given(cancel()).order.ledger.refunds.len(), MAX_PARTIAL_REFUNDS + 1, "the rest can go back");
}

#[test]
fn a_share_below_the_smallest_coin_goes_back_without_moving_money() {
    let mut story = Story::of(new_order(vec![line(1, product(1), 3, 0)])).submitted();
    story.order.lines[0].price = Amount::ZERO;
    let mut story = story.given(request("stripe")).paid(0).given(prepare()).given(ship_all()).given(deliver());
    assert_eq!(names(&story.when(refund_part(&[units(1, 1)], 0, 0))), ["OrderRefundInitiated", "OrderRefundCompleted"]);
    assert_eq!((last_amount(&story), story.order.lines[0].refunded), (0, 1));
}

fn free_order() -> NewOrder {
    let mut new = new_order(usual_lines());
    for line in &mut new.lines {
        line.discount = line.subtotal();
        line.tax = Amount::ZERO;
    }
    let discount = new.totals.subtotal;
    new.totals = Totals { subtotal: discount, discount, ..Totals::default() };
    new
}

#[test]
fn a_free_order_is_confirmed_as_it_is_submitted_and_lives_like_any_other() {
    let mut story = Story::of(free_order());
    assert_eq!(names(&story.when(submit(&story.order))), ["OrderSubmitted", "OrderConfirmed"]);
    assert_eq!((story.order.status, story.order.paid_at), (Status::Confirmed, Some(story.now)));
    let pay = Refusal::InvalidTransition { from: Status::Confirmed, action: Action::Pay };
    assert_eq!(story.when(request("stripe")), Err(pay));
    assert_eq!(story.when(refund_part(&[], 0, 1)), Err(Refusal::RefundTooLarge { left: left(0) }));
    assert_eq!(names(&story.clone().when(cancel())), ["OrderCancelled"]);

    let story = story.given(prepare()).given(ship_all()).given(deliver()).given(request_return(&[units(1, 1)]));
    let story = story.given(Command::Refund);
    assert_eq!((story.order.status, story.replayed()), (Status::Refunded, story.order));

    let at_once = Story::of(NewOrder { draft: false, ..free_order() });
    assert_eq!(at_once.timeline(), [Status::Pending, Status::Confirmed]);
}

/// A priced order of one to four lines with a discount and taxes, added or included.
fn priced() -> impl Strategy<Value = NewOrder> {
    let lines = proptest::collection::vec((1_u32..6, 0_i64..5_000), 1..5);
    (lines, 0_i64..1_000, 0_u32..101, any::<bool>(), 0_i64..250).prop_map(|(lines, shipping, off, included, rate)| {
        let mut lines: Vec<Line> = (1_u16..)
            .zip(lines)
            .map(|(number, (quantity, price))| line(number, product(u128::from(number)), quantity, price))
            .collect();
        let subtotals: Vec<Amount> = lines.iter().map(Line::subtotal).collect();
        let whole: Amount = subtotals.iter().copied().sum();
        let discount = whole.times_rate(rust_decimal::Decimal::new(i64::from(off), 2));
        for (line, discount) in lines.iter_mut().zip(discount.allocate(&subtotals)) {
            line.discount = discount;
        }
        let items: Vec<Item<'_>> = lines
            .iter()
            .map(|line| Item {
                quantity: line.quantity,
                price: line.price,
                discount: line.discount,
                tax_class: "standard",
            })
            .collect();
        let shipping = Amount::from_minor(shipping);
        let to = oms_domain::ordering::address::Destination::somewhere_in("DE".into());
        let row = [("standard".to_owned(), rust_decimal::Decimal::new(rate, 3))].into();
        let included = if included {
            std::collections::BTreeSet::from(["DE".to_owned()])
        } else {
            std::collections::BTreeSet::new()
        };
        let taxes = TaxTable { rates: [("DE".to_owned(), row)].into(), included }.assess(&items, shipping, &to);
        let totals = Totals::of(&items, shipping, &taxes);
        for (line, tax) in lines.iter_mut().zip(&taxes.lines) {
            line.tax = *tax;
        }
        NewOrder { totals, draft: false, ..new_order(lines) }
    })
}

/// What an admin gives back next: units of a line, of shipping, of goodwill.
type Step = (Index, u32, i64, i64);

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn units_in_any_parcels_and_any_sequence_come_to_the_line_and_all_of_it_to_the_capture(
        new in priced(), parcels in proptest::collection::vec((any::<Index>(), 1_u32..4), 0..25), first in any::<Index>(),
    ) {
        let mut story = Story::of(new);
        prop_assume!(story.order.status == Status::Pending);
        story = story.given(request("stripe")).paid(0).given(prepare()).given(ship_all()).given(deliver());
        let shipping = story.order.shipping_left();
        prop_assert!(shipping >= Amount::ZERO);
        let turn = first.index(parcels.len() + 1);
        for (place, (index, quantity)) in parcels.iter().enumerate() {
            if place == turn && shipping.is_positive() {
                story = story.given(refund_part(&[], shipping.minor(), 0));
            }
            let line = &story.order.lines[index.index(story.order.lines.len())];
            let parcel = units(line.line, (*quantity).min(line.quantity - line.refunded));
            if parcel.quantity > 0 {
                story = story.given(refund_part(&[parcel], 0, 0));
            }
        }
        for line in story.order.lines.clone() {
            if line.refunded < line.quantity {
                story = story.given(refund_part(&[units(line.line, line.quantity - line.refunded)], 0, 0));
            }
        }
        if story.order.shipping_left().is_positive() {
            let rest = story.order.shipping_left().minor();
            story = story.given(refund_part(&[], rest, 0));
        }
        prop_assert_eq!(story.promised_back(), story.order.ledger.captured());
        prop_assert_eq!(story.order.refundable(), Amount::ZERO);
        for line in &story.order.lines {
            let of_line = |part: &oms_domain::payments::RefundPart| part.lines.iter().any(|units| units.line == line.line);
            let refunds = story.order.ledger.refunds.iter();
            let back: Amount =
                refunds.filter(|refund| refund.part.as_ref().is_some_and(of_line)).map(|refund| refund.amount).sum();
            prop_assert_eq!(back, story.order.worth(line));
        }
    }

    #[test]
    fn never_a_cent_more_and_the_last_cent_is_reached(
        new in priced(), steps in proptest::collection::vec((any::<Index>(), 0_u32..3, 0_i64..400, 0_i64..400), 0..30),
    ) {
        let steps: Vec<Step> = steps;
        let mut story = Story::of(new);
        prop_assume!(story.order.status == Status::Pending);
        story = story.given(request("stripe")).paid(0).given(prepare()).given(ship_all()).given(deliver());
        let total = story.order.totals.total;
        for (index, quantity, shipping, goodwill) in steps {
            let line = story.order.lines[index.index(story.order.lines.len())].line;
            let lines = if quantity > 0 { vec![units(line, quantity)] } else { Vec::new() };
            let refundable = story.order.refundable();
            if let Err(Refusal::RefundTooLarge { left }) = story.when(refund_part(&lines, shipping, goodwill)) {
                prop_assert_eq!(left.amount, refundable);
            }
            prop_assert_eq!(story.order.refundable(), total - story.promised_back());
            prop_assert!(story.promised_back() <= total);
        }
        let rest = story.order.refundable();
        let over = refund_part(&[], 0, (rest + ONE_CENT).minor());
        prop_assert!(story.when(over).is_err());
        if rest.is_positive() {
            story = story.given(refund_part(&[], 0, rest.minor()));
        }
        prop_assert_eq!(story.promised_back(), total);
        let ids: std::collections::BTreeSet<_> = story.order.ledger.refunds.iter().map(|refund| refund.id).collect();
        prop_assert_eq!(ids.len(), story.order.ledger.refunds.len());
        prop_assert_eq!(story.order.id, order_id());
    }
}
