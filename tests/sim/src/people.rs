//! Customers, and those who work in the shop: what they want, how they ask, and what they believe to have been told.

use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::fulfilment::{Shipment, ShipmentStatus};
use oms_domain::ids::{OrderId, PaymentId, UserId};
use oms_domain::ordering::{Order, Status};
use oms_testkit::SeededRandom;
use serde_json::{Value, json};

use crate::cloud::switch_off;
use crate::exec::{MINUTE, Millis, SECOND};
use crate::http::{Ask, Reply, Who, ask};
use crate::label_line::books;
use crate::planted::Bug;
use crate::provider::{act_on_page, pay_ahead};
use crate::queue::{self, QUEUES};
use crate::terms;
use crate::weather::{Fault, Plan};
use crate::world::{PRODUCTS, PROMOTION, PROVIDER, World, product};

/// Everybody who may be absent from a story.
pub(crate) const PEOPLE: usize = 5;

const CUSTOMERS: usize = 3;
const STAFF: usize = 3;
const GREMLIN: usize = 4;

/// In one story in so many people act when the schedule does, so that what ends after a number of minutes ends while it
/// is looked at.
const PUNCTUAL: u64 = 4;

/// What a note of the shop's for itself begins with.
const PRIVATE: &str = "private";

/// What a tag begins with, before the version of the order at which it was set.
pub(crate) const SEEN: &str = "seen-";

/// More attempts than the shop takes from one customer in a minute.
const HAMMERED: u32 = 15;

/// How often somebody asks for the same again before giving up.
const TRIES: usize = 6;

/// What somebody was told when they asked for an order.
#[derive(Debug, Clone)]
pub(crate) struct Promise {
    pub(crate) user: UserId,
    /// Under which key.
    pub(crate) key: Option<String>,
    /// What they were told.
    pub(crate) word: Word,
    /// What they were to pay for shipping, in cents, where that was a carrier's price.
    pub(crate) offered: Option<i64>,
}

impl Promise {
    /// Whether it is about this order, as one of the same goods again.
    pub(crate) fn is_the_same_again(&self, id: OrderId) -> bool {
        let key = self.key.as_ref().filter(|key| key.starts_with(AGAIN));
        key.is_some_and(|key| OrderId::from_key(&self.user, key) == id)
    }
}

/// How keys of orders of the same goods begin.
const AGAIN: &str = "same-";

/// See [`Promise`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// It exists.
    Created(OrderId),
    /// It does not, and will not.
    Refused,
    Nothing,
}

/// Lets everybody go about their business.
pub(crate) fn start(world: &World, plan: &Plan) {
    for number in (0..PEOPLE).filter(|number| !plan.absent.contains(number)) {
        let random = SeededRandom::new(plan.seed ^ (0xBEEF << number));
        let person = Person { world: world.clone(), random, number, punctual: plan.seed.is_multiple_of(PUNCTUAL) };
        world.sim.spawn(async move {
            match person.number {
                0..CUSTOMERS => person.shops().await,
                STAFF => person.works().await,
                _ => person.meddles().await,
            }
        });
    }
}

struct Person {
    world: World,
    random: SeededRandom,
    number: usize,
    punctual: bool,
}

impl Person {
    fn lot(&self, bound: u64) -> u64 {
        self.random.next_u64() % bound.max(1)
    }

    fn bet(&self, percent: u64) -> bool {
        self.lot(100) < percent
    }

    async fn wait(&self, at_most: Millis) {
        let by = i64::try_from(self.lot(u64::try_from(at_most).unwrap_or(1))).unwrap_or_default();
        self.world.sim.sleep(self.on_time(by, at_most)).await;
    }

    /// The punctual wait until the next full minute, give or take what the schedule's work of that minute takes.
    fn on_time(&self, by: Millis, at_most: Millis) -> Millis {
        if !self.punctual || at_most < MINUTE {
            return by;
        }
        let about = i64::try_from(self.lot(350)).unwrap_or_default() - 50;
        let then = self.world.sim.now() + by;
        (by + MINUTE - then % MINUTE + about).max(0)
    }

    fn who(&self) -> Who {
        Who::customer(self.number)
    }

    /// Asks again for as long as that may help.
    async fn insist(&self, who: &Who, wish: &Ask) -> Reply {
        let mut reply = Reply::Silence;
        for attempt in 0..TRIES {
            reply = ask(&self.world, Some(who), wish).await;
            if !reply.is_open() {
                return reply;
            }
            self.wait((5 * SECOND) << attempt).await;
        }
        reply
    }

    // Customers.

