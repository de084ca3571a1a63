//! Everything that is wrong with a request is told at once, each with its place.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::app::User;
use crate::bad_input::Scene;
use crate::shop::id;

/// How a body is wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    /// What must be there is not.
    Missing,
    /// What is there is of another kind, and something is there that nobody knows.
    Mistyped,
    /// The one and the other in turns.
    Both,
}

/// A body that breaks a schema wherever it can, and the places of that.
struct Broken<'a> {
    document: &'a Value,
    how: Wrong,
    places: Vec<String>,
}

impl<'a> Broken<'a> {
    /// The schema behind references and choices.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        if let Some(named) = schema["$ref"].as_str() {
            return self.resolved(self.document.pointer(named.strip_prefix('#').unwrap()).unwrap());
        }
        let choices = schema["oneOf"].as_array().or(schema["allOf"].as_array());
        match choices.into_iter().flatten().find(|choice| choice["type"] != "null") {
            Some(choice) => self.resolved(choice),
            None => schema,
        }
    }

    fn is(schema: &Value, kind: &str) -> bool {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
    }

    /// A value in the place of this schema; nothing where it is left out.
    fn value(&mut self, schema: &'a Value, place: &str, needed: bool, turn: usize) -> Option<Value> {
        let schema = self.resolved(schema);
        if schema["properties"].is_object() {
            return Some(self.object(schema, place));
        }
        if schema["additionalProperties"].is_object() {
            let inner = self.value(&schema["additionalProperties"], &format!("{place}/x"), false, 1);
            return Some(json!({ "x": inner }));
        }
        let items = &schema["items"];
        if items.is_object() && self.resolved(items)["properties"].is_object() {
            let entry = self.resolved(items);
            return Some(json!([self.object(entry, &format!("{place}/0"))]));
        }
        let left_out = match self.how {
            Wrong::Missing => true,
            Wrong::Mistyped => false,
            Wrong::Both => turn.is_multiple_of(2),
        };
        if left_out {
            self.places.extend(needed.then(|| place.to_owned()));
            return None;
        }
        if items.is_object() {
            self.places.push(format!("{place}/0"));
            return Some(json!([{}]));
        }
        self.places.push(place.to_owned());
        Some(if Self::is(schema, "string") { json!(7) } else { json!("x") })
    }

    fn object(&mut self, schema: &'a Value, place: &str) -> Value {
        let mut fields = Map::new();
        let needed = schema["required"].as_array().cloned().unwrap_or_default();
        for (turn, (name, property)) in schema["properties"].as_object().unwrap().iter().enumerate() {
            let needed = needed.iter().any(|one| one == name);
            let value = self.value(property, &format!("{place}/{name}"), needed, turn);
            fields.extend(value.map(|value| (name.clone(), value)));
        }
        if !matches!(self.how, Wrong::Missing) {
            self.places.push(format!("{place}/surprise"));
            fields.insert("surprise".to_owned(), json!(1));
        }
        Value::Object(fields)
    }
}

