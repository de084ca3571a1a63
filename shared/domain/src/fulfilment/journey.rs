//! A parcel's way, as its carrier tells it: scans that come late, twice and in any order, and what they come to (G8).
//!
//! The same scans come to the same, in whatever order they were told: their times count.
//!
//! A number may have several lives, since carriers use numbers again after months. What is told of a number is kept together; a shipment hears
//! of its own life alone ([`Journey::life`]).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Announcement;
use super::scan::{CarrierStatus, Scan};
use crate::ordering::ShipmentStep;

/// Most scans that are kept of a parcel. Of more, the oldest of those are forgotten that say no more than that it moves.
pub const MAX_SCANS: usize = 60;

/// So many hours before its shipment left, a scan may be of its parcel already: a box is handed over on Friday and noted on Monday, and carriers
/// that write local times without a zone are half a day off at most.
pub const EARLY_HOURS: i64 = 72;

/// After so many days without a scan, what is told of a number is about another parcel.
pub const SILENT_DAYS: i64 = 60;

/// And after so many days where its way had ended: what was delivered may still go back, but not months later.
pub const ENDED_DAYS: i64 = 30;

/// What is known of a parcel's way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// By their times; each once.
    scans: Vec<Scan>,
    /// When the carrier means to deliver it, as it said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_delivery: Option<Timestamp>,
}

/// Of scans of the same moment, the one with the greater rank counts: it ends more.
const fn rank(status: CarrierStatus) -> u8 {
    match status {
        CarrierStatus::PreTransit => 0,
        CarrierStatus::Cancelled => 1,
        CarrierStatus::InTransit => 2,
        CarrierStatus::Exception => 3,
        CarrierStatus::OutForDelivery => 4,
        CarrierStatus::AttemptFailed => 5,
        CarrierStatus::ReadyForPickup => 6,
        CarrierStatus::Returning => 7,
        CarrierStatus::Delivered => 8,
        CarrierStatus::ReturnedToSender => 9,
        CarrierStatus::Lost => 10,
    }
}

impl Journey {
    /// Takes in what was told; answers whether any of it was new.
    pub fn take(&mut self, told: &[Scan], estimated_delivery: Option<Timestamp>) -> bool {
        let before = self.clone();
        for scan in told {
            if !self.scans.contains(scan) {
                self.scans.push(scan.clone());
            }
        }
        let place = |scan: &Scan| (scan.at, rank(scan.status), scan.code.clone(), scan.place.clone());
        self.scans.sort_by_key(place);
        while self.scans.len() > MAX_SCANS {
            let idle = self.scans.iter().position(|scan| rank(scan.status) <= rank(CarrierStatus::Exception));
            self.scans.remove(idle.unwrap_or(0));
        }
        self.estimated_delivery = estimated_delivery.or(self.estimated_delivery);
        *self != before
    }

    /// All scans that are kept, oldest first.
    pub fn scans(&self) -> &[Scan] {
        &self.scans
    }

    /// Where the parcel is. What is on its way back stays so until the sender has it: a carrier that brings it to the sender's door
    /// calls that delivered, too. What was delivered, only a way back changes.
    pub fn status(&self) -> Option<CarrierStatus> {
        let mut seen = None;
        let mut back = false;
        for scan in &self.scans {
            back |= matches!(scan.status, CarrierStatus::Returning | CarrierStatus::ReturnedToSender);
            seen = Some(match (seen, scan.status) {
                (_, CarrierStatus::Delivered) if back => CarrierStatus::ReturnedToSender,
                (Some(CarrierStatus::ReturnedToSender), _) => CarrierStatus::ReturnedToSender,
                (Some(CarrierStatus::Delivered), next) if !back && next != CarrierStatus::Lost => {
                    CarrierStatus::Delivered
                }
                (_, CarrierStatus::InTransit | CarrierStatus::OutForDelivery | CarrierStatus::Exception) if back => {
                    CarrierStatus::Returning
                }
                (_, next) => next,
            });
        }
        seen
    }
}