    async fn shops(&self) {
        let orders = 1 + self.lot(2);
        for number in 0..orders {
            self.wait(6 * MINUTE).await;
            if self.world.is_calm() {
                return;
            }
            let key = self.bet(80).then(|| format!("cart-{number}"));
            let Some(id) = self.orders(key).await else { continue };
            if self.bet(8) {
                // A product changes while the process that sold it still remembers it.
                ask(&self.world, Some(&Who::admin()), &terms::edit(|bound| self.lot(bound))).await;
                self.orders(Some(format!("again-{number}"))).await;
            }
            self.goes_on_with(id).await;
        }
    }

    fn cart(&self) -> Value {
        let lines = 1 + self.lot(2);
        let first = self.lot(3);
        let items: Vec<Value> = (0..lines)
            .map(|line| {
                let (number, _) = PRODUCTS[usize::try_from((first + line) % 3).unwrap_or_default()];
                json!({"product_id": product(number), "quantity": 1 + self.lot(3)})
            })
            .collect();
        let codes: &[&str] = if self.bet(50) { &[PROMOTION] } else { &[] };
        json!({
            "items": items,
            "contact": {"name": "Ada Lovelace", "email": "ada.lovelace@example.com", "phone": "+491701234567"},
            "shipping_address": {
                "recipient_name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin",
                "postal_code": "10117", "country": "DE",
            },
            "promotion_codes": codes,
            "draft": self.bet(15),
        })
    }

    /// Orders, and remembers what was promised.
    async fn orders(&self, key: Option<String>) -> Option<String> {
        let cart = self.cart();
        let (cart, offered) = if self.bet(20) && cart["draft"] == json!(false) {
            self.carried(cart).await
        } else if self.bet(25) {
            (self.quoted(cart).await, None)
        } else {
            (cart, None)
        };
        let mut wish = Ask {
            package: "create-order",
            method: "POST",
            path: "/api/orders".into(),
            parameter: None,
            headers: Vec::new(),
            body: Some(cart.to_string()),
        };
        // Without a key nobody asks twice: it would be two orders.
        let reply = match &key {
            Some(key) => {
                wish = wish.key(key);
                self.insist(&self.who(), &wish).await
            }
            None => ask(&self.world, Some(&self.who()), &wish).await,
        };
        let id = reply.given().and_then(|order| order["id"].as_str()).map(ToOwned::to_owned);
        let word = match (&id, reply.is_open()) {
            (Some(id), _) => Word::Created(id.parse().expect("an order's id")),
            (None, false) => Word::Refused,
            (None, true) => Word::Nothing,
        };
        let user = UserId::try_from(self.who().name).expect("a subject");
        self.world.told().promises.push(Promise { user, key, word, offered });
        let id = id?;
        if cart["draft"] == json!(true) {
            self.wait(if self.bet(50) { 2 * MINUTE } else { 20 * MINUTE }).await;
            self.submits(&id).await;
        }
        Some(id)
    }

    /// Submits a draft, and as a rule accepts what it costs by now.
    async fn submits(&self, id: &str) {
        let mut body = json!({});
        for attempt in 0..TRIES {
            let wish = Ask::order("submit-order", id, &body).key(&format!("submit-{id}-{attempt}"));
            let Reply::Answer(409, told) = self.insist(&self.who(), &wish).await else { return };
            if told["code"] != json!("total_changed") || !self.bet(90) {
                return;
            }
            body = json!({"expected_total": told["totals"]["total"]});
        }
    }

    /// The cart with the total that a quote says.
    async fn quoted(&self, mut cart: Value) -> Value {
        let reply = ask(&self.world, Some(&self.who()), &terms::quote(&cart)).await;
        if let Some(total) = reply.given().and_then(|quote| quote["totals"]["total"].as_str()) {
            cart["expected_total"] = json!(total);
        }
        cart
    }

    /// The cart with the price that a carrier takes for it, and what that is. Some change their mind afterwards, and are refused.
    async fn carried(&self, mut cart: Value) -> (Value, Option<i64>) {
        let reply = ask(&self.world, Some(&self.who()), &terms::quote_of_a_parcel(&cart)).await;
        cart["shipping_method"] = json!(terms::PARCEL);
        let methods = reply.given().and_then(|quote| quote["shipping_methods"].as_array().cloned());
        let offer = methods.into_iter().flatten().find(|method| method["shipping_rate"].is_string());
        let Some(offer) = offer else { return (cart, None) };
        cart["shipping_rate"] = offer["shipping_rate"].clone();
        if self.bet(25) {
            cart["items"][0]["quantity"] = json!(cart["items"][0]["quantity"].as_u64().unwrap_or_default() + 1);
        }
        let cents = offer["price"].as_str().map(|price| price.replace('.', ""));
        (cart, cents.and_then(|cents| cents.parse().ok()))
    }

