//! Shows a customer the means of payment that they let us keep (E6): what they recognise them by, never the token.

use std::sync::Arc;

use oms_domain::actor::Caller;

use crate::error::Error;
use crate::payments::methods::{MAX_METHODS, whose};
use crate::ports::{PaymentMethods, SavedMethod};

pub struct ListMethods {
    methods: Arc<dyn PaymentMethods>,
}

impl ListMethods {
    pub fn new(methods: Arc<dyn PaymentMethods>) -> Self {
        ListMethods { methods }
    }

    pub async fn run(&self, caller: &Caller, customer: &str) -> Result<Vec<SavedMethod>, Error> {
        let user = whose(caller, customer)?;
        Ok(self.methods.methods(&user, MAX_METHODS).await?)
    }
}
