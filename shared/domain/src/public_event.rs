//! What leaves the system about an order: a contract of its own, apart from the stored events.
//!
//! Envelope: [CloudEvents 1.0](https://cloudevents.io). Types are versioned (`oms.order.shipped.v1`); a change that would
//! surprise a consumer gets a new version. No personal data: a consumer that may know more asks for the order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::ids::{OrderId, PaymentId, RefundId};
use crate::ordering::{
    CancelReason, CheckoutEvent, Event, NoteEvent, PaymentEvent, Record, RefundEvent, ReturnEvent, ReviewEvent,
    ReviewReason, ShipmentEvent, Status,
};
use crate::payments::RefundReason;

/// A CloudEvents 1.0 envelope in JSON format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudEvent {
    /// Always `1.0`.
    pub specversion: String,
    /// `<order id>/<version>`: the same event always has the same id.
    pub id: String,
    /// Always `/oms/orders`.
    pub source: String,
    /// `oms.` + [`PublicEvent`]'s name + `.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The order's id.
    pub subject: OrderId,
    /// When it happened.
    pub time: Timestamp,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// The request or message that led to it (P1).
    pub correlationid: String,
    pub data: PublicEvent,
}

/// The circumstances and the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicEvent {
    /// The readable order number.
    pub order_number: String,
    /// The order's version after the event.
    pub version: u64,
    /// Where the order stands after it.
    pub status: Status,
    pub actor: Actor,
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened, in public words. Amounts are in minor units of the order's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants mirror the documented event language")]
pub enum Fact {
    Created,
    Submitted {
        pay_until: Timestamp,
        /// There is nothing to pay.
        #[serde(default, skip_serializing_if = "is_false")]
        free: bool,
    },
    /// There was nothing to pay.
    Confirmed,
    PaymentRequested {
        payment_id: PaymentId,
    },
    /// `accepted` is false when the money goes straight back.
    PaymentConfirmed {
        payment_id: PaymentId,
        accepted: bool,
    },
    PaymentFailed {
        payment_id: PaymentId,
    },
    ProcessingStarted,
    Shipped {
        carrier: String,
        tracking_number: String,
    },
    DeliveryFailed,
    Delivered,
    Cancelled {
        reason: CancelReason,
    },
    ReturnRequested,
    ReturnDenied,
    Returned,
    RefundInitiated {
        refund_id: RefundId,
        amount_minor: i64,
        reason: RefundReason,
    },
    RefundCompleted {
        refund_id: RefundId,
        amount_minor: i64,
    },
    /// There is nothing left to give back.
    Refunded,
    /// It stays open.
    RefundFailed {
        refund_id: RefundId,
    },
    /// The page could not be opened at once, and is open now.
    PaymentPageOpened {
        payment_id: PaymentId,
    },
    NoteAdded,
    ReviewRequested {
        reasons: Vec<ReviewReason>,
    },
    ReviewApproved,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Fact {
    /// The name that topics filter by, e.g. `order.shipped`.
    pub const fn name(&self) -> &'static str {
        match self {
            Fact::Created => "order.created",
            Fact::Submitted { .. } => "order.submitted",
            Fact::Confirmed => "order.confirmed",
            Fact::Refunded => "order.refunded",
            Fact::PaymentRequested { .. } => "order.payment_requested",
            Fact::PaymentConfirmed { .. } => "order.payment_confirmed",
            Fact::PaymentFailed { .. } => "order.payment_failed",
            Fact::ProcessingStarted => "order.processing_started",
            Fact::Shipped { .. } => "order.shipped",
            Fact::DeliveryFailed => "order.delivery_failed",
            Fact::Delivered => "order.delivered",
            Fact::Cancelled { .. } => "order.cancelled",
            Fact::ReturnRequested => "order.return_requested",
            Fact::ReturnDenied => "order.return_denied",
            Fact::Returned => "order.returned",
            Fact::RefundInitiated { .. } => "order.refund_initiated",
            Fact::RefundCompleted { .. } => "order.refund_completed",
            Fact::RefundFailed { .. } => "order.refund_failed",
            Fact::PaymentPageOpened { .. } => "order.payment_page_opened",
            Fact::NoteAdded => "order.note_added",
            Fact::ReviewRequested { .. } => "order.review_requested",
            Fact::ReviewApproved => "order.review_approved",
        }
    }

