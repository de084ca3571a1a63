//! What a carrier asks for a cart, as it is offered to a customer and taken over into the order (G5).
//!
//! A quote asks carriers; an order must not wait for them, and must cost what was quoted. So the quote seals the price, and who orders
//! sends it back: base64url of 28 bytes: version (1), when it ends (4), price (8), working days (1), and a seal (14). What it is a price for
//! is sealed in without being said: another method, cart, destination or currency is another seal.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fulfilment::parcel::Measures;
use crate::ids::SellerId;
use crate::money::{Amount, Currency};
use crate::ordering::address::Destination;
use crate::signed_link::{KeyRing, SEAL_BYTES};

/// For so many minutes an offer is good.
pub const OFFER_MINUTES: i64 = 60;

/// Characters of a sealed offer.
pub const OFFER_CHARACTERS: usize = 38;

const VERSION: u8 = 1;
const SEALED_BYTES: usize = 14;

/// Keeps the seal apart from any other use of the same keys.
const CONTEXT: &[u8] = b"oms/carrier-rate";

/// The service of a carrier that a shipping method stands for, and whose price it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierRate {
    /// The carrier's name among the ports.
    pub carrier: String,
    /// Its code of the service.
    pub service: String,
    /// The box that everything of a seller goes into: its sides, and what it weighs empty.
    #[serde(rename = "box")]
    pub empty: Measures,
}

/// A price by a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarrierPrice {
    /// More than nothing.
    pub price: Amount,
    /// Within so many working days after it has left, where the carrier says so.
    pub days: Option<u8>,
}

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priced<'a> {
    /// Code of the shipping method.
    pub method: &'a str,
    pub currency: Currency,
    pub destination: &'a Destination,
    /// A parcel for each seller, in their order, with the weight of its goods in grams.
    pub parcels: &'a [(SellerId, u64)],
}

impl Priced<'_> {
    /// All of it as bytes, the same for the same things only.
    fn bytes(&self) -> Vec<u8> {
        let Destination { country, state, postal_code } = self.destination;
        let texts = [self.method, self.currency.stored(), country].into_iter();
        let texts = texts.chain([state, postal_code].map(|text| text.as_deref().unwrap_or_default()));
        let mut bytes = Vec::new();
        let mut push = |text: &str| {
            bytes.extend(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(text.as_bytes());
        };
        texts.for_each(&mut push);
        for (seller, grams) in self.parcels {
            push(seller.as_str());
            push(&grams.to_string());
        }
        bytes
    }
}

/// An offer that has the form of one. Whose it is only [`open`](Self::open) says: until then nobody needs to fetch a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedOffer {
    sealed: [u8; SEALED_BYTES],
    seal: [u8; SEAL_BYTES],
}

/// A text that no quote gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the `shipping_rate` of a quote")]
pub struct NoOffer;

impl SealedOffer {
    /// The price as it is offered now.
    pub fn new(offered: CarrierPrice, priced: &Priced<'_>, keys: &KeyRing, now: Timestamp) -> Self {
        let end = now.saturating_add(SignedDuration::from_mins(OFFER_MINUTES)).unwrap_or(Timestamp::MAX);
        let end = u32::try_from(end.as_second().max(0)).unwrap_or(u32::MAX);
        let mut sealed = [0; SEALED_BYTES];
        let parts = [VERSION].into_iter().chain(end.to_be_bytes()).chain(offered.price.minor().to_be_bytes());
        for (place, byte) in sealed.iter_mut().zip(parts.chain([offered.days.unwrap_or(0)])) {
            *place = byte;
        }
        SealedOffer { sealed, seal: keys.seal(CONTEXT, &[&sealed[..], &priced.bytes()].concat()) }
    }

