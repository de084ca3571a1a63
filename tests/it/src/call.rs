//! HTTP requests as the gateway sends them, and what it gets back.

use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::Timestamp;
use oms_domain::actor::Caller;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::signed_link::{Link, Purpose};
use oms_testkit::builders::customer;
use oms_testkit::memory::Delivery;
use serde_json::{Map, Value, json};

/// The customer of most tests.
pub fn ada() -> Caller {
    customer("ada")
}

/// Where the goods of most tests go.
pub fn an_address() -> Value {
    json!({
        "recipient_name": "Ada Lovelace",
        "street_address": "Unter den Linden 1",
        "city": "Berlin",
        "postal_code": "10117",
        "country": "DE",
    })
}

/// The body of a create: these products, so many units of each.
pub fn cart(items: &[(ProductId, u32)]) -> Value {
    let items: Vec<Value> = items.iter().map(|(id, units)| json!({ "product_id": id, "quantity": units })).collect();
    json!({
        "items": items,
        "contact": { "name": "Ada Lovelace", "email": "ada.lovelace@example.com", "phone": "+491701234567" },
        "shipping_address": an_address(),
    })
}

/// A request to one function.
#[derive(Debug, Clone)]
pub struct Call {
    /// The package that serves the route.
    pub package: &'static str,
    method: &'static str,
    route: &'static str,
    parameters: BTreeMap<&'static str, String>,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    claims: Option<Value>,
}

impl Call {
    /// Ada's request to this route, which this package serves.
    pub fn new(package: &'static str, method: &'static str, route: &'static str) -> Self {
        Call {
            package,
            method,
            route,
            parameters: BTreeMap::new(),
            query: Vec::new(),
            headers: BTreeMap::new(),
            body: None,
            claims: None,
        }
        .by(&ada())
    }

    /// With a parameter of the route.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "ids are small and texts are borrowed")]
    pub fn of(mut self, name: &'static str, value: impl Display) -> Self {
        self.parameters.insert(name, value.to_string());
        self
    }

    /// Creates an order of this cart.
    pub fn create(body: &Value) -> Self {
        Call::new("create-order", "POST", "/api/orders").json(body)
    }

    /// Submits a draft.
    pub fn submit(id: OrderId) -> Self {
        Call::new("submit-order", "POST", "/api/orders/{order_id}/submit").of("order_id", id)
    }

    /// Changes an order, or asks what that would come to.
    pub fn change(id: OrderId, body: &Value) -> Self {
        Call::new("change-order", "POST", "/api/orders/{order_id}/changes").of("order_id", id).json(body)
    }

    /// Every change of an order.
    pub fn changes(id: OrderId) -> Self {
        Call::new("change-order", "GET", "/api/orders/{order_id}/changes").of("order_id", id)
    }

    /// Cancels an order.
    pub fn cancel(id: OrderId) -> Self {
        let call = Call::new("cancel-order", "POST", "/api/orders/{order_id}/cancel").of("order_id", id);
        call.json(&json!({ "reason": "ordered twice" }))
    }

    /// Shows an order.
    pub fn view(id: OrderId) -> Self {
        Call::new("view-order", "GET", "/api/orders/{order_id}").of("order_id", id)
    }

    /// Shows an order by its number.
    pub fn view_numbered(id: OrderId) -> Self {
        Call::new("view-order", "GET", "/api/orders/{order_id}").of("order_id", id.number())
    }

    /// Lists orders.
    pub fn list() -> Self {
        Call::new("list-orders", "GET", "/api/orders")
    }

    /// Approves or rejects an order that is held, as the shop.
    pub fn review(id: OrderId, decision: &str) -> Self {
        let call = Call::new("review-order", "POST", "/api/orders/{order_id}/review").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(&json!({ "decision": decision }))
    }

    /// Gives back a part of what was paid, as the shop.
    pub fn refund(id: OrderId, body: &Value) -> Self {
        let call = Call::new("refund-order", "POST", "/api/orders/{order_id}/refunds").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(body)
    }

