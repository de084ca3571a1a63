//! Catalog entries, movements and alerts (F1, F7, F8; invariant 4).

use futures::future::{join, join_all};
use jiff::SignedDuration;
use oms_app::ports::{AlertMark, CommandKey, CommitError, EditError, Move, MoveError, MoveKey, ProductEntry};
use oms_domain::catalog::movement::{Movement, MovementKind};
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, Product, ProductDetail};
use uuid::Uuid;

use super::Subject;
use crate::builders::{a_product, admin, an_order, product_id, seller};
use crate::fault::Fault;
use crate::time::start;

fn detail() -> ProductDetail {
    ProductDetail { description: "Thrown by hand.".into(), images: vec!["https://img.example.com/mug.jpg".into()] }
}

pub(super) fn entry(product: Product) -> ProductEntry {
    ProductEntry { product, detail: detail() }
}

pub(super) fn edit(number: u128, version: u64) -> Edit {
    Edit {
        id: Uuid::from_u128(number),
        version,
        at: start(),
        actor: admin().actor(),
        correlation_id: "request".into(),
        fields: Vec::new(),
        request: None,
    }
}

pub(super) fn moving(number: u128, product: &Product, kind: MovementKind, quantity: u32) -> Move {
    Move {
        product_id: product.id,
        id: Uuid::from_u128(number),
        kind,
        quantity,
        reason: "counted".into(),
        actor: admin().actor(),
        at: start().checked_add(SignedDuration::from_secs(i64::try_from(number % 1_000).unwrap())).unwrap(),
        correlation_id: "request".into(),
        seen: product.stock,
        key: None,
    }
}

fn keyed(wanted: Move, key: &str, request: &str) -> Move {
    let expires_at = start().checked_add(SignedDuration::from_hours(24)).unwrap();
    Move { key: Some(MoveKey { key: CommandKey(key.into()), request: request.into(), expires_at }), ..wanted }
}

pub(super) async fn created(subject: &Subject, product: &Product) -> ProductEntry {
    let whole = entry(product.clone());
    subject.inventory.create(&whole, &edit(1, 1), None).await.unwrap();
    whole
}

/// Product, detail, the SKU's holder and the first movement are one.
pub async fn an_entry_is_read_as_it_was_created(subject: &Subject) {
    let mug = a_product(1).sold_to(&["DE", "AT"]).low_at(5).build();
    let movement =
        moving(7, &a_product(1).stocked(0).build(), MovementKind::Receive, 50).on(&Stock::default()).unwrap();
    assert_eq!(movement.after, mug.stock);
    subject.inventory.create(&entry(mug.clone()), &edit(1, 1), Some(&movement)).await.unwrap();
    assert_eq!(subject.inventory.entry(mug.id).await, Ok(Some(entry(mug.clone()))));
    assert_eq!(subject.inventory.entry(product_id(9)).await, Ok(None));
    assert_eq!(subject.inventory.by_sku(&seller(), &mug.sku).await, Ok(Some(mug.id)));
    assert_eq!(subject.inventory.by_sku(&seller(), "NONE").await, Ok(None));
    assert_eq!(subject.inventory.movements(mug.id, None, 10).await.unwrap().movements, [movement]);
    let bowl = a_product(2).build();
    subject.catalog.add(&bowl).await.unwrap();
    let plain = ProductEntry { product: bowl.clone(), detail: ProductDetail::default() };
    assert_eq!(subject.inventory.entry(bowl.id).await, Ok(Some(plain)));
}

/// A19 for products: the repeat learns who was first; a lost acknowledgement is no repeat.
pub async fn the_same_creation_again_finds_the_first(subject: &Subject) {
    let mug = entry(a_product(1).build());
    subject.faults.inject(Fault::LostAcknowledgement, 1);
    let first = Edit { request: Some("fingerprint".into()), ..edit(1, 1) };
    if subject.inventory.create(&mug, &first, None).await.is_err() {
        assert_eq!(subject.inventory.create(&mug, &first, None).await, Ok(()));
    }
    let again = subject.inventory.create(&mug, &edit(2, 1), None).await;
    assert_eq!(again, Err(EditError::Exists(Box::new(first))));
}

/// A SKU names one product of a seller; another seller's may have the same.
pub async fn a_seller_has_one_product_of_a_sku(subject: &Subject) {
    let mug = a_product(1).build();
    created(subject, &mug).await;
    let same = Product { sku: mug.sku.clone(), ..a_product(2).build() };
    let refused = subject.inventory.create(&entry(same.clone()), &edit(2, 1), None).await;
    assert_eq!(refused, Err(EditError::SkuTaken(mug.id)));
    assert_eq!(subject.inventory.entry(same.id).await, Ok(None));
    let elsewhere = Product { seller_id: "seller-south".parse().unwrap(), ..same };
    assert_eq!(subject.inventory.create(&entry(elsewhere), &edit(3, 1), None).await, Ok(()));
}

