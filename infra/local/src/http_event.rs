//! HTTP in and out of a function: API Gateway's payload format 2.0.
//!
//! As there: the path and its parameters arrive decoded and the query string as sent; header names are lower case and
//! repeated ones joined by a comma; cookies are taken out of the headers; a body that is not of a text type is base64.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::template::ACCOUNT;

/// What the gateway adds to a request of its own.
#[derive(Clone, Debug)]
pub struct RequestFacts<'a> {
    /// The route that matched, e.g. `GET /api/orders/{order_id}`.
    pub route_key: &'a str,
    /// Decoded parameters of the path.
    pub path_parameters: &'a [(String, String)],
    /// Claims of the verified token, when the route has an authorizer.
    pub claims: Option<&'a Map<String, Value>>,
    /// Unique per request.
    pub request_id: &'a str,
    /// For `X-Amzn-Trace-Id`.
    pub trace: &'a str,
    /// When the request arrived.
    pub time: Timestamp,
    /// Who sent it.
    pub source: IpAddr,
    /// Name and port that the gateway is reached by.
    pub authority: &'a str,
}

/// Headers that belong to a connection, and those that only the gateway itself may set.
const DROPPED: [&str; 12] = [
    "connection",
    "cookie",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// The event for a request. The error names a header that no event can carry.
pub fn event(request: &Request<Bytes>, facts: &RequestFacts<'_>) -> Result<Value, String> {
    let path = decode(request.uri().path());
    let query = request.uri().query().unwrap_or_default();
    let user_agent = request.headers().get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let mut context = json!({
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": facts.authority,
        "domainPrefix": "local",
        "http": {
            "method": request.method().as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": facts.source.to_string(),
            "userAgent": user_agent.unwrap_or_default(),
        },
        "requestId": facts.request_id,
        "routeKey": facts.route_key,
        "stage": "$default",
        "time": facts.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": facts.time.as_millisecond(),
    });
    if let Some(claims) = facts.claims {
        let claims: Map<_, _> = claims.iter().map(|(name, value)| (name.clone(), claim_text(value).into())).collect();
        context["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": facts.route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(request, facts)?,
        "requestContext": context,
        "isBase64Encoded": false,
    });
    let cookies = cookies(request)?;
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    if !query.is_empty() {
        event["queryStringParameters"] = query_parameters(query).into();
    }
    if !facts.path_parameters.is_empty() {
        let parameters = facts.path_parameters.iter();
        event["pathParameters"] =
            parameters.map(|(name, value)| (name.clone(), value.clone().into())).collect::<Map<_, _>>().into();
    }
    if !request.body().is_empty() {
        let text = if is_text(request) { std::str::from_utf8(request.body()).ok() } else { None };
        event["isBase64Encoded"] = text.is_none().into();
        event["body"] = text.map_or_else(|| BASE64.encode(request.body()), str::to_owned).into();
    }
    Ok(event)
}

fn headers(request: &Request<Bytes>, facts: &RequestFacts<'_>) -> Result<Map<String, Value>, String> {
    let mut headers = Map::new();
    for name in request.headers().keys() {
        if !DROPPED.contains(&name.as_str()) {
            headers.insert(name.to_string(), header_text(request, name, ",")?.into());
        }
    }
    let forwarded = match headers.get("x-forwarded-for").and_then(Value::as_str) {
        Some(before) => format!("{before}, {}", facts.source),
        None => facts.source.to_string(),
    };
    let port = facts.authority.rsplit(':').next().unwrap_or_default().to_owned();
    headers.insert("host".to_owned(), facts.authority.into());
    headers.insert("x-amzn-trace-id".to_owned(), format!("Root={}", facts.trace).into());
    headers.insert("x-forwarded-for".to_owned(), forwarded.into());
    headers.insert("x-forwarded-port".to_owned(), port.into());
    headers.insert("x-forwarded-proto".to_owned(), "http".into());
    Ok(headers)
}

fn header_text(request: &Request<Bytes>, name: &HeaderName, separator: &str) -> Result<String, String> {
    let values: Result<Vec<_>, _> = request.headers().get_all(name).iter().map(HeaderValue::to_str).collect();
    values
        .map(|values| values.join(separator))
        .map_err(|_| format!("the header {name} holds characters other than visible ASCII"))
}

fn cookies(request: &Request<Bytes>) -> Result<Vec<String>, String> {
    let all = header_text(request, &COOKIE, ";")?;
    Ok(all.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()).map(str::to_owned).collect())
}

