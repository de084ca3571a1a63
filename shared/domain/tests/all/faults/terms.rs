//! A draft freezes nothing and ends; terms are those of the submission.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use oms_domain::money::Amount;
use oms_domain::ordering::address::Destination;
use oms_domain::ordering::{
    CancelReason, CheckoutEvent, Command, DRAFT_DAYS, Decision, Event, Order, Refusal, Status, Terms, Wishes,
};
use oms_domain::pricing::promotion::{Use, UseLimit};
use oms_domain::pricing::shipping::{Parcel, ShippingMethod, ShippingTable};

use crate::support::{Story, cancel, names, new_order, start, submit, usual_lines};

const MINUTES_PER_DAY: i64 = 24 * 60;

/// The terms of the draft with a unit of the first line for 1.00 less.
fn cheaper(draft: &Order) -> Terms {
    let mut terms = Terms::of(draft);
    let (less, units) = (Amount::from_minor(100), terms.lines[0].quantity);
    terms.lines[0].price = terms.lines[0].price - less;
    terms.totals.subtotal = terms.totals.subtotal - less.times(units);
    terms.totals.total = terms.totals.total - less.times(units);
    terms.promotions = vec!["SPRING".into()];
    terms.uses = vec![Use { code: "SPRING".into(), of: UseLimit::Total }];
    terms
}

#[test]
fn m1_a_draft_is_submitted_on_the_terms_of_that_moment() {
    let mut story = Story::draft().after_minutes(MINUTES_PER_DAY);
    let terms = cheaper(&story.order);
    assert!(!terms.cost_the_same_as(&Terms::of(&story.order)));
    story = story.given(Command::Submit { terms: Box::new(terms.clone()) });
    assert_eq!((Terms::of(&story.order), story.order.draft.clone()), (terms, None));
    assert_eq!(story.replayed(), story.order, "the event tells them");
}

#[test]
fn m1_terms_for_other_lines_are_not_accepted() {
    let mut story = Story::draft();
    let mut terms = Terms::of(&story.order);
    terms.lines[1].quantity += 1;
    assert_eq!(story.when(Command::Submit { terms: Box::new(terms) }), Err(Refusal::OtherLines));
}

#[test]
fn m1_a_draft_ends_after_seven_days_and_not_before() {
    let story = Story::draft();
    let until = start() + SignedDuration::from_hours(DRAFT_DAYS * 24);
    assert_eq!((story.order.draft_until(), story.order.due_at()), (Some(until), Some(until)));
    let mut last_minute = story.clone().after_minutes(DRAFT_DAYS * MINUTES_PER_DAY - 1);
    assert_eq!(last_minute.when(Command::Expire), Err(Refusal::NotDue { until }));
    let submitted = last_minute.submitted();
    assert_eq!(submitted.order.draft_until(), None);
    let mut over = story.after_minutes(DRAFT_DAYS * MINUTES_PER_DAY);
    assert_eq!(over.when(submit(&over.order)), Err(Refusal::DraftExpired { since: until }));
    let ended = CheckoutEvent::OrderCancelled { reason: CancelReason::DraftExpired, note: None };
    assert_eq!(over.when(Command::Expire), Ok(Decision::Happens(vec![Event::Checkout(ended)])));
    assert_eq!((over.order.status, over.order.due_at()), (Status::Cancelled, None));
}

#[test]
fn m1_a_draft_keeps_what_its_customer_asked_for_and_nothing_of_it_lasts() {
    let wishes = Wishes { promotion_codes: vec!["spring".into()], shipping_method: Some("express".into()) };
    let mut new = new_order(usual_lines());
    new.wishes = wishes.clone();
    let draft = Story::of(new.clone());
    assert_eq!(draft.order.wishes(|_| false), wishes);
    assert_eq!(draft.submitted().order.draft, None);
    new.draft = false;
    assert_eq!(Story::of(new).order.draft, None, "what is submitted at once was never a draft");
}

/// Stored drafts of before know neither their end nor what was asked for.
#[test]
fn m1_a_draft_of_before_ends_by_its_age_and_asked_for_what_is_in_force() {
    let mut story = Story::draft();
    story.order.draft = None;
    story.order.promotions = vec!["AUTO".into(), "SPRING".into()];
    assert_eq!(story.order.draft_until(), Some(start() + SignedDuration::from_hours(DRAFT_DAYS * 24)));
    let asked = Wishes { promotion_codes: vec!["SPRING".into()], shipping_method: Some("standard".into()) };
    assert_eq!(story.order.wishes(|code| code == "AUTO"), asked);
    let mut over = story.after_minutes(DRAFT_DAYS * MINUTES_PER_DAY);
    assert_eq!(names(&over.when(Command::Expire)), ["OrderCancelled"]);
}

#[test]
fn m1_a_submission_of_before_folds_without_terms() {
    let stored = r#"{"type":"OrderSubmitted","data":{"total":5319,"reservation_expires_at":"2026-03-02T09:30:00Z"}}"#;
    let event: Event = serde_json::from_str(stored).unwrap();
    assert!(matches!(event, Event::Checkout(CheckoutEvent::OrderSubmitted { terms: None, .. })));
    assert_eq!(serde_json::to_string(&event).unwrap(), stored);
}

#[test]
fn m5_an_order_may_be_cancelled_with_its_uses_on_it() {
    let story = Story::draft();
    let terms = Box::new(cheaper(&story.order));
    let story = story.given(Command::Submit { terms }).given(cancel());
    assert_eq!(story.order.uses.len(), 1, "what is given back is known from the order");
}

#[test]
fn m13_the_cheapest_method_that_takes_a_parcel_comes_first() {
    let method = |code: &str, minor: i64, countries: &[&str]| ShippingMethod {
        code: code.into(),
        name: code.into(),
        countries: countries.iter().map(|country| (*country).to_owned()).collect(),
        zones: Vec::new(),
        except: Vec::new(),
        prices: [("EUR".to_owned(), Amount::from_minor(minor))].into(),
        brackets: Vec::new(),
        max_weight_grams: None,
        free_from: BTreeMap::new(),
        working_days: None,
        carrier_rate: None,
    };
    let table = ShippingTable {
        methods: vec![
            method("courier", 3_990, &[]),
            method("parcel", 490, &[]),
            method("letter", 190, &["FR"]),
            method("van", 490, &[]),
        ],
        dispatch: None,
    };
    let destination = Destination::somewhere_in("DE".into());
    let value = Amount::from_minor(1_000);
    let parcel = Parcel {
        destination: &destination,
        currency: "EUR".parse().unwrap(),
        weight_grams: 1,
        value,
        carrier_prices: &BTreeMap::new(),
    };
    let codes: Vec<_> = table.offers(&parcel).into_iter().map(|(method, _)| method.code.clone()).collect();
    assert_eq!(codes, ["parcel", "van", "courier"]);
}
