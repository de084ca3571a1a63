//! The ports in memory keep the contract that DynamoDB keeps.

mod memory_contract;
mod memory_rush;
