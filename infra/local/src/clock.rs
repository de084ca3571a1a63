//! The movable clock that everything in the local cloud reads.
//!
//! Now is the system's time plus an offset that only grows. The offset is stored before anybody sees the new time, so
//! a restart never travels back. Whoever waits for a moment ([`Clock::sleep_until`]) wakes when the clock is moved past
//! it. Not governed by it: how long a function may run and how long the gateway waits, which are limits on real work.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::state::{StateDb, StateError};

/// Longest real wait before the time is looked at again; a laptop that slept must not oversleep.
const RECHECK_SECONDS: u64 = 5;
/// Furthest one call may move the clock.
pub const MAX_ADVANCE_SECONDS: u64 = 366 * 24 * 60 * 60;
const OFFSET_SETTING: &str = "clock_offset_ms";

/// A cheap handle: clones share the offset.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    offset_ms: AtomicI64,
    moved: watch::Sender<()>,
    /// Held while the offset is changed, so that what is stored is what is shown.
    advancing: Mutex<()>,
    store: Option<StateDb>,
}

#[derive(Debug)]
enum Source {
    System,
    Frozen(Timestamp),
}

impl Clock {
    /// The system's time plus the offset kept in the state.
    pub fn open(store: &StateDb) -> Result<Self, StateError> {
        let offset_ms = match store.setting(OFFSET_SETTING)? {
            Some(text) => text.parse().map_err(|_| StateError::Invalid { what: "the stored clock offset" })?,
            None => 0,
        };
        Ok(Self::build(Source::System, offset_ms, Some(store.clone())))
    }

    /// Stands still at `start` until it is advanced, and stores nothing: for tests.
    pub fn frozen(start: Timestamp) -> Self {
        Self::build(Source::Frozen(start), 0, None)
    }

    fn build(source: Source, offset_ms: i64, store: Option<StateDb>) -> Self {
        Self(Arc::new(Inner {
            source,
            offset_ms: AtomicI64::new(offset_ms),
            moved: watch::Sender::new(()),
            advancing: Mutex::new(()),
            store,
        }))
    }

    /// The current time, to the millisecond.
    pub fn now(&self) -> Timestamp {
        let base = match self.0.source {
            Source::System => system_now(),
            Source::Frozen(start) => start,
        };
        let millisecond = base.as_millisecond().saturating_add(self.0.offset_ms.load(Ordering::SeqCst));
        Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX)
    }

    /// [`Clock::now`] as milliseconds since the epoch, the form in which times are stored.
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// How far this clock is ahead of the system's.
    pub fn offset(&self) -> SignedDuration {
        SignedDuration::from_millis(self.0.offset_ms.load(Ordering::SeqCst))
    }

    /// Moves the clock forward by at most [`MAX_ADVANCE_SECONDS`] and wakes everybody who waits on it.
    pub fn advance(&self, by: Duration) -> Result<Timestamp, StateError> {
        let by = by.min(Duration::from_secs(MAX_ADVANCE_SECONDS));
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let _advancing = self.0.advancing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &self.0.store {
            let offset_ms = self.0.offset_ms.load(Ordering::SeqCst).saturating_add(by_ms);
            store.set_setting(OFFSET_SETTING, &offset_ms.to_string())?;
        }
        self.0.offset_ms.fetch_add(by_ms, Ordering::SeqCst);
        self.0.moved.send_replace(());
        Ok(self.now())
    }

    /// Waits until the clock shows `moment`, whether time passed or somebody moved it.
    pub async fn sleep_until(&self, moment: Timestamp) {
        let mut moved = self.0.moved.subscribe();
        loop {
            let wait_ms = moment.as_millisecond().saturating_sub(self.now_ms());
            let Ok(wait_ms @ 1..) = u64::try_from(wait_ms) else {
                return;
            };
            let wait = match self.0.source {
                Source::System => Duration::from_millis(wait_ms).min(Duration::from_secs(RECHECK_SECONDS)),
                Source::Frozen(_) => Duration::from_secs(RECHECK_SECONDS),
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // An error would mean that this clock is gone, but `self` holds it.
                _ = moved.changed() => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the local cloud reads the system's clock")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn moving_the_clock_wakes_a_sleeper() {
        let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Timestamp::from_second(3600).unwrap()).await }
        });
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(HOUR).unwrap();
        sleeper.await.unwrap();
    }

    #[test]
    fn the_offset_is_kept_in_the_state() {
        let store = StateDb::memory().unwrap();
        let clock = Clock::open(&store).unwrap();
        clock.advance(HOUR).unwrap();
        assert_eq!(Clock::open(&store).unwrap().offset(), SignedDuration::from_hours(1));
    }
}
