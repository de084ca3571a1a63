//! An event for any function, for `sam local invoke`: real samples of each kind of trigger are in `events/`, and this
//! makes from them what another function of the same kind would get.

use serde_json::{Value, json};

use crate::openapi;
use crate::template::{EventSource, FunctionSpec, HttpRoute, Template};

const HTTP: &str = include_str!("../../../events/create-order.json");
const WEBHOOK: &str = include_str!("../../../events/payment-callback.json");
const QUEUE: &str = include_str!("../../../events/notify.json");
const ORDERS_STREAM: &str = include_str!("../../../events/relay.json");
const CATALOG_STREAM: &str = include_str!("../../../events/alert-stock.json");
const SCHEDULE: &str = include_str!("../../../events/sweep.json");

/// What invokes a function of this template, for the first of its triggers.
pub fn event(template: &Template, package: &str) -> Result<Value, String> {
    let function = template.function(package).ok_or_else(|| unknown(template, package))?;
    let source = function.events.first().ok_or_else(|| format!("nothing invokes {package}"))?;
    match source {
        EventSource::Http(_) if package == "payment-callback" => parsed(WEBHOOK),
        EventSource::Http(route) => request(route),
        EventSource::Queue(source) => {
            let mut event = parsed(QUEUE)?;
            let arn = format!("arn:aws:sqs:eu-central-1:123456789012:{}", source.queue);
            event["Records"][0]["eventSourceARN"] = arn.into();
            Ok(event)
        }
        EventSource::Stream(source) if source.table.contains("catalog") => parsed(CATALOG_STREAM),
        EventSource::Stream(_) => parsed(ORDERS_STREAM),
        EventSource::Schedule(source) => match &source.input {
            Some(input) => Ok(input.clone()),
            None => parsed(SCHEDULE),
        },
    }
}

fn unknown(template: &Template, package: &str) -> String {
    let known: Vec<&str> = template.functions.iter().map(|FunctionSpec { package, .. }| package.as_str()).collect();
    format!("there is no function {package}; there are: {}", known.join(", "))
}

fn parsed(sample: &str) -> Result<Value, String> {
    serde_json::from_str(sample).map_err(|error| error.to_string())
}

/// The envelope of a create, addressed to another route by an admin, with the example body of `openapi.yaml`.
fn request(route: &HttpRoute) -> Result<Value, String> {
    let document = openapi::json()?;
    let operation = &document["paths"][&route.path][route.method.to_lowercase()];
    let mut event = parsed(HTTP)?;
    let mut path = route.path.clone();
    let mut parameters = json!({});
    for (name, value) in operation["parameters"].as_array().into_iter().flatten().filter_map(named) {
        path = path.replace(&format!("{{{name}}}"), value);
        parameters[name] = value.into();
    }
    let key = format!("{} {}", route.method, route.path);
    let fields = [
        ("/routeKey", json!(key)),
        ("/rawPath", json!(path)),
        ("/requestContext/routeKey", json!(key)),
        ("/requestContext/http/method", json!(route.method)),
        ("/requestContext/http/path", json!(path)),
        ("/requestContext/authorizer/jwt/claims/cognito:groups", json!("[admin]")),
    ];
    for (place, value) in fields {
        *event.pointer_mut(place).ok_or("the sample of an HTTP event is not one")? = value;
    }
    if !route.authorized {
        remove(&mut event["requestContext"], "authorizer");
        remove(&mut event["headers"], "authorization");
    }
    if parameters != json!({}) {
        event["pathParameters"] = parameters;
    }
    let needed: Vec<(&str, String)> =
        operation["parameters"].as_array().into_iter().flatten().filter_map(needed_in_query).collect();
    if !needed.is_empty() {
        event["queryStringParameters"] = needed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        event["rawQueryString"] = serde_urlencoded::to_string(&needed).map_err(|error| error.to_string())?.into();
    }
    remove(&mut event["headers"], "content-length");
    if let Some((kind, body)) = example(&document, &operation["requestBody"]["content"]) {
        event["headers"]["content-type"] = kind.into();
        event["body"] = body.as_str().map_or_else(|| body.to_string(), ToOwned::to_owned).into();
    } else {
        remove(&mut event["headers"], "content-type");
        remove(&mut event, "body");
    }
    Ok(event)
}

/// A parameter of the path with a value that it may have.
fn named(parameter: &Value) -> Option<(&str, &str)> {
    if parameter["in"] != "path" {
        return None;
    }
    let word = parameter["schema"]["enum"][0].as_str();
    let id = (parameter["schema"]["format"] == "uuid").then_some("01990000-0000-7000-8000-000000000001");
    Some((parameter["name"].as_str()?, word.or(id).unwrap_or("ada")))
}

/// A parameter of the query without which nothing is answered, with the values of its example.
fn needed_in_query(parameter: &Value) -> Option<(&str, String)> {
    let needed = parameter["in"] == "query" && parameter["required"] == true;
    let values = parameter["example"].as_array().filter(|_| needed)?;
    let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    Some((parameter["name"].as_str()?, values.join(",")))
}

/// The example of a JSON body that the contract gives for a route.
pub fn body_example(method: &str, path: &str) -> Option<Value> {
    let document = serde_json::to_value(crate::openapi::document()).ok()?;
    let operation = &document["paths"][path][method.to_ascii_lowercase()];
    let (kind, body) = example(&document, &operation["requestBody"]["content"])?;
    (kind == "application/json").then(|| body.clone())
}

/// The kind of a body, and its example.
fn example<'a>(document: &'a Value, content: &'a Value) -> Option<(&'a str, &'a Value)> {
    let (kind, media) = content.as_object()?.iter().next()?;
    let schema = match media["schema"]["$ref"].as_str() {
        Some(named) => document.pointer(named.strip_prefix('#')?)?,
        None => &media["schema"],
    };
    media.get("example").or_else(|| schema["examples"].get(0)).map(|example| (kind.as_str(), example))
}

fn remove(value: &mut Value, name: &str) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove(name);
    }
}
