//! Signed links: whoever has one may do one thing with one order until a day, without signing in (J10).
//!
//! A token is base64url of 33 bytes: version and purpose (1), id of the order (16), the day on which it ends (2), and a seal (14), which is the
//! beginning of an HMAC-SHA256 over the rest. It holds nobody's data, and the same link has the same token. It is as short as it is because
//! text messages are paid for by the segment; 112 bits are far beyond what can be guessed at a door that is throttled.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use uuid::Uuid;

use crate::ids::OrderId;

/// Characters of a token.
pub const TOKEN_CHARACTERS: usize = 44;

/// Fewest characters of a key.
pub const MIN_KEY_CHARACTERS: usize = 32;

/// Most keys at a time: one that signs, and those whose links have not ended.
pub const MAX_KEYS: usize = 8;

const VERSION: u8 = 1;
const SEALED_BYTES: usize = 19;
/// Bytes of every seal.
pub(crate) const SEAL_BYTES: usize = 14;
const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// Keeps the seal apart from any other use of the same hash.
const CONTEXT: &[u8] = b"oms/signed-link";

/// What a link is good for. A token of one purpose is nothing to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Shows where an order and its parcels are.
    Track,
}

impl Purpose {
    /// Its number in tokens, 1 to 15, which no other purpose ever gets.
    const fn number(self) -> u8 {
        match self {
            Purpose::Track => 1,
        }
    }

    /// How long a link is good for, in days after what it was made for. It ends with a day, so it lives up to one day longer.
    const fn life_days(self) -> i64 {
        match self {
            // Until a parcel of another continent has arrived, and what is wrong with it was told.
            Purpose::Track => 90,
        }
    }

    /// The first byte of its tokens.
    const fn mark(self) -> u8 {
        (VERSION << 4) | self.number()
    }
}

/// The keys of links: the first signs, and all are believed, so that links outlive a change of keys.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRing(Vec<String>);

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyRing(..)")
    }
}

/// The text holds no keys of links. Nothing of it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys of links are 1 to {MAX_KEYS} words of at least {MIN_KEY_CHARACTERS} characters each")]
pub struct InvalidKeys;

impl KeyRing {
    /// Reads keys with spaces between them, the one that signs first.
    pub fn read(text: &str) -> Result<Self, InvalidKeys> {
        let keys: Vec<String> = text.split_whitespace().map(ToOwned::to_owned).collect();
        let fit = (1..=MAX_KEYS).contains(&keys.len()) && keys.iter().all(|key| key.len() >= MIN_KEY_CHARACTERS);
        if fit { Ok(KeyRing(keys)) } else { Err(InvalidKeys) }
    }

    /// Seals something for one use, which the context names.
    pub(crate) fn seal(&self, context: &[u8], sealed: &[u8]) -> [u8; SEAL_BYTES] {
        let mut seal = [0; SEAL_BYTES];
        let mac = self.0.first().map(|key| mac(key, context, sealed).finalize().into_bytes());
        for (place, byte) in seal.iter_mut().zip(mac.into_iter().flatten()) {
            *place = byte;
        }
        seal
    }

    /// Whether one of the keys has sealed it for this use.
    pub(crate) fn believes(&self, context: &[u8], sealed: &[u8], seal: &[u8; SEAL_BYTES]) -> bool {
        self.0.iter().any(|key| mac(key, context, sealed).verify_truncated_left(seal).is_ok())
    }
}

fn mac(key: &str, context: &[u8], sealed: &[u8]) -> Hmac<Sha256> {
    // A MAC takes keys of any length, so the fallback is never used.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
    mac.update(context);
    mac.update(sealed);
    mac
}

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub purpose: Purpose,
    pub order_id: OrderId,
    /// Days since 1970: with the beginning of this one it ends.
    end: u16,
}

impl Link {
    /// A link for what happened then.
    pub fn new(purpose: Purpose, order_id: OrderId, then: Timestamp) -> Self {
        let days = then.as_second().div_euclid(SECONDS_A_DAY).saturating_add(purpose.life_days() + 1);
        Link { purpose, order_id, end: u16::try_from(days.max(0)).unwrap_or(u16::MAX) }
    }

    /// Since when it is good for nothing.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(i64::from(self.end) * SECONDS_A_DAY)
    }

    /// The text that stands for it in an address.
    pub fn token(&self, keys: &KeyRing) -> String {
        let sealed = [&[self.purpose.mark()][..], self.order_id.uuid().as_bytes(), &self.end.to_be_bytes()].concat();
        let seal = keys.seal(CONTEXT, &sealed);
        URL_SAFE_NO_PAD.encode([&sealed[..], &seal].concat())
    }
}

/// A text that has the form of a token. Whether it is one only [`open`](Self::open) says: until then nobody needs to fetch a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    link: Link,
    seal: [u8; SEAL_BYTES],
}

impl Claimed {
    /// Reads a token of this purpose.
    pub fn read(token: &str, purpose: Purpose) -> Option<Self> {
        if token.len() != TOKEN_CHARACTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (sealed, seal) = bytes.split_at_checked(SEALED_BYTES)?;
        let (mark, rest) = sealed.split_first()?;
        let (id, end) = rest.split_first_chunk::<16>()?;
        let link = Link {
            purpose,
            order_id: OrderId::new(Uuid::from_bytes(*id)),
            end: u16::from_be_bytes(end.try_into().ok()?),
        };
        (*mark == purpose.mark()).then_some(Claimed { link, seal: seal.try_into().ok()? })
    }

