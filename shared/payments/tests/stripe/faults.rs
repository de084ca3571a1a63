//! Faults that were found once, each under its row in docs/review.md.

use oms_app::ports::{GatewayError, PaymentGateway as _};
use oms_fakes::stripe::Fault;
use rstest::rstest;

use crate::bench::Bench;

/// What Stripe says, and what is made of it. It recommends to its clients to retry at once, which would not be left alone.
#[rstest]
#[case("17", 17)]
#[case(" 60 ", 60)]
#[case("0", 1)]
#[case("100000", 240)]
#[case("99999999999999999999999999", 240)]
#[case("", 1)]
#[case("-3", 1)]
#[case("+3", 1)]
#[case("1.5", 1)]
#[case("soon", 1)]
#[case("Wed, 21 Oct 2026 07:28:00 GMT", 1)]
#[tokio::test]
async fn l6_the_pause_that_stripe_names_is_told_within_bounds(#[case] header: &'static str, #[case] pause: u64) {
    let bench = Bench::with(|config| config.retries = 2).await;
    let wanted = bench.wanted(1, "5.00 EUR");
    bench.stripe.fail_next(None, Fault::Busy(header));
    let answer = bench.gateway.open(&wanted).await;
    assert!(matches!(answer, Err(GatewayError::Busy { seconds, .. }) if seconds == pause), "{answer:?}");
    assert_eq!(bench.stripe.log().len(), 1, "it is left alone");
    bench.gateway.open(&wanted).await.unwrap();
    assert_eq!(bench.stripe.pages().len(), 1);
}

#[tokio::test]
async fn l6_every_call_to_stripe_tells_the_pause() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "5.00 EUR")).await;
    let busy = || bench.stripe.fail_next(None, Fault::Busy("30"));
    busy();
    assert!(matches!(bench.gateway.look_up(&page).await, Err(GatewayError::Busy { seconds: 30, .. })));
    busy();
    assert!(matches!(bench.gateway.close(&page).await, Err(GatewayError::Busy { seconds: 30, .. })));
    busy();
    assert!(matches!(bench.gateway.forget("pm_1").await, Err(GatewayError::Busy { seconds: 30, .. })));
}
