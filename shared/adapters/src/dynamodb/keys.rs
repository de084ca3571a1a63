//! Every name that is stored: keys, attributes, indexes. Names in use never change their meaning.

use jiff::Timestamp;
use oms_app::idempotency::fingerprint;
use oms_app::ports::{Agenda, Notice, ParcelKey, Standing, Table, UnmatchedKey, UsageCounter};
use oms_domain::fulfilment::ShipmentStatus;
use oms_domain::ids::{LabelId, MethodId, OrderId, PaymentId, ProductId, RefundId, SellerId, UserId};
use uuid::Uuid;

/// Partition key of both tables.
pub const PK: &str = "pk";
/// Sort key of both tables.
pub const SK: &str = "sk";
/// When DynamoDB may delete an item, in epoch seconds.
pub const EXPIRES_AT: &str = "expires_at";

/// Sort key of the order's own item.
pub const ORDER: &str = "ORDER";
/// Sort key of the person record. Nothing else sorts between the two, so one query reads both.
pub const PERSON: &str = "PERSON";
/// Begins the sort keys of what people wrote with events; they follow upon [`PERSON`], and nothing else does.
pub const WRITTEN_PREFIX: &str = "PERSON#";
/// Sorts behind all of them.
pub const BEHIND_WRITTEN: &str = "PERSON#~";
/// Begins the sort key of checkout pages. It sorts before [`ORDER`], or it would stand between an order and its person.
pub const PAGE_PREFIX: &str = "CHECKOUT#";
/// Begins the sort key of pending refunds.
pub const REFUND_PREFIX: &str = "REFUND#";
/// Begins the sort key of labels that are waited for.
pub const LABEL_PREFIX: &str = "LABEL#";
/// Sort key of the marker how far an order's events were published, and the marker's number. It sorts behind [`PERSON`], and
/// the stream's filter passes over it.
pub const MARKER: &str = "PUBLISHED";
/// See [`MARKER`].
pub const PUBLISHED: &str = "published";
/// The shard of orders that are to be published from the table, in [`DUE_INDEX`]. There is one: only what the stream gave up on
/// is in it.
pub const OUTBOX: &str = "OUTBOX";
/// Sort key of parked news.
pub const PARKED: &str = "PARKED";
/// Sort key of a provider's circuit.
pub const CIRCUIT: &str = "CIRCUIT";
/// A provider's outages in a row.
pub const FAILURES: &str = "failures";
/// Begins the sort key of events; the stream's filter selects by it.
pub const EVENT_PREFIX: &str = "EVENT#";

/// State, version and last hash of an order; text, number, text.
pub const STATE: &str = "state";
/// See [`STATE`].
pub const VERSION: &str = "version";
/// From when on the last version of a table counts.
pub const EFFECTIVE_FROM: &str = "effective_from";
/// What a table says until then.
pub const UNTIL_THEN: &str = "until_then";
/// See [`STATE`].
pub const HEAD: &str = "head";
/// Fingerprint of a request.
pub const REQUEST: &str = "request";
/// What a command came to.
pub const OUTCOME: &str = "outcome";
/// Text of an event, a person record, a rate table.
pub const BODY: &str = "body";
/// An order's line in lists.
pub const SUMMARY: &str = "summary";
/// Whose order; key of [`BY_CUSTOMER`].
pub const CUSTOMER: &str = "customer";
/// Where an order stands; key of [`BY_STATUS`].
pub const STATUS: &str = "status";
/// When an order was created, then its id: how lists are sorted.
pub const CREATED: &str = "created";
/// Shard of pending orders; key of [`DUE_INDEX`].
pub const DUE: &str = "due";
/// Until when a pending order waits.
pub const DUE_AT: &str = "due_at";
/// Whose order holds a cart.
pub const ORDER_ID: &str = "order_id";
/// Until when a cart is claimed.
pub const UNTIL: &str = "until";
/// Who began a notice.
pub const BY: &str = "by";

/// How often a counter was used.
pub const USED: &str = "used";
/// Whether a customer's account is blocked.
pub const BLOCKED: &str = "blocked";
/// A customer's orders that wait for their payment.
pub const OPEN_ORDERS: &str = "open_orders";
/// Sort key of a customer's standing and of what is counted of them, and of a promotion's uses.
pub const STANDING: &str = "STANDING";
/// See [`STANDING`].
pub const USES: &str = "USES";

