//! Requests as the gateway hands them over, and the answers as it gets them.

use std::sync::Arc;

use http::StatusCode;
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, Text};
use oms_runtime::http::{Answer, MAX_BODY_BYTES, Problem, Request, read_json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::faults::log::Kept;

pub(crate) fn an_event() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /things",
        "rawPath": "/things",
        "rawQueryString": "",
        "headers": { "content-type": "application/json" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "stage": "$default",
            "requestId": "gateway-1", "routeKey": "POST /things", "time": "01/Dec/2025:10:00:00 +0000", "timeEpoch": 0,
            "http": { "method": "POST", "path": "/things", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.17", "userAgent": "" }
        },
        "isBase64Encoded": false
    })
}

fn with_header(name: &str, value: &str) -> Value {
    let mut event = an_event();
    event["headers"][name] = value.into();
    event
}

fn with_body(body: &str) -> Value {
    let mut event = an_event();
    event["body"] = body.into();
    event
}

pub(crate) fn with_claims(claims: &Value) -> Value {
    let mut event = an_event();
    event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
    event
}

/// The answer's status and body.
pub(crate) async fn answer(function: &Function, event: Value) -> (u64, Value) {
    let answer = function.invoke(event).await.unwrap();
    (answer["statusCode"].as_u64().unwrap(), serde_json::from_str(answer["body"].as_str().unwrap()).unwrap())
}

async fn caller(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    let text = match request.caller()? {
        Caller::Customer(user) => format!("customer {user}"),
        Caller::Seller { user, seller } => format!("seller {user} of {seller}"),
        Caller::Admin(user) => format!("admin {user}"),
    };
    Answer::ok(&text)
}

#[tokio::test]
async fn the_role_follows_from_the_tokens_groups() {
    // O11
    let function = Function::http((), caller);
    let table = [
        (json!({ "sub": "u-1" }), 200, "customer u-1"),
        (json!({ "sub": "u-1", "cognito:groups": "[]" }), 200, "customer u-1"),
        (json!({ "sub": "u-1", "cognito:groups": "[customer]" }), 200, "customer u-1"),
        (json!({ "sub": "u-1", "cognito:groups": "[admin]" }), 200, "admin u-1"),
        (json!({ "sub": "u-1", "cognito:groups": "admin" }), 200, "admin u-1"),
        (json!({ "sub": "u-1", "groups": "[admin]" }), 200, "customer u-1"),
        (json!({ "sub": "u-1", "cognito:groups": "[seller]", "custom:seller_id": "s-1" }), 200, "seller u-1 of s-1"),
        (json!({ "sub": "u-1", "cognito:groups": "[seller]" }), 403, "forbidden"),
        (json!({ "sub": "u-1", "cognito:groups": "[administrators]" }), 403, "forbidden"),
        (json!({ "sub": "" }), 401, "unauthenticated"),
        (json!({ "cognito:groups": "[admin]" }), 401, "unauthenticated"),
    ];
    for (claims, status, text) in table {
        let (got, body) = answer(&function, with_claims(&claims)).await;
        let told = body.as_str().or_else(|| body["code"].as_str()).unwrap();
        assert_eq!((got, told), (status, text), "{claims}");
    }
    assert_eq!(answer(&function, an_event()).await.0, 401, "without an authorizer nobody is anybody");
}

async fn correlation(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    Answer::ok(&request.correlation_id)
}

#[tokio::test]
async fn the_clients_correlation_id_is_taken_over_where_it_fits_and_echoed() {
    // P1
    let function = Function::http((), correlation);
    let long = "x".repeat(129);
    for (given, used) in [
        ("mine", "mine"),
        ("", "gateway-1"),
        ("two words", "gateway-1"),
        ("ada@example.com", "gateway-1"),
        (&long, "gateway-1"),
    ] {
        let answer = function.invoke(with_header("x-correlation-id", given)).await.unwrap();
        assert_eq!(answer["body"], format!("\"{used}\""));
        assert_eq!(answer["headers"]["x-correlation-id"], used);
        assert_eq!(answer["headers"]["cache-control"], "no-store");
    }
    assert_eq!(answer(&function, an_event()).await.1, "gateway-1");
}

async fn version(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    Answer::ok(&request.if_match()?)
}

#[tokio::test]
async fn if_match_is_an_etag_of_ours_or_nothing() {
    // J5
    let function = Function::http((), version);
    let fine = [("\"7\"", json!(7)), ("W/\"7\"", json!(7)), ("7", json!(7)), (" \"7\" ", json!(7)), ("*", Value::Null)];
    for (given, version) in fine {
        assert_eq!(answer(&function, with_header("if-match", given)).await, (200, version), "{given}");
    }
    for given in
        ["", "\"\"", "\"", "\"7", "7\"", "\"\"7\"\"", "+7", "-7", "\"7\", \"8\"", "abc", "99999999999999999999"]
    {
        let (status, body) = answer(&function, with_header("if-match", given)).await;
        assert_eq!((status, &body["code"]), (400, &json!("malformed_request")), "{given}");
    }
}

