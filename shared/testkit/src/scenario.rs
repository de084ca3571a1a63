//! Given what happened, when somebody asks, then this happens or this is refused.
//!
//! ```
//! use oms_domain::ordering::{Command, Event};
//! use oms_testkit::builders::an_order;
//! use oms_testkit::scenario::Scenario;
//!
//! let pending = an_order(1).order();
//! Scenario::given_order(pending).when(Command::AddNote { note: "call first".into() }).then(&[Event::OrderNoteAdded {
//!     note: "call first".into(),
//! }]);
//! ```

use jiff::Timestamp;
use oms_domain::ordering::{Change, Command, Decision, Event, Order, Refusal, decide};

use crate::builders::{order_id, provenance};
use crate::time::start;

/// What has happened so far, and what the time is.
#[derive(Debug, Clone)]
pub struct Scenario {
    order: Order,
    now: Timestamp,
}

impl Scenario {
    /// These events have happened, all at [`start`].
    pub fn given(events: Vec<Event>) -> Self {
        Self::given_order(Change::new(order_id(1), None, events, &provenance(start())).unwrap().order)
    }

    /// This order stands.
    pub fn given_order(order: Order) -> Self {
        Scenario { order, now: start() }
    }

    /// It is now this time.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// These commands were accepted.
    #[must_use]
    pub fn after(mut self, commands: impl IntoIterator<Item = Command>) -> Self {
        for command in commands {
            self.order = crate::builders::changed(&self.order, command, self.now).order;
        }
        self
    }

    /// The order as it stands.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Somebody asks.
    #[must_use]
    pub fn when(self, command: Command) -> Outcome {
        let decision = decide(&self.order, command, self.now);
        Outcome { scenario: self, decision }
    }
}

/// What it came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    scenario: Scenario,
    decision: Result<Decision, Refusal>,
}

impl Outcome {
    /// Exactly these events happened; goes on from there.
    #[track_caller]
    #[allow(clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "the assertion is the point")]
    pub fn then(self, expected: &[Event]) -> Scenario {
        let Ok(Decision::Happens(events)) = self.decision else { panic!("expected events, got {:?}", self.decision) };
        assert_eq!(events, expected);
        let Scenario { order, now } = self.scenario;
        let order = Change::new(order.id, Some(&order), events, &provenance(now)).unwrap().order;
        Scenario { order, now }
    }

    /// It was refused for this reason.
    #[track_caller]
    pub fn then_refused(self, expected: &Refusal) {
        assert_eq!(self.decision.as_ref(), Err(expected));
    }

    /// It had happened before.
    #[track_caller]
    pub fn then_nothing(self) {
        assert_eq!(self.decision, Ok(Decision::AlreadyApplied));
    }
}
