//! Many people do anything at any time, with outages in between; the invariants hold whatever comes of it.
//!
//! What is done is drawn from a seed; how it interleaves is not. A failure names its seed.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;

use crate::app::{TestApp, start_app};
use crate::shop::{LAST_BOWL, MUG, PRINT, TEA, cart, id, with};

const PEOPLE: u64 = 6;
const DEEDS: usize = 40;

/// A small generator of numbers (splitmix64), so that a seed draws the same deeds again.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    pub(crate) fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(things.len()).unwrap();
        if count == 0 { None } else { things.get(usize::try_from(self.roll(count)).unwrap()) }
    }
}

/// One customer and the shop's side of the customer's orders.
async fn live(app: &TestApp, name: &str, mut dice: Dice) {
    let (customer, admin) = (app.customer(name), app.admin());
    let outage = app.oms.parts.sandbox.outage();
    let (mut orders, mut pages): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
    for deed in 0..DEEDS {
        // The last one as often as all others together.
        let order = if dice.roll(2) == 0 { orders.last().cloned() } else { dice.pick(&orders).cloned() };
        let answer = match (dice.roll(18), order) {
            (0 | 1, _) | (_, None) => {
                let products = [MUG, PRINT, TEA, LAST_BOWL];
                let (one, two) = (dice.pick(&products).unwrap(), dice.pick(&products).unwrap());
                let quantity = u32::try_from(dice.roll(5)).unwrap() + 1;
                let body = with(cart(&[(one, quantity), (two, 1)]), "/draft", (dice.roll(5) == 0).into());
                let key = format!("{name}-{deed}");
                let made = join_all([customer.create(&body, &key), customer.create(&body, &key)]).await;
                orders.extend(made.iter().find(|answer| answer.status == 201).map(|answer| answer.body.clone()));
                made.into_iter().next()
            }
            (2, Some(order)) => Some(customer.submit(&order).await),
            (3..=5, Some(order)) => {
                let opened = customer.paying(&order).key(&format!("{name}-{deed}")).send().await;
                pages.extend(opened.body["payment_id"].as_str().map(ToOwned::to_owned));
                Some(opened)
            }
            (6..=9, Some(_)) => {
                let page = if dice.roll(2) == 0 { pages.last().cloned() } else { dice.pick(&pages).cloned() };
                let outcome = if dice.roll(4) == 0 { "failed" } else { "succeeded" };
                match page {
                    Some(page) => Some(app.settling(&page, outcome).send().await),
                    None => None,
                }
            }
            (10, Some(order)) => Some(customer.cancel(&order).await),
            (11..=15, Some(order)) => {
                let statuses = ["processing", "shipped", "delivered", "processing", "shipped", "cancelled"];
                Some(admin.moving(&order, dice.pick(&statuses).unwrap()).send().await)
            }
            (16, Some(_)) => {
                app.move_clock(Duration::from_mins(dice.roll(6))).await;
                None
            }
            (_, Some(_)) => {
                if dice.roll(2) == 0 {
                    outage.fail_next(1);
                } else {
                    outage.lose_next(1);
                }
                None
            }
        };
        if let Some(answer) = answer {
            let refused_by_outage = answer.status == 503 && answer.body["code"] == "unavailable";
            if answer.status >= 300 && !refused_by_outage {
                answer.any_problem();
            }
        }
    }
    for order in &orders {
        assert_eq!(id(&customer.view(order).await), id(order), "an acknowledged order exists");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_people_do_the_invariants_hold() {
    for seed in 0..2 {
        println!("seed {seed}");
        let app = start_app().await;
        let names: Vec<String> = (0..PEOPLE).map(|number| format!("customer-{number}")).collect();
        let lives = names.iter().zip(0..).map(|(name, number)| live(&app, name, Dice(seed * 1_000 + number)));
        join_all(lives).await;
        // Lost webhooks come again, refunds are tried again, and who has not paid by now will not.
        for _ in 0..3 {
            app.advance(Duration::from_mins(6)).await;
        }
        app.advance(Duration::from_hours(2)).await;
        app.finish().await;
    }
}
