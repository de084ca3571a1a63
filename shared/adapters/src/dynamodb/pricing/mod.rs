pub(crate) mod schedule;
pub(crate) mod settings;
