//! Stripe's JSON, as far as we read it. Fields that we do not know never disturb; fields that we know may be missing,
//! because one account may serve others than us, and their objects must be told apart before they are judged.

use std::collections::BTreeMap;

use oms_app::ports::{MadeRefund, Receipt, RefundState, SessionState};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::Money;
use oms_domain::payments::{DisputeState, MethodToken, PaymentOutcome};
use serde::{Deserialize, Deserializer};

use super::amounts;

/// Our words in Stripe's metadata.
pub(super) mod key {
    pub(in super::super) const ORDER: &str = "order_id";
    pub(in super::super) const PAYMENT: &str = "payment_id";
    pub(in super::super) const REFUND: &str = "refund_id";
    /// `yes` if the customer lets us keep the means of payment.
    pub(in super::super) const KEEP: &str = "keep";
}

/// What we wrote onto one of Stripe's objects.
#[derive(Debug, Clone, Default)]
pub(super) struct Metadata(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    /// Anything but texts by name is nobody's, least of all ours.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Metadata(serde_json::from_value(value).unwrap_or_default()))
    }
}

impl Metadata {
    pub(super) fn order_id(&self) -> Option<OrderId> {
        self.0.get(key::ORDER)?.parse().ok()
    }

    pub(super) fn payment_id(&self) -> Option<PaymentId> {
        self.0.get(key::PAYMENT)?.parse().ok()
    }

    pub(super) fn refund_id(&self) -> Option<RefundId> {
        self.0.get(key::REFUND)?.parse().ok()
    }

    pub(super) fn keeps(&self) -> bool {
        self.0.get(key::KEEP).is_some_and(|keep| keep == "yes")
    }
}

/// An object, or its id where nobody asked for the whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Whole(Box<T>),
}