    async fn goes_on_with(&self, id: String) {
        if self.bet(20) {
            self.wait(10 * MINUTE).await;
            self.cancels(&id).await;
        }
        if self.bet(12) {
            self.changes(&id).await;
        }
        if self.bet(85) {
            self.pays(&id).await;
        }
        if self.bet(20) {
            self.takes_out(&id).await;
        }
        if self.bet(20) {
            self.changes(&id).await;
        }
        if self.bet(15) {
            self.wait(15 * MINUTE).await;
            self.cancels(&id).await;
        }
        if self.bet(30) {
            self.looks(&id).await;
        }
        if self.bet(8) {
            self.orders_again(&id).await;
        }
    }

    /// Wants the same again, as a draft, and submits it.
    async fn orders_again(&self, id: &str) {
        let key = format!("{AGAIN}{id}");
        let wish = Ask::order("reorder", id, &json!({"draft": true})).key(&key);
        let reply = self.insist(&self.who(), &wish).await;
        let draft = reply.given().and_then(|again| again["order"]["id"].as_str()).map(ToOwned::to_owned);
        let word = match (&draft, reply.is_open()) {
            (Some(draft), _) => Word::Created(draft.parse().expect("an order's id")),
            (None, false) => Word::Refused,
            (None, true) => Word::Nothing,
        };
        let user = UserId::try_from(self.who().name).expect("a subject");
        self.world.told().promises.push(Promise { user, key: Some(key), word, offered: None });
        if let Some(draft) = draft {
            self.submits(&draft).await;
        }
    }

    /// Wants something else than was ordered: asks what it comes to, agrees, and pays for it, or not.
    async fn changes(&self, id: &str) {
        let order: OrderId = id.parse().expect("an order's id");
        let (number, _) = PRODUCTS[usize::try_from(self.lot(3)).unwrap_or_default()];
        let line_id = order.line(1 + u16::try_from(self.lot(3)).unwrap_or_default());
        let wanted = match self.lot(6) {
            0 | 1 => json!({"add": [{"product_id": product(number), "quantity": 1 + self.lot(2)}]}),
            2 => json!({"quantities": [{"line_id": line_id, "quantity": 1 + self.lot(3)}]}),
            3 => json!({"remove": [line_id]}),
            4 => json!({"remove": [line_id], "add": [{"product_id": product(number), "quantity": 1}]}),
            _ => json!({"shipping_address": {
                "recipient_name": "Ada Lovelace", "street_address": format!("Unter den Linden {}", 2 + self.lot(80)),
                "city": "Berlin", "postal_code": "10117", "country": "DE"
            }}),
        };
        if self.is_changed(id, &self.who(), wanted).await && self.bet(70) {
            self.pays(id).await;
        }
    }

    /// True if the change waits to be paid.
    async fn is_changed(&self, id: &str, by: &Who, mut wanted: Value) -> bool {
        let at_changes = |body: &Value| {
            let mut wish = Ask::order("change-order", id, body);
            wish.path = format!("/api/orders/{id}/changes");
            wish
        };
        wanted["dry_run"] = json!(true);
        let preview = self.insist(by, &at_changes(&wanted)).await;
        let Some(seen) = preview.given().and_then(|told| told["difference"].as_str()).map(ToOwned::to_owned) else {
            return false;
        };
        if self.bet(25) {
            self.wait(4 * MINUTE).await;
        }
        let number = self.lot(1_000_000);
        wanted["dry_run"] = json!(false);
        wanted["expected_difference"] = json!(seen);
        wanted["reason"] = json!(format!("thought again {number} {}", seen.replace('.', "")));
        let wish = at_changes(&wanted).key(&format!("change-{id}-{number}"));
        let mut reply = self.insist(by, &wish).await;
        if self.world.has(Bug::DifferenceNotAskedFor)
            && let Reply::Answer(409, told) = &reply
            && let Some(now) = told["errors"][0]["message"].as_str().and_then(|text| text.split(' ').nth(4))
        {
            wanted["expected_difference"] = json!(now);
            reply = self.insist(by, &at_changes(&wanted).key(&format!("again-{id}-{number}"))).await;
        }
        reply.given().is_some_and(|made| made["status"] == json!("offered"))
    }

    /// Takes a unit out of what is paid, or tries.
    async fn takes_out(&self, id: &str) {
        let order: OrderId = id.parse().expect("an order's id");
        let line_id = order.line(1 + u16::try_from(self.lot(2)).unwrap_or_default());
        let body = json!({"reason": "one is enough", "lines": [{"line_id": line_id, "quantity": 1 + self.lot(2)}]});
        let wish = Ask::order("cancel-order", id, &body).key(&format!("take-{id}"));
        self.insist(&self.who(), &wish).await;
    }

