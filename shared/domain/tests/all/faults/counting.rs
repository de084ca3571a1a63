//! Counters that are counted anew come to what they were.

use oms_domain::catalog::movement::MovementKind;
use oms_domain::catalog::stock::{Condition, Counter, MoveKind, Stock, StockMove};
use oms_domain::catalog::tally::{Missing, Tally};
use oms_domain::ids::ProductId;
use oms_domain::ordering::{Record, Status, all_moves};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{STOCKED_UNITS, Story};

fn records(story: &Story) -> Vec<Record> {
    story.stream.iter().map(|sealed| serde_json::from_str(&sealed.body).unwrap()).collect()
}

type Deltas = [(Counter, i64); 2];

fn order_moves() -> impl Strategy<Value = Deltas> {
    let kinds = vec![
        MoveKind::Reserve,
        MoveKind::Release,
        MoveKind::SetAside,
        MoveKind::Consume,
        MoveKind::PutBack,
        MoveKind::Restock(Condition::Sellable),
        MoveKind::Restock(Condition::Damaged),
    ];
    (prop::sample::select(kinds), 1_u32..20)
        .prop_map(|(kind, quantity)| StockMove { product_id: ProductId::new(Uuid::nil()), kind, quantity }.deltas())
}

fn movements() -> impl Strategy<Value = Deltas> {
    use MovementKind::{Damage, Hold, Receive, ReleaseHold, WriteOff};
    let kinds = prop::sample::select(vec![Receive, Hold, ReleaseHold, Damage, WriteOff]);
    (kinds, 1_u32..20).prop_map(|(kind, quantity)| kind.deltas(quantity))
}

proptest! {
    #[test]
    fn f7_whatever_moved_a_product_comes_to_its_counters(
        first in 0_u32..50,
        steps in prop::collection::vec(prop_oneof![order_moves(), movements()], 0..80),
        turned in any::<bool>(),
    ) {
        let (mut stock, mut done) = (Stock::received(first), Vec::new());
        for deltas in steps {
            if let Some(after) = stock.moved(&deltas) {
                stock = after;
                done.push(deltas);
            }
        }
        // In no particular order.
        if turned {
            done.reverse();
        }
        let mut tally = Tally::default();
        for deltas in &done {
            tally.add(deltas);
        }
        prop_assert_eq!(tally.stock(stock.received), Ok(stock));
    }
}

#[test]
fn f7_the_events_of_an_order_tell_all_of_its_moves() {
    for status in [Status::Pending, Status::Cancelled, Status::Confirmed, Status::Shipped, Status::Returned] {
        let story = Story::at(status);
        let records = records(&story);
        for (product_id, stock) in &story.stock {
            let mut tally = Tally::default();
            let moves = all_moves(story.order.id, &records);
            for own in moves.iter().filter(|own| own.product_id == *product_id) {
                tally.add(&own.deltas());
            }
            assert_eq!(tally.stock(STOCKED_UNITS), Ok(*stock), "{status}");
        }
    }
    assert_eq!(all_moves(Story::draft().order.id, &records(&Story::at(Status::Pending))[1..]), [], "no beginning");
}

#[test]
fn f7_more_than_ever_came_is_no_stock() {
    let mut tally = Tally::default();
    tally.add(&[(Counter::Available, -7), (Counter::Reserved, 7)]);
    assert_eq!(tally.stock(5), Err(Missing { counter: Counter::Available, units: 2 }));
    assert_eq!(tally.stock(7), Ok(Stock { reserved: 7, received: 7, ..Stock::default() }));
}
