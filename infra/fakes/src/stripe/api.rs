//! The API: who may call, what was asked before under the same key, and what the books say to it.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use futures::stream;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::books::{Books, KEY_LIFETIME, Refund, Refusal, Session};
use super::faults::{Fault, Operation};
use super::parameters::{Form, NewSession, Parameters};
use super::{StripeFake, file, render};

/// A call as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET` or `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The form or the query.
    pub parameters: Vec<(String, String)>,
    /// If one was sent.
    pub idempotency_key: Option<String>,
    /// On whose behalf, if that was said.
    pub correlation_id: Option<String>,
    /// With which status it was answered, if it was.
    pub status: Option<u16>,
}

/// An answer that is kept under an idempotency key.
pub(super) struct Kept {
    request: (String, Form),
    status: u16,
    body: String,
    at: Timestamp,
}

struct Call {
    post: bool,
    path: String,
    parameters: Form,
    key: Option<String>,
    correlation_id: Option<String>,
    authorized: bool,
    versioned: bool,
}

struct Answer {
    status: u16,
    body: String,
    replayed: bool,
    fault: Option<Fault>,
    number: usize,
}

pub(super) fn routes(fake: StripeFake) -> Router {
    Router::new().route("/v1/{*path}", any(receive)).with_state(fake)
}

async fn receive(State(fake): State<StripeFake>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else { return Response::default() };
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let post = parts.method == "POST";
    let form = if post { body } else { Bytes::from(parts.uri.query().unwrap_or_default().to_owned()) };
    let call = Call {
        post,
        path: parts.uri.path().to_owned(),
        parameters: serde_urlencoded::from_bytes(&form).unwrap_or_default(),
        key: header("idempotency-key"),
        correlation_id: header("x-correlation-id"),
        authorized: header("authorization") == Some(format!("Bearer {}", fake.0.options.secret_key)),
        versioned: header("stripe-version").is_some(),
    };
    let released = fake.0.released.notified();
    let answer = fake.answer(&call);
    if answer.fault == Some(Fault::Slow) {
        released.await;
    }
    respond(answer, call.key)
}

fn respond(answer: Answer, key: Option<String>) -> Response {
    let body = match answer.fault {
        Some(Fault::BrokenConnection | Fault::LostAnswer) => {
            let broken = std::io::Error::other("a fault that the test asked for");
            Body::from_stream(stream::once(async { Err::<Bytes, _>(broken) }))
        }
        Some(Fault::CutAnswer) => Body::from(answer.body[..answer.body.len() / 2].to_owned()),
        Some(
            Fault::Status(_) | Fault::Busy(_) | Fault::StoredFailure | Fault::StoredFailureAfterActing | Fault::Slow,
        )
        | None => Body::from(answer.body),
    };
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", "application/json")
        .header("request-id", format!("req_{:08}", answer.number));
    if let Some(key) = key {
        response = response.header("idempotency-key", key);
    }
    if answer.replayed {
        response = response.header("idempotent-replayed", "true");
    }
    if let Some(Fault::Busy(retry_after)) = answer.fault {
        response = response.header("retry-after", retry_after).header("stripe-should-retry", "true");
    }
    if matches!(answer.fault, Some(Fault::StoredFailure | Fault::StoredFailureAfterActing)) {
        response = response.header("stripe-should-retry", "false");
    }
    response.body(body).unwrap_or_default()
}

/// The kind of call, and the id in its path.
fn operation(post: bool, path: &str) -> Option<(Operation, &str)> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    Some(match (post, parts.as_slice()) {
        (true, ["v1", "checkout", "sessions"]) => (Operation::OpenSession, ""),
        (false, ["v1", "checkout", "sessions"]) => (Operation::ListSessions, ""),
        (false, ["v1", "checkout", "sessions", id]) => (Operation::ReadSession, id),
        (true, ["v1", "checkout", "sessions", id, "expire"]) => (Operation::CloseSession, id),
        (false, ["v1", "payment_intents", id]) => (Operation::ReadIntent, id),
        (true, ["v1", "refunds"]) => (Operation::Refund, ""),
        (false, ["v1", "refunds"]) => (Operation::ListRefunds, ""),
        (false, ["v1", "payment_methods", id]) => (Operation::ReadMethod, id),
        (true, ["v1", "payment_methods", id, "detach"]) => (Operation::DetachMethod, id),
        _ => return None,
    })
}

