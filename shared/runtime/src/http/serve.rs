//! One request from the gateway to the handler and back; the boundary at which failures are logged, once.

use http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};

use super::answer::Answer;
use super::problem::Problem;
use super::request::{Request, RoleNames};
use crate::function::HttpHandler;
use crate::watch::{Outcome, Verdict, Watch};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// What every answer says to browsers: take it as what it is, come by https only, tell nobody where you were, show it in no
/// frame and run nothing in it. An answer that says something else of the same says it alone: of two policies both would hold.
const FOR_BROWSERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

pub(crate) async fn serve_request(
    handler: &HttpHandler,
    event: lambda_http::Request,
    watch: &Watch,
    roles: &RoleNames,
) -> Response<Body> {
    let request = Request::read(event, roles);
    // Who asked is told of refusals above all: of what was forbidden, and of what was too much.
    let mut facts = vec![("request_id", request.gateway_id.clone())];
    facts.extend(request.subject().map(|subject| ("subject", subject.to_string())));
    let correlation_id = request.correlation_id.clone();
    let (method, path, route) = (request.method.clone(), request.path_in_logs(), request.route.clone());
    let work = async {
        let answer = handler(request).await;
        if let Err(problem) = &answer {
            log(problem, &method, &path);
        }
        answer
    };
    let answer = watch.over(&correlation_id, work, |answer| verdict(answer, route, facts)).await;
    let (status, mut headers, body) = match answer {
        Ok(Answer { status, mut headers, body }) => {
            if !body.is_empty() && !says(&headers, &header::CONTENT_TYPE) {
                headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
            }
            (status, headers, body)
        }
        Err(problem) => problem.into_parts(&correlation_id),
    };
    let unsaid: Vec<_> = FOR_BROWSERS.into_iter().filter(|(name, _)| !says(&headers, name)).collect();
    headers.extend(unsaid);
    // An order is its customer's business: no cache keeps it.
    headers.push((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    if let Ok(value) = HeaderValue::from_str(&correlation_id) {
        headers.push((CORRELATION_ID, value));
    }
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}

fn says(headers: &[(HeaderName, HeaderValue)], name: &HeaderName) -> bool {
    headers.iter().any(|(own, _)| own == name)
}

/// What the request came to, for its line.
fn verdict(answer: &Result<Answer, Problem>, route: String, mut facts: Vec<(&'static str, String)>) -> Verdict {
    let (status, code) = match answer {
        Ok(answer) => (answer.status, None),
        Err(problem) => (problem.status(), Some(problem.code())),
    };
    let outcome = if status.is_server_error() {
        Outcome::Failed
    } else if status.is_client_error() {
        Outcome::Refused
    } else {
        Outcome::Done
    };
    facts.extend([("route", route), ("status", status.as_u16().to_string())]);
    facts.extend(code.map(|code| ("code", code.to_owned())));
    (outcome, facts)
}

/// Only of what is ours to mend; what a caller did wrong is in the line of the request.
fn log(problem: &Problem, method: &str, path: &str) {
    let code = problem.code();
    if problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(method, path, code, cause = problem.cause(), "request failed");
    } else if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(method, path, code, cause = problem.cause(), "request cannot be served now");
    }
}
