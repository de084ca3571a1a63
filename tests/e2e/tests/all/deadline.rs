//! Thirty minutes to pay, and what becomes of money that comes later.

use std::time::Duration;

use futures::future::{join, join_all};
use serde_json::json;

use crate::app::start_app;
use crate::shop::{MUG, PRINT, id, text};
use crate::stage::Stage;

const HOLD: Duration = Duration::from_mins(30);
/// After this the hold ends within a minute.
const LAST_MINUTE: Duration = Duration::from_mins(29);
const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn an_order_unpaid_for_thirty_minutes_is_cancelled_and_its_stock_is_back() {
    let app = start_app().await;
    unpaid_for_thirty_minutes(&app).await;
    app.finish().await;
}

pub(crate) async fn unpaid_for_thirty_minutes(app: &impl Stage) {
    let (ada, print) = (app.sign_in("ada", "customer").await, app.product(PRINT));
    let before = app.units(&print).await;
    let order = ada.place(&[(&print, 50)]).await;
    app.pass(LAST_MINUTE).await;
    assert_eq!(ada.view(&order).await["status"], "pending");
    assert_eq!(app.units(&print).await, before.and(-50, 50, 0));
    app.pass(MINUTE * 2).await;
    let cancelled = ada.view(&order).await;
    assert_eq!(text(&cancelled, "status"), "cancelled");
    let last = cancelled["status_history"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["note"], &last["actor"]["role"]), (&json!("payment_timeout"), &json!("system")));
    assert_eq!(cancelled["reservation_expires_at"], json!(null));
    assert_eq!(cancelled["allowed_actions"], json!([]));
    assert_eq!(app.units(&print).await, before);
    assert_eq!(app.told(&order, "email").await, ["submitted", "cancelled"]);
    assert!(app.told(&order, "sms").await.is_empty(), "nobody has paid");
    ada.paying_with(&order, app.provider()).send().await.problem(409, "invalid_transition");
    let bob = app.sign_in("bob", "customer").await;
    let next = bob.place(&[(&print, 50)]).await;
    bob.cancel(&next).await.expect(200);
}

#[tokio::test]
async fn money_that_comes_after_the_deadline_goes_back() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    let payment = ada.open_page(&order).await;
    // The provider cannot be reached when the page is to be closed.
    app.oms.parts.sandbox.outage().fail_next(1);
    app.advance(HOLD + MINUTE).await;
    app.settle_page(&payment, "succeeded").await;
    app.settled().await;
    let view = ada.view(&order).await;
    assert_eq!(text(&view, "status"), "cancelled");
    assert_eq!(
        view["payment"],
        json!({"status": "refunded", "provider": "sandbox", "paid": "53.19", "refunded": "53.19"})
    );
    assert_eq!(app.oms.parts.sandbox.books().balance(id(&order)).unwrap(), (5319, 5319));
    let messages = app.messages(&order).await;
    for told in ["email order.cancelled", "email order.refund_initiated", "email order.refund_completed"] {
        assert!(messages.contains(&told.to_owned()), "{told} in {messages:?}");
    }
    assert!(!messages.contains(&"email order.payment_confirmed".to_owned()), "{messages:?}");
    assert_eq!(app.stock(MUG).await.available, 100);
    app.finish().await;
}

#[tokio::test]
async fn nothing_can_be_paid_on_a_page_whose_order_is_over() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    let payment = ada.open_page(&order).await;
    app.advance(HOLD + MINUTE).await;
    let late = app.settling(&payment, "succeeded").send().await.expect(200);
    assert_eq!(late["status"], "closed");
    app.settled().await;
    let view = ada.view(&order).await;
    // Nobody waits for its payment any more.
    assert_eq!((&view["status"], &view["payment"]["status"]), (&json!("cancelled"), &json!("none")));
    assert_eq!(app.oms.parts.sandbox.books().balance(id(&order)).unwrap(), (0, 0));
    assert!(!app.messages(&order).await.contains(&"email order.payment_failed".to_owned()));
    app.finish().await;
}

#[tokio::test]
async fn money_paid_in_time_of_which_nobody_tells_us_is_found() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    let payment = ada.open_page(&order).await;
    app.advance(LAST_MINUTE).await;
    // At once, and again when the clock has jumped past the deadline.
    app.oms.parts.sandbox.outage().lose_next(2);
    app.settle_page(&payment, "succeeded").await;
    app.advance(MINUTE * 2).await;
    let view = ada.view(&order).await;
    assert_eq!((&view["status"], &view["payment"]["status"]), (&json!("confirmed"), &json!("confirmed")));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_meets_the_deadline_is_kept_or_given_back_and_never_lost() {
    let app = start_app().await;
    let mut pages = Vec::new();
    let mut orders = Vec::new();
    for number in 0..12 {
        let customer = app.customer(&format!("customer-{number}"));
        let order = customer.place(&[(MUG, 1)]).await;
        pages.push(customer.open_page(&order).await);
        orders.push(order);
    }
    let payments = join_all(pages.iter().map(|page| app.settle_page(page, "succeeded")));
    join(app.advance(HOLD + MINUTE), payments).await;
    app.settled().await;
    for order in &orders {
        let view = app.admin().view(order).await;
        let outcome = (text(&view, "status"), text(&view["payment"], "status"));
        // Or the page was closed before the customer had paid.
        let fair = [("confirmed", "confirmed"), ("cancelled", "refunded"), ("cancelled", "requested")];
        assert!(fair.contains(&outcome), "{outcome:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn many_orders_expire_in_one_run() {
    let app = start_app().await;
    for number in 0..30 {
        app.customer(&format!("customer-{number}")).place(&[(MUG, 1)]).await;
    }
    app.advance(HOLD + MINUTE).await;
    assert_eq!(app.stock(MUG).await.available, 100);
    app.finish().await;
}
