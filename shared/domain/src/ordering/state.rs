//! The current state of an order, as stored.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::amendment::{Extra, Offer};
use super::event::ReviewReason;
use super::note::Note;
use super::status::{Action, Status};
use super::terms::Draft;
use super::words::Words;
use crate::access::Operation;
use crate::actor::{Actor, Caller};
use crate::chain::Hash;
use crate::fulfilment::{Shipment, ShipmentStatus};
use crate::ids::{OrderId, ProductId, SellerId, UserId};
use crate::money::{Amount, Currency, Money};
use crate::ordering::address::Destination;
use crate::payments::{Ledger, MAX_PAYMENT_ATTEMPTS, PaymentStatus, Unshipped};
use crate::pricing::Totals;
use crate::pricing::dispatch::Delivery;
use crate::pricing::promotion::Use;
use crate::returns::Return;
use crate::returns::policy::ReturnTerms;

/// One line of an order, with the facts of its product as they were ordered (A7). Stored under short names: an order has up
/// to [`super::MAX_LINES`] of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number within the order, never reused.
    #[serde(rename = "n")]
    pub line: u16,
    #[serde(rename = "product")]
    pub product_id: ProductId,
    /// The seller's code for it.
    pub sku: String,
    /// What it was called.
    pub name: String,
    /// Whose product it is.
    #[serde(rename = "seller")]
    pub seller_id: SellerId,
    /// Units ordered.
    #[serde(rename = "qty")]
    pub quantity: u32,
    /// Price of a unit when ordered.
    pub price: Amount,
    /// Share of the order's discount.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub discount: Amount,
    /// Tax of the line.
    pub tax: Amount,
    /// Units that are with a carrier or the customer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shipped: u32,
    /// Units that came back from the customer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub returned: u32,
    /// Units whose price an admin has given back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded: u32,
    /// Units that were refunded, or left, before they shipped: they do not ship any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withdrawn: u32,
    /// Units that were lost on their way and neither replaced nor given back yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: u32,
    /// Units that changes took out after they were paid for; `quantity` does not count them any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub removed: u32,
    /// What all units together were worth before the first of them was taken out: what each is worth is cut from it, so
    /// that all of them come to it exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold: Option<Amount>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(units: &u32) -> bool {
    *units == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none_yet(number: &u16) -> bool {
    *number == 0
}

impl Line {
    /// Quantity times price.
    pub fn subtotal(&self) -> Amount {
        self.price.times(self.quantity)
    }

    /// How many of so many refunded units do not ship any more: those that were lost come first, then those that have not
    /// shipped.
    pub(super) fn withdrawn_by(&self, unshipped: Unshipped, refunded: u32) -> Withdrawn {
        match unshipped {
            Unshipped::Ship => Withdrawn::default(),
            Unshipped::Restock | Unshipped::Damaged => {
                let lost = refunded.min(self.lost);
                Withdrawn { lost, in_stock: (refunded - lost).min(self.to_ship()) }
            }
        }
    }

    /// Units that the customer gets or got: what was cancelled, or refunded before it left, does not come.
    pub fn comes(&self) -> u32 {
        self.quantity.saturating_sub(self.withdrawn)
    }

    /// Units that are still to ship and are there.
    pub fn to_ship(&self) -> u32 {
        self.outstanding().saturating_sub(self.lost)
    }

    /// Units that the customer waits for and no carrier has.
    pub fn outstanding(&self) -> u32 {
        self.quantity.saturating_sub(self.shipped).saturating_sub(self.withdrawn)
    }
}

/// Units of a line that do not ship any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Withdrawn {
    /// Of those that were lost: nothing of them is in stock.
    pub(super) lost: u32,
    /// Of those that are reserved.
    pub(super) in_stock: u32,
}

/// One entry of the customer's timeline (B5, J5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The state that was reached.
    pub status: Status,
    pub at: Timestamp,
    /// What was said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Words>,
    pub actor: Actor,
}

/// A person is to look before anything is shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub reasons: Vec<ReviewReason>,
    /// Since when.
    pub since: Timestamp,
}

/// Why an order is held (G11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// A fraud check wants a person to look, or a person does.
    Fraud,
    /// The address has to be cleared up.
    Address,
    /// The goods are not there, or not fit to ship.
    Stock,
    /// A customer's bank wants the money back.
    Dispute,
    /// The customer asked to wait.
    Customer,
    /// It could not be handed to its carrier.
    Fulfilment,
    Other,
}

