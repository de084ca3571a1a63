//! Every quarter of an hour: asks carriers after parcels of which nothing was heard (G6, G8). Pushes get lost, and some accounts have none.
//!
//! 1. Ask the `due` index, which may lag: a hint what to ask after. A parcel is due a day after it left, and a day after it was asked after.
//! 2. One that was heard of within that day is not asked after: it is due a day after that.
//! 3. The carrier is asked for as many at once as it takes. What it tells is taken in as a push is ([`super::hearing`]): times of scans
//!    count, so what came by push and by asking comes to the same.
//!
//! A parcel is asked after as long as any of the shipments that have its number is under way. One that has reached its end is due once more, in case that a process died before its order heard of it, and then no more. One
//! that stays silent for [`PATIENCE_DAYS`] is not asked after any longer: by then its number may be another's. The diagnosis of its order
//! tells since when it is on its way.
//!
//! What goes wrong with one parcel, or with one carrier, keeps nobody from the others: it is looked at again an hour later.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::journey::SILENT_DAYS;
use oms_domain::fulfilment::scan::ParcelNews;

use super::hearing::Hearing;
use super::trackers::Trackers;
use crate::error::Error;
use crate::ports::{
    Agenda, CarrierError, Clock, FollowUp, FollowUps, Orders, ParcelKey, ParcelRecord, Parcels, Tracker, TrackingRef,
};

/// For so many hours a carrier is left to tell by itself.
pub const LISTEN_HOURS: i64 = 24;

/// When to ask again a carrier that was not reached.
const AGAIN_HOURS: i64 = 1;

/// After so many days a parcel is not asked after any more: what is told of its number by then may be about another.
pub const PATIENCE_DAYS: i64 = SILENT_DAYS;

/// Most parcels of one look at the agenda.
const PASS_PARCELS: usize = 100;

/// After so many seconds a run begins nothing more; the function has 120, and a carrier may take 30.
const RUN_SECONDS: i64 = 80;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Polled {
    /// Parcels that carriers were asked after.
    pub asked: usize,
    /// Those of which there was news.
    pub heard: usize,
    /// Those that could not be asked after.
    pub failed: usize,
}

pub struct PollParcels {
    hearing: Hearing,
    follow_ups: Arc<dyn FollowUps>,
    trackers: Trackers,
}

impl PollParcels {
    pub fn new(
        orders: Arc<dyn Orders>,
        parcels: Arc<dyn Parcels>,
        follow_ups: Arc<dyn FollowUps>,
        trackers: Trackers,
        clock: Arc<dyn Clock>,
    ) -> Self {
        PollParcels { hearing: Hearing { orders, parcels, clock }, follow_ups, trackers }
    }

    pub async fn run(&self, correlation_id: &str) -> Result<Polled, Error> {
        let since = self.hearing.clock.now();
        let mut polled = Polled::default();
        loop {
            let now = self.hearing.clock.now();
            let due = self.follow_ups.due_follow_ups(Agenda::Parcels, now, PASS_PARCELS).await?;
            let keys: Vec<ParcelKey> = due.iter().filter_map(parcel_of).collect();
            let mut silent: BTreeMap<String, Vec<ParcelRecord>> = BTreeMap::new();
            let known = if keys.is_empty() { Vec::new() } else { self.hearing.parcels.parcels(&keys).await? };
            for record in known {
                if record.is_over() {
                    // Whoever noted that may have died before the orders heard of it.
                    let heard = self.hearing.move_shipments(&record, correlation_id).await;
                    let next = match heard {
                        Ok(()) => None,
                        Err(error) => Some(postponed(&record, &error, now, &mut polled)),
                    };
                    self.look_at(&record.key, next).await?;
                    continue;
                }
                match next_look(&record, now) {
                    Some(at) if at > now => self.look_at(&record.key, Some(at)).await?,
                    _ => silent.entry(record.key.carrier.clone()).or_default().push(record),
                }
            }
            for (carrier, records) in silent {
                self.ask_after(&carrier, records, since, correlation_id, &mut polled).await?;
            }
            // Each has a next time after it was looked at, so a full page of them is followed by other ones.
            if self.is_late(since) || due.len() < PASS_PARCELS {
                return Ok(polled);
            }
        }
    }

    /// Whether a run that began then begins nothing more.
    fn is_late(&self, since: Timestamp) -> bool {
        self.hearing.clock.now().duration_since(since).as_secs() >= RUN_SECONDS
    }

    async fn look_at(&self, key: &ParcelKey, at: Option<Timestamp>) -> Result<(), Error> {
        Ok(self.follow_ups.reschedule(&FollowUp::Parcel(key.clone()), at).await?)
    }

