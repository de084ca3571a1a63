//! A message that nobody can read.

use std::time::Duration;

use crate::app::start_app;
use crate::shop::MUG;
use crate::stage::Stage;

/// The queues that hear of submitted orders, and where their dead letters go.
const READERS: [(&str, &str); 2] = [("notify", "notify-dead-letters"), ("screen", "screen-dead-letters")];
/// Five retries after the first try.
const TRIES: u32 = 6;
/// How long one waits for the next, and a bit.
const RETRY: Duration = Duration::from_secs(61);

#[tokio::test]
async fn a_message_that_nobody_can_read_waits_for_somebody_and_holds_nobody_up() {
    let app = start_app().await;
    unreadable_to_everybody(&app).await;
    app.finish().await;
}

pub(crate) async fn unreadable_to_everybody(app: &impl Stage) {
    app.publish("order.submitted", "{\"specversion\":").await;
    app.rest().await;
    let (ada, mug) = (app.sign_in("ada", "customer").await, app.product(MUG));
    let order = ada.place(&[(&mug, 1)]).await;
    assert_eq!(app.told(&order, "email").await, ["submitted"], "others do not wait for it");
    let waits_as_dead_letter = async || {
        for attempt in 1..=TRIES {
            for (queue, dead_letters) in READERS {
                assert_eq!((app.depth(queue).await, app.depth(dead_letters).await), (1, 0), "{queue}, try {attempt}");
            }
            app.pass(RETRY).await;
        }
        for (queue, dead_letters) in READERS {
            assert_eq!((app.depth(queue).await, app.depth(dead_letters).await), (0, 1), "{queue}");
        }
    };
    waits_as_dead_letter().await;
    // Sent back, it is no more readable than before.
    for (_, dead_letters) in READERS {
        assert_eq!(app.redrive(dead_letters).await, 1);
    }
    waits_as_dead_letter().await;
    ada.cancel(&order).await.expect(200);
    assert_eq!(app.told(&order, "email").await, ["submitted", "cancelled"]);
    for (_, dead_letters) in READERS {
        app.purge(dead_letters).await;
    }
}
