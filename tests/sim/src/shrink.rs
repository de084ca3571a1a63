//! Looks for the shortest story that still goes wrong in the same way.

use crate::people::PEOPLE;
use crate::story::{Report, tell};
use crate::weather::{Fault, Plan};

/// Leaves out people, kinds of trouble and late troubles for as long as the story still fails in the same way; answers
/// with the last that did, and its history.
pub fn shortest(plan: &Plan) -> Report {
    let mut best = plan.clone();
    let kind = |report: &Report| report.wrongs.first().map(|wrong| kind_of(wrong));
    let wanted = kind(&tell(plan, false));
    let still_fails = |candidate: &Plan| wanted.is_some() && kind(&tell(candidate, false)) == wanted;
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