    fn of(event: &Event) -> Fact {
        match event {
            Event::Checkout(event) => Fact::of_checkout(event),
            Event::Payment(event) => Fact::of_payment(event),
            Event::Shipment(event) => Fact::of_shipment(event),
            Event::Return(event) => Fact::of_return(event),
            Event::Refund(event) => Fact::of_refund(event),
            Event::Review(ReviewEvent::OrderReviewRequested { reasons }) => {
                Fact::ReviewRequested { reasons: reasons.clone() }
            }
            Event::Review(ReviewEvent::OrderReviewApproved { .. }) => Fact::ReviewApproved,
            Event::Note(NoteEvent::OrderNoteAdded { .. }) => Fact::NoteAdded,
        }
    }

    fn of_checkout(event: &CheckoutEvent) -> Fact {
        match event {
            CheckoutEvent::OrderCreated { .. } => Fact::Created,
            CheckoutEvent::OrderSubmitted { total, reservation_expires_at, .. } => {
                Fact::Submitted { pay_until: *reservation_expires_at, free: !total.is_positive() }
            }
            CheckoutEvent::OrderConfirmedFree => Fact::Confirmed,
            CheckoutEvent::OrderCancelled { reason, .. } => Fact::Cancelled { reason: *reason },
        }
    }

    fn of_payment(event: &PaymentEvent) -> Fact {
        match event {
            PaymentEvent::OrderPaymentRequested { payment_id, .. } => {
                Fact::PaymentRequested { payment_id: *payment_id }
            }
            PaymentEvent::OrderPaymentConfirmed { payment_id, accepted, .. } => {
                Fact::PaymentConfirmed { payment_id: *payment_id, accepted: *accepted }
            }
            PaymentEvent::OrderPaymentFailed { payment_id, .. } => Fact::PaymentFailed { payment_id: *payment_id },
            PaymentEvent::OrderCheckoutOpened { payment_id } => Fact::PaymentPageOpened { payment_id: *payment_id },
        }
    }

    fn of_shipment(event: &ShipmentEvent) -> Fact {
        match event {
            ShipmentEvent::OrderProcessingStarted { .. } => Fact::ProcessingStarted,
            ShipmentEvent::OrderShipped { tracking, .. } => {
                Fact::Shipped { carrier: tracking.carrier.clone(), tracking_number: tracking.tracking_number.clone() }
            }
            ShipmentEvent::OrderDeliveryFailed { .. } => Fact::DeliveryFailed,
            ShipmentEvent::OrderDelivered { .. } => Fact::Delivered,
        }
    }

    fn of_return(event: &ReturnEvent) -> Fact {
        match event {
            ReturnEvent::OrderReturnRequested { .. } => Fact::ReturnRequested,
            ReturnEvent::OrderReturnDenied { .. } => Fact::ReturnDenied,
            ReturnEvent::OrderReturned { .. } => Fact::Returned,
        }
    }

    fn of_refund(event: &RefundEvent) -> Fact {
        match event {
            RefundEvent::OrderRefundInitiated { refund_id, amount, reason, .. } => {
                Fact::RefundInitiated { refund_id: *refund_id, amount_minor: amount.minor(), reason: *reason }
            }
            RefundEvent::OrderRefundCompleted { refund_id, amount, .. } => {
                Fact::RefundCompleted { refund_id: *refund_id, amount_minor: amount.minor() }
            }
            RefundEvent::OrderRefundFailed { refund_id, .. } => Fact::RefundFailed { refund_id: *refund_id },
            RefundEvent::OrderClosedAsRefunded => Fact::Refunded,
        }
    }
}

impl CloudEvent {
    /// The public form of a stored event.
    pub fn of(order_id: OrderId, record: &Record) -> Self {
        let fact = Fact::of(&record.event);
        CloudEvent {
            specversion: "1.0".to_owned(),
            id: format!("{order_id}/{}", record.version),
            source: "/oms/orders".to_owned(),
            kind: format!("oms.{}.v1", fact.name()),
            subject: order_id,
            time: record.at,
            datacontenttype: "application/json".to_owned(),
            correlationid: record.correlation_id.clone(),
            data: PublicEvent {
                order_number: order_id.number().as_str().to_owned(),
                version: record.version,
                status: record.status,
                actor: record.actor.clone(),
                fact,
            },
        }
    }
}
