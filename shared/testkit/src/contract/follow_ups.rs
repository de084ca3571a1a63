//! What to come back to: pages, pending refunds, parked news; and circuits.

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{
    Agenda, CheckoutSession, Circuit, Commit, Companion, FollowUp, LabelTask, OpenedSession, Owner, ParcelKey,
    ParcelStep, RefundTask, SettledSession, Unmatched, UnmatchedKey, Webhook,
};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ids::{LabelId, PaymentId, RefundId};
use oms_domain::ordering::{Command, NewNote, Order};
use oms_domain::payments::{PaymentNotification, PaymentOutcome};

use super::Subject;
use crate::builders::{a_product, an_order, changed, order_id};
use crate::time::start;

fn minute(number: i64) -> Timestamp {
    start() + SignedDuration::from_mins(number)
}

/// An order with an attempt at `minute`, committed with the record of its page.
async fn an_attempt(subject: &Subject, number: u64, at: Timestamp) -> (Order, CheckoutSession) {
    let order = subject.create(&an_order(number).of(&a_product(1).build(), 1)).await;
    let change = changed(&order, Command::RequestPayment { provider: "stripe".into(), keep: false, anew: true }, at);
    let order = change.order.clone();
    let record =
        CheckoutSession::of(&order, PaymentId::of_attempt(order.id, 0), Some("https://shop.example/back".into()))
            .unwrap();
    subject.orders.commit(&Commit::of(change).with(Companion::Checkout(record.clone()))).await.unwrap();
    (order, record)
}

/// The attempt and its page are there together; what the provider answered is added, and the order is read as before.
pub async fn a_page_is_recorded_with_its_attempt_and_filled_in_later(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let (order, record) = an_attempt(subject, 1, minute(1)).await;
    let page = async || subject.follow_ups.session(order.id, record.payment_id).await.unwrap();
    assert_eq!(page().await, Some(record.clone()));
    assert_eq!(record.look_at, Some(minute(11)));
    let session = OpenedSession { reference: "cs_1".into(), redirect_url: "https://pay.example/cs_1".into() };
    let opened = CheckoutSession { session: Some(session), ..record.clone() };
    for _ in 0..2 {
        subject.follow_ups.keep(&opened).await.unwrap();
        assert_eq!(page().await, Some(opened.clone()));
    }
    assert_eq!(subject.stored(order.id).await.order, order);
    assert_eq!(subject.follow_ups.session(order_id(2), record.payment_id).await.unwrap(), None);
}

/// The longest waiting first; a page is looked at no more once it is settled, and one that is gone needs nothing.
pub async fn pages_are_due_until_they_are_settled(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let mut tasks = Vec::new();
    for (number, at) in [(1, 3), (2, 1), (3, 2)] {
        let (order, record) = an_attempt(subject, number, minute(at)).await;
        tasks.push(FollowUp::Checkout(order.id, record.payment_id));
    }
    let due = async |now, limit| subject.follow_ups.due_follow_ups(Agenda::Payments, now, limit).await.unwrap();
    assert!(due(minute(10), 10).await.is_empty());
    assert_eq!(due(minute(13), 10).await, [tasks[1].clone(), tasks[2].clone(), tasks[0].clone()]);
    assert_eq!(due(minute(13), 1).await, tasks[1..2]);
    let again = async |place: usize, at| subject.follow_ups.reschedule(&tasks[place], at).await.unwrap();
    again(1, None).await;
    again(2, Some(minute(20))).await;
    assert_eq!(due(minute(19), 10).await, tasks[..1]);
    assert_eq!(due(minute(20), 10).await, [tasks[0].clone(), tasks[2].clone()]);
    let gone = FollowUp::Checkout(order_id(9), PaymentId::of_attempt(order_id(9), 0));
    subject.follow_ups.reschedule(&gone, Some(minute(1))).await.unwrap();
    assert_eq!(due(minute(20), 10).await.len(), 2);
    let FollowUp::Checkout(order, payment) = &tasks[2] else { panic!("a page") };
    let record = subject.follow_ups.session(*order, *payment).await.unwrap().unwrap();
    assert_eq!(record.look_at, Some(minute(20)));
    // Orders with a deadline are another list.
    assert_eq!(subject.orders.due(minute(60), 10).await.unwrap().len(), 3);
}

