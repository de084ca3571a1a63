//! What a commit writes, and why it writes nothing.

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::execute::{CommandContext, execute};
use oms_app::ports::{CartPolicy, CommandEntry, CommandKey, Commit, CommitError, Companion, StoreError, Written};
use oms_domain::actor::Actor;
use oms_domain::chain;
use oms_domain::ordering::address::{Address, Person};
use oms_domain::ordering::{
    Amendment, CancelReason, ChangeWords, Command, NewNote, NoteVisibility, Order, Reached, Status, Terms,
};

use super::Subject;
use crate::builders::{a_person, a_product, a_record, an_order, changed, order_id, seller, user};
use crate::fault::Fault;
use crate::time::{ManualClock, start};

fn note(text: &str) -> Command {
    Command::AddNote(NewNote::private(text))
}

fn cancel() -> Command {
    Command::Cancel { reason: CancelReason::CustomerRequest, note: None }
}

/// Order, person and fingerprint come back as they were.
pub async fn an_order_is_read_as_it_was_written(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let written = subject.create(&an_order(1).of(&mug, 2).requested_as("fingerprint")).await;
    let stored = subject.stored(written.id).await;
    assert_eq!(subject.orders.state(written.id).await, Ok(Some(written.clone())));
    assert_eq!(stored.order, written);
    assert_eq!(stored.person, Some(a_person()));
    assert_eq!(stored.request.as_deref(), Some("fingerprint"));
    assert_eq!(subject.orders.load(order_id(2)).await, Ok(None));
    assert_eq!(subject.orders.state(order_id(2)).await, Ok(None));
    assert_eq!(subject.orders.events(order_id(2)).await, Ok(Vec::new()));
}

/// What people write later is read with the person, in the order of the events, and again by whoever changes the order.
pub async fn what_is_written_later_is_read_with_the_person(subject: &Subject) {
    let first = subject.create(&an_order(1).draft()).await;
    let mut order = first;
    let mut words = std::collections::BTreeMap::new();
    for text in ["first", "second"] {
        let change = changed(&order, note(""), start());
        let written = Written { version: order.version + 1, text: text.to_owned() };
        words.insert(written.version, text.to_owned());
        order = change.order.clone();
        subject.orders.commit(&Commit::of(change).with(Companion::Written(written))).await.unwrap();
    }
    let stored = subject.stored(order.id).await;
    assert_eq!(stored.order, order);
    assert_eq!(stored.person.unwrap().words, words);
}

/// K3: a note with its words, tags and who looks after the order are read as they were written, and by no other reading.
pub async fn what_people_note_is_read_with_its_words(subject: &Subject) {
    let first = subject.create(&an_order(1).draft()).await;
    let commands = [
        Command::AddNote(NewNote {
            text: String::new(),
            visibility: NoteVisibility::Customer,
            seller_id: Some(seller()),
        }),
        Command::SetTags { tags: vec!["wholesale".into(), "fragile".into()], already_at: None },
        Command::Assign { to: Some(user("grace")) },
    ];
    let mut order = first;
    for (command, text) in commands.into_iter().zip([Some("one mug is chipped"), Some("wholesale\nfragile"), None]) {
        let change = changed(&order, command, start());
        let version = order.version + 1;
        order = change.order.clone();
        let written = text.map(|text| Companion::Written(Written { version, text: text.to_owned() }));
        subject.orders.commit(&Commit::of(change).with_all(written)).await.unwrap();
    }
    let stored = subject.stored(order.id).await;
    assert_eq!(stored.order, order);
    assert_eq!(stored.order.notes[0].seller_id, Some(seller()));
    let words: Vec<_> = stored.person.unwrap().words.into_values().collect();
    assert_eq!(words, ["one mug is chipped", "wholesale\nfragile"]);
    assert_eq!(subject.orders.state(order.id).await, Ok(Some(order)));
}

