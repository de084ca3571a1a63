//! Proofs of pushes, compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use oms_app::ports::PushError;
use oms_outbound::Secret;
use sha2::Sha256;

/// The only header of this name: two would leave open which of them counts.
fn only<'h>(headers: &'h [(String, String)], name: &str) -> Result<&'h str, PushError> {
    let mut named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    match (named.next(), named.next()) {
        (Some((_, value)), None) => Ok(value),
        _ => Err(PushError::Forged),
    }
}

/// A secret that can prove something: an empty one is one that everybody knows.
fn usable(secret: Option<&Secret>) -> Result<&Secret, PushError> {
    secret.filter(|secret| !secret.expose().trim().is_empty()).ok_or(PushError::Forged)
}

fn mac(key: &[u8], message: &[u8]) -> Result<Hmac<Sha256>, PushError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| PushError::Forged)?;
    mac.update(message);
    Ok(mac)
}

/// Whether the header holds the Base64 form of the HMAC-SHA256 of these very bytes.
pub(crate) fn signed(
    headers: &[(String, String)],
    name: &str,
    secret: Option<&Secret>,
    body: &[u8],
) -> Result<(), PushError> {
    let secret = usable(secret)?;
    let theirs = STANDARD.decode(only(headers, name)?).map_err(|_| PushError::Forged)?;
    mac(secret.expose().as_bytes(), body)?.verify_slice(&theirs).map_err(|_| PushError::Forged)
}

/// Whether the header holds the secret itself. Both are hashed first, so that nothing is learnt from how long it takes.
pub(crate) fn shared(headers: &[(String, String)], name: &str, secret: Option<&Secret>) -> Result<(), PushError> {
    let secret = usable(secret)?.expose().as_bytes();
    let theirs = mac(secret, only(headers, name)?.as_bytes())?.finalize().into_bytes();
    mac(secret, secret)?.verify_slice(&theirs).map_err(|_| PushError::Forged)
}
