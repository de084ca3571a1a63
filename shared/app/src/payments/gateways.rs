//! The payment providers on offer, each behind its circuit.

use std::sync::Arc;

use crate::payments::breaker::{Breaker, Guarded, Offer};
use crate::ports::PaymentGateway;

/// The providers that this installation offers.
#[derive(Clone, Default)]
pub struct Gateways(Vec<Arc<dyn PaymentGateway>>, Offer);

impl Gateways {
    /// Offers these, in this order.
    pub fn new(gateways: Vec<Arc<dyn PaymentGateway>>) -> Self {
        let names = gateways.iter().map(|gateway| gateway.name().to_owned()).collect();
        Gateways(gateways, Offer::of(names))
    }

    /// Offers these, each behind its circuit.
    pub fn guarded(gateways: Vec<Arc<dyn PaymentGateway>>, breaker: &Arc<Breaker>) -> Self {
        let guard = |gateway| Arc::new(Guarded::new(gateway, breaker.clone())) as Arc<dyn PaymentGateway>;
        let Gateways(gateways, offer) = Gateways::new(gateways.into_iter().map(guard).collect());
        Gateways(gateways, offer.watched_by(breaker.clone()))
    }

    /// What customers may choose from.
    pub fn offer(&self) -> &Offer {
        &self.1
    }

    /// The provider of this name.
    pub fn get(&self, name: &str) -> Option<&dyn PaymentGateway> {
        self.0.iter().find(|gateway| gateway.name() == name).map(AsRef::as_ref)
    }

    /// The names on offer.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|gateway| gateway.name()).collect()
    }
}
