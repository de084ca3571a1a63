//! Which payment providers the local cloud offers.
//!
//! The sandbox is part of it. `stripe-fake` and `paypal-fake` start a provider of our own on a port of this machine and
//! point the real adapter at it. `stripe` and `paypal` are the real services, with test keys from the environment; their
//! webhooks need a way to this machine, and without one `sweep` learns of a payment after ten minutes.

use std::sync::Arc;

use clap::ValueEnum;
use jiff::Timestamp;
use oms_app::ports::{Clock, PaymentGateway};
use oms_fakes::paypal::{self, PayPalFake};
use oms_fakes::stripe::{self, StripeFake};
use oms_payments::Secret;
use oms_payments::paypal::{PayPalConfig, PayPalGateway};
use oms_payments::setup::{self, PayPalEnvironment, PayPalSecret, StripeSecret};
use oms_payments::stripe::{StripeConfig, StripeGateway};

use crate::cloud::Context;
use crate::sandbox::Sandbox;

/// How long the adapter waits for one answer of the fake.
const PAYPAL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// A provider that can be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Provider {
    /// The sandbox of the local cloud.
    Sandbox,
    /// The Stripe adapter against our fake of Stripe.
    StripeFake,
    /// The `PayPal` adapter against our fake of `PayPal`.
    PaypalFake,
    /// Stripe itself, with `STRIPE_SECRET_KEY` and `STRIPE_WEBHOOK_SECRET`.
    Stripe,
    /// `PayPal`'s own sandbox, with `PAYPAL_CLIENT_ID`, `PAYPAL_CLIENT_SECRET` and `PAYPAL_WEBHOOK_ID`.
    Paypal,
}

/// What is offered, and handles to what was started for it.
#[derive(Clone)]
pub struct Providers {
    /// The adapters, in the order in which they were asked for.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
    /// Our Stripe, if it runs.
    pub stripe: Option<StripeFake>,
    /// Our `PayPal`, if it runs.
    pub paypal: Option<PayPalFake>,
}

/// Starts and configures what is asked for; the sandbox, if nothing is.
pub async fn open(context: &Context, sandbox: &Sandbox, wanted: &[Provider]) -> Result<Providers, String> {
    let mut providers = Providers { gateways: Vec::new(), stripe: None, paypal: None };
    let wanted = if wanted.is_empty() { &[Provider::Sandbox] } else { wanted };
    for provider in wanted {
        let gateway: Arc<dyn PaymentGateway> = match provider {
            Provider::Sandbox => sandbox.gateway(),
            Provider::StripeFake => {
                let fake = stripe_fake(context).await?;
                let gateway = at_stripe_fake(context, &fake);
                providers.stripe = Some(fake);
                gateway
            }
            Provider::PaypalFake => {
                let fake = paypal_fake(context).await?;
                let gateway = at_paypal_fake(context, &fake)?;
                providers.paypal = Some(fake);
                gateway
            }
            Provider::Stripe => real_stripe(context)?,
            Provider::Paypal => real_paypal(context)?,
        };
        if providers.gateways.iter().any(|known| known.name() == gateway.name()) {
            return Err(format!("--payments names {} twice", gateway.name()));
        }
        providers.gateways.push(gateway);
    }
    Ok(providers)
}

fn callback(context: &Context, name: &str) -> String {
    format!("{}/api/payments/callback/{name}", context.base_url)
}

async fn stripe_fake(context: &Context) -> Result<StripeFake, String> {
    let clock = context.clock.clone();
    let options = stripe::Options {
        webhook_url: Some(callback(context, oms_payments::stripe::NAME)),
        ..stripe::Options::new(Arc::new(move || clock.now()))
    };
    let fake = StripeFake::start(options).await.map_err(|error| format!("the fake of Stripe: {error}"))?;
    let (carried, clock) = (fake.clone(), context.clock.clone());
    tokio::spawn(async move {
        loop {
            carried.deliver_due().await;
            tokio::select! {
                () = carried.filed() => {}
                () = due(&clock, carried.next_due()) => {}
            }
        }
    });
    Ok(fake)
}

