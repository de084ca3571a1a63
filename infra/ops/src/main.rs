//! See the library.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};
use oms_ops::cli::Installed;
use oms_ops::queue::{self, Queue};
use oms_ops::stack::Stack;
use oms_ops::{OpsError, stream};

/// How far back the stream is caught up with unless told: as long as a stream keeps anything.
const STREAM_KEEPS: SignedDuration = SignedDuration::from_hours(24);

/// Does what operators do with a deployed stack.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Has done what could not be done: dead letters of a queue, or what the stream lost.
    Redrive {
        /// The stack's name, e.g. oms-prod.
        #[arg(long)]
        stack: String,
        /// For `stream`: look at orders that changed since then (RFC 3339); a day ago unless given.
        #[arg(long)]
        since: Option<Timestamp>,
        what: What,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Everything below.
    All,
    /// What the relay did not publish.
    Stream,
    Notify,
    Payment,
    Refund,
    Screen,
}

impl What {
    fn queues(self) -> &'static [Queue] {
        match self {
            What::All => &Queue::ALL,
            What::Stream => &[],
            What::Notify => &[Queue::Notify],
            What::Payment => &[Queue::Payment],
            What::Refund => &[Queue::Refund],
            What::Screen => &[Queue::Screen],
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Command::Redrive { stack, since, what } = Options::parse().command;
    match redrive(&stack, since, what).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a command of a person at a terminal")]
async fn redrive(stack: &str, since: Option<Timestamp>, what: What) -> Result<(), OpsError> {
    let stack = Stack::read(&Installed, stack)?;
    for queue in what.queues() {
        let letters = queue::redrive(&Installed, &stack, *queue)?;
        println!("{}: {letters} dead letters go back", queue.name());
    }
    if matches!(what, What::All | What::Stream) {
        let since = since.unwrap_or_else(|| Timestamp::now() - STREAM_KEEPS);
        let client = stream::client(&Installed, &stack)?;
        let found = stream::redrive(&Installed, &stack, client, since).await?;
        println!("stream: of {} orders that changed, {} are published by the next sweep", found.looked, found.behind);
    }
    Ok(())
}
