//! Shipments: what leaves together, what becomes of it, and what that makes of the order (G10, invariant 18).

use oms_domain::fulfilment::{MAX_SHIPMENTS, ShipmentStatus, Tracking};
use oms_domain::ordering::{
    CancelReason, CheckoutEvent, Command, Decision, Event, Order, Refusal, ShipmentStep, Status,
};
use oms_domain::payments::Unshipped;
use proptest::prelude::*;

use crate::support::{
    Story, fail_delivery, leave, line, names, new_order, order_id, plan, prepare, product, refund_units, request,
    ship_all, step, tracking, units, usual_lines,
};

fn two_sellers() -> Story {
    let mut lines = usual_lines();
    lines[1].seller_id = "contoso-toys".parse().unwrap();
    Story::of(new_order(lines)).submitted().given(request("stripe")).paid(0)
}

fn stands(story: &Story, number: u16) -> ShipmentStatus {
    story.order.shipment(number).unwrap().status
}

fn statuses(order: &Order) -> Vec<&'static str> {
    order.shipments.iter().map(|shipment| shipment.status.name()).collect()
}

#[test]
fn g10_beginning_an_order_plans_a_shipment_for_each_seller() {
    let story = two_sellers().given(prepare());
    let sellers = story.order.shipments.iter().map(|shipment| shipment.seller_id.as_ref().unwrap().as_str());
    assert_eq!(sellers.collect::<Vec<_>>(), ["northwind-books", "contoso-toys"]);
    assert_eq!(story.order.shipment(1).unwrap().lines, [units(1, 2), units(3, 3)]);
    assert_eq!(story.order.shipment(2).unwrap().lines, [units(2, 1)]);
    assert_eq!(story.order.unplanned(&story.order.lines[0]), 0);
}

