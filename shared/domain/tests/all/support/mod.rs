//! Builders: a [`Story`] leads one order through its life with a clock, a stock and the stored stream beside it, and
//! checks after every change what must always hold.

pub(crate) mod events;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::{Actor, Role};
use oms_domain::catalog::stock::{Condition, Stock};
use oms_domain::chain::{self, Hash, Sealed};
use oms_domain::fulfilment::label::{BoughtLabel, DocumentFormat, LabelOrder};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::{LineQuantity, Location, ReturnedLine, Tracking};
use oms_domain::ids::{LabelId, OrderId, PaymentId, ProductId, RefundId, UserId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::address::Destination;
use oms_domain::ordering::{
    Amendment, CancelReason, Change, Command, Decision, HoldReason, Line, NewNote, NewOrder, NewReturn, Order,
    Provenance, Record, Refusal, ReturnStep, ReviewReason, ShipmentStep, Status, Terms, WantedLine, Wishes, create,
    decide,
};
use oms_domain::payments::{Refund, RefundPart, RefundReason, Unshipped};
use oms_domain::pricing::Totals;
use oms_domain::returns::ReturnKind;
use oms_domain::returns::policy::ReturnsTable;
use uuid::Uuid;

/// What every product has in stock before the story begins.
pub(crate) const STOCKED_UNITS: u32 = 1_000;

pub(crate) const USER: &str = "6f0a3c1e-2b7d-4a55-9c8e-0d1f2a3b4c5d";

pub(crate) fn start() -> Timestamp {
    "2026-03-02T09:00:00.123Z".parse().unwrap()
}

pub(crate) fn order_id() -> OrderId {
    "0195562c-8d0b-7c3e-9a41-5b2d7e8f9012".parse().unwrap()
}

pub(crate) fn product(number: u128) -> ProductId {
    ProductId::new(Uuid::from_u128(0x0190_a5b0_7c3e_7000_8000_0000_0000_0000 + number))
}

pub(crate) fn customer() -> Actor {
    Actor { id: USER.to_owned(), role: Role::Customer }
}

pub(crate) fn line(number: u16, product_id: ProductId, quantity: u32, price: i64) -> Line {
    Line {
        line: number,
        product_id,
        sku: format!("NW-BOOK-{number:04}"),
        name: format!("Northwind notebook, no. {number:02}"),
        seller_id: "northwind-books".parse().unwrap(),
        quantity,
        price: Amount::from_minor(price),
        discount: Amount::ZERO,
        tax: Amount::from_minor(price / 5),
        shipped: 0,
        returned: 0,
        refunded: 0,
        withdrawn: 0,
        lost: 0,
        removed: 0,
        sold: None,
    }
}

pub(crate) fn new_order(lines: Vec<Line>) -> NewOrder {
    let subtotal = lines.iter().map(Line::subtotal).sum();
    let tax = lines.iter().map(|line| line.tax).sum::<Amount>();
    let shipping = Amount::from_minor(490);
    NewOrder {
        user_id: USER.parse::<UserId>().unwrap(),
        currency: "EUR".parse().unwrap(),
        destination: Destination::somewhere_in("DE".into()),
        shipping_method: "standard".into(),
        delivery: None,
        lines,
        totals: Totals {
            subtotal,
            discount: Amount::ZERO,
            shipping,
            tax,
            total: subtotal + shipping + tax,
            ..Totals::default()
        },
        promotions: Vec::new(),
        uses: Vec::new(),
        return_terms: None,
        wishes: Wishes::default(),
        draft: true,
    }
}

/// Three lines, two of them of the same product.
pub(crate) fn usual_lines() -> Vec<Line> {
    vec![line(1, product(1), 2, 1_990), line(2, product(2), 1, 12_900), line(3, product(1), 3, 1_990)]
}

pub(crate) fn tracking() -> Tracking {
    Tracking::checked("DHL", "00340434161094042557").unwrap()
}

pub(crate) fn units(line: u16, quantity: u32) -> LineQuantity {
    LineQuantity { line, quantity }
}

pub(crate) fn returned(line: u16, quantity: u32, condition: Condition) -> ReturnedLine {
    ReturnedLine { line, quantity, condition }
}

pub(crate) fn request(provider: &str) -> Command {
    Command::RequestPayment { provider: provider.into(), keep: false, anew: true }
}

/// On the terms that the draft shows.
pub(crate) fn submit(draft: &Order) -> Command {
    Command::Submit { terms: Box::new(Terms::of(draft)) }
}

/// It costs the same and goes elsewhere.
pub(crate) fn readdress(order: &Order) -> Command {
    let amendment = Amendment {
        terms: Terms::of(order),
        wishes: None,
        destination: None,
        readdressed: true,
        written: None,
        by_staff: true,
    };
    Command::Amend { amendment: Box::new(amendment), base: order.version }
}

pub(crate) fn prepare() -> Command {
    Command::StartProcessing { note: None }
}

pub(crate) fn ship_all() -> Command {
    Command::Ship { tracking: tracking(), lines: None, note: None }
}

pub(crate) fn ship(parts: &[LineQuantity]) -> Command {
    Command::Ship { tracking: tracking(), lines: Some(parts.to_vec()), note: None }
}

pub(crate) fn plan(parts: &[LineQuantity]) -> Command {
    Command::PlanShipment { lines: parts.to_vec(), location: Location::main() }
}

pub(crate) fn step(shipment: u16, step: ShipmentStep) -> Command {
    Command::MoveShipment { shipment, step, note: None }
}

/// In one parcel.
pub(crate) fn leave(shipment: u16) -> Command {
    step(shipment, ShipmentStep::Ship { parcels: vec![tracking()] })
}

pub(crate) fn label_order() -> LabelOrder {
    LabelOrder {
        carrier: "ups".into(),
        service: "03".into(),
        parcels: vec![Measures { weight_grams: 1_200, length_mm: 300, width_mm: 200, height_mm: 100 }],
        ship_date: "2026-03-02".parse().unwrap(),
    }
}

/// As the carrier sells it.
pub(crate) fn bought_label(label_id: LabelId) -> BoughtLabel {
    let number = format!("1Z{}", &label_id.uuid().simple().to_string()[..16]);
    BoughtLabel {
        reference: number.clone(),
        tracking: vec![Tracking::checked("UPS", &number).unwrap()],
        cost: Some(Money::new(Amount::from_minor(742), "USD".parse().unwrap())),
        documents: vec![DocumentFormat::Gif],
    }
}

pub(crate) fn ask_for_label(shipment: u16) -> Command {
    Command::RequestLabel { shipment, label: label_order() }
}

pub(crate) fn hold(reason: HoldReason) -> Command {
    Command::PlaceHold { reason, note: None }
}

pub(crate) fn release(hold: &str) -> Command {
    Command::ReleaseHold { hold: hold.into(), note: None }
}

pub(crate) fn fail_delivery() -> Command {
    Command::FailDelivery { note: Some("nobody at home".into()) }
}

pub(crate) fn deliver() -> Command {
    Command::Deliver { note: None }
}

pub(crate) fn cancel() -> Command {
    Command::Cancel { reason: CancelReason::CustomerRequest, note: None }
}

/// Units that do not leave any more.
pub(crate) fn cancel_lines(parts: &[LineQuantity]) -> Command {
    Command::CancelLines { lines: parts.to_vec(), reason: CancelReason::CustomerRequest, note: None }
}

pub(crate) fn request_return(parts: &[LineQuantity]) -> Command {
    Command::RequestReturn { lines: parts.to_vec(), reason: "does not fit".into() }
}

/// Units that somebody wants to send back, under a number.
pub(crate) fn open_return(parts: &[LineQuantity]) -> Command {
    let reason = || ReturnsTable::default().reasons.first().cloned();
    let lines = parts.iter().map(|units| WantedLine { units: *units, reason: reason() }).collect();
    let (kind, note) = (ReturnKind::Return, Some("too blue".to_owned()));
    Command::OpenReturn(Box::new(NewReturn { kind, lines, note, binding: true }))
}

pub(crate) fn approve_return(number: u16) -> Command {
    let step = ReturnStep::Approve { table: Box::default(), amount: None };
    Command::MoveReturn { number, step, note: None }
}

pub(crate) fn deny_return() -> Command {
    Command::DenyReturn { reason: "worn".into() }
}

pub(crate) fn receive(parts: &[ReturnedLine]) -> Command {
    Command::ReceiveReturn { lines: parts.to_vec() }
}

/// Some units of lines, some shipping and some goodwill, in minor units.
pub(crate) fn refund_part(lines: &[LineQuantity], shipping: i64, goodwill: i64) -> Command {
    let (shipping, goodwill) = (Amount::from_minor(shipping), Amount::from_minor(goodwill));
    let (lines, unshipped, note) = (lines.to_vec(), Unshipped::Ship, "dented".into());
    Command::RefundPart { part: RefundPart { lines, unshipped, shipping, goodwill, note, ..RefundPart::default() } }
}

/// Some units of lines; those that have not shipped stay.
pub(crate) fn refund_units(lines: &[LineQuantity], unshipped: Unshipped) -> Command {
    Command::RefundPart { part: RefundPart { lines: lines.to_vec(), unshipped, ..RefundPart::default() } }
}

pub(crate) fn note() -> Command {
    Command::AddNote(NewNote::private("asked for a gift wrap"))
}

pub(crate) fn set_tags(tags: &[&str]) -> Command {
    Command::SetTags { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), already_at: None }
}

