//! Labels: asked for on record, paid once, given back where nobody needs them (G13, invariant 19).

use oms_domain::fulfilment::label::{LabelFailure, LabelStatus, MAX_LABELS};
use oms_domain::fulfilment::{ShipmentStatus, Tracking};
use oms_domain::ids::LabelId;
use oms_domain::ordering::{
    CancelReason, Command, Decision, HoldReason, LabelAnswer, Order, Refusal, ShipmentStep, Status,
};
use oms_domain::payments::Unshipped;
use proptest::prelude::*;

use crate::support::{
    Story, ask_for_label, bought_label, hold, label_order, leave, names, order_id, plan, prepare, refund_units,
    release, ship_all, step, tracking, units,
};

/// In process, with a shipment for each of its sellers.
fn prepared() -> Story {
    Story::at(Status::Confirmed).given(prepare())
}

fn id(sequence: u16) -> LabelId {
    LabelId::of_sequence(order_id(), 1, sequence)
}

fn answer(sequence: u16, answer: LabelAnswer) -> Command {
    Command::RecordLabel { shipment: 1, label_id: id(sequence), label: label_order(), answer }
}

fn bought(sequence: u16) -> Command {
    answer(sequence, LabelAnswer::Bought(bought_label(id(sequence))))
}

fn void() -> Command {
    Command::VoidLabel { shipment: 1 }
}

fn void_answer(sequence: u16, is_void: bool) -> Command {
    Command::RecordVoid { shipment: 1, label_id: id(sequence), is_void }
}

fn labels(order: &Order) -> Vec<LabelStatus> {
    order.shipment(1).unwrap().labels.iter().map(|label| label.status).collect()
}

