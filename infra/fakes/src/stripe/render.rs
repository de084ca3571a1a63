//! Stripe's objects as JSON: the fields that matter, and some that must not matter to the reader.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::books::{Intent, Method, Refund, Session};

/// The version of the API whose shapes these are.
const API_VERSION: &str = "2026-10-28.endive";

pub(super) fn page_url(base_url: &str, session: &str) -> String {
    format!("{base_url}/c/pay/{session}")
}

pub(super) fn session(session: &Session, intent: Option<Value>, base_url: &str) -> Value {
    let wanted = &session.wanted;
    let open = session.status == "open";
    json!({
        "id": session.id,
        "object": "checkout.session",
        "amount_subtotal": wanted.amount,
        "amount_total": wanted.amount,
        "client_reference_id": wanted.client_reference_id,
        "created": session.created,
        "currency": wanted.currency,
        // What the customer types on the page; the reader has no use for it.
        "customer_details": if open { Value::Null } else { json!({"email": "customer@example.test", "name": "A. Customer"}) },
        "expires_at": wanted.expires_at,
        "livemode": false,
        "metadata": wanted.metadata,
        "mode": "payment",
        "payment_intent": intent.unwrap_or_else(|| json!(session.intent)),
        "payment_status": session.payment_status,
        "status": session.status,
        "success_url": wanted.success_url,
        "cancel_url": wanted.cancel_url,
        "url": open.then(|| page_url(base_url, &session.id)),
    })
}

pub(super) fn intent(intent: &Intent, method: Option<Value>) -> Value {
    let error = intent.decline_code.as_ref().map(|decline_code| {
        json!({
            "type": "card_error",
            "code": "card_declined",
            "decline_code": decline_code,
            "message": "Your card was declined.",
        })
    });
    json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_received": intent.received,
        "created": intent.created,
        "currency": intent.currency,
        "last_payment_error": error,
        "latest_charge": (intent.received > 0).then_some(&intent.charge),
        "livemode": false,
        "metadata": intent.metadata,
        "payment_method": method.unwrap_or_else(|| json!(intent.method)),
        "setup_future_usage": intent.future_usage,
        "status": intent.status,
    })
}

pub(super) fn charge(intent: &Intent, refunded: i64) -> Value {
    json!({
        "id": intent.charge,
        "object": "charge",
        "amount": intent.amount,
        "amount_captured": intent.received,
        "amount_refunded": refunded,
        "billing_details": {"email": "customer@example.test", "name": "A. Customer"},
        "captured": true,
        "currency": intent.currency,
        "livemode": false,
        "metadata": intent.metadata,
        "paid": true,
        "payment_intent": intent.id,
        "refunded": refunded == intent.received,
        "status": "succeeded",
    })
}

pub(super) fn refund(refund: &Refund) -> Value {
    json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "failure_reason": refund.failure,
        "metadata": refund.metadata,
        "payment_intent": refund.intent,
        "reason": null,
        "status": refund.status,
    })
}

pub(super) fn method(method: &Method) -> Value {
    json!({
        "id": method.id,
        "object": "payment_method",
        "billing_details": {"email": "customer@example.test", "name": "A. Customer"},
        "card": {"brand": "visa", "exp_month": 8, "exp_year": 2031, "funding": "credit", "last4": "4242"},
        "customer": method.customer,
        "livemode": false,
        "type": "card",
    })
}

pub(super) fn dispute(id: &str, intent: &Intent, reason: &str, now: Timestamp) -> Value {
    json!({
        "id": id,
        "object": "dispute",
        "amount": intent.received,
        "charge": intent.charge,
        "created": now.as_second(),
        "currency": intent.currency,
        "evidence_details": {"due_by": now.as_second() + 7 * 24 * 60 * 60, "has_evidence": false},
        "livemode": false,
        "metadata": {},
        "payment_intent": intent.id,
        "reason": reason,
        "status": "needs_response",
    })
}

pub(super) fn list(path: &str, data: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "url": path, "has_more": has_more, "data": data})
}

pub(super) fn event(id: &str, kind: &str, now: Timestamp, object: &Value, before: Option<Value>) -> Value {
    let mut data = json!({ "object": object });
    if let Some(before) = before {
        data["previous_attributes"] = before;
    }
    json!({
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": now.as_second(),
        "data": data,
        "livemode": false,
        "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": kind,
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
