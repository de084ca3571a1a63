//! Units that are taken out of a paid order before they leave (C9).

use crate::support::{
    Story, ask_for_label, bought_label, cancel_lines, deliver, label_order, leave, line, names, new_order, plan,
    prepare, product, refund_part, refund_units, request, request_review, ship, step, submit, units, usual_lines,
};
use oms_domain::access::Operation;
use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::fulfilment::{LineQuantity, ShipmentStatus};
use oms_domain::money::Amount;
use oms_domain::ordering::{Action, Command, LabelAnswer, Line, NewOrder, Refusal, ShipmentStep, Status};
use oms_domain::payments::{RefundReason, Unshipped};
use oms_domain::pricing::Totals;

/// Three units of one product at 10.00 and two of another at 7.00, paid.
fn paid() -> Story {
    let lines = vec![line(1, product(1), 3, 1_000), line(2, product(2), 2, 700)];
    Story::of(NewOrder { draft: false, ..new_order(lines) }).given(request("stripe")).paid(0)
}

fn gone_back(story: &Story) -> Vec<i64> {
    story.order.ledger.refunds.iter().map(|refund| refund.amount.minor()).collect()
}

fn reserved(story: &Story) -> [u32; 2] {
    [1, 2].map(|number| story.stock_of(number).reserved)
}

#[test]
fn c9_cancelled_units_go_back_at_what_they_cost_and_the_rest_ships() {
    for status in [Status::Confirmed, Status::Processing] {
        let mut story = if status == Status::Confirmed { paid() } else { paid().given(prepare()) };
        let share = |line: &Line, units: &[i64]| {
            let units: Vec<Amount> = units.iter().copied().map(Amount::from_minor).collect();
            paid().order.worth(line).allocate(&units)[0]
        };
        let worth = share(&story.order.lines[0], &[1, 2]) + share(&story.order.lines[1], &[1, 1]);
        let answer = story.when(cancel_lines(&[units(1, 1), units(2, 1)]));
        assert_eq!(names(&answer), ["OrderLinesCancelled", "OrderRefundInitiated"]);
        assert_eq!(story.order.status, status);
        assert_eq!(reserved(&story), [2, 1], "their stock is free");
        let refund = &story.order.ledger.refunds[0];
        assert_eq!(
            (refund.reason, refund.part.as_ref().map(|part| part.shipping)),
            (RefundReason::Partial, Some(Amount::ZERO))
        );
        assert_eq!(refund.amount, worth);
        let counted = story.order.lines.iter().map(|line| (line.withdrawn, line.refunded)).collect::<Vec<_>>();
        assert_eq!(counted, [(1, 1), (1, 1)]);
        let story = if status == Status::Confirmed { story.given(prepare()) } else { story };
        let story = story.given(leave(1)).given(deliver());
        assert_eq!((story.order.status, reserved(&story)), (Status::Delivered, [0, 0]));
        assert_eq!(story.order.lines[0].shipped, 2);
    }
}

#[test]
fn c9_whoever_cancels_all_that_is_left_cancels_the_order() {
    let mut story = paid().given(cancel_lines(&[units(1, 2)]));
    let all = story.order.totals.total.minor();
    let answer = story.when(cancel_lines(&[units(1, 1), units(2, 2)]));
    assert_eq!(names(&answer), ["OrderCancelled", "OrderRefundInitiated"]);
    assert_eq!((story.order.status, reserved(&story)), (Status::Cancelled, [0, 0]));
    assert_eq!(gone_back(&story).iter().sum::<i64>(), all, "shipping goes back with the last of it");
}

#[test]
fn c9_of_a_part_that_has_left_nothing_can_be_cancelled_and_the_rest_ends_it() {
    let story = paid().given(prepare()).given(ship(&[units(1, 2)]));
    let refused = Err(Refusal::TooManyUnits { line: 1, left: 1 });
    assert_eq!(story.clone().when(cancel_lines(&[units(1, 2)])), refused);
    let mut story = story;
    let answer = story.when(cancel_lines(&[units(1, 1), units(2, 2)]));
    assert_eq!(names(&answer), ["OrderLinesCancelled", "OrderRefundInitiated"]);
    assert_eq!((story.order.status, reserved(&story)), (Status::Shipped, [0, 0]));
    assert_eq!(story.order.shipping_left().minor(), 490, "what was sent was sent");
    assert_eq!(story.given(deliver()).order.status, Status::Delivered);
}

#[test]
fn c9_a_review_of_what_is_taken_out_is_over() {
    let story = paid().given(prepare()).given(ship(&[units(1, 2)])).given(request_review());
    let rest = [units(1, 1), units(2, 2)];
    let by_refund = refund_units(&rest, Unshipped::Restock);
    for last in [cancel_lines(&rest), by_refund] {
        let story = story.clone().given(last);
        assert_eq!(
            (story.order.status, &story.order.review),
            (Status::Shipped, &None),
            "nothing is left to be kept back"
        );
    }
}

