//! Requests to carriers, and what becomes of those that fail.
//!
//! Whether a failure passes, is final, or leaves open what has happened is decided here, where it happens. No text here holds anything
//! that a carrier says in sentences, or a path: those may quote a customer. Its error codes are kept.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use oms_app::ports::{CarrierError, Fault};
use oms_outbound::correlation::correlated;
use oms_outbound::http::{NoClient, OnFirstUse};
use oms_outbound::{Secret, pause};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json;
use crate::token::Tokens;

/// Largest answer that is read, in bytes: labels of twenty parcels have some millions.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// Longest error code that is repeated in an error's text, and most of them.
const MAX_CODE_BYTES: usize = 64;
const MAX_CODES: usize = 3;

/// How long to wait for a connection, in seconds.
const CONNECT_SECONDS: u64 = 3;

/// How long to wait for an answer: carriers take their time over a label.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(25);

/// How long a carrier is left alone that is busy and does not say for how long, in seconds.
pub(crate) const BUSY_SECONDS: u64 = 10;

/// How a carrier speaks of errors.
pub(crate) struct Dialect {
    /// As it is called in texts.
    pub(crate) carrier: &'static str,
    /// The codes in the body of an error; none if it is not of this carrier's form.
    pub(crate) codes: fn(&[u8]) -> Vec<String>,
    /// Who can do something about an error of this code.
    pub(crate) fault: fn(&str) -> Fault,
    /// Codes that blame nobody: the carrier has trouble of its own, whatever the status.
    pub(crate) passing: &'static [&'static str],
}

/// How we show who we are.
pub(crate) enum Access {
    Bearer(Tokens),
    Fixed { key: Option<(&'static str, Secret)>, user: Option<(String, Secret)> },
}

/// One request.
pub(crate) struct Call {
    method: Method,
    path: String,
    /// What the request is for, in words for an error's text.
    what: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    /// Whether it does something: then it is not known what became of it when the answer is lost.
    changes: bool,
}

impl Call {
    pub(crate) fn get(what: &'static str, path: String) -> Self {
        Call { method: Method::GET, path, what, headers: Vec::new(), body: None, changes: false }
    }

    /// A question that has a body.
    pub(crate) fn ask(what: &'static str, path: impl Into<String>, body: &impl Serialize) -> Self {
        Call { changes: false, ..Call::change(Method::POST, what, path).json(body) }
    }

    /// Something that is done.
    pub(crate) fn change(method: Method, what: &'static str, path: impl Into<String>) -> Self {
        Call { method, path: path.into(), what, headers: Vec::new(), body: None, changes: true }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        // Maps with keys that are texts can always be written.
        self.body = Some(serde_json::to_vec(body).unwrap_or_default());
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Why a carrier did not do what we asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: CarrierError,
    /// What it answered, if it did.
    pub(crate) status: Option<StatusCode>,
    pub(crate) codes: Vec<String>,
}

impl Failure {
    fn unanswered(error: CarrierError) -> Self {
        Failure { error, status: None, codes: Vec::new() }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.status == Some(StatusCode::NOT_FOUND)
    }

    /// Whether it refuses what was asked, and not us.
    pub(crate) fn is_no_to_the_request(&self) -> bool {
        matches!(self.error, CarrierError::Refused { fault: Fault::Request | Fault::Address, .. })
    }

    pub(crate) fn has_code(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|code| codes.contains(&code.as_str()))
    }
}

impl From<CarrierError> for Failure {
    fn from(error: CarrierError) -> Self {
        Failure::unanswered(error)
    }
}

impl From<Failure> for CarrierError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

struct Answer {
    status: StatusCode,
    /// For how many seconds the carrier would be left alone if it were busy.
    pause: u64,
    body: Vec<u8>,
}

/// A connection to one API of a carrier.
pub(crate) struct Client {
    http: OnFirstUse,
    base: String,
    access: Access,
    dialect: Dialect,
}

/// An HTTP client that goes where it is sent and nowhere else.
pub(crate) fn http_client(answer_within: Duration) -> OnFirstUse {
    OnFirstUse::new(move |client| {
        let client = client.user_agent(concat!("oms/", env!("CARGO_PKG_VERSION"))).timeout(answer_within);
        // A connection that was kept may be dead by now, and then nobody knows whether a label was asked for.
        let client = client.pool_max_idle_per_host(0);
        // A redirect would carry our credentials somewhere else.
        let client = client.redirect(reqwest::redirect::Policy::none()).no_proxy();
        client.connect_timeout(Duration::from_secs(CONNECT_SECONDS))
    })
}

impl Client {
    pub(crate) fn new(http: OnFirstUse, base: &str, access: Access, dialect: Dialect) -> Self {
        Client { http, base: base.trim_end_matches('/').to_owned(), access, dialect }
    }

    /// Asks, and reads the answer.
    pub(crate) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let (what, changes) = (call.what, call.changes);
        let body = self.send(call).await?;
        json::read(&body).map_err(|_| self.lost(what, changes, "the answer cannot be read"))
    }

    /// Asks, and is content with a success.
    pub(crate) async fn send(&self, call: Call) -> Result<Vec<u8>, Failure> {
        let answer = self.answer(&call).await?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(self.judge(&call, &answer)) }
    }

