//! How events make state. Total: an event that was decided once can always be applied.

use jiff::Timestamp;

use super::event::{
    CheckoutEvent, DisputeEvent, Event, HoldEvent, LabelEvent, NoteEvent, PaymentEvent, Record, RefundEvent,
    ReturnEvent, ReviewEvent, ShipmentEvent,
};
use super::note::Note;
use super::state::{Hold, HoldReason, Line, Order, Review, Stage, TimelineEntry};
use super::status::Status;
use super::words::Words;
use crate::actor::Actor;
use crate::chain::Hash;
use crate::fulfilment::label::{Label, LabelStatus};
use crate::fulfilment::{Announcement, LineQuantity, Location, Shipment, ShipmentStatus, Tracking};
use crate::ids::{OrderId, PaymentId};
use crate::money::Amount;
use crate::payments::{AttemptState, Dispute, DisputeState, Ledger, Payment, Refund, RefundPart};
use crate::returns::{Return, ReturnStatus, Settlement};

impl Order {
    /// The state after the first event, or nothing if it is not a creation.
    pub fn begin(id: OrderId, first: &Record, head: Hash) -> Option<Order> {
        let Event::Checkout(CheckoutEvent::OrderCreated {
            user_id,
            currency,
            destination,
            shipping_method,
            delivery,
            lines,
            totals,
            promotions,
            uses,
            draft,
            return_terms,
        }) = &first.event
        else {
            return None;
        };
        Some(Order {
            id,
            user_id: user_id.clone(),
            status: Status::Draft,
            version: first.version,
            head,
            currency: *currency,
            destination: destination.clone(),
            shipping_method: shipping_method.clone(),
            delivery: delivery.clone(),
            lines: lines.clone(),
            totals: *totals,
            promotions: promotions.clone(),
            uses: uses.clone(),
            extras: Vec::new(),
            changes: 0,
            last_line: 0,
            offer: None,
            person_at: None,
            draft: draft.clone(),
            ledger: Ledger::default(),
            shipments: Vec::new(),
            return_terms: return_terms.clone(),
            returns: Vec::new(),
            review: None,
            holds: Vec::new(),
            notes: Vec::new(),
            tags: None,
            assigned_to: None,
            timeline: vec![TimelineEntry {
                status: Status::Draft,
                at: first.at,
                note: None,
                actor: first.actor.clone(),
            }],
            reservation_expires_at: None,
            created_at: first.at,
            updated_at: first.at,
            paid_at: None,
        })
    }

    /// The state of an order from all of its events, or nothing if they do not start with its creation.
    pub fn replay(id: OrderId, records: &[Record], hash_of: impl Fn(&Record) -> Hash) -> Option<Order> {
        let (first, rest) = records.split_first()?;
        let mut order = Order::begin(id, first, hash_of(first))?;
        for record in rest {
            order.evolve(record, hash_of(record));
        }
        Some(order)
    }

    /// Applies one event.
    pub fn evolve(&mut self, record: &Record, head: Hash) {
        let before = self.status;
        self.apply(&record.event, record.at, &record.actor);
        self.version = record.version;
        self.head = head;
        self.updated_at = record.at;
        if self.status != before {
            let entry = TimelineEntry {
                status: self.status,
                at: record.at,
                note: note_of(&record.event),
                actor: record.actor.clone(),
            };
            // What was submitted in the moment of its creation was never a draft to anybody.
            if self.status == Status::Pending && self.created_at == entry.at {
                self.timeline.clear();
            }
            self.timeline.push(entry);
        }
    }

    /// The order as these events would leave it, for a decision that goes on from there.
    pub(super) fn foreseen(&self, events: &[Event]) -> Order {
        let mut order = self.clone();
        for event in events {
            order.apply(event, self.updated_at, &Actor::system("foreseen"));
        }
        order
    }

