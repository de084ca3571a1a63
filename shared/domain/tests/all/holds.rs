//! Holds: several at once, each released by itself (G11).

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ordering::{
    Action, Command, Decision, HoldReason, MAX_HOLDS, REVIEW_HOLD, Refusal, ShipmentStep, Status,
};

use crate::support::{Story, hold, leave, names, plan, prepare, release, request_review, ship_all, step, units};

#[test]
fn g11_any_hold_stops_preparing_packing_and_shipping_until_the_last_is_released() {
    let story = Story::at(Status::Processing).given(hold(HoldReason::Address)).given(hold(HoldReason::Customer));
    let ids: Vec<String> = story.order.holds.iter().map(|hold| hold.id.clone()).collect();
    let mut story = story;
    for command in [ship_all(), step(1, ShipmentStep::Pack), leave(1), plan(&[units(1, 1)])] {
        assert_eq!(story.when(command), Err(Refusal::OnHold(HoldReason::Address)));
    }
    let mut story = story.given(release(&ids[0]));
    assert_eq!(story.when(leave(1)), Err(Refusal::OnHold(HoldReason::Customer)));
    let story = story.given(release(&ids[1])).given(leave(1));
    assert_eq!(story.order.status, Status::Shipped);
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn g11_the_review_of_a_fraud_check_is_a_hold_with_the_others() {
    let mut story = Story::at(Status::Confirmed).given(request_review()).given(hold(HoldReason::Stock));
    assert_eq!(story.order.held_for(), Some(HoldReason::Fraud));
    assert_eq!(story.when(prepare()), Err(Refusal::UnderReview));
    assert_eq!(names(&story.when(release(REVIEW_HOLD))), ["OrderReviewApproved"]);
    assert_eq!(story.when(prepare()), Err(Refusal::OnHold(HoldReason::Stock)));
}

#[test]
fn g11_what_a_bank_holds_nobody_places_or_releases_by_hand() {
    let mut story = Story::at(Status::Confirmed);
    assert_eq!(story.when(hold(HoldReason::Dispute)), Err(Refusal::NotByHand(HoldReason::Dispute)));
    assert_eq!(story.when(release("h99")), Err(Refusal::UnknownHold));
    assert_eq!(story.when(release(REVIEW_HOLD)), Err(Refusal::UnknownHold));
}

#[test]
fn g11_what_has_left_is_not_held_and_the_number_is_bounded() {
    for status in Status::ALL {
        let answer = Story::at(status).when(hold(HoldReason::Other));
        if status.holds_stock() {
            assert!(matches!(answer, Ok(Decision::Happens(_))), "{status}");
        } else {
            assert_eq!(answer, Err(Refusal::InvalidTransition { from: status, action: Action::Hold }));
        }
    }
    let mut story = Story::at(Status::Confirmed);
    for _ in 0..MAX_HOLDS {
        story = story.given(hold(HoldReason::Other));
    }
    assert_eq!(story.when(hold(HoldReason::Other)), Err(Refusal::TooManyHolds(MAX_HOLDS)));
    let ids: std::collections::BTreeSet<_> = story.order.holds.iter().map(|hold| hold.id.clone()).collect();
    assert_eq!(ids.len(), MAX_HOLDS);
}

#[test]
fn g11_admins_are_offered_holds_and_nobody_else() {
    let story = Story::at(Status::Confirmed).given(hold(HoldReason::Other));
    let admin = Caller::Admin("grace".parse().unwrap());
    let offered = story.order.allowed_actions(&admin);
    assert!(offered.contains(&Action::Hold) && offered.contains(&Action::ReleaseHold));
    let customer = Caller::Customer(story.order.user_id.clone());
    assert!(!story.order.allowed_actions(&customer).contains(&Action::Hold));
    assert!(Operation::HoldOrder.permits(&customer, &story.order).is_err());
}

#[test]
fn a_cancelled_order_keeps_its_holds_on_record_and_nothing_waits_for_them() {
    let story = Story::at(Status::Confirmed).given(hold(HoldReason::Other));
    let story = story.given(Command::Cancel { reason: oms_domain::ordering::CancelReason::AdminDecision, note: None });
    assert_eq!(story.order.status, Status::Cancelled);
}
