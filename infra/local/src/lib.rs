//! The local cloud: runs template.yaml on one machine.
//!
//! The engine knows nothing of orders. A Lambda function is, to it, an async closure from an event's JSON to a
//! response's JSON, and `template.yaml` says what calls it. Around that it keeps what AWS would keep: tables and their
//! stream ([`dynamodb`]), topics and queues ([`messaging`]), whatever invokes functions ([`sources`]), the HTTP API
//! ([`gateway`]), an identity provider ([`identity`]) and a clock that can be moved ([`clock`]). [`cloud`] starts and
//! stops it all.
//!
//! It is a development and test host. Deliberately absent: permissions, throttling, cold starts, metrics and alarms.

pub mod clock;
pub mod cloud;
mod cors;
pub mod demo;
pub mod dev;
pub mod documents;
pub mod dynamodb;
#[cfg(test)]
mod faults;
pub mod filter;
pub mod function;
pub mod gateway;
pub mod http_event;
pub mod identity;
pub mod import;
pub mod inbox;
pub mod link_keys;
pub mod messaging;
pub mod openapi;
mod own;
pub mod payments;
pub mod ports;
pub mod problem;
mod random;
pub mod sample_event;
pub mod sandbox;
pub mod seed;
pub mod sources;
pub mod start;
pub mod state;
pub mod template;
pub mod world;
