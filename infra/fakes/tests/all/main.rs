//! The fakes of payment providers behave as the providers do.

mod paypal;
mod stripe;
