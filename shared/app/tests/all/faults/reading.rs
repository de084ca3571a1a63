//! What customers and sellers write, as it is stored and sent.

use oms_app::Error;
use oms_domain::ordering::address::Address;
use oms_testkit::builders::a_person;

use crate::shop::{Shop, a_cart};

fn pointers(error: &Error) -> Vec<&str> {
    let (Error::Invalid(fields) | Error::Address(fields)) = error else { panic!("names no fields: {error:?}") };
    fields.iter().map(|field| field.pointer.as_str()).collect()
}

#[tokio::test]
async fn i1_no_message_goes_to_anybody_but_the_customer() {
    let shop = Shop::open();
    for email in ["Ada\r\nBcc: victim@evil.example\r\n <ada@example.com>", "ada@example.com,eve@evil.example"] {
        let mut request = a_cart([(1, 1)]);
        request.part.contact.email = email.into();
        assert_eq!(pointers(&shop.create(request).await.unwrap_err()), ["/contact/email"], "{email:?}");
    }
    assert_eq!(shop.store.commits(), 0);
}

#[tokio::test]
async fn i13_what_is_stored_is_what_mail_and_phone_networks_take() {
    let shop = Shop::open();
    let mut request = a_cart([(1, 1)]);
    request.part.contact.email = "ada@b\u{fc}cher.example".into();
    request.part.contact.phone = Some("+49 (0)170 1234567".into());
    let person = shop.create(request).await.unwrap().person.unwrap();
    assert_eq!(person.contact.email, "ada@xn--bcher-kva.example");
    assert_eq!(person.contact.phone.as_deref(), Some("+491701234567"));
    let mut request = a_cart([(1, 2)]);
    request.part.contact.phone = Some(String::new());
    assert_eq!(shop.create(request).await.unwrap().person.unwrap().contact.phone, None);
}

#[tokio::test]
async fn i19_a_state_in_free_text_is_with_the_address_and_in_no_event() {
    let shop = Shop::open();
    let mut request = a_cart([(1, 1)]);
    request.part.shipping_address =
        Address { state: Some("my free text".into()), ..a_person().shipping_address.into_inner() };
    let created = shop.create(request).await.unwrap();
    assert_eq!(created.person.unwrap().shipping_address.state.as_deref(), Some("my free text"));
    let stored = serde_json::to_string(&shop.store.order_now(created.order.id)).unwrap();
    assert!(!stored.contains("free text"), "{stored}");
    let journal = format!("{:?}", shop.store.journal_from(0));
    assert!(journal.contains("OrderCreated") && !journal.contains("free text"), "{journal}");
}