/// Has somebody look after the order, or nobody.
pub(crate) fn assign(to: Option<&str>) -> Command {
    Command::Assign { to: to.map(|name| name.parse().unwrap()) }
}

pub(crate) fn request_review() -> Command {
    Command::RequestReview { reasons: vec![ReviewReason::Value] }
}

pub(crate) fn names(answer: &Result<Decision, Refusal>) -> Vec<&'static str> {
    match answer {
        Ok(Decision::Happens(events)) => events.iter().map(events::name).collect(),
        other => panic!("expected events, got {other:?}"),
    }
}

/// One order, what is stored of it, and the world around it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) order: Order,
    pub(crate) stream: Vec<Sealed>,
    pub(crate) stock: BTreeMap<ProductId, Stock>,
    pub(crate) now: Timestamp,
}

impl Story {
    /// Begins with the creation of an order.
    pub(crate) fn of(new: NewOrder) -> Story {
        let stock = new.lines.iter().map(|line| (line.product_id, Stock::received(STOCKED_UNITS))).collect();
        let events = create(new, start());
        let change = Change::new(order_id(), None, events, &provenance(start())).unwrap();
        let order = change.order.clone();
        let mut story = Story { order, stream: Vec::new(), stock, now: start() };
        story.write(change);
        story
    }

