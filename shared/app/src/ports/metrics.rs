//! What the system tells its operators: one line per piece of work, with figures that become metrics (P1, P2, P4).

use rust_decimal::Decimal;

/// In what a figure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Something else, such as money.
    None,
}

impl Unit {
    /// The name that CloudWatch knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Milliseconds => "Milliseconds",
            Unit::Seconds => "Seconds",
            Unit::None => "None",
        }
    }
}

/// A figure under the name of its metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Name of the metric.
    pub name: &'static str,
    /// In what it is counted.
    pub unit: Unit,
    pub value: Decimal,
    /// Which of the line's facts it is kept apart by: few values, never an id.
    pub by: &'static [&'static str],
}

/// One line. It holds no personal data (O15).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub message: &'static str,
    /// The circumstances. Ids are welcome: they can be searched for and make no metric of their own.
    pub facts: Vec<(&'static str, String)>,
    /// What becomes a metric; nothing, and the line costs no metric.
    pub figures: Vec<Figure>,
}

impl Line {
    /// A line without facts and figures.
    pub fn new(message: &'static str) -> Self {
        Line { message, ..Line::default() }
    }

    /// Adds a circumstance.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// Adds a figure.
    #[must_use]
    pub fn figure(mut self, name: &'static str, unit: Unit, value: impl Into<Decimal>) -> Self {
        self.figures.push(Figure { name, unit, value: value.into(), by: &[] });
        self
    }

    /// Keeps the figure that was added last apart by these facts.
    #[must_use]
    pub fn by(mut self, facts: &'static [&'static str]) -> Self {
        if let Some(figure) = self.figures.last_mut() {
            figure.by = facts;
        }
        self
    }
}

/// Where lines are written. Telling never fails and never waits for the network: work does not depend on being watched.
pub trait Metrics: Send + Sync {
    /// Writes one line.
    fn emit(&self, line: &Line);
}
