//! Intrinsic functions: parameters, conditions, references and text built from them.
//!
//! Values are resolved when they are read, so what nobody reads (a policy, an alarm) may use anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::names;

/// A template that refers to itself in a circle ends here.
const MAX_DEPTH: usize = 40;

/// A document with its parameters settled.
pub(super) struct Scope<'a> {
    document: &'a Map<String, Value>,
    parameters: BTreeMap<String, Value>,
}

/// `None` is `AWS::NoValue`: the place that holds it is left out.
type Resolved = Result<Option<Value>, String>;

/// A logical id and what stands under it.
pub(super) type Resource<'a> = (&'a str, &'a Map<String, Value>);

impl<'a> Scope<'a> {
    pub(super) fn new(document: &'a Map<String, Value>, overrides: &[(String, String)]) -> Result<Self, String> {
        check_transform(document.get("Transform"))?;
        let declared = section(document, "Parameters")?;
        for (name, _) in overrides {
            if !declared.is_some_and(|declared| declared.contains_key(name)) {
                return Err(format!("there is no parameter {name}"));
            }
        }
        let mut parameters = BTreeMap::new();
        for (name, declaration) in declared.into_iter().flatten() {
            let given = overrides.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.clone());
            parameters.insert(name.clone(), parameter(name, declaration, given)?);
        }
        Ok(Self { document, parameters })
    }

    /// Logical ids and definitions of all resources whose condition holds.
    pub(super) fn resources(&self) -> Result<Vec<Resource<'a>>, String> {
        let resources = section(self.document, "Resources")?.ok_or("there are no Resources")?;
        let mut present = Vec::new();
        for (id, definition) in resources {
            let definition = definition.as_object().ok_or_else(|| format!("{id}: must be a mapping"))?;
            if self.is_present(definition)? {
                present.push((id.as_str(), definition));
            }
        }
        Ok(present)
    }

    /// `Globals.<kind>`, unresolved.
    pub(super) fn globals(&self, kind: &str) -> Option<&'a Map<String, Value>> {
        self.document.get("Globals")?.get(kind)?.as_object()
    }

    fn is_present(&self, definition: &Map<String, Value>) -> Result<bool, String> {
        match definition.get("Condition") {
            Some(Value::String(name)) => self.condition(name, 0),
            Some(_) => Err("Condition must be a name".to_owned()),
            None => Ok(true),
        }
    }

    /// Resolves a value; `None` when it is `AWS::NoValue`.
    pub(super) fn resolve(&self, value: &Value) -> Resolved {
        self.value(value, 0)
    }

    fn value(&self, value: &Value, depth: usize) -> Resolved {
        if depth > MAX_DEPTH {
            return Err("refers to itself".to_owned());
        }
        match value {
            Value::Array(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.value(item, depth + 1)).collect();
                Ok(Some(items?.into_iter().flatten().collect()))
            }
            Value::Object(fields) => {
                if let Some((name, argument)) = intrinsic(fields) {
                    return self.intrinsic(name, argument, depth + 1);
                }
                let mut resolved = Map::new();
                for (key, value) in fields {
                    if let Some(value) = self.value(value, depth + 1)? {
                        resolved.insert(key.clone(), value);
                    }
                }
                Ok(Some(resolved.into()))
            }
            plain => Ok(Some(plain.clone())),
        }
    }

    fn intrinsic(&self, name: &str, argument: &Value, depth: usize) -> Resolved {
        match name {
            "Ref" => self.reference(argument.as_str().ok_or("Ref takes a name")?, depth),
            "Fn::GetAtt" => match self.items(argument, depth)?.as_slice() {
                [Value::String(id), Value::String(attribute)] => {
                    self.attribute(id, attribute, depth).map(|text| Some(text.into()))
                }
                _ => Err("Fn::GetAtt takes a resource and an attribute".to_owned()),
            },
            "Fn::Sub" => self.substitute(argument, depth).map(|text| Some(text.into())),
            "Fn::Join" => match self.items(argument, depth)?.as_slice() {
                [Value::String(separator), Value::Array(parts)] => {
                    let parts: Result<Vec<_>, _> = parts.iter().map(text).collect();
                    Ok(Some(parts?.join(separator).into()))
                }
                _ => Err("Fn::Join takes a separator and a list".to_owned()),
            },
            "Fn::Split" => match self.items(argument, depth)?.as_slice() {
                [Value::String(separator), Value::String(whole)] => Ok(Some(whole.split(separator.as_str()).collect())),
                _ => Err("Fn::Split takes a separator and a text".to_owned()),
            },
            "Fn::Select" => match self.items(argument, depth)?.as_slice() {
                [index, Value::Array(list)] => {
                    let index: usize = text(index)?.parse().map_err(|_| "Fn::Select takes an index".to_owned())?;
                    list.get(index).cloned().map(Some).ok_or_else(|| format!("Fn::Select: there is no item {index}"))
                }
                _ => Err("Fn::Select takes an index and a list".to_owned()),
            },
            "Fn::FindInMap" => {
                let path: Result<Vec<_>, _> = self.items(argument, depth)?.iter().map(text).collect();
                let path = path?;
                let mut found = self.document.get("Mappings");
                for key in &path {
                    found = found.and_then(|map| map.get(key));
                }
                found.cloned().map(Some).ok_or_else(|| format!("Fn::FindInMap: there is no {}", path.join(".")))
            }
            "Fn::If" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(name), yes, no]) => {
                    let chosen = if self.condition(name, depth)? { yes } else { no };
                    self.value(chosen, depth)
                }
                _ => Err("Fn::If takes a condition and two values".to_owned()),
            },
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Condition" => {
                self.truth(name, argument, depth).map(|truth| Some(truth.into()))
            }
            other => Err(format!("{other} is not supported by the local cloud")),
        }
    }

    fn items(&self, argument: &Value, depth: usize) -> Result<Vec<Value>, String> {
        match self.value(argument, depth)? {
            Some(Value::Array(items)) => Ok(items),
            _ => Err("a list is expected".to_owned()),
        }
    }

    fn condition(&self, name: &str, depth: usize) -> Result<bool, String> {
        let rule = self
            .document
            .get("Conditions")
            .and_then(|conditions| conditions.get(name))
            .ok_or_else(|| format!("there is no condition {name}"))?;
        self.holds(rule, depth + 1)
    }

    fn holds(&self, rule: &Value, depth: usize) -> Result<bool, String> {
        match self.value(rule, depth)? {
            Some(Value::Bool(truth)) => Ok(truth),
            _ => Err("a condition is expected".to_owned()),
        }
    }

    fn truth(&self, name: &str, argument: &Value, depth: usize) -> Result<bool, String> {
        if name == "Condition" {
            return self.condition(argument.as_str().ok_or("Condition takes a name")?, depth);
        }
        let operands = argument.as_array().ok_or_else(|| format!("{name} takes a list"))?;
        match (name, operands.as_slice()) {
            ("Fn::Equals", [left, right]) => {
                let side = |value| self.value(value, depth)?.as_ref().map(text).transpose();
                Ok(side(left)? == side(right)?)
            }
            ("Fn::Not", [rule]) => Ok(!self.holds(rule, depth)?),
            ("Fn::And" | "Fn::Or", [_, _, ..]) => {
                let truths: Result<Vec<_>, _> = operands.iter().map(|rule| self.holds(rule, depth)).collect();
                let truths = truths?;
                Ok(if name == "Fn::And" { truths.iter().all(|t| *t) } else { truths.iter().any(|t| *t) })
            }
            _ => Err(format!("{name} has the wrong number of operands")),
        }
    }

    fn substitute(&self, argument: &Value, depth: usize) -> Result<String, String> {
        let (pattern, own) = match argument {
            Value::String(pattern) => (pattern, None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(pattern), Value::Object(own)] => (pattern, Some(own)),
                _ => return Err("Fn::Sub takes a text and a mapping".to_owned()),
            },
            _ => return Err("Fn::Sub takes a text".to_owned()),
        };
        let mut result = String::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("Fn::Sub: ${ is not closed")?;
            result.push_str(before);
            match (name.strip_prefix('!'), own.and_then(|own| own.get(name)), name.split_once('.')) {
                (Some(literal), _, _) => result.extend(["${", literal, "}"]),
                (_, Some(value), _) => {
                    let value = self.value(value, depth)?.ok_or("Fn::Sub: a variable has no value")?;
                    result.push_str(&text(&value)?);
                }
                (_, None, Some((id, attribute))) => result.push_str(&self.attribute(id, attribute, depth)?),
                (_, None, None) => {
                    let value = self.reference(name, depth)?.ok_or("Fn::Sub: a variable has no value")?;
                    result.push_str(&text(&value)?);
                }
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn reference(&self, name: &str, depth: usize) -> Resolved {
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        Ok(Some(Value::String(match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::Region" => names::REGION.to_owned(),
            "AWS::AccountId" => names::ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => names::STACK.to_owned(),
            "AWS::StackId" => {
                format!("arn:aws:cloudformation:{}:{}:stack/{}/0", names::REGION, names::ACCOUNT, names::STACK)
            }
            id => {
                let physical = self.physical_name(id, depth)?;
                match self.resource_type(id)? {
                    "AWS::SQS::Queue" => names::queue_url(&physical),
                    "AWS::SNS::Topic" => names::topic_arn(&physical),
                    _ => physical,
                }
            }
        })))
    }

    fn attribute(&self, id: &str, attribute: &str, depth: usize) -> Result<String, String> {
        let name = self.physical_name(id, depth)?;
        Ok(match (self.resource_type(id)?, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => names::table_arn(&name),
            ("AWS::DynamoDB::Table", "StreamArn") => names::stream_arn(&name),
            ("AWS::SQS::Queue", "Arn") => names::queue_arn(&name),
            ("AWS::SQS::Queue", "QueueUrl") => names::queue_url(&name),
            ("AWS::SQS::Queue", "QueueName") | ("AWS::SNS::Topic", "TopicName") => name,
            ("AWS::SNS::Topic", "TopicArn") => names::topic_arn(&name),
            ("AWS::Serverless::Function", "Arn") => names::function_arn(&name),
            ("AWS::DynamoDB::Table" | "AWS::SQS::Queue" | "AWS::SNS::Topic" | "AWS::Serverless::Function", unknown) => {
                return Err(format!("{id} has no attribute {unknown}"));
            }
            // Of what is not run here, something that has the right look.
            (_, attribute) if attribute.ends_with("Arn") => {
                format!("arn:aws:local:{}:{}:{id}", names::REGION, names::ACCOUNT)
            }
            (_, attribute) => format!("{name}-{attribute}"),
        })
    }

    /// The name that a resource has outside the template.
    pub(super) fn physical_name(&self, id: &str, depth: usize) -> Result<String, String> {
        let definition = self.definition(id)?;
        if !self.is_present(definition)? {
            return Err(format!("refers to {id}, whose condition does not hold"));
        }
        let (property, fifo) = match self.resource_type(id)? {
            "AWS::DynamoDB::Table" => ("TableName", None),
            "AWS::SQS::Queue" => ("QueueName", Some("FifoQueue")),
            "AWS::SNS::Topic" => ("TopicName", Some("FifoTopic")),
            "AWS::Serverless::Function" => ("FunctionName", None),
            _ => return Ok(format!("{}-{id}", names::STACK)),
        };
        let properties = definition.get("Properties");
        let given = |name: &str| properties.and_then(|properties| properties.get(name));
        if let Some(value) = given(property)
            && let Some(name) = self.value(value, depth + 1)?
        {
            return text(&name);
        }
        let fifo = match fifo.and_then(given) {
            Some(flag) => self.value(flag, depth + 1)?.as_ref().is_some_and(is_true),
            None => false,
        };
        Ok(format!("{}-{id}{}", names::STACK, if fifo { ".fifo" } else { "" }))
    }

    fn definition(&self, id: &str) -> Result<&'a Map<String, Value>, String> {
        self.document
            .get("Resources")
            .and_then(|resources| resources.get(id))
            .and_then(Value::as_object)
            .ok_or_else(|| format!("refers to {id}, which does not exist"))
    }

    fn resource_type(&self, id: &str) -> Result<&'a str, String> {
        Ok(self.definition(id)?.get("Type").and_then(Value::as_str).unwrap_or_default())
    }
}

