//! Hot products: whatever is counted in several places behaves as if it were counted in one.

use futures::future::{join_all, try_join_all};
use oms_app::ports::{Commit, CommitError, MoveError, ProductEntry};
use oms_domain::catalog::Product;
use oms_domain::catalog::movement::MovementKind;
use oms_domain::catalog::stock::Stock;
use oms_domain::ordering::{CancelReason, Command};

use super::inventory::{created, edit, moving};
use super::{Subject, stock};
use crate::builders::{ProductBuilder, a_product, an_order, changed};
use crate::time::start;

fn made(product: ProductBuilder) -> Product {
    product.hot().build()
}

/// See [`stock::shortages_tell_what_was_found`].
pub async fn shortages_of_hot_products_tell_what_was_found(subject: &Subject) {
    stock::shortages_tell_what_was_found_of(subject, made).await;
}

/// See [`stock::all_shortages_are_told_and_nothing_is_written`].
pub async fn all_shortages_of_hot_products_are_told(subject: &Subject) {
    stock::all_shortages_are_told_and_nothing_is_written_of(subject, made).await;
}

/// See [`stock::units_are_reserved_by_the_facts_that_were_priced`].
pub async fn units_of_hot_products_are_reserved_by_the_facts_that_were_priced(subject: &Subject) {
    stock::units_are_reserved_by_the_facts_that_were_priced_of(subject, made).await;
}

/// See [`stock::every_move_keeps_the_counters_balanced`].
pub async fn every_move_of_hot_products_keeps_the_counters_balanced(subject: &Subject) {
    stock::every_move_keeps_the_counters_balanced_of(subject, made).await;
}

/// See [`stock::a_reserve_whose_acknowledgement_is_lost_happens_once`].
pub async fn a_reserve_of_a_hot_product_happens_once(subject: &Subject) {
    stock::a_reserve_whose_acknowledgement_is_lost_happens_once_of(subject, made).await;
}

/// Commits until it is known what came of it.
async fn bought(subject: &Subject, commit: &Commit) -> bool {
    loop {
        match subject.orders.commit(commit).await {
            Ok(()) => return true,
            Err(CommitError::Stock(_)) => return false,
            Err(CommitError::Contended) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// The last unit is found wherever it is, and sold once.
pub async fn every_unit_of_a_hot_product_is_sold_once(subject: &Subject) {
    let mug = a_product(1).stocked(100).hot().build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let quantity = |number: u64| if number.is_multiple_of(10) { 3 } else { 1 };
    let commits: Vec<Commit> = (1..=200).map(|number| an_order(number).of(&mug, quantity(number)).commit()).collect();
    let results = join_all(commits.iter().map(|commit| bought(subject, commit))).await;
    let units = |commit: &Commit| commit.change.order.lines[0].quantity;
    let sold: u32 = commits.iter().zip(&results).filter(|(_, bought)| **bought).map(|(commit, _)| units(commit)).sum();
    assert!((98..=100).contains(&sold), "{sold} sold: at most an order of three can be left without");
    let rest = 100 - sold;
    assert_eq!(subject.product(&mug).await.stock, Stock { available: rest, reserved: sold, ..mug.stock });
    for number in 0..rest {
        assert!(bought(subject, &an_order(1_000 + u64::from(number)).of(&mug, 1).commit()).await);
    }
    assert!(!bought(subject, &an_order(2_000).of(&mug, 1).commit()).await);
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 0, reserved: 100, ..mug.stock });
}

/// One order may take more than any share, as long as there is enough in sum.
pub async fn an_order_larger_than_a_share_is_served(subject: &Subject) {
    let mug = a_product(1).stocked(100).hot().build();
    subject.stock(std::slice::from_ref(&mug)).await;
    for number in 1..=5 {
        subject.create(&an_order(number).of(&mug, 1)).await;
    }
    assert!(bought(subject, &an_order(6).of(&mug, 90).commit()).await);
    assert!(bought(subject, &an_order(7).of(&mug, 5).commit()).await);
    assert!(!bought(subject, &an_order(8).of(&mug, 1).commit()).await);
}

/// What managers change holds for every place at once.
pub async fn a_changed_price_of_a_hot_product_is_told(subject: &Subject) {
    let mug = a_product(1).hot().build();
    subject.stock(&[]).await;
    let before = created(subject, &mug).await;
    subject.create(&an_order(1).of(&mug, 1)).await;
    let dearer = Product { price: a_product(1).priced(2490).build().price, version: 2, ..mug.clone() };
    let after = ProductEntry { product: dearer.clone(), ..before.clone() };
    assert_eq!(subject.inventory.edit(&before, &after, &edit(2, 2)).await, Ok(()));
    let Err(CommitError::Stock(short)) = subject.orders.commit(&an_order(2).of(&mug, 1).commit()).await else {
        panic!("the price has changed");
    };
    assert_eq!(short[0].found.as_ref().map(|found| found.price), Some(dearer.price));
    subject.create(&an_order(3).of(&dearer, 1)).await;
    let gone = Product { active: false, version: 3, ..dearer.clone() };
    let last = ProductEntry { product: gone, ..after.clone() };
    assert_eq!(subject.inventory.edit(&after, &last, &edit(3, 3)).await, Ok(()));
    let refused = subject.orders.commit(&an_order(4).of(&dearer, 1).commit()).await;
    assert!(matches!(refused, Err(CommitError::Stock(_))), "{refused:?}");
}

/// Hot or not, back and forth, with orders in between: no unit is lost, and orders of before are served after.
pub async fn a_product_becomes_hot_and_cools_down(subject: &Subject) {
    let mug = a_product(1).stocked(60).build();
    subject.stock(&[]).await;
    let cold = created(subject, &mug).await;
    let first = subject.create(&an_order(1).of(&mug, 2)).await;
    let hot = ProductEntry { product: Product { hot: true, version: 2, ..mug.clone() }, ..cold.clone() };
    assert_eq!(subject.inventory.edit(&cold, &hot, &edit(2, 2)).await, Ok(()));
    assert!(subject.product(&mug).await.hot);
    let second = subject.create(&an_order(2).of(&mug, 3)).await;
    let cancel = Command::Cancel { reason: CancelReason::CustomerRequest, note: None };
    subject.write(changed(&first, cancel.clone(), start())).await;
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 57, reserved: 3, ..mug.stock });
    let cooled = ProductEntry { product: Product { hot: false, version: 3, ..hot.product.clone() }, ..hot.clone() };
    assert_eq!(subject.inventory.edit(&hot, &cooled, &edit(3, 3)).await, Ok(()));
    let stored = subject.product(&mug).await;
    assert_eq!((stored.hot, stored.stock), (false, Stock { available: 57, reserved: 3, ..mug.stock }));
    subject.write(changed(&second, cancel, start())).await;
    subject.create(&an_order(3).of(&mug, 60)).await;
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 0, reserved: 60, ..mug.stock });
}