/// Decoded; repeated ones joined by a comma.
fn query_parameters(query: &str) -> Map<String, Value> {
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let joined = match parameters.get(name.as_ref()).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.into_owned(),
        };
        parameters.insert(name.into_owned(), joined.into());
    }
    parameters
}

/// Percent-decoding of a path; `+` is itself there.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = if byte == b'%' { text.get(index + 1..index + 3) } else { None };
        let escaped = escaped.filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if let Some(value) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(value);
            index += 3;
        } else {
            decoded.push(byte);
            index += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Claims reach a function as text: numbers and flags as written, arrays as `[a b]`.
fn claim_text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(claim_text).collect::<Vec<_>>().join(" ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => claim.to_string(),
    }
}

fn is_text(request: &Request<Bytes>) -> bool {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind.as_str())
}

/// The HTTP response that a function's answer means. The error is for the log: the client gets a 500.
pub fn response(answer: &Value) -> Result<Response<Bytes>, String> {
    let Some(status) = answer.get("statusCode") else {
        // Anything else that is JSON is a body.
        let mut response =
            Response::new(Bytes::from(answer.as_str().map_or_else(|| answer.to_string(), str::to_owned)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Ok(response);
    };
    let status = status
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| format!("statusCode {status} is no HTTP status"))?;
    let mut response = Response::new(body(answer)?);
    *response.status_mut() = status;
    for (name, value) in response_headers(answer)? {
        response.headers_mut().append(name, value);
    }
    response.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain;charset=UTF-8"));
    Ok(response)
}

fn body(answer: &Value) -> Result<Bytes, String> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return Err("body must be text".to_owned()),
    };
    if answer.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false) {
        return BASE64.decode(text).map(Bytes::from).map_err(|error| format!("body is no base64: {error}"));
    }
    Ok(Bytes::from(text.clone()))
}

