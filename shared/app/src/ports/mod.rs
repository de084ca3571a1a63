//! What the use cases need of the world. Adapters implement these; nothing here knows AWS or HTTP.

mod accounts;
mod alerts;
mod carriers;
mod catalog;
mod checks;
mod circuits;
mod companions;
mod customers;
mod documents;
mod follow_ups;
mod inventory;
mod link_keys;
mod messages;
mod metrics;
mod order_counts;
mod orders;
mod outbox;
mod parcels;
mod payment_methods;
mod payments;
mod secrets;
mod settings;
mod shipments;
mod time;

pub use accounts::{AccountStep, Act, Allowance, Allowances, Counted, Limited, MAX_ACTS, OpenOrder};
pub use alerts::{Alert, Alerts, FulfilmentFailed, FulfilmentFailure, LowStock};
pub use carriers::{
    AddressFault, BoughtLabel, Capabilities, Carrier, CarrierDocument, CarrierError, DocumentFormat, Fault,
    LabelRequest, Party, Push, PushError, Rate, RateRequest, Recovered, Tracker, TrackingRef, VoidUntil, Voided,
};
pub use catalog::{Catalog, NumberedReturns, ProductPage, RateSchedule, Rates, Schedule};
pub use checks::{AddressValidator, Outage, TaxCalculator, Taxable};
pub use circuits::{Circuit, Circuits};
pub use companions::{
    CartClaim, CartPolicy, CommandEntry, CommandKey, CommandRecord, Companion, LabelTask, RefundTask,
    RequestFingerprint, SettledSession, Turn, UsageCounter, UsageStep, Written,
};
pub use customers::{Customers, FraudCheck, FraudFacts, Standing};
pub use documents::{DocumentKey, Documents};
pub use follow_ups::{Agenda, CheckoutSession, FollowUp, FollowUps, Unmatched, UnmatchedKey};
pub use inventory::{AlertMark, EditError, Inventory, Move, MoveError, MoveKey, MovementPage, ProductEntry};
pub use link_keys::{LinkKeys, NoLinkKeys};
pub use messages::{Claim, EventBus, Message, Messenger, Notice, Notices, PublishError, SendError};
pub use metrics::{Figure, Line, Metrics, Unit};
pub use order_counts::{OrderCount, OrderCounts};
pub use orders::{
    Commit, CommitError, ListQuery, Listing, MAX_ITEMS, MAX_NUMBERED, Orders, Position, Scope, Shortage, Stored,
    Summary,
};
pub use outbox::{MAX_MARKERS, Marker, Outbox};
pub use parcels::{NoteError, Owner, ParcelKey, ParcelRecord, ParcelStep, Parcels};
pub use payment_methods::{PaymentMethods, Removed, SavedMethod};
pub use payments::{
    CaptureRef, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundNotification, RefundRequest,
    RefundState, SessionRef, SessionRequest, SessionState, Webhook, WebhookError,
};
pub use secrets::{SecretError, Secrets};
pub use settings::{
    ANNOUNCED_SECONDS, Effective, NoTable, Setting, SettingChange, SettingError, SettingRecord, Settings, Table,
    Versioned,
};
pub use shipments::{PickLine, ShipmentListing, ShipmentQuery, ShipmentRecord};
pub use time::{Clock, Random};

/// Why the store could not answer. Nothing is known to have changed unless the method says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out or unreachable, after the adapter's own bounded retries: worth trying again later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// An item cannot be read: trying again does not help, a person must look.
    #[error("a stored item is damaged: {0}")]
    Damaged(String),
}

/// A part of the world that readiness asks after (P3).
#[async_trait::async_trait]
pub trait Probe: Send + Sync {
    /// What it is, e.g. `orders table`.
    fn name(&self) -> &str;

    /// Fails with a reason for the log; the reason is not shown to callers.
    async fn check(&self) -> Result<(), String>;
}
