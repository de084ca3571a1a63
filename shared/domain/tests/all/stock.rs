//! What the life of an order does to stock (DESIGN §5). That reservations follow the status and no counter becomes
//! negative is checked by the story itself after every change.

use crate::support::{
    STOCKED_UNITS, Story, cancel, deliver, fail_delivery, product, receive, request_return, returned, ship, ship_all,
    units,
};
use oms_domain::catalog::stock::{Condition, Counter, MoveKind, Stock, StockMove};
use oms_domain::fulfilment::{Shipment, ShipmentStatus};
use oms_domain::ordering::{CancelReason, CheckoutEvent, Command, Event, HOLD_MINUTES, Status};

/// Counters of product 1, of which the usual order has 2 + 3 units.
fn counters(story: &Story) -> (u32, u32, u32) {
    let stock = story.stock_of(1);
    (stock.available, stock.reserved, stock.shipped)
}

#[test]
fn an_order_reserves_on_submit_and_consumes_on_shipment() {
    assert_eq!(counters(&Story::draft()), (1_000, 0, 0));
    assert_eq!(counters(&Story::at(Status::Pending)), (995, 5, 0));
    assert_eq!(counters(&Story::at(Status::Confirmed)), (995, 5, 0), "paying moves nothing");
    assert_eq!(counters(&Story::at(Status::Shipped)), (995, 0, 5));
    assert_eq!(counters(&Story::at(Status::Delivered)), (995, 0, 5));
}

#[test]
fn what_never_ships_becomes_available_again() {
    let expired = Story::at(Status::Pending).after_minutes(HOLD_MINUTES).given(Command::Expire);
    for story in [
        Story::draft().given(cancel()),
        Story::at(Status::Cancelled),
        expired,
        Story::at(Status::Confirmed).given(cancel()),
        Story::at(Status::Processing).given(cancel()),
    ] {
        assert!(story.stock.values().all(|stock| *stock == Stock::received(STOCKED_UNITS)), "{:?}", story.stock);
    }
}

#[test]
fn money_that_comes_too_late_moves_no_stock() {
    let story = Story::at(Status::Cancelled).paid(0).refund_completed(0);
    assert_eq!(counters(&story), (1_000, 0, 0));
}

#[test]
fn a_part_that_ships_leaves_the_rest_reserved() {
    let story = Story::at(Status::Processing).given(ship(&[units(1, 1), units(3, 2)]));
    assert_eq!(counters(&story), (995, 2, 3));
    assert_eq!(counters(&story.given(ship_all())), (995, 0, 5));
}

#[test]
fn a_failed_delivery_puts_everything_back_and_it_ships_again() {
    let story = Story::at(Status::Processing).given(ship(&[units(1, 1)])).given(ship_all()).given(fail_delivery());
    assert_eq!(counters(&story), (995, 5, 0));
    assert!(story.order.shipments.iter().all(|shipment| shipment.status == ShipmentStatus::Returned));

    let story = story.given(ship_all()).given(deliver());
    assert_eq!(counters(&story), (995, 0, 5));
    let arrived = |shipment: &&Shipment| shipment.status == ShipmentStatus::Delivered;
    assert_eq!(story.order.shipments.iter().filter(arrived).count(), 1);
}

#[test]
fn an_order_that_came_back_may_be_cancelled() {
    let story = Story::at(Status::Shipped).given(fail_delivery()).given(cancel());
    assert_eq!(counters(&story), (1_000, 0, 0));
}

#[test]
fn returned_goods_are_sold_again_if_they_can_be() {
    let story = Story::at(Status::Delivered).given(request_return(&[units(1, 2), units(3, 3)])).given(receive(&[
        returned(1, 2, Condition::Sellable),
        returned(3, 1, Condition::Sellable),
        returned(3, 2, Condition::Damaged),
    ]));
    let expected = Stock { available: 998, damaged: 2, shipped: 5, returned: 5, ..Stock::received(STOCKED_UNITS) };
    assert_eq!(story.stock_of(1), expected);
}

#[test]
fn lines_of_one_product_move_as_one() {
    let lines_moved = |kind, quantity| StockMove { product_id: product(1), kind, quantity };
    let story = Story::draft();
    let submitted = oms_domain::ordering::Event::Checkout(oms_domain::ordering::CheckoutEvent::OrderSubmitted {
        total: story.order.totals.total,
        reservation_expires_at: story.now,
        terms: None,
    });
    let moves = oms_domain::ordering::moves(&story.order, &submitted);
    let other = StockMove { product_id: product(2), kind: MoveKind::Reserve, quantity: 1 };
    assert_eq!(moves, [lines_moved(MoveKind::Reserve, 5), other]);
}

#[test]
fn every_kind_of_move_keeps_the_books_balanced_and_refuses_to_go_below_zero() {
    let rich = Stock {
        available: 5,
        reserved: 5,
        on_hold: 1,
        damaged: 1,
        shipped: 5,
        returned: 0,
        received: 18,
        written_off: 1,
    };
    for kind in [
        MoveKind::Reserve,
        MoveKind::ReserveAgain,
        MoveKind::Release,
        MoveKind::Consume,
        MoveKind::PutBack,
        MoveKind::Restock(Condition::Sellable),
        MoveKind::Restock(Condition::Damaged),
    ] {
        let change = |quantity| StockMove { product_id: product(1), kind, quantity };
        assert!(rich.after(&change(5)).unwrap().is_balanced(), "{kind:?}");
        let takes = change(6).deltas().iter().any(|(_, delta)| *delta < 0);
        assert_eq!(rich.after(&change(6)).is_none(), takes, "{kind:?}");
        assert_eq!(rich.after(&change(u32::MAX)), None, "{kind:?}");
    }
}

#[test]
fn counters_are_stored_under_the_names_of_the_fields() {
    let stored = serde_json::to_value(Stock::default()).unwrap();
    for counter in [Counter::Available, Counter::Reserved, Counter::Damaged, Counter::Shipped, Counter::Returned] {
        assert!(stored.get(counter.name()).is_some(), "{}", counter.name());
    }
}

/// No command cancels an order of which a part has shipped. Should an event ever say so, what left the house stays out.
#[test]
fn only_what_is_still_here_is_released() {
    let story = Story::at(Status::Processing).given(ship(&[units(1, 1), units(2, 1), units(3, 2)]));
    let cancelled = Event::Checkout(CheckoutEvent::OrderCancelled { reason: CancelReason::AdminDecision, note: None });
    let moves = oms_domain::ordering::moves(&story.order, &cancelled);
    assert_eq!(moves, [StockMove { product_id: product(1), kind: MoveKind::Release, quantity: 2 }]);
}
