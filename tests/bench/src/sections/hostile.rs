//! One honest client among two hundred hostile ones.
//!
//! The honest client orders and looks at its order, first alone, then while the others send what should come to nothing:
//! more orders than anybody may leave unpaid, more units than anybody is sold, codes that do not exist, bodies that nobody can
//! read, orders of others. Each is refused by the limits of the
//! shop, so what they cost is bounded by their accounts and not by their requests.
//!
//! The honest client has instances of its own, as Lambda starts one for whoever finds none free; store and processors are shared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use futures::future::try_join_all;
use oms_app::ports::Random as _;
use oms_domain::ids::OrderId;
use oms_testkit::SeededRandom;
use oms_testkit::builders::user;
use serde_json::{Value, json};

use crate::lambda::Pool;
use crate::proxy::{Cost, Proxy};
use crate::report::{Row, Target};
use crate::stats::Sample;
use crate::store::{Keeps, Store};
use crate::{Context, Fail, clock, requests};

const SECTION: &str = "Hostile";

/// Instances of each function.
const INSTANCES: usize = 6;

const HOSTILE: usize = 200;

/// Between two requests of a hostile client, in milliseconds; together they send 500 requests a second. Twice as many keep two
/// processors busy, most of that with the harness, and would measure those.
const PAUSE_MILLIS: [u64; 2] = [300, 500];

/// Between two orders of the honest client.
const HONEST_PAUSE: Duration = Duration::from_millis(150);

/// How much longer the honest client may wait.
const MOST_TIMES_QUIET: f64 = 3.0;

struct Shop {
    create: Pool,
    view: Pool,
}

/// The shop as hostile clients meet it, until it is over.
struct Siege {
    shop: Shop,
    over: AtomicBool,
}

/// What hostile clients were answered, by status.
type Answers = BTreeMap<u64, u64>;

pub(crate) async fn run(context: &Context) -> Result<Vec<Row>, Fail> {
    let store = Store::start(Keeps::Memory, false).await?;
    let proxy = Proxy::counting(&store.endpoint).await?;
    let calm = shop(context, &store.endpoint, 1).await?;
    let siege = Siege { shop: shop(context, &proxy.endpoint, INSTANCES).await?, over: AtomicBool::new(false) };
    let siege = Arc::new(siege);
    honest(&calm, "warm-up", Duration::from_secs(2)).await?;
    let quiet = honest(&calm, "quiet", Duration::from_secs(context.pick(30, 3))).await?;
    let hostile = (0..HOSTILE).map(|number| tokio::spawn(hostile(siege.clone(), number)));
    let hostile: Vec<_> = hostile.collect();
    let seconds = context.pick(120, 4);
    let busy = honest(&calm, "busy", Duration::from_secs(seconds)).await?;
    siege.over.store(true, Ordering::Relaxed);
    let mut answers = Answers::new();
    for told in try_join_all(hostile).await? {
        for (status, times) in told? {
            *answers.entry(status).or_default() += times;
        }
    }
    let cost = Cost::of(&proxy.taken());
    let siege = Arc::into_inner(siege).ok_or("a client is still there")?;
    for pool in [siege.shop.create, siege.shop.view, calm.create, calm.view] {
        pool.stop().await?;
    }
    Ok(rows(&quiet, &busy, &answers, &cost, seconds as f64))
}

async fn shop(context: &Context, endpoint: &str, instances: usize) -> Result<Shop, Fail> {
    let start = |package: &'static str| {
        let program = context.binaries.function(package, endpoint, endpoint);
        async move { Pool::start(&program?, instances).await }
    };
    Ok(Shop { create: start("create-order").await?, view: start("view-order").await? })
}

