//! Documents on this machine: in the state, behind links that end as those of S3 do.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use http::{StatusCode, header};
use jiff::Timestamp;
use oms_app::ports::{CarrierDocument, DocumentKey, Documents, StoreError};
use rusqlite::OptionalExtension as _;

use crate::clock::Clock;
use crate::problem::Problem;
use crate::state::{StateDb, StateError};

const MIGRATIONS: &[&str] =
    &["CREATE TABLE documents (path TEXT PRIMARY KEY, media_type TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;"];

/// The store of documents; a cheap handle.
#[derive(Clone)]
pub struct LocalDocuments {
    state: StateDb,
    clock: Clock,
    base_url: Arc<str>,
}

impl LocalDocuments {
    /// Opens the store; links begin with this address.
    pub fn open(state: &StateDb, clock: &Clock, base_url: &str) -> Result<Self, StateError> {
        state.migrate("documents", MIGRATIONS)?;
        Ok(LocalDocuments { state: state.clone(), clock: clock.clone(), base_url: base_url.into() })
    }

    /// Where the links lead.
    pub fn routes(&self) -> Router {
        Router::new().route("/dev/documents/{*path}", get(show)).with_state(self.clone())
    }
}

async fn show(
    State(documents): State<LocalDocuments>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default();
    let until = pairs.iter().find(|(name, _)| name == "until").and_then(|(_, text)| text.parse::<Timestamp>().ok());
    let fail = |problem: Problem| problem.response(&crate::random::uuid().to_string()).map(Body::from);
    if until.is_none_or(|until| documents.clock.now() >= until) {
        return fail(Problem::forbidden("the link has expired; read the label again for a new one"));
    }
    let found = documents.state.read(|store| {
        let look = "SELECT media_type, body FROM documents WHERE path = ?1";
        store.query_row(look, [&path], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()
    });
    match found {
        Ok(Some((media_type, body))) => {
            let answer = Response::builder().status(StatusCode::OK).header(header::CONTENT_TYPE, media_type);
            let answer = answer.header(header::CACHE_CONTROL, "no-store").body(Body::from(body));
            answer.unwrap_or_else(|_| fail(Problem::internal()))
        }
        Ok(None) => fail(Problem::not_found("there is no such document")),
        Err(error) => {
            tracing::error!(%error, "a document cannot be read");
            fail(Problem::internal())
        }
    }
}

#[async_trait]
impl Documents for LocalDocuments {
    async fn put(&self, key: &DocumentKey, document: &CarrierDocument) -> Result<(), StoreError> {
        let put = "INSERT INTO documents VALUES (?1, ?2, ?3) ON CONFLICT (path) DO UPDATE SET body = ?3";
        let kept = self.state.read(|store| store.execute(put, (&key.path, key.format.media_type(), &document.bytes)));
        kept.map(|_| ()).map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn link(&self, key: &DocumentKey, _now: Timestamp, until: Timestamp) -> Result<String, StoreError> {
        Ok(format!("{}/dev/documents/{}?until={until}", self.base_url, key.path))
    }
}
