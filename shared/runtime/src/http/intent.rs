//! Who asks for what, before anything of the request is read: rights come before input.

use oms_app::Error;
use oms_app::intent::Intent;
use oms_domain::access::Operation;
use oms_domain::actor::Caller;

use super::problem::Problem;
use super::request::Request;

impl Request {
    /// The caller, if their role may ever do this.
    pub fn caller_for(&self, operation: Operation) -> Result<Caller, Problem> {
        let caller = self.caller()?;
        operation.open_to(&caller).map_err(Error::from)?;
        Ok(caller)
    }

    /// What a command comes with, if the caller's role may ever give it.
    pub fn intent(&self, operation: Operation) -> Result<Intent, Problem> {
        let caller = self.caller_for(operation)?;
        self.bounded_body()?;
        Ok(Intent {
            caller,
            expected_version: self.if_match()?,
            idempotency: self.idempotency()?,
            correlation_id: self.correlation_id.clone(),
        })
    }
}