    pub(crate) fn draft() -> Story {
        Story::of(new_order(usual_lines()))
    }

    /// The usual order in this state, on the shortest way there. From pending on it has two payment attempts, of which
    /// the first is the one that was paid.
    pub(crate) fn at(status: Status) -> Story {
        match status {
            Status::Draft => Story::draft(),
            Status::Pending => Story::draft().submitted().given(request("stripe")).given(request("paypal")),
            Status::Confirmed => Story::at(Status::Pending).paid(0),
            Status::Processing => Story::at(Status::Confirmed).given(prepare()),
            Status::Shipped => Story::at(Status::Processing).given(ship_all()),
            Status::Delivered => Story::at(Status::Shipped).given(deliver()),
            Status::ReturnRequested => Story::at(Status::Delivered).given(request_return(&[units(1, 1)])),
            Status::Returned => {
                Story::at(Status::ReturnRequested).given(receive(&[returned(1, 1, Condition::Sellable)]))
            }
            Status::Refunded => Story::at(Status::Returned).given(Command::Refund).refund_completed(0),
            Status::Cancelled => Story::at(Status::Pending).given(cancel()),
        }
    }

    pub(crate) fn after_minutes(mut self, minutes: i64) -> Story {
        self.now = self.now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        self
    }

    /// What must happen for the story to go on.
    pub(crate) fn given(mut self, command: Command) -> Story {
        let answer = self.when(command.clone());
        assert!(matches!(answer, Ok(Decision::Happens(_))), "{command:?} → {answer:?}");
        self
    }