/// Schemas of the bodies of a route: the price tables have one each.
fn schemas<'a>(document: &'a Value, method: &Method, route: &str) -> Vec<(String, &'a Value)> {
    let operation = &document["paths"][route][method.as_str().to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if route.ends_with("/settings/{table}") {
        let tables = [("taxes", "TaxesView"), ("shipping", "ShippingView"), ("promotions", "PromotionsView")];
        let part = |(table, name)| (route.replace("{table}", table), &document["components"]["schemas"][name]);
        return if schema.is_null() { Vec::new() } else { tables.map(part).into() };
    }
    if schema.is_null() { Vec::new() } else { vec![(route.to_owned(), schema)] }
}

async fn told_at_once(who: &User, method: &Method, path: &str, body: &Value, places: &[String]) {
    let refused = who.call(method.clone(), path).key("k").json(body).send().await;
    refused.any_problem();
    assert!(matches!(refused.status, 400 | 422), "{method} {path} {body}: {}", refused.text);
    let told = refused.pointers();
    let untold: Vec<&String> = places.iter().filter(|place| !told.contains(&place.as_str())).collect();
    assert_eq!(untold, Vec::<&String>::new(), "{method} {path} {body}: {}", refused.text);
}

#[tokio::test]
async fn i10_whatever_is_missing_mistyped_or_unknown_in_any_body_is_told_at_once() {
    let scene = Scene::set().await;
    let document = oms_local::openapi::json().unwrap();
    let mut bodies = 0;
    for (method, route) in oms_local::openapi::routes() {
        let method: Method = method.parse().unwrap();
        for (route, schema) in schemas(&document, &method, &route) {
            let path = scene.filled(&route);
            let known = Broken { document: &document, how: Wrong::Missing, places: Vec::new() };
            // What providers send is theirs to shape.
            if !known.resolved(schema)["properties"].is_object() {
                continue;
            }
            for how in [Wrong::Missing, Wrong::Mistyped, Wrong::Both] {
                let mut broken = Broken { document: &document, how, places: Vec::new() };
                let schema = broken.resolved(schema);
                let body = broken.object(schema, "");
                if !broken.places.is_empty() {
                    told_at_once(&scene.app.admin(), &method, &path, &body, &broken.places).await;
                }
            }
            let needed = known.resolved(schema)["required"].as_array().cloned().unwrap_or_default();
            let places: Vec<String> = needed.iter().map(|name| format!("/{}", name.as_str().unwrap())).collect();
            if !places.is_empty() {
                told_at_once(&scene.app.admin(), &method, &path, &json!({}), &places).await;
            }
            bodies += 1;
        }
    }
    assert!(bodies >= 15, "{bodies} bodies were tried");
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn i10_rules_beyond_a_single_value_are_told_at_once_too() {
    let scene = Scene::set().await;
    let admin = scene.app.admin();
    let order = id(&scene.order);
    let tracking = json!({"carrier": "<>", "tracking_number": "<script>", "url": "http://x"});
    let product = json!({"sku": "Ä", "name": " x", "category": "x ", "price": "-1.00", "currency": "XXX", "regions": ["Germany"]});
    let table = [
        (
            Method::PATCH,
            format!("/api/orders/{order}/status"),
            json!({"status": "shipped", "tracking": tracking}),
            vec!["/tracking/carrier", "/tracking/tracking_number", "/tracking/url"],
        ),
        (
            Method::POST,
            "/api/products".to_owned(),
            product,
            vec!["/seller_id", "/sku", "/name", "/category", "/currency", "/regions/0"],
        ),
        (
            Method::POST,
            format!("/api/orders/{order}/payments"),
            json!({"provider": "nobody", "return_url": "https://evil.example"}),
            vec!["/provider", "/return_url"],
        ),
        (
            Method::POST,
            format!("/api/orders/{order}/payments"),
            json!({"provider": "nobody", "keep_method": true}),
            vec!["/provider", "/keep_method"],
        ),
    ];
    for (method, path, body, places) in table {
        let places: Vec<String> = places.into_iter().map(str::to_owned).collect();
        told_at_once(&admin, &method, &path, &body, &places).await;
    }
    let keyless = admin.call(Method::POST, &format!("/api/orders/{order}/refunds")).json(&json!({})).send().await;
    assert_eq!(keyless.pointers(), ["/reason", "/Idempotency-Key"]);
    for (query, places) in [
        (
            "status=lost&sort=up&limit=0&page=0&start_date=x&end_date=y&user_id=a%20b&colour=red",
            vec!["/status", "/sort", "/user_id", "/start_date", "/end_date", "/limit", "/page", "/colour"],
        ),
        ("start_date=2026-02-01&end_date=2026-01-01&page=1000&limit=100", vec!["/end_date", "/page"]),
    ] {
        let refused = admin.get(&format!("/api/orders?{query}")).await;
        refused.problem(422, "validation_failed");
        let told = refused.pointers();
        assert!(places.iter().all(|place| told.contains(place)), "{query}: {}", refused.text);
    }
    scene.nothing_has_changed().await;
}
