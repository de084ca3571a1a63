//! Goods that come back: who asks, who decides, what comes, and what must hold of it.

use oms_domain::actor::Role;
use oms_domain::ordering::{Event, Order, Record, RefundEvent, ReturnEvent, Status};
use oms_domain::returns::policy::{BackTo, GoodsCondition, ReturnsTable};
use oms_domain::returns::{Return, ReturnId, ReturnStatus};
use serde_json::{Value, json};

use crate::http::{Ask, Who};

/// The category of what is sold for good.
pub(crate) const FOR_GOOD: &str = "clearance";

/// The terms of the shop.
pub(crate) fn terms() -> ReturnsTable {
    let by_category = [(FOR_GOOD.to_owned(), 0)].into();
    ReturnsTable { by_category, restocking_fee: "0.10".parse().expect("a rate"), ..ReturnsTable::default() }
}

/// What somebody wants with the goods of an order; nothing where there is nothing to do. Some of it is refused.
pub(crate) fn wish(order: &Order, number: usize, customers: usize, lot: impl Fn(u64) -> u64) -> Option<(Who, Ask)> {
    let own = order.returns.get(usize::try_from(lot(order.returns.len() as u64 + 1)).unwrap_or_default());
    match own {
        Some(own) => moves(order, own, number, lot),
        None if matches!(order.status, Status::Delivered | Status::ReturnRequested) => {
            asks(order, number, customers, lot)
        }
        None => None,
    }
}

fn asks(order: &Order, number: usize, customers: usize, lot: impl Fn(u64) -> u64) -> Option<(Who, Ask)> {
    let line = order.lines.get(usize::try_from(lot(order.lines.len() as u64)).unwrap_or_default())?;
    let mut units =
        json!({"line_id": order.id.line(line.line).to_string(), "quantity": 1 + lot(u64::from(line.quantity))});
    let mut body = json!({"note": format!("case {number}")});
    if lot(100) < 25 {
        body["claim"] = json!(["missing", "damaged", "wrong_item"][usize::try_from(lot(3)).unwrap_or_default()]);
    } else {
        units["reason"] = json!(["unwanted", "defective", "nothing"][usize::try_from(lot(3)).unwrap_or_default()]);
    }
    body["lines"] = json!([units]);
    let buyer = (0..customers).map(Who::customer).find(|who| who.name == order.user_id.as_str());
    let who = buyer.filter(|_| lot(100) < 80).unwrap_or_else(Who::admin);
    let mut wish = Ask::order("handle-returns", &order.id.to_string(), &body).key(&format!("return-{number}"));
    wish.path = format!("/api/orders/{}/returns", order.id);
    Some((who, wish))
}

fn moves(order: &Order, own: &Return, number: usize, lot: impl Fn(u64) -> u64) -> Option<(Who, Ask)> {
    let status = match own.status {
        ReturnStatus::Requested => ["approved", "approved", "approved", "denied", "cancelled"][choice(&lot, 5)],
        ReturnStatus::Approved => ["received", "received", "received", "cancelled"][choice(&lot, 4)],
        ReturnStatus::Received => ["received", "received", "closed"][choice(&lot, 3)],
        // Somebody tries all the same: goods come whether they may or not.
        ReturnStatus::Denied | ReturnStatus::Cancelled if lot(100) < 30 => "received",
        ReturnStatus::Denied | ReturnStatus::Cancelled | ReturnStatus::Closed => return None,
    };
    let mut body = json!({"status": status});
    if status == "received" {
        body["received"] = came(order, own, &lot);
        if lot(100) < 15 {
            (body["refund_amount"], body["reason"]) = (json!("1.00"), json!("as agreed"));
        }
    }
    let sells = status == "received" && body["refund_amount"].is_null() && lot(100) < 40;
    let who = if sells { Who::seller(lot(100) < 80) } else { Who::admin() };
    let id = ReturnId { order_id: order.id, number: own.number }.to_string();
    let wish = Ask {
        package: "handle-returns",
        method: "PATCH",
        path: format!("/api/returns/{id}"),
        parameter: Some(("return_id", id)),
        headers: Vec::new(),
        body: Some(body.to_string()),
    };
    Some((who, wish.key(&format!("step-of-return-{number}"))))
}

