//! Notifications: signed, delivered at least once, repeated with growing pauses until the shop answers with success.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::PayPalFake;
use super::books::{Books, Filed};
use super::script::Sequence;
use super::wire::Writer;

/// Pauses between attempts, in seconds; after the last one a notification is given up.
const PAUSES_SECONDS: [i64; 9] = [5, 30, 120, 300, 900, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600];

/// A notification as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// PayPal's id of the event, the same for every delivery.
    pub event_id: String,
    /// The headers that sign it, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

/// How deliveries are disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disorder {
    /// In which order what is due is delivered.
    pub sequence: Sequence,
    /// How often each notification is delivered at once; 1 unless told otherwise.
    pub copies: usize,
}

impl Default for Disorder {
    fn default() -> Self {
        Disorder { sequence: Sequence::AsFiled, copies: 1 }
    }
}

/// What became of one attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Which event.
    pub event_id: String,
    /// What the shop answered; nothing if it did not.
    pub status: Option<u16>,
}

impl PayPalFake {
    /// Files a notification for delivery at once. `resource` is written when everything else is.
    pub(super) fn file(&self, books: &mut Books, kind: &str, resource: impl FnOnce(&Writer<'_>) -> Value) {
        let now = self.now();
        let event_id = format!("WH-{}", books.new_id("EVENT"));
        let writer = Writer { books, base: self.base_url() };
        let body = writer.event(&event_id, kind, &resource(&writer), now).to_string().into_bytes();
        books.outbox.push(Filed { event_id, body, attempts: 0, due_at: now });
    }

    fn sealed(&self, filed: &Filed) -> Delivery {
        let mut envelope = self.envelope();
        envelope.transmission_id = format!("{}-{}", filed.event_id, filed.attempts);
        let headers = envelope.seal(&self.signer(), &filed.body);
        Delivery { event_id: filed.event_id.clone(), headers, body: filed.body.clone() }
    }

    /// Everything that waits, whether due or not, taken out and signed: for tests that deliver by themselves.
    pub fn take_deliveries(&self) -> Vec<Delivery> {
        let filed = std::mem::take(&mut self.books().outbox);
        filed.iter().map(|filed| self.sealed(filed)).collect()
    }

    /// When the next notification is due, if any waits.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.books().outbox.iter().map(|filed| filed.due_at).min()
    }

    /// How deliveries are disturbed from now on.
    pub fn disturb(&self, disorder: Disorder) {
        self.books().disorder = disorder;
    }

    /// Delivers everything that is due, one after the other, and keeps what was not answered with success for later.
    /// Without a webhook everything waits.
    pub async fn deliver_due(&self) -> Vec<Delivered> {
        let Some(url) = self.0.options.webhook_url.as_deref() else { return Vec::new() };
        let now = self.now();
        let Disorder { sequence, copies } = self.books().disorder;
        let mut due: Vec<Filed> = self.books().outbox.extract_if(.., |filed| filed.due_at <= now).collect();
        arrange(&mut due, sequence);
        let mut delivered = Vec::new();
        for filed in due {
            let delivery = self.sealed(&filed);
            let mut accepted = true;
            for _ in 0..copies {
                let status = self.post(url, &delivery).await;
                accepted &= status.is_some_and(|status| (200..300).contains(&status));
                delivered.push(Delivered { event_id: filed.event_id.clone(), status });
            }
            match PAUSES_SECONDS.get(filed.attempts) {
                Some(pause) if !accepted => {
                    let due_at = now.saturating_add(SignedDuration::from_secs(*pause)).unwrap_or(now);
                    self.books().outbox.push(Filed { attempts: filed.attempts + 1, due_at, ..filed });
                }
                Some(_) => {}
                None => tracing::warn!(event_id = %filed.event_id, "webhook is given up"),
            }
        }
        delivered
    }

    async fn post(&self, url: &str, delivery: &Delivery) -> Option<u16> {
        let mut request = self.0.http.post(url).header("content-type", "application/json").body(delivery.body.clone());
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        request.send().await.ok().map(|response| response.status().as_u16())
    }
}

fn arrange(due: &mut [Filed], sequence: Sequence) {
    match sequence {
        Sequence::AsFiled => {}
        Sequence::Backwards => due.reverse(),
        Sequence::Shuffled(seed) => {
            let mut state = seed;
            for last in (1..due.len()).rev() {
                // Knuth's constants; the high bits are the good ones.
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let other = usize::try_from(state >> 33).unwrap_or(0) % (last + 1);
                due.swap(last, other);
            }
        }
    }
}
