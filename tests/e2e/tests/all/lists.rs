//! Lists: whose, which, in which order, page by page; and how soon they show a change.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::app::{TestApp, User, start_app};
use crate::shop::{MINT, MUG, POTTERY, TEA, id, text};

/// What the contract allows from a status change to its message, and to its appearance in lists.
const WITHIN: Duration = Duration::from_secs(1);
/// Longest real time until it comes at all.
const PATIENCE: Duration = Duration::from_mins(1);

async fn list(who: &User, query: &str) -> Answer {
    who.get(&format!("/api/orders{query}")).await
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|order| id(order).to_owned()).collect()
}

async fn listed(who: &User, query: &str) -> Vec<String> {
    ids(&list(who, query).await.expect(200))
}

async fn several(app: &TestApp, who: &User, count: u32) -> Vec<String> {
    let mut placed = Vec::new();
    for quantity in 0..count {
        placed.push(id(&who.place(&[(TEA, quantity % 9 + 1)]).await).to_owned());
        // Lists sort by milliseconds.
        app.move_clock(Duration::from_secs(1)).await;
    }
    placed
}

#[tokio::test]
async fn customers_list_their_own_orders_and_admins_all() {
    let app = start_app().await;
    let (ada, bob, admin) = (app.customer("ada"), app.customer("bob"), app.admin());
    let (hers, his) = (several(&app, &ada, 3).await, several(&app, &bob, 2).await);
    let newest_first = |ids: &[String]| ids.iter().rev().cloned().collect::<Vec<_>>();
    assert_eq!(listed(&ada, "").await, newest_first(&hers));
    assert_eq!(listed(&ada, "?user_id=ada").await.len(), 3);
    assert_eq!(listed(&ada, "?sort=created_at").await, hers);
    assert_eq!(listed(&bob, "?sort=-created_at").await, newest_first(&his));
    assert_eq!(listed(&admin, "").await.len(), 5);
    assert_eq!(listed(&admin, "?user_id=bob&sort=created_at").await, his);
    assert_eq!(listed(&admin, "?user_id=nobody").await, [""; 0]);
    assert_eq!(listed(&app.customer("eve"), "").await, [""; 0]);
    list(&ada, "?user_id=bob").await.problem(403, "forbidden");
    list(&app.seller(POTTERY), "").await.problem(403, "forbidden");
    let page = list(&ada, "?limit=1").await.expect(200);
    let summary = &page["data"][0];
    assert_eq!(summary["user_id"], "ada");
    assert_eq!((summary["item_count"].as_u64(), text(summary, "currency")), (Some(3), "EUR"));
    for member in ["number", "status", "total", "first_item", "created_at", "updated_at"] {
        assert!(summary[member].is_string(), "{member} in {summary}");
    }
    app.finish().await;
}

