//! The functions as the platform runs them: the real handlers, an instance for each invocation at a time, a limit of
//! time, and answers that may get lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use oms_runtime::{Failure, Function};
use serde_json::Value;

use crate::exec::{MINUTE, Millis, SECOND};
use crate::planted::Bug;
use crate::ports::{Ports, SkewedClock};
use crate::process::Process;
use crate::weather::Fault;
use crate::world::World;

/// After so long the platform ends an invocation.
const LIMIT: Millis = 10 * SECOND;

/// The schedule's function may take longer.
const SWEEP_LIMIT: Millis = 50 * SECOND;
const LABELS_LIMIT: Millis = 120 * SECOND;
const FULFIL_LIMIT: Millis = 60 * SECOND;

/// One in so many invocations meets a new instance although an old one is idle.
const COLD_STARTS: u64 = 20;

/// Idle instances, and who is switched off.
#[derive(Default)]
pub(crate) struct Cloud {
    idle: Mutex<BTreeMap<&'static str, Vec<Function>>>,
    /// How often everything was deployed anew; an instance of before is not used again.
    release: AtomicU64,
    off: Mutex<Vec<(&'static str, Millis, Millis)>>,
}

/// Switches a function off for a while.
pub(crate) fn switch_off(world: &World, package: &'static str, from: Millis, until: Millis) {
    world.note(|| format!("{package} will be off from minute {} to {}", from / MINUTE, until / MINUTE));
    world.cloud.off.lock().unwrap_or_else(PoisonError::into_inner).push((package, from, until));
}

/// All instances are replaced.
pub(crate) fn deploy(world: &World) {
    world.cloud.release.fetch_add(1, Ordering::Relaxed);
    world.cloud.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Until when the function is switched off, if it is.
pub(crate) fn off_until(world: &World, package: &str) -> Option<Millis> {
    let now = world.sim.now();
    let off = world.cloud.off.lock().unwrap_or_else(PoisonError::into_inner);
    off.iter().find(|(name, from, until)| *name == package && (*from..*until).contains(&now)).map(|(.., until)| *until)
}

/// Runs a function for one event. Nothing comes back when the process died or took too long.
pub(crate) async fn invoke(world: &World, package: &'static str, event: Value) -> Option<Result<Value, Failure>> {
    let idle = {
        let mut idle = world.cloud.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.entry(package).or_default();
        if world.weather.lot(COLD_STARTS) == 0 { None } else { waiting.pop() }
    };
    let function = idle.unwrap_or_else(|| instance(world, package));
    let limit = match package {
        "sweep" => SWEEP_LIMIT,
        "settle-labels" | "poll-parcels" => LABELS_LIMIT,
        "fulfil-order" => FULFIL_LIMIT,
        _ => LIMIT,
    };
    let (here, release) = (world.clone(), world.cloud.release.load(Ordering::Relaxed));
    let done = world.sim.spawn_within(limit, async move {
        let answer = function.invoke(event).await;
        if here.cloud.release.load(Ordering::Relaxed) == release {
            here.cloud.idle.lock().unwrap_or_else(PoisonError::into_inner).entry(package).or_default().push(function);
        }
        answer
    });
    let answer = done.await.ok();
    if answer.is_none() {
        world.note(|| format!("{package} died or took too long"));
    }
    answer
}

fn instance(world: &World, package: &'static str) -> Function {
    let ahead = if world.has(Bug::DeadlineTooEarly) && package == "sweep" { 20 * MINUTE } else { 0 };
    let skew = if world.weather.knows(Fault::Skew) && !world.is_calm() {
        i64::try_from(world.weather.lot(10 * 60_000)).unwrap_or_default() - 5 * MINUTE
    } else {
        0
    };
    let process = Process {
        ports: Arc::new(Ports(world.clone(), package)),
        clock: Arc::new(SkewedClock { world: world.clone(), skew: skew + ahead }),
    };
    oms_functions::wired(package, &process).expect("the functions of a story can be wired")
}
