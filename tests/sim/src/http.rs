//! How people and the provider reach the functions: requests with tokens, and answers that may never come.

use oms_testkit::builders::seller;
use serde_json::{Value, json};

use crate::cloud::{invoke, off_until};
use crate::exec::SECOND;
use crate::planted::Bug;
use crate::weather::Fault;
use crate::world::World;

/// Longest that anybody waits for an answer.
const PATIENCE_SECONDS: i64 = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) role: &'static str,
}

impl Who {
    pub(crate) fn customer(number: usize) -> Self {
        Who { name: format!("customer-{number}"), role: "customer" }
    }

    /// Sells everything that is on sale, or nothing of it.
    pub(crate) fn seller(of_all: bool) -> Self {
        let name = if of_all { seller().as_str().to_owned() } else { "somebody-else".to_owned() };
        Who { name, role: "seller" }
    }

    pub(crate) fn admin() -> Self {
        Who { name: "grace".into(), role: "admin" }
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) package: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// Name and value of the path parameter.
    pub(crate) parameter: Option<(&'static str, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

impl Ask {
    /// About an order.
    pub(crate) fn order(package: &'static str, id: &str, body: &Value) -> Self {
        Ask {
            package,
            method: "POST",
            path: format!("/api/orders/{id}/{package}"),
            parameter: Some(("order_id", id.to_owned())),
            headers: Vec::new(),
            body: Some(body.to_string()),
        }
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.headers.push(("idempotency-key".into(), key.into()));
        self
    }

    /// As the gateway knows it; only functions behind several routes look at it.
    fn route(&self) -> &'static str {
        match (self.package, self.method, self.path.rsplit('/').next()) {
            ("handle-shipments", "GET", _) => "GET /api/orders/{order_id}/shipments",
            ("handle-shipments", "PATCH", _) => "PATCH /api/shipments/{shipment_id}",
            ("handle-shipments", _, Some("shipments")) => "POST /api/orders/{order_id}/shipments",
            ("handle-shipments", _, _) => "POST /api/shipments/{shipment_id}/replacement",
            ("handle-labels", "POST", _) => "POST /api/shipments/{shipment_id}/label",
            ("handle-labels", "DELETE", _) => "DELETE /api/shipments/{shipment_id}/label",
            ("change-order", "DELETE", _) => "DELETE /api/orders/{order_id}/changes/{change_id}",
            ("change-order", "GET", _) => "GET /api/orders/{order_id}/changes",
            ("change-order", _, _) => "POST /api/orders/{order_id}/changes",
            ("handle-returns", "POST", _) => "POST /api/orders/{order_id}/returns",
            ("handle-returns", "PATCH", _) => "PATCH /api/returns/{return_id}",
            ("handle-returns", _, _) => "GET /api/returns/{return_id}",
            ("hold-order", "GET", _) => "GET /api/orders/{order_id}/notes",
            ("hold-order", "POST", Some("notes")) => "POST /api/orders/{order_id}/notes",
            ("hold-order", "PUT", Some("tags")) => "PUT /api/orders/{order_id}/tags",
            ("hold-order", "PUT", _) => "PUT /api/orders/{order_id}/assignee",
            ("hold-order", "DELETE", _) => "DELETE /api/orders/{order_id}/holds/{hold_id}",
            ("hold-order", _, _) => "POST /api/orders/{order_id}/holds",
            _ => "$default",
        }
    }

    fn event(&self, who: Option<&Who>) -> Value {
        let mut headers = json!({"content-type": "application/json"});
        for (name, value) in &self.headers {
            headers[name] = json!(value);
        }
        let mut context = json!({
            "accountId": "1", "apiId": "a", "domainName": "a", "domainPrefix": "a", "requestId": "r",
            "routeKey": self.route(), "stage": "$default", "time": "", "timeEpoch": 0,
            "http": {"method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": "::1", "userAgent": ""},
        });
        if let Some(who) = who {
            let groups = format!("[{}]", who.role);
            let mut claims = json!({"sub": who.name, "cognito:groups": groups});
            if who.role == "seller" {
                claims["custom:seller_id"] = json!(who.name);
            }
            context["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
        }
        let mut parameters: serde_json::Map<String, Value> =
            self.parameter.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        if let Some((_, change)) = self.path.split_once("/changes/") {
            parameters.insert("change_id".to_owned(), json!(change));
        }
        if let Some((_, hold)) = self.path.split_once("/holds/") {
            parameters.insert("hold_id".to_owned(), json!(hold));
        }
        json!({
            "version": "2.0", "routeKey": self.route(), "rawPath": self.path, "rawQueryString": "", "headers": headers,
            "pathParameters": Value::Object(parameters), "requestContext": context, "body": self.body,
            "isBase64Encoded": false,
        })
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// An answer of a handler.
    Answer(u16, Value),
    /// Nothing, or nothing but that the platform is in trouble: it may have happened or not.
    Silence,
}

impl Reply {
    /// Whether the same request may be sent again, because nobody knows or because it may succeed then.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Reply::Silence => true,
            Reply::Answer(status, body) => {
                *status >= 500
                    || *status == 429
                    || body["retryable"] == json!(true)
                    || body["code"] == json!("ORD-2002")
            }
        }
    }

    /// What was asked for, if it was given.
    pub(crate) fn given(&self) -> Option<&Value> {
        match self {
            Reply::Answer(200..=299, body) => Some(body),
            Reply::Answer(..) | Reply::Silence => None,
        }
    }
}

/// Asks, and waits for as long as anybody would.
pub(crate) async fn ask(world: &World, who: Option<&Who>, ask: &Ask) -> Reply {
    let name = who.map_or("provider", |who| who.name.as_str());
    world.note(|| format!("{name}: {} {} {}", ask.method, ask.path, ask.body.as_deref().unwrap_or_default()));
    if off_until(world, ask.package).is_some() {
        world.note(|| format!("{name}: {} is off", ask.package));
        return Reply::Silence;
    }
    let mut wrong = ask.clone();
    if world.has(Bug::CreateIgnoresKey) && ask.package == "create-order" {
        wrong.headers.clear();
    }
    if world.has(Bug::TagsOverUnseenOnes) && ask.path.ends_with("/tags") {
        wrong.headers.retain(|(name, _)| name != "if-match");
    }
    let caller = world.caller(ask.package, who.cloned());
    let shows_all = world.has(Bug::PrivateNoteShown) && ask.method == "GET" && ask.path.ends_with("/notes");
    let caller = if shows_all { Some(Who::admin()) } else { caller };
    // The invocation goes on when nobody waits any more.
    let (here, package, event) = (world.clone(), ask.package, wrong.event(caller.as_ref()));
    let invocation = world.sim.spawn_within(60 * SECOND, async move { invoke(&here, package, event).await });
    let patience = std::pin::pin!(world.sim.sleep(PATIENCE_SECONDS * SECOND));
    let reply = match futures::future::select(invocation, patience).await {
        futures::future::Either::Left((Ok(Some(Ok(answer))), _)) if !world.strikes(Fault::LostAnswer) => read(&answer),
        futures::future::Either::Left(_) | futures::future::Either::Right(_) => Reply::Silence,
    };
    world.note(|| format!("{name}: {} -> {}", ask.path, shown(&reply)));
    let reply = if acknowledged_anyway(world, ask, &reply) { Reply::Answer(200, Value::Null) } else { reply };
    if let Reply::Answer(500, body) = &reply {
        world.wrong(format!("{} {} answered 500: {body}", ask.method, ask.path));
    }
    reply
}

fn acknowledged_anyway(world: &World, ask: &Ask, reply: &Reply) -> bool {
    let failed = match reply {
        Reply::Silence => world.has(Bug::WebhookCrashTakenForDone),
        Reply::Answer(status, _) => *status >= 500 && world.has(Bug::WebhookAcknowledgedInFailure),
    };
    let push = reply.is_open() && world.has(Bug::PushAcknowledgedInFailure);
    (failed && ask.package == "payment-callback") || (push && ask.package == "carrier-callback")
}

fn read(answer: &Value) -> Reply {
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
    let body = answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or(Value::Null);
    Reply::Answer(status, body)
}

fn shown(reply: &Reply) -> String {
    match reply {
        Reply::Answer(status, body) if *status < 300 => {
            let facts = ["id", "status", "version", "payment_id"];
            let facts: Vec<&str> = facts.iter().filter_map(|name| body[*name].as_str()).collect();
            format!("{status} {}", facts.join(" "))
        }
        Reply::Answer(status, body) => format!("{status} {}", body["code"].as_str().unwrap_or_default()),
        Reply::Silence => "silence".to_owned(),
    }
}
