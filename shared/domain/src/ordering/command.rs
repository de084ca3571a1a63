//! What somebody asks of an order (B10).

use jiff::Timestamp;

use super::amendment::Amendment;
use super::event::{CancelReason, ReviewReason};
use super::note::NewNote;
use super::state::{HoldReason, Line};
use super::terms::{Terms, Wishes};
use crate::fulfilment::label::{BoughtLabel, LabelFailure, LabelOrder};
use crate::fulfilment::{Announcement, LineQuantity, Location, ReturnedLine, Tracking};
use crate::ids::{LabelId, PaymentId, RefundId, UserId};
use crate::money::{Amount, Currency, Money};
use crate::ordering::address::Destination;
use crate::payments::{DisputeNews, RefundPart};
use crate::pricing::Totals;
use crate::pricing::dispatch::Delivery;
use crate::pricing::promotion::Use;
use crate::returns::policy::{Reason, ReturnTerms, ReturnsTable};
use crate::returns::{FoundUnits, ReturnKind};

/// All that a new order is made of; already priced, already validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    pub user_id: UserId,
    pub currency: Currency,
    /// Where it goes.
    pub destination: Destination,
    /// Code of the shipping method.
    pub shipping_method: String,
    /// How long that takes, where the shop says so.
    pub delivery: Option<Delivery>,
    /// What is ordered; 1 to [`super::MAX_LINES`] lines.
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// Codes of the promotions in force.
    pub promotions: Vec<String>,
    /// Which of their uses are counted; none of a draft's.
    pub uses: Vec<Use>,
    /// On which terms goods come back; none of a draft's.
    pub return_terms: Option<ReturnTerms>,
    /// What the customer asked for, kept by a draft.
    pub wishes: Wishes,
    /// False: submit at once, which reserves stock.
    pub draft: bool,
}

/// What is to happen to a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShipmentStep {
    Pack,
    /// Hand it to a carrier, in these parcels; where none are named, in those of its label.
    Ship {
        parcels: Vec<Tracking>,
    },
    /// Correct how its parcels are followed.
    Track {
        parcels: Vec<Tracking>,
        /// Whether the customer is told.
        tell: bool,
    },
    Deliver,
    /// Its carrier tells something that the customer wants to hear.
    Announce(Announcement),
    /// The carrier could not hand it over, and has it still.
    Fail,
    /// It came back.
    ComeBack,
    Lose,
    /// Reserve what was lost anew.
    Replace,
    /// Give it up before it leaves.
    Cancel,
}

/// What somebody wants to send back, or claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReturn {
    pub kind: ReturnKind,
    pub lines: Vec<WantedLine>,
    /// What they say about it.
    pub note: Option<String>,
    /// Whether the terms of the order's placement bind who asks; for staff they are advice.
    pub binding: bool,
}

/// Units of a line that are to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedLine {
    pub units: LineQuantity,
    /// Why; nothing for a claim, whose kind says it.
    pub reason: Option<Reason>,
}

/// What is to happen to a return. The table is the one of the order's placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnStep {
    /// The goods may come; a claim is granted, and its money goes back.
    Approve {
        table: Box<ReturnsTable>,
        /// What goes back for a claim, if not all of it.
        amount: Option<Amount>,
    },
    Deny,
    /// Units came, and their money goes back.
    Receive {
        table: Box<ReturnsTable>,
        found: Vec<FoundUnits>,
        /// What goes back, if not what the terms say.
        amount: Option<Amount>,
    },
    /// Give it up before anything has come.
    Cancel,
    /// Wait for nothing more.
    Close,
}

/// What a carrier says of a label that it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelAnswer {
    Bought(BoughtLabel),
    Failed(LabelFailure),
    /// It cannot tell.
    Unknown,
}

