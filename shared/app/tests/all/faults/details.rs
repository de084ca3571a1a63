//! What customers say of an order beside where it goes.

use oms_app::Error;
use oms_app::ordering::details::{Defaults, canonical_locale};
use oms_domain::ordering::address::{Details, MAX_NOTE_CHARACTERS};

use crate::shop::{Asked as _, Shop, a_cart};

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