/// An order that reserves between reading and writing loses nothing.
pub async fn an_edit_writes_what_differs_and_leaves_the_counters_alone(subject: &Subject) {
    let mug = a_product(1).low_at(3).build();
    subject.stock(&[]).await;
    let before = created(subject, &mug).await;
    subject.create(&an_order(1).of(&mug, 4)).await;
    let changed = Product {
        name: "Tall mug".into(),
        low_stock_threshold: None,
        regions: vec!["DE".into()],
        active: false,
        version: 2,
        ..mug.clone()
    };
    let after = ProductEntry { product: changed.clone(), detail: ProductDetail { images: Vec::new(), ..detail() } };
    assert_eq!(subject.inventory.edit(&before, &after, &edit(2, 2)).await, Ok(()));
    let stock = Stock { available: 46, reserved: 4, ..mug.stock };
    let stored = subject.inventory.entry(mug.id).await.unwrap().unwrap();
    assert_eq!(stored, ProductEntry { product: Product { stock, ..changed }, ..after.clone() });
    assert!(subject.catalog.page(None, 10).await.unwrap().products.is_empty());
    let back = ProductEntry { product: Product { active: true, version: 3, ..stored.product.clone() }, ..after };
    assert_eq!(subject.inventory.edit(&stored, &back, &edit(3, 3)).await, Ok(()));
    let listed = subject.catalog.page(None, 10).await.unwrap().products;
    assert_eq!(listed, [back.product]);
}

/// Optimistic concurrency: who comes second starts over.
pub async fn an_edit_of_an_old_version_is_refused(subject: &Subject) {
    let mug = a_product(1).build();
    let before = created(subject, &mug).await;
    let priced = |minor: i64| {
        let price = oms_domain::money::Amount::from_minor(minor);
        entry(Product { price, version: 2, ..mug.clone() })
    };
    assert_eq!(subject.inventory.edit(&before, &priced(2_000), &edit(2, 2)).await, Ok(()));
    assert_eq!(subject.inventory.edit(&before, &priced(3_000), &edit(3, 2)).await, Err(EditError::Stale));
    assert_eq!(subject.product(&mug).await.price.minor(), 2_000);
    let missing = entry(a_product(9).build());
    let next = entry(Product { version: 2, ..missing.product.clone() });
    assert_eq!(subject.inventory.edit(&missing, &next, &edit(4, 2)).await, Err(EditError::Stale));
}

/// The repeat of a write that succeeded is no conflict.
pub async fn an_edit_whose_acknowledgement_is_lost_is_recognised(subject: &Subject) {
    let mug = a_product(1).build();
    let before = created(subject, &mug).await;
    let after = entry(Product { name: "Tall mug".into(), version: 2, ..mug.clone() });
    subject.faults.inject(Fault::LostAcknowledgement, 1);
    if subject.inventory.edit(&before, &after, &edit(2, 2)).await.is_err() {
        assert_eq!(subject.inventory.edit(&before, &after, &edit(2, 2)).await, Ok(()));
    }
    assert_eq!(subject.inventory.entry(mug.id).await, Ok(Some(after)));
}

/// And takes none that is another product's.
pub async fn a_changed_sku_frees_the_old_one(subject: &Subject) {
    let mug = a_product(1).build();
    let before = created(subject, &mug).await;
    let bowl = a_product(2).build();
    subject.inventory.create(&entry(bowl.clone()), &edit(2, 1), None).await.unwrap();
    let taking = entry(Product { sku: bowl.sku.clone(), version: 2, ..mug.clone() });
    assert_eq!(subject.inventory.edit(&before, &taking, &edit(3, 2)).await, Err(EditError::SkuTaken(bowl.id)));
    let renamed = entry(Product { sku: "MUG-TALL".into(), version: 2, ..mug.clone() });
    assert_eq!(subject.inventory.edit(&before, &renamed, &edit(4, 2)).await, Ok(()));
    assert_eq!(subject.inventory.by_sku(&seller(), "MUG-TALL").await, Ok(Some(mug.id)));
    assert_eq!(subject.inventory.by_sku(&seller(), &mug.sku).await, Ok(None));
}

