//! The HTTP API: routes requests to functions as API Gateway does.
//!
//! The most specific route wins: literal segments before `{name}` before `{name+}`, an exact method before `ANY`. Then
//! the authorizer, then the function. The gateway's own refusals are problem documents (see [`crate::problem`]):
//! 401 without a good token, 404 without a route (there is no 405), 413 above 10 MB, 431 above 10 KB of headers, 500
//! when a function fails, panics or answers nonsense, 503 when it takes too long. [`Gateway::call`] is the same without a socket.
//!
//! Deliberately absent: throttling, access logs, custom domains, stages.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::{Bytes, BytesMut};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::function::{InvokeError, Invoker};
use crate::http_event::{self, RequestFacts};
use crate::identity::Identity;
use crate::problem::Problem;
use crate::template::{Cors, EventSource, HttpRoute, Template};

/// Largest request body that API Gateway takes.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// Largest request line and headers together.
const MAX_HEAD_BYTES: usize = 10 * 1024;
/// A body that is too large is still read up to here, so that the client gets to read the answer.
const MAX_DISCARDED_BYTES: usize = 64 * 1024 * 1024;
/// Longest that API Gateway waits for a function.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// A cheap handle to the HTTP API.
#[derive(Clone, Debug)]
pub struct Gateway(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    routes: Vec<Route>,
    identity: Identity,
    cors: Option<Cors>,
    clock: Clock,
    authority: String,
    functions: OnceLock<BTreeMap<String, Invoker>>,
    stopped: watch::Sender<bool>,
}

impl Gateway {
    /// All routes of the template. Until [`Gateway::open`] every one of them is unavailable.
    pub fn new(template: &Template, identity: &Identity, clock: &Clock, authority: &str) -> Self {
        let mut routes = Vec::new();
        for function in &template.functions {
            for event in &function.events {
                if let EventSource::Http(route) = event {
                    routes.push(Route::new(route, &function.package));
                }
            }
        }
        // The first that matches is the most specific one.
        routes.sort_by(|a, b| (&a.segments, a.method == "ANY").cmp(&(&b.segments, b.method == "ANY")));
        Self(Arc::new(Inner {
            routes,
            identity: identity.clone(),
            cors: template.api.cors.clone(),
            clock: clock.clone(),
            authority: authority.to_owned(),
            functions: OnceLock::new(),
            stopped: watch::Sender::new(false),
        }))
    }

    /// Connects the routes with their functions.
    pub(crate) fn open(&self, functions: BTreeMap<String, Invoker>) {
        // Only ever called once, by `Cloud::start`; a second time would change nothing.
        let _ = self.0.functions.set(functions);
    }

    /// Drops what is being handled and refuses the rest.
    pub(crate) fn stop(&self) {
        self.0.stopped.send_replace(true);
    }

    /// Serves everything that no route of `extra` matches.
    pub(crate) fn router(&self, extra: Router) -> Router {
        let gateway = self.clone();
        extra.fallback(move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: axum::extract::Request| {
            let gateway = gateway.clone();
            async move { gateway.serve(request, peer.ip()).await.map(Body::from) }
        })
    }

