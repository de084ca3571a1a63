//! What an order waits for, in sentences that a person can act on (G9).

use jiff::Timestamp;

use super::event::{Event, Record, RefundEvent};
use super::state::{HoldReason, Order, REVIEW_HOLD};
use super::status::Status;
use crate::fulfilment::label::{Label, LabelStatus};
use crate::fulfilment::{Shipment, ShipmentStatus};
use crate::money::Money;
use crate::payments::{Dispute, DisputeState, Refund};
use crate::returns::{Return, ReturnStatus};

/// One thing that the order waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// A word for it, the same for all orders that wait for the same.
    pub code: &'static str,
    /// A sentence.
    pub text: String,
    pub since: Timestamp,
    /// When it ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// What a person can do, in sentences; nothing where there is nothing to do but wait.
    pub can_do: Vec<&'static str>,
}

impl Wait {
    fn new(code: &'static str, text: impl Into<String>, since: Timestamp) -> Self {
        Wait { code, text: text.into(), since, until: None, can_do: Vec::new() }
    }

    fn until(self, until: Option<Timestamp>) -> Self {
        Wait { until, ..self }
    }

    fn can(self, can_do: &[&'static str]) -> Self {
        Wait { can_do: can_do.to_vec(), ..self }
    }
}

impl Order {
    /// All that the order waits for, what keeps it from everything else first; nothing if it is at rest. Its events tell since when.
    pub fn waits(&self, history: &[Record]) -> Vec<Wait> {
        let mut waits = self.holds_it_has();
        waits.extend(self.offer.as_ref().map(|offer| {
            let money = Money::new(offer.due, self.currency);
            let text = format!("A change of the order waits for {money} to be paid. Nothing is packed until then.");
            let can = &["Ask the customer to pay, withdraw the change, or make it anew and waive the difference."];
            Wait::new("change", text, self.updated_at).until(Some(offer.until)).can(can)
        }));
        waits.extend(self.stage());
        waits.extend(self.units_without_a_shipment());
        waits.extend(self.returns.iter().filter_map(|own| self.return_waits(own)));
        let last = |wanted: &dyn Fn(&Event) -> bool| {
            let found = history.iter().rev().find(|record| wanted(&record.event));
            found.map_or(self.updated_at, |record| record.at)
        };
        for shipment in &self.shipments {
            let moved =
                |event: &Event| matches!(event, Event::Shipment(event) if event.shipment() == Some(shipment.number));
            waits.extend(self.shipment_waits(shipment, last(&moved)));
            for label in &shipment.labels {
                let moved = |event: &Event| matches!(event, Event::Label(event) if event.label().1 == label.id);
                waits.extend(self.label_waits(shipment, label, last(&moved)));
            }
        }
        for refund in self.ledger.refunds.iter().filter(|refund| !refund.completed) {
            let promised = |event: &Event| matches!(event, Event::Refund(RefundEvent::OrderRefundInitiated { refund_id, .. }) if *refund_id == refund.id);
            waits.push(self.refund_waits(refund, last(&promised)));
        }
        waits
    }

    fn since(&self) -> Timestamp {
        self.timeline.last().map_or(self.created_at, |entry| entry.at)
    }

    fn holds_it_has(&self) -> Vec<Wait> {
        let review = self.review.as_ref().map(|review| {
            let reasons: Vec<&str> = review.reasons.iter().map(|reason| reason.name()).collect();
            let text = format!("A fraud check holds the order for a person to look at: {}.", reasons.join(", "));
            Wait::new(REVIEW_HOLD, text, review.since).can(&["Approve the order, or reject it."])
        });
        let held = self.holds.iter().map(|hold| match hold.reason {
            HoldReason::Dispute => {
                let text = "The customer's bank wants the money back and has not decided yet.";
                Wait::new("dispute", text, hold.since).can(&["Answer the dispute at the payment provider."])
            }
            HoldReason::Fraud
            | HoldReason::Address
            | HoldReason::Stock
            | HoldReason::Customer
            | HoldReason::Fulfilment
            | HoldReason::Other => {
                let text = format!("Somebody holds the order: {}.", hold.reason.name());
                Wait::new("hold", text, hold.since)
                    .can(&["Release the hold once its reason is gone, or cancel the order."])
            }
        });
        review.into_iter().chain(held).collect()
    }

    fn stage(&self) -> Option<Wait> {
        let since = self.since();
        match self.status {
            Status::Draft => {
                let wait = Wait::new("submission", "The order is a draft and waits to be submitted.", since);
                Some(wait.until(self.draft_until()).can(&["Submit the order, or cancel it."]))
            }
            Status::Pending if self.payment_is_under_way() => {
                let wait =
                    Wait::new("payment_under_way", "The customer has paid by a method whose money takes days.", since);
                Some(wait.until(self.reservation_expires_at))
            }
            Status::Pending => {
                let asked =
                    self.ledger.payments.last().map_or("nobody has been asked yet", |last| last.provider.as_str());
                let text = format!("The order waits for its payment ({asked}). Its units are reserved until then.");
                let wait = Wait::new("payment", text, since).until(self.reservation_expires_at);
                Some(wait.can(&["Ask the customer to pay, or cancel the order."]))
            }
            Status::Confirmed => {
                let wait = Wait::new("processing", "The order is paid and waits to be prepared.", since);
                Some(wait.can(&["Start processing the order, or plan a shipment."]))
            }
            // Each of its returns says what it waits for.
            Status::ReturnRequested if self.has_open_return() => None,
            Status::ReturnRequested => {
                let wait = Wait::new("return", "The customer wants to send goods back.", since);
                Some(wait.can(&["Receive the goods, or deny the return."]))
            }
            Status::Returned if !self.returns.is_empty() => None,
            Status::Returned => {
                let wait = Wait::new("refund_decision", "Goods came back and their money has not gone back.", since);
                Some(wait.can(&["Refund the order."]))
            }
            Status::Processing | Status::Shipped | Status::Delivered | Status::Refunded | Status::Cancelled => None,
        }
    }

