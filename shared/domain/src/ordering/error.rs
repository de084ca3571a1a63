//! Why an order refuses a command. Every reason is a business reason.

use jiff::Timestamp;

use super::status::{Action, Status};
use crate::money::Money;

/// Why nothing happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state does not allow it.
    #[error("an order that is {from} does not allow `{action}`")]
    InvalidTransition {
        /// Where the order stands.
        from: Status,
        /// What was asked.
        action: Action,
    },
    /// A fraud check holds it.
    #[error("the order is held for review")]
    UnderReview,
    /// Part of it is already on its way.
    #[error("part of the order has been shipped; it can no longer be cancelled as a whole")]
    PartlyShipped,
    /// The deadline has not passed.
    #[error("the order's stock is held until {until}")]
    NotDue {
        /// Until when it waits for payment.
        until: Timestamp,
    },
    /// The hold has run out: no new payment is begun that would come too late.
    #[error("the time to pay ended at {since}")]
    HoldExpired { since: Timestamp },
    /// Too many attempts to pay.
    #[error("the order has had its {0} payment attempts")]
    TooManyAttempts(usize),
    /// No such payment attempt, or of another provider.
    #[error("the order knows no such payment")]
    UnknownPayment,
    /// The provider captured something else than we asked for.
    #[error("the payment's amount or currency is not what was asked for")]
    PaymentMismatch,
    /// No such refund.
    #[error("the order knows no such refund")]
    UnknownRefund,
    /// No such line.
    #[error("the order has no line {0}")]
    UnknownLine(u16),
    /// More units than there are for this.
    #[error("line {line} has only {left} units left for this")]
    TooManyUnits {
        line: u16,
        /// How many are left.
        left: u32,
    },
    /// A refund of nothing.
    #[error("the refund names nothing to give back")]
    EmptyRefund,
    /// More than is left of what was paid.
    #[error("only {left} of the payment is left to give back")]
    RefundTooLarge {
        /// What is left.
        left: Money,
    },
    /// More shipping than was charged and has not gone back.
    #[error("only {left} of shipping is left to give back")]
    TooMuchShipping {
        /// What is left.
        left: Money,
    },
    /// Too many refunds by hand.
    #[error("the order has had its {0} refunds in part")]
    TooManyRefunds(usize),
    /// The timeline is full.
    #[error("the order's history is full")]
    HistoryFull,
}