/// Whether a product is sold.
pub const ACTIVE: &str = "active";
/// A product's price in minor units.
pub const PRICE: &str = "price";
/// A product's currency.
pub const CURRENCY: &str = "currency";
/// Present on products that are sold; key of [`LISTING`].
pub const LIST: &str = "list";
/// How the catalog is sorted.
pub const LIST_KEY: &str = "list_key";
/// The one value of [`LIST`], and the sort key of products.
pub const PRODUCT: &str = "PRODUCT";
/// Into how many shards a hot product's units are spread; only hot products have it.
pub const SHARDS: &str = "shards";
/// Begins the sort key of a hot product's shards; behind [`PRODUCT`], so that one query reads all.
pub const SHARD_PREFIX: &str = "PRODUCT#SHARD#";
/// At how many available units administrators are told.
pub const LOW_STOCK_THRESHOLD: &str = "low_stock_threshold";
/// Sort key of what customers read about a product; behind [`PRODUCT`], so that one query reads both.
pub const DETAIL: &str = "PRODUCT#DETAIL";
/// Begins the sort key of a product's movements.
pub const MOVEMENT_PREFIX: &str = "MOVEMENT#";
/// Sort key of what administrators know of a product's running low.
pub const ALERT: &str = "ALERT";
/// Whose SKU it is.
pub const PRODUCT_ID: &str = "product_id";
/// How often a product has run low.
pub const CROSSING: &str = "crossing";
/// Whether a product is low since its last crossing.
pub const LOW: &str = "low";
/// Whether administrators were told of it.
pub const TOLD: &str = "told";
/// Partition key of the rates.
pub const RATES: &str = "RATES";
/// Sort key of the tax table.
pub const TAX: &str = "TAX";
/// Sort key of the shipping table.
pub const SHIPPING: &str = "SHIPPING";
/// Sort key of the promotion table.
pub const PROMOTIONS: &str = "PROMOTIONS";
/// Sort key of the locations.
pub const LOCATIONS: &str = "LOCATIONS";

/// Sort key of what the shop does by itself.
pub const SHOP: &str = "SHOP";

/// Sort key of the terms of returns.
pub const RETURNS: &str = "RETURNS";

/// Index of orders by customer and time.
pub const BY_CUSTOMER: &str = "by_customer";
/// Index of orders by status and time.
pub const BY_STATUS: &str = "by_status";
/// Index of orders by number.
pub const BY_NUMBER: &str = "by_number";
/// An order's number.
pub const NUMBER: &str = "number";
/// Index of pending orders by deadline.
pub const DUE_INDEX: &str = "due";
/// Index of products by name.
pub const LISTING: &str = "listing";

/// Index of shipments by status and by when they were moved last.
pub const BY_SHIPMENT: &str = "by_shipment";
/// Status and shard of a shipment; key of [`BY_SHIPMENT`].
pub const SHIPMENTS: &str = "shipments";
/// When a shipment was moved last, then its id: how such lists are sorted.
pub const MOVED: &str = "moved";
/// Where a shipment leaves.
pub const LOCATION: &str = "location";
/// Whose units are in a shipment.
pub const SELLER: &str = "seller";
/// Who carries a shipment, in lower case and between bars.
pub const CARRIERS: &str = "carriers";
/// Into how many parts the shipments of a status are spread, so that no index partition takes every one of them.
pub const SHIPMENT_SHARDS: u8 = 3;

/// Sort key of a parcel, and what its partition key begins with.
pub const PARCEL: &str = "PARCEL";
/// The shipment that took a parcel's number last. Functions of the release before know no other.
pub const SHIPMENT: &str = "shipment";
/// The shipments that hear of a parcel, as a set: id, a space, and when each left.
pub const OWNERS: &str = "owners";
/// The shipment that had a parcel's number before there were sets of them; empty if there was none.
pub const BEFORE: &str = "before";

/// Partition of a parcel.
pub fn parcel_pk(parcel: &ParcelKey) -> String {
    format!("{PARCEL}#{}#{}", parcel.carrier, parcel.number)
}

/// The parcel of a partition.
pub fn parcel_of(pk: &str) -> Option<ParcelKey> {
    let (carrier, number) = pk.strip_prefix(PARCEL)?.strip_prefix('#')?.split_once('#')?;
    Some(ParcelKey { carrier: carrier.to_owned(), number: number.to_owned() })
}

/// Sort key of what lists show of a shipment. It sorts behind [`BEHIND_WRITTEN`].
pub fn shipment_sk(number: u16) -> String {
    format!("SHIPMENT#{number:05}")
}

/// The part of an order's shipments in a status. What has yet to leave is together, since it is packed together.
pub fn shipment_shard_of(id: OrderId, status: ShipmentStatus) -> String {
    shipment_shard(status, id.uuid().as_bytes()[15] % SHIPMENT_SHARDS)
}

