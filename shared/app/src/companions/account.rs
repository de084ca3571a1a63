//! What a change asks of its customer's account (A12, A22): who orders must be in good standing and within their limits,
//! and an order that waits for its payment is one of the few that they may have.
//!
//! Whether an order waits is read off the order before and after, not off the events: whatever ends the waiting gives the
//! place back.

use oms_domain::ordering::{ChangeEvent, CheckoutEvent, Event, Order, PaymentEvent, Status};

use crate::customers::limits::Held;
use crate::ports::{AccountStep, OpenOrder};

pub(super) fn of(before: Option<&Order>, events: &[Event], order: &Order, held: &Held) -> Option<AccountStep> {
    let any = |wanted: &dyn Fn(&Event) -> bool| events.iter().any(wanted);
    let orders = any(&|event| {
        matches!(event, Event::Checkout(CheckoutEvent::OrderCreated { .. } | CheckoutEvent::OrderSubmitted { .. }))
    });
    // What is added to an order is ordered, too.
    let adds = any(&|event| {
        let Event::Change(
            ChangeEvent::OrderChanged { revision, .. } | ChangeEvent::OrderChangeOffered { revision, .. },
        ) = event
        else {
            return false;
        };
        let known = |line: u16| before.is_some_and(|before| before.lines.iter().any(|own| own.line == line));
        order.status != Status::Draft && revision.terms.lines.iter().any(|line| !known(line.line))
    });
    let pays = any(&|event| matches!(event, Event::Payment(PaymentEvent::OrderPaymentRequested { .. })));
    let waits = |order: &Order| order.status == Status::Pending;
    let open = match (before.is_some_and(waits), waits(order)) {
        (false, true) => held.open_orders.map(|most| OpenOrder::Begins { most }),
        (true, false) => Some(OpenOrder::Ends),
        (true, true) | (false, false) => None,
    };
    let counts = if orders { held.orders } else { held.payments.filter(|_| pays) };
    let step = AccountStep {
        user_id: order.user_id.clone(),
        in_good_standing: orders || adds,
        open,
        counts,
        needs: held.codes.filter(|_| orders),
    };
    (orders || adds || open.is_some() || counts.is_some()).then_some(step)
}
