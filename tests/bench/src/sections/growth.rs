//! The same requests with more and more orders in the store, on page 1,000, and for an order with many events.
//!
//! All stores are there at once and take turns. Orders are copies of delivered ones, written past the protocol.

use std::time::Duration;

use axum::body::Bytes;
use jiff::SignedDuration;
use oms_domain::ids::UserId;
use oms_testkit::builders::user;

use crate::lambda::Pool;
use crate::orders::{Copy, Model, Parts, Stage, another_kind, model, order_id, prepare};
use crate::proxy::{Cost, Proxy};
use crate::report::{Row, Target};
use crate::stats::Sample;
use crate::store::{Keeps, Store};
use crate::{Context, Fail, clock, requests};

const SECTION: &str = "Growth";

/// Orders of each customer.
const PER_CUSTOMER: u64 = 100;

/// Orders on a page.
const PAGE: u64 = 20;

/// Events of the two orders that are compared: one that was just submitted, and one with notes.
const MANY_EVENTS: u32 = 50;
const FEW_EVENTS: u32 = 2;

/// A store with functions, near for times and counted for costs.
struct Place {
    store: Store,
    proxy: Proxy,
    near: Functions,
    counted: Functions,
    reader: UserId,
    order: Copy,
}

struct Functions {
    create: Pool,
    view: Pool,
    list: Pool,
    prepare: Pool,
}

impl Functions {
    async fn start(context: &Context, endpoint: &str) -> Result<Functions, Fail> {
        let start = |package: &'static str| {
            let program = context.binaries.function(package, endpoint, endpoint);
            async move { Pool::start(&program?, 1).await }
        };
        let (create, view) = (start("create-order").await?, start("view-order").await?);
        Ok(Functions { create, view, list: start("list-orders").await?, prepare: start("update-status").await? })
    }
}

pub(crate) async fn run(context: &Context) -> Result<Vec<Row>, Fail> {
    let sizes: [u64; 3] = context.pick([1_000, 100_000, 1_000_000], [1_000, 5_000, 25_000]);
    let rounds = context.pick(300, 30);
    let mut places = Vec::new();
    for size in sizes {
        places.push(place(context, size).await?);
    }
    let mut rows = Vec::new();
    for what in ["list page of a customer", "list page of the shop, one status", "view", "create"] {
        rows.extend(compared(&places, sizes, what, rounds).await?);
    }
    let largest = places.last().ok_or("no store")?;
    let smallest = places.first().ok_or("no store")?;
    rows.extend(pages(largest, context.pick(1_000, 100), rounds).await?);
    rows.extend(events(smallest, rounds).await?);
    Ok(rows)
}

async fn place(context: &Context, size: u64) -> Result<Place, Fail> {
    let store = Store::start(Keeps::File, false).await?;
    let kind = another_kind();
    let model = model(&store, u64::from(kind), Stage::Delivered, 1, 0).await?;
    let began = clock::now();
    let of = |number: u64| one_of_many(&model, kind, number);
    let written = store.import((1..=size).flat_map(|number| model.copied(&of(number), Parts::Few)))?;
    println!("{size} orders: {written} items in {:.1} s", began.elapsed().as_secs_f64());
    let order = of(size / 2);
    let proxy = Proxy::counting(&store.endpoint).await?;
    let near = Functions::start(context, &store.endpoint).await?;
    let counted = Functions::start(context, &proxy.endpoint).await?;
    Ok(Place { store, proxy, near, counted, reader: order.user.clone(), order })
}

/// Customers take turns; one order a second into the past.
fn one_of_many(model: &Model, kind: u16, number: u64) -> Copy {
    let customer = number / PER_CUSTOMER;
    let age = SignedDuration::from_secs(i64::try_from(number).unwrap_or_default());
    let created = model.created() - age;
    Copy { id: order_id(kind, number), user: user(&format!("customer-{customer}")), created }
}

/// The same request in all stores, which take turns.
async fn compared(places: &[Place], sizes: [u64; 3], what: &str, rounds: usize) -> Result<Vec<Row>, Fail> {
    let mut times = vec![Vec::with_capacity(rounds); places.len()];
    let mut costs = Vec::new();
    for (number, place) in places.iter().enumerate() {
        for warm in 0..3 {
            ask(&place.counted, place, what, &format!("counted-{number}-{warm}")).await?;
            ask(&place.near, place, what, &format!("near-{number}-{warm}")).await?;
        }
        place.proxy.taken();
        ask(&place.counted, place, what, &format!("counted-{number}")).await?;
        costs.push(Cost::of(&place.proxy.taken()));
    }
    for round in 0..rounds {
        for (place, times) in places.iter().zip(&mut times) {
            times.push(clock::millis(ask(&place.near, place, what, &format!("timed-{round}")).await?));
        }
    }
    let samples: Vec<Sample> = times.into_iter().map(Sample::of).collect();
    let units = |cost: &Cost| cost.read_units + cost.write_units;
    let mut rows = Vec::new();
    for ((size, cost), sample) in sizes.iter().zip(&costs).zip(&samples).skip(1) {
        let is_list = what.starts_with("list");
        let largest = *size == sizes[2];
        let orders = format!("{size} orders");
        let row =
            Row::new(SECTION, what, format!("units, {orders}"), units(cost), "").beside(units(&costs[0]), "at 1000");
        rows.push(if is_list && largest { row.at_most(Target::Ratio(1.0)) } else { row });
        let row = Row::new(SECTION, what, format!("p50, {orders}"), sample.median(), "ms")
            .beside(samples[0].median(), "at 1000");
        rows.push(if is_list && largest { row.at_most(Target::Ratio(1.1)) } else { row });
    }
    Ok(rows)
}

