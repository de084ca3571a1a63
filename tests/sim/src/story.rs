//! One seed from its beginning to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::check;
use crate::cloud;
use crate::exec::{MINUTE, Millis};
use crate::people;
use crate::queue;
use crate::stream;
use crate::weather::Plan;
use crate::world::World;

/// After the last trouble everything must be at rest within this time.
const SETTLES_WITHIN: Millis = 35 * MINUTE;

/// How long a refund is its queue's alone.
const QUEUE_HAS: Millis = 60 * MINUTE;

/// How long a carrier is left to tell by itself, and a bit.
const PARCELS_HAVE: Millis = 26 * 60 * MINUTE;

/// When the operator moves dead letters back: at once, and later what had its last try in the trouble or while a circuit
/// was still open; by clocks that differ, one may be for nine minutes.
const REDRIVE_AFTER: [Millis; 3] = [MINUTE, 15 * MINUTE, 25 * MINUTE];

/// By when the sweep has come back to what was due.
const SWEPT_WITHIN: Millis = 10 * MINUTE;

/// One story in so many has an operator who was on holiday.
const HOLIDAYS: u64 = 200;

const WEEK: Millis = 7 * 24 * 60 * MINUTE;

/// What came of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was told.
    pub plan: Plan,
    /// What was not as it must be; empty for a good end.
    pub wrongs: Vec<String>,
    /// Who did what when, if it was asked for.
    pub history: Vec<String>,
    /// How often something went wrong by intention.
    pub troubles: usize,
    /// Orders that exist in the end.
    pub orders: usize,
    /// How often a task ran.
    pub steps: u64,
}

/// The operator sees the alarms.
fn redrive(world: &World) {
    queue::redrive(world);
    stream::redrive(world);
}

/// Tells the story of a plan.
pub fn tell(plan: &Plan, with_history: bool) -> Report {
    let world = World::of(plan, with_history);
    let told = catch_unwind(AssertUnwindSafe(|| {
        stream::start(&world);
        queue::start(&world);
        world.sim.spawn(stream::keep_time(world.clone()));
        people::start(&world, plan);
        let calm = world.weather.calm_at();
        world.sim.run_until(calm);
        cloud::deploy(&world);
        for after in REDRIVE_AFTER {
            world.sim.run_until(calm + after);
            redrive(&world);
        }
        let mut end = calm + SETTLES_WITHIN;
        if world.bank().forgotten {
            end += QUEUE_HAS;
        }
        if world.bank().unheard {
            end += PARCELS_HAVE;
        }
        world.sim.run_until(end);
        // A change that was offered late has its time, and the sweep after it.
        let offers = world.store.all_orders().into_iter().filter_map(|order| Some(order.offer?.until));
        if let Some(until) = offers.max() {
            end += i64::try_from(until.duration_since(world.sim.time()).as_millis()).unwrap_or_default().max(0)
                + SWEPT_WITHIN;
            world.sim.run_until(end);
        }
        if world.weather.lot(HOLIDAYS) == 0 {
            end += WEEK;
            world.sim.run_until(end);
            redrive(&world);
            end += SETTLES_WITHIN;
            world.sim.run_until(end);
        }
        check::all(&world);
    }));
    if let Err(panic) = told {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        world.wrong(format!("panic: {}", text.unwrap_or_default()));
    }
    // Tasks and instances hold the world, which holds them.
    world.sim.end();
    cloud::deploy(&world);
    let report = Report {
        plan: plan.clone(),
        wrongs: world.wrongs(),
        history: world.history(),
        troubles: world.weather.struck(),
        orders: world.store.all_orders().len(),
        steps: world.sim.steps(),
    };
    debug_assert!(world.is_alone(), "a story leaves nothing behind: a million of them would fill the machine");
    report
}