#[test]
fn g10_shipments_leave_and_arrive_by_themselves_and_the_order_follows() {
    let mut story = two_sellers().given(prepare()).given(step(1, ShipmentStep::Pack)).given(leave(1));
    assert_eq!((story.order.status, stands(&story, 1)), (Status::Processing, ShipmentStatus::Shipped));
    assert_eq!(names(&story.when(step(1, ShipmentStep::Deliver))), ["OrderShipmentDelivered"]);
    assert_eq!(story.order.status, Status::Processing, "half of it is on its way");
    let mut story = story.given(leave(2));
    assert_eq!(story.order.status, Status::Shipped);
    assert_eq!(names(&story.when(step(2, ShipmentStep::Deliver))), ["OrderDelivered"]);
    assert_eq!((story.order.status, statuses(&story.order)), (Status::Delivered, vec!["delivered", "delivered"]));
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn g10_a_step_that_was_taken_is_taken() {
    let planned = two_sellers().given(prepare());
    let left = planned.clone().given(leave(1));
    let failed = left.clone().given(step(1, ShipmentStep::Fail));
    let cases = [
        ("pack", planned.clone().given(step(1, ShipmentStep::Pack)), step(1, ShipmentStep::Pack)),
        ("ship", left.clone(), leave(1)),
        ("fail", failed.clone(), step(1, ShipmentStep::Fail)),
        ("come back", failed.clone().given(step(1, ShipmentStep::ComeBack)), step(1, ShipmentStep::ComeBack)),
        ("lose", failed.given(step(1, ShipmentStep::Lose)), step(1, ShipmentStep::Lose)),
        ("deliver", left.clone().given(step(1, ShipmentStep::Deliver)), step(1, ShipmentStep::Deliver)),
        ("cancel", planned.given(step(1, ShipmentStep::Cancel)), step(1, ShipmentStep::Cancel)),
        ("track", left, step(1, ShipmentStep::Track { parcels: vec![tracking()], tell: true })),
    ];
    for (what, mut story, command) in cases {
        assert_eq!(story.when(command), Ok(Decision::AlreadyApplied), "{what}");
    }
}

#[test]
fn g10_a_shipment_that_is_given_up_leaves_its_units_to_the_order() {
    let mut story = two_sellers().given(prepare()).given(step(1, ShipmentStep::Cancel));
    assert_eq!(story.stock_of(1).reserved, 5, "nothing is set free");
    assert_eq!(story.order.unplanned(&story.order.lines[0]), 2);
    assert_eq!(story.when(leave(1)), Err(Refusal::ShipmentStands { from: ShipmentStatus::Cancelled, action: "ship" }));
    let story =
        story.given(plan(&[units(1, 1)])).given(plan(&[units(1, 1), units(3, 3)])).given(leave(3)).given(leave(4));
    assert_eq!((story.order.status, story.order.to_ship()), (Status::Processing, 1));
}

#[test]
fn g10_units_are_planned_once() {
    let mut story = two_sellers();
    assert_eq!(names(&story.when(plan(&[units(1, 1)]))), ["OrderProcessingStarted", "OrderShipmentPlanned"]);
    let refused = [
        (plan(&[units(1, 2)]), Refusal::TooManyUnits { line: 1, left: 1 }),
        (plan(&[units(9, 1)]), Refusal::UnknownLine(9)),
        (plan(&[]), Refusal::NothingNamed),
        (plan(&[units(2, 1), units(2, 1)]), Refusal::TooManyUnits { line: 2, left: 1 }),
        (step(7, ShipmentStep::Pack), Refusal::UnknownShipment),
        (step(1, ShipmentStep::Ship { parcels: Vec::new() }), Refusal::ParcelCount(20)),
        (
            step(1, ShipmentStep::Track { parcels: vec![tracking()], tell: false }),
            Refusal::ShipmentStands { from: ShipmentStatus::Planned, action: "track" },
        ),
    ];
    for (command, refusal) in refused {
        assert_eq!(story.when(command), Err(refusal));
    }
}

#[test]
fn g10_the_number_of_shipments_is_bounded() {
    let mut story = two_sellers().given(plan(&[units(1, 1)]));
    for number in 1..MAX_SHIPMENTS {
        let number = u16::try_from(number).unwrap();
        story = story.given(step(number, ShipmentStep::Cancel)).given(plan(&[units(1, 1)]));
    }
    assert_eq!(story.when(plan(&[units(1, 1)])), Err(Refusal::TooManyShipments(MAX_SHIPMENTS)));
}

#[test]
fn g10_the_short_way_takes_up_what_was_planned() {
    let story = two_sellers().given(prepare()).given(ship_all());
    assert_eq!((story.order.status, statuses(&story.order)), (Status::Shipped, vec!["shipped", "cancelled"]));
    assert_eq!(story.order.shipment(1).unwrap().lines.len(), 3, "one parcel is one shipment");
}

#[test]
fn g10_a_parcel_that_was_refused_comes_back_ships_again_or_its_money_goes_back() {
    let failed = two_sellers().given(prepare()).given(leave(1)).given(leave(2)).given(step(2, ShipmentStep::Fail));
    assert_eq!(failed.order.status, Status::Shipped, "the carrier has it still");
    let again = failed.clone().given(step(2, ShipmentStep::Deliver)).given(step(1, ShipmentStep::Deliver));
    assert_eq!(again.order.status, Status::Delivered);

    let back = failed.given(step(2, ShipmentStep::ComeBack));
    assert_eq!((back.order.status, back.stock_of(2).reserved), (Status::Processing, 1));
    let sent_again = back.clone().given(plan(&[units(2, 1)])).given(leave(3));
    assert_eq!(sent_again.order.status, Status::Shipped);

    let mut refunded = back.given(step(1, ShipmentStep::Deliver));
    let answer = refunded.when(refund_units(&[units(2, 1)], Unshipped::Restock));
    assert_eq!(names(&answer), ["OrderRefundInitiated", "OrderDelivered"], "all that will come has come");
    assert_eq!((refunded.order.status, refunded.stock_of(2).available), (Status::Delivered, 1_000));
}

#[test]
fn g10_the_short_way_back_is_for_what_is_with_carriers() {
    let story = two_sellers().given(prepare()).given(leave(1)).given(step(1, ShipmentStep::Deliver)).given(leave(2));
    let story = story.given(fail_delivery());
    assert_eq!((story.order.status, statuses(&story.order)), (Status::Processing, vec!["delivered", "returned"]));
    assert_eq!((story.stock_of(1).shipped, story.stock_of(2).reserved), (5, 1));
}

#[test]
fn g10_what_is_lost_is_replaced_from_stock_once() {
    let mut story = two_sellers().given(prepare()).given(leave(1)).given(leave(2)).given(step(2, ShipmentStep::Lose));
    assert_eq!((story.order.status, story.order.lines[1].lost), (Status::Processing, 1));
    assert_eq!(story.stock_of(2).reserved, 0, "nothing of it is in stock");
    assert_eq!(story.when(plan(&[units(2, 1)])), Err(Refusal::TooManyUnits { line: 2, left: 0 }));
    let story = story.given(step(2, ShipmentStep::Replace));
    assert_eq!((story.order.lines[1].lost, story.stock_of(2).reserved, story.stock_of(2).available), (0, 1, 998));
    let mut story = story;
    assert_eq!(story.order.shipment(2).unwrap().replaced_by, Some(3));
    assert_eq!(story.when(step(2, ShipmentStep::Replace)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.when(step(2, ShipmentStep::Deliver)), Err(Refusal::NothingLost), "it was made good");
    let story = story.given(leave(3)).given(step(1, ShipmentStep::Deliver)).given(step(3, ShipmentStep::Deliver));
    assert_eq!(
        (story.order.status, statuses(&story.order)),
        (Status::Delivered, vec!["delivered", "lost", "delivered"])
    );
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn g10_what_was_lost_may_arrive_after_all() {
    let story = two_sellers().given(prepare()).given(leave(1)).given(leave(2)).given(step(1, ShipmentStep::Deliver));
    let mut story = story.given(step(2, ShipmentStep::Lose));
    assert_eq!(names(&story.when(step(2, ShipmentStep::Deliver))), ["OrderShipmentDelivered", "OrderDelivered"]);
    assert_eq!((story.order.status, story.order.lines[1].lost), (Status::Delivered, 0));
}

#[test]
fn g10_money_for_what_was_lost_moves_no_stock() {
    let story = two_sellers().given(prepare()).given(leave(1)).given(leave(2)).given(step(1, ShipmentStep::Deliver));
    let mut story = story.given(step(2, ShipmentStep::Lose));
    let answer = story.when(refund_units(&[units(2, 1)], Unshipped::Restock));
    assert_eq!(names(&answer), ["OrderRefundInitiated", "OrderDelivered"]);
    assert_eq!((story.stock_of(2).available, story.stock_of(2).shipped), (999, 1));
    assert_eq!(story.when(step(2, ShipmentStep::Replace)), Err(Refusal::NothingLost));
}

#[test]
fn g10_an_order_of_which_all_was_lost_and_given_back_is_cancelled() {
    let story = Story::at(Status::Processing).given(ship_all()).given(step(1, ShipmentStep::Lose));
    let mut story = story;
    let all: Vec<_> = story.order.lines.iter().map(|line| units(line.line, line.quantity)).collect();
    story.when(refund_units(&all, Unshipped::Restock)).unwrap();
    assert_eq!((story.order.status, story.stock_of(1).available), (Status::Cancelled, 995));
    let last = story.records().into_iter().rev().find_map(|record| match record.event {
        Event::Checkout(CheckoutEvent::OrderCancelled { reason, .. }) => Some(reason),
        _ => None,
    });
    assert_eq!(last, Some(CancelReason::Refunded));
}

#[test]
fn g10_money_that_goes_back_takes_units_out_of_plans_the_youngest_first() {
    let story = two_sellers().given(plan(&[units(1, 1)])).given(plan(&[units(1, 1), units(3, 1)]));
    let packed = story.given(step(1, ShipmentStep::Pack)).given(step(2, ShipmentStep::Pack));
    let story = packed.given(refund_units(&[units(1, 1)], Unshipped::Restock));
    assert_eq!(story.order.shipment(2).unwrap().lines, [units(3, 1)]);
    assert_eq!((stands(&story, 1), stands(&story, 2)), (ShipmentStatus::Packed, ShipmentStatus::Planned));
    let story = story.given(refund_units(&[units(1, 1)], Unshipped::Damaged));
    assert_eq!(stands(&story, 1), ShipmentStatus::Cancelled, "nothing is left in it");
}

#[test]
fn g10_tracking_is_corrected_on_record() {
    let story = Story::at(Status::Shipped);
    let other = Tracking::checked("UPS", "1Z999AA10123456784").unwrap();
    let story = story.given(step(1, ShipmentStep::Track { parcels: vec![other.clone(), tracking()], tell: true }));
    assert_eq!(story.order.shipment(1).unwrap().parcels, [other, tracking()]);
    assert_eq!(story.order.status, Status::Shipped);
}

/// Anything that anybody might try with shipments.
fn anything() -> impl Strategy<Value = Command> {
    let parcel = |number: u8| Tracking::checked("DHL", &format!("JD{number}")).unwrap();
    let steps = prop_oneof![
        3 => Just(ShipmentStep::Pack),
        6 => (1_u8..3).prop_map(move |count| ShipmentStep::Ship { parcels: (0..count).map(parcel).collect() }),
        1 => Just(ShipmentStep::Track { parcels: vec![tracking()], tell: true }),
        4 => Just(ShipmentStep::Deliver),
        2 => Just(ShipmentStep::Fail),
        2 => Just(ShipmentStep::ComeBack),
        2 => Just(ShipmentStep::Lose),
        2 => Just(ShipmentStep::Replace),
        2 => Just(ShipmentStep::Cancel),
    ];
    let refunds = prop_oneof![Just(Unshipped::Ship), Just(Unshipped::Restock), Just(Unshipped::Damaged)];
    prop_oneof![
        8 => (1_u16..6, steps).prop_map(|(number, way)| step(number, way)),
        4 => (1_u16..4, 1_u32..3).prop_map(|(line, quantity)| plan(&[units(line, quantity)])),
        1 => Just(prepare()),
        1 => Just(ship_all()),
        1 => Just(fail_delivery()),
        2 => (1_u16..4, 1_u32..3, refunds).prop_map(|(line, quantity, way)| refund_units(&[units(line, quantity)], way)),
    ]
}

proptest! {
    /// Whatever happens in whatever order: stock adds up, no unit ships that was not bought, was refunded or is lost, the order's
    /// status follows, and the events make the state (checked by the story after every change).
    #[test]
    fn g10_shipments_add_up_whatever_happens_to_them(commands in proptest::collection::vec(anything(), 1..40)) {
        let mut story = two_sellers();
        for command in commands {
            let _ = story.when(command);
            let order = &story.order;
            for line in &order.lines {
                prop_assert!(line.shipped + line.withdrawn + line.lost <= line.quantity);
            }
            let under_way = order.shipments.iter().any(|shipment| shipment.status.is_under_way());
            let outstanding = order.outstanding() > 0;
            match order.status {
                Status::Shipped => prop_assert!(under_way && !outstanding),
                Status::Delivered => prop_assert!(!under_way && !outstanding),
                Status::Processing => prop_assert!(outstanding),
                _ => {}
            }
        }
        prop_assert_eq!(story.replayed(), story.order.clone());
        let text = serde_json::to_string(&story.order).unwrap();
        prop_assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), story.order);
    }
}

#[test]
fn one_line_ships_in_as_many_parcels_as_it_has_units() {
    let story = Story::of(new_order(vec![line(1, product(1), 3, 1_990)])).submitted().given(request("stripe")).paid(0);
    let story = story.given(plan(&[units(1, 1)])).given(plan(&[units(1, 1)])).given(plan(&[units(1, 1)]));
    let story = story.given(leave(1)).given(leave(2));
    assert_eq!((story.order.status, story.order.id), (Status::Processing, order_id()));
    assert_eq!(story.given(leave(3)).order.status, Status::Shipped);
}
