//! Queue → customer: one message per order, event and channel.

use std::sync::Arc;

use oms_app::Error;
use oms_app::notify::Notify;
use oms_app::texts::Shop;
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Function, events};
use serde::Deserialize;

/// What the messages need to know of the shop.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// How the shop calls itself.
    pub shop_name: String,
    /// Where its pages are.
    pub shop_url: String,
    /// Sender of e-mail.
    pub email_from: String,
}

impl Config {
    /// The shop as the texts know it.
    pub fn shop(&self) -> Shop {
        Shop { name: self.shop_name.clone(), url: self.shop_url.trim_end_matches('/').to_owned() }
    }
}

/// The function.
pub fn function(notify: Notify) -> Function {
    events::queue(notify, handle)
}

async fn handle(notify: Arc<Notify>, event: CloudEvent) -> Result<(), Error> {
    notify.run(&event).await
}
