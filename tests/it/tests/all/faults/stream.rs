//! What order costs: markers are read once and written once for a whole batch of the stream.

use oms_domain::ids::OrderId;
use oms_it::{Bench, Call, Entry, cart, stream_event};
use oms_testkit::builders::{customer, product_id};
use serde_json::{Value, json};

/// As many orders as one write takes markers.
const ORDERS: usize = 25;

async fn entries(bench: &Bench, orders: &[OrderId]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for order_id in orders {
        let events = bench.events(*order_id).await;
        entries.extend(events.into_iter().map(|event| Entry { order_id: *order_id, event }));
    }
    entries
}

fn nothing_failed() -> Value {
    json!({ "batchItemFailures": [] })
}

#[tokio::test]
async fn l2_a_batch_of_the_stream_costs_one_read_and_one_write_more_and_an_order_one_unit_each() {
    let bench = Bench::start().await;
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        let by = customer(&format!("customer-{number}"));
        let call = Call::create(&cart(&[(product_id(3), 1)])).by(&by);
        orders.push(bench.ask(&call).await.expect(201).order_id());
    }
    let mut arriving = entries(&bench, &orders).await;
    // As bad as it gets while all of a transaction is in one batch.
    arriving.reverse();
    bench.meter().reset();
    assert_eq!(bench.invoke("relay", stream_event(&arriving)).await.unwrap(), nothing_failed());
    assert_eq!(bench.meter().operations(), ["BatchGetItem", "BatchWriteItem"]);
    let units = bench.meter().capacity();
    assert!(units.read <= ORDERS.into() && units.write <= ORDERS.into(), "{units:?}");
    assert_eq!(bench.bus.published().len(), 2 * ORDERS);

    // What this process knows is not read again.
    for (number, order) in orders[..2].iter().enumerate() {
        let by = customer(&format!("customer-{number}"));
        bench.ask(&Call::cancel(*order).by(&by)).await.expect(200);
    }
    let arriving: Vec<Entry> =
        entries(&bench, &orders[..2]).await.into_iter().filter(|entry| entry.event.version > 2).collect();
    bench.meter().reset();
    assert_eq!(bench.invoke("relay", stream_event(&arriving)).await.unwrap(), nothing_failed());
    assert_eq!(bench.meter().operations(), ["BatchWriteItem"]);
    bench.meter().reset();
    assert_eq!(bench.invoke("relay", stream_event(&arriving)).await.unwrap(), nothing_failed());
    assert_eq!(bench.meter().operations(), [""; 0], "repeats cost nothing");
}
