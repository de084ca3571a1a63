//! Returns with a number, several at once, and claims: who may ask, what comes back, what it is worth (H1–H7, H9).

use crate::support::{
    Story, complete_refund, deliver, deny_return, line, names, new_order, prepare, product, receive, refund_part,
    request, returned, ship_all, units, usual_lines,
};
use jiff::{SignedDuration, Timestamp};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::catalog::stock::{Condition, Stock};
use oms_domain::fulfilment::LineQuantity;
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::{
    Action, Command, Decision, Line, NewOrder, NewReturn, Refusal, ReturnStep, Status, WantedLine,
};
use oms_domain::payments::{PaymentStatus, Refund, RefundReason};
use oms_domain::pricing::{Item, TaxTable, Totals};
use oms_domain::returns::policy::{BackTo, GoodsCondition, Payer, Reason, ReturnTerms, ReturnsTable, Treatment};
use oms_domain::returns::{FoundUnits, MAX_RETURNS, Return, ReturnId, ReturnKind, ReturnStatus, Settlement};
use proptest::prelude::*;
use proptest::sample::Index;
use rust_decimal::Decimal;

fn reason(code: &str, label: Payer) -> Reason {
    Reason { code: code.into(), text: "a reason".into(), label, photo: false }
}

fn wanted(kind: ReturnKind, lines: &[(u16, u32)], label: Payer, binding: bool) -> Command {
    let lines = lines.iter().map(|(line, quantity)| WantedLine {
        units: units(*line, *quantity),
        reason: (!kind.is_claim()).then(|| reason("unwanted", label)),
    });
    Command::OpenReturn(Box::new(NewReturn { kind, lines: lines.collect(), note: Some("too blue".into()), binding }))
}

/// As a customer asks.
fn open(lines: &[(u16, u32)]) -> Command {
    wanted(ReturnKind::Return, lines, Payer::Customer, true)
}

fn claim(lines: &[(u16, u32)]) -> Command {
    wanted(ReturnKind::Missing, lines, Payer::Shop, true)
}

fn moved(number: u16, step: ReturnStep) -> Command {
    Command::MoveReturn { number, step, note: None }
}

fn approve(number: u16) -> Command {
    moved(number, ReturnStep::Approve { table: Box::default(), amount: None })
}

fn found(parts: &[(u16, u32, GoodsCondition)]) -> Vec<FoundUnits> {
    parts
        .iter()
        .map(|(line, quantity, condition)| FoundUnits { units: units(*line, *quantity), condition: *condition })
        .collect()
}

fn come(number: u16, parts: &[(u16, u32, GoodsCondition)]) -> Command {
    by_table(number, parts, ReturnsTable::default(), None)
}

fn by_table(number: u16, parts: &[(u16, u32, GoodsCondition)], table: ReturnsTable, amount: Option<i64>) -> Command {
    let amount = amount.map(Amount::from_minor);
    moved(number, ReturnStep::Receive { table: Box::new(table), found: found(parts), amount })
}

fn delivered() -> Story {
    Story::at(Status::Delivered)
}

fn days(story: Story, days: i64) -> Story {
    story.after_minutes(days * 24 * 60)
}

fn own(story: &Story, number: u16) -> &Return {
    story.order.return_numbered(number).unwrap()
}

const AS_NEW: GoodsCondition = GoodsCondition::AsNew;
const DAMAGED: GoodsCondition = GoodsCondition::Damaged;

/// One line of three mugs.
fn three_mugs() -> Story {
    let mugs = vec![line(1, product(1), 3, 1_000)];
    let story = Story::of(new_order(mugs)).submitted().given(request("stripe")).paid(0);
    story.given(prepare()).given(ship_all()).given(deliver())
}

