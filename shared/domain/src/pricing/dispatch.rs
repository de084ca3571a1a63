//! When what is ordered leaves the shop, and when it should arrive (A8, G6).

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::shipping::WorkingDays;

/// Most stretches of days on which a shop is closed.
pub const MAX_CLOSED: usize = 50;

/// So far ahead, in days, a day is looked for on which something leaves.
const MAX_DAYS_AHEAD: usize = 400;

/// Days that a shop is closed are kept with an order as far as this many days on: by then it is paid, or no order any more.
const KEPT_DAYS: i32 = 60;

/// Most of them that are kept with an order.
const MAX_KEPT: usize = 5;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Day {
    #[serde(rename = "mon")]
    Monday,
    #[serde(rename = "tue")]
    Tuesday,
    #[serde(rename = "wed")]
    Wednesday,
    #[serde(rename = "thu")]
    Thursday,
    #[serde(rename = "fri")]
    Friday,
    #[serde(rename = "sat")]
    Saturday,
    #[serde(rename = "sun")]
    Sunday,
}

impl Day {
    /// All of them, from Monday on.
    pub const ALL: [Day; 7] =
        [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];

    /// The name that clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Day::Monday => "monday",
            Day::Tuesday => "tuesday",
            Day::Wednesday => "wednesday",
            Day::Thursday => "thursday",
            Day::Friday => "friday",
            Day::Saturday => "saturday",
            Day::Sunday => "sunday",
        }
    }

    const fn weekday(self) -> Weekday {
        match self {
            Day::Monday => Weekday::Monday,
            Day::Tuesday => Weekday::Tuesday,
            Day::Wednesday => Weekday::Wednesday,
            Day::Thursday => Weekday::Thursday,
            Day::Friday => Weekday::Friday,
            Day::Saturday => Weekday::Saturday,
            Day::Sunday => Weekday::Sunday,
        }
    }
}

/// Days on which nothing leaves, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub from: Date,
    /// Not before `from`.
    pub to: Date,
}

/// When the shop sends what is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// IANA name of the time zone in which its days and its hour count.
    #[serde(rename = "zone")]
    pub time_zone: String,
    /// What is ready before this time leaves on the same day; without it, what is ready on that day does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// On these days of the week something leaves; at least one. Monday to Friday need not be said.
    #[serde(default = "working_week", skip_serializing_if = "is_working_week")]
    pub days: Vec<Day>,
    /// Except on these days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<Closed>,
}

fn working_week() -> Vec<Day> {
    Day::ALL.into_iter().take_while(|day| *day < Day::Saturday).collect()
}

fn is_working_week(days: &[Day]) -> bool {
    days == working_week()
}

impl Dispatch {
    fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// On which day something leaves that is ready at this moment.
    pub fn day_of(&self, ready: Timestamp) -> Date {
        let ready = ready.to_zoned(self.zone()).datetime();
        let is_late = self.until.is_some_and(|until| ready.time() >= until);
        let ahead = ready.date().series(Span::new().days(1)).skip(usize::from(is_late)).take(MAX_DAYS_AHEAD);
        let mut days = ahead.filter(|day| self.sends_on(*day));
        days.next().unwrap_or_else(|| ready.date())
    }

    fn sends_on(&self, day: Date) -> bool {
        let is_closed = self.closed.iter().any(|closed| (closed.from..=closed.to).contains(&day));
        !is_closed && self.days.iter().any(|open| open.weekday() == day.weekday())
    }

    /// As much of it as counts for an order of this moment.
    #[must_use]
    fn kept_from(&self, at: Timestamp) -> Dispatch {
        let first = at.to_zoned(self.zone()).date();
        let last = first.saturating_add(Span::new().days(KEPT_DAYS));
        let ahead = self.closed.iter().filter(|closed| closed.to >= first && closed.from <= last);
        Dispatch { closed: ahead.copied().take(MAX_KEPT).collect(), ..self.clone() }
    }
}

/// How long an order takes, as the shop says when it is placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// From the day on which it leaves, at least so many working days.
    pub from: u8,
    /// At most so many; not less than `from`.
    pub to: u8,
    /// When it leaves; nothing where the shop does not say so: then on the day on which it is ready, by UTC.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "sent")]
    pub dispatch: Option<Box<Dispatch>>,
}

impl Delivery {
    /// What is said of an order of this moment.
    pub fn new(days: WorkingDays, dispatch: Option<&Dispatch>, at: Timestamp) -> Self {
        let WorkingDays { from, to } = days;
        Delivery { from, to, dispatch: dispatch.map(|dispatch| Box::new(dispatch.kept_from(at))) }
    }

    const fn days(&self) -> WorkingDays {
        WorkingDays { from: self.from, to: self.to }
    }

    /// First and last day on which something should arrive that may leave from this moment on.
    pub fn of_ready(&self, ready: Timestamp) -> (Date, Date) {
        self.days().after(day_of(self.dispatch.as_deref(), ready))
    }

    /// First and last day on which something should arrive that has left at this moment.
    pub fn of_sent(&self, sent: Timestamp) -> (Date, Date) {
        let zone = self.dispatch.as_deref().map_or(TimeZone::UTC, Dispatch::zone);
        self.days().after(sent.to_zoned(zone).date())
    }
}

