//! Moves an order along by hand: processing, shipped, delivered, cancelled (J4, K2, G7).
//!
//! 1. Load the order; admins may move any, sellers those that are all theirs and not to `cancelled`.
//! 2. Translate the wanted status into the command that leads there from where the order stands. States that follow
//!    from something else (a payment, a return) cannot be set by hand.
//! 3. Decide and commit.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::fulfilment::Tracking;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Action, CancelReason, Command, Order, Refusal, Status};

use crate::error::{Error, Field};
use crate::execute::{CommandContext, OrderWithContact, execute, load_visible};
use crate::idempotency::Idempotency;
use crate::ports::{Clock, Orders};

/// Who moves which order where.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub order_id: OrderId,
    /// The wanted status.
    pub status: Status,
    pub note: Option<String>,
    /// How the parcel is followed; with `shipped` only, and always.
    pub tracking: Option<Tracking>,
    pub expected_version: Option<u64>,
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

pub struct UpdateStatus {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl UpdateStatus {
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        UpdateStatus { orders, clock }
    }

    pub async fn run(&self, request: Request) -> Result<OrderWithContact, Error> {
        let stored = load_visible(self.orders.as_ref(), request.order_id, &request.caller).await?;
        may_move(&stored.order, &request.caller, request.status)?;
        let context = CommandContext::by(&request.caller, &request.correlation_id)
            .with_version(request.expected_version)
            .with_idempotency(&request.caller, request.idempotency.as_ref());
        let command = command(stored.order.status, &request)?;
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let outcome = execute(orders, clock, stored.order, &command, &context, |_| String::new()).await?;
        Ok(OrderWithContact { order: outcome.into_order(), person: stored.person })
    }
}

fn may_move(order: &Order, caller: &Caller, to: Status) -> Result<(), Error> {
    let seller = match caller {
        Caller::Admin(_) => return Ok(()),
        Caller::Customer(_) => return Err(Error::Forbidden("only admins and sellers may change an order's status")),
        Caller::Seller { seller, .. } => seller,
    };
    if !matches!(to, Status::Processing | Status::Shipped | Status::Delivered) {
        return Err(Error::Forbidden("sellers may only set processing, shipped or delivered"));
    }
    if !order.sold_only_by(seller) {
        return Err(Error::Forbidden("the order has lines of other sellers; only an admin may change its status"));
    }
    Ok(())
}

/// The command that leads from `from` to the wanted status.
fn command(from: Status, request: &Request) -> Result<Command, Error> {
    let note = request.note.clone();
    if request.tracking.is_some() && request.status != Status::Shipped {
        return Err(Error::Invalid(vec![Field::new("/tracking", "is only allowed with the status `shipped`")]));
    }
    let by_hand = match request.status {
        Status::Processing if from == Status::Shipped => return Ok(Command::FailDelivery { note }),
        Status::Processing => return Ok(Command::StartProcessing { note }),
        Status::Shipped => {
            let Some(tracking) = request.tracking.clone() else {
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
        Some(action) if !from.may_become(request.status) => Err(Refusal::InvalidTransition { from, action }.into()),
        Some(_) | None => {
            let message = format!(
                "`{}` cannot be set directly; choose processing, shipped, delivered or cancelled",
                request.status
            );
            Err(Error::Invalid(vec![Field::new("/status", message)]))
        }
    }
}
