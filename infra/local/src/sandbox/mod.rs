//! The sandbox payment provider: a hosted checkout page, signed webhooks and refunds, without money.
//!
//! It behaves like a real provider in what matters to us: opening a page and refunding are idempotent by our ids, a
//! capture can be refunded up to its amount, and every outcome is announced by a signed webhook that is delivered
//! again, with growing pauses, until it is answered with success ([`delivery`]). It keeps its own books in the local
//! state, apart from the orders, so that both can be compared.

mod books;
mod carrier;
pub mod delivery;
mod gateway;
pub mod label;
pub mod outage;
mod page;
mod parcels;
pub mod signature;

use std::sync::Arc;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use books::{Books, Entry, PageStatus};
pub use carrier::SandboxCarrier;
pub use gateway::{SandboxGateway, read_webhook};

use crate::clock::Clock;
use crate::cloud::Context;
use crate::state::{StateDb, StateError};
use delivery::{Courier, Delivery};
use outage::Outage;
use signature::Signer;

/// The provider's name in paths and orders.
pub const NAME: &str = "sandbox";

const SECRET_SETTING: &str = "sandbox_webhook_secret";

/// The running provider; a cheap handle.
#[derive(Clone)]
pub struct Sandbox {
    books: Books,
    signer: Signer,
    delivery: Delivery,
    outage: Outage,
    clock: Clock,
    base_url: String,
    carrier: SandboxCarrier,
}

impl Sandbox {
    /// Opens the books.
    pub fn open(context: &Context) -> Result<Self, StateError> {
        let books = Books::open(&context.state)?;
        let signer = Signer::new(&secret(&context.state)?);
        let outage = Outage::default();
        let courier = Courier {
            books: books.clone(),
            signer: signer.clone(),
            outage: outage.clone(),
            clock: context.clock.clone(),
            gateway: context.gateway.clone(),
        };
        let (clock, base_url) = (context.clock.clone(), context.base_url.clone());
        // The carrier signs as the provider does.
        let carrier = SandboxCarrier::open(signer.clone(), clock.clone(), context.gateway.clone(), &context.state)?;
        Ok(Sandbox { books, signer, delivery: Delivery::start(courier), outage, clock, base_url, carrier })
    }

    /// Goes on delivering what was not delivered before the last stop, now that the cloud answers.
    pub fn begin(&self) {
        self.delivery.begin();
    }

    /// The port's implementation.
    pub fn gateway(&self) -> Arc<SandboxGateway> {
        Arc::new(SandboxGateway::new(self.clone()))
    }

    /// The checkout page.
    pub fn routes(&self) -> Router {
        page::routes(self.clone())
    }

    /// The carrier of this machine.
    pub fn carrier(&self) -> SandboxCarrier {
        self.carrier.clone()
    }

    /// What the provider knows of payments and refunds.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Scripts failures of the provider.
    pub fn outage(&self) -> &Outage {
        &self.outage
    }

    /// Signs as the provider does; tests use it to send webhooks that are genuine, stale or for another order.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }
}

/// Made at the first start and kept in the state.
fn secret(state: &StateDb) -> Result<Vec<u8>, StateError> {
    let stored = state.setting(SECRET_SETTING)?;
    if let Some(secret) = stored.and_then(|text| STANDARD.decode(text).ok()) {
        return Ok(secret);
    }
    let secret: Vec<u8> =
        [crate::random::uuid(), crate::random::uuid()].iter().flat_map(|half| *half.as_bytes()).collect();
    state.set_setting(SECRET_SETTING, &STANDARD.encode(&secret))?;
    Ok(secret)
}
