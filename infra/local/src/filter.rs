//! Event patterns: what EventBridge-style stream filters and SNS filter policies have in common.
//!
//! A pattern is JSON of the event's shape whose leaves are lists of rules; every leaf must be met, by any of its
//! rules. Understood are exact values, `prefix`, `suffix`, `equals-ignore-case`, `anything-but` (values or a prefix),
//! `exists` and `numeric`. Anything else is refused when the pattern is read, never ignored.

#![allow(clippy::wildcard_enum_match_arm, reason = "the kinds of JSON are not ours and do not grow")]

use std::collections::BTreeMap;

use serde_json::Value;

/// A pattern that was read and understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Fields(BTreeMap<String, Node>),
    Leaf(Vec<Rule>),
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Equals(Value),
    Prefix(String),
    Suffix(String),
    IgnoreCase(String),
    AnythingBut(Vec<Value>),
    AnythingButPrefix(String),
    Exists(bool),
    Numeric(Vec<(Comparison, f64)>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// Reads a pattern; the error says which part is not understood.
    pub fn parse(pattern: &Value) -> Result<Self, String> {
        match pattern {
            Value::Object(_) => Node::parse(pattern, "").map(Self),
            _ => Err("a filter must be a JSON object".to_owned()),
        }
    }

    /// Whether `event` has everything that the pattern asks for.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

impl Node {
    fn parse(pattern: &Value, at: &str) -> Result<Self, String> {
        match pattern {
            Value::Object(fields) if fields.is_empty() => Err(format!("filter {at}: an empty object matches nothing")),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, inner)| {
                    if name.starts_with('$') {
                        return Err(format!("filter {at}: {name} is not supported"));
                    }
                    Ok((name.clone(), Self::parse(inner, &format!("{at}/{name}"))?))
                })
                .collect::<Result<_, _>>()
                .map(Self::Fields),
            Value::Array(rules) if rules.is_empty() => Err(format!("filter {at}: an empty list matches nothing")),
            Value::Array(rules) => {
                rules.iter().map(|rule| Rule::parse(rule, at)).collect::<Result<_, _>>().map(Self::Leaf)
            }
            _ => Err(format!("filter {at}: must be a list of rules, or an object of them")),
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (_, Some(Value::Array(elements))) if !elements.is_empty() => {
                elements.iter().any(|element| self.matches(Some(element)))
            }
            (Self::Fields(fields), value) => {
                fields.iter().all(|(name, node)| node.matches(value.and_then(|value| value.get(name))))
            }
            (Self::Leaf(rules), value) => rules.iter().any(|rule| rule.matches(value)),
        }
    }
}

impl Rule {
    fn parse(rule: &Value, at: &str) -> Result<Self, String> {
        let Value::Object(fields) = rule else {
            return match rule {
                Value::Array(_) => Err(format!("filter {at}: a list inside a list is not supported")),
                exact => Ok(Self::Equals(exact.clone())),
            };
        };
        let mut fields = fields.iter();
        let (Some((name, operand)), None) = (fields.next(), fields.next()) else {
            return Err(format!("filter {at}: a rule has exactly one operator"));
        };
        match (name.as_str(), operand) {
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Value::String(text)) => Ok(Self::Suffix(text.clone())),
            ("equals-ignore-case", Value::String(text)) => Ok(Self::IgnoreCase(text.to_lowercase())),
            ("exists", Value::Bool(exists)) => Ok(Self::Exists(*exists)),
            ("numeric", Value::Array(parts)) => parse_numeric(parts)
                .map(Self::Numeric)
                .ok_or_else(|| format!("filter {at}: numeric must be pairs of comparison and number")),
            ("anything-but", Value::Array(values)) => Ok(Self::AnythingBut(values.clone())),
            ("anything-but", Value::Object(inner)) => match (inner.len(), inner.get("prefix")) {
                (1, Some(Value::String(text))) => Ok(Self::AnythingButPrefix(text.clone())),
                _ => Err(format!("filter {at}: anything-but takes values or a prefix")),
            },
            ("anything-but", single) => Ok(Self::AnythingBut(vec![single.clone()])),
            (operator, _) => Err(format!("filter {at}: operator {operator} is not supported in this form")),
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return *self == Self::Exists(false);
        };
        let text = value.as_str();
        match self {
            Self::Equals(expected) => same(expected, value),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
            Self::IgnoreCase(expected) => text.is_some_and(|text| text.to_lowercase() == *expected),
            Self::AnythingBut(refused) => !refused.iter().any(|refused| same(refused, value)),
            Self::AnythingButPrefix(prefix) => text.is_some_and(|text| !text.starts_with(prefix.as_str())),
            Self::Exists(exists) => *exists,
            Self::Numeric(limits) => value
                .as_f64()
                .is_some_and(|number| limits.iter().all(|(comparison, limit)| comparison.holds(number, *limit))),
        }
    }
}

