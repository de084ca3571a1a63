//! The access token: fetched with the client's credentials, kept in the process, and renewed before it ends.
//!
//! Carriers punish who asks for tokens too often: FedEx shuts out an address for ten minutes. So one asks at a time, and a no is
//! remembered.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{CarrierError, Clock, Fault};
use oms_outbound::{Secret, pause};
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::client::{self, BUSY_SECONDS};
use crate::json::{self, Exact};

/// How long before its end a token is renewed, in seconds.
const EARLY_SECONDS: i64 = 5 * 60;

/// How long before its end a token is not used any more, in seconds: longer than any request takes.
const MARGIN_SECONDS: i64 = 60;

/// Longest that a token is believed to live, in seconds.
const LONGEST_SECONDS: i64 = 24 * 3_600;

/// How long nobody asks after wrong credentials, in seconds: only a person can repair them.
const WRONG_SECONDS: u64 = 60;

/// How long nobody asks after a ban, in seconds.
const BANNED_SECONDS: u64 = 10 * 60;

/// How credentials are shown.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// As fields of the form.
    InForm,
    /// As user and password, with the merchant's number where the carrier wants it.
    AsUser { merchant: Option<String> },
}

/// Who asks for tokens, and where.
pub(crate) struct Tokens {
    carrier: &'static str,
    url: String,
    client_id: String,
    client_secret: Secret,
    shown: Shown,
    clock: Arc<dyn Clock>,
    /// Locked while a token is fetched, so that many calls at once fetch one.
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// Until when nobody asks, and why.
    denied: Option<(Timestamp, CarrierError)>,
}

#[derive(Clone)]
struct Token {
    text: Secret,
    fresh_until: Timestamp,
    good_until: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Exact,
}

impl Tokens {
    pub(crate) fn new(
        carrier: &'static str,
        url: String,
        credentials: (String, Secret),
        shown: Shown,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (client_id, client_secret) = credentials;
        Tokens { carrier, url, client_id, client_secret, shown, clock, held: Mutex::default() }
    }

    /// A token that is good for a request now. Nothing has been asked of the carrier yet, so nothing is unknown.
    pub(crate) async fn get(&self, http: &reqwest::Client) -> Result<Secret, CarrierError> {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        if let Some(token) = held.token.as_ref().filter(|token| now < token.fresh_until) {
            return Ok(token.text.clone());
        }
        let old = held.token.clone().filter(|token| now < token.good_until).map(|token| token.text);
        if let Some((until, why)) = held.denied.clone().filter(|(until, _)| now < *until) {
            return old.ok_or_else(|| again(why, now, until));
        }
        match self.fetch(http, now).await {
            Ok(token) => {
                *held = Held { token: Some(token.clone()), denied: None };
                Ok(token.text)
            }
            Err((error, seconds)) => {
                held.denied = seconds.map(|seconds| (after(now, seconds), error.clone()));
                old.ok_or(error)
            }
        }
    }

    /// The carrier no longer takes this token: the next call fetches another, unless that has happened already.
    pub(crate) async fn discard(&self, token: &Secret) {
        let mut held = self.held.lock().await;
        if held.token.as_ref().is_some_and(|held| held.text == *token) {
            held.token = None;
        }
    }

    /// The error of a failure comes with the seconds in which nobody should ask again.
    async fn fetch(&self, http: &reqwest::Client, now: Timestamp) -> Result<Token, (CarrierError, Option<u64>)> {
        let unavailable = |why: &str| (CarrierError::Unavailable(format!("{}, a token: {why}", self.carrier)), None);
        let response = self.request(http).send().await.map_err(|error| unavailable(client::broken(&error)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = client::bounded(response).await.map_err(unavailable)?;
        let answered = format!("{}, a token: {}", self.carrier, status.as_u16());
        match status {
            StatusCode::TOO_MANY_REQUESTS => {
                let seconds = pause::named(&headers, BUSY_SECONDS);
                Err((CarrierError::Busy { seconds, why: answered }, Some(seconds)))
            }
            StatusCode::FORBIDDEN => {
                Err((CarrierError::Busy { seconds: BANNED_SECONDS, why: answered }, Some(BANNED_SECONDS)))
            }
            status if status.is_client_error() => {
                Err((CarrierError::Refused { fault: Fault::Account, why: answered }, Some(WRONG_SECONDS)))
            }
            status if !status.is_success() => Err((CarrierError::Unavailable(answered), None)),
            _ => token(&body, now).ok_or_else(|| unavailable("the answer cannot be read")),
        }
    }

    fn request(&self, http: &reqwest::Client) -> RequestBuilder {
        let request = http.post(&self.url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (id, secret) = (self.client_id.as_str(), self.client_secret.expose());
        match &self.shown {
            Shown::InForm => {
                let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
                request.body(serde_urlencoded::to_string(form).unwrap_or_default())
            }
            Shown::AsUser { merchant } => {
                let request = request.basic_auth(id, Some(secret)).body("grant_type=client_credentials");
                match merchant {
                    Some(merchant) => request.header("x-merchant-id", merchant),
                    None => request,
                }
            }
        }
    }
}

fn token(body: &[u8], now: Timestamp) -> Option<Token> {
    let answer: Answer = json::read(body).ok()?;
    let seconds: u64 = answer.expires_in.text().parse().ok()?;
    let seconds = i64::try_from(seconds).unwrap_or(LONGEST_SECONDS).min(LONGEST_SECONDS);
    let until = |early: i64| now.saturating_add(SignedDuration::from_secs((seconds - early).max(0))).unwrap_or(now);
    let (fresh_until, good_until) = (until(EARLY_SECONDS), until(MARGIN_SECONDS));
    Some(Token { text: Secret::new(answer.access_token), fresh_until, good_until })
}

fn after(now: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(LONGEST_SECONDS);
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

/// A remembered no, with what is left of its pause.
fn again(error: CarrierError, now: Timestamp, until: Timestamp) -> CarrierError {
    match error {
        CarrierError::Busy { why, .. } => {
            let left = until.duration_since(now).as_secs();
            CarrierError::Busy { seconds: u64::try_from(left).unwrap_or(0).max(1), why }
        }
        CarrierError::Unavailable(_) | CarrierError::Unknown(_) | CarrierError::Refused { .. } => error,
    }
}
