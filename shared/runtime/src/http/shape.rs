//! Holds a body against what its type declares, and names everything that is wrong with it at once.
//!
//! serde stops at the first fault. The schema of the type, which is in `openapi.yaml` too, says what may stand where:
//! fields, kinds, bounds, words. So the document and the check cannot differ, and no shape is written down twice. What
//! passes is then read by serde, and rules beyond a single value are the use case's.

use std::any::type_name;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use oms_app::Field;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::bounded::{broken_format, broken_text};

/// Most faults that are told of one body.
pub const MAX_FAULTS: usize = 100;

/// Deepest value that is looked into; no request of ours is as deep.
const MAX_DEPTH: usize = 16;

/// What a type declares.
#[derive(Debug, Default)]
pub struct Shape {
    root: Value,
    parts: BTreeMap<String, Value>,
}

/// What is wrong with a value.
#[derive(Debug, Default)]
pub struct Faults {
    pub fields: Vec<Field>,
    /// Whether some of it is of a kind that cannot be read at all.
    pub wrong_kind: bool,
}

impl Faults {
    fn rule(&mut self, place: &str, message: impl ToString) {
        if self.fields.len() < MAX_FAULTS {
            self.fields.push(Field::new(place, message));
        }
    }

    fn kind(&mut self, place: &str, message: impl ToString) {
        self.wrong_kind = true;
        self.rule(place, message);
    }
}

static KNOWN: LazyLock<Mutex<BTreeMap<&'static str, Arc<Shape>>>> = LazyLock::new(Mutex::default);

impl Shape {
    /// What `T` declares; made at its first use.
    pub fn of<T: ToSchema>() -> Arc<Shape> {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let shape = known.entry(type_name::<T>()).or_insert_with(|| {
            let mut parts = Vec::new();
            T::schemas(&mut parts);
            let json = |schema| serde_json::to_value(schema).unwrap_or_default();
            let parts = parts.into_iter().map(|(name, schema)| (name, json(schema))).collect();
            Arc::new(Shape { root: json(T::schema()), parts })
        });
        shape.clone()
    }

    /// A schema and those that it refers to, e.g. from a document.
    pub fn new(root: Value, parts: BTreeMap<String, Value>) -> Self {
        Shape { root, parts }
    }

    /// Everything that is wrong with a value.
    pub fn faults(&self, value: &Value) -> Faults {
        let mut faults = Faults::default();
        self.check(&self.root, value, "", 0, &mut faults);
        faults
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, depth: usize, faults: &mut Faults) {
        if depth > MAX_DEPTH {
            return faults.kind(place, "is too deep");
        }
        if let Some(named) = schema["$ref"].as_str() {
            let name = named.rsplit('/').next().unwrap_or_default();
            return match self.parts.get(name) {
                Some(part) => self.check(part, value, place, depth + 1, faults),
                None => faults.kind(place, "cannot be read"),
            };
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(part, value, place, depth + 1, faults);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return self.check_choice(choices, value, place, depth, faults);
        }
        let Some(kind) = kind_of(schema, value) else { return faults.kind(place, expected(schema)) };
        match (kind, value) {
            ("object", Value::Object(fields)) => self.check_object(schema, fields, place, depth, faults),
            ("array", Value::Array(entries)) => {
                if let Some(rule) = broken_bounds(schema, entries.len(), ["minItems", "maxItems"], "entries") {
                    faults.rule(place, rule);
                }
                for (number, entry) in entries.iter().enumerate() {
                    self.check(&schema["items"], entry, &format!("{place}/{number}"), depth + 1, faults);
                }
            }
            ("string", Value::String(text)) => check_text(schema, text, place, faults),
            ("integer", Value::Number(number)) => {
                let number = number.as_u64().unwrap_or(u64::MAX);
                let (least, most) = (schema["minimum"].as_u64().unwrap_or(0), schema["maximum"].as_u64());
                match most {
                    Some(most) if !(least..=most).contains(&number) => {
                        faults.rule(place, format!("must be {least} to {most}"));
                    }
                    None if number < least => faults.rule(place, format!("must be at least {least}")),
                    Some(_) | None => {}
                }
            }
            _ => {}
        }
    }