/// C2: contact and addresses that a change brought are the person's from then on, whoever reads; their words stay where they were.
pub async fn a_person_that_a_change_renewed_is_read_as_they_are_now(subject: &Subject) {
    let first = subject.create(&an_order(1).draft()).await;
    let Person { contact, shipping_address, billing_address, .. } = a_person();
    let moved = Address { street_address: "Invalidenstraße 43".into(), ..(*shipping_address).clone() };
    let reached = Reached { contact, shipping_address: moved.checked().unwrap(), billing_address };
    let words = ChangeWords { person: Some(reached.clone()), reason: Some("moved".into()), ..ChangeWords::default() };
    let amendment = Amendment {
        terms: Terms::of(&first),
        wishes: None,
        destination: None,
        readdressed: true,
        written: Some(words),
        by_staff: true,
    };
    let command = Command::Amend { amendment: Box::new(amendment), base: first.version };
    let (orders, clock) = (subject.orders.as_ref(), ManualClock::default());
    let context = CommandContext::of(Actor::system("contract"), "contract");
    let done = execute(orders, &clock, first, &command, &context, |_| String::new()).await.unwrap();
    let order = subject.apply(&done.into_order(), note("later")).await;
    let stored = subject.stored(order.id).await;
    assert_eq!(stored.order, order);
    let person = stored.person.unwrap();
    assert_eq!(
        (&person.shipping_address, &person.billing_address),
        (&reached.shipping_address, &reached.billing_address)
    );
    assert_eq!(person.contact, reached.contact);
    assert_eq!(person.words.len(), 1);
    let sealed = subject.orders.events(order.id).await.unwrap();
    assert!(sealed.iter().all(|event| !event.body.contains("Invalidenstraße") && !event.body.contains("moved")));
}

/// A19: one key, one order. The second create, a minute later, is answered with the first, as it is now.
pub async fn the_same_create_again_finds_the_first(subject: &Subject) {
    let first = subject.create(&an_order(1).draft().requested_as("one")).await;
    let moved_on = subject.apply(&first, note("hello")).await;
    let again = an_order(1).draft().at(start() + SignedDuration::from_mins(1)).requested_as("two");
    let found = subject.orders.commit(&again.commit()).await;
    assert_eq!(found, Err(CommitError::Exists { order: Box::new(moved_on), request: Some("one".into()) }));
}

/// O10: what was written is acknowledged, even when the first acknowledgements are lost.
pub async fn a_lost_acknowledgement_is_recognised(subject: &Subject) {
    for lost in [1, 3] {
        let create = an_order(lost).draft().commit();
        subject.faults.inject(Fault::LostAcknowledgement, usize::try_from(lost).unwrap());
        assert_eq!(subject.settle(&create).await, Ok(()));
        let change = Commit::of(changed(&create.change.order, note("once"), start()));
        subject.faults.inject(Fault::LostAcknowledgement, usize::try_from(lost).unwrap());
        assert_eq!(subject.settle(&change).await, Ok(()));
        assert_eq!(subject.stored(order_id(lost)).await.order, change.change.order);
        assert_eq!(subject.orders.events(order_id(lost)).await.unwrap().len(), 2);
    }
}

/// Another writer comes between our write and our second attempt: our events are in the stream all the same.
pub async fn a_lost_acknowledgement_is_recognised_when_others_have_moved_on(subject: &Subject) {
    let create = an_order(1).draft().remembering("key", a_record("create", "", start())).commit();
    let writer = Arc::clone(&subject.orders);
    let note_after = |order: &Order, text: &str| Commit::of(changed(order, note(text), start()));
    let theirs = note_after(&create.change.order, "theirs");
    let moved_on = theirs.change.order.clone();
    subject.faults.lose_acknowledgement_then(Box::pin(async move { writer.commit(&theirs).await.unwrap() }));
    assert_eq!(subject.orders.commit(&create).await, Ok(()));
    assert_eq!(subject.stored(order_id(1)).await.order, moved_on);

    let ours = note_after(&moved_on, "ours");
    let theirs = note_after(&ours.change.order, "theirs again");
    let writer = Arc::clone(&subject.orders);
    subject.faults.lose_acknowledgement_then(Box::pin(async move { writer.commit(&theirs).await.unwrap() }));
    assert_eq!(subject.orders.commit(&ours).await, Ok(()));
    assert_eq!(subject.orders.events(order_id(1)).await.unwrap().len(), 4);
}