impl<T> Expandable<T> {
    fn whole(&self) -> Option<&T> {
        match self {
            Expandable::Id(_) => None,
            Expandable::Whole(object) => Some(object),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct CheckoutSession {
    pub(super) id: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) payment_status: Option<String>,
    #[serde(default)]
    amount_total: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    payment_intent: Option<Expandable<PaymentIntent>>,
}

impl CheckoutSession {
    pub(super) fn is_paid(&self) -> bool {
        self.payment_status.as_deref() == Some("paid")
    }

    /// The name of what was captured, known once the customer has tried to pay.
    pub(super) fn reference(&self) -> Option<&str> {
        match self.payment_intent.as_ref()? {
            Expandable::Id(id) => Some(id),
            Expandable::Whole(intent) => Some(&intent.id),
        }
    }

    /// The outcome of a session that was paid; nothing if Stripe does not say what was paid.
    pub(super) fn succeeded(&self, intent: Option<&PaymentIntent>) -> Option<PaymentOutcome> {
        Some(PaymentOutcome::Succeeded {
            reference: self.reference()?.to_owned(),
            money: amounts::from_stripe(self.amount_total?, self.currency.as_deref()?)?,
            kept: intent.and_then(PaymentIntent::kept),
        })
    }

    /// Where the page stands; nothing if that is not one of Stripe's documented states.
    pub(super) fn state(&self) -> Option<SessionState> {
        let intent = self.payment_intent.as_ref().and_then(Expandable::whole);
        match self.status.as_deref()? {
            "open" => Some(SessionState::Open),
            "expired" => Some(SessionState::Over(PaymentOutcome::Failed { reason: "expired".to_owned() })),
            "complete" if self.is_paid() => self.succeeded(intent).map(SessionState::Over),
            "complete" if self.payment_status.as_deref() == Some("unpaid") => Some(match intent {
                // Money that comes later, such as a bank transfer, did not come.
                Some(intent) if matches!(intent.status.as_deref(), Some("requires_payment_method" | "canceled")) => {
                    SessionState::Over(PaymentOutcome::Failed { reason: intent.failure() })
                }
                Some(_) | None => SessionState::Processing,
            }),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    last_payment_error: Option<PaymentError>,
    #[serde(default)]
    setup_future_usage: Option<String>,
    #[serde(default)]
    payment_method: Option<Expandable<PaymentMethod>>,
}

#[derive(Debug, Clone, Deserialize)]
struct PaymentError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
}

impl PaymentIntent {
    /// Why the last try failed, as one word.
    pub(super) fn failure(&self) -> String {
        let error = self.last_payment_error.as_ref();
        let code = error.and_then(|error| error.decline_code.as_deref().or(error.code.as_deref()));
        code.and_then(word).unwrap_or("payment_failed").to_owned()
    }

    fn kept(&self) -> Option<MethodToken> {
        let method = self.payment_method.as_ref().and_then(Expandable::whole)?;
        self.setup_future_usage.as_ref().map(|_| method.kept())
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PaymentMethod {
    id: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    /// Whose it is; nothing once it is detached.
    #[serde(default)]
    pub(super) customer: Option<serde_json::Value>,
    #[serde(default)]
    card: Option<Card>,
    #[serde(default)]
    sepa_debit: Option<Account>,
    #[serde(default)]
    us_bank_account: Option<Account>,
}

#[derive(Debug, Clone, Deserialize)]
struct Card {
    #[serde(default)]
    brand: Option<String>,
    #[serde(default)]
    last4: Option<String>,
    #[serde(default)]
    exp_month: Option<u8>,
    #[serde(default)]
    exp_year: Option<u16>,
}

#[derive(Debug, Clone, Deserialize)]
struct Account {
    #[serde(default)]
    last4: Option<String>,
}

impl PaymentMethod {
    fn kept(&self) -> MethodToken {
        let (card, account) = (self.card.as_ref(), self.sepa_debit.as_ref().or(self.us_bank_account.as_ref()));
        let brand = card.and_then(|card| card.brand.as_deref()).or(self.kind.as_deref()).and_then(word);
        let last4 = card.and_then(|card| card.last4.as_deref()).or(account.and_then(|own| own.last4.as_deref()));
        // Four digits and no more, whatever is sent: nothing that is stored may come near a card's number (E7).
        let last4 = last4.filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
        let brand = brand.unwrap_or("other");
        MethodToken {
            token: self.id.clone(),
            label: last4.map_or_else(|| brand.to_owned(), |last4| format!("{brand} …{last4}")),
            expires: card.and_then(|card| Some(format!("{:04}-{:02}", card.exp_year?, card.exp_month?))),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) payment_intent: Option<String>,
    #[serde(default)]
    pub(super) amount: i64,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    pub(super) created: i64,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    failure_reason: Option<String>,
}

impl Refund {
    pub(super) fn money(&self) -> Option<Money> {
        amounts::from_stripe(self.amount, &self.currency)
    }

    /// Nothing if Stripe does not say how much.
    pub(super) fn made(&self) -> Option<MadeRefund> {
        Some(MadeRefund { refund_id: self.metadata.refund_id(), money: self.money()?, receipt: self.receipt() })
    }

    pub(super) fn failed(&self) -> bool {
        matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }

    pub(super) fn receipt(&self) -> Receipt {
        let state = match self.status.as_deref() {
            Some("succeeded") => RefundState::Done,
            Some(over @ ("failed" | "canceled")) => {
                RefundState::Failed(self.failure_reason.as_deref().and_then(word).unwrap_or(over).to_owned())
            }
            // `pending`, `requires_action`, and whatever Stripe may invent: nothing that has ended.
            Some(_) | None => RefundState::Pending,
        };
        Receipt { reference: self.id.clone(), state }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Charge {
    pub(super) id: String,
    /// Copied from the payment intent when the charge was made.
    #[serde(default)]
    pub(super) metadata: Metadata,
    /// All that went back so far.
    #[serde(default)]
    pub(super) amount_refunded: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    pub(super) payment_intent: Option<String>,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

impl Dispute {
    pub(super) fn money(&self) -> Option<Money> {
        amounts::from_stripe(self.amount?, self.currency.as_deref()?)
    }

    /// A warning that is closed has cost nothing; words that are not known are no decision.
    pub(super) fn state(&self) -> DisputeState {
        match self.status.as_deref() {
            Some("won" | "warning_closed" | "prevented") => DisputeState::Won,
            Some("lost") => DisputeState::Lost,
            Some(_) | None => DisputeState::Open,
        }
    }
}

/// A webhook's body. What happened to is read once it is known what kind of object it is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) data: EventData,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct EventData {
    pub(super) object: serde_json::Value,
    #[serde(default)]
    pub(super) previous_attributes: Option<PreviousAttributes>,
}

/// What an update has replaced.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PreviousAttributes {
    #[serde(default)]
    pub(super) amount_refunded: Option<i64>,
}

/// An answer that is not 200.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorAnswer {
    pub(super) error: ErrorBody,
}

/// Stripe's words for programs. Its `message` is for people and may quote what was sent: it is not even read.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) param: Option<String>,
}

/// Longest machine-readable word that we repeat, in bytes.
const MAX_WORD_BYTES: usize = 80;

/// A text that is one of Stripe's words for programs, and so neither a sentence nor a person's data.
pub(super) fn word(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.[]".contains(&byte);
    ((1..=MAX_WORD_BYTES).contains(&text.len()) && text.bytes().all(plain)).then_some(text)
}
