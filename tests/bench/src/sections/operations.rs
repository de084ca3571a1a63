//! What one request costs: round trips, units, bytes, processor time and time, beside the bare calls that it makes.
//!
//! Function and bare calls take turns, ten requests each, against the same store.

use std::time::Duration;

use axum::body::Bytes;
use oms_testkit::builders::user;

use crate::bare::{Bare, sequence};
use crate::lambda::Pool;
use crate::orders::{Copy, Model, Parts, Stage, copies, model, prepare};
use crate::proxy::{Call, Cost, Proxy};
use crate::report::{Row, Target};
use crate::stats::Sample;
use crate::store::{Keeps, Store};
use crate::{Context, Fail, clock, requests};

const SECTION: &str = "Operations";

/// How far away the store is in the second half, in milliseconds.
pub(crate) const AWAY_MILLIS: u64 = 25;

/// Requests in a row before it is the other's turn.
const TURN: usize = 10;

/// Requests before anything is measured.
const WARM_UP: usize = 10;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    View,
    List,
    StatusChange,
    Webhook,
}

impl Operation {
    pub(crate) const ALL: [Operation; 5] =
        [Operation::Create, Operation::View, Operation::List, Operation::StatusChange, Operation::Webhook];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::View => "view",
            Operation::List => "list",
            Operation::StatusChange => "status change",
            Operation::Webhook => "webhook",
        }
    }

    pub(crate) fn package(self) -> &'static str {
        match self {
            Operation::Create => "create-order",
            Operation::View => "view-order",
            Operation::List => "list-orders",
            Operation::StatusChange => "update-status",
            Operation::Webhook => "payment-callback",
        }
    }

    /// Round trips of one request (DESIGN §4).
    fn round_trips(self) -> f64 {
        match self {
            Operation::Create | Operation::View | Operation::List => 1.0,
            Operation::Webhook => 2.0,
            // Confirmed to processing, with a look by the fraud check (ADR 9).
            Operation::StatusChange => 3.0,
        }
    }

    fn stage(self) -> Stage {
        match self {
            Operation::Create | Operation::View | Operation::List => Stage::Pending,
            Operation::StatusChange => Stage::Confirmed,
            Operation::Webhook => Stage::Awaiting,
        }
    }

    fn status(self) -> u64 {
        if self == Operation::Create { 201 } else { 200 }
    }
}

/// Requests of one operation, each about an order of its own.
pub(crate) struct Work {
    pub(crate) operation: Operation,
    model: Model,
    copies: std::vec::IntoIter<Copy>,
}

impl Work {
    /// Prepares what so many requests need.
    pub(crate) async fn prepare(store: &Store, operation: Operation, count: usize) -> Result<Work, Fail> {
        let kind = crate::orders::another_kind();
        let model = model(store, u64::from(kind), operation.stage(), 3, 0).await?;
        let count = u64::try_from(count)?;
        let copies = match operation {
            Operation::Create => copies(&model, kind, count),
            Operation::View | Operation::StatusChange | Operation::Webhook => prepare(store, &model, kind, count)?,
            Operation::List => {
                // All of one customer: a page is full and there is another.
                let reader = user(&format!("reader-{kind}"));
                let all: Vec<Copy> = copies(&model, kind, count.max(50))
                    .into_iter()
                    .map(|copy| Copy { user: reader.clone(), ..copy })
                    .collect();
                store.import(all.iter().flat_map(|copy| model.copied(copy, Parts::All)))?;
                all
            }
        };
        Ok(Work { operation, model, copies: copies.into_iter() })
    }

    /// The next order to ask about.
    pub(crate) fn next(&mut self) -> Result<Copy, Fail> {
        self.copies.next().ok_or_else(|| format!("too few orders for {}", self.operation.name()).into())
    }

    /// The request about an order.
    pub(crate) fn event(&self, copy: &Copy) -> Result<Bytes, Fail> {
        Ok(match self.operation {
            Operation::Create => requests::create(&copy.user, &copy.id.to_string()),
            Operation::View => requests::view(&copy.user, copy.id),
            Operation::List => requests::list(&copy.user, "limit=20"),
            Operation::StatusChange => requests::prepare(copy.id),
            Operation::Webhook => {
                let payment = self.model.payment.ok_or("no payment was asked for")?;
                requests::paid(copy.id, &payment.to_string(), self.model.total)?
            }
        })
    }

    /// One request; how long it took, in milliseconds.
    pub(crate) async fn ask(&mut self, pool: &Pool) -> Result<f64, Fail> {
        let copy = self.next()?;
        let (answer, took) = pool.timed(self.event(&copy)?).await?;
        requests::expect(&answer, self.operation.status())?;
        Ok(clock::millis(took))
    }
}

/// Function and bare process on the same way to the store.
struct Pair {
    pool: Pool,
    bare: Bare,
}

/// What both took.
#[derive(Default)]
struct Taken {
    ours: Vec<f64>,
    bare: Vec<f64>,
    our_cpu: f64,
    bare_cpu: f64,
}

