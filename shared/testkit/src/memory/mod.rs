//! The ports without any store: same conditions, same answers, no input or output.

mod alerts;
mod bus;
mod commit;
mod companions;
mod follow_ups;
mod gateway;
mod inventory;
mod labels;
mod messenger;
mod metrics;
mod outbox;
mod parcels;
mod payment_methods;
mod settings;
mod store;
mod world;

pub use alerts::MemoryAlerts;
pub use bus::MemoryBus;
pub use gateway::{Captured, Delivery, FakeGateway, GatewayFault};
pub use labels::{LabelBooks, MemoryDocuments, Mood, Sold, carrier_price};
pub use messenger::{MemoryMessenger, MessengerFault};
pub use metrics::MemoryMetrics;
pub use parcels::FakeCarrier;
pub use store::MemoryStore;