/// F1: every movement is on record, newest first, page by page.
pub async fn movements_are_recorded_with_the_counters_after_them(subject: &Subject) {
    let mug = a_product(1).stocked(10).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let steps = [
        (MovementKind::Receive, 5),
        (MovementKind::Hold, 4),
        (MovementKind::ReleaseHold, 1),
        (MovementKind::Damage, 3),
        (MovementKind::WriteOff, 2),
    ];
    let mut made = Vec::new();
    for (number, (kind, quantity)) in (1..).zip(steps) {
        let now = subject.product(&mug).await;
        made.push(subject.inventory.move_stock(&moving(number, &now, kind, quantity)).await.unwrap());
    }
    let stock = subject.product(&mug).await.stock;
    let expected = Stock { available: 9, on_hold: 3, damaged: 1, written_off: 2, received: 15, ..Stock::default() };
    assert_eq!(stock, expected);
    assert!(stock.is_balanced());
    assert_eq!(made.last().unwrap().after, stock);
    made.reverse();
    let first = subject.inventory.movements(mug.id, None, 2).await.unwrap();
    assert_eq!(first.movements, made[..2]);
    let rest = subject.inventory.movements(mug.id, first.next.as_deref(), 3).await.unwrap();
    assert_eq!((rest.movements.as_slice(), rest.next), (&made[2..], None));
    assert!(subject.inventory.movements(product_id(9), None, 5).await.unwrap().movements.is_empty());
}

/// Never negative; and what is true now is told.
pub async fn a_movement_that_the_counters_do_not_allow_tells_them(subject: &Subject) {
    let mug = a_product(1).stocked(3).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    for (number, kind) in (1..).zip([MovementKind::Hold, MovementKind::Damage, MovementKind::WriteOff]) {
        let refused = subject.inventory.move_stock(&moving(number, &mug, kind, 4)).await;
        assert_eq!(refused, Err(MoveError::Short(Box::new(mug.stock))));
    }
    assert_eq!(subject.product(&mug).await.stock, mug.stock);
    assert!(subject.inventory.movements(mug.id, None, 5).await.unwrap().movements.is_empty());
    let missing = moving(9, &a_product(9).build(), MovementKind::Receive, 1);
    assert_eq!(subject.inventory.move_stock(&missing).await, Err(MoveError::Missing));
}

/// What the caller saw is a proposal; the record holds the counters as they really were.
pub async fn a_movement_goes_on_from_what_is_true(subject: &Subject) {
    let mug = a_product(1).stocked(10).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    subject.create(&an_order(1).of(&mug, 8)).await;
    let refused = subject.inventory.move_stock(&moving(1, &mug, MovementKind::Damage, 3)).await;
    let truth = Stock { available: 2, reserved: 8, ..mug.stock };
    assert_eq!(refused, Err(MoveError::Short(Box::new(truth))));
    let movement = subject.inventory.move_stock(&moving(2, &mug, MovementKind::Damage, 2)).await.unwrap();
    assert_eq!(movement.after, Stock { available: 0, damaged: 2, ..truth });
}

/// A19 for movements, also when the first one left too few for a second.
pub async fn a_key_moves_stock_once(subject: &Subject) {
    let mug = a_product(1).stocked(3).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let first = keyed(moving(1, &mug, MovementKind::Damage, 3), "key", "request");
    let movement = subject.inventory.move_stock(&first).await.unwrap();
    let seen = MoveError::Seen { request: "request".into(), movement: Box::new(movement.clone()) };
    for stock in [mug.stock, movement.after] {
        let again = Move { id: Uuid::from_u128(2), seen: stock, ..first.clone() };
        assert_eq!(subject.inventory.move_stock(&again).await, Err(seen.clone()));
    }
    let later = start().checked_add(SignedDuration::from_hours(25)).unwrap();
    let afresh = Move { id: Uuid::from_u128(3), at: later, kind: MovementKind::Receive, ..first.clone() };
    assert!(subject.inventory.move_stock(&afresh).await.is_ok(), "a key is forgotten when it has expired");
    assert_eq!(subject.inventory.movements(mug.id, None, 5).await.unwrap().movements.len(), 2);
}

/// The retry would find too few, and must not: it was its own first attempt that took them.
pub async fn a_movement_whose_acknowledgement_is_lost_happens_once(subject: &Subject) {
    let mug = a_product(1).stocked(3).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    subject.faults.inject(Fault::LostAcknowledgement, 1);
    let wanted = moving(1, &mug, MovementKind::Damage, 3);
    let mut result = subject.inventory.move_stock(&wanted).await;
    if matches!(result, Err(MoveError::Store(_))) {
        result = subject.inventory.move_stock(&wanted).await;
    }
    assert_eq!(result.map(|movement| movement.after), Ok(Stock { available: 0, damaged: 3, ..mug.stock }));
    assert_eq!(subject.inventory.movements(mug.id, None, 5).await.unwrap().movements.len(), 1);
}

