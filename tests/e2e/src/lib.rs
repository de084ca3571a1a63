//! The scenarios over HTTP against the local cloud
