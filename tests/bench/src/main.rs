//! What the release binaries cost and how long they take, beside what they are made of.
//!
//! `cargo run --release -p oms-bench` builds the functions, runs them as processes through a Lambda Runtime API of its
//! own against the embedded store, and prints one table. Times by themselves say what this machine is; what counts are
//! the ratios: each figure stands beside its reference, and the two were measured in turns. `docs/performance.md` says
//! how to read it.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "quantiles and ratios of measurements; there is no money here"
)]

mod bare;
mod binaries;
mod chart;
mod clock;
mod lambda;
mod orders;
mod process;
mod proxy;
mod report;
mod requests;
mod sections;
mod services;
mod stats;
mod store;
mod template;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use binaries::Binaries;
use report::{Report, Row};

/// Whatever went wrong; a benchmark ends there and says it.
type Fail = Box<dyn std::error::Error + Send + Sync>;

/// Measures the release binaries of the functions.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only these sections.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Section>,
    /// Fewer repetitions and orders: to see that it works; its figures prove little.
    #[arg(long)]
    quick: bool,
    /// Profile that the functions are built in.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Takes the binaries as they are.
    #[arg(long)]
    no_build: bool,
    /// Where results go; `bench` beside the binaries unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Puts the table and the chart into `docs/`.
    #[arg(long)]
    docs: bool,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// What one request costs.
    Operations,
    /// From the start of a process to its first answer.
    Start,
    /// Many clients at once.
    Load,
    /// One honest client among many hostile ones.
    Hostile,
    /// More and more orders.
    Growth,
    /// From a commit to the customer.
    Messages,
}

const ALL: [Section; 6] =
    [Section::Operations, Section::Start, Section::Messages, Section::Load, Section::Hostile, Section::Growth];

/// What all sections need.
struct Context {
    binaries: Binaries,
    quick: bool,
}

impl Context {
    /// One number for a full run, another for a short one.
    fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

#[tokio::main]
async fn main() -> Result<(), Fail> {
    let arguments = Arguments::parse();
    let binaries = Binaries::ready(&arguments.profile, !arguments.no_build)?;
    let context = Context { binaries, quick: arguments.quick };
    let sections = if arguments.only.is_empty() { ALL.to_vec() } else { arguments.only.clone() };
    let mut rows: Vec<Row> = Vec::new();
    for section in sections {
        println!("\n{section:?} …");
        let measured = match section {
            Section::Operations => sections::operations::run(&context).await?,
            Section::Start => sections::start::run(&context).await?,
            Section::Load => sections::load::run(&context).await?,
            Section::Hostile => sections::hostile::run(&context).await?,
            Section::Growth => sections::growth::run(&context).await?,
            Section::Messages => sections::messages::run(&context).await?,
        };
        print!("{}", Report::table(&measured));
        rows.extend(measured);
    }
    let report = Report {
        date: clock::date().to_string(),
        machine: process::machine(),
        profile: arguments.profile.clone(),
        quick: arguments.quick,
        rows,
    };
    println!("\n{}", report.verdict());
    write(&report, &arguments)
}

fn write(report: &Report, arguments: &Arguments) -> Result<(), Fail> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => std::env::current_exe()?.with_file_name("bench"),
    };
    std::fs::create_dir_all(&out)?;
    let title = format!("Measured as a share of the target, {}", report.date);
    let chart = chart::svg(&report.rows, &title);
    std::fs::write(out.join("results.json"), serde_json::to_string_pretty(report)?)?;
    std::fs::write(out.join("results.md"), report.markdown())?;
    std::fs::write(out.join("results.svg"), &chart)?;
    println!("results.json, results.md and results.svg are in {}", out.display());
    if arguments.docs {
        let docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        let page = std::fs::read_to_string(docs.join("performance.md"))?;
        std::fs::write(docs.join("performance.md"), with_results(&page, &report.markdown())?)?;
        std::fs::write(docs.join("performance.svg"), chart)?;
    }
    Ok(())
}

const BEGIN: &str = "<!-- results: written by oms-bench --docs -->\n";
const END: &str = "<!-- end of results -->";

/// The page with other results.
fn with_results(page: &str, results: &str) -> Result<String, Fail> {
    let (before, rest) = page.split_once(BEGIN).ok_or("docs/performance.md has no place for results")?;
    let (_, after) = rest.split_once(END).ok_or("docs/performance.md has no end of results")?;
    Ok(format!("{before}{BEGIN}\n{results}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_take_the_place_of_older_ones() {
        let page = format!("intro\n{BEGIN}\nold\n{END}\nmethod\n");
        let page = with_results(&page, "new").unwrap();
        assert!(
            page.contains("new") && !page.contains("old") && page.ends_with("method\n") && page.starts_with("intro")
        );
        assert!(with_results("nothing", "new").is_err());
    }
}