#[tokio::test]
async fn lists_are_narrowed_by_status_and_by_date() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let placed: Vec<Value> = vec![
        ada.place(&[(MUG, 1)]).await,
        ada.place(&[(MUG, 2)]).await,
        ada.place(&[(MUG, 3)]).await,
        ada.place(&[(MUG, 4)]).await,
    ];
    let name = |number: usize| id(&placed[number]).to_owned();
    ada.pay(&placed[1]).await;
    ada.cancel(&placed[2]).await.expect(200);
    ada.pay(&placed[3]).await;
    admin.move_to(&placed[3], &["processing", "shipped"]).await;
    let set = |numbers: &[usize]| numbers.iter().map(|number| name(*number)).collect::<BTreeSet<_>>();
    for (query, expected) in [
        ("?status=pending", set(&[0])),
        ("?status=pending_payment", set(&[0])),
        ("?status=payment_confirmed", set(&[1])),
        ("?status=pending&status=confirmed", set(&[0, 1])),
        ("?status=pending,confirmed,pending", set(&[0, 1])),
        ("?status=cancelled&status=shipped,draft", set(&[2, 3])),
        ("?status=delivered", set(&[])),
        ("?status=refund_requested", set(&[])),
        (
            "?status=draft,pending,confirmed,processing,shipped,delivered,return_requested,returned,refunded,cancelled",
            set(&[0, 1, 2, 3]),
        ),
    ] {
        for who in [&ada, &admin] {
            let found: BTreeSet<String> = listed(who, query).await.into_iter().collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    // Two days later.
    app.move_clock(Duration::from_hours(48)).await;
    app.settled().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let late = ada.place(&[(MINT, 1)]).await;
    let day = |order: &Value| text(order, "created_at")[..10].to_owned();
    let (first, last) = (day(&placed[0]), day(&late));
    for who in [&ada, &admin] {
        assert_eq!(listed(who, &format!("?start_date={last}")).await, [id(&late)]);
        assert_eq!(listed(who, &format!("?end_date={last}")).await.len(), 5);
        assert_eq!(listed(who, &format!("?end_date={first}")).await.len(), 4);
        assert_eq!(listed(who, &format!("?start_date={first}&end_date={first}")).await.len(), 4);
        assert_eq!(listed(who, &format!("?start_date={first}&status=pending")).await, [id(&late)]);
        let moment = text(&late, "created_at");
        assert_eq!(listed(who, &format!("?start_date={moment}")).await, [id(&late)], "from is inclusive");
        assert_eq!(listed(who, &format!("?end_date={moment}")).await.len(), 4, "until is exclusive");
        let zoned = "2020-01-01T00:00:00+02:00";
        assert_eq!(listed(who, &format!("?start_date={zoned}")).await.len(), 5);
        list(who, &format!("?start_date={last}&end_date={first}")).await.problem(422, "validation_failed");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_walk_by_cursor_has_no_gap_and_no_repeat_while_orders_come_in() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let mut placed = several(&app, &ada, 14).await;
    for (who, sort) in [(&ada, "-created_at"), (&ada, "created_at"), (&admin, "-created_at"), (&admin, "created_at")] {
        let before: BTreeSet<String> = placed.iter().cloned().collect();
        let mut seen: Vec<String> = Vec::new();
        let mut next = format!("/api/orders?limit=4&sort={sort}");
        loop {
            let answer = who.get(&next).await;
            let link = answer.header("link").map(ToOwned::to_owned);
            let page = answer.expect(200);
            assert!(page["data"].as_array().unwrap().len() <= 4);
            seen.extend(ids(&page));
            placed.extend(several(&app, &ada, 1).await);
            assert_eq!(page["has_more"], page["next_cursor"].is_string());
            let Some(link) = link else { break };
            let target = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
            let cursor = text(&page, "next_cursor");
            assert!(target.contains(&format!("cursor={cursor}")) && target.contains("limit=4"), "{target}");
            next = target;
            assert!(seen.len() < 100, "the walk does not end");
        }
        let unique: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(unique.len(), seen.len(), "an order was shown twice");
        assert!(before.is_subset(&unique), "an order was left out");
        let mut sorted: Vec<&String> = placed.iter().filter(|id| unique.contains(*id)).collect();
        if sort == "-created_at" {
            sorted.reverse();
        }
        assert_eq!(seen.iter().collect::<Vec<_>>(), sorted);
    }
    app.finish().await;
}

#[tokio::test]
async fn pages_by_number_reach_a_bounded_depth() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let placed = several(&app, &ada, 7).await;
    for who in [&ada, &admin] {
        let mut seen = Vec::new();
        for page in 1..=4 {
            seen.extend(listed(who, &format!("?limit=2&sort=created_at&page={page}")).await);
        }
        assert_eq!(seen, placed);
        assert_eq!(listed(who, "?page=5&limit=2").await, [""; 0]);
        // The cursor of a numbered page goes on behind it.
        let second = list(who, "?limit=2&sort=created_at&page=2").await.expect(200);
        let rest = listed(who, &format!("?sort=created_at&cursor={}", text(&second, "next_cursor"))).await;
        assert_eq!(rest, placed[4..]);
        for query in ["?page=0", "?page=-1", "?page=one", "?page=11&limit=100", "?page=18446744073709551615"] {
            let refused = list(who, query).await;
            refused.problem(422, "validation_failed");
            assert_eq!(refused.pointers(), ["/page"], "{query}");
        }
        let both = format!("?page=2&cursor={}", text(&second, "next_cursor"));
        list(who, &both).await.any_problem();
    }
    app.finish().await;
}

#[tokio::test]
async fn a_cursor_continues_its_own_list_only() {
    let app = start_app().await;
    let (ada, bob, admin) = (app.customer("ada"), app.customer("bob"), app.admin());
    several(&app, &ada, 3).await;
    several(&app, &bob, 3).await;
    let page = list(&ada, "?limit=1").await.expect(200);
    let cursor = text(&page, "next_cursor");
    list(&ada, &format!("?limit=2&cursor={cursor}")).await.expect(200);
    let malformed = async |who: &User, query: String| {
        list(who, &query).await.problem(400, "malformed_request");
    };
    malformed(&bob, format!("?cursor={cursor}")).await;
    malformed(&admin, format!("?cursor={cursor}")).await;
    malformed(&ada, format!("?sort=created_at&cursor={cursor}")).await;
    malformed(&ada, format!("?status=pending&cursor={cursor}")).await;
    malformed(&ada, format!("?start_date=2020-01-01&cursor={cursor}")).await;
    for place in 0..cursor.len() {
        let other = if &cursor[place..=place] == "A" { "B" } else { "A" };
        malformed(&ada, format!("?cursor={}{other}{}", &cursor[..place], &cursor[place + 1..])).await;
    }
    for junk in ["", "x", "%00", "%F0%9F%98%80", "null", "..", &cursor[1..], &format!("{cursor}A"), &"A".repeat(4_000)]
    {
        malformed(&ada, format!("?cursor={junk}")).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn the_catalogue_is_listed_page_by_page() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let mut names = Vec::new();
    let mut query = "/api/products?limit=3".to_owned();
    loop {
        let page = ada.get(&query).await.expect(200);
        names.extend(page["data"].as_array().unwrap().iter().map(|product| text(product, "name").to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("/api/products?limit=3&cursor={cursor}");
    }
    assert_eq!(names.len(), 8);
    assert!(names.is_sorted(), "{names:?}");
    app.finish().await;
}

/// Waits until `seen` says so, and tells how long that took.
async fn takes(since: Instant, seen: impl AsyncFn() -> bool) -> Duration {
    while !seen().await {
        assert!(since.elapsed() < PATIENCE, "it does not come at all");
        tokio::task::yield_now().await;
    }
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_change_is_told_and_listed_within_a_second() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let (mut until_told, mut until_listed) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let order = ada.create(&crate::shop::cart(&[(MUG, 1)]), &format!("k{round}")).await.expect(201);
        ada.pay(&order).await;
        app.settled().await;
        for status in ["processing", "shipped", "delivered"] {
            let event =
                if status == "processing" { "order.processing_started".to_owned() } else { format!("order.{status}") };
            let before = Instant::now();
            admin.move_to(&order, &[status]).await;
            let in_list = takes(before, async || {
                listed(&ada, &format!("?status={status}")).await.contains(&id(&order).to_owned())
            })
            .await;
            let told = takes(before, async || {
                app.notifications(&order).await.iter().filter(|message| message["event"] == json!(event)).count() == 2
            })
            .await;
            until_told.push(told);
            until_listed.push(in_list);
        }
    }
    // Nobody moves the clock: nothing on the way waits for a schedule. A single slow one may be this machine's doing.
    for (what, mut times) in [("told", until_told), ("listed", until_listed)] {
        times.sort_unstable();
        let usual = times[times.len() / 2];
        assert!(usual < WITHIN, "{what}: {times:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn i16_the_number_that_a_customer_quotes_finds_the_order() {
    let app = start_app().await;
    let (ada, bob, admin) = (app.customer("ada"), app.customer("bob"), app.admin());
    let order = ada.place(&[(MUG, 1)]).await;
    let number = text(&order, "number").to_owned();
    let by = async |who: &User, name: &str| who.get(&format!("/api/orders/{name}")).await;
    let dictated = number.to_lowercase().replace('-', "").replace('0', "o").replace('1', "l");
    by(&app.seller(POTTERY), &number).await.problem(404, "not_found");
    ada.pay(&order).await;
    for who in [&ada, &admin, &app.seller(POTTERY)] {
        for name in [&number, &dictated] {
            assert_eq!(by(who, name).await.expect(200)["id"], order["id"], "{name}");
        }
    }
    // What is not yours looks like what is not there, and so does a slip of the tongue.
    let unknown = oms_domain::ids::OrderId::new("0190a5b0-7c3e-7000-8000-0000000000ff".parse().unwrap()).number();
    let last = number.chars().last().unwrap();
    let slip = format!("{}{}", &number[..number.len() - 1], if last == '7' { '8' } else { '7' });
    by(&bob, &number).await.problem(404, "not_found");
    by(&admin, unknown.as_str()).await.problem(404, "not_found");
    by(&admin, &slip).await.problem(404, "not_found");
    // It goes on finding it after a change, and nothing else takes a number.
    ada.cancel(&order).await.expect(200);
    assert_eq!(by(&ada, &number).await.expect(200)["status"], "cancelled");
    ada.post(&format!("/api/orders/{number}/cancel"), &json!({"reason": "again"})).await.problem(404, "not_found");
    app.finish().await;
}
