//! One queue: sending, receiving, deleting, dead letters.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde::Serialize;

use super::{Attribute, Context, Message, MessagingError, new_id};
use crate::template::{Order, Queue};

/// A message in somebody's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Stays the same through every receive, also in the dead-letter queue.
    pub message_id: String,
    /// Allows to delete or hide the message; each receive gives a new one.
    pub receipt: String,
    /// The payload.
    pub body: String,
    /// Message attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// `MessageGroupId`.
    pub group: Option<String>,
    /// `MessageDeduplicationId`.
    pub dedup: Option<String>,
    /// Position in the queue; grows.
    pub sequence: i64,
    /// When it was sent.
    pub sent: Timestamp,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// When it was received for the first time.
    pub first_received: Timestamp,
}

/// How much a queue holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// Physical name.
    pub name: String,
    /// Messages that can be received, or wait only for an earlier one of their group.
    pub visible: u64,
    /// Messages that were received and neither deleted nor shown again.
    pub in_flight: u64,
    /// New messages that are not shown yet.
    pub delayed: u64,
    /// Whether it holds what could not be handled: another queue's dead letters, or a stream's.
    pub dead_letter: bool,
}

pub(super) fn send(context: &Context<'_>, queue: &Queue, message: &Message) -> Result<String, MessagingError> {
    let message_id = new_id();
    if let Some(first) = context.repeat_of(&queue.name, queue.order, message, &message_id)? {
        return Ok(first);
    }
    context.transaction.execute(
        "INSERT INTO queue_messages (queue, message_id, body, attributes, group_id, dedup_id, sent_ms, visible_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            &queue.name,
            &message_id,
            &message.body,
            attributes_json(&message.attributes),
            &message.group,
            &message.dedup,
            context.now_ms,
            context.now_ms.saturating_add(ms(queue.delay)),
        ),
    )?;
    Ok(message_id)
}

fn attributes_json(attributes: &BTreeMap<String, Attribute>) -> String {
    serde_json::to_string(attributes).unwrap_or_else(|_| "{}".to_owned())
}

/// Messages that may be received now. In a FIFO queue nothing overtakes: an earlier message of the group that is
/// hidden blocks it, and so does any of the group that is in flight.
const RECEIVABLE: &str = "
    FROM queue_messages AS message INDEXED BY queue_messages_in_order
    WHERE queue = :queue AND visible_ms <= :now AND held = 0 AND NOT (:fifo AND EXISTS (
        SELECT 1 FROM queue_messages AS other
        WHERE other.queue = message.queue AND other.group_id = message.group_id
          AND (other.visible_ms > :now OR other.held = 1)
          AND (other.sequence < message.sequence OR other.receive_count > 0)))";

/// Whether anything is shown at all: the one question that costs nothing.
const SHOWN: &str = "SELECT EXISTS (SELECT 1 FROM queue_messages WHERE queue = ?1 AND held = 0 AND visible_ms <= ?2)";

const EXPIRE: &str = "DELETE FROM queue_messages WHERE queue = ?1 AND sent_ms <= ?2 AND held = 0";

const NEXT_VISIBLE: &str =
    "SELECT min(visible_ms) FROM queue_messages WHERE queue = ?1 AND held = 0 AND visible_ms > ?2";

/// The first message that may be received.
fn first_receivable() -> String {
    format!("SELECT sequence, receive_count {RECEIVABLE} ORDER BY sequence LIMIT 1")
}

/// Whether there is nothing to receive, by a look that changes nothing.
pub(super) fn has_none(connection: &Connection, queue: &Queue, now_ms: i64) -> rusqlite::Result<bool> {
    let shown: bool = connection.prepare_cached(SHOWN)?.query_row((&queue.name, now_ms), |row| row.get(0))?;
    if !shown {
        return Ok(true);
    }
    let fifo = matches!(queue.order, Order::Fifo { .. });
    let mut first = connection.prepare_cached(&first_receivable())?;
    let found = first.query_row(named_params! {":queue": queue.name, ":now": now_ms, ":fifo": fifo}, |_| Ok(()));
    Ok(found.optional()?.is_none())
}

