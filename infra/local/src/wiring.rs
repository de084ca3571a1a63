//! Makes the functions of the template from the same packages that AWS runs, with the local ports.
//!
//! The store is the real adapter over the real SDK; topic, messages, time and payments are local. Resource names come
//! from each function's environment in the template, read by the same configuration types as in AWS.

use std::sync::Arc;

use axum::Router;
use oms_adapters::dynamodb::{
    DynamoAgenda, DynamoCatalog, DynamoCensus, DynamoCircuits, DynamoCustomers, DynamoMethods, DynamoNotices,
    DynamoOrders, DynamoSettings, DynamoShelf, TableProbe, Tables,
};
use oms_adapters::random::OsRandom;
use oms_adapters::sns_bus::Topic;
use oms_app::alert_stock::AlertStock;
use oms_app::breaker::Breaker;
use oms_app::cancel_order::CancelOrder;
use oms_app::catalog_cache::CatalogCache;
use oms_app::change_settings::ChangeSettings;
use oms_app::change_standing::ChangeStanding;
use oms_app::count_orders::CountOrders;
use oms_app::create_order::CreateOrder;
use oms_app::create_product::CreateProduct;
use oms_app::delete_method::DeleteMethod;
use oms_app::discontinue_product::DiscontinueProduct;
use oms_app::forget_methods::ForgetMethods;
use oms_app::health::Health;
use oms_app::import_products::ImportProducts;
use oms_app::list_methods::ListMethods;
use oms_app::list_orders::ListOrders;
use oms_app::list_products::ListProducts;
use oms_app::move_stock::MoveStock;
use oms_app::notify::Notify;
use oms_app::open_page::OpenPage;
use oms_app::pay_order::PayOrder;
use oms_app::payment_callback::PaymentCallback;
use oms_app::ports::{Catalog, Clock, Gateways, Journal, Messenger, Orders, Probe, Random, Shelf};
use oms_app::quote_order::QuoteOrder;
use oms_app::refund::Refund;
use oms_app::refund_order::RefundOrder;
use oms_app::relay::Relay;
use oms_app::review_order::ReviewOrder;
use oms_app::screen_order::{FraudRules, ScreenOrder};
use oms_app::submit_order::SubmitOrder;
use oms_app::sweep::Sweep;
use oms_app::update_product::UpdateProduct;
use oms_app::update_status::UpdateStatus;
use oms_app::view_order::ViewOrder;
use oms_app::view_product::ViewProduct;
use oms_app::view_settings::ViewSettings;
use oms_app::view_standing::ViewStanding;
use oms_app::view_stock::ViewStock;
use oms_runtime::{Function, Readable, config_from};
use serde::de::DeserializeOwned;

use crate::cloud::{Context, Wired};
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
    /// The store of orders.
    pub orders: Arc<dyn Orders>,
    /// The store of products.
    pub catalog: Arc<dyn Catalog>,
    /// The same, for those who manage it.
    pub shelf: Arc<dyn Shelf>,
    /// Where work and figures are told of.
    pub journal: Arc<dyn Journal>,
}

/// Wires all functions and seeds an empty catalogue.
pub async fn wire(context: &Context, wanted: &[Provider]) -> Result<(Wired, Parts), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let tables: Tables = config(context, "create-order")?;
    let client = context.dynamodb.clone();
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let clock: Arc<dyn Clock> = Arc::new(context.clock.clone());
    let orders: Arc<dyn Orders> = Arc::new(DynamoOrders::new(client.clone(), tables.clone(), random.clone()));
    let catalog: Arc<dyn Catalog> = Arc::new(DynamoCatalog::new(client.clone(), tables.clone()));
    let shelf: Arc<dyn Shelf> = Arc::new(DynamoShelf::new(client.clone(), tables.clone(), random.clone()));
    seed(catalog.as_ref(), shelf.as_ref(), clock.now()).await.map_err(|error| text(&error))?;
    let sandbox = Sandbox::open(context).map_err(|error| text(&error))?;
    let providers = payments::open(context, &sandbox, wanted).await?;
    let inbox = Inbox::open(&context.state, &context.clock).map_err(|error| text(&error))?;
    let journal: Arc<dyn Journal> = Arc::new(Readable);
    let parts = Parts { sandbox, providers, inbox, orders, catalog, shelf, journal };
    let functions = functions(context, &parts, &tables, &clock, &random)?;
    let routes = Router::new().merge(parts.sandbox.routes()).merge(parts.inbox.routes());
    Ok((Wired { functions, routes }, parts))
}