    /// What clients send.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.sealed[..], &self.seal].concat())
    }

    pub fn read(text: &str) -> Result<Self, NoOffer> {
        if text.len() != OFFER_CHARACTERS {
            return Err(NoOffer);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoOffer)?;
        let (sealed, seal) = bytes.split_first_chunk::<SEALED_BYTES>().ok_or(NoOffer)?;
        let (sealed, seal) = (*sealed, seal.try_into().map_err(|_| NoOffer)?);
        if sealed[0] == VERSION { Ok(SealedOffer { sealed, seal }) } else { Err(NoOffer) }
    }

    /// The price, if we have offered it for this and it is still good.
    pub fn open(&self, priced: &Priced<'_>, keys: &KeyRing, now: Timestamp) -> Option<CarrierPrice> {
        let [_, end @ .., days] = self.sealed;
        let (end, price) = end.split_first_chunk::<4>()?;
        let until = i64::from(u32::from_be_bytes(*end));
        let price = Amount::from_minor(i64::from_be_bytes(price.try_into().ok()?));
        let believed = keys.believes(CONTEXT, &[&self.sealed[..], &priced.bytes()].concat(), &self.seal);
        let offered = CarrierPrice { price, days: Some(days).filter(|days| *days > 0) };
        (believed && now.as_second() < until).then_some(offered)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring(keys: &[&str]) -> KeyRing {
        KeyRing::read(&keys.join(" ")).unwrap()
    }

    const OLD: &str = "old-key-old-key-old-key-old-key-old-key";
    const NEW: &str = "new-key-new-key-new-key-new-key-new-key";

    fn now() -> Timestamp {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    fn berlin() -> Destination {
        Destination { postal_code: Some("10117".into()), ..Destination::somewhere_in("DE".into()) }
    }

    fn seller(name: &str) -> SellerId {
        name.parse().unwrap()
    }

    const PRICE: CarrierPrice = CarrierPrice { price: Amount::from_minor(540), days: Some(2) };

    #[test]
    fn g5_an_offer_is_good_for_an_hour_whatever_key_signs() {
        let (destination, parcels) = (berlin(), [(seller("north"), 1_200)]);
        let priced =
            Priced { method: "parcel", currency: "EUR".parse().unwrap(), destination: &destination, parcels: &parcels };
        let text = SealedOffer::new(PRICE, &priced, &ring(&[OLD]), now()).text();
        assert_eq!(text.len(), OFFER_CHARACTERS);
        let opened = |keys: &KeyRing, minutes: i64| {
            SealedOffer::read(&text).unwrap().open(&priced, keys, now() + SignedDuration::from_mins(minutes))
        };
        assert_eq!(opened(&ring(&[OLD]), 0), Some(PRICE));
        assert_eq!(opened(&ring(&[NEW, OLD]), OFFER_MINUTES - 1), Some(PRICE));
        assert_eq!(opened(&ring(&[OLD]), OFFER_MINUTES), None);
        assert_eq!(opened(&ring(&[NEW]), 0), None);
        let undated = CarrierPrice { days: None, ..PRICE };
        let text = SealedOffer::new(undated, &priced, &ring(&[OLD]), now()).text();
        assert_eq!(SealedOffer::read(&text).unwrap().open(&priced, &ring(&[OLD]), now()), Some(undated));
    }

    #[test]
    fn g5_an_offer_for_something_else_is_none() {
        let (keys, destination, euro) = (ring(&[OLD]), berlin(), "EUR".parse().unwrap());
        let parcels = [(seller("north"), 1_200), (seller("south"), 300)];
        let priced = Priced { method: "parcel", currency: euro, destination: &destination, parcels: &parcels };
        let offer = SealedOffer::new(PRICE, &priced, &keys, now());
        let munich = Destination { postal_code: Some("80331".into()), ..berlin() };
        let state = Destination { state: Some("BE".into()), ..berlin() };
        let vienna = Destination { country: "AT".into(), ..berlin() };
        // The postal code is no state.
        let shifted = Destination { state: Some("10117".into()), postal_code: None, ..berlin() };
        let mut others = vec![
            Priced { method: "parcel2", ..priced },
            Priced { currency: "USD".parse().unwrap(), ..priced },
            Priced { parcels: &parcels[..1], ..priced },
        ];
        others.extend([&munich, &state, &vienna, &shifted].map(|destination| Priced { destination, ..priced }));
        let heavier = [(seller("north"), 1_201), (seller("south"), 300)];
        let swapped = [(seller("north"), 300), (seller("south"), 1_200)];
        others.extend([&heavier, &swapped].map(|parcels| Priced { parcels, ..priced }));
        assert_eq!(offer.open(&priced, &keys, now()), Some(PRICE));
        for other in others {
            assert_eq!(offer.open(&other, &keys, now()), None, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn g5_no_changed_offer_opens(byte in 0_usize..28, flip in 1_u8..=u8::MAX) {
            let (keys, destination) = (ring(&[OLD]), berlin());
            let priced = Priced { method: "parcel", currency: "EUR".parse().unwrap(), destination: &destination, parcels: &[] };
            let mut bytes = URL_SAFE_NO_PAD.decode(SealedOffer::new(PRICE, &priced, &keys, now()).text()).unwrap();
            bytes[byte] ^= flip;
            let read = SealedOffer::read(&URL_SAFE_NO_PAD.encode(bytes));
            prop_assert_eq!(read.ok().and_then(|offer| offer.open(&priced, &keys, now())), None);
        }

        #[test]
        fn g5_no_other_text_is_an_offer(text in "\\PC{0,60}", near in "[A-Za-z0-9_-]{38}") {
            let (keys, destination) = (ring(&[OLD]), berlin());
            let priced = Priced { method: "parcel", currency: "EUR".parse().unwrap(), destination: &destination, parcels: &[] };
            for text in [text, near] {
                let read = SealedOffer::read(&text);
                prop_assert_eq!(read.ok().and_then(|offer| offer.open(&priced, &keys, Timestamp::UNIX_EPOCH)), None);
            }
        }
    }
}
