//! What no type holds is asserted of every change: events that `decide` would not have answered are refused loudly.

#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::{Story, new_order, order_id, provenance, start, tracking, units, usual_lines};
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::Amount;
use oms_domain::ordering::{Change, Event, PaymentEvent, RefundEvent, ReturnEvent, ShipmentEvent, Status, create};
use oms_domain::payments::RefundReason;
use oms_domain::pricing::Totals;

/// What is said of events that happen to the usual order in this state; nothing if they are taken.
fn complaint(story: &Story, events: Vec<Event>) -> Option<String> {
    let change = || Change::new(story.order.id, Some(&story.order), events, &provenance(story.now)).map(drop);
    let panic = catch_unwind(AssertUnwindSafe(change)).err()?;
    Some(panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

fn refund(sequence: usize, payment: usize, amount: Amount) -> Event {
    RefundEvent::OrderRefundInitiated {
        refund_id: RefundId::of_sequence(order_id(), sequence),
        payment_id: PaymentId::of_attempt(order_id(), payment),
        amount,
        reason: RefundReason::Partial,
        part: None,
        short: Amount::ZERO,
    }
    .into()
}

#[test]
fn what_cannot_be_is_not_written() {
    let total = Story::draft().order.totals.total;
    let cent = Amount::from_minor(1);
    let shipped = |units| {
        ShipmentEvent::OrderShipped {
            tracking: tracking(),
            lines: vec![units],
            note: None,
            shipment: None,
            more: Vec::new(),
        }
        .into()
    };
    let request = PaymentEvent::OrderPaymentRequested {
        payment_id: PaymentId::of_attempt(order_id(), 0),
        provider: "stripe".into(),
        amount: total,
        keep: false,
        change: None,
    };
    let returned = crate::support::returned(1, 3, oms_domain::catalog::stock::Condition::Sellable);
    for (status, events, what) in [
        (
            Status::Pending,
            vec![ShipmentEvent::OrderProcessingStarted { note: None }.into()],
            "from pending to processing",
        ),
        (
            Status::Draft,
            vec![ShipmentEvent::OrderDelivered { note: None, paid_at: None }.into()],
            "from draft to delivered",
        ),
        (Status::Processing, vec![shipped(units(1, 3))], "no more ships than was ordered"),
        (Status::ReturnRequested, vec![ReturnEvent::OrderReturned { lines: vec![returned] }.into()], "no more returns"),
        (Status::Pending, vec![request.into()], "the ledger names each payment and refund once"),
        (
            Status::Confirmed,
            vec![refund(0, 0, cent), refund(0, 0, cent)],
            "the ledger names each payment and refund once",
        ),
        (Status::Confirmed, vec![refund(0, 7, cent)], "each refund its payment"),
        (Status::Confirmed, vec![refund(0, 0, total + cent)], "refunds are covered by a capture"),
        (Status::Confirmed, vec![refund(0, 1, cent)], "refunds are covered by a capture"),
    ] {
        let complaint = complaint(&Story::at(status), events).unwrap_or_default();
        assert!(complaint.contains(what), "{what}: {complaint:?}");
    }
    assert_eq!(complaint(&Story::at(Status::Confirmed), vec![refund(0, 0, total)]), None);
}

#[test]
fn a_new_order_s_sums_are_those_of_its_lines() {
    let cent = Amount::from_minor(1);
    let wrong: [fn(&mut Totals, Amount); 5] = [
        |totals, cent| totals.total = totals.total + cent,
        |totals, cent| totals.subtotal = totals.subtotal + cent,
        |totals, cent| totals.shipping = totals.shipping - cent,
        |totals, cent| (totals.discount, totals.total) = (totals.discount + cent, totals.total - cent),
        |totals, _| totals.tax_included = true,
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let mut new = new_order(usual_lines());
        change(&mut new.totals, cent);
        assert!(catch_unwind(AssertUnwindSafe(|| create(new, start()))).is_err(), "{number}");
    }
}
