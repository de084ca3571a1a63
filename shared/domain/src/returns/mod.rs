//! What customers send back, and what they claim without sending anything (H1–H7, H9; ADR 57, 58).

pub mod policy;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fulfilment::LineQuantity;
use crate::ids::OrderId;
use crate::money::Amount;
use crate::ordering::Words;
use policy::{BackTo, GoodsCondition};

/// Most returns of one order, whatever became of them.
pub const MAX_RETURNS: usize = 20;

/// Longest note with a return, in characters.
pub const MAX_RETURN_NOTE_CHARACTERS: usize = 200;

/// Whether goods come back, and if not, what was wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnKind {
    /// Goods come back.
    Return,
    /// Claimed: they were not in the parcel.
    Missing,
    /// Claimed: they arrived damaged.
    Damaged,
    /// Claimed: something else arrived.
    WrongItem,
}

impl ReturnKind {
    /// All of them.
    pub const ALL: [ReturnKind; 4] =
        [ReturnKind::Return, ReturnKind::Missing, ReturnKind::Damaged, ReturnKind::WrongItem];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            ReturnKind::Return => "return",
            ReturnKind::Missing => "missing",
            ReturnKind::Damaged => "damaged",
            ReturnKind::WrongItem => "wrong_item",
        }
    }

    /// Whether nothing comes back.
    pub const fn is_claim(self) -> bool {
        !matches!(self, ReturnKind::Return)
    }
}

/// Where a return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnStatus {
    /// Somebody has to decide about it.
    Requested,
    /// The goods are waited for.
    Approved,
    /// The shop said no.
    Denied,
    /// Some of it has come, the rest is waited for.
    Received,
    /// Nothing more is waited for.
    Closed,
    /// It was given up, or never came.
    Cancelled,
}

impl ReturnStatus {
    /// All of them, in the order of a return's life.
    pub const ALL: [ReturnStatus; 6] = [
        ReturnStatus::Requested,
        ReturnStatus::Approved,
        ReturnStatus::Denied,
        ReturnStatus::Received,
        ReturnStatus::Closed,
        ReturnStatus::Cancelled,
    ];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            ReturnStatus::Requested => "requested",
            ReturnStatus::Approved => "approved",
            ReturnStatus::Denied => "denied",
            ReturnStatus::Received => "received",
            ReturnStatus::Closed => "closed",
            ReturnStatus::Cancelled => "cancelled",
        }
    }

    /// Whether something is still waited for.
    pub const fn is_open(self) -> bool {
        match self {
            ReturnStatus::Requested | ReturnStatus::Approved | ReturnStatus::Received => true,
            ReturnStatus::Denied | ReturnStatus::Closed | ReturnStatus::Cancelled => false,
        }
    }
}

impl fmt::Display for ReturnStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Units of a line that come back, or are claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnLine {
    pub line: u16,
    #[serde(rename = "qty")]
    pub quantity: u32,
    /// Code of the reason in the table of the order's placement; nothing for a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the shop pays for the way back. Then it takes no fee.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", rename = "shop_pays")]
    pub shop_pays: bool,
    /// Units that have come.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub received: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(units: &u32) -> bool {
    *units == 0
}

impl ReturnLine {
    /// Units that are waited for.
    pub fn outstanding(&self) -> u32 {
        self.quantity.saturating_sub(self.received)
    }
}

/// Units that came back, as they were found, and where they went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedLine {
    pub line: u16,
    #[serde(rename = "qty")]
    pub quantity: u32,
    pub condition: GoodsCondition,
    pub stock: BackTo,
}

/// What units are worth that came back or are claimed, and what of that stays with the shop. Amounts in minor units of the order's
/// currency, each at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settlement {
    /// What the customer paid for the units, as far as it has not gone back before, and for shipping where the whole order is back.
    pub value: Amount,
    /// Kept because of their condition, or because somebody decided so.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub reduction: Amount,
    /// Kept for the shop's work.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub fee: Amount,
    /// Of the value, what had gone back as a kindness or was taken by a bank.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub gone: Amount,
}

impl Settlement {
    /// What goes back.
    pub fn refund(&self) -> Amount {
        self.value - self.reduction - self.fee - self.gone
    }

    /// All that does not.
    pub fn withheld(&self) -> Amount {
        self.value - self.refund()
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Settlement) -> Settlement {
        Settlement {
            value: self.value + other.value,
            reduction: self.reduction + other.reduction,
            fee: self.fee + other.fee,
            gone: self.gone + other.gone,
        }
    }
}

/// One return of an order, or one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Counted from 1 within the order.
    pub number: u16,
    pub kind: ReturnKind,
    pub status: ReturnStatus,
    pub lines: Vec<ReturnLine>,
    pub requested_at: Timestamp,
    /// When somebody approved or denied it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// When the last of it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// When it was closed or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Until when the goods are waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What came of it so far.
    #[serde(default)]
    pub settled: Settlement,
    /// Staff opened it although the terms would not have let the customer do so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// What was said as it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Words>,
    /// What the shop said to it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Words>,
}

impl Return {
    /// Units of a line in it.
    pub fn units_of(&self, line: u16) -> u32 {
        self.lines.iter().filter(|own| own.line == line).map(|own| own.quantity).sum()
    }

    /// Units of a line that are waited for.
    pub fn outstanding_of(&self, line: u16) -> u32 {
        self.lines.iter().filter(|own| own.line == line).map(ReturnLine::outstanding).sum()
    }

    /// Until when its goods are waited for, if they are.
    pub fn waits_until(&self) -> Option<Timestamp> {
        self.expires_at.filter(|_| matches!(self.status, ReturnStatus::Approved | ReturnStatus::Received))
    }

    /// Whether anything has come.
    pub fn has_come(&self) -> bool {
        self.lines.iter().any(|line| line.received > 0)
    }

    /// Whether all of it has.
    pub fn is_all_here(&self) -> bool {
        self.lines.iter().all(|line| line.outstanding() == 0)
    }

    /// Whether it is a claim that the shop has settled.
    pub fn is_settled_claim(&self) -> bool {
        self.kind.is_claim() && self.status == ReturnStatus::Closed
    }
}

/// A return of an order, as clients name it: the order's id and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnId {
    pub order_id: OrderId,
    /// Counted from 1.
    pub number: u16,
}

/// The text is no id of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a return")]
pub struct InvalidReturnId;

impl fmt::Display for ReturnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-R{}", self.order_id, self.number)
    }
}

impl FromStr for ReturnId {
    type Err = InvalidReturnId;

    /// One return has one spelling.
    fn from_str(text: &str) -> Result<Self, InvalidReturnId> {
        let (order, number) = text.rsplit_once("-R").ok_or(InvalidReturnId)?;
        let id = ReturnId {
            order_id: order.parse().map_err(|_| InvalidReturnId)?,
            number: number.parse().map_err(|_| InvalidReturnId)?,
        };
        if id.number > 0 && id.to_string() == text { Ok(id) } else { Err(InvalidReturnId) }
    }
}

impl ReturnId {
    /// What people read: the order's number and the return's.
    pub fn readable(&self) -> String {
        format!("{}-R{}", self.order_id.number(), self.number)
    }
}

/// Units that somebody found in a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundUnits {
    pub units: LineQuantity,
    pub condition: GoodsCondition,
}
