//! Drives a function from a table's stream, in commit order.
//!
//! 1. Read what follows the checkpoint, at most a batch.
//! 2. Pass over what no filter selects.
//! 3. Invoke. A failure is retried with growing pauses: from the first reported record on, or in halves when the
//!    mapping bisects, until it succeeds or the mapping's retries or record age are used up.
//! 4. What is given up on is described in a message to the on-failure queue, and is passed over.
//! 5. Store the checkpoint.
//!
//! A record is therefore handled at least once or reported, and no record stops the stream for ever.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use super::{ERROR_PAUSE, SourceError, Stopping, Surroundings, reported_failures};
use crate::clock::Clock;
use crate::dynamodb::{POLL_MS, StreamReader};
use crate::function::Invoker;
use crate::messaging::{Message, Messaging};
use crate::state::StateDb;
use crate::template::{StreamSource, function_arn};

/// Most records that one read looks through.
const PAGE: usize = 1000;
/// First pause before a retry; each further one is twice as long, up to the limit.
const FIRST_PAUSE_MS: u32 = 50;
const MAX_PAUSE_MS: u32 = 10_000;

type Record = (i64, Value);

pub(super) struct StreamDriver {
    mapping: String,
    source: StreamSource,
    reader: StreamReader,
    invoker: Invoker,
    clock: Clock,
    db: StateDb,
    messaging: Messaging,
    checkpoint: AtomicI64,
}

/// A stretch of a batch that is still to be handled.
struct Work {
    range: Range<usize>,
    /// Attempts that count against the mapping's limit.
    attempts: u32,
    since: Timestamp,
}

enum Outcome {
    Done,
    /// The records before this one are done.
    FailedFrom(usize),
}

impl StreamDriver {
    pub(super) fn new(
        source: &StreamSource,
        function: &str,
        invoker: &Invoker,
        around: &Surroundings<'_>,
    ) -> Result<Self, SourceError> {
        let mapping = format!("{function}/{}", source.table);
        let reader = around.dynamodb.stream(&source.table);
        let stored = around.db.read(|connection| {
            connection
                .query_row("SELECT position FROM stream_checkpoints WHERE mapping = ?1", [&mapping], |row| row.get(0))
                .optional()
        })?;
        let driver = Self {
            mapping,
            source: source.clone(),
            reader,
            invoker: invoker.clone(),
            clock: around.clock.clone(),
            db: around.db.clone(),
            messaging: around.messaging.clone(),
            checkpoint: AtomicI64::new(0),
        };
        let position = match stored {
            Some(position) => position,
            None if source.from_start => 0,
            None => driver.reader.latest()?,
        };
        driver.store_checkpoint(position)?;
        Ok(driver)
    }

    /// Whether everything that was committed so far is handled.
    pub(super) fn is_settled(&self) -> bool {
        self.reader.after(self.checkpoint.load(Ordering::SeqCst), 1).is_ok_and(|records| records.is_empty())
    }