    fn apply(&mut self, event: &Event, at: Timestamp, actor: &Actor) {
        match event {
            Event::Checkout(event) => self.apply_checkout(event, at),
            Event::Payment(event) => self.apply_payment(event, at),
            Event::Shipment(event) => self.apply_shipment(event, at),
            Event::Label(event) => self.apply_label(event, at),
            Event::Return(event) => self.apply_return(event, at),
            Event::Refund(event) => self.apply_refund(event),
            Event::Dispute(event) => self.apply_dispute(event, at, actor),
            Event::Review(event) => self.apply_review(event, at),
            Event::Hold(event) => self.apply_hold(event, at, actor),
            Event::Note(event) => self.apply_note(event, at, actor),
            Event::Change(event) => self.apply_change(event),
        }
    }

    fn apply_checkout(&mut self, event: &CheckoutEvent, at: Timestamp) {
        match event {
            // A second creation cannot be decided; `begin` has applied the first.
            CheckoutEvent::OrderCreated { .. } => {}
            CheckoutEvent::OrderSubmitted { reservation_expires_at, terms, .. } => {
                if let Some(terms) = terms {
                    self.take_terms(terms);
                }
                self.enter(Stage::Pending { pay_until: *reservation_expires_at });
            }
            CheckoutEvent::OrderConfirmedFree => self.enter(Stage::Confirmed { paid_at: at }),
            CheckoutEvent::OrderLinesCancelled { lines, .. } => {
                self.each(lines, |line, units| line.withdrawn += units);
                self.trim(|shipment| shipment.status == ShipmentStatus::Planned);
                self.trim_plans();
                self.ship_if_nothing_is_left();
            }
            CheckoutEvent::OrderCancelled { .. } => {
                self.give_up_plans();
                self.enter(Stage::Cancelled);
            }
        }
    }

    fn apply_payment(&mut self, event: &PaymentEvent, at: Timestamp) {
        match event {
            PaymentEvent::OrderPaymentRequested { payment_id, provider, amount, keep, change } => {
                self.ledger.payments.push(Payment {
                    id: *payment_id,
                    provider: provider.clone(),
                    amount: *amount,
                    state: AttemptState::Requested,
                    requested_at: at,
                    keep: *keep,
                    change: *change,
                });
            }
            PaymentEvent::OrderPaymentConfirmed { payment_id, reference, accepted, change, .. } => {
                self.settle(*payment_id, &AttemptState::Captured { reference: reference.clone() });
                // What pays for a change confirms nothing: the order is paid for.
                if *accepted && change.is_none() {
                    self.enter(Stage::Confirmed { paid_at: at });
                }
            }
            PaymentEvent::OrderPaymentFailed { payment_id, wait_until, .. } => {
                self.settle(*payment_id, &AttemptState::Failed);
                if let Some(until) = *wait_until {
                    self.wait_for(*payment_id, until);
                }
            }
            PaymentEvent::OrderPaymentProcessing { payment_id, wait_until } => {
                self.settle(*payment_id, &AttemptState::Processing);
                self.wait_for(*payment_id, *wait_until);
            }
            PaymentEvent::OrderCheckoutOpened { .. } => {}
        }
    }

