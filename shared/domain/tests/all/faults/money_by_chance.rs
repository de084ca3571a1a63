//! M2: our commands between whatever a provider does by itself, in any order and told in any order. In the end the
//! customer has exactly what is owed, our ledger is the provider's, and nobody had to look.

use crate::support::{
    Story, cancel, cancel_lines, deliver, prepare, refund_part, refund_units, request_return, ship, ship_all, units,
};
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::{Command, Decision, Event, RefundEvent, Status};
use oms_domain::payments::{DisputeNews, DisputeState, Refund, RefundReason, Unshipped};
use proptest::prelude::*;
use proptest::sample::Index;

/// Refunds of ours that a provider may let fail in one life: after three a person looks.
const MOST_FAILURES: usize = 2;

struct Made {
    attempt: usize,
    /// Under which of our keys; nothing if it was made by hand.
    key: Option<RefundId>,
    reference: String,
    amount: i64,
    done: bool,
}

struct Disputed {
    attempt: usize,
    reference: String,
    amount: i64,
    state: DisputeState,
}

/// What the provider knows; it gives nothing that it does not have.
#[derive(Default)]
struct Books {
    captured: Vec<usize>,
    made: Vec<Made>,
    disputes: Vec<Disputed>,
    failures: usize,
}

#[derive(Debug, Clone)]
enum Act {
    Cancel,
    CancelOne(Index),
    Prepare,
    ShipAll,
    ShipOne,
    Deliver,
    RequestReturn,
    Refund,
    Goodwill(i64),
    Units(Index, bool),
    /// The customer pays on an open page.
    Pays(Index),
    ByHand(Index, Index),
    Fails(Index),
    Disputes(Index, Index),
    Decides(Index, bool),
    /// A webhook arrives; some come again.
    Tells(Index, bool),
    /// Our worker takes up a refund; its answer may be lost.
    Works(Index, bool),
}

struct Life {
    story: Story,
    books: Books,
    news: Vec<Command>,
    /// What admins have promised, by payment.
    promised: Vec<(PaymentId, i64)>,
}

fn provider_of(attempt: usize) -> String {
    if attempt == 0 { "stripe" } else { "paypal" }.to_owned()
}

impl Life {
    fn total(&self) -> i64 {
        self.story.order.totals.total.minor()
    }

    fn money(&self, minor_units: i64) -> Money {
        Money::new(Amount::from_minor(minor_units), self.story.order.currency)
    }

    /// What the provider would still give of a payment; while a dispute is open, nothing.
    fn left(&self, attempt: usize) -> i64 {
        if !self.books.captured.contains(&attempt) {
            return 0;
        }
        let disputes = || self.books.disputes.iter().filter(|dispute| dispute.attempt == attempt);
        if disputes().any(|dispute| dispute.state == DisputeState::Open) {
            return 0;
        }
        self.total() - self.given(attempt) - self.taken(attempt)
    }

    fn given(&self, attempt: usize) -> i64 {
        let made = self.books.made.iter().filter(|made| made.attempt == attempt && made.done);
        made.map(|made| made.amount).sum()
    }

    fn taken(&self, attempt: usize) -> i64 {
        let lost = |dispute: &&Disputed| dispute.attempt == attempt && dispute.state == DisputeState::Lost;
        self.books.disputes.iter().filter(lost).map(|dispute| dispute.amount).sum()
    }

    /// Does it if the order lets it; what an admin promises by it is remembered.
    fn does(&mut self, command: Command) -> bool {
        let answer = self.story.when(command);
        if let Ok(Decision::Happens(events)) = &answer {
            for event in events {
                if let Event::Refund(RefundEvent::OrderRefundInitiated { payment_id, amount, part: Some(_), .. }) =
                    event
                {
                    self.promised.push((*payment_id, amount.minor()));
                }
            }
        }
        answer.is_ok()
    }

    fn recorded(&self, made: &Made) -> Command {
        Command::RecordRefund {
            provider: provider_of(made.attempt),
            payment_reference: format!("pi_{}", made.attempt),
            reference: made.reference.clone(),
            money: self.money(made.amount),
        }
    }

