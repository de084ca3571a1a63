//! The provider's books: checkout pages, captures, refunds, and webhooks that wait for delivery.

use jiff::Timestamp;
use oms_domain::payments::MethodToken;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use crate::state::{StateDb, StateError};

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE sandbox_pages (
        payment_id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        return_url TEXT,
        status TEXT NOT NULL DEFAULT 'open'
    ) WITHOUT ROWID;
    CREATE TABLE sandbox_refunds (
        refund_id TEXT PRIMARY KEY,
        payment_id TEXT NOT NULL,
        amount_minor INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE sandbox_webhooks (
        event_id TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
",
    "
    ALTER TABLE sandbox_pages ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE sandbox_forgotten (token TEXT PRIMARY KEY) WITHOUT ROWID;
",
];

/// Where a checkout page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStatus {
    /// Waits for the customer.
    Open,
    /// Declined; the customer may try again.
    Failed,
    Succeeded,
    /// The shop closed it unpaid.
    Closed,
}

impl PageStatus {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            PageStatus::Open => "open",
            PageStatus::Failed => "failed",
            PageStatus::Succeeded => "succeeded",
            PageStatus::Closed => "closed",
        }
    }

    fn read(name: &str) -> Self {
        match name {
            "succeeded" => PageStatus::Succeeded,
            "closed" => PageStatus::Closed,
            "failed" => PageStatus::Failed,
            _ => PageStatus::Open,
        }
    }
}

/// A checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The shop's name for the payment.
    pub payment_id: String,
    /// The shop's order.
    pub order_id: String,
    /// What is asked for, in minor units.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Where the customer goes afterwards.
    pub return_url: Option<String>,
    /// Whether the means of payment is kept for the customer.
    pub keep: bool,
    /// Where it stands.
    pub status: PageStatus,
}

impl Entry {
    /// The provider's name for the capture.
    pub fn reference(&self) -> String {
        format!("sandbox-capture-{}", self.payment_id)
    }

    /// The means of payment that a paid page keeps.
    pub(super) fn kept(&self) -> Option<MethodToken> {
        let token = format!("sandbox-method-{}", self.payment_id);
        let expires = Some("2031-12".to_owned());
        self.keep.then(|| MethodToken { token, label: "visa \u{2026}4242".to_owned(), expires })
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Entry {
            payment_id: row.get("payment_id")?,
            order_id: row.get("order_id")?,
            amount_minor: row.get("amount_minor")?,
            currency: row.get("currency")?,
            return_url: row.get("return_url")?,
            keep: row.get("keep")?,
            status: PageStatus::read(&row.get::<_, String>("status")?),
        })
    }
}

/// A webhook that waits for delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Webhook {
    /// The same for every delivery of it.
    pub event_id: String,
    /// What is sent.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, in milliseconds since 1970.
    pub due_ms: i64,
}

/// Why the books refuse an entry.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The same id was used for something else.
    #[error("the id was used before for another amount, currency or order")]
    Mismatch,
    /// No such capture.
    #[error("there is no such capture")]
    NoCapture,
    /// More than is left of the capture.
    #[error("only {0} minor units of the capture are left")]
    TooMuch(i64),
    /// The books cannot be written.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Refusal::State(error.into())
    }
}

/// The books; a cheap handle.
#[derive(Clone)]
pub struct Books(StateDb);

impl Books {
    pub(super) fn open(state: &StateDb) -> Result<Self, StateError> {
        state.migrate("sandbox", MIGRATIONS)?;
        Ok(Books(state.clone()))
    }

    /// The page of a payment.
    pub fn page(&self, payment_id: &str) -> Result<Option<Entry>, StateError> {
        self.0.read(|connection| page(connection, payment_id))
    }