    fn apply_shipment(&mut self, event: &ShipmentEvent, at: Timestamp) {
        match event {
            ShipmentEvent::OrderProcessingStarted { .. } => self.enter(Stage::Processing),
            ShipmentEvent::OrderShipmentPlanned { shipment, lines, seller_id, location } => {
                self.shipments.push(Shipment::planned(*shipment, lines.clone(), seller_id.clone(), location.clone()));
            }
            ShipmentEvent::OrderShipmentPacked { shipment, .. } => self.stands(*shipment, ShipmentStatus::Packed),
            ShipmentEvent::OrderShipmentCancelled { shipment, .. } => self.stands(*shipment, ShipmentStatus::Cancelled),
            ShipmentEvent::OrderShipped { tracking, lines, shipment, more, .. } => {
                let parcels: Vec<_> = std::iter::once(tracking).chain(more).cloned().collect();
                self.ship(*shipment, &parcels, lines, at);
            }
            ShipmentEvent::OrderTrackingChanged { shipment, parcels, .. } => {
                for own in self.shipments.iter_mut().filter(|own| own.number == *shipment) {
                    own.parcels.clone_from(parcels);
                }
            }
            ShipmentEvent::OrderShipmentOutForDelivery { shipment } => {
                self.announce(*shipment, Some(Announcement::OutForDelivery));
            }
            ShipmentEvent::OrderShipmentReadyForPickup { shipment } => {
                self.announce(*shipment, Some(Announcement::ReadyForPickup));
            }
            ShipmentEvent::OrderShipmentFailed { shipment, .. } => {
                self.stands(*shipment, ShipmentStatus::Failed);
                self.announce(*shipment, None);
            }
            ShipmentEvent::OrderDeliveryFailed { lines, shipment, .. } => self.put_back(*shipment, lines),
            ShipmentEvent::OrderShipmentLost { shipment, lines, .. } => {
                self.stands(*shipment, ShipmentStatus::Lost);
                self.each(lines, |line, units| {
                    line.shipped -= units.min(line.shipped);
                    line.lost += units;
                });
                self.enter(Stage::Processing);
            }
            ShipmentEvent::OrderShipmentReplaced { shipment, lines, by } => {
                for own in self.shipments.iter_mut().filter(|own| own.number == *shipment) {
                    own.replaced_by = Some(*by);
                }
                self.each(lines, |line, units| line.lost -= units.min(line.lost));
            }
            ShipmentEvent::OrderShipmentDelivered { shipment, .. } => {
                self.find(*shipment);
                self.stands(*shipment, ShipmentStatus::Delivered);
                self.ship_if_nothing_is_left();
            }
            ShipmentEvent::OrderDelivered { .. } => {
                for shipment in self.shipments.iter_mut().filter(|shipment| shipment.status.is_under_way()) {
                    shipment.status = ShipmentStatus::Delivered;
                }
                self.enter(Stage::Delivered);
            }
            ShipmentEvent::OrderRestWithdrawn => {
                for line in &mut self.lines {
                    (line.withdrawn, line.lost) = (line.withdrawn + line.outstanding(), 0);
                }
                self.offer = None;
                self.give_up_plans();
                self.ship_if_nothing_is_left();
            }
        }
    }

    fn apply_label(&mut self, event: &LabelEvent, at: Timestamp) {
        let (number, id) = event.label();
        let Some(shipment) = self.shipments.iter_mut().find(|own| own.number == number) else { return };
        let mut stands = |status: LabelStatus| {
            for own in shipment.labels.iter_mut().filter(|own| own.id == id) {
                own.status = status;
                own.voiding_since = (status == LabelStatus::Voiding).then_some(at);
            }
        };
        match event {
            LabelEvent::OrderLabelRequested { order, .. } => {
                shipment.labels_asked += 1;
                let status = LabelStatus::Requested;
                shipment.labels.push(Label {
                    id,
                    status,
                    order: order.clone(),
                    requested_at: at,
                    voiding_since: None,
                    bought: None,
                });
            }
            LabelEvent::OrderLabelBought { order, bought, .. } => {
                let status = LabelStatus::Bought;
                let known = shipment.label(id).map_or(at, |own| own.requested_at);
                let label = Label {
                    id,
                    status,
                    order: order.clone(),
                    requested_at: known,
                    voiding_since: None,
                    bought: Some(bought.clone()),
                };
                match shipment.labels.iter_mut().find(|own| own.id == id) {
                    Some(own) => *own = label,
                    None => shipment.labels.push(label),
                }
            }
            LabelEvent::OrderLabelUnknown { .. } => stands(LabelStatus::Unknown),
            LabelEvent::OrderLabelVoidRequested { .. } => stands(LabelStatus::Voiding),
            LabelEvent::OrderLabelVoidRefused { .. } => stands(LabelStatus::Bought),
            LabelEvent::OrderLabelFailed { .. } | LabelEvent::OrderLabelVoided { .. } => {
                shipment.labels.retain(|own| own.id != id);
            }
        }
    }

