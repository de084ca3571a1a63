//! YAML to JSON, with `CloudFormation`'s short tags (`!Ref x`) in their long form (`{"Ref": "x"}`).

use serde_json::{Map, Value};
use yaml_serde::Value as Yaml;

/// Reads a document whose top level is a mapping.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, String> {
    let document: Yaml = yaml_serde::from_str(text).map_err(|error| format!("not valid YAML: {error}"))?;
    match convert(document)? {
        Value::Object(fields) => Ok(fields),
        _ => Err("not a template: the top level must be a mapping".to_owned()),
    }
}

fn convert(value: Yaml) -> Result<Value, String> {
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::String(text) => Value::String(text),
        Yaml::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => number.into(),
            (None, Some(number), _) => number.into(),
            (None, None, Some(number)) => number.into(),
            (None, None, None) => return Err(format!("the number {number} cannot be read")),
        },
        Yaml::Sequence(items) => items.into_iter().map(convert).collect::<Result<Vec<_>, _>>()?.into(),
        Yaml::Mapping(fields) => {
            let mut converted = Map::new();
            for (key, value) in fields {
                let key = match convert(key)? {
                    Value::String(key) => key,
                    other @ (Value::Number(_) | Value::Bool(_)) => other.to_string(),
                    other => return Err(format!("a key must be text, found {other}")),
                };
                converted.insert(key, convert(value)?);
            }
            Value::Object(converted)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            long_form(tag.trim_start_matches('!'), convert(tagged.value)?)?
        }
    })
}

fn long_form(tag: &str, value: Value) -> Result<Value, String> {
    let (name, value) = match (tag, value) {
        ("Ref" | "Condition", value) => (tag.to_owned(), value),
        ("GetAtt", Value::String(path)) => match path.split_once('.') {
            Some((resource, attribute)) => ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute])),
            None => return Err(format!("!GetAtt {path} names no attribute")),
        },
        (
            "And" | "Base64" | "Equals" | "FindInMap" | "GetAZs" | "GetAtt" | "If" | "ImportValue" | "Join" | "Not"
            | "Or" | "Select" | "Split" | "Sub" | "Transform",
            value,
        ) => (format!("Fn::{tag}"), value),
        (other, _) => return Err(format!("the tag !{other} is not known")),
    };
    Ok(Value::Object(Map::from_iter([(name, value)])))
}
