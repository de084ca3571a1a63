//! Makes the providers that an installation is configured for.
//!
//! A provider without configuration is not offered. What is secret is named by reference in the environment and fetched
//! once, when the function starts: a start that cannot read a secret fails, instead of offering fewer providers. Only the
//! sweep starts all the same ([`gateways_at_hand`]), because unpaid orders must expire whoever has lost a key.

use std::sync::Arc;

use oms_app::payments::breaker::Breaker;
use oms_app::payments::gateways::Gateways;
use oms_app::ports::{Clock, PaymentGateway, SecretError, Secrets};
use oms_app::world::{Misconfigured, World};
use oms_outbound::{Secret, is_private};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::paypal::{PayPalConfig, PayPalGateway};
use crate::stripe::{StripeConfig, StripeGateway};

/// What a function's environment says of providers; empty texts for what is not configured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Settings {
    /// Reference of the secret [`StripeSecret`].
    #[serde(default)]
    pub stripe_secret_arn: String,
    /// Reference of the secret [`PayPalSecret`].
    #[serde(default)]
    pub paypal_secret_arn: String,
    /// Where customers go who named no page of their own: the shop.
    #[serde(default)]
    pub shop_url: String,
    /// Whether means of payment are offered whose money comes days later.
    #[serde(default)]
    pub delayed_payments: bool,
}

/// What Stripe's secret holds, as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeSecret {
    /// Key of the API.
    pub secret_key: Secret,
    /// Secrets of the webhook endpoint: two while one replaces the other.
    pub webhook_secrets: Vec<Secret>,
    /// Where Stripe's API is asked, in the place of Stripe's own address: a proxy, or an imitation in a test.
    /// `https://…`, or `http://` on this machine.
    #[serde(default)]
    pub api_url: Option<String>,
}

/// What PayPal's secret holds, as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayPalSecret {
    /// Whether money is real there.
    pub environment: PayPalEnvironment,
    /// The REST app's name.
    pub client_id: String,
    /// The REST app's password.
    pub client_secret: Secret,
    /// PayPal's name for our webhook.
    pub webhook_id: String,
}

/// Which PayPal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayPalEnvironment {
    /// Real money.
    Live,
    /// Test money.
    Sandbox,
}