fn refusal(refusal: &Refusal) -> (u16, String) {
    let body = json!({"error": {
        "type": refusal.kind,
        "code": refusal.code,
        "param": refusal.param,
        "message": refusal.message,
    }});
    (refusal.status, body.to_string())
}

fn failure(status: u16) -> (u16, String) {
    let kind = match status {
        429 => "invalid_request_error",
        400..=499 => "idempotency_error",
        _ => "api_error",
    };
    let message = "An error occurred; the customer was customer@example.test.";
    (status, json!({"error": {"type": kind, "message": message}}).to_string())
}

impl StripeFake {
    fn answer(&self, call: &Call) -> Answer {
        let now = self.now();
        let mut state = self.state();
        let number = state.log.len();
        let done =
            |answer: (u16, String)| Answer { status: answer.0, body: answer.1, replayed: false, fault: None, number };
        state.log.push(Logged {
            method: if call.post { "POST" } else { "GET" }.to_owned(),
            path: call.path.clone(),
            parameters: call.parameters.clone(),
            idempotency_key: call.key.clone(),
            correlation_id: call.correlation_id.clone(),
            status: None,
        });
        let answer = match admit(call) {
            Err(refused) => done(refusal(&refused)),
            Ok((operation, id)) => {
                let fault = state.script.next(operation);
                let answer = match fault {
                    Some(Fault::Status(status)) => done(failure(status)),
                    Some(Fault::Busy(_)) => done(failure(429)),
                    Some(Fault::BrokenConnection) => done((200, String::new())),
                    _ => {
                        state.books.set_time(now);
                        let answer = keyed(&mut state, call, now, fault, |books| {
                            execute(books, operation, id, call, self.base_url())
                        });
                        file(&mut state, now);
                        Answer { replayed: answer.1, ..done(answer.0) }
                    }
                };
                Answer { fault, ..answer }
            }
        };
        state.log[number].status = Some(answer.status);
        drop(state);
        self.0.filed.notify_one();
        answer
    }
}

fn admit(call: &Call) -> Result<(Operation, &str), Refusal> {
    if !call.authorized {
        return Err(Refusal { status: 401, ..Refusal::invalid("key", "Invalid API Key provided: sk_test_****") });
    }
    if !call.versioned {
        return Err(Refusal::invalid("version", "This fake wants every call to name the version of the API."));
    }
    if call.post && call.key.is_none() {
        return Err(Refusal::invalid("key", "This fake wants every POST to carry an idempotency key."));
    }
    let unknown = || Refusal { status: 404, ..Refusal::invalid("path", "Unrecognized request URL") };
    operation(call.post, &call.path).ok_or_else(unknown)
}

/// Does it once per key, and says whether this is the answer of an earlier time.
fn keyed(
    state: &mut super::State,
    call: &Call,
    now: Timestamp,
    fault: Option<Fault>,
    act: impl FnOnce(&mut Books) -> Result<Value, Refusal>,
) -> ((u16, String), bool) {
    let request = (call.path.clone(), call.parameters.clone());
    let key = call.key.clone().filter(|_| call.post);
    state.keys.retain(|_, kept| now.duration_since(kept.at) < KEY_LIFETIME);
    if let Some(kept) = key.as_ref().and_then(|key| state.keys.get(key)) {
        if kept.request == request {
            return ((kept.status, kept.body.clone()), true);
        }
        let message =
            "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        let refused = Refusal { kind: "idempotency_error", ..Refusal::invalid("key", message) };
        return (refusal(&refused), false);
    }
    let (answer, store) = match fault {
        Some(Fault::StoredFailure) => (failure(500), true),
        _ => match act(&mut state.books) {
            Ok(_) if fault == Some(Fault::StoredFailureAfterActing) => (failure(500), true),
            Ok(object) => ((200, object.to_string()), true),
            Err(refused) => (refusal(&refused), !refused.before_execution),
        },
    };
    if let Some(key) = key.filter(|_| store) {
        let (status, body) = answer.clone();
        state.keys.insert(key, Kept { request, status, body, at: now });
    }
    (answer, false)
}

