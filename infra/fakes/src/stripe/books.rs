//! What the provider knows: pages, payments, refunds and means of payment, and what it has to tell of them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::parameters::NewSession;
use super::render;

/// Metadata by name.
pub(super) type Metadata = BTreeMap<String, String>;

/// What cannot be done in this state of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPossible(pub String);

/// A refusal of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) param: Option<String>,
    pub(super) message: String,
    /// Whether it was found before anything was begun; such an answer is not stored under the idempotency key.
    pub(super) before_execution: bool,
}

impl Refusal {
    pub(super) fn invalid(param: &str, message: impl Into<String>) -> Self {
        let (kind, param) = ("invalid_request_error", Some(param.to_owned()));
        Refusal { status: 400, kind, code: None, param, message: message.into(), before_execution: true }
    }

    pub(super) fn missing(what: &str, id: &str) -> Self {
        let refusal = Refusal::invalid("id", format!("No such {what}: '{id}'"));
        Refusal { status: 404, code: Some("resource_missing"), before_execution: false, ..refusal }
    }

    pub(super) fn executed(code: Option<&'static str>, param: &str, message: impl Into<String>) -> Self {
        Refusal { code, before_execution: false, ..Refusal::invalid(param, message) }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) status: &'static str,
    pub(super) payment_status: &'static str,
    pub(super) intent: Option<String>,
    pub(super) wanted: NewSession,
}

#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) charge: String,
    pub(super) amount: i64,
    pub(super) received: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) decline_code: Option<String>,
    pub(super) method: Option<String>,
    pub(super) future_usage: Option<String>,
    pub(super) metadata: Metadata,
}

#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) intent: String,
    pub(super) charge: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) failure: Option<String>,
    pub(super) metadata: Metadata,
}

#[derive(Debug, Clone)]
pub(super) struct Method {
    pub(super) id: String,
    pub(super) customer: Option<String>,
}

/// An event that is to be told.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) id: String,
    pub(super) body: String,
}

#[derive(Debug)]
pub(super) struct Books {
    seed: String,
    made: u64,
    pub(super) now: Timestamp,
    pub(super) sessions: Vec<Session>,
    pub(super) intents: BTreeMap<String, Intent>,
    pub(super) refunds: Vec<Refund>,
    methods: BTreeMap<String, Method>,
    pub(super) hold_refunds: bool,
    news: Vec<News>,
}

pub(super) fn not_possible<T>(why: impl Into<String>) -> Result<T, NotPossible> {
    Err(NotPossible(why.into()))
}