/// Why the providers could not be made. Nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A secret cannot be fetched.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret is not what it should be.
    #[error("the secret of {0} is not JSON of the documented form")]
    Unreadable(&'static str),
    /// A provider's client does not start.
    #[error("{0} cannot be set up: {1}")]
    Provider(&'static str, String),
}

/// The configured providers, in the order in which they are offered, or why one of them could not be made.
pub async fn providers(
    settings: &Settings,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Arc<dyn PaymentGateway>>, SetupError> {
    each(settings, secrets, clock).await.into_iter().collect()
}

/// Those of them that can be made; why others cannot is logged. For whoever has other work, too, that must not wait until
/// a secret is repaired.
pub async fn providers_at_hand(
    settings: &Settings,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn PaymentGateway>> {
    let made = each(settings, secrets, clock).await.into_iter();
    let at_hand = made.filter_map(|made| {
        made.inspect_err(|error| tracing::error!(%error, "a payment provider is missing until this is repaired")).ok()
    });
    at_hand.collect()
}

async fn each(
    settings: &Settings,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Vec<Result<Arc<dyn PaymentGateway>, SetupError>> {
    let mut made = Vec::new();
    if !settings.stripe_secret_arn.is_empty() {
        let secret = read(secrets, &settings.stripe_secret_arn, crate::stripe::NAME).await;
        made.push(secret.and_then(|secret| stripe(secret, settings)));
    }
    if !settings.paypal_secret_arn.is_empty() {
        let secret = read(secrets, &settings.paypal_secret_arn, crate::paypal::NAME).await;
        made.push(secret.and_then(|secret| paypal(secret, settings, clock)));
    }
    made
}

async fn read<T: DeserializeOwned>(secrets: &dyn Secrets, arn: &str, provider: &'static str) -> Result<T, SetupError> {
    let text = secrets.read(arn).await?;
    // The parser's reason could quote the secret.
    serde_json::from_str(&text).map_err(|_| SetupError::Unreadable(provider))
}

/// The configured providers of a place, each behind its circuit.
pub async fn gateways(world: &impl World, secrets: &dyn Secrets) -> Result<Gateways, Misconfigured> {
    let (settings, clock): (Settings, _) = (world.setting()?, world.clock());
    let made = providers(&settings, secrets, &clock).await.map_err(|error| Misconfigured(error.to_string()))?;
    Ok(Gateways::guarded(made, &Arc::new(Breaker::new(world.circuits(), clock))))
}

/// As [`gateways`], with those providers that can be made ([`providers_at_hand`]).
pub async fn gateways_at_hand(world: &impl World, secrets: &dyn Secrets) -> Result<Gateways, Misconfigured> {
    let (settings, clock): (Settings, _) = (world.setting()?, world.clock());
    let made = providers_at_hand(&settings, secrets, &clock).await;
    Ok(Gateways::guarded(made, &Arc::new(Breaker::new(world.circuits(), clock))))
}

/// Stripe with these keys.
pub fn stripe(secret: StripeSecret, settings: &Settings) -> Result<Arc<dyn PaymentGateway>, SetupError> {
    let failed = |why: String| SetupError::Provider(crate::stripe::NAME, why);
    let mut config = StripeConfig::new(secret.secret_key, secret.webhook_secrets, &settings.shop_url);
    config.delayed = settings.delayed_payments;
    if let Some(api_url) = secret.api_url {
        if !is_private(&api_url) {
            return Err(failed("api_url must begin with https://, or with http:// and be on this machine".to_owned()));
        }
        config.api_base = api_url;
    }
    Ok(Arc::new(StripeGateway::new(config)))
}

/// PayPal with these keys.
pub fn paypal(
    secret: PayPalSecret,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn PaymentGateway>, SetupError> {
    let config = match secret.environment {
        PayPalEnvironment::Live => PayPalConfig::live,
        PayPalEnvironment::Sandbox => PayPalConfig::sandbox,
    };
    let mut config = config(secret.client_id, secret.client_secret, secret.webhook_id, settings.shop_url.clone());
    config.delayed = settings.delayed_payments;
    let gateway = PayPalGateway::new(config, clock.clone());
    Ok(Arc::new(gateway.map_err(|error| SetupError::Provider(crate::paypal::NAME, error.to_string()))?))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    struct Fixed(&'static str);

    #[async_trait]
    impl Secrets for Fixed {
        async fn read(&self, _reference: &str) -> Result<String, SecretError> {
            Ok(self.0.to_owned())
        }
    }

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    async fn made(settings: &Settings, secret: &'static str) -> Result<Vec<String>, SetupError> {
        let clock: Arc<dyn Clock> = Arc::new(Noon);
        let providers = providers(settings, &Fixed(secret), &clock).await?;
        Ok(providers.iter().map(|provider| provider.name().to_owned()).collect())
    }

    #[tokio::test]
    async fn what_is_not_configured_is_not_offered() {
        let shop = || Settings { shop_url: "https://shop.example".into(), ..Settings::default() };
        assert_eq!(made(&shop(), "never read").await, Ok(vec![]));
        let stripe = Settings { stripe_secret_arn: "arn".into(), ..shop() };
        let secret = r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#;
        assert_eq!(made(&stripe, secret).await, Ok(vec!["stripe".to_owned()]));
        let paypal = Settings { paypal_secret_arn: "arn".into(), ..shop() };
        let secret = r#"{"environment":"sandbox","client_id":"a","client_secret":"b","webhook_id":"c"}"#;
        assert_eq!(made(&paypal, secret).await, Ok(vec!["paypal".to_owned()]));
    }

    #[tokio::test]
    async fn s13_a_secret_that_cannot_be_read_keeps_nobody_from_the_other_provider() {
        let both = Settings { stripe_secret_arn: "arn".into(), paypal_secret_arn: "arn".into(), ..Settings::default() };
        let clock: Arc<dyn Clock> = Arc::new(Noon);
        let stripe_only = Fixed(r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#);
        assert!(providers(&both, &stripe_only, &clock).await.is_err());
        let at_hand = providers_at_hand(&both, &stripe_only, &clock).await;
        assert_eq!(at_hand.iter().map(|provider| provider.name()).collect::<Vec<_>>(), ["stripe"]);
    }

    #[tokio::test]
    async fn the_key_is_sent_to_no_address_where_others_could_read_it() {
        let settings = Settings { stripe_secret_arn: "arn".into(), ..Settings::default() };
        let secret = |api_url: &str| {
            let secret = json!({"secret_key": "sk_test_1", "webhook_secrets": ["whsec_1"], "api_url": api_url});
            Box::leak(secret.to_string().into_boxed_str())
        };
        for private in ["https://stripe.proxy.example", "http://127.0.0.1:12111", "http://[::1]:12111"] {
            assert_eq!(made(&settings, secret(private)).await, Ok(vec!["stripe".to_owned()]), "{private}");
        }
        for open in
            ["http://stripe.proxy.example", "http://localhost:12111", "http://10.0.0.1", "ftp://127.0.0.1", "", "x"]
        {
            let refused = made(&settings, secret(open)).await;
            assert!(matches!(refused, Err(SetupError::Provider("stripe", _))), "{open}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn a_secret_that_is_not_what_it_should_be_is_not_quoted() {
        let stripe = Settings { stripe_secret_arn: "arn".into(), ..Settings::default() };
        let error = made(&stripe, r#"{"secret_key":17,"webhook_secrets":"whsec_hidden"}"#).await.unwrap_err();
        assert_eq!(error, SetupError::Unreadable("stripe"));
        assert!(!format!("{error} {error:?}").contains("hidden"));
    }
}
