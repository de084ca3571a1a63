//! Lists of shipments: every part of every wanted status at once, in one round trip.
//!
//! Where a list is narrowed, each part looks at so many shipments and no more. A part that was not looked at to its end bounds what the
//! page may show; the next page begins there.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use futures::future::try_join_all;
use oms_app::ports::{ShipmentListing, ShipmentQuery, ShipmentRecord, StoreError};

use crate::dynamodb::companions::shipment::{place_of, read};
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// How many shipments a part looks at where a list is narrowed.
const LOOKED_AT: usize = 250;

/// Sorts before every place.
const LOWEST: &str = "0";
/// Sorts behind every place.
const HIGHEST: &str = "~";

/// A part, as far as it was looked at.
struct Part {
    found: Vec<(String, ShipmentRecord)>,
    /// The last place that was looked at, if there is more behind it.
    end: Option<String>,
}

pub(crate) async fn page(
    client: &Client,
    tables: &Tables,
    query: &ShipmentQuery,
) -> Result<ShipmentListing, StoreError> {
    let low = query.from.map_or(LOWEST.to_owned(), keys::time);
    // Behind a place is what begins like it and goes on.
    let low = query.after.as_ref().map_or(low.clone(), |after| low.max(format!("{after}!")));
    let high = query.until.map_or(HIGHEST.to_owned(), keys::time);
    // No name of a carrier holds what stands between them.
    let nobody = query.carrier.as_ref().is_some_and(|carrier| carrier.contains('|'));
    if low > high || nobody {
        return Ok(ShipmentListing { entries: Vec::new(), next: None });
    }
    let shards: BTreeSet<String> = query
        .statuses
        .iter()
        .flat_map(|status| (0..keys::SHIPMENT_SHARDS).map(|number| keys::shipment_shard(*status, number)))
        .collect();
    let parts = try_join_all(shards.into_iter().map(|shard| part(client, tables, query, shard, &low, &high))).await?;
    let end = parts.iter().filter_map(|part| part.end.clone()).min();
    let mut found: Vec<(String, ShipmentRecord)> = parts.into_iter().flat_map(|part| part.found).collect();
    found.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    if let Some(end) = &end {
        found.retain(|(place, _)| place <= end);
    }
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = if more { found.last().map(|(place, _)| place.clone()) } else { end };
    Ok(ShipmentListing { entries: found.into_iter().map(|(_, record)| record).collect(), next })
}

async fn part(
    client: &Client,
    tables: &Tables,
    query: &ShipmentQuery,
    shard: String,
    low: &str,
    high: &str,
) -> Result<Part, StoreError> {
    let mut call = client
        .query()
        .table_name(&tables.orders)
        .index_name(keys::BY_SHIPMENT)
        .key_condition_expression("#shipments = :shard AND #moved BETWEEN :low AND :high")
        .expression_attribute_names("#shipments", keys::SHIPMENTS)
        .expression_attribute_names("#moved", keys::MOVED)
        .expression_attribute_values(":shard", text(shard))
        .expression_attribute_values(":low", text(low))
        .expression_attribute_values(":high", text(high));
    let mut narrowed = Vec::new();
    if let Some(seller) = &query.seller {
        narrowed.push("#seller = :seller");
        call = call.expression_attribute_names("#seller", keys::SELLER);
        call = call.expression_attribute_values(":seller", text(seller.as_str()));
    }
    if let Some(location) = &query.location {
        narrowed.push("#location = :location");
        call = call.expression_attribute_names("#location", keys::LOCATION);
        call = call.expression_attribute_values(":location", text(location.as_str()));
    }
    if let Some(carrier) = &query.carrier {
        narrowed.push("contains(#carriers, :carrier)");
        call = call.expression_attribute_names("#carriers", keys::CARRIERS);
        call = call.expression_attribute_values(":carrier", text(format!("|{}|", carrier.to_lowercase())));
    }
    // What is planned stands beside what is packed.
    let all = narrowed.is_empty() && query.statuses.iter().filter(|status| status.is_open()).count() != 1;
    let limit = if all { query.limit + 1 } else { LOOKED_AT.max(query.limit + 1) };
    if !narrowed.is_empty() {
        call = call.filter_expression(narrowed.join(" AND "));
    }
    let answer = call.limit(i32::try_from(limit).unwrap_or(i32::MAX)).send().await;
    let answer = answer.map_err(|error| failed("Query", &error))?;
    let end = answer.last_evaluated_key.as_ref().map(|key: &Item| place_of(key).map(ToOwned::to_owned)).transpose()?;
    let found = answer.items.unwrap_or_default();
    let found = found.iter().map(|item| Ok((place_of(item)?.to_owned(), read(item)?)));
    let mut found = found.collect::<Result<Vec<_>, StoreError>>()?;
    found.retain(|(_, record)| record.is_wanted(query));
    Ok(Part { found, end })
}
