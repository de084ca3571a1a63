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

/// Longest place that a cursor may hold, in bytes.
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

/// Writes a cursor for any kind of place.
pub fn seal(place: &[u8], list: &str) -> String {
    URL_SAFE_NO_PAD.encode([place, &check(place, list)].concat())
}

/// Reads a cursor that was sealed for that list.
pub fn open(text: &str, list: &str) -> Result<Vec<u8>, Error> {
    let bytes = Some(text).filter(|text| text.len() <= 2 * MAX_PLACE_BYTES);
    let bytes = bytes.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or_else(damaged)?;
    let (place, given) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or_else(damaged)?;
    if check(place, list) == *given { Ok(place.to_vec()) } else { Err(damaged()) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_back_in_its_own_list_only(millis in 0_i64..4_102_444_800_000, id in any::<u128>()) {
            let created_at = Timestamp::from_millisecond(millis).unwrap();
            let position = Position { created_at, id: OrderId::new(Uuid::from_u128(id)) };
            let cursor = encode(position, "mine");
            prop_assert_eq!(decode(&cursor, "mine").unwrap(), position);
            prop_assert!(decode(&cursor, "theirs").is_err());
        }

        #[test]
        fn a_changed_cursor_is_refused(place in 0_usize..43, letter in "[A-Za-z0-9_-]") {
            let position = Position { created_at: Timestamp::UNIX_EPOCH, id: OrderId::new(Uuid::nil()) };
            let cursor = encode(position, "list");
            let mut changed = cursor.clone();
            changed.replace_range(place..=place, &letter);
            prop_assume!(changed != cursor);
            prop_assert!(decode(&changed, "list").is_err());
        }

        #[test]
        fn any_place_is_read_back_and_one_changed_byte_is_refused(
            place in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), change in 1_u8..,
        ) {
            let cursor = seal(&place, "list");
            prop_assert_eq!(open(&cursor, "list").unwrap(), place);
            let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= change;
            prop_assert!(open(&URL_SAFE_NO_PAD.encode(&bytes), "list").is_err());
            bytes.truncate(at);
            prop_assert!(open(&URL_SAFE_NO_PAD.encode(&bytes), "list").is_err());
        }

        #[test]
        fn noise_is_refused(noise in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(decode(&noise, "list").is_err());
            prop_assert!(decode(&URL_SAFE_NO_PAD.encode(&bytes), "list").is_err());
            // Sealed well, and not a place of this kind unless it is as long as one.
            prop_assert!(decode(&seal(&bytes, "list"), "list").is_err() || bytes.len() == 24);
        }
    }
}