    /// An answer that says nothing of use: of a purchase it is not known what became of it.
    pub(crate) fn lost(&self, what: &str, changes: bool, why: &str) -> Failure {
        let text = format!("{}, {what}: {why}", self.dialect.carrier);
        Failure::unanswered(if changes { CarrierError::Unknown(text) } else { CarrierError::Unavailable(text) })
    }

    /// A refusal in a body whose status says that all is well.
    pub(crate) fn refusal(&self, what: &str, changes: bool, codes: &[String]) -> CarrierError {
        let why = self.says(what, StatusCode::OK, codes);
        match self.is_passing(codes) {
            false => CarrierError::Refused { fault: self.fault(codes), why },
            true if changes => CarrierError::Unknown(why),
            true => CarrierError::Unavailable(why),
        }
    }

    fn is_passing(&self, codes: &[String]) -> bool {
        codes.iter().any(|code| self.dialect.passing.contains(&code.as_str()))
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let no_client =
            |NoClient| Failure::unanswered(CarrierError::Unavailable("no HTTP client can be made".to_owned()));
        let http = self.http.get().map_err(no_client)?;
        let Access::Bearer(tokens) = &self.access else { return self.once(http, call, None).await };
        let token = tokens.get(http).await?;
        let answer = self.once(http, call, Some(&token)).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // It ended before its time: nothing was done, and another one is asked for once.
        tokens.discard(&token).await;
        let token = tokens.get(http).await?;
        self.once(http, call, Some(&token)).await
    }

    async fn once(&self, http: &reqwest::Client, call: &Call, token: Option<&Secret>) -> Result<Answer, Failure> {
        let mut request = http.request(call.method.clone(), format!("{}{}", self.base, call.path));
        request = request.header(ACCEPT, "application/json").header(ACCEPT_ENCODING, "identity");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        if let Access::Fixed { key, user } = &self.access {
            if let Some((name, key)) = key {
                request = request.header(*name, key.expose());
            }
            if let Some((name, password)) = user {
                request = request.basic_auth(name, Some(password.expose()));
            }
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = correlated(request).send().await.map_err(|error| {
            // What was not connected was not told.
            self.lost(call.what, call.changes && !error.is_connect() && !error.is_builder(), broken(&error))
        })?;
        let (status, pause) = (response.status(), pause::named(response.headers(), BUSY_SECONDS));
        let body = bounded(response).await.map_err(|why| self.lost(call.what, call.changes, why))?;
        Ok(Answer { status, pause, body })
    }

    fn judge(&self, call: &Call, answer: &Answer) -> Failure {
        let codes: Vec<String> = (self.dialect.codes)(&answer.body).into_iter().filter(|code| is_code(code)).collect();
        let text = self.says(call.what, answer.status, &codes);
        let error = match answer.status {
            StatusCode::TOO_MANY_REQUESTS => CarrierError::Busy { seconds: answer.pause, why: text },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                CarrierError::Refused { fault: Fault::Account, why: text }
            }
            // A carrier that refuses says so; anything else may be somebody between us who gave up.
            status if refuses(status) && (!codes.is_empty() || !call.changes) && !self.is_passing(&codes) => {
                CarrierError::Refused { fault: self.fault(&codes), why: text }
            }
            _ if call.changes => CarrierError::Unknown(text),
            _ => CarrierError::Unavailable(text),
        };
        Failure { error, status: Some(answer.status), codes }
    }

    fn fault(&self, codes: &[String]) -> Fault {
        codes.first().map_or(Fault::Request, |code| (self.dialect.fault)(code))
    }

    fn says(&self, what: &str, status: StatusCode, codes: &[String]) -> String {
        let codes: Vec<&str> = codes.iter().map(String::as_str).filter(|code| is_code(code)).take(MAX_CODES).collect();
        let words = [status.as_str()].into_iter().chain(codes).collect::<Vec<_>>().join(" ");
        format!("{}, {what}: {words}", self.dialect.carrier)
    }
}

/// Whether a status can be a no, and not that somebody gave up waiting.
fn refuses(status: StatusCode) -> bool {
    status.is_client_error() && !matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY)
}

/// A code for programs, not a sentence.
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=MAX_CODE_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

/// Why no answer came. The error's own text is left out: it names the address.
pub(crate) fn broken(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_connect() => "no connection",
        error if error.is_timeout() => "no answer in time",
        _ => "the connection broke",
    }
}

/// Reads a body to its end, but not without end. FedEx compresses answers though nobody asked for that.
pub(crate) async fn bounded(mut response: Response) -> Result<Vec<u8>, &'static str> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err("the answer is too long");
        }
        body.extend_from_slice(&chunk);
    }
    if body.starts_with(&[0x1f, 0x8b]) { unpacked(&body) } else { Ok(body) }
}

fn unpacked(body: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut plain = Vec::new();
    let most = u64::try_from(MAX_ANSWER_BYTES).unwrap_or(u64::MAX);
    let read = GzDecoder::new(body).take(most + 1).read_to_end(&mut plain);
    match read {
        Ok(bytes) if bytes <= MAX_ANSWER_BYTES => Ok(plain),
        Ok(_) => Err("the answer is too long"),
        Err(_) => Err("the answer cannot be unpacked"),
    }
}
