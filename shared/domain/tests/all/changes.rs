//! Orders that are changed after they were placed (C1–C8).

use crate::support::{
    Story, cancel, cancel_lines, deliver, leave, line, names, new_order, prepare, product, refund_part, refund_units,
    request, ship, start, step, submit, units,
};
use jiff::SignedDuration;
use oms_domain::access::Operation;
use oms_domain::fulfilment::{LineQuantity, ShipmentStatus};
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{
    Action, Amendment, ChangeWords, Command, Decision, Extra, Line, MAX_CHANGES, NewOrder, Order, Refusal,
    ShipmentStep, Status, Terms, Words,
};
use oms_domain::payments::{RefundReason, Unshipped};
use oms_domain::pricing::Totals;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What is to become of an order, priced as a shop would.
#[derive(Debug, Clone, Default)]
struct Wish {
    out: Vec<LineQuantity>,
    added: Vec<Line>,
    extra: i64,
    shipping: Option<i64>,
    readdressed: bool,
    by_customer: bool,
}

impl Wish {
    fn terms(&self, order: &Order) -> Terms {
        let mut terms = Terms::of(order);
        let out = |line: &Line| self.out.iter().find(|part| part.line == line.line).map_or(0, |part| part.quantity);
        let less =
            order.lines.iter().map(|line| if out(line) == 0 { line.clone() } else { order.without(line, out(line)) });
        terms.lines = less.filter(|line| line.quantity > 0).collect();
        for (number, line) in (order.next_line()..).zip(&self.added) {
            terms.lines.push(Line { line: number, ..line.clone() });
        }
        if self.extra != 0 {
            let number = terms.lines.iter().map(|line| line.line).max().unwrap_or(0).max(order.next_line()) + 1;
            let amount = Amount::from_minor(self.extra);
            let tax = if order.totals.tax_included { amount.part_at_rate(RATE) } else { amount.times_rate(RATE) };
            terms.extras.push(Extra { number, text: Words::default(), amount, tax, tax_class: None, waiver: false });
        }
        let of_lines: Amount = order.lines.iter().map(|line| line.tax).sum();
        let shipping_tax = order.totals.tax - of_lines - order.extras.iter().map(|extra| extra.tax).sum();
        let shipping = self.shipping.map_or(order.totals.shipping, Amount::from_minor);
        terms.totals = sums(&terms, shipping, shipping_tax);
        terms
    }

    fn command(&self, order: &Order) -> Command {
        let amendment = Amendment {
            terms: self.terms(order),
            wishes: None,
            destination: None,
            readdressed: self.readdressed,
            written: None,
            by_staff: !self.by_customer,
        };
        Command::Amend { amendment: Box::new(amendment), base: order.version }
    }
}

const RATE: Decimal = Decimal::from_parts(19, 0, 0, false, 2);

fn sums(terms: &Terms, shipping: Amount, shipping_tax: Amount) -> Totals {
    let Terms { lines, extras, totals, .. } = terms;
    let subtotal = lines.iter().map(Line::subtotal).sum();
    let discount = lines.iter().map(|line| line.discount).sum();
    let of_extras = extras.iter().map(|extra| extra.amount).sum();
    let tax = lines.iter().map(|line| line.tax).chain(extras.iter().map(|extra| extra.tax)).sum::<Amount>();
    let (tax, tax_included) = (tax + shipping_tax, totals.tax_included);
    let added = if tax_included { Amount::ZERO } else { tax };
    let total = subtotal - discount + of_extras + shipping + added;
    Totals { subtotal, discount, extras: of_extras, shipping, tax, tax_included, total }
}

fn out(parts: &[LineQuantity]) -> Wish {
    Wish { out: parts.to_vec(), ..Wish::default() }
}

fn adding(number: u128, quantity: u32, price: i64) -> Wish {
    Wish { added: vec![line(0, product(number), quantity, price)], ..Wish::default() }
}

/// Three units of one product at 10.00 and two of another at 7.00.
fn placed() -> Story {
    Story::of(NewOrder { draft: false, ..new_order(vec![line(1, product(1), 3, 1_000), line(2, product(2), 2, 700)]) })
}

fn paid() -> Story {
    placed().given(request("stripe")).paid(0)
}

