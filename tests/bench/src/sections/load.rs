//! Many clients at once, each placing orders and reading them.
//!
//! A client creates an order, looks at it and lists its orders, again and again. As people do, it waits about a second
//! between two requests; one run more is without waiting, which shows where it ends. Instances are bounded by what two
//! processors can run; what they cannot take yet waits in the harness and its time counts. All processes are counted:
//! functions, store and the clients themselves.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use oms_app::ports::Random as _;
use oms_domain::ids::UserId;
use oms_testkit::SeededRandom;
use oms_testkit::builders::user;

use crate::lambda::Pool;
use crate::report::{Row, Target};
use crate::stats::Sample;
use crate::store::{Keeps, Store, THREAD};
use crate::{Context, Fail, clock, process, requests};

const SECTION: &str = "Load";

/// Instances of each function.
const INSTANCES: usize = 6;

/// Between two requests of a client, in milliseconds; on average a second.
const PAUSE_MILLIS: [u64; 2] = [500, 1_500];

/// The functions that clients call.
struct Shop {
    create: Pool,
    view: Pool,
    list: Pool,
}

/// How long requests of each kind took, in milliseconds, and how many failed.
#[derive(Default)]
struct Seen {
    creates: Vec<f64>,
    views: Vec<f64>,
    lists: Vec<f64>,
    errors: Vec<String>,
}

/// Processor time in nanoseconds: functions, store, and this process without the store.
#[derive(Clone, Copy)]
struct Spent {
    functions: u64,
    store: u64,
    harness: u64,
}

impl Shop {
    fn spent(&self) -> Spent {
        let functions = [&self.create, &self.view, &self.list].map(Pool::cpu_nanos).iter().sum();
        let (store, own) = (process::own_cpu_nanos(THREAD), process::cpu_nanos(std::process::id()));
        Spent { functions, store, harness: own.saturating_sub(store) }
    }
}

/// One run.
struct Crowd {
    clients: usize,
    pause: bool,
    seconds: u64,
}

pub(crate) async fn run(context: &Context) -> Result<Vec<Row>, Fail> {
    let seconds = context.pick(30, 4);
    let crowds = [(1, true), (100, true), (1_000, true), (1, false), (100, false), (1_000, false)];
    let mut rows = Vec::new();
    for (clients, pause) in crowds {
        let store = Store::start(Keeps::Memory, false).await?;
        let start = |package: &'static str| {
            let program = context.binaries.function(package, &store.endpoint, &store.endpoint);
            async move { Pool::start(&program?, INSTANCES).await }
        };
        let (create, view, list) =
            (start("create-order").await?, start("view-order").await?, start("list-orders").await?);
        let shop = Arc::new(Shop { create, view, list });
        rows.extend(crowd(&shop, &Crowd { clients, pause, seconds }).await?);
        let shop = Arc::into_inner(shop).ok_or("a client is still there")?;
        for pool in [shop.create, shop.view, shop.list] {
            pool.stop().await?;
        }
    }
    Ok(rows)
}

async fn crowd(shop: &Arc<Shop>, crowd: &Crowd) -> Result<Vec<Row>, Fail> {
    // The catalog is warm and connections are open, as after the first seconds of a day.
    warm_up(shop).await?;
    let (began, before) = (clock::now(), shop.spent());
    let clients = (0..crowd.clients).map(|number| {
        let (shop, pause) = (shop.clone(), crowd.pause);
        let until = began + Duration::from_secs(crowd.seconds);
        tokio::spawn(async move { client(&shop, number, pause, until).await })
    });
    let mut all = Seen::default();
    for seen in try_join_all(clients).await? {
        all.creates.extend(seen.creates);
        all.views.extend(seen.views);
        all.lists.extend(seen.lists);
        all.errors.extend(seen.errors);
    }
    let (took, after) = (began.elapsed().as_secs_f64(), shop.spent());
    if let Some(error) = all.errors.first() {
        println!("{} clients: {} errors, the first: {error}", crowd.clients, all.errors.len());
    }
    Ok(rows(crowd, &all, took, [before, after]))
}