/// Orders and looks, again and again; how long each order took, in milliseconds.
async fn honest(shop: &Shop, name: &str, time: Duration) -> Result<Vec<f64>, Fail> {
    let (began, mut took) = (clock::now(), Vec::new());
    for round in 0_u32.. {
        if began.elapsed() >= time {
            break;
        }
        // Nobody has more unpaid orders, or orders within a minute, than the shop allows.
        let user = user(&format!("{name}-{round}"));
        let sent = clock::now();
        let answer = shop.create.invoke(requests::create(&user, &round.to_string())).await?;
        took.push(clock::millis(sent.elapsed()));
        let id = requests::shown_id(&requests::expect(&answer, 201)?)?;
        requests::expect(&shop.view.invoke(requests::view(&user, id)).await?, 200)?;
        tokio::time::sleep(HONEST_PAUSE).await;
    }
    Ok(took)
}

async fn hostile(siege: Arc<Siege>, number: usize) -> Result<Answers, Fail> {
    let random = SeededRandom::new(number as u64);
    let name = user(&format!("hostile-{number}"));
    let mut answers = Answers::new();
    for round in 0_u64.. {
        pause(&random).await;
        if siege.over.load(Ordering::Relaxed) {
            break;
        }
        let (key, shop) = (round.to_string(), &siege.shop);
        let answer = match (number as u64 + round / 50) % 5 {
            0 => shop.create.invoke(requests::create(&name, &key)).await?,
            1 => shop.create.invoke(requests::create_as(&name, &key, greedy())).await?,
            2 => shop.create.invoke(requests::create_as(&name, &key, guessing(round))).await?,
            3 => shop.create.invoke(requests::create_as(&name, &key, "{\"items\": [".repeat(2_000))).await?,
            _ => shop.view.invoke(requests::view(&name, OrderId::from_key(&name, &key))).await?,
        };
        *answers.entry(status(&answer)?).or_default() += 1;
    }
    Ok(answers)
}

fn greedy() -> String {
    let mut cart = requests::cart();
    cart["items"][0]["quantity"] = json!(10_000);
    cart.to_string()
}

fn guessing(round: u64) -> String {
    let mut cart = requests::cart();
    cart["promotion_codes"] = json!([format!("GUESS{round}")]);
    cart.to_string()
}

fn status(answer: &Bytes) -> Result<u64, Fail> {
    let answer: Value = serde_json::from_slice(answer)?;
    Ok(answer["statusCode"].as_u64().ok_or("an answer without a status")?)
}

async fn pause(random: &SeededRandom) {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    let [least, most] = PAUSE_MILLIS;
    tokio::time::sleep(Duration::from_millis(least + u64::from_le_bytes(bytes) % (most - least))).await;
}

fn rows(quiet: &[f64], busy: &[f64], answers: &Answers, cost: &Cost, seconds: f64) -> Vec<Row> {
    let p95 = |times: &[f64]| Sample::of(times.iter().copied()).percentile(95);
    let row = |subject: &str, figure: &str, value: f64, unit| Row::new(SECTION, subject, figure, value, unit);
    let (alone, among) = ("honest client, alone", "honest client, among 200 hostile ones");
    let sent: u64 = answers.values().sum();
    let share = |status: u64| 100.0 * answers.get(&status).copied().unwrap_or_default() as f64 / sent as f64;
    let failed: u64 = answers.iter().filter(|(status, _)| **status >= 500).map(|(_, times)| times).sum();
    let hostile = "200 hostile clients";
    let mut rows = vec![
        row(alone, "create P95", p95(quiet), "ms"),
        row(among, "create P95", p95(busy), "ms").beside(p95(quiet), "alone").at_most(Target::Ratio(MOST_TIMES_QUIET)),
        row(hostile, "requests a second", sent as f64 / seconds, ""),
        row(hostile, "orders placed by each", share(201) * sent as f64 / 100.0 / HOSTILE as f64, ""),
        row(hostile, "answers 5xx", failed as f64, "").at_most(Target::Value(0.0)),
        row(hostile, "store, read units a request", cost.read_units / sent as f64, ""),
        row(hostile, "store, write units a request", cost.write_units / sent as f64, ""),
    ];
    rows.extend(answers.keys().map(|status| row(hostile, &format!("answers {status}"), share(*status), "%")));
    rows
}
