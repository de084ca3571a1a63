//! Asks to send goods back, or claims them without sending anything (H1–H3, H9).
//!
//! 1. Load the order; its customer may ask, and an admin for anybody.
//! 2. Read the terms of its placement, and the lines and reasons in these terms; every fault is named.
//! 3. Decide and commit. Customers are bound by the terms; what an admin opens beyond them is marked.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Command, NewReturn, Order, WantedLine};
use oms_domain::returns::policy::ReturnsTable;
use oms_domain::returns::{ReturnId, ReturnKind};

use super::{ShownReturn, terms};
use crate::error::{Error, Field};
use crate::execute::{WritePath, told};
use crate::intent::Intent;
use crate::ordering::units::{Units, named};
use crate::ports::Settings;

/// What is to come back.
#[derive(Debug, Clone)]
pub struct Request {
    pub kind: ReturnKind,
    /// Units of lines, each with the code of its reason where goods come back.
    pub lines: Vec<(Units, Option<String>)>,
    pub note: Option<String>,
}

pub struct RequestReturn {
    path: WritePath,
    settings: Arc<dyn Settings>,
}

impl RequestReturn {
    pub fn new(path: WritePath, settings: Arc<dyn Settings>) -> Self {
        RequestReturn { path, settings }
    }

    pub async fn run(&self, order_id: OrderId, intent: &Intent, request: Request) -> Result<ShownReturn, Error> {
        let stored = self.path.load(Operation::RequestReturn, order_id, intent).await?;
        let table = terms::of(self.settings.as_ref(), &stored.order).await?;
        let binding = !matches!(intent.caller, Caller::Admin(_));
        let lines = wanted(&stored.order, &request, &table)?;
        let new = NewReturn { kind: request.kind, lines, note: request.note, binding };
        let command = Command::OpenReturn(Box::new(new));
        let last = |order: &Order| order.returns.last().map(|own| own.number.to_string()).unwrap_or_default();
        let (shown, number) = self.path.decide_with(stored, intent, &command, last).await.map_err(told)?;
        let number = number.parse().map_err(|_| Error::Internal("the return is lost".into()))?;
        let own = shown.order.return_numbered(number).ok_or_else(|| Error::Internal("the return is lost".into()))?;
        let estimate = own.status.is_open().then(|| shown.order.estimate(own, &table));
        Ok(ShownReturn { id: ReturnId { order_id, number }, shown, estimate })
    }
}

/// The request in the order's own terms.
fn wanted(order: &Order, request: &Request, table: &ReturnsTable) -> Result<Vec<WantedLine>, Error> {
    let units: Vec<Units> = request.lines.iter().map(|(units, _)| units.clone()).collect();
    let (lines, mut faults) = named(order, &units);
    let reasons = request.lines.iter().enumerate().map(|(place, (_, code))| {
        let pointer = || format!("/lines/{place}/reason");
        match code {
            Some(_) if request.kind.is_claim() => {
                faults.push(Field::new(pointer(), "is not allowed for a claim, which says it by its kind"));
                None
            }
            None if request.kind.is_claim() => None,
            None => {
                faults.push(Field::new(pointer(), "is required"));
                None
            }
            Some(code) => {
                let known = table.reason(code).cloned();
                if known.is_none() {
                    let codes: Vec<_> = table.reasons.iter().map(|reason| format!("`{}`", reason.code)).collect();
                    faults.push(Field::new(pointer(), format!("must be one of {}", codes.join(", "))));
                }
                known
            }
        }
    });
    let reasons: Vec<_> = reasons.collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(lines.into_iter().zip(reasons).map(|(units, reason)| WantedLine { units, reason }).collect())
}
