//! What may pass is told apart from what will not.

use std::time::Duration;

use oms_app::ports::{GatewayError, PaymentGateway as _};
use oms_fakes::stripe::{Fault, Operation};
use rstest::rstest;

use crate::bench::Bench;

#[rstest]
#[case(400, false)]
#[case(402, false)]
#[case(404, false)]
#[case(422, false)]
#[case(401, true)]
#[case(403, true)]
#[case(409, true)]
#[case(424, true)]
#[case(429, true)]
#[case(302, true)]
#[case(500, true)]
#[case(502, true)]
#[case(503, true)]
#[case(504, true)]
#[tokio::test]
async fn a_status_says_whether_to_ask_again(#[case] status: u16, #[case] passes: bool) {
    let bench = Bench::new().await;
    let request = bench.wanted(1, "5.00 EUR");
    bench.stripe.fail_next(None, Fault::Status(status));
    match bench.gateway.open(&request).await {
        Err(GatewayError::Busy { why, .. }) if status == 429 => assert!(why.contains("429"), "{why}"),
        Err(GatewayError::Unavailable(why)) if passes => assert!(why.contains(&status.to_string()), "{why}"),
        Err(GatewayError::Declined(why)) if !passes => assert!(why.contains(&status.to_string()), "{why}"),
        other => panic!("{other:?}"),
    }
    // Nothing of it is stored: the next one opens the page.
    bench.gateway.open(&request).await.unwrap();
}

#[tokio::test]
async fn a_broken_connection_is_tried_again_at_once_with_the_same_key() {
    for fault in [Fault::LostAnswer, Fault::BrokenConnection, Fault::Status(409), Fault::Status(503)] {
        let bench = Bench::with(|config| config.retries = 1).await;
        bench.stripe.fail_next(Some(Operation::OpenSession), fault);
        bench.gateway.open(&bench.wanted(1, "5.00 EUR")).await.unwrap();
        let log = bench.stripe.log();
        assert_eq!(log.len(), 2, "{fault:?}");
        assert_eq!(log[0].idempotency_key, log[1].idempotency_key);
        assert_eq!(log[0].parameters, log[1].parameters);
        assert_eq!(bench.stripe.pages().len(), 1);
    }
}

#[tokio::test]
async fn tries_are_bounded() {
    let bench = Bench::with(|config| config.retries = 2).await;
    for _ in 0..3 {
        bench.stripe.fail_next(None, Fault::Status(503));
    }
    assert!(matches!(bench.gateway.open(&bench.wanted(1, "5.00 EUR")).await, Err(GatewayError::Unavailable(_))));
    assert_eq!(bench.stripe.log().len(), 3);
}

#[tokio::test]
async fn a_failure_that_is_stored_is_not_asked_for_again_at_once() {
    let bench = Bench::with(|config| config.retries = 2).await;
    bench.stripe.fail_next(None, Fault::StoredFailure);
    for calls in [1, 2] {
        let told = bench.gateway.open(&bench.wanted(1, "5.00 EUR")).await;
        assert!(matches!(told, Err(GatewayError::Unavailable(_))), "{told:?}");
        assert_eq!(bench.stripe.log().len(), calls);
    }
}

#[tokio::test]
async fn calls_at_the_same_time_are_one() {
    let bench = Bench::new().await;
    let request = bench.wanted(1, "5.00 EUR");
    let open = || bench.gateway.open(&request);
    let (first, second, third) = tokio::join!(open(), open(), open());
    assert_eq!((&first, &second), (&second, &third));
    first.unwrap();
    assert_eq!(bench.stripe.pages().len(), 1);
}

#[tokio::test]
async fn p4_too_many_requests_are_not_made_more_and_are_an_answer() {
    let bench = Bench::with(|config| config.retries = 2).await;
    bench.stripe.fail_next(None, Fault::Status(429));
    let answer = bench.gateway.open(&bench.wanted(1, "5.00 EUR")).await;
    assert!(matches!(answer, Err(GatewayError::Busy { seconds: 1, .. })), "{answer:?}");
    assert_eq!(bench.stripe.log().len(), 1);
}

#[tokio::test]
async fn a_slow_answer_is_not_awaited_and_not_asked_for_again() {
    let bench = Bench::with(|config| {
        config.answer_within = Duration::from_millis(200);
        config.retries = 3;
    })
    .await;
    bench.stripe.fail_next(None, Fault::Slow);
    let request = bench.wanted(1, "5.00 EUR");
    let Err(GatewayError::Unavailable(why)) = bench.gateway.open(&request).await else { panic!("it was answered") };
    assert!(why.contains("no answer in time"), "{why}");
    assert_eq!(bench.stripe.log().len(), 1);
    bench.stripe.release();
    bench.gateway.open(&request).await.unwrap();
    assert_eq!(bench.stripe.pages().len(), 1);
}

#[tokio::test]
async fn nobody_at_the_other_end_is_unavailable() {
    let bench = Bench::with(|config| config.api_base = "http://127.0.0.1:1".to_owned()).await;
    let Err(GatewayError::Unavailable(why)) = bench.gateway.open(&bench.wanted(1, "5.00 EUR")).await else {
        panic!("somebody answered")
    };
    assert!(why.contains("no connection"), "{why}");
}