fn choice(lot: &impl Fn(u64) -> u64, of: u64) -> usize {
    usize::try_from(lot(of)).unwrap_or_default()
}

/// Units as they were found.
fn came(order: &Order, own: &Return, lot: &impl Fn(u64) -> u64) -> Value {
    let lines = own.lines.iter().map(|line| {
        let units = 1 + lot(u64::from(line.outstanding().max(1)));
        let condition = GoodsCondition::ALL[choice(lot, 5)].name();
        json!({"line_id": order.id.line(line.line).to_string(), "quantity": units, "condition": condition})
    });
    lines.collect()
}

/// What is wrong with the returns of an order, by its events.
pub(crate) fn wrong(order: &Order, records: &[Record]) -> Vec<String> {
    let mut wrong = Vec::new();
    let id = order.id;
    for own in &order.returns {
        let name = ReturnId { order_id: id, number: own.number };
        let steps: Vec<&ReturnEvent> = records.iter().filter_map(|record| step_of(record, own.number)).collect();
        let mut approved = false;
        for step in &steps {
            match step {
                ReturnEvent::OrderReturnApproved { .. } => approved = true,
                ReturnEvent::OrderReturnReceived { lines, .. } => {
                    if !approved {
                        wrong.push(format!("25 what comes was approved: return {name} was not"));
                    }
                    let table = terms();
                    for part in lines {
                        let at = table.treatment(part.condition).stock;
                        let right =
                            part.stock == at && (part.condition != GoodsCondition::Damaged || at == BackTo::Damaged);
                        if !right {
                            wrong.push(format!("25 goods go where their condition says: return {name}: {part:?}"));
                        }
                    }
                }
                ReturnEvent::OrderReturnDeclined { .. }
                | ReturnEvent::OrderReturnCancelled { .. }
                | ReturnEvent::OrderReturnExpired { .. }
                | ReturnEvent::OrderReturnClosed { .. } => approved = false,
                ReturnEvent::OrderReturnOpened { .. }
                | ReturnEvent::OrderReturnRequested { .. }
                | ReturnEvent::OrderReturnDenied { .. }
                | ReturnEvent::OrderReturned { .. } => {}
            }
        }
        let promised: i64 = records.iter().map(|record| promised_for(record, own.number)).sum();
        if promised != own.settled.refund().minor() {
            wrong.push(format!("20 a receipt gives what it says: return {name}: {promised}, not {:?}", own.settled));
        }
    }
    for record in records {
        let Event::Return(ReturnEvent::OrderReturnOpened { lines, kind, .. }) = &record.event else { continue };
        if kind.is_claim() || record.actor.role != Role::Customer {
            continue;
        }
        let in_time = |line: u16| order.returnable_until(line).is_some_and(|until| record.at < until);
        if !lines.iter().all(|part| in_time(part.line)) {
            wrong.push(format!("25 the terms bind customers: order {id} at version {}", record.version));
        }
    }
    wrong
}

fn step_of(record: &Record, of: u16) -> Option<&ReturnEvent> {
    let Event::Return(event) = &record.event else { return None };
    match event {
        ReturnEvent::OrderReturnOpened { number, .. }
        | ReturnEvent::OrderReturnApproved { number, .. }
        | ReturnEvent::OrderReturnDeclined { number, .. }
        | ReturnEvent::OrderReturnReceived { number, .. }
        | ReturnEvent::OrderReturnCancelled { number, .. }
        | ReturnEvent::OrderReturnExpired { number }
        | ReturnEvent::OrderReturnClosed { number } => Some(event).filter(|_| *number == of),
        ReturnEvent::OrderReturnRequested { .. }
        | ReturnEvent::OrderReturnDenied { .. }
        | ReturnEvent::OrderReturned { .. } => None,
    }
}

/// In minor units.
fn promised_for(record: &Record, number: u16) -> i64 {
    let Event::Refund(RefundEvent::OrderRefundInitiated { amount, part: Some(part), .. }) = &record.event else {
        return 0;
    };
    if part.of_return == Some(number) { amount.minor() } else { 0 }
}