    async fn serve(&self, request: Request<Body>, source: IpAddr) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        match read_body(body).await {
            Ok(body) => {
                // As on AWS, a function goes on when its client has gone.
                let gateway = self.clone();
                let request = Request::from_parts(parts, body);
                let handled = tokio::spawn(async move { gateway.handle(request, source).await });
                handled.await.unwrap_or_else(|_| Problem::internal().response(&new_trace()))
            }
            Err(problem) => problem.response(&new_trace()),
        }
    }

    /// One request from this machine, without a socket.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.handle(request, Ipv4Addr::LOCALHOST.into()).await
    }

    async fn handle(&self, request: Request<Bytes>, source: IpAddr) -> Response<Bytes> {
        if let Some(answer) = self.0.cors.as_ref().and_then(|cors| cors.preflight(&request)) {
            return answer;
        }
        let trace = trace_of(&request);
        let request_id = crate::random::uuid().simple().to_string();
        let mut stopped = self.0.stopped.subscribe();
        let answered = tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => Err(Problem::unavailable("the local cloud is stopping")),
            answered = self.answer(&request, source, &trace, &request_id) => answered,
        };
        let mut response = answered.unwrap_or_else(|problem| problem.response(&trace));
        if let Ok(id) = HeaderValue::try_from(request_id) {
            response.headers_mut().insert("apigw-requestid", id);
        }
        if let Some(cors) = &self.0.cors {
            cors.mark(request.headers(), response.headers_mut());
        }
        response
    }

    async fn answer(
        &self,
        request: &Request<Bytes>,
        source: IpAddr,
        trace: &str,
        request_id: &str,
    ) -> Result<Response<Bytes>, Problem> {
        if head_bytes(request) > MAX_HEAD_BYTES {
            return Err(Problem::headers_too_large("the request line and headers are larger than 10 KB"));
        }
        let path = request.uri().path();
        let (route, parameters) = self
            .0
            .routes
            .iter()
            .find_map(|route| Some((route, route.matches(request.method(), path)?)))
            .ok_or_else(|| Problem::not_found("no route matches this method and path"))?;
        let claims = if route.authorized { Some(self.authorize(request)?) } else { None };
        if request.body().len() > MAX_BODY_BYTES {
            return Err(body_too_large());
        }
        let facts = RequestFacts {
            route_key: &route.key,
            path_parameters: &parameters,
            claims: claims.as_ref(),
            request_id,
            trace,
            time: self.0.clock.now(),
            source,
            authority: &self.0.authority,
        };
        let event = http_event::event(request, &facts).map_err(|detail| Problem::malformed(&detail))?;
        self.invoke(route, event, trace).await
    }

    async fn invoke(&self, route: &Route, event: Value, trace: &str) -> Result<Response<Bytes>, Problem> {
        let starting = || Problem::unavailable("the local cloud is starting");
        let function = self.0.functions.get().and_then(|all| all.get(&route.package)).ok_or_else(starting)?;
        let outcome = match tokio::time::timeout(INTEGRATION_TIMEOUT, function.invoke(event)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(InvokeError::TimedOut(INTEGRATION_TIMEOUT)),
        };
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(function = %route.package, route = %route.key, trace_id = trace, "function failed: {error}");
        };
        match outcome {
            Ok(answer) => http_event::response(&answer).map_err(|error| {
                failed(&error);
                Problem::internal()
            }),
            Err(error @ InvokeError::TimedOut(_)) => {
                failed(&error);
                Err(Problem::unavailable("the function took too long"))
            }
            Err(error @ (InvokeError::Failed(_) | InvokeError::Panicked(_))) => {
                failed(&error);
                Err(Problem::internal())
            }
        }
    }

    fn authorize(&self, request: &Request<Bytes>) -> Result<Map<String, Value>, Problem> {
        let refuse = |detail: &str| Problem::unauthorized(detail);
        let header = request.headers().get(AUTHORIZATION).ok_or_else(|| refuse("a token is needed"))?;
        let header = header.to_str().map_err(|_| refuse("the token cannot be read"))?;
        let token = match header.split_at_checked(7) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token,
            _ => header,
        };
        self.0.identity.verify(token.trim()).map_err(refuse)
    }
}

async fn read_body(mut body: Body) -> Result<Bytes, Problem> {
    let mut read = BytesMut::new();
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::malformed("the request was cut short"))?;
        let Ok(data) = frame.into_data() else { continue };
        if discarded > 0 || read.len() + data.len() > MAX_BODY_BYTES {
            discarded += data.len();
            if discarded > MAX_DISCARDED_BYTES {
                break;
            }
        } else {
            read.extend_from_slice(&data);
        }
    }
    if discarded > 0 { Err(body_too_large()) } else { Ok(read.freeze()) }
}

fn head_bytes(request: &Request<Bytes>) -> usize {
    let line = request.method().as_str().len() + request.uri().to_string().len();
    request.headers().iter().fold(line, |sum, (name, value)| sum + name.as_str().len() + value.len())
}

fn body_too_large() -> Problem {
    Problem::too_large("the body is larger than 10 MB")
}