#[test]
fn h1_three_mugs_one_comes_as_new_one_damaged_and_one_stays() {
    let mut story = three_mugs();
    // 3 × 10.00 with 2.00 tax, and 4.90 for shipping.
    assert_eq!(story.order.totals.total.minor(), 3_690);
    assert_eq!(names(&story.when(open(&[(1, 2)]))), ["OrderReturnOpened"]);
    assert_eq!(story.order.status, Status::ReturnRequested);
    let story = story.given(approve(1)).given(come(1, &[(1, 1, AS_NEW)]));
    assert_eq!((own(&story, 1).status, story.order.status), (ReturnStatus::Received, Status::ReturnRequested));
    let mut story = story;
    let last = names(&story.when(come(1, &[(1, 1, DAMAGED)])));
    assert_eq!(last, ["OrderReturnReceived", "OrderRefundInitiated", "OrderReturnClosed"]);

    let amounts: Vec<_> = story.order.ledger.refunds.iter().map(|refund| refund.amount.minor()).collect();
    // A third of 32.00 is 10.67; two thirds are 21.33, so the second is worth 10.66, and half of it goes back.
    assert_eq!(amounts, [1_067, 533]);
    let settled = own(&story, 1).settled;
    assert_eq!((settled.value.minor(), settled.reduction.minor(), settled.fee.minor()), (2_133, 533, 0));
    assert_eq!((story.order.status, own(&story, 1).status), (Status::Delivered, ReturnStatus::Closed));
    let stock = story.stock_of(1);
    assert_eq!((stock.returned, stock.available, stock.damaged, stock.shipped), (2, 998, 1, 3));
    let story = story.refund_completed(0).refund_completed(1);
    assert_eq!(story.order.ledger.status(), PaymentStatus::PartiallyRefunded);
    assert_eq!(story.order.status, Status::Delivered, "one mug stays");
    assert_eq!(story.replayed(), story.order);
    assert_eq!(
        serde_json::from_str::<Return>(&serde_json::to_string(own(&story, 1)).unwrap()).unwrap(),
        *own(&story, 1)
    );
}

