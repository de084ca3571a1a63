//! Saved means of payment: whose they are, and how many of them are looked at.

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::UserId;

use crate::error::Error;

/// How callers name themselves in paths.
pub(crate) const ME: &str = "me";

/// Most means of payment that are shown.
pub(crate) const MAX_METHODS: usize = 100;

/// The customer in a path, who may be the caller themselves.
pub(crate) fn whose(operation: Operation, caller: &Caller, customer: &str) -> Result<UserId, Error> {
    if customer == ME {
        return Ok(caller.user().clone());
    }
    let user: UserId = customer.parse().map_err(|_| Error::NotFound)?;
    operation.permits(caller, &user)?;
    Ok(user)
}
