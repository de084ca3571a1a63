//! What customers and the shop do over a bad network, and what they were told.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Status;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{Call, TestApp, User};
use crate::chaos::Dice;
use crate::shop::{LAST_BOWL, MUG, PRINT, TEA, cart, id, text, with};

/// How often a client asks the same, before it is a failure of the run.
const TRIES: u32 = 200;

/// A client's pause between two tries; longer every time, up to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What a client was told of a key for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Exists(OrderId),
    Refused(String),
}

/// Whether the answer says that the same may succeed later.
fn comes_again(answer: &Answer) -> bool {
    let code = answer.body["code"].as_str().unwrap_or_default();
    match answer.status {
        503 => code == "unavailable",
        409 => code == "version_conflict" || code == "ORD-2002",
        _ => false,
    }
}

/// What everybody knows.
#[derive(Default)]
pub(super) struct Shop {
    told: Mutex<BTreeMap<String, Told>>,
    paid: Mutex<BTreeMap<u64, OrderId>>,
    moved: Mutex<Vec<(OrderId, Status)>>,
    refusals: Mutex<BTreeMap<String, u64>>,
    requests: AtomicU64,
    repeats: AtomicU64,
}

impl Shop {
    pub(super) fn told(&self) -> BTreeMap<String, Told> {
        self.told.lock().unwrap().clone()
    }

    /// Paid orders by their number.
    pub(super) fn paid(&self) -> BTreeMap<u64, OrderId> {
        self.paid.lock().unwrap().clone()
    }

    /// What admins were told is done.
    pub(super) fn moved(&self) -> Vec<(OrderId, Status)> {
        self.moved.lock().unwrap().clone()
    }

    pub(super) fn figures(&self) -> String {
        let told = self.told();
        let exist = told.values().filter(|told| matches!(told, Told::Exists(_))).count();
        let (requests, repeats) = (self.requests.load(Ordering::SeqCst), self.repeats.load(Ordering::SeqCst));
        let refusals = self.refusals.lock().unwrap().clone();
        format!(
            "{} keys, {exist} orders, {requests} requests, {repeats} of them repeats; refused for good: {refusals:?}",
            told.len()
        )
    }

