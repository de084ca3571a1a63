//! Randomness of the operating system. This is the only place where it is drawn.

use oms_app::ports::Random;

/// Bytes from the operating system, without a generator of our own to seed: the first draw costs a system call, not
/// the tens of milliseconds that a TLS library's generator needs on a cold start.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place where randomness is drawn")]
        let filled = getrandom::fill(buffer);
        // Going on with bytes that can be guessed would be worse than stopping.
        assert!(filled.is_ok(), "the operating system gives no randomness: {filled:?}");
    }
}