trait Changes {
    fn changed(self, wish: &Wish) -> Self;
    fn tried(&mut self, wish: &Wish) -> Result<Decision, Refusal>;
    /// The provider of the last attempt has the money.
    fn paid_last(self) -> Self;
}

impl Changes for Story {
    fn changed(self, wish: &Wish) -> Self {
        let command = wish.command(&self.order);
        self.given(command)
    }

    fn tried(&mut self, wish: &Wish) -> Result<Decision, Refusal> {
        let command = wish.command(&self.order);
        self.when(command)
    }

    fn paid_last(self) -> Self {
        let last = self.order.ledger.payments.len() - 1;
        self.paid(last)
    }
}

fn reserved(story: &Story) -> [u32; 2] {
    [1, 2].map(|number| story.stock_of(number).reserved)
}

fn gone_back(story: &Story) -> Vec<(RefundReason, i64)> {
    story.order.ledger.refunds.iter().map(|refund| (refund.reason, refund.amount.minor())).collect()
}

#[test]
fn c1_an_unpaid_order_is_changed_at_once_and_moves_only_the_difference() {
    let mut story = placed();
    let total = story.order.totals.total;
    let answer = story.tried(&Wish { out: vec![units(1, 2)], ..adding(2, 1, 800) });
    assert_eq!(names(&answer), ["OrderChanged"]);
    assert_eq!((reserved(&story), story.order.status), ([1, 3], Status::Pending));
    let lines: Vec<_> = story.order.lines.iter().map(|line| (line.line, line.quantity, line.price.minor())).collect();
    assert_eq!(lines, [(1, 1, 1_000), (2, 2, 700), (3, 1, 800)], "sold units keep their price, added ones are a line");
    assert!(story.order.totals.total < total && story.order.changes == 1);
}

#[test]
fn c5_a_page_of_the_old_total_is_given_up_and_a_new_attempt_asks_for_the_new_one() {
    let mut story = placed().given(request("stripe")).changed(&adding(2, 1, 800));
    assert_eq!(story.order.open_attempt("stripe", false), None);
    let answer = story.when(Command::RequestPayment { provider: "stripe".into(), keep: false, anew: false });
    assert_eq!(names(&answer), ["OrderPaymentRequested"]);
    let asked: Vec<Amount> = story.order.ledger.payments.iter().map(|payment| payment.amount).collect();
    assert_eq!(asked[1], story.order.totals.total);
    assert!(asked[0] < asked[1]);
    let open = story.order.open_attempt("stripe", false).map(|payment| payment.id);
    assert_eq!(open, Some(PaymentId::of_attempt(story.order.id, 1)));
}

#[test]
fn c5_a_change_that_costs_the_same_leaves_the_page_open() {
    let story = placed().given(request("stripe")).changed(&Wish { readdressed: true, ..Wish::default() });
    assert!(story.order.open_attempt("stripe", false).is_some());
}

#[test]
fn c5_a_payment_of_an_old_total_that_was_higher_pays_and_the_rest_goes_back() {
    let story = placed().given(request("stripe")).changed(&out(&[units(1, 1)]));
    let difference = story.order.ledger.payments[0].amount - story.order.totals.total;
    let story = story.paid(0);
    assert_eq!(story.order.status, Status::Confirmed);
    assert_eq!(gone_back(&story), [(RefundReason::Changed, difference.minor())]);
}

#[test]
fn c5_a_payment_of_an_old_total_that_was_lower_goes_back_and_the_order_waits() {
    let story = placed().given(request("stripe")).changed(&adding(2, 1, 800));
    let old = story.order.ledger.payments[0].amount;
    let story = story.paid(0);
    assert_eq!(story.order.status, Status::Pending);
    assert_eq!(gone_back(&story), [(RefundReason::Superseded, old.minor())]);
    let story = story.given(request("stripe")).paid_last();
    assert_eq!(story.order.status, Status::Confirmed);
    assert_eq!(story.order.refundable(), story.order.totals.total);
}

