//! Queries: read parameter by parameter, every fault at once.

use std::fmt::Display;

use jiff::Timestamp;

use oms_app::Field;

use super::problem::Problem;
use super::request::Request;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// The query of a request, from which parameters are taken one after another.
#[derive(Debug)]
pub struct Query<'a> {
    pairs: &'a [(String, String)],
    known: Vec<&'static str>,
    faults: Vec<Field>,
}

impl Request {
    pub fn query(&self) -> Query<'_> {
        Query { pairs: &self.query, known: Vec::new(), faults: Vec::new() }
    }
}

impl<'a> Query<'a> {
    /// Every value of a parameter.
    pub fn each(&mut self, name: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.known.push(name);
        self.pairs.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a parameter; each one must be readable.
    pub fn last<T, E: Display>(&mut self, name: &'static str, read: impl Fn(&'a str) -> Result<T, E>) -> Option<T> {
        let mut last = None;
        for value in self.each(name) {
            match read(value) {
                Ok(value) => last = Some(value),
                Err(fault) => self.fault(name, fault),
            }
        }
        last
    }

    /// How many entries a page is to have.
    pub fn limit(&mut self) -> usize {
        let read = |value: &str| match value.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
            _ => Err(format!("must be 1 to {MAX_LIMIT}")),
        };
        self.last("limit", read).unwrap_or(DEFAULT_LIMIT)
    }

    /// Behind which cursor the page begins.
    pub fn cursor(&mut self) -> Option<&'a str> {
        self.each("cursor").last()
    }

    /// Says what is wrong with a parameter.
    pub fn fault(&mut self, name: &str, message: impl ToString) {
        self.faults.push(Field::new(format!("/{name}"), message));
    }

    /// Refuses faults, and parameters that nobody has taken.
    pub fn only(mut self) -> Result<(), Problem> {
        for (name, _) in self.pairs {
            if !self.known.contains(&name.as_str()) {
                self.fault(name, "is not a parameter of this request");
            }
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::invalid(self.faults)) }
    }
}

/// A time, twice; or a date, which means the whole day in UTC: its first moment and that of the next. What lies beyond the
/// last day that can be told means the end of time.
pub fn time_of(text: &str) -> Option<(Timestamp, Timestamp)> {
    // A plus sign in a query is a space unless it was encoded; a time zone's plus often is not.
    let text = text.replace(' ', "+");
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some((moment, moment));
    }
    let date: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == "2026-01-31".len())?;
    let start = |date: jiff::civil::Date| {
        date.to_zoned(jiff::tz::TimeZone::UTC).map_or(Timestamp::MAX, |start| start.timestamp())
    };
    Some((start(date), date.tomorrow().map_or(Timestamp::MAX, start)))
}