/// What somebody asks of an existing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Submit a draft on these terms: they are frozen, and its stock is reserved for [`super::HOLD_MINUTES`].
    Submit { terms: Box<Terms> },
    /// Ask a provider for a payment of the total.
    RequestPayment {
        provider: String,
        /// Whether the customer agrees that the means of payment is kept.
        keep: bool,
        /// Whether a new attempt is wanted although one is open at the same provider.
        anew: bool,
    },
    /// A provider says that it holds money for us.
    RecordPayment {
        payment_id: PaymentId,
        provider: String,
        /// Its name for the capture.
        reference: String,
        /// How much; must be what we asked for.
        money: Money,
    },
    /// A provider says that an attempt failed.
    RecordPaymentFailure {
        payment_id: PaymentId,
        provider: String,
        /// Its short reason.
        reason: String,
    },
    /// A provider says that the customer has done their part and the money is under way.
    RecordPaymentProcessing { payment_id: PaymentId, provider: String },
    /// Begin to prepare a paid order.
    StartProcessing { note: Option<String> },
    /// Hand all that has not shipped, or the given part, to a carrier.
    Ship {
        /// How the parcel is followed.
        tracking: Tracking,
        /// What is in it; nothing means all the rest.
        lines: Option<Vec<LineQuantity>>,
        note: Option<String>,
    },
    /// The carrier brought it back (B6).
    FailDelivery { note: Option<String> },
    /// The customer has it (G6).
    Deliver { note: Option<String> },
    /// Stop it; what was paid goes back.
    Cancel { reason: CancelReason, note: Option<String> },
    /// Takes units out that have not left and are not packed; of everything that is left it cancels the order.
    CancelLines { lines: Vec<LineQuantity>, reason: CancelReason, note: Option<String> },
    /// Change it to these terms, or offer it where that costs more (C1–C8).
    Amend {
        amendment: Box<Amendment>,
        /// The version of the order that the terms were worked out on.
        base: u64,
    },
    /// Give up a change that waits to be paid.
    WithdrawOffer {
        /// Which change of the order.
        change: u16,
    },
    /// Stop what nobody came back to in time: the order, or a change that was offered (D3).
    Expire,
    /// The customer wants to send goods back.
    RequestReturn { lines: Vec<LineQuantity>, reason: String },
    /// The shop says no (B7).
    DenyReturn { reason: String },
    /// Goods came back and were inspected.
    ReceiveReturn {
        /// Which, in which condition.
        lines: Vec<ReturnedLine>,
    },
    /// Send units back, or claim them, under a number of its own (H1).
    OpenReturn(Box<NewReturn>),
    /// One step of one return.
    MoveReturn {
        /// Its number within the order.
        number: u16,
        step: ReturnStep,
        note: Option<String>,
    },
    /// Give back all that is still captured, after a return or without one.
    Refund,
    /// Give back a part: units of lines, of shipping, or as a kindness.
    RefundPart { part: RefundPart },
    /// A provider says that a refund is done.
    CompleteRefund {
        /// Which, by its id or any key under which the provider was asked.
        refund_id: RefundId,
        /// The provider's name for it.
        reference: String,
        /// How much went back; what was promised, if nobody says.
        money: Option<Money>,
    },
    /// A provider says that a refund will not happen.
    FailRefund {
        /// Which, by the key under which the provider was asked ([`crate::payments::Refund::key`]).
        key: RefundId,
        /// The provider's short reason.
        reason: String,
    },
    /// Somebody gave money back by hand at the provider.
    RecordRefund {
        provider: String,
        /// Its name for the capture.
        payment_reference: String,
        /// Its name for the refund.
        reference: String,
        money: Money,
    },
    /// A refund that somebody made by hand at the provider did not arrive.
    FailRefundElsewhere {
        /// The provider's name for it.
        reference: String,
        /// The provider's short reason.
        reason: String,
    },
    /// A provider says how a dispute about a payment stands.
    RecordDispute {
        provider: String,
        /// Its name for the capture.
        payment_reference: String,
        news: DisputeNews,
    },
    /// The page of an attempt was opened after the customer had gone: tell.
    AnnounceCheckout { payment_id: PaymentId },
    /// Hold it for a person to look at before anything is shipped (A14).
    RequestReview { reasons: Vec<ReviewReason> },
    /// A person has looked and found nothing wrong.
    ApproveReview { note: Option<String> },
    /// A person has looked and stops it; what was paid goes back (D3).
    RejectReview { note: Option<String> },
    /// One step of one shipment (G10).
    MoveShipment {
        /// Its number within the order.
        shipment: u16,
        step: ShipmentStep,
        note: Option<String>,
    },
    /// Have units leave together. A paid order is begun with it.
    PlanShipment { lines: Vec<LineQuantity>, location: Location },
    /// Have a carrier asked for a shipment's label (G13). Whoever writes this down asks, and nobody else.
    RequestLabel { shipment: u16, label: LabelOrder },
    /// What the carrier answers.
    RecordLabel {
        shipment: u16,
        label_id: LabelId,
        /// What was asked for.
        label: LabelOrder,
        answer: LabelAnswer,
    },
    /// Give a shipment's label back to its carrier.
    VoidLabel { shipment: u16 },
    /// What the carrier answers to that.
    RecordVoid { shipment: u16, label_id: LabelId, is_void: bool },
    /// Keep it from being processed and shipped (G11).
    PlaceHold { reason: HoldReason, note: Option<String> },
    /// End one of its holds.
    ReleaseHold {
        /// The hold's name within the order.
        hold: String,
        note: Option<String>,
    },
    /// Write something down (K3).
    AddNote(NewNote),
    /// Give it these tags in place of those that it has.
    SetTags {
        tags: Vec<String>,
        /// The version of the order at which it had these very tags, if that is known: nothing happens then.
        already_at: Option<u64>,
    },
    /// Have somebody look after it, or nobody (K6).
    Assign { to: Option<UserId> },
}

impl Command {
    /// When the hold of an order submitted `now` ends.
    pub fn hold_until(now: Timestamp) -> Timestamp {
        let hold = jiff::SignedDuration::from_mins(super::HOLD_MINUTES);
        now.checked_add(hold).unwrap_or(Timestamp::MAX)
    }

    /// Until when an order waits for money that is under way `now`.
    pub fn process_until(now: Timestamp) -> Timestamp {
        let wait = jiff::SignedDuration::from_hours(24 * super::PROCESSING_DAYS);
        now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}
