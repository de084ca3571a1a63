//! PayPal's JSON, as the fake writes and reads it.

use jiff::Timestamp;
use oms_domain::money::{Currency, Money};
use serde::Deserialize;
use serde_json::{Value, json};

use super::books::{Books, Capture, Dispute, Order, OrderState, Problem, Refund};
use super::script::{CaptureEnd, RefundEnd};

/// Whose account approves on the fake's page.
const PAYER: &str = "jane.doe@example.com";

#[derive(Deserialize)]
pub(super) struct Amount {
    currency_code: String,
    value: String,
}

impl Amount {
    /// PayPal takes no more digits than the currency has, and none for some that have them elsewhere.
    pub(super) fn money(&self) -> Result<Money, Problem> {
        let currency: Currency = self.currency_code.parse().map_err(|_| Problem::semantic("CURRENCY_NOT_SUPPORTED"))?;
        if ["HUF", "JPY", "TWD"].contains(&currency.code()) && self.value.contains('.') {
            return Err(Problem::semantic("DECIMALS_NOT_SUPPORTED"));
        }
        let money = Money::parse(&self.value, currency).map_err(|_| Problem::semantic("DECIMAL_PRECISION"))?;
        if money.amount.is_positive() { Ok(money) } else { Err(Problem::semantic("CANNOT_BE_ZERO_OR_NEGATIVE")) }
    }
}

#[derive(Deserialize)]
pub(super) struct NewOrder {
    pub(super) intent: String,
    pub(super) purchase_units: Vec<NewUnit>,
    pub(super) payment_source: NewSource,
}

#[derive(Deserialize)]
pub(super) struct NewUnit {
    pub(super) custom_id: String,
    pub(super) invoice_id: String,
    pub(super) amount: Amount,
}

#[derive(Deserialize)]
pub(super) struct NewSource {
    pub(super) paypal: NewWallet,
}

#[derive(Deserialize)]
pub(super) struct NewWallet {
    pub(super) experience_context: Experience,
    #[serde(default)]
    pub(super) attributes: Value,
}

#[derive(Deserialize)]
pub(super) struct Experience {
    pub(super) return_url: String,
    pub(super) cancel_url: String,
}

#[derive(Deserialize)]
pub(super) struct NewRefund {
    #[serde(default)]
    pub(super) amount: Option<Amount>,
    #[serde(default)]
    pub(super) custom_id: Option<String>,
    #[serde(default)]
    pub(super) invoice_id: Option<String>,
}

fn amount(money: Money) -> Value {
    let (code, decimal) = (money.currency.code(), money.decimal());
    let whole = ["HUF", "JPY", "TWD"].contains(&code);
    let value = decimal.split_once('.').filter(|_| whole).map_or(decimal.as_str(), |(whole, _)| whole);
    json!({"currency_code": code, "value": value})
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn link(rel: &str, method: &str, href: &str) -> Value {
    json!({"href": href, "rel": rel, "method": method})
}

/// Writes resources with links that lead to the fake.
pub(super) struct Writer<'b> {
    pub(super) books: &'b Books,
    pub(super) base: &'b str,
}

