//! What customers say of an order beside where it goes.

use std::sync::Arc;

use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::ordering::details::{Defaults, canonical_locale};
use oms_app::ordering::review_order::{Decision, ReviewOrder};
use oms_app::ordering::screen_order::ScreenOrder;
use oms_app::payments::refund_order::{self, RefundOrder};
use oms_app::ports::Orders as _;
use oms_domain::ids::OrderId;
use oms_domain::ordering::address::{Details, MAX_NOTE_CHARACTERS, Person};
use oms_domain::ordering::{Status, Words};
use oms_domain::payments::Unshipped;
use oms_testkit::builders::admin;

use crate::shop::{Ask, Asked as _, Shop, a_cart, a_screening, to_status};

fn pointers(error: &Error) -> Vec<&str> {
    let Error::Invalid(fields) = error else { panic!("names no fields: {error:?}") };
    fields.iter().map(|field| field.pointer.as_str()).collect()
}

#[tokio::test]
async fn i19_what_a_customer_writes_is_in_the_person_record_and_in_no_event() {
    let shop = Shop::open();
    let given = Details {
        locale: Some("de-ch".into()),
        time_zone: Some("europe/berlin".into()),
        customer_note: Some(" please ring twice \n at the back ".into()),
        gift_note: Some("happy birthday".into()),
        external_reference: Some("PO-4711".into()),
        tags: vec!["wholesale".into(), "wholesale".into(), "spring".into()],
    };
    let mut request = a_cart([(1, 1)]);
    request.part.details = given;
    let created = shop.create(request).await.unwrap();
    let stored = created.person.unwrap().details;
    assert_eq!(stored.locale.as_deref(), Some("de-CH"));
    assert_eq!(stored.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(stored.customer_note.as_deref(), Some("please ring twice \n at the back"));
    assert_eq!(stored.tags, ["wholesale", "spring"]);
    let order = serde_json::to_string(&shop.store.order_now(created.order.id)).unwrap();
    let journal = format!("{:?}", shop.store.journal_from(0));
    for secret in ["ring twice", "birthday", "PO-4711", "wholesale"] {
        assert!(!order.contains(secret) && !journal.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn who_says_nothing_gets_what_the_shop_assumes() {
    let mut shop = Shop::open();
    let person = shop.create(a_cart([(1, 1)])).await.unwrap().person.unwrap();
    assert_eq!((person.details.locale.as_deref(), person.details.time_zone.as_deref()), (Some("en"), Some("UTC")));
    shop.create = shop.create.with_defaults(Defaults::new("pt-br", "America/Sao_Paulo").unwrap());
    let person = shop.create.ask(a_cart([(1, 2)])).await.unwrap().person.unwrap();
    let details = person.details;
    assert_eq!((details.locale.as_deref(), details.time_zone.as_deref()), (Some("pt-BR"), Some("America/Sao_Paulo")));
    assert!(Defaults::new("x", "UTC").is_none() && Defaults::new("en", "Mars/Olympus").is_none());
}

#[tokio::test]
async fn everything_that_is_wrong_with_the_details_is_told_at_once() {
    let shop = Shop::open();
    let mut request = a_cart([(1, 1)]);
    request.part.details = Details {
        locale: Some("german!".into()),
        time_zone: Some("Europe/Atlantis".into()),
        customer_note: Some("x".repeat(MAX_NOTE_CHARACTERS + 1)),
        gift_note: Some("a\u{202e}b".into()),
        external_reference: Some("two words".into()),
        tags: vec!["ok".into(), "\u{200b}".into()],
    };
    let error = shop.create(request).await.unwrap_err();
    let expected = ["/locale", "/time_zone", "/customer_note", "/gift_note", "/external_reference", "/tags/1"];
    assert_eq!(pointers(&error), expected);
    assert_eq!(shop.store.commits(), 0);
}

#[test]
fn language_tags_have_one_spelling() {
    for (given, canonical) in [("DE", "de"), ("de-ch", "de-CH"), ("zh-hant-tw", "zh-Hant-TW"), ("sr-latn", "sr-Latn")] {
        assert_eq!(canonical_locale(given).as_deref(), Some(canonical));
    }
    for bad in ["", "d", "de_", "*", "de-DE-x", "und", "deutsch land", &"a".repeat(36)] {
        assert_eq!(canonical_locale(bad), None, "{bad}");
    }
}

/// What the timeline and the refunds of an order say to whoever may read its person record.
fn said(shop: &Shop, id: OrderId, person: Option<&Person>) -> Vec<String> {
    let order = shop.store.order_now(id);
    let refunds = order.ledger.refunds.iter().filter_map(|refund| refund.part.as_ref().map(|part| &part.note));
    let notes = order.timeline.iter().filter_map(|entry| entry.note.as_ref()).chain(refunds);
    notes.filter_map(|note| note.read(person).map(ToOwned::to_owned)).collect()
}

#[tokio::test]
async fn i19_what_is_written_with_a_command_is_beside_the_person_and_in_no_event() {
    let shop = Shop::open();
    let path = || WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let by_staff =
        |id, status: Status, words: &str| to_status(admin(), id, status).with(|to| to.note = Some(words.to_owned()));
    let moved = shop.a_paid_order(2).await.id;
    shop.update.ask(by_staff(moved, Status::Processing, "secret one of Ada")).await.unwrap();
    let refund = refund_order::Request {
        lines: Vec::new(),
        unshipped: Unshipped::default(),
        shipping: None,
        goodwill: Some("1.00".into()),
        reason: "secret two of Ada".into(),
    };
    let refunds = RefundOrder::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let refund = Ask::of(moved, refund).from(admin()).under("key", "body");
    for _ in 0..2 {
        let given = refunds.ask(refund.clone()).await.unwrap();
        let note = given.refund.part.unwrap().note;
        assert_eq!(note.read(given.person.as_ref()), Some("secret two of Ada"), "also when it is repeated");
    }
    shop.update.ask(by_staff(moved, Status::Shipped, "secret three of Ada")).await.unwrap();
    let shown = shop.update.ask(by_staff(moved, Status::Delivered, "secret four of Ada")).await.unwrap();
    let secrets = ["one", "three", "four", "two"].map(|number| format!("secret {number} of Ada"));
    assert_eq!(said(&shop, moved, shown.person.as_ref()), secrets, "the answer shows all of them");

    let cancelled = shop.a_paid_order(1).await.id;
    let shown = shop.cancel.ask(Ask::of(cancelled, Some("secret five of Ada".to_owned()))).await.unwrap();
    assert_eq!(said(&shop, cancelled, shown.person.as_ref()), ["secret five of Ada"]);
    assert_eq!(shown.order.timeline.last().unwrap().note, Some(Words::Beside(shown.order.version - 1)));

    // What the fraud check holds is approved with a word that nobody is shown, and rejected with one.
    for (decision, note) in [(Decision::Approve, "secret six of Ada"), (Decision::Reject, "secret seven of Ada")] {
        let order = shop.a_paid_order(3).await;
        let screen = ScreenOrder(a_screening(&shop.store, &shop.clock, "1.00 EUR"));
        screen.run(&shop.event(order.id, "order.submitted").await).await.unwrap();
        let intent = Ask::of(order.id, ()).from(admin()).intent;
        ReviewOrder(path()).run(order.id, &intent, decision, Some(note.to_owned())).await.unwrap();
    }

    let states: String =
        [moved, cancelled].map(|id| serde_json::to_string(&shop.store.order_now(id)).unwrap()).concat();
    let journal = format!("{:?}", shop.store.journal_from(0));
    assert!(!states.contains("secret") && !journal.contains("secret"), "{journal}");
    for id in [moved, cancelled] {
        let person = shop.store.load(id).await.unwrap().unwrap().person;
        assert!(!said(&shop, id, person.as_ref()).is_empty());
        assert!(!format!("{person:?}").contains("secret"));
        shop.store.erase_person(id);
        let person = shop.store.load(id).await.unwrap().unwrap().person;
        assert_eq!(said(&shop, id, person.as_ref()), Vec::<String>::new(), "it goes with the person");
    }
}
