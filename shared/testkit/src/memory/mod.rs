//! The ports without any store: same conditions, same answers, no input or output.

mod agenda;
mod alerts;
mod bus;
mod gateway;
mod journal;
mod messenger;
mod methods;
mod settings;
mod shelf;
mod store;
mod world;

pub use alerts::MemoryAlerts;
pub use bus::MemoryBus;
pub use gateway::{Captured, Delivery, FakeGateway, GatewayFault};
pub use journal::MemoryJournal;
pub use messenger::{MemoryMessenger, MessengerFault};
pub use store::MemoryStore;
