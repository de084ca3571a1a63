//! Delivers webhooks until they are answered with success, as a provider does: at least once, with growing pauses.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::books::{Books, Webhook};
use super::outage::Outage;
use super::signature::Signer;
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::state::StateError;

/// Pauses between attempts, in seconds; after the last one the webhook is given up.
const PAUSES_SECONDS: [i64; 9] = [5, 30, 120, 300, 900, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600];

/// Most webhooks that are on their way at the same time, in no order, as at a provider.
const AT_ONCE: u32 = 32;

/// Longest real time that settling a page waits for its webhook to be delivered.
const PATIENCE: Duration = Duration::from_secs(5);

/// A cheap handle to the running delivery; the task ends with its last handle's cloud.
#[derive(Clone)]
pub struct Delivery {
    begun: Arc<watch::Sender<bool>>,
    wake: Arc<Notify>,
    rounds: watch::Receiver<u64>,
}

/// What delivering takes.
pub(super) struct Courier {
    pub(super) books: Books,
    pub(super) signer: Signer,
    pub(super) outage: Outage,
    pub(super) clock: Clock,
    pub(super) gateway: Gateway,
}

impl Delivery {
    pub(super) fn start(courier: Courier) -> Self {
        let wake = Arc::new(Notify::new());
        let (rounds, watched) = watch::channel(0);
        let (begun, mut beginning) = watch::channel(false);
        let woken = wake.clone();
        tokio::spawn(async move {
            // An error means that the start was given up, with everything that could begin.
            if beginning.wait_for(|begun| *begun).await.is_ok() {
                courier.run(woken, rounds).await;
            }
        });
        Delivery { begun: Arc::new(begun), wake, rounds: watched }
    }

    /// The webhook can be called from now on. Before that every attempt would fail, and pause until the next.
    pub(super) fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Something was filed: deliver it, and wait (bounded) until it was tried once.
    pub(super) async fn deliver_now(&self) {
        let mut rounds = self.rounds.clone();
        rounds.mark_unchanged();
        self.wake.notify_one();
        // When patience ends the courier goes on by itself.
        let _ = tokio::time::timeout(PATIENCE, rounds.changed()).await;
    }

    /// Something was filed: deliver it in its own time.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }
}

impl Courier {
    async fn run(self, wake: Arc<Notify>, rounds: watch::Sender<u64>) {
        loop {
            match self.round().await {
                Ok(next_due) => {
                    rounds.send_modify(|round| *round += 1);
                    let pause = async {
                        match next_due {
                            Some(due) => self.clock.sleep_until(due).await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        () = wake.notified() => {}
                        () = pause => {}
                    }
                }
                // The state was closed: the cloud has stopped.
                Err(_) => return,
            }
        }
    }

    /// Tries everything that is due, and tells when the next one is.
    async fn round(&self) -> Result<Option<Timestamp>, StateError> {
        loop {
            let now = self.clock.now();
            let webhooks = self.books.next_webhooks(AT_ONCE)?;
            let due: Vec<&Webhook> = webhooks.iter().filter(|webhook| webhook.due_ms <= now.as_millisecond()).collect();
            if due.is_empty() {
                return Ok(webhooks.first().and_then(|next| Timestamp::from_millisecond(next.due_ms).ok()));
            }
            futures::future::try_join_all(due.into_iter().map(|webhook| self.try_once(webhook, now))).await?;
        }
    }

    async fn try_once(&self, webhook: &Webhook, now: Timestamp) -> Result<(), StateError> {
        let status = if self.outage.loses_webhook() {
            StatusCode::BAD_GATEWAY
        } else {
            self.gateway.call(self.request(webhook, now)).await.status()
        };
        let pause = usize::try_from(webhook.attempts).ok().and_then(|attempt| PAUSES_SECONDS.get(attempt));
        match pause {
            _ if status.is_success() => self.books.forget_webhook(&webhook.event_id),
            Some(pause) => {
                tracing::debug!(event_id = %webhook.event_id, %status, "webhook is delivered again later");
                self.books.postpone_webhook(webhook, now.as_millisecond() + pause * 1_000)
            }
            None => {
                tracing::warn!(event_id = %webhook.event_id, %status, "webhook is given up");
                self.books.forget_webhook(&webhook.event_id)
            }
        }
    }

    fn request(&self, webhook: &Webhook, now: Timestamp) -> Request<Bytes> {
        let mut request = Request::post(format!("/api/payments/callback/{}", super::NAME))
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::USER_AGENT, "sandbox-webhooks/1");
        for (name, value) in self.signer.headers(&webhook.event_id, now, webhook.body.as_bytes()) {
            request = request.header(name, value);
        }
        // All parts are ours and valid; the fallback is refused by the gateway and tried again.
        request.body(Bytes::from(webhook.body.clone())).unwrap_or_default()
    }
}
