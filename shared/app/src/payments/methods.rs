//! Saved means of payment: whose they are, and how many of them are looked at.

use oms_domain::actor::Caller;
use oms_domain::ids::UserId;

use crate::error::Error;

/// How callers name themselves in paths.
pub(crate) const ME: &str = "me";

/// Most means of payment that are shown.
pub(crate) const MAX_METHODS: usize = 100;

/// Whose means of payment: one's own, and for admins anybody's.
pub(crate) fn whose(caller: &Caller, customer: &str) -> Result<UserId, Error> {
    if customer == ME {
        return Ok(caller.user().clone());
    }
    let user: UserId = customer.parse().map_err(|_| Error::NotFound)?;
    match caller {
        Caller::Admin(_) => Ok(user),
        Caller::Customer(_) | Caller::Seller { .. } if *caller.user() == user => Ok(user),
        Caller::Customer(_) | Caller::Seller { .. } => {
            Err(Error::Forbidden("only the customer or an admin may see or remove saved payment methods"))
        }
    }
}
