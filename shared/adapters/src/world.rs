//! The world on AWS: every port from the environment that Lambda gives.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::trackers::Trackers;
use oms_app::link_keys::SecretLinkKeys;
use oms_app::payments::gateways::Gateways;
use oms_app::ports::{
    Alerts, Allowances, Catalog, Circuits, Clock, Customers, Documents, EventBus, FollowUps, Inventory, LinkKeys,
    Messenger, Metrics, Notices, OrderCounts, Orders, Outbox, Parcels, PaymentMethods, Probe, Random, Secrets,
    Settings,
};
use oms_app::world::{CarrierWorld, LabelWorld, Misconfigured, PaymentWorld, World};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::aws::{Aws, prime};
use crate::clock::SystemClock;
use crate::dynamodb::{
    DynamoAllowances, DynamoCatalog, DynamoCircuits, DynamoCustomers, DynamoFollowUps, DynamoInventory, DynamoNotices,
    DynamoOrderCounts, DynamoOrders, DynamoOutbox, DynamoParcels, DynamoPaymentMethods, DynamoSettings, TableProbe,
    Tables,
};
use crate::embedded_metrics::EmbeddedMetrics;
use crate::messenger::{AwsMessenger, Terms};
use crate::random::OsRandom;
use crate::secrets::SecretsManager;
use crate::sns_alerts::SnsAlerts;
use crate::sns_bus::{SnsBus, Topic, TopicProbe};

/// See the module. With [`Gateways`] it reaches payment providers, too, and with [`Trackers`] or [`Carriers`]
/// carriers.
pub struct AwsWorld<G = ()> {
    aws: Aws,
    client: Client,
    tables: Tables,
    gateways: G,
}

impl AwsWorld {
    /// Reads what all functions are told; nothing is called yet.
    pub async fn start() -> Result<Self, Misconfigured> {
        let tables = from_environment()?;
        let aws = Aws::from_env().await;
        Ok(AwsWorld { client: aws.dynamodb(), aws, tables, gateways: () })
    }

    /// Opens the connection to the store while the function starts ([`prime`]). Functions that never ask it do without.
    pub async fn primed(self) -> Self {
        prime(&self.client, &self.tables).await;
        self
    }

    /// With the providers that were set up for it.
    pub fn with_gateways(self, gateways: Gateways) -> AwsWorld<Gateways> {
        let AwsWorld { aws, client, tables, gateways: () } = self;
        AwsWorld { aws, client, tables, gateways }
    }

    /// With the carriers that were set up for it.
    pub fn with_trackers(self, trackers: Trackers) -> AwsWorld<Trackers> {
        let AwsWorld { aws, client, tables, gateways: () } = self;
        AwsWorld { aws, client, tables, gateways: trackers }
    }

    /// With the carriers that sell it labels.
    pub fn with_carriers(self, carriers: Carriers) -> AwsWorld<Carriers> {
        let AwsWorld { aws, client, tables, gateways: () } = self;
        AwsWorld { aws, client, tables, gateways: carriers }
    }
}

impl<G> AwsWorld<G> {
    /// Where secrets are read.
    pub fn secrets(&self) -> Arc<dyn Secrets> {
        Arc::new(SecretsManager::new(self.aws.secretsmanager()))
    }
}

impl<G> World for AwsWorld<G> {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    fn random(&self) -> Arc<dyn Random> {
        Arc::new(OsRandom)
    }

    fn orders(&self) -> Arc<dyn Orders> {
        Arc::new(DynamoOrders::new(self.client.clone(), self.tables.clone(), self.random()))
    }

    fn follow_ups(&self) -> Arc<dyn FollowUps> {
        Arc::new(DynamoFollowUps::new(self.client.clone(), self.tables.clone()))
    }

    fn outbox(&self) -> Arc<dyn Outbox> {
        Arc::new(DynamoOutbox::new(self.client.clone(), self.tables.clone()))
    }

    fn parcels(&self) -> Arc<dyn Parcels> {
        Arc::new(DynamoParcels::new(self.client.clone(), self.tables.clone()))
    }

    fn order_counts(&self) -> Arc<dyn OrderCounts> {
        Arc::new(DynamoOrderCounts::new(self.client.clone(), self.tables.clone()))
    }

    fn catalog(&self) -> Arc<dyn Catalog> {
        Arc::new(DynamoCatalog::new(self.client.clone(), self.tables.clone()))
    }

