//! How events make state. Total: an event that was decided once can always be applied.

use super::event::{Event, Record};
use super::state::{Order, Review, TimelineEntry};
use super::status::Status;
use crate::chain::Hash;
use crate::fulfilment::{LineQuantity, Shipment};
use crate::ids::OrderId;
use crate::payments::{AttemptState, Ledger, Payment, Refund};

impl Order {
    /// The state after the first event, or nothing if it is not a creation.
    pub fn begin(id: OrderId, first: &Record, head: Hash) -> Option<Order> {
        let Event::OrderCreated { user_id, currency, destination, shipping_method, lines, totals, promotions, uses } =
            &first.event
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
            lines: lines.clone(),
            totals: *totals,
            promotions: promotions.clone(),
            uses: uses.clone(),
            ledger: Ledger::default(),
            shipments: Vec::new(),
            review: None,
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
        self.apply(record);
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

    fn apply(&mut self, record: &Record) {
        match &record.event {
            // A second creation cannot be decided; `begin` has applied the first.
            Event::OrderCreated { .. } | Event::OrderNoteAdded { .. } | Event::OrderPaymentPageOpened { .. } => {}
            Event::OrderSubmitted { reservation_expires_at, .. } => {
                self.status = Status::Pending;
                self.reservation_expires_at = Some(*reservation_expires_at);
            }
            Event::OrderConfirmed => self.confirm(record.at),
            Event::OrderPaymentRequested { payment_id, provider, amount, keep } => self.ledger.payments.push(Payment {
                id: *payment_id,
                provider: provider.clone(),
                amount: *amount,
                state: AttemptState::Requested,
                requested_at: record.at,
                keep: *keep,
            }),
            Event::OrderPaymentConfirmed { payment_id, reference, accepted, .. } => {
                self.settle(*payment_id, &AttemptState::Captured { reference: reference.clone() });
                if *accepted {
                    self.confirm(record.at);
                }
            }
            Event::OrderReviewRequested { reasons } => {
                self.review = Some(Review { reasons: reasons.clone(), since: record.at });
            }
            Event::OrderReviewApproved { .. } => self.review = None,
            Event::OrderPaymentFailed { payment_id, .. } => self.settle(*payment_id, &AttemptState::Failed),
            Event::OrderProcessingStarted { .. } => self.status = Status::Processing,
            Event::OrderShipped { tracking, lines, .. } => self.ship(tracking, lines),
            Event::OrderDeliveryFailed { lines, .. } => self.put_back(lines),
            Event::OrderDelivered { .. } | Event::OrderReturnDenied { .. } => self.status = Status::Delivered,
            Event::OrderCancelled { .. } => {
                self.review = None;
                self.status = Status::Cancelled;
                self.reservation_expires_at = None;
            }
            Event::OrderReturnRequested { .. } => self.status = Status::ReturnRequested,
            Event::OrderReturned { lines } => {
                self.status = Status::Returned;
                for part in lines {
                    for own in self.lines.iter_mut().filter(|own| own.line == part.line) {
                        own.returned += part.quantity;
                    }
                }
            }
            Event::OrderRefundInitiated { refund_id, payment_id, amount, reason, part } => {
                for unit in part.iter().flat_map(|part| &part.lines) {
                    for own in self.lines.iter_mut().filter(|own| own.line == unit.line) {
                        own.refunded += unit.quantity;
                    }
                }
                self.ledger.refunds.push(Refund {
                    id: *refund_id,
                    payment_id: *payment_id,
                    amount: *amount,
                    reason: *reason,
                    completed: false,
                    part: part.clone(),
                    failures: 0,
                });
            }
            Event::OrderRefunded => self.status = Status::Refunded,
            Event::OrderRefundCompleted { refund_id, .. } => self.complete_refund(*refund_id),
            Event::OrderRefundFailed { refund_id, .. } => {
                for refund in self.ledger.refunds.iter_mut().filter(|refund| refund.id == *refund_id) {
                    refund.completed = false;
                    refund.failures += 1;
                }
            }
        }
    }

    /// The hold is firm and the order is placed.
    fn confirm(&mut self, at: jiff::Timestamp) {
        self.status = Status::Confirmed;
        self.reservation_expires_at = None;
        self.paid_at = Some(at);
    }

    fn settle(&mut self, payment_id: crate::ids::PaymentId, state: &AttemptState) {
        for payment in self.ledger.payments.iter_mut().filter(|payment| payment.id == payment_id) {
            payment.state = state.clone();
        }
    }

    fn ship(&mut self, tracking: &crate::fulfilment::Tracking, parcel: &[LineQuantity]) {
        for part in parcel {
            for own in self.lines.iter_mut().filter(|own| own.line == part.line) {
                own.shipped += part.quantity;
            }
        }
        self.shipments.push(Shipment { tracking: tracking.clone(), lines: parcel.to_vec(), failed: false });
        // A part that ships leaves the order in processing; its status follows from the counters.
        if self.lines.iter().all(|line| line.shipped == line.quantity) {
            self.status = Status::Shipped;
        }
    }

    fn put_back(&mut self, parcel: &[LineQuantity]) {
        for part in parcel {
            for own in self.lines.iter_mut().filter(|own| own.line == part.line) {
                own.shipped -= part.quantity.min(own.shipped);
            }
        }
        for shipment in &mut self.shipments {
            shipment.failed = true;
        }
        self.status = Status::Processing;
    }

    fn complete_refund(&mut self, refund_id: crate::ids::RefundId) {
        for refund in self.ledger.refunds.iter_mut().filter(|refund| refund.id == refund_id) {
            refund.completed = true;
        }
        let all_back = self.ledger.refunds.iter().all(|refund| refund.completed)
            && self.ledger.refunded() >= self.ledger.captured();
        if all_back && self.status.may_become(Status::Refunded) {
            self.status = Status::Refunded;
        }
    }
}

/// What the timeline says about an event.
fn note_of(event: &Event) -> Option<String> {
    match event {
        Event::OrderProcessingStarted { note }
        | Event::OrderShipped { note, .. }
        | Event::OrderDeliveryFailed { note, .. }
        | Event::OrderDelivered { note, .. } => note.clone(),
        Event::OrderCancelled { reason, note } => note.clone().or_else(|| Some(reason.name().to_owned())),
        Event::OrderReturnRequested { reason, .. } | Event::OrderReturnDenied { reason } => Some(reason.clone()),
        Event::OrderCreated { .. }
        | Event::OrderSubmitted { .. }
        | Event::OrderConfirmed
        | Event::OrderRefunded
        | Event::OrderPaymentRequested { .. }
        | Event::OrderPaymentConfirmed { .. }
        | Event::OrderPaymentFailed { .. }
        | Event::OrderReturned { .. }
        | Event::OrderRefundInitiated { .. }
        | Event::OrderRefundCompleted { .. }
        | Event::OrderRefundFailed { .. }
        | Event::OrderPaymentPageOpened { .. }
        | Event::OrderReviewRequested { .. }
        | Event::OrderReviewApproved { .. }
        | Event::OrderNoteAdded { .. } => None,
    }
}
