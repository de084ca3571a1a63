//! Payment providers and carriers of our own that speak the real ones' wire format: for tests and for the local cloud.
//!
//! They behave as the real ones do in what matters: idempotency keys and their absence, refund limits, labels that are paid twice,
//! signed webhooks that are repeated, doubled and reordered, stored failures, slow and lost answers. What goes wrong is scripted by
//! the test.

mod desk;
pub mod dhl;
pub mod fedex;
pub mod paypal;
pub mod stripe;
pub mod ups;

pub use desk::{Clerk, Clock, Delivery, Fake, Seen};