    fn inventory(&self) -> Arc<dyn Inventory> {
        Arc::new(DynamoInventory::new(self.client.clone(), self.tables.clone(), self.random()))
    }

    fn settings(&self) -> Arc<dyn Settings> {
        Arc::new(DynamoSettings::new(self.client.clone(), self.tables.clone(), self.random()))
    }

    fn customers(&self) -> Arc<dyn Customers> {
        Arc::new(DynamoCustomers::new(self.client.clone(), self.tables.clone()))
    }

    fn allowances(&self) -> Arc<dyn Allowances> {
        Arc::new(DynamoAllowances::new(self.client.clone(), self.tables.clone()))
    }

    fn payment_methods(&self) -> Arc<dyn PaymentMethods> {
        Arc::new(DynamoPaymentMethods::new(self.client.clone(), self.tables.clone()))
    }

    fn notices(&self) -> Arc<dyn Notices> {
        Arc::new(DynamoNotices::new(self.client.clone(), self.tables.clone(), self.random()))
    }

    fn circuits(&self) -> Arc<dyn Circuits> {
        Arc::new(DynamoCircuits::new(self.client.clone(), self.tables.clone()))
    }

    fn bus(&self) -> Result<Arc<dyn EventBus>, Misconfigured> {
        let Topic { topic_arn } = self.setting()?;
        Ok(Arc::new(SnsBus::new(self.aws.sns(), topic_arn)))
    }

    fn alerts(&self) -> Result<Arc<dyn Alerts>, Misconfigured> {
        let Topic { topic_arn } = self.setting()?;
        Ok(Arc::new(SnsAlerts::new(self.aws.sns(), topic_arn)))
    }

    fn messenger(&self) -> Result<Arc<dyn Messenger>, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            email_from: String,
            configuration_set: String,
            sms_max_price: String,
        }
        let Config { email_from, configuration_set, sms_max_price } = self.setting()?;
        let terms = Terms { from: email_from, configuration_set, sms_max_price };
        Ok(Arc::new(AwsMessenger::new(self.aws.sesv2(), self.aws.sns(), terms)))
    }

    fn metrics(&self) -> Result<Arc<dyn Metrics>, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            #[serde(default)]
            stack: String,
        }
        let Config { stack } = self.setting()?;
        Ok(Arc::new(EmbeddedMetrics::new(if stack.is_empty() { "oms" } else { &stack })))
    }

    fn link_keys(&self) -> Result<Arc<dyn LinkKeys>, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            link_keys_arn: String,
        }
        let Config { link_keys_arn } = self.setting()?;
        Ok(Arc::new(SecretLinkKeys::new(self.secrets(), link_keys_arn, self.clock())))
    }

    fn probes(&self) -> Result<Vec<Arc<dyn Probe>>, Misconfigured> {
        let Topic { topic_arn } = self.setting()?;
        Ok(vec![
            Arc::new(TableProbe::new(self.client.clone(), "orders", &self.tables.orders)),
            Arc::new(TableProbe::new(self.client.clone(), "catalog", &self.tables.catalog)),
            Arc::new(TopicProbe::new(SnsBus::new(self.aws.sns(), topic_arn))),
        ])
    }

    fn setting<T: DeserializeOwned>(&self) -> Result<T, Misconfigured> {
        from_environment()
    }
}

impl CarrierWorld for AwsWorld<Trackers> {
    fn trackers(&self) -> Trackers {
        self.gateways.clone()
    }
}

impl CarrierWorld for AwsWorld<Carriers> {
    fn trackers(&self) -> Trackers {
        self.gateways.trackers()
    }
}

impl LabelWorld for AwsWorld<Carriers> {
    fn carriers(&self) -> Carriers {
        self.gateways.clone()
    }

    fn documents(&self) -> Result<Arc<dyn Documents>, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            documents_bucket: String,
        }
        let Config { documents_bucket } = self.setting()?;
        Ok(Arc::new(self.aws.documents(documents_bucket)))
    }
}

impl PaymentWorld for AwsWorld<Gateways> {
    fn gateways(&self) -> Gateways {
        self.gateways.clone()
    }
}

fn from_environment<T: DeserializeOwned>() -> Result<T, Misconfigured> {
    envy::from_env().map_err(|error| Misconfigured(error.to_string()))
}
