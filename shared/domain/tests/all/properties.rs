//! Whatever is asked of an order, in whatever sequence and at whatever time, the invariants hold (DESIGN §9).
//! What must hold after every single change (stock, money, versions, legal steps) is checked by the story itself.

use crate::support::{
    Story, assign, cancel, cancel_lines, complete_refund, deliver, deny_return, fail_delivery, line, new_order, note,
    prepare, product, receive, refund_part, request, request_return, request_review, returned, set_tags, ship,
    ship_all, submit, units,
};
use oms_domain::catalog::stock::Condition;
use oms_domain::chain::{self, Broken, Sealed};
use oms_domain::ordering::{Command, Decision, Status};
use proptest::prelude::*;
use proptest::sample::Index;

/// What somebody does next; indexes point into whatever the order has by then.
#[derive(Debug, Clone)]
enum CommandContext {
    /// What a well-behaved shop and customer would do.
    Forward,
    Submit,
    Request,
    Pay(Index),
    PayWrongly(Index, i64),
    Fail(Index),
    Prepare,
    ShipAll,
    ShipPart(Index, u32),
    FailDelivery,
    Deliver,
    Cancel,
    CancelLines(Index, u32),
    Expire,
    RequestReturn(Index, u32),
    DenyReturn,
    Receive(Index, u32, bool),
    Refund,
    RefundPart(Index, u32, i64, i64),
    CompleteRefund(Index),
    Note,
    Tags,
    Assign(bool),
    Hold,
    Approve,
    Reject,
}

impl CommandContext {
    fn command(&self, story: &Story) -> Command {
        let order = &story.order;
        let payment = |index: &Index| index.index(order.ledger.payments.len().max(1));
        let line = |index: &Index| order.lines[index.index(order.lines.len())].line;
        match self {
            CommandContext::Forward => forward(story),
            CommandContext::Submit => submit(&story.order),
            CommandContext::Request => request("paypal"),
            CommandContext::Pay(index) => story.pay(payment(index)),
            CommandContext::PayWrongly(index, minor_units) => story.pay_off_by(payment(index), *minor_units),
            CommandContext::Fail(index) => story.fail(payment(index)),
            CommandContext::Prepare => prepare(),
            CommandContext::ShipAll => ship_all(),
            CommandContext::ShipPart(index, quantity) => ship(&[units(line(index), *quantity)]),
            CommandContext::FailDelivery => fail_delivery(),
            CommandContext::Deliver => deliver(),
            CommandContext::Cancel => cancel(),
            CommandContext::CancelLines(index, quantity) => cancel_lines(&[units(line(index), *quantity)]),
            CommandContext::Expire => Command::Expire,
            CommandContext::RequestReturn(index, quantity) => request_return(&[units(line(index), *quantity)]),
            CommandContext::DenyReturn => deny_return(),
            CommandContext::Receive(index, quantity, sellable) => {
                let condition = if *sellable { Condition::Sellable } else { Condition::Damaged };
                receive(&[returned(line(index), *quantity, condition)])
            }
            CommandContext::Refund => Command::Refund,
            CommandContext::RefundPart(index, quantity, shipping, goodwill) => {
                let lines = if *quantity > 0 { vec![units(line(index), *quantity)] } else { Vec::new() };
                refund_part(&lines, *shipping, *goodwill)
            }
            CommandContext::CompleteRefund(index) => complete_refund(index.index(order.ledger.refunds.len().max(1))),
            CommandContext::Note => note(),
            CommandContext::Tags => set_tags(&["fragile"]),
            CommandContext::Assign(somebody) => assign(somebody.then_some("grace")),
            CommandContext::Hold => request_review(),
            CommandContext::Approve => Command::ApproveReview { note: None },
            CommandContext::Reject => Command::RejectReview { note: None },
        }
    }
}