/// Numbers are compared by value, so that `1` and `1.0` are the same.
fn same(expected: &Value, value: &Value) -> bool {
    match (expected.as_f64(), value.as_f64()) {
        (Some(expected), Some(value)) => Comparison::Equal.holds(value, expected),
        _ => expected == value,
    }
}

fn parse_numeric(parts: &[Value]) -> Option<Vec<(Comparison, f64)>> {
    if parts.is_empty() || !parts.len().is_multiple_of(2) {
        return None;
    }
    parts
        .chunks_exact(2)
        .map(|pair| Some((Comparison::parse(pair.first()?.as_str()?)?, pair.last()?.as_f64()?)))
        .collect()
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Equal => value.total_cmp(&limit).is_eq(),
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(pattern: &Value, event: &Value) -> bool {
        Pattern::parse(pattern).unwrap().matches(event)
    }

    #[test]
    fn a_stream_filter_selects_inserted_events_only() {
        let pattern = json!({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"sk": {"S": [{"prefix": "EVENT#"}]}}}});
        let record = |name: &str, sk: &str| json!({"eventName": name, "dynamodb": {"NewImage": {"sk": {"S": sk}}}});
        assert!(matches(&pattern, &record("INSERT", "EVENT#1")));
        assert!(!matches(&pattern, &record("MODIFY", "EVENT#1")));
        assert!(!matches(&pattern, &record("INSERT", "ORDER")));
        assert!(!matches(&pattern, &json!({"eventName": "INSERT", "dynamodb": {}})));
    }

    #[test]
    fn each_operator_accepts_and_refuses() {
        let cases = [
            (json!(["a", "b"]), json!("b"), json!("c")),
            (json!([{"prefix": "order."}]), json!("order.paid"), json!("reorder.paid")),
            (json!([{"suffix": ".png"}]), json!("a.png"), json!("a.jpg")),
            (json!([{"equals-ignore-case": "Yes"}]), json!("yES"), json!("no")),
            (json!([{"anything-but": ["a", "b"]}]), json!("c"), json!("a")),
            (json!([{"anything-but": {"prefix": "x"}}]), json!("ax"), json!("xa")),
            (json!([{"numeric": [">", 0, "<=", 5]}]), json!(5), json!(5.5)),
            (json!([{"exists": true}]), json!("x"), Value::Array(vec![])),
            (json!([1]), json!(1.0), json!("1")),
            (json!([null]), json!(null), json!("null")),
            (json!(["a"]), json!(["z", "a"]), json!(["z"])),
        ];
        for (rules, good, bad) in cases {
            let pattern = json!({"key": rules});
            assert!(matches(&pattern, &json!({"key": good})), "{pattern} should accept");
            if bad != json!([]) {
                assert!(!matches(&pattern, &json!({"key": bad})), "{pattern} should refuse");
            }
            let absent = matches(&pattern, &json!({}));
            assert!(!absent, "{pattern} should need the key");
        }
        assert!(matches(&json!({"key": [{"exists": false}]}), &json!({})));
        assert!(!matches(&json!({"key": [{"exists": false}]}), &json!({"key": 1})));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            json!({"a": "bare"}),
            json!({"a": []}),
            json!({"a": [{"cidr": "10.0.0.0/8"}]}),
            json!({"$or": [{"a": [1]}]}),
            json!({"a": [{"numeric": [">"]}]}),
            json!([1]),
        ] {
            assert!(Pattern::parse(&pattern).is_err(), "{pattern}");
        }
    }
}
