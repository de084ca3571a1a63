//! What sellers see, what parcels are followed by, and what is told before anybody has paid.

use oms_domain::access::{Belongs as _, Operation};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::Tracking;
use oms_domain::messaging::{CallingCodes, Channel, MessageKind, channels};
use oms_domain::ordering::address::Contact;
use oms_domain::ordering::{CancelReason, Command, Status};
use oms_domain::payments::PaymentStatus;

use crate::support::Story;

fn seller_of(story: &Story) -> Caller {
    Caller::Seller { user: "sam".parse().unwrap(), seller: story.order.lines[0].seller_id.clone() }
}

#[test]
fn w2_a_seller_has_a_part_in_an_order_from_its_confirmation_on() {
    for status in Status::ALL {
        if matches!(status, Status::Cancelled) {
            continue;
        }
        let story = Story::at(status);
        let seller = seller_of(&story);
        let paid = !matches!(status, Status::Draft | Status::Pending);
        assert_eq!(story.order.belongs_to(&seller), paid, "{status}");
        assert_eq!(Operation::ViewOrder.permits(&seller, &story.order).is_ok(), paid, "{status}");
        assert!(!story.order.belongs_only_to(&seller) || paid, "{status}");
    }
    let cancel = || Command::Cancel { reason: CancelReason::CustomerRequest, note: None };
    let unpaid = Story::at(Status::Pending).given(cancel());
    assert!(!unpaid.order.belongs_to(&seller_of(&unpaid)));
}

#[test]
fn i12_nobody_waits_for_the_payment_of_an_order_that_was_cancelled_unpaid() {
    let asked = Story::at(Status::Pending);
    assert_eq!(asked.order.payment_status(), PaymentStatus::Requested);
    let cancel = Command::Cancel { reason: CancelReason::CustomerRequest, note: None };
    assert_eq!(asked.given(cancel.clone()).order.payment_status(), PaymentStatus::None);
    let paid = Story::at(Status::Confirmed).given(cancel);
    assert_eq!(paid.order.payment_status(), PaymentStatus::RefundPending, "what was paid is on its way back");
}

#[test]
fn i17_usual_carriers_have_a_page_under_each_of_their_names() {
    let url = |carrier: &str| Tracking::checked(carrier, "AB 123-456").unwrap().url();
    for carrier in ["DHL Express", "dhl", "USPS", "DPD", "GLS", "Royal Mail", "royal-mail", "La Poste", "UPS", "FedEx"]
    {
        let page = url(carrier).unwrap_or_else(|| panic!("{carrier} has no page"));
        assert!(page.starts_with("https://") && page.ends_with("AB123456"), "{page}");
    }
    assert_eq!(url("Bike courier"), None);
}

#[test]
fn i17_a_shop_gives_a_page_of_its_own() {
    let parcel = || Tracking::checked("Bike courier", "7").unwrap();
    let page = "https://bikes.example/track?parcel=7";
    let given = parcel().with_page(Some(page)).unwrap();
    assert_eq!(given.url().as_deref(), Some(page));
    assert_eq!(parcel().with_page(Some(" ")).unwrap(), parcel());
    let long = format!("https://bikes.example/{}", "x".repeat(500));
    for wrong in [
        "http://bikes.example/7",
        "javascript:alert(1)",
        "https://",
        "https://user@bikes.example/",
        "https://a.b/\"",
        &long,
    ] {
        assert!(parcel().with_page(Some(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn a2_there_is_no_text_message_before_payment() {
    let contact = Contact { name: "Ada".into(), email: "ada@example.com".into(), phone: Some("+491701234567".into()) };
    let cancel = || Command::Cancel { reason: CancelReason::CustomerRequest, note: None };
    let (pending, paid) = (Story::at(Status::Pending), Story::at(Status::Confirmed));
    for kind in [MessageKind::Submitted, MessageKind::PaymentFailed, MessageKind::PaymentPageOpened] {
        // Whenever it is told: the order may have been paid meanwhile.
        assert_eq!(channels(&contact, kind, &pending.order, &CallingCodes::ALL), [Channel::Email], "{kind:?}");
        assert_eq!(channels(&contact, kind, &paid.order, &CallingCodes::ALL), [Channel::Email], "{kind:?}");
    }
    let both = [Channel::Email, Channel::Sms];
    assert_eq!(channels(&contact, MessageKind::PaymentConfirmed, &paid.order, &CallingCodes::ALL), both);
    assert_eq!(channels(&contact, MessageKind::Cancelled, &paid.given(cancel()).order, &CallingCodes::ALL), both);
    assert_eq!(
        channels(&contact, MessageKind::Cancelled, &pending.given(cancel()).order, &CallingCodes::ALL),
        [Channel::Email]
    );
}

#[test]
fn a2_one_is_the_united_states_and_canada_and_not_the_islands() {
    let america = CallingCodes::read("1").unwrap();
    for phone in ["+12125550123", "+14165550123", "+17875550123"] {
        assert!(america.cover(phone), "{phone}");
    }
    for phone in ["+18765550123", "+18095550123", "+12425550123", "+14415550123"] {
        assert!(!america.cover(phone), "{phone}");
    }
    let with_jamaica = CallingCodes::read("1, 1876").unwrap();
    assert!(with_jamaica.cover("+18765550123") && with_jamaica.cover("+12125550123"));
    assert!(!with_jamaica.cover("+18095550123"));
}

#[test]
fn a2_only_numbers_of_the_countries_that_the_shop_named_get_text_messages() {
    let europe = CallingCodes::read("49, +43,1242").unwrap();
    for phone in ["+491701234567", "+436641234567", "+12421234567"] {
        assert!(europe.cover(phone), "{phone}");
    }
    for phone in ["+88216123456", "+4201234567", "+1876123456", "+21612345678", "491701234567", ""] {
        assert!(!europe.cover(phone), "{phone}");
    }
    assert!(CallingCodes::read("all").unwrap().cover("+88216123456"));
    assert!(!CallingCodes::read("").unwrap().cover("+491701234567"));
    for wrong in ["049", "49;43", "Germany", "49 43", "12345678", "all, 49", "++49"] {
        assert!(CallingCodes::read(wrong).is_err(), "{wrong}");
    }
    let paid = Story::at(Status::Confirmed).order;
    let contact =
        |phone: &str| Contact { name: "Ada".into(), email: "ada@example.com".into(), phone: Some(phone.into()) };
    let told = |phone| channels(&contact(phone), MessageKind::Shipped, &paid, &europe);
    assert_eq!(told("+491701234567"), [Channel::Email, Channel::Sms]);
    assert_eq!(told("+88216123456"), [Channel::Email]);
}