    pub(crate) fn submitted(self) -> Story {
        let command = submit(&self.order);
        self.given(command)
    }

    pub(crate) fn paid(self, attempt: usize) -> Story {
        let command = self.pay(attempt);
        self.given(command)
    }

    pub(crate) fn failed(self, attempt: usize) -> Story {
        let command = self.fail(attempt);
        self.given(command)
    }

    pub(crate) fn refund_completed(self, sequence: usize) -> Story {
        self.given(complete_refund(sequence))
    }

    /// What is tried; whatever happens is written down.
    pub(crate) fn when(&mut self, command: Command) -> Result<Decision, Refusal> {
        let decision = decide(&self.order, command, self.now)?;
        if let Decision::Happens(events) = &decision {
            let before = self.order.clone();
            let change = Change::new(before.id, Some(&before), events.clone(), &provenance(self.now)).unwrap();
            assert_eq!(change.base_version, Some(before.version));
            assert!(!before.status.is_terminal() || change.order.status == before.status, "an ended order went on");
            self.write(change);
        }
        Ok(decision)
    }

    /// The provider of this attempt says that it was paid, as asked for.
    pub(crate) fn pay(&self, attempt: usize) -> Command {
        self.pay_off_by(attempt, 0)
    }

    /// The provider of this attempt says that it was paid, but with so many minor units more.
    pub(crate) fn pay_off_by(&self, attempt: usize, minor_units: i64) -> Command {
        let payment = self.order.ledger.payments.get(attempt);
        let amount = payment.map_or(self.order.totals.total, |payment| payment.amount);
        Command::RecordPayment {
            payment_id: PaymentId::of_attempt(self.order.id, attempt),
            provider: payment.map_or_else(|| "stripe".to_owned(), |payment| payment.provider.clone()),
            reference: format!("pi_{attempt}"),
            money: Money::new(amount + Amount::from_minor(minor_units), self.order.currency),
        }
    }

    /// The provider of this attempt says that it failed.
    pub(crate) fn fail(&self, attempt: usize) -> Command {
        let payment = self.order.ledger.payments.get(attempt);
        Command::RecordPaymentFailure {
            payment_id: PaymentId::of_attempt(self.order.id, attempt),
            provider: payment.map_or_else(|| "stripe".to_owned(), |payment| payment.provider.clone()),
            reason: "card_declined".into(),
        }
    }

    pub(crate) fn stock_of(&self, number: u128) -> Stock {
        self.stock[&product(number)]
    }

