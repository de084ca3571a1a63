//! From the start of a process to its first answer, its memory and its size, beside a function that does nothing.
//!
//! All programs take turns: each round starts every one of them once.

use std::time::Duration;

use axum::body::Bytes;

use super::operations::{AWAY_MILLIS, Operation, Work};
use crate::binaries::FUNCTIONS;
use crate::lambda::{Pool, Program};
use crate::proxy::Proxy;
use crate::report::{Row, Target};
use crate::services::Services;
use crate::stats::Sample;
use crate::store::{Keeps, Store};
use crate::{Context, Fail, clock};

const SECTION: &str = "Start";

/// Requests after the first one.
const WARM: usize = 20;

/// What is started, and what is asked of it.
struct Candidate {
    program: Program,
    work: Option<Work>,
    starts: Vec<Started>,
}

/// One start.
struct Started {
    wall: f64,
    cpu: f64,
    first: f64,
    first_cpu: f64,
    warm: f64,
    warm_cpu: f64,
    peak: f64,
}

pub(crate) async fn run(context: &Context) -> Result<Vec<Row>, Fail> {
    let store = Store::start(Keeps::Memory, false).await?;
    let services = Services::start().await?;
    let rounds = context.pick(21, 3);
    let away = Proxy::delaying(&store.endpoint, Duration::from_millis(AWAY_MILLIS)).await?;
    let mut rows = Vec::new();
    let mut near = candidates(context, &store, &store.endpoint, &services, rounds).await?;
    started(&mut near, rounds).await?;
    let empty = middle(&near[0]);
    for candidate in &near {
        rows.extend(start_rows(context, candidate, &empty)?);
    }
    // What a request waits for is mostly the store: the same again with one that is as far away as in reality.
    let rounds = context.pick(11, 2);
    let mut far = candidates(context, &store, &away.endpoint, &services, rounds).await?;
    far.retain(|candidate| candidate.work.is_some());
    started(&mut far, rounds).await?;
    for (candidate, place) in
        near.iter().map(|near| (near, "store beside")).chain(far.iter().map(|far| (far, "store 25 ms away")))
    {
        rows.extend(first_rows(candidate, place));
    }
    Ok(rows)
}

async fn candidates(
    context: &Context,
    store: &Store,
    endpoint: &str,
    services: &Services,
    rounds: usize,
) -> Result<Vec<Candidate>, Fail> {
    let plain = |program| Candidate { program, work: None, starts: Vec::new() };
    let mut all = vec![plain(context.binaries.empty()), plain(context.binaries.connected(endpoint))];
    for package in FUNCTIONS {
        let operation = Operation::ALL.into_iter().find(|operation| operation.package() == package);
        let program = context.binaries.function(package, endpoint, &services.endpoint)?;
        let work = match operation {
            Some(operation) => Some(Work::prepare(store, operation, rounds * (WARM + 1)).await?),
            None => None,
        };
        all.push(Candidate { program, work, starts: Vec::new() });
    }
    Ok(all)
}

async fn started(candidates: &mut [Candidate], rounds: usize) -> Result<(), Fail> {
    for _ in 0..rounds {
        for candidate in candidates.iter_mut() {
            let started = start(candidate).await?;
            candidate.starts.push(started);
        }
    }
    Ok(())
}

async fn start(candidate: &mut Candidate) -> Result<Started, Fail> {
    let pool = Pool::start(&candidate.program, 1).await?;
    let [instance] = pool.instances.as_slice() else { return Err("one instance was asked for".into()) };
    let (wall, cpu) = (clock::millis(instance.start_wall), instance.start_cpu_nanos as f64 / 1e6);
    // Functions that are not asked over HTTP get a batch of nothing.
    let batch = Bytes::from_static(br#"{"Records":[]}"#);
    let mut times = Vec::with_capacity(WARM + 1);
    let mut cpus = vec![pool.cpu_nanos() as f64 / 1e6];
    for _ in 0..=WARM {
        times.push(match &mut candidate.work {
            Some(work) => work.ask(&pool).await?,
            None => clock::millis(pool.timed(batch.clone()).await?.1),
        });
        pool.rested().await?;
        cpus.push(pool.cpu_nanos() as f64 / 1e6);
    }
    let peak = instance.peak_kib()? as f64 / 1024.0;
    let spent: Vec<f64> = cpus.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (first, first_cpu) = (times[0], spent[0]);
    let (warm, warm_cpu) = (Sample::of(times[1..].to_vec()).median(), Sample::of(spent[1..].to_vec()).median());
    pool.stop().await?;
    Ok(Started { wall, cpu, first, first_cpu, warm, warm_cpu, peak })
}

/// The middle of all starts, figure by figure.
fn middle(candidate: &Candidate) -> Started {
    let of = |read: fn(&Started) -> f64| Sample::of(candidate.starts.iter().map(read)).median();
    Started {
        wall: of(|started| started.wall),
        cpu: of(|started| started.cpu),
        first: of(|started| started.first),
        first_cpu: of(|started| started.first_cpu),
        warm: of(|started| started.warm),
        warm_cpu: of(|started| started.warm_cpu),
        peak: of(|started| started.peak),
    }
}

fn start_rows(context: &Context, candidate: &Candidate, empty: &Started) -> Result<Vec<Row>, Fail> {
    let name = candidate.program.name.as_str();
    let ours = FUNCTIONS.contains(&name);
    let subject = match name {
        "empty" => "empty function",
        "bare" => "empty function with the SDK, connected",
        package => package,
    };
    let size = std::fs::metadata(&candidate.program.path)?.len() as f64 / 1e6;
    let empty_size = std::fs::metadata(context.binaries.path("empty"))?.len() as f64 / 1e6;
    let middle = middle(candidate);
    let row = |figure: &str, value: f64, reference: f64, unit| {
        let row = Row::new(SECTION, subject, figure, value, unit);
        if name == "empty" { row } else { row.beside(reference, "empty") }
    };
    let judged = |row: Row, limit| if ours { row.at_most(Target::Ratio(limit)) } else { row };
    Ok(vec![
        row("start to first poll, wall", middle.wall, empty.wall, "ms"),
        judged(row("start to first poll, CPU", middle.cpu, empty.cpu, "ms"), 1.5),
        judged(row("peak memory", middle.peak, empty.peak, "MiB"), 1.6),
        row("size of the binary", size, empty_size, "MB"),
    ])
}

fn first_rows(candidate: &Candidate, place: &str) -> Vec<Row> {
    let Some(work) = &candidate.work else { return Vec::new() };
    let middle = middle(candidate);
    let row = |figure: String, value: f64, reference: f64| {
        Row::new(SECTION, work.operation.name(), figure, value, "ms").beside(reference, "warm")
    };
    vec![
        row(format!("first request, {place}"), middle.first, middle.warm).at_most(Target::Ratio(1.5)),
        row(format!("first request, CPU, {place}"), middle.first_cpu, middle.warm_cpu),
    ]
}
