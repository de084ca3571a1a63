//! Faults that were found once, each under its row in docs/review.md.

use oms_app::ports::{GatewayError, PaymentGateway as _};
use oms_fakes::paypal::{Fault, Operation};
use rstest::rstest;

use crate::bench::{Bench, session};

#[rstest]
#[case("17", 17)]
#[case("0", 1)]
#[case("100000", 240)]
#[case("99999999999999999999999999", 240)]
#[case("", 5)]
#[case("-3", 5)]
#[case("soon", 5)]
#[case("Wed, 21 Oct 2026 07:28:00 GMT", 5)]
#[tokio::test]
async fn l6_the_pause_that_paypal_names_is_told_within_bounds(#[case] header: &'static str, #[case] pause: u64) {
    let bench = Bench::new().await;
    for operation in [Operation::Token, Operation::CreateOrder] {
        bench.fake.script(operation, [Fault::Busy(header)]);
        let answer = bench.paypal.open(&session()).await;
        assert!(matches!(answer, Err(GatewayError::Busy { seconds, .. }) if seconds == pause), "{answer:?}");
        assert_eq!(bench.asked(operation).len(), 1, "it is left alone");
    }
    bench.paypal.open(&session()).await.unwrap();
}