    /// The link, if one of the keys has sealed it and it has not ended.
    pub fn open(self, keys: &KeyRing, now: Timestamp) -> Option<Link> {
        let Link { purpose, order_id, end } = self.link;
        let sealed = [&[purpose.mark()][..], order_id.uuid().as_bytes(), &end.to_be_bytes()].concat();
        (keys.believes(CONTEXT, &sealed, &self.seal) && now < self.link.expires_at()).then_some(self.link)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: &str = "old-key-old-key-old-key-old-key-old-key";
    const NEW: &str = "new-key-new-key-new-key-new-key-new-key";

    fn ring(keys: &[&str]) -> KeyRing {
        KeyRing::read(&keys.join(" ")).unwrap()
    }

    fn noon() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn link(id: u128) -> Link {
        Link::new(Purpose::Track, OrderId::new(Uuid::from_u128(id)), noon())
    }

    fn opened(token: &str, keys: &KeyRing, now: Timestamp) -> Option<Link> {
        Claimed::read(token, Purpose::Track)?.open(keys, now)
    }

    #[test]
    fn j10_a_link_is_good_until_its_day_ends_and_not_a_second_longer() {
        let (link, keys) = (link(7), ring(&[OLD]));
        let token = link.token(&keys);
        assert_eq!((token.len(), token.as_str()), (TOKEN_CHARACTERS, link.token(&keys).as_str()), "the same link");
        let end: Timestamp = "2027-02-25T00:00:00Z".parse().unwrap();
        assert_eq!(link.expires_at(), end, "90 days, and the rest of that day");
        assert_eq!(opened(&token, &keys, noon()), Some(link));
        assert_eq!(opened(&token, &keys, end - SignedDuration::from_secs(1)), Some(link));
        assert_eq!(opened(&token, &keys, end), None);
    }

    #[test]
    fn j10_the_first_key_signs_and_all_are_believed() {
        let (before, during, after) = (ring(&[OLD]), ring(&[NEW, OLD]), ring(&[NEW]));
        let (old, new) = (link(7).token(&before), link(7).token(&during));
        assert_eq!(new, link(7).token(&after));
        assert_ne!(old, new);
        let believed = |token: &str, keys: &KeyRing| opened(token, keys, noon()).is_some();
        assert_eq!([&before, &during, &after].map(|keys| believed(&old, keys)), [true, true, false]);
        assert_eq!([&before, &during, &after].map(|keys| believed(&new, keys)), [false, true, true]);
    }

    #[test]
    fn j10_a_token_of_another_purpose_or_version_is_nothing() {
        let keys = ring(&[OLD]);
        let mut sealed = URL_SAFE_NO_PAD.decode(link(7).token(&keys)).unwrap();
        sealed.truncate(SEALED_BYTES);
        for mark in (0..=u8::MAX).filter(|mark| *mark != Purpose::Track.mark()) {
            sealed[0] = mark;
            // Sealed by us: the seal alone does not make it a tracking link.
            let token = URL_SAFE_NO_PAD.encode([&sealed[..], &keys.seal(CONTEXT, &sealed)].concat());
            assert_eq!(Claimed::read(&token, Purpose::Track), None, "{mark:#x}");
        }
    }

    #[test]
    fn keys_are_long_words_and_never_shown() {
        assert!(KeyRing::read(&format!(" {NEW}\n{OLD} ")).is_ok());
        let many = [NEW; MAX_KEYS + 1].join(" ");
        for text in ["", "  ", "short", &format!("{NEW} short"), &NEW[..MIN_KEY_CHARACTERS - 1], &many] {
            assert_eq!(KeyRing::read(text), Err(InvalidKeys), "{text}");
        }
        assert!(!format!("{:?} {InvalidKeys}", ring(&[NEW])).contains("new-key"));
    }

    #[test]
    fn times_out_of_reach_make_links_that_end() {
        for then in [Timestamp::MIN, Timestamp::MAX] {
            let link = Link::new(Purpose::Track, OrderId::new(Uuid::nil()), then);
            let keys = ring(&[OLD]);
            assert_eq!(opened(&link.token(&keys), &keys, Timestamp::MAX), None);
        }
    }

    proptest! {
        #[test]
        fn j10_every_token_opens_its_own_link_and_no_changed_one_opens_any(
            id in any::<u128>(), day in 0_i64..40_000, byte in 0_usize..33, flip in 1_u8..=u8::MAX,
        ) {
            let keys = ring(&[NEW, OLD]);
            let then = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(day * SECONDS_A_DAY);
            let link = Link::new(Purpose::Track, OrderId::new(Uuid::from_u128(id)), then);
            let token = link.token(&keys);
            prop_assert_eq!(opened(&token, &keys, then), Some(link));
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            bytes[byte] ^= flip;
            prop_assert_eq!(opened(&URL_SAFE_NO_PAD.encode(bytes), &keys, then), None);
        }

        #[test]
        fn j10_no_other_text_opens_anything(text in "\\PC{0,60}", near in "[A-Za-z0-9_-]{44}") {
            let keys = ring(&[NEW, OLD]);
            prop_assert_eq!(opened(&text, &keys, Timestamp::UNIX_EPOCH), None);
            prop_assert_eq!(opened(&near, &keys, Timestamp::UNIX_EPOCH), None);
        }

        #[test]
        fn j10_one_link_has_one_spelling(place in 0_usize..44, other in "[A-Za-z0-9_=+/ -]") {
            let keys = ring(&[OLD]);
            let token = link(7).token(&keys);
            let mut changed: Vec<char> = token.chars().collect();
            changed[place] = other.chars().next().unwrap();
            let changed: String = changed.into_iter().collect();
            prop_assert_eq!(opened(&changed, &keys, noon()).is_some(), changed == token);
            prop_assert_eq!(opened(&format!("{token}{other}"), &keys, noon()), None);
        }
    }
}