    fn apply_return(&mut self, event: &ReturnEvent, at: Timestamp) {
        match event {
            ReturnEvent::OrderReturnRequested { .. } => self.enter(Stage::ReturnRequested),
            ReturnEvent::OrderReturnDenied { .. } => self.enter(Stage::Delivered),
            ReturnEvent::OrderReturned { lines } => {
                for part in lines {
                    for own in self.lines.iter_mut().filter(|own| own.line == part.line) {
                        own.returned += part.quantity;
                    }
                }
                self.enter(Stage::Returned);
            }
            ReturnEvent::OrderReturnOpened { number, kind, lines, waived, note } => {
                self.returns.push(Return {
                    number: *number,
                    kind: *kind,
                    status: ReturnStatus::Requested,
                    lines: lines.clone(),
                    requested_at: at,
                    decided_at: None,
                    received_at: None,
                    ended_at: None,
                    expires_at: None,
                    settled: Settlement::default(),
                    waived: *waived,
                    note: note.clone(),
                    answer: None,
                });
                self.follow_returns();
            }
            ReturnEvent::OrderReturnApproved { number, until, settled, note } => {
                self.with_return(*number, |own| {
                    own.answer.clone_from(note);
                    (own.status, own.decided_at, own.expires_at) = (ReturnStatus::Approved, Some(at), *until);
                    own.settled = own.settled.plus(&settled.unwrap_or_default());
                });
                let claimed = self.return_numbered(*number).filter(|_| settled.is_some());
                let claimed: Vec<_> = claimed.into_iter().flat_map(|own| own.lines.clone()).collect();
                let units = claimed.iter().map(|line| LineQuantity { line: line.line, quantity: line.quantity });
                self.count_given_nothing(&units.collect::<Vec<_>>(), settled.as_ref());
            }
            ReturnEvent::OrderReturnDeclined { number, note } => {
                self.with_return(*number, |own| {
                    own.answer.clone_from(note);
                    (own.status, own.decided_at) = (ReturnStatus::Denied, Some(at));
                });
                self.follow_returns();
            }
            ReturnEvent::OrderReturnReceived { number, lines, settled, note } => {
                let units: Vec<_> =
                    lines.iter().map(|part| LineQuantity { line: part.line, quantity: part.quantity }).collect();
                self.each(&units, |line, units| line.returned += units);
                self.with_return(*number, |own| {
                    (own.status, own.received_at) = (ReturnStatus::Received, Some(at));
                    if note.is_some() {
                        own.answer.clone_from(note);
                    }
                    own.settled = own.settled.plus(settled);
                    for part in &units {
                        for line in own.lines.iter_mut().filter(|line| line.line == part.line) {
                            line.received += part.quantity;
                        }
                    }
                });
                self.count_given_nothing(&units, Some(settled));
                self.follow_returns();
            }
            ReturnEvent::OrderReturnCancelled { number, .. } => self.end_return(*number, ReturnStatus::Cancelled, at),
            ReturnEvent::OrderReturnExpired { number } => {
                let came = self.return_numbered(*number).is_some_and(Return::has_come);
                self.end_return(*number, if came { ReturnStatus::Closed } else { ReturnStatus::Cancelled }, at);
            }
            ReturnEvent::OrderReturnClosed { number } => self.end_return(*number, ReturnStatus::Closed, at),
        }
    }

    fn with_return(&mut self, number: u16, change: impl FnOnce(&mut Return)) {
        if let Some(own) = self.returns.iter_mut().find(|own| own.number == number) {
            change(own);
        }
    }

    fn end_return(&mut self, number: u16, status: ReturnStatus, at: Timestamp) {
        self.with_return(number, |own| (own.status, own.ended_at) = (status, Some(at)));
        self.follow_returns();
    }

    /// Units for which nothing goes back are done with as well: no refund says so.
    fn count_given_nothing(&mut self, units: &[LineQuantity], settled: Option<&Settlement>) {
        if settled.is_some_and(|settled| settled.refund().is_zero()) {
            self.each(units, |line, units| line.refunded = (line.refunded + units).min(line.quantity));
        }
    }

    /// The order's status follows from its returns while it is with the customer or on its way back.
    fn follow_returns(&mut self) {
        if !matches!(self.status, Status::Delivered | Status::ReturnRequested) {
            return;
        }
        let all_back = self.lines.iter().all(|line| line.returned == line.shipped) && self.is_partly_shipped();
        let money_is_leaving = self.ledger.captured().is_positive() && !self.refundable().is_positive();
        if all_back {
            self.enter(Stage::Returned);
        } else if self.has_open_return() {
            self.enter(Stage::ReturnRequested);
        } else if self.status == Status::ReturnRequested && money_is_leaving {
            // It ends when the provider has given back the last of it, and has then no other state to come from.
            self.end_if_all_is_back();
        } else {
            self.enter(Stage::Delivered);
        }
    }

