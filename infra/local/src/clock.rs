//! The movable clock that everything in the local cloud reads.
//!
//! Now is the system's time plus an offset that only grows. The offset is stored before anybody sees the new time, so
//! a restart never travels back. Nor does a system clock that is set back, as when a virtual machine wakes: time goes on
//! from where it was, or all that waits for a moment would stand still until it has caught up. Whoever waits for a moment ([`Clock::sleep_until`]) wakes when the clock is moved past
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
/// The latest time that was remembered.
const LATEST_SETTING: &str = "clock_latest_ms";
/// By how much the system's clock must be behind to have been set back; less is threads reading it one after another.
const STEP_MS: i64 = 1_000;

/// A cheap handle: clones share the offset.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    offset_ms: AtomicI64,
    /// The latest time that was shown.
    latest_ms: AtomicI64,
    moved: watch::Sender<()>,
    /// Held while the offset is changed, so that what is stored is what is shown.
    advancing: Mutex<()>,
    store: Option<StateDb>,
}

#[derive(Debug)]
enum Source {
    System,
    Frozen(AtomicI64),
}

impl Clock {
    /// The system's time plus the offset kept in the state.
    pub fn open(store: &StateDb) -> Result<Self, StateError> {
        let stored = |name| match store.setting(name)? {
            Some(text) => text.parse().map(Some).map_err(|_| StateError::Invalid { what: "the stored clock" }),
            None => Ok(None),
        };
        let offset_ms: i64 = stored(OFFSET_SETTING)?.unwrap_or(0);
        let latest_ms: i64 = stored(LATEST_SETTING)?.unwrap_or(i64::MIN);
        let behind_ms = latest_ms.saturating_sub(system_now().as_millisecond().saturating_add(offset_ms)).max(0);
        Ok(Self::build(Source::System, offset_ms.saturating_add(behind_ms), Some(store.clone())))
    }

    /// Stands still at `start` until it is advanced, and stores nothing: for tests.
    pub fn frozen(start: Timestamp) -> Self {
        Self::build(Source::Frozen(start.as_millisecond().into()), 0, None)
    }

    fn build(source: Source, offset_ms: i64, store: Option<StateDb>) -> Self {
        Self(Arc::new(Inner {
            source,
            offset_ms: AtomicI64::new(offset_ms),
            latest_ms: AtomicI64::new(i64::MIN),
            moved: watch::Sender::new(()),
            advancing: Mutex::new(()),
            store,
        }))
    }

    /// The current time, to the millisecond; never earlier than it was.
    pub fn now(&self) -> Timestamp {
        let base_ms = match &self.0.source {
            Source::System => system_now().as_millisecond(),
            Source::Frozen(at) => at.load(Ordering::SeqCst),
        };
        let offset_ms = self.0.offset_ms.load(Ordering::SeqCst);
        let read_ms = base_ms.saturating_add(offset_ms);
        let latest_ms = self.0.latest_ms.fetch_max(read_ms, Ordering::SeqCst);
        let behind_ms = latest_ms.saturating_sub(read_ms);
        if behind_ms > STEP_MS {
            // Of several who see it one makes up for it.
            let ahead_ms = offset_ms.saturating_add(behind_ms);
            let _ = self.0.offset_ms.compare_exchange(offset_ms, ahead_ms, Ordering::SeqCst, Ordering::SeqCst);
        }
        Timestamp::from_millisecond(read_ms.max(latest_ms)).unwrap_or(Timestamp::MAX)
    }

    /// Keeps in the state what time it is, so that a restart goes on from there at the earliest.
    pub(crate) fn remember(&self) -> Result<(), StateError> {
        let Some(store) = &self.0.store else { return Ok(()) };
        store.set_setting(LATEST_SETTING, &self.now_ms().to_string())
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
        // If the system's clock was set back, that is made up for first.
        self.now();
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
impl Clock {
    /// Sets what stands for the system's clock.
    pub(crate) fn set_system(&self, at: Timestamp) {
        if let Source::Frozen(system) = &self.0.source {
            system.store(at.as_millisecond(), Ordering::SeqCst);
        }
    }
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