#[test]
fn h4_a_whole_order_brings_its_shipping_and_ends_as_refunded() {
    let whole = [(1, 2), (2, 1), (3, 3)];
    let story = delivered().given(open(&whole)).given(approve(1));
    let all: Vec<_> = whole.iter().map(|(line, units)| (*line, *units, AS_NEW)).collect();
    let story = story.given(come(1, &all));
    assert_eq!(story.order.status, Status::Returned);
    assert_eq!(story.promised_back(), story.order.totals.total);
    assert_eq!(story.order.ledger.refunds[0].reason, RefundReason::Partial);
    let story = story.refund_completed(0);
    assert_eq!((story.order.status, story.order.refundable()), (Status::Refunded, Amount::ZERO));
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn h3_the_window_and_a_final_sale_bind_customers_and_are_advice_for_staff() {
    let until: Timestamp = days(delivered(), 30).now;
    let mut on_time = days(delivered(), 30);
    on_time.now = until - SignedDuration::from_millis(1);
    assert!(on_time.when(open(&[(1, 1)])).is_ok());

    let mut late = days(delivered(), 30);
    let over = Refusal::ReturnWindowOver { line: 1, since: until };
    assert_eq!(late.when(open(&[(1, 1)])), Err(over));
    let by_staff = wanted(ReturnKind::Return, &[(1, 1)], Payer::Customer, false);
    let late = late.given(by_staff.clone());
    assert!(own(&late, 1).waived, "it is on record");

    let terms = ReturnTerms { version: 2, days: 60, except: vec![(2, 0)] };
    let mut new = new_order(usual_lines());
    (new.return_terms, new.draft) = (Some(terms), false);
    let mut frozen =
        Story::of(new).given(request("stripe")).paid(0).given(prepare()).given(ship_all()).given(deliver());
    assert_eq!(frozen.when(open(&[(2, 1)])), Err(Refusal::FinalSale(2)));
    let mut frozen = days(frozen, 59);
    assert!(frozen.when(open(&[(1, 1)])).is_ok(), "the terms of its placement");
    let claimed = days(Story::at(Status::Delivered), 400).given(claim(&[(2, 1)]));
    assert!(!own(&claimed, 1).waived, "a person decides about a claim, whenever it comes");
}

#[test]
fn h2_a_reason_that_needs_a_photo_waits_for_staff() {
    let ask = |binding| {
        let photo = Reason { photo: true, ..reason("defective", Payer::Shop) };
        let lines = vec![WantedLine { units: units(1, 1), reason: Some(photo) }];
        Command::OpenReturn(Box::new(NewReturn { kind: ReturnKind::Return, lines, note: None, binding }))
    };
    let mut story = delivered();
    assert_eq!(story.when(ask(true)), Err(Refusal::PhotoNeeded("defective".into())));
    let story = story.given(ask(false));
    assert!(own(&story, 1).waived && own(&story, 1).lines[0].shop_pays);
}

#[test]
fn h1_units_are_in_one_open_return_at_a_time() {
    let mut story = delivered().given(open(&[(1, 1), (3, 2)]));
    assert_eq!(story.when(open(&[(1, 2)])), Err(Refusal::TooManyUnits { line: 1, left: 1 }));
    let story = story.given(open(&[(1, 1)])).given(moved(1, ReturnStep::Deny));
    assert_eq!(story.order.status, Status::ReturnRequested, "the other one is open");
    let mut story = story.given(open(&[(3, 3)])).given(moved(2, ReturnStep::Cancel));
    assert_eq!(own(&story, 3).number, 3);
    // What came back, or was claimed and paid for, is not there to come back again.
    story = story.given(approve(3)).given(come(3, &[(3, 2, AS_NEW)])).given(moved(3, ReturnStep::Close));
    assert_eq!(story.order.status, Status::Delivered);
    assert_eq!(story.when(open(&[(3, 2)])), Err(Refusal::TooManyUnits { line: 3, left: 1 }));
    story = story.given(claim(&[(3, 1)])).given(approve(4));
    assert_eq!(story.when(open(&[(3, 1)])), Err(Refusal::TooManyUnits { line: 3, left: 0 }));
    assert_eq!(story.when(open(&[])), Err(Refusal::NothingNamed));
    assert_eq!(story.when(open(&[(9, 1)])), Err(Refusal::UnknownLine(9)));
}

#[test]
fn h1_an_order_has_at_most_twenty_returns() {
    let mut story = delivered();
    for number in 1..=MAX_RETURNS {
        story = story.given(open(&[(1, 1)])).given(moved(u16::try_from(number).unwrap(), ReturnStep::Cancel));
    }
    assert_eq!(story.when(open(&[(1, 1)])), Err(Refusal::TooManyReturns(MAX_RETURNS)));
}

#[test]
fn h1_a_step_is_taken_from_where_the_return_stands() {
    let steps = || {
        [
            ("approve", approve(1)),
            ("deny", moved(1, ReturnStep::Deny)),
            ("receive", come(1, &[(1, 1, AS_NEW)])),
            ("cancel", moved(1, ReturnStep::Cancel)),
            ("close", moved(1, ReturnStep::Close)),
        ]
    };
    let asked = || delivered().given(open(&[(1, 2)]));
    let approved = || asked().given(approve(1));
    let partly = || approved().given(come(1, &[(1, 1, AS_NEW)]));
    let stories: [(Story, [Option<bool>; 5]); 6] = [
        // Whether a step is taken; nothing where it had been.
        (asked(), [Some(true), Some(true), Some(false), Some(true), Some(false)]),
        (approved(), [None, Some(false), Some(true), Some(true), Some(false)]),
        (partly(), [Some(false), Some(false), Some(true), Some(false), Some(true)]),
        (partly().given(come(1, &[(1, 1, AS_NEW)])), [Some(false), Some(false), Some(false), Some(false), None]),
        (asked().given(moved(1, ReturnStep::Deny)), [Some(false), None, Some(false), Some(false), Some(false)]),
        (asked().given(moved(1, ReturnStep::Cancel)), [Some(false), Some(false), Some(false), None, Some(false)]),
    ];
    for (story, expected) in stories {
        let from = own(&story, 1).status;
        for ((action, command), expected) in steps().into_iter().zip(expected) {
            let mut story = story.clone();
            match (story.when(command), expected) {
                (Ok(Decision::Happens(_)), Some(true)) | (Ok(Decision::AlreadyApplied), None) => {}
                (Err(refusal), Some(false)) => {
                    assert_eq!(refusal, Refusal::ReturnStands { from, action });
                }
                (answer, expected) => panic!("{action} while {from}: {answer:?}, not {expected:?}"),
            }
        }
    }
    assert_eq!(delivered().when(approve(1)), Err(Refusal::UnknownReturn));
    let mut approved = approved();
    assert_eq!(approved.when(come(1, &[(1, 3, AS_NEW)])), Err(Refusal::TooManyUnits { line: 1, left: 2 }));
    assert_eq!(approved.when(come(1, &[(2, 1, AS_NEW)])), Err(Refusal::TooManyUnits { line: 2, left: 0 }));
    let two = [(1, 2, AS_NEW), (1, 1, DAMAGED)];
    assert_eq!(approved.when(come(1, &two)), Err(Refusal::TooManyUnits { line: 1, left: 2 }));
    assert_eq!(approved.when(come(1, &[(1, 0, AS_NEW)])), Err(Refusal::NothingNamed));
    let amount = ReturnStep::Approve { table: Box::default(), amount: Some(Amount::from_minor(1)) };
    let stands = Refusal::ReturnStands { from: ReturnStatus::Requested, action: "refund" };
    assert_eq!(delivered().given(open(&[(1, 1)])).when(moved(1, amount)), Err(stands));
}

#[test]
fn h5_condition_decides_stock_and_money_and_nothing_is_lost_from_the_books() {
    let table = || ReturnsTable {
        restocking_fee: Decimal::new(10, 2),
        conditions: [
            (GoodsCondition::Opened, Treatment { stock: BackTo::Available, rate: Decimal::new(80, 2) }),
            (GoodsCondition::WrongItem, Treatment { stock: BackTo::None, rate: Decimal::ZERO }),
        ]
        .into(),
        ..ReturnsTable::default()
    };
    let parts = [(1, 1, GoodsCondition::Opened), (1, 1, GoodsCondition::Incomplete), (1, 1, GoodsCondition::WrongItem)];
    let story = three_mugs().given(open(&[(1, 3)])).given(approve(1)).given(by_table(1, &parts, table(), None));
    // 10.67 × 80 % = 8.54 less 1.07; 10.66 × 50 % = 5.33 less 1.07; nothing of 10.67; shipping, as nothing stays.
    let settled = own(&story, 1).settled;
    assert_eq!(settled.fee.minor(), 107 + 107);
    assert_eq!(settled.refund().minor(), 854 - 107 + 533 - 107 + 490);
    assert_eq!(settled.value, story.order.totals.total);
    let stock = story.stock_of(1);
    assert_eq!((stock.available, stock.damaged, stock.written_off, stock.returned), (998, 1, 1, 3));
    assert!(stock.is_balanced());
    assert_eq!(story.order.status, Status::Returned);
    let part = story.order.ledger.refunds[0].part.clone().unwrap();
    assert_eq!((part.of_return, part.shipping.minor()), (Some(1), 490));
    assert_eq!(part.withheld, settled.withheld());
    assert_eq!(story.refund_completed(0).order.status, Status::Returned, "the shop keeps its fee");

    let at_fault = three_mugs().given(wanted(ReturnKind::Return, &[(1, 1)], Payer::Shop, true)).given(approve(1));
    let at_fault = at_fault.given(by_table(1, &[(1, 1, AS_NEW)], table(), None));
    assert_eq!(own(&at_fault, 1).settled.fee, Amount::ZERO, "no fee where the shop pays for the way back");
}

#[test]
fn h4_staff_decides_an_amount_up_to_the_value_and_to_what_is_left() {
    let approved = || three_mugs().given(open(&[(1, 1)])).given(approve(1));
    let decided = |amount| by_table(1, &[(1, 1, DAMAGED)], ReturnsTable::default(), Some(amount));
    let money = |minor| Money::new(Amount::from_minor(minor), "EUR".parse().unwrap());
    assert_eq!(approved().when(decided(1_068)), Err(Refusal::RefundTooLarge { left: money(1_067) }));
    assert_eq!(approved().when(decided(-1)), Err(Refusal::RefundTooLarge { left: money(1_067) }));
    let up = approved().given(decided(1_067));
    assert_eq!((up.promised_back().minor(), own(&up, 1).settled.reduction.minor()), (1_067, 0));
    let nothing = approved().given(decided(0));
    assert_eq!((nothing.order.ledger.refunds.len(), nothing.order.lines[0].refunded), (0, 1));
    assert_eq!((own(&nothing, 1).status, nothing.order.status), (ReturnStatus::Closed, Status::Delivered));

    // What went back as a kindness is not there any more.
    let generous = approved().given(refund_part(&[], 0, 3_000)).given(come(1, &[(1, 1, AS_NEW)]));
    let settled = own(&generous, 1).settled;
    assert_eq!((settled.gone.minor(), settled.refund().minor()), (1_067 - 690, 690));
    let left = Refusal::RefundTooLarge { left: money(690) };
    assert_eq!(approved().given(refund_part(&[], 0, 3_000)).when(decided(691)), Err(left));
    // Units whose money is back are worth nothing the second time.
    let before = three_mugs().given(refund_part(&[units(1, 2)], 0, 0)).given(open(&[(1, 3)])).given(approve(1));
    let before = before.given(come(1, &[(1, 3, AS_NEW)]));
    assert_eq!(own(&before, 1).settled.value.minor(), 3_690 - 2_133);
    assert_eq!(before.promised_back(), before.order.totals.total);
}

#[test]
fn h1_a_claim_gives_the_money_back_and_waits_for_no_goods() {
    let mut story = three_mugs().given(claim(&[(1, 2)]));
    let granted = names(&story.when(approve(1)));
    assert_eq!(granted, ["OrderReturnApproved", "OrderRefundInitiated", "OrderReturnClosed"]);
    assert_eq!((story.promised_back().minor(), story.order.status), (2_133, Status::Delivered));
    assert_eq!((story.stock_of(1).returned, story.order.lines[0].returned), (0, 0));
    assert_eq!(story.when(approve(1)), Ok(Decision::AlreadyApplied));
    // The last of it, and its shipping: the order is over when the provider has given it.
    let story = story.given(claim(&[(1, 1)])).given(approve(2));
    assert_eq!((story.promised_back(), story.order.status), (story.order.totals.total, Status::ReturnRequested));
    let story = story.refund_completed(0).refund_completed(1);
    assert_eq!(story.order.status, Status::Refunded);

    let part = ReturnStep::Approve { table: Box::default(), amount: Some(Amount::from_minor(500)) };
    let less = three_mugs().given(claim(&[(1, 1)])).given(moved(1, part));
    assert_eq!((less.promised_back().minor(), own(&less, 1).settled.reduction.minor()), (500, 567));
    let denied = three_mugs().given(claim(&[(1, 1)])).given(moved(1, ReturnStep::Deny));
    assert_eq!((denied.promised_back(), denied.order.status), (Amount::ZERO, Status::Delivered));
    let stands = Refusal::ReturnStands { from: ReturnStatus::Requested, action: "receive" };
    assert_eq!(three_mugs().given(claim(&[(1, 1)])).when(come(1, &[(1, 1, AS_NEW)])), Err(stands));
}

#[test]
fn h1_what_never_comes_expires_and_what_came_in_part_is_closed() {
    let mut never = delivered().given(open(&[(1, 1)]));
    assert_eq!(never.order.due_at(), None, "the shop's word has no deadline");
    never = never.given(approve(1));
    let until = never.order.due_at().unwrap();
    assert_eq!(until, days(never.clone(), 30).now);
    assert_eq!(never.when(Command::Expire), Err(Refusal::NotDue { until }));
    let mut never = days(never, 30);
    assert_eq!(names(&never.when(Command::Expire)), ["OrderReturnExpired"]);
    assert_eq!((own(&never, 1).status, never.order.status), (ReturnStatus::Cancelled, Status::Delivered));
    assert_eq!(never.when(Command::Expire), Ok(Decision::AlreadyApplied));
    assert_eq!(never.order.due_at(), None);

    let partly = delivered().given(open(&[(1, 2)])).given(approve(1)).given(come(1, &[(1, 1, AS_NEW)]));
    let partly = days(partly, 30).given(Command::Expire);
    assert_eq!((own(&partly, 1).status, partly.order.status), (ReturnStatus::Closed, Status::Delivered));
    assert_eq!(partly.replayed(), partly.order);
}

#[test]
fn h1_the_ways_of_before_go_on_beside_it() {
    let mut old = Story::at(Status::ReturnRequested);
    let refused = Refusal::InvalidTransition { from: Status::ReturnRequested, action: Action::RequestReturn };
    assert_eq!(old.when(open(&[(1, 1)])), Err(refused), "a return without a number is not mixed with others");

    let mut asked = delivered().given(open(&[(1, 1)])).given(open(&[(2, 1)]));
    let stands = |action| Refusal::InvalidTransition { from: Status::ReturnRequested, action };
    let goods = receive(&[returned(1, 1, Condition::Sellable)]);
    assert_eq!(asked.when(goods), Err(stands(Action::ReceiveReturn)));
    let mut denied = asked.clone();
    assert_eq!(names(&denied.when(deny_return())), ["OrderReturnDeclined", "OrderReturnDeclined"]);
    assert_eq!(denied.order.status, Status::Delivered);
    asked = asked.given(approve(1));
    assert_eq!(asked.when(deny_return()), Err(stands(Action::DenyReturn)), "its goods are on their way");
    // All money at once, and the goods come all the same.
    let all = asked.given(Command::Refund).refund_completed(0);
    assert_eq!(all.order.status, Status::Refunded);
    let all = all.given(come(1, &[(1, 1, AS_NEW)]));
    assert_eq!((own(&all, 1).settled.refund(), all.stock_of(1).returned), (Amount::ZERO, 1));
    assert_eq!(all.order.status, Status::Refunded);
}

#[test]
fn h1_who_may_ask_is_told_by_the_order() {
    let customer = Caller::Customer(crate::support::USER.parse().unwrap());
    let asks = |story: &Story| story.order.allowed_actions(&customer).contains(&Action::RequestReturn);
    assert!(asks(&delivered()) && !asks(&Story::at(Status::Shipped)) && !asks(&Story::at(Status::Refunded)));
    assert!(asks(&delivered().given(open(&[(1, 1)]))));
    let every = delivered().given(open(&[(1, 2), (2, 1), (3, 3)]));
    assert!(!asks(&every), "no unit is left");
    assert!(Operation::RequestReturn.permits(&customer, &every.order).is_ok());
    assert!(
        Operation::DecideReturn.open_to(&customer).is_err() && Operation::ReceiveReturn.open_to(&customer).is_err()
    );
}

#[test]
fn h1_a_return_has_one_spelling() {
    let id = ReturnId { order_id: crate::support::order_id(), number: 12 };
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(id.readable(), format!("{}-R12", id.order_id.number()));
    for other in ["", "R1", "0195562c-8d0b-7c3e-9a41-5b2d7e8f9012-R0", "0195562c-8d0b-7c3e-9a41-5b2d7e8f9012-R01"] {
        assert!(other.parse::<ReturnId>().is_err(), "{other}");
    }
    assert!("0195562c-8d0b-7c3e-9a41-5b2d7e8f9012-S1".parse::<ReturnId>().is_err());
}

/// What people and providers do with a delivered order.
#[derive(Debug, Clone)]
enum Act {
    Open(bool, Vec<u8>),
    Approve(Index),
    Deny(Index),
    Receive(Index, Vec<(u8, u8, u8)>, Option<Index>),
    Cancel(Index),
    Close(Index),
    Expire(u8),
    Units(Index),
    Kindness(Index),
    AllBack,
    Done(Index),
    Fails(Index),
    ByHand(Index),
}

fn act() -> impl Strategy<Value = Act> {
    let which = any::<Index>;
    prop_oneof![
        3 => (prop::bool::weighted(0.25), prop::collection::vec(0_u8..4, 3)).prop_map(|(claim, units)| Act::Open(claim, units)),
        3 => which().prop_map(Act::Approve),
        1 => which().prop_map(Act::Deny),
        5 => (which(), prop::collection::vec((0_u8..3, 1_u8..3, 0_u8..5), 1..4), prop::option::weighted(0.3, which()))
            .prop_map(|(which, parts, amount)| Act::Receive(which, parts, amount)),
        1 => which().prop_map(Act::Cancel),
        1 => which().prop_map(Act::Close),
        1 => (0_u8..40).prop_map(Act::Expire),
        1 => which().prop_map(Act::Units),
        1 => which().prop_map(Act::Kindness),
        1 => Just(Act::AllBack),
        3 => which().prop_map(Act::Done),
        1 => which().prop_map(Act::Fails),
        1 => which().prop_map(Act::ByHand),
    ]
}

/// A delivered order of up to three lines, taxed in either way, in a currency with 0, 2 or 3 digits.
fn bought() -> impl Strategy<Value = Story> {
    let one = (1_u32..5, 1_i64..5_000, 0_i64..3_000);
    let code = prop::sample::select(vec!["EUR", "JPY", "KWD"]);
    (prop::collection::vec(one, 1..4), any::<bool>(), 0_i64..2_000, code).prop_map(
        |(given, included, shipping, code)| {
            let taxes: TaxTable = serde_json::from_value(serde_json::json!({
                "rates": {"DE": {"standard": "0.19"}}, "included": if included { vec!["DE"] } else { vec![] }
            }))
            .unwrap();
            let items: Vec<Item<'_>> = given
                .iter()
                .map(|(quantity, price, off)| Item {
                    quantity: *quantity,
                    price: Amount::from_minor(*price),
                    discount: Amount::from_minor((*off).min(*price * i64::from(*quantity) - 1)),
                    tax_class: "standard",
                })
                .collect();
            let shipping = Amount::from_minor(shipping);
            let assessed =
                taxes.assess(&items, shipping, &oms_domain::ordering::address::Destination::somewhere_in("DE".into()));
            let totals = Totals::of(&items, shipping, &assessed);
            let lines: Vec<Line> = (1_u16..)
                .zip(items.iter().zip(&assessed.lines))
                .map(|(number, (item, tax))| Line {
                    discount: item.discount,
                    tax: *tax,
                    ..line(number, product(u128::from(number)), item.quantity, item.price.minor())
                })
                .collect();
            let currency: Currency = code.parse().unwrap();
            let new = NewOrder { currency, totals, draft: false, ..new_order(lines) };
            Story::of(new).given(request("stripe")).paid(0).given(prepare()).given(ship_all()).given(deliver())
        },
    )
}

struct Life {
    story: Story,
    /// What went back beside returns: units, kindnesses, all the rest.
    beside: Amount,
    /// The value of what was settled, and what the shop kept of it.
    value: Amount,
    kept: Amount,
    hands: usize,
    table: ReturnsTable,
}

impl Life {
    fn does(&mut self, command: Command) {
        let promised = self.story.promised_back();
        let settled = self.settled();
        let beside = !matches!(command, Command::MoveReturn { .. });
        if self.story.when(command).is_err() {
            return;
        }
        let (value, kept, refund) = self.settled();
        let more = self.story.promised_back() - promised;
        if beside {
            self.beside = self.beside + more;
            assert_eq!((value, kept, refund), settled, "nothing but a receipt or a granted claim settles");
        } else {
            assert_eq!(more, refund - settled.2, "a receipt promises what it says, and no more");
            assert!(refund >= settled.2 && kept >= settled.1);
        }
        (self.value, self.kept) = (value, kept);
    }

    /// Value, what was kept, and what goes back, of all returns.
    fn settled(&self) -> (Amount, Amount, Amount) {
        let all = self.story.order.returns.iter().map(|own| own.settled);
        let sum = |of: fn(&Settlement) -> Amount| all.clone().map(|one| of(&one)).sum::<Amount>();
        (sum(|one| one.value), sum(Settlement::withheld), sum(Settlement::refund))
    }

    fn number(&self, which: &Index) -> u16 {
        let count = self.story.order.returns.len();
        if count == 0 { 1 } else { self.story.order.returns[which.index(count)].number }
    }

    fn acts(&mut self, act: Act) {
        let lines = u16::try_from(self.story.order.lines.len()).unwrap();
        match act {
            Act::Open(is_claim, given) => {
                let parts: Vec<_> = (1..=lines).zip(given).filter(|(_, units)| *units > 0).collect();
                let parts: Vec<_> = parts.into_iter().map(|(line, units)| (line, u32::from(units))).collect();
                self.does(if is_claim { claim(&parts) } else { open(&parts) });
            }
            Act::Approve(which) => self.does(approve(self.number(&which))),
            Act::Deny(which) => self.does(moved(self.number(&which), ReturnStep::Deny)),
            Act::Cancel(which) => self.does(moved(self.number(&which), ReturnStep::Cancel)),
            Act::Close(which) => self.does(moved(self.number(&which), ReturnStep::Close)),
            Act::Receive(which, parts, amount) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(line, units, condition)| {
                        let line = u16::from(*line) % lines + 1;
                        (line, u32::from(*units), GoodsCondition::ALL[usize::from(*condition)])
                    })
                    .collect();
                let amount = amount.map(|share| i64::try_from(share.index(4_000)).unwrap());
                self.does(by_table(self.number(&which), &parts, self.table.clone(), amount));
            }
            Act::Expire(after) => {
                self.story.now += SignedDuration::from_hours(24 * i64::from(after));
                self.does(Command::Expire);
            }
            Act::Units(which) => self.does(refund_part(&[one_of(&self.story, &which)], 0, 0)),
            Act::Kindness(which) => {
                let amount = i64::try_from(which.index(500)).unwrap() + 1;
                self.does(refund_part(&[], 0, amount));
            }
            Act::AllBack => self.does(Command::Refund),
            Act::Done(which) => self.does(complete_refund(which.index(self.story.order.ledger.refunds.len().max(1)))),
            Act::Fails(which) => {
                let refunds = &self.story.order.ledger.refunds;
                let open: Vec<_> = refunds.iter().filter(|refund| !refund.completed).map(Refund::key).collect();
                if !open.is_empty() {
                    self.does(Command::FailRefund { key: open[which.index(open.len())], reason: "no_funds".into() });
                }
            }
            Act::ByHand(which) => {
                self.hands += 1;
                let most = usize::try_from(self.story.order.totals.total.minor()).unwrap().max(1);
                self.does(Command::RecordRefund {
                    provider: "stripe".into(),
                    payment_reference: "pi_0".into(),
                    reference: format!("by_hand_{}", self.hands),
                    money: Money::new(
                        Amount::from_minor(i64::try_from(which.index(most)).unwrap() / 3 + 1),
                        self.story.order.currency,
                    ),
                });
            }
        }
    }

    /// Paid − promised back = what the customer has not returned + what the shop kept; a receipt never gives more than there is.
    fn check(&self) {
        let order = &self.story.order;
        let open = |line: &Line| {
            order
                .returns
                .iter()
                .filter(|own| own.status.is_open())
                .map(|own| own.outstanding_of(line.line))
                .sum::<u32>()
        };
        assert!(
            order.lines.iter().all(|line| open(line) <= order.kept(line) && order.returnable(line) <= order.kept(line))
        );
        let total = order.totals.total;
        assert!(self.value <= total, "no unit is worth more than was paid for it");
        assert_eq!(total - self.story.promised_back(), total - self.value - self.beside + self.kept, "paid − refunded");
        let open = order.has_open_return();
        match order.status {
            Status::Delivered => assert!(!open),
            Status::Returned => assert!(order.lines.iter().all(|line| line.returned == line.shipped)),
            Status::ReturnRequested => assert!(open || !order.refundable().is_positive()),
            Status::Refunded => assert_eq!(order.refundable(), Amount::ZERO),
            other => panic!("{other}"),
        }
        assert!(self.story.stock.values().all(Stock::is_balanced));
        assert_eq!(
            serde_json::from_str::<oms_domain::ordering::Order>(&serde_json::to_string(order).unwrap()).unwrap(),
            *order
        );
    }
}

