//! Whatever a client sends: a problem of the contract, never a 5xx, and nothing has changed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use oms_local::identity::{Identity, TokenRequest};
use oms_local::state::StateDb;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, NO_PRODUCT, POTTERY, TEA, cart, id, text, with};

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
        let fill = |path: &str| {
            let path = path.replace("{order_id}", id(&self.order)).replace("{product_id}", MUG);
            let path = path.replace("{method_id}", NO_PRODUCT).replace("{table}", "promotions");
            path.replace("{provider}", "sandbox").replace("{user_id}", "ada")
        };
        let routes = crate::routes::routes().into_iter();
        routes.map(|(method, path, token)| (method.parse().unwrap(), fill(&path), token)).collect()
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
        ("POST", "cancel") => Some(json!({"reason": "x"})),
        ("POST", "refunds") => Some(json!({"goodwill": "1.00", "reason": "x"})),
        ("POST", "payments") => Some(json!({"provider": "sandbox"})),
        ("PATCH", "status") => Some(json!({"status": "processing"})),
        ("POST", "review") => Some(json!({"decision": "approve"})),
        ("PUT", "promotions") => Some(json!({"promotions": []})),
        ("PUT", "standing") => Some(json!({"blocked": false, "reason": "x"})),
        ("POST", "products") => Some(product),
        ("PATCH", MUG) => Some(json!({"name": "Mug"})),
        ("POST", "stock") => Some(json!({"movement": "receive", "quantity": 1, "reason": "x"})),
        ("GET" | "DELETE", _) | ("POST", "submit" | "sandbox" | "import") => None,
        unknown => panic!("{unknown:?} is missing from the table of good bodies"),
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
    let stranger = Identity::open(&StateDb::memory().unwrap(), &context.clock, &app.base, authorizer).unwrap();
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
async fn a_body_that_is_no_request_is_refused_on_every_route() {
    let scene = Scene::set().await;
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("blank", b"  \n".to_vec()),
        ("not JSON", b"hello".to_vec()),
        ("cut short", b"{\"reason\": \"x".to_vec()),
        ("a form", b"reason=x&provider=sandbox".to_vec()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("a number", b"1".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("an unknown field", b"{\"surprise\": 1}".to_vec()),
        ("two values", b"{} {}".to_vec()),
        ("a byte order mark", b"\xEF\xBB\xBF{}".to_vec()),
        ("not UTF-8", b"{\"reason\": \"\xFF\xFE\"}".to_vec()),
        ("half a surrogate", br#"{"reason": "\ud800"}"#.to_vec()),
        ("deep lists", "[".repeat(30_000).into_bytes()),
        ("deep objects", "{\"a\":".repeat(10_000).into_bytes()),
        ("70 KB", format!("{{\"reason\": \"{}\"}}", "x".repeat(70_000)).into_bytes()),
        ("11 MB", vec![b' '; 11 * 1024 * 1024]),
    ];
    for (method, path, authorized) in scene.routes() {
        if good_body(&method, &path).is_none() {
            continue;
        }
        for (what, body) in &bodies {
            // A product's change that changes nothing is no mistake.
            if *what == "an empty object" && path.ends_with(MUG) {
                continue;
            }
            let who = if authorized { scene.app.admin() } else { scene.app.nobody() };
            let refused = who.call(method.clone(), &path).key("k").raw(body.clone()).send().await;
            let problem = refused.any_problem();
            let expected: &[u16] = if body.len() > 64 * 1024 { &[413] } else { &[400, 422] };
            assert!(expected.contains(&refused.status), "{method} {path}: {what}: {problem}");
        }
    }
    // Routes that need no body bear any.
    for (method, path) in [(Method::GET, "/api/orders"), (Method::GET, "/api/products"), (Method::GET, "/health")] {
        for (what, body) in &bodies {
            let answer = scene.ada.call(method.clone(), path).raw(body.clone()).send().await;
            assert!(answer.status == 200 || answer.status == 413, "{method} {path}: {what}: {}", answer.text);
        }
    }
    let submit = format!("/api/orders/{}/submit", id(&scene.order));
    for (_, body) in bodies {
        scene.ada.call(Method::POST, &submit).raw(body).send().await.any_problem();
    }
    scene.nothing_has_changed().await;
}

fn line(product: &str) -> Value {
    json!({"product_id": product, "quantity": 1})
}

/// Lines of so many different products.
fn many(count: usize) -> Value {
    (0..count).map(|number| line(&format!("01990000-0000-7000-8000-{number:012}"))).collect()
}

#[tokio::test]
async fn a_field_that_breaks_a_rule_is_named() {
    let scene = Scene::set().await;
    let long = |count: usize| json!("x".repeat(count));
    let named = [
        ("/items", json!([]), "/items"),
        ("/items", many(101), "/items"),
        ("/items", Value::Null, "/items"),
        ("/items/0/quantity", json!(0), "/items/0/quantity"),
        ("/items/0/quantity", json!(10_000), "/items/0/quantity"),
        ("/items/0/quantity", json!(u32::MAX), "/items/0/quantity"),
        ("/items/0/quantity", Value::Null, "/items/0/quantity"),
        ("/items/0", line(""), "/items/0/product_id"),
        ("/items/0", line("1"), "/items/0/product_id"),
        ("/items/0", line(&MUG.replace('-', "")), "/items/0/product_id"),
        ("/items/0", line("01990000-0000-7000-8000-0000000000AB"), "/items/0/product_id"),
        ("/items/0", line(&format!("{{{MUG}}}")), "/items/0/product_id"),
        ("/items/0", line(&format!("{MUG} ")), "/items/0/product_id"),
        ("/items/0", line("'; DROP TABLE orders; --"), "/items/0/product_id"),
        ("/items/0", line(&"9".repeat(10_000)), "/items/0/product_id"),
        ("/items/0/colour", json!("red"), "/items/0/colour"),
        ("/items/0/price", json!(""), "/items/0/price"),
        ("/items/0/price", json!("1,90"), "/items/0/price"),
        ("/items/0/price", json!("€19.90"), "/items/0/price"),
        ("/items/0/price", json!(" 19.90"), "/items/0/price"),
        ("/items/0/price", json!("+19.90"), "/items/0/price"),
        ("/items/0/price", json!("1.99e1"), "/items/0/price"),
        ("/items/0/price", json!("NaN"), "/items/0/price"),
        ("/items/0/price", json!("0x13"), "/items/0/price"),
        ("/items/0/price", json!("19.901"), "/items/0/price"),
        ("/items/0/price", json!("1_9.90"), "/items/0/price"),
        ("/items/0/price", json!("१९.९०"), "/items/0/price"),
        ("/items/0/price", json!("99999999999999999999999"), "/items/0/price"),
        ("/items/0/price", long(5_000), "/items/0/price"),
        ("/contact", Value::Null, "/contact"),
        ("/contact/name", json!(""), "/contact/name"),
        ("/contact/name", json!("  "), "/contact/name"),
        ("/contact/name", json!("Ada\r\nBcc: all@example.com"), "/contact/name"),
        ("/contact/name", long(201), "/contact/name"),
        ("/contact/name", Value::Null, "/contact/name"),
        ("/contact/email", json!("ada"), "/contact/email"),
        ("/contact/email", json!("ada@example.com\r\nBcc: all@example.com"), "/contact/email"),
        ("/contact/email", json!("ada@example.com, eve@example.com"), "/contact/email"),
        ("/contact/email", json!(format!("{}@example.com", "a".repeat(250))), "/contact/email"),
        ("/contact/phone", json!("0170 1234567"), "/contact/phone"),
        ("/contact/phone", json!("+49170123456789012345"), "/contact/phone"),
        ("/contact/fax", json!("+491701234567"), "/contact/fax"),
        ("/shipping_address", Value::Null, "/shipping_address"),
        ("/shipping_address/city", long(201), "/shipping_address/city"),
        ("/shipping_address/postal_code", long(21), "/shipping_address/postal_code"),
        ("/shipping_address/country", Value::Null, "/shipping_address/country"),
        ("/shipping_address/planet", json!("Earth"), "/shipping_address/planet"),
        ("/shipping_method", json!("teleport"), "/shipping_method"),
        ("/shipping_method", json!(""), "/shipping_method"),
        ("/promotion_codes", json!(["FREE"]), "/promotion_codes/0"),
        ("/promotion_codes", json!(vec!["A"; 11]), "/promotion_codes"),
        ("/user_id", json!(""), "/user_id"),
        ("/user_id", json!("ada lovelace"), "/user_id"),
        ("/user_id", long(129), "/user_id"),
        ("/status", json!("delivered"), "/status"),
    ];
    let good = cart(&[(MUG, 2)]);
    for (pointer, value, expected) in named {
        let sent = value.to_string();
        let refused = scene.ada.post("/api/orders", &with(good.clone(), pointer, value)).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&expected), "{pointer} = {sent:.80}: {}", refused.text);
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn a_field_that_cannot_be_read_or_bought_has_its_own_code() {
    let scene = Scene::set().await;
    let good = cart(&[(MUG, 2)]);
    for (pointer, value, status, code) in [
        ("/shipping_address/country", json!("XX"), 422, "ORD-1002"),
        ("/shipping_address/country", json!("Germany"), 422, "ORD-1002"),
        ("/shipping_address/country", json!(""), 422, "ORD-1002"),
        ("/shipping_address/country", json!("🇩🇪"), 422, "ORD-1002"),
        ("/shipping_address/city", json!(" "), 422, "ORD-1002"),
        ("/billing_address", with(good["shipping_address"].clone(), "/country", json!("ZZ")), 422, "ORD-1002"),
        ("/items/0", line(NO_PRODUCT), 409, "ORD-1001"),
        ("/items/0/price", json!("-19.90"), 409, "price_changed"),
        ("/items/0/quantity", json!(-1), 400, "malformed_request"),
        ("/items/0/quantity", json!(1.5), 400, "malformed_request"),
        ("/items/0/quantity", json!(2.0), 400, "malformed_request"),
        ("/items/0/quantity", json!("2"), 400, "malformed_request"),
        ("/items/0/quantity", json!(true), 400, "malformed_request"),
        ("/items/0/quantity", json!(4_294_967_297_u64), 400, "malformed_request"),
        ("/items/0/price", json!(19.90), 400, "malformed_request"),
        ("/items/0/product_id", json!(1), 400, "malformed_request"),
        ("/items", json!({}), 400, "malformed_request"),
        ("/items/0", json!([]), 400, "malformed_request"),
        ("/contact", json!("ada@example.com"), 400, "malformed_request"),
        ("/draft", json!("yes"), 400, "malformed_request"),
        ("/promotion_codes", json!("FREE"), 400, "malformed_request"),
        ("/user_id", json!(7), 400, "malformed_request"),
        ("/user_id", json!("bob"), 403, "forbidden"),
        ("/items", many(10_000), 413, "payload_too_large"),
    ] {
        let refused = scene.ada.post("/api/orders", &with(good.clone(), pointer, value)).await;
        refused.problem(status, code);
    }
    // Several at once are all named.
    let wrong = with(with(good.clone(), "/contact/email", json!("ada")), "/shipping_address/country", json!("XX"));
    let refused = scene.ada.post("/api/orders", &with(wrong, "/promotion_codes", json!(["A"]))).await;
    refused.problem(422, "validation_failed");
    // The code is looked up once the rest can be read; a quote names everything at once.
    assert_eq!(refused.pointers(), ["/contact/email", "/shipping_address/country"]);
    // Two of the same name.
    let doubled = good.to_string().replacen('{', "{\"draft\":true,\"draft\":false,", 1);
    scene.ada.call(Method::POST, "/api/orders").raw(doubled).send().await.problem(400, "malformed_request");
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn the_fields_of_the_other_requests_are_checked_too() {
    let scene = Scene::set().await;
    let (ada, admin) = (&scene.ada, scene.app.admin());
    let path = |action: &str| format!("/api/orders/{}/{action}", id(&scene.order));
    let tracking = |carrier: &str, number: &str| json!({"status": "shipped", "tracking": {"carrier": carrier, "tracking_number": number}});
    for (body, pointer) in [
        (json!({"status": ""}), "/status"),
        (json!({"status": "lost"}), "/status"),
        (json!({"status": "x".repeat(5_000)}), "/status"),
        (json!({"status": "processing", "note": ""}), "/note"),
        (json!({"status": "processing", "note": "x".repeat(501)}), "/note"),
        (json!({"status": "processing", "force": true}), "/force"),
        (json!({"status": "processing", "tracking": {"carrier": "DHL", "tracking_number": "1"}}), "/tracking"),
        (tracking("", "1"), "/tracking/carrier"),
        (tracking("DHL", ""), "/tracking/tracking_number"),
        (tracking("DHL", " "), "/tracking/tracking_number"),
        (tracking("DHL", "<script>"), "/tracking/tracking_number"),
        (tracking(&"x".repeat(65), "1"), "/tracking/carrier"),
        (json!({"status": "shipped", "tracking": {"carrier": "DHL"}}), "/tracking/tracking_number"),
    ] {
        let refused = admin.call(Method::PATCH, &path("status")).json(&body).send().await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{body}: {}", refused.text);
    }
    for (action, body, pointer) in [
        ("cancel", json!({"reason": ""}), "/reason"),
        ("cancel", json!({"reason": "x".repeat(501)}), "/reason"),
        ("cancel", json!({"reason": "x", "refund": false}), "/refund"),
        ("payments", json!({"provider": ""}), "/provider"),
        ("payments", json!({"provider": "stripe"}), "/provider"),
        ("payments", json!({"provider": "../sandbox"}), "/provider"),
        ("payments", json!({"provider": "sandbox", "amount": "0.01"}), "/amount"),
        ("payments", json!({"provider": "sandbox", "return_url": "javascript:alert(1)"}), "/return_url"),
        ("payments", json!({"provider": "sandbox", "return_url": "/thanks"}), "/return_url"),
        ("payments", json!({"provider": "sandbox", "return_url": "https://"}), "/return_url"),
        (
            "payments",
            json!({"provider": "sandbox", "return_url": format!("https://x.example/{}", "x".repeat(2_000))}),
            "/return_url",
        ),
    ] {
        let refused = ada.post(&path(action), &body).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{action} {body}: {}", refused.text);
    }
    for (action, body) in [
        ("cancel", json!({"reason": 1})),
        ("payments", json!({"provider": ["sandbox"]})),
        ("payments", json!({"provider": "sandbox", "return_url": {}})),
    ] {
        ada.post(&path(action), &body).await.problem(400, "malformed_request");
    }
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
    let shown =
        |answer: &crate::answer::Answer| with(answer.problem(404, "not_found").clone(), "/trace_id", Value::Null);
    for (method, path, authorized) in scene.routes() {
        if !authorized || !path.contains(&own) {
            continue;
        }
        let body = good_body(&method, &path).unwrap_or_default();
        let send = async |who: &User, other: &str| {
            who.call(method.clone(), &path.replace(&own, other)).key("k").json(&body).send().await
        };
        let missing = shown(&send(&bob, NO_ORDER).await);
        assert_eq!(shown(&send(&bob, &own).await), missing, "{method} {path}");
        assert_eq!(shown(&send(&scene.app.seller("nobody-knows"), &own).await), missing, "{method} {path}");
        for id in &strange {
            assert_eq!(shown(&send(&bob, id).await), missing, "{method} {path}: {id}");
            assert_eq!(shown(&send(&scene.app.admin(), id).await), missing, "{method} {path}: {id}");
        }
    }
    for product in strange.iter().map(String::as_str).chain([NO_PRODUCT]) {
        bob.get(&format!("/api/products/{product}")).await.problem(404, "not_found");
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn headers_that_make_no_sense_are_refused_or_ignored() {
    let scene = Scene::set().await;
    let (ada, admin) = (&scene.ada, scene.app.admin());
    let routes: Vec<_> = scene
        .routes()
        .into_iter()
        .filter(|(method, path, _)| path.starts_with("/api/orders") && good_body(method, path).is_some())
        .collect();
    for (method, path, _) in &routes {
        let body = good_body(method, path).unwrap();
        let send = async |name: &str, value: &[u8]| {
            admin.call(method.clone(), path).header(name, value).json(&body).send().await
        };
        for key in [b"".as_slice(), &[b'k'; 256], b"k\tk", &[b'k'; 9_000]] {
            send("idempotency-key", key).await.problem(422, "validation_failed");
        }
        send("idempotency-key", "schlüssel".as_bytes()).await.problem(400, "malformed_request");
        send("x-surprise", b"\xFF\xFE").await.problem(400, "malformed_request");
        let huge = send("x-surprise", "x".repeat(20_000).as_bytes()).await;
        assert_eq!((huge.status, huge.any_problem()["code"].as_str()), (431, Some("payload_too_large")));
        if ["/cancel", "/status", "/review", "/refunds"].iter().any(|action| path.ends_with(action)) {
            for version in ["", "\"", "two", "\"1.0\"", "-2", "\"2\", \"3\"", "99999999999999999999", "0x2"] {
                send("if-match", version.as_bytes()).await.problem(400, "malformed_request");
            }
            for version in ["\"1\"", "\"3\"", "W/\"1\"", "0"] {
                send("if-match", version.as_bytes()).await.problem(412, "version_conflict");
            }
        }
    }
    // A correlation id is echoed when it is one, and never taken apart otherwise.
    let view = format!("/api/orders/{}", id(&scene.order));
    for (given, echoed) in
        [("abc-123", true), ("", false), ("with space", false), (&"x".repeat(129), false), ("<script>", false)]
    {
        let answer = ada.call(Method::GET, &view).header("x-correlation-id", given.as_bytes()).send().await;
        let back = answer.header("x-correlation-id").unwrap();
        assert_eq!((answer.status, back == given), (200, echoed), "{given}: {back}");
    }
    let refused = ada.call(Method::GET, "/api/orders?x=1").header("x-correlation-id", b"mine").send().await;
    assert_eq!(refused.problem(422, "validation_failed")["trace_id"], "mine");
    for (name, value) in [
        ("accept", "text/xml"),
        ("accept-encoding", "br;q=0"),
        ("range", "bytes=0-1"),
        ("cookie", "a=b; c"),
        ("x-http-method-override", "DELETE"),
    ] {
        ada.call(Method::GET, &view).header(name, value.as_bytes()).send().await.expect(200);
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let scene = Scene::set().await;
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=ten", "/limit"),
        ("limit=1.5", "/limit"),
        ("limit=", "/limit"),
        ("limit=99999999999999999999", "/limit"),
        ("status=", "/status"),
        ("status=lost", "/status"),
        ("status=pending,,shipped", "/status"),
        ("sort=price", "/sort"),
        ("sort=", "/sort"),
        ("sort=-created_at;drop", "/sort"),
        ("start_date=yesterday", "/start_date"),
        ("start_date=2026-02-30", "/start_date"),
        ("start_date=2026-13-01", "/start_date"),
        ("start_date=2026-01-01T00:00:00", "/start_date"),
        ("start_date=1767225600", "/start_date"),
        ("end_date=", "/end_date"),
        ("end_date=99999-01-01", "/end_date"),
        ("user_id=", "/user_id"),
        ("user_id=a%20b", "/user_id"),
        ("user_id=%00", "/user_id"),
        ("surprise=1", "/surprise"),
        ("LIMIT=1", "/LIMIT"),
        ("%F0%9F%98%80=1", "/😀"),
    ] {
        let refused = scene.app.admin().get(&format!("/api/orders?{query}")).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{query}: {}", refused.text);
    }
    for query in ["limit=0", "limit=x", "surprise=1", "cursor=", "cursor=%00"] {
        scene.ada.get(&format!("/api/products?{query}")).await.any_problem();
    }
    // Nothing in them is wrong.
    for query in [
        "",
        "&",
        "limit=1&limit=2",
        "start_date=2020-01-01T00:00:00+02:00",
        "start_date=0001-01-01",
        "end_date=9999-12-30",
    ] {
        scene.ada.get(&format!("/api/orders?{query}")).await.expect(200);
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn no_route_is_a_problem_too() {
    let scene = Scene::set().await;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api"),
        (Method::GET, "/api/orders/"),
        (Method::DELETE, "/api/orders"),
        (Method::PUT, "/api/products"),
        (Method::OPTIONS, "/api/orders"),
        (Method::GET, "/api/orders/1/2/3"),
        (Method::GET, "/API/ORDERS"),
        (Method::POST, "/api/payments/callback/"),
        (Method::GET, "/.env"),
        (Method::GET, "/api/%6frders%00"),
        (Method::PATCH, "/health"),
        (Method::GET, "/dev/secrets"),
    ] {
        scene.ada.call(method, path).send().await.problem(404, "not_found");
    }
    for (path, body) in [
        ("/dev/token", json!({"user_id": "ada", "role": "king"})),
        ("/dev/token", json!({"user_id": "", "role": "admin"})),
        ("/dev/token", json!([])),
        ("/dev/clock/advance", json!({"seconds": -1})),
        ("/dev/clock/advance", json!({"seconds": u64::MAX})),
        ("/dev/clock/advance", json!({"minutes": 1})),
        ("/dev/pay/none", json!({"outcome": "succeeded"})),
        ("/dev/pay/none", json!({"outcome": "maybe"})),
        ("/dev/queues/none/redrive", json!({})),
    ] {
        scene.app.nobody().post(path, &body).await.any_problem();
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn what_is_not_http_harms_nobody() {
    let scene = Scene::set().await;
    let address = scene.app.base.strip_prefix("http://").unwrap();
    for noise in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"GET /api/orders HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"items\"",
        b"GET  /api/orders\r\n\r\n",
        b"\r\n\r\n\r\n",
    ] {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(noise).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // It may be answered or cut off; a 5xx it is not.
        let _ = socket.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&answer));
    }
    scene.app.nobody().get("/health/ready").await.expect(200);
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn names_of_all_kinds_are_kept_as_they_are() {
    let app = start_app().await;
    let ada = app.customer("ada");
    for (number, name) in [
        "O'Brien \"the\" `Boss` \\ /",
        "Robert'); DROP TABLE orders;--",
        "<script>alert(1)</script> & <b>Ada</b>",
        "{{ shop }} {% raw %} ${PATH} %s %n",
        "عائشة \u{202e}محمد\u{202c}",
        "👩‍🚀 Ада 李 ʼ Zoë ﷽",
        "n\u{303}o\u{308} Ⅷ ﬁ ß İ ı",
        "=cmd|' /C calc'!A0",
        "\u{200b}\u{feff}x",
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(with(cart(&[(MUG, 1)]), "/contact/name", name.into()), "/shipping_address/city", name.into());
        let order = ada.create(&body, &number.to_string()).await.expect(201);
        let seen = ada.view(&order).await;
        assert_eq!(
            (text(&seen["contact"], "name"), text(&seen["shipping_address"], "city")),
            (name.trim(), name.trim())
        );
        app.settled().await;
        let mail = &app.notifications(&order).await[0];
        assert!(text(mail, "body").contains(name.trim()), "{mail}");
        ada.post(&format!("/api/orders/{}/cancel", id(&order)), &json!({"reason": name})).await.expect(200);
        let history = &ada.view(&order).await["status_history"];
        assert_eq!(history[1]["note"], name);
    }
    app.finish().await;
}

#[tokio::test]
async fn control_characters_are_in_no_name_and_no_address() {
    let scene = Scene::set().await;
    let good = cart(&[(MUG, 1)]);
    let good = with(good.clone(), "/billing_address", good["shipping_address"].clone());
    for control in ["\u{0}", "\u{1b}[2J", "a\u{8}b", "a\u{7f}b", "a\nb", "a\rb", "a\tb", "a\u{85}b"] {
        for pointer in [
            "/contact/name",
            "/contact/email",
            "/contact/phone",
            "/shipping_address/recipient_name",
            "/shipping_address/street_address",
            "/shipping_address/state",
            "/shipping_address/postal_code",
            "/billing_address/city",
            "/shipping_method",
            "/user_id",
        ] {
            let refused = scene.ada.post("/api/orders", &with(good.clone(), pointer, json!(control))).await;
            refused.problem(422, "validation_failed");
            assert_eq!(refused.pointers(), [pointer], "{control:?}");
        }
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn roles_do_only_what_is_theirs() {
    let scene = Scene::set().await;
    let seller = scene.app.seller(POTTERY);
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
