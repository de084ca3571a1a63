//! Lists by key queries only. Places in a list are sort keys of ours, never DynamoDB's start keys from a client.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures::future::try_join_all;
use jiff::Timestamp;
use oms_app::ports::{ListQuery, Listing, MAX_NUMBERED, Position, Scope, StoreError, Summary};
use oms_domain::ids::{OrderId, OrderNumber, UserId};
use oms_domain::ordering::Status;

use crate::dynamodb::due::due_items;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, read_json, read_parsed, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// Most pages of one customer's orders that are searched for a status. Whoever has more gets a shorter page that says
/// where to go on: what a list costs does not grow with the orders that somebody has (A7).
const MAX_FILTERED_PAGES: usize = 4;

/// How many orders are looked at for such a page; 250 of them cost about ten read units.
const FILTERED_AT_ONCE_ORDERS: i32 = 250;

/// Sorts before every place in a list.
const LOWEST: &str = "0";
/// Sorts behind every place in a list.
const HIGHEST: &str = "~";

/// What may stand in a page, as inclusive bounds of the sort key.
struct Range {
    low: String,
    high: String,
}

impl Range {
    /// The part of the list that a query asks for, or nothing if there can be none.
    fn of(query: &ListQuery) -> Option<Range> {
        let mut low = query.from.map_or(LOWEST.to_owned(), keys::time);
        // No place is a bare time, so it does not matter that this bound is inclusive.
        let mut high = query.until.map_or(HIGHEST.to_owned(), keys::time);
        if let Some(after) = query.after.map(|position| position.key()) {
            if query.newest_first {
                high = high.min(just_before(&after));
            } else {
                low = low.max(just_behind(&after));
            }
        }
        (low <= high).then_some(Range { low, high })
    }
}

/// A text behind this place and before the next: places have one length.
fn just_behind(place: &str) -> String {
    format!("{place}!")
}

/// A text before this place and behind the one before it.
fn just_before(place: &str) -> String {
    let mut characters: Vec<char> = place.chars().collect();
    let last = characters.pop().map_or('\0', |last| char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('\0'));
    characters.extend([last, '~']);
    characters.into_iter().collect()
}

/// The lists of one table.
pub(crate) struct Lists<'a> {
    pub(crate) client: &'a Client,
    pub(crate) tables: &'a Tables,
}

