//! Where a scenario plays: the local cloud in this process, or a stack that was deployed.
//!
//! What is here is all that such a scenario may know of its stage beside the API. Both are reached over HTTP, also the
//! routes under `/dev`, which a deployed stack gets from `infra/cloud-test`.

use std::ops::Deref;
use std::time::Duration;

use oms_local::messaging::{Attribute, Message};
use serde_json::{Value, json};

use crate::app::{Site, TestApp, User};
use crate::shop::text;

/// A provider that is away fails this many calls at least.
const FOR_GOOD: u32 = 10_000;

/// Units of a product, as the API counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Units {
    pub(crate) available: i64,
    pub(crate) reserved: i64,
    pub(crate) shipped: i64,
}

impl Units {
    /// These, and so many more of each.
    pub(crate) fn and(self, available: i64, reserved: i64, shipped: i64) -> Units {
        Units {
            available: self.available + available,
            reserved: self.reserved + reserved,
            shipped: self.shipped + shipped,
        }
    }
}

/// A stage.
pub(crate) trait Stage: Deref<Target = Site> {
    /// Who takes payments here.
    fn provider(&self) -> &'static str;

    /// Who sells labels here, and a service.
    fn carrier(&self) -> (&'static str, &'static str);

    /// The id of a product of the catalog in [`crate::shop`].
    fn product(&self, known: &str) -> String;

    /// Waits until nothing that is due is left to do.
    async fn rest(&self);

    /// The provider cannot be reached, or can be reached again.
    async fn provider_away(&self, away: bool);

    /// Publishes a text to the topic of order events as if it were an event of this type; in a group of its own.
    async fn publish(&self, kind: &str, message: &str);

    /// Takes away what is in a queue.
    async fn purge(&self, queue: &str);

    /// Lets what is under way arrive, moves the clock, and waits until all that fell due is done.
    async fn pass(&self, by: Duration) {
        self.rest().await;
        self.move_clock(by).await;
        self.rest().await;
    }

    async fn shop(&self) -> User {
        self.sign_in("grace", "admin").await
    }

    /// Pays on the provider's page, and waits until everything has followed from that.
    async fn paid(&self, customer: &User, order: &Value) {
        let opened = customer.paying_with(order, self.provider()).key(&self.new_key()).send().await.expect(201);
        self.act_on_page(text(&opened, "redirect_url"), "succeeded").await;
        self.rest().await;
    }

    /// What the customer was told about an order by e-mail (or SMS), oldest first.
    async fn told(&self, order: &Value, channel: &str) -> Vec<String> {
        self.rest().await;
        let mut told = self.notifications(order).await;
        told.retain(|message| message["channel"] == channel);
        told.iter().map(|message| text(message, "event").trim_start_matches("order.").to_owned()).collect()
    }

    async fn units(&self, product: &str) -> Units {
        let stock = self.shop().await.get(&format!("/api/products/{product}/stock")).await.expect(200);
        let [available, reserved, shipped] =
            ["available", "reserved", "shipped"].map(|counter| stock["counters"][counter].as_i64().unwrap());
        Units { available, reserved, shipped }
    }

    /// How many messages wait in a queue, by its name without that of the stack; and the whole name.
    async fn queue(&self, name: &str) -> (String, u64) {
        let ending = format!("-{name}.fifo");
        self.depths().await.into_iter().find(|(name, _)| name.ends_with(&ending)).unwrap()
    }

    async fn depth(&self, name: &str) -> u64 {
        self.queue(name).await.1
    }

    /// Sends dead letters back to where they came from; how many.
    async fn redrive(&self, name: &str) -> Value {
        let path = format!("/dev/queues/{}/redrive", self.queue(name).await.0);
        let moved = self.nobody().post(&path, &json!({})).await.expect(200);
        self.rest().await;
        moved["moved"].clone()
    }
}

impl Stage for TestApp {
    fn provider(&self) -> &'static str {
        "sandbox"
    }

    fn carrier(&self) -> (&'static str, &'static str) {
        ("sandbox", "standard")
    }

    fn product(&self, known: &str) -> String {
        known.to_owned()
    }

    async fn rest(&self) {
        self.settled().await;
    }

    async fn provider_away(&self, away: bool) {
        self.oms.parts.sandbox.outage().fail_next(if away { FOR_GOOD } else { 0 });
    }

    async fn publish(&self, kind: &str, message: &str) {
        let cloud = self.oms.cloud.context();
        let message = Message {
            body: message.to_owned(),
            group: Some(kind.to_owned()),
            dedup: Some(kind.to_owned()),
            attributes: [("type".to_owned(), Attribute::text(kind))].into(),
        };
        let topic = &cloud.environment("relay")["TOPIC_ARN"];
        cloud.messaging.publish(topic, &message).unwrap();
    }

    async fn purge(&self, queue: &str) {
        let (name, messaging) = (self.queue(queue).await.0, &self.oms.cloud.context().messaging);
        for message in messaging.receive(&name, 10).unwrap() {
            messaging.delete(&name, &message.receipt).unwrap();
        }
    }
}
