//! Identifiers. All are opaque to clients; those that can be derived are, so that a repeat meets the first attempt.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// Longest identifier that an identity provider may give a user or seller, in bytes.
pub const MAX_SUBJECT_BYTES: usize = 128;

/// Separates our derived ids from any other use of the same hash. Not a secret: ids grant nothing (O12).
const DERIVATION_KEY: &[u8] = b"oms/derived-id/v1";

/// A UUIDv8 made from the given parts; the same parts always make the same id.
fn derive(purpose: &str, parts: &[&[u8]]) -> Uuid {
    // A MAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(DERIVATION_KEY) else { return Uuid::nil() };
    mac.update(purpose.as_bytes());
    for part in parts {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    let digest = mac.finalize().into_bytes();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that was made elsewhere.
            pub const fn new(uuid: Uuid) -> Self {
                $name(uuid)
            }

            /// The id itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Accepts the hyphenated form only: one id has one spelling, in keys and in paths.
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                let uuid = Uuid::try_parse(text)?;
                if uuid.hyphenated().to_string() == text { Ok($name(uuid)) } else { Uuid::try_parse("").map($name) }
            }
        }
    };
}

uuid_id! {
    /// An order (A4).
    OrderId
}
uuid_id! {
    /// A product of the catalog.
    ProductId
}
uuid_id! {
    /// A label of a shipment: made before the carrier is asked, and what we ask it to print as our reference.
    LabelId
}
uuid_id! {
    /// One attempt to pay an order; what we ask the provider to repeat to us.
    PaymentId
}
uuid_id! {
    /// One refund of one payment; also the idempotency key that the provider gets.
    RefundId
}

uuid_id! {
    /// A kept means of payment.
    MethodId
}

impl MethodId {
    /// The id of a provider's token: the same token kept again is the same means of payment.
    pub fn of_token(provider: &str, token: &str) -> Self {
        MethodId(derive("method", &[provider.as_bytes(), token.as_bytes()]))
    }
}

impl LabelId {
    /// The id of the `sequence`th label of an order's shipment: asked for twice, it is still one label.
    pub fn of_sequence(order: OrderId, shipment: u16, sequence: u16) -> Self {
        LabelId(derive("label", &[order.0.as_bytes(), &shipment.to_be_bytes(), &sequence.to_be_bytes()]))
    }
}

impl OrderId {
    /// The id of the order that `caller` creates with this idempotency key: a repeated create meets itself (A19).
    pub fn from_key(caller: &UserId, idempotency_key: &str) -> Self {
        OrderId(derive("order", &[caller.as_str().as_bytes(), idempotency_key.as_bytes()]))
    }

    /// The public id of the `line`th line of this order.
    pub fn line(self, line: u16) -> Uuid {
        derive("line", &[self.0.as_bytes(), &line.to_be_bytes()])
    }

    /// The readable order number.
    pub fn number(self) -> OrderNumber {
        OrderNumber::of(self)
    }
}

impl ProductId {
    /// The id of the product that `caller` creates with this idempotency key.
    pub fn from_key(caller: &UserId, idempotency_key: &str) -> Self {
        ProductId(derive("product", &[caller.as_str().as_bytes(), idempotency_key.as_bytes()]))
    }
}

impl PaymentId {
    /// The id of the `attempt`th payment attempt of an order.
    pub fn of_attempt(order: OrderId, attempt: usize) -> Self {
        PaymentId(derive("payment", &[order.0.as_bytes(), &(attempt as u64).to_be_bytes()]))
    }
}

impl RefundId {
    /// The id of the `sequence`th refund of an order: decided twice, it is still one refund.
    pub fn of_sequence(order: OrderId, sequence: usize) -> Self {
        RefundId(derive("refund", &[order.0.as_bytes(), &(sequence as u64).to_be_bytes()]))
    }

    /// The id of a refund that was made by hand at the provider, which calls it `reference`.
    pub fn of_reference(order: OrderId, reference: &str) -> Self {
        RefundId(derive("refund at provider", &[order.0.as_bytes(), reference.as_bytes()]))
    }

    /// The key under which a provider is asked for this refund after it has failed so often.
    #[must_use]
    pub fn after_failures(self, failures: u32) -> Self {
        if failures == 0 {
            self
        } else {
            RefundId(derive("refund again", &[self.0.as_bytes(), &failures.to_be_bytes()]))
        }
    }
}

/// Why a text cannot name a user or a seller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id must have 1 to 128 visible ASCII characters")]
pub struct InvalidSubject;

