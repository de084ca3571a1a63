//! How often a transaction is repeated, and how long to wait between.
//!
//! The SDK does not repeat a cancelled transaction, and for commits its own retries are switched off, so that one
//! place counts the attempts and knows after which of them the outcome was unknown.

use std::time::Duration;

use oms_app::ports::Random;

/// Most attempts while others write the same items or the store is too busy.
const CONFLICT_ATTEMPTS: u32 = 8;

/// Most attempts that fail without an answer, each of which may take seconds.
const FAILURE_ATTEMPTS: u32 = 3;

/// Longest wait before the second attempt, in milliseconds; doubles with every attempt.
const BASE_DELAY_MILLIS: u64 = 20;

/// Longest wait ever, in milliseconds.
const MAX_DELAY_MILLIS: u64 = 500;

/// Bounds of the repetition. The default is for production; tests wait less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most attempts while others write the same items or the store is too busy.
    pub conflict_attempts: u32,
    /// Most attempts that fail without an answer.
    pub failure_attempts: u32,
    /// Longest wait before the second attempt; doubles with every attempt.
    pub base_delay: Duration,
    /// Longest wait ever.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy::DEFAULT
    }
}

impl RetryPolicy {
    /// What a deployed function does.
    pub const DEFAULT: RetryPolicy = RetryPolicy {
        conflict_attempts: CONFLICT_ATTEMPTS,
        failure_attempts: FAILURE_ATTEMPTS,
        base_delay: Duration::from_millis(BASE_DELAY_MILLIS),
        max_delay: Duration::from_millis(MAX_DELAY_MILLIS),
    };

    /// Waits before the attempt that follows `attempts` others: any time up to a bound that doubles (full jitter), so
    /// that those who collided do not meet again.
    pub(crate) async fn wait(&self, attempts: u32, random: &dyn Random) {
        tokio::time::sleep(self.delay(attempts, random)).await;
    }

    fn delay(&self, attempts: u32, random: &dyn Random) -> Duration {
        let doublings = attempts.saturating_sub(1).min(16);
        let bound = self.base_delay.saturating_mul(1 << doublings).min(self.max_delay);
        let mut bytes = [0_u8; 8];
        random.fill(&mut bytes);
        let micros = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        Duration::from_micros(u64::from_le_bytes(bytes) % micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_are_random_up_to_a_bound_that_doubles_and_ends() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.delay(1, &Always(0)), Duration::ZERO);
        for (attempts, most) in [(1, 20), (2, 40), (5, 320), (6, 500), (1000, 500)] {
            for byte in [1, 77, 254, 255] {
                assert!(policy.delay(attempts, &Always(byte)) <= Duration::from_millis(most));
            }
        }
    }
}
