//! When the shop sends, as it is given.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use oms_domain::pricing::dispatch::{Closed, Day, Dispatch, MAX_CLOSED};

use super::Faults;
use crate::ordering::details::known_time_zone;

/// When the shop sends what is ready.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenDispatch {
    /// IANA name.
    pub time_zone: String,
    /// Hour and minute, such as `14:00`.
    pub until: Option<String>,
    /// Names of days of the week.
    pub days: Vec<String>,
    pub closed: Vec<GivenClosed>,
}

/// Days on which nothing leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenClosed {
    pub from: String,
    pub to: String,
}

pub(super) fn read(given: &GivenDispatch, faults: &mut Faults) -> Option<Dispatch> {
    let time_zone = known_time_zone(&given.time_zone);
    if time_zone.is_none() {
        faults.add("/dispatch/time_zone", "is not an IANA time zone such as Europe/Berlin");
    }
    let until = given.until.as_deref().map(|text| {
        let time = minute(text);
        if time.is_none() {
            faults.add("/dispatch/until", "must be an hour and a minute such as 14:00");
        }
        time
    });
    if given.days.is_empty() {
        faults.add("/dispatch/days", "must have at least one day of the week");
    }
    if !faults.bounded("/dispatch/days", &given.days, Day::ALL.len())
        || !faults.bounded("/dispatch/closed", &given.closed, MAX_CLOSED)
    {
        return None;
    }
    let mut days = BTreeSet::new();
    for (place, name) in given.days.iter().enumerate() {
        match Day::ALL.into_iter().find(|day| day.name() == name) {
            Some(day) if days.insert(day) => {}
            Some(_) => faults.add(format!("/dispatch/days/{place}"), "is listed twice"),
            None => faults.add(format!("/dispatch/days/{place}"), "must be a day of the week such as monday"),
        }
    }
    let closed = given.closed.iter().enumerate().filter_map(|(place, given)| {
        let mut day = |field: &str, text: &str| {
            let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
            if day.is_none() {
                faults.add(format!("/dispatch/closed/{place}/{field}"), "must be a day such as 2026-12-24");
            }
            day
        };
        let (from, to) = (day("from", &given.from)?, day("to", &given.to)?);
        if to < from {
            faults.add(format!("/dispatch/closed/{place}/to"), "must not be before `from`");
        }
        Some(Closed { from, to })
    });
    let mut closed: Vec<Closed> = closed.collect();
    // Those that are next stand first, as far as an order keeps them.
    closed.sort_by_key(|closed| (closed.from, closed.to));
    Some(Dispatch { time_zone: time_zone?, until: until.flatten(), days: days.into_iter().collect(), closed })
}

/// `14:00`, and no other way to write it.
fn minute(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':').filter(|_| text.len() == 5)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i8>().ok()).flatten();
    Time::new(digits(hour)?, digits(minute)?, 0, 0).ok()
}
