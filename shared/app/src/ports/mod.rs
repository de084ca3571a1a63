//! What the use cases need of the world. Adapters implement these; nothing here knows AWS or HTTP.

mod agenda;
mod alerts;
mod catalog;
mod census;
mod checks;
mod circuits;
mod customers;
mod journal;
mod messages;
mod methods;
mod orders;
mod payments;
mod secrets;
mod settings;
mod shelf;
mod time;

pub use agenda::{Agenda, PageRecord, Parked, ParkingPlace, QUIET_MINUTES, Task, next_look};
pub use alerts::{Alerts, LowStock};
pub use catalog::{Catalog, ProductPage, Rates};
pub use census::{Census, Tally};
pub use checks::{AddressValidator, Outage, PostalForms, TableTaxes, TaxCalculator, Taxable};
pub use circuits::{Circuit, Circuits};
pub use customers::{Customers, FraudCheck, FraudFacts, Standing};
pub use journal::{Figure, Journal, Line, Unit};
pub use messages::{Claim, EventBus, Message, Messenger, Notice, Notices, PublishError, SendError};
pub use methods::{Methods, Removed, StoredMethod};
pub use orders::{
    CartClaim, CartPolicy, CommandKey, CommandRecord, Commit, CommitError, Count, Counter, ListQuery, Listing, Orders,
    Position, Scope, Shortage, Stored, Summary,
};
pub use payments::{
    GatewayError, Page, PageState, PaymentGateway, Receipt, RefundNotification, RefundRequest, RefundState, Session,
    SessionRequest, Webhook, WebhookError,
};
pub use secrets::{SecretError, Secrets};
pub use settings::{NoTable, Setting, SettingChange, SettingError, SettingRecord, Settings, Table, Versioned};
pub use shelf::{AlertMark, EditError, Entry, Move, MoveError, MoveKey, MovementPage, Shelf};
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
