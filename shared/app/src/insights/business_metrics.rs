//! The figures by which a business knows itself (P4): `orders_created_total`, `orders_completed_total`,
//! `orders_cancelled_total`, `order_processing_duration`, `order_value`; `active_orders` is counted by
//! [`crate::insights::count_orders`].
//!
//! They follow from committed events and not from requests, so a repeated request counts nothing and a deadline counts
//! like a click. [`crate::platform::relay`] tells an event's figures when the stream will not deliver it again: once per event,
//! unless the function dies in the instant between telling and answering.

use oms_domain::ids::OrderId;
use oms_domain::money::Money;
use oms_domain::ordering::{CheckoutEvent, Event, Record, ShipmentEvent};
use rust_decimal::Decimal;

use crate::ports::{Line, Unit};

/// What an event says about the business; most say nothing.
pub fn of(order_id: OrderId, record: &Record) -> Option<Line> {
    let line = |message| Line::new(message).fact("correlation_id", &record.correlation_id).fact("order_id", &order_id);
    #[allow(clippy::wildcard_enum_match_arm, reason = "an event counts only where a requirement names its figure")]
    match &record.event {
        Event::Checkout(CheckoutEvent::OrderCreated { currency, totals, .. }) => {
            let value: Decimal = Money::new(totals.total, *currency).decimal().parse().ok()?;
            let created = line("order created").fact("currency", currency.code());
            let created = created.figure("orders_created_total", Unit::Count, 1);
            Some(created.figure("order_value", Unit::None, value).by(&["currency"]))
        }
        Event::Shipment(ShipmentEvent::OrderDelivered { paid_at, .. }) => {
            let completed = line("order completed").figure("orders_completed_total", Unit::Count, 1);
            let seconds = paid_at.map(|paid_at| record.at.duration_since(paid_at).as_secs().max(0));
            Some(match seconds {
                Some(seconds) => completed.figure("order_processing_duration", Unit::Seconds, seconds),
                None => completed,
            })
        }
        Event::Checkout(CheckoutEvent::OrderCancelled { reason, .. }) => {
            let cancelled = line("order cancelled").fact("reason", reason.name());
            Some(cancelled.figure("orders_cancelled_total", Unit::Count, 1))
        }
        _ => None,
    }
}
