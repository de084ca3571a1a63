//! Those whom the system does not know, or not for this.

use reqwest::Method;
use serde_json::json;

use crate::app::start_app;
use crate::shop::{MUG, TEA, cart, id};
use crate::stage::Stage;

#[tokio::test]
async fn nobody_gets_past_the_door_without_a_token_or_a_signature() {
    let app = start_app().await;
    strangers_at_the_door(&app).await;
    app.finish().await;
}

pub(crate) async fn strangers_at_the_door(app: &impl Stage) {
    let (ada, bob, mug) =
        (app.sign_in("ada", "customer").await, app.sign_in("bob", "customer").await, app.product(MUG));
    let order = ada.place(&[(&mug, 1)]).await;
    let path = format!("/api/orders/{}", id(&order));
    // What the gateway says to that is its own.
    for stranger in [app.nobody(), app.user("nonsense".to_owned()), app.user(forged(&ada.id()))] {
        for (method, path) in
            [(Method::GET, path.as_str()), (Method::POST, "/api/orders"), (Method::GET, "/api/products")]
        {
            let answer = stranger.call(method, path).json(&cart(&[(&mug, 1)])).send().await;
            assert_eq!(answer.status, 401, "{}: {}", answer.what, answer.text);
        }
    }
    bob.get(&path).await.problem(404, "not_found");
    ada.moving(&order, "processing").send().await.problem(403, "forbidden");
    let pottery = app.sign_in_for("north-pottery").await;
    let theirs = format!("/api/products/{}/stock", app.product(TEA));
    pottery.get(&theirs).await.problem(403, "forbidden");
    pottery.get(&format!("/api/products/{mug}/stock")).await.expect(200);

    // Anyone may ask whether it lives, and call back; a callback without a signature is not believed.
    for path in ["/health", "/health/ready"] {
        app.nobody().get(path).await.expect(200);
    }
    let lie = json!({"id": "evt_1", "type": "checkout.session.completed", "data": {"object": {"id": "cs_1"}}});
    let callback = format!("/api/payments/callback/{}", app.provider());
    app.nobody().post(&callback, &lie).await.problem(401, "unauthenticated");
    let signed = app.nobody().call(Method::POST, &callback).header("stripe-signature", b"t=1,v1=00").json(&lie);
    signed.send().await.problem(401, "unauthenticated");
    assert_eq!(ada.view(&order).await["status"], "pending");
    ada.cancel(&order).await.expect(200);
}

/// A token that says this, signed by nobody.
fn forged(subject: &str) -> String {
    use base64::Engine as _;
    let part = |value: serde_json::Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"sub": subject, "cognito:groups": ["admin"], "exp": 4_000_000_000_u64});
    format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(claims))
}
