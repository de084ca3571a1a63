//! Acts within their allowances: the times of the last ones, newest first, in attributes `o0`, `o1`, …
//!
//! Each act moves them on by one place. That is possible in one write because DynamoDB takes what stands on the right of a
//! `SET` from the item as it was before. The oldest of the kept times says whether there is room.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use oms_app::ports::{Act, Allowance, StoreError};

use crate::dynamodb::item::{Item, damaged, number};

/// Parts of an update of an account.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    conditions: Vec<String>,
    sets: Vec<String>,
    rest: Vec<String>,
    pub(crate) values: Vec<(String, AttributeValue)>,
}

/// The first letter of an act's attributes. A stored word: it never changes.
const fn letter(act: Act) -> char {
    match act {
        Act::Order => 'o',
        Act::UnknownCode => 'c',
        Act::Payment => 'p',
        Act::Message => 'm',
        Act::CarrierRates => 'r',
    }
}

/// The attribute of the oldest act that matters.
fn oldest(allowance: Allowance) -> String {
    format!("{}{}", letter(allowance.act), allowance.most.saturating_sub(1))
}

/// Until when the allowance is taken, by the item; the past where there is room.
pub(crate) fn free_at(item: &Item, allowance: Allowance) -> Result<Timestamp, StoreError> {
    let name = oldest(allowance);
    let Some(found) = item.get(&name) else { return Ok(Timestamp::UNIX_EPOCH) };
    let millis = found.as_n().ok().and_then(|digits| digits.parse().ok());
    let at = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()).ok_or_else(|| damaged(item, &name))?;
    Ok(allowance.free_at(at))
}

impl Parts {
    pub(crate) fn condition(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    pub(crate) fn set(&mut self, clause: String) {
        self.sets.push(clause);
    }

    /// A whole `ADD`, `DELETE` or `REMOVE`.
    pub(crate) fn and(&mut self, clause: String) {
        self.rest.push(clause);
    }

    pub(crate) fn value(&mut self, name: &str, value: AttributeValue) {
        self.values.push((name.to_owned(), value));
    }

    /// There must be room.
    pub(crate) fn needs(&mut self, allowance: Allowance, now: Timestamp) {
        let (oldest, since) = (oldest(allowance), format!(":{}_since", letter(allowance.act)));
        self.condition(format!("(attribute_not_exists({oldest}) OR {oldest} <= {since})"));
        self.value(&since, number(allowance.since(now).as_millisecond()));
    }

    /// There must be room, and this takes it.
    pub(crate) fn counts(&mut self, allowance: Allowance, now: Timestamp) {
        self.needs(allowance, now);
        let letter = letter(allowance.act);
        for place in (1..allowance.most).rev() {
            self.set(format!("{letter}{place} = if_not_exists({letter}{}, :never)", place - 1));
        }
        self.set(format!("{letter}0 = :now"));
        self.value(":now", number(now.as_millisecond()));
        if allowance.most > 1 {
            self.value(":never", number(0));
        }
    }

    /// All conditions.
    pub(crate) fn condition_expression(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    /// All changes; nothing if there are none.
    pub(crate) fn update_expression(&self) -> Option<String> {
        let sets = (!self.sets.is_empty()).then(|| format!("SET {}", self.sets.join(", ")));
        let all: Vec<String> = sets.into_iter().chain(self.rest.iter().cloned()).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}
