//! What goes back: refunds that are asked for or made by hand, and disputes.

use serde_json::json;

use super::books::{Books, Metadata, NotPossible, Refund, Refusal, not_possible};
use super::render;

impl Books {
    pub(super) fn dispute(&mut self, intent: &str, reason: &str) -> Result<(), NotPossible> {
        let Some(intent) = self.intents.get(intent).filter(|intent| intent.received > 0).cloned() else {
            return not_possible("nothing was paid");
        };
        let id = self.id("du");
        let object = render::dispute(&id, &intent, reason, self.now);
        self.tell("charge.dispute.created", &object, None);
        Ok(())
    }

    /// The refunds of a payment that have not failed.
    fn going_back(&self, intent: &str) -> i64 {
        let of = self.refunds.iter().filter(|refund| refund.intent == intent && refund.status != "failed");
        of.map(|refund| refund.amount).sum()
    }

    pub(super) fn tell_charge(&mut self, kind: &str, intent: &str, before: Option<i64>) {
        let refunded = self.going_back(intent);
        if let Some(intent) = self.intents.get(intent) {
            let object = render::charge(intent, refunded);
            self.tell(kind, &object, before.map(|before| json!({ "amount_refunded": before })));
        }
    }

    /// By the payment's id or by its charge's.
    pub(super) fn refund(&mut self, of: &str, amount: Option<i64>, metadata: Metadata) -> Result<&Refund, Refusal> {
        let found = self.intents.values().find(|intent| intent.id == of || intent.charge == of).cloned();
        let intent = found.ok_or_else(|| Refusal::missing("payment_intent", of))?;
        if intent.received == 0 {
            let message = format!("This PaymentIntent ({of}) does not have a successful charge to refund.");
            return Err(Refusal::executed(None, "payment_intent", message));
        }
        let before = self.going_back(&intent.id);
        let left = intent.received - before;
        let amount = amount.unwrap_or(left);
        if left == 0 {
            let message = format!("Charge {} has already been refunded.", intent.charge);
            return Err(Refusal::executed(Some("charge_already_refunded"), "charge", message));
        }
        if amount > left {
            let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
            return Err(Refusal::executed(None, "amount", message));
        }
        let refund = Refund {
            id: self.id("re"),
            created: self.now.as_second(),
            intent: intent.id.clone(),
            charge: intent.charge.clone(),
            amount,
            currency: intent.currency.clone(),
            status: if self.hold_refunds { "pending" } else { "succeeded" },
            failure: None,
            metadata,
        };
        let object = render::refund(&refund);
        self.refunds.push(refund);
        self.tell("refund.created", &object, None);
        self.tell_charge("charge.refunded", &intent.id, Some(before));
        Ok(&self.refunds[self.refunds.len() - 1])
    }

    pub(super) fn refund_by_hand(&mut self, intent: &str, amount: i64) -> Result<String, NotPossible> {
        let made = self.refund(intent, Some(amount), Metadata::new());
        made.map(|refund| refund.id.clone()).map_err(|refusal| NotPossible(refusal.message))
    }

    pub(super) fn hold_refunds(&mut self, hold: bool) {
        self.hold_refunds = hold;
    }

    pub(super) fn settle_refund(&mut self, id: &str, outcome: Result<(), &str>) -> Result<(), NotPossible> {
        let Some(refund) = self.refunds.iter_mut().find(|refund| refund.id == id) else {
            return not_possible(format!("there is no refund {id}"));
        };
        (refund.status, refund.failure) = match (refund.status, outcome) {
            ("failed", _) => return not_possible("the refund has failed"),
            (_, Ok(())) => ("succeeded", None),
            (_, Err(reason)) => ("failed", Some(reason.to_owned())),
        };
        let object = render::refund(refund);
        self.tell("refund.updated", &object, None);
        self.tell("charge.refund.updated", &object, None);
        if outcome.is_err() {
            self.tell("refund.failed", &object, None);
        }
        Ok(())
    }

    /// Newest first.
    pub(super) fn refunds_of(&self, of: Option<&str>) -> impl Iterator<Item = &Refund> {
        let belongs = move |refund: &&Refund| of.is_none_or(|of| refund.intent == of || refund.charge == of);
        self.refunds.iter().rev().filter(belongs)
    }
}
