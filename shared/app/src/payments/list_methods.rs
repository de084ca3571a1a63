//! Shows a customer the means of payment that they let us keep (E6): what they recognise them by, never the token.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::UserId;

use crate::error::Error;
use crate::ports::{PaymentMethods, SavedMethod};

/// How callers name themselves in paths.
pub const ME: &str = "me";

/// Most means of payment that are shown.
pub const MAX_METHODS: usize = 100;

pub struct ListMethods {
    methods: Arc<dyn PaymentMethods>,
}

impl ListMethods {
    pub fn new(methods: Arc<dyn PaymentMethods>) -> Self {
        ListMethods { methods }
    }

    pub async fn run(&self, caller: &Caller, customer: &str) -> Result<Vec<SavedMethod>, Error> {
        let user = whose(Operation::ListMethods, caller, customer)?;
        Ok(self.methods.methods(&user, MAX_METHODS).await?)
    }
}

/// The customer in a path, who may be the caller themselves.
pub(crate) fn whose(operation: Operation, caller: &Caller, customer: &str) -> Result<UserId, Error> {
    if customer == ME {
        return Ok(caller.user().clone());
    }
    let user: UserId = customer.parse().map_err(|_| Error::NotFound)?;
    operation.permits(caller, &user)?;
    Ok(user)
}