    fn apply_refund(&mut self, event: &RefundEvent) {
        match event {
            RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part, short } => {
                self.count_refunded(part.as_ref());
                self.ledger.refunds.push(Refund {
                    id: *refund_id,
                    payment_id: *payment_id,
                    amount: *amount,
                    reason: *reason,
                    completed: false,
                    part: part.clone(),
                    failures: 0,
                    reductions: 0,
                    cut: *short,
                    done_as: None,
                });
            }
            RefundEvent::OrderRefundCompleted { refund_id, amount, done_as, .. } => {
                for refund in self.ledger.refunds.iter_mut().filter(|refund| refund.id == *refund_id) {
                    // Made under a key of before it shrank: that much of the cut was given after all.
                    refund.cut = (refund.cut - (*amount - refund.amount)).max(Amount::ZERO);
                    (refund.completed, refund.amount, refund.done_as) = (true, *amount, *done_as);
                }
                self.end_if_all_is_back();
            }
            RefundEvent::OrderRefundReduced { refund_id, amount, .. } => {
                for refund in self.ledger.refunds.iter_mut().filter(|refund| refund.id == *refund_id) {
                    refund.cut = refund.cut + refund.amount - *amount;
                    refund.amount = *amount;
                    refund.reductions += 1;
                    refund.completed |= amount.is_zero();
                }
                self.end_if_all_is_back();
            }
            RefundEvent::OrderRefundFailed { refund_id, .. } => {
                for refund in self.ledger.refunds.iter_mut().filter(|refund| refund.id == *refund_id) {
                    refund.completed = false;
                    refund.done_as = None;
                    refund.failures += 1;
                }
            }
            RefundEvent::OrderClosedAsRefunded => self.enter(Stage::Refunded),
        }
    }

    fn apply_dispute(&mut self, event: &DisputeEvent, at: Timestamp, actor: &Actor) {
        match event {
            DisputeEvent::OrderDisputeOpened { payment_id, reference, amount, reason } => {
                self.ledger.disputes.push(Dispute {
                    reference: reference.clone(),
                    payment_id: *payment_id,
                    amount: *amount,
                    reason: reason.clone(),
                    state: DisputeState::Open,
                    since: at,
                });
                self.holds.push(Hold {
                    id: reference.clone(),
                    reason: HoldReason::Dispute,
                    note: Some(reason.clone().into()),
                    by: actor.clone(),
                    since: at,
                });
            }
            DisputeEvent::OrderDisputeClosed { reference, outcome, amount } => {
                for dispute in self.ledger.disputes.iter_mut().filter(|dispute| dispute.reference == *reference) {
                    (dispute.state, dispute.amount) = (*outcome, *amount);
                }
                self.holds.retain(|hold| hold.id != *reference);
                self.end_if_all_is_back();
            }
        }
    }

    fn apply_review(&mut self, event: &ReviewEvent, at: Timestamp) {
        match event {
            ReviewEvent::OrderReviewRequested { reasons } => {
                self.review = Some(Review { reasons: reasons.clone(), since: at });
            }
            ReviewEvent::OrderReviewApproved { .. } => self.review = None,
        }
    }

    fn apply_hold(&mut self, event: &HoldEvent, at: Timestamp, actor: &Actor) {
        match event {
            HoldEvent::OrderHoldPlaced { hold, reason, note } => {
                let (id, note, by) = (hold.clone(), note.clone(), actor.clone());
                self.holds.push(Hold { id, reason: *reason, note, by, since: at });
            }
            HoldEvent::OrderHoldReleased { hold, .. } => self.holds.retain(|own| own.id != *hold),
        }
    }

    fn apply_note(&mut self, event: &NoteEvent, at: Timestamp, actor: &Actor) {
        match event {
            NoteEvent::OrderNoteAdded { note, id, visibility, seller_id } => {
                let (text, by, seller_id) = (note.clone(), actor.clone(), seller_id.clone());
                let visibility = visibility.unwrap_or_default();
                let kept = id.clone().map(|id| Note { id, text, visibility, by, seller_id, at });
                self.notes.extend(kept);
            }
            NoteEvent::OrderTagsChanged { tags } => self.tags = Some(tags.clone()),
            NoteEvent::OrderAssigneeChanged { assignee } => self.assigned_to.clone_from(assignee),
        }
    }

    fn settle(&mut self, payment_id: PaymentId, state: &AttemptState) {
        for payment in self.ledger.payments.iter_mut().filter(|payment| payment.id == payment_id) {
            payment.state = state.clone();
        }
    }

    fn is_for_the_order(&self, payment_id: PaymentId) -> bool {
        self.ledger.payment(payment_id).is_none_or(|payment| payment.change.is_none())
    }

    /// The order, or the change that is offered, waits for this money until then.
    fn wait_for(&mut self, payment_id: PaymentId, until: Timestamp) {
        if self.is_for_the_order(payment_id) {
            self.enter(Stage::Pending { pay_until: until });
        } else if let Some(offer) = &mut self.offer {
            offer.until = until;
        }
    }

    fn stands(&mut self, number: u16, status: ShipmentStatus) {
        for own in self.shipments.iter_mut().filter(|own| own.number == number) {
            own.status = status;
        }
    }

    fn announce(&mut self, number: u16, announced: Option<Announcement>) {
        for own in self.shipments.iter_mut().filter(|own| own.number == number) {
            own.announced = announced;
        }
    }

    fn each(&mut self, units: &[LineQuantity], change: impl Fn(&mut Line, u32)) {
        for part in units {
            for own in self.lines.iter_mut().filter(|own| own.line == part.line) {
                change(own, part.quantity);
            }
        }
    }

    fn ship(&mut self, number: Option<u16>, parcels: &[Tracking], lines: &[LineQuantity], at: Timestamp) {
        self.each(lines, |line, units| line.shipped += units);
        // Events of before there were plans did not say when a shipment left, and nobody has written it down since.
        let shipped_at = number.map(|_| at);
        let number = number.unwrap_or_else(|| self.next_shipment());
        if self.shipment(number).is_none() {
            self.shipments.push(Shipment::planned(number, Vec::new(), None, Location::main()));
        }
        for own in self.shipments.iter_mut().filter(|own| own.number == number) {
            (own.status, own.shipped_at) = (ShipmentStatus::Shipped, shipped_at);
            own.lines = lines.to_vec();
            own.parcels = parcels.to_vec();
        }
        self.ship_if_nothing_is_left();
    }

    /// A part that ships leaves the order in processing; its status follows from the counters.
    pub(super) fn ship_if_nothing_is_left(&mut self) {
        if self.status == Status::Processing && self.is_partly_shipped() && self.outstanding() == 0 {
            self.enter(Stage::Shipped);
        }
    }

    fn put_back(&mut self, number: Option<u16>, lines: &[LineQuantity]) {
        self.each(lines, |line, units| line.shipped -= units.min(line.shipped));
        for shipment in &mut self.shipments {
            if number.map_or(shipment.status.is_under_way(), |number| shipment.number == number) {
                shipment.status = ShipmentStatus::Returned;
            }
        }
        self.enter(Stage::Processing);
    }

    /// What was lost and arrives after all has shipped.
    fn find(&mut self, number: u16) {
        let Some(found) = self.shipment(number).filter(|shipment| shipment.status == ShipmentStatus::Lost) else {
            return;
        };
        let lines = found.lines.clone();
        self.each(&lines, |line, units| {
            line.lost -= units.min(line.lost);
            line.shipped += units;
        });
    }

    /// What ends before it leaves is in no shipment.
    fn give_up_plans(&mut self) {
        for shipment in self.shipments.iter_mut().filter(|shipment| shipment.status.is_open()) {
            shipment.status = ShipmentStatus::Cancelled;
        }
    }

    /// Shipments that have yet to leave hold no more than is to ship: the youngest give way first, and are packed again.
    pub(super) fn trim_plans(&mut self) {
        self.trim(|shipment| shipment.status.is_open());
    }

    /// The same, and only these shipments give way.
    pub(super) fn trim(&mut self, gives_way: impl Fn(&Shipment) -> bool) {
        let mut excess: Vec<(u16, u32)> = Vec::new();
        for line in &self.lines {
            let open = self.shipments.iter().filter(|shipment| shipment.status.is_open());
            let planned: u32 = open.map(|shipment| shipment.units_of(line.line)).sum();
            excess.push((line.line, planned.saturating_sub(line.to_ship())));
        }
        for shipment in self.shipments.iter_mut().rev().filter(|shipment| gives_way(shipment)) {
            for part in &mut shipment.lines {
                for (_, over) in excess.iter_mut().filter(|(line, over)| *line == part.line && *over > 0) {
                    let less = part.quantity.min(*over);
                    (part.quantity, *over) = (part.quantity - less, *over - less);
                    shipment.status = ShipmentStatus::Planned;
                }
            }
            shipment.lines.retain(|part| part.quantity > 0);
            if shipment.lines.is_empty() {
                shipment.status = ShipmentStatus::Cancelled;
            }
        }
    }

    fn count_refunded(&mut self, part: Option<&RefundPart>) {
        let Some(part) = part else { return };
        self.each(&part.lines, |own, units| {
            let withdrawn = own.withdrawn_by(part.unshipped, units);
            own.refunded += units;
            own.withdrawn += withdrawn.lost + withdrawn.in_stock;
            own.lost -= withdrawn.lost;
        });
        self.trim_plans();
        self.ship_if_nothing_is_left();
    }

    fn end_if_all_is_back(&mut self) {
        if self.ledger.is_all_back() && self.status.may_become(Status::Refunded) {
            self.enter(Stage::Refunded);
        }
    }
}