    fn about(&self, dispute: &Disputed) -> Command {
        let news = DisputeNews {
            reference: dispute.reference.clone(),
            money: Some(self.money(dispute.amount)),
            reason: "fraudulent".into(),
            state: dispute.state,
        };
        let (provider, payment_reference) = (provider_of(dispute.attempt), format!("pi_{}", dispute.attempt));
        Command::RecordDispute { provider, payment_reference, news }
    }

    fn gives(&mut self, attempt: usize, key: Option<RefundId>, amount: i64) {
        let reference = format!("re_{}", self.books.made.len());
        self.books.made.push(Made { attempt, key, reference, amount, done: true });
    }

    fn acts(&mut self, act: &Act) {
        match act {
            Act::Cancel => drop(self.does(cancel())),
            Act::CancelOne(line) => {
                let line = self.story.order.lines[line.index(self.story.order.lines.len())].line;
                self.does(cancel_lines(&[units(line, 1)]));
            }
            Act::Prepare => drop(self.does(prepare())),
            Act::ShipAll => drop(self.does(ship_all())),
            Act::ShipOne => drop(self.does(ship(&[units(1, 1)]))),
            Act::Deliver => drop(self.does(deliver())),
            Act::RequestReturn => drop(self.does(request_return(&[units(1, 1)]))),
            Act::Refund => drop(self.does(Command::Refund)),
            Act::Goodwill(amount) => drop(self.does(refund_part(&[], 0, *amount))),
            Act::Units(line, stays) => {
                let line = self.story.order.lines[line.index(self.story.order.lines.len())].line;
                let unshipped = if *stays { Unshipped::Restock } else { Unshipped::Ship };
                self.does(refund_units(&[units(line, 1)], unshipped));
            }
            Act::Pays(attempt) => {
                let attempt = attempt.index(2);
                if !self.books.captured.contains(&attempt) {
                    self.books.captured.push(attempt);
                    self.news.push(self.story.pay(attempt));
                }
            }
            Act::ByHand(attempt, share) => {
                let attempt = attempt.index(2);
                let amount = portion(self.left(attempt), share);
                if amount > 0 {
                    self.gives(attempt, None, amount);
                    let told = self.books.made.last().map(|made| self.recorded(made));
                    self.news.extend(told);
                }
            }
            Act::Fails(which) => self.fails(which),
            Act::Disputes(attempt, share) => {
                let attempt = attempt.index(2);
                let amount = portion(self.left(attempt), share);
                if amount > 0 {
                    let reference = format!("dp_{}", self.books.disputes.len());
                    let dispute = Disputed { attempt, reference, amount, state: DisputeState::Open };
                    self.news.push(self.about(&dispute));
                    self.books.disputes.push(dispute);
                }
            }
            Act::Decides(which, lost) => self.decides(which, *lost),
            Act::Tells(which, again) if !self.news.is_empty() => self.tells(which.index(self.news.len()), *again),
            Act::Tells(..) => {}
            Act::Works(which, lost) => self.works(which, *lost),
        }
    }

    fn fails(&mut self, which: &Index) {
        if self.books.made.is_empty() || self.books.failures >= MOST_FAILURES {
            return;
        }
        let place = which.index(self.books.made.len());
        let made = &mut self.books.made[place];
        if made.done {
            made.done = false;
            self.books.failures += 1;
            let (reason, reference) = ("account_closed".to_owned(), made.reference.clone());
            self.news.push(match made.key {
                Some(key) => Command::FailRefund { key, reason },
                None => Command::FailRefundElsewhere { reference, reason },
            });
        }
    }

    fn decides(&mut self, which: &Index, lost: bool) {
        if self.books.disputes.is_empty() {
            return;
        }
        let place = which.index(self.books.disputes.len());
        if self.books.disputes[place].state == DisputeState::Open {
            self.books.disputes[place].state = if lost { DisputeState::Lost } else { DisputeState::Won };
            self.news.push(self.about(&self.books.disputes[place]));
        }
    }

