//! An admin blocks a customer or lets them order again (A12, K8). Every decision is kept with who, when and why.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::UserId;

use crate::error::Error;
use crate::ports::{Clock, Customers, Standing};

pub struct ChangeStanding {
    customers: Arc<dyn Customers>,
    clock: Arc<dyn Clock>,
}

impl ChangeStanding {
    pub fn new(customers: Arc<dyn Customers>, clock: Arc<dyn Clock>) -> Self {
        ChangeStanding { customers, clock }
    }

    pub async fn run(&self, caller: &Caller, user: &UserId, blocked: bool, reason: String) -> Result<Standing, Error> {
        Operation::ChangeStanding.open_to(caller)?;
        let standing = Standing { blocked, reason, by: caller.actor(), at: self.clock.now() };
        self.customers.decide(user, &standing).await?;
        Ok(standing)
    }
}
