//! In which language a client wants to be spoken to.

use oms_app::ordering::details::canonical_locale;

use super::request::Request;

/// Most languages of a header that are looked at.
const MAX_LANGUAGES: usize = 20;

/// Weights have at most three digits behind the point (RFC 9110).
const FULL_WEIGHT: u32 = 1_000;

/// The language that the client prefers (`Accept-Language`), in its canonical form; nothing if it names none that can be
/// read. A header is no input that anybody typed: what is wrong with it is passed over.
pub fn preferred(request: &Request) -> Option<String> {
    let header = request.header("accept-language")?;
    let offers = header.split(',').take(MAX_LANGUAGES).filter_map(|offer| {
        let (tag, weight) = offer.split_once(';').map_or((offer, Some(FULL_WEIGHT)), |(tag, rest)| (tag, weight(rest)));
        Some((canonical_locale(tag.trim())?, weight.filter(|weight| *weight > 0)?))
    });
    // Of equal weights the first one counts.
    let best = offers.reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.map(|(tag, _)| tag)
}

/// `q=0.8` in thousandths.
fn weight(text: &str) -> Option<u32> {
    let digits = text.trim().strip_prefix("q=")?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let plain = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u32 = format!("{fraction:0<3}").parse().ok().filter(|_| plain)?;
    Some((whole * FULL_WEIGHT + thousandths).min(FULL_WEIGHT))
}