    /// Moves an order along, as the shop.
    pub fn status(id: OrderId, body: &Value) -> Self {
        let call = Call::new("update-status", "PATCH", "/api/orders/{order_id}/status").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(body)
    }

    /// Moves a shipment along, as the shop.
    pub fn shipment(id: OrderId, number: u16, body: &Value) -> Self {
        let call = Call::new("handle-shipments", "PATCH", "/api/shipments/{shipment_id}");
        call.of("shipment_id", format!("{id}-S{number}")).by(&oms_testkit::builders::admin()).json(body)
    }

    /// Plans a shipment, as the shop.
    pub fn plan(id: OrderId, body: &Value) -> Self {
        let call = Call::new("handle-shipments", "POST", "/api/orders/{order_id}/shipments").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(body)
    }

    /// Units of an order that are to come back.
    pub fn returning(id: OrderId, body: &Value) -> Self {
        let call = Call::new("handle-returns", "POST", "/api/orders/{order_id}/returns");
        call.of("order_id", id).json(body)
    }

    /// A step of a return, by an admin.
    pub fn moving_return(id: OrderId, number: u16, body: &Value) -> Self {
        let call = Call::new("handle-returns", "PATCH", "/api/returns/{return_id}").by(&oms_testkit::builders::admin());
        call.of("return_id", format!("{id}-R{number}")).json(body)
    }

    pub fn return_of(id: OrderId, number: u16) -> Self {
        Call::new("handle-returns", "GET", "/api/returns/{return_id}").of("return_id", format!("{id}-R{number}"))
    }

    /// Replaces a shipment that was lost, as the shop.
    pub fn replacement(id: OrderId, number: u16) -> Self {
        let call = Call::new("handle-shipments", "POST", "/api/shipments/{shipment_id}/replacement");
        call.of("shipment_id", format!("{id}-S{number}")).by(&oms_testkit::builders::admin())
    }

    /// Shows the shipments of an order, to the shop.
    pub fn shipments_of(id: OrderId) -> Self {
        let call = Call::new("handle-shipments", "GET", "/api/orders/{order_id}/shipments").of("order_id", id);
        call.by(&oms_testkit::builders::admin())
    }

