//! Values of bodies that say their own bounds, once: they are in `openapi.yaml`, and `shape` holds what is sent against
//! them.

use std::borrow::Cow;
use std::fmt;

use oms_domain::ids::MAX_SUBJECT_BYTES;
use oms_domain::money::Money;
use oms_domain::text::{is_blank, is_one_line, is_plain};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Format of a text without line breaks and other control characters, which would end in mails, SMS and on labels.
pub const ONE_LINE: &str = "one-line";

/// Format of a decimal text such as `19.90`.
pub const MONEY: &str = "money";

/// Format of an id that an identity provider gives.
const SUBJECT: &str = "subject";

/// Longest decimal text that is read, in characters.
const MAX_MONEY_CHARACTERS: usize = 24;

/// A value that is not within the bounds of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not within its bounds")]
pub struct OutOfBounds;

/// A text of `MIN` to `MAX` characters, lines and all; not blank if it must have any.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// The same in one line: no control characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line<const MIN: usize, const MAX: usize>(String);

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Count<const MIN: u32, const MAX: u32>(u32);

/// An amount of money as a decimal text; its currency stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MoneyText(String);

/// Schema of an id that an identity provider gives: users and sellers.
pub struct Subject;

/// Schema of a share from 0 to 1 as a decimal text, such as `0.19`.
pub struct Rate;

fn fits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count())
}

/// Up to 18 digits before the point and up to 6 behind it.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, rest)) => digits(whole, 18) && digits(rest, 6),
        None => digits(unsigned, 18),
    }
}

/// What a text of a known format must be, if `shape` can tell.
pub(crate) fn broken_format(format: &str, text: &str) -> Option<&'static str> {
    let (holds, rule): (bool, &'static str) = match format {
        ONE_LINE => {
            (is_one_line(text), "must be one line without control characters or characters that turn its direction")
        }
        MONEY => (is_decimal(text), "must be a decimal such as 19.90"),
        "uuid" => (is_id(text), "is not an id, which is a UUID in lower case with hyphens"),
        SUBJECT => (text.parse::<oms_domain::ids::UserId>().is_ok(), "must be 1 to 128 visible ASCII characters"),
        "order-status" => (text.parse::<oms_domain::ordering::Status>().is_ok(), "is not an order status"),
        _ => (true, ""),
    };
    (!holds).then_some(rule)
}

/// What every text must be: free of characters that mail, labels and lists show wrongly, and not blank where something
/// must stand.
pub(crate) fn broken_text(text: &str, least: usize) -> Option<&'static str> {
    if !is_plain(text) {
        return Some("must not contain control characters or characters that turn its direction");
    }
    (least > 0 && is_blank(text)).then_some("must not be blank")
}

/// Ids have one spelling.
fn is_id(text: &str) -> bool {
    text.parse::<oms_domain::ids::ProductId>().is_ok()
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(text: String) -> Result<Self, OutOfBounds> {
        if fits(&text, MIN, MAX) && broken_text(&text, MIN).is_none() { Ok(Text(text)) } else { Err(OutOfBounds) }
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Line<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(text: String) -> Result<Self, OutOfBounds> {
        let reads = broken_text(&text, MIN).is_none() && is_one_line(&text);
        if fits(&text, MIN, MAX) && reads { Ok(Line(text)) } else { Err(OutOfBounds) }
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Count<MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(number: u32) -> Result<Self, OutOfBounds> {
        if (MIN..=MAX).contains(&number) { Ok(Count(number)) } else { Err(OutOfBounds) }
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> String {
        text.0
    }
}

impl<const MIN: usize, const MAX: usize> From<Line<MIN, MAX>> for String {
    fn from(text: Line<MIN, MAX>) -> String {
        text.0
    }
}

impl<const MIN: u32, const MAX: u32> From<Count<MIN, MAX>> for u32 {
    fn from(number: Count<MIN, MAX>) -> u32 {
        number.0
    }
}

impl From<MoneyText> for String {
    fn from(decimal: MoneyText) -> String {
        decimal.0
    }
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        MoneyText(money.decimal())
    }
}

impl fmt::Display for MoneyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// What people write never reaches a log by accident.
impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for Line<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line(..)")
    }
}

fn text_schema(least: usize, most: usize) -> ObjectBuilder {
    let least = Some(least).filter(|least| *least > 0);
    ObjectBuilder::new().schema_type(Type::String).min_length(least).max_length(Some(most))
}

fn custom(format: &str) -> SchemaFormat {
    SchemaFormat::Custom(format.to_owned())
}

impl<const MIN: usize, const MAX: usize> PartialSchema for Text<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        text_schema(MIN, MAX).into()
    }
}

// The names of these schemas differ by bounds, and none of them is in the document: scalars are written where they are used.
impl<const MIN: usize, const MAX: usize> ToSchema for Text<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }
}

impl<const MIN: usize, const MAX: usize> PartialSchema for Line<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        text_schema(MIN, MAX).format(Some(custom(ONE_LINE))).into()
    }
}

impl<const MIN: usize, const MAX: usize> ToSchema for Line<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("Line{MIN}To{MAX}").into()
    }
}

impl<const MIN: u32, const MAX: u32> PartialSchema for Count<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        let integer = ObjectBuilder::new().schema_type(Type::Integer);
        integer.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32))).minimum(Some(MIN)).maximum(Some(MAX)).into()
    }
}

impl<const MIN: u32, const MAX: u32> ToSchema for Count<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("Count{MIN}To{MAX}").into()
    }
}

impl PartialSchema for MoneyText {
    fn schema() -> RefOr<Schema> {
        let text = text_schema(1, MAX_MONEY_CHARACTERS).format(Some(custom(MONEY)));
        text.pattern(Some(r"^-?\d{1,18}(\.\d{1,6})?$")).into()
    }
}

impl ToSchema for MoneyText {}

impl PartialSchema for Subject {
    fn schema() -> RefOr<Schema> {
        text_schema(1, MAX_SUBJECT_BYTES).format(Some(custom(SUBJECT))).pattern(Some("^[!-~]+$")).into()
    }
}

impl ToSchema for Subject {}

impl PartialSchema for Rate {
    fn schema() -> RefOr<Schema> {
        text_schema(1, MAX_MONEY_CHARACTERS).pattern(Some(r"^[0-9]+(\.[0-9]+)?$")).into()
    }
}

impl ToSchema for Rate {}