impl Writer<'_> {
    pub(super) fn order(&self, order: &Order) -> Value {
        let base = self.base;
        let itself = format!("{base}/v2/checkout/orders/{}", order.id);
        let mut links = vec![link("self", "GET", &itself)];
        let status = match order.state {
            OrderState::Waiting => {
                links.push(link("payer-action", "GET", &format!("{base}/checkoutnow?token={}", order.id)));
                "PAYER_ACTION_REQUIRED"
            }
            OrderState::Approved => {
                links.push(link("capture", "POST", &format!("{itself}/capture")));
                "APPROVED"
            }
            OrderState::Completed => "COMPLETED",
        };
        let mut unit = json!({
            "reference_id": "default",
            "custom_id": order.custom_id,
            "invoice_id": order.invoice_id,
            "amount": amount(order.money),
        });
        let captures: Vec<&Capture> = order.captures.iter().filter_map(|id| self.books.captures.get(id)).collect();
        if !captures.is_empty() {
            let refunds = captures.iter().flat_map(|capture| &capture.refunds);
            let refunds: Vec<Value> =
                refunds.filter_map(|id| self.books.refunds.get(id)).map(|refund| self.refund(refund)).collect();
            unit["payments"] = json!({
                "captures": captures.iter().map(|capture| self.capture(capture)).collect::<Vec<_>>(),
                "refunds": refunds,
            });
        }
        let mut wallet = json!({});
        if order.state != OrderState::Waiting {
            wallet = json!({"email_address": PAYER, "account_id": "FAKEPAYER0001", "account_status": "VERIFIED"});
        }
        if let Some(token) = &order.kept {
            wallet["attributes"] = json!({"vault": {
                "id": token, "status": "VAULTED", "customer": {"id": "FAKECUSTOMER1"},
                "links": [link("delete", "DELETE", &format!("{base}/v3/vault/payment-tokens/{token}"))],
            }});
        }
        json!({
            "id": order.id,
            "intent": "CAPTURE",
            "status": status,
            "create_time": time(order.created_at),
            "purchase_units": [unit],
            "payment_source": {"paypal": wallet},
            "links": links,
        })
    }

    pub(super) fn capture(&self, capture: &Capture) -> Value {
        let base = self.base;
        let itself = format!("{base}/v2/payments/captures/{}", capture.id);
        let back = self.books.given_back(capture);
        let (status, reason) = match capture.end {
            CaptureEnd::Completed if back == 0 => ("COMPLETED", None),
            CaptureEnd::Completed if back < capture.money.amount.minor() => ("PARTIALLY_REFUNDED", None),
            CaptureEnd::Completed => ("REFUNDED", None),
            CaptureEnd::Pending => ("PENDING", Some("PENDING_REVIEW")),
            CaptureEnd::Declined | CaptureEnd::InstrumentDeclined => {
                ("DECLINED", Some("DECLINED_BY_RISK_FRAUD_FILTERS"))
            }
        };
        let mut value = json!({
            "id": capture.id,
            "status": status,
            "amount": amount(capture.money),
            "custom_id": capture.custom_id,
            "invoice_id": capture.invoice_id,
            "final_capture": true,
            "supplementary_data": {"related_ids": {"order_id": capture.order}},
            "create_time": time(capture.created_at),
            "update_time": time(capture.created_at),
            "links": [
                link("self", "GET", &itself),
                link("refund", "POST", &format!("{itself}/refund")),
                link("up", "GET", &format!("{base}/v2/checkout/orders/{}", capture.order)),
            ],
        });
        if let Some(reason) = reason {
            value["status_details"] = json!({"reason": reason});
        }
        value
    }

    pub(super) fn refund(&self, refund: &Refund) -> Value {
        let base = self.base;
        let status = match refund.end {
            RefundEnd::Completed => "COMPLETED",
            RefundEnd::Pending => "PENDING",
            RefundEnd::Failed => "FAILED",
        };
        let mut value = json!({
            "id": refund.id,
            "status": status,
            "amount": amount(refund.money),
            "custom_id": refund.custom_id,
            "invoice_id": refund.invoice_id,
            "create_time": time(refund.created_at),
            "update_time": time(refund.created_at),
            "links": [
                link("self", "GET", &format!("{base}/v2/payments/refunds/{}", refund.id)),
                link("up", "GET", &format!("{base}/v2/payments/captures/{}", refund.capture)),
            ],
        });
        if refund.end == RefundEnd::Pending {
            value["status_details"] = json!({"reason": "ECHECK"});
        }
        value
    }

    pub(super) fn dispute(&self, dispute: &Dispute) -> Value {
        let capture = self.books.captures.get(&dispute.capture);
        json!({
            "dispute_id": dispute.id,
            "create_time": time(dispute.created_at),
            "update_time": time(dispute.created_at),
            "disputed_transactions": [{
                "seller_transaction_id": dispute.capture,
                "custom": capture.map(|capture| capture.custom_id.clone()),
                "invoice_number": capture.map(|capture| capture.invoice_id.clone()),
                "transaction_status": "COMPLETED",
            }],
            "reason": dispute.reason,
            "status": "OPEN",
            "dispute_amount": capture.map(|capture| amount(capture.money)),
            "dispute_life_cycle_stage": "INQUIRY",
            "links": [link("self", "GET", &format!("{}/v1/customer/disputes/{}", self.base, dispute.id))],
        })
    }

    /// A notification about a resource.
    pub(super) fn event(&self, id: &str, kind: &str, resource: &Value, now: Timestamp) -> Value {
        let resource_type = match kind {
            "CHECKOUT.ORDER.APPROVED" => "checkout-order",
            "CUSTOMER.DISPUTE.CREATED" => "dispute",
            kind if kind.starts_with("PAYMENT.REFUND.")
                || kind.ends_with(".REFUNDED")
                || kind.ends_with(".REVERSED") =>
            {
                "refund"
            }
            _ => "capture",
        };
        let itself = format!("{}/v1/notifications/webhooks-events/{id}", self.base);
        json!({
            "id": id,
            "event_version": "1.0",
            "create_time": now.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
            "resource_type": resource_type,
            "resource_version": "2.0",
            "event_type": kind,
            "summary": format!("{kind} happened"),
            "resource": resource,
            "links": [
                link("self", "GET", &itself),
                link("resend", "POST", &format!("{itself}/resend")),
            ],
        })
    }
}

/// A refusal in PayPal's form.
pub(super) fn problem(problem: Problem) -> Value {
    json!({
        "name": problem.name,
        "message": "The fake refuses this.",
        "debug_id": "fa4e0debug1d",
        "details": [{"issue": problem.issue, "description": "Says the fake."}],
        "links": [],
    })
}
