//! Given events, when a command, then events, "already applied" or a refusal that says why.

use std::fmt::Write as _;

use crate::support::events::name;
use crate::support::{
    Story, approve_return, ask_for_label, assign, cancel, cancel_lines, complete_refund, deliver, deny_return,
    fail_delivery, hold, leave, names, new_order, note, open_return, order_id, plan, prepare, provenance, readdress,
    receive, refund_part, release, request, request_return, request_review, returned, set_tags, ship, ship_all, start,
    step, submit, tracking, units, usual_lines,
};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::catalog::stock::Condition;
use oms_domain::ordering::{
    Action, CancelReason, Change, CheckoutEvent, Command, Decision, Event, HOLD_MINUTES, HoldReason, InvalidChange,
    MAX_TIMELINE_ENTRIES, NoteEvent, Refusal, ShipmentEvent, ShipmentStep, Status, create,
};

/// Every command, as well-formed as the order allows, with the action that a refusal must name.
pub(crate) fn every_command(story: &Story) -> Vec<(&'static str, Command, Option<Action>)> {
    let all_units: Vec<_> = story.order.lines.iter().map(|line| units(line.line, line.quantity)).collect();
    let open_refund = story.order.ledger.refunds.iter().position(|refund| !refund.completed);
    vec![
        ("Submit", submit(&story.order), Some(Action::Submit)),
        ("RequestPayment", request("stripe"), Some(Action::Pay)),
        ("RecordPayment", story.pay(1), None),
        ("RecordPaymentFailure", story.fail(1), None),
        ("StartProcessing", prepare(), Some(Action::Process)),
        ("Ship", ship_all(), Some(Action::Ship)),
        ("FailDelivery", fail_delivery(), Some(Action::FailDelivery)),
        ("Deliver", deliver(), Some(Action::Deliver)),
        ("Cancel", cancel(), Some(Action::Cancel)),
        ("CancelLines", cancel_lines(&[units(1, 1)]), Some(Action::CancelLines)),
        ("Change", readdress(&story.order), Some(Action::Change)),
        ("WithdrawOffer", Command::WithdrawOffer { change: 1 }, None),
        ("Expire", Command::Expire, None),
        ("RequestReturn", request_return(&all_units), Some(Action::RequestReturn)),
        ("OpenReturn", open_return(&[units(1, 1)]), Some(Action::RequestReturn)),
        ("ApproveReturn", approve_return(1), None),
        ("DenyReturn", deny_return(), Some(Action::DenyReturn)),
        ("ReceiveReturn", receive(&[returned(1, 1, Condition::Damaged)]), Some(Action::ReceiveReturn)),
        ("Refund", Command::Refund, Some(Action::Refund)),
        ("RefundPart", refund_part(&[units(1, 1)], 0, 100), Some(Action::Refund)),
        ("CompleteRefund", complete_refund(open_refund.unwrap_or(0)), None),
        ("AddNote", note(), None),
        ("SetTags", set_tags(&["wholesale"]), None),
        ("Assign", assign(Some("grace")), None),
        ("Unassign", assign(None), None),
        ("RequestReview", request_review(), None),
        ("ApproveReview", Command::ApproveReview { note: None }, Some(Action::Review)),
        ("RejectReview", Command::RejectReview { note: None }, Some(Action::Review)),
        ("PlanShipment", plan(&all_units), Some(Action::Ship)),
        ("PackShipment", step(1, ShipmentStep::Pack), None),
        ("ShipShipment", leave(1), None),
        ("TrackShipment", step(1, ShipmentStep::Track { parcels: vec![tracking()], tell: true }), None),
        ("DeliverShipment", step(1, ShipmentStep::Deliver), None),
        ("FailShipment", step(1, ShipmentStep::Fail), None),
        ("ShipmentComesBack", step(1, ShipmentStep::ComeBack), Some(Action::FailDelivery)),
        ("LoseShipment", step(1, ShipmentStep::Lose), None),
        ("ReplaceShipment", step(1, ShipmentStep::Replace), None),
        ("CancelShipment", step(1, ShipmentStep::Cancel), None),
        ("RequestLabel", ask_for_label(1), Some(Action::Ship)),
        ("VoidLabel", Command::VoidLabel { shipment: 1 }, None),
        ("PlaceHold", hold(HoldReason::Address), Some(Action::Hold)),
        ("ReleaseHold", release("h1"), Some(Action::ReleaseHold)),
    ]
}

