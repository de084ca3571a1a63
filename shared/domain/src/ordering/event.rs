//! What happened to an order, in the past tense. Stored, versioned, never changed; private to us.
//!
//! What leaves the system is [`crate::public_event`]. No event holds personal data (O15); what people write stands beside it
//! ([`Words`]).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::amendment::Revision;
use super::note::NoteVisibility;
use super::state::{HoldReason, Line};
use super::status::Status;
use super::terms::{Draft, Terms};
use super::words::Words;
use crate::actor::Actor;
use crate::chain::Hash;
use crate::fulfilment::label::{BoughtLabel, LabelFailure, LabelOrder};
use crate::fulfilment::{LineQuantity, Location, ReturnedLine, Tracking};
use crate::ids::{LabelId, PaymentId, RefundId, SellerId, UserId};
use crate::money::{Amount, Currency};
use crate::ordering::address::Destination;
use crate::payments::{DisputeState, RefundPart, RefundReason};
use crate::pricing::Totals;
use crate::pricing::dispatch::Delivery;
use crate::pricing::promotion::Use;
use crate::returns::policy::ReturnTerms;
use crate::returns::{ReceivedLine, ReturnKind, ReturnLine, Settlement};

/// One stored event with its circumstances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// 1 for the first event of an order, without gaps.
    #[serde(rename = "v")]
    pub version: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// By whom (K6).
    pub actor: Actor,
    /// The request or message that led to it (P1).
    #[serde(rename = "cause")]
    pub correlation_id: String,
    /// Where the order stands after it.
    pub status: Status,
    /// Hash of the event before it.
    #[serde(rename = "prev")]
    pub previous: Hash,
    #[serde(flatten)]
    pub event: Event,
}

/// Why an order was cancelled (D1–D4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The customer wanted it.
    CustomerRequest,
    /// The shop decided it.
    AdminDecision,
    /// Nobody paid within [`super::HOLD_MINUTES`].
    PaymentTimeout,
    /// A fraud check refused it.
    Fraud,
    /// A draft that nobody submitted within [`super::DRAFT_DAYS`].
    DraftExpired,
    /// All of its money, or every unit of it, was given back before anything had shipped.
    Refunded,
}

impl CancelReason {
    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            CancelReason::CustomerRequest => "customer_request",
            CancelReason::AdminDecision => "admin_decision",
            CancelReason::PaymentTimeout => "payment_timeout",
            CancelReason::Fraud => "fraud",
            CancelReason::DraftExpired => "draft_expired",
            CancelReason::Refunded => "refunded",
        }
    }
}

/// Why a person should look at an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// It is worth more than the shop ships unseen.
    Value,
    /// The customer orders unusually often.
    Velocity,
    /// Invoice and goods go to different countries.
    Countries,
}

impl ReviewReason {
    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            ReviewReason::Value => "value",
            ReviewReason::Velocity => "velocity",
            ReviewReason::Countries => "countries",
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What happened (B9), by topic. Stored flat: the `type` of a stored event is the name of the fact alone, so that an event
/// may change its topic and no stored text its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "an order begins once, and a change holds a few events")]
pub enum Event {
    Checkout(CheckoutEvent),
    Payment(PaymentEvent),
    Shipment(ShipmentEvent),
    Label(LabelEvent),
    Return(ReturnEvent),
    Refund(RefundEvent),
    Dispute(DisputeEvent),
    Review(ReviewEvent),
    Hold(HoldEvent),
    Note(NoteEvent),
    Change(ChangeEvent),
}

macro_rules! topics {
    ($($topic:ident: $event:ident),+ $(,)?) => {$(
        impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Event::$topic(event)
            }
        }
    )+};
}

topics! {
    Checkout: CheckoutEvent,
    Payment: PaymentEvent,
    Shipment: ShipmentEvent,
    Label: LabelEvent,
    Return: ReturnEvent,
    Refund: RefundEvent,
    Dispute: DisputeEvent,
    Review: ReviewEvent,
    Hold: HoldEvent,
    Note: NoteEvent,
    Change: ChangeEvent,
}