    async fn cancels(&self, id: &str) {
        let wish = Ask::order("cancel-order", id, &json!({"reason": "changed my mind"}));
        let wish = if self.bet(50) { wish.key(&format!("cancel-{id}")) } else { wish };
        self.insist(&self.who(), &wish).await;
    }

    /// Pays, perhaps twice, perhaps late, perhaps not at all.
    async fn pays(&self, id: &str) {
        self.wait(3 * MINUTE).await;
        let order_id: OrderId = id.parse().expect("an order's id");
        let ahead = self.world.strikes(Fault::EarlyWebhook) && pay_ahead(&self.world, order_id).await.is_some();
        if ahead {
            self.wait(90 * SECOND).await;
        }
        for attempt in 0..=self.lot(2) {
            let wish = Ask::order("pay-order", id, &json!({"provider": PROVIDER}));
            let wish = if self.bet(60) { wish.key(&format!("pay-{id}-{attempt}")) } else { wish };
            let reply = self.insist(&self.who(), &wish).await;
            let page = reply.given().and_then(|opened| opened["payment_id"].as_str()?.parse::<PaymentId>().ok());
            if let Some(page) = page.filter(|_| !ahead) {
                // The page stays open in a tab; the answer comes when it comes.
                let wait = if self.bet(80) { 3 * MINUTE } else { 45 * MINUTE };
                let by = i64::try_from(self.lot(u64::try_from(wait).unwrap_or(1))).unwrap_or_default();
                let by = self.on_time(by, wait);
                let here = self.world.clone();
                self.world.sim.spawn(async move {
                    here.sim.sleep(by).await;
                    if !here.is_calm() {
                        act_on_page(&here, page);
                    }
                });
            }
            self.wait(4 * MINUTE).await;
        }
    }

    /// Reads the notes about an order of one's own, and about somebody else's.
    async fn reads_notes(&self, id: &str, stranger: &Who) {
        let mut read = Ask::order("hold-order", id, &Value::Null);
        (read.method, read.path, read.body) = ("GET", format!("/api/orders/{id}/notes"), None);
        let own = ask(&self.world, Some(&self.who()), &read).await;
        let private = own.given().is_some_and(|notes| notes.to_string().contains(PRIVATE));
        if private {
            self.world.wrong(format!("14 a private note about order {id} is shown to the customer"));
        }
        let foreign = ask(&self.world, Some(stranger), &read).await;
        if !foreign.is_open() && !matches!(foreign, Reply::Answer(404, _)) {
            self.world.wrong(format!("a stranger reads notes about order {id}"));
        }
    }

    /// Looks at an order of one's own, and at somebody else's.
    async fn looks(&self, id: &str) {
        let mut view = Ask::order("view-order", id, &Value::Null);
        (view.method, view.body) = ("GET", None);
        let own = ask(&self.world, Some(&self.who()), &view).await;
        if !own.is_open() && own.given().is_none() {
            self.world.wrong(format!("{} cannot see their own order {id}", self.who().name));
        }
        if own.given().is_some_and(|order| order["notes"].to_string().contains(PRIVATE)) {
            self.world.wrong(format!("14 a private note about order {id} is shown to the customer"));
        }
        let stranger = Who::customer(self.number + 10);
        self.reads_notes(id, &stranger).await;
        let foreign = ask(&self.world, Some(&stranger), &view).await;
        if !foreign.is_open() && !matches!(foreign, Reply::Answer(404, _)) {
            self.world.wrong(format!("a stranger sees order {id}"));
        }
        if let Ok(number) = id.parse::<OrderId>().map(|id| id.number().to_string()) {
            view = Ask { path: format!("/api/orders/{number}"), parameter: Some(("order_id", number.clone())), ..view };
            let found = ask(&self.world, Some(&self.who()), &view).await;
            if let Reply::Answer(200, body) = &found
                && body["id"] != id
            {
                self.world.wrong(format!("number {number} of order {id} finds {}", body["id"]));
            }
            let foreign = ask(&self.world, Some(&stranger), &view).await;
            if !foreign.is_open() && !matches!(foreign, Reply::Answer(404, _)) {
                self.world.wrong(format!("a stranger finds order {id} by its number"));
            }
        }
        let cancel = Ask::order("cancel-order", id, &json!({"reason": "not mine"}));
        let foreign = ask(&self.world, Some(&stranger), &cancel).await;
        if !foreign.is_open() && !matches!(foreign, Reply::Answer(404, _)) {
            self.world.wrong(format!("a stranger cancels order {id}"));
        }
    }

