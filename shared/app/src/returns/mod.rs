//! Goods that customers send back, and claims (H1–H7, H9).

pub mod move_return;
pub mod request_return;
mod terms;
pub mod view_return;

use oms_domain::access::{Denied, Operation, ReturnOf};
use oms_domain::actor::Caller;
use oms_domain::returns::{Return, ReturnId, Settlement};

use crate::error::Error;
use crate::execute::OrderWithContact;

/// A return with the order that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownReturn {
    pub shown: OrderWithContact,
    pub id: ReturnId,
    /// What it would come to if all that is waited for came as new; nothing once nothing is waited for.
    pub estimate: Option<Settlement>,
}

impl ShownReturn {
    /// The return itself.
    pub fn own(&self) -> Result<&Return, Error> {
        self.shown.order.return_numbered(self.id.number).ok_or(Error::NotFound)
    }
}

/// Whether the caller may do it with this return: sellers with those whose units are all theirs.
fn permit(
    operation: Operation,
    caller: &Caller,
    shown: &oms_domain::ordering::Order,
    own: &Return,
) -> Result<(), Denied> {
    operation.permits(caller, &ReturnOf(shown, own))
}