fn forward(story: &Story) -> Command {
    let refund = story.order.ledger.refunds.iter().position(|refund| !refund.completed);
    if story.order.review.is_some() {
        return Command::ApproveReview { note: None };
    }
    match (story.order.status, refund) {
        (Status::Draft, _) => submit(&story.order),
        (Status::Pending, _) if story.order.ledger.payments.is_empty() => request("stripe"),
        (Status::Pending, _) => story.pay(0),
        (Status::Confirmed, _) => prepare(),
        (Status::Processing, _) => ship_all(),
        (Status::Shipped, _) => deliver(),
        (Status::Delivered, _) => request_return(&[units(1, 1)]),
        (Status::ReturnRequested, _) => receive(&[returned(1, 1, Condition::Sellable)]),
        (Status::Returned | Status::Refunded | Status::Cancelled, Some(open)) => complete_refund(open),
        (Status::Returned | Status::Refunded | Status::Cancelled, None) => Command::Refund,
    }
}

fn deed() -> impl Strategy<Value = CommandContext> {
    let index = any::<Index>;
    prop_oneof![
        10 => Just(CommandContext::Forward),
        1 => Just(CommandContext::Submit),
        3 => Just(CommandContext::Request),
        3 => index().prop_map(CommandContext::Pay),
        1 => (index(), -2_i64..3).prop_map(|(payment, minor)| CommandContext::PayWrongly(payment, minor)),
        2 => index().prop_map(CommandContext::Fail),
        1 => Just(CommandContext::Prepare),
        1 => Just(CommandContext::ShipAll),
        2 => (index(), 0_u32..4).prop_map(|(line, quantity)| CommandContext::ShipPart(line, quantity)),
        2 => Just(CommandContext::FailDelivery),
        1 => Just(CommandContext::Deliver),
        1 => Just(CommandContext::Cancel),
        2 => (index(), 0_u32..4).prop_map(|(line, quantity)| CommandContext::CancelLines(line, quantity)),
        1 => Just(CommandContext::Expire),
        1 => (index(), 0_u32..4).prop_map(|(line, quantity)| CommandContext::RequestReturn(line, quantity)),
        1 => Just(CommandContext::DenyReturn),
        1 => (index(), 0_u32..4, any::<bool>()).prop_map(|(line, quantity, good)| CommandContext::Receive(line, quantity, good)),
        1 => Just(CommandContext::Refund),
        3 => (index(), 0_u32..3, -1_i64..500, -1_i64..500).prop_map(|(line, quantity, shipping, goodwill)| {
            CommandContext::RefundPart(line, quantity, shipping, goodwill)
        }),
        1 => Just(CommandContext::Hold),
        2 => Just(CommandContext::Approve),
        1 => Just(CommandContext::Reject),
        2 => index().prop_map(CommandContext::CompleteRefund),
        1 => Just(CommandContext::Note),
        1 => Just(CommandContext::Tags),
        1 => any::<bool>().prop_map(CommandContext::Assign),
    ]
}

/// A new order of one to four lines of up to three products.
fn order() -> impl Strategy<Value = Story> {
    let lines = proptest::collection::vec((0_u128..3, 1_u32..5, 1_i64..100_000), 1..5);
    (lines, any::<bool>()).prop_map(|(lines, draft)| {
        let lines =
            (1..).zip(lines).map(|(number, (kind, quantity, price))| line(number, product(kind), quantity, price));
        let mut new = new_order(lines.collect());
        new.draft = draft;
        Story::of(new)
    })
}

