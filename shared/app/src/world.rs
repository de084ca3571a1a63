//! What a place is made of, as functions see it: AWS, the local cloud, the simulator and the benches of tests are worlds.
//!
//! Each function is wired once, by the `wired` beside its handler, and each world is told once which ports it has. A
//! world is a type parameter and never a trait object, so a binary links the adapters that its function asks for, and no
//! others.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fulfilment::carriers::Carriers;
use crate::fulfilment::trackers::Trackers;
use crate::messaging::texts::{Shop, Texts};
use crate::payments::gateways::Gateways;
use crate::ports::{
    Alerts, Allowances, Catalog, Circuits, Clock, Customers, Documents, EventBus, FollowUps, Inventory, LinkKeys,
    Messenger, Metrics, Notices, OrderCounts, Orders, Outbox, Parcels, PaymentMethods, Probe, Random, Settings,
};

/// What a function is told by its environment is missing or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("misconfigured: {0}")]
pub struct Misconfigured(pub String);

/// The ports of a place. Asking for one makes it or hands out the one that all functions of the place share.
pub trait World {
    fn clock(&self) -> Arc<dyn Clock>;
    fn random(&self) -> Arc<dyn Random>;
    fn orders(&self) -> Arc<dyn Orders>;
    fn follow_ups(&self) -> Arc<dyn FollowUps>;
    fn outbox(&self) -> Arc<dyn Outbox>;
    fn parcels(&self) -> Arc<dyn Parcels>;
    fn order_counts(&self) -> Arc<dyn OrderCounts>;
    fn catalog(&self) -> Arc<dyn Catalog>;
    fn inventory(&self) -> Arc<dyn Inventory>;
    fn settings(&self) -> Arc<dyn Settings>;
    fn customers(&self) -> Arc<dyn Customers>;
    fn allowances(&self) -> Arc<dyn Allowances>;
    fn payment_methods(&self) -> Arc<dyn PaymentMethods>;
    fn notices(&self) -> Arc<dyn Notices>;

    /// The circuits as one process sees them.
    fn circuits(&self) -> Arc<dyn Circuits>;

    fn bus(&self) -> Result<Arc<dyn EventBus>, Misconfigured>;
    fn alerts(&self) -> Result<Arc<dyn Alerts>, Misconfigured>;
    fn messenger(&self) -> Result<Arc<dyn Messenger>, Misconfigured>;
    fn metrics(&self) -> Result<Arc<dyn Metrics>, Misconfigured>;

    /// The keys of signed links. Nothing is read before they are asked for.
    fn link_keys(&self) -> Result<Arc<dyn LinkKeys>, Misconfigured>;

    /// What readiness asks after.
    fn probes(&self) -> Result<Vec<Arc<dyn Probe>>, Misconfigured>;

    /// What the function's environment says, read as `T` names it.
    fn setting<T: DeserializeOwned>(&self) -> Result<T, Misconfigured>;

    /// What customers are told, in the shop's name.
    fn texts(&self) -> Result<Arc<Texts>, Misconfigured> {
        #[derive(Deserialize)]
        struct Config {
            shop_name: String,
            shop_url: String,
        }
        let Config { shop_name, shop_url } = self.setting()?;
        let shop = Shop { name: shop_name, url: shop_url.trim_end_matches('/').to_owned() };
        Texts::new(shop).map(Arc::new).map_err(|error| Misconfigured(error.to_string()))
    }
}

/// A place that reaches payment providers. Only functions that call them ask for one, and only their binaries contain an
/// HTTP client.
pub trait PaymentWorld: World {
    /// The providers on offer, each behind its circuit.
    fn gateways(&self) -> Gateways;
}

/// A place that hears of carriers where parcels are; the same holds of their binaries.
pub trait CarrierWorld: World {
    /// The carriers that tell of parcels.
    fn trackers(&self) -> Trackers;
}

/// A place that buys labels and keeps them; the same holds of its binaries.
pub trait LabelWorld: CarrierWorld {
    /// The carriers that sell labels.
    fn carriers(&self) -> Carriers;

    /// Where what is printed is kept.
    fn documents(&self) -> Result<Arc<dyn Documents>, Misconfigured>;
}
