//! Changes of an order after it was placed: what they come to, and what the order keeps of them (C1–C8).
//!
//! What was sold keeps its terms: units that are taken out take their share of price, discount and tax with them, and
//! what is added is a line of its own. The terms after a change are worked out by a use case; the order sees that they
//! are lawful, and what becomes of the difference.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::{Address, Checked, Contact, Destination, Person};
use super::command::Command;
use super::event::ChangeEvent;
use super::state::{Line, Order};
use super::status::Status;
use super::terms::{Terms, Wishes};
use super::words::Words;
use crate::fulfilment::{LineQuantity, ShipmentStatus};
use crate::ids::ProductId;
use crate::money::Amount;
use crate::payments::{AttemptState, Payment};

/// Most changes of one order, those included that came to nothing.
pub const MAX_CHANGES: u16 = 50;

/// Most extras of one order.
pub const MAX_EXTRAS: usize = 20;

/// Longest text of an extra, in characters.
pub const MAX_EXTRA_CHARACTERS: usize = 100;

/// What staff charge or take off beside the lines (C8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Its number within the order, of the same row as those of lines.
    #[serde(rename = "n")]
    pub number: u16,
    /// What the customer reads, among what was written with the change that brought it.
    pub text: Words,
    /// Before tax, unless prices contain it; below zero for what is taken off.
    pub amount: Amount,
    /// Its tax.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub tax: Amount,
    /// Row of the tax table; the standard rate where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "class")]
    pub tax_class: Option<String>,
    /// It is the difference of a change, which the shop bears.
    #[serde(default, skip_serializing_if = "is_false")]
    pub waiver: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What a change makes of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The order's terms after it.
    pub terms: Terms,
    /// Where the order goes, if elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "to")]
    pub destination: Option<Destination>,
    /// What people wrote with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Words>,
    /// Whether contact and addresses are among that.
    #[serde(default, skip_serializing_if = "is_false")]
    pub person: bool,
}

/// A change that waits for its difference to be paid. What it adds is reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Which change of the order.
    pub change: u16,
    pub until: Timestamp,
    /// What the customer has to pay for it.
    pub due: Amount,
    /// What it makes of the order once that is paid.
    #[serde(flatten)]
    pub revision: Revision,
}

/// A change of an order, worked out on the order as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The order's terms after it. What its lines count beside units and prices is not looked at.
    pub terms: Terms,
    /// What the customer asks for from now on, of a draft.
    pub wishes: Option<Wishes>,
    /// Where the order goes from now on, if elsewhere.
    pub destination: Option<Destination>,
    /// Whether the parcels' address becomes another.
    pub readdressed: bool,
    /// What people write with it.
    pub written: Option<ChangeWords>,
    /// Whether it is staff's.
    pub by_staff: bool,
}

/// What people write with a change, kept beside the person record as one text.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeWords {
    /// Contact and addresses from now on; all of them, if any became another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reached>,
    /// The texts of extras, by their numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<u16, String>,
    /// Why the change was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a customer is reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    pub contact: Checked<Contact>,
    pub shipping_address: Checked<Address>,
    pub billing_address: Checked<Address>,
}

impl std::fmt::Debug for ChangeWords {
    /// Personal data never reaches a log by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangeWords(..)")
    }
}

impl ChangeWords {
    /// Whether nobody wrote anything.
    pub fn is_empty(&self) -> bool {
        self.person.is_none() && self.extras.is_empty() && self.reason.is_none()
    }

    /// As one text.
    pub(super) fn sealed(&self) -> Option<Words> {
        let text = serde_json::to_string(self).ok().filter(|_| !self.is_empty())?;
        Some(Words::Here(text))
    }

    /// What was written with a change; nothing once it was erased.
    pub fn read(words: &Words, person: Option<&Person>) -> Option<ChangeWords> {
        serde_json::from_str(words.read(person)?).ok()
    }
}

impl Person {
    /// With contact and addresses as the last change of the order left them.
    #[must_use]
    pub fn as_of(mut self, order: &Order) -> Person {
        let renewed = order.person_at.and_then(|version| self.words.get(&version));
        let words: Option<ChangeWords> = renewed.and_then(|text| serde_json::from_str(text).ok());
        if let Some(reached) = words.and_then(|words| words.person) {
            let Reached { contact, shipping_address, billing_address } = reached;
            (self.contact, self.shipping_address, self.billing_address) = (contact, shipping_address, billing_address);
        }
        self
    }
}

/// What an order asks its customer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub amount: Amount,
    /// For which change; nothing for the order itself.
    pub change: Option<u16>,
    /// Until when. A pending order without a deadline does not wait ([`Order::awaits_payment`]).
    pub until: Option<Timestamp>,
}

