//! Requests to PayPal, and what becomes of those that fail.
//!
//! Whether a failure passes or is final is decided here, where it happens. No text here holds anything that PayPal
//! says in sentences: those may quote a customer. Its error codes and its `debug_id` are kept.

use std::time::Duration;

use oms_app::ports::GatewayError;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::token::Tokens;
use super::wire;
use oms_outbound::Secret;
use oms_outbound::correlation::correlated;
use oms_outbound::http::{NoClient, OnFirstUse};
use oms_outbound::pause;

/// Largest answer that is read, in bytes; PayPal's orders have a few thousand.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Longest error code that is repeated in an error's text.
const MAX_CODE_BYTES: usize = 64;

/// How long PayPal is left alone that is busy and does not say for how long, in seconds.
const BUSY_SECONDS: u64 = 5;

const REQUEST_ID: HeaderName = HeaderName::from_static("paypal-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Why PayPal did not do what we asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Ask again.
    Unavailable(String),
    /// Too much is asked of it: ask again after so many seconds.
    Busy { seconds: u64, text: String },
    /// Asking again would change nothing.
    Refused(Refusal),
}

/// PayPal's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The most precise code of the answer, e.g. `INSTRUMENT_DECLINED`; empty if it has none.
    pub(super) issue: String,
    text: String,
}

impl Refusal {
    /// Whether PayPal does not know what it was asked about.
    pub(super) fn is_missing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND.as_u16()
    }
}

impl From<Failure> for GatewayError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable(text) => GatewayError::Unavailable(text),
            Failure::Busy { seconds, text } => GatewayError::Busy { seconds, why: text },
            Failure::Refused(refusal) => GatewayError::Declined(refusal.text),
        }
    }
}

/// One request.
pub(super) struct Call {
    method: Method,
    path: String,
    /// What the request is for, in words for an error's text.
    what: &'static str,
    request_id: Option<String>,
    body: Option<Value>,
}

impl Call {
    pub(super) fn get(what: &'static str, path: String) -> Self {
        Call { method: Method::GET, path, what, request_id: None, body: None }
    }

    pub(super) fn delete(what: &'static str, path: String) -> Self {
        Call { method: Method::DELETE, path, what, request_id: None, body: None }
    }

    /// A request that PayPal does once, however often it comes with this id.
    pub(super) fn post(what: &'static str, path: String, request_id: String, body: Value) -> Self {
        Call { method: Method::POST, path, what, request_id: Some(request_id), body: Some(body) }
    }
}

/// What came back of a request.
struct Answer {
    status: StatusCode,
    /// For how many seconds PayPal would be left alone if it were busy.
    pause: u64,
    body: Vec<u8>,
}

pub(super) struct Client {
    http: OnFirstUse,
    api_base: String,
    tokens: Tokens,
}

/// An HTTP client that goes where it is sent and nowhere else.
pub(super) fn http_client(timeout: Duration) -> OnFirstUse {
    OnFirstUse::new(move |client| client.timeout(timeout).redirect(reqwest::redirect::Policy::none()).no_proxy())
}

/// What no client means for the question.
pub(super) fn unmade(_: NoClient) -> Failure {
    Failure::Unavailable("no HTTP client for PayPal can be made".to_owned())
}

impl Client {
    pub(super) fn new(http: OnFirstUse, api_base: String, tokens: Tokens) -> Self {
        Client { http, api_base, tokens }
    }

    /// Asks, and reads the answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let what = call.what;
        let body = self.send(call).await?;
        // It may have happened: asked again with the same id, PayPal says so again.
        serde_json::from_slice(&body).map_err(|error| {
            let place = (error.line(), error.column());
            Failure::Unavailable(format!("PayPal's answer to {what} cannot be read at {place:?}"))
        })
    }

    /// Asks, and is content with a success.
    pub(super) async fn send(&self, call: Call) -> Result<Vec<u8>, Failure> {
        let http = self.http.get().map_err(unmade)?;
        let token = self.tokens.get(http).await?;
        let mut answer = self.once(http, &call, &token).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            self.tokens.discard(&token).await;
            let token = self.tokens.get(http).await?;
            answer = self.once(http, &call, &token).await?;
        }
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(failure(call.what, &answer))
    }

    async fn once(&self, http: &reqwest::Client, call: &Call, token: &Secret) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(PREFER, HeaderValue::from_static("return=representation"));
        if let Some(id) = call.request_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert(REQUEST_ID, id);
        }
        let mut request = http
            .request(call.method.clone(), format!("{}{}", self.api_base, call.path))
            .bearer_auth(token.expose())
            .headers(headers);
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = correlated(request).send().await.map_err(|error| unreachable(call.what, &error))?;
        let status = response.status();
        let pause = pause_of(&response);
        Ok(Answer { status, pause, body: read_limited(response, call.what).await? })
    }
}

pub(super) fn pause_of(response: &Response) -> u64 {
    pause::named(response.headers(), BUSY_SECONDS)
}

/// Reads a body to its end, but not without end.
pub(super) async fn read_limited(mut response: Response, what: &str) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(what, &error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Failure::Unavailable(format!("PayPal's answer to {what} is too long")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// No answer, or half of one. The error's own text is left out: it names the address.
pub(super) fn unreachable(what: &str, error: &reqwest::Error) -> Failure {
    let why = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "could not be reached"
    } else {
        "broke off"
    };
    Failure::Unavailable(format!("PayPal {why} when asked for {what}"))
}

fn failure(what: &str, answer: &Answer) -> Failure {
    let problem: wire::Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let issue = problem.details.into_iter().next().map(|detail| detail.issue);
    let issue = code(issue.unwrap_or_default(), code(problem.name, String::new()));
    let debug_id = code(problem.debug_id, "none".to_owned());
    let status = answer.status.as_u16();
    let text = format!("PayPal answered {status} {issue} when asked for {what} (debug id {debug_id})");
    match answer.status {
        // 401: the credentials are ours to repair. 409: an earlier request of the same id is still under way.
        StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => Failure::Unavailable(text),
        StatusCode::TOO_MANY_REQUESTS => Failure::Busy { seconds: answer.pause, text },
        status if status.is_client_error() => Failure::Refused(Refusal { status: status.as_u16(), issue, text }),
        _ => Failure::Unavailable(text),
    }
}

/// A machine-readable code as it is, anything else replaced.
fn code(text: String, otherwise: String) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !text.is_empty() && text.len() <= MAX_CODE_BYTES && text.bytes().all(plain) { text } else { otherwise }
}
