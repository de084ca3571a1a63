//! The access token: fetched with the client's credentials, kept until shortly before it ends.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::Clock;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::Mutex;

use super::client::{Failure, pause_of, read_limited, unreachable};
use super::wire;
use oms_outbound::Secret;

/// How long before its end a token is no longer used: longer than any request takes.
const MARGIN_SECONDS: i64 = 60;

/// Longest that a token is believed to live; PayPal's live for nine hours.
const LONGEST_SECONDS: i64 = 24 * 3_600;

/// Who asks for tokens, and where.
pub(super) struct Tokens {
    url: String,
    client_id: String,
    client_secret: Secret,
    clock: Arc<dyn Clock>,
    /// Locked while a token is fetched, so that many calls at once fetch one.
    held: Mutex<Option<Held>>,
}

struct Held {
    token: Secret,
    until: Timestamp,
}

impl Tokens {
    pub(super) fn new(api_base: &str, client_id: String, client_secret: Secret, clock: Arc<dyn Clock>) -> Self {
        Tokens { url: format!("{api_base}/v1/oauth2/token"), client_id, client_secret, clock, held: Mutex::new(None) }
    }

    /// A token that is good for a request now.
    pub(super) async fn get(&self, http: &reqwest::Client) -> Result<Secret, Failure> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| self.clock.now() < held.until) {
            return Ok(held.token.clone());
        }
        let fresh = self.fetch(http).await?;
        let token = fresh.token.clone();
        *held = Some(fresh);
        Ok(token)
    }

    /// PayPal no longer takes this token: the next call fetches another, unless that has happened already.
    pub(super) async fn discard(&self, token: &Secret) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.token == *token) {
            *held = None;
        }
    }

    async fn fetch(&self, http: &reqwest::Client) -> Result<Held, Failure> {
        let asked_at = self.clock.now();
        let response = http
            .post(&self.url)
            .basic_auth(&self.client_id, Some(self.client_secret.expose()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .send()
            .await
            .map_err(|error| unreachable("a token", &error))?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let text = "PayPal answered 429 when asked for a token".to_owned();
            return Err(Failure::Busy { seconds: pause_of(&response), text });
        }
        if !status.is_success() {
            // Wrong credentials too: they are ours to repair, and no reason to fail a customer's refund for good.
            return Err(Failure::Unavailable(format!("PayPal answered {} when asked for a token", status.as_u16())));
        }
        let body = read_limited(response, "a token").await?;
        let answer: wire::Token = serde_json::from_slice(&body)
            .map_err(|_| Failure::Unavailable("PayPal's answer with a token cannot be read".to_owned()))?;
        let seconds = (answer.expires_in.min(LONGEST_SECONDS) - MARGIN_SECONDS).max(0);
        let until = asked_at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(asked_at);
        Ok(Held { token: Secret::new(answer.access_token), until })
    }
}