impl Order {
    /// What is to be paid now: the order, or the difference of a change.
    pub fn due(&self) -> Option<Due> {
        if self.status == Status::Pending {
            return Some(Due { amount: self.totals.total, change: None, until: self.reservation_expires_at });
        }
        let offer = self.offer.as_ref()?;
        Some(Due { amount: offer.due, change: Some(offer.change), until: Some(offer.until) })
    }

    /// Whether the order wants the money of this attempt.
    pub fn wants(&self, payment: &Payment) -> bool {
        self.due().is_some_and(|due| due.amount == payment.amount && due.change == payment.change)
    }

    /// Whether it waits for that money at this time.
    pub fn awaits(&self, payment: &Payment, now: Timestamp) -> bool {
        let in_time = self.due().and_then(|due| due.until).is_some_and(|until| now < until);
        in_time && self.wants(payment)
    }

    /// Whether what is to be paid is under way: nothing more is asked of the customer.
    pub fn due_is_under_way(&self) -> bool {
        self.under_way().is_some()
    }

    pub(super) fn under_way(&self) -> Option<&Payment> {
        let change = self.due()?.change;
        let attempts = self.ledger.payments.iter();
        attempts.filter(|payment| payment.change == change).find(|payment| payment.state == AttemptState::Processing)
    }

    /// The latest attempt at this provider on whose page what is due may still be paid.
    pub fn open_attempt(&self, provider: &str, keep: bool) -> Option<&Payment> {
        let open = |payment: &&Payment| {
            let asked = payment.state == AttemptState::Requested && payment.provider == provider;
            asked && payment.keep == keep && self.wants(payment)
        };
        self.ledger.payments.iter().rev().find(open)
    }

    /// Whether the order can be changed at all by its customer, or by staff. How long customers may, the shop says.
    pub fn may_be_changed(&self, by_staff: bool) -> bool {
        let stage = match self.status {
            Status::Draft | Status::Pending | Status::Confirmed => true,
            Status::Processing => by_staff,
            Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned
            | Status::Refunded
            | Status::Cancelled => false,
        };
        stage && self.changes < MAX_CHANGES && !self.due_is_under_way()
    }

    /// At what price units of a product are taken: within one order the last line of a product has today's.
    pub fn asked_price(&self, product_id: ProductId) -> Option<Amount> {
        let offered = self.offer.as_ref().map_or(&[][..], |offer| &offer.revision.terms.lines);
        let of_product = |lines: &[Line]| {
            let last = lines.iter().rev().find(|line| line.product_id == product_id);
            last.map(|line| line.price)
        };
        of_product(offered).or_else(|| of_product(&self.lines))
    }

    /// Units of a line that a change can take out.
    pub fn removable(&self, line: &Line) -> u32 {
        match self.status {
            Status::Draft | Status::Pending => line.quantity,
            Status::Confirmed | Status::Processing => self.cancellable(line),
            Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned
            | Status::Refunded
            | Status::Cancelled => 0,
        }
    }

    /// The line with so many units less. Where it was paid for, what they take with them is their share to the cent.
    pub fn without(&self, line: &Line, units: u32) -> Line {
        let count = |units: u32| Amount::from_minor(i64::from(units));
        let rest = line.quantity.saturating_sub(units);
        let part = |whole: Amount| whole.allocate(&[count(units), count(rest)]).first().copied().unwrap_or_default();
        let (mut discount, mut tax) = (part(line.discount), part(line.tax));
        let (mut removed, mut sold) = (line.removed, line.sold);
        if self.paid_at.is_some() {
            let share = self.share(line, units);
            let price = line.price.times(units);
            let added = if self.totals.tax_included { Amount::ZERO } else { tax };
            discount = (price + added - share).max(Amount::ZERO).min(line.discount);
            if !self.totals.tax_included {
                tax = share - price + discount;
            }
            (removed, sold) = (removed + units, Some(sold.unwrap_or_else(|| self.worth(line))));
        }
        Line { quantity: rest, discount: line.discount - discount, tax: line.tax - tax, removed, sold, ..line.clone() }
    }

    /// What a change adds: units by product.
    pub(super) fn added(&self, terms: &Terms) -> Vec<(ProductId, u32)> {
        let known = |line: &&Line| self.lines.iter().any(|own| own.line == line.line);
        terms.lines.iter().filter(|line| !known(line)).map(|line| (line.product_id, line.quantity)).collect()
    }

    /// What a change takes out.
    pub(super) fn taken_out(&self, terms: &Terms) -> Vec<LineQuantity> {
        let after = |line: u16| terms.lines.iter().find(|own| own.line == line).map_or(0, |own| own.quantity);
        let parts = self
            .lines
            .iter()
            .map(|own| LineQuantity { line: own.line, quantity: own.quantity.saturating_sub(after(own.line)) });
        parts.filter(|part| part.quantity > 0).collect()
    }