/// The name of such a part.
pub fn shipment_shard(status: ShipmentStatus, number: u8) -> String {
    let name = if status.is_open() { "open" } else { status.name() };
    format!("{name}#{number}")
}

/// Into how many parts pending orders are spread, so that no index partition takes every create.
pub const DUE_SHARDS: u8 = 4;

/// Begins the sort key of decisions about a customer.
pub const DECISION_PREFIX: &str = "DECISION#";

/// Sort key of a decision about a customer. What was decided is part of it: two decisions of the same millisecond are two,
/// and one that is written again is one.
pub fn decision_sk(standing: &Standing) -> String {
    let blocked = [u8::from(standing.blocked)];
    let told = fingerprint(&[standing.by.id.as_bytes(), standing.reason.as_bytes(), &blocked]);
    format!("{DECISION_PREFIX}{}#{}", time(standing.at), told.get(..8).unwrap_or_default())
}

/// Begins the sort key of the means of payment that a customer lets us keep.
pub const METHOD_PREFIX: &str = "METHOD#";
/// Partition key of those that providers are to forget.
pub const REMOVED: &str = "REMOVED";

/// Sort key of a kept means of payment.
pub fn method_sk(id: MethodId) -> String {
    format!("{METHOD_PREFIX}{id}")
}

/// Key of a counter.
pub fn counter(counter: &UsageCounter) -> (String, String) {
    match counter {
        UsageCounter::Promotion(code) => (format!("PROMOTION#{code}"), USES.to_owned()),
        UsageCounter::PromotionOfCustomer(code, user) => (customer_pk(user), format!("PROMOTION#{code}")),
        UsageCounter::Creations(user, minute) => (customer_pk(user), format!("RATE#{minute}")),
    }
}

/// Partition of an order.
pub fn order_pk(id: OrderId) -> String {
    format!("ORDER#{id}")
}

/// The order of a partition.
pub fn order_of(pk: &str) -> Option<OrderId> {
    pk.strip_prefix("ORDER#")?.parse().ok()
}

/// Where stands what was written with the event of this version.
pub fn written_sk(version: u64) -> String {
    format!("{WRITTEN_PREFIX}{version:06}")
}

/// The version behind [`written_sk`].
pub fn written_version(sk: &str) -> Option<u64> {
    sk.strip_prefix(WRITTEN_PREFIX)?.parse().ok()
}

/// Sort key of an event; ten digits keep texts in the order of numbers.
pub fn event_sk(version: u64) -> String {
    format!("{EVENT_PREFIX}{version:010}")
}

/// The version of an event's sort key.
pub fn version_of(sk: &str) -> Option<u64> {
    sk.strip_prefix(EVENT_PREFIX)?.parse().ok()
}

/// Sort key of a remembered command.
pub fn command_sk(key: &str) -> String {
    format!("COMMAND#{key}")
}

/// Sort key of an attempt's checkout page.
pub fn page_sk(payment: PaymentId) -> String {
    format!("{PAGE_PREFIX}{payment}")
}

/// The attempt of a page's sort key.
pub fn payment_of(sk: &str) -> Option<PaymentId> {
    sk.strip_prefix(PAGE_PREFIX)?.parse().ok()
}

/// Sort key of a refund that is pending at its provider.
pub fn refund_sk(refund: RefundId) -> String {
    format!("{REFUND_PREFIX}{refund}")
}

/// The refund of its sort key.
pub fn refund_of(sk: &str) -> Option<RefundId> {
    sk.strip_prefix(REFUND_PREFIX)?.parse().ok()
}

/// Partition of parked news.
pub fn parked_pk(place: &UnmatchedKey) -> String {
    format!("PARKED#{}", place.0)
}

/// The place of parked news.
pub fn place_of(pk: &str) -> Option<UnmatchedKey> {
    pk.strip_prefix("PARKED#").map(|place| UnmatchedKey(place.to_owned()))
}

/// Partition of what is known of a payment provider.
pub fn provider_pk(provider: &str) -> String {
    format!("PROVIDER#{provider}")
}

/// Sort key of a label that is waited for.
pub fn label_sk(label: LabelId) -> String {
    format!("{LABEL_PREFIX}{label}")
}

/// The label of its sort key.
pub fn label_of(sk: &str) -> Option<LabelId> {
    sk.strip_prefix(LABEL_PREFIX)?.parse().ok()
}

/// The shard of a task: all of one order are in one.
pub fn agenda_shard_of(agenda: Agenda, name: &str) -> String {
    agenda_shard(agenda, name.bytes().fold(0, |sum: u8, byte| sum.wrapping_add(byte)) % DUE_SHARDS)
}