/// The first of the same news stays; it is due until it is claimed.
pub async fn news_is_parked_once_and_looked_at_until_it_is_claimed(subject: &Subject) {
    let news = |reason: &str| {
        Webhook::Payment(PaymentNotification {
            event_id: "evt_1".into(),
            order_id: order_id(1),
            payment_id: PaymentId::of_attempt(order_id(1), 0),
            outcome: PaymentOutcome::Failed { reason: reason.into() },
        })
    };
    let parked = |reason: &str| Unmatched { provider: "stripe".into(), event: news(reason), since: start() };
    let place = UnmatchedKey::of("stripe", "evt_1");
    assert_eq!(subject.follow_ups.unmatched(&place).await.unwrap(), None);
    subject.follow_ups.keep_unmatched(&parked("first"), minute(1), minute(1000)).await.unwrap();
    subject.follow_ups.keep_unmatched(&parked("second"), minute(5), minute(1000)).await.unwrap();
    assert_eq!(subject.follow_ups.unmatched(&place).await.unwrap(), Some(parked("first")));
    let task = FollowUp::Unmatched(place);
    let due = async |now| subject.follow_ups.due_follow_ups(Agenda::Payments, now, 10).await.unwrap();
    assert!(due(minute(0)).await.is_empty());
    assert_eq!(due(minute(1)).await, std::slice::from_ref(&task));
    subject.follow_ups.reschedule(&task, Some(minute(3))).await.unwrap();
    assert!(due(minute(2)).await.is_empty());
    subject.follow_ups.reschedule(&task, None).await.unwrap();
    assert!(due(minute(900)).await.is_empty());
}

/// Nothing else is stored about it.
pub async fn a_pending_refund_is_due_like_everything_else(subject: &Subject) {
    let task = FollowUp::Refund(order_id(1), RefundId::of_sequence(order_id(1), 0));
    let due = async |now| subject.follow_ups.due_follow_ups(Agenda::Payments, now, 10).await.unwrap();
    subject.follow_ups.reschedule(&task, Some(minute(60))).await.unwrap();
    assert!(due(minute(59)).await.is_empty());
    assert_eq!(due(minute(60)).await, std::slice::from_ref(&task));
    subject.follow_ups.reschedule(&task, None).await.unwrap();
    assert!(due(minute(600)).await.is_empty());
}

/// Its task is in the transaction, and is over in the one that ends it.
pub async fn l3_a_refund_is_due_from_the_change_that_promises_it_until_the_one_that_ends_it(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let order = subject.create(&an_order(1).of(&a_product(1).build(), 1)).await;
    let refund_id = RefundId::of_sequence(order.id, 0);
    let due = async |now| subject.follow_ups.due_follow_ups(Agenda::Payments, now, 10).await.unwrap();
    let beside = async |order: &Order, look_at| {
        let change = changed(order, Command::AddNote(NewNote::private("a refund")), minute(1));
        let after = change.order.clone();
        let task = Companion::Refund(RefundTask { refund_id, look_at });
        subject.orders.commit(&Commit::of(change).with(task)).await.unwrap();
        after
    };
    let order = beside(&order, Some(minute(60))).await;
    assert!(due(minute(59)).await.is_empty());
    let task = FollowUp::Refund(order.id, refund_id);
    assert_eq!(due(minute(60)).await, std::slice::from_ref(&task));
    subject.follow_ups.reschedule(&task, Some(minute(90))).await.unwrap();
    assert!(due(minute(89)).await.is_empty());
    beside(&order, None).await;
    assert!(due(minute(900)).await.is_empty());
}

/// A label's task is in the transaction, stands on the carriers' agenda and on no other, and is over in the one that ends it.
pub async fn g13_a_label_is_due_on_the_carriers_agenda_until_its_order_knows(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let order = subject.create(&an_order(1).of(&a_product(1).build(), 1)).await;
    let (label_id, other) = (LabelId::of_sequence(order.id, 1, 1), LabelId::of_sequence(order.id, 1, 2));
    let due = async |agenda, now| subject.follow_ups.due_follow_ups(agenda, now, 10).await.unwrap();
    let beside = async |order: &Order, tasks: &[LabelTask]| {
        let change = changed(order, Command::AddNote(NewNote::private("a label")), minute(1));
        let after = change.order.clone();
        let tasks = tasks.iter().copied().map(Companion::Label);
        subject.orders.commit(&Commit::of(change).with_all(tasks)).await.unwrap();
        after
    };
    let asked = LabelTask { label_id, look_at: Some(minute(3)) };
    let order = beside(&order, &[asked, LabelTask { label_id: other, look_at: Some(minute(9)) }]).await;
    let (first, second) = (FollowUp::Label(order.id, label_id), FollowUp::Label(order.id, other));
    assert!(due(Agenda::Carriers, minute(2)).await.is_empty());
    assert_eq!(due(Agenda::Carriers, minute(3)).await, std::slice::from_ref(&first));
    assert_eq!(due(Agenda::Carriers, minute(9)).await, [first.clone(), second.clone()]);
    assert!(due(Agenda::Payments, minute(2_000)).await.iter().all(|task| task.agenda() == Agenda::Payments));
    subject.follow_ups.reschedule(&first, Some(minute(20))).await.unwrap();
    assert_eq!(due(Agenda::Carriers, minute(19)).await, std::slice::from_ref(&second));
    let order = beside(&order, &[LabelTask { label_id, look_at: None }]).await;
    assert_eq!(due(Agenda::Carriers, minute(900)).await, std::slice::from_ref(&second));
    subject.follow_ups.reschedule(&second, None).await.unwrap();
    assert!(due(Agenda::Carriers, minute(900)).await.is_empty());
    // Given back later, it is due again.
    beside(&order, &[LabelTask { label_id, look_at: Some(minute(30)) }]).await;
    assert_eq!(due(Agenda::Carriers, minute(30)).await, [first]);
}

