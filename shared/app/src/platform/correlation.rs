//! Which request or message the current piece of work goes back to (P1).
//!
//! Use cases pass correlation ids on as values, because they are stored with what they explain. This is for what has no
//! place for one: headers of calls to providers. The runtime sets it around each piece of work.

use std::future::Future;

tokio::task_local! {
    static CURRENT: String;
}

/// Runs `work` on behalf of a request or message.
pub async fn on_behalf_of<T>(correlation_id: &str, work: impl Future<Output = T>) -> T {
    CURRENT.scope(correlation_id.to_owned(), work).await
}

/// On whose behalf the current work is done; nothing outside of any.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}
