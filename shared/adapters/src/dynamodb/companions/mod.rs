//! What stands beside a change, in its transaction: one file per companion, with its item and its refusal.

mod account;
mod beside;
mod cart;
pub(crate) mod checkout;
pub(crate) mod command;
mod label_task;
mod parcel;
mod person;
mod refund_task;
mod request;
mod saved_method;
mod settled;
pub(crate) mod shipment;
mod usage;
mod written;

use oms_app::ports::Companion;

pub(crate) use beside::{Beside, unknown_to_its_order, untold};

/// One row per companion.
pub(crate) fn beside(companion: &Companion) -> &dyn Beside {
    match companion {
        Companion::Person(person) => person,
        Companion::Written(written) => written,
        Companion::Request(request) => request,
        Companion::Command(command) => command,
        Companion::Cart(claim) => claim,
        Companion::Account(step) => step,
        Companion::Checkout(session) => session,
        Companion::Usage(step) => step,
        Companion::SavedMethod(method) => method,
        Companion::Refund(task) => task,
        Companion::Settled(session) => session,
        Companion::Shipment(record) => record,
        Companion::Parcel(record) => record,
        Companion::Label(task) => task,
    }
}
