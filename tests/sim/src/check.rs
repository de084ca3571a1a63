//! What must hold over everything once all is at rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::FutureExt as _;
use jiff::SignedDuration;
use oms_app::platform::recount::{Intention, Recount};
use oms_app::ports::{
    Allowances as _, DocumentKey, Inventory as _, Notice, Orders as _, ShipmentQuery, Stored, UsageCounter, Webhook,
};
use oms_domain::catalog::movement::MovementKind;
use oms_domain::chain::{self, Hash, Sealed};
use oms_domain::fulfilment::label::{LabelOrder, LabelStatus};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::{Shipment, ShipmentId, ShipmentStatus};
use oms_domain::ids::{LabelId, OrderId, PaymentId, ProductId, UserId};
use oms_domain::messaging::{CallingCodes, Channel, MessageKind, channels};
use oms_domain::money::Amount;
use oms_domain::ordering::{
    CancelReason, ChangeEvent, ChangeWords, CheckoutEvent, Command, Event, LabelEvent, NoteEvent, Order, Record,
    ReviewEvent, ShipmentEvent, Status, decide,
};
use oms_domain::payments::{Refund, RefundReason};
use oms_domain::pricing::promotion::UseLimit;
use oms_domain::public_event::CloudEvent;

use oms_testkit::builders::seller;
use oms_testkit::memory::Sold;

use crate::label_line::books;
use crate::people::{SEEN, Word};
use crate::world::{Mail, PRODUCTS, PROMOTION, SHIPPING_METHOD, World, product};

/// Most uses of the promotion.
const MOST_USES: u32 = 3;

/// Orders above this are held until an admin has looked, in cents.
const REVIEW_ABOVE_CENTS: i64 = 70_00;

/// How far two clocks differ at most.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// One order with all that is stored of it.
struct Seen {
    stored: Stored,
    events: Vec<Sealed>,
    records: Vec<Record>,
}

impl Seen {
    fn order(&self) -> &Order {
        &self.stored.order
    }
}

/// Checks everything; what is wrong is told to the world.
pub(crate) fn all(world: &World) {
    let check = Check { world, seen: orders(world) };
    check.promises_are_kept();
    check.nothing_waits();
    check.stock_adds_up();
    check.a_recount_finds_nothing();
    check.lists_show_the_shipments();
    check.carriers_are_believed();
    check.the_shop_did_what_it_does_by_itself();
    check.labels_are_paid_once();
    check.promotions_add_up();
    check.open_orders_are_counted();
    check.everything_is_published();
    check.customers_were_told();
    for seen in &check.seen {
        check.is_the_sum_of_its_events(seen);
        check.moved_legally(seen);
        check.total_adds_up(seen);
        check.changes_are_as_agreed(seen);
        check.what_is_taken_out_is_given_back(seen);
        if let Some(wrong) = crate::terms::wrong(world, seen.order(), &seen.records) {
            check.wrong(wrong);
        }
        for wrong in crate::goods_back::wrong(seen.order(), &seen.records) {
            check.wrong(wrong);
        }
        check.stands_still_while_held(seen);
        check.is_screened(seen);
        check.leaves_labels_to_people(seen);
        check.books_agree(seen);
        check.keeps_secrets(seen);
        check.is_audited(seen);
        check.notes_are_kept(seen);
        check.is_told_once_on_the_way(seen);
    }
}

/// What the memory answers.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the memory answers at once")
}

fn orders(world: &World) -> Vec<Seen> {
    let ids: Vec<OrderId> = world.store.all_orders().into_iter().map(|order| order.id).collect();
    let mut seen = Vec::with_capacity(ids.len());
    for id in ids {
        let Ok(Some(stored)) = now(world.store.load(id)) else { continue };
        let events = now(world.store.events(id)).unwrap_or_default();
        match chain::open(&events, &stored.order.head) {
            Ok(records) => seen.push(Seen { stored, events, records }),
            Err(broken) => world.wrong(format!("17 hash chain: order {id}: {broken}")),
        }
    }
    seen
}

struct Check<'a> {
    world: &'a World,
    seen: Vec<Seen>,
}

