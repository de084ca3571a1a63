//! Payment providers of our own that speak the real ones' wire format: for tests and for the local cloud.
//!
//! They behave as the real ones do in what matters: idempotency keys, refund limits, signed webhooks that are repeated,
//! doubled and reordered, stored failures, slow and lost answers. What goes wrong is scripted by the test.

pub mod paypal;
pub mod stripe;