/// Movements find the units wherever they are, and orders beside them lose none.
pub async fn movements_of_a_hot_product_keep_the_ledger_balanced(subject: &Subject) {
    let mug = a_product(1).stocked(80).hot().build();
    subject.stock(std::slice::from_ref(&mug)).await;
    subject.create(&an_order(1).of(&mug, 1)).await;
    let steps = [
        (MovementKind::Hold, 70),
        (MovementKind::Receive, 40),
        (MovementKind::ReleaseHold, 30),
        (MovementKind::Damage, 5),
        (MovementKind::WriteOff, 5),
    ];
    for (number, (kind, quantity)) in (1..).zip(steps) {
        let now = subject.product(&mug).await;
        let movement = subject.inventory.move_stock(&moving(number, &now, kind, quantity)).await.unwrap();
        assert_eq!(Some(movement.after), kind.applied(&now.stock, quantity));
        assert_eq!(subject.product(&mug).await.stock, movement.after);
        subject.create(&an_order(10 + u64::try_from(number).unwrap()).of(&mug, 1)).await;
    }
    let now = subject.product(&mug).await;
    assert!(now.stock.is_balanced(), "{:?}", now.stock);
    let short = subject.inventory.move_stock(&moving(9, &now, MovementKind::Hold, now.stock.available + 1)).await;
    assert_eq!(short, Err(MoveError::Short(Box::new(now.stock))));
    let orders = (20..40).map(|number| an_order(number).of(&mug, 1).commit()).collect::<Vec<_>>();
    let buying = join_all(orders.iter().map(|commit| bought(subject, commit)));
    let holds = (11..14).map(|number| moving(number, &now, MovementKind::Hold, 1)).collect::<Vec<_>>();
    let holding = try_join_all(holds.iter().map(|wanted| subject.inventory.move_stock(wanted)));
    let (_, held) = futures::future::join(buying, holding).await;
    assert_eq!(held.map(|held| held.len()), Ok(3));
    let stock = subject.product(&mug).await.stock;
    assert!(stock.is_balanced(), "{stock:?}");
}