impl Books {
    pub(super) fn new(seed: &str) -> Self {
        Books {
            seed: seed.to_owned(),
            made: 0,
            now: Timestamp::UNIX_EPOCH,
            sessions: Vec::new(),
            intents: BTreeMap::new(),
            refunds: Vec::new(),
            methods: BTreeMap::new(),
            hold_refunds: false,
            news: Vec::new(),
        }
    }

    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        let digest = Sha256::digest(format!("{}/{}/{prefix}", self.seed, self.made));
        format!("{prefix}_{}", render::hex(&digest[..12]))
    }

    /// What is over by now is over.
    pub(super) fn set_time(&mut self, now: Timestamp) {
        self.now = now;
        let over = |session: &Session| session.status == "open" && session.wanted.expires_at <= now.as_second();
        let due: Vec<usize> = (0..self.sessions.len()).filter(|index| over(&self.sessions[*index])).collect();
        for index in due {
            self.sessions[index].status = "expired";
            self.tell_session("checkout.session.expired", index);
        }
    }

    pub(super) fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn tell(&mut self, kind: &str, object: &Value, before: Option<Value>) {
        let id = self.id("evt");
        let body = render::event(&id, kind, self.now, object, before).to_string();
        self.news.push(News { id, body });
    }

    fn tell_session(&mut self, kind: &str, index: usize) {
        let object = render::session(&self.sessions[index], None, "");
        self.tell(kind, &object, None);
    }

    fn tell_intent(&mut self, kind: &str, id: &str) {
        if let Some(intent) = self.intents.get(id) {
            let object = render::intent(intent, None);
            self.tell(kind, &object, None);
        }
    }

    pub(super) fn open(&mut self, wanted: NewSession) -> Result<&Session, Refusal> {
        let ahead = wanted.expires_at - self.now.as_second();
        if !(30 * 60..=24 * 60 * 60).contains(&ahead) {
            let message =
                "The `expires_at` timestamp must be from 30 minutes to 24 hours from Checkout Session creation.";
            return Err(Refusal::executed(None, "expires_at", message));
        }
        let id = self.id("cs_test");
        let created = self.now.as_second();
        self.sessions.push(Session { id, created, status: "open", payment_status: "unpaid", intent: None, wanted });
        Ok(&self.sessions[self.sessions.len() - 1])
    }

    pub(super) fn session(&self, id: &str) -> Result<(&Session, Option<&Intent>, Option<&Method>), Refusal> {
        let found = self.sessions.iter().find(|session| session.id == id);
        let session = found.ok_or_else(|| Refusal::missing("checkout.session", id))?;
        let intent = session.intent.as_deref().and_then(|id| self.intents.get(id));
        let method = intent.and_then(|intent| self.methods.get(intent.method.as_deref()?));
        Ok((session, intent, method))
    }

    /// Newest first.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter().rev()
    }

    pub(super) fn close(&mut self, id: &str) -> Result<(), Refusal> {
        let status = self.session(id)?.0.status;
        if status != "open" {
            let message = format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{status}`."
            );
            return Err(Refusal::executed(None, "session", message));
        }
        if let Some(index) = self.sessions.iter().position(|session| session.id == id) {
            self.sessions[index].status = "expired";
            self.tell_session("checkout.session.expired", index);
        }
        Ok(())
    }

    pub(super) fn intent(&self, id: &str) -> Result<(&Intent, Option<&Method>), Refusal> {
        let intent = self.intents.get(id).ok_or_else(|| Refusal::missing("payment_intent", id))?;
        Ok((intent, intent.method.as_deref().and_then(|method| self.methods.get(method))))
    }

    pub(super) fn method(&self, id: &str) -> Result<&Method, Refusal> {
        self.methods.get(id).ok_or_else(|| Refusal::missing("PaymentMethod", id))
    }

    pub(super) fn detach(&mut self, id: &str) -> Result<&Method, Refusal> {
        let method = self.methods.get_mut(id).ok_or_else(|| Refusal::missing("PaymentMethod", id))?;
        if method.customer.take().is_none() {
            let message = "The payment method you provided is not attached to a customer so detachment is impossible.";
            return Err(Refusal::executed(None, "payment_method", message));
        }
        Ok(method)
    }

    /// The open page and its payment, which exists from the first try.
    fn tried(&mut self, session: &str) -> Result<(usize, String), NotPossible> {
        let Some(index) = self.sessions.iter().position(|own| own.id == session) else {
            return not_possible(format!("there is no page {session}"));
        };
        if self.sessions[index].status != "open" {
            return not_possible(format!("the page is {}", self.sessions[index].status));
        }
        if let Some(intent) = &self.sessions[index].intent {
            return Ok((index, intent.clone()));
        }
        let (id, charge) = (self.id("pi"), self.id("ch"));
        let wanted = &self.sessions[index].wanted;
        let intent = Intent {
            id: id.clone(),
            created: self.now.as_second(),
            charge,
            amount: wanted.amount,
            received: 0,
            currency: wanted.currency.clone(),
            status: "requires_payment_method",
            decline_code: None,
            method: None,
            future_usage: wanted.future_usage.clone(),
            metadata: wanted.intent_metadata.clone(),
        };
        self.intents.insert(id.clone(), intent);
        self.sessions[index].intent = Some(id.clone());
        Ok((index, id))
    }

    fn capture(&mut self, index: usize, intent: &str) {
        let method = self.id("pm");
        let customer = self.sessions[index].wanted.makes_customer.then(|| self.id("cus"));
        self.methods.insert(method.clone(), Method { id: method.clone(), customer });
        self.sessions[index].payment_status = "paid";
        if let Some(intent) = self.intents.get_mut(intent) {
            (intent.status, intent.received, intent.decline_code) = ("succeeded", intent.amount, None);
            intent.method = Some(method);
        }
        self.tell_charge("charge.succeeded", intent, None);
        self.tell_intent("payment_intent.succeeded", intent);
    }

    pub(super) fn pay(&mut self, session: &str) -> Result<(), NotPossible> {
        let (index, intent) = self.tried(session)?;
        self.sessions[index].status = "complete";
        self.capture(index, &intent);
        self.tell_session("checkout.session.completed", index);
        Ok(())
    }

    pub(super) fn decline(&mut self, session: &str, decline_code: &str) -> Result<(), NotPossible> {
        let (_, id) = self.tried(session)?;
        if let Some(intent) = self.intents.get_mut(&id) {
            intent.decline_code = Some(decline_code.to_owned());
        }
        self.tell_intent("payment_intent.payment_failed", &id);
        Ok(())
    }

    pub(super) fn pay_later(&mut self, session: &str) -> Result<(), NotPossible> {
        let (index, id) = self.tried(session)?;
        self.sessions[index].status = "complete";
        if let Some(intent) = self.intents.get_mut(&id) {
            intent.status = "processing";
        }
        self.tell_session("checkout.session.completed", index);
        Ok(())
    }

    pub(super) fn settle(&mut self, session: &str, comes: bool) -> Result<(), NotPossible> {
        let index = self.sessions.iter().position(|own| own.id == session);
        let processing = |id: &String| self.intents.get(id).is_some_and(|intent| intent.status == "processing");
        let found = index.and_then(|index| Some((index, self.sessions[index].intent.clone().filter(processing)?)));
        let Some((index, id)) = found else { return not_possible("no money is awaited") };
        if comes {
            self.capture(index, &id);
            self.tell_session("checkout.session.async_payment_succeeded", index);
            return Ok(());
        }
        if let Some(intent) = self.intents.get_mut(&id) {
            (intent.status, intent.decline_code) = ("requires_payment_method", Some("insufficient_funds".to_owned()));
        }
        self.tell_intent("payment_intent.payment_failed", &id);
        self.tell_session("checkout.session.async_payment_failed", index);
        Ok(())
    }
}

/// How long a stored answer is remembered, at least.
pub(super) const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