    fn units_without_a_shipment(&self) -> Option<Wait> {
        let units: u32 = self.lines.iter().map(|line| self.unplanned(line)).sum();
        let waits = self.status == Status::Processing && units > 0;
        let text = format!("{units} of its units are in no shipment.");
        waits.then(|| Wait::new("planning", text, self.updated_at).can(&["Plan a shipment for them, or refund them."]))
    }

    fn shipment_waits(&self, shipment: &Shipment, since: Timestamp) -> Option<Wait> {
        let name = format!("{}-S{}", self.id.number(), shipment.number);
        let carrier = shipment.parcels.first().map_or("a carrier", |parcel| parcel.carrier.as_str());
        let open = self.status == Status::Processing;
        match shipment.status {
            ShipmentStatus::Planned if open => {
                let wait = Wait::new("packing", format!("Shipment {name} waits to be packed."), since);
                Some(wait.can(&["Pack it, ship it, or cancel it."]))
            }
            ShipmentStatus::Packed if open => {
                let text = format!("Shipment {name} is packed and waits for its carrier.");
                Some(Wait::new("handover", text, since).can(&["Ship it, or cancel it."]))
            }
            ShipmentStatus::Shipped => {
                Some(Wait::new("delivery", format!("Shipment {name} is on its way with {carrier}."), since))
            }
            ShipmentStatus::Failed => {
                let text = format!("Shipment {name} could not be handed over by {carrier}, which still has it.");
                let can =
                    &["Ask the carrier to try again, have it returned, or report it delivered, returned or lost."];
                Some(Wait::new("failed_delivery", text, since).can(can))
            }
            ShipmentStatus::Lost if self.is_outstanding(shipment) => {
                let text = format!("Shipment {name} was lost, and its units are neither replaced nor refunded.");
                Some(Wait::new("lost", text, since).can(&["Replace it, or refund its units."]))
            }
            ShipmentStatus::Planned
            | ShipmentStatus::Packed
            | ShipmentStatus::Delivered
            | ShipmentStatus::Returned
            | ShipmentStatus::Lost
            | ShipmentStatus::Cancelled => None,
        }
    }

    fn return_waits(&self, own: &Return) -> Option<Wait> {
        let name = format!("{}-R{}", self.id.number(), own.number);
        match own.status {
            ReturnStatus::Requested => {
                let what = if own.kind.is_claim() { "Claim" } else { "Return" };
                let wait = Wait::new("return", format!("{what} {name} waits to be decided."), own.requested_at);
                Some(wait.can(&["Approve it, or deny it."]))
            }
            ReturnStatus::Approved => {
                let since = own.decided_at.unwrap_or(own.requested_at);
                let wait = Wait::new("return_goods", format!("The goods of return {name} have not come yet."), since);
                Some(wait.until(own.expires_at).can(&["Receive the goods, or cancel the return."]))
            }
            ReturnStatus::Received => {
                let since = own.received_at.unwrap_or(own.requested_at);
                let wait = Wait::new("return_rest", format!("Some goods of return {name} have not come yet."), since);
                Some(wait.until(own.expires_at).can(&["Receive the rest, or close the return."]))
            }
            ReturnStatus::Denied | ReturnStatus::Closed | ReturnStatus::Cancelled => None,
        }
    }

    fn label_waits(&self, shipment: &Shipment, label: &Label, since: Timestamp) -> Option<Wait> {
        let name = format!("{}-S{}", self.id.number(), shipment.number);
        let carrier = label.order.carrier.as_str();
        match label.status {
            LabelStatus::Requested => {
                let text = format!("The label of shipment {name} was asked for, and {carrier} has not answered yet.");
                Some(Wait::new("label", text, since))
            }
            LabelStatus::Unknown => {
                let text = format!("Nobody knows whether {carrier} has sold a label for shipment {name}.");
                let can = &[
                    "Look for it at the carrier by the label's id. If it is there, void it there, or release the hold and ship under its \
                     tracking number. Then give the label up here.",
                ];
                Some(Wait::new("label_unknown", text, since).can(can))
            }
            LabelStatus::Voiding => {
                let text = format!("{carrier} is asked to take back the label of shipment {name}.");
                Some(Wait::new("label_void", text, since))
            }
            LabelStatus::Bought => None,
        }
    }

    fn is_outstanding(&self, lost: &Shipment) -> bool {
        lost.replaced_by.is_none()
            && lost.lines.iter().any(|part| self.lines.iter().any(|line| line.line == part.line && line.lost > 0))
    }

    fn refund_waits(&self, refund: &Refund, since: Timestamp) -> Wait {
        let money = Money::new(refund.amount, self.currency);
        let provider = self.ledger.payment(refund.payment_id).map_or("the provider", |own| own.provider.as_str());
        let of_this = |own: &Dispute| own.payment_id == refund.payment_id && own.state == DisputeState::Open;
        if self.ledger.disputes.iter().any(of_this) {
            return Wait::new("refund", format!("A refund of {money} waits until the bank has decided."), since);
        }
        if refund.failures > 0 {
            let text = format!("A refund of {money} was refused by {provider}, {} time(s) so far.", refund.failures);
            return Wait::new("refund_refused", text, since).can(&["Make the refund at the provider by hand."]);
        }
        Wait::new("refund", format!("A refund of {money} waits for {provider}."), since)
    }
}
