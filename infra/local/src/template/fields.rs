//! Typed access to resolved properties; what is neither used nor known to be harmless is refused.

use std::time::Duration;

use serde_json::{Map, Value};

use super::resolve::{Scope, is_true, text};

/// Resolved properties of a resource, an event or a part of one.
#[derive(Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Resolves the `used` properties, passes over the `ignored` ones and refuses the rest.
    pub(super) fn resolve(
        scope: &Scope<'_>,
        properties: &Map<String, Value>,
        used: &[&str],
        ignored: &[&str],
    ) -> Result<Self, String> {
        let mut resolved = Map::new();
        for (name, value) in properties {
            if used.contains(&name.as_str()) {
                if let Some(value) = scope.resolve(value).map_err(|message| format!("{name}: {message}"))? {
                    resolved.insert(name.clone(), value);
                }
            } else if !ignored.contains(&name.as_str()) {
                return Err(unsupported(name));
            }
        }
        Ok(Self(resolved))
    }

    /// The mapping under `name`, held to the same rule.
    pub(super) fn nested(&self, name: &str, used: &[&str], ignored: &[&str]) -> Result<Option<Self>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => {
                Self::plain(fields, used, ignored).map(Some).map_err(|message| format!("{name}: {message}"))
            }
            Some(_) => Err(format!("{name} must be a mapping")),
        }
    }

    /// A mapping that is resolved already.
    pub(super) fn plain(fields: &Map<String, Value>, used: &[&str], ignored: &[&str]) -> Result<Self, String> {
        for name in fields.keys() {
            if !used.contains(&name.as_str()) && !ignored.contains(&name.as_str()) {
                return Err(unsupported(name));
            }
        }
        Ok(Self(fields.clone()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, String> {
        self.get(name).map(text).transpose().map_err(|message| format!("{name}: {message}"))
    }

    pub(super) fn required_text(&self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(is_true)
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, name: &str, range: std::ops::RangeInclusive<u32>) -> Result<Option<u32>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(format!("{name} must be a whole number from {} to {}, found {text}", range.start(), range.end())),
        }
    }

    /// Whole seconds within `range`.
    pub(super) fn seconds(
        &self,
        name: &str,
        default: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<Duration, String> {
        Ok(Duration::from_secs(self.number(name, range)?.unwrap_or(default).into()))
    }

    /// A list of texts; a single text counts as a list of one.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(text).collect::<Result<_, _>>(),
            Some(single) => Ok(vec![text(single)?]),
        }
        .map_err(|message: String| format!("{name}: {message}"))
    }
}

pub(super) fn unsupported(name: &str) -> String {
    format!("property {name} is not supported by the local cloud")
}
