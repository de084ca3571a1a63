//! The parts of the benchmark.

pub(crate) mod growth;
pub(crate) mod hostile;
pub(crate) mod load;
pub(crate) mod messages;
pub(crate) mod operations;
pub(crate) mod start;
