pub(crate) mod outbox;
pub(crate) mod probe;
