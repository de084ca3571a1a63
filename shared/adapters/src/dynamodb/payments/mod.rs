pub(crate) mod circuits;
pub(crate) mod follow_ups;
pub(crate) mod payment_methods;
