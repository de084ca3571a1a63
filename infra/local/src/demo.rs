//! `cargo run -- demo`: one order from the cart to the door, over HTTP, step by step.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// Longest wait for something that follows by itself.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// The mug that the demonstration orders.
const PRODUCT_ID: &str = "01990000-0000-7000-8000-000000000001";

/// The body of the order that the demonstration, the welcome and the README place.
pub fn order_body() -> Value {
    json!({
        "items": [{ "product_id": PRODUCT_ID, "quantity": 2, "price": "19.90" }],
        "contact": { "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+491701234567" },
        "shipping_address": {
            "recipient_name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin",
            "postal_code": "10117", "country": "DE"
        }
    })
}

/// Whether an order management system listens there.
pub async fn answers(base: &str) -> bool {
    let health = Client::new().get(format!("{base}/health")).timeout(Duration::from_secs(2)).send().await;
    health.is_ok_and(|response| response.status().is_success())
}

struct Stage {
    client: Client,
    base: String,
    step: usize,
}

/// Plays the story and prints it.
pub async fn play(base: &str) -> Result<(), String> {
    let mut stage = Stage { client: Client::new(), base: base.to_owned(), step: 0 };
    let customer = stage.token("ada", "customer").await?;
    let admin = stage.token("grace", "admin").await?;

    stage.say("the catalog");
    let product = stage.get(&format!("/api/products/{PRODUCT_ID}"), &customer).await?;
    stage.tell(&format!(
        "{} costs {} {}, {} available",
        product["name"].as_str().unwrap_or_default(),
        text(&product["price"]),
        text(&product["currency"]),
        product["available"]
    ));

    stage.say("ada orders two mugs");
    let order = stage.post("/api/orders", &customer, &order_body(), true).await?;
    let path = format!("/api/orders/{}", text(&order["id"]));
    stage.tell(&format!(
        "order {} is {}: {} {}, held until {}",
        text(&order["number"]),
        text(&order["status"]),
        text(&order["total"]),
        text(&order["currency"]),
        text(&order["reservation_expires_at"])
    ));

    stage.say("she pays on the provider's page; its webhook confirms the order");
    let payment = stage.post(&format!("{path}/payments"), &customer, &json!({"provider": "sandbox"}), true).await?;
    stage.tell(&format!("page: {}", text(&payment["redirect_url"])));
    stage
        .post(&format!("/dev/pay/{}", text(&payment["payment_id"])), "", &json!({"outcome": "succeeded"}), false)
        .await?;
    stage.until(&path, &customer, "confirmed").await?;

    stage.say("the shop prepares it and buys a label");
    let begin = json!({"status": "processing"});
    stage.send(Method::PATCH, &format!("{path}/status"), &admin, Some(&begin), false).await?;
    let shipment = format!("/api/shipments/{}-S1", text(&order["id"]));
    let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100});
    let wanted = json!({"carrier": "sandbox", "service": "standard", "parcels": [parcel]});
    let label = stage.post(&format!("{shipment}/label"), &admin, &wanted, true).await?;
    stage.tell(&format!("to print: {}", text(&label["documents"][0]["url"])));

    stage.say("the parcel leaves, and its carrier tells that it has arrived");
    let leave = json!({"status": "shipped", "note": "left the warehouse"});
    stage.send(Method::PATCH, &shipment, &admin, Some(&leave), false).await?;
    let number = text(&label["tracking"][0]["tracking_number"]);
    for event in ["in_transit", "out_for_delivery", "delivered"] {
        stage.post(&format!("/dev/parcels/{number}"), "", &json!({"event": event}), false).await?;
        stage.tell(&format!("{number} {event}"));
    }
    stage.until(&path, &customer, "delivered").await?;

    stage.say("the order's timeline");
    let order = stage.get(&path, &customer).await?;
    for entry in order["status_history"].as_array().into_iter().flatten() {
        stage.tell(&format!(
            "{}  {:<10}  by {} {}",
            text(&entry["timestamp"]),
            text(&entry["status"]),
            text(&entry["actor"]["role"]),
            text(&entry["actor"]["id"])
        ));
    }

    stage.say("the messages that ada got");
    let messages = stage.messages(&text(&order["id"]), 11).await?;
    for message in &messages {
        let title = message["subject"].as_str().map_or_else(|| text(&message["body"]), ToOwned::to_owned);
        stage.tell(&format!("{:<5}  {title}", text(&message["channel"])));
    }

    stage.say("the link in them follows the parcel, without signing in");
    let link = messages.iter().find_map(|message| tracking_link(message["body"].as_str()?));
    let link = link.ok_or("no message has a tracking link")?;
    let followed = stage.get(&link, "").await?;
    stage.tell(&format!("{base}{link}"));
    for scan in followed["shipments"][0]["parcels"][0]["scans"].as_array().into_iter().flatten() {
        stage.tell(&format!("{}  {}", text(&scan["timestamp"]), text(&scan["status"])));
    }
    println!(
        "\ndone: {} is {} and paid with {} {}",
        text(&order["number"]),
        text(&order["status"]),
        text(&order["payment"]["paid"]),
        text(&order["currency"])
    );
    Ok(())
}

/// The path of the signed link in a message.
fn tracking_link(body: &str) -> Option<String> {
    let link = &body[body.find("/api/track/")?..];
    Some(link.split_whitespace().next()?.to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

impl Stage {
    fn say(&mut self, what: &str) {
        self.step += 1;
        println!("{}. {what}", self.step);
    }

    #[allow(clippy::unused_self, reason = "reads as the other half of `say`")]
    fn tell(&self, what: &str) {
        println!("   {what}");
    }

    async fn token(&self, user: &str, role: &str) -> Result<String, String> {
        let answer = self.post("/dev/token", "", &json!({"user_id": user, "role": role}), false).await?;
        Ok(text(&answer["access_token"]))
    }

    async fn get(&self, path: &str, token: &str) -> Result<Value, String> {
        self.send(Method::GET, path, token, None, false).await
    }

    async fn post(&self, path: &str, token: &str, body: &Value, keyed: bool) -> Result<Value, String> {
        self.send(Method::POST, path, token, Some(body), keyed).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
        keyed: bool,
    ) -> Result<Value, String> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base)).timeout(PATIENCE);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        if keyed {
            request = request.header("Idempotency-Key", crate::random::uuid().to_string());
        }
        let response = request.send().await.map_err(|error| format!("{method} {path}: {error}"))?;
        let status = response.status();
        let answer: Value = response.json().await.map_err(|error| format!("{method} {path}: {error}"))?;
        if status.is_success() { Ok(answer) } else { Err(format!("{method} {path}: {status} {answer}")) }
    }

    async fn until(&self, path: &str, token: &str, status: &str) -> Result<(), String> {
        for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
            let order = self.get(path, token).await?;
            if order["status"] == status {
                self.tell(&format!("{status} (version {})", order["version"]));
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(format!("the order did not become {status} in time"))
    }

    async fn messages(&self, order_id: &str, count: usize) -> Result<Vec<Value>, String> {
        let mut seen = Vec::new();
        for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
            let answer = self.get(&format!("/dev/notifications?order_id={order_id}"), "").await?;
            seen = answer.as_array().cloned().unwrap_or_default();
            if seen.len() >= count {
                break;
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(seen)
    }
}