pub(super) fn receive(
    context: &Context<'_>,
    queue: &Queue,
    max: usize,
    held: bool,
) -> Result<Vec<Received>, MessagingError> {
    expire(context, queue)?;
    let mut received: Vec<Received> = Vec::new();
    // A dead letter makes room for the next message, so look again until there is nothing or enough.
    while received.len() < max {
        let group = received.first().and_then(|first| first.group.clone());
        let Some(row) = next(context, queue, &received, group.as_deref())? else {
            break;
        };
        let too_often = queue.redrive.as_ref().filter(|redrive| row.receive_count >= redrive.max_receives);
        if let Some(redrive) = too_often {
            move_message(context, row.sequence, &redrive.dead_letter, Some(&queue.name))?;
            continue;
        }
        received.push(take(context, queue, &row, held)?);
    }
    Ok(received)
}

struct Candidate {
    sequence: i64,
    receive_count: u32,
}

/// The next message for a batch that so far holds `received`.
fn next(
    context: &Context<'_>,
    queue: &Queue,
    received: &[Received],
    group: Option<&str>,
) -> Result<Option<Candidate>, MessagingError> {
    let candidate = |row: &Row<'_>| Ok(Candidate { sequence: row.get(0)?, receive_count: row.get(1)? });
    let fifo = matches!(queue.order, Order::Fifo { .. });
    let found = match (received.last(), fifo) {
        // The batch goes on with its own group, which is in flight through it.
        (Some(last), true) => context.transaction.query_row(
            "SELECT sequence, receive_count, visible_ms <= ?4 AND held = 0 FROM queue_messages
             WHERE queue = ?1 AND group_id IS ?2 AND sequence > ?3 ORDER BY sequence LIMIT 1",
            (&queue.name, group, last.sequence, context.now_ms),
            |row| Ok(row.get::<_, bool>(2)?.then_some(candidate(row)?)),
        ),
        _ => context
            .transaction
            .prepare_cached(&first_receivable())?
            .query_row(named_params! {":queue": queue.name, ":now": context.now_ms, ":fifo": fifo}, |row| {
                candidate(row).map(Some)
            }),
    };
    Ok(found.optional()?.flatten())
}

fn take(context: &Context<'_>, queue: &Queue, row: &Candidate, held: bool) -> Result<Received, MessagingError> {
    let visible_ms = context.now_ms.saturating_add(ms(queue.visibility));
    let received = context.transaction.query_row(
        "UPDATE queue_messages
         SET receive_count = receive_count + 1, first_received_ms = coalesce(first_received_ms, ?2),
             visible_ms = ?3, receipt = ?4, held = ?5
         WHERE sequence = ?1
         RETURNING message_id, receipt, body, attributes, group_id, dedup_id, sequence, sent_ms, receive_count,
                   first_received_ms",
        (row.sequence, context.now_ms, visible_ms, new_id(), held),
        |row| {
            let attributes: String = row.get(3)?;
            Ok(Received {
                message_id: row.get(0)?,
                receipt: row.get(1)?,
                body: row.get(2)?,
                attributes: serde_json::from_str(&attributes).unwrap_or_default(),
                group: row.get(4)?,
                dedup: row.get(5)?,
                sequence: row.get(6)?,
                sent: timestamp(row.get(7)?),
                receive_count: row.get(8)?,
                first_received: timestamp(row.get(9)?),
            })
        },
    )?;
    Ok(received)
}

/// Drops what is older than the queue's retention.
fn expire(context: &Context<'_>, queue: &Queue) -> Result<(), MessagingError> {
    let oldest_ms = context.now_ms.saturating_sub(ms(queue.retention));
    context.transaction.prepare_cached(EXPIRE)?.execute((&queue.name, oldest_ms))?;
    Ok(())
}

/// Puts a message at the end of another queue, as new there but with its own id. Its age starts again, as it does in a
/// FIFO queue.
fn move_message(context: &Context<'_>, sequence: i64, to: &str, source: Option<&str>) -> Result<(), MessagingError> {
    context.transaction.execute(
        "INSERT INTO queue_messages
             (queue, message_id, body, attributes, group_id, dedup_id, sent_ms, visible_ms, source_queue)
         SELECT ?2, message_id, body, attributes, group_id, dedup_id, ?3, ?3, ?4 FROM queue_messages WHERE sequence = ?1",
        (sequence, to, context.now_ms, source),
    )?;
    context.transaction.execute("DELETE FROM queue_messages WHERE sequence = ?1", [sequence])?;
    Ok(())
}

