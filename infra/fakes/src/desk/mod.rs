//! What the carriers' fakes have in common: a book of labels, what parcels have been through, and what goes wrong.
//!
//! Each carrier is a [`Clerk`] who speaks its wire format; the desk listens, takes the faults that a test scripted, and remembers what
//! was asked. Time is the test's: tokens end by the clock that is handed in, and nothing here waits.

mod script;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;

pub use self::script::{Delivery, Event, Fault, Label, Operation, Seen, Sequence};

/// Most bytes of one request that are read.
const MAX_REQUEST_BYTES: usize = 1 << 20;

pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Whether there is an element in it that says nothing.
pub(crate) fn has_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty() || elements.iter().any(has_empty),
        Value::Object(members) => members.is_empty() || members.values().any(has_empty),
    }
}

/// A request as clerks see it.
pub struct Asked {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, Vec<String>>,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) text: String,
    pub(crate) body: Value,
    /// Whether the last parcel is to be refused.
    pub(crate) refuses_last: bool,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// The last part of the path.
    pub(crate) fn last(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

pub(crate) type Reply = (u16, Value);

/// Speaks as a carrier.
pub trait Clerk: Send + Sync + 'static {
    /// What a request asks for.
    fn operation(method: &Method, path: &str) -> Option<Operation>;
    /// A refusal in the carrier's form.
    fn refusal(status: u16, code: &str) -> Value;
    /// Whether the credentials are good.
    fn admits(books: &Books, asked: &Asked, now: Timestamp) -> bool;
    /// What is answered to a request.
    fn answer(books: &mut Books, asked: &Asked, now: Timestamp) -> (u16, Value);
    /// News of a parcel as they are pushed.
    fn push(number: &str, events: &[Event]) -> Delivery;
}

/// What a carrier knows.
#[derive(Default)]
pub struct Books {
    last_id: u64,
    pub(crate) labels: Vec<Label>,
    /// What each parcel has been through, by its number. A number that is used again has several.
    pub(crate) parcels: BTreeMap<String, Vec<Vec<Event>>>,
    /// Until when each token is good.
    pub(crate) tokens: HashMap<String, Timestamp>,
    pub(crate) subscribed: Vec<String>,
    pub(crate) closed: bool,
    faults: HashMap<Operation, VecDeque<Fault>>,
    seen: Vec<Seen>,
}

impl Books {
    pub(crate) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A token that is good for so many seconds.
    pub(crate) fn token(&mut self, now: Timestamp, seconds: i64) -> String {
        let token = format!("fake-token-{}", self.new_id());
        self.tokens.insert(token.clone(), now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now));
        token
    }

    /// Whether a request shows a token that is still good.
    pub(crate) fn knows(&self, asked: &Asked, now: Timestamp) -> bool {
        let token = asked.header("authorization").strip_prefix("Bearer ");
        token.and_then(|token| self.tokens.get(token)).is_some_and(|until| now < *until)
    }

    /// Writes a label into the book. Nothing is made once here: asked twice, there are two.
    pub(crate) fn book(&mut self, reference: &str, service: &str, tracking_numbers: Vec<String>) -> Label {
        for number in &tracking_numbers {
            self.parcels.entry(number.clone()).or_default().push(Vec::new());
        }
        let name = tracking_numbers.first().cloned().unwrap_or_default();
        let (reference, service) = (reference.to_owned(), service.to_owned());
        let label = Label { reference, name, service, tracking_numbers, void: false };
        self.labels.push(label.clone());
        label
    }

    /// Voids a label that was not handed over; whether it is void now. Nothing if there is none.
    pub(crate) fn void(&mut self, name: &str) -> Option<bool> {
        let closed = self.closed;
        let parcels = &self.parcels;
        let label = self
            .labels
            .iter_mut()
            .find(|label| label.name == name || label.tracking_numbers.iter().any(|one| one == name))?;
        let seen =
            |number: &String| parcels.get(number).and_then(|lives| lives.last()).is_some_and(|life| !life.is_empty());
        if !label.void && (closed || label.tracking_numbers.iter().any(seen)) {
            return Some(false);
        }
        label.void = true;
        Some(true)
    }
}

/// A carrier's fake; a cheap handle.
pub struct Fake<C>(Arc<Inner>, std::marker::PhantomData<C>);

impl<C> Clone for Fake<C> {
    fn clone(&self) -> Self {
        Fake(self.0.clone(), std::marker::PhantomData)
    }
}

struct Inner {
    base_url: String,
    clock: Clock,
    books: Mutex<Books>,
}

impl<C: Clerk> Fake<C> {
    /// Serves a carrier with an empty book on a free port of this machine until the runtime ends.
    pub async fn start(clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let fake = Fake::<C>::new(clock, &format!("http://{}", listener.local_addr()?));
        let routes = fake.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(fake)
    }

    /// A carrier that is found at `base_url`; serve its [`Fake::routes`] there.
    pub fn new(clock: Clock, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Fake(Arc::new(Inner { base_url, clock, books: Mutex::default() }), std::marker::PhantomData)
    }

    pub fn routes(&self) -> Router {
        Router::new().fallback(handle::<C>).with_state(self.clone())
    }

    /// Scheme, host and port.
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// What goes wrong with the next requests of this kind, one after the other.
    pub fn script(&self, operation: Operation, faults: impl IntoIterator<Item = Fault>) {
        self.books().faults.entry(operation).or_default().extend(faults);
    }

    /// What was asked so far, oldest first.
    pub fn seen(&self, operation: Operation) -> Vec<Seen> {
        self.books().seen.iter().filter(|seen| seen.operation == operation).cloned().collect()
    }

