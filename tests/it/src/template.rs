//! `template.yaml` as the tests need it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value};
use yaml_serde::Value as Yaml;

/// A file of the repository, by its path from the root.
pub fn file(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An action on one table or index, named as in tests: `orders`, or `orders/by_status`.
pub type Permission = (String, String);

/// What invokes a function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// A route, e.g. `GET /api/orders`.
    Route(String),
    /// The stream of a table.
    Stream,
    /// A queue.
    Queue,
    /// A schedule.
    Schedule,
}

/// The template, with short tags in their long form.
pub struct Template(Value);

/// The package behind a `CodeUri`.
pub fn package_of(function: &Value) -> &str {
    let uri = function["CodeUri"].as_str().expect("a function has a CodeUri");
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

impl Template {
    /// Reads it.
    pub fn read() -> Self {
        Template(convert(yaml_serde::from_str(&file("template.yaml")).expect("template.yaml is YAML")))
    }

    /// The properties of a resource.
    #[track_caller]
    pub fn properties(&self, logical_id: &str) -> &Value {
        let resource = &self.0["Resources"][logical_id];
        assert!(resource.is_object(), "the template has no {logical_id}");
        &resource["Properties"]
    }

    /// The properties of all functions by package.
    pub fn functions(&self) -> BTreeMap<&str, &Value> {
        let resources = self.0["Resources"].as_object().expect("resources");
        let functions = resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function");
        functions.map(|function| &function["Properties"]).map(|function| (package_of(function), function)).collect()
    }

    /// What invokes a function.
    pub fn triggers(function: &Value) -> BTreeSet<Trigger> {
        let events = function["Events"].as_object().expect("every function has a trigger");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let read = |event: &Value| match event["Type"].as_str() {
            Some("HttpApi") => {
                let properties = &event["Properties"];
                Trigger::Route(format!("{} {}", text(&properties["Method"]), text(&properties["Path"])))
            }
            Some("DynamoDB") => Trigger::Stream,
            Some("SQS") => Trigger::Queue,
            Some("Schedule") => Trigger::Schedule,
            other => panic!("a trigger of an unknown type {other:?}"),
        };
        events.values().map(read).collect()
    }

    /// What a function's role lets its handler do in the tables.
    pub fn permissions(&self, function: &Value) -> BTreeSet<Permission> {
        let role = function["Role"]["Fn::GetAtt"][0].as_str().expect("every function has a role of its own");
        let mut allowed = BTreeSet::new();
        for policy in listed(&self.properties(role)["Policies"]) {
            for statement in listed(&policy["PolicyDocument"]["Statement"]) {
                // One that is only there under a condition counts as if it were.
                let statement = statement["Fn::If"].get(1).unwrap_or(statement);
                // What Lambda itself does on the function's behalf is not the handler's.
                if statement["Sid"].as_str().is_some_and(|sid| sid.starts_with("Trigger")) {
                    continue;
                }
                assert_eq!(statement["Effect"], "Allow", "{role} says more than what it allows");
                for action in listed(&statement["Action"]) {
                    let action = action.as_str().expect("an action is a text");
                    let Some(action) = action.strip_prefix("dynamodb:") else { continue };
                    for resource in listed(&statement["Resource"]) {
                        allowed.insert((action.to_owned(), place(resource)));
                    }
                }
            }
        }
        allowed
    }
}

/// The table or index behind a resource of a policy.
fn place(resource: &Value) -> String {
    let table = |logical_id: &str| match logical_id {
        "OrdersTable" => "orders",
        "CatalogTable" => "catalog",
        other => panic!("{other} is not a table of the tests"),
    };
    if let Some(path) = resource["Fn::GetAtt"].as_array() {
        return table(path[0].as_str().unwrap_or_default()).to_owned();
    }
    let text = resource["Fn::Sub"].as_str().unwrap_or_else(|| panic!("{resource} names no table"));
    let (logical_id, index) = text.trim_start_matches("${").split_once(".Arn}/index/").expect("an index of a table");
    format!("{}/{index}", table(logical_id))
}

fn listed(value: &Value) -> Vec<&Value> {
    match value.as_array() {
        Some(values) => values.iter().collect(),
        None if value.is_null() => Vec::new(),
        None => vec![value],
    }
}

fn convert(value: Yaml) -> Value {
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => flag.into(),
        Yaml::String(text) => text.into(),
        Yaml::Number(number) => number.as_i64().map_or_else(|| number.to_string().into(), Value::from),
        Yaml::Sequence(items) => items.into_iter().map(convert).collect(),
        Yaml::Mapping(fields) => {
            let key = |key: Yaml| {
                let key = convert(key);
                key.as_str().map_or_else(|| key.to_string(), ToOwned::to_owned)
            };
            Value::Object(fields.into_iter().map(|(name, value)| (key(name), convert(value))).collect())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!').to_owned();
            let value = match (tag.as_str(), convert(tagged.value)) {
                ("GetAtt", Value::String(path)) => path.split('.').map(Value::from).collect(),
                (_, value) => value,
            };
            let name = if tag == "Ref" || tag == "Condition" { tag } else { format!("Fn::{tag}") };
            Value::Object(Map::from_iter([(name, value)]))
        }
    }
}
