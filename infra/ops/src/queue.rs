//! Dead letters of queues, back to the queue whose letters they are.
//!
//! The destination is always named. SQS knows by itself where a letter came from only if it came from a queue; letters that SNS
//! could not deliver have no source, and without a destination they stay where they are.

use serde_json::Value;

use crate::OpsError;
use crate::cli::Cli;
use crate::stack::Stack;

/// Queues whose dead letters are messages that can be handled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    Notify,
    Payment,
    Refund,
    Screen,
    Fulfil,
}

impl Queue {
    /// All of them.
    pub const ALL: [Queue; 5] = [Queue::Notify, Queue::Payment, Queue::Refund, Queue::Screen, Queue::Fulfil];

    /// How the stack's outputs begin that are about it.
    pub const fn name(self) -> &'static str {
        match self {
            Queue::Notify => "Notify",
            Queue::Payment => "Payment",
            Queue::Refund => "Refund",
            Queue::Screen => "Screen",
            Queue::Fulfil => "Fulfil",
        }
    }
}

/// Begins to move all dead letters of a queue back, and tells how many there were about then.
pub fn redrive(cli: &dyn Cli, stack: &Stack, queue: Queue) -> Result<u64, OpsError> {
    let (dead, waiting) = attributes(cli, stack.output(&format!("{}DeadLettersUrl", queue.name()))?)?;
    let (alive, _) = attributes(cli, stack.output(&format!("{}QueueUrl", queue.name()))?)?;
    if waiting > 0 {
        cli.call(&["sqs", "start-message-move-task", "--source-arn", &dead, "--destination-arn", &alive])?;
    }
    Ok(waiting)
}

/// The ARN of a queue, and how many messages it has about now.
fn attributes(cli: &dyn Cli, url: &str) -> Result<(String, u64), OpsError> {
    let names = ["QueueArn", "ApproximateNumberOfMessages"];
    let answer =
        cli.call(&["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", names[0], names[1]])?;
    let text = |name: &str| answer["Attributes"][name].as_str();
    let read = text(names[0]).zip(text(names[1]).and_then(|number| number.parse().ok()));
    let (arn, waiting) = read.ok_or_else(|| OpsError::Unreadable("sqs get-queue-attributes".to_owned()))?;
    Ok((arn.to_owned(), waiting))
}

/// Deletes the letters of the relay: positions in the stream, which name no order and are worthless after a day.
pub fn purge_positions(cli: &dyn Cli, stack: &Stack) -> Result<Value, OpsError> {
    cli.call(&["sqs", "purge-queue", "--queue-url", stack.output("RelayDeadLettersUrl")?])
}
