pub(crate) mod notices;
