//! Looks for the shortest story that still goes wrong in the same way.

use crate::people::PEOPLE;
use crate::story::{Report, tell};
use crate::weather::{Fault, Plan};

/// Leaves out people, kinds of trouble and late troubles for as long as the story still fails in the same way and does not
/// get longer: whoever is left out changes what chance does to the others. Answers with the last that did, and its history.
pub fn shortest(plan: &Plan) -> Report {
    let mut best = plan.clone();
    let kind = |report: &Report| report.wrongs.first().map(|wrong| kind_of(wrong));
    let whole = tell(plan, false);
    let (wanted, mut steps) = (kind(&whole), whole.steps);
    let mut still_fails = |candidate: &Plan| {
        let told = tell(candidate, false);
        let shorter = wanted.is_some() && kind(&told) == wanted && told.steps <= steps;
        if shorter {
            steps = told.steps;
        }
        shorter
    };
    for number in 0..PEOPLE {
        let mut candidate = best.clone();
        candidate.absent.insert(number);
        if still_fails(&candidate) {
            best = candidate;
        }
    }
    for fault in Fault::ALL {
        let mut candidate = best.clone();
        candidate.spared.insert(fault);
        if still_fails(&candidate) {
            best = candidate;
        }
    }
    let (mut fails, mut holds) = (tell(&best, false).troubles, 0);
    while holds < fails {
        let middle = usize::midpoint(holds, fails);
        let candidate = Plan { troubles: Some(middle), ..best.clone() };
        if still_fails(&candidate) {
            fails = middle;
            best = candidate;
        } else {
            holds = middle + 1;
        }
    }
    tell(&best, true)
}

/// What a violation is called, without the ids in it.
fn kind_of(wrong: &str) -> String {
    wrong.split(':').next().unwrap_or_default().to_owned()
}