fn one_of(story: &Story, which: &Index) -> LineQuantity {
    units(story.order.lines[which.index(story.order.lines.len())].line, 1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn h4_paid_less_refunded_is_what_stays_and_what_was_kept(
        story in bought(),
        acts in prop::collection::vec(act(), 1..40),
        fee in 0_i64..30,
    ) {
        let table = ReturnsTable { restocking_fee: Decimal::new(fee, 2), ..ReturnsTable::default() };
        let (beside, value, kept) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
        let mut life = Life { story, beside, value, kept, hands: 0, table };
        for act in acts {
            life.acts(act);
            life.check();
        }
        prop_assert_eq!(life.story.replayed(), life.story.order);
    }

    /// However the units of a whole order come back, one by one, as new: all of its money goes back, to the last cent.
    #[test]
    fn h4_units_one_by_one_come_to_all_that_was_paid(story in bought(), order in prop::collection::vec(any::<Index>(), 20)) {
        let whole: Vec<_> = story.order.lines.iter().map(|line| (line.line, line.quantity)).collect();
        let mut story = story.given(open(&whole)).given(approve(1));
        for which in order {
            let left: Vec<_> = own(&story, 1).lines.iter().filter(|line| line.outstanding() > 0).map(|line| line.line).collect();
            if left.is_empty() {
                break;
            }
            story = story.given(come(1, &[(left[which.index(left.len())], 1, AS_NEW)]));
        }
        prop_assert_eq!(story.promised_back(), story.order.totals.total);
        prop_assert_eq!(story.order.status, Status::Returned);
    }
}

#[test]
fn h4_a_free_order_comes_back_without_money() {
    let mut new = new_order(vec![line(1, product(1), 2, 0)]);
    new.totals = Totals::default();
    new.lines[0].tax = Amount::ZERO;
    let story = Story::of(new).submitted().given(prepare()).given(ship_all()).given(deliver());
    let story = story.given(open(&[(1, 2)])).given(approve(1)).given(come(1, &[(1, 2, AS_NEW)]));
    assert_eq!((story.order.status, story.order.ledger.refunds.len()), (Status::Returned, 0));
}
