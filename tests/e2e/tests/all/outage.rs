//! A payment provider that cannot be reached.

use std::time::Duration;

use serde_json::json;

use crate::app::{Call, start_app};
use crate::shop::{MUG, text};
use crate::stage::Stage;

const REFUND_QUEUE: &str = "local-refund.fifo";
const PAYMENT_QUEUE: &str = "local-payment.fifo";
const PAYMENT_DEAD_LETTERS: &str = "local-payment-dead-letters.fifo";
/// How long the payment queue holds its messages back, and a bit.
const DELAY: Duration = Duration::from_secs(31);
/// The first, three retries (L6), and one to spare.
const DELIVERIES: u32 = 5;
const RETRY: Duration = Duration::from_mins(5);
/// A minute is left to the machine for whatever it does in between.
const NEARLY: Duration = Duration::from_mins(4);

#[tokio::test]
async fn a_page_that_cannot_be_opened_is_opened_later_for_the_same_attempt() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    for key in [None, Some("pay")] {
        app.oms.parts.sandbox.outage().fail_next(2);
        let pay = || key.into_iter().fold(ada.paying(&order), Call::key).send();
        for _ in 0..2 {
            let refused = pay().await;
            assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("unavailable")), "{}", refused.text);
            assert_eq!(refused.header("content-type"), Some("application/problem+json"));
            assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
            assert!(!refused.text.contains("outage"), "{}", refused.text);
        }
        assert_eq!(pay().await.expect(201)["payment_id"], pay().await.expect(201)["payment_id"]);
    }
    // Created and submitted, and one attempt for each of the two ways to ask.
    assert_eq!(ada.view(&order).await["version"], 4);
    app.finish().await;
}

#[tokio::test]
async fn a_refund_is_tried_again_every_five_minutes() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    ada.pay(&order).await;
    app.oms.parts.sandbox.outage().fail_next(3);
    ada.cancel(&order).await.expect(200);
    for _ in 0..3 {
        app.settled().await;
        assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refund_pending");
        assert_eq!(app.depths().await[REFUND_QUEUE], 1);
        app.advance(NEARLY).await;
        assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refund_pending", "it is not time yet");
        app.advance(Duration::from_secs(65)).await;
    }
    assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refunded");
    app.finish().await;
}

#[tokio::test]
async fn a_refund_that_fails_every_time_waits_for_somebody_and_is_then_completed() {
    let app = start_app().await;
    refunded_after_a_redrive(&app).await;
    app.finish().await;
}

pub(crate) async fn refunded_after_a_redrive(app: &impl Stage) {
    let (ada, mug) = (app.sign_in("ada", "customer").await, app.product(MUG));
    let order = ada.place(&[(&mug, 2)]).await;
    app.paid(&ada, &order).await;
    app.provider_away(true).await;
    ada.cancel(&order).await.expect(200);
    for _ in 0..DELIVERIES {
        app.rest().await;
        assert_eq!((app.depth("refund").await, app.depth("refund-dead-letters").await), (1, 0));
        app.pass(RETRY + Duration::from_secs(5)).await;
    }
    assert_eq!((app.depth("refund").await, app.depth("refund-dead-letters").await), (0, 1));
    assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refund_pending");
    // Other messages of the order do not wait for it.
    assert_eq!(app.told(&order, "email").await.last().unwrap(), "refund_initiated");

    app.provider_away(false).await;
    // By then it is asked again, also by those who have given it up for a while.
    app.pass(Duration::from_mins(3)).await;
    assert_eq!(app.redrive("refund-dead-letters").await, 1);
    assert_eq!(text(&ada.view(&order).await["payment"], "status"), "refunded");
    assert_eq!(app.told(&order, "sms").await.last().unwrap(), "refund_completed");
}

#[tokio::test]
async fn a_page_that_could_not_be_opened_is_opened_by_the_queue_and_the_customer_is_told() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    app.oms.parts.sandbox.outage().fail_next(2);
    let refused = ada.paying(&order).send().await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("unavailable")), "{}", refused.text);
    assert!(refused.text.contains("we will keep trying"), "{}", refused.text);
    app.advance(DELAY).await;
    assert_eq!(app.depths().await[PAYMENT_QUEUE], 1);
    assert!(!app.messages(&order).await.contains(&"email order.payment_page_opened".to_owned()));
    app.advance(RETRY + Duration::from_secs(5)).await;
    let messages = app.messages(&order).await;
    assert_eq!(messages.iter().filter(|told| *told == "email order.payment_page_opened").count(), 1);
    let opened = ada.paying(&order).send().await.expect(201);
    app.settle_page(text(&opened, "payment_id"), "succeeded").await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn a_provider_that_stays_away_ends_the_attempt_and_leaves_the_message_to_somebody() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    app.oms.parts.sandbox.outage().fail_next(100);
    assert_eq!(ada.paying(&order).send().await.status, 503);
    app.advance(DELAY).await;
    for _ in 0..DELIVERIES {
        app.advance(RETRY + Duration::from_secs(5)).await;
    }
    let depths = app.depths().await;
    assert_eq!((depths[PAYMENT_QUEUE], depths[PAYMENT_DEAD_LETTERS]), (0, 1));
    let view = ada.view(&order).await;
    assert_eq!((text(&view, "status"), text(&view["payment"], "status")), ("pending", "failed"));
    assert!(app.messages(&order).await.contains(&"email order.payment_failed".to_owned()));
    // It is back, and the customer tries again; what waits for somebody has nothing left to do.
    app.oms.parts.sandbox.outage().fail_next(0);
    app.advance(Duration::from_mins(3)).await;
    ada.pay(&order).await;
    app.nobody().post(&format!("/dev/queues/{PAYMENT_DEAD_LETTERS}/redrive"), &json!({})).await.expect(200);
    app.settled().await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}
