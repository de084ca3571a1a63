//! Whatever a client sends: a problem of the contract, never a 5xx, and nothing has changed.

mod bodies;
mod heads;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_local::identity::{Identity, TokenRequest};
use oms_local::sample_event::body_example;
use oms_local::state::{State, StateLocation};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, NO_PRODUCT, POTTERY, TEA, cart, id, with};

const NO_ORDER: &str = "01990000-0000-7000-8000-0000000000ff";

/// An instance with one order of ada's, and how it all stood before the bad input.
pub(crate) struct Scene {
    pub(crate) app: TestApp,
    pub(crate) ada: User,
    pub(crate) order: Value,
    before: Value,
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let app = start_app().await;
        let ada = app.customer("ada");
        let order = ada.place(&[(MUG, 1), (TEA, 2)]).await;
        let mut scene = Scene { app, ada, order, before: Value::Null };
        scene.before = scene.state().await;
        scene
    }

    async fn state(&self) -> Value {
        self.app.settled().await;
        let admin = self.app.admin();
        json!({
            "order": self.ada.view(&self.order).await,
            "orders": admin.get("/api/orders").await.expect(200),
            "products": admin.get("/api/products").await.expect(200),
            "messages": self.app.nobody().get("/dev/notifications").await.expect(200),
        })
    }

    /// Every route of the template, with the ids of things that exist.
    pub(crate) fn routes(&self) -> Vec<(Method, String, bool)> {
        let routes = crate::routes::routes().into_iter();
        routes.map(|(method, path, token)| (method.parse().unwrap(), self.filled(&path), token)).collect()
    }

    /// A route with the ids of things that exist.
    pub(crate) fn filled(&self, route: &str) -> String {
        let path = route.replace("{order_id}", id(&self.order)).replace("{product_id}", MUG);
        let path = path.replace("{method_id}", NO_PRODUCT).replace("{table}", "promotions");
        let path = path.replace("{token}", &self.app.tracking_token(&self.order, SignedDuration::ZERO));
        let path = path.replace("{return_id}", &format!("{}-R1", id(&self.order)));
        let path = path.replace("{shipment_id}", &format!("{}-S1", id(&self.order))).replace("{hold_id}", "h0");
        path.replace("{provider}", "sandbox").replace("{carrier}", "sandbox").replace("{user_id}", "ada")
    }

    pub(crate) async fn nothing_has_changed(self) {
        assert_eq!(self.state().await, self.before);
        self.app.finish().await;
    }
}

/// A body that each route takes, so that nothing but the input under test is wrong with a request; none for a route
/// that takes no JSON.
pub(crate) fn good_body(method: &Method, path: &str) -> Option<Value> {
    let product = json!({
        "seller_id": POTTERY, "sku": "VASE-1", "name": "Vase", "category": "kitchen", "price": "45.00", "currency": "EUR",
    });
    match (method.as_str(), path.rsplit('/').next().unwrap()) {
        ("POST", "orders") => Some(cart(&[(MUG, 2)])),
        ("POST", "quotes") => Some(json!({"items": [{"product_id": MUG, "quantity": 2}], "country": "DE"})),
        ("POST", "refunds") => Some(json!({"goodwill": "1.00", "reason": "x"})),
        ("POST", "shipments") => {
            let order: Option<OrderId> = path.split('/').nth(3).and_then(|id| id.parse().ok());
            let line_id = order.map_or_else(|| NO_ORDER.to_owned(), |order| order.line(1).to_string());
            Some(json!({"lines": [{"line_id": line_id, "quantity": 1}]}))
        }
        ("POST", "returns") => {
            let order: Option<OrderId> = path.split('/').nth(3).and_then(|id| id.parse().ok());
            let line_id = order.map_or_else(|| NO_ORDER.to_owned(), |order| order.line(1).to_string());
            Some(json!({"lines": [{"line_id": line_id, "quantity": 1, "reason": "unwanted"}]}))
        }
        ("PATCH", _) if path.starts_with("/api/returns/") => Some(json!({"status": "cancelled"})),
        ("PATCH", last) if path.starts_with("/api/shipments/") && last.contains("-S") => {
            Some(json!({"status": "packed"}))
        }
        ("POST", "payments") => Some(json!({"provider": "sandbox"})),
        ("PATCH", "status") => Some(json!({"status": "processing"})),
        // The contract's example blocks the customer.
        ("PUT", "standing") => Some(json!({"blocked": false, "reason": "x"})),
        ("PUT", "promotions") => Some(json!({"promotions": []})),
        ("POST", "products") => Some(product),
        ("PATCH", MUG) => Some(json!({"name": "Mug"})),
        ("POST", "stock") => Some(json!({"movement": "receive", "quantity": 1, "reason": "x"})),
        ("GET" | "DELETE", _) | ("POST", "submit" | "reorder" | "sandbox" | "import" | "replacement") => None,
        // Nothing in it names a thing that exists: the contract's own example is good.
        (method, last) => {
            let here = |(known, path): &(String, String)| known == method && path.rsplit('/').next() == Some(last);
            let (method, path) = oms_local::openapi::routes().into_iter().find(here).expect("a documented route");
            Some(body_example(&method, &path).unwrap_or_else(|| panic!("{method} {path} has no example of a body")))
        }
    }
}

