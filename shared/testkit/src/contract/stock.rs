//! Stock moves with orders, or not at all (F1–F6, invariant 4).

use futures::future::join_all;
use oms_app::ports::{Commit, CommitError, Shortage};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::{Condition, Stock};
use oms_domain::fulfilment::{LineQuantity, ReturnedLine, Tracking};
use oms_domain::ordering::{CancelReason, Command, Order};
use oms_domain::payments::AttemptState;

use super::Subject;
use crate::builders::{ProductBuilder, a_product, an_order, changed, order_id};
use crate::fault::Fault;
use crate::time::start;

/// How a product of these behaviours is made: as it is, or hot.
pub(super) type Made = fn(ProductBuilder) -> Product;

fn cancel() -> Command {
    Command::Cancel { reason: CancelReason::CustomerRequest, note: None }
}

/// Missing, discontinued, another price, too few: what is there now tells which.
pub async fn shortages_tell_what_was_found(subject: &Subject) {
    shortages_tell_what_was_found_of(subject, ProductBuilder::build).await;
}

pub(super) async fn shortages_tell_what_was_found_of(subject: &Subject, made: Made) {
    let gone = made(a_product(1).discontinued());
    let dearer = made(a_product(2).priced(2490));
    let few = made(a_product(3).stocked(2));
    subject.stock(&[gone.clone(), dearer.clone(), few.clone()]).await;
    let cases = [
        (made(a_product(1)), 1, Some(gone)),
        (made(a_product(2)), 1, Some(dearer)),
        (few.clone(), 3, Some(few)),
        (made(a_product(4)), 1, None),
    ];
    for (number, (wanted, quantity, found)) in (1..).zip(cases) {
        let refused = subject.orders.commit(&an_order(number).of(&wanted, quantity).commit()).await;
        assert_eq!(refused, Err(CommitError::Stock(vec![Shortage { product_id: wanted.id, found }])));
        assert_eq!(subject.orders.load(order_id(number)).await, Ok(None));
    }
}

/// The customer learns of every line that cannot be had, and the others stay on the inventory.
pub async fn all_shortages_are_told_and_nothing_is_written(subject: &Subject) {
    all_shortages_are_told_and_nothing_is_written_of(subject, ProductBuilder::build).await;
}

pub(super) async fn all_shortages_are_told_and_nothing_is_written_of(subject: &Subject, made: Made) {
    let plenty = made(a_product(1));
    let few = made(a_product(2).stocked(1));
    let gone = made(a_product(3).discontinued());
    subject.stock(&[plenty.clone(), few.clone(), gone.clone()]).await;
    let order = an_order(1).of(&plenty, 1).of(&few, 2).of(&gone, 1);
    let Err(CommitError::Stock(mut shortages)) = subject.orders.commit(&order.commit()).await else {
        panic!("expected shortages");
    };
    shortages.sort_by_key(|shortage| shortage.product_id);
    let found: Vec<_> = shortages.into_iter().map(|shortage| shortage.found).collect();
    assert_eq!(found, [Some(few), Some(gone)]);
    assert_eq!(subject.product(&plenty).await, plenty);
    assert_eq!(subject.orders.events(order_id(1)).await, Ok(Vec::new()));
}

/// Whatever of a product has changed since it was priced, its units are not reserved, and what is there now is told.
pub async fn units_are_reserved_by_the_facts_that_were_priced(subject: &Subject) {
    units_are_reserved_by_the_facts_that_were_priced_of(subject, ProductBuilder::build).await;
}

pub(super) async fn units_are_reserved_by_the_facts_that_were_priced_of(subject: &Subject, made: Made) {
    let edited = Product { version: 2, tax_class: "reduced".into(), ..made(a_product(1)) };
    let new = made(a_product(2));
    subject.stock(&[edited.clone(), new.clone()]).await;
    let by_versions = |number: u64, first: u64, second: u64| {
        let commit = an_order(number).of(&edited, 1).of(&new, 1).commit();
        commit.worked_out_from([(edited.id, first), (new.id, second)].into())
    };
    for (number, first, second, changed) in [(1, 1, 1, &edited), (2, 2, 2, &new)] {
        let refused = subject.orders.commit(&by_versions(number, first, second)).await;
        let found = Some(changed.clone());
        assert_eq!(refused, Err(CommitError::Stock(vec![Shortage { product_id: changed.id, found }])));
        assert_eq!(subject.orders.load(order_id(number)).await, Ok(None));
    }
    assert_eq!(subject.orders.commit(&by_versions(3, 2, 1)).await, Ok(()));
}

async fn paid(subject: &Subject, order: &Order) -> Order {
    let order =
        subject.apply(order, Command::RequestPayment { provider: "fake".into(), keep: false, anew: true }).await;
    let payment = order.ledger.payments.last().expect("a payment was asked for");
    assert_eq!(payment.state, AttemptState::Requested);
    let command = Command::RecordPayment {
        payment_id: payment.id,
        provider: "fake".into(),
        reference: "cap_1".into(),
        money: order.total(),
    };
    subject.apply(&order, command).await
}