    // The shop.

    async fn works(&self) {
        for number in 1.. {
            // Where a story lasts for days, most of the work is done on the first.
            let pause = if number <= 25 { 4 * MINUTE } else { 600 * MINUTE };
            self.wait(pause).await;
            if self.world.is_calm() {
                return;
            }
            if self.bet(15) {
                self.moves_stock(number).await;
                continue;
            }
            if self.bet(12) {
                self.insist(&Who::admin(), &terms::change(|bound| self.lot(bound))).await;
                continue;
            }
            let orders = self.world.store.all_orders();
            if orders.is_empty() {
                continue;
            }
            // Few orders arrive, and what arrived is what comes back.
            let arrived = |order: &&Order| matches!(order.status, Status::Delivered | Status::ReturnRequested);
            let arrived: Vec<&Order> = orders.iter().filter(arrived).collect();
            if !arrived.is_empty() && self.bet(35) {
                let order = arrived[usize::try_from(self.lot(arrived.len() as u64)).unwrap_or_default()];
                self.handles_goods_back(order, number).await;
                continue;
            }
            let order = &orders[usize::try_from(self.lot(orders.len() as u64)).unwrap_or_default()];
            self.works_on(order, &orders, number).await;
        }
    }

    /// Writes a note, sets tags on what was seen, or says who looks after the order.
    async fn notes_something(&self, order: &Order, number: usize) {
        let (id, admin) = (order.id.to_string(), Who::admin());
        let act = self.lot(4);
        let body = match act {
            0 => json!({"text": format!("{PRIVATE} {number}: ask ada.lovelace@example.com"), "visibility": "private"}),
            1 => json!({"text": format!("note {number}"), "visibility": "customer"}),
            2 => json!({"tags": [format!("{SEEN}{}", order.version)]}),
            _ => json!({"assignee": if self.bet(70) { json!(admin.name) } else { Value::Null }}),
        };
        let mut wish = Ask::order("hold-order", &id, &body);
        let (method, last) = [("POST", "notes"), ("POST", "notes"), ("PUT", "tags"), ("PUT", "assignee")]
            [usize::try_from(act).unwrap_or_default()];
        (wish.method, wish.path) = (method, format!("/api/orders/{id}/{last}"));
        if last == "tags" {
            wish.headers.push(("if-match".into(), format!("\"{}\"", order.version)));
            // Somebody thinks about it, and others go on meanwhile.
            self.wait(2 * MINUTE).await;
        }
        self.insist(&admin, &wish.key(&format!("note-{number}"))).await;
    }