    pub(super) async fn run(self: Arc<Self>, mut stopping: Stopping) {
        while !*stopping.borrow() {
            let pause = match self.step(&mut stopping).await {
                Ok(true) => continue,
                Ok(false) => Duration::from_millis(POLL_MS),
                Err(error) if error.is_closed() => return,
                Err(error) => {
                    tracing::error!(mapping = %self.mapping, "cannot drive the stream: {error}");
                    ERROR_PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Handles one batch. `false` when there was nothing to read.
    async fn step(&self, stopping: &mut Stopping) -> Result<bool, SourceError> {
        let page = self.read().await?;
        let Some((last, _)) = page.last() else {
            return Ok(false);
        };
        let mut end = *last;
        let mut batch: Vec<Record> = page.into_iter().filter(|(_, record)| self.wants(record)).collect();
        if batch.len() > self.source.batch_size {
            batch.truncate(self.source.batch_size);
            end = batch.last().map_or(end, |(position, _)| *position);
        }
        if self.deliver(&batch, stopping).await? {
            self.store_checkpoint(end)?;
        }
        Ok(true)
    }

    async fn read(&self) -> Result<Vec<Record>, SourceError> {
        let reader = self.reader.clone();
        let position = self.checkpoint.load(Ordering::SeqCst);
        // The store may be busy with a write for a moment.
        let read = tokio::task::spawn_blocking(move || reader.after(position, PAGE)).await;
        Ok(read.map_err(|_| SourceError::Interrupted)??)
    }

    fn wants(&self, record: &Value) -> bool {
        self.source.filters.is_empty() || self.source.filters.iter().any(|filter| filter.matches(record))
    }

    /// Handles a batch to its end. `false` when it was told to stop before.
    async fn deliver(&self, records: &[Record], stopping: &mut Stopping) -> Result<bool, SourceError> {
        let mut work = Vec::new();
        if !records.is_empty() {
            work.push(Work { range: 0..records.len(), attempts: 0, since: self.clock.now() });
        }
        let mut failures_in_a_row: u32 = 0;
        // Each round shortens the work or uses up one of a bounded number of attempts.
        while let Some(Work { range, attempts, since }) = work.pop() {
            let Some(batch) = records.get(range.clone()) else { break };
            let failed_from = match self.attempt(batch).await {
                Outcome::Done => {
                    self.pass(batch)?;
                    failures_in_a_row = 0;
                    continue;
                }
                Outcome::FailedFrom(offset) => range.start.saturating_add(offset),
            };
            if failed_from > range.start {
                // Some of it is done: what is left is a batch of its own.
                self.pass(records.get(range.start..failed_from).unwrap_or_default())?;
                work.push(Work { range: failed_from..range.end, attempts: 0, since: self.clock.now() });
            } else if self.source.bisect && batch.len() > 1 {
                let middle = range.start.midpoint(range.end);
                work.push(Work { range: middle..range.end, attempts, since });
                work.push(Work { range: range.start..middle, attempts, since });
            } else if self.is_exhausted(attempts, since) {
                self.give_up(batch, attempts.saturating_add(1))?;
                self.pass(batch)?;
                continue;
            } else {
                work.push(Work { range, attempts: attempts.saturating_add(1), since });
            }
            failures_in_a_row = failures_in_a_row.saturating_add(1);
            if !self.pause(failures_in_a_row, stopping).await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn attempt(&self, batch: &[Record]) -> Outcome {
        let records: Vec<&Value> = batch.iter().map(|(_, record)| record).collect();
        match self.invoker.invoke(json!({"Records": records})).await {
            Ok(answer) if self.source.partial_failures => match first_failure(batch, &answer) {
                Ok(None) => Outcome::Done,
                Ok(Some(offset)) => {
                    tracing::warn!(function = %self.invoker.package, record = offset, "a record was reported as failed");
                    Outcome::FailedFrom(offset)
                }
                Err(()) => {
                    tracing::warn!(function = %self.invoker.package, "batchItemFailures cannot be read: the whole batch counts as failed");
                    Outcome::FailedFrom(0)
                }
            },
            Ok(_) => Outcome::Done,
            Err(error) => {
                tracing::warn!(function = %self.invoker.package, records = batch.len(), "invocation failed: {error}");
                Outcome::FailedFrom(0)
            }
        }
    }

    fn is_exhausted(&self, attempts: u32, since: Timestamp) -> bool {
        let age = SignedDuration::try_from(self.source.record_age).unwrap_or(SignedDuration::MAX);
        self.source.max_retries.is_some_and(|max| attempts >= max) || self.clock.now().duration_since(since) >= age
    }

    /// `false` when it was told to stop meanwhile.
    async fn pause(&self, failures: u32, stopping: &mut Stopping) -> bool {
        let doubled = FIRST_PAUSE_MS.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MAX_PAUSE_MS);
        let until = self.clock.now().checked_add(SignedDuration::from_millis(doubled.into())).unwrap_or(Timestamp::MAX);
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => false,
            () = self.clock.sleep_until(until) => true,
        }
    }

    fn give_up(&self, batch: &[Record], attempts: u32) -> Result<(), SourceError> {
        tracing::error!(function = %self.invoker.package, records = batch.len(), attempts, "gave up on stream records");
        let Some(queue) = &self.source.on_failure else {
            return Ok(());
        };
        let number = |record: Option<&Record>| {
            record.and_then(|(_, record)| sequence_number(record)).unwrap_or_default().to_owned()
        };
        let body = json!({
            "requestContext": {
                "requestId": crate::random::uuid().to_string(),
                "functionArn": function_arn(&self.invoker.package),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": attempts,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": self.clock.now().to_string(),
            "DDBStreamBatchInfo": {
                "shardId": self.reader.shard(),
                "startSequenceNumber": number(batch.first()),
                "endSequenceNumber": number(batch.last()),
                "batchSize": batch.len(),
                "streamArn": self.reader.arn(),
            },
        });
        self.messaging.send(queue, &Message { body: body.to_string(), ..Message::default() })?;
        Ok(())
    }

    /// Moves the checkpoint past records that are settled one way or the other.
    fn pass(&self, batch: &[Record]) -> Result<(), SourceError> {
        match batch.last() {
            Some((position, _)) => self.store_checkpoint(*position),
            None => Ok(()),
        }
    }

    fn store_checkpoint(&self, position: i64) -> Result<(), SourceError> {
        self.db.read(|connection| {
            connection.execute(
                "INSERT INTO stream_checkpoints VALUES (?1, ?2) ON CONFLICT (mapping) DO UPDATE SET position = ?2",
                (&self.mapping, position),
            )
        })?;
        self.checkpoint.store(position, Ordering::SeqCst);
        Ok(())
    }
}

fn sequence_number(record: &Value) -> Option<&str> {
    record.pointer("/dynamodb/SequenceNumber")?.as_str()
}

/// Offset of the first record that an answer reports as failed.
fn first_failure(batch: &[Record], answer: &Value) -> Result<Option<usize>, ()> {
    let offsets: Result<Vec<_>, ()> = reported_failures(answer)?
        .into_iter()
        .map(|id| batch.iter().position(|(_, record)| sequence_number(record) == Some(id)).ok_or(()))
        .collect();
    Ok(offsets?.into_iter().min())
}