    /// Buys a shipment's label, as the shop.
    pub fn buy_label(id: OrderId, number: u16) -> Self {
        let parcel = json!({ "weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100 });
        let body = json!({ "carrier": "dhl", "service": "standard", "parcels": [parcel] });
        Call::label("POST", id, number).key(&format!("label {id} {number}")).json(&body)
    }

    /// Something with a shipment's label, as the shop.
    pub fn label(method: &'static str, id: OrderId, number: u16) -> Self {
        let call = Call::new("handle-labels", method, "/api/shipments/{shipment_id}/label");
        call.of("shipment_id", format!("{id}-S{number}")).by(&oms_testkit::builders::admin())
    }

    /// Asks carriers for their prices, as the shop.
    pub fn rates(id: OrderId, number: u16) -> Self {
        let call = Call::new("handle-labels", "GET", "/api/shipments/{shipment_id}/rates");
        let call = call.of("shipment_id", format!("{id}-S{number}")).by(&oms_testkit::builders::admin());
        let sides = [("weight_grams", "900"), ("length_mm", "300"), ("width_mm", "200"), ("height_mm", "100")];
        sides.into_iter().fold(call, |call, (name, value)| call.query(name, value))
    }

    /// Lists shipments, to the shop.
    pub fn all_shipments() -> Self {
        Call::new("list-shipments", "GET", "/api/shipments").by(&oms_testkit::builders::admin())
    }

    /// Prints a packing slip, for the shop.
    pub fn slip(id: OrderId, number: u16) -> Self {
        let call = Call::new("print-slips", "GET", "/api/shipments/{shipment_id}/packing-slip");
        call.of("shipment_id", format!("{id}-S{number}")).by(&oms_testkit::builders::admin())
    }

    /// Prints the packing slips of the first shipments of several orders, for the shop.
    pub fn slips(ids: &[OrderId]) -> Self {
        let shipments: Vec<String> = ids.iter().map(|id| format!("{id}-S1")).collect();
        let call = Call::new("print-slips", "GET", "/api/packing-slips").by(&oms_testkit::builders::admin());
        call.query("shipments", &shipments.join(","))
    }

    /// Prints a pick list, for the shop.
    pub fn pick_list() -> Self {
        Call::new("list-shipments", "GET", "/api/pick-list").by(&oms_testkit::builders::admin())
    }

    /// A carrier's push; nobody is signed in.
    pub fn push(news: &[oms_domain::fulfilment::scan::ParcelNews]) -> Self {
        let mut call = Call::new("carrier-callback", "POST", "/api/carriers/callback/{carrier}");
        let (headers, body) = oms_testkit::memory::FakeCarrier::push(news);
        call.claims = None;
        call.headers.extend(headers);
        call.body = Some(String::from_utf8(body).unwrap());
        call.of("carrier", "dhl")
    }

    /// Holds an order, as the shop.
    pub fn hold(id: OrderId) -> Self {
        let call = Call::new("hold-order", "POST", "/api/orders/{order_id}/holds").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(&json!({ "reason": "address", "note": "which door?" }))
    }

    /// Releases a hold, as the shop.
    pub fn release(id: OrderId, hold: &str) -> Self {
        let call = Call::new("hold-order", "DELETE", "/api/orders/{order_id}/holds/{hold_id}").of("order_id", id);
        call.of("hold_id", hold).by(&oms_testkit::builders::admin())
    }

    /// Orders the same again, as Ada.
    pub fn reorder(id: OrderId, draft: bool) -> Self {
        let call = Call::new("reorder", "POST", "/api/orders/{order_id}/reorder").of("order_id", id);
        call.json(&json!({ "draft": draft }))
    }

    /// Adds a note to an order, as the shop.
    pub fn note(id: OrderId, text: &str) -> Self {
        let call = Call::new("hold-order", "POST", "/api/orders/{order_id}/notes").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(&json!({ "text": text, "visibility": "customer" }))
    }

    /// Reads the notes about an order.
    pub fn notes(id: OrderId) -> Self {
        Call::new("hold-order", "GET", "/api/orders/{order_id}/notes").of("order_id", id)
    }

    /// Sets the tags of an order, as the shop.
    pub fn tags(id: OrderId, tags: &[&str]) -> Self {
        let call = Call::new("hold-order", "PUT", "/api/orders/{order_id}/tags").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(&json!({ "tags": tags }))
    }

    /// Says who looks after an order, as the shop.
    pub fn assignee(id: OrderId, who: Option<&str>) -> Self {
        let call = Call::new("hold-order", "PUT", "/api/orders/{order_id}/assignee").of("order_id", id);
        call.by(&oms_testkit::builders::admin()).json(&json!({ "assignee": who }))
    }

    /// Asks what an order waits for, as the shop.
    pub fn diagnosis(id: OrderId) -> Self {
        let call = Call::new("diagnose-order", "GET", "/api/orders/{order_id}/diagnosis").of("order_id", id);
        call.by(&oms_testkit::builders::admin())
    }

    /// Follows a tracking link that was sent then; nobody is signed in.
    pub fn track(id: OrderId, then: Timestamp) -> Self {
        let token = Link::new(Purpose::Track, id, then).token(&oms_testkit::builders::link_keys());
        let call = Call::new("track-order", "GET", "/api/track/{token}").of("token", token);
        Call { claims: None, ..call }
    }

    /// Opens a checkout page.
    pub fn pay(id: OrderId) -> Self {
        let call = Call::new("pay-order", "POST", "/api/orders/{order_id}/payments").of("order_id", id);
        call.json(&json!({ "provider": "sandbox" }))
    }

    /// A customer's kept means of payment.
    pub fn methods(customer: &str) -> Self {
        Call::new("list-methods", "GET", "/api/customers/{user_id}/payment-methods").of("user_id", customer)
    }

    /// Removes one of them.
    pub fn forget(customer: &str, method: &str) -> Self {
        let route = "/api/customers/{user_id}/payment-methods/{method_id}";
        Call::new("delete-method", "DELETE", route).of("user_id", customer).of("method_id", method)
    }

    /// A provider's webhook; nobody is signed in.
    pub fn webhook((headers, body): Delivery) -> Self {
        let mut call = Call::new("payment-callback", "POST", "/api/payments/callback/{provider}");
        call.claims = None;
        call.headers.extend(headers);
        call.body = Some(String::from_utf8(body).unwrap());
        call.of("provider", "sandbox")
    }

    /// Lists products.
    pub fn products() -> Self {
        Call::new("list-products", "GET", "/api/products")
    }

    /// Shows a product.
    pub fn product(id: ProductId) -> Self {
        Call::new("view-product", "GET", "/api/products/{product_id}").of("product_id", id)
    }

    /// Asks whether everything is ready; nobody is signed in.
    pub fn ready() -> Self {
        Call { claims: None, ..Call::new("health", "GET", "/health/ready") }
    }

    /// As somebody else.
    #[must_use]
    pub fn by(mut self, caller: &Caller) -> Self {
        let mut claims = json!({ "sub": caller.user().as_str(), "token_use": "id" });
        let group = match caller {
            Caller::Customer(_) => "[customer]",
            Caller::Admin(_) => "[admin]",
            Caller::Seller { seller, .. } => {
                claims["custom:seller_id"] = seller.as_str().into();
                "[seller]"
            }
        };
        claims["cognito:groups"] = group.into();
        self.claims = Some(claims);
        self
    }

    /// With an `Idempotency-Key`.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Only if the order has this version.
    #[must_use]
    pub fn if_match(self, version: u64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With a parameter in the query; values are written as they are.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self.header("content-type", "application/json")
    }

    /// With a table as its body.
    #[must_use]
    pub fn csv(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self.header("content-type", "text/csv")
    }

    /// The event of an HTTP API, payload 2.0.
    pub fn event(&self) -> Value {
        let path = self
            .parameters
            .iter()
            .fold(self.route.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let pairs: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let route_key = format!("{} {}", self.method, self.route);
        let mut context = json!({
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "api.example.test",
            "domainPrefix": "api",
            "http": {
                "method": self.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.17", "userAgent": "test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route_key,
            "stage": "$default",
            "time": "05/Jan/2026:10:00:00 +0000",
            "timeEpoch": 1_767_607_200_000_i64,
        });
        if let Some(claims) = &self.claims {
            context["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
        }
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": path,
            "rawQueryString": pairs.join("&"),
            "headers": self.headers,
            "requestContext": context,
            "pathParameters": self.parameters,
            "isBase64Encoded": false,
        });
        if let Some(body) = &self.body {
            event["body"] = body.as_str().into();
        }
        event
    }
}

/// What the gateway gets.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u64,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The JSON body; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Reply {
    /// Reads what a function answered.
    pub fn read(answer: &Value) -> Self {
        let text = answer["body"].as_str().unwrap_or_default();
        let none = Map::new();
        let headers = answer["headers"].as_object().unwrap_or(&none);
        Reply {
            status: answer["statusCode"].as_u64().expect("an HTTP answer has a status"),
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            body: serde_json::from_str(text).unwrap_or(Value::Null),
            text: text.to_owned(),
        }
    }

    /// It has this status.
    #[track_caller]
    #[allow(clippy::return_self_not_must_use, reason = "the assertion is the point")]
    pub fn expect(self, status: u64) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// It is this problem.
    #[track_caller]
    pub fn expect_problem(&self, status: u64, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.headers.get("content-type").map(String::as_str), Some("application/problem+json"));
    }

    /// The order that it shows.
    #[track_caller]
    pub fn order_id(&self) -> OrderId {
        self.body["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no order in {}", self.body))
    }
}