#[tokio::test]
async fn a_token_that_proves_nothing_opens_no_route() {
    let scene = Scene::set().await;
    let app = &scene.app;
    let good = app.token("ada", "customer", None, None);
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let encode = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let mut of_ada: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let hs256 = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &of_ada, &EncodingKey::from_secret(b"x")).unwrap();
    of_ada["cognito:groups"] = json!(["admin"]);

    // Somebody with a key of their own, who calls themselves as we do.
    let context = app.oms.cloud.context();
    let authorizer = context.template.api.authorizer.as_ref();
    let elsewhere = tempfile::tempdir().unwrap();
    let state = State::open(&StateLocation::Directory(elsewhere.path().to_owned())).unwrap();
    let stranger = Identity::open(&state.db, &context.clock, &app.base, authorizer).unwrap();
    let request = |role: &str| TokenRequest {
        user_id: "ada".to_owned(),
        role: role.to_owned(),
        seller_id: None,
        expires_in_seconds: None,
    };
    let (other_key, _) = stranger.mint(&request("admin")).unwrap();

    let tokens = [
        app.token("ada", "customer", None, Some(-60)),
        app.token("grace", "admin", None, Some(0)),
        other_key,
        hs256,
        format!("{}.{claims}.", encode(json!({"alg": "none", "typ": "JWT"}))),
        format!("{}.{claims}.{signature}", encode(json!({"alg": "none"}))),
        format!("{header}.{}.{signature}", encode(of_ada)),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        good[..good.len() - 2].to_owned(),
        "null".to_owned(),
        "a.b.c".to_owned(),
        ".".repeat(500),
    ];
    for (method, path, authorized) in scene.routes() {
        if !authorized {
            continue;
        }
        let body = good_body(&method, &path).unwrap_or_default();
        for token in &tokens {
            let refused = app.user(token.clone()).call(method.clone(), &path).json(&body).send().await;
            refused.problem(401, "unauthenticated");
            assert!(refused.header("www-authenticate").is_some(), "{token}");
        }
        for authorization in ["", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "Bearer Bearer x"] {
            let call = app.nobody().call(method.clone(), &path).header("authorization", authorization.as_bytes());
            call.json(&body).send().await.problem(401, "unauthenticated");
        }
        app.nobody().call(method.clone(), &path).json(&body).send().await.problem(401, "unauthenticated");
    }
    // A seller's token that names no seller.
    let (lost, _) = context.identity.mint(&request("seller")).unwrap();
    app.user(lost).get("/api/orders").await.problem(403, "forbidden");
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn an_id_that_names_nothing_and_one_of_somebody_else_look_the_same() {
    let scene = Scene::set().await;
    let bob = scene.app.customer("bob");
    let own = id(&scene.order).to_owned();
    let strange = [
        own.to_uppercase(),
        own.replace('-', ""),
        format!("%7B{own}%7D"),
        format!("urn:uuid:{own}"),
        format!("{own}%20"),
        format!("{own}%00"),
        format!("{own}%0A"),
        "1".to_owned(),
        "null".to_owned(),
        "%20".to_owned(),
        "%2e%2e%2f".to_owned(),
        "%F0%9F%98%80".to_owned(),
        "%FF%FE".to_owned(),
        "'%20OR%20'1'='1".to_owned(),
        "ORDER%23x".to_owned(),
        "x".repeat(4_000),
    ];
    // What somebody is told: not whether it exists. Who may never do it is told that, whatever the id.
    let shown = |answer: &crate::answer::Answer, open: bool| {
        let problem = if open { answer.problem(404, "not_found") } else { answer.problem(403, "forbidden") };
        with(problem.clone(), "/trace_id", Value::Null)
    };
    let customer = Caller::Customer("bob".parse().unwrap());
    let seller = Caller::Seller { user: "nobody".parse().unwrap(), seller: "nobody-knows".parse().unwrap() };
    let lost = scene.app.seller("nobody-knows");
    for ((method, route), operation) in crate::who_may::operations() {
        if !route.contains("{order_id}") {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let send = async |who: &User, other: &str| {
            let path = route.replace("{order_id}", other);
            let body = good_body(&method, &route).unwrap_or_default();
            who.call(method.clone(), &path).key("k").json(&body).send().await
        };
        for (who, caller) in [(&bob, &customer), (&lost, &seller)] {
            let open = operation.open_to(caller).is_ok();
            let missing = shown(&send(who, NO_ORDER).await, open);
            assert_eq!(shown(&send(who, &own).await, open), missing, "{method} {route}");
            for id in &strange {
                assert_eq!(shown(&send(who, id).await, open), missing, "{method} {route}: {id}");
            }
        }
        for id in strange.iter().map(String::as_str).chain([NO_ORDER]) {
            shown(&send(&scene.app.admin(), id).await, true);
        }
    }
    for product in strange.iter().map(String::as_str).chain([NO_PRODUCT]) {
        bob.get(&format!("/api/products/{product}")).await.problem(404, "not_found");
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn roles_do_only_what_is_theirs() {
    let mut scene = Scene::set().await;
    let seller = scene.app.seller(POTTERY);
    // What nobody has paid for is not there for a seller.
    for status in ["cancelled", "processing"] {
        seller.moving(&scene.order, status).send().await.problem(404, "not_found");
    }
    scene.ada.pay(&scene.order).await;
    scene.before = scene.state().await;
    let path = |action: &str| format!("/api/orders/{}/{action}", id(&scene.order));
    seller.post("/api/orders", &cart(&[(MUG, 1)])).await.problem(403, "forbidden");
    seller.post(&path("cancel"), &json!({"reason": "x"})).await.problem(403, "forbidden");
    seller.post(&path("payments"), &json!({"provider": "sandbox"})).await.problem(403, "forbidden");
    seller.submit(&scene.order).await.problem(403, "forbidden");
    seller.moving(&scene.order, "cancelled").send().await.problem(403, "forbidden");
    seller.moving(&scene.order, "processing").send().await.problem(403, "forbidden");
    scene.ada.moving(&scene.order, "cancelled").send().await.problem(403, "forbidden");
    scene.nothing_has_changed().await;
}