    /// What the order cannot believe yet, the provider tells again. News of something that was taken back meanwhile
    /// still comes: providers say what was true when it happened, and by the same token that it is not any more.
    fn tells(&mut self, place: usize, again: bool) {
        let news = self.news.remove(place);
        if self.is_outdated(&news) {
            return;
        }
        let taken = self.does(news.clone());
        if !taken || again {
            self.news.push(news);
        }
    }

    /// Where news contradicts what we know, the provider is asked, and says that it has failed since.
    fn is_outdated(&self, news: &Command) -> bool {
        let (Command::RecordRefund { reference, .. } | Command::CompleteRefund { reference, .. }) = news else {
            return false;
        };
        self.books.made.iter().any(|made| made.reference == *reference && !made.done)
    }

    fn works(&mut self, which: &Index, answer_is_lost: bool) {
        let open: Vec<Refund> =
            self.story.order.ledger.refunds.iter().filter(|refund| !refund.completed).cloned().collect();
        if open.is_empty() {
            return;
        }
        let wanted = open[which.index(open.len())].id;
        let Some(attempt) = self.attempt_of(wanted) else { return };
        if self.story.order.ledger.is_disputed(self.story.order.ledger.payments[attempt].id) {
            return;
        }
        // Look first: what is there is believed, failures before what they leave room for.
        let mut seen: Vec<(bool, Command)> = self
            .books
            .made
            .iter()
            .filter(|made| made.attempt == attempt)
            .map(|made| {
                let (reference, reason) = (made.reference.clone(), "account_closed".to_owned());
                (
                    made.done,
                    match (made.key, made.done) {
                        (None, true) => self.recorded(made),
                        (Some(refund_id), true) => {
                            Command::CompleteRefund { refund_id, reference, money: Some(self.money(made.amount)) }
                        }
                        (None, false) => Command::FailRefundElsewhere { reference, reason },
                        (Some(key), false) => Command::FailRefund { key, reason },
                    },
                )
            })
            .collect();
        seen.sort_by_key(|(done, _)| *done);
        for (_, told) in seen {
            if !self.does(told) {
                return;
            }
        }
        let Some(refund) = self.story.order.ledger.refund(wanted).filter(|refund| !refund.completed).cloned() else {
            return;
        };
        let key = refund.key();
        assert!(self.books.made.iter().all(|made| made.key != Some(key)), "twice under one key: {refund:?}");
        if refund.amount.minor() > self.left(attempt) {
            // Refused, for a reason that is told: a dispute, or somebody else's refund that has no webhook yet.
            return;
        }
        self.gives(attempt, Some(key), refund.amount.minor());
        let place = self.books.made.len() - 1;
        let made = &self.books.made[place];
        let (Some(refund_id), money) = (made.key, Some(self.money(made.amount))) else { return };
        let done = Command::CompleteRefund { refund_id, reference: made.reference.clone(), money };
        if answer_is_lost {
            self.news.push(done);
        } else {
            self.does(done);
        }
    }

    fn attempt_of(&self, refund: RefundId) -> Option<usize> {
        let payment_id = self.story.order.ledger.refund(refund)?.payment_id;
        self.story.order.ledger.payments.iter().position(|payment| payment.id == payment_id)
    }

    /// Banks decide, everything is told, and our worker goes on until nothing is open.
    fn ends(&mut self, index: &Index) {
        for place in 0..self.books.disputes.len() {
            if self.books.disputes[place].state == DisputeState::Open {
                self.books.disputes[place].state = DisputeState::Lost;
                self.news.push(self.about(&self.books.disputes[place]));
            }
        }
        for _ in 0..300 {
            if !self.news.is_empty() {
                self.tells(0, false);
            }
            self.works(index, false);
        }
    }