async fn ask(functions: &Functions, place: &Place, what: &str, key: &str) -> Result<Duration, Fail> {
    let (pool, event, status) = match what {
        "list page of a customer" => (&functions.list, requests::list(&place.reader, "limit=20"), 200),
        "view" => (&functions.view, requests::view(&place.order.user, place.order.id), 200),
        "create" => (&functions.create, requests::create(&user(&format!("{key}-buyer")), key), 201),
        _ => (&functions.list, requests::list_all("status=delivered&limit=20"), 200),
    };
    let (answer, took) = pool.timed(event).await?;
    requests::expect(&answer, status)?;
    Ok(took)
}

/// A page far down the list beside the first one.
async fn pages(place: &Place, number: u64, rounds: usize) -> Result<Vec<Row>, Fail> {
    let first = "status=delivered&limit=20".to_owned();
    let far = format!("{first}&cursor={}", cursor_of(place, number).await?);
    let mut cost = [Cost::default(); 2];
    for (query, cost) in [&first, &far].into_iter().zip(&mut cost) {
        place.proxy.taken();
        requests::expect(&place.counted.list.invoke(requests::list_all(query)).await?, 200)?;
        *cost = Cost::of(&place.proxy.taken());
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (query, times) in [&first, &far].into_iter().zip(&mut times) {
            let (answer, took) = place.near.list.timed(requests::list_all(query)).await?;
            requests::expect(&answer, 200)?;
            times.push(clock::millis(took));
        }
    }
    let [first, far] = times.map(Sample::of);
    let subject = format!("page {number}");
    Ok(vec![
        Row::new(SECTION, &subject, "units", cost[1].read_units, "")
            .beside(cost[0].read_units, "page 1")
            .at_most(Target::Ratio(1.1)),
        Row::new(SECTION, &subject, "p50", far.median(), "ms")
            .beside(first.median(), "page 1")
            .at_most(Target::Ratio(1.1)),
    ])
}

/// Walks to where a page begins, in long steps first.
async fn cursor_of(place: &Place, number: u64) -> Result<String, Fail> {
    let mut left = (number - 1) * PAGE;
    let mut cursor: Option<String> = None;
    while left > 0 {
        let step = left.min(100);
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let query = format!("status=delivered&limit={step}{after}");
        let body = requests::expect(&place.near.list.invoke(requests::list_all(&query)).await?, 200)?;
        cursor = Some(body["next_cursor"].as_str().ok_or("the list ends too early")?.to_owned());
        left -= step;
    }
    cursor.ok_or_else(|| "page 1 has no cursor".into())
}

/// An order with many events beside one with few: looked at, and moved on.
async fn events(place: &Place, rounds: usize) -> Result<Vec<Row>, Fail> {
    let count = u64::try_from(rounds)? + 10;
    let (few, many) = (another_kind(), another_kind());
    // Asking for payment and paying are events, too.
    let plain = model(&place.store, u64::from(few), Stage::Pending, 3, 0).await?;
    let noted = model(&place.store, u64::from(many), Stage::Pending, 3, MANY_EVENTS - FEW_EVENTS).await?;
    let viewed = [prepare(&place.store, &plain, few, count)?, prepare(&place.store, &noted, many, count)?];
    let mut rows = beside(place, "view", &viewed, rounds).await?;
    let (few, many) = (another_kind(), another_kind());
    let plain = model(&place.store, u64::from(few), Stage::Confirmed, 3, 0).await?;
    let noted = model(&place.store, u64::from(many), Stage::Confirmed, 3, MANY_EVENTS - FEW_EVENTS).await?;
    let moved = [prepare(&place.store, &plain, few, count)?, prepare(&place.store, &noted, many, count)?];
    rows.extend(beside(place, "status change", &moved, rounds).await?);
    Ok(rows)
}

async fn beside(place: &Place, what: &str, orders: &[Vec<Copy>; 2], rounds: usize) -> Result<Vec<Row>, Fail> {
    let event = |copy: &Copy| -> Bytes {
        if what == "view" { requests::view(&copy.user, copy.id) } else { requests::prepare(copy.id) }
    };
    let mut cost = [Cost::default(); 2];
    let mut times = [Vec::new(), Vec::new()];
    let counted = if what == "view" { &place.counted.view } else { &place.counted.prepare };
    let near = if what == "view" { &place.near.view } else { &place.near.prepare };
    for (number, copies) in orders.iter().enumerate() {
        let (first, second) = (copies.first().ok_or("no order")?, copies.get(1).ok_or("no order")?);
        requests::expect(&near.invoke(event(first)).await?, 200)?;
        place.proxy.taken();
        requests::expect(&counted.invoke(event(second)).await?, 200)?;
        cost[number] = Cost::of(&place.proxy.taken());
    }
    for round in 0..rounds {
        for (copies, times) in orders.iter().zip(&mut times) {
            let copy = copies.get(round + 2).ok_or("too few orders")?;
            let (answer, took) = near.timed(event(copy)).await?;
            requests::expect(&answer, 200)?;
            times.push(clock::millis(took));
        }
    }
    let [few, many] = times.map(Sample::of);
    let units = |cost: &Cost| cost.read_units + cost.write_units;
    let subject = if what == "view" {
        format!("{what}, order with {MANY_EVENTS} events")
    } else {
        format!("{what}, order with {MANY_EVENTS} events and more")
    };
    let against = if what == "view" { "with 2" } else { "without the notes" };
    Ok(vec![
        Row::new(SECTION, &subject, "units", units(&cost[1]), "")
            .beside(units(&cost[0]), against)
            .at_most(Target::Ratio(1.0)),
        Row::new(SECTION, &subject, "p50", many.median(), "ms").beside(few.median(), against),
    ])
}
