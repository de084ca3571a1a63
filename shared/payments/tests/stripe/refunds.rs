//! Refunds (D6): once each, never more than was taken.

use oms_app::ports::{GatewayError, PaymentGateway as _, RefundState};
use oms_fakes::stripe::{Fault, Operation};

use crate::bench::{Bench, refund_request};

#[tokio::test]
async fn a_refund_that_is_asked_for_twice_is_one() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "44.70 EUR").await;
    let request = refund_request(&page, &reference, 1, "14.90 EUR");
    assert_eq!(bench.gateway.find_refund(&request).await.unwrap(), None);
    let receipt = bench.gateway.refund(&request).await.unwrap();
    assert_eq!(receipt.state, RefundState::Done);
    assert_eq!(bench.gateway.refund(&request).await.unwrap(), receipt);
    assert_eq!(bench.gateway.find_refund(&request).await.unwrap(), Some(receipt));

    let balance = &bench.stripe.ledger()[&page.order_id.to_string()];
    assert_eq!((balance.captured, balance.refunded, balance.refunds), (4_470, 1_490, 1));
    let refund = &bench.stripe.refunds()[0];
    assert_eq!(refund.metadata["refund_id"], request.refund_id.to_string());
    assert_eq!(refund.metadata["order_id"], request.order_id.to_string());
}

#[tokio::test]
async fn more_than_was_taken_is_refused() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let refund = async |number, money| bench.gateway.refund(&refund_request(&page, &reference, number, money)).await;
    assert!(matches!(refund(1, "10.01 EUR").await, Err(GatewayError::Declined(_))));
    refund(2, "6.00 EUR").await.unwrap();
    assert!(matches!(refund(3, "4.01 EUR").await, Err(GatewayError::Declined(_))));
    refund(4, "4.00 EUR").await.unwrap();
    let Err(GatewayError::Declined(why)) = refund(5, "0.01 EUR").await else { panic!("it was made") };
    assert!(why.contains("charge_already_refunded"), "{why}");
    assert_eq!(bench.stripe.ledger()[&page.order_id.to_string()].refunded, 1_000);
}

#[tokio::test]
async fn a_refund_is_recognised_after_its_key_is_forgotten() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let request = refund_request(&page, &reference, 1, "10.00 EUR");
    let receipt = bench.gateway.refund(&request).await.unwrap();
    bench.advance_minutes(25 * 60);
    assert_eq!(bench.gateway.refund(&request).await.unwrap(), receipt);
    assert_eq!(bench.stripe.refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_is_found_among_many() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let request = refund_request(&page, &reference, 1, "1.00 EUR");
    let receipt = bench.gateway.refund(&request).await.unwrap();
    for _ in 0..205 {
        bench.stripe.refund_by_hand(&reference, 1).unwrap();
    }
    assert_eq!(bench.gateway.find_refund(&request).await.unwrap(), Some(receipt));
    let pages = bench.stripe.log().iter().filter(|call| call.method == "GET" && call.path == "/v1/refunds").count();
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn a_refund_that_takes_time_says_how_it_ended() {
    let bench = Bench::new().await;
    bench.stripe.hold_refunds(true);
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let (good, bad) =
        (refund_request(&page, &reference, 1, "1.00 EUR"), refund_request(&page, &reference, 2, "2.00 EUR"));
    for request in [&good, &bad] {
        assert_eq!(bench.gateway.refund(request).await.unwrap().state, RefundState::Pending);
    }
    let refunds = bench.stripe.refunds();
    bench.stripe.settle_refund(&refunds[0].id, Ok(())).unwrap();
    bench.stripe.settle_refund(&refunds[1].id, Err("expired_or_canceled_card")).unwrap();
    assert_eq!(bench.gateway.find_refund(&good).await.unwrap().unwrap().state, RefundState::Done);
    let failed = RefundState::Failed("expired_or_canceled_card".to_owned());
    assert_eq!(bench.gateway.find_refund(&bad).await.unwrap().unwrap().state, failed);
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_made_once() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let request = refund_request(&page, &reference, 1, "4.00 EUR");
    for fault in [Fault::LostAnswer, Fault::CutAnswer, Fault::BrokenConnection] {
        bench.stripe.fail_next(Some(Operation::Refund), fault);
        let told = bench.gateway.refund(&request).await;
        assert!(matches!(told, Err(GatewayError::Unavailable(_))), "{told:?}");
    }
    bench.gateway.refund(&request).await.unwrap();
    assert_eq!(bench.stripe.ledger()[&page.order_id.to_string()].refunded, 400);
}

#[tokio::test]
async fn a_stored_failure_stays_and_a_look_up_tells_whether_it_was_done() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "10.00 EUR").await;
    let done = refund_request(&page, &reference, 1, "4.00 EUR");
    bench.stripe.fail_next(Some(Operation::Refund), Fault::StoredFailureAfterActing);
    let not_done = refund_request(&page, &reference, 2, "4.00 EUR");
    for request in [&done, &not_done] {
        let Err(GatewayError::Unavailable(first)) = bench.gateway.refund(request).await else { panic!("it was made") };
        assert!(!first.contains("stored"), "{first}");
        let Err(GatewayError::Unavailable(again)) = bench.gateway.refund(request).await else { panic!("it was made") };
        assert!(again.contains("stored for this idempotency key"), "{again}");
        bench.stripe.fail_next(Some(Operation::Refund), Fault::StoredFailure);
    }
    assert_eq!(bench.gateway.find_refund(&done).await.unwrap().unwrap().state, RefundState::Done);
    assert_eq!(bench.gateway.find_refund(&not_done).await.unwrap(), None);
    assert_eq!(bench.stripe.refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_of_nothing_that_stripe_holds_is_refused() {
    let bench = Bench::new().await;
    let (page, _) = bench.paid(1, "10.00 EUR").await;
    for reference in ["pi_unknown", "ch_unknown", "", "../refunds", "pi_1&amount=1"] {
        let told = bench.gateway.refund(&refund_request(&page, reference, 1, "1.00 EUR")).await;
        assert!(matches!(told, Err(GatewayError::Declined(_))), "{reference}: {told:?}");
    }
}
