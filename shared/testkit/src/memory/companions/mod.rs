//! What stands beside a change, in memory: one file per companion, with its condition and what it writes.

mod account;
mod cart;
mod checkout;
mod command;
mod label_task;
mod parcel;
mod person;
mod refund_task;
mod request;
mod saved_method;
mod settled;
mod shipment;
mod usage;
mod written;

use oms_app::ports::{CommitError, Companion};
use oms_domain::ordering::Order;

use super::world::World;

/// A companion of the change that leads to `order`.
pub(super) trait Beside {
    /// Why it cannot be written.
    fn refusal(&self, world: &World, order: &Order) -> Option<CommitError>;

    fn write(&self, world: &mut World, order: &Order);
}

/// One row per companion.
pub(super) fn beside(companion: &Companion) -> &dyn Beside {
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
