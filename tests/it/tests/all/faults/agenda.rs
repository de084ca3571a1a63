//! What the agenda costs: money that is here is no task, so nobody reads or writes for it again; and publishing is looked at
//! beside it.

use jiff::SignedDuration;
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

#[tokio::test]
async fn s6_a_look_at_publishing_costs_no_order_anything() {
    let bench = Bench::start().await;
    let mut most = Vec::new();
    for orders in [0, 2, 8] {
        for _ in 0..orders {
            bench.a_paid_order().await;
            bench.clock.advance(SignedDuration::from_secs(1));
        }
        bench.clock.advance_minutes(30);
        let (mut looks, mut others) = (0, 0);
        for _ in 0..5 {
            bench.clock.advance_minutes(1);
            bench.meter().reset();
            bench.invoke("sweep", schedule_event()).await.unwrap();
            assert_eq!(bench.meter().capacity().write, 0.into());
            match bench.meter().round_trips() {
                9 => others += 1,
                _ => looks += 1,
            }
            most.push(bench.meter().round_trips());
        }
        assert_eq!((looks, others), (1, 4), "{most:?}");
    }
    // Ten statuses; then, as nobody has published anything here, two reads, and older orders at most ten times.
    assert!(most.iter().max() <= Some(&(9 + 11 * (10 + 2))), "{most:?}");
    assert_eq!(most[..5].iter().max(), Some(&(9 + 10)), "an empty shop");
}
