//! The one place of the local cloud that is random. Ids of messages, requests and tokens mean nothing to the business,
//! so no test has to replay them.

use uuid::Uuid;

/// A fresh version 4 UUID.
#[expect(clippy::disallowed_methods, reason = "this is where the local cloud gets its ids from")]
pub(crate) fn uuid() -> Uuid {
    Uuid::new_v4()
}
