//! Tells one story, or a great many: `cargo run -p oms-sim -- --seed 7`, `cargo run --profile sim -p oms-sim -- --seeds 20000`.

#![allow(clippy::disallowed_methods, reason = "how long a run takes is told in real time; stories have their own")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use oms_sim::{Bug, Plan, Report, first_bite, shortest, tell};

/// Stories are made of small pieces, and the usual allocator took a fifth of their time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often a long run says how far it is.
const NEWS_EVERY: Duration = Duration::from_secs(15);

/// Runs the real handlers through bad days and checks that nothing is lost, doubled or oversold.
#[derive(Debug, Parser)]
struct Options {
    /// Tell the story of this seed with its whole history.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Run so many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them; drawn from the time of day if absent, so that every run tries fresh ones.
    #[arg(long)]
    from: Option<u64>,
    /// Threads; all processors if absent.
    #[arg(long)]
    threads: Option<usize>,
    /// Switch a planted mistake on, by its name.
    #[arg(long)]
    bug: Option<Bug>,
    /// Show that every planted mistake is found within this many seeds.
    #[arg(long, conflicts_with_all = ["seed", "seeds", "bug"])]
    teeth: Option<u64>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    // Panics are violations and are told as such.
    std::panic::set_hook(Box::new(|_| {}));
    if let Some(most) = options.teeth {
        return teeth(most);
    }
    match options.seed {
        Some(seed) => one(&Plan { bug: options.bug, ..Plan::of(seed) }),
        None => many(&options),
    }
}

fn one(plan: &Plan) -> ExitCode {
    let (seed, report) = (plan.seed, tell(plan, true));
    report.history.iter().for_each(|line| println!("{line}"));
    println!("seed {seed}: {} orders, {} troubles, {} steps", report.orders, report.troubles, report.steps);
    if report.wrongs.is_empty() {
        println!("all invariants hold");
        return ExitCode::SUCCESS;
    }
    explain(&shortest(plan));
    ExitCode::FAILURE
}

/// Bug by bug: after how many seeds it was found, and as what.
fn teeth(most: u64) -> ExitCode {
    let mut missed = 0;
    for bug in Bug::ALL {
        if let Some(report) = first_bite(*bug, most) {
            let wrong: String = report.wrongs.first().into_iter().flat_map(|wrong| wrong.chars()).take(100).collect();
            println!("{:>6} seeds  {bug:?}: {wrong}", report.plan.seed + 1);
        } else {
            missed += 1;
            println!("   not found  {bug:?}");
        }
    }
    println!("{} of {} planted mistakes found within {most} seeds", Bug::ALL.len() - missed, Bug::ALL.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn explain(report: &Report) {
    println!("\n== the shortest story that still fails");
    report.history.iter().for_each(|line| println!("{line}"));
    println!("\nseed {} goes wrong:", report.plan.seed);
    report.wrongs.iter().for_each(|wrong| println!("  {wrong}"));
    let Plan { absent, spared, troubles, .. } = &report.plan;
    println!("without people {absent:?}, without {spared:?}, {} troubles at most", troubles.unwrap_or(report.troubles));
    let bug = report.plan.bug.map(|bug| format!(" --bug {bug:?}")).unwrap_or_default();
    println!("tell it whole: cargo run -p oms-sim -- --seed {}{bug}", report.plan.seed);
}

/// What all threads have done together.
#[derive(Default)]
struct Progress {
    next: AtomicU64,
    done: AtomicU64,
    orders: AtomicU64,
    troubles: AtomicU64,
    steps: AtomicU64,
}

fn many(options: &Options) -> ExitCode {
    let from = options.from.unwrap_or_else(fresh);
    let threads = options.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    println!("{} seeds from {from} on {threads} threads", options.seeds);
    let (progress, started) = (Progress::default(), Instant::now());
    let failed: Option<u64> = thread::scope(|scope| {
        let work = || run(&progress, from, options);
        let runs: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        scope.spawn(|| report(&progress, options.seeds, started));
        runs.into_iter().filter_map(|run| run.join().ok().flatten()).min()
    });
    tell_progress(&progress, options.seeds, started);
    match failed {
        None => {
            println!("seeds {from} to {}: all invariants hold", from + options.seeds - 1);
            ExitCode::SUCCESS
        }
        Some(seed) => {
            explain(&shortest(&Plan { bug: options.bug, ..Plan::of(seed) }));
            ExitCode::FAILURE
        }
    }
}

/// The first seed of a run that nobody chose.
fn fresh() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() << 20
}

fn run(progress: &Progress, from: u64, options: &Options) -> Option<u64> {
    let seeds = options.seeds;
    loop {
        let number = progress.next.fetch_add(1, Ordering::Relaxed);
        if number >= seeds {
            return None;
        }
        let told = tell(&Plan { bug: options.bug, ..Plan::of(from + number) }, false);
        progress.done.fetch_add(1, Ordering::Relaxed);
        progress.orders.fetch_add(told.orders as u64, Ordering::Relaxed);
        progress.troubles.fetch_add(told.troubles as u64, Ordering::Relaxed);
        progress.steps.fetch_add(told.steps, Ordering::Relaxed);
        if !told.wrongs.is_empty() {
            // The others stop, too.
            progress.next.store(seeds, Ordering::Relaxed);
            return Some(from + number);
        }
    }
}

fn report(progress: &Progress, seeds: u64, started: Instant) {
    let mut told = Instant::now();
    while progress.next.load(Ordering::Relaxed) < seeds {
        thread::sleep(Duration::from_millis(100));
        if told.elapsed() >= NEWS_EVERY {
            told = Instant::now();
            tell_progress(progress, seeds, started);
        }
    }
}

fn tell_progress(progress: &Progress, seeds: u64, started: Instant) {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (done, seconds) = (read(&progress.done), started.elapsed().as_secs().max(1));
    println!(
        "{done} of {seeds} seeds in {seconds} s, {} a second; {} orders, {} troubles, {} steps",
        done / seconds,
        read(&progress.orders),
        read(&progress.troubles),
        read(&progress.steps),
    );
}
