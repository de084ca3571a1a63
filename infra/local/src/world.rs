//! The world on one machine: the store is the real adapter over the real SDK; topic, messages, time and payments are local.
//!
//! The functions are those of the template, wired as on AWS. Resource names come from each function's environment in the
//! template, read by the same configuration types as in AWS.

use std::sync::Arc;

use axum::Router;
use oms_adapters::dynamodb::{
    DynamoAllowances, DynamoCatalog, DynamoCircuits, DynamoCustomers, DynamoFollowUps, DynamoInventory, DynamoNotices,
    DynamoOrderCounts, DynamoOrders, DynamoOutbox, DynamoParcels, DynamoPaymentMethods, DynamoSettings, TableProbe,
    Tables,
};
use oms_adapters::random::OsRandom;
use oms_adapters::sns_bus::Topic;
use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::trackers::Trackers;
use oms_app::payments::breaker::Breaker;
use oms_app::payments::gateways::Gateways;
use oms_app::ports::{
    Alerts, Allowances, Catalog, Circuits, Clock, Customers, Documents, EventBus, FollowUps, Inventory, LinkKeys,
    Messenger, Metrics, Notices, OrderCounts, Orders, Outbox, Parcels, PaymentMethods, Probe, Random, Settings,
};
use oms_app::world::{CarrierWorld, LabelWorld, Misconfigured, PaymentWorld, World};
use oms_runtime::http::RoleNames;
use oms_runtime::{Function, ReadableMetrics, config_from};
use serde::de::DeserializeOwned;

use crate::cloud::{Context, Wired};
use crate::documents::LocalDocuments;
use crate::function::Functions;
use crate::inbox::Inbox;
use crate::payments::{self, Provider, Providers};
use crate::ports::LocalTopic;
use crate::sandbox::Sandbox;
use crate::seed::seed;

/// Everything that is made beside the engine.
#[derive(Clone)]
pub struct Parts {
    /// The payment provider of this machine.
    pub sandbox: Sandbox,
    /// The providers on offer.
    pub providers: Providers,
    /// What customers received.
    pub inbox: Inbox,
    /// What there is to print.
    pub documents: LocalDocuments,
    /// The store of orders.
    pub orders: Arc<dyn Orders>,
    /// The store of products.
    pub catalog: Arc<dyn Catalog>,
    /// The same, for those who manage it.
    pub inventory: Arc<dyn Inventory>,
    /// Where work and figures are told of.
    pub metrics: Arc<dyn Metrics>,
}

/// What one function sees: on AWS it would be alone in its process.
struct LocalWorld<'a> {
    context: &'a Context,
    parts: &'a Parts,
    tables: &'a Tables,
    function: &'a str,
}

/// Wires all functions of the template and seeds an empty catalog.
pub async fn wire(context: &Context, wanted: &[Provider]) -> Result<(Wired, Parts), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let tables: Tables = setting(context, "create-order", None).map_err(|error| text(&error))?;
    let client = context.dynamodb.clone();
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let orders: Arc<dyn Orders> = Arc::new(DynamoOrders::new(client.clone(), tables.clone(), random.clone()));
    let catalog: Arc<dyn Catalog> = Arc::new(DynamoCatalog::new(client.clone(), tables.clone()));
    let inventory: Arc<dyn Inventory> = Arc::new(DynamoInventory::new(client.clone(), tables.clone(), random.clone()));
    let settings = DynamoSettings::new(client.clone(), tables.clone(), random.clone());
    seed(catalog.as_ref(), inventory.as_ref(), &settings, context.clock.now()).await.map_err(|error| text(&error))?;
    let sandbox = Sandbox::open(context).map_err(|error| text(&error))?;
    let providers = payments::open(context, &sandbox, wanted).await?;
    let inbox = Inbox::open(&context.state, &context.clock).map_err(|error| text(&error))?;
    let documents = LocalDocuments::open(&context.state, &context.clock, &context.base_url);
    let documents = documents.map_err(|error| text(&error))?;
    let parts =
        Parts { sandbox, providers, inbox, documents, orders, catalog, inventory, metrics: Arc::new(ReadableMetrics) };
    let mut functions = Functions::new();
    for (function, wired) in oms_functions::functions() {
        let world = LocalWorld { context, parts: &parts, tables: &tables, function };
        let made = wired(&world).map_err(|error| format!("template.yaml: function {function}: {error}"))?;
        let roles: RoleNames = world.setting().map_err(|error| text(&error))?;
        let made = made.watched(function, parts.metrics.clone()).recognising(roles);
        functions = add(functions, function, made);
    }
    let routes = Router::new()
        .merge(parts.sandbox.routes())
        .merge(parts.sandbox.carrier().routes())
        .merge(parts.inbox.routes())
        .merge(parts.documents.routes());
    Ok((Wired { functions, routes }, parts))
}

fn add(functions: Functions, name: &str, function: Function) -> Functions {
    functions.with(name, move |event| {
        let function = function.clone();
        async move { function.invoke(event).await.map_err(|failure| failure.to_string()) }
    })
}

