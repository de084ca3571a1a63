//! Cursors: where a page ended, bound to the list it belongs to.
//!
//! A cursor is not a secret and grants nothing: the query it continues is built from the caller and the filters anew.
//! Its check only tells a damaged cursor, or one of another list, from a good one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use oms_domain::ids::OrderId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::Error;
use crate::ports::Position;

const CHECK_BYTES: usize = 8;

/// Longest place that a cursor may hold, in bytes: as long as a sort key can be. A cursor is easily forged, and a place
/// that no key can be would come back from the store as a failure of ours.
const MAX_PLACE_BYTES: usize = 1_024;

/// Writes a cursor for a place in the list that `list` describes.
pub fn encode(position: Position, list: &str) -> String {
    seal(&[&position.created_at.as_millisecond().to_be_bytes()[..], position.id.uuid().as_bytes()].concat(), list)
}

/// Reads a cursor of that list.
pub fn decode(text: &str, list: &str) -> Result<Position, Error> {
    let place: [u8; 24] = open(text, list)?.try_into().map_err(|_| damaged())?;
    let (millis, id) = place.split_at(8);
    let millis = i64::from_be_bytes(millis.try_into().map_err(|_| damaged())?);
    let created_at = Timestamp::from_millisecond(millis).map_err(|_| damaged())?;
    let id = OrderId::new(Uuid::from_slice(id).map_err(|_| damaged())?);
    Ok(Position { created_at, id })
}

/// Writes a cursor for a place that is a text.
pub fn encode_text(place: &str, list: &str) -> String {
    seal(place.as_bytes(), list)
}

/// Reads a cursor whose place is a text: visible, and as long as a place of that list can be.
pub fn decode_text(text: &str, list: &str, longest: usize) -> Result<String, Error> {
    let place = String::from_utf8(open(text, list)?).map_err(|_| damaged())?;
    let possible = (1..=longest).contains(&place.len()) && place.bytes().all(|byte| byte.is_ascii_graphic());
    if possible { Ok(place) } else { Err(damaged()) }
}

/// Writes a cursor for any kind of place.
pub fn seal(place: &[u8], list: &str) -> String {
    URL_SAFE_NO_PAD.encode([place, &check(place, list)].concat())
}

/// Reads a cursor that was sealed for that list.
pub fn open(text: &str, list: &str) -> Result<Vec<u8>, Error> {
    let bytes = Some(text).filter(|text| text.len() <= 2 * MAX_PLACE_BYTES);
    let bytes = bytes.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or_else(damaged)?;
    let (place, given) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or_else(damaged)?;
    let possible = place.len() <= MAX_PLACE_BYTES;
    if possible && check(place, list) == *given { Ok(place.to_vec()) } else { Err(damaged()) }
}

fn damaged() -> Error {
    Error::Malformed("the cursor does not belong to this list; start again without it".to_owned())
}

fn check(place: &[u8], list: &str) -> [u8; CHECK_BYTES] {
    let digest = Sha256::new().chain_update(place).chain_update(list.as_bytes()).finalize();
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&digest[..CHECK_BYTES]);
    check
}
