//! Figures for CloudWatch, which makes metrics of the lines that a function writes.

use std::collections::BTreeMap;
use std::io::Write as _;

use jiff::Timestamp;
use oms_app::ports::{Figure, Line, Metrics};
use serde_json::{Map, Number, Value, json};

/// Lines in CloudWatch's embedded metric format, on standard output: one line is log and metric at once, and nothing is
/// sent, buffered or flushed.
#[derive(Debug, Clone)]
pub struct EmbeddedMetrics {
    namespace: String,
}

impl EmbeddedMetrics {
    /// Metrics are kept under this namespace: the stack's name.
    pub fn new(namespace: &str) -> Self {
        EmbeddedMetrics { namespace: namespace.to_owned() }
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

impl Metrics for EmbeddedMetrics {
    fn emit(&self, line: &Line) {
        #[expect(clippy::disallowed_methods, reason = "the time of a line is the platform's, not a decision")]
        let now = Timestamp::now();
        let document = self.document(line, now);
        // A line that cannot be written cannot be reported either.
        let _ = writeln!(std::io::stdout().lock(), "{document}");
    }
}
