//! The system clock. This is the only place where the time is read.

use jiff::Timestamp;
use oms_app::ports::Clock;

/// The machine's clock, to the millisecond: what is stored, listed and compared has no finer times.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