#[test]
fn c9_what_is_packed_stays_in() {
    let story = paid().given(plan(&[units(1, 2)])).given(step(1, ShipmentStep::Pack));
    assert_eq!(story.clone().when(cancel_lines(&[units(1, 2)])), Err(Refusal::TooManyUnits { line: 1, left: 1 }));
    let story = story.given(cancel_lines(&[units(1, 1)]));
    assert_eq!(story.order.shipment(1).unwrap().lines, [units(1, 2)]);
    assert_eq!(story.order.shipment(1).unwrap().status, ShipmentStatus::Packed, "nobody packs it again");
    // Planned units give way before packed ones, however young those are.
    let later = paid().given(plan(&[units(1, 1)])).given(plan(&[units(1, 2)])).given(step(2, ShipmentStep::Pack));
    let later = later.given(cancel_lines(&[units(1, 1)]));
    let stands = later.order.shipments.iter().map(|own| (own.status, own.units_of(1))).collect::<Vec<_>>();
    assert_eq!(stands, [(ShipmentStatus::Cancelled, 0), (ShipmentStatus::Packed, 2)]);
    let story = story.given(step(1, ShipmentStep::Cancel)).given(cancel_lines(&[units(1, 1)]));
    assert_eq!(reserved(&story), [1, 2], "unpacked, it can go");
}

#[test]
fn c9_a_shipment_with_nothing_left_in_it_is_given_up_and_its_label_goes_back() {
    let story = paid().given(plan(&[units(1, 3)])).given(plan(&[units(2, 2)])).given(ask_for_label(2));
    let label_id = story.order.shipment(2).unwrap().labels[0].id;
    let answer = LabelAnswer::Bought(bought_label(label_id));
    let story = story.given(Command::RecordLabel { shipment: 2, label_id, label: label_order(), answer });
    let story = story.given(cancel_lines(&[units(2, 1)]));
    assert_eq!(story.order.shipment(2).unwrap().lines, [units(2, 1)]);
    let story = story.given(cancel_lines(&[units(2, 1)]));
    let shipment = story.order.shipment(2).unwrap();
    assert_eq!((shipment.status, shipment.labels[0].status), (ShipmentStatus::Cancelled, LabelStatus::Voiding));
    assert_eq!(story.order.shipment(1).unwrap().lines, [units(1, 3)]);
}

#[test]
fn c9_units_are_named_once_and_are_there() {
    let story = paid().given(refund_part(&[units(1, 1)], 0, 0)).given(refund_units(&[units(2, 1)], Unshipped::Damaged));
    let refused = |parts: &[LineQuantity]| story.clone().when(cancel_lines(parts)).unwrap_err();
    let too_many = |line, left| Refusal::TooManyUnits { line, left };
    assert_eq!(refused(&[]), Refusal::NothingNamed);
    assert_eq!(refused(&[units(1, 0)]), too_many(1, 2));
    assert_eq!(refused(&[units(1, 3)]), too_many(1, 2), "one has its money back, and ships all the same");
    assert_eq!(refused(&[units(2, 2)]), too_many(2, 1));
    assert_eq!(refused(&[units(1, 1), units(1, 1)]), too_many(1, 2));
    assert_eq!(refused(&[units(9, 1)]), Refusal::UnknownLine(9));
}

#[test]
fn c9_before_the_payment_and_after_the_door_nothing_is_cancelled_in_part() {
    for status in Status::ALL {
        let may = matches!(status, Status::Confirmed | Status::Processing);
        let answer = Story::at(status).when(cancel_lines(&[units(1, 1)]));
        let refused = Err(Refusal::InvalidTransition { from: status, action: Action::CancelLines });
        assert_eq!(answer == refused, !may, "{status}: {answer:?}");
        let owner = oms_domain::actor::Caller::Customer(Story::at(status).order.user_id.clone());
        assert_eq!(Story::at(status).order.allowed_actions(&owner).contains(&Action::CancelLines), may, "{status}");
        assert!(Operation::CancelOrder.permits(&owner, &Story::at(status).order).is_ok());
    }
}

#[test]
fn c9_a_free_order_loses_units_and_no_money() {
    let mut new = new_order(usual_lines());
    for line in &mut new.lines {
        line.discount = line.subtotal();
        line.tax = Amount::ZERO;
    }
    let discount = new.totals.subtotal;
    new.totals = Totals { subtotal: discount, discount, ..Totals::default() };
    let mut story = Story::of(new);
    story = story.clone().given(submit(&story.order));
    assert_eq!(names(&story.when(cancel_lines(&[units(1, 1)]))), ["OrderLinesCancelled"]);
    assert_eq!((story.order.status, story.order.ledger.refunds.len()), (Status::Confirmed, 0));
    let rest = story.order.lines.iter().map(|line| units(line.line, line.to_ship())).filter(|part| part.quantity > 0);
    let rest: Vec<LineQuantity> = rest.collect();
    assert_eq!(names(&story.when(cancel_lines(&rest))), ["OrderCancelled"]);
}

#[test]
fn c9_money_that_went_back_by_hand_goes_back_once() {
    let story = paid();
    let all = story.order.totals.total.minor();
    let story = story.given(refund_part(&[], 0, all - 300));
    let story = story.given(cancel_lines(&[units(1, 1)]));
    assert_eq!(gone_back(&story).iter().sum::<i64>(), all, "as far as it is there");
    assert_eq!(story.order.status, Status::Cancelled, "and of nothing that is left nothing ships");
}
