//! JSON of carriers as it is, not as it should be: numbers that are texts, texts that are numbers, and lists of one that are not lists.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use oms_domain::money::{Amount, Currency, Money};
use rust_decimal::Decimal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// How deep a body may be nested; those of carriers have ten levels.
const MAX_LEVELS: usize = 64;

/// Reads a body. What is null in it is as if it were not said: carriers write it where they have nothing to say.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let mut said = String::with_capacity(body.len());
    say(serde_json::from_slice(body)?, &mut said, 0)?;
    serde_json::from_str(&said)
}

/// Writes a value without what is null in it, and everything else as it is written.
fn say(value: &RawValue, said: &mut String, level: usize) -> Result<(), serde_json::Error> {
    let text = value.get();
    if level > MAX_LEVELS {
        return Err(serde::de::Error::custom("nested too deep"));
    }
    if text.starts_with('{') {
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
        said.push('{');
        for (at, (name, field)) in fields.into_iter().filter(|(_, field)| field.get() != NULL).enumerate() {
            said.push_str(if at == 0 { "" } else { "," });
            said.push_str(&serde_json::to_string(&name)?);
            said.push(':');
            say(field, said, level + 1)?;
        }
        said.push('}');
    } else if text.starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(text)?;
        said.push('[');
        for (at, one) in list.into_iter().filter(|one| one.get() != NULL).enumerate() {
            said.push_str(if at == 0 { "" } else { "," });
            say(one, said, level + 1)?;
        }
        said.push(']');
    } else {
        said.push_str(text);
    }
    Ok(())
}

const NULL: &str = "null";

/// A number or text of a carrier, as it is written: no number passes through a float.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Exact(String);

impl Exact {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Nothing if it is not money, or more precise than its currency.
    pub(crate) fn money(&self, currency: &str) -> Option<Money> {
        Money::parse(&self.0, Currency::known(currency)?).ok()
    }

    /// Money that somebody has to pay: carriers write a zero for what they do not know.
    pub(crate) fn price(&self, currency: &str) -> Option<Money> {
        self.money(currency).filter(|money| money.amount > Amount::ZERO)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get() {
            NULL => Ok(Exact::default()),
            text if text.starts_with('"') => serde_json::from_str(text).map(Exact).map_err(D::Error::custom),
            text => Ok(Exact(text.to_owned())),
        }
    }
}

/// A decimal that is written as a JSON number, digit by digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.normalize().to_string();
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// The fields of an object, to stand beside others that are written digit by digit.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

/// A list, or the one thing that would be in it, or an empty text for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Many<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(Many(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
    }

    fn visit_unit<E>(self) -> Result<Many<T>, E> {
        Ok(Many::default())
    }

    /// UPS writes an empty text where it has nothing to list.
    fn visit_str<E>(self, _: &str) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Priced {
        price: Exact,
    }

    #[test]
    fn a_number_keeps_its_digits_and_a_text_is_a_number_too() {
        for (json, minor) in
            [("18.62", 1862), ("\"18.62\"", 1862), ("18.6", 1860), ("90071992547409.93", 9_007_199_254_740_993)]
        {
            let read: Exact = serde_json::from_str(json).unwrap();
            assert_eq!(read.money("USD").unwrap().amount.minor(), minor, "{json}");
        }
        for json in ["18.625", "\"about 18\"", "null", "1e2"] {
            let read: Exact = serde_json::from_str(json).unwrap();
            assert_eq!(read.money("USD"), None, "{json}");
        }
        let zero: Exact = serde_json::from_str("0.0").unwrap();
        assert_eq!((zero.price("USD"), zero.money("XXQ")), (None, None));
    }

    #[test]
    fn a_decimal_is_written_as_it_is() {
        let weight = Number(Decimal::new(1_250, 3));
        assert_eq!(serde_json::to_string(&[weight]).unwrap(), "[1.25]");
    }

    #[test]
    fn what_is_null_is_not_said_and_the_rest_stays_as_it_is() {
        #[derive(Deserialize)]
        struct Told {
            #[serde(default)]
            name: String,
            prices: Many<Priced>,
        }
        let told: Told =
            read(br#"{"name":null,"prices":[null,{"price":1.10,"of":null}],"\u0041\"":{"x":null}}"#).unwrap();
        assert_eq!((told.name.as_str(), told.prices.0.len(), told.prices.0[0].price.text()), ("", 1, "1.10"));
        for broken in ["", "{", "[1,]", "{\"a\":}", "nothing"] {
            assert!(read::<Value>(broken.as_bytes()).is_err(), "{broken}");
        }
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        assert!(read::<Value>(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_list_of_one_may_come_without_its_list() {
        for (json, prices) in [
            (r#"[{"price":1.10},{"price":"2"}]"#, vec!["1.10", "2"]),
            (r#"{"price":1.10}"#, vec!["1.10"]),
            ("null", vec![]),
            ("\"\"", vec![]),
        ] {
            let read: Many<Priced> = serde_json::from_str(json).unwrap();
            let read: Vec<&str> = read.0.iter().map(|one| one.price.text()).collect();
            assert_eq!(read, prices, "{json}");
        }
    }
}
