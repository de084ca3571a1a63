//! Where lines of the journal go: to CloudWatch, which makes metrics of their figures, or to whoever reads a terminal.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use oms_app::ports::{Figure, Journal, Line};
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

use crate::boot::{BootError, config};

/// Lines in CloudWatch's embedded metric format, on standard output: one line is log and metric at once, and nothing is
/// sent, buffered or flushed.
#[derive(Debug, Clone)]
pub struct Embedded {
    namespace: String,
}

impl Embedded {
    /// Metrics are kept under this namespace: the stack's name.
    pub fn new(namespace: &str) -> Self {
        Embedded { namespace: namespace.to_owned() }
    }

    /// The line as CloudWatch reads it.
    pub fn document(&self, line: &Line, now: Timestamp) -> Value {
        let mut document = Map::new();
        // Lambda sorts lines by these two.
        document.insert("timestamp".into(), now.to_string().into());
        document.insert("level".into(), "INFO".into());
        document.insert("message".into(), line.message.into());
        document.extend(line.facts.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
        document.extend(line.figures.iter().map(|figure| (figure.name.to_owned(), number(figure))));
        if !line.figures.is_empty() {
            let told = json!({ "Timestamp": now.as_millisecond(), "CloudWatchMetrics": self.directives(line) });
            document.insert("_aws".into(), told);
        }
        document.into()
    }

    /// One directive for each set of dimensions.
    fn directives(&self, line: &Line) -> Value {
        let mut sets: BTreeMap<&[&str], Vec<Value>> = BTreeMap::new();
        for Figure { name, unit, by, .. } in &line.figures {
            sets.entry(by).or_default().push(json!({ "Name": name, "Unit": unit.name() }));
        }
        let directive = |(dimensions, metrics): (&[&str], Vec<Value>)| json!({ "Namespace": self.namespace, "Dimensions": [dimensions], "Metrics": metrics });
        sets.into_iter().map(directive).collect()
    }
}

/// A decimal is always a JSON number; nothing would be wrong about the line if one were not.
fn number(figure: &Figure) -> Value {
    figure.value.normalize().to_string().parse::<Number>().map_or(Value::Null, Value::Number)
}

impl Journal for Embedded {
    fn tell(&self, line: &Line) {
        #[expect(clippy::disallowed_methods, reason = "the time of a line is the platform's, not a decision")]
        let now = Timestamp::now();
        let document = self.document(line, now);
        // A line that cannot be written cannot be reported either.
        let _ = writeln!(std::io::stdout().lock(), "{document}");
    }
}

/// Lines among the others of a terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Readable;

impl Journal for Readable {
    fn tell(&self, line: &Line) {
        // Of work the span around it says these already.
        let said = |name: &str| line.message == "work" && matches!(name, "function" | "correlation_id");
        let facts = line.facts.iter().filter(|(name, _)| !said(name));
        let facts = facts.map(|(name, value)| format!(" {name}={value}"));
        let figures = line.figures.iter().map(|figure| format!(" {}={}", figure.name, figure.value.normalize()));
        let told: String = facts.chain(figures).collect();
        tracing::info!("{}:{told}", line.message);
    }
}

/// What a deployed function knows of itself.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Place {
    #[serde(default)]
    aws_lambda_function_name: String,
    #[serde(default)]
    stack: String,
}

impl Place {
    /// The function's name within its stack, which is that of its package.
    pub(crate) fn function(&self) -> &str {
        let own = self.aws_lambda_function_name.strip_prefix(&self.stack).and_then(|name| name.strip_prefix('-'));
        own.unwrap_or(&self.aws_lambda_function_name)
    }

    pub(crate) fn journal(&self) -> Arc<dyn Journal> {
        Arc::new(Embedded::new(if self.stack.is_empty() { "oms" } else { &self.stack }))
    }
}

/// The journal of a deployed function.
pub fn journal() -> Result<Arc<dyn Journal>, BootError> {
    Ok(config::<Place>()?.journal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_called_as_its_package_whatever_the_stack() {
        for (name, stack, function) in [
            ("oms-prod-create-order", "oms-prod", "create-order"),
            ("create-order", "", "create-order"),
            ("other", "oms", "other"),
            ("omsx-relay", "oms", "omsx-relay"),
        ] {
            let place = Place { aws_lambda_function_name: name.into(), stack: stack.into() };
            assert_eq!(place.function(), function);
        }
    }
}