    /// Asks until the answer is one for good: what cannot be served now is asked again.
    async fn ask(&self, call: impl Fn() -> Call) -> Answer {
        let mut pause = FIRST_PAUSE;
        for _ in 0..TRIES {
            self.requests.fetch_add(1, Ordering::SeqCst);
            match call().try_send().await {
                Ok(answer) if (200..300).contains(&answer.status) => return answer,
                Ok(answer) if !comes_again(&answer) => {
                    let code = answer.any_problem()["code"].as_str().unwrap_or_default().to_owned();
                    assert!(answer.status < 500, "{}: {}", answer.what, answer.text);
                    *self.refusals.lock().unwrap().entry(format!("{} {code}", answer.status)).or_default() += 1;
                    return answer;
                }
                Ok(_) => {}
                // On a busy machine an answer can take longer than a client waits.
                Err(error) => assert!(error.is_timeout(), "{error}"),
            }
            self.repeats.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        panic!("no answer for good to {}", call().send().await.what);
    }

    /// One order from the cart to where its customer leaves it.
    pub(super) async fn live(&self, app: &TestApp, seed: u64, number: u64) {
        let mut dice = Dice(seed.wrapping_mul(1_000_003).wrapping_add(number));
        // A customer of three orders; who orders more is looked at by the fraud check.
        let customer = app.customer(&format!("customer-{}", number / 3));
        let key = format!("order-{number}");
        if number.is_multiple_of(500) {
            println!("{}: order {number} begins", app.oms.cloud.context().clock.now());
        }
        let intent = dice.roll(20);
        let Some(order) = self.order(&customer, &mut dice, &key, intent == 19).await else { return };
        if intent == 19 {
            self.ask(|| customer.submitting(&order).key(&format!("{key}-submit"))).await;
        }
        match intent {
            // Left alone: its deadline cancels it.
            0 => {}
            1 | 2 => self.cancel(&customer, &order, &key).await,
            3 => self.pay(app, &customer, &order, &key, "failed").await,
            4 => {
                self.pay(app, &customer, &order, &key, "failed").await;
                self.pay(app, &customer, &order, &format!("{key}-again"), "succeeded").await;
            }
            // Paid twice: one of the two is given back.
            5 => {
                let again = format!("{key}-again");
                let both = [&key, &again].map(|key| self.pay(app, &customer, &order, key, "succeeded"));
                join_all(both).await;
            }
            // Cancelled while the payment is on its way.
            6 => {
                let pay = self.pay(app, &customer, &order, &key, "succeeded");
                futures::future::join(pay, self.cancel(&customer, &order, &key)).await;
            }
            _ => {
                self.pay(app, &customer, &order, &key, "succeeded").await;
                self.paid.lock().unwrap().insert(number, id(&order).parse().unwrap());
            }
        }
    }

    async fn order(&self, customer: &User, dice: &mut Dice, key: &str, draft: bool) -> Option<Value> {
        let products = [MUG, PRINT, TEA];
        let (one, two) = (dice.pick(&products).unwrap(), dice.pick(&products).unwrap());
        let second = if dice.roll(50) == 0 { LAST_BOWL } else { two };
        let quantity = u32::try_from(dice.roll(2)).unwrap() + 1;
        let body = with(cart(&[(one, quantity), (second, 1)]), "/draft", draft.into());
        // One in ten presses the button twice.
        let presses = if dice.roll(10) == 0 { 2 } else { 1 };
        let asked = (0..presses).map(|_| self.ask(|| customer.creating(&body).key(key)));
        let mut answers = join_all(asked).await;
        let told = |answer: &Answer| match answer.status {
            201 => Told::Exists(id(&answer.body).parse().unwrap()),
            _ => Told::Refused(answer.body["code"].to_string()),
        };
        let all: Vec<Told> = answers.iter().map(told).collect();
        assert!(all.iter().all(|told| *told == all[0]), "one key, one answer: {all:?}");
        self.told.lock().unwrap().insert(key.to_owned(), all[0].clone());
        let answer = answers.remove(0);
        (answer.status == 201).then_some(answer.body)
    }

    async fn pay(&self, app: &TestApp, customer: &User, order: &Value, key: &str, outcome: &str) {
        let opened = self.ask(|| customer.paying(order).key(&format!("{key}-pay"))).await;
        if opened.status == 201 {
            // The provider is not behind the bad network; its webhooks are.
            self.ask(|| app.settling(text(&opened.body, "payment_id"), outcome)).await;
        }
    }

    async fn cancel(&self, customer: &User, order: &Value, key: &str) {
        self.ask(|| customer.cancelling(order).key(&format!("{key}-cancel"))).await;
    }

    /// The shop's side of a paid order: some way to the door, or not at all.
    pub(super) async fn fulfil(&self, app: &TestApp, seed: u64, number: u64, id: OrderId) {
        let mut dice = Dice(seed.wrapping_mul(1_000_033).wrapping_add(number));
        let admin = app.admin();
        let order = json!({"id": id.to_string()});
        let steps =
            [("processing", Status::Processing), ("shipped", Status::Shipped), ("delivered", Status::Delivered)];
        let many = usize::try_from(dice.roll(4)).unwrap();
        if many == 0 && dice.roll(3) == 0 {
            let answer = self.ask(|| admin.moving(&order, "cancelled").key("shop-cancel")).await;
            self.note(answer.status, id, Status::Cancelled);
        }
        for (name, status) in steps.into_iter().take(many) {
            let answer = self.ask(|| admin.moving(&order, name).key(&format!("shop-{name}"))).await;
            self.note(answer.status, id, status);
            if answer.status != 200 {
                return;
            }
        }
    }

    fn note(&self, answered: u16, id: OrderId, status: Status) {
        if answered == 200 {
            self.moved.lock().unwrap().push((id, status));
        }
    }
}