    fn check(&self) {
        let order = &self.story.order;
        assert!(self.news.is_empty(), "not believed: {:?}\n{:?}", self.news, order.ledger);
        for refund in &order.ledger.refunds {
            assert!(refund.completed, "open: {refund:?}\n{:?}", order.ledger);
        }
        for (attempt, payment) in order.ledger.payments.iter().enumerate() {
            let ours: i64 = order
                .ledger
                .refunds_of(payment.id)
                .filter(|refund| refund.completed)
                .map(|one| one.amount.minor())
                .sum();
            assert_eq!(ours, self.given(attempt), "ours and the provider's: {:?}", order.ledger);
            assert_eq!(order.ledger.lost_of(payment).minor(), self.taken(attempt));
            let captured = payment.captured().minor();
            let kept = captured - self.given(attempt) - self.taken(attempt);
            assert_eq!(kept, captured - self.owed(attempt), "{} {:?}", order.status, order.ledger);
        }
    }

    /// What of a payment is with the customer or their bank in the end.
    fn owed(&self, attempt: usize) -> i64 {
        let order = &self.story.order;
        let payment = &order.ledger.payments[attempt];
        let captured = payment.captured().minor();
        let has = |wanted: &dyn Fn(&Refund) -> bool| order.ledger.refunds_of(payment.id).any(wanted);
        let surplus = |refund: &Refund| {
            matches!(refund.reason, RefundReason::DuplicatePayment | RefundReason::LatePayment | RefundReason::Return)
        };
        if matches!(order.status, Status::Cancelled | Status::Refunded) || has(&surplus) {
            return captured;
        }
        let by_hand = self.books.made.iter().filter(|made| {
            let own = order.ledger.refund(RefundId::of_reference(order.id, &made.reference));
            made.attempt == attempt && made.done && made.key.is_none() && own.is_some()
        });
        let by_hand: i64 = by_hand.map(|made| made.amount).sum();
        let promised: i64 = self.promised.iter().filter(|(id, _)| *id == payment.id).map(|(_, amount)| amount).sum();
        captured.min(by_hand + promised + self.taken(attempt))
    }
}

/// A part of what is left, or all of it.
fn portion(left: i64, share: &Index) -> i64 {
    match share.index(4) {
        0 => left,
        _ if left <= 0 => 0,
        _ => 1 + i64::try_from(share.index(usize::try_from(left).unwrap_or(1))).unwrap_or(0),
    }
}

fn act() -> impl Strategy<Value = Act> {
    let index = any::<Index>;
    prop_oneof![
        1 => Just(Act::Cancel),
        2 => index().prop_map(Act::CancelOne),
        3 => Just(Act::Prepare),
        2 => Just(Act::ShipAll),
        1 => Just(Act::ShipOne),
        2 => Just(Act::Deliver),
        1 => Just(Act::RequestReturn),
        2 => Just(Act::Refund),
        3 => (1_i64..16_000).prop_map(Act::Goodwill),
        2 => (index(), any::<bool>()).prop_map(|(line, stays)| Act::Units(line, stays)),
        3 => index().prop_map(Act::Pays),
        3 => (index(), index()).prop_map(|(attempt, share)| Act::ByHand(attempt, share)),
        1 => index().prop_map(Act::Fails),
        1 => (index(), index()).prop_map(|(attempt, share)| Act::Disputes(attempt, share)),
        2 => (index(), any::<bool>()).prop_map(|(which, lost)| Act::Decides(which, lost)),
        9 => (index(), any::<bool>()).prop_map(|(which, again)| Act::Tells(which, again)),
        5 => (index(), any::<bool>()).prop_map(|(which, lost)| Act::Works(which, lost)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn m2_in_the_end_the_customer_has_exactly_what_is_owed(
        acts in proptest::collection::vec(act(), 0..60), last in any::<Index>(),
    ) {
        let story = Story::at(Status::Pending);
        let mut life = Life { story, books: Books::default(), news: Vec::new(), promised: Vec::new() };
        for act in &acts {
            life.acts(act);
        }
        life.ends(&last);
        life.check();
        prop_assert_eq!(life.story.replayed(), life.story.order);
    }
}
