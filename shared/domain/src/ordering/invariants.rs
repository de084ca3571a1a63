//! What holds of every order and no type says: asserted after each change in builds with debug assertions.

use std::collections::BTreeSet;

use super::amendment::Extra;
use super::state::{Line, Order};
use super::status::Status;
use crate::fulfilment::ShipmentStatus;
use crate::fulfilment::label::{Label, LabelStatus};
use crate::money::Amount;
use crate::payments::Payment;
use crate::pricing::Totals;
use crate::returns::{MAX_RETURNS, Return};

impl Order {
    /// What does not hold of the order, if anything.
    pub(super) fn broken(&self) -> Option<&'static str> {
        let lines = || self.lines.iter();
        let held = match self.status {
            Status::Pending => self.reservation_expires_at.is_some() && self.paid_at.is_none(),
            Status::Draft => self.reservation_expires_at.is_none() && self.paid_at.is_none() && self.review.is_none(),
            Status::Confirmed | Status::Processing => self.reservation_expires_at.is_none() && self.paid_at.is_some(),
            Status::Shipped | Status::Delivered | Status::ReturnRequested | Status::Returned | Status::Refunded => {
                self.reservation_expires_at.is_none() && self.paid_at.is_some() && self.review.is_none()
            }
            Status::Cancelled => self.reservation_expires_at.is_none() && self.review.is_none(),
        };
        let checks = [
            (self.draft.is_none() || self.status == Status::Draft, "only a draft has what belongs to drafts"),
            (held, "a state has what belongs to it"),
            (
                lines().all(|line| line.shipped + line.withdrawn + line.lost <= line.quantity),
                "no more ships than was ordered and not withdrawn",
            ),
            (lines().all(|line| line.returned <= line.shipped), "no more returns than has shipped"),
            (self.shipments_are_sane(), "shipments have numbers of their own and no more units than there are"),
            (self.labels_are_sane(), "a label is in one shipment, and has what was bought if it was"),
            (lines().all(|line| line.refunded <= line.quantity), "no unit goes back twice"),
            (self.returns_are_sane(), "a return has a number of its own, and no unit is in two of them"),
            (self.notes_have_names(), "a note has a name of its own"),
            (self.numbers_are_own(), "a line or an extra has a number of its own"),
            (self.offer.is_none() || self.paid_at.is_some(), "a change is offered of what was paid for"),
            (self.ledger_is_sane(), "the ledger names each payment and refund once, and each refund its payment"),
            (self.ledger.payments.iter().all(|payment| self.is_covered(payment)), "refunds are covered by a capture"),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, what)| what)
    }

    fn shipments_are_sane(&self) -> bool {
        let numbers: BTreeSet<_> = self.shipments.iter().map(|shipment| shipment.number).collect();
        let holds = |wanted: fn(ShipmentStatus) -> bool, line: &Line| -> u32 {
            let those = self.shipments.iter().filter(|shipment| wanted(shipment.status));
            those.map(|shipment| shipment.units_of(line.line)).sum()
        };
        let gone = |status: ShipmentStatus| status.is_under_way() || status == ShipmentStatus::Delivered;
        numbers.len() == self.shipments.len()
            && self.lines.iter().all(|line| holds(ShipmentStatus::is_open, line) <= line.to_ship())
            && self.lines.iter().all(|line| holds(gone, line) == line.shipped)
    }

    fn labels_are_sane(&self) -> bool {
        let labels = || self.shipments.iter().flat_map(|shipment| &shipment.labels);
        let ids: BTreeSet<_> = labels().map(|label| label.id).collect();
        let holds = |label: &Label| {
            let is_bought = matches!(label.status, LabelStatus::Bought | LabelStatus::Voiding);
            label.bought.is_some() == is_bought
        };
        ids.len() == labels().count() && labels().all(holds)
    }

    fn returns_are_sane(&self) -> bool {
        let numbers: BTreeSet<_> = self.returns.iter().map(|own| own.number).collect();
        let open = |line: &Line| -> u32 {
            let open = self.returns.iter().filter(|own| own.status.is_open());
            open.map(|own| own.outstanding_of(line.line)).sum()
        };
        let settled = |own: &Return| own.settled.refund() >= Amount::ZERO && own.settled.withheld() >= Amount::ZERO;
        numbers.len() == self.returns.len()
            && self.returns.len() <= MAX_RETURNS
            && self.lines.iter().all(|line| open(line) <= self.kept(line))
            && self.returns.iter().all(settled)
            && self.returns.iter().flat_map(|own| &own.lines).all(|line| line.received <= line.quantity)
    }

    fn notes_have_names(&self) -> bool {
        let names: BTreeSet<_> = self.notes.iter().map(|note| &note.id).collect();
        names.len() == self.notes.len()
    }

    fn numbers_are_own(&self) -> bool {
        let lines = self.lines.iter().map(|line| line.line);
        let numbers: Vec<u16> = lines.chain(self.extras.iter().map(|extra| extra.number)).collect();
        let distinct: BTreeSet<_> = numbers.iter().collect();
        distinct.len() == numbers.len()
    }

    fn ledger_is_sane(&self) -> bool {
        let (payments, refunds) = (&self.ledger.payments, &self.ledger.refunds);
        let known: BTreeSet<_> = payments.iter().map(|payment| payment.id).collect();
        let names: BTreeSet<_> = refunds.iter().map(|refund| refund.id).collect();
        known.len() == payments.len()
            && names.len() == refunds.len()
            && refunds.iter().all(|refund| known.contains(&refund.payment_id) && refund.amount >= Amount::ZERO)
    }

    /// Promised ≤ captured, whoever gave it back. A bank may take what had gone back before; then nothing is left open.
    fn is_covered(&self, payment: &Payment) -> bool {
        let promised: Amount = self.ledger.refunds_of(payment.id).map(|refund| refund.amount).sum();
        let settled = self.ledger.refunds_of(payment.id).all(|refund| refund.completed);
        promised <= payment.captured() && (settled || self.ledger.excess(payment).is_zero())
    }
}

/// Whether the sums are those of the lines, to the minor unit.
pub(super) fn totals_add_up(totals: &Totals, lines: &[Line], extras: &[Extra]) -> bool {
    let added = if totals.tax_included { Amount::ZERO } else { totals.tax };
    let tax = lines.iter().map(|line| line.tax).sum::<Amount>() + extras.iter().map(|extra| extra.tax).sum::<Amount>();
    totals.subtotal == lines.iter().map(Line::subtotal).sum()
        && totals.discount == lines.iter().map(|line| line.discount).sum()
        && totals.extras == extras.iter().map(|extra| extra.amount).sum()
        && totals.tax >= tax
        && totals.total == totals.subtotal - totals.discount + totals.extras + totals.shipping + added
}
