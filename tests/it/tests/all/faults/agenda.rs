//! What the agenda costs: money that is here is no task, so nobody reads or writes for it again.

use oms_it::{Bench, Call, schedule_event};

#[tokio::test]
async fn r2_a_payment_leaves_nothing_to_look_at_and_costs_less_than_a_look() {
    let bench = Bench::start().await;
    let id = bench.an_order().await;
    let payment = bench.a_payment(id).await;
    let webhook = bench.gateway.pay(payment, oms_testkit::start());
    bench.meter().reset();
    bench.ask(&Call::webhook(webhook)).await.expect(200);
    assert_eq!(bench.meter().operations(), ["Query", "TransactWriteItems"]);
    let paid = bench.meter().capacity();
    // It was 14 with a record of the notification, and 2 read and 2 write units more for the look that followed.
    assert!(paid.write <= 15.into() && paid.read <= 1.into(), "{paid:?}");
    bench.clock.advance_minutes(11);
    bench.meter().reset();
    bench.invoke("sweep", schedule_event()).await.unwrap();
    let calls = bench.meter().operations();
    assert!(calls.iter().all(|operation| operation == "Query"), "{calls:?}");
    assert_eq!(bench.meter().capacity().write, 0.into());
}
