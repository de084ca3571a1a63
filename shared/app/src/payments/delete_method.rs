//! Removes a kept means of payment (E6).
//!
//! It is gone at once and can never be used again. That its provider is to forget it is remembered in the same
//! transaction; `forget-methods` tells it, again and again until it has.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::MethodId;

use crate::error::Error;
use crate::payments::methods::whose;
use crate::ports::{Clock, PaymentMethods};

pub struct DeleteMethod {
    methods: Arc<dyn PaymentMethods>,
    clock: Arc<dyn Clock>,
}

impl DeleteMethod {
    pub fn new(methods: Arc<dyn PaymentMethods>, clock: Arc<dyn Clock>) -> Self {
        DeleteMethod { methods, clock }
    }

    pub async fn run(&self, caller: &Caller, customer: &str, id: MethodId) -> Result<(), Error> {
        let user = whose(caller, customer)?;
        if !self.methods.remove(&user, id, self.clock.now()).await? {
            return Err(Error::NotFound);
        }
        tracing::info!(method_id = %id, by = %caller.user(), "a means of payment was removed");
        Ok(())
    }
}