impl LocalWorld<'_> {
    fn topic(&self) -> Result<Arc<LocalTopic>, Misconfigured> {
        let Topic { topic_arn } = self.setting()?;
        Ok(Arc::new(LocalTopic::new(&self.context.messaging, &topic_arn)))
    }

    fn client(&self) -> aws_sdk_dynamodb::Client {
        self.context.dynamodb.clone()
    }
}

impl World for LocalWorld<'_> {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.context.clock.clone())
    }

    fn random(&self) -> Arc<dyn Random> {
        Arc::new(OsRandom)
    }

    fn orders(&self) -> Arc<dyn Orders> {
        self.parts.orders.clone()
    }

    fn follow_ups(&self) -> Arc<dyn FollowUps> {
        Arc::new(DynamoFollowUps::new(self.client(), self.tables.clone()))
    }

    fn outbox(&self) -> Arc<dyn Outbox> {
        Arc::new(DynamoOutbox::new(self.client(), self.tables.clone()))
    }

    fn parcels(&self) -> Arc<dyn Parcels> {
        Arc::new(DynamoParcels::new(self.client(), self.tables.clone()))
    }

    fn order_counts(&self) -> Arc<dyn OrderCounts> {
        Arc::new(DynamoOrderCounts::new(self.client(), self.tables.clone()))
    }

    fn catalog(&self) -> Arc<dyn Catalog> {
        self.parts.catalog.clone()
    }

    fn inventory(&self) -> Arc<dyn Inventory> {
        self.parts.inventory.clone()
    }

    fn settings(&self) -> Arc<dyn Settings> {
        Arc::new(DynamoSettings::new(self.client(), self.tables.clone(), self.random()))
    }

    fn customers(&self) -> Arc<dyn Customers> {
        Arc::new(DynamoCustomers::new(self.client(), self.tables.clone()))
    }

    fn allowances(&self) -> Arc<dyn Allowances> {
        Arc::new(DynamoAllowances::new(self.client(), self.tables.clone()))
    }

    fn payment_methods(&self) -> Arc<dyn PaymentMethods> {
        Arc::new(DynamoPaymentMethods::new(self.client(), self.tables.clone()))
    }

    fn notices(&self) -> Arc<dyn Notices> {
        Arc::new(DynamoNotices::new(self.client(), self.tables.clone(), self.random()))
    }

    fn circuits(&self) -> Arc<dyn Circuits> {
        Arc::new(DynamoCircuits::new(self.client(), self.tables.clone()))
    }

    fn bus(&self) -> Result<Arc<dyn EventBus>, Misconfigured> {
        Ok(self.topic()?)
    }

    fn alerts(&self) -> Result<Arc<dyn Alerts>, Misconfigured> {
        Ok(Arc::new(self.parts.inbox.clone()))
    }

    fn messenger(&self) -> Result<Arc<dyn Messenger>, Misconfigured> {
        Ok(Arc::new(self.parts.inbox.clone()))
    }

    fn metrics(&self) -> Result<Arc<dyn Metrics>, Misconfigured> {
        Ok(self.parts.metrics.clone())
    }

    fn link_keys(&self) -> Result<Arc<dyn LinkKeys>, Misconfigured> {
        let keys = crate::link_keys::open(&self.context.state);
        Ok(Arc::new(keys.map_err(|error| Misconfigured(error.to_string()))?))
    }

    fn probes(&self) -> Result<Vec<Arc<dyn Probe>>, Misconfigured> {
        Ok(vec![
            Arc::new(TableProbe::new(self.client(), "orders", &self.tables.orders)),
            Arc::new(TableProbe::new(self.client(), "catalog", &self.tables.catalog)),
            self.topic()?,
        ])
    }

    fn setting<T: DeserializeOwned>(&self) -> Result<T, Misconfigured> {
        setting(self.context, self.function, Some(&self.parts.providers))
    }
}

impl CarrierWorld for LocalWorld<'_> {
    fn trackers(&self) -> Trackers {
        self.carriers().trackers()
    }
}

impl LabelWorld for LocalWorld<'_> {
    fn carriers(&self) -> Carriers {
        Carriers::new(vec![Arc::new(self.parts.sandbox.carrier())])
    }

    fn documents(&self) -> Result<Arc<dyn Documents>, Misconfigured> {
        Ok(Arc::new(self.parts.documents.clone()))
    }
}

impl PaymentWorld for LocalWorld<'_> {
    fn gateways(&self) -> Gateways {
        let breaker = Arc::new(Breaker::new(self.circuits(), self.clock()));
        Gateways::guarded(self.parts.providers.gateways.clone(), &breaker)
    }
}

/// What the template gives a function, read as the function reads it. Which providers there are is decided here.
fn setting<T: DeserializeOwned>(
    context: &Context,
    function: &str,
    providers: Option<&Providers>,
) -> Result<T, Misconfigured> {
    let mut variables = context.environment(function);
    if let Some(providers) = providers {
        let names: Vec<_> = providers.gateways.iter().map(|gateway| gateway.name()).collect();
        variables.insert("PAYMENT_PROVIDERS".to_owned(), names.join(","));
    }
    config_from(variables).map_err(|error| Misconfigured(error.to_string()))
}
