//! What operators do with a deployed stack, as commands: `cargo run -p oms-ops -- redrive --stack oms-prod refund`.
//!
//! Queues are moved by the AWS CLI, which operators have, with their credentials ([`cli`]); the tables are read by the
//! adapters that the functions use ([`stream`], [`stock`]). Every command may be repeated.

pub mod cli;
pub mod queue;
pub mod stack;
pub mod stock;
pub mod stream;

/// Why a command was not done; one line.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The AWS CLI is missing or refused.
    #[error("aws {command}: {reason}")]
    Cli { command: String, reason: String },
    /// The stack is not one of ours, or older than this command.
    #[error("the stack {stack} has no output {output}")]
    NoOutput { stack: String, output: String },
    /// The CLI answered something else than was asked for.
    #[error("the answer to aws {0} cannot be read")]
    Unreadable(String),
    /// The orders table did not answer.
    #[error(transparent)]
    Orders(#[from] oms_app::Error),
}