fn execute(books: &mut Books, operation: Operation, id: &str, call: &Call, base_url: &str) -> Result<Value, Refusal> {
    let mut parameters = Parameters::new(call.parameters.clone());
    match operation {
        Operation::OpenSession => {
            let session = books.open(NewSession::read(call.parameters.clone())?)?;
            Ok(render::session(session, None, base_url))
        }
        Operation::ReadSession => {
            let expand = parameters.take("expand[]").unwrap_or_default();
            parameters.done()?;
            read_session(books, id, &expand, base_url)
        }
        Operation::CloseSession => {
            parameters.done()?;
            books.close(id)?;
            read_session(books, id, "", base_url)
        }
        Operation::ReadIntent => {
            let expand = parameters.take("expand[]").unwrap_or_default();
            parameters.done()?;
            let (intent, method) = books.intent(id)?;
            Ok(render::intent(intent, method.filter(|_| expand == "payment_method").map(render::method)))
        }
        Operation::ListSessions => list_sessions(books, parameters, base_url),
        Operation::Refund => refund(books, parameters),
        Operation::ListRefunds => list_refunds(books, parameters),
        Operation::ReadMethod => Ok(render::method(books.method(id)?)),
        Operation::DetachMethod => Ok(render::method(books.detach(id)?)),
    }
}

fn read_session(books: &Books, id: &str, expand: &str, base_url: &str) -> Result<Value, Refusal> {
    let (session, intent, method) = books.session(id)?;
    let method = method.filter(|_| expand == "payment_intent.payment_method").map(render::method);
    let intent = intent.filter(|_| expand.starts_with("payment_intent")).map(|intent| render::intent(intent, method));
    Ok(render::session(session, intent, base_url))
}

fn refund(books: &mut Books, mut parameters: Parameters) -> Result<Value, Refusal> {
    let of = match parameters.take("payment_intent") {
        Some(intent) => intent,
        None => parameters.need("charge")?,
    };
    let amount = parameters.whole("amount")?;
    let metadata = parameters.metadata("metadata")?;
    parameters.done()?;
    if amount.is_some_and(|amount| amount < 1) {
        return Err(Refusal::invalid("amount", "Invalid positive integer"));
    }
    books.refund(&of, amount, metadata).map(render::refund)
}

fn list_sessions(books: &Books, mut parameters: Parameters, base_url: &str) -> Result<Value, Refusal> {
    let since = parameters.whole("created[gte]")?.unwrap_or_default();
    let page = Window::read(&mut parameters)?;
    parameters.done()?;
    let sessions = books.sessions().filter(|session| session.created >= since);
    let (chosen, more) = page.choose(sessions, |session: &Session| &session.id);
    let data: Vec<Value> = chosen.into_iter().map(|session| render::session(session, None, base_url)).collect();
    Ok(render::list("/v1/checkout/sessions", &data, more))
}

fn list_refunds(books: &Books, mut parameters: Parameters) -> Result<Value, Refusal> {
    let of = parameters.take("payment_intent").or_else(|| parameters.take("charge"));
    let page = Window::read(&mut parameters)?;
    parameters.done()?;
    let (chosen, more) = page.choose(books.refunds_of(of.as_deref()), |refund: &Refund| &refund.id);
    let data: Vec<Value> = chosen.into_iter().map(render::refund).collect();
    Ok(render::list("/v1/refunds", &data, more))
}

/// Which part of a list is wanted.
struct Window {
    limit: usize,
    after: Option<String>,
}

impl Window {
    fn read(parameters: &mut Parameters) -> Result<Self, Refusal> {
        let limit = parameters.whole("limit")?.unwrap_or(10);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
        let limit = limit.ok_or_else(|| Refusal::invalid("limit", "Invalid limit: must be from 1 to 100"))?;
        Ok(Window { limit, after: parameters.take("starting_after") })
    }

    fn choose<'a, T>(&self, all: impl Iterator<Item = &'a T>, id: impl Fn(&T) -> &String) -> (Vec<&'a T>, bool) {
        let mut rest: Vec<&T> = all.collect();
        if let Some(after) = &self.after {
            let start = rest.iter().position(|object| id(object) == after).map_or(rest.len(), |at| at + 1);
            rest.drain(..start);
        }
        let more = rest.len() > self.limit;
        rest.truncate(self.limit);
        (rest, more)
    }
}
