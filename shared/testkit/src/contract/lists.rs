//! Lists of orders: filters, range, sort, pages.

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{ListQuery, Position, Scope, Summary};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{CancelReason, Command, DRAFT_DAYS, Status};

use super::Subject;
use crate::builders::{a_product, an_order, order_id, user};
use crate::time::start;

fn minute(number: i64) -> Timestamp {
    start() + SignedDuration::from_mins(number)
}

fn everyone() -> ListQuery {
    ListQuery {
        scope: Scope::Everyone,
        statuses: Vec::new(),
        from: None,
        until: None,
        newest_first: true,
        limit: 100,
        after: None,
    }
}

fn of(name: &str) -> ListQuery {
    ListQuery { scope: Scope::Customer(user(name)), ..everyone() }
}

/// Orders 1 to 8, one a minute: Ada's are odd, Bob's even; 1–4 drafts, 5–6 pending, 7–8 cancelled.
async fn eight(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    for number in 1..=8_u64 {
        let name = if number % 2 == 1 { "ada" } else { "bob" };
        let order = an_order(number).by(name).at(minute(i64::try_from(number).unwrap())).of(&mug, 1);
        let order = subject.create(&if (5..=6).contains(&number) { order } else { order.draft() }).await;
        if number > 6 {
            let cancel = Command::Cancel { reason: CancelReason::CustomerRequest, note: None };
            subject.apply(&order, cancel).await;
        }
    }
}

async fn numbers(subject: &Subject, query: ListQuery) -> Vec<u64> {
    let entries = subject.orders.list(&query).await.unwrap().entries;
    entries.iter().map(|entry| number(entry.id)).collect()
}

fn number(id: OrderId) -> u64 {
    (1..=20).find(|number| order_id(*number) == id).expect("one of the test's orders")
}

/// A customer's own orders and nobody else's, as they are now.
pub async fn a_customer_sees_own_orders_newest_first(subject: &Subject) {
    eight(subject).await;
    assert_eq!(numbers(subject, of("ada")).await, [7, 5, 3, 1]);
    assert_eq!(numbers(subject, ListQuery { newest_first: false, ..of("bob") }).await, [2, 4, 6, 8]);
    assert!(numbers(subject, of("nobody")).await.is_empty());
    let listing = subject.orders.list(&of("ada")).await.unwrap();
    let stored = subject.stored(order_id(7)).await.order;
    assert_eq!(listing.entries[0], Summary::of(&stored));
    assert_eq!(listing.entries[0].status, Status::Cancelled);
    assert_eq!(listing.next, None);
}

/// One or several states; from is inclusive, until is not.
pub async fn lists_are_filtered_by_status_and_time(subject: &Subject) {
    eight(subject).await;
    let drafts = vec![Status::Draft];
    let open = vec![Status::Draft, Status::Pending];
    assert_eq!(numbers(subject, ListQuery { statuses: drafts.clone(), ..of("ada") }).await, [3, 1]);
    assert_eq!(numbers(subject, ListQuery { statuses: open.clone(), ..of("ada") }).await, [5, 3, 1]);
    assert_eq!(numbers(subject, ListQuery { statuses: drafts, ..everyone() }).await, [4, 3, 2, 1]);
    assert_eq!(numbers(subject, ListQuery { statuses: open, ..everyone() }).await, [6, 5, 4, 3, 2, 1]);
    let between = ListQuery { from: Some(minute(3)), until: Some(minute(7)), ..everyone() };
    assert_eq!(numbers(subject, between.clone()).await, [6, 5, 4, 3]);
    assert_eq!(numbers(subject, ListQuery { newest_first: false, ..between }).await, [3, 4, 5, 6]);
    assert_eq!(numbers(subject, ListQuery { from: Some(minute(5)), ..of("ada") }).await, [7, 5]);
    assert_eq!(numbers(subject, ListQuery { until: Some(minute(5)), ..of("ada") }).await, [3, 1]);
    let backwards = ListQuery { from: Some(minute(7)), until: Some(minute(3)), ..of("ada") };
    assert!(numbers(subject, backwards).await.is_empty());
}

async fn pages(subject: &Subject, query: ListQuery) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = subject.orders.list(&ListQuery { after, ..query.clone() }).await.unwrap();
        pages.push(page.entries.iter().map(|entry| number(entry.id)).collect());
        after = page.next;
        if after.is_none() || pages.len() > 20 {
            return pages;
        }
    }
}

