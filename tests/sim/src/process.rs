//! The world that one process of a function sees: ports that fail, a clock that is wrong.

use std::sync::{Arc, LazyLock};

use crate::label_line::LabelLine;
use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::trackers::Trackers;
use oms_app::messaging::texts::{Shop, Texts};
use oms_app::payments::breaker::Breaker;
use oms_app::payments::gateways::Gateways;
use oms_app::ports::{
    Alerts, Allowances, Catalog, Circuits, Clock, Customers, Documents, EventBus, FollowUps, Inventory, LinkKeys,
    Messenger, Metrics, Notices, OrderCounts, Orders, Outbox, Parcels, PaymentMethods, Probe, Random, Settings,
};
use oms_app::world::{CarrierWorld, LabelWorld, Misconfigured, PaymentWorld, World};
use oms_runtime::config_from;
use oms_testkit::SeededRandom;
use oms_testkit::builders::link_keys;
use oms_testkit::memory::MemoryMetrics;
use serde::de::DeserializeOwned;

use crate::line::line;
use crate::planted::Bug;
use crate::ports::{Ports, SkewedClock};

/// How often the payment queue delivers a message.
pub(crate) const PAYMENT_TRIES: u32 = 4;

/// How often the queue of what the shop does by itself delivers a message.
const FULFIL_TRIES: &str = "11";

/// Orders above this are held until an admin has looked.
const REVIEW_ABOVE: &str = "70.00 EUR";

/// Orders of one customer in a minute.
const ORDERS_PER_MINUTE: &str = "10";

/// All customers have one address, and each must hear of everything.
const MESSAGES_PER_DAY: &str = "0";

/// The same in every story, and slow to compile.
static TEXTS: LazyLock<Arc<Texts>> = LazyLock::new(|| {
    let shop = Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
    Arc::new(Texts::new(shop).expect("the texts are right"))
});

pub(crate) struct Process {
    pub(crate) ports: Arc<Ports>,
    pub(crate) clock: Arc<SkewedClock>,
}

impl World for Process {
    fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    fn random(&self) -> Arc<dyn Random> {
        Arc::new(SeededRandom::new(self.ports.0.weather.lot(u64::MAX)))
    }

    fn orders(&self) -> Arc<dyn Orders> {
        self.ports.clone()
    }

    fn follow_ups(&self) -> Arc<dyn FollowUps> {
        self.ports.clone()
    }

    fn outbox(&self) -> Arc<dyn Outbox> {
        self.ports.clone()
    }

    fn catalog(&self) -> Arc<dyn Catalog> {
        self.ports.clone()
    }

    fn inventory(&self) -> Arc<dyn Inventory> {
        self.ports.clone()
    }

    fn notices(&self) -> Arc<dyn Notices> {
        self.ports.clone()
    }

    fn circuits(&self) -> Arc<dyn Circuits> {
        self.ports.clone()
    }

    fn link_keys(&self) -> Result<Arc<dyn LinkKeys>, Misconfigured> {
        Ok(Arc::new(link_keys()))
    }

    fn bus(&self) -> Result<Arc<dyn EventBus>, Misconfigured> {
        Ok(self.ports.clone())
    }

    fn messenger(&self) -> Result<Arc<dyn Messenger>, Misconfigured> {
        Ok(self.ports.clone())
    }

    fn texts(&self) -> Result<Arc<Texts>, Misconfigured> {
        Ok(TEXTS.clone())
    }

    // What the stories do not disturb.

    fn parcels(&self) -> Arc<dyn Parcels> {
        self.ports.clone()
    }

    fn order_counts(&self) -> Arc<dyn OrderCounts> {
        Arc::new(self.ports.0.store.clone())
    }

    fn settings(&self) -> Arc<dyn Settings> {
        Arc::new(self.ports.0.store.clone())
    }

    fn customers(&self) -> Arc<dyn Customers> {
        Arc::new(self.ports.0.store.clone())
    }

    fn allowances(&self) -> Arc<dyn Allowances> {
        self.ports.clone()
    }

    fn payment_methods(&self) -> Arc<dyn PaymentMethods> {
        Arc::new(self.ports.0.store.clone())
    }

    fn alerts(&self) -> Result<Arc<dyn Alerts>, Misconfigured> {
        Ok(Arc::new(self.ports.0.bank().alerts.clone()))
    }

    fn metrics(&self) -> Result<Arc<dyn Metrics>, Misconfigured> {
        Ok(Arc::new(MemoryMetrics::default()))
    }

    fn probes(&self) -> Result<Vec<Arc<dyn Probe>>, Misconfigured> {
        Ok(Vec::new())
    }

    fn setting<T: DeserializeOwned>(&self) -> Result<T, Misconfigured> {
        let unscreened = self.ports.0.has(Bug::BegunUnscreened) && self.ports.1 == "fulfil-order";
        let tries = PAYMENT_TRIES.to_string();
        let said = [
            ("SMS_CALLING_CODES", "all"),
            ("TRACK_URL", "https://shop.example/track"),
            ("REVIEW_ABOVE", if unscreened { "" } else { REVIEW_ABOVE }),
            ("PAYMENT_TRIES", &tries),
            ("FULFIL_TRIES", FULFIL_TRIES),
            ("ORDERS_PER_MINUTE", ORDERS_PER_MINUTE),
            ("MESSAGES_PER_DAY", MESSAGES_PER_DAY),
            ("PAYMENT_PROVIDERS", "sandbox"),
            // The simulated network has a patience of its own.
            ("CARRIER_PATIENCE_MILLIS", "0"),
        ];
        let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
        config_from(said).map_err(|error| Misconfigured(error.to_string()))
    }
}

impl CarrierWorld for Process {
    fn trackers(&self) -> Trackers {
        self.carriers().trackers()
    }
}

impl LabelWorld for Process {
    fn carriers(&self) -> Carriers {
        Carriers::new(vec![Arc::new(LabelLine::of(&self.ports))])
    }

    fn documents(&self) -> Result<Arc<dyn Documents>, Misconfigured> {
        Ok(Arc::new(self.ports.0.bank().documents.clone()))
    }
}

impl PaymentWorld for Process {
    fn gateways(&self) -> Gateways {
        Gateways::guarded(vec![line(&self.ports)], &Arc::new(Breaker::new(self.circuits(), self.clock())))
    }
}