/// Reserve, consume, put back, consume again, restock; and reserve, release. No unit is lost or made.
pub async fn every_move_keeps_the_counters_balanced(subject: &Subject) {
    every_move_keeps_the_counters_balanced_of(subject, ProductBuilder::build).await;
}

pub(super) async fn every_move_keeps_the_counters_balanced_of(subject: &Subject, made: Made) {
    let mug = made(a_product(1).stocked(10));
    let bowl = made(a_product(2).stocked(10));
    subject.stock(&[mug.clone(), bowl.clone()]).await;
    let ship = |lines: Option<Vec<LineQuantity>>| Command::Ship {
        tracking: Tracking::checked("DHL", "00340434161094042557").unwrap(),
        lines,
        note: None,
    };
    let counters = async |product: &Product| {
        let stock = subject.product(product).await.stock;
        assert!(stock.is_balanced(), "{stock:?}");
        stock
    };
    let released = subject.create(&an_order(1).of(&mug, 4)).await;
    assert_eq!(counters(&mug).await, Stock { available: 6, reserved: 4, ..mug.stock });
    subject.apply(&released, cancel()).await;
    assert_eq!(counters(&mug).await, mug.stock);

    let order = subject.create(&an_order(2).of(&mug, 3).of(&bowl, 2)).await;
    let order = paid(subject, &order).await;
    let order = subject.apply(&order, Command::StartProcessing { note: None }).await;
    let order = subject.apply(&order, ship(None)).await;
    assert_eq!(counters(&mug).await, Stock { available: 7, shipped: 3, ..mug.stock });
    let order = subject.apply(&order, Command::FailDelivery { note: None }).await;
    assert_eq!(counters(&bowl).await, Stock { available: 8, reserved: 2, ..bowl.stock });
    let order = subject.apply(&order, ship(None)).await;
    let order = subject.apply(&order, Command::Deliver { note: None }).await;
    let parts = |line, quantity| LineQuantity { line, quantity };
    let request = Command::RequestReturn { lines: vec![parts(1, 2), parts(2, 1)], reason: "too blue".into() };
    let order = subject.apply(&order, request).await;
    let back = |line, condition| ReturnedLine { line, quantity: 1, condition };
    let lines = vec![back(1, Condition::Sellable), back(1, Condition::Damaged), back(2, Condition::Sellable)];
    subject.apply(&order, Command::ReceiveReturn { lines }).await;
    assert_eq!(counters(&mug).await, Stock { available: 8, damaged: 1, shipped: 3, returned: 2, ..mug.stock });
    assert_eq!(counters(&bowl).await, Stock { available: 9, shipped: 2, returned: 1, ..bowl.stock });
}

/// Never one unit more than there is, and every unit is sold.
pub async fn a_hundred_at_once_get_the_fifty_there_are(subject: &Subject) {
    let mug = a_product(1).stocked(50).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let commits: Vec<Commit> = (1..=100).map(|number| an_order(number).of(&mug, 1).commit()).collect();
    let results = join_all(commits.iter().map(|commit| subject.orders.commit(commit))).await;
    let sold = results.iter().filter(|result| result.is_ok()).count();
    let short = results.iter().filter(|result| matches!(result, Err(CommitError::Stock(_)))).count();
    assert_eq!((sold, short), (50, 50));
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 0, reserved: 50, ..mug.stock });
    for (commit, result) in commits.iter().zip(&results) {
        let stored = subject.orders.load(commit.change.order.id).await.unwrap();
        assert_eq!(stored.is_some(), result.is_ok());
    }
}

/// The retry would find too few, and must not: it was its own first attempt that took them.
pub async fn a_reserve_whose_acknowledgement_is_lost_happens_once(subject: &Subject) {
    a_reserve_whose_acknowledgement_is_lost_happens_once_of(subject, ProductBuilder::build).await;
}

pub(super) async fn a_reserve_whose_acknowledgement_is_lost_happens_once_of(subject: &Subject, made: Made) {
    let mug = made(a_product(1).stocked(3));
    subject.stock(std::slice::from_ref(&mug)).await;
    subject.faults.inject(Fault::LostAcknowledgement, 1);
    let commit = an_order(1).of(&mug, 3).commit();
    assert_eq!(subject.settle(&commit).await, Ok(()));
    assert_eq!(subject.product(&mug).await.stock, Stock { available: 0, reserved: 3, ..mug.stock });
    subject.faults.inject(Fault::LostAcknowledgement, 1);
    let release = Commit::of(changed(&commit.change.order, cancel(), start()));
    assert_eq!(subject.settle(&release).await, Ok(()));
    assert_eq!(subject.product(&mug).await.stock, mug.stock);
}
