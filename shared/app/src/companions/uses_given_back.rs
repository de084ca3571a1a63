//! An order that is cancelled gives back the uses of promotions that were counted for it, whoever cancels it and whether
//! it was paid or not: nothing of it is with the customer.

use oms_domain::ordering::{CheckoutEvent, Event, Order};

use crate::ordering::promotion_uses::given_back;
use crate::ports::UsageStep;

pub(super) fn of(event: &Event, order: &Order) -> impl Iterator<Item = UsageStep> {
    let cancelled = matches!(event, Event::Checkout(CheckoutEvent::OrderCancelled { .. }));
    order.uses.iter().filter(move |_| cancelled).map(|counted| given_back(counted, &order.user_id))
}