async fn key(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    Answer::ok(&request.idempotency()?.map(|given| (given.key, given.request)))
}

#[tokio::test]
async fn an_idempotency_key_is_bounded_visible_text() {
    // A19
    let function = Function::http((), key);
    assert_eq!(answer(&function, an_event()).await, (200, Value::Null));
    for given in ["k", &"x".repeat(255)] {
        assert_eq!(answer(&function, with_header("idempotency-key", given)).await.1[0], given);
    }
    for given in ["", &"x".repeat(256)] {
        let (status, body) = answer(&function, with_header("idempotency-key", given)).await;
        assert_eq!((status, &body["code"]), (422, &json!("validation_failed")), "{given}");
    }
}

#[tokio::test]
async fn two_spellings_of_one_body_are_one_request_and_another_route_is_another() {
    // A19
    let function = Function::http((), key);
    let fingerprint = async |body: &str, path: &str| {
        let mut event = with_header("idempotency-key", "k");
        event["body"] = body.into();
        event["rawPath"] = path.into();
        event["requestContext"]["http"]["path"] = path.into();
        answer(&function, event).await.1[1].clone()
    };
    let first = fingerprint(r#"{"a":1,"b":2}"#, "/things").await;
    assert_eq!(fingerprint(r#"{ "b": 2, "a": 1 }"#, "/things").await, first);
    assert_ne!(fingerprint(r#"{"a":1,"b":3}"#, "/things").await, first);
    assert_ne!(fingerprint(r#"{"a":1,"b":2}"#, "/others").await, first);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Thing {
    name: Text<0, 5>,
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    quantity: Count<1, 9>,
}

async fn thing(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    let thing: Thing = read_json(&request)?;
    let quantity = thing.parts.first().map(|part| part.quantity);
    Answer::json(StatusCode::CREATED, &(thing.name, thing.parts.len(), quantity))
}

#[tokio::test]
async fn every_fault_of_a_body_is_told_with_its_place() {
    // O8
    let function = Function::http((), thing);
    let deep = format!("{{\"name\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let table = [
        ("{}", 422, "/name"),
        (r#"{"name":"a","colour":"red"}"#, 422, "/colour"),
        (r#"{"name":"a","parts":[{"quantity":1},{}]}"#, 422, "/parts/1/quantity"),
        (r#"{"name":"a","parts":[{"quantity":1,"weight":2}]}"#, 422, "/parts/0/weight"),
        (r#"{"name":"a","parts":[{"quantity":0}]}"#, 422, "/parts/0/quantity"),
        (r#"{"name":"too long"}"#, 422, "/name"),
        (r#"{"name":1}"#, 400, "/name"),
        (r#"{"name":"a","parts":[{"quantity":"one"}]}"#, 400, "/parts/0/quantity"),
        (r#"{"name":"a","parts":[{"quantity":-1}]}"#, 400, "/parts/0/quantity"),
        (r#"{"name":"a","parts":[{"quantity":1.5}]}"#, 400, "/parts/0/quantity"),
        (r#"{"name":"a","parts":null}"#, 400, "/parts"),
        (r#"{"name":"a"} x"#, 400, ""),
        ("", 400, ""),
        ("not json", 400, ""),
        (r#"{"name":"a""#, 400, ""),
        (deep.as_str(), 400, ""),
    ];
    for (body, status, pointer) in table {
        let (got, problem) = answer(&function, with_body(body)).await;
        let shown = &body[..body.len().min(60)];
        assert_eq!(got, status, "{shown}: {problem}");
        assert_eq!(problem["code"], if status == 422 { "validation_failed" } else { "malformed_request" }, "{shown}");
        if !pointer.is_empty() {
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{shown}");
        }
        assert!(!problem.to_string().contains("line 1"), "{problem}");
    }
    assert_eq!(
        answer(&function, with_body(r#"{"name":"a","parts":[{"quantity":3}]}"#)).await,
        (201, json!(["a", 1, 3]))
    );
}

#[tokio::test]
async fn a_field_that_stands_twice_is_refused() {
    let (status, _) = answer(&Function::http((), thing), with_body(r#"{"name":"a","name":"b"}"#)).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_body_is_read_up_to_its_bound() {
    // O9
    let function = Function::http((), thing);
    let padded = |bytes: usize| format!("{{\"name\":\"a\"}}{}", " ".repeat(bytes - 12));
    assert_eq!(answer(&function, with_body(&padded(MAX_BODY_BYTES))).await.0, 201);
    let (status, body) = answer(&function, with_body(&padded(MAX_BODY_BYTES + 1))).await;
    assert_eq!((status, &body["code"]), (413, &json!("payload_too_large")));
}

#[tokio::test]
async fn an_encoded_body_is_decoded() {
    let mut event = with_body("eyJuYW1lIjoiYSJ9");
    event["isBase64Encoded"] = true.into();
    assert_eq!(answer(&Function::http((), thing), event).await.0, 201);
}

#[tokio::test]
async fn what_is_no_http_event_fails_the_invocation() {
    assert!(Function::http((), thing).invoke(json!({ "Records": [] })).await.is_err());
}

#[test]
fn a_request_s_debug_text_holds_no_token_and_nothing_that_people_wrote() {
    // E7
    let request = Request {
        method: "POST".into(),
        headers: vec![("authorization".into(), "Bearer secret".into())],
        query: vec![("user_id".into(), "secret".into())],
        body: b"{\"name\": \"secret\"}".to_vec(),
        claims: [("sub".to_owned(), "secret".to_owned())].into(),
        ..Request::default()
    };
    let text = format!("{request:?}");
    assert!(text.contains("POST") && !text.contains("secret"), "{text}");
}

async fn review(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ReviewOrder)?;
    let thing: Thing = read_json(&request)?;
    Answer::ok(&(intent.expected_version, intent.idempotency.map(|given| given.key), thing.name))
}

/// A request for `review` by somebody of this role.
fn by(role: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let mut event = with_claims(&json!({ "sub": "u-1", "cognito:groups": format!("[{role}]") }));
    for (name, value) in headers {
        event["headers"][*name] = (*value).into();
    }
    event["body"] = body.into();
    event
}

#[tokio::test]
async fn who_may_never_do_it_is_told_so_before_anything_is_read() {
    // O13
    let function = Function::http((), review);
    let large = "x".repeat(MAX_BODY_BYTES + 1);
    for body in ["", "not json", "{}", large.as_str()] {
        for header in [("if-match", "abc"), ("idempotency-key", "")] {
            let (status, problem) = answer(&function, by("customer", &[header], body)).await;
            assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{header:?}");
            let (status, _) = answer(&function, by("admin", &[header], body)).await;
            assert!([400, 413, 422].contains(&status), "{header:?}: {status}");
        }
    }
    let fine = by("admin", &[("if-match", "\"2\""), ("idempotency-key", "k")], r#"{"name":"a"}"#);
    assert_eq!(answer(&function, fine).await, (200, json!([2, "k", "a"])));
}

async fn page(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    let mut query = request.query();
    let (limit, cursor) = (query.limit(), query.cursor().map(ToOwned::to_owned));
    let version = query.last("version", |text| text.parse::<u64>().map_err(|_| "must be a whole number"));
    query.only()?;
    Answer::ok(&(limit, cursor, version))
}

#[tokio::test]
async fn every_fault_of_a_query_is_told_with_its_place() {
    // O8
    let function = Function::http((), page);
    let with_query = |query: &str| {
        let mut event = an_event();
        event["rawQueryString"] = query.into();
        event
    };
    assert_eq!(answer(&function, with_query("")).await, (200, json!([20, null, null])));
    assert_eq!(answer(&function, with_query("cursor=x&limit=7&version=2&limit=9")).await, (200, json!([9, "x", 2])));
    let (status, problem) = answer(&function, with_query("limit=0&colour=red&version=x&limit=101&limit=5")).await;
    let faults = problem["errors"].as_array().unwrap().iter();
    let places: Vec<&str> = faults.map(|field| field["pointer"].as_str().unwrap()).collect();
    assert_eq!((status, places), (422, vec!["/limit", "/limit", "/version", "/colour"]));
}

#[tokio::test]
async fn j10_the_token_of_a_signed_link_is_in_no_line() {
    async fn down(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
        Err(Problem::internal(&format!("{request:?}")))
    }
    let mut event = an_event();
    (event["rawPath"], event["requestContext"]["http"]["path"]) =
        ("/things/opens-it".into(), "/things/opens-it".into());
    event["requestContext"]["routeKey"] = "GET /things/{token}".into();
    event["pathParameters"] = json!({ "token": "opens-it" });
    let kept = Kept::default();
    let writer = kept.clone();
    let lines = tracing::subscriber::set_default(oms_runtime::log::lines("INFO", "", move || writer.clone()));
    let (status, _) = answer(&Function::http((), down), event).await;
    drop(lines);
    let written = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert_eq!(status, 500);
    assert!(written.contains("/things/{token}") && !written.contains("opens-it"), "{written}");
}