#[test]
fn c5_what_costs_nothing_after_a_change_is_confirmed() {
    let mut story = placed();
    let total = story.order.totals.total.minor();
    let free = |order: &Order, extra: i64| {
        let mut terms = Wish { extra, ..Wish::default() }.terms(order);
        for own in &mut terms.extras {
            own.tax = Amount::ZERO;
        }
        let tax: Amount = terms.lines.iter().map(|line| line.tax).sum();
        terms.totals = sums(&terms, terms.totals.shipping, terms.totals.tax - tax - Amount::ZERO);
        terms
    };
    let terms = free(&story.order, -total);
    let amendment = Amendment { terms, ..amendment_of(&story.order) };
    let command = Command::Amend { amendment: Box::new(amendment), base: story.order.version };
    let answer = story.when(command);
    // Taxes of what is given away stay: the sum is what counts.
    if story.order.totals.total.is_zero() {
        assert_eq!(names(&answer), ["OrderChanged", "OrderConfirmed"]);
        assert_eq!(story.order.status, Status::Confirmed);
    } else {
        assert_eq!(answer, Err(Refusal::BelowNothing));
    }
}

fn amendment_of(order: &Order) -> Amendment {
    Amendment {
        terms: Terms::of(order),
        wishes: None,
        destination: None,
        readdressed: false,
        written: None,
        by_staff: true,
    }
}