fn check_transform(transform: Option<&Value>) -> Result<(), String> {
    let names: Vec<&Value> = match transform {
        Some(Value::Array(names)) => names.iter().collect(),
        Some(name) => vec![name],
        None => Vec::new(),
    };
    match names.iter().find(|name| name.as_str() != Some("AWS::Serverless-2016-10-31")) {
        Some(other) => Err(format!("Transform {other} is not supported by the local cloud")),
        None => Ok(()),
    }
}

fn section<'a>(document: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, String> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields)),
        Some(_) => Err(format!("{name} must be a mapping")),
    }
}

fn parameter(name: &str, declaration: &Value, given: Option<String>) -> Result<Value, String> {
    let value = match (given, declaration.get("Default")) {
        (Some(given), _) => Value::String(given),
        (None, Some(default)) => default.clone(),
        (None, None) => return Err(format!("parameter {name} has no default and was not given")),
    };
    let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
    if let Some(allowed) = allowed
        && !allowed.iter().any(|allowed| text(allowed) == text(&value))
    {
        return Err(format!("parameter {name} may not be {value}"));
    }
    let kind = declaration.get("Type").and_then(Value::as_str).unwrap_or("String");
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        return Ok(text(&value)?.split(',').map(str::trim).filter(|part| !part.is_empty()).collect());
    }
    Ok(value)
}

fn intrinsic(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = fields.iter().next()?;
    // `Condition` is one only beside nothing else and with a name: policies have a `Condition` of their own.
    let is_one = fields.len() == 1
        && (name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string()));
    is_one.then_some((name.as_str(), argument))
}

pub(super) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// `CloudFormation` treats numbers and flags as text wherever text is wanted.
pub(super) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(format!("text is expected, found {other}")),
    }
}
