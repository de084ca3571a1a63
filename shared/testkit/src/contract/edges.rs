//! What is not there, what is asked for in part, and what happens at the same moment.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{
    Agenda, CheckoutSession, Circuit, Claim, CommandKey, Commit, Companion, Notice, OpenedSession, SavedMethod,
    Standing, UnmatchedKey, UsageCounter, UsageStep,
};
use oms_domain::actor::{Actor, Role};
use oms_domain::ids::{MethodId, PaymentId};
use oms_domain::messaging::Channel;
use oms_domain::ordering::{Command, NewNote};
use oms_domain::payments::MethodToken;

use super::Subject;
use crate::builders::{a_product, an_order, changed, order_id, product_id, user};
use crate::time::start;

fn minute(number: i64) -> Timestamp {
    start() + SignedDuration::from_mins(number)
}

/// Whatever is asked of an empty store: nothing, and no error.
pub async fn what_was_never_written_is_nothing(subject: &Subject) {
    let (order, product, ada, now) = (order_id(1), product_id(1), user("ada"), minute(1_000));
    assert_eq!(subject.orders.load(order).await, Ok(None));
    assert_eq!(subject.orders.command(order, &CommandKey("k".into())).await, Ok(None));
    assert_eq!(subject.orders.events(order).await, Ok(vec![]));
    assert_eq!(subject.orders.due(now, 10).await, Ok(vec![]));
    assert_eq!(subject.orders.used(&[]).await, Ok(vec![]));
    assert_eq!(subject.catalog.product(product).await, Ok(None));
    assert!(subject.catalog.page(None, 10).await.unwrap().products.is_empty());
    assert_eq!(subject.customers.standings(&ada, 10).await, Ok(vec![]));
    assert_eq!(subject.methods.methods(&ada, 10).await, Ok(vec![]));
    assert_eq!(subject.methods.remove(&ada, MethodId::of_token("fake", "t"), now).await, Ok(false));
    assert_eq!(subject.methods.removed(now, 10).await, Ok(vec![]));
    assert_eq!(subject.follow_ups.session(order, PaymentId::of_attempt(order, 0)).await, Ok(None));
    assert_eq!(subject.follow_ups.unmatched(&UnmatchedKey::of("stripe", "evt_1")).await, Ok(None));
    assert_eq!(subject.follow_ups.due_follow_ups(Agenda::Payments, now, 10).await, Ok(vec![]));
    assert_eq!(subject.circuits.circuit("stripe").await, Ok(Circuit::default()));
    assert_eq!(subject.inventory.entry(product).await, Ok(None));
    assert_eq!(subject.inventory.by_sku(&"s".parse().unwrap(), "SKU").await, Ok(None));
    assert!(subject.inventory.movements(product, None, 10).await.unwrap().movements.is_empty());
}

/// Uses are told in the order in which they were asked for; nothing is 0, and so is what was given back too often.
pub async fn uses_are_told_and_are_never_below_nothing(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let counters = [
        UsageCounter::Promotion("SPRING".into()),
        UsageCounter::PromotionOfCustomer("SPRING".into(), user("ada")),
        UsageCounter::Creations(user("ada"), 1),
        UsageCounter::Promotion("AUTUMN".into()),
    ];
    let count =
        |place: usize, delta| UsageStep { counter: counters[place].clone(), delta, limit: None, expires_at: None };
    for (number, counts) in [(1, vec![count(0, 1), count(1, 1)]), (2, vec![count(0, 1)]), (3, vec![count(2, -1)])] {
        let commit = an_order(number).of(&mug, 1).commit().with_all(counts.into_iter().map(Companion::Usage));
        assert_eq!(subject.orders.commit(&commit).await, Ok(()));
    }
    assert_eq!(subject.orders.used(&counters).await, Ok(vec![2, 1, 0, 0]));
    let backwards: Vec<UsageCounter> = counters.iter().rev().cloned().collect();
    assert_eq!(subject.orders.used(&backwards).await, Ok(vec![0, 0, 1, 2]));
}

