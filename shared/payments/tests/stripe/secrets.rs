//! Nothing that grants anything, and nobody's data, is ever shown.

use oms_app::ports::{GatewayError, PaymentGateway as _};
use oms_fakes::stripe::{Fault, Operation};

use crate::bench::{Bench, SECRET_KEY, WEBHOOK_SECRET, config, refund_request};

fn clean(text: &str) {
    for secret in [SECRET_KEY, WEBHOOK_SECRET, "nobody_may_see", "sk_test", "whsec", "customer@", "Customer"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn configuration_and_gateway_show_no_secret() {
    clean(&format!("{:?} {:#?}", config("http://stripe.example.test"), config("http://stripe.example.test")));
    let bench = Bench::new().await;
    clean(&format!("{:?} {:#?}", bench.gateway, bench.gateway));
}

#[tokio::test]
async fn errors_show_neither_secrets_nor_what_stripe_says_to_people() {
    let bench = Bench::new().await;
    let (page, reference) = bench.paid(1, "5.00 EUR").await;
    let mut texts = Vec::new();
    let mut keep = |error: GatewayError| texts.push(format!("{error} {error:?}"));
    for (number, status) in [400, 401, 402, 404, 409, 429, 500, 503].into_iter().enumerate() {
        bench.stripe.fail_next(Some(Operation::Refund), Fault::Status(status));
        let request = refund_request(&page, &reference, number as u128, "1.00 EUR");
        keep(bench.gateway.refund(&request).await.unwrap_err());
    }
    for fault in [Fault::LostAnswer, Fault::CutAnswer, Fault::BrokenConnection, Fault::StoredFailure] {
        bench.stripe.fail_next(Some(Operation::ReadSession), fault);
        keep(bench.gateway.look_up(&page).await.unwrap_err());
    }
    keep(bench.gateway.refund(&refund_request(&page, &reference, 99, "9.00 EUR")).await.unwrap_err());
    for text in texts {
        assert!(text.contains("stripe, "), "{text}");
        clean(&text);
    }

    let stranger = Bench::with(|config| config.secret_key = oms_payments::Secret::new("sk_test_other")).await;
    let error = stranger.gateway.open(&stranger.wanted(1, "5.00 EUR")).await.unwrap_err();
    assert!(error.to_string().contains("401"), "{error}");
    clean(&format!("{error} {error:?}"));
}