    async fn works_on(&self, order: &Order, others: &[Order], number: usize) {
        let (id, admin) = (order.id.to_string(), Who::admin());
        if let Some(hold) = order.holds.iter().find(|hold| hold.reason.is_for_people())
            && self.bet(60)
        {
            let mut wish = Ask::order("hold-order", &id, &Value::Null);
            (wish.method, wish.path, wish.body) = ("DELETE", format!("/api/orders/{id}/holds/{}", hold.id), None);
            self.insist(&admin, &wish).await;
            return;
        }
        if self.handles_a_label(order, number).await || self.handles_goods_back(order, number).await {
            return;
        }
        if self.bet(12) {
            self.notes_something(order, number).await;
            return;
        }
        // While it is not paid, somebody may pay ahead of what is asked for, which no other total fits.
        if matches!(order.status, Status::Confirmed | Status::Processing) && self.bet(7) {
            let extra = if self.bet(50) { "2.50" } else { "-1.20" };
            let wanted = match self.lot(3) {
                0 => json!({"custom_lines": [{"text": "gift wrap", "amount": extra}]}),
                1 => json!({"custom_lines": [{"text": "gift wrap", "amount": "3.00"}], "waive_difference": true}),
                _ => json!({"quantities": [{"line_id": order.id.line(1), "quantity": 1}]}),
            };
            self.is_changed(&id, &admin, wanted).await;
            return;
        }
        if order.status.holds_stock() && self.bet(8) {
            let body = json!({"reason": "address", "note": "which door?"});
            let mut wish = Ask::order("hold-order", &id, &body).key(&format!("hold-{number}"));
            wish.path = format!("/api/orders/{id}/holds");
            self.insist(&admin, &wish).await;
            return;
        }
        if let Some(wish) = self.adds_to_a_box(order, others)
            && self.bet(30)
        {
            self.insist(&admin, &wish.key(&format!("box-{number}"))).await;
            return;
        }
        if let Some(away) = order.shipments.iter().find(|own| own.status == ShipmentStatus::Shipped)
            && self.bet(50)
        {
            return crate::carrier::carries(&self.world, &away.parcels);
        }
        if matches!(order.status, Status::Confirmed | Status::Processing | Status::Shipped)
            && self.bet(45)
            && let Some(wish) = self.handles(order, number)
        {
            let by = if self.bet(40) { Who::seller(self.bet(80)) } else { admin };
            let reply = self.insist(&by, &wish).await;
            if by == Who::seller(false) && !reply.is_open() && !matches!(reply, Reply::Answer(404, _)) {
                self.world.wrong(format!("another seller reaches a shipment of order {id}: {reply:?}"));
            }
            return;
        }
        let step = |status: &str| {
            let mut body = json!({"status": status});
            if status == "shipped" {
                let parcel = crate::carrier::number(order.id, &format!("W{number}"), 1);
                body["tracking"] = json!({"carrier": "dhl", "tracking_number": parcel});
            }
            let mut wish = Ask::order("update-status", &id, &body);
            (wish.method, wish.path) = ("PATCH", format!("/api/orders/{id}/status"));
            wish
        };
        if order.review.is_some() && self.bet(70) {
            let decision = if self.bet(80) { "approve" } else { "reject" };
            self.insist(&admin, &Ask::order("review-order", &id, &json!({"decision": decision}))).await;
            return;
        }
        let wish = match order.status {
            Status::Draft | Status::Refunded | Status::Returned | Status::ReturnRequested => return,
            Status::Confirmed => step("processing"),
            Status::Processing => step("shipped"),
            Status::Shipped => step(if self.bet(85) { "delivered" } else { "processing" }),
            // Nobody may do this, and somebody tries.
            Status::Pending if self.bet(20) => step("processing"),
            Status::Pending | Status::Cancelled if self.bet(80) => return,
            Status::Pending | Status::Cancelled => step("cancelled"),
            Status::Delivered if order.ledger.refunds.len() >= 2 => return,
            Status::Delivered => {
                let body = json!({"goodwill": "1.50", "reason": format!("came late, case {number}")});
                Ask::order("refund-order", &id, &body).key(&format!("refund-{number}"))
            }
        };
        let wish = if self.bet(10) && order.status != Status::Delivered { step("cancelled") } else { wish };
        let wish =
            if self.bet(50) && wish.package == "update-status" { wish.key(&format!("step-{number}")) } else { wish };
        // Sellers take their own orders along; others do not know that they exist.
        let by = if wish.package == "update-status" && self.bet(40) { Who::seller(self.bet(80)) } else { admin };
        let reply = self.insist(&by, &wish).await;
        if by == Who::seller(false) && !reply.is_open() && !matches!(reply, Reply::Answer(404, _)) {
            self.world.wrong(format!("another seller reaches order {id}: {reply:?}"));
        }
    }

    /// Asks to send goods back, decides about it, or unpacks what came.
    async fn handles_goods_back(&self, order: &Order, number: usize) -> bool {
        let with_customer = matches!(order.status, Status::Delivered | Status::ReturnRequested | Status::Refunded);
        if !with_customer || !self.bet(80) {
            return false;
        }
        let wish = crate::goods_back::wish(order, number, CUSTOMERS, |bound| self.lot(bound));
        let Some((who, wish)) = wish else { return false };
        let reply = self.insist(&who, &wish).await;
        if who == Who::seller(false) && !reply.is_open() && !matches!(reply, Reply::Answer(404, _)) {
            self.world.wrong(format!("another seller reaches a return of order {}: {reply:?}", order.id));
        }
        true
    }

