//! Who sent a webhook: `Stripe-Signature: t=<seconds since 1970>,v1=<hex>,v1=<hex>,v0=…`.
//!
//! Each `v1` is an HMAC-SHA256 over `t`, a full stop and the raw body. While a secret is rotated Stripe signs with the
//! old and the new one, and we may hold both: one match is enough. `v0` is what Stripe signs test events with besides;
//! it proves nothing.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use oms_app::ports::WebhookError;
use sha2::Sha256;

use oms_outbound::Secret;

/// Name of the header.
pub(super) const HEADER: &str = "stripe-signature";

/// How far a signature's time may be from now, in seconds, to either side.
pub const TOLERANCE_SECONDS: i64 = 5 * 60;

/// Hexadecimal digits of a SHA-256.
const SIGNATURE_DIGITS: usize = 64;

/// Most signatures that are looked at; Stripe sends one for each secret that it has not yet forgotten.
const MAX_SIGNATURES: usize = 8;

/// Whether exactly one header signs exactly this body with one of these secrets, now. Comparison takes the same time
/// wherever the difference is.
pub(super) fn verify(
    headers: &[(String, String)],
    body: &[u8],
    secrets: &[Secret],
    now: Timestamp,
) -> Result<(), WebhookError> {
    let mut named = headers.iter().filter(|(name, _)| name == HEADER);
    let (Some((_, header)), None) = (named.next(), named.next()) else { return Err(WebhookError::Forged) };
    let (time, signatures) = parts(header)?;
    // An empty secret is one that everybody knows.
    let secrets = secrets.iter().filter(|secret| !secret.expose().trim().is_empty());
    let mut macs = secrets.map(|secret| mac(secret, time, body)).collect::<Result<Vec<_>, _>>()?.into_iter();
    let signed = |own: Hmac<Sha256>| signatures.iter().any(|theirs| own.clone().verify_slice(theirs).is_ok());
    if !macs.any(signed) {
        return Err(WebhookError::Forged);
    }
    let signed_at: i64 = time.parse().map_err(|_| WebhookError::Forged)?;
    let distance = signed_at.saturating_sub(now.as_second()).saturating_abs();
    if distance > TOLERANCE_SECONDS { Err(WebhookError::OutOfTime) } else { Ok(()) }
}

/// The time as it is written, and every `v1` that can be one.
fn parts(header: &str) -> Result<(&str, Vec<[u8; SIGNATURE_DIGITS / 2]>), WebhookError> {
    let (mut time, mut signatures) = (None, Vec::new());
    for (name, value) in header.split(',').filter_map(|part| part.split_once('=')) {
        match name {
            // Two times would leave open which of them was signed.
            "t" if time.is_some() => return Err(WebhookError::Forged),
            "t" => time = Some(value),
            "v1" if signatures.len() < MAX_SIGNATURES => signatures.extend(digest(value)),
            _ => {}
        }
    }
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok((time.filter(digits).ok_or(WebhookError::Forged)?, signatures))
}

/// Reads lower-case hexadecimal digits, the one form that Stripe writes.
fn digest(text: &str) -> Option<[u8; SIGNATURE_DIGITS / 2]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let digits: &[u8; SIGNATURE_DIGITS] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; SIGNATURE_DIGITS / 2];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn mac(secret: &Secret, time: &str, body: &[u8]) -> Result<Hmac<Sha256>, WebhookError> {
    // A MAC takes keys of any length, so this cannot fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(|_| WebhookError::Forged)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_767_225_600;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn secrets() -> [Secret; 1] {
        [Secret::new("whsec_test")]
    }

    fn signed(time: &str, body: &[u8]) -> String {
        let digest = mac(&secrets()[0], time, body).unwrap().finalize().into_bytes();
        let digits = digest.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
        format!("t={time},v1={digits}")
    }

    fn check(header: &str, body: &[u8]) -> Result<(), WebhookError> {
        verify(&[(HEADER.to_owned(), header.to_owned())], body, &secrets(), now())
    }

    proptest! {
        #[test]
        fn what_is_signed_is_believed_and_one_changed_byte_is_not(
            body in prop::collection::vec(any::<u8>(), 1..300), off in -299_i64..300,
            place in any::<prop::sample::Index>(), change in 1_u8..,
        ) {
            let header = signed(&(NOW + off).to_string(), &body);
            prop_assert!(check(&header, &body).is_ok());

            let mut other = body.clone();
            other[place.index(body.len())] ^= change;
            prop_assert!(matches!(check(&header, &other), Err(WebhookError::Forged)));

            let mut bytes = header.into_bytes();
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            if let Ok(other) = String::from_utf8(bytes) {
                prop_assert!(check(&other, &body).is_err(), "{other}");
            }
        }

        #[test]
        fn a_time_that_is_not_now_is_not_believed(off in 301_i64..10_000_000_000, body in ".{0,50}") {
            for time in [NOW + off, NOW - off].into_iter().filter(|time| *time >= 0) {
                let header = signed(&time.to_string(), body.as_bytes());
                prop_assert!(matches!(check(&header, body.as_bytes()), Err(WebhookError::OutOfTime)));
            }
        }

        #[test]
        fn noise_is_not_believed(noise in any::<String>(), parts in "(t=[0-9]{0,25}|v[01]=[0-9a-f]{0,70}|,|=|[a-z]){0,12}") {
            prop_assert!(check(&noise, b"body").is_err());
            prop_assert!(check(&parts, b"body").is_err());
        }
    }
}
