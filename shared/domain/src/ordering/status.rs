//! The states of an order and who may follow whom (B1–B4).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Still being put together; nothing reserved.
    Draft,
    /// Submitted; stock is held for [`super::HOLD_MINUTES`], waiting for payment.
    Pending,
    Confirmed,
    /// Being prepared.
    Processing,
    /// Handed to a carrier.
    Shipped,
    /// Received.
    Delivered,
    /// The customer asked to return it or be refunded.
    ReturnRequested,
    /// Goods came back and were inspected.
    Returned,
    /// Money went back. Terminal.
    Refunded,
    /// Terminal, never reactivated (B8).
    Cancelled,
}

impl Status {
    /// Every state, in the order of an order's life.
    pub const ALL: [Status; 10] = [
        Status::Draft,
        Status::Pending,
        Status::Confirmed,
        Status::Processing,
        Status::Shipped,
        Status::Delivered,
        Status::ReturnRequested,
        Status::Returned,
        Status::Refunded,
        Status::Cancelled,
    ];

    /// The states that may follow this one; whatever is not here is an invalid transition (B2).
    pub const fn next(self) -> &'static [Status] {
        match self {
            Status::Draft => &[Status::Pending, Status::Cancelled],
            Status::Pending => &[Status::Confirmed, Status::Cancelled],
            Status::Confirmed => &[Status::Processing, Status::Cancelled],
            Status::Processing => &[Status::Shipped, Status::Cancelled],
            Status::Shipped => &[Status::Delivered, Status::Processing],
            Status::Delivered => &[Status::ReturnRequested],
            Status::ReturnRequested => &[Status::Delivered, Status::Returned, Status::Refunded],
            Status::Returned => &[Status::Refunded],
            Status::Refunded | Status::Cancelled => &[],
        }
    }

    /// Whether `to` may follow.
    pub fn may_become(self, to: Status) -> bool {
        self.next().contains(&to)
    }

    /// Whether nothing can follow.
    pub fn is_terminal(self) -> bool {
        self.next().is_empty()
    }

    /// Whether units of this order are counted as reserved.
    pub const fn holds_stock(self) -> bool {
        match self {
            Status::Pending | Status::Confirmed | Status::Processing => true,
            Status::Draft
            | Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned
            | Status::Refunded
            | Status::Cancelled => false,
        }
    }

    /// The one name that we write.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Pending => "pending",
            Status::Confirmed => "confirmed",
            Status::Processing => "processing",
            Status::Shipped => "shipped",
            Status::Delivered => "delivered",
            Status::ReturnRequested => "return_requested",
            Status::Returned => "returned",
            Status::Refunded => "refunded",
            Status::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an order status")]
pub struct UnknownStatus(pub String);

impl FromStr for Status {
    type Err = UnknownStatus;

    /// Reads our names in any case, and other accepted spellings (docs/requirements.md, decision 3).
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "pending_payment" => Ok(Status::Pending),
            "payment_confirmed" => Ok(Status::Confirmed),
            "refund_requested" => Ok(Status::ReturnRequested),
            name => Status::ALL
                .into_iter()
                .find(|status| status.name() == name)
                .ok_or_else(|| UnknownStatus(text.chars().take(40).collect())),
        }
    }
}

/// What somebody wants to do with an order; named in refusals and in `allowed_actions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Draft → pending.
    Submit,
    /// Ask a provider for a payment, or record one.
    Pay,
    /// Change what it is, where it goes or what it costs.
    Change,
    /// Stop the order.
    Cancel,
    /// Take units out that were paid for.
    CancelLines,
    /// Confirmed → processing.
    Process,
    /// Processing → shipped.
    Ship,
    /// Shipped → processing.
    FailDelivery,
    /// Shipped → delivered.
    Deliver,
    /// Delivered → return requested.
    RequestReturn,
    /// Return requested → delivered.
    DenyReturn,
    /// Return requested → returned.
    ReceiveReturn,
    /// Give money back without or after a return.
    Refund,
    /// Look at an order that a fraud check holds, and approve or reject it.
    Review,
    /// Keep it from being processed and shipped.
    Hold,
    /// End a hold.
    ReleaseHold,
}

impl Action {
    /// The name clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Submit => "submit",
            Action::Pay => "pay",
            Action::Change => "change",
            Action::Cancel => "cancel",
            Action::CancelLines => "cancel_lines",
            Action::Process => "process",
            Action::Ship => "ship",
            Action::FailDelivery => "fail_delivery",
            Action::Deliver => "deliver",
            Action::RequestReturn => "request_return",
            Action::DenyReturn => "deny_return",
            Action::ReceiveReturn => "receive_return",
            Action::Refund => "refund",
            Action::Review => "review",
            Action::Hold => "hold",
            Action::ReleaseHold => "release_hold",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn the_whole_matrix() {
        let mut matrix = String::new();
        for from in Status::ALL {
            let next: Vec<_> = from.next().iter().map(|to| to.name()).collect();
            writeln!(matrix, "{from:<17}→ {}", if next.is_empty() { "(terminal)".into() } else { next.join(" · ") })
                .unwrap();
        }
        insta::assert_snapshot!(matrix);
    }

    #[test]
    fn names_of_other_documents_are_read_and_never_written() {
        for (theirs, ours) in [
            ("PENDING_PAYMENT", Status::Pending),
            ("payment_confirmed", Status::Confirmed),
            ("REFUND_REQUESTED", Status::ReturnRequested),
            ("Shipped", Status::Shipped),
        ] {
            assert_eq!(theirs.parse::<Status>().unwrap(), ours);
        }
        for status in Status::ALL {
            assert_eq!(status.name().parse::<Status>().unwrap(), status);
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{status}\""));
        }
        assert!("lost".parse::<Status>().is_err());
    }

    #[test]
    fn terminal_states_are_the_two_that_end_an_order() {
        let terminal: Vec<_> = Status::ALL.into_iter().filter(|status| status.is_terminal()).collect();
        assert_eq!(terminal, [Status::Refunded, Status::Cancelled]);
    }
}