    /// Buys the label of a shipment that has yet to leave, gives it back, or looks at the carrier for one that nobody knows of.
    async fn handles_a_label(&self, order: &Order, number: usize) -> bool {
        let id = order.id.to_string();
        let wish = |method: &'static str, shipment: u16, body: Option<Value>| Ask {
            package: "handle-labels",
            method,
            path: format!("/api/shipments/{id}-S{shipment}/label"),
            parameter: Some(("shipment_id", format!("{id}-S{shipment}"))),
            headers: Vec::new(),
            body: body.map(|body| body.to_string()),
        };
        let unknown = |own: &&Shipment| own.labels.last().is_some_and(|label| label.status == LabelStatus::Unknown);
        if let Some(shipment) = order.shipments.iter().find(unknown)
            && self.bet(70)
        {
            // They look into the carrier's portal, and void what they find there.
            if let Some(label) = shipment.labels.last() {
                books(&self.world).void_by_hand(label.id);
            }
            self.insist(&Who::admin(), &wish("DELETE", shipment.number, None)).await;
            return true;
        }
        let open: Vec<&Shipment> = order.shipments.iter().filter(|own| own.status.is_open()).collect();
        let Some(shipment) = open.get(usize::try_from(self.lot(open.len() as u64)).unwrap_or_default()) else {
            return false;
        };
        if order.status != Status::Processing || !self.bet(45) {
            return false;
        }
        let by = if self.bet(30) { Who::seller(self.bet(80)) } else { Who::admin() };
        let wish = if shipment.bought_label().is_some() && self.bet(30) {
            wish("DELETE", shipment.number, None)
        } else {
            let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 90});
            let parcels = vec![parcel; 1 + usize::from(self.bet(20))];
            let body = json!({"carrier": "dhl", "service": "standard", "parcels": parcels});
            wish("POST", shipment.number, Some(body)).key(&format!("label-{number}"))
        };
        let reply = self.insist(&by, &wish).await;
        if by == Who::seller(false) && !reply.is_open() && !matches!(reply, Reply::Answer(404, _)) {
            self.world.wrong(format!("another seller reaches a label of order {id}: {reply:?}"));
        }
        true
    }

    /// A shipment goes into the box of another one, of this order or another, that has left the house and that the carrier has not seen yet.
    fn adds_to_a_box(&self, order: &Order, others: &[Order]) -> Option<Ask> {
        let unseen = |own: &&Shipment| {
            let number = own.parcels.first().map(|parcel| &parcel.tracking_number);
            own.status == ShipmentStatus::Shipped
                && number.is_some_and(|number| !self.world.bank().scans.contains_key(number))
        };
        let away = others.iter().flat_map(|other| &other.shipments).find(unseen)?;
        let open = order.shipments.iter().find(|own| own.status.is_open() && own.labels.is_empty())?;
        let name = format!("{}-S{}", order.id, open.number);
        let number = &away.parcels.first()?.tracking_number;
        let body = json!({"status": "shipped", "tracking": [{"carrier": "dhl", "tracking_number": number}]});
        Some(Ask {
            package: "handle-shipments",
            method: "PATCH",
            path: format!("/api/shipments/{name}"),
            parameter: Some(("shipment_id", name)),
            headers: Vec::new(),
            body: Some(body.to_string()),
        })
    }

    /// Something that may be done with one of an order's shipments, or a new one.
    fn handles(&self, order: &Order, number: usize) -> Option<Ask> {
        let id = order.id.to_string();
        let unplanned: Vec<_> = order.lines.iter().filter(|line| order.unplanned(line) > 0).collect();
        if !unplanned.is_empty() && order.status != Status::Shipped && self.bet(70) {
            let line = unplanned[usize::try_from(self.lot(unplanned.len() as u64)).unwrap_or_default()];
            let units = 1 + self.lot(u64::from(order.unplanned(line)));
            let lines = json!([{"line_id": order.id.line(line.line).to_string(), "quantity": units}]);
            let mut wish = Ask::order("handle-shipments", &id, &json!({"lines": lines}));
            wish.path = format!("/api/orders/{id}/shipments");
            return Some(if self.bet(80) { wish.key(&format!("plan-{number}")) } else { wish });
        }
        let count = order.shipments.len() as u64;
        let shipment = order.shipments.get(usize::try_from(self.lot(count)).unwrap_or_default())?;
        let name = format!("{id}-S{}", shipment.number);
        let step = |status: &str| {
            let mut body = json!({"status": status});
            if status == "shipped" && (shipment.bought_label().is_none() || self.bet(10)) {
                let parcels = 1..=1 + usize::from(number.is_multiple_of(2));
                let parcels =
                    parcels.map(|parcel| crate::carrier::number(order.id, &format!("S{}", shipment.number), parcel));
                let parcels = parcels.map(|parcel| json!({"carrier": "dhl", "tracking_number": parcel}));
                body["tracking"] = parcels.collect();
            }
            Ask {
                package: "handle-shipments",
                method: "PATCH",
                path: format!("/api/shipments/{name}"),
                parameter: Some(("shipment_id", name.clone())),
                headers: Vec::new(),
                body: Some(body.to_string()),
            }
        };
        let lot = self.lot(100);
        let wish = match shipment.status {
            ShipmentStatus::Planned => {
                step(["packed", "shipped", "shipped", "cancelled"][usize::try_from(lot / 25).ok()?])
            }
            ShipmentStatus::Packed => step(if lot < 80 { "shipped" } else { "cancelled" }),
            ShipmentStatus::Shipped | ShipmentStatus::Failed => {
                step(["delivered", "delivered", "failed", "returned", "lost"][usize::try_from(lot / 20).ok()?])
            }
            ShipmentStatus::Lost if lot < 75 => {
                Ask { method: "POST", path: format!("/api/shipments/{name}/replacement"), body: None, ..step("lost") }
            }
            ShipmentStatus::Lost => step("delivered"),
            ShipmentStatus::Delivered | ShipmentStatus::Returned | ShipmentStatus::Cancelled => return None,
        };
        Some(if self.bet(50) { wish.key(&format!("move-{number}")) } else { wish })
    }

    async fn moves_stock(&self, number: usize) {
        let (product_number, _) = PRODUCTS[usize::try_from(self.lot(3)).unwrap_or_default()];
        let id = product(product_number);
        let movement = ["receive", "receive", "hold", "damage"][usize::try_from(self.lot(4)).unwrap_or_default()];
        let body = json!({"movement": movement, "quantity": 1 + self.lot(2), "reason": format!("count {number}")});
        let wish = Ask {
            package: "move-stock",
            method: "POST",
            path: format!("/api/products/{id}/stock"),
            parameter: Some(("product_id", id.to_string())),
            headers: Vec::new(),
            body: Some(body.to_string()),
        };
        self.insist(&Who::admin(), &wish.key(&format!("move-{number}"))).await;
    }

    // Those who bring what nobody ordered.

    /// Asks again and again for more than anybody is sold, and must be told to stop.
    async fn hammers(&self) {
        let (begun, who) = (self.world.sim.now(), Who::customer(self.number));
        let mut cart = self.cart();
        cart["items"] = json!([{"product_id": product(PRODUCTS[0].0), "quantity": 21}]);
        let wish = Ask {
            package: "create-order",
            method: "POST",
            path: "/api/orders".into(),
            parameter: None,
            headers: Vec::new(),
            body: Some(cart.to_string()),
        };
        let mut refused = 0;
        while self.world.sim.now() - begun < MINUTE / 2 && refused < HAMMERED {
            match ask(&self.world, Some(&who), &wish).await {
                Reply::Answer(429, _) => return,
                Reply::Answer(400..=499, _) => refused += 1,
                Reply::Answer(..) | Reply::Silence => {}
            }
        }
        if refused == HAMMERED {
            self.world.wrong(format!("16 limits: {refused} refused attempts within half a minute are not counted"));
        }
    }

    async fn meddles(&self) {
        let world = &self.world;
        debug_assert_eq!(self.number, GREMLIN);
        // Where clocks differ by minutes nobody can say what happened within one.
        if self.bet(30) && !world.weather.knows(Fault::Skew) {
            self.hammers().await;
        }
        let calm = world.weather.calm_at();
        if world.weather.knows(Fault::Downtime) {
            let packages = [
                "relay",
                "notify",
                "refund",
                "open-page",
                "screen-order",
                "fulfil-order",
                "sweep",
                "payment-callback",
                "pay-order",
                "carrier-callback",
            ];
            let package = packages[usize::try_from(self.lot(packages.len() as u64)).unwrap_or_default()];
            let at = |share: u64| i64::try_from(u64::try_from(calm).unwrap_or(1) * share / 100).unwrap_or_default();
            let from = self.lot(60);
            // The stream keeps its records for a day.
            let until =
                at(from + 10 + self.lot(30)).min(at(from) + if package == "relay" { 20 * 60 * MINUTE } else { calm });
            switch_off(world, package, at(from), until);
        }
        let window = || {
            let from = i64::try_from(self.lot(30)).unwrap_or_default() * MINUTE;
            (from, (from + i64::try_from(self.lot(25)).unwrap_or_default() * MINUTE).min(calm))
        };
        if world.weather.knows(Fault::Provider) && self.bet(50) {
            world.bank().away = Some(window());
        }
        if world.weather.knows(Fault::Publish) && self.bet(25) {
            world.bank().topic_away = Some(window());
        }
        // Each piece takes its time to be set aside, one after another where they share a group.
        // Where that takes hours, the story would be over.
        let in_time =
            |place: &usize| i64::from(QUEUES[*place].tries) * QUEUES[*place].visibility_seconds * SECOND < calm;
        let mut clean: Vec<usize> = (0..QUEUES.len()).filter(in_time).collect();
        while world.sim.now() < calm - 5 * MINUTE {
            self.wait(10 * MINUTE).await;
            if !clean.is_empty() && world.strikes(Fault::Poison) {
                let place = clean.swap_remove(usize::try_from(self.lot(clean.len() as u64)).unwrap_or_default());
                let orders = world.store.all_orders();
                let group = orders
                    .first()
                    .filter(|_| self.bet(50))
                    .map_or_else(|| "poison".to_owned(), |order| order.id.to_string());
                queue::poison(world, place, &group);
            }
            if world.sim.now() > 120 * MINUTE {
                return;
            }
        }
    }
}
