//! What goes wrong with calls.

/// One kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A page is opened.
    OpenSession,
    /// A page is looked up.
    ReadSession,
    /// Pages are listed.
    ListSessions,
    /// A page is closed.
    CloseSession,
    /// A payment is looked up.
    ReadIntent,
    /// Money is given back.
    Refund,
    /// Refunds are listed.
    ListRefunds,
    /// A means of payment is looked up.
    ReadMethod,
    /// A means of payment is forgotten.
    DetachMethod,
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status; nothing was done, and nothing is stored under the idempotency key.
    Status(u16),
    /// Answered with 429 and this `Retry-After`; nothing was done. Stripe's client is told to retry at once all the same.
    Busy(&'static str),
    /// Answered with a 500 that is stored under the idempotency key; nothing was done.
    StoredFailure,
    /// It was done, and then answered with a 500 that is stored under the idempotency key.
    StoredFailureAfterActing,
    /// Nothing was done, and the connection breaks.
    BrokenConnection,
    /// It was done, and the connection breaks before the answer.
    LostAnswer,
    /// It was done, and half of the answer's text arrives.
    CutAnswer,
    /// It was done, and the answer waits for [`super::StripeFake::release`].
    Slow,
}

/// The faults to come, oldest first, and whether nobody is there at all.
#[derive(Debug, Default)]
pub(super) struct Script {
    faults: Vec<(Option<Operation>, Fault)>,
    away: bool,
}

impl Script {
    pub(super) fn add(&mut self, operation: Option<Operation>, fault: Fault) {
        self.faults.push((operation, fault));
    }

    pub(super) fn stay_away(&mut self, away: bool) {
        self.away = away;
    }

    pub(super) fn next(&mut self, operation: Operation) -> Option<Fault> {
        if self.away {
            return Some(Fault::Status(503));
        }
        let due = self.faults.iter().position(|(of, _)| of.is_none_or(|of| of == operation))?;
        Some(self.faults.remove(due).1)
    }
}