    /// Of several shapes the first that fits; when none does, what is wrong with it as the last one that could be meant.
    fn check_choice(&self, choices: &[Value], value: &Value, place: &str, depth: usize, faults: &mut Faults) {
        let mut last = Faults::default();
        for choice in choices {
            let mut tried = Faults::default();
            self.check(choice, value, place, depth + 1, &mut tried);
            if tried.fields.is_empty() {
                return;
            }
            if choice["type"] != "null" {
                last = tried;
            }
        }
        faults.wrong_kind |= last.wrong_kind;
        last.fields.into_iter().for_each(|field| faults.rule(&field.pointer, field.message));
    }

    fn check_object(
        &self,
        schema: &Value,
        fields: &Map<String, Value>,
        place: &str,
        depth: usize,
        faults: &mut Faults,
    ) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                faults.rule(&inside(place, name), "is missing");
            }
        }
        for (name, value) in fields {
            let place = inside(place, name);
            let others = &schema["additionalProperties"];
            match schema["properties"].get(name) {
                Some(known) => self.check(known, value, &place, depth + 1, faults),
                None if others == false => faults.rule(&place, "is not a field of this request"),
                None if others.is_object() => self.check(others, value, &place, depth + 1, faults),
                None => {}
            }
        }
    }
}

/// The place of a field; `~` and `/` have a meaning in a JSON pointer.
pub(crate) fn inside(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The kinds of a schema: `type` is one or a list.
fn kinds(schema: &Value) -> impl Iterator<Item = &str> {
    let one = schema["type"].as_str().into_iter();
    one.chain(schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str))
}

/// As which of its kinds a schema takes a value.
fn kind_of<'a>(schema: &'a Value, value: &Value) -> Option<&'a str> {
    if kinds(schema).next().is_none() {
        return Some("");
    }
    // All our numbers in bodies count something, and none is negative.
    let most = if schema["format"] == "int32" { u64::from(u32::MAX) } else { u64::MAX };
    kinds(schema).find(|kind| match *kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "integer" => value.as_u64().is_some_and(|number| number <= most),
        "number" => value.is_number(),
        _ => false,
    })
}

fn expected(schema: &Value) -> String {
    let word = |kind| match kind {
        "null" => "null",
        "boolean" => "true or false",
        "string" => "a text",
        "array" => "a list",
        "object" => "an object",
        "integer" => "a whole number",
        _ => "a number",
    };
    format!("must be {}", kinds(schema).map(word).collect::<Vec<_>>().join(" or "))
}

fn check_text(schema: &Value, text: &str, place: &str, faults: &mut Faults) {
    if let Some(rule) = broken_bounds(schema, text.chars().count(), ["minLength", "maxLength"], "characters") {
        return faults.rule(place, rule);
    }
    let least = schema["minLength"].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or(0);
    let format = schema["format"].as_str();
    let words = schema["enum"].as_array();
    // A format reads more than the words that we write.
    if let Some(words) = words.filter(|words| format.is_none() && !words.iter().any(|word| word == text)) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return faults.rule(place, format!("must be one of: {}", words.join(", ")));
    }
    if let Some(rule) = format.and_then(|format| broken_format(format, text)).or_else(|| broken_text(text, least)) {
        faults.rule(place, rule);
    }
}

fn broken_bounds(schema: &Value, length: usize, [least, most]: [&str; 2], unit: &str) -> Option<String> {
    let bound = |name: &str| schema[name].as_u64().and_then(|bound| usize::try_from(bound).ok());
    let (least, most) = (bound(least).unwrap_or(0), bound(most).unwrap_or(usize::MAX));
    match (length < least, length > most) {
        (false, false) => None,
        (_, _) if most == usize::MAX => Some(format!("must have at least {least} {unit}")),
        (_, _) if least == 0 => Some(format!("must have at most {most} {unit}")),
        (_, _) => Some(format!("must have {least} to {most} {unit}")),
    }
}