    /// Opens a page; the same payment again gets the same page.
    pub(super) fn open_page(&self, entry: &Entry) -> Result<(), Refusal> {
        self.0.write(|books| {
            if let Some(known) = page(books, &entry.payment_id)? {
                let same = (known.amount_minor, &known.currency, &known.order_id)
                    == (entry.amount_minor, &entry.currency, &entry.order_id);
                return if same { Ok(()) } else { Err(Refusal::Mismatch) };
            }
            books.execute(
                "INSERT INTO sandbox_pages (payment_id, order_id, amount_minor, currency, return_url, keep)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    &entry.payment_id,
                    &entry.order_id,
                    entry.amount_minor,
                    &entry.currency,
                    &entry.return_url,
                    entry.keep,
                ),
            )?;
            Ok(())
        })
    }

    /// Settles a page and files the webhook, together. False if it was paid before.
    pub(super) fn settle(&self, payment_id: &str, to: PageStatus, webhook: &Webhook) -> Result<bool, StateError> {
        self.0.write(|books| {
            let changed = books.execute(
                "UPDATE sandbox_pages SET status = ?2 WHERE payment_id = ?1 AND status IN ('open', 'failed')",
                (payment_id, to.name()),
            )?;
            if changed == 1 {
                file(books, webhook)?;
            }
            Ok(changed == 1)
        })
    }

    /// Nothing can be paid on this page any more, unless it was.
    pub(super) fn close(&self, payment_id: &str) -> Result<(), StateError> {
        self.0.write(|books| {
            books.execute(
                "UPDATE sandbox_pages SET status = 'closed' WHERE payment_id = ?1 AND status IN ('open', 'failed')",
                [payment_id],
            )?;
            Ok(())
        })
    }

    /// A kept means of payment is no more; again is no mistake.
    pub(super) fn forget(&self, token: &str) -> Result<(), StateError> {
        self.0.write(|books| {
            books.execute("INSERT OR IGNORE INTO sandbox_forgotten VALUES (?1)", [token])?;
            Ok(())
        })
    }

    /// Whether the shop has had this means of payment forgotten.
    pub fn has_forgotten(&self, token: &str) -> Result<bool, StateError> {
        self.0.read(|connection| {
            let sql = "SELECT count(*) > 0 FROM sandbox_forgotten WHERE token = ?1";
            connection.query_row(sql, [token], |row| row.get(0))
        })
    }

    /// What has been refunded of a capture, by the refunds' ids.
    pub(super) fn refunds(&self, payment_id: &str) -> Result<Vec<(String, i64)>, StateError> {
        self.0.read(|connection| {
            let sql = "SELECT refund_id, amount_minor FROM sandbox_refunds WHERE payment_id = ?1 ORDER BY refund_id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([payment_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }

    /// Refunds part of a capture and files the webhook, together; the same refund again changes nothing.
    pub(super) fn add_refund(
        &self,
        refund_id: &str,
        payment_id: &str,
        amount_minor: i64,
        webhook: &Webhook,
    ) -> Result<(), Refusal> {
        self.0.write(|books| {
            if let Some(known) = refunded_as(books, refund_id)? {
                return if known == amount_minor { Ok(()) } else { Err(Refusal::Mismatch) };
            }
            let captured = page(books, payment_id)?.filter(|page| page.status == PageStatus::Succeeded);
            let captured = captured.ok_or(Refusal::NoCapture)?.amount_minor;
            let before: i64 = books.query_row(
                "SELECT coalesce(sum(amount_minor), 0) FROM sandbox_refunds WHERE payment_id = ?1",
                [payment_id],
                |row| row.get(0),
            )?;
            if amount_minor <= 0 || before + amount_minor > captured {
                return Err(Refusal::TooMuch(captured - before));
            }
            books.execute("INSERT INTO sandbox_refunds VALUES (?1, ?2, ?3)", (refund_id, payment_id, amount_minor))?;
            file(books, webhook)?;
            Ok(())
        })
    }

    /// All that was captured and refunded for an order, in minor units.
    pub fn balance(&self, order_id: &str) -> Result<(i64, i64), StateError> {
        self.0.read(|connection| {
            let captured = connection.query_row(
                "SELECT coalesce(sum(amount_minor), 0) FROM sandbox_pages WHERE order_id = ?1 AND status = 'succeeded'",
                [order_id],
                |row| row.get(0),
            )?;
            let refunded = connection.query_row(
                "SELECT coalesce(sum(refund.amount_minor), 0) FROM sandbox_refunds AS refund
                 JOIN sandbox_pages AS page USING (payment_id) WHERE page.order_id = ?1",
                [order_id],
                |row| row.get(0),
            )?;
            Ok((captured, refunded))
        })
    }

    /// How many webhooks should have been delivered by `now` and were not.
    pub fn webhooks_due(&self, now: Timestamp) -> Result<u64, StateError> {
        self.0.read(|connection| {
            let sql = "SELECT count(*) FROM sandbox_webhooks WHERE due_ms <= ?1";
            connection.query_row(sql, [now.as_millisecond()], |row| row.get(0))
        })
    }

    /// The webhooks that are due first, at most so many.
    pub(super) fn next_webhooks(&self, limit: u32) -> Result<Vec<Webhook>, StateError> {
        self.0.read(|connection| {
            let sql =
                "SELECT event_id, body, attempts, due_ms FROM sandbox_webhooks ORDER BY due_ms, event_id LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([limit], |row| {
                Ok(Webhook { event_id: row.get(0)?, body: row.get(1)?, attempts: row.get(2)?, due_ms: row.get(3)? })
            })?;
            rows.collect()
        })
    }

    /// It was answered with success, or given up.
    pub(super) fn forget_webhook(&self, event_id: &str) -> Result<(), StateError> {
        self.0.write(|books| {
            books.execute("DELETE FROM sandbox_webhooks WHERE event_id = ?1", [event_id])?;
            Ok(())
        })
    }

    /// It is tried again later.
    pub(super) fn postpone_webhook(&self, webhook: &Webhook, due_ms: i64) -> Result<(), StateError> {
        self.0.write(|books| {
            books.execute(
                "UPDATE sandbox_webhooks SET attempts = ?2, due_ms = ?3 WHERE event_id = ?1",
                (&webhook.event_id, webhook.attempts + 1, due_ms),
            )?;
            Ok(())
        })
    }
}

fn page(connection: &Connection, payment_id: &str) -> rusqlite::Result<Option<Entry>> {
    connection.query_row("SELECT * FROM sandbox_pages WHERE payment_id = ?1", [payment_id], Entry::read).optional()
}

fn refunded_as(connection: &Connection, refund_id: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT amount_minor FROM sandbox_refunds WHERE refund_id = ?1";
    connection.query_row(sql, [refund_id], |row| row.get(0)).optional()
}

fn file(books: &Transaction<'_>, webhook: &Webhook) -> Result<(), StateError> {
    books.execute(
        "INSERT INTO sandbox_webhooks (event_id, body, due_ms) VALUES (?1, ?2, ?3)",
        (&webhook.event_id, &webhook.body, webhook.due_ms),
    )?;
    Ok(())
}
