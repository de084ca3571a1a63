//! An order that is cancelled unpaid gives back the uses of promotions that were counted for it.

use oms_domain::ordering::{CheckoutEvent, Event, Order};

use crate::ordering::promotion_uses::given_back;
use crate::ports::UsageStep;

pub(super) fn of(event: &Event, order: &Order) -> impl Iterator<Item = UsageStep> {
    let comes_to_nothing =
        matches!(event, Event::Checkout(CheckoutEvent::OrderCancelled { .. })) && order.paid_at.is_none();
    order.uses.iter().filter(move |_| comes_to_nothing).map(|counted| given_back(counted, &order.user_id))
}