pub(super) fn delete(transaction: &Transaction<'_>, queue: &str, receipt: &str) -> Result<(), MessagingError> {
    transaction.execute("DELETE FROM queue_messages WHERE queue = ?1 AND receipt = ?2", (queue, receipt))?;
    Ok(())
}

pub(super) fn release(transaction: &Transaction<'_>, queue: &str, receipt: &str) -> Result<(), MessagingError> {
    transaction.execute("UPDATE queue_messages SET held = 0 WHERE queue = ?1 AND receipt = ?2", (queue, receipt))?;
    Ok(())
}

pub(super) fn change_visibility(
    context: &Context<'_>,
    queue: &str,
    receipt: &str,
    timeout: Duration,
) -> Result<(), MessagingError> {
    context.transaction.execute(
        "UPDATE queue_messages SET visible_ms = ?3, held = 0 WHERE queue = ?1 AND receipt = ?2",
        (queue, receipt, context.now_ms.saturating_add(ms(timeout))),
    )?;
    Ok(())
}

pub(super) fn depth(context: &Context<'_>, queue: &Queue, dead_letter: bool) -> Result<QueueDepth, MessagingError> {
    expire(context, queue)?;
    let depth = context.transaction.query_row(
        "SELECT count(*) FILTER (WHERE visible_ms <= ?2 AND held = 0),
                count(*) FILTER (WHERE (visible_ms > ?2 OR held = 1) AND receive_count > 0),
                count(*) FILTER (WHERE visible_ms > ?2 AND receive_count = 0)
         FROM queue_messages WHERE queue = ?1",
        (&queue.name, context.now_ms),
        |row| {
            Ok(QueueDepth {
                name: queue.name.clone(),
                visible: row.get(0)?,
                in_flight: row.get(1)?,
                delayed: row.get(2)?,
                dead_letter,
            })
        },
    )?;
    Ok(depth)
}

pub(super) fn is_busy(connection: &Connection, queue: &Queue, now_ms: i64) -> rusqlite::Result<bool> {
    let held = "SELECT EXISTS (SELECT 1 FROM queue_messages WHERE queue = ?1 AND held = 1)";
    let held: bool = connection.prepare_cached(held)?.query_row([&queue.name], |row| row.get(0))?;
    Ok(held || !has_none(connection, queue, now_ms)?)
}

pub(super) fn next_visible(connection: &Connection, queue: &str, now_ms: i64) -> rusqlite::Result<Option<Timestamp>> {
    let next_ms: Option<i64> = connection.prepare_cached(NEXT_VISIBLE)?.query_row((queue, now_ms), |row| row.get(0))?;
    Ok(next_ms.map(timestamp))
}

pub(super) fn redrive(context: &Context<'_>, dead_letter: &str) -> Result<usize, MessagingError> {
    let sources = |queue: &&Queue| queue.redrive.as_ref().is_some_and(|redrive| redrive.dead_letter == dead_letter);
    let mut moved = 0;
    let mut statement = context
        .transaction
        .prepare("SELECT sequence, source_queue FROM queue_messages WHERE queue = ?1 AND held = 0 ORDER BY sequence")?;
    let rows = statement.query_map([dead_letter], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)))?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (sequence, source) = row;
        let target = match source {
            Some(source) => source,
            // Sent here directly: back is wherever this is the dead-letter queue of.
            None => match context.template.queues.iter().find(sources) {
                Some(queue) => queue.name.clone(),
                None => continue,
            },
        };
        move_message(context, sequence, &target, None)?;
        moved += 1;
    }
    Ok(moved)
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

#[cfg(test)]
pub(crate) fn hot_statements() -> Vec<String> {
    let statements = [super::FORGET_REPEATS, SHOWN, EXPIRE, NEXT_VISIBLE];
    statements.iter().map(ToString::to_string).chain([first_receivable()]).collect()
}