impl Lists<'_> {
    pub(crate) async fn page(&self, query: &ListQuery) -> Result<Listing, StoreError> {
        let Some(range) = Range::of(query) else { return Ok(Listing { entries: Vec::new(), next: None }) };
        match &query.scope {
            Scope::Customer(user) => self.of_customer(user, query, &range).await,
            Scope::Everyone => self.of_everyone(query, &range).await,
        }
    }

    pub(crate) async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.tables.orders)
            .index_name(keys::BY_NUMBER)
            .key_condition_expression("#number = :number")
            .expression_attribute_names("#number", keys::NUMBER)
            .expression_attribute_values(":number", text(number.as_str()))
            .limit(i32::try_from(MAX_NUMBERED).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        found.items().iter().map(|item| read_parsed(item, keys::PK, keys::order_of)).collect()
    }

    /// The part of an index under one key.
    fn part(&self, index: &str, key: &str, value: &str, query: &ListQuery, range: &Range) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.orders)
            .index_name(index)
            .key_condition_expression("#key = :key AND #created BETWEEN :low AND :high")
            .expression_attribute_names("#key", key)
            .expression_attribute_names("#created", keys::CREATED)
            .expression_attribute_values(":key", text(value))
            .expression_attribute_values(":low", text(&range.low))
            .expression_attribute_values(":high", text(&range.high))
            .scan_index_forward(!query.newest_first)
    }

    async fn of_customer(&self, user: &UserId, query: &ListQuery, range: &Range) -> Result<Listing, StoreError> {
        let mut call = self.part(keys::BY_CUSTOMER, keys::CUSTOMER, user.as_str(), query, range);
        if query.statuses.is_empty() {
            call = call.limit(one_more(query.limit));
        } else {
            let names: Vec<String> = (0..query.statuses.len()).map(|number| format!(":status{number}")).collect();
            call = call
                .limit(FILTERED_AT_ONCE_ORDERS)
                .filter_expression(format!("#status IN ({})", names.join(", ")))
                .expression_attribute_names("#status", keys::STATUS);
            for (name, status) in names.into_iter().zip(&query.statuses) {
                call = call.expression_attribute_values(name, text(status.name()));
            }
        }
        let mut found = Vec::new();
        let mut from: Option<Item> = None;
        for _ in 0..MAX_FILTERED_PAGES {
            let page =
                call.clone().set_exclusive_start_key(from).send().await.map_err(|error| failed("Query", &error))?;
            for item in page.items() {
                found.push(read_json(item, keys::SUMMARY)?);
            }
            from = page.last_evaluated_key;
            if from.is_none() || found.len() > query.limit {
                return Ok(trimmed(found, query.limit));
            }
        }
        let reached = from.map(|item| read_parsed(&item, keys::CREATED, position)).transpose()?;
        Ok(Listing { entries: found, next: reached })
    }

    async fn of_everyone(&self, query: &ListQuery, range: &Range) -> Result<Listing, StoreError> {
        let statuses: &[Status] = if query.statuses.is_empty() { &Status::ALL } else { &query.statuses };
        let parts = statuses.iter().map(|status| {
            let call =
                self.part(keys::BY_STATUS, keys::STATUS, status.name(), query, range).limit(one_more(query.limit));
            async move { call.send().await.map_err(|error| failed("Query", &error)) }
        });
        let mut found: Vec<(String, Summary)> = Vec::new();
        for part in try_join_all(parts).await? {
            for item in part.items() {
                found.push((read_text(item, keys::CREATED)?.to_owned(), read_json(item, keys::SUMMARY)?));
            }
        }
        // An order that moved on between two queries is found twice: what is newer counts.
        found.sort_by(|(left, older), (right, newer)| left.cmp(right).then(newer.updated_at.cmp(&older.updated_at)));
        found.dedup_by(|(later, _), (kept, _)| later == kept);
        if query.newest_first {
            found.reverse();
        }
        Ok(trimmed(found.into_iter().map(|(_, summary)| summary).collect(), query.limit))
    }

    pub(crate) async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        let shards = (0..keys::DUE_SHARDS).map(keys::shard).collect();
        let due = due_items(self.client, self.tables, shards, now, limit).await?;
        due.iter().map(|item| read_parsed(item, keys::PK, keys::order_of)).collect()
    }
}

/// One more than is shown tells whether there is more.
fn one_more(limit: usize) -> i32 {
    i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX)
}

fn trimmed(mut found: Vec<Summary>, limit: usize) -> Listing {
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|entry| Position { created_at: entry.created_at, id: entry.id });
    Listing { entries: found, next }
}

/// A sort key as the place it names.
fn position(key: &str) -> Option<Position> {
    let (created_at, id) = key.split_once('#')?;
    Some(Position { created_at: created_at.parse().ok()?, id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_leave_out_the_place_itself_and_nothing_else() {
        let place = "2026-01-05T10:00:00.000Z#0190a5b0-7c3e-7000-8000-0000000000f0";
        let before = "2026-01-05T10:00:00.000Z#0190a5b0-7c3e-7000-8000-0000000000ef";
        let behind = "2026-01-05T10:00:00.000Z#0190a5b0-7c3e-7000-8000-0000000000f1";
        assert!(before < just_before(place).as_str() && just_before(place).as_str() < place);
        assert!(place < just_behind(place).as_str() && just_behind(place).as_str() < behind);
        assert_eq!(position(place).unwrap().key(), place);
    }
}
