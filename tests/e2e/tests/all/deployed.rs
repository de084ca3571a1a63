//! The scenarios that play against a deployed stack too. `infra/cloud-test/run.sh` starts one and runs these, one after the
//! other: they share its clock.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Site, User, start_app};
use crate::shop::text;
use crate::stage::Stage;
use crate::{
    cancel, carrier_rates, changes, deadline, delivery, fulfil, labels, outage, poison, shipments, story, strangers,
    tracking,
};

/// The longest that any queue holds a message back before its first delivery, and a bit.
const LONGEST_DELAY: Duration = Duration::from_secs(31);

/// A stack, reached over HTTP only.
struct Deployed {
    site: Site,
    /// Ids of products by those that they have in the local cloud.
    products: BTreeMap<String, String>,
}

impl Deref for Deployed {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Deployed {
    #[expect(clippy::disallowed_methods, reason = "whoever started the stack tells where it is")]
    async fn find() -> Self {
        let dev = std::env::var("OMS_STAGE").expect("OMS_STAGE names the stack: use infra/cloud-test/run.sh");
        let stage = Site::at(&dev).nobody().get("/dev/stage").await.expect(200);
        let site = Site::shared(text(&stage, "api"), &dev, &format!("-{}", stage["visit"]));
        let mut deployed = Deployed { site, products: BTreeMap::default() };
        let shop = deployed.shop().await;
        deployed.products = stocked(&shop).await;
        deployed
    }

    /// Ends a scenario as [`crate::app::TestApp::finish`] does.
    async fn finish(self) {
        self.pass(LONGEST_DELAY).await;
        for (name, depth) in self.depths().await {
            assert_eq!(depth, 0, "{depth} messages are left in {name}");
        }
    }
}

/// Gives a stack the products and tables of the local cloud, over the API; what it has already stays.
async fn stocked(shop: &User) -> BTreeMap<String, String> {
    let local = start_app().await;
    let grace = local.admin();
    for table in ["taxes", "shipping", "promotions", "locations"] {
        let path = format!("/api/settings/{table}");
        let now = shop.get(&path).await;
        let wanted = grace.get(&path).await.expect(200)["content"].clone();
        if now.body["content"] != wanted {
            let seen = now.header("etag").unwrap().as_bytes();
            let put = shop.call(Method::PUT, &path).header("if-match", seen).json(&wanted);
            put.send().await.expect(200);
        }
    }
    let there = shop.get("/api/products").await.expect(200);
    let there: BTreeMap<&str, &str> =
        there["data"].as_array().unwrap().iter().map(|product| (text(product, "sku"), text(product, "id"))).collect();
    let mut products = BTreeMap::new();
    for listed in grace.get("/api/products").await.expect(200)["data"].as_array().unwrap() {
        let known = text(listed, "id");
        let same = match there.get(text(listed, "sku")) {
            Some(same) => (*same).to_owned(),
            None => add(shop, &grace.get(&format!("/api/products/{known}")).await.expect(200)).await,
        };
        products.insert(known.to_owned(), same);
    }
    local.finish().await;
    products
}

/// Adds a product as it is seen elsewhere; answers with its id.
async fn add(shop: &User, product: &Value) -> String {
    let mut body = json!({"units": product["available"]});
    for member in ["seller_id", "sku", "name", "category", "price", "currency", "tax_class", "description"] {
        body[member] = product[member].clone();
    }
    for member in ["weight_grams", "regions", "low_stock_threshold"] {
        body[member] = product[member].clone();
    }
    text(&shop.post("/api/products", &body).await.expect(201), "id").to_owned()
}

impl Stage for Deployed {
    fn provider(&self) -> &'static str {
        "stripe"
    }

    fn carrier(&self) -> (&'static str, &'static str) {
        ("ups", "11")
    }

    fn product(&self, known: &str) -> String {
        self.products[known].clone()
    }

    async fn rest(&self) {
        self.move_clock(Duration::ZERO).await;
    }

    async fn provider_away(&self, away: bool) {
        self.nobody().post("/dev/provider", &json!({"away": away})).await.expect(200);
    }

    async fn publish(&self, kind: &str, message: &str) {
        let body = json!({"type": kind, "message": message, "group": kind});
        self.nobody().post("/dev/topic", &body).await.expect(200);
    }

    async fn purge(&self, queue: &str) {
        let path = format!("/dev/queues/{}/purge", self.queue(queue).await.0);
        self.nobody().post(&path, &Value::Null).await.expect(200);
    }
}

/// Scenarios that are tests of a deployed stack.
macro_rules! deployed {
    ($($scenario:ident in $module:ident;)*) => {$(
        #[tokio::test]
        #[ignore = "needs a deployed stack: infra/cloud-test/run.sh"]
        async fn $scenario() {
            let stack = Deployed::find().await;
            $module::$scenario(&stack).await;
            stack.finish().await;
        }
    )*};
}

deployed! {
    from_the_catalogue_to_the_door in story;
    two_parcels in shipments;
    from_the_label_to_the_door in labels;
    three_parcels in labels;
    begun_and_labelled_by_itself in fulfil;
    ordered_at_the_carriers_price in carrier_rates;
    followed_without_signing_in in tracking;
    unpaid_for_thirty_minutes in deadline;
    cancelled_after_paying in cancel;
    some_taken_out in cancel;
    a_mug_more_and_one_less in changes;
    shipped_again in delivery;
    refunded_after_a_redrive in outage;
    unreadable_to_everybody in poison;
    strangers_at_the_door in strangers;
}