/// Not knowing what came of an attempt is no reason to call a refusal a success.
pub async fn an_attempt_of_unknown_outcome_does_not_hide_a_refusal(subject: &Subject) {
    let order = subject.create(&an_order(1).draft()).await;
    let current = subject.apply(&order, note("theirs")).await;
    let late = Commit::of(changed(&order, note("ours"), start()));
    subject.faults.lose_acknowledgement_then(Box::pin(async {}));
    assert_eq!(subject.orders.commit(&late).await, Err(CommitError::Stale(Box::new(current))));
}

/// Optimistic concurrency: the loser learns the state to decide again on.
pub async fn a_change_of_an_old_version_finds_the_new_one(subject: &Subject) {
    let order = subject.create(&an_order(1).draft()).await;
    let current = subject.apply(&order, note("first")).await;
    let late = subject.orders.commit(&Commit::of(changed(&order, cancel(), start()))).await;
    assert_eq!(late, Err(CommitError::Stale(Box::new(current.clone()))));
    assert_eq!(subject.stored(order.id).await.order, current);
}

/// A change needs an order.
pub async fn a_change_of_nothing_is_missing(subject: &Subject) {
    let change = changed(&an_order(1).draft().order(), cancel(), start());
    assert_eq!(subject.orders.commit(&Commit::of(change)).await, Err(CommitError::Missing));
    assert_eq!(subject.orders.load(order_id(1)).await, Ok(None));
}

/// A19 for commands: the same key again gets the same outcome, until the key expires.
pub async fn a_command_is_remembered_until_it_expires(subject: &Subject) {
    let order = subject.create(&an_order(1).draft()).await;
    let key = CommandKey("pay-1".into());
    let with_key = |order: &Order, text: &str, at| {
        let entry = CommandEntry { key: key.clone(), record: a_record(text, "outcome", at) };
        Commit::of(changed(order, note(text), at)).with(Companion::Command(entry))
    };
    let first = with_key(&order, "first", start());
    subject.orders.commit(&first).await.unwrap();
    let record = a_record("first", "outcome", start());
    assert_eq!(subject.orders.command(order.id, &key).await, Ok(Some(record.clone())));
    assert_eq!(subject.orders.command(order.id, &CommandKey("pay-2".into())).await, Ok(None));

    let current = first.change.order;
    let just_before = record.expires_at - SignedDuration::from_secs(1);
    let again = subject.orders.commit(&with_key(&current, "again", just_before)).await;
    assert_eq!(again, Err(CommitError::CommandSeen(record.clone())));
    assert_eq!(subject.orders.commit(&with_key(&current, "later", record.expires_at)).await, Ok(()));
}

/// A20: the same cart twice is an accident, unless the customer insists, the claim is over, or it is known to be.
pub async fn a_cart_is_claimed_until_it_is_free(subject: &Subject) {
    let exclusive = CartPolicy::Exclusive { over: None };
    let claim = |number, policy, minutes| {
        let at = start() + SignedDuration::from_mins(minutes);
        an_order(number).draft().at(at).claiming("cart", policy).commit()
    };
    let commit = async |commit: Commit| subject.orders.commit(&commit).await;
    assert_eq!(commit(claim(1, exclusive, 0)).await, Ok(()));
    assert_eq!(commit(claim(2, exclusive, 1)).await, Err(CommitError::CartTaken(order_id(1))));
    assert_eq!(subject.orders.load(order_id(2)).await, Ok(None));
    let of_another = an_order(3).by("bob").draft().claiming("cart", exclusive).commit();
    assert_eq!(commit(of_another).await, Ok(()));
    let over_another = CartPolicy::Exclusive { over: Some(order_id(9)) };
    assert_eq!(commit(claim(4, over_another, 1)).await, Err(CommitError::CartTaken(order_id(1))));
    let over_the_first = CartPolicy::Exclusive { over: Some(order_id(1)) };
    assert_eq!(commit(claim(5, over_the_first, 1)).await, Ok(()));
    assert_eq!(commit(claim(6, CartPolicy::Replace, 2)).await, Ok(()));
    let holder = async |minutes| {
        let then = start() + SignedDuration::from_mins(minutes);
        subject.orders.cart_claim(&user("ada"), "cart", then).await.unwrap()
    };
    assert_eq!((holder(31).await, holder(32).await), (Some(order_id(6)), None));
    assert_eq!(subject.orders.cart_claim(&user("ada"), "another", start()).await, Ok(None));
    assert_eq!(commit(claim(7, exclusive, 31)).await, Err(CommitError::CartTaken(order_id(6))));
    assert_eq!(commit(claim(8, exclusive, 32)).await, Ok(()));
}