    /// Every label that was ever made.
    pub fn labels(&self) -> Vec<Label> {
        self.books().labels.clone()
    }

    /// Those that have to be paid for.
    pub fn paid(&self) -> Vec<Label> {
        self.books().labels.iter().filter(|label| !label.void).cloned().collect()
    }

    /// Numbers whose news are pushed.
    pub fn subscribed(&self) -> Vec<String> {
        self.books().subscribed.clone()
    }

    /// No token that was given out is good any more.
    pub fn revoke_tokens(&self) {
        self.books().tokens.clear();
    }

    /// The day is over: what was not voided stands.
    pub fn close_day(&self) {
        self.books().closed = true;
    }

    /// Something happens to a parcel, in the carrier's words.
    pub fn happens(&self, number: &str, event: Event) {
        let mut books = self.books();
        let lives = books.parcels.entry(number.to_owned()).or_default();
        match lives.last_mut() {
            Some(life) => life.push(event),
            None => lives.push(vec![event]),
        }
    }

    /// The number is given to another parcel.
    pub fn recycle(&self, number: &str) {
        self.books().parcels.entry(number.to_owned()).or_default().push(Vec::new());
    }

    /// What is pushed of a parcel: a message for each event.
    pub fn deliveries(&self, number: &str, sequence: Sequence) -> Vec<Delivery> {
        let books = self.books();
        let life = books.parcels.get(number).and_then(|lives| lives.last()).cloned().unwrap_or_default();
        let mut pushed: Vec<Delivery> = life.iter().map(|event| C::push(number, std::slice::from_ref(event))).collect();
        match sequence {
            Sequence::AsFiled => {}
            Sequence::Backwards => pushed.reverse(),
            Sequence::Twice => pushed = pushed.into_iter().flat_map(|one| [one.clone(), one]).collect(),
        }
        pushed
    }
}

async fn handle<C: Clerk>(
    State(fake): State<Fake<C>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(operation) = C::operation(&method, uri.path()) else { return reply(404, &C::refusal(404, "NOT.FOUND")) };
    let Ok(body) = axum::body::to_bytes(body, MAX_REQUEST_BYTES).await else { return broken() };
    let mut asked = read(operation, method, &uri, &headers, &body);
    let fault = note(&fake, &asked);
    match &fault {
        Some(Fault::Refuses(status, code)) => return reply(*status, &C::refusal(*status, code)),
        Some(Fault::Breaks(status)) => return (code(*status), "<html>out of order</html>").into_response(),
        Some(Fault::Busy(retry_after)) => {
            return ([("retry-after", *retry_after)], reply(429, &C::refusal(429, "BUSY"))).into_response();
        }
        Some(Fault::LosesRequest) => return broken(),
        Some(Fault::Says(said)) => return reply(200, said),
        Some(Fault::Answers(status, said)) => return reply(*status, said),
        Some(Fault::RefusesLast) => asked.refuses_last = true,
        Some(Fault::LosesAnswer | Fault::NeverAnswers | Fault::Misreports(_) | Fault::Packs) | None => {}
    }
    let now = fake.now();
    let (status, answer) = if asked.operation == Operation::Token || C::admits(&fake.books(), &asked, now) {
        C::answer(&mut fake.books(), &asked, now)
    } else {
        (401, C::refusal(401, "NOT.AUTHORIZED.ERROR"))
    };
    match fault {
        Some(Fault::LosesAnswer) => broken(),
        Some(Fault::NeverAnswers) => std::future::pending().await,
        Some(Fault::Misreports(said)) => reply(200, &said),
        Some(Fault::Packs) => packed(status, &answer),
        _ => reply(status, &answer),
    }
}

fn read(operation: Operation, method: Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Asked {
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let mut query: HashMap<String, Vec<String>> = HashMap::new();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap_or_default();
    for (name, value) in pairs {
        query.entry(name).or_default().push(value);
    }
    Asked {
        operation,
        method,
        path: uri.path().to_owned(),
        query,
        headers: headers.iter().filter_map(header).collect(),
        text: String::from_utf8_lossy(body).into_owned(),
        body: serde_json::from_slice(body).unwrap_or_default(),
        refuses_last: false,
    }
}

/// Writes a request down, and takes the fault that was scripted for it.
fn note<C: Clerk>(fake: &Fake<C>, asked: &Asked) -> Option<Fault> {
    let mut headers = asked.headers.clone();
    headers.remove("authorization");
    let query: Vec<(&String, &String)> =
        asked.query.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value))).collect();
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let mut books = fake.books();
    books.seen.push(Seen {
        operation: asked.operation,
        method: asked.method.to_string(),
        path: if query.is_empty() { asked.path.clone() } else { format!("{}?{query}", asked.path) },
        headers,
        body: asked.body.clone(),
    });
    books.faults.get_mut(&asked.operation).and_then(VecDeque::pop_front)
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn reply(status: u16, body: &Value) -> Response {
    (code(status), [("content-type", "application/json")], body.to_string()).into_response()
}

fn packed(status: u16, body: &Value) -> Response {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let written = packer.write_all(body.to_string().as_bytes());
    let bytes = written.and_then(|()| packer.finish()).unwrap_or_default();
    (code(status), [("content-type", "application/json"), ("content-encoding", "gzip")], bytes).into_response()
}

/// An answer that breaks off: the connection ends before the body does.
fn broken() -> Response {
    let end = futures::stream::once(async { Err::<Bytes, _>(io::Error::other("the line is cut")) });
    Response::new(Body::from_stream(end))
}