/// What the parcels of a shipment ask of it, if they ask for the same: a shipment has arrived when all of it has.
pub fn demanded(parcels: impl IntoIterator<Item = Option<CarrierStatus>>) -> Option<ShipmentStep> {
    let mut steps = parcels.into_iter().map(|status| match status? {
        CarrierStatus::Delivered => Some(ShipmentStep::Deliver),
        CarrierStatus::AttemptFailed => Some(ShipmentStep::Fail),
        CarrierStatus::ReturnedToSender => Some(ShipmentStep::ComeBack),
        CarrierStatus::Lost => Some(ShipmentStep::Lose),
        CarrierStatus::PreTransit
        | CarrierStatus::InTransit
        | CarrierStatus::OutForDelivery
        | CarrierStatus::ReadyForPickup
        | CarrierStatus::Exception
        | CarrierStatus::Returning
        | CarrierStatus::Cancelled => None,
    });
    let first = steps.next()??;
    steps.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

impl Journey {
    /// What was told of the number while it was the parcel of a shipment that left then. Of one of before it is not known when it left: it
    /// takes the first life that is kept.
    #[must_use]
    pub fn life(&self, since: Option<Timestamp>) -> Journey {
        let from = since.map(|since| moved_by(since, -EARLY_HOURS));
        let mut life = Journey::default();
        let mut last = since;
        for scan in self.scans.iter().filter(|scan| from.is_none_or(|from| scan.at >= from)) {
            let days = if life.is_over() { ENDED_DAYS } else { SILENT_DAYS };
            if last.is_some_and(|last| scan.at > moved_by(last, days * 24)) {
                break;
            }
            last = last.max(Some(scan.at));
            life.scans.push(scan.clone());
        }
        // The carrier said it last, so it is about the life that was told of last.
        let is_current = life.scans.last() == self.scans.last();
        life.estimated_delivery =
            self.estimated_delivery.filter(|at| is_current && from.is_none_or(|from| *at >= from));
        life
    }

    /// Whether it has reached its end: what is heard of it later is heard by itself.
    pub fn is_over(&self) -> bool {
        matches!(
            self.status(),
            Some(
                CarrierStatus::Delivered
                    | CarrierStatus::ReturnedToSender
                    | CarrierStatus::Lost
                    | CarrierStatus::Cancelled
            )
        )
    }
}

fn moved_by(time: Timestamp, hours: i64) -> Timestamp {
    let end = if hours < 0 { Timestamp::MIN } else { Timestamp::MAX };
    time.checked_add(SignedDuration::from_hours(hours)).unwrap_or(end)
}

/// For so many hours after its scan something is news that a customer is told: "today" must be true when it is read.
const NEWS_HOURS: i64 = 12;

impl Journey {
    /// What the customer is told of it, if it is news.
    pub fn announced(&self, now: Timestamp) -> Option<Announcement> {
        let announcement = match self.status()? {
            CarrierStatus::OutForDelivery => Announcement::OutForDelivery,
            CarrierStatus::ReadyForPickup => Announcement::ReadyForPickup,
            CarrierStatus::PreTransit
            | CarrierStatus::InTransit
            | CarrierStatus::Delivered
            | CarrierStatus::AttemptFailed
            | CarrierStatus::Exception
            | CarrierStatus::Returning
            | CarrierStatus::ReturnedToSender
            | CarrierStatus::Lost
            | CarrierStatus::Cancelled => return None,
        };
        let seen = self.scans.last()?.at;
        (now.duration_since(seen).as_hours() < NEWS_HOURS).then_some(announcement)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scan(minute: i64, status: CarrierStatus) -> Scan {
        let at = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minute);
        Scan { at, status, code: status.name().to_owned(), place: None }
    }

    fn after(scans: &[(i64, CarrierStatus)]) -> Option<CarrierStatus> {
        let mut journey = Journey::default();
        for (minute, status) in scans {
            journey.take(&[scan(*minute, *status)], None);
        }
        journey.status()
    }

    #[test]
    fn i3_what_is_news_is_told_while_it_is() {
        use CarrierStatus::*;
        let at = |minutes| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minutes);
        let told = |scans: &[(i64, CarrierStatus)], minutes| {
            let mut journey = Journey::default();
            journey.take(&scans.iter().map(|(minute, status)| scan(*minute, *status)).collect::<Vec<_>>(), None);
            journey.announced(at(minutes))
        };
        assert_eq!(told(&[], 9), None);
        assert_eq!(told(&[(5, OutForDelivery)], 9), Some(Announcement::OutForDelivery));
        assert_eq!(told(&[(5, OutForDelivery), (6, ReadyForPickup)], 9), Some(Announcement::ReadyForPickup));
        assert_eq!(told(&[(5, OutForDelivery), (6, Delivered)], 9), None);
        assert_eq!(told(&[(5, Returning), (6, OutForDelivery)], 9), None, "it goes back");
        assert_eq!(told(&[(5, OutForDelivery)], 5 + 12 * 60), None, "that was yesterday");
    }

    #[test]
    fn g8_an_older_scan_that_comes_late_changes_nothing() {
        use CarrierStatus::*;
        assert_eq!(after(&[]), None);
        assert_eq!(after(&[(2, OutForDelivery), (5, Delivered), (3, AttemptFailed)]), Some(Delivered));
        assert_eq!(after(&[(5, Delivered), (4, InTransit), (9, InTransit)]), Some(Delivered));
        assert_eq!(after(&[(5, AttemptFailed), (6, OutForDelivery)]), Some(OutForDelivery));
    }

    #[test]
    fn g8_a_way_back_reopens_and_what_reaches_the_sender_is_not_delivered() {
        use CarrierStatus::*;
        assert_eq!(after(&[(5, Delivered), (7, Returning)]), Some(Returning));
        assert_eq!(after(&[(5, Returning), (6, InTransit), (7, OutForDelivery)]), Some(Returning));
        assert_eq!(after(&[(5, Returning), (8, Delivered)]), Some(ReturnedToSender));
        assert_eq!(after(&[(8, Delivered), (5, Returning)]), Some(ReturnedToSender));
        assert_eq!(after(&[(8, ReturnedToSender), (9, InTransit)]), Some(ReturnedToSender));
        assert_eq!(after(&[(5, Lost), (9, InTransit)]), Some(InTransit), "it was found");
        assert_eq!(after(&[(5, Lost), (9, Delivered)]), Some(Delivered));
    }

    #[test]
    fn g8_of_the_same_moment_what_ends_more_counts() {
        use CarrierStatus::*;
        assert_eq!(after(&[(5, Delivered), (5, OutForDelivery)]), Some(Delivered));
        assert_eq!(after(&[(5, OutForDelivery), (5, Delivered)]), Some(Delivered));
    }

    #[test]
    fn g8_a_repeated_scan_is_no_news() {
        let mut journey = Journey::default();
        assert!(journey.take(&[scan(1, CarrierStatus::InTransit)], None));
        assert!(!journey.take(&[scan(1, CarrierStatus::InTransit)], None));
        assert!(journey.take(&[], Some(Timestamp::UNIX_EPOCH)), "another estimate is news");
    }

    #[test]
    fn a_shipment_has_arrived_when_all_its_parcels_have() {
        use CarrierStatus::*;
        assert_eq!(demanded([Some(Delivered), Some(Delivered)]), Some(ShipmentStep::Deliver));
        assert_eq!(demanded([Some(Delivered), Some(InTransit)]), None);
        assert_eq!(demanded([Some(Delivered), None]), None);
        assert_eq!(demanded([Some(Delivered), Some(ReturnedToSender)]), None, "a person has to look");
        assert_eq!(demanded([]), None);
    }

    const DAY: i64 = 24 * 60;

    /// The moments, in days, of the scans that a shipment takes which left on that day.
    fn life(scans: &[(i64, CarrierStatus)], since: Option<i64>) -> Vec<i64> {
        let mut journey = Journey::default();
        journey.take(&scans.iter().map(|(day, status)| scan(day * DAY, *status)).collect::<Vec<_>>(), None);
        let since = since.map(|day| scan(day * DAY, CarrierStatus::InTransit).at);
        journey.life(since).scans().iter().map(|scan| scan.at.as_second() / 60 / DAY).collect()
    }

    #[test]
    fn g8_a_number_that_is_used_again_has_two_lives() {
        use CarrierStatus::*;
        let both = [(1, InTransit), (4, Delivered), (200, InTransit), (203, Delivered)];
        assert_eq!(life(&both, Some(1)), [1, 4], "the parcel of before");
        assert_eq!(life(&both, Some(200)), [200, 203], "the parcel of now");
        assert_eq!(life(&both, Some(150)), [200, 203], "it waited at the shop for a while");
        assert_eq!(life(&both, Some(100)), Vec::<i64>::new(), "nobody knows whose scans these are");
        assert_eq!(life(&both, None), [1, 4]);
        assert_eq!(life(&[(4, Delivered)], Some(200)), Vec::<i64>::new());
    }

    #[test]
    fn g8_a_shipment_that_is_noted_late_takes_what_was_seen_before() {
        use CarrierStatus::*;
        assert_eq!(life(&[(5, InTransit), (6, Delivered)], Some(8)), [5, 6], "from Friday to Monday");
        assert_eq!(life(&[(4, InTransit), (6, Delivered)], Some(8)), [6]);
    }

    #[test]
    fn g8_a_life_ends_with_a_long_silence_and_sooner_after_its_end() {
        use CarrierStatus::*;
        assert_eq!(life(&[(1, InTransit), (60, InTransit), (120, InTransit), (181, Delivered)], Some(1)), [1, 60, 120]);
        assert_eq!(life(&[(1, Delivered), (31, Returning), (61, ReturnedToSender)], Some(1)), [1, 31, 61]);
        assert_eq!(life(&[(1, Delivered), (32, InTransit), (33, Returning)], Some(1)), [1]);
        assert_eq!(life(&[(62, Delivered)], Some(1)), Vec::<i64>::new(), "nothing was seen of it for too long");
    }

    #[test]
    fn g8_an_estimate_is_of_the_life_that_was_told_of_last() {
        use CarrierStatus::*;
        let at = |day: i64| scan(day * DAY, InTransit).at;
        let mut journey = Journey::default();
        journey.take(&[scan(DAY, InTransit)], Some(at(3)));
        assert_eq!(journey.life(Some(at(1))).estimated_delivery, Some(at(3)));
        assert_eq!(journey.life(Some(at(100))).estimated_delivery, None);
        journey.take(&[scan(100 * DAY, InTransit)], None);
        assert_eq!(journey.life(Some(at(100))).estimated_delivery, None, "that was of the parcel of before");
        journey.take(&[], Some(at(102)));
        assert_eq!(journey.life(Some(at(100))).estimated_delivery, Some(at(102)));
        assert_eq!(journey.life(Some(at(1))).estimated_delivery, None);
    }

    fn status() -> impl Strategy<Value = CarrierStatus> {
        proptest::sample::select(CarrierStatus::ALL.to_vec())
    }

    proptest! {
        /// Whatever else is told of the number: a shipment takes nothing from before it left, and nothing across a long silence.
        #[test]
        fn g8_a_life_is_one_piece_of_what_was_told(
            scans in proptest::collection::vec((0_i64..400, status()), 0..50),
            left in 0_i64..400,
        ) {
            let days = life(&scans, Some(left));
            let mut last = left;
            for day in &days {
                prop_assert!(*day >= left - 3 && *day - last <= SILENT_DAYS);
                last = last.max(*day);
            }
            let mut known: Vec<i64> = scans.iter().map(|(day, _)| *day).collect();
            known.sort_unstable();
            let within = known.iter().filter(|day| days.first().is_some_and(|first| *day >= first) && days.last() >= Some(*day));
            prop_assert!(within.collect::<std::collections::BTreeSet<_>>().into_iter().eq(days.iter().collect::<std::collections::BTreeSet<_>>()), "nothing is left out of its middle");
            // What another life adds behind the silence changes nothing.
            let mut more = scans.clone();
            more.push((last + SILENT_DAYS + 1, CarrierStatus::Delivered));
            prop_assert!(scans.len() > 40 || scans.iter().any(|(day, _)| *day > last) || life(&more, Some(left)) == days);
        }

        #[test]
        fn g8_scans_come_to_the_same_in_any_order_and_however_often(
            scans in proptest::collection::vec((0_i64..40, status()), 0..50),
            order in proptest::collection::vec(any::<u16>(), 0..120),
        ) {
            let mut straight = Journey::default();
            let all: Vec<Scan> = scans.iter().map(|(minute, status)| scan(*minute, *status)).collect();
            straight.take(&all, None);
            let mut mixed = Journey::default();
            for number in order {
                if let Some(one) = all.get(usize::from(number) % all.len().max(1)) {
                    mixed.take(std::slice::from_ref(one), None);
                }
            }
            for one in all.iter().rev() {
                mixed.take(std::slice::from_ref(one), None);
            }
            prop_assert_eq!(&straight, &mixed);
            prop_assert_eq!(straight.status(), mixed.status());
            let text = serde_json::to_string(&mixed).unwrap();
            prop_assert_eq!(serde_json::from_str::<Journey>(&text).unwrap(), mixed);
        }
    }
}
