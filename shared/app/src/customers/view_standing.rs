//! Shows an admin a customer's standing and how it came about (A12, K6).

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::UserId;

use crate::error::Error;
use crate::ports::{Customers, Standing};

/// Most decisions that are shown.
pub const MAX_DECISIONS: usize = 50;

pub struct ViewStanding {
    customers: Arc<dyn Customers>,
}

impl ViewStanding {
    pub fn new(customers: Arc<dyn Customers>) -> Self {
        ViewStanding { customers }
    }

    /// Decisions, newest first.
    pub async fn run(&self, caller: &Caller, user: &UserId) -> Result<Vec<Standing>, Error> {
        Operation::ViewStanding.open_to(caller)?;
        Ok(self.customers.standings(user, MAX_DECISIONS).await?)
    }
}