fn functions(
    context: &Context,
    parts: &Parts,
    tables: &Tables,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Functions, String> {
    let (orders, catalog, clock) = (|| parts.orders.clone(), || parts.catalog.clone(), || clock.clone());
    let shelf = || parts.shelf.clone();
    // Each function sees the circuits for itself, as its process does on AWS.
    let circuits = || Arc::new(DynamoCircuits::new(context.dynamodb.clone(), tables.clone()));
    let gateways = || Gateways::guarded(parts.providers.gateways.clone(), &Arc::new(Breaker::new(circuits(), clock())));
    let topic = |package: &str| -> Result<LocalTopic, String> {
        let Topic { topic_arn } = config(context, package)?;
        Ok(LocalTopic::new(&context.messaging, &topic_arn))
    };
    let notices = Arc::new(DynamoNotices::new(context.dynamodb.clone(), tables.clone(), random.clone()));
    let messenger: Arc<dyn Messenger> = Arc::new(parts.inbox.clone());
    let shop = config::<notify::Config>(context, "notify")?.shop();
    let notify = Notify::new(orders(), notices, messenger, clock(), shop).map_err(|error| error.to_string())?;
    let agenda = || Arc::new(DynamoAgenda::new(context.dynamodb.clone(), tables.clone()));
    let cache = || CatalogCache::new(catalog(), clock());
    let table_probe = |name: &str, table: &str| -> Arc<dyn Probe> {
        Arc::new(TableProbe::new(context.dynamodb.clone(), name, table))
    };
    let probes: Vec<Arc<dyn Probe>> = vec![
        table_probe("orders", &tables.orders),
        table_probe("catalog", &tables.catalog),
        Arc::new(topic("health")?),
    ];
    let customers = Arc::new(DynamoCustomers::new(context.dynamodb.clone(), tables.clone()));
    let settings = Arc::new(DynamoSettings::new(context.dynamodb.clone(), tables.clone(), random.clone()));
    let methods = Arc::new(DynamoMethods::new(context.dynamodb.clone(), tables.clone()));
    let rules = FraudRules::read(&config::<screen_order::Config>(context, "screen-order")?.review_above)
        .map_err(|error| error.to_string())?;
    let limits: create_order::Config = config(context, "create-order")?;
    let create = CreateOrder::new(orders(), cache(), clock(), random.clone()).taking(limits.orders_per_minute);
    let census = Arc::new(DynamoCensus::new(context.dynamodb.clone(), tables.clone()));
    let journal = || parts.journal.clone();
    let tries = config::<open_page::Config>(context, "open-page")?.payment_tries;
    let open_page = OpenPage::new(orders(), agenda(), gateways(), clock(), tries);
    let all = [
        ("create-order", create_order::function(create)),
        ("quote-order", quote_order::function(QuoteOrder::new(orders(), cache(), gateways().offer().clone(), clock()))),
        ("submit-order", submit_order::function(SubmitOrder::new(orders(), clock()))),
        ("cancel-order", cancel_order::function(CancelOrder::new(orders(), clock()))),
        ("view-order", view_order::function(ViewOrder::new(orders()))),
        ("list-orders", list_orders::function(ListOrders::new(orders()))),
        ("update-status", update_status::function(UpdateStatus::new(orders(), clock()))),
        ("pay-order", pay_order::function(PayOrder::new(orders(), agenda(), gateways(), clock()))),
        ("payment-callback", payment_callback::function(PaymentCallback::new(orders(), agenda(), gateways(), clock()))),
        ("list-products", list_products::function(ListProducts::new(catalog()))),
        ("view-product", view_product::function(ViewProduct::new(shelf()))),
        ("create-product", create_product::function(CreateProduct::new(shelf(), clock(), random.clone()))),
        ("update-product", update_product::function(UpdateProduct::new(shelf(), clock(), random.clone()))),
        (
            "discontinue-product",
            discontinue_product::function(DiscontinueProduct::new(shelf(), clock(), random.clone())),
        ),
        ("import-products", import_products::function(ImportProducts::new(shelf(), clock(), random.clone()))),
        ("move-stock", move_stock::function(MoveStock::new(catalog(), shelf(), clock(), random.clone()))),
        ("view-stock", view_stock::function(ViewStock::new(catalog(), shelf()))),
        ("alert-stock", alert_stock::function(AlertStock::new(catalog(), shelf(), Arc::new(parts.inbox.clone())))),
        ("health", health::function(Health::new(probes))),
        ("relay", relay::function(Relay::new(Arc::new(topic("relay")?)).telling(journal()))),
        ("notify", notify::function(notify)),
        ("refund-order", refund_order::function(RefundOrder::new(orders(), clock()))),
        ("open-page", open_page::function(open_page)),
        ("refund", refund::function(Refund::new(orders(), agenda(), gateways(), clock()))),
        ("review-order", review_order::function(ReviewOrder::new(orders(), clock()))),
        ("screen-order", screen_order::function(ScreenOrder::new(orders(), Arc::new(rules), clock()))),
        ("change-standing", change_standing::function(ChangeStanding::new(customers.clone(), clock()))),
        ("change-settings", change_settings::function(ChangeSettings::new(settings.clone(), clock(), random.clone()))),
        ("view-settings", view_settings::function(ViewSettings::new(settings))),
        ("view-standing", view_standing::function(ViewStanding::new(customers))),
        ("list-methods", list_methods::function(ListMethods::new(methods.clone()))),
        ("delete-method", delete_method::function(DeleteMethod::new(methods.clone(), clock()))),
        ("forget-methods", forget_methods::function(ForgetMethods::new(methods, gateways(), clock()))),
        ("count-orders", count_orders::function(CountOrders::new(census, clock(), journal()))),
        ("sweep", sweep::function(Sweep::new(orders(), agenda(), gateways(), clock()))),
    ];
    Ok(all
        .into_iter()
        .fold(Functions::new(), |known, (package, function)| add(known, package, function.watched(package, journal()))))
}

fn add(functions: Functions, package: &str, function: Function) -> Functions {
    functions.with(package, move |event| {
        let function = function.clone();
        async move { function.invoke(event).await.map_err(|failure| failure.to_string()) }
    })
}

/// What the template gives a function, read as the function reads it.
fn config<T: DeserializeOwned>(context: &Context, package: &str) -> Result<T, String> {
    config_from(context.environment(package)).map_err(|error| format!("template.yaml: function {package}: {error}"))
}
