//! What the fake is told to do wrong, and what it was seen to be asked.

/// What is asked of PayPal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A token.
    Token,
    /// A certificate.
    Certificate,
    /// A new order.
    CreateOrder,
    /// An order.
    ShowOrder,
    /// A capture of an approved order.
    Capture,
    /// A capture that was made.
    ShowCapture,
    /// A refund of a capture.
    Refund,
    /// A refund that was made.
    ShowRefund,
    /// A dispute.
    ShowDispute,
    /// That a kept means of payment be forgotten.
    Forget,
    /// The page on which customers approve.
    Page,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This status is answered and nothing happens.
    Fails(u16),
    /// 429 is answered with this `Retry-After`, and nothing happens.
    Busy(&'static str),
    /// 500 is answered and nothing happens, now and whenever the same request id comes again.
    FailsForGood,
    /// Nothing happens and the connection breaks.
    LosesRequest,
    /// It happens, and the answer breaks off.
    LosesAnswer,
    /// It happens, and the answer does not come before the asker has lost patience.
    NeverAnswers,
}

/// How an approved order is captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureEnd {
    /// The money is there.
    Completed,
    /// The money waits for PayPal's review.
    Pending,
    /// There is a capture, and it was declined.
    Declined,
    /// The customer's means of payment was declined; there is no capture.
    InstrumentDeclined,
}

/// How a refund ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundEnd {
    /// The money is on its way to the customer.
    Completed,
    /// The money waits, e.g. for a bank.
    Pending,
    /// It does not work.
    Failed,
}

/// In which order notifications are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// As things happened.
    AsFiled,
    /// The last first.
    Backwards,
    /// Any, the same for the same seed.
    Shuffled(u64),
}

/// A request that was seen. Credentials and tokens are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What was asked.
    pub operation: Operation,
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// Without the host.
    pub path: String,
    /// The `PayPal-Request-Id`.
    pub request_id: Option<String>,
    /// The body as text, empty for a token's.
    pub body: String,
}
