//! Time and chance that tests decide.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{Clock, Random};

/// When every story begins: 2026-01-05T10:00:00Z.
pub fn start() -> Timestamp {
    Timestamp::constant(1_767_607_200, 0)
}

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// Shows this time.
    pub fn at(now: Timestamp) -> Self {
        ManualClock(Arc::new(Mutex::new(now)))
    }

    /// Shows another time, before or after.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }

    /// Moves on.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }

    /// Moves on by minutes.
    pub fn advance_minutes(&self, minutes: i64) {
        self.advance(SignedDuration::from_mins(minutes));
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        ManualClock::at(start())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Bytes that look random and are the same for the same seed. Clones draw from the same sequence.
#[derive(Debug, Clone)]
pub struct SeededRandom(Arc<Mutex<u64>>);

impl SeededRandom {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        SeededRandom(Arc::new(Mutex::new(seed)))
    }

    /// The next 64 bits (`SplitMix64`).
    pub fn next_u64(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// True `per_mille` times out of a thousand.
    pub fn happens(&self, per_mille: u64) -> bool {
        self.next_u64() % 1000 < per_mille
    }
}

impl Default for SeededRandom {
    fn default() -> Self {
        SeededRandom::new(1)
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
