//! A customer's bank wants money back that was paid: only a person can answer it, within the bank's time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::PaymentId;
use crate::money::{Amount, Money};

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The bank has not decided.
    Open,
    /// The shop keeps the money.
    Won,
    /// The money is gone.
    Lost,
}

impl DisputeState {
    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            DisputeState::Open => "open",
            DisputeState::Won => "won",
            DisputeState::Lost => "lost",
        }
    }
}

/// One dispute, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The provider's name for it.
    pub reference: String,
    #[serde(rename = "payment")]
    pub payment_id: PaymentId,
    /// How much the bank wants back; once lost, how much it took.
    pub amount: Amount,
    /// The bank's reason, as one word.
    pub reason: String,
    pub state: DisputeState,
    /// When we heard of it.
    pub since: Timestamp,
}

/// What a provider says of a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeNews {
    /// The provider's name for the dispute.
    pub reference: String,
    /// How much is disputed; all of the payment if the provider does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
    /// A short machine-readable reason.
    pub reason: String,
    pub state: DisputeState,
}
