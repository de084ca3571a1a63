//! Only customers in good standing create and submit orders (A12).

use oms_domain::ordering::{CheckoutEvent, Event, Order};

use crate::ports::GoodStanding;

pub(super) fn of(events: &[Event], order: &Order) -> Option<GoodStanding> {
    let wants = |event: &Event| {
        matches!(event, Event::Checkout(CheckoutEvent::OrderCreated { .. } | CheckoutEvent::OrderSubmitted { .. }))
    };
    events.iter().any(wants).then(|| GoodStanding(order.user_id.clone()))
}