/// The order itself: created, submitted, stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[allow(clippy::large_enum_variant, reason = "an order begins once, and a change holds a few events")]
pub enum CheckoutEvent {
    OrderCreated {
        #[serde(rename = "user")]
        user_id: UserId,
        currency: Currency,
        #[serde(rename = "to")]
        destination: Destination,
        #[serde(rename = "method")]
        shipping_method: String,
        /// How long that takes. Orders of before lack it.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "days")]
        delivery: Option<Delivery>,
        lines: Vec<Line>,
        totals: Totals,
        /// Codes of the promotions in force, those without a code of their own included.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        promotions: Vec<String>,
        /// Which of their uses are counted, to be given back if the order comes to nothing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        uses: Vec<Use>,
        /// It is not submitted at once. Drafts of before lack it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draft: Option<Draft>,
        /// On which terms goods come back, where the shop has set them up; drafts learn it as they are submitted.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "returns")]
        return_terms: Option<ReturnTerms>,
    },
    OrderSubmitted {
        total: Amount,
        reservation_expires_at: Timestamp,
        /// On which terms a draft is submitted. An order that was submitted as it was created has those of its creation,
        /// and so do drafts of before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Box<Terms>>,
    },
    /// There is nothing to pay: a free order is confirmed as it is submitted.
    #[serde(rename = "OrderConfirmed")]
    OrderConfirmedFree,
    OrderCancelled {
        reason: CancelReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// Units that were paid for and do not ship any more; the rest does.
    OrderLinesCancelled {
        lines: Vec<LineQuantity>,
        reason: CancelReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
}

/// What is asked of payment providers and what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum PaymentEvent {
    OrderPaymentRequested {
        payment_id: PaymentId,
        provider: String,
        amount: Amount,
        /// The customer agrees that the means of payment is kept.
        #[serde(default, skip_serializing_if = "is_false")]
        keep: bool,
        /// Which change of the order it is the difference of; nothing for the order itself.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "for")]
        change: Option<u16>,
    },
    /// The provider holds the money. `accepted` is false when the order no longer wants it: a refund follows at once.
    OrderPaymentConfirmed {
        payment_id: PaymentId,
        reference: String,
        amount: Amount,
        accepted: bool,
        /// Which change of the order it pays for; nothing for the order itself.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "for")]
        change: Option<u16>,
    },
    OrderPaymentFailed {
        payment_id: PaymentId,
        reason: String,
        /// Where money was under way and did not come: until when the order waits for another attempt.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "until")]
        wait_until: Option<Timestamp>,
    },
    /// The customer has done their part; the money is under way. The order waits for it until then.
    OrderPaymentProcessing {
        payment_id: PaymentId,
        #[serde(rename = "until")]
        wait_until: Timestamp,
    },
    /// The provider could not be reached while the customer waited, and the checkout is open now. Nothing of the order
    /// changes; the customer is told.
    #[serde(rename = "OrderPaymentPageOpened")]
    OrderCheckoutOpened { payment_id: PaymentId },
}

/// Goods on their way to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ShipmentEvent {
    OrderProcessingStarted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// Units that are to leave together.
    OrderShipmentPlanned {
        shipment: u16,
        lines: Vec<LineQuantity>,
        /// Whose they are; nothing where they are of several sellers.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "seller")]
        seller_id: Option<SellerId>,
        location: Location,
    },
    OrderShipmentPacked {
        shipment: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// A shipment is given up before it left; its units stay reserved.
    OrderShipmentCancelled {
        shipment: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    OrderShipped {
        /// The first, or only, parcel.
        tracking: Tracking,
        lines: Vec<LineQuantity>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
        /// Which shipment; nothing where one begins with it, as before there were plans.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shipment: Option<u16>,
        /// The parcels behind the first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more: Vec<Tracking>,
    },
    /// The parcels of a shipment are others than was said.
    OrderTrackingChanged {
        shipment: u16,
        parcels: Vec<Tracking>,
        /// The customer is told.
        tell: bool,
    },
    /// The customer gets it today.
    OrderShipmentOutForDelivery { shipment: u16 },
    /// It waits for the customer at a pickup point.
    OrderShipmentReadyForPickup { shipment: u16 },
    /// The carrier could not hand it over, and has it still.
    OrderShipmentFailed {
        shipment: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// It came back; its units are there to ship again.
    OrderDeliveryFailed {
        lines: Vec<LineQuantity>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
        /// Which shipment; nothing for all that were with carriers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shipment: Option<u16>,
    },
    /// Nobody knows where it is. What was in it waits for a person: it is sent anew or its money goes back.
    OrderShipmentLost {
        shipment: u16,
        lines: Vec<LineQuantity>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// What was lost is reserved anew, to be shipped in its place.
    OrderShipmentReplaced {
        shipment: u16,
        lines: Vec<LineQuantity>,
        /// The shipment that is planned for it.
        by: u16,
    },
    /// One of several shipments has arrived. What was lost may arrive after all.
    OrderShipmentDelivered {
        shipment: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// All that will come has arrived.
    OrderDelivered {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
        /// Since when it was paid, so that whoever hears of it knows how long it took (P4); events of before lack it.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "placed_at")]
        paid_at: Option<Timestamp>,
    },
    /// What has not shipped stays, since all of the order's money has gone back.
    OrderRestWithdrawn,
}

impl ShipmentEvent {
    /// Which shipment it names.
    pub const fn shipment(&self) -> Option<u16> {
        match self {
            ShipmentEvent::OrderShipmentPlanned { shipment, .. }
            | ShipmentEvent::OrderShipmentPacked { shipment, .. }
            | ShipmentEvent::OrderShipmentCancelled { shipment, .. }
            | ShipmentEvent::OrderTrackingChanged { shipment, .. }
            | ShipmentEvent::OrderShipmentOutForDelivery { shipment }
            | ShipmentEvent::OrderShipmentReadyForPickup { shipment }
            | ShipmentEvent::OrderShipmentFailed { shipment, .. }
            | ShipmentEvent::OrderShipmentLost { shipment, .. }
            | ShipmentEvent::OrderShipmentReplaced { shipment, .. }
            | ShipmentEvent::OrderShipmentDelivered { shipment, .. } => Some(*shipment),
            ShipmentEvent::OrderShipped { shipment, .. } | ShipmentEvent::OrderDeliveryFailed { shipment, .. } => {
                *shipment
            }
            ShipmentEvent::OrderProcessingStarted { .. }
            | ShipmentEvent::OrderDelivered { .. }
            | ShipmentEvent::OrderRestWithdrawn => None,
        }
    }
}

/// What is asked of carriers for a shipment, and what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum LabelEvent {
    /// Written before the carrier is asked.
    OrderLabelRequested {
        shipment: u16,
        label_id: LabelId,
        #[serde(flatten)]
        order: LabelOrder,
    },
    /// It is paid for. What was asked for is told again, since the answer may come to a label that was given up.
    OrderLabelBought {
        shipment: u16,
        label_id: LabelId,
        #[serde(flatten)]
        order: LabelOrder,
        #[serde(flatten)]
        bought: BoughtLabel,
    },
    /// There is none, and nothing was paid.
    OrderLabelFailed { shipment: u16, label_id: LabelId, reason: LabelFailure },
    /// The carrier cannot tell whether it was bought. A person looks.
    OrderLabelUnknown { shipment: u16, label_id: LabelId },
    /// The carrier is to take it back.
    OrderLabelVoidRequested { shipment: u16, label_id: LabelId },
    /// It is void; or a person has looked and found none.
    OrderLabelVoided { shipment: u16, label_id: LabelId },
    /// The carrier does not take it back.
    OrderLabelVoidRefused { shipment: u16, label_id: LabelId },
}

impl LabelEvent {
    /// The label, and the shipment that it is for.
    pub const fn label(&self) -> (u16, LabelId) {
        match self {
            LabelEvent::OrderLabelRequested { shipment, label_id, .. }
            | LabelEvent::OrderLabelBought { shipment, label_id, .. }
            | LabelEvent::OrderLabelFailed { shipment, label_id, .. }
            | LabelEvent::OrderLabelUnknown { shipment, label_id }
            | LabelEvent::OrderLabelVoidRequested { shipment, label_id }
            | LabelEvent::OrderLabelVoided { shipment, label_id }
            | LabelEvent::OrderLabelVoidRefused { shipment, label_id } => (*shipment, *label_id),
        }
    }
}

/// Goods on their way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ReturnEvent {
    OrderReturnRequested {
        lines: Vec<LineQuantity>,
        reason: Words,
    },
    OrderReturnDenied {
        reason: Words,
    },
    OrderReturned {
        lines: Vec<ReturnedLine>,
    },
    /// Somebody wants to send units back, or claims them, under a number within the order.
    OrderReturnOpened {
        #[serde(rename = "return")]
        number: u16,
        kind: ReturnKind,
        lines: Vec<ReturnLine>,
        /// Staff opened it although the terms stood against it.
        #[serde(default, skip_serializing_if = "is_false")]
        waived: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// The goods may come, or a claim was granted.
    OrderReturnApproved {
        #[serde(rename = "return")]
        number: u16,
        /// Until when the goods are waited for; nothing for a claim.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// What a claim comes to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled: Option<Settlement>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    OrderReturnDeclined {
        #[serde(rename = "return")]
        number: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// Some of it, or all of it, has come; the refund for it follows in the same change.
    OrderReturnReceived {
        #[serde(rename = "return")]
        number: u16,
        lines: Vec<ReceivedLine>,
        settled: Settlement,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    OrderReturnCancelled {
        #[serde(rename = "return")]
        number: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    /// Nothing more came in time.
    OrderReturnExpired {
        #[serde(rename = "return")]
        number: u16,
    },
    OrderReturnClosed {
        #[serde(rename = "return")]
        number: u16,
    },
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum RefundEvent {
    OrderRefundInitiated {
        refund_id: RefundId,
        payment_id: PaymentId,
        amount: Amount,
        reason: RefundReason,
        /// What it is for, where an admin gave back a part.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "for")]
        part: Option<RefundPart>,
        /// How much more it would be, had others not given that back: owed as soon as it turns out that they have not.
        #[serde(default, skip_serializing_if = "Amount::is_zero")]
        short: Amount,
    },
    OrderRefundCompleted {
        refund_id: RefundId,
        /// How much the provider gave.
        amount: Amount,
        reference: String,
        /// Under which key, where that is not the refund's id.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "as")]
        done_as: Option<RefundId>,
    },
    /// Less is left to give than was promised: others gave the rest, or a bank took it. What is nothing now is done.
    OrderRefundReduced {
        refund_id: RefundId,
        /// What it comes to now.
        amount: Amount,
        reason: ReductionReason,
    },
    /// The provider will not make it; it stays open for another attempt.
    OrderRefundFailed { refund_id: RefundId, reason: String },
    /// There is nothing left to give back.
    #[serde(rename = "OrderRefunded")]
    OrderClosedAsRefunded,
}

/// Why a refund became smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReductionReason {
    /// More of the payment has gone back than it leaves room for.
    GivenElsewhere,
    /// It was made by hand at the provider, and did not arrive.
    NotArrived,
}

/// What a bank says of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum DisputeEvent {
    /// A bank wants money back. The order is held.
    OrderDisputeOpened {
        payment_id: PaymentId,
        /// The provider's name for the dispute.
        reference: String,
        amount: Amount,
        reason: String,
    },
    /// The bank has decided, perhaps for the second time. The hold ends.
    OrderDisputeClosed {
        reference: String,
        outcome: DisputeState,
        /// How much is gone; nothing of what was won.
        #[serde(rename = "lost")]
        amount: Amount,
    },
}

/// What a fraud check and a person say (A14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ReviewEvent {
    /// A fraud check wants a person to look before anything is shipped (A14).
    OrderReviewRequested { reasons: Vec<ReviewReason> },
    /// A person has looked and found nothing wrong.
    OrderReviewApproved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
}

/// What people hold, and release (G11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum HoldEvent {
    OrderHoldPlaced {
        /// Its name within the order.
        hold: String,
        reason: HoldReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
    OrderHoldReleased {
        hold: String,
        reason: HoldReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Words>,
    },
}

/// What somebody noted about the order (K3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum NoteEvent {
    OrderNoteAdded {
        note: Words,
        /// Its name within the order. Notes of before have none and are shown to nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visibility: Option<NoteVisibility>,
        /// For which seller it was written; nothing where the shop wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "seller")]
        seller_id: Option<SellerId>,
    },
    /// The order has these tags and no others.
    OrderTagsChanged { tags: Words },
    /// Somebody else looks after it, or nobody.
    OrderAssigneeChanged {
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "to")]
        assignee: Option<UserId>,
    },
}

/// What becomes of an order that was placed (C1–C8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ChangeEvent {
    /// It is this from now on.
    OrderChanged {
        /// Which change of the order, counted from 1.
        change: u16,
        #[serde(flatten)]
        revision: Box<Revision>,
        /// What belongs to it as a draft, if it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draft: Option<Draft>,
    },
    /// It will be this once its difference is paid. What is added is reserved until then.
    OrderChangeOffered {
        change: u16,
        until: Timestamp,
        /// What is to be paid for it.
        due: Amount,
        #[serde(flatten)]
        revision: Box<Revision>,
    },
    /// The difference is paid.
    OrderChangeAccepted { change: u16 },
    /// It comes to nothing; the order is as before.
    OrderChangeLapsed { change: u16, reason: LapseReason },
}

impl ChangeEvent {
    /// Which change of the order, counted from 1.
    pub const fn change(&self) -> u16 {
        match self {
            ChangeEvent::OrderChanged { change, .. }
            | ChangeEvent::OrderChangeOffered { change, .. }
            | ChangeEvent::OrderChangeAccepted { change }
            | ChangeEvent::OrderChangeLapsed { change, .. } => *change,
        }
    }
}

/// Why an offered change comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LapseReason {
    /// Nobody paid its difference in time.
    Expired,
    /// Whoever wanted it, or the shop, does not want it any more.
    Withdrawn,
    /// Another change took its place, or units of the order were taken out.
    Replaced,
    /// The order had moved on before its difference was paid.
    Overtaken,
}

impl LapseReason {
    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            LapseReason::Expired => "expired",
            LapseReason::Withdrawn => "withdrawn",
            LapseReason::Replaced => "replaced",
            LapseReason::Overtaken => "overtaken",
        }
    }
}
