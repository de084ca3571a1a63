//! Makes the carriers that an installation is configured for.
//!
//! A carrier without configuration is not offered. What is secret is named by reference in the environment and fetched once, when the
//! function starts: a start that cannot read a secret fails, instead of offering fewer carriers. Who has other work, too, starts all
//! the same ([`carriers_at_hand`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::trackers::Trackers;
use oms_app::ports::{Carrier, Clock, SecretError, Secrets};
use oms_app::world::{Misconfigured, World};
use oms_outbound::is_private;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Secret;
use crate::dhl::{self, Dhl, DhlConfig, ExpressConfig, Hosts, ParcelConfig, PushConfig};
use crate::fedex::{self, FedEx, FedExConfig};
use crate::ups::{self, Ups, UpsConfig};

/// What a function's environment says of carriers; empty texts for what is not configured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Settings {
    /// Reference of the secret [`FedExSecret`].
    #[serde(default)]
    pub fedex_secret_arn: String,
    /// Reference of the secret [`UpsSecret`].
    #[serde(default)]
    pub ups_secret_arn: String,
    /// Reference of the secret [`DhlSecret`].
    #[serde(default)]
    pub dhl_secret_arn: String,
}

/// The configured carriers of a place, as far as they tell of parcels.
pub async fn trackers(world: &impl World, secrets: &dyn Secrets) -> Result<Trackers, Misconfigured> {
    Ok(sellers(world, secrets).await?.trackers())
}

/// The configured carriers of a place, with their labels.
pub async fn sellers(world: &impl World, secrets: &dyn Secrets) -> Result<Carriers, Misconfigured> {
    let (settings, clock): (Settings, _) = (world.setting()?, world.clock());
    let made = carriers(&settings, secrets, &clock).await.map_err(|error| Misconfigured(error.to_string()))?;
    Ok(Carriers::new(made))
}

/// Those of them that can be made.
pub async fn sellers_at_hand(world: &impl World, secrets: &dyn Secrets) -> Result<Carriers, Misconfigured> {
    let (settings, clock): (Settings, _) = (world.setting()?, world.clock());
    Ok(Carriers::new(carriers_at_hand(&settings, secrets, &clock).await))
}

/// Whether labels are paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    Live,
    Sandbox,
}

/// What FedEx's secret holds, as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FedExSecret {
    pub environment: Environment,
    pub client_id: String,
    pub client_secret: Secret,
    /// Nine digits.
    pub account_number: String,
    /// The project for tracking, where it is another one.
    #[serde(default)]
    pub tracking: Option<KeyPair>,
    /// What pushes are signed with, as set in FedEx's portal.
    #[serde(default)]
    pub push_token: Option<Secret>,
    /// Where the API is asked, in the place of FedEx's own address: a proxy, or an imitation in a test.
    #[serde(default)]
    pub api_url: Option<String>,
}

/// A key with its secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPair {
    pub client_id: String,
    pub client_secret: Secret,
}

/// What UPS's secret holds, as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpsSecret {
    pub environment: Environment,
    pub client_id: String,
    pub client_secret: Secret,
    /// Six characters.
    pub account_number: String,
    /// What pushes bring along, as set in UPS's portal.
    #[serde(default)]
    pub push_credential: Option<Secret>,
    /// As for FedEx.
    #[serde(default)]
    pub api_url: Option<String>,
}

/// What DHL's secret holds, as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DhlSecret {
    pub environment: Environment,
    /// The app's key, for tracking, Parcel and pushes.
    pub api_key: Secret,
    #[serde(default)]
    pub parcel: Option<ParcelSecret>,
    #[serde(default)]
    pub express: Option<ExpressSecret>,
    #[serde(default)]
    pub push: Option<PushSecret>,
    /// Where all of DHL's APIs are asked, in the place of DHL's own addresses: `…/track`, `…/parcel`, `…/express` and `…/push`.
    #[serde(default)]
    pub api_url: Option<String>,
}

/// The contract with DHL Parcel in Germany.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParcelSecret {
    pub user: String,
    pub password: Secret,
    /// By product, e.g. `V01PAK`.
    pub billing_numbers: BTreeMap<String, String>,
}

/// The contract with DHL Express.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpressSecret {
    pub user: String,
    pub password: Secret,
    pub account_number: String,
}

/// How DHL pushes to us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushSecret {
    /// Where our endpoint is.
    pub hook_url: String,
    /// In which header DHL brings the token.
    pub header: String,
    pub token: Secret,
}

