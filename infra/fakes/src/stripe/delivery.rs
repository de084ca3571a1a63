//! Webhooks: signed anew for every try, and tried again until they are taken.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::StripeFake;
use super::books::News;
use super::render;

/// Pauses between the tries of one delivery, in seconds; afterwards it is given up, after nearly three days.
const PAUSES_SECONDS: [i64; 9] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400, 86_400];

/// A webhook as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `evt_…`, the same for every try.
    pub event_id: String,
    /// Lower-case names, and values.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// In which order webhooks arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As things happened.
    #[default]
    AsFiled,
    /// The last one first.
    Reversed,
    /// As if by chance; the same seed makes the same order.
    Shuffled(u64),
}

/// How webhooks are disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disorder {
    /// How many times more than once each one arrives.
    pub duplicates: usize,
    /// In which order those of one delivery arrive.
    pub order: Order,
}

#[derive(Debug)]
struct Pending {
    event: News,
    tries: usize,
    due: Timestamp,
}

#[derive(Debug)]
pub(super) struct Outbox {
    /// The current one first; a second one while it is being replaced.
    secrets: Vec<String>,
    pending: Vec<Pending>,
    disorder: Disorder,
}

impl Outbox {
    pub(super) fn new(secret: &str) -> Self {
        Outbox { secrets: vec![secret.to_owned()], pending: Vec::new(), disorder: Disorder::default() }
    }

    pub(super) fn file(&mut self, event: News, now: Timestamp) {
        self.pending.push(Pending { event, tries: 0, due: now });
    }

    fn due(&self, now: Timestamp) -> Vec<Delivery> {
        let due = self.pending.iter().filter(|pending| pending.due <= now);
        let copies = 1 + self.disorder.duplicates;
        let mut deliveries: Vec<Delivery> =
            due.flat_map(|pending| std::iter::repeat_n(self.signed(&pending.event, now), copies)).collect();
        match self.disorder.order {
            Order::AsFiled => {}
            Order::Reversed => deliveries.reverse(),
            Order::Shuffled(seed) => {
                let mut dealt: Vec<_> = deliveries.into_iter().enumerate().collect();
                dealt.sort_by_key(|(place, delivery)| Sha256::digest(format!("{seed}/{place}/{}", delivery.event_id)));
                deliveries = dealt.into_iter().map(|(_, delivery)| delivery).collect();
            }
        }
        deliveries
    }

    fn signed(&self, event: &News, now: Timestamp) -> Delivery {
        let body = event.body.as_bytes().to_vec();
        let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();
        let headers = vec![
            ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
            ("stripe-signature".to_owned(), signature_header(&secrets, now, &body)),
        ];
        Delivery { event_id: event.id.clone(), headers, body }
    }

    fn taken(&mut self, event_id: &str) {
        self.pending.retain(|pending| pending.event.id != event_id);
    }

    fn not_taken(&mut self, event_id: &str, now: Timestamp) {
        let Some(at) = self.pending.iter().position(|pending| pending.event.id == event_id) else { return };
        let pending = &mut self.pending[at];
        if let Some(pause) = PAUSES_SECONDS.get(pending.tries) {
            pending.tries += 1;
            pending.due = now.saturating_add(SignedDuration::from_secs(*pause)).unwrap_or(Timestamp::MAX);
        } else {
            tracing::warn!(event_id, "webhook is given up");
            self.pending.remove(at);
        }
    }
}

/// Signs a body as Stripe does, at this time, with each of these secrets; `v0` is what its test events carry besides.
pub fn signature_header(secrets: &[&str], time: Timestamp, body: &[u8]) -> String {
    let time = time.as_second();
    let mut parts = vec![format!("t={time}")];
    parts.extend(secrets.iter().map(|secret| format!("v1={}", mac(secret, time, body))));
    parts.push(format!("v0={}", mac("a test event's own", time, body)));
    parts.join(",")
}

fn mac(secret: &str, time: i64, body: &[u8]) -> String {
    // A MAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    render::hex(&mac.finalize().into_bytes())
}

impl StripeFake {
    /// Takes every webhook that is due, signed now, as if the receiver had taken it.
    pub fn take_webhooks(&self) -> Vec<Delivery> {
        let now = self.now();
        let mut state = self.state();
        let deliveries = state.outbox.due(now);
        for delivery in &deliveries {
            state.outbox.taken(&delivery.event_id);
        }
        deliveries
    }

    /// Sends every webhook that is due, one after the other; what is not taken comes due again later. Tells how many
    /// were taken.
    pub async fn deliver_due(&self) -> usize {
        let Some(url) = &self.0.options.webhook_url else { return 0 };
        let deliveries = self.state().outbox.due(self.now());
        let mut taken = 0;
        for delivery in deliveries {
            let mut request = self.0.http.post(url).header("user-agent", "Stripe/1.0").body(delivery.body);
            for (name, value) in delivery.headers {
                request = request.header(name, value);
            }
            let accepted = request.send().await.is_ok_and(|answer| answer.status().is_success());
            let now = self.now();
            let mut state = self.state();
            if accepted {
                state.outbox.taken(&delivery.event_id);
                taken += 1;
            } else {
                state.outbox.not_taken(&delivery.event_id, now);
            }
        }
        taken
    }

    /// When the next webhook comes due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.state().outbox.pending.iter().map(|pending| pending.due).min()
    }

    /// Ends when something has been filed for delivery since the last call ended.
    pub async fn filed(&self) {
        self.0.filed.notified().await;
    }

    /// How webhooks are disturbed from now on.
    pub fn disturb(&self, disorder: Disorder) {
        self.state().outbox.disorder = disorder;
    }

    /// Signs with a new secret, and still with the old one until [`StripeFake::forget_old_webhook_secret`].
    pub fn roll_webhook_secret(&self, new: &str) {
        self.state().outbox.secrets.insert(0, new.to_owned());
    }

    /// Signs with the newest secret only.
    pub fn forget_old_webhook_secret(&self) {
        self.state().outbox.secrets.truncate(1);
    }
}
