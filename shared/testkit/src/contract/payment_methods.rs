//! Means of payment that customers let us keep (E6).

use jiff::SignedDuration;
use oms_app::ports::{Commit, CommitError, Companion, Removed, SavedMethod};
use oms_domain::ids::MethodId;
use oms_domain::ordering::{Command, NewNote};
use oms_domain::payments::MethodToken;

use super::Subject;
use crate::builders::{a_product, an_order, changed, user};
use crate::time::start;

fn a_method(token: &str) -> SavedMethod {
    SavedMethod {
        id: MethodId::of_token("fake", token),
        user_id: user("ada"),
        provider: "fake".into(),
        method: MethodToken { token: token.into(), label: "visa \u{2026}4242".into(), expires: Some("2030-01".into()) },
        consented_at: start(),
    }
}

/// It is written in the transaction of the payment: a commit that is refused keeps nothing.
pub async fn a_means_of_payment_is_kept_with_its_payment_or_not_at_all(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let order = subject.create(&an_order(1).of(&mug, 1)).await;
    let keeping = |token: &str, version: u64| {
        let change = changed(&order, Command::AddNote(NewNote::private(token)), order.updated_at);
        let change = oms_domain::ordering::Change { base_version: Some(version), ..change };
        Commit::of(change).with(Companion::SavedMethod(a_method(token)))
    };
    let stale = subject.orders.commit(&keeping("first", order.version + 7)).await;
    assert!(matches!(stale, Err(CommitError::Stale(_))), "{stale:?}");
    assert_eq!(subject.methods.methods(&user("ada"), 10).await, Ok(vec![]));
    assert_eq!(subject.orders.commit(&keeping("first", order.version)).await, Ok(()));
    assert_eq!(subject.methods.methods(&user("ada"), 10).await, Ok(vec![a_method("first")]));
    assert_eq!(subject.methods.methods(&user("bob"), 10).await, Ok(vec![]));
}

/// Removing and remembering to tell the provider are one; only whose it is removes it.
pub async fn a_removed_one_is_gone_at_once_and_waits_to_be_forgotten(subject: &Subject) {
    let mug = a_product(1).build();
    subject.stock(std::slice::from_ref(&mug)).await;
    let mut order = subject.create(&an_order(1).of(&mug, 1)).await;
    for token in ["first", "second"] {
        let change = changed(&order, Command::AddNote(NewNote::private(token)), order.updated_at);
        order = change.order.clone();
        let commit = Commit::of(change).with(Companion::SavedMethod(a_method(token)));
        assert_eq!(subject.orders.commit(&commit).await, Ok(()));
    }
    let (first, now) = (a_method("first"), start());
    let methods = &subject.methods;
    assert_eq!(methods.remove(&user("bob"), first.id, now).await, Ok(false));
    assert_eq!(methods.remove(&user("ada"), first.id, now).await, Ok(true));
    assert_eq!(methods.remove(&user("ada"), first.id, now).await, Ok(false));
    assert_eq!(methods.methods(&user("ada"), 10).await, Ok(vec![a_method("second")]));

    let waits = Removed { method: first, due: now, tries: 0 };
    assert_eq!(methods.removed(now - SignedDuration::from_secs(1), 10).await, Ok(vec![]));
    assert_eq!(methods.removed(now, 10).await, Ok(vec![waits.clone()]));
    let later = Removed { due: now + SignedDuration::from_mins(5), tries: 1, ..waits };
    methods.postpone(&later).await.unwrap();
    assert_eq!(methods.removed(now, 10).await, Ok(vec![]));
    assert_eq!(methods.removed(later.due, 10).await, Ok(vec![later.clone()]));
    methods.forgotten(&later).await.unwrap();
    assert_eq!(methods.removed(later.due, 10).await, Ok(vec![]));
}
