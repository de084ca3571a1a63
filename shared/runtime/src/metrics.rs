//! Where lines go on a terminal, and what a deployed function is called.

use oms_app::ports::{Line, Metrics};
use serde::Deserialize;

/// Lines among the others of a terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadableMetrics;

impl Metrics for ReadableMetrics {
    fn emit(&self, line: &Line) {
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