/// However much there is, no list holds more than was asked for.
pub async fn no_list_is_longer_than_asked_for(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    for number in 1..=4 {
        let order = subject.create(&an_order(number).of(&mug, 1)).await;
        let token = format!("token-{number}");
        let kept = SavedMethod {
            id: MethodId::of_token("fake", &token),
            user_id: user("ada"),
            provider: "fake".into(),
            method: MethodToken { token, label: "visa".into(), expires: None },
            consented_at: start(),
        };
        let change = changed(&order, Command::AddNote(NewNote::private("kept")), order.updated_at);
        subject.orders.commit(&Commit::of(change).with(Companion::SavedMethod(kept))).await.unwrap();
    }
    assert_eq!(subject.orders.due(minute(60), 3).await.unwrap().len(), 3);
    assert_eq!(subject.orders.due(minute(60), 10).await.unwrap().len(), 4);
    let methods = subject.methods.methods(&user("ada"), 10).await.unwrap();
    assert_eq!(subject.methods.methods(&user("ada"), 3).await.unwrap(), methods[..3]);
    for method in &methods {
        assert_eq!(subject.methods.remove(&user("ada"), method.id, start()).await, Ok(true));
    }
    assert_eq!(subject.methods.removed(start(), 3).await.unwrap().len(), 3);
    assert_eq!(subject.methods.removed(start(), 10).await.unwrap().len(), 4);
}

/// Of many who want to send the same message, one begins.
pub async fn one_of_many_begins_a_notice(subject: &Subject) {
    let notice = Notice { order_id: order_id(1), version: 2, channel: Channel::Sms };
    let claims = join_all((0..20).map(|_| subject.notices.begin(&notice, start()))).await;
    assert_eq!(claims.iter().filter(|claim| **claim == Ok(Claim::Fresh)).count(), 1, "{claims:?}");
    // Who finishes it twice has finished it.
    for _ in 0..2 {
        subject.notices.finish(&notice, start()).await.unwrap();
        assert_eq!(subject.notices.begin(&notice, start()).await, Ok(Claim::Done));
    }
}

/// A page that is kept as settled is looked at no more, and its record stays.
pub async fn a_page_that_is_kept_as_settled_is_not_due(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let order = subject.create(&an_order(1).of(&mug, 1)).await;
    let change = changed(&order, Command::RequestPayment { provider: "fake".into(), keep: false, anew: true }, start());
    let wanted = CheckoutSession::of(&change.order, PaymentId::of_attempt(order.id, 0), None).unwrap();
    subject.orders.commit(&Commit::of(change).with(Companion::Checkout(wanted.clone()))).await.unwrap();
    assert_eq!(subject.follow_ups.due_follow_ups(Agenda::Payments, minute(60), 10).await.unwrap().len(), 1);
    let session = Some(OpenedSession { reference: "r".into(), redirect_url: "https://pay.example/r".into() });
    let settled = CheckoutSession { session, look_at: None, ..wanted };
    subject.follow_ups.keep(&settled).await.unwrap();
    assert_eq!(subject.follow_ups.due_follow_ups(Agenda::Payments, minute(60), 10).await, Ok(vec![]));
    assert_eq!(subject.follow_ups.session(order.id, settled.payment_id).await, Ok(Some(settled)));
}

/// Every decision stays, also of two administrators in the same moment (K6).
pub async fn decisions_of_the_same_moment_are_both_kept(subject: &Subject) {
    let by = |name: &str, blocked| Standing {
        blocked,
        reason: format!("{name} says so"),
        by: Actor { id: name.into(), role: Role::Admin },
        at: start(),
    };
    let ada = user("ada");
    let both = [by("grace", true), by("barbara", true)];
    for standing in &both {
        subject.customers.decide(&ada, standing).await.unwrap();
    }
    let kept = subject.customers.standings(&ada, 10).await.unwrap();
    assert!(kept.len() == 2 && both.iter().all(|standing| kept.contains(standing)), "{kept:?}");
}

/// A circuit closes again, and whoever saw an old one changes nothing.
pub async fn a_circuit_closes_and_an_old_look_at_it_changes_nothing(subject: &Subject) {
    let open = Circuit { failures: 3, open_until: Some(minute(1)), version: 1 };
    let closed = Circuit { failures: 0, open_until: None, version: 2 };
    assert_eq!(subject.circuits.switch("stripe", &open).await, Ok(true));
    assert_eq!(subject.circuits.switch("stripe", &closed).await, Ok(true));
    assert_eq!(subject.circuits.switch("stripe", &Circuit { failures: 9, ..closed }).await, Ok(false));
    assert_eq!(subject.circuits.circuit("stripe").await, Ok(closed));
}
