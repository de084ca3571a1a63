//! Who may speak to the local cloud: programs of this machine, and its own pages.
//!
//! It mints tokens for whoever asks, so no web page from elsewhere may ask. A browser says by `Origin` which page a request
//! comes from, and by `Host` under which name it took this machine for another: both must be the local cloud's own. What
//! `/dev` reads as JSON must say that it is JSON, which a form of another page cannot.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The names under which this machine knows itself.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Refuses what is meant for another host or comes from another origin, whatever its route.
pub(crate) fn guarded(router: Router, address: SocketAddr) -> Router {
    let own: Arc<[String]> = NAMES.iter().map(|name| format!("{name}:{}", address.port())).collect();
    router.layer(middleware::from_fn_with_state(own, check))
}

async fn check(State(own): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    match refusal(&own, &request) {
        Some(problem) => problem.response(&crate::random::uuid().to_string()).map(Body::from),
        None => next.run(request).await,
    }
}

fn refusal(own: &[String], request: &Request) -> Option<Problem> {
    let text = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let ours = |name: &str| own.iter().any(|own| own.eq_ignore_ascii_case(name));
    let host = text(HOST).or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
    if !host.is_some_and(ours) {
        return Some(Problem::misdirected("this is the local cloud, and it answers to its own address only"));
    }
    let origin = text(ORIGIN)?;
    let own_page = origin.strip_prefix("http://").is_some_and(ours);
    (!own_page).then(|| Problem::forbidden("the local cloud answers its own pages only"))
}

/// What a page's own form has sent, if it is one. `curl -d` calls JSON a form, too.
pub(crate) fn form<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Option<Result<T, Problem>> {
    let kind =
        headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let read = || serde_urlencoded::from_bytes(body).map_err(|error| Problem::malformed(&error.to_string()));
    (kind && !body.starts_with(b"{")).then(read)
}

/// The body of a request to `/dev`, which says that it is JSON.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::unsupported("the body must be application/json"));
    }
    serde_json::from_slice(body).map_err(|error| Problem::malformed(&error.to_string()))
}
