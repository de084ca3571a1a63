//! Reads the SAM template: the one description of routes, triggers, tables, topics and queues.
//!
//! The guarantee: whatever in the template changes how the system behaves is either run as AWS would run it, or
//! refused with one line that names the file, the resource and the part. Resource types and properties that make no
//! difference on one machine (permissions, alarms, encryption, tags) are passed over by the lists in `resources` and
//! `functions`, never silently. Deliberately absent: outputs, transforms other than SAM's, and nested stacks, which may
//! hold nothing but alarms and a dashboard (`infra/checks` sees to it).

#![allow(clippy::wildcard_enum_match_arm, reason = "the kinds of JSON are not ours and do not grow")]

mod fields;
mod functions;
mod names;
mod resolve;
mod resources;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::filter::Pattern;
pub use names::{ACCOUNT, REGION, queue_arn, queue_url, table_arn, topic_arn};
pub(crate) use names::{function_arn, stream_arn};

/// Why a template cannot be run; one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}{message}", if place.is_empty() { String::new() } else { format!("{place}: ") })]
pub struct TemplateError {
    /// The template's file name.
    pub file: String,
    /// The resource's logical id, or empty when the whole file is meant.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

/// What the local cloud runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// File name, for messages.
    pub file: String,
    /// Lambda functions with what triggers them.
    pub functions: Vec<FunctionSpec>,
    /// The HTTP API's own settings.
    pub api: HttpApi,
    /// `DynamoDB` tables.
    pub tables: Vec<Table>,
    /// SNS topics.
    pub topics: Vec<Topic>,
    /// Topic to queue.
    pub subscriptions: Vec<Subscription>,
    /// SQS queues, dead-letter queues included.
    pub queues: Vec<Queue>,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionSpec {
    /// Its id in the template, e.g. `CreateOrder`.
    pub logical_id: String,
    /// Last part of `CodeUri`, e.g. `create-order`.
    pub package: String,
    /// Longest run of one invocation.
    pub timeout: Duration,
    /// Environment variables, resolved.
    pub environment: BTreeMap<String, String>,
    /// What invokes it.
    pub events: Vec<EventSource>,
}

/// What invokes a function.
#[derive(Clone, Debug, PartialEq)]
pub enum EventSource {
    /// A route of the HTTP API.
    Http(HttpRoute),
    /// A table's stream.
    Stream(StreamSource),
    /// A queue.
    Queue(QueueSource),
    /// A clock.
    Schedule(ScheduleSource),
}

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRoute {
    /// Upper case, or `ANY`.
    pub method: String,
    /// With `{name}` and `{name+}` segments.
    pub path: String,
    /// Whether a valid token is needed.
    pub authorized: bool,
}

/// A mapping from a table's stream.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSource {
    /// Physical table name.
    pub table: String,
    /// Whether a mapping without checkpoint begins at the oldest record rather than after the newest.
    pub from_start: bool,
    /// Most records of one invocation.
    pub batch_size: usize,
    /// A record is handled when any of these matches, or when there are none.
    pub filters: Vec<Pattern>,
    /// Retries after the first attempt; `None` retries until `record_age`.
    pub max_retries: Option<u32>,
    /// How long a record is retried at most.
    pub record_age: Duration,
    /// Whether a failed batch is halved.
    pub bisect: bool,
    /// Name of the queue that learns of records given up on.
    pub on_failure: Option<String>,
    /// Whether the response names the records that failed.
    pub partial_failures: bool,
}

/// A mapping from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSource {
    /// Physical queue name.
    pub queue: String,
    /// Most messages of one invocation.
    pub batch_size: usize,
    /// Whether the response names the messages that failed.
    pub partial_failures: bool,
    /// Most invocations at a time.
    pub concurrency: usize,
}

/// A fixed-rate schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleSource {
    /// `<function>/<event>`, which its last run is remembered under.
    pub id: String,
    /// Time between two runs.
    pub every: Duration,
    /// The event, when the template gives one.
    pub input: Option<Value>,
    /// Whether it is an EventBridge rule (`Schedule`) rather than a scheduler's schedule (`ScheduleV2`).
    pub rule: bool,
}

/// Settings of the HTTP API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpApi {
    /// The JWT authorizer.
    pub authorizer: Option<Authorizer>,
    /// What pages of other origins may do; nothing without it.
    pub cors: Option<Cors>,
}

/// What pages of other origins may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// Their origins.
    pub origins: Vec<String>,
    /// Methods that they may use.
    pub methods: Vec<String>,
    /// Headers that they may send, in lower case.
    pub headers: Vec<String>,
    /// Headers that they may read.
    pub exposed: Vec<String>,
    /// Seconds for which a browser may remember that.
    pub max_age: Option<u32>,
}

/// A JWT authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizer {
    /// The `iss` that tokens must carry.
    pub issuer: String,
    /// One of these must be the token's `aud` or `client_id`.
    pub audience: Vec<String>,
    /// Whether routes that say nothing are protected.
    pub default: bool,
}

/// A `DynamoDB` table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Physical name.
    pub name: String,
    /// The body of a `CreateTable` call.
    pub create: Value,
}

/// An SNS topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Physical name.
    pub name: String,
    /// FIFO or standard, and how it recognises repeats.
    pub order: Order,
}

/// Ordering of a topic or queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// No order, no deduplication.
    Standard,
    /// Order per message group; repeats within five minutes are dropped.
    Fifo {
        /// Whether the body's hash stands in for a missing deduplication id.
        by_content: bool,
        /// Whether deduplication ids are compared within a message group only (high throughput).
        per_group: bool,
    },
}

/// A subscription of a queue to a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// Topic name.
    pub topic: String,
    /// Queue name.
    pub queue: String,
    /// What is let through.
    pub filter: Option<SubscriptionFilter>,
    /// Whether the queue gets the bare body instead of SNS's envelope.
    pub raw: bool,
}

/// A subscription's filter policy.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionFilter {
    /// What must match.
    pub pattern: Pattern,
    /// Whether the policy reads the JSON body rather than the message attributes.
    pub on_body: bool,
}

/// An SQS queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Physical name.
    pub name: String,
    /// FIFO or standard.
    pub order: Order,
    /// How long a received message stays hidden.
    pub visibility: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// How long a new message stays hidden.
    pub delay: Duration,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
}

/// A redrive policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// Name of the dead-letter queue.
    pub dead_letter: String,
    /// Receives that a message may have.
    pub max_receives: u32,
}

impl Template {
    /// Reads `text`. `file` is only for messages; `parameters` override the defaults in the template.
    pub fn parse(file: &str, text: &str, parameters: &[(String, String)]) -> Result<Self, TemplateError> {
        let fail =
            |message: String| in_one_line(TemplateError { file: file.to_owned(), place: String::new(), message });
        let document = yaml::read(text).map_err(fail)?;
        let scope = resolve::Scope::new(&document, parameters).map_err(fail)?;
        resources::read(file, &scope).map_err(in_one_line)
    }

    /// A function's specification by package name.
    pub fn function(&self, package: &str) -> Option<&FunctionSpec> {
        self.functions.iter().find(|function| function.package == package)
    }

    /// A queue by name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.name == name)
    }
}

/// Words of the template stand in what is said about it, and may have line breaks.
fn in_one_line(error: TemplateError) -> TemplateError {
    let flat = |text: String| text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    TemplateError { place: flat(error.place), message: flat(error.message), ..error }
}
