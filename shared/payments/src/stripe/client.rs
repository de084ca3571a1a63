//! Calls to Stripe's API: form-encoded out, JSON in, one bounded answer each.
//!
//! Here, and only here, HTTP statuses are judged: what may help when it is asked again with the same key is
//! unavailable, everything else is refused. An error names the call, the status, Stripe's own words for programs and
//! the id under which Stripe finds the request; nothing else of an answer is ever repeated.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use oms_app::ports::GatewayError;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use super::StripeConfig;
use super::wire::{ErrorAnswer, ErrorBody, word};
use oms_outbound::Secret;
use oms_outbound::correlation::correlated;
use oms_outbound::http::{NoClient, OnFirstUse};
use oms_outbound::pause;

/// The version of Stripe's API that [`super::wire`] was written for.
pub const API_VERSION: &str = "2026-10-28.endive";

/// Longest answer that is read, in bytes; a page of a hundred objects has some hundred thousand.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// How long to wait for a connection, in seconds.
const CONNECT_SECONDS: u64 = 3;

/// Names and values of a form or a query, in the order in which they are sent.
pub(super) type Form = Vec<(String, String)>;

/// Why a call did not do what we asked.
#[derive(Debug)]
pub(super) struct Failure {
    /// Whether asking again later with the same key may help.
    passing: bool,
    /// Whether asking again at once may help.
    at_once: bool,
    status: Option<StatusCode>,
    /// For how many seconds Stripe wants to be left alone.
    busy: Option<u64>,
    kind: Option<String>,
    text: String,
}

impl Failure {
    fn passing(text: String, at_once: bool) -> Self {
        Failure { passing: true, at_once, status: None, busy: None, kind: None, text }
    }

    /// A list has no end: what is looked for may be further down.
    pub(super) fn unread(path: &str) -> Self {
        Failure::passing(format!("stripe, GET {path}: the list has too many pages"), false)
    }

    /// Something that Stripe should have named has a name that Stripe does not give.
    pub(super) fn misnamed() -> Self {
        let text = "not one of stripe's names".to_owned();
        Failure { passing: false, at_once: false, status: None, busy: None, kind: None, text }
    }

    pub(super) fn is_passing(&self) -> bool {
        self.passing
    }

    pub(super) fn is_not_found(&self) -> bool {
        self.status == Some(StatusCode::NOT_FOUND)
    }

    /// The key was used before, with other parameters.
    pub(super) fn is_other_use_of_key(&self) -> bool {
        self.kind.as_deref() == Some("idempotency_error") && !self.passing
    }
}

impl From<Failure> for GatewayError {
    fn from(failure: Failure) -> Self {
        match failure.busy {
            Some(seconds) => GatewayError::Busy { seconds, why: failure.text },
            None if failure.passing => GatewayError::Unavailable(failure.text),
            None => GatewayError::Declined(failure.text),
        }
    }
}

/// One of our calls, as it is shown in errors.
struct Call<'a> {
    method: Method,
    path: &'a str,
    idempotency_key: Option<&'a str>,
    form: &'a Form,
}

/// A connection to Stripe.
pub(super) struct Client {
    http: OnFirstUse,
    api_base: String,
    secret_key: Secret,
    answer_within: Duration,
    retries: ExponentialBuilder,
}