/// On which day something leaves that is ready at this moment; where the shop does not say when it sends, on that day by UTC.
pub fn day_of(dispatch: Option<&Dispatch>, ready: Timestamp) -> Date {
    dispatch.map_or_else(|| ready.to_zoned(TimeZone::UTC).date(), |dispatch| dispatch.day_of(ready))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn berlin() -> Dispatch {
        let closed = [Closed { from: date(2026, 12, 24), to: date(2027, 1, 3) }];
        Dispatch {
            time_zone: "Europe/Berlin".into(),
            until: Some(time(14, 0, 0, 0)),
            days: working_week(),
            closed: closed.into(),
        }
    }

    fn leaves(ready: &str) -> Date {
        berlin().day_of(ready.parse().unwrap())
    }

    #[test]
    fn a8_the_hour_counts_where_the_shop_is_in_summer_and_in_winter() {
        assert_eq!(leaves("2026-07-06T11:59:59Z"), date(2026, 7, 6), "a Monday, 13:59:59 in summer");
        assert_eq!(leaves("2026-07-06T12:00:00Z"), date(2026, 7, 7), "14:00");
        assert_eq!(leaves("2026-11-23T12:59:59Z"), date(2026, 11, 23), "13:59:59 in winter");
        assert_eq!(leaves("2026-11-23T13:00:00Z"), date(2026, 11, 24));
        assert_eq!(leaves("2026-11-23T23:30:00Z"), date(2026, 11, 24), "already Tuesday there, and early");
    }

    #[test]
    fn a8_nothing_leaves_on_a_day_that_is_closed() {
        assert_eq!(leaves("2026-11-27T14:00:00Z"), date(2026, 11, 30), "late on a Friday");
        assert_eq!(leaves("2026-11-28T09:00:00Z"), date(2026, 11, 30), "a Saturday");
        assert_eq!(leaves("2026-12-23T12:00:00Z"), date(2026, 12, 23));
        assert_eq!(leaves("2026-12-23T15:00:00Z"), date(2027, 1, 4), "late on the last day before the holidays");
        let always = Dispatch { days: Vec::new(), ..berlin() };
        assert_eq!(
            always.day_of("2026-11-23T10:00:00Z".parse().unwrap()),
            date(2026, 11, 23),
            "never would be no answer"
        );
    }

    #[test]
    fn a8_what_is_kept_with_an_order_says_the_same() {
        let at = "2026-12-23T15:00:00Z".parse().unwrap();
        let days = WorkingDays { from: 1, to: 2 };
        let delivery = Delivery::new(days, Some(&berlin()), at);
        assert_eq!(delivery.of_ready(at), (date(2027, 1, 5), date(2027, 1, 6)));
        assert_eq!(delivery.of_sent(at), (date(2026, 12, 24), date(2026, 12, 25)), "a carrier works on");
        let early = Delivery::new(days, Some(&berlin()), "2026-07-06T10:00:00Z".parse().unwrap());
        assert_eq!(early.dispatch.as_ref().map(|sent| sent.closed.len()), Some(0), "Christmas is far");
        let stored = serde_json::to_string(&early).unwrap();
        assert_eq!(stored, r#"{"from":1,"to":2,"sent":{"zone":"Europe/Berlin","until":"14:00:00"}}"#);
        assert_eq!(serde_json::from_str::<Delivery>(&stored).unwrap(), early);
        let dispatch = Dispatch { days: vec![Day::Monday, Day::Saturday], ..berlin() };
        let stored = serde_json::to_string(&dispatch).unwrap();
        assert!(
            stored.contains(r#""days":["mon","sat"],"closed":[{"from":"2026-12-24","to":"2027-01-03"}]"#),
            "{stored}"
        );
        assert_eq!(serde_json::from_str::<Dispatch>(&stored).unwrap(), dispatch);
    }

    #[test]
    fn a8_a_shop_that_does_not_say_when_it_sends_counts_by_utc() {
        let delivery = Delivery::new(WorkingDays { from: 1, to: 1 }, None, Timestamp::UNIX_EPOCH);
        let late = "2026-11-27T23:30:00Z".parse().unwrap();
        assert_eq!(delivery.of_ready(late), (date(2026, 11, 30), date(2026, 11, 30)));
        assert_eq!(delivery.of_ready(late), delivery.of_sent(late));
        assert_eq!(serde_json::to_string(&delivery).unwrap(), r#"{"from":1,"to":1}"#);
        assert_eq!(serde_json::from_str::<Delivery>(r#"{"from":1,"to":1}"#).unwrap(), delivery);
    }

    proptest! {
        #[test]
        fn a8_later_is_never_sooner(seconds in 0_i64..40_000_000, more in 0_i64..400_000, hour in 0_i8..24) {
            let dispatch = Dispatch { until: Some(time(hour, 0, 0, 0)), ..berlin() };
            let at = |seconds| "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds);
            let (first, later) = (dispatch.day_of(at(seconds)), dispatch.day_of(at(seconds + more)));
            prop_assert!(first <= later);
            prop_assert!(dispatch.sends_on(first));
            prop_assert!(first >= at(seconds).to_zoned(dispatch.zone()).date());
        }

        #[test]
        fn a8_an_order_keeps_what_counts_for_it(seconds in 0_i64..40_000_000, wait in 0_i64..14 * 86_400) {
            let at = "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds);
            let paid = at + jiff::SignedDuration::from_secs(wait);
            prop_assert_eq!(berlin().kept_from(at).day_of(paid), berlin().day_of(paid));
        }
    }
}