impl Check<'_> {
    fn wrong(&self, what: String) {
        self.world.wrong(what);
    }

    fn must(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong(what());
        }
    }

    fn find(&self, id: OrderId) -> Option<&Order> {
        self.seen.iter().map(Seen::order).find(|order| order.id == id)
    }

    fn promises_are_kept(&self) {
        let told = self.world.told();
        let mut possible: BTreeMap<&UserId, usize> = BTreeMap::new();
        for promise in &told.promises {
            if promise.word != Word::Refused {
                *possible.entry(&promise.user).or_default() += 1;
            }
            match (&promise.word, &promise.key) {
                (Word::Created(id), key) => {
                    self.must(self.find(*id).is_some(), || format!("1 acknowledged order exists: {id} does not"));
                    let derived = key.as_ref().map(|key| OrderId::from_key(&promise.user, key));
                    self.must(derived.is_none_or(|derived| derived == *id), || format!("1 one key, one order: {id}"));
                    let shipping = self.find(*id).map(|order| order.totals.shipping.minor());
                    let kept = promise.offered.is_none() || promise.offered == shipping;
                    self.must(kept, || {
                        format!(
                            "24 a carrier's price that was offered counts: order {id}: {shipping:?}, not {:?}",
                            promise.offered
                        )
                    });
                }
                (Word::Refused, Some(key)) => {
                    let id = OrderId::from_key(&promise.user, key);
                    let live = self.find(id).filter(|order| order.status != Status::Cancelled);
                    self.must(live.is_none(), || format!("13 refused means no order: {id} is alive"));
                }
                (Word::Refused, None) | (Word::Nothing, _) => {}
            }
        }
        let mut owned: BTreeMap<&UserId, usize> = BTreeMap::new();
        for seen in &self.seen {
            *owned.entry(&seen.order().user_id).or_default() += 1;
        }
        for (user, orders) in owned {
            let most = possible.get(user).copied().unwrap_or_default();
            self.must(orders <= most, || format!("13 one wish, one order: {user:?} owns {orders} of {most}"));
        }
    }

    fn nothing_waits(&self) {
        for waiting in self.world.topic.waiting() {
            self.wrong(format!("settles in time: a message waits: {waiting}"));
        }
        let (dead, astray) = self.world.topic.misplaced();
        for letter in dead {
            self.wrong(format!("12 dead letters are poison: {letter}"));
        }
        self.must(astray == 0, || format!("12 poison is set aside: {astray} are not"));
        self.must(self.world.bank().untold == 0, || "settles in time: a webhook is still not taken".into());
        let now = self.world.sim.time();
        for order in self.seen.iter().map(Seen::order) {
            let overdue = order.due_at().is_some_and(|until| until.as_second() + 240 < now.as_second());
            self.must(!overdue, || format!("settles in time: order {} is overdue as {}", order.id, order.status));
            for refund in order.ledger.refunds.iter().filter(|refund| !refund.completed) {
                self.wrong(format!("settles in time: refund {} of order {} is not done", refund.id, order.id));
            }
        }
    }

    fn stock_adds_up(&self) {
        let mut held: BTreeMap<ProductId, (u32, u32)> = BTreeMap::new();
        for order in self.seen.iter().map(Seen::order) {
            for line in &order.lines {
                let entry = held.entry(line.product_id).or_default();
                entry.0 += if order.status.holds_stock() { line.to_ship() } else { 0 };
                entry.1 += order.has_left(line);
            }
            let known = |number: u16| order.lines.iter().any(|line| line.line == number);
            let offered = order.offer.iter().flat_map(|offer| &offer.revision.terms.lines);
            for line in offered.filter(|line| !known(line.line)) {
                held.entry(line.product_id).or_default().0 += line.quantity;
            }
        }
        for (number, units) in PRODUCTS {
            let id = product(number);
            let stock = self.world.store.product_now(id).stock;
            let (reserved, shipped) = held.get(&id).copied().unwrap_or_default();
            self.must(stock.is_balanced(), || format!("4 stock balances: product {number}: {stock:?}"));
            self.must(stock.reserved == reserved, || {
                format!("5 reserved is what orders hold: product {number}: {} and {reserved}", stock.reserved)
            });
            self.must(stock.shipped == shipped, || {
                format!("4 shipped is what orders shipped: product {number}: {} and {shipped}", stock.shipped)
            });
            let movements =
                now(self.world.store.movements(id, None, 100)).map(|page| page.movements).unwrap_or_default();
            let received = movements.iter().filter(|movement| movement.kind == MovementKind::Receive);
            let received: u32 = units + received.map(|movement| movement.quantity).sum::<u32>();
            self.must(stock.received == received, || {
                format!("4 received is what was moved in: product {number}: {} and {received}", stock.received)
            });
            let reasons: BTreeSet<&str> = movements.iter().map(|movement| movement.reason.as_str()).collect();
            self.must(reasons.len() == movements.len(), || format!("1 one key, one movement: product {number}"));
        }
    }

    /// What an operator would count comes to what is stored.
    fn a_recount_finds_nothing(&self) {
        let store = Arc::new(self.world.store.clone());
        let recount = Recount::new(store.clone(), store.clone(), store);
        let found = recount.run(Intention::Look, |_| ()).now_or_never().and_then(Result::ok).unwrap_or_default();
        self.must(found.products >= PRODUCTS.len(), || format!("4 recount: {} products were counted", found.products));
        for difference in found.differences {
            self.wrong(format!("4 recount: product {}: {:?}", difference.product_id, difference.found));
        }
    }

    fn promotions_add_up(&self) {
        let counted = UsageCounter::Promotion(PROMOTION.to_owned());
        let used = now(self.world.store.used(&[counted])).unwrap_or_default().first().copied().unwrap_or_default();
        let live = self.seen.iter().map(Seen::order).filter(|order| order.status != Status::Cancelled);
        let live = live.flat_map(|order| &order.uses).filter(|counted| counted.of == UseLimit::Total).count();
        self.must(used <= MOST_USES, || format!("4 promotion is used {used} times, {MOST_USES} at most"));
        self.must(usize::try_from(used) == Ok(live), || format!("4 promotion uses: counted {used}, are {live}"));
    }

    /// What counts as waiting for its payment is what waits.
    fn open_orders_are_counted(&self) {
        let mut open: BTreeMap<&UserId, BTreeSet<OrderId>> = BTreeMap::new();
        for order in self.seen.iter().map(Seen::order) {
            let own = open.entry(&order.user_id).or_default();
            if order.status == Status::Pending {
                own.insert(order.id);
            }
        }
        for (user, waiting) in open {
            let counted: BTreeSet<OrderId> =
                now(self.world.store.open_orders(user)).unwrap_or_default().into_iter().collect();
            self.must(counted == waiting, || format!("4 open orders of {user}: counted {counted:?}, are {waiting:?}"));
        }
    }

    fn everything_is_published(&self) {
        let stored = self
            .seen
            .iter()
            .flat_map(|seen| seen.records.iter().map(|record| CloudEvent::of(seen.order().id, record).id));
        let stored: BTreeSet<String> = stored.collect();
        let published = self.world.topic.published();
        for id in stored.difference(&published) {
            self.wrong(format!("10 every event is published: {id} is not"));
        }
        for id in published.difference(&stored) {
            self.wrong(format!("10 no event is invented: {id}"));
        }
    }

    fn customers_were_told(&self) {
        let mail = self.world.mail();
        let mut expected: BTreeMap<Notice, MessageKind> = BTreeMap::new();
        for seen in &self.seen {
            let Some(person) = &seen.stored.person else { continue };
            for record in &seen.records {
                let id = seen.order().id;
                let Some(kind) = MessageKind::about(&CloudEvent::of(id, record).data.fact) else { continue };
                for channel in channels(&person.contact, kind, seen.order(), &CallingCodes::ALL) {
                    expected.insert(Notice { order_id: id, version: record.version, channel }, kind);
                }
            }
        }
        let sent: BTreeSet<Notice> = mail.sent.iter().map(|sent| sent.message.notice).collect();
        for (notice, kind) in &expected {
            let told = sent.contains(notice) || mail.refused.contains(notice);
            self.must(told, || format!("11 customer is told: {} {kind:?} was not sent", notice.id()));
            self.must(mail.finished.contains(notice), || format!("11 what was sent is marked: {} is not", notice.id()));
        }
        for sent in &mail.sent {
            let notice = sent.message.notice;
            self.must(!sent.again, || format!("11 told once: {} was sent after it was marked as sent", notice.id()));
            let kind = expected.get(&notice);
            self.must(kind == Some(&sent.message.kind), || {
                format!("11 told the truth: {} was not to be sent", notice.id())
            });
        }
        self.heard_in_order(&mail);
        if self.world.weather.struck() == 0 {
            self.must(sent.len() == mail.sent.len(), || "11 told once: on a fine day something was sent twice".into());
        }
    }

    /// Nobody hears that an order was delivered before they hear that it was shipped, unless an operator had to see to it.
    fn heard_in_order(&self, mail: &Mail) {
        let mut last: BTreeMap<(OrderId, Channel), u64> = BTreeMap::new();
        let mut told: BTreeSet<Notice> = BTreeSet::new();
        let excused = self.world.topic.out_of_order();
        let sent = mail.sent.iter().map(|sent| sent.message.notice);
        for notice in sent.filter(|notice| !excused.contains(&notice.order_id.to_string())) {
            let before = last.entry((notice.order_id, notice.channel)).or_default();
            let in_order = !told.insert(notice) || notice.version > *before;
            self.must(in_order, || format!("11 told in order: {} after version {before}", notice.id()));
            *before = notice.version.max(*before);
        }
    }

    fn is_the_sum_of_its_events(&self, seen: &Seen) {
        let order = seen.order();
        self.must(usize::try_from(order.version) == Ok(seen.records.len()), || {
            format!(
                "2 versions have no gap: order {} is at {} with {} events",
                order.id,
                order.version,
                seen.records.len()
            )
        });
        let body = |record: &Record| &seen.events[usize::try_from(record.version).unwrap_or(1) - 1].body;
        let replayed = Order::replay(order.id, &seen.records, |record| Hash::of(body(record)));
        self.must(replayed.as_ref() == Some(order), || format!("2 replay gives the stored state: order {}", order.id));
    }

    /// What is held is neither prepared, nor packed, nor shipped; and nothing ships that was not bought, or was given back.
    fn stands_still_while_held(&self, seen: &Seen) {
        let Some((first, rest)) = seen.records.split_first() else { return };
        let Some(mut order) = Order::begin(seen.order().id, first, Hash::genesis()) else { return };
        for record in rest {
            let moves = matches!(
                record.event,
                Event::Shipment(
                    ShipmentEvent::OrderProcessingStarted { .. }
                        | ShipmentEvent::OrderShipmentPacked { .. }
                        | ShipmentEvent::OrderShipped { .. }
                )
            );
            self.must(!moves || !order.is_held(), || {
                format!("18 what is held stands still: order {} at version {}", order.id, record.version)
            });
            order.evolve(record, Hash::genesis());
            let too_many = order.lines.iter().any(|line| line.shipped + line.withdrawn + line.lost > line.quantity);
            self.must(!too_many, || format!("18 what ships was bought: order {} at {}", order.id, record.version));
        }
    }

    /// What the carrier charges is a label that its order knows, one for each shipment; and what an order has as bought is paid.
    fn labels_are_paid_once(&self) {
        let charged: BTreeMap<LabelId, Sold> = books(self.world).charged().into_iter().collect();
        let mut known = BTreeSet::new();
        let kept: BTreeSet<String> = self.world.bank().documents.names().into_iter().collect();
        for order in self.seen.iter().map(Seen::order) {
            for shipment in &order.shipments {
                let paid = shipment.labels.iter().filter(|label| charged.contains_key(&label.id)).count();
                let id = ShipmentId { order_id: order.id, number: shipment.number };
                self.must(paid <= 1, || format!("19 one label per shipment: {id} has {paid}"));
                for label in &shipment.labels {
                    known.insert(label.id);
                    let waits = matches!(label.status, LabelStatus::Requested | LabelStatus::Voiding);
                    self.must(!waits, || format!("settles in time: label {} of {id} is {:?}", label.id, label.status));
                    let bought = label.status == LabelStatus::Bought;
                    self.must(!bought || charged.contains_key(&label.id), || {
                        format!("19 what is bought is paid: label {} of {id}", label.id)
                    });
                    let useless = bought && shipment.status == ShipmentStatus::Cancelled;
                    self.must(!useless, || format!("19 a cancelled shipment has no label: {id}"));
                    for (number, format) in (1..).zip(label.bought.iter().flat_map(|bought| &bought.documents)) {
                        let document = DocumentKey::of_label(order.id, label.id, number, *format).path;
                        self.must(kept.contains(&document), || format!("19 what is bought can be printed: {document}"));
                    }
                }
            }
        }
        for (label_id, sold) in charged {
            self.must(known.contains(&label_id), || {
                format!("19 what is paid is known: label {label_id} of {}", sold.shipment_number)
            });
        }
    }

    /// Lists show each shipment as it is.
    fn lists_show_the_shipments(&self) {
        let query = ShipmentQuery {
            statuses: ShipmentStatus::ALL.to_vec(),
            seller: None,
            location: None,
            carrier: None,
            from: None,
            until: None,
            limit: usize::MAX,
            after: None,
        };
        let listed = now(self.world.store.shipments(&query)).map(|listing| listing.entries).unwrap_or_default();
        let listed: BTreeSet<_> = listed.iter().map(|own| (own.id, own.status, format!("{:?}", own.parcels))).collect();
        let stored = self.seen.iter().map(Seen::order).flat_map(|order| {
            let named = |shipment: &Shipment| ShipmentId { order_id: order.id, number: shipment.number };
            order.shipments.iter().map(move |own| (named(own), own.status, format!("{:?}", own.parcels)))
        });
        let stored: BTreeSet<_> = stored.collect();
        for (id, ..) in listed.symmetric_difference(&stored) {
            self.wrong(format!("21 lists show each shipment as it is: {id} is shown otherwise"));
        }
    }

    /// What carriers told counts, whenever it came.
    fn carriers_are_believed(&self) {
        let orders: Vec<&Order> = self.seen.iter().map(Seen::order).collect();
        for wrong in crate::carrier::wrongs(self.world, &orders) {
            self.wrong(wrong);
        }
    }

    /// In a shop that does so by itself, nothing waits that could be begun, and no shipment for a label that nobody has asked for.
    fn the_shop_did_what_it_does_by_itself(&self) {
        if !self.world.automatic {
            return;
        }
        let now = self.world.sim.time();
        for order in self.seen.iter().map(Seen::order) {
            let begins = decide(order, Command::StartProcessing { note: None }, now).is_ok();
            let waits = order.status == Status::Confirmed && begins;
            self.must(!waits, || format!("23 paid orders are begun: {} waits", order.id));
            let ruled = order.shipping_method == SHIPPING_METHOD;
            let unasked = |own: &&Shipment| ruled && own.status.is_open() && own.labels_asked == 0;
            for shipment in order.shipments.iter().filter(unasked) {
                let command = Command::RequestLabel { shipment: shipment.number, label: a_label() };
                let waits = decide(order, command, now).is_ok();
                self.must(!waits, || {
                    format!("23 planned shipments get their labels: {}-S{} has none", order.id, shipment.number)
                });
            }
        }
    }

    /// Nothing is begun that a fraud check would hold, unless somebody has approved it.
    fn is_screened(&self, seen: &Seen) {
        let order = seen.order();
        let begun = seen
            .records
            .iter()
            .position(|record| matches!(record.event, Event::Shipment(ShipmentEvent::OrderProcessingStarted { .. })));
        let Some(begun) = begun.filter(|_| order.totals.total.minor() > REVIEW_ABOVE_CENTS) else { return };
        let approved = seen.records[..begun]
            .iter()
            .any(|record| matches!(record.event, Event::Review(ReviewEvent::OrderReviewApproved { .. })));
        self.must(approved, || format!("18 held stands still: {} was begun unscreened", order.id));
    }

    /// Once somebody has taken a label back, the shop does not buy another by itself.
    fn leaves_labels_to_people(&self, seen: &Seen) {
        let mut given_back = BTreeSet::new();
        for record in &seen.records {
            let Event::Label(event) = &record.event else { continue };
            let shipment = event.label().0;
            if matches!(event, LabelEvent::OrderLabelVoidRequested { .. }) {
                given_back.insert(shipment);
            }
            if !matches!(event, LabelEvent::OrderLabelRequested { .. }) {
                continue;
            }
            let itself = format!("{:?}", record.actor).contains("fulfilment");
            self.must(!itself || !given_back.contains(&shipment), || {
                format!("19 one label: {}-S{shipment} had one that was given back", seen.order().id)
            });
        }
    }

    /// Whoever takes units out of a paid order has their money, as far as anything was paid.
    fn what_is_taken_out_is_given_back(&self, seen: &Seen) {
        let order = seen.order();
        let mut taken: BTreeMap<u16, u32> = BTreeMap::new();
        for record in &seen.records {
            if let Event::Checkout(CheckoutEvent::OrderLinesCancelled { lines, .. }) = &record.event {
                for part in lines {
                    *taken.entry(part.line).or_default() += part.quantity;
                }
            }
        }
        for (number, units) in taken {
            let refunded = order.lines.iter().find(|line| line.line == number).map_or(0, |line| line.refunded);
            let paid = order.totals.total.is_positive();
            self.must(!paid || refunded >= units, || {
                format!("6 what is taken out is given back: line {number} of order {}: {refunded} of {units}", order.id)
            });
        }
    }

    fn moved_legally(&self, seen: &Seen) {
        let mut status = Status::Draft;
        for record in &seen.records {
            let legal = record.status == status || status.may_become(record.status);
            self.must(legal, || {
                format!("3 legal transitions: order {} from {status} to {}", seen.order().id, record.status)
            });
            self.ended_in_time(seen, record, status);
            status = record.status;
        }
    }

    /// Only an order that nobody has paid, and whose time to pay is over, is cancelled for want of payment.
    fn ended_in_time(&self, seen: &Seen, record: &Record, status: Status) {
        let Event::Checkout(CheckoutEvent::OrderCancelled { reason: CancelReason::PaymentTimeout, .. }) = record.event
        else {
            return;
        };
        let deadline = seen.records.iter().rev().find_map(|earlier| {
            let Event::Checkout(CheckoutEvent::OrderSubmitted { reservation_expires_at, .. }) = &earlier.event else {
                return None;
            };
            Some(*reservation_expires_at)
        });
        let overdue = deadline.is_some_and(|deadline| deadline <= record.at);
        // Those who judge may differ in what time it is.
        let skewed = self.world.written_at(seen.order().id, record.version);
        let truly = skewed.is_none_or(|at| deadline.is_some_and(|deadline| deadline <= at + MOST_SKEW));
        self.must(status == Status::Pending && overdue && truly, || {
            format!(
                "3 cancelled for want of payment: order {} was {status}, to be paid until {deadline:?}",
                seen.order().id
            )
        });
    }

    /// A change comes to what its customer saw, and costs nobody anything before it is paid.
    fn changes_are_as_agreed(&self, seen: &Seen) {
        let (order, person) = (seen.order(), seen.stored.person.as_ref());
        self.must(order.offer.is_none(), || {
            format!("settles in time: a change of order {} waits to be paid", order.id)
        });
        let Some((first, rest)) = seen.records.split_first() else { return };
        let Some(mut then) = Order::begin(order.id, first, Hash::genesis()) else { return };
        for record in rest {
            if let Event::Change(event) = &record.event {
                let revision = match event {
                    ChangeEvent::OrderChanged { revision, .. } | ChangeEvent::OrderChangeOffered { revision, .. } => {
                        Some(revision)
                    }
                    ChangeEvent::OrderChangeAccepted { .. } | ChangeEvent::OrderChangeLapsed { .. } => None,
                };
                if let Some(revision) = revision {
                    let difference = revision.terms.totals.total - then.totals.total;
                    let words = revision.written.as_ref().and_then(|words| ChangeWords::read(words, person));
                    let seen = words.and_then(|words| words.reason?.rsplit(' ').next()?.parse::<i64>().ok());
                    self.must(seen.is_none_or(|seen| seen == difference.minor()), || {
                        format!("24 changed as agreed: order {} by {difference:?}, seen were {seen:?}", order.id)
                    });
                }
                if let ChangeEvent::OrderChangeAccepted { change } = event {
                    let due = then.offer.as_ref().map(|offer| offer.due);
                    let paid = order
                        .ledger
                        .payments
                        .iter()
                        .any(|own| own.change == Some(*change) && Some(own.captured()) == due);
                    self.must(paid, || format!("7 a change is paid: {change} of order {}", order.id));
                }
            }
            then.evolve(record, Hash::genesis());
        }
    }

    fn total_adds_up(&self, seen: &Seen) {
        let (order, totals) = (seen.order(), &seen.order().totals);
        let line = |line: &oms_domain::ordering::Line| line.price.minor() * i64::from(line.quantity);
        let subtotal = Amount::from_minor(order.lines.iter().map(line).sum());
        let tax = if totals.tax_included { Amount::ZERO } else { totals.tax };
        let extras: Amount = order.extras.iter().map(|extra| extra.amount).sum();
        let total = subtotal - totals.discount + extras + tax + totals.shipping;
        self.must(totals.subtotal == subtotal && totals.total == total, || {
            format!("15 total adds up: order {}: {totals:?}", order.id)
        });
        for session in self.world.stripe.sessions().iter().filter(|session| session.order_id == order.id) {
            // What was paid ahead of an attempt that never came was the total of then, where the order was changed since.
            let attempt =
                order.ledger.payment(session.payment_id).map_or(session.money.amount, |payment| payment.amount);
            let asked = if order.changes == 0 { order.totals.total } else { attempt };
            self.must(session.money.amount == asked, || format!("6 asked for the total: order {}", order.id));
        }
    }

    /// Captures of attempts that the order never knew, whose news is parked until a person looks.
    fn unclaimed(&self, order: &Order) -> Amount {
        let parked: BTreeSet<PaymentId> = self.world.store.parked_news().into_iter().filter_map(paid).collect();
        let captured = self.world.stripe.captured().into_iter().filter(|captured| captured.order_id == order.id);
        let unknown = captured.filter(|captured| order.ledger.payment(captured.payment_id).is_none());
        unknown.filter(|captured| parked.contains(&captured.payment_id)).map(|captured| captured.money.amount).sum()
    }

    fn books_agree(&self, seen: &Seen) {
        let order = seen.order();
        let stripe = &self.world.stripe;
        let captured = stripe.captured().into_iter().filter(|captured| captured.order_id == order.id);
        let captured: Amount = captured.map(|captured| captured.money.amount).sum::<Amount>() - self.unclaimed(order);
        let refunded: Amount = stripe.refunded(order.id);
        let ours = (order.ledger.captured(), order.ledger.refunded());
        self.must(ours == (captured, refunded), || {
            format!(
                "9 ledger is the provider's: order {} ({}): {ours:?} and {:?}",
                order.id,
                order.status,
                (captured, refunded)
            )
        });
        self.must(refunded <= captured, || format!("8 refunds are at most what was captured: order {}", order.id));
        let taken = stripe.taken(order.id);
        self.must(order.ledger.lost() == taken, || format!("9 banks took what we know of: order {}", order.id));
        let net = captured - refunded - taken;
        // What goes back of a second payment by hand was to go back anyway.
        let pays = |id: PaymentId| order.ledger.paying().any(|payment| payment.id == id);
        // What a change made cheaper is not in the total any more, whether or not others gave it.
        let given = |refund: &Refund| match refund.reason {
            RefundReason::Partial => refund.amount,
            RefundReason::AtProvider if pays(refund.payment_id) => refund.amount,
            RefundReason::Changed => Amount::ZERO - refund.cut,
            RefundReason::AtProvider
            | RefundReason::Superseded
            | RefundReason::OrderCancelled
            | RefundReason::LatePayment
            | RefundReason::DuplicatePayment
            | RefundReason::Return => Amount::ZERO,
        };
        let given: Amount = order.ledger.refunds.iter().map(given).sum();
        let lost: Amount = order.ledger.paying().map(|payment| order.ledger.lost_of(payment)).sum();
        let kept = order.totals.total - given - lost;
        self.must(net <= order.totals.total, || format!("6 charged once: order {}: net {net:?}", order.id));
        match order.status {
            Status::Draft | Status::Pending | Status::Cancelled | Status::Refunded => {
                self.must(net == Amount::ZERO, || {
                    format!("7 what is not fulfilled costs nothing: order {} is {}: {net:?}", order.id, order.status)
                });
            }
            Status::Confirmed
            | Status::Processing
            | Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned => self.must(net == kept, || {
                format!("7 what is fulfilled is paid: order {} is {}: net {net:?}", order.id, order.status)
            }),
        }
        let person = seen.stored.person.as_ref();
        let notes: Vec<&str> =
            order.ledger.refunds.iter().filter_map(|refund| refund.part.as_ref()?.note.read(person)).collect();
        let once: BTreeSet<&str> = notes.iter().copied().collect();
        self.must(once.len() == notes.len(), || format!("1 one key, one refund: order {}", order.id));
    }

    fn keeps_secrets(&self, seen: &Seen) {
        let secrets = ["ada.lovelace@example.com", "+491701234567", "Unter den Linden"];
        for event in &seen.events {
            let told = secrets.iter().any(|secret| event.body.contains(secret));
            self.must(!told, || format!("16 events hold no personal data: order {}", seen.order().id));
        }
    }

    /// What is told of a shipment on its way is told once, until its delivery has failed.
    fn is_told_once_on_the_way(&self, seen: &Seen) {
        let mut told = BTreeSet::new();
        for record in &seen.records {
            let event = &record.event;
            if let Event::Shipment(ShipmentEvent::OrderShipmentFailed { shipment, .. }) = event {
                told.retain(|(number, _)| number != shipment);
            }
            let news = if let Event::Shipment(ShipmentEvent::OrderShipmentOutForDelivery { shipment }) = event {
                Some((*shipment, false))
            } else if let Event::Shipment(ShipmentEvent::OrderShipmentReadyForPickup { shipment }) = event {
                Some((*shipment, true))
            } else {
                None
            };
            self.must(news.is_none_or(|news| told.insert(news)), || {
                format!("11 customer is told once on the way: {} tells {event:?} again", seen.order().id)
            });
        }
    }

    /// A note is written once and its words are with the person; tags are set on what their writer has seen.
    fn notes_are_kept(&self, seen: &Seen) {
        let (order, person) = (seen.order(), seen.stored.person.as_ref());
        let texts: Vec<&str> = order.notes.iter().filter_map(|note| note.text.read(person)).collect();
        let once: BTreeSet<&str> = texts.iter().copied().collect();
        self.must(texts.len() == order.notes.len() && once.len() == texts.len(), || {
            format!("1 one key, one note: order {} has {texts:?}", order.id)
        });
        for record in &seen.records {
            let Event::Note(NoteEvent::OrderTagsChanged { tags }) = &record.event else { continue };
            let version = tags.read(person).and_then(|text| text.strip_prefix(SEEN)?.parse::<u64>().ok());
            self.must(version.is_some_and(|version| version + 1 == record.version), || {
                format!(
                    "13 a version is written over once: tags of order {} at {}: {version:?}",
                    order.id, record.version
                )
            });
        }
    }

    fn is_audited(&self, seen: &Seen) {
        let order = seen.order();
        for record in &seen.records {
            let by_whom = format!("{:?}", record.actor);
            let customer = by_whom.contains("customer-");
            let own = by_whom.contains(&format!("{:?}", order.user_id.as_str()));
            self.must(!customer || own, || format!("14 customers change their own orders: {} by {by_whom}", order.id));
            let works = matches!(
                record.event,
                Event::Shipment(
                    ShipmentEvent::OrderProcessingStarted { .. }
                        | ShipmentEvent::OrderShipped { .. }
                        | ShipmentEvent::OrderDelivered { .. }
                )
            );
            let begins = matches!(record.event, Event::Shipment(ShipmentEvent::OrderProcessingStarted { .. }));
            let itself = begins && self.world.automatic && by_whom.contains("fulfilment");
            let staff = by_whom.contains("grace") || by_whom.contains(seller().as_str()) || itself;
            let delivered = matches!(record.event, Event::Shipment(ShipmentEvent::OrderDelivered { .. }));
            // What withdraws the rest, a lost dispute too, may find everything else delivered.
            let ends = seen.records.iter().any(|other| {
                other.event == Event::Shipment(ShipmentEvent::OrderRestWithdrawn)
                    && other.correlation_id == record.correlation_id
            });
            self.must(!works || staff || delivered && (ends || by_whom.contains("dhl")), || {
                format!("14 who did it is recorded: {} by {by_whom}", order.id)
            });
            self.must(!record.correlation_id.is_empty(), || format!("14 on which request is recorded: {}", order.id));
        }
    }
}

/// Some label.
fn a_label() -> LabelOrder {
    let parcel = Measures { weight_grams: 1_000, length_mm: 300, width_mm: 200, height_mm: 100 };
    let (carrier, service) = ("dhl".to_owned(), "standard".to_owned());
    LabelOrder { carrier, service, parcels: vec![parcel], ship_date: jiff::civil::date(2026, 1, 5) }
}

/// Which attempt news says was paid.
fn paid(news: Webhook) -> Option<PaymentId> {
    match news {
        Webhook::Payment(told) => Some(told.payment_id),
        Webhook::Approved { page, .. } => Some(page.payment_id),
        Webhook::Refund(_) | Webhook::Disputed { .. } | Webhook::Ignored => None,
    }
}