    /// By how many units of each product the order needs more after a change, or less.
    pub(super) fn differences(&self, terms: &Terms) -> BTreeMap<ProductId, i64> {
        let mut differences: BTreeMap<ProductId, i64> = BTreeMap::new();
        for (product_id, units) in self.added(terms) {
            *differences.entry(product_id).or_default() += i64::from(units);
        }
        for part in self.taken_out(terms) {
            for line in self.lines.iter().filter(|line| line.line == part.line) {
                *differences.entry(line.product_id).or_default() -= i64::from(part.quantity);
            }
        }
        differences
    }

    /// Whether the order still is what the change was worked out on, as far as the change needs it.
    pub(super) fn still_fits(&self, terms: &Terms) -> bool {
        let open = matches!(self.status, Status::Confirmed | Status::Processing);
        let parts = self.taken_out(terms);
        let there = |part: &LineQuantity| {
            self.lines.iter().any(|line| line.line == part.line && part.quantity <= self.cancellable(line))
        };
        open && parts.iter().all(there)
    }

    /// The number of the next line or extra; none is given twice.
    pub fn next_line(&self) -> u16 {
        let lines = self.lines.iter().map(|line| line.line);
        let extras = self.extras.iter().map(|extra| extra.number);
        lines.chain(extras).max().unwrap_or(0).max(self.last_line).saturating_add(1)
    }

    /// What the customer pays for an extra.
    pub fn worth_of_extra(&self, extra: &Extra) -> Amount {
        if self.totals.tax_included { extra.amount } else { extra.amount + extra.tax }
    }

    /// Whether some shipment is packed.
    pub(super) fn is_partly_packed(&self) -> bool {
        self.shipments.iter().any(|shipment| shipment.status == ShipmentStatus::Packed)
    }

    pub(super) fn apply_change(&mut self, event: &ChangeEvent) {
        match event {
            ChangeEvent::OrderChanged { change, revision, draft } => {
                self.changes = *change;
                self.take_over(revision);
                if draft.is_some() {
                    self.draft.clone_from(draft);
                }
            }
            ChangeEvent::OrderChangeOffered { change, until, due, revision } => {
                self.changes = *change;
                // A number that an offer has given is not given again, whatever becomes of the offer.
                self.last_line = self.last_line.max(highest(&revision.terms));
                let (change, until, due, revision) = (*change, *until, *due, Revision::clone(revision));
                self.offer = Some(Box::new(Offer { change, until, due, revision }));
            }
            ChangeEvent::OrderChangeAccepted { .. } => {
                if let Some(offer) = self.offer.take() {
                    self.take_over(&offer.revision);
                }
            }
            ChangeEvent::OrderChangeLapsed { .. } => self.offer = None,
        }
    }

    fn take_over(&mut self, revision: &Revision) {
        let Revision { terms, destination, written, person } = revision;
        let (total, before) = (self.totals.total, Terms::of(self));
        self.last_line = self.last_line.max(highest(&before)).max(highest(terms));
        self.take_terms(terms);
        for line in &mut self.lines {
            if let Some(own) = before.lines.iter().find(|own| own.line == line.line) {
                (line.shipped, line.returned, line.refunded) = (own.shipped, own.returned, own.refunded);
                (line.withdrawn, line.lost) = (own.withdrawn, own.lost);
            }
        }
        for extra in self.extras.iter_mut().filter(|extra| extra.text.is_empty()) {
            extra.text = written.clone().unwrap_or_default();
        }
        if let Some(destination) = destination {
            self.destination = destination.clone();
        }
        if let Some(Words::Beside(version)) = written.as_ref().filter(|_| *person) {
            self.person_at = Some(*version);
        }
        if self.status == Status::Pending && self.totals.total != total {
            // Nobody pays a sum on their pages that is no longer right.
            for payment in self.ledger.payments.iter_mut().filter(|own| own.state == AttemptState::Requested) {
                payment.state = AttemptState::Failed;
            }
        }
        self.trim(|shipment| shipment.status == ShipmentStatus::Planned);
        self.trim_plans();
        self.ship_if_nothing_is_left();
    }
}

/// The highest number of a line or an extra.
fn highest(terms: &Terms) -> u16 {
    let lines = terms.lines.iter().map(|line| line.line);
    lines.chain(terms.extras.iter().map(|extra| extra.number)).max().unwrap_or(0)
}

/// Until when a change is offered.
pub(super) fn offered_until(now: Timestamp) -> Timestamp {
    Command::hold_until(now)
}
