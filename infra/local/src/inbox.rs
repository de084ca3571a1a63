//! What customers would have received: messages are kept instead of sent, and shown at `GET /dev/notifications`.
//!
//! What administrators are told stands among it, to `admins` by the channel `alert`.
//!
//! A message's id is its idempotency key, as with a sender that knows such keys: sent twice, it arrives once.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use oms_app::messaging::alerts::alert_text;
use oms_app::ports::{Alert, Alerts, Message, Messenger, PublishError, SendError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Clock;
use crate::problem::{Problem, json_response};
use crate::state::{StateDb, StateError};

const MIGRATIONS: &[&str] = &["
    CREATE TABLE inbox (
        place INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        channel TEXT NOT NULL,
        recipient TEXT NOT NULL,
        subject TEXT,
        body TEXT NOT NULL,
        order_id TEXT NOT NULL,
        event TEXT NOT NULL,
        sent_at TEXT NOT NULL
    );
    CREATE INDEX inbox_by_order ON inbox (order_id, place);
"];

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// `email`, `sms` or `alert`.
    pub channel: String,
    /// E-mail address, E.164 number or `admins`.
    pub to: String,
    /// E-mail only.
    pub subject: Option<String>,
    /// Text.
    pub body: String,
    /// Which order it is about, if any.
    pub order_id: Option<String>,
    /// What it tells, e.g. `order.shipped`.
    pub event: String,
    /// When, RFC 3339.
    pub sent_at: String,
}

/// The inbox of everybody; a cheap handle.
#[derive(Clone)]
pub struct Inbox {
    state: StateDb,
    clock: Clock,
}

impl Inbox {
    /// Opens it.
    pub fn open(state: &StateDb, clock: &Clock) -> Result<Self, StateError> {
        state.migrate("inbox", MIGRATIONS)?;
        Ok(Inbox { state: state.clone(), clock: clock.clone() })
    }

    /// What was sent, oldest first; about one order if given.
    pub fn received(&self, order_id: Option<&str>) -> Result<Vec<Received>, StateError> {
        self.state.read(|connection| {
            let sql = "SELECT channel, recipient, subject, body, order_id, event, sent_at FROM inbox
                       WHERE ?1 IS NULL OR order_id = ?1 ORDER BY place";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([order_id], |row| {
                Ok(Received {
                    channel: row.get(0)?,
                    to: row.get(1)?,
                    subject: row.get(2)?,
                    body: row.get(3)?,
                    order_id: row.get::<_, String>(4).map(|id| Some(id).filter(|id| !id.is_empty()))?,
                    event: row.get(5)?,
                    sent_at: row.get(6)?,
                })
            })?;
            rows.collect()
        })
    }

    /// `GET /dev/notifications`, `?order_id=` filters.
    pub fn routes(&self) -> Router {
        Router::new().route("/dev/notifications", get(show)).with_state(self.clone())
    }
}

async fn show(State(inbox): State<Inbox>, RawQuery(query): RawQuery) -> Response {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default();
    let order_id = pairs.iter().find(|(name, _)| name == "order_id").map(|(_, value)| value.as_str());
    match inbox.received(order_id) {
        Ok(received) => json_response(StatusCode::OK, &json!(received)).map(Body::from),
        Err(error) => {
            tracing::error!(%error, "the inbox cannot be read");
            Problem::internal().response(&crate::random::uuid().to_string()).map(Body::from)
        }
    }
}

#[async_trait]
impl Messenger for Inbox {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let sent = self.state.write(|inbox| {
            inbox.execute(
                "INSERT INTO inbox (id, channel, recipient, subject, body, order_id, event, sent_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
                (
                    message.notice.id(),
                    message.notice.channel.name(),
                    &message.to,
                    &message.subject,
                    &message.body,
                    message.notice.order_id.to_string(),
                    format!("order.{}", message.kind.name()),
                    self.clock.now().to_string(),
                ),
            )?;
            Ok::<(), StateError>(())
        });
        sent.map_err(|error| SendError::Transient(error.to_string()))
    }
}

#[async_trait]
impl Alerts for Inbox {
    async fn tell(&self, alert: &Alert) -> Result<(), PublishError> {
        let told = alert_text(alert);
        let order_id = match alert {
            Alert::LowStock(_) => String::new(),
            Alert::FulfilmentFailed(alert) => alert.order_id.to_string(),
        };
        let kept = self.state.write(|inbox| {
            inbox.execute(
                "INSERT INTO inbox (id, channel, recipient, subject, body, order_id, event, sent_at)
                 VALUES (?1, 'alert', 'admins', ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
                (
                    format!("alert/{}", told.id),
                    &told.subject,
                    &told.text,
                    &order_id,
                    told.kind,
                    self.clock.now().to_string(),
                ),
            )?;
            Ok::<(), StateError>(())
        });
        kept.map_err(|error| PublishError(error.to_string()))
    }
}