#[test]
fn g13_a_label_is_asked_for_bought_and_ships_what_it_is_for() {
    let story = prepared().given(ask_for_label(1));
    assert_eq!(labels(&story.order), [LabelStatus::Requested]);
    let mut story = story.given(bought(1)).given(step(1, ShipmentStep::Pack));
    assert_eq!(labels(&story.order), [LabelStatus::Bought]);
    assert_eq!(names(&story.when(step(1, ShipmentStep::Ship { parcels: Vec::new() }))), ["OrderShipped"]);
    assert_eq!(story.order.shipment(1).unwrap().parcels, bought_label(id(1)).tracking);
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn g13_a_shipment_has_one_label_at_a_time() {
    for (story, status) in [
        (prepared().given(ask_for_label(1)), LabelStatus::Requested),
        (
            prepared()
                .given(ask_for_label(1))
                .given(answer(1, LabelAnswer::Unknown))
                .given(release(&id(1).to_string())),
            LabelStatus::Unknown,
        ),
        (prepared().given(ask_for_label(1)).given(bought(1)), LabelStatus::Bought),
        (prepared().given(ask_for_label(1)).given(bought(1)).given(void()), LabelStatus::Voiding),
    ] {
        let mut story: Story = story;
        assert_eq!(story.when(ask_for_label(1)), Err(Refusal::HasLabel(status)), "{status:?}");
    }
}

#[test]
fn g13_only_what_has_yet_to_leave_and_is_not_held_gets_a_label() {
    let refused = [
        ("no such shipment", prepared(), ask_for_label(9), Refusal::UnknownShipment),
        ("held", prepared().given(hold(HoldReason::Address)), ask_for_label(1), Refusal::OnHold(HoldReason::Address)),
        (
            "cancelled",
            prepared().given(step(1, ShipmentStep::Cancel)),
            ask_for_label(1),
            Refusal::ShipmentStands { from: ShipmentStatus::Cancelled, action: "buy a label" },
        ),
        ("nothing to void", prepared(), void(), Refusal::NoLabel),
        ("under way", prepared().given(ask_for_label(1)), void(), Refusal::HasLabel(LabelStatus::Requested)),
    ];
    for (what, mut story, command, refusal) in refused {
        assert_eq!(story.when(command), Err(refusal), "{what}");
    }
    let mut none = prepared();
    let no_parcels = Command::RequestLabel {
        shipment: 1,
        label: oms_domain::fulfilment::label::LabelOrder { parcels: Vec::new(), ..label_order() },
    };
    assert_eq!(none.when(no_parcels), Err(Refusal::ParcelCount(20)));
}

#[test]
fn g13_a_refused_label_is_none_and_another_has_another_name() {
    for reason in [LabelFailure::Refused, LabelFailure::Unavailable, LabelFailure::NotBought] {
        let mut story = prepared().given(ask_for_label(1)).given(answer(1, LabelAnswer::Failed(reason)));
        assert_eq!(labels(&story.order), []);
        assert_eq!(names(&story.when(ask_for_label(1))), ["OrderLabelRequested"]);
        assert_eq!(story.order.shipment(1).unwrap().labels[0].id, id(2), "{reason:?}");
    }
}

#[test]
fn g13_the_number_of_labels_is_bounded() {
    let mut story = prepared();
    for sequence in 1..=MAX_LABELS {
        story = story.given(ask_for_label(1)).given(answer(sequence, LabelAnswer::Failed(LabelFailure::Refused)));
    }
    assert_eq!(story.when(ask_for_label(1)), Err(Refusal::TooManyLabels(MAX_LABELS)));
}

#[test]
fn g13_an_answer_counts_once() {
    let mut story = prepared().given(ask_for_label(1)).given(bought(1));
    assert_eq!(story.when(bought(1)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.when(answer(1, LabelAnswer::Unknown)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.when(answer(1, LabelAnswer::Failed(LabelFailure::NotBought))), Ok(Decision::AlreadyApplied));
    assert_eq!(story.when(void_answer(1, true)), Ok(Decision::AlreadyApplied), "nobody asked for that");
}

#[test]
fn g13_a_label_that_nobody_knows_of_holds_the_order_until_somebody_has_looked() {
    let mut story = prepared().given(ask_for_label(1));
    assert_eq!(names(&story.when(answer(1, LabelAnswer::Unknown))), ["OrderLabelUnknown", "OrderHoldPlaced"]);
    assert_eq!(story.when(answer(1, LabelAnswer::Unknown)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.when(leave(1)), Err(Refusal::OnHold(HoldReason::Fulfilment)));
    let mut none = story.clone();
    assert_eq!(names(&none.when(void())), ["OrderLabelVoided", "OrderHoldReleased"]);
    assert_eq!((labels(&none.order), none.order.is_held()), (vec![], false));
    assert_eq!(names(&story.when(bought(1))), ["OrderLabelBought", "OrderHoldReleased"], "it was found after all");
    assert_eq!(labels(&story.order), [LabelStatus::Bought]);
    // A hold that a person has released is not released again.
    let mut released =
        prepared().given(ask_for_label(1)).given(answer(1, LabelAnswer::Unknown)).given(release(&id(1).to_string()));
    assert_eq!(names(&released.when(void())), ["OrderLabelVoided"]);
}

#[test]
fn g13_an_answer_that_comes_when_nobody_waits_any_more_is_kept_and_given_back() {
    let given_up = prepared().given(ask_for_label(1)).given(answer(1, LabelAnswer::Unknown)).given(void());
    let mut late = given_up.clone();
    assert_eq!(names(&late.when(bought(1))), ["OrderLabelBought", "OrderLabelVoidRequested"]);
    assert_eq!(labels(&late.order), [LabelStatus::Voiding]);
    let mut second = given_up.given(ask_for_label(1)).given(bought(2));
    assert_eq!(names(&second.when(bought(1))), ["OrderLabelBought", "OrderLabelVoidRequested"]);
    assert_eq!(labels(&second.order), [LabelStatus::Bought, LabelStatus::Voiding]);
    let shipment = second.order.shipment(1).unwrap();
    assert_eq!(shipment.bought_label().unwrap().id, id(2), "what ships is the one that was wanted");
    assert_eq!(names(&second.when(void_answer(1, true))), ["OrderLabelVoided"]);
    assert_eq!(second.replayed(), second.order);
}

#[test]
fn g13_a_label_is_given_back_unless_its_parcel_has_left() {
    let mut story = prepared().given(ask_for_label(1)).given(bought(1)).given(void());
    assert_eq!(story.when(void()), Ok(Decision::AlreadyApplied));
    let nothing = ShipmentStep::Ship { parcels: Vec::new() };
    assert_eq!(story.when(step(1, nothing.clone())), Err(Refusal::ParcelCount(20)), "nothing ships with it");
    let refused = story.clone().given(void_answer(1, false));
    assert_eq!(labels(&refused.order), [LabelStatus::Bought]);
    let gone = story.given(void_answer(1, true));
    assert_eq!(labels(&gone.order), []);
    let mut left = refused.given(step(1, nothing));
    let refusal = Refusal::ShipmentStands { from: ShipmentStatus::Shipped, action: "void the label" };
    assert_eq!(left.when(void()), Err(refusal));
    let mut elsewhere = prepared().given(ask_for_label(1)).given(bought(1)).given(leave(1));
    assert_ne!(bought_label(id(1)).tracking, [tracking()]);
    assert_eq!(names(&elsewhere.when(void())), ["OrderLabelVoidRequested"], "it left with another carrier");
}

#[test]
fn g13_a_label_whose_shipment_is_given_up_is_given_back_on_whatever_road() {
    let story = || prepared().given(ask_for_label(1)).given(bought(1));
    let all: Vec<_> = story().order.shipment(1).unwrap().lines.clone();
    let roads = [
        ("cancelled", step(1, ShipmentStep::Cancel)),
        ("the order is cancelled", Command::Cancel { reason: CancelReason::CustomerRequest, note: None }),
        ("its units are refunded", refund_units(&all, Unshipped::Restock)),
    ];
    for (road, command) in roads {
        let mut story = story();
        let events = names(&story.when(command));
        assert!(events.contains(&"OrderLabelVoidRequested"), "{road}: {events:?}");
        assert_eq!(labels(&story.order), [LabelStatus::Voiding], "{road}");
        assert_eq!(story.replayed(), story.order);
    }
    // The short way takes up the first plan, with its label's shipment, and gives up the others.
    let split = prepared().given(step(1, ShipmentStep::Cancel)).given(plan(&[units(1, 1)])).given(plan(&[units(1, 1)]));
    let number = split.order.shipments.last().unwrap().number;
    let label_id = LabelId::of_sequence(order_id(), number, 1);
    let other = Command::RecordLabel {
        shipment: number,
        label_id,
        label: label_order(),
        answer: LabelAnswer::Bought(bought_label(label_id)),
    };
    let mut split = split.given(Command::RequestLabel { shipment: number, label: label_order() }).given(other);
    assert!(names(&split.when(ship_all())).contains(&"OrderLabelVoidRequested"));
}

#[test]
fn g13_a_label_that_is_bought_for_a_shipment_that_was_given_up_goes_straight_back() {
    let mut story = prepared().given(ask_for_label(1)).given(step(1, ShipmentStep::Cancel));
    assert_eq!(names(&story.when(bought(1))), ["OrderLabelBought", "OrderLabelVoidRequested"]);
    assert_eq!(labels(&story.order), [LabelStatus::Voiding]);
}

#[test]
fn g13_what_waits_for_a_carrier_says_so() {
    let code = |story: &Story| {
        let waits = story.order.waits(&story.records());
        waits.into_iter().map(|wait| wait.code).find(|code| code.starts_with("label"))
    };
    let asked = prepared().given(ask_for_label(1));
    assert_eq!(code(&asked), Some("label"));
    assert_eq!(code(&asked.clone().given(answer(1, LabelAnswer::Unknown))), Some("label_unknown"));
    let bought = asked.given(bought(1));
    assert_eq!(code(&bought), None);
    assert_eq!(code(&bought.given(void())), Some("label_void"));
}

/// Something that may happen to the labels of a shipment, in any order.
#[derive(Debug, Clone)]
enum Turn {
    Ask,
    Void,
    Step(ShipmentStep),
    /// The carrier answers to the `n`th label.
    Answer(u16, u8),
    VoidAnswer(u16, bool),
    Hold,
}

fn turn() -> impl Strategy<Value = Turn> {
    let sequence = || 1..4_u16;
    prop_oneof![
        4 => Just(Turn::Ask),
        2 => Just(Turn::Void),
        1 => Just(Turn::Step(ShipmentStep::Cancel)),
        1 => Just(Turn::Step(ShipmentStep::Pack)),
        1 => Just(Turn::Step(ShipmentStep::Ship { parcels: Vec::new() })),
        6 => (sequence(), 0..5_u8).prop_map(|(sequence, what)| Turn::Answer(sequence, what)),
        3 => (sequence(), any::<bool>()).prop_map(|(sequence, is_void)| Turn::VoidAnswer(sequence, is_void)),
        1 => Just(Turn::Hold),
    ]
}

proptest! {
    /// Whatever happens in whatever order: what was bought is known until it is void or its parcel has left, and only one is in use.
    #[test]
    fn g13_what_was_bought_is_known_until_it_is_void(turns in prop::collection::vec(turn(), 1..40)) {
        let mut story = prepared();
        let mut paid: Vec<LabelId> = Vec::new();
        for turn in turns {
            let asked = story.order.shipment(1).unwrap().labels_asked;
            let command = match turn {
                Turn::Ask => ask_for_label(1),
                Turn::Void => void(),
                Turn::Step(next) => step(1, next),
                Turn::Answer(sequence, _) | Turn::VoidAnswer(sequence, _) if sequence > asked => continue,
                Turn::Answer(sequence, 0 | 1) => bought(sequence),
                Turn::Answer(sequence, 2) => answer(sequence, LabelAnswer::Unknown),
                Turn::Answer(sequence, _) => answer(sequence, LabelAnswer::Failed(LabelFailure::NotBought)),
                Turn::VoidAnswer(sequence, is_void) => void_answer(sequence, is_void),
                Turn::Hold => hold(HoldReason::Other),
            };
            let buys = match &command {
                Command::RecordLabel { label_id, answer: LabelAnswer::Bought(_), .. } => Some(*label_id),
                _ => None,
            };
            let voids = match &command {
                Command::RecordVoid { label_id, is_void: true, .. } => Some(*label_id),
                _ => None,
            };
            let standing = voids.and_then(|id| story.order.shipment(1).unwrap().label(id)).map(|label| label.status);
            if story.when(command).is_ok() {
                paid.extend(buys.filter(|id| !paid.contains(id)));
                if standing == Some(LabelStatus::Voiding) {
                    paid.retain(|id| Some(*id) != voids);
                }
            }
            let shipment = story.order.shipment(1).unwrap();
            for id in &paid {
                let label = shipment.label(*id);
                prop_assert!(label.is_some_and(|label| label.bought.is_some()), "{id} is forgotten: {:?}", shipment.labels);
            }
            let in_use = shipment.labels.iter().filter(|label| matches!(label.status, LabelStatus::Requested | LabelStatus::Unknown));
            prop_assert!(in_use.count() <= 1);
            let numbers: Vec<&Tracking> = shipment.parcels.iter().collect();
            prop_assert!(numbers.is_empty() || shipment.label(shipment.labels[0].id).is_some());
        }
        prop_assert_eq!(story.replayed(), story.order);
    }
}
