//! Drives a function from a table's stream, and is as little reliable as AWS promises to be: the order of writes holds for
//! each item only. Records of different items of one partition that follow one another arrive the last first, and every
//! other such stretch is split over two batches.
//!
//! 1. Read what follows the checkpoint, at most a batch, and turn it round as above.
//! 2. Pass over what no filter selects, and what was done ahead of the checkpoint.
//! 3. Invoke. A failure is retried with growing pauses: from the first reported record on, or in halves when the
//!    mapping bisects, until it succeeds or the mapping's retries or record age are used up.
//! 4. What is given up on is described in a message to the on-failure queue, and is passed over.
//! 5. Store the checkpoint: everything up to it is settled. What lies far behind it is forgotten.
//!
//! A record is therefore handled at least once or reported, and no record stops the stream for ever.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
/// How far the checkpoint moves before what lies behind it is forgotten.
const FORGET_EVERY: i64 = 500;

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
    /// What is settled ahead of the checkpoint.
    ahead: Mutex<BTreeSet<i64>>,
    /// What lies before is forgotten.
    forgotten: AtomicI64,
}

/// What was read at once: the records to handle, in the order of their positions, and the last position of all.
struct Page {
    wanted: Vec<i64>,
    end: i64,
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
            ahead: Mutex::default(),
            forgotten: AtomicI64::new(0),
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
        let mut touched = self.reader.touched();
        while !*stopping.borrow() {
            // Before looking, so that what is written meanwhile is noticed below.
            touched.mark_unchanged();
            let pause = match self.step(&mut stopping).await {
                Ok(true) => continue,
                Ok(false) => Duration::from_millis(POLL_MS),
                Err(error) if error.is_closed() => return,
                Err(error) => {
                    tracing::error!(mapping = %self.mapping, "cannot drive the stream: {error}");
                    tokio::time::sleep(ERROR_PAUSE).await;
                    continue;
                }
            };
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return,
                // An error means that the store is being stopped, and so are we.
                told = touched.changed() => if told.is_err() { return },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Handles one batch. `false` when there was nothing to read.
    async fn step(&self, stopping: &mut Stopping) -> Result<bool, SourceError> {
        let read = self.read().await?;
        let Some((end, _)) = read.last() else {
            return Ok(false);
        };
        let end = *end;
        let wanted: Vec<Record> = read.into_iter().filter(|(_, record)| self.wants(record)).collect();
        let page = Page { wanted: wanted.iter().map(|(position, _)| *position).collect(), end };
        let ahead = self.ahead().clone();
        let mut batch = turned_round(wanted.into_iter().filter(|(position, _)| !ahead.contains(position)).collect());
        // What was split off once is not split again.
        let split = batch.split.filter(|_| ahead.is_empty()).unwrap_or(usize::MAX);
        batch.records.truncate(split.min(self.source.batch_size));
        if batch.records.is_empty() {
            self.pass(&page, &[])?;
        }
        self.deliver(&page, &batch.records, stopping).await?;
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
    async fn deliver(&self, page: &Page, records: &[Record], stopping: &mut Stopping) -> Result<bool, SourceError> {
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
                    self.pass(page, batch)?;
                    failures_in_a_row = 0;
                    continue;
                }
                Outcome::FailedFrom(offset) => range.start.saturating_add(offset),
            };
            if failed_from > range.start {
                // Some of it is done: what is left is a batch of its own.
                self.pass(page, records.get(range.start..failed_from).unwrap_or_default())?;
                work.push(Work { range: failed_from..range.end, attempts: 0, since: self.clock.now() });
            } else if self.source.bisect && batch.len() > 1 {
                let middle = range.start.midpoint(range.end);
                work.push(Work { range: middle..range.end, attempts, since });
                work.push(Work { range: range.start..middle, attempts, since });
            } else if self.is_exhausted(attempts, since) {
                self.give_up(batch, attempts.saturating_add(1))?;
                self.pass(page, batch)?;
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

    /// Moves the checkpoint past what is settled one way or the other, as far as there is no gap.
    fn pass(&self, page: &Page, batch: &[Record]) -> Result<(), SourceError> {
        let position = {
            let mut ahead = self.ahead();
            ahead.extend(batch.iter().map(|(position, _)| *position));
            let settled = page.wanted.iter().take_while(|position| ahead.contains(position)).count();
            let position =
                if settled == page.wanted.len() { Some(page.end) } else { page.wanted[..settled].last().copied() };
            position.inspect(|position| ahead.retain(|ahead| ahead > position))
        };
        position.map_or(Ok(()), |position| self.store_checkpoint(position))
    }

    fn ahead(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what every reader of this table has passed, now and then.
    fn tidy(&self, position: i64) -> Result<(), SourceError> {
        if position.saturating_sub(self.forgotten.load(Ordering::SeqCst)) < FORGET_EVERY {
            return Ok(());
        }
        let passed: i64 = self.db.read(|connection| {
            let sql = "SELECT min(position) FROM stream_checkpoints WHERE mapping LIKE '%/' || ?1";
            connection.query_row(sql, [&self.source.table], |row| row.get(0))
        })?;
        self.reader.forget_before(passed)?;
        self.forgotten.store(position, Ordering::SeqCst);
        Ok(())
    }

    fn store_checkpoint(&self, position: i64) -> Result<(), SourceError> {
        self.db.read(|connection| {
            connection.execute(
                "INSERT INTO stream_checkpoints VALUES (?1, ?2) ON CONFLICT (mapping) DO UPDATE SET position = ?2",
                (&self.mapping, position),
            )
        })?;
        self.checkpoint.store(position, Ordering::SeqCst);
        self.tidy(position)
    }
}

/// A batch as it arrives, and after how many records it is to end early.
struct Arriving {
    records: Vec<Record>,
    split: Option<usize>,
}

/// Records of different items of one partition, one after another, arrive the last first; the first such stretch of an even
/// position is split behind its first record.
fn turned_round(records: Vec<Record>) -> Arriving {
    let key = |record: &Record, name: &str| record.1.pointer(&format!("/dynamodb/Keys/{name}")).cloned();
    let mut arriving = Arriving { records: Vec::with_capacity(records.len()), split: None };
    let mut stretch: Vec<Record> = Vec::new();
    let mut turn = |stretch: &mut Vec<Record>| {
        if stretch.len() > 1
            && arriving.split.is_none()
            && stretch.first().is_some_and(|(position, _)| position % 2 == 0)
        {
            arriving.split = Some(arriving.records.len() + 1);
        }
        arriving.records.extend(stretch.drain(..).rev());
    };
    for record in records {
        let same_partition = stretch.last().is_none_or(|last| key(last, "pk") == key(&record, "pk"));
        let same_item = stretch.iter().any(|other| key(other, "sk") == key(&record, "sk"));
        if !same_partition || same_item {
            turn(&mut stretch);
        }
        stretch.push(record);
    }
    turn(&mut stretch);
    arriving
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
