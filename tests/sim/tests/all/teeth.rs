//! Every planted mistake is found.

use oms_sim::{Bug, first_bite};

/// Seeds within which each must be found.
const MOST_SEEDS: u64 = 10_000;

/// Fewest mistakes that are planted.
const FEWEST: usize = 40;

/// How many of the mistakes each of the first stories finds; for builds without optimisation.
const FIRST_STORIES: u64 = 10;

#[test]
fn most_planted_mistakes_are_found_in_the_first_stories() {
    let found = Bug::ALL.iter().filter(|bug| first_bite(**bug, FIRST_STORIES).is_some()).count();
    assert!(found >= FEWEST, "{found} of {}", Bug::ALL.len());
}

/// Run by `.ci/run` with optimisation: `cargo test --profile sim -p oms-sim -- --include-ignored`.
#[test]
#[ignore = "thousands of stories: minutes without optimisation"]
fn each_planted_mistake_is_found_within_ten_thousand_seeds() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        match first_bite(*bug, MOST_SEEDS) {
            Some(report) => println!("{bug:?}: found by seed {}: {}", report.plan.seed, report.wrongs[0]),
            None => missed.push(*bug),
        }
    }
    println!("{} planted mistakes", Bug::ALL.len());
    assert!(missed.is_empty(), "not found within {MOST_SEEDS} seeds: {missed:?}");
}