/// The name of a shard of tasks.
pub fn agenda_shard(agenda: Agenda, number: u8) -> String {
    match agenda {
        Agenda::Payments => format!("AGENDA#{number}"),
        Agenda::Carriers => format!("CARRIERS#{number}"),
        Agenda::Parcels => format!("PARCELS#{number}"),
    }
}

/// Sort key of a notice.
pub fn notice_sk(notice: &Notice) -> String {
    format!("NOTICE#{:010}#{}", notice.version, notice.channel.name())
}

/// Partition of a customer's cart claims.
pub fn customer_pk(user: &UserId) -> String {
    format!("CUSTOMER#{user}")
}

/// Sort key of a cart claim.
pub fn cart_sk(cart: &str) -> String {
    format!("CART#{cart}")
}

/// Partition of a product.
pub fn product_pk(id: ProductId) -> String {
    format!("PRODUCT#{id}")
}

/// Sort key of a shard of a hot product.
pub fn shard_sk(number: u8) -> String {
    format!("{SHARD_PREFIX}{number:02}")
}

/// The product of a partition.
pub fn product_of(pk: &str) -> Option<ProductId> {
    pk.strip_prefix("PRODUCT#")?.parse().ok()
}

/// Sort key of a movement: newest last.
pub fn movement_sk(at: Timestamp, id: Uuid) -> String {
    format!("{MOVEMENT_PREFIX}{}#{id}", time(at))
}

/// Sort key of an edit of a catalog entry.
pub fn edit_sk(version: u64) -> String {
    format!("EDIT#{version:010}")
}

/// Partition of what a seller's products must not share.
pub fn seller_pk(seller: &SellerId) -> String {
    format!("SELLER#{seller}")
}

/// Sort key of a claimed SKU.
pub fn sku_sk(sku: &str) -> String {
    format!("SKU#{sku}")
}

/// Where a product stands in the catalog.
pub fn list_key(name: &str, id: ProductId) -> String {
    format!("{}#{id}", name.to_lowercase())
}

/// Sort key of a table that prices depend on.
pub const fn table_sk(table: Table) -> &'static str {
    match table {
        Table::Taxes => TAX,
        Table::Shipping => SHIPPING,
        Table::Promotions => PROMOTIONS,
        Table::Locations => LOCATIONS,
        Table::Shop => SHOP,
        Table::Returns => RETURNS,
    }
}

/// Sort key of what a table said at a version that was replaced.
pub fn replaced_sk(table: Table, version: u64) -> String {
    format!("{}#{version:010}", table_sk(table))
}

/// Begins the sort key of who made the versions of a table.
pub fn change_prefix(table: Table) -> String {
    format!("CHANGE#{}#", table_sk(table))
}

/// Sort key of who made a version of a table.
pub fn change_sk(table: Table, version: u64) -> String {
    format!("{}{version:010}", change_prefix(table))
}

/// The shard of an order among those pending.
pub fn due_shard(id: OrderId) -> String {
    shard(id.uuid().as_bytes()[15] % DUE_SHARDS)
}

/// The name of a shard.
pub fn shard(number: u8) -> String {
    format!("PENDING#{number}")
}

/// A time as sortable text: RFC 3339 with exactly three digits of a second.
pub fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use oms_app::ports::Position;

    #[test]
    fn an_order_and_its_person_stand_alone_between_their_neighbours() {
        let payment = "0190a5b0-7c3e-7000-8000-0000000000ff".parse().unwrap();
        let notice = "NOTICE#0000000001#email".to_owned();
        let mut keys = [event_sk(1), command_sk("k"), page_sk(payment), notice, ORDER.into(), PERSON.into()];
        keys.sort();
        assert_eq!(&keys[4..], [ORDER, PERSON]);
        assert_eq!(payment_of(&page_sk(payment)), Some(payment));
    }

    #[test]
    fn texts_sort_as_what_they_stand_for() {
        assert!(event_sk(9) < event_sk(10));
        assert_eq!(version_of(&event_sk(1234)), Some(1234));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let times =
            ["2026-01-05T10:00:00Z", "2026-01-05T10:00:00.5Z", "2026-01-05T10:00:01Z"].map(|text| time(at(text)));
        assert!(times.is_sorted());
        assert_eq!(times.map(|text| text.len()), [24; 3]);
        let id: OrderId = "0190a5b0-7c3e-7000-8000-0000000000ff".parse().unwrap();
        let position = Position { created_at: at("2026-01-05T10:00:00Z"), id };
        assert!(position.key().starts_with(&time(position.created_at)));
        assert_eq!(order_of(&order_pk(id)), Some(id));
    }
}