fn at_stripe_fake(context: &Context, fake: &StripeFake) -> Arc<dyn PaymentGateway> {
    // The fake's own keys: they open nothing else.
    let keys = stripe::Options::new(Arc::new(|| Timestamp::UNIX_EPOCH));
    let secrets = vec![Secret::new(keys.webhook_secret)];
    let config = StripeConfig {
        api_base: fake.base_url().to_owned(),
        ..StripeConfig::new(Secret::new(keys.secret_key), secrets, context.base_url.clone())
    };
    Arc::new(StripeGateway::new(config))
}

async fn paypal_fake(context: &Context) -> Result<PayPalFake, String> {
    let clock = context.clock.clone();
    let options = paypal::Options {
        webhook_url: Some(callback(context, oms_payments::paypal::NAME)),
        ..paypal::Options::new(Arc::new(move || clock.now()))
    };
    let fake = PayPalFake::start(options).await.map_err(|error| format!("the fake of PayPal: {error}"))?;
    let (carried, clock) = (fake.clone(), context.clock.clone());
    tokio::spawn(async move {
        loop {
            carried.deliver_due().await;
            tokio::select! {
                () = carried.filed() => {}
                () = due(&clock, carried.next_due()) => {}
            }
        }
    });
    Ok(fake)
}

fn at_paypal_fake(context: &Context, fake: &PayPalFake) -> Result<Arc<dyn PaymentGateway>, String> {
    let config = PayPalConfig {
        delayed: false,
        api_base: fake.base_url().to_owned(),
        client_id: paypal::CLIENT_ID.to_owned(),
        client_secret: Secret::new(paypal::CLIENT_SECRET),
        webhook_id: paypal::WEBHOOK_ID.to_owned(),
        return_url: context.base_url.clone(),
        certificate_origins: vec![fake.base_url().to_owned()],
        certificate_names: vec![paypal::CERTIFICATE_NAME.to_owned()],
        trusted_roots: fake.root_pem().to_owned(),
        timeout: PAYPAL_TIMEOUT,
    };
    let clock: Arc<dyn Clock> = Arc::new(context.clock.clone());
    Ok(Arc::new(PayPalGateway::new(config, clock).map_err(|error| error.to_string())?))
}

/// Waits until a delivery is due; for ever, if none is.
async fn due(clock: &crate::clock::Clock, at: Option<Timestamp>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Real providers send customers back to the local cloud.
fn settings_of(context: &Context) -> setup::Settings {
    setup::Settings { shop_url: context.base_url.clone(), ..setup::Settings::default() }
}

fn real_stripe(context: &Context) -> Result<Arc<dyn PaymentGateway>, String> {
    let secret_key = Secret::new(variable("STRIPE_SECRET_KEY")?);
    let webhook_secrets = vec![Secret::new(variable("STRIPE_WEBHOOK_SECRET")?)];
    setup::stripe(StripeSecret { secret_key, webhook_secrets, api_url: None }, &settings_of(context))
        .map_err(|error| error.to_string())
}

fn real_paypal(context: &Context) -> Result<Arc<dyn PaymentGateway>, String> {
    let secret = PayPalSecret {
        environment: PayPalEnvironment::Sandbox,
        client_id: variable("PAYPAL_CLIENT_ID")?,
        client_secret: Secret::new(variable("PAYPAL_CLIENT_SECRET")?),
        webhook_id: variable("PAYPAL_WEBHOOK_ID")?,
    };
    let clock: Arc<dyn Clock> = Arc::new(context.clock.clone());
    setup::paypal(secret, &settings_of(context), &clock).map_err(|error| error.to_string())
}

#[allow(
    clippy::disallowed_methods,
    reason = "keys of real providers come from whoever starts this, not from the template"
)]
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("--payments needs {name} in the environment"))
}
