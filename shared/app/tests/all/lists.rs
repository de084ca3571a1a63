//! Lists: whose orders, which page, and that a cursor continues its own list only.

use oms_app::Error;
use oms_app::ordering::list_orders::{MAX_PAGED_ENTRIES, Page, Request};
use oms_domain::actor::Caller;
use oms_domain::ordering::Status;
use oms_testkit::builders::{admin, customer, seller_caller, user};
use oms_testkit::start;

use crate::shop::{Shop, a_cart};

fn all_of(caller: Caller) -> Request {
    Request {
        caller,
        user_id: None,
        statuses: Vec::new(),
        from: None,
        until: None,
        newest_first: true,
        limit: 2,
        cursor: None,
        page: None,
    }
}

/// Ada has ordered five times, a minute apart; Bob once after her.
async fn a_history() -> Shop {
    let shop = Shop::open();
    for quantity in 1..=5 {
        shop.a_pending_order(quantity).await;
        shop.clock.advance_minutes(1);
    }
    shop.create(a_cart([(1, 9)]).from(customer("bob"))).await.unwrap();
    shop
}

fn units(page: &Page) -> Vec<u32> {
    page.entries.iter().map(|entry| entry.units).collect()
}

fn refused_at(result: Result<Page, Error>) -> String {
    let Err(Error::Invalid(mut fields)) = result else { panic!("was not refused: {result:?}") };
    fields.remove(0).pointer
}

#[tokio::test]
async fn everybody_lists_what_is_theirs() {
    // J3, K1
    let shop = a_history().await;
    let wide = |caller, user_id| Request { limit: 100, user_id, ..all_of(caller) };
    let count = async |request| shop.list.run(request).await.map(|page| page.entries.len());
    assert_eq!(count(wide(customer("ada"), None)).await, Ok(5));
    assert_eq!(count(wide(customer("ada"), Some(user("ada")))).await, Ok(5));
    assert_eq!(count(wide(customer("eve"), None)).await, Ok(0));
    assert_eq!(count(wide(admin(), None)).await, Ok(6));
    assert_eq!(count(wide(admin(), Some(user("bob")))).await, Ok(1));
    assert!(matches!(count(wide(customer("eve"), Some(user("ada")))).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    // J8
    let shop = a_history().await;
    for (newest_first, expected) in [(true, vec![5, 4, 3, 2, 1]), (false, vec![1, 2, 3, 4, 5])] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        for _ in 0..3 {
            let page = shop.list.run(Request { newest_first, cursor, ..all_of(customer("ada")) }).await.unwrap();
            seen.extend(units(&page));
            cursor = page.next_cursor;
        }
        assert_eq!((seen, cursor), (expected, None));
    }
}

#[tokio::test]
async fn a_cursor_continues_only_the_list_it_came_from() {
    // J8
    let shop = a_history().await;
    let first = all_of(customer("ada"));
    let cursor = shop.list.run(first.clone()).await.unwrap().next_cursor;
    let others = [
        Request { statuses: vec![Status::Pending], ..first.clone() },
        Request { newest_first: false, ..first.clone() },
        Request { from: Some(start()), ..first.clone() },
        Request { caller: customer("bob"), ..first.clone() },
        Request { caller: admin(), ..first.clone() },
    ];
    for other in others {
        let answer = shop.list.run(Request { cursor: cursor.clone(), ..other }).await;
        assert!(matches!(answer, Err(Error::Malformed(_))), "{answer:?}");
    }
    let wider = shop.list.run(Request { cursor: cursor.clone(), limit: 100, ..first.clone() }).await.unwrap();
    assert_eq!(units(&wider), [3, 2, 1], "another page size is the same list");
    let noise = shop.list.run(Request { cursor: Some("!".into()), ..first }).await;
    assert!(matches!(noise, Err(Error::Malformed(_))));
}

#[tokio::test]
async fn pages_can_be_counted_to_a_bounded_depth() {
    // Decision 17
    let shop = a_history().await;
    let page = |page, limit| Request { page: Some(page), limit, ..all_of(customer("ada")) };
    assert_eq!(units(&shop.list.run(page(1, 2)).await.unwrap()), [5, 4]);
    assert_eq!(units(&shop.list.run(page(3, 2)).await.unwrap()), [1]);
    assert!(units(&shop.list.run(page(MAX_PAGED_ENTRIES / 100, 100)).await.unwrap()).is_empty());
    assert_eq!(refused_at(shop.list.run(page(0, 2)).await), "/page");
    assert_eq!(refused_at(shop.list.run(page(MAX_PAGED_ENTRIES / 100 + 1, 100)).await), "/page");
    assert_eq!(refused_at(shop.list.run(page(usize::MAX, 100)).await), "/page");
    let both = Request { cursor: shop.list.run(page(1, 2)).await.unwrap().next_cursor, ..page(2, 2) };
    assert_eq!(refused_at(shop.list.run(both).await), "/page");
}

#[tokio::test]
async fn filters_by_status_and_time() {
    // J6, J7: the end is exclusive.
    let shop = a_history().await;
    let minute = |minutes| Some(start() + jiff::SignedDuration::from_mins(minutes));
    let wide = Request { limit: 100, ..all_of(customer("ada")) };
    let between = Request { from: minute(1), until: minute(3), ..wide.clone() };
    assert_eq!(units(&shop.list.run(between).await.unwrap()), [3, 2]);
    let order = shop.list.run(wide.clone()).await.unwrap().entries[0].id;
    shop.cancelled(admin(), order).await.unwrap();
    let cancelled = Request { statuses: vec![Status::Cancelled], ..wide.clone() };
    assert_eq!(units(&shop.list.run(cancelled).await.unwrap()), [5]);
    let empty = Request { from: minute(3), until: minute(3), ..wide };
    assert_eq!(refused_at(shop.list.run(empty).await), "/end_date");
}

#[tokio::test]
async fn a_seller_has_no_list_of_everything() {
    // O12
    let shop = a_history().await;
    if let Ok(page) = shop.list.run(Request { limit: 100, ..all_of(seller_caller("sam")) }).await {
        assert!(page.entries.iter().all(|entry| entry.first_item.starts_with("Stoneware mug")));
    }
}