/// The caller's trace when there is one, in the form that load balancers and API Gateway write.
fn trace_of(request: &Request<Bytes>) -> String {
    let given = request.headers().get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
    given
        .and_then(|text| text.split(';').find_map(|part| part.trim().strip_prefix("Root=")))
        .filter(|root| root.len() <= 64 && root.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        .map_or_else(new_trace, str::to_owned)
}

fn new_trace() -> String {
    let id = crate::random::uuid().simple().to_string();
    let (time, rest) = id.split_at(8);
    format!("1-{time}-{rest}")
}

#[derive(Debug)]
struct Route {
    method: String,
    segments: Vec<Segment>,
    /// `POST /api/orders/{order_id}/cancel`
    key: String,
    authorized: bool,
    package: String,
}

/// In order of specificity.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

impl Route {
    fn new(route: &HttpRoute, package: &str) -> Self {
        let segments = route.path.split('/').skip(1).map(|part| {
            match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => Segment::Greedy(name.to_owned()),
                    None => Segment::Parameter(name.to_owned()),
                },
                None => Segment::Literal(part.to_owned()),
            }
        });
        Self {
            method: route.method.clone(),
            segments: segments.collect(),
            key: format!("{} {}", route.method, route.path),
            authorized: route.authorized,
            package: package.to_owned(),
        }
    }

    /// The path's decoded parameters, when method and path match.
    fn matches(&self, method: &Method, path: &str) -> Option<Vec<(String, String)>> {
        if self.method != "ANY" && self.method != method.as_str() {
            return None;
        }
        let mut rest = Some(path.strip_prefix('/')?);
        let mut parameters = Vec::new();
        for segment in &self.segments {
            let remaining = rest?;
            let (part, after) = match remaining.split_once('/') {
                Some((part, after)) => (part, Some(after)),
                None => (remaining, None),
            };
            match segment {
                Segment::Literal(literal) if http_event::decode(part) == *literal => rest = after,
                Segment::Parameter(name) if !part.is_empty() => {
                    parameters.push((name.clone(), http_event::decode(part)));
                    rest = after;
                }
                Segment::Greedy(name) if !remaining.is_empty() => {
                    parameters.push((name.clone(), http_event::decode(remaining)));
                    rest = None;
                }
                Segment::Literal(_) | Segment::Parameter(_) | Segment::Greedy(_) => return None,
            }
        }
        rest.is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::Function;
    use crate::identity::TokenRequest;
    use crate::state::StateDb;
    use http::StatusCode;
    use serde_json::json;

    const TEMPLATE: &str = "
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: A
        Authorizers: { A: { JwtConfiguration: { issuer: http://issuer, audience: [shop] } } }
  One:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/one
      Timeout: 1
      Events:
        List: { Type: HttpApi, Properties: { Method: GET, Path: /items } }
        View: { Type: HttpApi, Properties: { Method: GET, Path: '/items/{id}' } }
        Mine: { Type: HttpApi, Properties: { Method: GET, Path: /items/mine } }
        Sub: { Type: HttpApi, Properties: { Method: ANY, Path: '/items/{id}/notes' } }
        SubPost: { Type: HttpApi, Properties: { Method: POST, Path: '/items/{id}/notes' } }
        Open: { Type: HttpApi, Properties: { Method: POST, Path: '/open/{proxy+}', Auth: { Authorizer: NONE } } }
";

    struct Rig {
        gateway: Gateway,
        identity: Identity,
        clock: Clock,
    }

    fn rig(function: Function) -> Rig {
        let template = Template::parse("t", TEMPLATE, &[]).unwrap();
        let clock = Clock::frozen("2026-01-01T00:00:00Z".parse().unwrap());
        let db = StateDb::memory().unwrap();
        let identity = Identity::open(&db, &clock, "http://x", template.api.authorizer.as_ref()).unwrap();
        let gateway = Gateway::new(&template, &identity, &clock, "127.0.0.1:3000");
        let invoker = Invoker::new("one", function, Duration::from_secs(1));
        gateway.open([("one".to_owned(), invoker)].into());
        Rig { gateway, identity, clock }
    }

    /// Answers with what the function was asked.
    fn mirror() -> Function {
        Function::new(|event| async move {
            let seen = json!({"route": event["routeKey"], "parameters": event["pathParameters"], "sub": event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]});
            Ok(json!({"statusCode": 200, "body": seen.to_string()}))
        })
    }

    impl Rig {
        fn token(&self) -> String {
            let request = TokenRequest {
                user_id: "u1".into(),
                role: "customer".into(),
                seller_id: None,
                expires_in_seconds: Some(60),
            };
            self.identity.mint(&request).unwrap().0
        }

        async fn send(&self, method: &str, path: &str, authorization: Option<String>) -> (StatusCode, Value) {
            let mut request = Request::builder().method(method).uri(path);
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization);
            }
            let response = self.gateway.call(request.body(Bytes::new()).unwrap()).await;
            let body = serde_json::from_slice(response.body()).unwrap_or_default();
            (response.status(), body)
        }
    }

    #[tokio::test]
    async fn the_most_specific_route_wins() {
        let rig = rig(mirror());
        for (method, path, expected) in [
            ("GET", "/items", Some(("GET /items", json!(null)))),
            ("GET", "/items/mine", Some(("GET /items/mine", json!(null)))),
            ("GET", "/items/a%20b%2Fc", Some(("GET /items/{id}", json!({"id": "a b/c"})))),
            ("POST", "/items/7/notes", Some(("POST /items/{id}/notes", json!({"id": "7"})))),
            ("DELETE", "/items/7/notes", Some(("ANY /items/{id}/notes", json!({"id": "7"})))),
            ("POST", "/open/a/b/c", Some(("POST /open/{proxy+}", json!({"proxy": "a/b/c"})))),
            ("POST", "/items", None),
            ("GET", "/items/", None),
            ("GET", "/items/7/notes/8", None),
            ("POST", "/open/", None),
            ("GET", "/", None),
        ] {
            let (status, body) = rig.send(method, path, Some(format!("Bearer {}", rig.token()))).await;
            match expected {
                Some((route, parameters)) => {
                    assert_eq!((&body["route"], &body["parameters"]), (&json!(route), &parameters), "{method} {path}");
                }
                None => {
                    assert_eq!(
                        (status, &body["code"]),
                        (StatusCode::NOT_FOUND, &json!("not_found")),
                        "{method} {path}"
                    );
                }
            }
        }
    }

    #[tokio::test]
    async fn only_a_good_token_passes_and_open_routes_need_none() {
        let rig = rig(mirror());
        let token = rig.token();
        for good in [format!("Bearer {token}"), format!("bearer {token}"), token.clone()] {
            let (status, body) = rig.send("GET", "/items", Some(good)).await;
            assert_eq!((status, &body["sub"]), (StatusCode::OK, &json!("u1")));
        }
        for bad in [
            None,
            Some(String::new()),
            Some("Bearer".into()),
            Some(format!("Basic {token}")),
            Some(format!("Bearer {token}x")),
        ] {
            let (status, body) = rig.send("GET", "/items", bad.clone()).await;
            assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")), "{bad:?}");
            assert_eq!(body["message"], "Unauthorized");
        }
        assert_eq!(rig.send("POST", "/open/x", None).await.0, StatusCode::OK);
        rig.clock.advance(Duration::from_mins(1)).unwrap();
        assert_eq!(rig.send("GET", "/items", Some(token)).await.0, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn a_function_that_fails_is_a_problem_without_details() {
        let answers: [(Function, StatusCode); 4] = [
            (Function::new(|_| async { Err("secret".to_owned()) }), StatusCode::INTERNAL_SERVER_ERROR),
            (Function::new(|_| async { panic!("secret") }), StatusCode::INTERNAL_SERVER_ERROR),
            (Function::new(|_| async { Ok(json!({"statusCode": "secret"})) }), StatusCode::INTERNAL_SERVER_ERROR),
            (Function::new(|_| std::future::pending()), StatusCode::SERVICE_UNAVAILABLE),
        ];
        for (function, expected) in answers {
            let request = Request::post("/open/x").header("x-amzn-trace-id", "Root=1-abc").body(Bytes::new()).unwrap();
            let response = rig(function).gateway.call(request).await;
            assert_eq!(response.status(), expected);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            assert!(body["trace_id"] == "1-abc" && !body.to_string().contains("secret"), "{body}");
        }
    }

    #[tokio::test]
    async fn what_is_too_large_is_refused() {
        let rig = rig(mirror());
        let (status, _) = rig.send("GET", &format!("/items/{}", "{".repeat(MAX_HEAD_BYTES)), Some(rig.token())).await;
        assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        let request = Request::post("/open/x").body(Bytes::from(vec![0; MAX_BODY_BYTES + 1])).unwrap();
        assert_eq!(rig.gateway.call(request).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let streamed = Request::post("/open/x").body(Body::from(vec![0; MAX_BODY_BYTES + 1])).unwrap();
        assert_eq!(
            rig.gateway.serve(streamed, Ipv4Addr::LOCALHOST.into()).await.status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }
}
