//! Sums and books, to the minor unit.

use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::Status;
use oms_domain::payments::RefundReason;
use serde_json::json;

use crate::support::{Story, order_id, refund_part};

#[test]
fn a_unit_that_cannot_be_halved_goes_to_the_first_share_and_none_is_off_by_more_than_one() {
    let minor = |amounts: Vec<Amount>| amounts.into_iter().map(Amount::minor).collect::<Vec<_>>();
    let even = [Amount::from_minor(1); 2];
    assert_eq!(minor(Amount::from_minor(1).allocate(&even)), [1, 0]);
    assert_eq!(minor(Amount::from_minor(-1).allocate(&even)), [-1, 0]);
    assert_eq!(minor(Amount::from_minor(100).allocate(&[Amount::from_minor(1); 3])), [33, 34, 33]);
}

#[test]
fn money_is_printed_with_its_currency() {
    assert_eq!(Money::new(Amount::from_minor(-5), "EUR".parse().unwrap()).to_string(), "-0.05 EUR");
    assert_eq!(Money::new(Amount::from_minor(1_200), "JPY".parse().unwrap()).to_string(), "1200 JPY");
}

#[test]
fn payments_and_refunds_are_found_by_each_of_their_names() {
    let story = Story::at(Status::Processing).given(refund_part(&[], 0, 100)).given(refund_part(&[], 0, 200));
    let ledger = &story.order.ledger;
    let ids = [0, 1].map(|sequence| RefundId::of_sequence(order_id(), sequence));
    for (id, minor) in ids.into_iter().zip([100, 200]) {
        assert_eq!(ledger.refund(id).unwrap().amount, Amount::from_minor(minor));
    }
    assert_eq!(ledger.refund(RefundId::of_sequence(order_id(), 2)), None);
    assert_eq!(ledger.payment_by_reference("stripe", "pi_0").unwrap().id, PaymentId::of_attempt(order_id(), 0));
    // The same reference is another payment at another provider.
    assert_eq!(ledger.payment_by_reference("paypal", "pi_0"), None);
    assert_eq!(ledger.payment_by_reference("stripe", "pi_1"), None);
}

#[test]
fn a_reason_is_called_as_it_is_stored() {
    for reason in [
        RefundReason::OrderCancelled,
        RefundReason::LatePayment,
        RefundReason::DuplicatePayment,
        RefundReason::Return,
        RefundReason::Partial,
        RefundReason::AtProvider,
    ] {
        assert_eq!(json!(reason), json!(reason.name()));
    }
}

#[test]
fn what_is_not_so_is_not_stored() {
    let story = Story::at(Status::Confirmed).given(refund_part(&[], 0, 100));
    let ledger = json!(story.order.ledger);
    assert!(ledger["payments"][0].get("keep").is_none() && ledger["refunds"][0].get("failures").is_none());
    let mut kept = story.order.ledger.payments[0].clone();
    kept.keep = true;
    assert_eq!(json!(kept)["keep"], json!(true));
    let mut failed = story.order.ledger.refunds[0].clone();
    failed.failures = 2;
    assert_eq!(json!(failed)["failures"], json!(2));
}
