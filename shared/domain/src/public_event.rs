//! What leaves the system about an order: a contract of its own, apart from the stored events.
//!
//! Envelope: [CloudEvents 1.0](https://cloudevents.io). Types are versioned (`oms.order.shipped.v1`); a change that would
//! surprise a consumer gets a new version. No personal data: a consumer that may know more asks for the order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::fulfilment::LineQuantity;
use crate::fulfilment::label::LabelFailure;
use crate::ids::{LabelId, OrderId, PaymentId, RefundId};
use crate::ordering::{
    CancelReason, ChangeEvent, CheckoutEvent, DisputeEvent, Event, HoldEvent, HoldReason, LabelEvent, LapseReason,
    NoteEvent, PaymentEvent, Record, RefundEvent, ReturnEvent, ReviewEvent, ReviewReason, ShipmentEvent, Status,
};
use crate::payments::{DisputeState, PAGE_EXPIRED, RefundReason};

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
        /// Which change of the order it pays for; nothing for the order itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<u16>,
    },
    PaymentFailed {
        payment_id: PaymentId,
        /// Nobody paid on its page in time; nothing was tried and nothing refused.
        #[serde(default, skip_serializing_if = "is_false")]
        expired: bool,
    },
    /// The customer has done their part; the money is under way.
    PaymentProcessing {
        payment_id: PaymentId,
        /// Until when the order waits for it.
        wait_until: Timestamp,
    },
    ProcessingStarted,
    ShipmentPlanned {
        shipment: u16,
    },
    ShipmentPacked {
        shipment: u16,
    },
    /// It was given up before it left.
    ShipmentCancelled {
        shipment: u16,
    },
    /// A shipment has left; what is told is its first parcel.
    Shipped {
        carrier: String,
        tracking_number: String,
        /// Which shipment; nothing of before they had numbers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shipment: Option<u16>,
    },
    /// Its parcels are others than was said.
    TrackingChanged {
        shipment: u16,
        /// The customer is told.
        tell: bool,
    },
    /// The customer gets it today.
    OutForDelivery {
        shipment: u16,
    },
    /// It waits for the customer at a pickup point.
    ReadyForPickup {
        shipment: u16,
    },
    /// The carrier could not hand it over, and has it still.
    ShipmentFailed {
        shipment: u16,
    },
    /// It came back.
    DeliveryFailed {
        /// Which shipment; nothing for all that were with carriers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shipment: Option<u16>,
    },
    ShipmentLost {
        shipment: u16,
    },
    /// What was lost is reserved anew.
    ShipmentReplaced {
        shipment: u16,
    },
    /// One of several has arrived.
    ShipmentDelivered {
        shipment: u16,
    },
    Delivered,
    LabelRequested {
        shipment: u16,
        label_id: LabelId,
    },
    LabelBought {
        shipment: u16,
        label_id: LabelId,
    },
    LabelFailed {
        shipment: u16,
        label_id: LabelId,
        reason: LabelFailure,
    },
    /// The carrier cannot tell whether it was bought.
    LabelUnknown {
        shipment: u16,
        label_id: LabelId,
    },
    /// The carrier is to take it back.
    LabelVoidRequested {
        shipment: u16,
        label_id: LabelId,
    },
    LabelVoided {
        shipment: u16,
        label_id: LabelId,
    },
    /// The carrier does not take it back.
    LabelVoidRefused {
        shipment: u16,
        label_id: LabelId,
    },
    /// What has not shipped stays.
    RestWithdrawn,
    Cancelled {
        reason: CancelReason,
    },
    /// A part of it; the rest ships.
    LinesCancelled {
        reason: CancelReason,
        /// Units by the number of their line.
        lines: Vec<LineQuantity>,
    },
    ReturnRequested,
    ReturnDenied,
    Returned,
    /// A return with a number, or a claim, was asked for.
    ReturnOpened {
        #[serde(rename = "return")]
        number: u16,
        /// Nothing comes back.
        #[serde(default, skip_serializing_if = "is_false")]
        claim: bool,
    },
    ReturnApproved {
        #[serde(rename = "return")]
        number: u16,
        /// Until when the goods are waited for; nothing for a claim, which is granted with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    ReturnDeclined {
        #[serde(rename = "return")]
        number: u16,
    },
    ReturnReceived {
        #[serde(rename = "return")]
        number: u16,
        /// What goes back for it.
        amount_minor: i64,
    },
    ReturnCancelled {
        #[serde(rename = "return")]
        number: u16,
    },
    /// Nothing more came in time.
    ReturnExpired {
        #[serde(rename = "return")]
        number: u16,
    },
    ReturnClosed {
        #[serde(rename = "return")]
        number: u16,
    },
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
    /// Less is left to give than was promised.
    RefundReduced {
        refund_id: RefundId,
        /// What it comes to now.
        amount_minor: i64,
    },
    /// A bank wants money back; the order is on hold.
    DisputeOpened {
        payment_id: PaymentId,
        amount_minor: i64,
    },
    DisputeClosed {
        outcome: DisputeState,
        /// How much is gone.
        lost_minor: i64,
    },
    /// The page could not be opened at once, and is open now.
    PaymentPageOpened {
        payment_id: PaymentId,
    },
    /// It is something else from now on: lines, addresses, what it costs.
    Changed {
        /// Which change of the order, counted from 1.
        change: u16,
    },
    /// It will be, once the difference is paid.
    ChangeOffered {
        change: u16,
        until: Timestamp,
        due_minor: i64,
    },
    /// It stays as it was.
    ChangeLapsed {
        change: u16,
        reason: LapseReason,
    },
    NoteAdded,
    TagsChanged,
    AssigneeChanged,
    ReviewRequested {
        reasons: Vec<ReviewReason>,
    },
    ReviewApproved,
    HoldPlaced {
        reason: HoldReason,
    },
    HoldReleased {
        reason: HoldReason,
    },
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
            Fact::PaymentProcessing { .. } => "order.payment_processing",
            Fact::RestWithdrawn => "order.rest_withdrawn",
            Fact::RefundReduced { .. } => "order.refund_reduced",
            Fact::DisputeOpened { .. } => "order.dispute_opened",
            Fact::DisputeClosed { .. } => "order.dispute_closed",
            Fact::ProcessingStarted => "order.processing_started",
            Fact::Shipped { .. } => "order.shipped",
            Fact::ShipmentPlanned { .. } => "order.shipment_planned",
            Fact::ShipmentPacked { .. } => "order.shipment_packed",
            Fact::ShipmentCancelled { .. } => "order.shipment_cancelled",
            Fact::TrackingChanged { .. } => "order.tracking_changed",
            Fact::OutForDelivery { .. } => "order.out_for_delivery",
            Fact::ReadyForPickup { .. } => "order.ready_for_pickup",
            Fact::ShipmentFailed { .. } => "order.shipment_failed",
            Fact::ShipmentLost { .. } => "order.shipment_lost",
            Fact::ShipmentReplaced { .. } => "order.shipment_replaced",
            Fact::ShipmentDelivered { .. } => "order.shipment_delivered",
            Fact::LabelRequested { .. } => "order.label_requested",
            Fact::LabelBought { .. } => "order.label_bought",
            Fact::LabelFailed { .. } => "order.label_failed",
            Fact::LabelUnknown { .. } => "order.label_unknown",
            Fact::LabelVoidRequested { .. } => "order.label_void_requested",
            Fact::LabelVoided { .. } => "order.label_voided",
            Fact::LabelVoidRefused { .. } => "order.label_void_refused",
            Fact::HoldPlaced { .. } => "order.hold_placed",
            Fact::HoldReleased { .. } => "order.hold_released",
            Fact::DeliveryFailed { .. } => "order.delivery_failed",
            Fact::Delivered => "order.delivered",
            Fact::Cancelled { .. } => "order.cancelled",
            Fact::LinesCancelled { .. } => "order.lines_cancelled",
            Fact::ReturnRequested => "order.return_requested",
            Fact::ReturnDenied => "order.return_denied",
            Fact::Returned => "order.returned",
            Fact::ReturnOpened { .. } => "order.return_opened",
            Fact::ReturnApproved { .. } => "order.return_approved",
            Fact::ReturnDeclined { .. } => "order.return_declined",
            Fact::ReturnReceived { .. } => "order.return_received",
            Fact::ReturnCancelled { .. } => "order.return_cancelled",
            Fact::ReturnExpired { .. } => "order.return_expired",
            Fact::ReturnClosed { .. } => "order.return_closed",
            Fact::RefundInitiated { .. } => "order.refund_initiated",
            Fact::RefundCompleted { .. } => "order.refund_completed",
            Fact::RefundFailed { .. } => "order.refund_failed",
            Fact::PaymentPageOpened { .. } => "order.payment_page_opened",
            Fact::Changed { .. } => "order.changed",
            Fact::ChangeOffered { .. } => "order.change_offered",
            Fact::ChangeLapsed { .. } => "order.change_lapsed",
            Fact::NoteAdded => "order.note_added",
            Fact::TagsChanged => "order.tags_changed",
            Fact::AssigneeChanged => "order.assignee_changed",
            Fact::ReviewRequested { .. } => "order.review_requested",
            Fact::ReviewApproved => "order.review_approved",
        }
    }

    /// Which shipment it is about, if one.
    pub const fn shipment(&self) -> Option<u16> {
        match self {
            Fact::ShipmentPlanned { shipment }
            | Fact::ShipmentPacked { shipment }
            | Fact::ShipmentCancelled { shipment }
            | Fact::TrackingChanged { shipment, .. }
            | Fact::OutForDelivery { shipment }
            | Fact::ReadyForPickup { shipment }
            | Fact::ShipmentFailed { shipment }
            | Fact::ShipmentLost { shipment }
            | Fact::ShipmentReplaced { shipment }
            | Fact::LabelRequested { shipment, .. }
            | Fact::LabelBought { shipment, .. }
            | Fact::LabelFailed { shipment, .. }
            | Fact::LabelUnknown { shipment, .. }
            | Fact::LabelVoidRequested { shipment, .. }
            | Fact::LabelVoided { shipment, .. }
            | Fact::LabelVoidRefused { shipment, .. }
            | Fact::ShipmentDelivered { shipment } => Some(*shipment),
            Fact::Shipped { shipment, .. } | Fact::DeliveryFailed { shipment } => *shipment,
            Fact::Created
            | Fact::Submitted { .. }
            | Fact::Confirmed
            | Fact::PaymentRequested { .. }
            | Fact::PaymentConfirmed { .. }
            | Fact::PaymentFailed { .. }
            | Fact::PaymentProcessing { .. }
            | Fact::ProcessingStarted
            | Fact::Delivered
            | Fact::RestWithdrawn
            | Fact::Cancelled { .. }
            | Fact::LinesCancelled { .. }
            | Fact::ReturnRequested
            | Fact::ReturnDenied
            | Fact::Returned
            | Fact::ReturnOpened { .. }
            | Fact::ReturnApproved { .. }
            | Fact::ReturnDeclined { .. }
            | Fact::ReturnReceived { .. }
            | Fact::ReturnCancelled { .. }
            | Fact::ReturnExpired { .. }
            | Fact::ReturnClosed { .. }
            | Fact::RefundInitiated { .. }
            | Fact::RefundCompleted { .. }
            | Fact::Refunded
            | Fact::RefundFailed { .. }
            | Fact::RefundReduced { .. }
            | Fact::DisputeOpened { .. }
            | Fact::DisputeClosed { .. }
            | Fact::PaymentPageOpened { .. }
            | Fact::Changed { .. }
            | Fact::ChangeOffered { .. }
            | Fact::ChangeLapsed { .. }
            | Fact::NoteAdded
            | Fact::TagsChanged
            | Fact::AssigneeChanged
            | Fact::ReviewRequested { .. }
            | Fact::ReviewApproved
            | Fact::HoldPlaced { .. }
            | Fact::HoldReleased { .. } => None,
        }
    }

    /// Which return it is about, if one with a number.
    pub const fn return_number(&self) -> Option<u16> {
        match self {
            Fact::ReturnOpened { number, .. }
            | Fact::ReturnApproved { number, .. }
            | Fact::ReturnDeclined { number }
            | Fact::ReturnReceived { number, .. }
            | Fact::ReturnCancelled { number }
            | Fact::ReturnExpired { number }
            | Fact::ReturnClosed { number } => Some(*number),
            Fact::Shipped { .. }
            | Fact::ShipmentPlanned { .. }
            | Fact::ShipmentPacked { .. }
            | Fact::ShipmentCancelled { .. }
            | Fact::TrackingChanged { .. }
            | Fact::OutForDelivery { .. }
            | Fact::ReadyForPickup { .. }
            | Fact::ShipmentFailed { .. }
            | Fact::ShipmentLost { .. }
            | Fact::ShipmentReplaced { .. }
            | Fact::ShipmentDelivered { .. }
            | Fact::DeliveryFailed { .. }
            | Fact::LabelRequested { .. }
            | Fact::LabelBought { .. }
            | Fact::LabelFailed { .. }
            | Fact::LabelUnknown { .. }
            | Fact::LabelVoidRequested { .. }
            | Fact::LabelVoided { .. }
            | Fact::LabelVoidRefused { .. }
            | Fact::Created
            | Fact::Submitted { .. }
            | Fact::Confirmed
            | Fact::PaymentRequested { .. }
            | Fact::PaymentConfirmed { .. }
            | Fact::PaymentFailed { .. }
            | Fact::PaymentProcessing { .. }
            | Fact::ProcessingStarted
            | Fact::Delivered
            | Fact::RestWithdrawn
            | Fact::Cancelled { .. }
            | Fact::LinesCancelled { .. }
            | Fact::ReturnRequested
            | Fact::ReturnDenied
            | Fact::Returned
            | Fact::RefundInitiated { .. }
            | Fact::RefundCompleted { .. }
            | Fact::Refunded
            | Fact::RefundFailed { .. }
            | Fact::RefundReduced { .. }
            | Fact::DisputeOpened { .. }
            | Fact::DisputeClosed { .. }
            | Fact::PaymentPageOpened { .. }
            | Fact::Changed { .. }
            | Fact::ChangeOffered { .. }
            | Fact::ChangeLapsed { .. }
            | Fact::NoteAdded
            | Fact::TagsChanged
            | Fact::AssigneeChanged
            | Fact::ReviewRequested { .. }
            | Fact::ReviewApproved
            | Fact::HoldPlaced { .. }
            | Fact::HoldReleased { .. } => None,
        }
    }

    fn of(event: &Event) -> Fact {
        match event {
            Event::Checkout(event) => Fact::of_checkout(event),
            Event::Payment(event) => Fact::of_payment(event),
            Event::Shipment(event) => Fact::of_shipment(event),
            Event::Label(event) => Fact::of_label(event),
            Event::Return(event) => Fact::of_return(event),
            Event::Refund(event) => Fact::of_refund(event),
            Event::Dispute(event) => Fact::of_dispute(event),
            Event::Review(ReviewEvent::OrderReviewRequested { reasons }) => {
                Fact::ReviewRequested { reasons: reasons.clone() }
            }
            Event::Review(ReviewEvent::OrderReviewApproved { .. }) => Fact::ReviewApproved,
            Event::Hold(HoldEvent::OrderHoldPlaced { reason, .. }) => Fact::HoldPlaced { reason: *reason },
            Event::Hold(HoldEvent::OrderHoldReleased { reason, .. }) => Fact::HoldReleased { reason: *reason },
            Event::Change(event) => Fact::of_change(event),
            Event::Note(NoteEvent::OrderNoteAdded { .. }) => Fact::NoteAdded,
            Event::Note(NoteEvent::OrderTagsChanged { .. }) => Fact::TagsChanged,
            Event::Note(NoteEvent::OrderAssigneeChanged { .. }) => Fact::AssigneeChanged,
        }
    }

    fn of_change(event: &ChangeEvent) -> Fact {
        match event {
            ChangeEvent::OrderChanged { change, .. } | ChangeEvent::OrderChangeAccepted { change } => {
                Fact::Changed { change: *change }
            }
            ChangeEvent::OrderChangeOffered { change, until, due, .. } => {
                Fact::ChangeOffered { change: *change, until: *until, due_minor: due.minor() }
            }
            ChangeEvent::OrderChangeLapsed { change, reason } => {
                Fact::ChangeLapsed { change: *change, reason: *reason }
            }
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
            CheckoutEvent::OrderLinesCancelled { reason, lines, .. } => {
                Fact::LinesCancelled { reason: *reason, lines: lines.clone() }
            }
        }
    }

    fn of_payment(event: &PaymentEvent) -> Fact {
        match event {
            PaymentEvent::OrderPaymentRequested { payment_id, .. } => {
                Fact::PaymentRequested { payment_id: *payment_id }
            }
            PaymentEvent::OrderPaymentConfirmed { payment_id, accepted, change, .. } => {
                Fact::PaymentConfirmed { payment_id: *payment_id, accepted: *accepted, change: *change }
            }
            PaymentEvent::OrderPaymentFailed { payment_id, reason, .. } => {
                Fact::PaymentFailed { payment_id: *payment_id, expired: reason == PAGE_EXPIRED }
            }
            PaymentEvent::OrderPaymentProcessing { payment_id, wait_until } => {
                Fact::PaymentProcessing { payment_id: *payment_id, wait_until: *wait_until }
            }
            PaymentEvent::OrderCheckoutOpened { payment_id } => Fact::PaymentPageOpened { payment_id: *payment_id },
        }
    }

    fn of_shipment(event: &ShipmentEvent) -> Fact {
        match event {
            ShipmentEvent::OrderProcessingStarted { .. } => Fact::ProcessingStarted,
            ShipmentEvent::OrderShipmentPlanned { shipment, .. } => Fact::ShipmentPlanned { shipment: *shipment },
            ShipmentEvent::OrderShipmentPacked { shipment, .. } => Fact::ShipmentPacked { shipment: *shipment },
            ShipmentEvent::OrderShipmentCancelled { shipment, .. } => Fact::ShipmentCancelled { shipment: *shipment },
            ShipmentEvent::OrderShipped { tracking, shipment, .. } => Fact::Shipped {
                carrier: tracking.carrier.clone(),
                tracking_number: tracking.tracking_number.clone(),
                shipment: *shipment,
            },
            ShipmentEvent::OrderTrackingChanged { shipment, tell, .. } => {
                Fact::TrackingChanged { shipment: *shipment, tell: *tell }
            }
            ShipmentEvent::OrderShipmentOutForDelivery { shipment } => Fact::OutForDelivery { shipment: *shipment },
            ShipmentEvent::OrderShipmentReadyForPickup { shipment } => Fact::ReadyForPickup { shipment: *shipment },
            ShipmentEvent::OrderShipmentFailed { shipment, .. } => Fact::ShipmentFailed { shipment: *shipment },
            ShipmentEvent::OrderDeliveryFailed { shipment, .. } => Fact::DeliveryFailed { shipment: *shipment },
            ShipmentEvent::OrderShipmentLost { shipment, .. } => Fact::ShipmentLost { shipment: *shipment },
            ShipmentEvent::OrderShipmentReplaced { shipment, .. } => Fact::ShipmentReplaced { shipment: *shipment },
            ShipmentEvent::OrderShipmentDelivered { shipment, .. } => Fact::ShipmentDelivered { shipment: *shipment },
            ShipmentEvent::OrderDelivered { .. } => Fact::Delivered,
            ShipmentEvent::OrderRestWithdrawn => Fact::RestWithdrawn,
        }
    }

    fn of_label(event: &LabelEvent) -> Fact {
        let (shipment, label_id) = event.label();
        match event {
            LabelEvent::OrderLabelRequested { .. } => Fact::LabelRequested { shipment, label_id },
            LabelEvent::OrderLabelBought { .. } => Fact::LabelBought { shipment, label_id },
            LabelEvent::OrderLabelFailed { reason, .. } => Fact::LabelFailed { shipment, label_id, reason: *reason },
            LabelEvent::OrderLabelUnknown { .. } => Fact::LabelUnknown { shipment, label_id },
            LabelEvent::OrderLabelVoidRequested { .. } => Fact::LabelVoidRequested { shipment, label_id },
            LabelEvent::OrderLabelVoided { .. } => Fact::LabelVoided { shipment, label_id },
            LabelEvent::OrderLabelVoidRefused { .. } => Fact::LabelVoidRefused { shipment, label_id },
        }
    }

    fn of_return(event: &ReturnEvent) -> Fact {
        match event {
            ReturnEvent::OrderReturnRequested { .. } => Fact::ReturnRequested,
            ReturnEvent::OrderReturnDenied { .. } => Fact::ReturnDenied,
            ReturnEvent::OrderReturned { .. } => Fact::Returned,
            ReturnEvent::OrderReturnOpened { number, kind, .. } => {
                Fact::ReturnOpened { number: *number, claim: kind.is_claim() }
            }
            ReturnEvent::OrderReturnApproved { number, until, .. } => {
                Fact::ReturnApproved { number: *number, until: *until }
            }
            ReturnEvent::OrderReturnDeclined { number, .. } => Fact::ReturnDeclined { number: *number },
            ReturnEvent::OrderReturnReceived { number, settled, .. } => {
                Fact::ReturnReceived { number: *number, amount_minor: settled.refund().minor() }
            }
            ReturnEvent::OrderReturnCancelled { number, .. } => Fact::ReturnCancelled { number: *number },
            ReturnEvent::OrderReturnExpired { number } => Fact::ReturnExpired { number: *number },
            ReturnEvent::OrderReturnClosed { number } => Fact::ReturnClosed { number: *number },
        }
    }

    fn of_dispute(event: &DisputeEvent) -> Fact {
        match event {
            DisputeEvent::OrderDisputeOpened { payment_id, amount, .. } => {
                Fact::DisputeOpened { payment_id: *payment_id, amount_minor: amount.minor() }
            }
            DisputeEvent::OrderDisputeClosed { outcome, amount, .. } => {
                Fact::DisputeClosed { outcome: *outcome, lost_minor: amount.minor() }
            }
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
            RefundEvent::OrderRefundReduced { refund_id, amount, .. } => {
                Fact::RefundReduced { refund_id: *refund_id, amount_minor: amount.minor() }
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
