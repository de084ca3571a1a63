//! What follows from the events of a change and is written, or must hold, beside it: one file per companion.
//!
//! A person record, a claim on a cart, uses that are counted against limits and what is remembered under a key follow
//! from no event; use cases hand those over as they are.

mod account;
mod checkout;
mod label_task;
mod parcel;
mod refund_task;
mod saved_method;
mod settled;
mod shipment;
mod uses_given_back;

use oms_domain::ordering::{Event, Order};
use oms_domain::payments::MethodToken;

use crate::customers::limits::Held;
use crate::ports::Companion;

/// What companions hold and no event tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// With a request to pay: where the customer goes afterwards, if they said so.
    pub return_url: Option<String>,
    /// With a payment: the means of payment that its provider keeps.
    pub method: Option<MethodToken>,
    /// What the customer is held to; nothing where a rule or a message brings the change.
    pub held: Held,
}

/// The companions of these events, which have made `order` what it is; nothing was before a new order.
pub(crate) fn following(before: Option<&Order>, events: &[Event], order: &Order, given: &Given) -> Vec<Companion> {
    let account = account::of(before, events, order, &given.held).map(Companion::Account);
    let mut companions: Vec<Companion> = account.into_iter().collect();
    for event in events {
        companions.extend(checkout::of(event, order, given).map(Companion::Checkout));
        companions.extend(settled::of(event).map(Companion::Settled));
        companions.extend(saved_method::of(event, order, given).map(Companion::SavedMethod));
        companions.extend(uses_given_back::of(event, order).map(Companion::Usage));
    }
    companions.extend(refund_task::of(events, order).map(Companion::Refund));
    companions.extend(shipment::of(before, order).map(Companion::Shipment));
    companions.extend(parcel::of(before, order).map(Companion::Parcel));
    companions.extend(label_task::of(events, order).map(Companion::Label));
    companions
}
