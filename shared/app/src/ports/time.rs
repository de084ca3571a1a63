//! Time and chance come in from outside, so that tests decide both.

use jiff::Timestamp;
use uuid::Uuid;

/// Tells the time. Clocks of different processes may differ by minutes; conditions in the store have the last word.
pub trait Clock: Send + Sync {
    /// Now, in whole milliseconds: what is stored and read back is what was decided on.
    fn now(&self) -> Timestamp;
}

/// Draws random bytes.
pub trait Random: Send + Sync {
    /// Fills the buffer with bytes that nobody can predict.
    fn fill(&self, buffer: &mut [u8]);

    /// A fresh UUIDv7 for `now`: sorts by time, unguessable in its low bits.
    fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let mut bytes = [0_u8; 10];
        self.fill(&mut bytes);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}
