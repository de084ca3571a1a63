//! What is written, or must hold, beside the change of an order: all of it in one transaction.
//!
//! A new companion needs
//! 1. a variant of [`Companion`] and its [`Turn`] here,
//! 2. a file with its item and its refusal, and one row, in each store (`companions/` of the DynamoDB adapter and of the
//!    memory store),
//! 3. a file in [`crate::companions`] that says which event it follows from; or a use case hands it in, where no event
//!    tells of it.

use std::fmt;

use jiff::Timestamp;
use oms_domain::ids::{LabelId, OrderId, PaymentId, RefundId, UserId};
use oms_domain::ordering::address::Person;
use serde::{Deserialize, Serialize};

use super::{AccountStep, CheckoutSession, ParcelStep, SavedMethod, ShipmentRecord};

/// One thing beside a change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "a commit has a few companions, and one person at most")]
pub enum Companion {
    /// The person record of a new order.
    Person(Person),
    /// What somebody wrote with one of the events, beside the person record.
    Written(Written),
    /// The fingerprint of the request that creates the order, kept in the order's own item.
    Request(RequestFingerprint),
    /// What was done under a key.
    Command(CommandEntry),
    /// The claim on the cart of an order that reserves.
    Cart(CartClaim),
    /// What the customer's account permits and counts; at most one.
    Account(AccountStep),
    /// The checkout session that an attempt to pay wants.
    Checkout(CheckoutSession),
    /// A step of a counter; each counter at most once.
    Usage(UsageStep),
    /// The means of payment that is saved with this payment.
    SavedMethod(SavedMethod),
    /// The follow-up of a refund, or its end.
    Refund(RefundTask),
    /// The end of a checkout session's follow-up.
    Settled(SettledSession),
    /// What lists show of a shipment.
    Shipment(ShipmentRecord),
    /// By which number its carrier tells of a parcel, or does so no more; each number at most once.
    Parcel(ParcelStep),
    /// The follow-up of a label, or its end.
    Label(LabelTask),
}

/// In which order reasons not to write are told: those that explain the others come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// A new order whose id is taken: the same create happened before.
    Creation,
    /// The command's key was used.
    Command,
    /// The order has moved on, or is missing.
    Order,
    Event,
    Person,
    Cart,
    Account,
    Checkout,
    Usage,
    SavedMethod,
    Refund,
    Settled,
    Shipment,
    Parcel,
    Label,
    /// All shortages are told together.
    Stock,
}

impl Companion {
    /// When its reason is told.
    pub const fn turn(&self) -> Turn {
        match self {
            Companion::Request(_) => Turn::Creation,
            Companion::Command(_) => Turn::Command,
            Companion::Person(_) | Companion::Written(_) => Turn::Person,
            Companion::Cart(_) => Turn::Cart,
            Companion::Account(_) => Turn::Account,
            Companion::Checkout(_) => Turn::Checkout,
            Companion::Usage(_) => Turn::Usage,
            Companion::SavedMethod(_) => Turn::SavedMethod,
            Companion::Refund(_) => Turn::Refund,
            Companion::Settled(_) => Turn::Settled,
            Companion::Shipment(_) => Turn::Shipment,
            Companion::Parcel(_) => Turn::Parcel,
            Companion::Label(_) => Turn::Label,
        }
    }
}

/// What somebody wrote with an event.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// The event's.
    pub version: u64,
    pub text: String,
}

impl fmt::Debug for Written {
    /// Personal data never reaches a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({}, ..)", self.version)
    }
}

/// When to look at a refund, so that `sweep` makes what a queue has lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundTask {
    pub refund_id: RefundId,
    /// Nothing once it is done.
    pub look_at: Option<Timestamp>,
}

/// When to look at a label, so that none that was paid is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelTask {
    pub label_id: LabelId,
    /// Nothing once there is nothing to wait for.
    pub look_at: Option<Timestamp>,
}

/// A checkout session whose money is here: there is nothing to come back to. Its record stays, because a repeated request
/// is answered from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledSession(pub PaymentId);

/// Hash of the request that created an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFingerprint(pub String);

/// What is remembered under which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandEntry {
    pub key: CommandKey,
    pub record: CommandRecord,
}

/// Names one command of one caller, or one notification of one provider, within an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandKey(pub String);

/// What was done under a key, so that the same key again gets the same outcome (A19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// Fingerprint of the request: the same key with another request is a mistake.
    pub request: String,
    /// What the caller was given, e.g. the payment's id; empty where the order itself is the answer.
    pub outcome: String,
    /// When the key may be forgotten.
    pub expires_at: Timestamp,
}

/// Claims a customer's cart so that the same cart is not ordered twice by accident (A20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartClaim {
    /// Whose cart.
    pub user_id: UserId,
    /// Hash of what is in it.
    pub cart: String,
    /// How to treat an earlier claim.
    pub policy: CartPolicy,
    /// When the claim ends by itself: with the hold of the order.
    pub expires_at: Timestamp,
}

/// How a new claim treats an earlier one that has not expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CartPolicy {
    /// It refuses ([`CommitError::CartTaken`]), unless the earlier claim is this order's, which was found to be over.
    Exclusive {
        /// The order whose claim may be replaced.
        over: Option<OrderId>,
    },
    /// The caller said "I mean it" with a new key: it replaces.
    Replace,
}

/// Something that is counted in an order's own transaction, so that its limit holds under concurrency.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UsageCounter {
    /// Uses of a promotion, by its code.
    Promotion(String),
    /// Uses of a promotion by one customer.
    PromotionOfCustomer(String, UserId),
    /// Orders that a customer has created in a minute, counted since 1970: written by earlier versions, for an hour.
    Creations(UserId, i64),
}

/// One step of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageStep {
    /// Which counter.
    pub counter: UsageCounter,
    /// By how much; what is given back is negative and never refused.
    pub delta: i32,
    /// The counter must not go above it.
    pub limit: Option<u32>,
    /// When the counter may be forgotten.
    pub expires_at: Option<Timestamp>,
}
