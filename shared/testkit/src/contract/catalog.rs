//! The catalog, and what was told to customers.

use oms_app::ports::{Claim, Notice, RateSchedule};
use oms_domain::catalog::Product;
use oms_domain::messaging::Channel;

use super::Subject;
use crate::builders::{a_product, order_id, product_id, rates};
use crate::time::start;

/// What does not exist is left out; rates come along; asking twice for a product is no mistake.
pub async fn a_quote_knows_what_exists_and_the_rates(subject: &Subject) {
    let (nothing, no_rates) = subject.catalog.quote(&[product_id(1)]).await.unwrap();
    assert!(nothing.is_empty() && no_rates == RateSchedule::default());
    let mug = a_product(1).sold_to(&["DE", "AT"]).build();
    let bowl = a_product(2).discontinued().build();
    subject.stock(&[mug.clone(), bowl.clone()]).await;
    let asked = [bowl.id, product_id(9), mug.id, mug.id];
    let (mut found, found_rates) = subject.catalog.quote(&asked).await.unwrap();
    found.sort_by_key(|product| product.id);
    assert_eq!(found, [mug.clone(), bowl]);
    assert_eq!(found_rates, rates().into());
    assert_eq!(subject.catalog.product(mug.id).await, Ok(Some(mug)));
    assert_eq!(subject.catalog.product(product_id(9)).await, Ok(None));
    let many: Vec<_> = (1..=100).map(product_id).collect();
    assert_eq!(subject.catalog.quote(&many).await.unwrap().0.len(), 2);
}

/// Sorted by name whatever the case, without what is no longer sold, each product once.
pub async fn products_are_listed_by_name_page_by_page(subject: &Subject) {
    let called = |number, name: &str| a_product(number).named(name).build();
    let inventory = [
        called(1, "Mug"),
        called(2, "bowl"),
        called(3, "Apron"),
        called(4, "mug"),
        called(5, "Plate"),
        a_product(6).named("Cup").discontinued().build(),
    ];
    subject.stock(&inventory).await;
    let page = async |after: Option<&str>, limit| subject.catalog.page(after, limit).await.unwrap();
    let names = |products: &[Product]| products.iter().map(|product| product.name.clone()).collect::<Vec<_>>();
    let first = page(None, 2).await;
    assert_eq!(names(&first.products), ["Apron", "bowl"]);
    let second = page(first.next.as_deref(), 2).await;
    assert_eq!(names(&second.products), ["Mug", "mug"]);
    assert_eq!(second.products[0], inventory[0]);
    let third = page(second.next.as_deref(), 2).await;
    assert_eq!((names(&third.products), third.next), (vec!["Plate".to_owned()], None));
    let whole = page(None, 5).await;
    assert_eq!((whole.products.len(), whole.next), (5, None));
    assert!(page(Some("~ not one of ours"), 5).await.products.is_empty());
}

/// Adding never overwrites.
pub async fn a_product_is_added_once(subject: &Subject) {
    let mug = a_product(1).build();
    assert_eq!(subject.catalog.add(&mug).await, Ok(true));
    assert_eq!(subject.catalog.add(&a_product(1).priced(1).build()).await, Ok(false));
    assert_eq!(subject.product(&mug).await, mug);
}

/// Invariant 11: one message per order, event and channel.
pub async fn a_notice_is_begun_once_and_done_once(subject: &Subject) {
    let email = Notice { order_id: order_id(1), version: 2, channel: Channel::Email };
    let others = [
        Notice { channel: Channel::Sms, ..email },
        Notice { version: 3, ..email },
        Notice { order_id: order_id(2), ..email },
    ];
    let begin = async |notice: &Notice| subject.notices.begin(notice, start()).await.unwrap();
    assert_eq!(begin(&email).await, Claim::Fresh);
    assert_eq!(begin(&email).await, Claim::Unfinished);
    subject.notices.finish(&email, start()).await.unwrap();
    assert_eq!(begin(&email).await, Claim::Done);
    for other in &others {
        assert_eq!(begin(other).await, Claim::Fresh);
    }
}
