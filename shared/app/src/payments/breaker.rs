//! Keeps us from waiting for a payment provider that does not answer (L6).
//!
//! A provider's circuit opens after several outages in a row, in all processes at once, since its state is one item of
//! the store. While it is open nobody asks; after a pause, which doubles while the provider stays away, one caller probes
//! it, chosen by a conditional write, and an answer closes it for everybody. A refusal is an answer.
//!
//! A provider that answers that there is too much (429) is there, and its circuit stays closed: it is left alone for the pause
//! that it names, by the process that was told. Other processes learn of it when they ask.
//!
//! Reading costs little: what was read counts for a second. A store that cannot tell leaves the circuit closed, because
//! an outage of ours must not keep customers from paying.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::ports::{
    CaptureRef, Circuit, Circuits, Clock, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt,
    RefundRequest, SessionRef, SessionRequest, SessionState, Webhook, WebhookError,
};
use crate::world::{Misconfigured, World};

/// Outages in a row after which nobody asks any more.
pub const MAX_FAILURES: u32 = 5;

/// The first pause, in seconds; each failed probe doubles it.
pub const PAUSE_SECONDS: i64 = 60;

/// The longest pause, in seconds. Shorter than the five minutes between two tries of the payment queues (L6): a try is not
/// spent on a circuit that is still open although the provider is back.
pub const MAX_PAUSE_SECONDS: i64 = 240;

/// The longest pause that a busy provider is believed to want, in seconds; for the same reason.
pub const MAX_BUSY_SECONDS: u64 = 240;

/// How long a probe may take before another caller may try, in seconds.
const PROBE_SECONDS: i64 = 30;

/// How long a process believes what it has read, in milliseconds.
const FRESH_MILLIS: i64 = 1_000;

/// The circuits of all providers, as this process sees them.
pub struct Breaker {
    circuits: Arc<dyn Circuits>,
    clock: Arc<dyn Clock>,
    seen: Mutex<HashMap<String, (Timestamp, Circuit)>>,
    /// Until when a provider has told this process to leave it alone.
    busy: Mutex<HashMap<String, Timestamp>>,
}

impl Breaker {
    /// A breaker over this store.
    pub fn new(circuits: Arc<dyn Circuits>, clock: Arc<dyn Clock>) -> Self {
        Breaker { circuits, clock, seen: Mutex::default(), busy: Mutex::default() }
    }

    /// Whether the provider is not asked at present.
    pub async fn is_open(&self, provider: &str) -> bool {
        let circuit = self.circuit(provider).await;
        circuit.open_until.is_some_and(|until| self.clock.now() < until)
    }

    /// For how many seconds more the provider is left alone, as it wishes.
    fn is_busy_for(&self, provider: &str) -> Option<u64> {
        let until = self.busy.lock().unwrap_or_else(PoisonError::into_inner).get(provider).copied()?;
        let millis = until.as_millisecond() - self.clock.now().as_millisecond();
        u64::try_from(millis).ok().filter(|millis| *millis > 0).map(|millis| millis.div_ceil(1_000))
    }

    fn leave_alone(&self, provider: &str, seconds: u64) {
        let until = after(self.clock.now(), i64::try_from(seconds).unwrap_or(MAX_PAUSE_SECONDS));
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), until);
        tracing::warn!(provider, seconds, "payment provider is busy and left alone");
    }

    async fn circuit(&self, provider: &str) -> Circuit {
        let now = self.clock.now();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(provider).copied();
        if let Some((at, circuit)) = seen
            && (0..FRESH_MILLIS).contains(&(now.as_millisecond() - at.as_millisecond()))
        {
            return circuit;
        }
        match self.circuits.circuit(provider).await {
            Ok(circuit) => {
                self.remember(provider, circuit);
                circuit
            }
            Err(error) => {
                tracing::warn!(provider, %error, "circuit cannot be read");
                Circuit::default()
            }
        }
    }

    fn remember(&self, provider: &str, circuit: Circuit) {
        let entry = (self.clock.now(), circuit);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), entry);
    }

    /// The circuit as it was when the caller was let through, or nothing while it is open.
    async fn enter(&self, provider: &str) -> Option<Circuit> {
        let circuit = self.circuit(provider).await;
        let Some(until) = circuit.open_until else { return Some(circuit) };
        let now = self.clock.now();
        if now < until {
            return None;
        }
        let probing = Circuit { open_until: Some(after(now, PROBE_SECONDS)), version: circuit.version + 1, ..circuit };
        self.switch(provider, probing).await.then_some(probing)
    }

    /// Writes what follows from an answer or its absence; nothing where nothing changes.
    async fn report(&self, provider: &str, entered: Circuit, answered: bool) {
        let version = entered.version + 1;
        let next = if answered {
            Circuit { failures: 0, open_until: None, version }
        } else {
            let failures = entered.failures.saturating_add(1);
            let open_until = (failures >= MAX_FAILURES).then(|| after(self.clock.now(), pause(failures)));
            Circuit { failures, open_until, version }
        };
        let changes = (next.failures, next.open_until) != (entered.failures, entered.open_until);
        if changes && self.switch(provider, next).await && next.open_until.is_some() {
            tracing::error!(provider, failures = next.failures, "payment provider is not asked for a while");
        }
    }

    /// Whether ours was the write that counts.
    async fn switch(&self, provider: &str, next: Circuit) -> bool {
        match self.circuits.switch(provider, &next).await {
            Ok(true) => {
                self.remember(provider, next);
                true
            }
            Ok(false) => {
                // Somebody else saw more: read it again.
                self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(provider);
                false
            }
            Err(error) => {
                tracing::warn!(provider, %error, "circuit cannot be written");
                false
            }
        }
    }
}

