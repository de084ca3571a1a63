pub(crate) mod allowances;
pub(crate) mod marks;
pub(crate) mod standings;