macro_rules! subject_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as the identity provider wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidSubject;

            fn try_from(text: String) -> Result<Self, InvalidSubject> {
                let fits = (1..=MAX_SUBJECT_BYTES).contains(&text.len());
                if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) { Ok($name(text)) } else { Err(InvalidSubject) }
            }
        }

        impl FromStr for $name {
            type Err = InvalidSubject;

            fn from_str(text: &str) -> Result<Self, InvalidSubject> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

subject_id! {
    /// A person, by the subject of the identity provider's token.
    UserId
}
subject_id! {
    /// A seller, whose products and orders several users may manage.
    SellerId
}

/// Crockford's base 32: no I, L, O or U, so that a number survives a telephone.
const NUMBER_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NUMBER_SYMBOLS: usize = 10;

/// What a person reads out: ten base-32 symbols taken from the order's id and a check symbol, as `XXXXX-XXXXX-C`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderNumber(String);

/// Why a text is not an order number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an order number; the form is XXXXX-XXXXX-C, where C is a check symbol")]
pub struct InvalidNumber;

impl OrderNumber {
    fn of(order: OrderId) -> Self {
        // The low bits are random in a v7 and derived in a v8 id; the high ones of a v7 are the time.
        let mut rest = order.0.as_u128();
        let mut symbols = [0_u8; NUMBER_SYMBOLS];
        for symbol in symbols.iter_mut().rev() {
            *symbol = (rest & 31) as u8;
            rest >>= 5;
        }
        Self::spell(symbols)
    }

    fn spell(symbols: [u8; NUMBER_SYMBOLS]) -> Self {
        let letter = |symbol: u8| char::from(NUMBER_ALPHABET[usize::from(symbol)]);
        let mut text: String = symbols.iter().copied().map(letter).collect();
        text.insert(5, '-');
        text.push('-');
        text.push(letter(check_symbol(&symbols)));
        OrderNumber(text)
    }

    /// The number as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Luhn's sum in base 32: finds every wrong symbol and nearly every swapped pair.
fn check_symbol(symbols: &[u8; NUMBER_SYMBOLS]) -> u8 {
    let mut sum = 0_u32;
    for (position, symbol) in symbols.iter().rev().enumerate() {
        let weighted = u32::from(*symbol) * if position % 2 == 0 { 2 } else { 1 };
        sum += weighted / 32 + weighted % 32;
    }
    ((32 - sum % 32) % 32) as u8
}

impl FromStr for OrderNumber {
    type Err = InvalidNumber;

    /// Reads what a person typed: any case, with or without hyphens, I and L for 1 and O for 0.
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let mut read = Vec::with_capacity(NUMBER_SYMBOLS + 1);
        for character in text.trim().chars().filter(|character| *character != '-') {
            let upper = match character.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            let symbol = NUMBER_ALPHABET.iter().position(|known| char::from(*known) == upper).ok_or(InvalidNumber)?;
            read.push(u8::try_from(symbol).map_err(|_| InvalidNumber)?);
        }
        let (check, body) = read.split_last().ok_or(InvalidNumber)?;
        let symbols: [u8; NUMBER_SYMBOLS] = body.try_into().map_err(|_| InvalidNumber)?;
        if check_symbol(&symbols) == *check { Ok(Self::spell(symbols)) } else { Err(InvalidNumber) }
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How somebody names an order: by its id, or by the number that they read or were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderReference {
    Id(OrderId),
    Number(OrderNumber),
}

impl FromStr for OrderReference {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        text.parse().map(OrderReference::Id).or_else(|_| text.parse().map(OrderReference::Number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn the_same_key_of_the_same_caller_makes_the_same_order() {
        let first = OrderId::from_key(&user("alice"), "k1");
        assert_eq!(first, OrderId::from_key(&user("alice"), "k1"));
        assert_ne!(first, OrderId::from_key(&user("bob"), "k1"));
        assert_ne!(OrderId::from_key(&user("ab"), "c"), OrderId::from_key(&user("a"), "bc"));
        assert_eq!(first.uuid().get_version_num(), 8);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let text = "0190a5b0-7c3e-7000-8000-0000000000ff";
        assert_eq!(text.parse::<OrderId>().unwrap().to_string(), text);
        for other in [text.to_uppercase(), text.replace('-', ""), format!("{{{text}}}"), format!("urn:uuid:{text}")] {
            assert!(other.parse::<OrderId>().is_err(), "{other}");
        }
    }

    #[test]
    fn subjects_are_bounded_and_visible() {
        for text in ["", " ", "a b", "naïve", "tab\t", &"x".repeat(129)] {
            assert!(text.parse::<UserId>().is_err(), "{text:?}");
        }
        assert!("auth0|6500f1".parse::<UserId>().is_ok());
    }

    proptest! {
        #[test]
        fn a_number_survives_dictation_and_a_wrong_symbol_is_noticed(id in any::<u128>(), position in 0_usize..11, shift in 1_usize..32) {
            let number = OrderId::new(Uuid::from_u128(id)).number();
            prop_assert_eq!(number.as_str().to_lowercase().replace('-', "").parse::<OrderNumber>().unwrap(), number.clone());

            let mut symbols: Vec<char> = number.as_str().chars().filter(|c| *c != '-').collect();
            let known = NUMBER_ALPHABET.iter().position(|known| char::from(*known) == symbols[position]).unwrap();
            symbols[position] = char::from(NUMBER_ALPHABET[(known + shift) % 32]);
            prop_assert!(symbols.into_iter().collect::<String>().parse::<OrderNumber>().is_err());
        }

        #[test]
        fn an_id_is_read_as_it_is_written_and_one_changed_byte_is_another_or_none(
            id in any::<u128>(), place in 0_usize..36, letter in "[ -~]",
        ) {
            let id = OrderId::new(Uuid::from_u128(id));
            prop_assert_eq!(id.to_string().parse::<OrderId>().unwrap(), id);
            let mut changed = id.to_string();
            changed.replace_range(place..=place, &letter);
            if changed != id.to_string() && let Ok(other) = changed.parse::<OrderId>() {
                prop_assert_ne!(other, id);
                prop_assert_eq!(other.to_string(), changed);
            }
        }

        #[test]
        fn noise_names_nothing_or_itself(noise in any::<String>(), symbols in "[-0-9A-Za-z ]{0,16}") {
            for text in [noise, symbols] {
                if let Ok(number) = text.parse::<OrderNumber>() {
                    prop_assert_eq!(number.as_str().parse::<OrderNumber>().unwrap(), number.clone());
                    prop_assert_eq!(number.as_str().len(), "XXXXX-XXXXX-C".len());
                }
                let fits = (1..=MAX_SUBJECT_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
                prop_assert_eq!(text.parse::<UserId>().map(String::from).ok(), fits.then_some(text.clone()));
                prop_assert!(text.parse::<OrderId>().is_err() || text.len() == 36);
            }
        }
    }
}
