//! How far orders were published.

use std::collections::HashMap;

use jiff::SignedDuration;
use oms_app::ports::{Agenda, Commit, Marker};
use oms_domain::ordering::{Command, NewNote};

use super::Subject;
use crate::builders::{a_product, an_order, changed, order_id};
use crate::time::start;

/// The last marker of an order holds, and an order is read as before.
pub async fn a_marker_is_read_as_it_was_written_last(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let order = subject.create(&an_order(1).of(&a_product(1).build(), 1)).await;
    let change = changed(&order, Command::AddNote(NewNote::private("soon")), start());
    subject.orders.commit(&Commit::of(change)).await.unwrap();
    let published = async |numbers: &[u64]| {
        let ids: Vec<_> = numbers.iter().map(|number| order_id(*number)).collect();
        subject.outbox.published(&ids).await.unwrap()
    };
    assert_eq!(published(&[1, 2]).await, HashMap::new());
    // More than one read and several writes take.
    let markers: Vec<Marker> =
        (1..=130).map(|number| Marker { order_id: order_id(number), published: number, look_at: None }).collect();
    subject.outbox.mark(&markers).await.unwrap();
    assert_eq!(published(&[1, 2, 200]).await, HashMap::from([(order_id(1), 1), (order_id(2), 2)]));
    assert_eq!(published(&(1..=130).collect::<Vec<_>>()).await.len(), 130);
    subject.outbox.mark(&[Marker { order_id: order_id(1), published: 3, look_at: None }]).await.unwrap();
    assert_eq!(published(&[1]).await, HashMap::from([(order_id(1), 3)]));
    let stored = subject.outbox.stored(order_id(1)).await.unwrap();
    assert_eq!(stored, subject.orders.events(order_id(1)).await.unwrap());
    assert_eq!(stored.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(subject.stored(order_id(1)).await.order.version, 3);
}

/// The longest waiting first, until a marker without a time is written; other lists do not see them.
pub async fn orders_wait_for_being_published_until_they_are(subject: &Subject) {
    let at = |minute| start() + SignedDuration::from_mins(minute);
    let marker =
        |number, minute: Option<i64>| Marker { order_id: order_id(number), published: 1, look_at: minute.map(at) };
    let waiting = async |minute, limit| subject.outbox.unpublished(at(minute), limit).await.unwrap();
    subject.outbox.mark(&[marker(1, Some(3)), marker(2, Some(1)), marker(3, None)]).await.unwrap();
    assert_eq!(waiting(0, 10).await, []);
    assert_eq!(waiting(3, 10).await, [order_id(2), order_id(1)]);
    assert_eq!(waiting(3, 1).await, [order_id(2)]);
    subject.outbox.mark(&[marker(2, None), marker(1, Some(9))]).await.unwrap();
    assert_eq!(waiting(8, 10).await, []);
    assert_eq!(waiting(9, 10).await, [order_id(1)]);
    assert_eq!(subject.orders.due(at(60), 10).await.unwrap(), []);
    assert_eq!(subject.follow_ups.due_follow_ups(Agenda::Payments, at(60), 10).await.unwrap(), []);
}
