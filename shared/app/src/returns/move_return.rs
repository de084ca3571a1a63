//! One step of a return: approved, denied, received, cancelled, closed (H1, H4, H5).
//!
//! 1. Load the order; whoever has no part in it, or in the return, learns nothing of it.
//! 2. Each step has a right of its own: admins decide, sellers receive what is theirs, customers give up their own. An amount other
//!    than the terms' is a decision as well.
//! 3. Read what came in the order's own terms, and the terms of its placement.
//! 4. Decide and commit: the receipt, its stock and its refund are one change. The `refund` function takes the refund to the provider.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{Command, Order, ReturnStep};
use oms_domain::returns::policy::GoodsCondition;
use oms_domain::returns::{FoundUnits, Return, ReturnId};

use super::{ShownReturn, permit, terms};
use crate::error::{Error, Field};
use crate::execute::WritePath;
use crate::intent::Intent;
use crate::ordering::units::{Units, named};
use crate::ports::Settings;

/// Where a return is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Approved,
    Denied,
    Received,
    Cancelled,
    Closed,
}

impl Wanted {
    /// What it takes.
    const fn operation(self) -> Operation {
        match self {
            Wanted::Approved | Wanted::Denied | Wanted::Closed => Operation::DecideReturn,
            Wanted::Received => Operation::ReceiveReturn,
            Wanted::Cancelled => Operation::CancelReturn,
        }
    }
}

/// A step.
#[derive(Debug, Clone)]
pub struct Request {
    pub status: Wanted,
    /// What came, with `received`.
    pub received: Vec<(Units, GoodsCondition)>,
    /// What goes back instead of what the terms say, as a decimal text in the order's currency.
    pub refund_amount: Option<String>,
    pub reason: Option<String>,
}

pub struct MoveReturn {
    path: WritePath,
    settings: Arc<dyn Settings>,
}

impl MoveReturn {
    pub fn new(path: WritePath, settings: Arc<dyn Settings>) -> Self {
        MoveReturn { path, settings }
    }

    pub async fn run(&self, id: ReturnId, intent: &Intent, request: Request) -> Result<ShownReturn, Error> {
        let stored = self.path.load(Operation::MoveReturn, id.order_id, intent).await?;
        let order = &stored.order;
        let own = order.return_numbered(id.number).ok_or(Error::NotFound)?;
        permit(Operation::MoveReturn, &intent.caller, order, own)?;
        permit(request.status.operation(), &intent.caller, order, own)?;
        if request.refund_amount.is_some() {
            permit(Operation::DecideReturn, &intent.caller, order, own)?;
        }
        let step = self.step(order, own, &request).await?;
        let command = Command::MoveReturn { number: id.number, step, note: request.reason };
        let shown = Box::pin(self.path.decide(stored, intent, &command)).await?;
        let own = shown.order.return_numbered(id.number).ok_or(Error::NotFound)?;
        let estimate = if own.status.is_open() {
            Some(shown.order.estimate(own, &terms::of(self.settings.as_ref(), &shown.order).await?))
        } else {
            None
        };
        Ok(ShownReturn { shown, id, estimate })
    }

    async fn step(&self, order: &Order, own: &Return, request: &Request) -> Result<ReturnStep, Error> {
        let mut faults = Vec::new();
        let amount = amount(order, request.refund_amount.as_deref(), &mut faults);
        if amount.is_some() && request.reason.is_none() {
            faults.push(Field::new("/reason", "is required with `refund_amount`"));
        }
        let takes_amount = match request.status {
            Wanted::Received => true,
            Wanted::Approved => own.kind.is_claim(),
            Wanted::Denied | Wanted::Cancelled | Wanted::Closed => false,
        };
        if request.refund_amount.is_some() && !takes_amount {
            faults.push(Field::new("/refund_amount", "is only allowed as goods are received, or a claim is approved"));
        }
        if request.status == Wanted::Received && request.received.is_empty() {
            faults.push(Field::new("/received", "is required with the status `received`"));
        }
        if request.status != Wanted::Received && !request.received.is_empty() {
            faults.push(Field::new("/received", "is only allowed with the status `received`"));
        }
        let found = found(order, &request.received, &mut faults);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(match request.status {
            Wanted::Approved => {
                ReturnStep::Approve { table: Box::new(terms::of(self.settings.as_ref(), order).await?), amount }
            }
            Wanted::Received => {
                ReturnStep::Receive { table: Box::new(terms::of(self.settings.as_ref(), order).await?), found, amount }
            }
            Wanted::Denied => ReturnStep::Deny,
            Wanted::Cancelled => ReturnStep::Cancel,
            Wanted::Closed => ReturnStep::Close,
        })
    }
}

/// Units of a line may come in several conditions, so a line may be named more than once.
fn found(order: &Order, given: &[(Units, GoodsCondition)], faults: &mut Vec<Field>) -> Vec<FoundUnits> {
    let one = |(place, (units, condition)): (usize, &(Units, GoodsCondition))| {
        let (lines, wrong) = named(order, std::slice::from_ref(units));
        faults.extend(
            wrong.into_iter().map(|_| Field::new(format!("/received/{place}/line_id"), "is not a line of the order")),
        );
        lines.first().map(|units| FoundUnits { units: *units, condition: *condition })
    };
    given.iter().enumerate().filter_map(one).collect()
}

fn amount(order: &Order, text: Option<&str>, faults: &mut Vec<Field>) -> Option<Amount> {
    match Money::parse(text?, order.currency) {
        Ok(money) if money.amount >= Amount::ZERO => return Some(money.amount),
        Ok(_) => faults.push(Field::new("/refund_amount", "must not be negative")),
        Err(error) => faults.push(Field::new("/refund_amount", error)),
    }
    None
}
