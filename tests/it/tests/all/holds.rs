//! Holds end by the clock: here no schedule runs, so nothing is swept unless somebody asks for the units.

use oms_app::ports::{Clock as _, Orders as _};
use oms_domain::ordering::Status;
use oms_it::{Bench, Call, cart, queue_event};
use oms_testkit::builders::{customer, product_id};
use serde_json::json;

#[tokio::test]
async fn f3_an_unpaid_order_s_units_are_sold_though_no_sweep_has_run_for_hours_and_its_late_money_goes_back() {
    let bench = Bench::start().await;
    let all = cart(&[(product_id(1), 50)]);
    let unpaid = bench.ask(&Call::create(&all)).await.expect(201).order_id();
    let payment = bench.a_payment(unpaid).await;
    let bob = customer("bob");
    bench.ask(&Call::create(&all).by(&bob)).await.expect_problem(409, "ORD-1001");

    bench.clock.advance_minutes(6 * 60);
    bench.ask(&Call::create(&all).by(&bob)).await.expect(201);
    let view = bench.ask(&Call::view(unpaid)).await.expect(200).body;
    let last = view["status_history"].as_array().unwrap().last().unwrap();
    assert_eq!((&view["status"], &last["note"]), (&json!("cancelled"), &json!("payment_timeout")));
    assert_eq!(last["actor"], json!({ "id": "deadline", "role": "system" }));

    let webhook = bench.gateway.pay(payment, bench.clock.now());
    assert_eq!(bench.ask(&Call::webhook(webhook)).await.expect(200).body["result"], "applied");
    let refund = bench.public_events(unpaid).await.into_iter().rfind(|event| event.kind.contains("refund_initiated"));
    let batch = queue_event(&[("1", "group", serde_json::to_string(&refund.unwrap()).unwrap())]);
    assert_eq!(bench.invoke("refund", batch).await.unwrap(), json!({ "batchItemFailures": [] }));
    let order = bench.order(unpaid).await;
    assert_eq!((order.status, order.ledger.captured()), (Status::Cancelled, order.ledger.refunded()));
    assert_eq!(bench.gateway.refunds()[0].money, order.total());

    let stock = bench.product(1).await.stock;
    assert_eq!((stock.available, stock.reserved, stock.is_balanced()), (0, 50, true));
    assert!(bench.orders.due(bench.clock.now(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_draft_is_submitted_on_units_of_an_overdue_order() {
    let bench = Bench::start().await;
    let draft = bench.a_draft().await;
    let unpaid = bench.ask(&Call::create(&cart(&[(product_id(1), 50)]))).await.expect(201).order_id();
    bench.ask(&Call::submit(draft)).await.expect_problem(409, "ORD-1001");
    bench.clock.advance_minutes(31);
    bench.ask(&Call::submit(draft)).await.expect(200);
    assert_eq!(bench.order(unpaid).await.status, Status::Cancelled);
    assert_eq!(bench.available(1).await, 48);
}

#[tokio::test]
async fn buyers_who_find_the_same_overdue_units_at_once_get_each_unit_once() {
    let bench = Bench::start().await;
    for number in 0..10 {
        let ada = customer(&format!("early-{number}"));
        bench.ask(&Call::create(&cart(&[(product_id(1), 5)])).by(&ada)).await.expect(201);
    }
    bench.clock.advance_minutes(31);
    let body = cart(&[(product_id(1), 5)]);
    let buyers: Vec<_> = (0..12).map(|number| Call::create(&body).by(&customer(&format!("late-{number}")))).collect();
    let replies = futures::future::join_all(buyers.iter().map(|call| bench.ask(call))).await;
    let sold = replies.iter().filter(|reply| reply.status == 201).count();
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert!(["ORD-1001", "ORD-2002"].contains(&reply.body["code"].as_str().unwrap()), "{}", reply.body);
    }
    let stock = bench.product(1).await.stock;
    assert!(stock.is_balanced() && sold <= 10, "{sold} sold, {stock:?}");
    // Who was told that others were quicker may come again, until nothing is left.
    for call in &buyers {
        bench.ask(call).await;
    }
    let stock = bench.product(1).await.stock;
    assert_eq!((stock.available, stock.reserved, stock.is_balanced()), (0, 50, true));
}
