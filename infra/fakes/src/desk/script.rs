//! What a carrier's fake is told, and what it was seen to be asked.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

/// What is asked of a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Token,
    Rates,
    Buy,
    Recover,
    Void,
    Track,
    Subscribe,
    Accept,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// This status is answered in the carrier's form with this code, and nothing happens.
    Refuses(u16, &'static str),
    /// This status is answered by somebody in between, in no form that is known. Nothing happens.
    Breaks(u16),
    /// 429 is answered with this `Retry-After`, and nothing happens.
    Busy(&'static str),
    /// Nothing happens and the connection breaks.
    LosesRequest,
    /// It happens, and the answer breaks off.
    LosesAnswer,
    /// It happens, and the answer does not come before the asker has lost patience.
    NeverAnswers,
    /// Nothing happens, and this is answered with 200.
    Says(Value),
    /// Nothing happens, and this is answered with this status.
    Answers(u16, Value),
    /// It happens, and this is answered with 200 in the place of what happened.
    Misreports(Value),
    /// It happens, and the answer is compressed though nobody asked for that.
    Packs,
    /// It happens to all parcels but the last, which is refused. For carriers that judge each parcel.
    RefusesLast,
}

/// A label in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What the shop calls it.
    pub reference: String,
    /// What the carrier calls it.
    pub name: String,
    pub service: String,
    /// One for each parcel.
    pub tracking_numbers: Vec<String>,
    pub void: bool,
}

/// Something that a parcel has been through; `code` is in the carrier's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at: Timestamp,
    pub code: String,
    pub city: String,
    pub country: String,
}

impl Event {
    /// In Leipzig.
    pub fn new(at: Timestamp, code: &str) -> Self {
        Event { at, code: code.to_owned(), city: "Leipzig".to_owned(), country: "DE".to_owned() }
    }
}

/// In which order events are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// As things happened.
    AsFiled,
    /// The last first.
    Backwards,
    /// Each twice.
    Twice,
}

/// A push as it arrives at the shop. Header names are lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A request that was seen. Credentials are not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub operation: Operation,
    pub method: String,
    /// Without the host, with the query.
    pub path: String,
    pub headers: HashMap<String, String>,
    /// The body, null if it is no JSON.
    pub body: Value,
}