impl Client {
    pub(super) fn new(config: &StripeConfig) -> Self {
        let http = OnFirstUse::new(|client| {
            client
                .user_agent(concat!("oms/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
                // A redirect would carry the key somewhere else.
                .redirect(reqwest::redirect::Policy::none())
        });
        let retries = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(config.retry_pause)
            .with_max_times(config.retries);
        Client {
            http,
            api_base: config.api_base.trim_end_matches('/').to_owned(),
            secret_key: config.secret_key.clone(),
            answer_within: config.answer_within,
            retries,
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &Form) -> Result<T, Failure> {
        self.send(Call { method: Method::GET, path, idempotency_key: None, form: query }).await
    }

    /// Every call that changes something carries a key under which Stripe does it once.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, form: &Form, key: &str) -> Result<T, Failure> {
        self.send(Call { method: Method::POST, path, idempotency_key: Some(key), form }).await
    }

    /// One answer within [`StripeConfig::answer_within`], however many tries that takes.
    async fn send<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Failure> {
        let tries = (|| self.once(&call)).retry(self.retries).when(|failure: &Failure| failure.at_once);
        let answer = tokio::time::timeout(self.answer_within, tries).await;
        let body = answer.unwrap_or_else(|_| Err(Failure::passing(call.says("no answer in time"), false)))?;
        // It has happened, and we cannot read what: asked again with the same key the answer may be whole.
        serde_json::from_slice(&body).map_err(|_| Failure::passing(call.says("the answer cannot be read"), false))
    }

    async fn once(&self, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
        let answer = self.request(call)?.send().await.map_err(|error| call.broken(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = bounded(answer).await.map_err(|error| match error {
            Some(error) => call.broken(&error),
            None => Failure::passing(call.says("the answer is too long"), false),
        })?;
        if status == StatusCode::OK { Ok(body) } else { Err(call.judge(status, &headers, &body)) }
    }

    fn request(&self, call: &Call<'_>) -> Result<RequestBuilder, Failure> {
        let form = serde_urlencoded::to_string(call.form)
            .map_err(|_| Failure::passing(call.says("the form cannot be written"), false))?;
        let address = format!("{}{}", self.api_base, call.path);
        let unmade = |NoClient| Failure::passing(call.says("no HTTP client can be made"), false);
        let http = self.http.get().map_err(unmade)?;
        let request = if call.method == Method::GET {
            let query = if form.is_empty() { String::new() } else { format!("?{form}") };
            http.get(format!("{address}{query}"))
        } else {
            http.post(address).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
        };
        let request = request.bearer_auth(self.secret_key.expose()).header("Stripe-Version", API_VERSION);
        let request = correlated(request);
        Ok(match call.idempotency_key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        })
    }
}

/// Nothing instead of an error means that there was more than anyone would send.
async fn bounded(mut answer: reqwest::Response) -> Result<Vec<u8>, Option<reqwest::Error>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Some)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Call<'_> {
    fn says(&self, what: &str) -> String {
        format!("stripe, {} {}: {what}", self.method, self.path)
    }

    /// The connection failed. The error's own text would repeat the address with its query.
    fn broken(&self, error: &reqwest::Error) -> Failure {
        let what = match error {
            error if error.is_timeout() => "no answer in time",
            error if error.is_connect() => "no connection",
            _ => "the connection broke",
        };
        Failure::passing(self.says(what), !error.is_timeout())
    }

    fn judge(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let ErrorBody { kind, code, param } = serde_json::from_slice::<ErrorAnswer>(body).unwrap_or_default().error;
        let words = [kind.as_deref(), code.as_deref(), param.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().filter_map(word).collect();
        let mut text = self.says(status.as_str());
        if !words.is_empty() {
            text = format!("{text} {}", words.join(" "));
        }
        if let Some(id) = word(&header("request-id").to_ascii_lowercase()).filter(|id| id.starts_with("req_")) {
            text = format!("{text} ({id})");
        }
        let passing = passes(status);
        let stored = passing && header("idempotent-replayed") == "true";
        if stored {
            text = format!("{text}; stored for this idempotency key, so only a look-up tells whether it was done");
        }
        let at_once = match header("stripe-should-retry") {
            "true" => true,
            "false" => false,
            _ => status == StatusCode::CONFLICT || status.is_server_error(),
        };
        let busy = (status == StatusCode::TOO_MANY_REQUESTS).then(|| pause::named(headers, BUSY_SECONDS));
        Failure {
            passing,
            at_once: passing && at_once && !stored && busy.is_none(),
            status: Some(status),
            busy,
            kind,
            text,
        }
    }
}

/// How long a provider is left alone that is busy and does not say for how long, in seconds.
const BUSY_SECONDS: u64 = 1;

/// Answers that blame the request in form only.
const PASSING: [StatusCode; 7] = [
    // Another request with this key is under way, or there are too many of any kind.
    StatusCode::CONFLICT,
    StatusCode::TOO_MANY_REQUESTS,
    // Somebody between us and the money gave up waiting.
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_EARLY,
    StatusCode::FAILED_DEPENDENCY,
    // Our key is being changed or lacks a right: over once that is put right.
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
];

/// Whether the same request may succeed later.
fn passes(status: StatusCode) -> bool {
    !status.is_client_error() || PASSING.contains(&status)
}
