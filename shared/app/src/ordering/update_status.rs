//! Moves an order along by hand: processing, shipped, delivered, cancelled (J4, K2, G7).
//!
//! 1. Load the order; admins may move any, sellers those that are all theirs and not to `cancelled`.
//! 2. Translate the wanted status into the command that leads there from where the order stands. States that follow
//!    from something else (a payment, a return) cannot be set by hand.
//! 3. Before an order is prepared it is screened here and now (`screen_order`): the message about its submission may be
//!    late or lost. What a person should see is held, and refused like any other order that is held.
//! 4. Decide and commit.

use oms_domain::access::Operation;
use oms_domain::fulfilment::Tracking;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Action, CancelReason, Command, Refusal, Status};

use crate::error::{Error, Field};
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;
use crate::ordering::screen_order::Screening;

/// Where an order is to stand.
#[derive(Debug, Clone)]
pub struct Move {
    pub status: Status,
    pub note: Option<String>,
    /// How the parcel is followed; with `shipped` only, and always.
    pub tracking: Option<Tracking>,
}

pub struct UpdateStatus {
    pub path: WritePath,
    pub screening: Screening,
}

impl UpdateStatus {
    pub async fn run(&self, order_id: OrderId, intent: &Intent, to: &Move) -> Result<OrderWithContact, Error> {
        let stored = self.path.load(Operation::UpdateStatus, order_id, intent).await?;
        operation(to.status).permits(&intent.caller, &stored.order)?;
        let command = command(stored.order.status, to)?;
        let begins = matches!(command, Command::StartProcessing { .. });
        let (seen, trace) = (intent.expected_version, intent.correlation_id.as_str());
        let stored = if begins { self.screening.before_it_begins(stored, seen, trace).await? } else { stored };
        self.path.decide(stored, intent, &command).await
    }
}

/// What it takes to set a status.
fn operation(status: Status) -> Operation {
    match status {
        Status::Processing | Status::Shipped | Status::Delivered => Operation::UpdateStatus,
        Status::Draft
        | Status::Pending
        | Status::Confirmed
        | Status::ReturnRequested
        | Status::Returned
        | Status::Refunded
        | Status::Cancelled => Operation::OverrideStatus,
    }
}

/// The command that leads from `from` to the wanted status.
fn command(from: Status, to: &Move) -> Result<Command, Error> {
    let note = to.note.clone();
    if to.tracking.is_some() && to.status != Status::Shipped {
        return Err(Error::Invalid(vec![Field::new("/tracking", "is only allowed with the status `shipped`")]));
    }
    let by_hand = match to.status {
        Status::Processing if from == Status::Shipped => return Ok(Command::FailDelivery { note }),
        Status::Processing => return Ok(Command::StartProcessing { note }),
        Status::Shipped => {
            let Some(tracking) = to.tracking.clone() else {
                return Err(Error::Invalid(vec![Field::new("/tracking", "is required with the status `shipped`")]));
            };
            return Ok(Command::Ship { tracking, lines: None, note });
        }
        Status::Delivered if from == Status::ReturnRequested => {
            let reason = note.unwrap_or_else(|| "denied".to_owned());
            return Ok(Command::DenyReturn { reason });
        }
        Status::Delivered => return Ok(Command::Deliver { note }),
        Status::Cancelled => return Ok(Command::Cancel { reason: CancelReason::AdminDecision, note }),
        Status::Draft => None,
        Status::Pending => Some(Action::Submit),
        Status::Confirmed => Some(Action::Pay),
        Status::ReturnRequested => Some(Action::RequestReturn),
        Status::Returned => Some(Action::ReceiveReturn),
        Status::Refunded => Some(Action::Refund),
    };
    match by_hand {
        // Not possible from here in any way: say what is true now.
        Some(action) if !from.may_become(to.status) => Err(Refusal::InvalidTransition { from, action }.into()),
        Some(_) | None => {
            let message =
                format!("`{}` cannot be set directly; choose processing, shipped, delivered or cancelled", to.status);
            Err(Error::Invalid(vec![Field::new("/status", message)]))
        }
    }
}