/// What the timeline says about an event.
fn note_of(event: &Event) -> Option<Words> {
    match event {
        Event::Checkout(CheckoutEvent::OrderCancelled { reason, note }) => {
            note.clone().or_else(|| Some(reason.name().into()))
        }
        Event::Shipment(
            ShipmentEvent::OrderProcessingStarted { note }
            | ShipmentEvent::OrderShipmentPacked { note, .. }
            | ShipmentEvent::OrderShipmentCancelled { note, .. }
            | ShipmentEvent::OrderShipped { note, .. }
            | ShipmentEvent::OrderShipmentFailed { note, .. }
            | ShipmentEvent::OrderDeliveryFailed { note, .. }
            | ShipmentEvent::OrderShipmentLost { note, .. }
            | ShipmentEvent::OrderShipmentDelivered { note, .. }
            | ShipmentEvent::OrderDelivered { note, .. },
        )
        | Event::Checkout(CheckoutEvent::OrderLinesCancelled { note, .. })
        | Event::Return(
            ReturnEvent::OrderReturnOpened { note, .. }
            | ReturnEvent::OrderReturnApproved { note, .. }
            | ReturnEvent::OrderReturnDeclined { note, .. }
            | ReturnEvent::OrderReturnReceived { note, .. }
            | ReturnEvent::OrderReturnCancelled { note, .. },
        ) => note.clone(),
        Event::Return(ReturnEvent::OrderReturnRequested { reason, .. } | ReturnEvent::OrderReturnDenied { reason }) => {
            Some(reason.clone())
        }
        Event::Checkout(
            CheckoutEvent::OrderCreated { .. }
            | CheckoutEvent::OrderSubmitted { .. }
            | CheckoutEvent::OrderConfirmedFree,
        )
        | Event::Return(
            ReturnEvent::OrderReturned { .. }
            | ReturnEvent::OrderReturnExpired { .. }
            | ReturnEvent::OrderReturnClosed { .. },
        )
        | Event::Payment(_)
        | Event::Shipment(
            ShipmentEvent::OrderShipmentPlanned { .. }
            | ShipmentEvent::OrderTrackingChanged { .. }
            | ShipmentEvent::OrderShipmentOutForDelivery { .. }
            | ShipmentEvent::OrderShipmentReadyForPickup { .. }
            | ShipmentEvent::OrderShipmentReplaced { .. }
            | ShipmentEvent::OrderRestWithdrawn,
        )
        | Event::Label(_)
        | Event::Refund(_)
        | Event::Dispute(_)
        | Event::Review(_)
        | Event::Hold(_)
        | Event::Change(_)
        | Event::Note(_) => None,
    }
}