fn response_headers(answer: &Value) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name = HeaderName::try_from(name).map_err(|_| format!("{name} is no header name"))?;
        // The body's length is known better here.
        if name != http::header::CONTENT_LENGTH {
            let value =
                HeaderValue::try_from(text).map_err(|_| format!("the value of header {name} is not allowed"))?;
            headers.push((name, value));
        }
        Ok::<_, String>(())
    };
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        add(name, value)?;
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        add(SET_COOKIE.as_str(), cookie)?;
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn facts<'a>(parameters: &'a [(String, String)], claims: Option<&'a Map<String, Value>>) -> RequestFacts<'a> {
        RequestFacts {
            route_key: "POST /api/orders/{order_id}/cancel",
            path_parameters: parameters,
            claims,
            request_id: "req-1",
            trace: "1-5759e988-bd862e3fe1be46a994272793",
            time: "2026-01-02T03:04:05.678Z".parse().unwrap(),
            source: [127, 0, 0, 1].into(),
            authority: "127.0.0.1:3000",
        }
    }

    #[test]
    fn a_request_becomes_the_event_that_lambda_gets() {
        let request = Request::post("/api/orders/a%20b/cancel?tag=x&tag=y%26z&q=1+2")
            .header("Content-Type", "application/json; charset=utf-8")
            .header("X-Many", "one")
            .header("X-Many", "two")
            .header("Cookie", "a=1; b=2")
            .header("Host", "elsewhere")
            .header("X-Forwarded-Proto", "not a scheme")
            .header("User-Agent", "curl/8")
            .body(Bytes::from_static(br#"{"reason":"changed my mind"}"#))
            .unwrap();
        let claims =
            json!({"sub": "u1", "cognito:groups": ["customer", "admin"], "exp": 1_767_323_045, "email_verified": true});
        let parameters = [("order_id".to_owned(), "a b".to_owned())];
        let event = event(&request, &facts(&parameters, claims.as_object())).unwrap();
        let expected = json!({
            "version": "2.0",
            "routeKey": "POST /api/orders/{order_id}/cancel",
            "rawPath": "/api/orders/a b/cancel",
            "rawQueryString": "tag=x&tag=y%26z&q=1+2",
            "cookies": ["a=1", "b=2"],
            "headers": {
                "content-type": "application/json; charset=utf-8",
                "host": "127.0.0.1:3000",
                "user-agent": "curl/8",
                "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "3000",
                "x-forwarded-proto": "http",
                "x-many": "one,two",
            },
            "queryStringParameters": {"tag": "x,y&z", "q": "1 2"},
            "pathParameters": {"order_id": "a b"},
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "authorizer": {"jwt": {
                    "claims": {"sub": "u1", "cognito:groups": "[customer admin]", "exp": "1767323045", "email_verified": "true"},
                    "scopes": null,
                }},
                "domainName": "127.0.0.1:3000",
                "domainPrefix": "local",
                "http": {
                    "method": "POST",
                    "path": "/api/orders/a b/cancel",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "curl/8",
                },
                "requestId": "req-1",
                "routeKey": "POST /api/orders/{order_id}/cancel",
                "stage": "$default",
                "time": "02/Jan/2026:03:04:05 +0000",
                "timeEpoch": 1_767_323_045_678_i64,
            },
            "body": r#"{"reason":"changed my mind"}"#,
            "isBase64Encoded": false,
        });
        assert_eq!(event, expected, "{event:#}");
    }

    #[test]
    fn bodies_that_are_not_text_are_base64() {
        for (kind, body, encoded) in [
            ("application/json", "{}".as_bytes(), false),
            ("application/cloudevents+json", b"{}", false),
            ("application/json", b"\xff\xfe", true),
            ("application/octet-stream", b"{}", true),
            ("application/x-www-form-urlencoded", b"a=b", true),
        ] {
            let request = Request::post("/").header("content-type", kind).body(Bytes::from_static(body)).unwrap();
            let event = event(&request, &facts(&[], None)).unwrap();
            assert_eq!(event["isBase64Encoded"], json!(encoded), "{kind}");
        }
        let empty = event(&Request::get("/").body(Bytes::new()).unwrap(), &facts(&[], None)).unwrap();
        assert_eq!((empty.get("body"), empty.get("pathParameters"), empty.get("cookies")), (None, None, None));
    }

    #[test]
    fn a_header_that_no_event_can_carry_is_named() {
        let request = Request::get("/").header("x-odd", b"\xe4".as_slice()).body(Bytes::new()).unwrap();
        assert!(event(&request, &facts(&[], None)).unwrap_err().contains("x-odd"));
    }

    #[test]
    fn paths_are_decoded_once_and_rubbish_is_kept() {
        for (path, decoded) in [
            ("/a%2Fb", "/a/b"),
            ("/%C3%A4", "/ä"),
            ("/100%", "/100%"),
            ("/%zz%+f%4", "/%zz%+f%4"),
            ("/a+b", "/a+b"),
            ("/%2541", "/%41"),
        ] {
            assert_eq!(decode(path), decoded);
        }
    }

    #[test]
    fn an_answer_becomes_a_response() {
        let answer = json!({
            "statusCode": 201,
            "headers": {"location": "/api/orders/1", "content-type": "application/json", "content-length": "999"},
            "multiValueHeaders": {},
            "cookies": ["a=1", "b=2"],
            "body": "e30=",
            "isBase64Encoded": true,
        });
        let created = response(&answer).unwrap();
        assert_eq!((created.status(), created.body().as_ref()), (StatusCode::CREATED, b"{}".as_slice()));
        assert_eq!(created.headers()["location"], "/api/orders/1");
        assert_eq!(created.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!created.headers().contains_key("content-length"));
        let bare = response(&json!({"hello": 1})).unwrap();
        assert_eq!((bare.status(), bare.body().as_ref()), (StatusCode::OK, br#"{"hello":1}"#.as_slice()));
        for wrong in [
            json!({"statusCode": 99}),
            json!({"statusCode": 200, "body": {}}),
            json!({"statusCode": 200, "headers": {"a b": "c"}}),
        ] {
            assert!(response(&wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_and_noise_harms_nobody(text in any::<String>(), noise in "[%0-9a-fA-F\u{e4}x+]{0,40}") {
            let encoded = text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
            prop_assert_eq!(decode(&encoded), text);
            prop_assert!(decode(&noise).len() <= 3 * noise.len());
        }
    }
}
