//! Drives a function at a fixed rate.
//!
//! Runs fall on the anchor (when the schedule was first seen) plus a whole number of periods. When the clock jumps over
//! several, there is one run. A run that a kill interrupted is run again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use super::{SourceError, Stopping, Surroundings};
use crate::clock::Clock;
use crate::function::Invoker;
use crate::state::{StateDb, StateError};
use crate::template::{ACCOUNT, REGION, ScheduleSource};

pub(super) struct ScheduleDriver {
    source: ScheduleSource,
    invoker: Invoker,
    clock: Clock,
    db: StateDb,
    last_ms: AtomicI64,
}

impl ScheduleDriver {
    pub(super) fn new(
        source: &ScheduleSource,
        invoker: &Invoker,
        around: &Surroundings<'_>,
    ) -> Result<Self, SourceError> {
        let stored = around.db.read(|connection| {
            connection
                .query_row("SELECT last_ms FROM schedules WHERE id = ?1", [&source.id], |row| row.get(0))
                .optional()
        })?;
        let driver = Self {
            source: source.clone(),
            invoker: invoker.clone(),
            clock: around.clock.clone(),
            db: around.db.clone(),
            last_ms: AtomicI64::new(stored.unwrap_or_else(|| around.clock.now_ms())),
        };
        if stored.is_none() {
            driver.remember(driver.last_ms.load(Ordering::SeqCst))?;
        }
        Ok(driver)
    }

    fn every_ms(&self) -> i64 {
        i64::try_from(self.source.every.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    fn next_ms(&self) -> i64 {
        self.last_ms.load(Ordering::SeqCst).saturating_add(self.every_ms())
    }

    pub(super) fn is_settled(&self) -> bool {
        self.next_ms() > self.clock.now_ms()
    }

    pub(super) async fn run(self: Arc<Self>, mut stopping: Stopping) {
        while !*stopping.borrow() {
            let next = Timestamp::from_millisecond(self.next_ms()).unwrap_or(Timestamp::MAX);
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return,
                () = self.clock.sleep_until(next) => {}
            }
            let last_ms = self.last_ms.load(Ordering::SeqCst);
            let periods = self.clock.now_ms().saturating_sub(last_ms) / self.every_ms();
            let due_ms = last_ms.saturating_add(periods.saturating_mul(self.every_ms()));
            if let Err(error) = self.invoker.invoke(self.event(due_ms)).await {
                tracing::warn!(function = %self.invoker.package, schedule = %self.source.id, "scheduled run failed: {error}");
            }
            if let Err(error) = self.remember(due_ms).and_then(|()| self.clock.remember()) {
                if matches!(error, StateError::Closed) {
                    return;
                }
                tracing::error!(schedule = %self.source.id, "cannot remember a scheduled run: {error}");
            }
        }
    }

    fn remember(&self, last_ms: i64) -> Result<(), StateError> {
        self.db.read(|connection| {
            connection.execute(
                "INSERT INTO schedules VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET last_ms = ?2",
                (&self.source.id, last_ms),
            )
        })?;
        self.last_ms.store(last_ms, Ordering::SeqCst);
        Ok(())
    }

    fn event(&self, due_ms: i64) -> Value {
        if let Some(input) = &self.source.input {
            return input.clone();
        }
        let time = Timestamp::from_millisecond(due_ms).unwrap_or_default();
        let name = self.source.id.replace('/', "-");
        let (source, resource, detail) = if self.source.rule {
            ("aws.events", format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"), json!({}))
        } else {
            ("aws.scheduler", format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"), json!("{}"))
        };
        json!({
            "version": "0",
            "id": crate::random::uuid().to_string(),
            "detail-type": "Scheduled Event",
            "source": source,
            "account": ACCOUNT,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": REGION,
            "resources": [resource],
            "detail": detail,
        })
    }
}