async fn warm_up(shop: &Shop) -> Result<(), Fail> {
    let requests = (0..INSTANCES * 3).map(|number| {
        let nobody = user(&format!("warm-up-{number}"));
        async move {
            let nobody = &nobody;
            let answer = shop.create.invoke(requests::create(nobody, &format!("warm-{number}"))).await?;
            let id = requests::shown_id(&requests::expect(&answer, 201)?)?;
            requests::expect(&shop.view.invoke(requests::view(nobody, id)).await?, 200)?;
            requests::expect(&shop.list.invoke(requests::list(nobody, "limit=20")).await?, 200)
        }
    });
    try_join_all(requests).await?;
    Ok(())
}

async fn client(shop: &Shop, number: usize, pauses: bool, until: std::time::Instant) -> Seen {
    let random = SeededRandom::new(number as u64);
    let mut seen = Seen::default();
    for round in 0_u32.. {
        if clock::now() >= until {
            break;
        }
        // Nobody has more unpaid orders than the shop allows.
        let user = user(&format!("client-{number}-{}", round / 3));
        if let Err(error) = visit(shop, &user, round, &mut seen, pauses.then_some(&random)).await {
            seen.errors.push(error.to_string());
        }
    }
    seen
}

/// Orders, looks at the order, and lists.
async fn visit(
    shop: &Shop,
    user: &UserId,
    round: u32,
    seen: &mut Seen,
    pauses: Option<&SeededRandom>,
) -> Result<(), Fail> {
    pause(pauses).await;
    let began = clock::now();
    let answer = shop.create.invoke(requests::create(user, &round.to_string())).await?;
    seen.creates.push(clock::millis(began.elapsed()));
    let id = requests::shown_id(&requests::expect(&answer, 201)?)?;
    pause(pauses).await;
    let began = clock::now();
    let answer = shop.view.invoke(requests::view(user, id)).await?;
    seen.views.push(clock::millis(began.elapsed()));
    requests::expect(&answer, 200)?;
    pause(pauses).await;
    let began = clock::now();
    let answer = shop.list.invoke(requests::list(user, "limit=20")).await?;
    seen.lists.push(clock::millis(began.elapsed()));
    requests::expect(&answer, 200)?;
    Ok(())
}

async fn pause(random: Option<&SeededRandom>) {
    let Some(random) = random else { return };
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    let [least, most] = PAUSE_MILLIS;
    tokio::time::sleep(Duration::from_millis(least + u64::from_le_bytes(bytes) % (most - least))).await;
}

fn rows(crowd: &Crowd, seen: &Seen, took: f64, [before, after]: [Spent; 2]) -> Vec<Row> {
    let plural = if crowd.clients == 1 { "client" } else { "clients" };
    let subject = format!("{} {plural}{}", crowd.clients, if crowd.pause { "" } else { ", no pauses" });
    let row = |figure: &str, value: f64, unit| Row::new(SECTION, &subject, figure, value, unit);
    let orders = seen.creates.len() as f64;
    let requests = seen.creates.len() + seen.views.len() + seen.lists.len();
    let seconds = |read: fn(&Spent) -> u64| (read(&after) - read(&before)) as f64 / 1e9;
    let parts = [seconds(|spent| spent.functions), seconds(|spent| spent.store), seconds(|spent| spent.harness)];
    let cpu: f64 = parts.iter().sum();
    let mut rows = vec![
        row("orders a second", orders / took, ""),
        row("orders a CPU second, all processes", orders / cpu, ""),
        row("CPU of the functions an order and two reads", 1e3 * parts[0] / orders, "ms"),
        row("CPU of the store", 1e3 * parts[1] / orders, "ms"),
        row("CPU of clients and harness", 1e3 * parts[2] / orders, "ms"),
        row("processors busy", cpu / took, ""),
    ];
    for (name, times, limit) in
        [("create", &seen.creates, 500.0), ("view", &seen.views, 100.0), ("list", &seen.lists, 100.0)]
    {
        let row = row(&format!("{name} P95"), Sample::of(times.iter().copied()).percentile(95), "ms");
        rows.push(if crowd.clients == 100 { row.at_most(Target::Below(limit)) } else { row });
    }
    let errors = row("errors", 100.0 * seen.errors.len() as f64 / requests as f64, "%");
    rows.push(match crowd.clients {
        100 => errors.at_most(Target::Below(0.1)),
        1_000 => errors.at_most(Target::Value(0.0)),
        _ => errors,
    });
    rows
}
