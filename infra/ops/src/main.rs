//! See the library.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};
use oms_app::platform::recount::Intention;
use oms_ops::cli::Installed;
use oms_ops::queue::{self, Queue};
use oms_ops::stack::Stack;
use oms_ops::{OpsError, stock, stream};

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
    /// Counts the units of all products anew, from the events of all orders and the movements by hand. Stop what writes first, and
    /// wait a minute: lists lag.
    Recount {
        /// The stack's name, e.g. oms-prod.
        #[arg(long)]
        stack: String,
        /// Sets wrong counters right; without it they are only told.
        #[arg(long)]
        write: bool,
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
    Fulfil,
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
            What::Fulfil => &[Queue::Fulfil],
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Redrive { stack, since, what } => redrive(&stack, since, what).await,
        Command::Recount { stack, write } => {
            recount(&stack, if write { Intention::Write } else { Intention::Look }).await
        }
    };
    match done {
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

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command of a person at a terminal")]
async fn recount(stack: &str, intention: Intention) -> Result<(), OpsError> {
    let stack = Stack::read(&Installed, stack)?;
    let client = stream::client(&Installed, &stack)?;
    let counted = stock::recount(&stack, client, intention, |orders| eprint!("\r{orders} orders")).await?;
    eprintln!();
    for difference in &counted.differences {
        println!("{}", stock::told(difference));
    }
    println!("{} orders, {} products, {} differ", counted.orders, counted.products, counted.differences.len());
    Ok(())
}
