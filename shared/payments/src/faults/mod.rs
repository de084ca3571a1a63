//! Faults that were found once, each under its row in docs/review.md.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{Clock, GatewayError, PaymentGateway as _, SecretError, Secrets, SessionRef};
use oms_domain::ids::{OrderId, PaymentId};

use crate::paypal::{PayPalConfig, PayPalGateway};
use crate::setup::{Settings, providers, providers_at_hand};
use crate::stripe::{StripeConfig, StripeGateway};
use oms_outbound::Secret;
use oms_outbound::http::times_read;

/// Nothing listens at this port.
const NOBODY: &str = "http://127.0.0.1:1";

/// Only Stripe's secret may be read.
struct Half;

#[async_trait]
impl Secrets for Half {
    async fn read(&self, reference: &str) -> Result<String, SecretError> {
        match reference {
            "stripe" => Ok(r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#.to_owned()),
            _ => Err(SecretError { reference: reference.to_owned(), reason: "AccessDeniedException".to_owned() }),
        }
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

#[tokio::test]
async fn s13_a_secret_that_cannot_be_read_costs_the_sweep_one_provider_and_everybody_else_the_start() {
    let settings = Settings {
        stripe_secret_arn: "stripe".into(),
        paypal_secret_arn: "paypal".into(),
        shop_url: "https://shop.example".into(),
        delayed_payments: false,
    };
    let clock: Arc<dyn Clock> = Arc::new(Noon);
    assert!(providers(&settings, &Half, &clock).await.is_err());
    let left: Vec<String> =
        providers_at_hand(&settings, &Half, &clock).await.iter().map(|one| one.name().to_owned()).collect();
    assert_eq!(left, ["stripe"]);
}

/// Both secrets of a shop.
struct Both;

#[async_trait]
impl Secrets for Both {
    async fn read(&self, reference: &str) -> Result<String, SecretError> {
        Ok(match reference {
            "stripe" => r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#,
            _ => r#"{"environment":"sandbox","client_id":"a","client_secret":"b","webhook_id":"c"}"#,
        }
        .to_owned())
    }
}

#[tokio::test]
async fn r6_providers_make_their_clients_when_they_are_first_asked_and_read_the_authorities_once() {
    let settings = Settings {
        stripe_secret_arn: "stripe".into(),
        paypal_secret_arn: "paypal".into(),
        shop_url: "https://shop.example".into(),
        delayed_payments: false,
    };
    let clock: Arc<dyn Clock> = Arc::new(Noon);
    let both = providers(&settings, &Both, &clock).await.unwrap();
    assert_eq!(both.len(), 2);
    // What Stripe signs is judged by its signature alone.
    for provider in both.iter().filter(|provider| provider.name() == "stripe") {
        assert!(provider.read_webhook(&[], b"{}", Timestamp::UNIX_EPOCH).await.is_err());
    }
    assert_eq!(times_read(), 0, "a start makes no client");
    let text = || "a".to_owned();
    let paypal = PayPalConfig::sandbox(text(), Secret::new("b"), text(), text());
    let paypal = PayPalGateway::new(PayPalConfig { api_base: NOBODY.to_owned(), ..paypal }, clock).unwrap();
    let stripe = StripeConfig::new(Secret::new("sk_test_1"), Vec::new(), "https://shop.example");
    let stripe = StripeGateway::new(StripeConfig { api_base: NOBODY.to_owned(), ..stripe });
    assert_eq!(times_read(), 0);
    let order_id = "0190a5b0-7c3e-7000-8000-0000000000ff".parse::<OrderId>().unwrap();
    let page = |session: &str| SessionRef {
        order_id,
        payment_id: PaymentId::of_attempt(order_id, 0),
        session: session.to_owned(),
    };
    for _ in 0..2 {
        assert!(matches!(stripe.look_up(&page("cs_test_a1")).await, Err(GatewayError::Unavailable(_))));
        assert!(matches!(paypal.look_up(&page("5O190127TN364715T")).await, Err(GatewayError::Unavailable(_))));
    }
    assert_eq!(times_read(), 1);
}