/// Invariant 4 under everything at once; each record continues the one before it, orders aside.
pub async fn movements_and_orders_racing_keep_the_ledger_balanced(subject: &Subject) {
    let mug = a_product(1).stocked(20).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let commits: Vec<_> = (1..=12).map(|number| an_order(number).of(&mug, 1).commit()).collect();
    let moves: Vec<Move> = (1..=12)
        .map(|number| {
            let kind = [MovementKind::Receive, MovementKind::Hold, MovementKind::Damage][(number % 3) as usize];
            moving(number, &mug, kind, 2)
        })
        .collect();
    let orders = join_all(commits.iter().map(|commit| subject.orders.commit(commit)));
    let shifts = join_all(moves.iter().map(|wanted| subject.inventory.move_stock(wanted)));
    let (ordered, shifted) = join(orders, shifts).await;
    let sold = ordered.iter().filter(|result| result.is_ok()).count();
    assert!(
        ordered.iter().all(|result| matches!(result, Ok(()) | Err(CommitError::Stock(_) | CommitError::Contended)))
    );
    assert!(shifted.iter().all(|result| matches!(result, Ok(_) | Err(MoveError::Short(_) | MoveError::Contended))));
    let done: Vec<&Movement> = shifted.iter().filter_map(|result| result.as_ref().ok()).collect();
    let units =
        |kind| done.iter().filter(|movement| movement.kind == kind).map(|movement| movement.quantity).sum::<u32>();
    let stock = subject.product(&mug).await.stock;
    assert!(stock.is_balanced(), "{stock:?}");
    assert_eq!(usize::try_from(stock.reserved).unwrap(), sold);
    assert_eq!(stock.received, 20 + units(MovementKind::Receive));
    assert_eq!((stock.on_hold, stock.damaged), (units(MovementKind::Hold), units(MovementKind::Damage)));
    assert!(done.iter().all(|movement| movement.after.is_balanced()));
    assert_eq!(subject.inventory.movements(mug.id, None, 50).await.unwrap().movements.len(), done.len());
}

/// F7: of two who saw the same mark, one moves it on.
pub async fn a_mark_is_set_by_whoever_saw_the_last_one(subject: &Subject) {
    let id = product_id(1);
    let none = AlertMark::default();
    assert_eq!(subject.inventory.alert_mark(id).await, Ok(none));
    let low = AlertMark { crossing: 1, low: true, told: false };
    assert_eq!(subject.inventory.set_alert_mark(id, none, low).await, Ok(true));
    assert_eq!(subject.inventory.set_alert_mark(id, none, low).await, Ok(false));
    let told = AlertMark { told: true, ..low };
    assert_eq!(subject.inventory.set_alert_mark(id, low, told).await, Ok(true));
    assert_eq!(subject.inventory.set_alert_mark(id, low, none).await, Ok(false));
    assert_eq!(subject.inventory.alert_mark(id).await, Ok(told));
}

/// Only where they are as they were seen; of hot products all of their places are.
pub async fn counters_are_set_where_they_are_as_they_were_seen(subject: &Subject) {
    let (cold, hot) = (a_product(1).stocked(60).build(), a_product(2).stocked(60).hot().build());
    subject.stock(&[cold.clone(), hot.clone()]).await;
    for (number, product) in [(1, &cold), (2, &hot)] {
        // Spreads the units of the hot one.
        subject.create(&an_order(number).of(product, 2)).await;
        let seen = subject.product(product).await.stock;
        let counted = Stock { available: 50, reserved: 3, damaged: 7, ..seen };
        let stale = Stock { available: 57, ..seen };
        assert_eq!(subject.inventory.set_counters(product.id, &stale, &counted).await, Ok(false));
        assert_eq!(subject.product(product).await.stock, seen);
        assert_eq!(subject.inventory.set_counters(product.id, &seen, &counted).await, Ok(true));
        assert_eq!(subject.product(product).await.stock, counted);
        subject.create(&an_order(10 + number).of(product, 50)).await;
        assert_eq!(subject.product(product).await.stock, Stock { available: 0, reserved: 53, ..counted });
    }
    let missing = a_product(9).build();
    assert_eq!(subject.inventory.set_counters(missing.id, &missing.stock, &Stock::default()).await, Ok(false));
}