/// A whole life: deeds with the minutes that pass before each.
fn life() -> impl Strategy<Value = Story> {
    let deeds = proptest::collection::vec((0_i64..8, deed()), 0..40);
    (order(), deeds).prop_map(|(mut story, deeds)| {
        for (minutes, deed) in deeds {
            story = story.after_minutes(minutes);
            let before = story.order.clone();
            let answer = story.when(deed.command(&story));
            if !matches!(answer, Ok(Decision::Happens(_))) {
                assert_eq!(story.order, before, "no event, no change");
            }
        }
        story
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replaying_the_stored_events_gives_the_stored_state(story in life()) {
        prop_assert_eq!(story.replayed(), story.order.clone());
        let stored = serde_json::to_string(&story.order).unwrap();
        prop_assert_eq!(serde_json::from_str::<oms_domain::ordering::Order>(&stored).unwrap(), story.order);
    }

    #[test]
    fn the_timeline_follows_the_statuses_of_the_events(story in life()) {
        let mut told: Vec<_> = story.records().iter().map(|record| (record.status, record.at)).collect();
        told.dedup_by_key(|(status, _)| *status);
        // What was submitted in the moment of its creation was never a draft to anybody.
        if told.len() > 1 && told[1] == (Status::Pending, told[0].1) {
            told.remove(0);
        }
        let timeline: Vec<_> = story.order.timeline.iter().map(|entry| (entry.status, entry.at)).collect();
        prop_assert_eq!(told, timeline);
    }

    #[test]
    fn what_is_decided_twice_is_decided_alike(story in life(), deed in deed()) {
        let command = deed.command(&story);
        let (mut first, mut second) = (story.clone(), story);
        prop_assert_eq!(first.when(command.clone()), second.when(command));
        prop_assert_eq!(first.stream, second.stream);
    }

    #[test]
    fn a_provider_that_repeats_itself_changes_nothing(story in life(), payment in any::<Index>(), fails in any::<bool>()) {
        let deed = if fails { CommandContext::Fail(payment) } else { CommandContext::Pay(payment) };
        let mut story = story;
        let command = deed.command(&story);
        if story.when(command.clone()).is_ok() {
            let once = story.order.clone();
            prop_assert_eq!(story.when(command), Ok(Decision::AlreadyApplied));
            prop_assert_eq!(story.order, once);
        }
    }

    #[test]
    fn a_changed_byte_is_found(story in life(), event in any::<Index>(), byte in any::<Index>(), bit in 0_u8..7) {
        let mut stream = story.stream.clone();
        let sealed = &mut stream[event.index(story.stream.len())];
        let mut bytes = sealed.body.clone().into_bytes();
        bytes[byte.index(sealed.body.len())] ^= 1 << bit;
        sealed.body = String::from_utf8(bytes).unwrap();
        prop_assert!(chain::open(&stream, &story.order.head).is_err());
    }

    #[test]
    fn a_missing_doubled_or_misplaced_event_is_found(story in life(), one in any::<Index>(), two in any::<Index>()) {
        let length = story.stream.len();
        let (one, two) = (one.index(length), two.index(length));
        let tampered = |change: &dyn Fn(&mut Vec<Sealed>)| {
            let mut stream = story.stream.clone();
            change(&mut stream);
            chain::open(&stream, &story.order.head)
        };
        prop_assert!(tampered(&|stream| drop(stream.remove(one))).is_err());
        prop_assert!(tampered(&|stream| stream.truncate(one)).is_err());
        prop_assert!(tampered(&|stream| stream.insert(two, story.stream[one].clone())).is_err());
        prop_assert_eq!(tampered(&|stream| stream.swap(one, two)).is_ok(), one == two);

        let renumbered = tampered(&|stream| {
            stream.remove(one);
            for (version, sealed) in (1..).zip(stream) {
                sealed.version = version;
            }
        });
        prop_assert!(renumbered.is_err());
    }
}

#[test]
fn every_single_byte_of_a_stream_counts() {
    let story = Story::at(Status::Refunded);
    for event in 0..story.stream.len() {
        for byte in 0..story.stream[event].body.len() {
            let mut stream = story.stream.clone();
            let mut bytes = stream[event].body.clone().into_bytes();
            bytes[byte] ^= 1;
            stream[event].body = String::from_utf8(bytes).unwrap();
            assert!(chain::open(&stream, &story.order.head).is_err(), "byte {byte} of event {}", event + 1);
        }
    }
}

#[test]
fn a_broken_stream_says_where() {
    let story = Story::at(Status::Confirmed);
    let broken = |change: fn(&mut Vec<Sealed>)| {
        let mut stream = story.stream.clone();
        change(&mut stream);
        chain::open(&stream, &story.order.head).unwrap_err()
    };
    assert_eq!(broken(|stream| stream[1].body.truncate(9)), Broken::Unreadable { version: 2 });
    assert_eq!(broken(|stream| drop(stream.remove(1))), Broken::Gap { expected: 2, found: 3 });
    assert_eq!(broken(|stream| stream[1].version = 7), Broken::Gap { expected: 2, found: 7 });
    assert_eq!(broken(|stream| stream[1].body.push(' ')), Broken::Link { version: 3 });
    assert_eq!(broken(|stream| drop(stream.pop())), Broken::Head);
}

#[test]
fn random_lives_reach_every_state() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..200 {
        reached.extend(life().new_tree(&mut runner).unwrap().current().timeline());
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), Status::ALL);
}