#[test]
fn c5_a_paid_order_that_becomes_cheaper_gives_the_difference_back_in_the_same_change() {
    let mut story = paid();
    let total = story.order.totals.total;
    let answer = story.tried(&out(&[units(1, 1), units(2, 1)]));
    assert_eq!(names(&answer), ["OrderChanged", "OrderRefundInitiated"]);
    assert_eq!((reserved(&story), story.order.status), ([2, 1], Status::Confirmed));
    let less = total - story.order.totals.total;
    assert_eq!(gone_back(&story), [(RefundReason::Changed, less.minor())]);
    assert_eq!(story.order.refundable(), story.order.totals.total);
    assert_eq!(story.order.lines.iter().map(|line| line.removed).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn c5_a_paid_order_that_becomes_dearer_waits_for_the_difference_with_its_stock_reserved() {
    let mut story = paid();
    let before = story.order.totals.total;
    let wish = Wish { out: vec![units(1, 1)], ..adding(2, 3, 800) };
    let answer = story.tried(&wish);
    assert_eq!(names(&answer), ["OrderChangeOffered"]);
    assert_eq!(story.order.totals.total, before, "nothing is changed and unpaid");
    assert_eq!(reserved(&story), [3, 5], "what is added is held, what is taken out is still the customer's");
    let offer = story.order.offer.clone().unwrap();
    assert_eq!((offer.until, story.order.due_at()), (start() + SignedDuration::from_mins(30), Some(offer.until)));
    assert!(story.order.is_held(), "nothing is packed that may be taken out");
    assert_eq!(story.when(prepare()), Err(Refusal::OnHold(oms_domain::ordering::HoldReason::Customer)));
    let story = story.given(request("paypal"));
    let asked = story.order.ledger.payments.last().unwrap().clone();
    assert_eq!((asked.amount, asked.change), (offer.due, Some(1)));
    let mut story = story;
    let answer = story.when(story.pay(1));
    assert_eq!(names(&answer), ["OrderPaymentConfirmed", "OrderChangeAccepted"]);
    assert_eq!((story.order.status, reserved(&story)), (Status::Confirmed, [2, 5]));
    assert_eq!(story.order.totals.total, before + offer.due);
    assert_eq!(story.order.refundable(), story.order.totals.total, "both payments pay for it");
    let story = story.given(cancel());
    assert_eq!(gone_back(&story).iter().map(|(_, minor)| minor).sum::<i64>(), (before + offer.due).minor());
    assert_eq!(reserved(&story), [0, 0]);
}

#[test]
fn c5_an_offer_that_nobody_pays_lapses_and_money_that_comes_then_goes_back() {
    let story = paid().changed(&adding(2, 3, 800)).given(request("paypal"));
    let before = story.order.totals.total;
    let mut story = story;
    assert!(matches!(story.when(Command::Expire), Err(Refusal::NotDue { .. })));
    let mut story = story.after_minutes(31);
    assert_eq!(names(&story.when(Command::Expire)), ["OrderChangeLapsed"]);
    assert_eq!((reserved(&story), story.order.totals.total), ([3, 2], before));
    assert_eq!(story.when(Command::Expire), Ok(Decision::AlreadyApplied));
    let due = story.order.ledger.payments[1].amount.minor();
    assert_eq!(names(&story.when(story.pay(1))), ["OrderPaymentConfirmed", "OrderRefundInitiated"]);
    assert_eq!(gone_back(&story), [(RefundReason::Superseded, due)]);
    assert_eq!(story.order.payment_status(), oms_domain::payments::PaymentStatus::RefundPending);
    assert!(!story.order.is_held());
}

#[test]
fn c5_money_for_an_offer_that_is_late_and_not_yet_swept_still_makes_the_change() {
    let story = paid().changed(&adding(2, 3, 800)).given(request("paypal"));
    let mut story = story.after_minutes(31);
    assert_eq!(names(&story.when(story.pay(1))), ["OrderPaymentConfirmed", "OrderChangeAccepted"]);
}

#[test]
fn c5_an_order_has_one_offer_at_most_and_whatever_takes_units_out_ends_it() {
    let mut story = paid().changed(&adding(2, 3, 800));
    let answer = story.tried(&adding(1, 1, 1_100));
    assert_eq!(names(&answer), ["OrderChangeLapsed", "OrderChangeOffered"]);
    assert_eq!((reserved(&story), story.order.changes), ([4, 2], 2));
    for command in
        [cancel_lines(&[units(1, 1)]), refund_units(&[units(1, 1)], Unshipped::Restock), refund_part(&[], 0, 50)]
    {
        let mut story = paid().changed(&adding(2, 3, 800));
        assert_eq!(names(&story.when(command))[0], "OrderChangeLapsed");
        assert_eq!(story.order.offer, None);
    }
    let mut story = paid().changed(&adding(2, 3, 800));
    assert_eq!(names(&story.when(cancel()))[0], "OrderCancelled");
    assert_eq!((story.order.offer.clone(), reserved(&story)), (None, [0, 0]));
}

#[test]
fn c5_an_offer_is_withdrawn_by_its_name_and_by_no_other() {
    let mut story = paid().changed(&adding(2, 3, 800));
    assert_eq!(story.when(Command::WithdrawOffer { change: 2 }), Err(Refusal::NoSuchOffer));
    assert_eq!(names(&story.when(Command::WithdrawOffer { change: 1 })), ["OrderChangeLapsed"]);
    assert_eq!(story.when(Command::WithdrawOffer { change: 1 }), Err(Refusal::NoSuchOffer));
    assert_eq!(reserved(&story), [3, 2]);
}

#[test]
fn c5_while_money_is_under_way_nothing_changes_what_it_is_for() {
    let processing = |story: Story, attempt: usize| {
        let payment_id = PaymentId::of_attempt(story.order.id, attempt);
        let provider = story.order.ledger.payments[attempt].provider.clone();
        story.given(Command::RecordPaymentProcessing { payment_id, provider })
    };
    let mut pending = processing(placed().given(request("stripe")), 0);
    assert!(matches!(pending.tried(&adding(2, 1, 800)), Err(Refusal::PaymentUnderWay { .. })));
    let mut offered = processing(paid().changed(&adding(2, 1, 800)).given(request("paypal")), 1);
    let until = offered.order.offer.clone().unwrap().until;
    assert!(until > start() + SignedDuration::from_hours(24), "the change waits as long as the money takes");
    assert_eq!(offered.order.status, Status::Confirmed);
    for command in [Command::WithdrawOffer { change: 1 }, cancel_lines(&[units(1, 1)]), request("stripe")] {
        assert!(matches!(offered.when(command), Err(Refusal::PaymentUnderWay { .. })));
    }
    assert!(!offered.order.may_be_changed(true));
    let failed = Command::RecordPaymentFailure {
        payment_id: PaymentId::of_attempt(offered.order.id, 1),
        provider: "paypal".into(),
        reason: "returned".into(),
    };
    let offered = offered.given(failed);
    assert_eq!(offered.order.status, Status::Confirmed);
    assert!(offered.order.offer.clone().unwrap().until <= start() + SignedDuration::from_mins(30));
}

#[test]
fn c4_while_it_is_prepared_staff_take_out_what_is_not_packed_and_nothing_is_added() {
    let story = paid().given(prepare());
    let mut by_customer = paid().given(prepare());
    let wish = Wish { by_customer: true, ..out(&[units(1, 1)]) };
    let refused = by_customer.tried(&wish);
    assert_eq!(refused, Err(Refusal::InvalidTransition { from: Status::Processing, action: Action::Change }));
    let mut story = story;
    assert_eq!(story.tried(&adding(2, 1, 800)), Err(Refusal::NothingIsAdded));
    let planned = story.order.shipments[0].number;
    assert_eq!(names(&story.tried(&out(&[units(1, 1)]))), ["OrderChanged", "OrderRefundInitiated"]);
    assert_eq!(story.order.shipments[0].units_of(1), 2, "its plan shrinks");
    let mut story = story.given(step(planned, ShipmentStep::Pack));
    assert_eq!(story.tried(&out(&[units(1, 1)])), Err(Refusal::TooManyUnits { line: 1, left: 0 }));
    let readdressed = Wish { readdressed: true, ..Wish::default() };
    assert_eq!(story.tried(&readdressed), Err(Refusal::AddressInUse));
    let mut story = story.given(leave(planned));
    let refused = Err(Refusal::InvalidTransition { from: Status::Shipped, action: Action::Change });
    assert_eq!(story.tried(&out(&[units(1, 1)])), refused);
}

#[test]
fn c4_what_is_left_in_the_house_is_taken_out_and_the_order_is_shipped_with_that() {
    let story = paid().given(prepare()).given(ship(&[units(1, 2)]));
    let story = story.changed(&out(&[units(1, 1), units(2, 2)]));
    assert_eq!(story.order.status, Status::Shipped);
    assert_eq!(story.order.lines.iter().map(|line| (line.line, line.quantity)).collect::<Vec<_>>(), [(1, 2)]);
    let story = story.given(deliver());
    assert_eq!(story.order.refundable(), story.order.totals.total);
    assert!(story.order.shipments.iter().all(|own| own.status != ShipmentStatus::Planned));
}

#[test]
fn c4_of_an_order_something_stays_and_it_costs_no_less_than_nothing() {
    let all = out(&[units(1, 3), units(2, 2)]);
    assert_eq!(placed().tried(&all), Err(Refusal::NothingLeft));
    assert_eq!(paid().tried(&all), Err(Refusal::NothingLeft));
    assert_eq!(paid().tried(&Wish { extra: -100_000, ..Wish::default() }), Err(Refusal::BelowNothing));
}

#[test]
fn c4_a_change_is_of_the_order_as_it_was_read() {
    let story = paid();
    let stale = out(&[units(1, 1)]).command(&story.order);
    let mut story = story.given(refund_part(&[], 0, 50));
    assert_eq!(story.when(stale), Err(Refusal::Outdated));
    let over = placed().after_minutes(31).tried(&adding(1, 1, 1_000));
    assert!(matches!(over, Err(Refusal::HoldExpired { .. })));
}

#[test]
fn c5_a_number_is_given_once_even_by_an_offer_that_came_to_nothing() {
    let story = paid().changed(&adding(2, 1, 800)).given(Command::WithdrawOffer { change: 1 });
    assert_eq!(story.order.next_line(), 4);
    let story = story.changed(&out(&[units(2, 2)]));
    assert_eq!(story.order.next_line(), 4);
    let story = Story::of(NewOrder { draft: true, ..new_order(vec![line(1, product(1), 1, 500)]) });
    assert_eq!(story.given(submit_of()).order.next_line(), 2);
}

fn submit_of() -> Command {
    let draft = Story::of(NewOrder { draft: true, ..new_order(vec![line(1, product(1), 1, 500)]) });
    submit(&draft.order)
}

#[test]
fn c8_an_extra_is_charged_and_can_be_taken_away_again() {
    let story = placed().changed(&Wish { extra: 250, ..Wish::default() });
    let extra = story.order.extras[0].clone();
    assert_eq!(story.order.totals.extras, Amount::from_minor(250));
    assert_eq!(story.order.worth_of_extra(&extra), Amount::from_minor(250 + 48));
    assert_eq!(story.order.shipping_left(), Amount::from_minor(490), "what is charged beside lines is not shipping");
    let story = story.given(request("stripe")).paid(0);
    let mut terms = Terms::of(&story.order);
    terms.extras.clear();
    let tax: Amount = terms.lines.iter().map(|line| line.tax).sum();
    terms.totals = sums(&terms, terms.totals.shipping, story.order.totals.tax - tax - extra.tax);
    let amendment = Amendment { terms, ..amendment_of(&story.order) };
    let command = Command::Amend { amendment: Box::new(amendment), base: story.order.version };
    let story = story.given(command);
    assert_eq!(gone_back(&story), [(RefundReason::Changed, 298)]);
}

#[test]
fn c5_what_people_write_with_a_change_stands_beside_it() {
    let mut words = ChangeWords { reason: Some("she called".into()), ..ChangeWords::default() };
    words.extras.insert(4, "gift wrap".into());
    let story = placed();
    let terms = Wish { extra: 250, ..Wish::default() }.terms(&story.order);
    let amendment = Amendment { terms, written: Some(words.clone()), ..amendment_of(&story.order) };
    let command = Command::Amend { amendment: Box::new(amendment), base: story.order.version };
    let events = match oms_domain::ordering::decide(&story.order, command, start()).unwrap() {
        Decision::Happens(events) => events,
        Decision::AlreadyApplied => panic!("nothing happens"),
    };
    let mut event = events.into_iter().next().unwrap();
    let text = event.set_apart(3).unwrap();
    assert!(text.contains("she called") && text.contains("gift wrap"));
    assert!(!serde_json::to_string(&event).unwrap().contains("she called"));
}

#[test]
fn c5_what_others_gave_back_is_owed_when_it_turns_out_that_they_have_not() {
    let by_hand = Command::RecordRefund {
        provider: "stripe".into(),
        payment_reference: "pi_0".into(),
        reference: "re_hand".into(),
        money: Money::new(Amount::from_minor(3_000), "EUR".parse().unwrap()),
    };
    let mut story = paid().given(prepare()).given(ship(&[units(1, 1)])).given(by_hand);
    let left = story.order.refundable();
    let before = story.order.totals.total;
    story.tried(&out(&[units(1, 2), units(2, 1)])).unwrap();
    let less = before - story.order.totals.total;
    assert!(less > left, "the change is worth more than is left: {less:?} of {left:?}");
    let changed = story.order.ledger.refunds.iter().find(|refund| refund.reason == RefundReason::Changed).unwrap();
    assert_eq!((changed.amount, changed.cut), (left, less - left));
    let failed = Command::FailRefundElsewhere { reference: "re_hand".into(), reason: "account_closed".into() };
    let story = story.given(failed);
    let anew = story.order.ledger.refund(RefundId::of_sequence(story.order.id, 2)).map(|refund| refund.amount);
    assert_eq!(anew, Some(less - left));
}

#[test]
fn c4_so_many_changes_and_no_more() {
    let mut story = placed();
    for _ in 0..MAX_CHANGES {
        story = story.changed(&Wish { readdressed: true, ..Wish::default() });
    }
    assert_eq!(story.tried(&Wish::default()), Err(Refusal::TooManyChanges(MAX_CHANGES)));
    let admin = oms_domain::actor::Caller::Admin("grace".parse().unwrap());
    assert!(!story.order.allowed_actions(&admin).contains(&Action::Change));
    assert!(placed().order.allowed_actions(&admin).contains(&Action::Change));
    let seller =
        oms_domain::actor::Caller::Seller { user: "sam".parse().unwrap(), seller: "northwind-books".parse().unwrap() };
    assert!(Operation::ChangeOrder.open_to(&seller).is_err());
}

#[test]
fn c5_an_order_that_moved_on_before_the_money_came_is_not_changed() {
    // Not even a part that an offer takes out can leave meanwhile, so this is of an order that was prepared before.
    let story = paid().given(prepare()).given(ship(&[units(1, 1)])).given(step(1, ShipmentStep::Lose));
    let wish = Wish { out: vec![units(2, 2)], extra: 5_000, ..Wish::default() };
    let story = story.changed(&wish).given(request("paypal"));
    assert_eq!(story.order.offer.as_ref().map(|offer| offer.change), Some(1));
    let by_hand = Command::RecordRefund {
        provider: "stripe".into(),
        payment_reference: "pi_0".into(),
        reference: "re_all".into(),
        money: Money::new(story.order.totals.total, "EUR".parse().unwrap()),
    };
    let mut story = story.given(by_hand);
    assert_eq!(story.order.offer, None, "an order whose money has gone back has nothing to change");
    assert_eq!(names(&story.when(story.pay(1)))[..2], ["OrderPaymentConfirmed", "OrderRefundInitiated"]);
}

/// Any change, and what may come between.
#[derive(Debug, Clone)]
enum Act {
    Out(u16, u32),
    Add(u128, u32, i64),
    Extra(i64),
    Pay,
    Units(u16, u32),
    Lapse,
    Cancel(u16, u32),
    Goodwill(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_u16..6, 1_u32..4).prop_map(|(line, units)| Act::Out(line, units)),
        3 => (1_u128..3, 1_u32..4, 1_i64..3_000).prop_map(|(number, units, price)| Act::Add(number, units, price)),
        2 => (-900_i64..900).prop_map(Act::Extra),
        3 => Just(Act::Pay),
        2 => (1_u16..6, 1_u32..3).prop_map(|(line, units)| Act::Units(line, units)),
        1 => Just(Act::Lapse),
        1 => (1_u16..6, 1_u32..3).prop_map(|(line, units)| Act::Cancel(line, units)),
        1 => (1_i64..200).prop_map(Act::Goodwill),
    ]
}

fn taxed(story: NewOrder, included: bool, discounts: &[i64]) -> NewOrder {
    let mut new = story;
    for (line, discount) in new.lines.iter_mut().zip(discounts) {
        line.discount = Amount::from_minor(*discount).min(line.subtotal());
        let net = line.subtotal() - line.discount;
        line.tax = if included { net.part_at_rate(RATE) } else { net.times_rate(RATE) };
    }
    let subtotal = new.lines.iter().map(Line::subtotal).sum();
    let discount = new.lines.iter().map(|line| line.discount).sum();
    let tax: Amount = new.lines.iter().map(|line| line.tax).sum();
    let shipping = new.totals.shipping;
    let added = if included { Amount::ZERO } else { tax };
    let total = subtotal - discount + shipping + added;
    new.totals = Totals { subtotal, discount, shipping, tax, tax_included: included, total, ..Totals::default() };
    new
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever is changed, taken out, given back and paid, in whatever order: what was paid and did not go back is what
    /// is left of the order, to the minor unit, and giving back what is left of each line and of shipping comes to all of it.
    #[test]
    fn c5_the_books_close_after_any_changes(
        prices in proptest::collection::vec((1_u32..5, 1_i64..2_500), 1..4),
        discounts in proptest::collection::vec(0_i64..900, 4),
        included: bool,
        acts in proptest::collection::vec(act(), 1..14),
    ) {
        let lines = (1_u16..).zip(&prices).map(|(number, (units, price))| {
            line(number, product(u128::from(number % 2) + 1), *units, *price)
        });
        let new = NewOrder { draft: false, ..new_order(lines.collect()) };
        let mut story = Story::of(taxed(new, included, &discounts)).given(request("stripe")).paid(0);
        for act in acts {
            let command = match act {
                Act::Out(line, units) => out(&[crate::support::units(line, units)]).command(&story.order),
                Act::Add(number, units, price) => adding(number, units, price).command(&story.order),
                Act::Extra(extra) if extra != 0 => Wish { extra, ..Wish::default() }.command(&story.order),
                Act::Extra(_) | Act::Lapse => {
                    let change = story.order.offer.as_ref().map_or(0, |offer| offer.change);
                    Command::WithdrawOffer { change }
                }
                Act::Pay => {
                    if story.order.offer.is_some() && story.when(request("paypal")).is_ok() {
                        story = story.paid_last();
                    }
                    continue;
                }
                Act::Units(line, units) => refund_units(&[crate::support::units(line, units)], Unshipped::Restock),
                Act::Cancel(line, units) => cancel_lines(&[crate::support::units(line, units)]),
                Act::Goodwill(minor) => refund_part(&[], 0, minor),
            };
            drop(story.when(command));
            let order = &story.order;
            let kept = order.ledger.captured() - story.promised_back();
            let given: Amount = order.ledger.refunds.iter()
                .filter(|refund| refund.reason == RefundReason::Partial)
                .map(|refund| refund.amount)
                .sum();
            if order.status == Status::Cancelled {
                prop_assert_eq!(kept, Amount::ZERO);
                return Ok(());
            }
            prop_assert_eq!(kept, order.totals.total - given);
            for own in &order.lines {
                prop_assert!(own.discount >= Amount::ZERO && own.tax >= Amount::ZERO, "{:?}", own);
            }
        }
        // Every unit that is left goes back one by one, then shipping: nothing is left but what goodwill has taken.
        if story.order.offer.is_some() {
            let change = story.order.offer.as_ref().map_or(0, |offer| offer.change);
            story = story.given(Command::WithdrawOffer { change });
        }
        let good: Amount = story.order.ledger.refunds.iter()
            .filter_map(|refund| refund.part.as_ref())
            .map(|part| part.goodwill)
            .sum();
        let extras: Amount = story.order.extras.iter().map(|extra| story.order.worth_of_extra(extra)).sum();
        if good.is_zero() && extras.is_zero() && story.order.ledger.refunds.len() < 30 {
            let parts: Vec<(u16, u32)> =
                story.order.lines.iter().map(|line| (line.line, line.quantity - line.refunded)).collect();
            let mut given = Amount::ZERO;
            let before = story.order.refundable();
            for (number, units) in parts {
                for _ in 0..units {
                    let left = story.order.refundable();
                    let answer = story.when(refund_part(&[crate::support::units(number, 1)], 0, 0));
                    prop_assert!(answer.is_ok(), "{:?} of {:?}", answer, story.order);
                    if story.order.status == Status::Cancelled {
                        return Ok(());
                    }
                    given = given + left - story.order.refundable();
                }
            }
            prop_assert_eq!(before - given, story.order.shipping_left());
        }
    }
}

/// Every command that a change can meet, on the order as it is.
fn met(story: &Story) -> Vec<(&'static str, Command)> {
    let line = |line: u16, quantity: u32| LineQuantity { line, quantity };
    let wishes = [
        ("dearer", Wish { extra: 250, ..Wish::default() }),
        ("cheaper", Wish { extra: -100, ..Wish::default() }),
        ("fewer", Wish { out: vec![line(1, 1)], ..Wish::default() }),
        ("elsewhere", Wish { readdressed: true, ..Wish::default() }),
    ];
    let changes = wishes.map(|(name, wish)| (name, wish.command(&story.order)));
    let offered = story.order.offer.as_ref().map_or(1, |offer| offer.change);
    let others = [("withdraw", Command::WithdrawOffer { change: offered }), ("expire", Command::Expire)];
    let rest = crate::commands::every_command(story).into_iter().map(|(name, command, _)| (name, command));
    changes.into_iter().chain(others).chain(rest).collect()
}

#[test]
fn c5_a_change_meets_every_command_in_both_orders_and_the_books_add_up() {
    let mut both = 0;
    for status in Status::ALL {
        // The story checks its books, its stock and its streams after each step.
        let at = || Story::at(status).after_minutes(1);
        let names: Vec<&str> = met(&at()).into_iter().map(|(name, _)| name).collect();
        let take = |story: &mut Story, name: &str| {
            let known = met(story).into_iter().find(|(own, _)| *own == name).map(|(_, command)| command);
            matches!(story.when(known.unwrap()), Ok(Decision::Happens(_)))
        };
        for change in ["dearer", "cheaper", "fewer", "elsewhere"] {
            for other in &names {
                let mut totals = Vec::new();
                for (first, second) in [(change, *other), (*other, change)] {
                    let mut story = at();
                    if take(&mut story, first) && take(&mut story, second) {
                        totals.push(story.order.totals.total);
                        both += 1;
                    }
                    let order = &story.order;
                    if let Some(offer) = &order.offer {
                        let more = offer.revision.terms.totals.total - order.totals.total;
                        assert!(offer.due == more && more.is_positive(), "{status} {first} {second}");
                    }
                    assert!(order.refundable() >= Amount::ZERO, "{status} {first} {second}");
                }
            }
        }
    }
    assert!(both > 200, "only {both} pairs happened");
}