fn pause(failures: u32) -> i64 {
    let doublings = failures.saturating_sub(MAX_FAILURES).min(16);
    PAUSE_SECONDS.saturating_mul(1 << doublings).min(MAX_PAUSE_SECONDS)
}

fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// A provider behind its circuit.
pub struct Guarded {
    inner: Arc<dyn PaymentGateway>,
    breaker: Arc<Breaker>,
}

impl Guarded {
    /// Puts a provider behind its circuit.
    pub fn new(inner: Arc<dyn PaymentGateway>, breaker: Arc<Breaker>) -> Self {
        Guarded { inner, breaker }
    }

    async fn call<T>(&self, ask: impl Future<Output = Result<T, GatewayError>> + Send) -> Result<T, GatewayError> {
        let name = self.inner.name();
        if let Some(seconds) = self.breaker.is_busy_for(name) {
            return Err(GatewayError::Busy { seconds, why: format!("{name} is left alone as it asked") });
        }
        let Some(entered) = self.breaker.enter(name).await else {
            return Err(GatewayError::Unavailable(format!("{name} is not asked for a while after outages")));
        };
        let answer = match ask.await {
            Err(GatewayError::Busy { seconds, why }) => {
                let seconds = seconds.clamp(1, MAX_BUSY_SECONDS);
                self.breaker.leave_alone(name, seconds);
                Err(GatewayError::Busy { seconds, why })
            }
            answer => answer,
        };
        let answered = !matches!(answer, Err(GatewayError::Unavailable(_)));
        self.breaker.report(name, entered, answered).await;
        answer
    }
}

#[async_trait]
impl PaymentGateway for Guarded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        self.call(self.inner.open(request)).await
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.call(self.inner.look_up(page)).await
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.call(self.inner.capture(page)).await
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.call(self.inner.close(page)).await
    }

    /// A webhook is a sign of life: it is read whatever the circuit says.
    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        self.inner.read_webhook(headers, body, now).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        self.call(self.inner.refund(request)).await
    }

    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        self.call(self.inner.refunds(capture)).await
    }

    async fn find_refund(&self, request: &RefundRequest) -> Result<Option<Receipt>, GatewayError> {
        self.call(self.inner.find_refund(request)).await
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.call(self.inner.forget(token)).await
    }
}

/// The providers' names that customers may choose from; without those whose circuit is open.
#[derive(Clone, Default)]
pub struct Offer {
    names: Vec<String>,
    breaker: Option<Arc<Breaker>>,
}

impl Offer {
    /// Offers these, whatever happens to them.
    pub fn of(names: Vec<String>) -> Self {
        Offer { names, breaker: None }
    }

    /// The providers that a place names in its environment, without those whose circuit is open.
    pub fn of_world(world: &impl World) -> Result<Self, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            /// Separated by commas; none if no provider is configured.
            #[serde(default)]
            payment_providers: String,
        }
        let Config { payment_providers } = world.setting()?;
        let names = payment_providers.split(',').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
        Ok(Offer::of(names).watched_by(Arc::new(Breaker::new(world.circuits(), world.clock()))))
    }

    /// Leaves those out whose circuit is open.
    #[must_use]
    pub fn watched_by(self, breaker: Arc<Breaker>) -> Self {
        Offer { breaker: Some(breaker), ..self }
    }

    /// All names, also of those that are away.
    pub fn all(&self) -> &[String] {
        &self.names
    }

    /// Whether this provider is away.
    pub async fn is_away(&self, name: &str) -> bool {
        match &self.breaker {
            Some(breaker) if self.names.iter().any(|known| known == name) => breaker.is_open(name).await,
            Some(_) | None => false,
        }
    }

    /// The names of those that are there.
    pub async fn present(&self) -> Vec<String> {
        let mut present = Vec::with_capacity(self.names.len());
        for name in &self.names {
            if !self.is_away(name).await {
                present.push(name.clone());
            }
        }
        present
    }
}