    pub(crate) fn promised_back(&self) -> Amount {
        self.order.ledger.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// What was promised back of the payment that pays for the order, by us or by hand, or taken by a bank.
    fn gone_of_the_paying_one(&self) -> Amount {
        let ledger = &self.order.ledger;
        // What a change made cheaper is not in the total any more; as far as it shrank, the total is less than it will go back.
        let counts = |refund: &Refund| match refund.reason {
            RefundReason::Changed => Amount::ZERO - refund.cut,
            _ => refund.amount,
        };
        let of = |id| ledger.refunds_of(id).map(counts).sum::<Amount>();
        ledger.paying().map(|payment| of(payment.id) + ledger.lost_of(payment)).sum()
    }

    pub(crate) fn timeline(&self) -> Vec<Status> {
        self.order.timeline.iter().map(|entry| entry.status).collect()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        chain::open(&self.stream, &self.order.head).unwrap()
    }

    /// Replays the stored stream, as an auditor would.
    pub(crate) fn replayed(&self) -> Order {
        let hash_of = |record: &Record| -> Hash { chain::seal(record).unwrap().1 };
        Order::replay(self.order.id, &self.records(), hash_of).unwrap()
    }

    fn write(&mut self, change: Change) {
        for step in &change.stock {
            let stock = self.stock.entry(step.product_id).or_insert(Stock::received(STOCKED_UNITS));
            *stock = stock.after(step).expect("no counter becomes negative");
        }
        self.stream.extend(change.events);
        self.order = change.order;
        self.check();
    }

    /// What holds after every change of every story.
    fn check(&self) {
        let Story { order, stream, .. } = self;
        let expected: Vec<u64> = (1..=order.version).collect();
        assert_eq!(stream.iter().map(|sealed| sealed.version).collect::<Vec<_>>(), expected, "versions have gaps");
        self.check_stock();
        self.check_money();

        let timeline = self.timeline();
        assert!(matches!(timeline.first(), Some(Status::Draft | Status::Pending)), "{timeline:?}");
        assert_eq!(timeline.last(), Some(&order.status));
        assert!(timeline.windows(2).all(|pair| pair[0].may_become(pair[1])), "{timeline:?}");
        assert_eq!(order.reservation_expires_at.is_some(), order.status == Status::Pending);
    }

    fn check_stock(&self) {
        for (product_id, stock) in &self.stock {
            let lines = || self.order.lines.iter().filter(|line| &line.product_id == product_id);
            let held = if self.order.status.holds_stock() {
                lines().map(|line| line.quantity - line.shipped - line.withdrawn - line.lost).sum()
            } else {
                0
            };
            let known = |number: u16| self.order.lines.iter().any(|line| line.line == number);
            let offered = self.order.offer.iter().flat_map(|offer| &offer.revision.terms.lines);
            let offered = offered.filter(|line| line.product_id == *product_id && !known(line.line));
            let held = held + offered.map(|line| line.quantity).sum::<u32>();
            assert!(stock.is_balanced(), "{stock:?}");
            assert_eq!(stock.reserved, held, "reserved while {}", self.order.status);
            assert_eq!(stock.shipped, lines().map(|line| self.order.has_left(line)).sum::<u32>(), "shipped");
            assert_eq!(stock.returned, lines().map(|line| line.returned).sum::<u32>(), "returned");
            assert!(lines().all(|line| line.returned <= line.shipped && line.shipped <= line.quantity));
        }
    }

    fn check_money(&self) {
        let Order { ledger, totals, .. } = &self.order;
        for payment in &ledger.payments {
            assert!(ledger.refundable(payment) >= Amount::ZERO, "more promised back than captured: {payment:?}");
        }
        assert!(ledger.refunded() <= self.promised_back() && self.promised_back() <= ledger.captured());
        assert!(self.order.refundable() >= Amount::ZERO);
        let refund_ids: BTreeSet<_> = ledger.refunds.iter().map(|refund| refund.id).collect();
        assert_eq!(refund_ids.len(), ledger.refunds.len(), "two refunds under one id would be one at the provider");
        let kept: Amount = ledger.payments.iter().map(|payment| ledger.refundable(payment)).sum();
        match self.order.status {
            // Money that comes when it is no longer wanted goes straight back, so nothing is ever kept.
            Status::Draft | Status::Pending | Status::Cancelled | Status::Refunded => assert_eq!(kept, Amount::ZERO),
            Status::Confirmed
            | Status::Processing
            | Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned => {
                assert_eq!(kept, (totals.total - self.gone_of_the_paying_one()).max(Amount::ZERO));
            }
        }
        assert!(self.order.paid_at.is_some() || kept.is_zero());
    }
}

pub(crate) fn complete_refund(sequence: usize) -> Command {
    Command::CompleteRefund {
        refund_id: RefundId::of_sequence(order_id(), sequence),
        reference: format!("re_{sequence}"),
        money: None,
    }
}

pub(crate) fn provenance(at: Timestamp) -> Provenance {
    Provenance { at, actor: customer(), correlation_id: "b7e2c1d4-55aa-4f0e-8f6b-1c2d3e4f5a6b".into() }
}
