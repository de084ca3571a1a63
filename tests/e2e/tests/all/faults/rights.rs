//! Who may not learns nothing of what a request should look like.

use reqwest::Method;

use crate::app::start_app;
use crate::shop::{MUG, SAND_MUG};
use crate::who_may::{Door, TABLE, everybody, path_of};

/// Their places in a row of the table.
const SELLER: usize = 4;
const OTHER_SELLER: usize = 5;

/// Bodies that nobody could read, or should.
const BODIES: [&str; 4] = ["{", "[]", r#"{"unknown":1}"#, r#"{"status":7,"rates":[]}"#];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w4_at_every_route_the_right_is_asked_for_before_anything_is_read() {
    let app = start_app().await;
    let order = app.customer("ada").place(&[(MUG, 1)]).await;
    let users = everybody(&app);
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (method, route, row) in TABLE {
        let path = path_of(&app, route, &order).replace("{product_id}", SAND_MUG);
        let shut = users.iter().zip(row).enumerate().filter_map(|(place, (user, door))| match door {
            Door::Stranger if !route.contains("callback") => Some((user, 401)),
            // Of which seller a product is, only the product tells.
            Door::Forbidden if place == OTHER_SELLER && row[SELLER] == Door::Open => None,
            // Which step of a return somebody wants, only the body tells.
            Door::Forbidden if route == "/api/returns/{return_id}" => None,
            Door::Forbidden => Some((user, 403)),
            Door::Stranger | Door::Open | Door::Hidden => None,
        });
        for (user, status) in shut {
            for body in BODIES {
                let call = user.call(Method::from_bytes(method.as_bytes()).unwrap(), &format!("{path}?limit=nonsense"));
                let call = call.header("if-match", b"nonsense").header("idempotency-key", b"");
                let answer = call.raw(body).send().await;
                tried += 1;
                if answer.status != status {
                    wrong.push(format!("{method} {route} with {body}: {} {}", answer.status, answer.text));
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.finish().await;
}
