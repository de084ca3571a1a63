//! For how long a provider that is busy (429) wants to be left alone.

use oms_app::payments::breaker::MAX_BUSY_SECONDS;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// What its `Retry-After` says, in seconds: one at least and [`MAX_BUSY_SECONDS`] at most. A header that is no number of
/// seconds is ignored; providers that are asked here send no dates.
pub fn named(headers: &HeaderMap, otherwise: u64) -> u64 {
    let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map_or("", str::trim);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number with too many digits is a long time.
    let seconds = if is_number { text.parse().unwrap_or(MAX_BUSY_SECONDS) } else { otherwise };
    seconds.clamp(1, MAX_BUSY_SECONDS)
}
