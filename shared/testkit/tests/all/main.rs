//! The ports in memory keep the contract that DynamoDB keeps.

#![allow(clippy::unwrap_used, reason = "a panic here is a failed test")]

mod item_size;
mod memory_contract;
mod memory_rush;
