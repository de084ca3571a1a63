//! PayPal's JSON: what we send, and of what we get the parts that we need. Fields that we do not know are no error, and
//! neither are words: a status that came later than this code is `Unknown`.

use oms_app::ports::{RefundRequest, SessionRequest};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::{Currency, Money};
use oms_domain::payments::DisputeState;
use oms_domain::payments::capability::PAYPAL_WHOLE_UNITS;
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest id of PayPal's that is put into a path, in bytes.
const MAX_ID_BYTES: usize = 64;

/// What we have PayPal write on captures and refunds (`custom_id`), so that each tells by itself what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Payment(OrderId, PaymentId),
    Refund(OrderId, RefundId),
}

impl Mark {
    pub(super) fn text(self) -> String {
        match self {
            Mark::Payment(order, payment) => format!("{order}/payment/{payment}"),
            Mark::Refund(order, refund) => format!("{order}/refund/{refund}"),
        }
    }

    /// Nothing if the text is not one of ours.
    pub(super) fn read(text: Option<&str>) -> Option<Mark> {
        let mut parts = text?.split('/');
        let (order, kind, id) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        let mark = match kind {
            "payment" => Mark::Payment(order, id.parse().ok()?),
            "refund" => Mark::Refund(order, id.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(mark)
    }
}

/// An id of PayPal's that may stand in a path.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

/// An amount as PayPal writes it; nothing if PayPal cannot take it.
pub(super) fn amount(money: Money) -> Option<Value> {
    let (code, decimal) = (money.currency.code(), money.decimal());
    let value = match decimal.split_once('.') {
        Some((whole, fraction)) if PAYPAL_WHOLE_UNITS.contains(&code) => {
            fraction.bytes().all(|digit| digit == b'0').then(|| whole.to_owned())?
        }
        Some(_) | None => decimal,
    };
    Some(json!({"currency_code": code, "value": value}))
}

/// The body that creates an order whose money we capture once the customer has approved it.
pub(super) fn create_order(request: &SessionRequest, amount: &Value, return_url: &str, delayed: bool) -> Value {
    let preference = if delayed { "UNRESTRICTED" } else { "IMMEDIATE_PAYMENT_REQUIRED" };
    let mut paypal = json!({"experience_context": {
        "return_url": return_url,
        "cancel_url": return_url,
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
        "payment_method_preference": preference,
    }});
    if request.keep_for.is_some() {
        paypal["attributes"] = json!({"vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}});
    }
    json!({
        "intent": "CAPTURE",
        "purchase_units": [{
            "custom_id": Mark::Payment(request.order_id, request.payment_id).text(),
            "invoice_id": request.payment_id.to_string(),
            "amount": amount,
        }],
        "payment_source": {"paypal": paypal},
    })
}

/// The body that gives (part of) a capture back.
pub(super) fn refund(request: &RefundRequest, amount: &Value) -> Value {
    json!({
        "amount": amount,
        "custom_id": Mark::Refund(request.order_id, request.refund_id).text(),
        "invoice_id": request.refund_id.to_string(),
    })
}

#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
}

/// PayPal's error body.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub(super) name: String,
    pub(super) debug_id: String,
    pub(super) details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    pub(super) issue: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Amount {
    currency_code: String,
    value: String,
}

impl Amount {
    /// Nothing if it is in no currency that we know, or more precise than that currency is.
    pub(super) fn money(&self) -> Option<Money> {
        let currency = Currency::known(&self.currency_code)?;
        Money::parse(&self.value, currency).ok()
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) rel: String,
}

/// The last part of the link that leads from a resource to what it belongs to. The id is taken, the link is never
/// followed.
fn up(links: &[Link], collection: &str) -> Option<String> {
    let href = &links.iter().find(|link| link.rel == "up" && link.href.contains(collection))?.href;
    href.rsplit('/').next().filter(|id| is_id(id)).map(ToOwned::to_owned)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OrderStatus {
    Created,
    Saved,
    PayerActionRequired,
    Approved,
    Voided,
    Completed,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: OrderStatus,
    #[serde(default)]
    pub(super) purchase_units: Vec<Unit>,
    #[serde(default)]
    pub(super) payment_source: Option<PaymentSource>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
}

impl Order {
    /// Where the customer approves it.
    pub(super) fn approval_page(&self) -> Option<&str> {
        let named = |rel: &str| self.links.iter().find(|link| link.rel == rel);
        named("payer-action").or_else(|| named("approve")).map(|link| link.href.as_str())
    }

    pub(super) fn mark(&self) -> Option<Mark> {
        let unit = self.purchase_units.first()?;
        let of_capture = || self.captures().next().and_then(|capture| capture.custom_id.as_deref());
        Mark::read(unit.custom_id.as_deref().or_else(of_capture))
    }

    pub(super) fn captures(&self) -> impl Iterator<Item = &Capture> {
        self.purchase_units.iter().flat_map(|unit| &unit.payments.captures)
    }

    pub(super) fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.purchase_units.iter().flat_map(|unit| &unit.payments.refunds)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Unit {
    #[serde(default)]
    custom_id: Option<String>,
    #[serde(default)]
    payments: Payments,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Payments {
    captures: Vec<Capture>,
    refunds: Vec<Refund>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PaymentSource {
    pub(super) paypal: Wallet,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wallet {
    pub(super) email_address: Option<String>,
    pub(super) attributes: Attributes,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attributes {
    pub(super) vault: Option<Vault>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Vault {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) status: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum CaptureStatus {
    Completed,
    Pending,
    Declined,
    Failed,
    PartiallyRefunded,
    Refunded,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct StatusDetails {
    pub(super) reason: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Capture {
    pub(super) id: String,
    pub(super) status: CaptureStatus,
    #[serde(default)]
    pub(super) status_details: StatusDetails,
    #[serde(default)]
    pub(super) amount: Option<Amount>,
    #[serde(default)]
    pub(super) custom_id: Option<String>,
    #[serde(default)]
    supplementary_data: SupplementaryData,
    #[serde(default)]
    links: Vec<Link>,
}

impl Capture {
    /// PayPal's name for the order that this was captured for.
    pub(super) fn order_id(&self) -> Option<String> {
        let related = self.supplementary_data.related_ids.order_id.clone().filter(|id| is_id(id));
        related.or_else(|| up(&self.links, "/checkout/orders/"))
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SupplementaryData {
    related_ids: RelatedIds,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct RelatedIds {
    order_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum RefundStatus {
    Completed,
    Pending,
    Failed,
    Cancelled,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: RefundStatus,
    #[serde(default)]
    pub(super) status_details: StatusDetails,
    #[serde(default)]
    pub(super) amount: Option<Amount>,
    #[serde(default)]
    pub(super) custom_id: Option<String>,
    #[serde(default)]
    links: Vec<Link>,
}

impl Refund {
    /// PayPal's name for the capture that this gives back.
    pub(super) fn capture_id(&self) -> Option<String> {
        up(&self.links, "/payments/captures/")
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    #[serde(rename = "dispute_id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default)]
    pub(super) disputed_transactions: Vec<DisputedTransaction>,
    #[serde(default, rename = "dispute_amount")]
    amount: Option<Amount>,
    #[serde(default, rename = "dispute_outcome")]
    outcome: Option<DisputeOutcome>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct DisputeOutcome {
    outcome_code: String,
}

impl Dispute {
    pub(super) fn money(&self) -> Option<Money> {
        self.amount.as_ref()?.money()
    }

    /// What PayPal pays out itself is no loss of the shop; words that are not known are no decision.
    pub(super) fn state(&self) -> DisputeState {
        match self.outcome.as_ref().map(|outcome| outcome.outcome_code.as_str()) {
            Some("RESOLVED_BUYER_FAVOUR" | "ACCEPTED") => DisputeState::Lost,
            Some("RESOLVED_SELLER_FAVOUR" | "RESOLVED_WITH_PAYOUT" | "CANCELED_BY_BUYER" | "DENIED") => {
                DisputeState::Won
            }
            Some(_) | None => DisputeState::Open,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct DisputedTransaction {
    #[serde(default)]
    pub(super) seller_transaction_id: String,
}

/// What a notification is believed: of which kind it is, and what to ask about.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Event {
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) resource: Resource,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) dispute_id: String,
}