/// Where several conditions fail, the answer is the one that the caller can use.
pub async fn the_first_of_several_reasons_is_told(subject: &Subject) {
    let mug = a_product(1).stocked(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let exclusive = CartPolicy::Exclusive { over: None };
    let build = |number| an_order(number).of(&mug, 1).claiming("cart", exclusive);
    let first = subject.create(&build(1)).await;
    // Stock is gone and the cart taken: the cart explains it.
    assert_eq!(subject.orders.commit(&build(2).commit()).await, Err(CommitError::CartTaken(first.id)));
    // The same create again: the order explains it all.
    let again = build(1).at(start() + SignedDuration::from_mins(1)).commit();
    assert!(matches!(subject.orders.commit(&again).await, Err(CommitError::Exists { .. })));
    // A repeated command meets a new version because of itself: the command explains it.
    let record = a_record("note", "", start());
    let entry = CommandEntry { key: CommandKey("key".into()), record: record.clone() };
    let with_key =
        |text: &str| Commit::of(changed(&first, note(text), start())).with(Companion::Command(entry.clone()));
    subject.orders.commit(&with_key("one")).await.unwrap();
    assert_eq!(subject.orders.commit(&with_key("two")).await, Err(CommitError::CommandSeen(record.clone())));
}

/// Invariants 2 and 17: gapless, chained, and a replay gives the stored state.
pub async fn events_are_a_whole_chain_and_replay_to_the_state(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let mut order = subject.create(&an_order(1).of(&mug, 3)).await;
    for number in 0..9 {
        order = subject.apply(&order, note(&format!("note {number}"))).await;
    }
    order = subject.apply(&order, cancel()).await;
    let events = subject.orders.events(order.id).await.unwrap();
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    let records = chain::open(&events, &order.head).unwrap();
    let replayed = Order::replay(order.id, &records, |record| chain::seal(record).unwrap().1).unwrap();
    assert_eq!(replayed, subject.stored(order.id).await.order);
    assert_eq!(replayed.status, Status::Cancelled);
}

/// Conflicts with others are nobody's fault and pass; without end they are told as what they are.
pub async fn conflicts_and_throttles_are_repeated_within_a_bound(subject: &Subject) {
    subject.faults.inject(Fault::Conflict, 7);
    assert_eq!(subject.orders.commit(&an_order(1).draft().commit()).await, Ok(()));
    subject.faults.inject(Fault::Throttle, 3);
    assert_eq!(subject.orders.commit(&an_order(2).draft().commit()).await, Ok(()));
    subject.faults.inject(Fault::Conflict, 8);
    assert_eq!(subject.orders.commit(&an_order(3).draft().commit()).await, Err(CommitError::Contended));
    assert_eq!(subject.orders.load(order_id(3)).await, Ok(None));
    subject.faults.inject(Fault::Unavailable, 3);
    let down = subject.orders.commit(&an_order(4).draft().commit()).await;
    assert!(matches!(down, Err(CommitError::Store(StoreError::Unavailable(_)))), "{down:?}");
}

/// A change does not touch what only the creation writes.
pub async fn what_belongs_to_the_creation_outlives_changes(subject: &Subject) {
    let order = subject.create(&an_order(1).draft().requested_as("fingerprint")).await;
    subject.apply(&order, note("hello")).await;
    let stored = subject.stored(order.id).await;
    assert_eq!(stored.request.as_deref(), Some("fingerprint"));
    assert_eq!(stored.person, Some(a_person()));
}