impl HoldReason {
    /// Every reason.
    pub const ALL: [HoldReason; 7] = [
        HoldReason::Fraud,
        HoldReason::Address,
        HoldReason::Stock,
        HoldReason::Dispute,
        HoldReason::Customer,
        HoldReason::Fulfilment,
        HoldReason::Other,
    ];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            HoldReason::Fraud => "fraud",
            HoldReason::Address => "address",
            HoldReason::Stock => "stock",
            HoldReason::Dispute => "dispute",
            HoldReason::Customer => "customer",
            HoldReason::Fulfilment => "fulfilment",
            HoldReason::Other => "other",
        }
    }

    /// Whether people may place it and release it. What a bank holds, the bank releases.
    pub const fn is_for_people(self) -> bool {
        !matches!(self, HoldReason::Dispute)
    }
}

/// The name of the hold that a fraud check places.
pub const REVIEW_HOLD: &str = "review";

/// Most holds of an order that people have placed.
pub const MAX_HOLDS: usize = 20;

/// Neither processed nor shipped until it is released. An order can have several, each released by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its name within the order; of a dispute, the provider's name for that.
    pub id: String,
    pub reason: HoldReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Words>,
    /// Who placed it.
    pub by: Actor,
    pub since: Timestamp,
}

/// The current state of an order: a fold of its events, and nothing else.
///
/// `status` and what belongs to some states (`reservation_expires_at`, `paid_at`, `review`) are fields beside each other
/// and not one enum, as they are stored: `paid_at` belongs to seven of the ten states and `review` to three, so that
/// variants would say the same over and over. They move together nevertheless: evolving sets them by `Order::enter` only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Order {
    pub id: OrderId,
    /// Whose order it is.
    pub user_id: UserId,
    /// Where it stands.
    pub status: Status,
    /// How many events made it; also its `ETag`.
    pub version: u64,
    /// Hash of the last event.
    pub head: Hash,
    /// The one currency of all its amounts.
    pub currency: Currency,
    /// Where it goes, as far as rates need to know.
    pub destination: Destination,
    /// Code of the shipping method.
    pub shipping_method: String,
    /// How long that takes, as it was said when the order was placed. Orders of before lack it.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "days")]
    pub delivery: Option<Delivery>,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// Promotion codes in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<String>,
    /// Which uses of promotions are counted for this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// What staff charge or take off beside the lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<Extra>,
    /// How often it was changed, or a change of it was offered; names the last one.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub changes: u16,
    /// The highest number that a line or an extra ever had, once a change has given one.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub last_line: u16,
    /// A change that waits for its difference to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Box<Offer>>,
    /// Under which version contact and addresses stand beside the person record, once a change has renewed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_at: Option<u64>,
    /// What belongs to a draft only; drafts of before lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// Payments and refunds.
    #[serde(default)]
    pub ledger: Ledger,
    /// What is to leave, what has left, and what became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipment>,
    /// On which terms goods come back. Drafts have none, nor have orders of shops that had set up nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_terms: Option<ReturnTerms>,
    /// What comes back, or is claimed; at most [`crate::returns::MAX_RETURNS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<Return>,
    /// Held for a person to look at; nothing once approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// What keeps it from being processed and shipped, beside a review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// What people noted about it, oldest first; at most [`super::MAX_NOTES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Where the words of its tags are; nothing while it has those of its creation, which are in the person record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Words>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// States reached so far, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// While pending: until when stock is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was paid, or confirmed with nothing to pay (docs/requirements.md, decision 2).
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "placed_at")]
    pub paid_at: Option<Timestamp>,
}

/// A state with what belongs to it: all that an order can become.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    Pending { pay_until: Timestamp },
    Confirmed { paid_at: Timestamp },
    Processing,
    Shipped,
    Delivered,
    ReturnRequested,
    Returned,
    Refunded,
    Cancelled,
}