#[test]
fn every_command_in_every_state_is_answered_by_the_table() {
    let mut table = String::new();
    for from in Status::ALL {
        writeln!(table, "{from}").unwrap();
        for (command_name, command, action) in every_command(&Story::at(from)) {
            let mut story = Story::at(from).after_minutes(HOLD_MINUTES - 1);
            let answer = match story.when(command) {
                Ok(Decision::Happens(events)) => {
                    let to = story.order.status;
                    assert!(to == from || from.may_become(to), "{from} → {to}");
                    let names: Vec<_> = events.iter().map(name).collect();
                    let arrow = if to == from { String::new() } else { format!(" → {to}") };
                    format!("{}{arrow}", names.join(" + "))
                }
                Ok(Decision::AlreadyApplied) => "already applied".into(),
                Err(refusal) => {
                    if let Refusal::InvalidTransition { from: named, action: tried } = &refusal {
                        assert_eq!((*named, Some(*tried)), (from, action), "{command_name}");
                    }
                    assert_eq!(story.order, Story::at(from).order, "a refusal changes nothing");
                    format!("✗ {refusal}")
                }
            };
            writeln!(table, "    {command_name:<20} {answer}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn an_order_is_created_as_a_draft_or_submitted_at_once() {
    let draft = create(new_order(usual_lines()), start());
    assert_eq!(draft.iter().map(name).collect::<Vec<_>>(), ["OrderCreated"]);

    let mut new = new_order(usual_lines());
    new.draft = false;
    let story = Story::of(new);
    assert_eq!(story.timeline(), [Status::Pending], "it was never a draft to anybody");
    assert_eq!(story.order.reservation_expires_at, Some("2026-03-02T09:30:00.123Z".parse().unwrap()));
    assert_eq!(story.order.paid_at, None);
}

#[test]
fn an_order_goes_from_cart_to_door() {
    let story = Story::draft()
        .after_minutes(1)
        .submitted()
        .given(request("stripe"))
        .paid(0)
        .given(prepare())
        .given(ship_all())
        .given(deliver());
    let life = ["draft", "pending", "confirmed", "processing", "shipped", "delivered"];
    assert_eq!(story.timeline().iter().map(|status| status.name()).collect::<Vec<_>>(), life);
    assert!(story.order.paid_at.is_some());
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn a_repeat_is_already_applied() {
    let repeats = [
        ("payment", Story::at(Status::Confirmed), Story::at(Status::Confirmed).pay(0)),
        ("failure", Story::at(Status::Pending).failed(0), Story::at(Status::Pending).fail(0)),
        ("expiry", Story::at(Status::Cancelled), Command::Expire),
        ("refund", Story::at(Status::Returned).given(Command::Refund), Command::Refund),
        ("completed refund", Story::at(Status::Refunded), complete_refund(0)),
    ];
    for (what, mut story, command) in repeats {
        let before = story.order.clone();
        assert_eq!(story.when(command), Ok(Decision::AlreadyApplied), "{what}");
        assert_eq!(story.order, before, "{what}");
    }
}

#[test]
fn an_unpaid_order_expires_at_its_deadline_and_not_before() {
    let mut story = Story::at(Status::Pending).after_minutes(HOLD_MINUTES - 1);
    let until = story.order.reservation_expires_at.unwrap();
    assert_eq!(story.when(Command::Expire), Err(Refusal::NotDue { until }));

    let mut story = story.after_minutes(1);
    let expected = Event::Checkout(CheckoutEvent::OrderCancelled { reason: CancelReason::PaymentTimeout, note: None });
    assert_eq!(story.when(Command::Expire), Ok(Decision::Happens(vec![expected])));
    assert_eq!(story.order.timeline.last().unwrap().note, Some("payment_timeout".into()));
}

#[test]
fn parts_ship_until_nothing_is_left() {
    let mut story = Story::at(Status::Processing).given(ship(&[units(1, 1), units(2, 1)]));
    assert_eq!(story.order.status, Status::Processing);
    assert_eq!(story.when(cancel()), Err(Refusal::PartlyShipped));

    let rest = Event::Shipment(ShipmentEvent::OrderShipped {
        tracking: crate::support::tracking(),
        lines: vec![units(1, 1), units(3, 3)],
        note: None,
        shipment: Some(2),
        more: Vec::new(),
    });
    assert_eq!(story.when(ship_all()), Ok(Decision::Happens(vec![rest])));
    assert_eq!(story.order.status, Status::Shipped);
    assert_eq!(story.order.shipments.len(), 2);
}

#[test]
fn a_parcel_holds_only_what_there_is() {
    let mut story = Story::at(Status::Processing);
    for (parcel, refusal) in [
        (vec![units(1, 3)], Refusal::TooManyUnits { line: 1, left: 2 }),
        (vec![units(1, 0)], Refusal::TooManyUnits { line: 1, left: 2 }),
        (vec![units(1, 1), units(1, 1)], Refusal::TooManyUnits { line: 1, left: 2 }),
        (vec![units(2, u32::MAX)], Refusal::TooManyUnits { line: 2, left: 1 }),
        (vec![units(9, 1)], Refusal::UnknownLine(9)),
        (vec![], Refusal::NothingNamed),
    ] {
        assert_eq!(story.when(ship(&parcel)), Err(refusal), "{parcel:?}");
    }
}

#[test]
fn a_return_holds_only_what_was_received() {
    let mut story = Story::at(Status::Delivered);
    assert_eq!(story.when(request_return(&[units(2, 2)])), Err(Refusal::TooManyUnits { line: 2, left: 1 }));
    assert_eq!(story.when(request_return(&[])), Err(Refusal::NothingNamed));

    let mut story = story.given(request_return(&[units(1, 2)]));
    let twice = [returned(1, 2, Condition::Sellable), returned(1, 1, Condition::Damaged)];
    assert_eq!(story.when(receive(&twice)), Err(Refusal::TooManyUnits { line: 1, left: 2 }));
    assert_eq!(names(&story.when(receive(&twice[..1]))), ["OrderReturned"]);
}

#[test]
fn a_denied_return_leaves_the_order_delivered_and_may_be_asked_for_again() {
    let story = Story::at(Status::ReturnRequested).given(deny_return());
    assert_eq!(story.order.status, Status::Delivered);
    assert_eq!(story.order.timeline.last().unwrap().note, Some("worn".into()));
    assert_eq!(story.given(request_return(&[units(1, 1)])).order.status, Status::ReturnRequested);
}

#[test]
fn a_return_is_not_denied_once_its_money_is_on_the_way_back() {
    let mut story = Story::at(Status::ReturnRequested).given(Command::Refund);
    let refused = Refusal::InvalidTransition { from: Status::ReturnRequested, action: Action::DenyReturn };
    assert_eq!(story.when(deny_return()), Err(refused));
    assert_eq!(story.refund_completed(0).order.status, Status::Refunded);
}

#[test]
fn deliveries_fail_and_returns_are_asked_for_but_not_without_end() {
    let mut story = Story::at(Status::Shipped);
    while story.order.timeline.len() < MAX_TIMELINE_ENTRIES {
        story = story.given(fail_delivery()).given(ship_all());
    }
    assert_eq!(story.when(fail_delivery()), Err(Refusal::HistoryFull));
    let mut story = story.given(deliver());
    assert_eq!(story.when(request_return(&[units(1, 1)])), Err(Refusal::HistoryFull));
}

#[test]
fn a_note_is_kept_and_leaves_the_timeline_alone() {
    for status in Status::ALL {
        let before = Story::at(status);
        let after = before.clone().given(note());
        assert_eq!(after.timeline(), before.timeline());
        assert_eq!(after.order.version, before.order.version + 1);
    }
}

#[test]
fn allowed_actions_are_those_that_would_not_be_refused() {
    let user = |name: &str| name.parse().unwrap();
    let seller = |name: &str| Caller::Seller { user: user("sam"), seller: name.parse().unwrap() };
    let callers = [
        ("owner", Caller::Customer(user(crate::support::USER))),
        ("somebody", Caller::Customer(user("somebody"))),
        ("seller", seller("northwind-books")),
        ("other seller", seller("southwind")),
        ("admin", Caller::Admin(user("ada"))),
    ];
    let mut table = String::new();
    for status in Status::ALL {
        for (who, caller) in &callers {
            let story = Story::at(status);
            let actions = story.order.allowed_actions(caller);
            // `refund` is what an admin may do at any time: a part. The rest follows a return. All units are planned already, and
            // the hold has another name.
            for (_, command, action) in every_command(&story)
                .into_iter()
                .filter(|(what, ..)| !["Refund", "PlanShipment", "ReleaseHold"].contains(what))
            {
                if action.is_some_and(|action| actions.contains(&action)) {
                    assert!(story.clone().when(command).is_ok(), "{who} {status} {action:?}");
                }
            }
            let names: Vec<_> = actions.iter().map(|action| action.name()).collect();
            if !names.is_empty() {
                writeln!(table, "{status:<10} {who:<6} {}", names.join(" · ")).unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);

    let sees: Vec<_> = callers
        .iter()
        .filter(|(_, caller)| Operation::ViewOrder.permits(caller, &Story::at(Status::Confirmed).order).is_ok())
        .collect();
    assert_eq!(sees.iter().map(|(who, _)| *who).collect::<Vec<_>>(), ["owner", "seller", "admin"]);
}

#[test]
fn an_order_that_does_not_start_with_its_creation_is_not_written() {
    let noted = Event::Note(NoteEvent::OrderAssigneeChanged { assignee: None });
    let created = create(new_order(usual_lines()), start()).remove(0);
    for events in [vec![], vec![noted.clone()], vec![noted, created]] {
        let change = Change::new(order_id(), None, events, &provenance(start()));
        assert!(matches!(change, Err(InvalidChange::Empty)));
    }
}

#[test]
fn what_is_held_for_review_can_be_paid_and_is_not_prepared_until_approved() {
    let held = Story::at(Status::Pending).given(request_review()).paid(0);
    assert_eq!(held.order.status, Status::Confirmed);
    assert_eq!(held.clone().when(prepare()), Err(Refusal::UnderReview));
    let approved = held.given(Command::ApproveReview { note: Some("called the customer".into()) });
    assert_eq!(approved.order.review, None);
    assert_eq!(approved.given(prepare()).given(ship_all()).given(deliver()).order.status, Status::Delivered);
}

#[test]
fn what_is_held_while_it_is_prepared_does_not_ship() {
    let held = Story::at(Status::Processing).given(request_review());
    assert_eq!(held.clone().when(ship_all()), Err(Refusal::UnderReview));
    assert_eq!(held.clone().when(request_review()), Ok(Decision::AlreadyApplied), "a hold is not repeated");
    let gone = Story::at(Status::Shipped).when(request_review());
    assert_eq!(gone, Ok(Decision::AlreadyApplied), "what has shipped cannot be held");
}

#[test]
fn a_rejected_order_is_cancelled_for_fraud_and_its_money_goes_back() {
    let mut story = Story::at(Status::Confirmed).given(request_review());
    let answer = story.when(Command::RejectReview { note: None });
    assert_eq!(names(&answer), ["OrderCancelled", "OrderRefundInitiated"]);
    assert_eq!(story.order.timeline.last().unwrap().note, Some("fraud".into()));
    assert_eq!(story.order.review, None);
    assert_eq!(story.replayed(), story.order);
}