/// Why the carriers could not be made. Nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A secret cannot be fetched.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret is not what it should be.
    #[error("the secret of {0} is not JSON of the documented form")]
    Unreadable(&'static str),
    /// A carrier's client does not start.
    #[error("{0} cannot be set up: {1}")]
    Carrier(&'static str, String),
}

/// The configured carriers, in the order in which they are offered, or why one of them could not be made.
pub async fn carriers(
    settings: &Settings,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Arc<dyn Carrier>>, SetupError> {
    each(settings, secrets, clock).await.into_iter().collect()
}

/// Those of them that can be made; why others cannot is logged.
pub async fn carriers_at_hand(
    settings: &Settings,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn Carrier>> {
    let made = each(settings, secrets, clock).await.into_iter();
    let at_hand = made.filter_map(|made| {
        made.inspect_err(|error| tracing::error!(%error, "a carrier is missing until this is repaired")).ok()
    });
    at_hand.collect()
}

async fn each(
    settings: &Settings,
    secrets: &dyn Secrets,
    clock: &Arc<dyn Clock>,
) -> Vec<Result<Arc<dyn Carrier>, SetupError>> {
    let mut made = Vec::new();
    if !settings.fedex_secret_arn.is_empty() {
        let secret = read(secrets, &settings.fedex_secret_arn, fedex::NAME).await;
        made.push(secret.and_then(|secret| fedex(secret, clock)));
    }
    if !settings.ups_secret_arn.is_empty() {
        let secret = read(secrets, &settings.ups_secret_arn, ups::NAME).await;
        made.push(secret.and_then(|secret| ups(secret, clock)));
    }
    if !settings.dhl_secret_arn.is_empty() {
        let secret = read(secrets, &settings.dhl_secret_arn, dhl::NAME).await;
        made.push(secret.and_then(dhl));
    }
    made
}

async fn read<T: DeserializeOwned>(secrets: &dyn Secrets, arn: &str, carrier: &'static str) -> Result<T, SetupError> {
    let text = secrets.read(arn).await?;
    // The parser's reason could quote the secret.
    serde_json::from_str(&text).map_err(|_| SetupError::Unreadable(carrier))
}

/// Another address instead of the carrier's, if one is given where our keys may be sent.
fn elsewhere(carrier: &'static str, api_url: Option<String>) -> Result<Option<String>, SetupError> {
    let open = "api_url must begin with https://, or with http:// and be on this machine";
    match api_url {
        Some(url) if !is_private(&url) => Err(SetupError::Carrier(carrier, open.to_owned())),
        url => Ok(url.map(|url| url.trim_end_matches('/').to_owned())),
    }
}

/// FedEx with these keys.
pub fn fedex(secret: FedExSecret, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Carrier>, SetupError> {
    let config = match secret.environment {
        Environment::Live => FedExConfig::live,
        Environment::Sandbox => FedExConfig::sandbox,
    };
    let mut config = config(secret.client_id, secret.client_secret, secret.account_number);
    config.tracking = secret.tracking.map(|pair| (pair.client_id, pair.client_secret));
    config.push_token = secret.push_token;
    if let Some(url) = elsewhere(fedex::NAME, secret.api_url)? {
        config.api_base = url;
    }
    Ok(Arc::new(FedEx::new(config, clock)))
}

/// UPS with these keys.
pub fn ups(secret: UpsSecret, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Carrier>, SetupError> {
    let config = match secret.environment {
        Environment::Live => UpsConfig::live,
        Environment::Sandbox => UpsConfig::sandbox,
    };
    let mut config = config(secret.client_id, secret.client_secret, secret.account_number);
    config.push_credential = secret.push_credential;
    if let Some(url) = elsewhere(ups::NAME, secret.api_url)? {
        config.api_base = url;
    }
    Ok(Arc::new(Ups::new(config, clock)))
}

/// DHL with these keys.
pub fn dhl(secret: DhlSecret) -> Result<Arc<dyn Carrier>, SetupError> {
    let hosts = match secret.environment {
        Environment::Live => Hosts::LIVE,
        Environment::Sandbox => Hosts::SANDBOX,
    };
    let url = elsewhere(dhl::NAME, secret.api_url)?;
    let base = |own: &str, api: &str| url.as_ref().map_or_else(|| own.to_owned(), |url| format!("{url}/{api}"));
    let mut config = DhlConfig::new(secret.api_key, base(hosts.tracking, "track"));
    config.parcel = secret.parcel.map(|parcel| ParcelConfig {
        api_base: base(hosts.parcel, "parcel"),
        user: parcel.user,
        password: parcel.password,
        billing_numbers: parcel.billing_numbers,
    });
    config.express = secret.express.map(|express| ExpressConfig {
        api_base: base(hosts.express, "express"),
        user: express.user,
        password: express.password,
        account_number: express.account_number,
    });
    config.push = secret.push.map(|push| PushConfig {
        api_base: base(hosts.push, "push"),
        hook: push.hook_url,
        header: push.header,
        token: push.token,
    });
    let made = Dhl::new(config).map_err(|error| SetupError::Carrier(dhl::NAME, error.to_string()))?;
    Ok(Arc::new(made))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    /// Secrets by their reference.
    struct Fixed(Vec<(&'static str, Value)>);

    #[async_trait]
    impl Secrets for Fixed {
        async fn read(&self, reference: &str) -> Result<String, SecretError> {
            let known = self.0.iter().find(|(name, _)| *name == reference).map(|(_, secret)| secret.to_string());
            known.ok_or_else(|| SecretError { reference: reference.to_owned(), reason: "AccessDenied".to_owned() })
        }
    }

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    fn all() -> Settings {
        Settings { fedex_secret_arn: "fedex".into(), ups_secret_arn: "ups".into(), dhl_secret_arn: "dhl".into() }
    }

    fn keys() -> Value {
        json!({"environment": "sandbox", "client_id": "a", "client_secret": "hidden", "account_number": "123456789"})
    }

    fn dhl_keys() -> Value {
        json!({
            "environment": "live", "api_key": "hidden",
            "parcel": {"user": "u", "password": "hidden", "billing_numbers": {"V01PAK": "33333333330101"}},
            "push": {"hook_url": "https://shop.example/hook", "header": "x-token", "token": "hidden"},
        })
    }

    async fn made(settings: &Settings, secrets: Vec<(&'static str, Value)>) -> Result<Vec<String>, SetupError> {
        let clock: Arc<dyn Clock> = Arc::new(Noon);
        let carriers = carriers(settings, &Fixed(secrets), &clock).await?;
        Ok(carriers.iter().map(|carrier| carrier.name().to_owned()).collect())
    }

    #[tokio::test]
    async fn what_is_not_configured_is_not_offered() {
        assert_eq!(made(&Settings::default(), vec![]).await, Ok(vec![]));
        let ups = Settings { ups_secret_arn: "ups".into(), ..Settings::default() };
        assert_eq!(made(&ups, vec![("ups", keys())]).await, Ok(vec!["ups".to_owned()]));
        let secrets = vec![("fedex", keys()), ("ups", keys()), ("dhl", dhl_keys())];
        assert_eq!(made(&all(), secrets).await.unwrap(), ["fedex", "ups", "dhl"]);
    }

    #[tokio::test]
    async fn a_secret_that_cannot_be_read_stops_the_start_of_all_but_those_with_other_work() {
        let half = || vec![("ups", keys())];
        assert!(matches!(made(&all(), half()).await, Err(SetupError::Secret(_))));
        let clock: Arc<dyn Clock> = Arc::new(Noon);
        let at_hand = carriers_at_hand(&all(), &Fixed(half()), &clock).await;
        assert_eq!(at_hand.iter().map(|carrier| carrier.name()).collect::<Vec<_>>(), ["ups"]);
    }

    #[tokio::test]
    async fn keys_are_sent_to_no_address_where_others_could_read_them() {
        for (carrier, keys) in [("fedex", keys()), ("ups", keys()), ("dhl", dhl_keys())] {
            let settings = match carrier {
                "fedex" => Settings { fedex_secret_arn: carrier.into(), ..Settings::default() },
                "ups" => Settings { ups_secret_arn: carrier.into(), ..Settings::default() },
                _ => Settings { dhl_secret_arn: carrier.into(), ..Settings::default() },
            };
            for (url, private) in [
                ("https://proxy.example", true),
                ("http://127.0.0.1:4000", true),
                ("http://proxy.example", false),
                ("http://localhost:4000", false),
                ("", false),
            ] {
                let mut secret = keys.clone();
                secret["api_url"] = url.into();
                let made = made(&settings, vec![(carrier, secret)]).await;
                assert_eq!(made.is_ok(), private, "{carrier} at {url}: {made:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_billing_number_of_another_product_is_found_at_the_start() {
        let dhl = Settings { dhl_secret_arn: "dhl".into(), ..Settings::default() };
        for wrong in ["33333333335301", "3333333333010", "333333333301 1"] {
            let mut secret = dhl_keys();
            secret["parcel"]["billing_numbers"]["V01PAK"] = wrong.into();
            let error = made(&dhl, vec![("dhl", secret)]).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                "dhl cannot be set up: the billing number of V01PAK is not one of this product"
            );
        }
        let mut withdrawn = dhl_keys();
        withdrawn["parcel"]["billing_numbers"]["V62WP"] = "33333333336201".into();
        assert!(made(&dhl, vec![("dhl", withdrawn)]).await.is_err(), "its successor is V62KP");
    }

    #[tokio::test]
    async fn a_secret_that_is_not_what_it_should_be_is_not_quoted() {
        let ups = Settings { ups_secret_arn: "ups".into(), ..Settings::default() };
        let error = made(&ups, vec![("ups", json!({"client_secret": "hidden", "environment": 7}))]).await.unwrap_err();
        assert_eq!(error, SetupError::Unreadable("ups"));
        assert!(!format!("{error} {error:?}").contains("hidden"));
        let secret: DhlSecret = serde_json::from_value(dhl_keys()).unwrap();
        assert!(!format!("{secret:?}").contains("hidden"));
    }
}