impl Order {
    /// Moves the order on. Only what is pending waits for money until a deadline; nothing becomes a draft again; what is cancelled is held by nobody.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.reservation_expires_at = None;
        self.draft = None;
        self.status = match stage {
            Stage::Pending { pay_until } => {
                self.reservation_expires_at = Some(pay_until);
                Status::Pending
            }
            Stage::Confirmed { paid_at } => {
                self.paid_at = Some(paid_at);
                Status::Confirmed
            }
            Stage::Processing => Status::Processing,
            // A review keeps things from leaving: where what was left was taken out instead, there is nothing to look at any more.
            Stage::Shipped => {
                self.review = None;
                Status::Shipped
            }
            Stage::Delivered => Status::Delivered,
            Stage::ReturnRequested => Status::ReturnRequested,
            Stage::Returned => Status::Returned,
            Stage::Refunded => Status::Refunded,
            Stage::Cancelled => {
                self.review = None;
                self.offer = None;
                Status::Cancelled
            }
        };
    }

    /// Whether the order waits for its payment at this time: it may be paid, its checkout is kept open, and nothing but
    /// a cancellation ends it.
    ///
    /// A pending order without a deadline does not wait. None was ever written; were one read, its stock would be held
    /// for ever. So no payment is begun for it and it may be expired; money that arrives is accepted all the same.
    pub fn awaits_payment(&self, now: Timestamp) -> bool {
        self.status == Status::Pending && self.reservation_expires_at.is_some_and(|deadline| now < deadline)
    }

    /// Whether the order waits for money that is under way: nothing more is asked of the customer.
    pub fn payment_is_under_way(&self) -> bool {
        self.status == Status::Pending && self.ledger.is_processing()
    }

    /// Whether somebody has to look before the order goes on.
    pub fn is_held(&self) -> bool {
        self.held_for().is_some()
    }

    /// Why the order is held, if it is. A fraud check's review is one of the holds; it is stored under a name of its own, as it
    /// always was.
    pub fn held_for(&self) -> Option<HoldReason> {
        let review = self.review.as_ref().map(|_| HoldReason::Fraud);
        let placed = review.or_else(|| self.holds.first().map(|hold| hold.reason));
        // Nothing is packed that a change may take out a minute later.
        placed.or_else(|| self.offer.as_ref().map(|_| HoldReason::Customer))
    }

    /// A shipment by its number.
    pub fn shipment(&self, number: u16) -> Option<&Shipment> {
        self.shipments.iter().find(|shipment| shipment.number == number)
    }

    /// Units of a line that are still to ship and in no shipment.
    pub fn unplanned(&self, line: &Line) -> u32 {
        let open = self.shipments.iter().filter(|shipment| shipment.status.is_open());
        line.to_ship().saturating_sub(open.map(|shipment| shipment.units_of(line.line)).sum())
    }

    /// Units of a line that ever left and did not come back by themselves: what is lost has left.
    pub fn has_left(&self, line: &Line) -> u32 {
        let lost = self.shipments.iter().filter(|shipment| shipment.status == ShipmentStatus::Lost);
        line.shipped + lost.map(|shipment| shipment.units_of(line.line)).sum::<u32>()
    }

    /// Whether the customer has all that will come.
    pub(super) fn is_all_there(&self) -> bool {
        let any = |wanted: fn(ShipmentStatus) -> bool| self.shipments.iter().any(|shipment| wanted(shipment.status));
        self.status == Status::Shipped
            && any(|status| status == ShipmentStatus::Delivered)
            && !any(ShipmentStatus::is_under_way)
    }

    /// Shipments of before have no number and do not know that they arrived.
    fn complete_shipments(&mut self) {
        let arrived = match self.status {
            Status::Delivered | Status::ReturnRequested | Status::Returned | Status::Refunded => true,
            Status::Draft
            | Status::Pending
            | Status::Confirmed
            | Status::Processing
            | Status::Shipped
            | Status::Cancelled => false,
        };
        for (number, shipment) in (1..).zip(&mut self.shipments).filter(|(_, shipment)| shipment.number == 0) {
            shipment.number = number;
            if arrived && shipment.status == ShipmentStatus::Shipped {
                shipment.status = ShipmentStatus::Delivered;
            }
        }
    }

    /// Units that are still to ship and are there.
    pub fn to_ship(&self) -> u32 {
        self.lines.iter().map(Line::to_ship).sum()
    }

    /// When it was submitted; of a draft, when it was begun.
    pub fn submitted_at(&self) -> Timestamp {
        let submitted = self.timeline.iter().find(|entry| entry.status == Status::Pending);
        submitted.map_or(self.created_at, |entry| entry.at)
    }

    /// First and last day on which the customer should have all of it, as far as the shop says how long that takes: counted from the last
    /// parcel that left, or from the payment while something has yet to leave, or from the order while it is not paid. Nothing once it
    /// has arrived or ended.
    pub fn expected_delivery(&self) -> Option<(Date, Date)> {
        let delivery = self.delivery.as_ref()?;
        match self.status {
            Status::Pending => Some(delivery.of_ready(self.submitted_at())),
            Status::Confirmed | Status::Processing => {
                Some(delivery.of_ready(self.paid_at.unwrap_or_else(|| self.submitted_at())))
            }
            Status::Shipped => {
                let under_way = self.shipments.iter().filter(|shipment| shipment.status.is_under_way());
                under_way.filter_map(|shipment| shipment.shipped_at).max().map(|sent| delivery.of_sent(sent))
            }
            Status::Draft
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned
            | Status::Refunded
            | Status::Cancelled => None,
        }
    }

    /// Units of a line that can be taken out: they are there, not packed, and nobody has their money back.
    pub fn cancellable(&self, line: &Line) -> u32 {
        let packed = self.shipments.iter().filter(|shipment| shipment.status == ShipmentStatus::Packed);
        let packed: u32 = packed.map(|shipment| shipment.units_of(line.line)).sum();
        line.to_ship().saturating_sub(packed).min(line.quantity.saturating_sub(line.refunded))
    }

    /// Units that the customer waits for and no carrier has.
    pub fn outstanding(&self) -> u32 {
        self.lines.iter().map(Line::outstanding).sum()
    }

    /// The ledger in one word. Nobody waits for a payment of an order that was cancelled unpaid.
    pub fn payment_status(&self) -> PaymentStatus {
        let told = self.ledger.status();
        let waits = matches!(told, PaymentStatus::Requested | PaymentStatus::Failed);
        if waits && self.status == Status::Cancelled { PaymentStatus::None } else { told }
    }

    /// What the customer pays.
    pub fn total(&self) -> Money {
        Money::new(self.totals.total, self.currency)
    }

    /// What this person may do now.
    pub fn allowed_actions(&self, caller: &Caller) -> Vec<Action> {
        let asked_for = self.due().is_some() && !self.due_is_under_way();
        let can_pay = self.ledger.payments.len() < MAX_PAYMENT_ATTEMPTS && asked_for;
        let can_cancel = self.status.may_become(Status::Cancelled) && !self.is_partly_shipped();
        let can_lose_some = matches!(self.status, Status::Confirmed | Status::Processing)
            && self.lines.iter().any(|line| self.cancellable(line) > 0);
        let can_return = self.may_open_return() && self.lines.iter().any(|line| self.returnable(line) > 0);
        let candidates = [
            (Action::Submit, Operation::SubmitOrder, self.status == Status::Draft),
            (Action::Pay, Operation::PayOrder, can_pay),
            (Action::Change, Operation::ChangeOrder, self.may_be_changed(matches!(caller, Caller::Admin(_)))),
            (Action::Cancel, Operation::CancelOrder, can_cancel),
            (Action::CancelLines, Operation::CancelOrder, can_lose_some),
            (Action::Process, Operation::UpdateStatus, self.status == Status::Confirmed && !self.is_held()),
            (Action::Ship, Operation::UpdateStatus, self.status == Status::Processing && !self.is_held()),
            (Action::Deliver, Operation::UpdateStatus, self.status == Status::Shipped),
            (Action::Review, Operation::ReviewOrder, self.review.is_some() && can_cancel),
            (Action::FailDelivery, Operation::UpdateStatus, self.status == Status::Shipped),
            (Action::RequestReturn, Operation::RequestReturn, can_return),
            (Action::Refund, Operation::RefundOrder, self.may_be_refunded_in_part()),
            (Action::Hold, Operation::HoldOrder, self.status.holds_stock()),
            (Action::ReleaseHold, Operation::ReleaseHold, self.holds.iter().any(|hold| hold.reason.is_for_people())),
        ];
        let allowed = candidates
            .into_iter()
            .filter(|(_, operation, possible)| *possible && operation.permits(caller, self).is_ok());
        allowed.map(|(action, _, _)| action).collect()
    }

    /// Whether some, or all, units have left the house.
    pub fn is_partly_shipped(&self) -> bool {
        self.lines.iter().any(|line| line.shipped > 0)
    }
}

impl Serialize for Order {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Order::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut order = Order::deserialize(deserializer)?;
        order.complete_shipments();
        Ok(order)
    }
}
