//! Places in lists, sealed and opened.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use oms_app::cursor::{decode, encode, open, seal};
use oms_app::ports::Position;
use oms_domain::ids::OrderId;
use proptest::prelude::*;
use uuid::Uuid;

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
