pub(crate) mod standings;
