//! The dictionary: what the words behind `may` allow.

use std::path::Path;

use serde::Deserialize;
use yaml_serde::{Mapping, Value};

use crate::Refusal;
use crate::flow::{comment, flow};
use crate::table::{Context, Row, camel};

/// Names of statements that belong to Lambda itself; checks tell them from the handler's by these.
const RESERVED: [&str; 2] = ["Trigger", "Logs"];

/// What may be allowed, by its words.
pub(crate) struct Dictionary {
    file: String,
    words: Vec<Word>,
}

/// One permission.
pub(crate) struct Word {
    name: String,
    entry: Entry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    about: Option<String>,
    when: Option<String>,
    #[serde(rename = "Action")]
    action: Vec<String>,
    #[serde(rename = "Resource")]
    resource: Option<Value>,
    #[serde(rename = "NotResource")]
    not_resource: Option<Value>,
    #[serde(rename = "Condition")]
    condition: Option<Value>,
    #[serde(default)]
    environment: Mapping,
}

impl Dictionary {
    pub(crate) fn read(root: &Path, file: &str) -> Result<Self, Refusal> {
        let unreadable = |error: &dyn std::fmt::Display| Refusal::unreadable(file, error);
        let text = std::fs::read_to_string(root.join(file)).map_err(|error| unreadable(&error))?;
        let entries: Mapping = yaml_serde::from_str(&text).map_err(|error| unreadable(&error))?;
        let words = entries.into_iter().map(|(name, entry)| {
            let name = name.as_str().unwrap_or_default().to_owned();
            let refuse = |message: &str| Err(Refusal::of(file, &name, message));
            if RESERVED.iter().any(|reserved| camel(&name).starts_with(reserved)) {
                return refuse("statements of this name are Lambda's own");
            }
            match yaml_serde::from_value::<Entry>(entry) {
                Ok(entry) if entry.resource.is_some() == entry.not_resource.is_some() => {
                    refuse("either Resource or NotResource is needed")
                }
                Ok(entry) => Ok(Word { name, entry }),
                Err(error) => refuse(&error.to_string()),
            }
        });
        let words = words.collect::<Result<_, _>>()?;
        Ok(Dictionary { file: file.to_owned(), words })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.name.as_str())
    }

    pub(crate) fn refusal(&self, name: &str, message: &str) -> Refusal {
        Refusal::of(&self.file, name, message)
    }

    /// What a function's words stand for, in their order.
    pub(crate) fn words(&self, context: &Context, row: &Row) -> Result<Vec<&Word>, Refusal> {
        let refuse = |message: String| Refusal::of(&context.file, &row.name, &message);
        let mut found: Vec<&Word> = Vec::new();
        for name in &row.spec.may {
            let word = self.words.iter().find(|word| word.name == *name);
            let word = word.ok_or_else(|| refuse(format!("may {name}: {} has no such entry", self.file)))?;
            if found.iter().any(|known| known.name == word.name) {
                return Err(refuse(format!("may {name}: it is said twice")));
            }
            found.push(word);
        }
        Ok(found)
    }
}

impl Word {
    /// The statement in a role.
    pub(crate) fn statement(&self) -> String {
        let entry = &self.entry;
        let mut fields = vec![
            format!("Sid: {}", camel(&self.name)),
            "Effect: Allow".to_owned(),
            format!("Action: [{}]", entry.action.join(", ")),
        ];
        let more =
            [("Resource", &entry.resource), ("NotResource", &entry.not_resource), ("Condition", &entry.condition)];
        for (name, value) in more {
            match value {
                Some(Value::Sequence(items)) if name == "Resource" => {
                    fields.push(format!("{name}:"));
                    fields.extend(items.iter().map(|item| format!("  - {}", flow(item))));
                }
                Some(value) => fields.push(format!("{name}: {}", flow(value))),
                None => {}
            }
        }
        let about = entry.about.as_deref().map_or_else(String::new, |about| comment(14, about));
        match &entry.when {
            None => format!("{about}{:14}- {}\n", "", fields.join("\n                ")),
            Some(condition) => format!(
                "{about}{:14}- !If\n{:16}- {condition}\n{:16}- {}\n{:16}- !Ref AWS::NoValue\n",
                "",
                "",
                "",
                fields.join("\n                  "),
                "",
            ),
        }
    }

    pub(crate) const fn environment(&self) -> &Mapping {
        &self.entry.environment
    }
}
