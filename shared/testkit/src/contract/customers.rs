//! Customers' standing, and what is counted in an order's own transaction.

use futures::future::join_all;
use oms_app::ports::{AccountStep, Commit, CommitError, Companion, Standing, UsageCounter, UsageStep};
use oms_domain::actor::{Actor, Role};

use super::Subject;
use crate::builders::{a_product, an_order, user};
use crate::fault::Fault;
use crate::time::start;

pub(super) fn decision(blocked: bool, minute: i64) -> Standing {
    let by = Actor { id: "grace".into(), role: Role::Admin };
    let at = start() + jiff::SignedDuration::from_mins(minute);
    Standing { blocked, reason: format!("decision {minute}"), by, at }
}

/// Asks for good standing and nothing else.
pub(super) fn account(name: &str) -> AccountStep {
    AccountStep { user_id: user(name), in_good_standing: true, open: None, counts: None, needs: None }
}

fn promotion(delta: i32) -> UsageStep {
    UsageStep { counter: UsageCounter::Promotion("WELCOME10".into()), delta, limit: Some(10), expires_at: None }
}

/// The standing of the moment of the commit counts, not an earlier look at it (A12).
pub async fn a_blocked_customer_orders_nothing_until_let_in_again(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let of = |number| {
        let commit = an_order(number).of(&mug, 1).commit();
        commit.with(Companion::Account(account("ada")))
    };
    let first = of(1);
    let customer = first.change.order.user_id.clone();
    assert_eq!(subject.orders.commit(&first).await, Ok(()));
    subject.customers.decide(&customer, &decision(true, 1)).await.unwrap();
    assert_eq!(subject.orders.commit(&of(2)).await, Err(CommitError::NotInGoodStanding));
    assert!(subject.orders.load(of(2).change.order.id).await.unwrap().is_none());
    // What was created before stays, and a repeat of it is still its own.
    assert_eq!(subject.orders.commit(&first).await, Ok(()));
    subject.customers.decide(&customer, &decision(false, 2)).await.unwrap();
    assert_eq!(subject.orders.commit(&of(2)).await, Ok(()));
}

/// Every decision stays, with who, when and why (K6).
pub async fn decisions_are_kept_newest_first(subject: &Subject) {
    let customer = user("ada");
    assert_eq!(subject.customers.standings(&customer, 10).await, Ok(vec![]));
    for minute in 1..=3 {
        subject.customers.decide(&customer, &decision(minute % 2 == 1, minute)).await.unwrap();
    }
    let newest = [decision(true, 3), decision(false, 2)].to_vec();
    assert_eq!(subject.customers.standings(&customer, 2).await, Ok(newest));
    assert_eq!(subject.customers.standings(&user("bob"), 10).await, Ok(vec![]));
}

/// A limit holds, what is given back can be used again, and nothing else of a refused commit is written.
pub async fn a_counter_stops_at_its_limit_and_takes_back(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let of = |number, delta| an_order(number).of(&mug, 1).commit().with(Companion::Usage(promotion(delta)));
    for number in 1..=10 {
        assert_eq!(subject.orders.commit(&of(number, 1)).await, Ok(()));
    }
    let full = Err(CommitError::LimitReached(UsageCounter::Promotion("WELCOME10".into())));
    assert_eq!(subject.orders.commit(&of(11, 1)).await, full);
    assert_eq!(subject.product(&mug).await.stock.reserved, 10);
    assert_eq!(subject.orders.commit(&of(12, -1)).await, Ok(()));
    assert_eq!(subject.orders.commit(&of(11, 1)).await, Ok(()));
    assert_eq!(subject.orders.commit(&of(13, 1)).await, full);
    // A limit of nothing lets nobody in, also the first.
    let nothing =
        UsageStep { counter: UsageCounter::Creations(user("ada"), 1), delta: 1, limit: Some(0), expires_at: None };
    let shut = an_order(14).of(&mug, 1).commit().with(Companion::Usage(nothing.clone()));
    assert_eq!(subject.orders.commit(&shut).await, Err(CommitError::LimitReached(nothing.counter)));
}

/// However many ask at the same time, the limit holds exactly.
pub async fn two_hundred_at_once_get_the_ten_there_are(subject: &Subject) {
    let mug = a_product(1).stocked(1_000).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let commits: Vec<Commit> =
        (1..=200).map(|number| an_order(number).of(&mug, 1).commit().with(Companion::Usage(promotion(1)))).collect();
    let results = join_all(commits.iter().map(|commit| subject.orders.commit(commit))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10, "{results:?}");
    assert_eq!(subject.product(&mug).await.stock.reserved, 10);
}

/// A use that was written and not acknowledged is not counted again by the repeat.
pub async fn a_use_is_counted_once_whose_acknowledgement_is_lost(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let of = |number| an_order(number).of(&mug, 1).commit().with(Companion::Usage(promotion(1)));
    for number in 1..=10 {
        subject.faults.inject(Fault::LostAcknowledgement, 1);
        assert_eq!(subject.settle(&of(number)).await, Ok(()));
    }
    let full = Err(CommitError::LimitReached(UsageCounter::Promotion("WELCOME10".into())));
    assert_eq!(subject.orders.commit(&of(11)).await, full);
}

/// What one customer has used up, another may still use; the limit of all is counted beside it.
pub async fn a_use_per_customer_is_no_use_of_another_s(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let own = |name: &str| UsageCounter::PromotionOfCustomer("WELCOME10".into(), user(name));
    let of = |number, name: &str| {
        let own = UsageStep { counter: own(name), delta: 1, limit: Some(1), expires_at: None };
        an_order(number).by(name).of(&mug, 1).commit().with(Companion::Usage(promotion(1))).with(Companion::Usage(own))
    };
    assert_eq!(subject.orders.commit(&of(1, "ada")).await, Ok(()));
    assert_eq!(subject.orders.commit(&of(2, "ada")).await, Err(CommitError::LimitReached(own("ada"))));
    assert_eq!(subject.orders.commit(&of(3, "bob")).await, Ok(()));
    assert_eq!(subject.product(&mug).await.stock.reserved, 2);
}
