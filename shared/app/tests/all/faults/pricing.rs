//! Prices as orders and messages have them.

use oms_app::Error;
use oms_app::messaging::texts::{self, Texts, Told};
use oms_app::ports::{Catalog as _, Notice, Rates, Stored};
use oms_domain::messaging::{Channel, MessageKind};
use oms_domain::money::Amount;
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Address;
use oms_domain::pricing::promotion::{Benefit, Promotion};
use oms_domain::public_event::{CloudEvent, Fact};
use oms_testkit::builders::{a_person, a_product, a_promotion, rates, rates_with};
use rust_decimal::Decimal;

use crate::messages::told_of;
use crate::shop::{Shop, a_cart};

async fn shop_with(rates: &Rates) -> Shop {
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    shop.store.set_rates(rates).await.unwrap();
    shop
}

fn email(order: &Order) -> String {
    let words = texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
    let stored = Stored { order: order.clone(), person: Some(a_person()), request: None };
    let fact = Fact::Submitted { pay_until: order.reservation_expires_at.unwrap(), free: false };
    let event: CloudEvent = told_of(order, fact);
    let notice = Notice { order_id: order.id, version: 2, channel: Channel::Email };
    let told = Told { stored: &stored, event: &event, kind: MessageKind::Submitted, link: None };
    Texts::new(words).unwrap().message(&told, notice).unwrap().body
}

#[tokio::test]
async fn i4_sums_in_messages_add_up_as_they_are_read() {
    let mut gross = rates_with(vec![Promotion { automatic: true, ..a_promotion("TEN") }]);
    let shop = shop_with(&gross).await;
    let added = email(&shop.create(a_cart([(1, 2)])).await.unwrap().order);
    assert!(
        added.contains("Subtotal 39.80 EUR\nDiscount -3.98 EUR\nShipping 4.90 EUR\nTax 7.74 EUR\nTotal 48.46 EUR\n"),
        "{added}"
    );
    gross.taxes.included.insert("DE".into());
    let shop = shop_with(&gross).await;
    let included = email(&shop.create(a_cart([(1, 2)])).await.unwrap().order);
    assert!(
        included.contains("Discount -3.98 EUR\nShipping 4.90 EUR\nTotal 40.72 EUR\nof which tax 6.50 EUR\n"),
        "{included}"
    );
    let shop = Shop::open();
    let plain = email(&shop.create(a_cart([(1, 2)])).await.unwrap().order);
    assert!(!plain.contains("Discount"), "{plain}");
}

#[tokio::test]
async fn m10_an_order_to_a_state_that_no_table_knows_is_told_so() {
    let mut tables = rates();
    tables.taxes.rates.insert("BR-SP".into(), [("standard".to_owned(), Decimal::new(18, 2))].into());
    let shop = shop_with(&tables).await;
    let to = |state: Option<&str>| {
        let mut request = a_cart([(1, 1)]);
        request.part.shipping_address = Address {
            country: "BR".into(),
            state: state.map(Into::into),
            postal_code: Some("01310-100".into()),
            ..a_person().shipping_address.into_inner()
        };
        request
    };
    for state in [Some("Sao Paulo"), Some("RX"), None] {
        let error = shop.create(to(state)).await.unwrap_err();
        let Error::Address(fields) = error else { panic!("{error:?}") };
        assert_eq!(fields[0].pointer, "/shipping_address/state");
    }
    let order = shop.create(to(Some("sp"))).await.unwrap().order;
    assert_eq!(order.totals.tax, Amount::from_minor(358 + 88));
    assert_eq!(order.destination.state.as_deref(), Some("SP"));
}

#[tokio::test]
async fn i14_postal_codes_decide_on_tax_and_are_in_no_event() {
    let mut tables = rates();
    tables.taxes.rates.insert("ES".into(), [("standard".to_owned(), Decimal::new(21, 2))].into());
    tables.taxes.rates.insert("ES:35".into(), [("standard".to_owned(), Decimal::ZERO)].into());
    let shop = shop_with(&tables).await;
    for (quantity, code, tax) in [(1, "28013", 418 + 103), (2, "35001", 0)] {
        let mut request = a_cart([(1, quantity)]);
        request.part.shipping_address = Address {
            country: "ES".into(),
            postal_code: Some(code.into()),
            ..a_person().shipping_address.into_inner()
        };
        assert_eq!(shop.create(request).await.unwrap().order.totals.tax, Amount::from_minor(tax), "{code}");
    }
    assert!(!format!("{:?}", shop.store.journal_from(0)).contains("35001"));
}

#[tokio::test]
async fn m17_express_is_not_free_where_only_the_standard_way_is() {
    let free = Promotion {
        automatic: true,
        benefit: Benefit::FreeShipping,
        shipping_methods: vec!["standard".into()],
        ..a_promotion("FREE")
    };
    let shop = shop_with(&rates_with(vec![free])).await;
    for (quantity, method, price) in [(1, "standard", 0), (2, "express", 990)] {
        let mut request = a_cart([(1, quantity)]);
        request.part.shipping_method = Some(method.into());
        assert_eq!(shop.create(request).await.unwrap().order.totals.shipping, Amount::from_minor(price), "{method}");
    }
}
