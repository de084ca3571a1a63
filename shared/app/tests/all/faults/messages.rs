//! Messages that a service does not take.

use oms_app::Error;
use oms_app::ports::{Clock as _, Line};
use oms_domain::messaging::{Channel, MessageKind, sms_segments};
use oms_testkit::builders::an_order;
use oms_testkit::memory::MessengerFault;

use crate::messages::{fact, text_message};
use crate::shop::{Shop, a_cart};

#[tokio::test]
async fn l1_a_message_that_is_refused_for_good_is_counted_and_a_passing_refusal_is_not() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let event = shop.event(order.id, "order.submitted").await;
    shop.messenger.fail_next(MessengerFault::Transient);
    assert!(shop.notify.run(&event).await.unwrap_err().is_transient());
    assert_eq!(shop.metrics.figures(), [], "it comes again");
    shop.messenger.fail_next(MessengerFault::Permanent);
    shop.notify.run(&event).await.unwrap();
    shop.notify.run(&event).await.unwrap();
    let refused = |line: &Line| line.figures.iter().any(|figure| figure.name == "messages_refused");
    let lines: Vec<Line> = shop.metrics.lines().into_iter().filter(refused).collect();
    let [line] = lines.as_slice() else { panic!("once, however often the event comes: {lines:?}") };
    let fact = |name: &str| line.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(fact("channel"), Some(Channel::Email.name()));
    assert!(line.facts.iter().all(|(_, value)| !value.contains('@')), "nobody's address: {line:?}");
}

#[tokio::test]
async fn c3_what_a_text_message_is_paid_by_is_counted() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.messenger.fail_next(MessengerFault::Transient);
    let event = shop.event(order.id, "order.submitted").await;
    assert!(shop.notify.run(&event).await.is_err());
    for _ in 0..2 {
        shop.notify.run(&event).await.unwrap();
    }
    let sent = shop.messenger.sent();
    let texts: usize =
        sent.iter().filter(|one| one.notice.channel == Channel::Sms).map(|one| sms_segments(&one.body)).sum();
    let figures = shop.metrics.figures();
    let counted: Vec<&str> =
        figures.iter().filter(|(name, _)| *name == "sms_segments").map(|(_, count)| count.as_str()).collect();
    assert_eq!(counted, if texts == 0 { vec![] } else { vec![texts.to_string()] });
}

#[test]
fn c3_no_text_takes_more_than_two_segments() {
    let order = an_order(1).order();
    for kind in MessageKind::ALL {
        let text = text_message(fact(kind, &order), kind);
        assert!(sms_segments(&text) <= 2, "{}: {text}", kind.name());
    }
}

#[test]
fn c3_a_link_in_a_text_holds_the_number_and_not_the_long_id() {
    let order = an_order(1).order();
    let number = order.id.number().to_string();
    let texts = MessageKind::ALL.map(|kind| (kind, text_message(fact(kind, &order), kind)));
    for (kind, text) in &texts {
        // Where parcels are is seen without signing in.
        let leads = text.ends_with(&format!("https://shop.example/orders/{number}"));
        assert!(leads || kind.tells_of_parcels(), "{}: {text}", kind.name());
        assert!(!text.contains(&order.id.to_string()), "{}: {text}", kind.name());
    }
    let long = texts.iter().filter(|(_, text)| sms_segments(text) > 1);
    let long: Vec<&str> = long.map(|(kind, _)| kind.name()).collect();
    assert_eq!(
        long,
        ["payment_processing", "shipped", "tracking_changed"],
        "much to say, and a long link of the carrier"
    );
}

#[test]
fn c3_segments_are_those_of_the_alphabet_that_a_text_needs() {
    let of = |text: &str, times: usize| sms_segments(&text.repeat(times));
    assert_eq!([of("a", 160), of("a", 161), of("ü", 160), of("a", 306), of("a", 307)], [1, 2, 1, 2, 3]);
    assert_eq!([of("€", 80), of("€", 81)], [1, 2], "two places each");
    assert_eq!([of("ł", 70), of("ł", 71), of("🍵", 35), of("🍵", 36)], [1, 2, 1, 2]);
    assert_eq!(of("", 1), 1);
}

#[tokio::test]
async fn a2_a_number_of_another_country_is_kept_and_told_by_e_mail() {
    let shop = Shop::open();
    for (phone, texts) in [("+49 170 1234567", 1), ("+882 16 12345678", 0), ("+1 876 1234567", 0)] {
        let cart = a_cart([(1, 1)]).with(|cart| cart.contact.phone = Some(phone.into())).keyed(phone);
        let order = shop.create(cart).await.unwrap();
        let kept = order.person.unwrap().contact.phone.clone();
        assert_eq!(kept, Some(phone.replace(' ', "")));
        let opened = shop.pay(order.order.id).await.unwrap();
        let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
        shop.called_back(delivery).await.unwrap();
        shop.notify.run(&shop.event(order.order.id, "order.payment_confirmed").await).await.unwrap();
        let sent = shop.messenger.sent();
        let told = |channel| {
            sent.iter().filter(|one| one.notice.order_id == order.order.id && one.notice.channel == channel).count()
        };
        assert_eq!((told(Channel::Email), told(Channel::Sms)), (1, texts), "{phone}");
    }
}

#[tokio::test]
async fn a2_a_link_in_a_name_is_told_with_its_place() {
    let shop = Shop::open();
    let cart = a_cart([(1, 1)]).with(|cart| {
        cart.contact.name = "Win 500 EUR: https://evil.example/x".into();
        cart.shipping_address.recipient_name = "evil.com".into();
        cart.shipping_address.company = Some("www.evil.example".into());
        let mut billing = cart.shipping_address.clone();
        (billing.recipient_name, billing.company) = ("St. Mary's".into(), Some("Amazon.de GmbH".into()));
        billing.city = "http://evil.example".into();
        cart.billing_address = Some(billing);
    });
    let Err(Error::Invalid(faults)) = shop.create(cart).await else { panic!("it is refused") };
    let told: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.message.as_str())).collect();
    assert_eq!(
        told,
        [
            ("/contact/name", "`name` must not hold a web address"),
            ("/shipping_address/recipient_name", "`recipient_name` must not hold a web address"),
            ("/shipping_address/company", "`company` must not hold a web address"),
            ("/billing_address/city", "`city` must not hold a web address"),
        ]
    );
}
