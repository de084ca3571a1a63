//! The events that the gateway hands to the functions, and webhooks as Stripe signs them.

use std::fmt::Write as _;

use axum::body::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use oms_domain::ids::{OrderId, UserId};
use oms_testkit::builders::product_id;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{Fail, clock};

/// The secret that webhooks are signed with; the functions get it from where AWS keeps secrets.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_bench";

/// A request as API Gateway sees it.
struct Request<'a> {
    method: &'a str,
    route: &'a str,
    /// The parameter of the route.
    parameter: Option<(&'a str, String)>,
    query: String,
    headers: Value,
    /// The caller and their group.
    caller: Option<(&'a str, &'a str)>,
    body: Option<String>,
}

impl Request<'_> {
    fn event(self) -> Bytes {
        let path = self
            .parameter
            .iter()
            .fold(self.route.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let now = clock::date();
        let mut event = json!({
            "version": "2.0",
            "routeKey": format!("{} {}", self.method, self.route),
            "rawPath": path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "requestContext": {
                "accountId": "123456789012", "apiId": "a1b2c3d4e5", "stage": "$default",
                "domainName": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", "domainPrefix": "a1b2c3d4e5",
                "http": { "method": self.method, "path": path, "protocol": "HTTP/1.1",
                          "sourceIp": "203.0.113.17", "userAgent": "oms-bench" },
                "requestId": "JKJaXmPLvHcESHA=", "routeKey": format!("{} {}", self.method, self.route),
                "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(), "timeEpoch": now.as_millisecond(),
            },
            "isBase64Encoded": false,
        });
        if let Some((user, group)) = self.caller {
            let claims = json!({ "sub": user, "cognito:groups": format!("[{group}]"), "token_use": "access" });
            event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
        }
        if let Some((name, value)) = self.parameter {
            event["pathParameters"] = json!({ name: value });
        }
        if let Some(body) = self.body {
            event["body"] = body.into();
        }
        Bytes::from(event.to_string())
    }
}

fn headers() -> Value {
    json!({
        "accept": "application/json", "content-type": "application/json", "user-agent": "oms-bench",
        "host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
        "x-amzn-trace-id": "Root=1-692d6720-4f1c2b7a0d9e8f6a5b3c2d1e", "x-forwarded-for": "203.0.113.17",
    })
}

/// A customer orders three products under an idempotency key.
pub(crate) fn create(user: &UserId, key: &str) -> Bytes {
    create_as(user, key, cart().to_string())
}

/// A customer sends this as an order.
pub(crate) fn create_as(user: &UserId, key: &str, body: String) -> Bytes {
    let mut headers = headers();
    headers["idempotency-key"] = key.into();
    let caller = Some((user.as_str(), "customer"));
    let (query, body) = (String::new(), Some(body));
    Request { method: "POST", route: "/api/orders", parameter: None, query, headers, caller, body }.event()
}

/// Three products for somebody in Berlin.
pub(crate) fn cart() -> Value {
    let item = |number, quantity| json!({ "product_id": product_id(number), "quantity": quantity, "price": "19.90" });
    json!({
        "items": [item(1, 2), item(2, 1), item(3, 4)],
        "contact": { "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+491701234567" },
        "shipping_address": { "recipient_name": "Ada Lovelace", "street_address": "Unter den Linden 1",
                              "city": "Berlin", "postal_code": "10117", "country": "DE" },
    })
}

/// Its owner looks at an order.
pub(crate) fn view(user: &UserId, id: OrderId) -> Bytes {
    let parameter = Some(("order_id", id.to_string()));
    let (query, headers, caller) = (String::new(), headers(), Some((user.as_str(), "customer")));
    Request { method: "GET", route: "/api/orders/{order_id}", parameter, query, headers, caller, body: None }.event()
}

/// A customer lists their orders.
pub(crate) fn list(user: &UserId, query: &str) -> Bytes {
    listed((user.as_str(), "customer"), query)
}

/// The shop lists orders.
pub(crate) fn list_all(query: &str) -> Bytes {
    listed(("9d1f5a52-40d1-70e8-6a1c-0c9d2f6b3e41", "admin"), query)
}

fn listed(caller: (&str, &str), query: &str) -> Bytes {
    let (query, headers) = (query.to_owned(), headers());
    let (parameter, caller) = (None, Some(caller));
    Request { method: "GET", route: "/api/orders", parameter, query, headers, caller, body: None }.event()
}

/// The shop begins to prepare an order.
pub(crate) fn prepare(id: OrderId) -> Bytes {
    let parameter = Some(("order_id", id.to_string()));
    let caller = Some(("9d1f5a52-40d1-70e8-6a1c-0c9d2f6b3e41", "admin"));
    let (query, headers, body) = (String::new(), headers(), Some(json!({ "status": "processing" }).to_string()));
    Request { method: "PATCH", route: "/api/orders/{order_id}/status", parameter, query, headers, caller, body }.event()
}

/// Stripe tells that an order is paid: its own sample with our facts, signed now.
pub(crate) fn paid(id: OrderId, payment: &str, total: i64) -> Result<Bytes, Fail> {
    let mut body: Value = serde_json::from_str(include_str!("../../../events/stripe/checkout.session.completed.json"))?;
    body["id"] = format!("evt_{id}").into();
    let session = &mut body["data"]["object"];
    for (field, value) in [("amount_total", total), ("amount_subtotal", total)] {
        session[field] = value.into();
    }
    session["payment_intent"] = format!("pi_{id}").into();
    session["metadata"] = json!({ "order_id": id, "payment_id": payment });
    let body = body.to_string();
    let time = clock::date().as_second().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes())?;
    mac.update(format!("{time}.{body}").as_bytes());
    let digits = mac.finalize().into_bytes().iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    let mut headers = headers();
    headers["stripe-signature"] = format!("t={time},v1={digits}").into();
    let (parameter, query) = (Some(("provider", "stripe".to_owned())), String::new());
    let (route, caller, body) = ("/api/payments/callback/{provider}", None, Some(body));
    Ok(Request { method: "POST", route, parameter, query, headers, caller, body }.event())
}

/// What a function answered, if it is the status that it should have.
pub(crate) fn expect(answer: &Bytes, status: u64) -> Result<Value, Fail> {
    let answer: Value = serde_json::from_slice(answer)?;
    let body = answer["body"].as_str().unwrap_or_default();
    if answer["statusCode"].as_u64() != Some(status) {
        return Err(format!("expected {status}, got {}: {body}", answer["statusCode"]).into());
    }
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_str(body)? })
}

/// The id of the order that an answer shows.
pub(crate) fn shown_id(body: &Value) -> Result<OrderId, Fail> {
    Ok(body["id"].as_str().ok_or("no order in the answer")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_was_not_expected_is_told_with_its_problem() {
        let answer = Bytes::from(json!({ "statusCode": 409, "body": "{\"code\":\"x\"}" }).to_string());
        assert!(expect(&answer, 201).unwrap_err().to_string().contains("\"code\":\"x\""));
        assert_eq!(expect(&answer, 409).unwrap()["code"], "x");
    }
}
