//! `functions.yaml`: what is special about each function of a context.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use yaml_serde::{Mapping, Value};

use crate::Refusal;

/// A context and its functions.
pub(crate) struct Context {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) rows: Vec<Row>,
}

/// A function by the name of its binary.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) spec: Spec,
    pub(crate) trigger: Trigger,
}

/// What invokes a function.
pub(crate) enum Trigger {
    /// Routes by the name of their event.
    Routes(Vec<Route>),
    Stream(Stream),
    Queue(Queue),
    /// The name of the event, and its rate.
    Schedule(String, String),
}

pub(crate) struct Route {
    pub(crate) event: String,
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A row as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// What the function does, with the requirements that ask for it.
    pub(crate) about: String,
    route: Option<Value>,
    stream: Option<Stream>,
    queue: Option<Queue>,
    schedule: Option<BTreeMap<String, String>>,
    /// Whether its routes ask for no token.
    #[serde(default)]
    pub(crate) open: bool,
    /// What it may do, in the words of the dictionary.
    #[serde(default)]
    pub(crate) may: Vec<String>,
    /// Seconds; without it, those of `globals.yaml`.
    pub(crate) timeout: Option<u32>,
    /// Megabytes; without it, those of `globals.yaml`.
    pub(crate) memory: Option<u32>,
    #[serde(default)]
    pub(crate) environment: Mapping,
}

/// A table's stream, and the queue that learns of records given up on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stream {
    /// `Alert` for the queue `AlertDeadLetters`.
    pub(crate) name: String,
    /// What the dead letters are.
    pub(crate) about: String,
    pub(crate) event: String,
    pub(crate) table: String,
    /// Pattern of the records that the function is invoked for.
    pub(crate) only: String,
    /// What the alarm on its dead letters says.
    pub(crate) dead_letters: String,
}

/// A queue of its own behind the topic of events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    /// `Notify` for `NotifyQueue`, `NotifyDeadLetters`, `NotifySubscription` and `NotifyQueuePolicy`.
    pub(crate) name: String,
    /// What the messages are.
    pub(crate) about: String,
    pub(crate) event: String,
    /// Types of the events that the queue takes.
    pub(crate) types: Vec<String>,
    pub(crate) retries: u32,
    pub(crate) seconds_between: u32,
    /// Receives beyond the retries: Lambda may give a message back untouched, and a provider may ask for patience.
    #[serde(default)]
    pub(crate) spare: u32,
    /// Seconds that a new message waits.
    pub(crate) delay: Option<u32>,
    /// Most messages of one invocation.
    pub(crate) batch: u32,
    /// Most invocations at a time. The rest waits in the queue, where waiting uses up no retry.
    pub(crate) at_once: Value,
    /// What the alarm on its dead letters says.
    pub(crate) dead_letters: String,
}

/// Seconds of waiting that are never too long.
const SHORTEST_AGE: u32 = 30 * 60;

impl Queue {
    /// How often a message is received before it is set aside.
    pub(crate) const fn receives(&self) -> u32 {
        self.retries + 1 + self.spare
    }

    /// Seconds after which a message has waited for too long: twice as long as one that fails every time.
    pub(crate) fn oldest(&self) -> u32 {
        (2 * self.receives() * self.seconds_between).max(SHORTEST_AGE)
    }
}

/// The tables of all contexts below `folder`, by name.
pub(crate) fn read_all(root: &Path, folder: &str) -> Result<Vec<Context>, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::unreadable(folder, &error);
    let mut contexts = Vec::new();
    for entry in std::fs::read_dir(root.join(folder)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.path().join("functions.yaml").exists() {
            contexts.push(read(root, folder, &entry.file_name().to_string_lossy())?);
        }
    }
    contexts.sort_by(|a: &Context, b: &Context| a.name.cmp(&b.name));
    Ok(contexts)
}

fn read(root: &Path, folder: &str, name: &str) -> Result<Context, Refusal> {
    let file = format!("{folder}/{name}/functions.yaml");
    let text = std::fs::read_to_string(root.join(&file)).map_err(|error| Refusal::unreadable(&file, &error))?;
    let rows: Mapping = yaml_serde::from_str(&text).map_err(|error| Refusal::unreadable(&file, &error))?;
    let rows = rows.into_iter().map(|(name, spec)| {
        let name = name.as_str().unwrap_or_default();
        row(name, spec).map_err(|message| Refusal::of(&file, name, &message))
    });
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(Context { name: name.to_owned(), file, rows })
}

fn row(name: &str, spec: Value) -> Result<Row, String> {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|one| one.is_ascii_lowercase());
    if !name.split('-').all(is_word) {
        return Err("a function is named by lower-case words with hyphens between them".to_owned());
    }
    let mut spec: Spec = yaml_serde::from_value(spec).map_err(|error| error.to_string())?;
    let trigger = match (spec.route.take(), spec.stream.take(), spec.queue.take(), spec.schedule.take()) {
        (Some(route), None, None, None) => Trigger::Routes(routes(name, &route)?),
        (None, Some(stream), None, None) => Trigger::Stream(stream),
        (None, None, Some(queue), None) => Trigger::Queue(queue),
        (None, None, None, Some(schedule)) => {
            let mut schedule = schedule.into_iter();
            match (schedule.next(), schedule.next()) {
                (Some((event, rate)), None) => Trigger::Schedule(event, rate),
                _ => return Err("schedule: one event with its rate is needed".to_owned()),
            }
        }
        _ => return Err("exactly one of route, stream, queue and schedule is needed".to_owned()),
    };
    if spec.open && !matches!(trigger, Trigger::Routes(_)) {
        return Err("open: only a route can be".to_owned());
    }
    Ok(Row { name: name.to_owned(), spec, trigger })
}

/// One route, whose event has the first word of the function's name, or several with the names of their events.
fn routes(function: &str, value: &Value) -> Result<Vec<Route>, String> {
    let route = |event: &str, text: &Value| {
        let (method, path) = text.as_str().and_then(|text| text.split_once(' ')).unwrap_or_default();
        let methods = ["DELETE", "GET", "PATCH", "POST", "PUT"];
        if !methods.contains(&method) || !path.starts_with('/') || path.contains(' ') {
            return Err("route: a method and a path are needed, such as GET /api/orders".to_owned());
        }
        Ok(Route { event: event.to_owned(), method: method.to_owned(), path: path.to_owned() })
    };
    if let Value::Mapping(named) = value {
        named.iter().map(|(event, text)| route(event.as_str().unwrap_or_default(), text)).collect()
    } else {
        Ok(vec![route(&capitalised(function.split('-').next().unwrap_or_default()), value)?])
    }
}

/// `review-order` as `ReviewOrder`, `find orders` as `FindOrders`.
pub(crate) fn camel(name: &str) -> String {
    name.split(|one: char| !one.is_ascii_alphanumeric()).map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