pub(crate) async fn run(context: &Context) -> Result<Vec<Row>, Fail> {
    let store = Store::start(Keeps::Memory, false).await?;
    let services = crate::services::Services::start().await?;
    let away = Proxy::delaying(&store.endpoint, Duration::from_millis(AWAY_MILLIS)).await?;
    let counting = Proxy::counting(&store.endpoint).await?;
    let (near_turns, away_turns) = context.pick((40, 20), (4, 3));
    let mut rows = Vec::new();
    for operation in Operation::ALL {
        let count = 2 * TURN * (near_turns + away_turns) + 6 * WARM_UP;
        let mut work = Work::prepare(&store, operation, count).await?;
        let program = |endpoint: &str| context.binaries.function(operation.package(), endpoint, &services.endpoint);
        let counted = Pool::start(&program(&counting.endpoint)?, 1).await?;
        let seen = seen(&mut work, &counted, &counting).await?;
        counted.stop().await?;
        rows.extend(costs(operation, &seen.calls));
        for (endpoint, turns, place) in
            [(&store.endpoint, near_turns, "store beside"), (&away.endpoint, away_turns, "store 25 ms away")]
        {
            let pool = Pool::start(&program(endpoint)?, 1).await?;
            let mut pair = Pair { pool, bare: Bare::start(&context.binaries.bare(endpoint))? };
            let taken = in_turns(&mut work, &mut pair, &seen, turns).await?;
            pair.pool.stop().await?;
            rows.extend(times(operation, &taken, place, endpoint == &away.endpoint));
        }
    }
    Ok(rows)
}

/// The calls of one request, and what it was about.
struct Seen {
    calls: Vec<Call>,
    about: Copy,
}

async fn seen(work: &mut Work, pool: &Pool, proxy: &Proxy) -> Result<Seen, Fail> {
    for _ in 0..WARM_UP {
        work.ask(pool).await?;
    }
    proxy.taken();
    let mut about = work.next()?;
    let (answer, _) = pool.timed(work.event(&about)?).await?;
    let body = requests::expect(&answer, work.operation.status())?;
    if work.operation == Operation::Create {
        about.id = requests::shown_id(&body)?;
    }
    Ok(Seen { calls: proxy.taken(), about })
}

async fn in_turns(work: &mut Work, pair: &mut Pair, seen: &Seen, turns: usize) -> Result<Taken, Fail> {
    let mut taken = Taken::default();
    for turn in 0..=turns {
        // The first turn warms up.
        let count = if turn == 0 { WARM_UP } else { TURN };
        let before = pair.pool.cpu_nanos();
        let mut ours = Vec::with_capacity(count);
        for _ in 0..count {
            ours.push(work.ask(&pair.pool).await?);
        }
        pair.pool.rested().await?;
        let our_cpu = (pair.pool.cpu_nanos() - before) as f64 / 1e6;
        let mut sequences = Vec::with_capacity(count);
        for _ in 0..count {
            let copy = work.next()?;
            let pairs = [
                (seen.about.id.to_string(), copy.id.to_string()),
                (seen.about.user.to_string(), copy.user.to_string()),
            ];
            sequences.push(sequence(&seen.calls, &pairs)?);
        }
        let bare = pair.bare.send(&sequences).await?;
        if turn > 0 {
            taken.ours.extend(ours);
            taken.our_cpu += our_cpu;
            taken.bare.extend(bare.millis);
            taken.bare_cpu += bare.cpu_millis;
        }
    }
    Ok(taken)
}

fn costs(operation: Operation, calls: &[Call]) -> Vec<Row> {
    let cost = Cost::of(calls);
    let row = |figure: &str, value: f64, unit| Row::new(SECTION, operation.name(), figure, value, unit);
    vec![
        row("round trips", cost.round_trips as f64, "").at_most(Target::Value(operation.round_trips())),
        row("read units", cost.read_units, ""),
        row("write units", cost.write_units, ""),
        row("bytes to and from the store", cost.bytes as f64, "B"),
    ]
}

fn times(operation: Operation, taken: &Taken, place: &str, away: bool) -> Vec<Row> {
    let (ours, bare) = (Sample::of(taken.ours.iter().copied()), Sample::of(taken.bare.iter().copied()));
    let of = |figure: String, value: f64, reference: f64| {
        Row::new(SECTION, operation.name(), figure, value, "ms").beside(reference, "bare")
    };
    let mut rows: Vec<Row> = [50, 95, 99]
        .map(|percent| of(format!("p{percent}, {place}"), ours.percentile(percent), bare.percentile(percent)))
        .into();
    if away {
        if operation == Operation::Create
            && let Some(row) = rows.first_mut()
        {
            row.target = Some(Target::Ratio(1.15));
        }
        return rows;
    }
    let cpu = of("CPU a request".into(), taken.our_cpu / ours.len() as f64, taken.bare_cpu / bare.len() as f64);
    rows.push(if operation == Operation::Create { cpu.at_most(Target::Ratio(2.0)) } else { cpu });
    rows
}