/// A parcel that leaves is due by itself, and stays so whatever is noted of it, until somebody says when to look next.
pub async fn g6_a_parcel_is_due_on_an_agenda_of_its_own(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let order = subject.create(&an_order(1).of(&a_product(1).build(), 1)).await;
    let key = ParcelKey { carrier: "ups".into(), number: "1Z999".into() };
    let owner = Owner { shipment: ShipmentId { order_id: order.id, number: 1 }, since: Some(minute(1)) };
    let step = ParcelStep::Taken { key: key.clone(), owner, look_at: Some(minute(60)) };
    let change = changed(&order, Command::AddNote(NewNote::private("left")), minute(1));
    subject.orders.commit(&Commit::of(change).with(Companion::Parcel(step))).await.unwrap();
    let due = async |now| subject.follow_ups.due_follow_ups(Agenda::Parcels, now, 10).await.unwrap();
    let task = FollowUp::Parcel(key.clone());
    assert!(due(minute(59)).await.is_empty());
    assert_eq!(due(minute(60)).await, std::slice::from_ref(&task));
    assert!(subject.follow_ups.due_follow_ups(Agenda::Carriers, minute(900), 10).await.unwrap().is_empty());
    let read = async || subject.parcels.parcels(std::slice::from_ref(&key)).await.unwrap().pop().unwrap();
    assert_eq!(read().await.look_at, Some(minute(60)));
    subject.parcels.note(&read().await).await.unwrap();
    assert_eq!(due(minute(60)).await, std::slice::from_ref(&task));
    subject.follow_ups.reschedule(&task, Some(minute(90))).await.unwrap();
    assert!(due(minute(89)).await.is_empty());
    assert_eq!(read().await.look_at, Some(minute(90)));
    subject.follow_ups.reschedule(&task, None).await.unwrap();
    assert!(due(minute(900)).await.is_empty());
    assert_eq!((read().await.look_at, read().await.version), (None, 2));
    // One that nobody knows needs nothing.
    let gone = FollowUp::Parcel(ParcelKey { carrier: "ups".into(), number: "2Z".into() });
    subject.follow_ups.reschedule(&gone, Some(minute(1))).await.unwrap();
    assert!(due(minute(900)).await.is_empty());
}

/// The payment's own transaction ends the follow-up of its session, and of no other. The record stays as it is, since a
/// repeated request is answered from it; money counts also where no record is.
pub async fn r2_a_session_is_due_until_the_payment_that_settles_it(subject: &Subject) {
    subject.stock(&[a_product(1).build()]).await;
    let due = async || subject.follow_ups.due_follow_ups(Agenda::Payments, minute(900), 10).await.unwrap();
    let settle = async |order: &Order, payment_id| {
        let change = changed(order, Command::AddNote(NewNote::private("paid")), minute(3));
        let order = change.order.clone();
        subject.orders.commit(&Commit::of(change).with(Companion::Settled(SettledSession(payment_id)))).await.unwrap();
        order
    };
    let (order, paid) = an_attempt(subject, 1, minute(1)).await;
    let (_, other) = an_attempt(subject, 2, minute(2)).await;
    let session = OpenedSession { reference: "cs_1".into(), redirect_url: "https://pay.example/cs_1".into() };
    let paid = CheckoutSession { session: Some(session), ..paid };
    subject.follow_ups.keep(&paid).await.unwrap();
    let order = settle(&order, paid.payment_id).await;
    assert_eq!(due().await, [FollowUp::Checkout(other.order_id, other.payment_id)]);
    let settled = CheckoutSession { look_at: None, ..paid.clone() };
    assert_eq!(subject.follow_ups.session(order.id, paid.payment_id).await.unwrap(), Some(settled.clone()));
    let forgotten = PaymentId::of_attempt(order.id, 7);
    let order = settle(&order, forgotten).await;
    assert_eq!(subject.follow_ups.session(order.id, forgotten).await.unwrap(), None);
    assert_eq!(subject.stored(order.id).await.order, order, "what is not there stands between no order and its person");
    assert_eq!(due().await.len(), 1);
}

/// Of two who write on what they saw, one wins; providers have circuits of their own.
pub async fn a_circuit_is_switched_by_whoever_saw_it_last(subject: &Subject) {
    let circuit = async |provider| subject.circuits.circuit(provider).await.unwrap();
    assert_eq!(circuit("stripe").await, Circuit::default());
    let failing = Circuit { failures: 1, open_until: None, version: 1 };
    assert!(subject.circuits.switch("stripe", &failing).await.unwrap());
    assert!(!subject.circuits.switch("stripe", &Circuit { failures: 7, ..failing }).await.unwrap());
    let open = Circuit { failures: 2, open_until: Some(minute(1)), version: 2 };
    assert!(subject.circuits.switch("stripe", &open).await.unwrap());
    assert_eq!((circuit("stripe").await, circuit("paypal").await), (open, Circuit::default()));
}
