//! From the checkout session to the refund: what providers are asked, what they tell, and what is kept of it.

pub mod breaker;
pub mod checkout_session;
pub mod delete_method;
pub mod forget_methods;
pub mod gateways;
pub(crate) mod give_back;
pub mod list_methods;
pub(crate) mod methods;
pub mod open_page;
pub mod pay_order;
pub mod payment_callback;
pub mod reconcile;
pub mod refund;
pub mod refund_order;
pub(crate) mod refunds;
pub mod settle;