    async fn ask_after(
        &self,
        carrier: &str,
        records: Vec<ParcelRecord>,
        since: Timestamp,
        trace: &str,
        polled: &mut Polled,
    ) -> Result<(), Error> {
        let Some(tracker) = self.trackers.get(carrier) else {
            // Its secret is named no more: whoever names it again ships with it again.
            for record in records {
                self.look_at(&record.key, None).await?;
            }
            return Ok(());
        };
        let at_once = tracker.capabilities().track_at_once.max(1);
        let mut is_away = false;
        for together in records.chunks(at_once) {
            if is_away {
                // Each of them would wait as long for nothing, and the parcels of other carriers with them.
                self.later(together, polled).await?;
            } else if self.is_late(since) {
                return Ok(());
            } else {
                is_away = !self.ask_together(tracker, together, trace, polled).await?;
            }
        }
        Ok(())
    }

    /// Whether the carrier is there.
    async fn ask_together(
        &self,
        tracker: &dyn Tracker,
        records: &[ParcelRecord],
        trace: &str,
        polled: &mut Polled,
    ) -> Result<bool, Error> {
        let now = self.hearing.clock.now();
        let (mut asked, mut questions) = (Vec::new(), Vec::new());
        for record in records {
            match self.questions(record, now).await {
                Ok(parcel) if parcel.is_empty() => {
                    tracing::warn!(parcel = ?record.key, "a parcel has been silent for long, and is not asked after any more");
                    // One of its shipments may have heard of its end while another has not.
                    let told = self.hearing.move_shipments(record, trace).await;
                    let next = told.err().map(|error| postponed(record, &error, now, polled));
                    self.look_at(&record.key, next).await?;
                }
                Ok(parcel) => {
                    asked.push(record);
                    questions.extend(parcel);
                }
                Err(error) => self.look_at(&record.key, Some(postponed(record, &error, now, polled))).await?,
            }
        }
        let mut news = Vec::new();
        // A parcel with several shipments may take more than one question.
        for together in questions.chunks(tracker.capabilities().track_at_once.max(1)) {
            match tracker.track(together).await {
                Ok(told) => news.extend(told),
                Err(error) => {
                    tracing::warn!(carrier = tracker.name(), parcels = asked.len(), %error, "a carrier could not be asked after parcels");
                    let asked: Vec<ParcelRecord> = asked.into_iter().cloned().collect();
                    self.later(&asked, polled).await?;
                    return Ok(matches!(error, CarrierError::Refused { .. }));
                }
            }
        }
        for record in asked {
            polled.asked += 1;
            let of_this = |news: &&ParcelNews| bare_number(&news.tracking_number) == record.key.number;
            let of_this: Vec<&ParcelNews> = news.iter().filter(of_this).collect();
            let next = match self.hearing.take(record.clone(), &of_this, trace).await {
                Ok(heard) => {
                    polled.heard += usize::from(heard.noted);
                    Some(after(now, LISTEN_HOURS)).filter(|_| !heard.over)
                }
                // A push has come meanwhile. It is asked after again if there is need.
                Err(Error::Contended) => continue,
                Err(error) => Some(postponed(record, &error, now, polled)),
            };
            self.look_at(&record.key, next).await?;
        }
        Ok(true)
    }

    /// What the carrier is asked, on behalf of the shipments that are under way; nothing about a parcel that has been silent for long.
    async fn questions(&self, record: &ParcelRecord, now: Timestamp) -> Result<Vec<TrackingRef>, Error> {
        let under_way = record.owners.iter().filter(|owner| !record.journey.life(owner.since).is_over());
        let questions = self.hearing.questions(&record.key, under_way.copied()).await?;
        let recent = |left: Timestamp| now.duration_since(left).as_hours() < PATIENCE_DAYS * 24;
        Ok(questions.into_iter().filter(|(left, _)| recent(*left)).map(|(_, question)| question).collect())
    }

    /// Parcels of a carrier that cannot be asked now.
    async fn later(&self, records: &[ParcelRecord], polled: &mut Polled) -> Result<(), Error> {
        let next = after(self.hearing.clock.now(), AGAIN_HOURS);
        for record in records {
            polled.failed += 1;
            self.look_at(&record.key, Some(next)).await?;
        }
        Ok(())
    }
}

/// When to look again at a parcel with which something went wrong.
fn postponed(record: &ParcelRecord, error: &Error, now: Timestamp, polled: &mut Polled) -> Timestamp {
    tracing::error!(parcel = ?record.key, %error, "a parcel could not be looked at");
    polled.failed += 1;
    after(now, AGAIN_HOURS)
}

fn parcel_of(task: &FollowUp) -> Option<ParcelKey> {
    if let FollowUp::Parcel(key) = task { Some(key.clone()) } else { None }
}

/// A day after it was heard of last; nothing if it never was. What a carrier tells of the future was not heard yet.
fn next_look(record: &ParcelRecord, now: Timestamp) -> Option<Timestamp> {
    let heard = record.journey.scans().iter().rev().find(|scan| scan.at <= now)?;
    Some(after(heard.at, LISTEN_HOURS))
}

fn after(time: Timestamp, hours: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX)
}
