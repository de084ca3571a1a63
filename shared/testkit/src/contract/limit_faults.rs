//! What one customer may do, counted in the transactions of orders and beside them.

use jiff::SignedDuration;
use oms_app::ports::{AccountStep, Act, Allowance, Commit, CommitError, Companion, Counted, Limited, OpenOrder};
use oms_domain::ordering::{CancelReason, Command};

use crate::builders::{a_product, an_order, changed, user};
use crate::contract::Subject;
use crate::contract::customers::{account, decision};
use crate::time::start;

/// At most so many orders wait for their payment, each counted once and given back once (A1).
pub async fn a1_open_orders_are_counted_by_id_and_given_back(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let step = |open| AccountStep { in_good_standing: false, open: Some(open), ..account("ada") };
    let of = |number, open| an_order(number).of(&mug, 1).commit().with(Companion::Account(step(open)));
    let begins = OpenOrder::Begins { most: 2 };
    let (first, second) = (of(1, begins), of(2, begins));
    assert_eq!(subject.orders.commit(&first).await, Ok(()));
    assert_eq!(subject.orders.commit(&first).await, Ok(()), "a repeat is the same order");
    assert_eq!(subject.orders.commit(&second).await, Ok(()));
    let mut open = vec![first.change.order.id, second.change.order.id];
    open.sort();
    let refused = subject.orders.commit(&of(3, begins)).await;
    let Err(CommitError::Limited(Limited::OpenOrders(mut told))) = refused else { panic!("{refused:?}") };
    told.sort();
    assert_eq!(told, open);
    assert_eq!(subject.product(&mug).await.stock.reserved, 2);
    let cancelled = Commit::of(changed(
        &first.change.order,
        Command::Cancel { reason: CancelReason::CustomerRequest, note: None },
        start(),
    ));
    let ended = cancelled.with(Companion::Account(step(OpenOrder::Ends)));
    assert_eq!(subject.orders.commit(&ended).await, Ok(()));
    assert_eq!(subject.allowances.open_orders(&user("ada")).await, Ok(vec![second.change.order.id]));
    assert_eq!(subject.orders.commit(&of(3, begins)).await, Ok(()));
    // Giving back what was never counted takes no place from anybody.
    assert_eq!(subject.orders.commit(&of(4, OpenOrder::Ends)).await, Ok(()));
    assert_eq!(subject.allowances.open_orders(&user("ada")).await.unwrap().len(), 2);
}

/// A decision about a customer leaves what is counted of them alone, and the other way round.
pub async fn a1_a_blocked_customer_keeps_their_open_orders(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let customer = user("ada");
    let begins = AccountStep { open: Some(OpenOrder::Begins { most: 3 }), ..account("ada") };
    let of = |number| an_order(number).of(&mug, 1).commit().with(Companion::Account(begins.clone()));
    assert_eq!(subject.orders.commit(&of(1)).await, Ok(()));
    subject.customers.decide(&customer, &decision(true, 1)).await.unwrap();
    assert_eq!(subject.orders.commit(&of(2)).await, Err(CommitError::NotInGoodStanding));
    assert_eq!(subject.allowances.open_orders(&customer).await.unwrap().len(), 1);
    let twice = Allowance { act: Act::Order, most: 2, span_seconds: 60 };
    assert_eq!(subject.allowances.count(&Counted::Customer(customer.clone()), twice, start()).await, Ok(None));
    assert_eq!(subject.orders.commit(&of(2)).await, Err(CommitError::NotInGoodStanding));
}

/// Acts in the transactions of orders and acts beside them share an allowance (A5), exact over any span of time.
pub async fn a5_an_allowance_is_shared_by_what_is_done_and_what_is_refused(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let thrice = Allowance { act: Act::Order, most: 3, span_seconds: 60 };
    let at = |seconds| start() + SignedDuration::from_secs(seconds);
    let ada = Counted::Customer(user("ada"));
    let of = |number, seconds| {
        let step = AccountStep { counts: Some(thrice), ..account("ada") };
        an_order(number).at(at(seconds)).of(&mug, 1).commit().with(Companion::Account(step))
    };
    assert_eq!(subject.allowances.exhausted(&ada, thrice, at(0)).await, Ok(None));
    assert_eq!(subject.orders.commit(&of(1, 0)).await, Ok(()));
    assert_eq!(subject.allowances.count(&ada, thrice, at(10)).await, Ok(None));
    assert_eq!(subject.orders.commit(&of(2, 20)).await, Ok(()));
    let full = Err(CommitError::Limited(Limited::Exhausted(Act::Order, at(60))));
    assert_eq!(subject.orders.commit(&of(3, 30)).await, full);
    assert_eq!(subject.allowances.count(&ada, thrice, at(59)).await, Ok(Some(at(60))));
    assert_eq!(subject.allowances.exhausted(&ada, thrice, at(59)).await, Ok(Some(at(60))));
    assert_eq!(subject.product(&mug).await.stock.reserved, 2);
    // What was refused at the limit was not counted: there is room as soon as the first act is a minute old.
    assert_eq!(subject.orders.commit(&of(3, 60)).await, Ok(()));
    assert_eq!(
        subject.orders.commit(&of(4, 69)).await,
        Err(CommitError::Limited(Limited::Exhausted(Act::Order, at(70))))
    );
    let bob = Counted::Customer(user("bob"));
    assert_eq!(subject.allowances.count(&bob, thrice, at(69)).await, Ok(None));
}

/// Where an allowance is only asked for, nothing is counted (A6).
pub async fn a6_an_exhausted_allowance_keeps_an_order_from_being_written(subject: &Subject) {
    let mug = a_product(1).stocked(100).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let twice = Allowance { act: Act::UnknownCode, most: 2, span_seconds: 3_600 };
    let paced = Allowance { act: Act::Order, most: 2, span_seconds: 60 };
    let of = |number| {
        let step = AccountStep { needs: Some(twice), counts: Some(paced), ..account("ada") };
        an_order(number).of(&mug, 1).commit().with(Companion::Account(step))
    };
    let ada = Counted::Customer(user("ada"));
    assert_eq!(subject.orders.commit(&of(1)).await, Ok(()));
    assert_eq!(subject.allowances.count(&ada, twice, start()).await, Ok(None));
    assert_eq!(subject.orders.commit(&of(2)).await, Ok(()));
    assert_eq!(subject.allowances.count(&ada, twice, start()).await, Ok(None));
    let until = start() + SignedDuration::from_hours(1);
    assert_eq!(
        subject.orders.commit(&of(3)).await,
        Err(CommitError::Limited(Limited::Exhausted(Act::UnknownCode, until)))
    );
    // A recipient of messages is counted apart from every customer.
    let recipient = Counted::Recipient("9f86d081".into());
    let once = Allowance { act: Act::Message, most: 1, span_seconds: 86_400 };
    assert_eq!(subject.allowances.count(&recipient, once, start()).await, Ok(None));
    assert_eq!(
        subject.allowances.exhausted(&recipient, once, start()).await,
        Ok(Some(start() + SignedDuration::from_hours(24)))
    );
}