/// Every order once, and the last page says that it is the last, also when it is full.
pub async fn pages_follow_each_other_without_gap_or_overlap(subject: &Subject) {
    eight(subject).await;
    assert_eq!(pages(subject, ListQuery { limit: 3, ..of("ada") }).await, [vec![7, 5, 3], vec![1]]);
    assert_eq!(pages(subject, ListQuery { limit: 2, ..of("ada") }).await, [vec![7, 5], vec![3, 1]]);
    let oldest = ListQuery { limit: 3, newest_first: false, ..of("bob") };
    assert_eq!(pages(subject, oldest).await, [vec![2, 4, 6], vec![8]]);
    assert_eq!(pages(subject, ListQuery { limit: 3, ..everyone() }).await, [vec![8, 7, 6], vec![5, 4, 3], vec![2, 1]]);
    let oldest = ListQuery { limit: 5, newest_first: false, ..everyone() };
    assert_eq!(pages(subject, oldest).await, [vec![1, 2, 3, 4, 5], vec![6, 7, 8]]);
    let filtered = ListQuery { statuses: vec![Status::Draft, Status::Cancelled], limit: 2, ..of("ada") };
    assert_eq!(pages(subject, filtered).await, [vec![7, 3], vec![1]]);
    let ranged = ListQuery { from: Some(minute(2)), until: Some(minute(7)), limit: 2, ..everyone() };
    assert_eq!(pages(subject, ranged).await, [vec![6, 5], vec![4, 3], vec![2]]);
    // A place outside the range, as a tampered cursor may name one.
    let outside = Position { created_at: minute(1), id: order_id(1) };
    let query = ListQuery { from: Some(minute(2)), after: Some(outside), ..everyone() };
    assert!(numbers(subject, query).await.is_empty());
}

/// All states together, each order once.
pub async fn everyone_s_orders_are_merged(subject: &Subject) {
    eight(subject).await;
    assert_eq!(numbers(subject, everyone()).await, [8, 7, 6, 5, 4, 3, 2, 1]);
    let listing = subject.orders.list(&ListQuery { limit: 8, ..everyone() }).await.unwrap();
    assert_eq!(listing.next, None);
}

/// The same millisecond: the id decides, and pages cut between them.
pub async fn orders_of_the_same_moment_are_all_listed(subject: &Subject) {
    for number in [2, 16, 9, 5, 15] {
        subject.create(&an_order(number).draft()).await;
    }
    assert_eq!(pages(subject, ListQuery { limit: 2, ..of("ada") }).await, [vec![16, 15], vec![9, 5], vec![2]]);
    let oldest = ListQuery { limit: 2, newest_first: false, ..everyone() };
    assert_eq!(pages(subject, oldest).await, [vec![2, 5], vec![9, 15], vec![16]]);
    let empty = ListQuery { until: Some(start()), ..everyone() };
    assert!(numbers(subject, empty).await.is_empty());
}

/// D3: pending orders and drafts, the longest overdue first, the deadline itself included.
pub async fn due_orders_are_those_past_their_deadline(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    for number in 1..=6_u64 {
        subject.create(&an_order(number).of(&mug, 1).at(minute(10 - i64::try_from(number).unwrap()))).await;
    }
    subject.create(&an_order(7).draft()).await;
    let cancel = Command::Cancel { reason: CancelReason::CustomerRequest, note: None };
    let second = subject.stored(order_id(2)).await.order;
    subject.apply(&second, cancel).await;
    let due = async |now, limit| subject.orders.due(now, limit).await.unwrap();
    let ids = |numbers: &[u64]| numbers.iter().map(|number| order_id(*number)).collect::<Vec<_>>();
    assert_eq!(due(minute(33), 10).await, ids(&[]));
    assert_eq!(due(minute(34), 10).await, ids(&[6]));
    assert_eq!(due(minute(36), 10).await, ids(&[6, 5, 4]));
    assert_eq!(due(minute(60), 10).await, ids(&[6, 5, 4, 3, 1]));
    assert_eq!(due(minute(60), 2).await, ids(&[6, 5]));
    let end_of_the_draft = start() + SignedDuration::from_hours(DRAFT_DAYS * 24);
    let last_minute = end_of_the_draft - SignedDuration::from_mins(1);
    assert!(!due(last_minute, 10).await.contains(&order_id(7)));
    assert!(due(end_of_the_draft, 10).await.contains(&order_id(7)));
}

/// The number that people quote leads to the order, also after it has changed.
pub async fn a_number_finds_its_order(subject: &Subject) {
    eight(subject).await;
    for wanted in [1, 5, 7] {
        let id = order_id(wanted);
        assert_eq!(subject.orders.numbered(&id.number()).await.unwrap(), [id]);
    }
    assert_eq!(subject.orders.numbered(&order_id(99).number()).await.unwrap(), []);
}
