//! What is told of every piece of work: a request, a message, a batch of a stream, a scheduled run (P1, P2).
//!
//! A span around it gives the function and the correlation id to every line that is logged meanwhile. At its end comes
//! one line with outcome and duration. Rate and duration of a function are metrics that AWS keeps anyway; what it does not
//! know is work that failed and was answered or given back, so that is a metric of ours, written when it happens.

use std::future::Future;
use std::sync::Arc;

use oms_app::platform::correlation::on_behalf_of;
use oms_app::ports::{Line, Metrics, Unit};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::metrics::ReadableMetrics;

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// There was nothing to do.
    Idle,
    /// The caller's matter.
    Refused,
    /// Ours: it comes again, or a person must look.
    Failed,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Idle => "idle",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }
}

/// What the watch makes of a result, and what else there is to tell.
pub(crate) type Verdict = (Outcome, Vec<(&'static str, String)>);

/// Who watches a function's work.
#[derive(Clone)]
pub(crate) struct Watch {
    function: Arc<str>,
    metrics: Arc<dyn Metrics>,
}

impl Default for Watch {
    fn default() -> Self {
        Watch::new("unnamed", Arc::new(ReadableMetrics))
    }
}

impl Watch {
    pub(crate) fn new(function: &str, metrics: Arc<dyn Metrics>) -> Self {
        Watch { function: function.into(), metrics }
    }

    /// Does the work and tells how it ended.
    pub(crate) async fn over<T>(
        &self,
        correlation_id: &str,
        work: impl Future<Output = T>,
        judge: impl FnOnce(&T) -> Verdict,
    ) -> T {
        let span = tracing::info_span!("work", function = &*self.function, correlation_id);
        let watched = async {
            let begun = Instant::now();
            let result = on_behalf_of(correlation_id, work).await;
            let (outcome, facts) = judge(&result);
            self.tell(correlation_id, begun, outcome, facts);
            result
        };
        watched.instrument(span).await
    }

    fn tell(&self, correlation_id: &str, begun: Instant, outcome: Outcome, facts: Vec<(&'static str, String)>) {
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut line = Line::new("work");
        line = line.fact("function", &*self.function).fact("correlation_id", correlation_id);
        line = line.fact("outcome", outcome.name());
        line.facts.extend(facts);
        line = line.fact("duration", &milliseconds);
        if outcome == Outcome::Failed {
            line = line.figure("errors", Unit::Count, 1).by(&["function"]);
        }
        self.metrics.emit(&line);
    }
}
