//! Queue → provider: opens checkout pages that could not be opened while the customer waited.

use std::sync::Arc;

use oms_app::Error;
use oms_app::open_page::OpenPage;
use oms_runtime::{Function, events};
use serde::Deserialize;

/// What the function is told by its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// How often the queue delivers a message.
    pub payment_tries: u32,
}

/// The function.
pub fn function(open_page: OpenPage) -> Function {
    events::counted_queue(open_page, handle)
}

async fn handle(open_page: Arc<OpenPage>, (event, delivery): events::Counted) -> Result<(), Error> {
    open_page.run(&event, delivery).await
}
