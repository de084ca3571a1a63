//! One request from the gateway to the handler and back; the boundary at which failures are logged, once.

use http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};

use super::answer::Answer;
use super::problem::Problem;
use super::request::Request;
use crate::function::HttpHandler;

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

pub(crate) async fn serve_request(handler: &HttpHandler, event: lambda_http::Request) -> Response<Body> {
    let request = Request::read(event);
    let correlation_id = request.correlation_id.clone();
    let (method, path) = (request.method.clone(), request.path.clone());
    let (status, mut headers, body) = match handler(request).await {
        Ok(Answer { status, mut headers, body }) => {
            if !body.is_empty() {
                headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
            }
            (status, headers, body)
        }
        Err(problem) => {
            log(&problem, &method, &path, &correlation_id);
            problem.into_parts(&correlation_id)
        }
    };
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

fn log(problem: &Problem, method: &str, path: &str, correlation_id: &str) {
    let (status, code) = (problem.status().as_u16(), problem.code());
    if problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(method, path, correlation_id, code, cause = problem.cause(), "request failed");
    } else if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(method, path, correlation_id, code, cause = problem.cause(), "request cannot be served now");
    } else {
        tracing::info!(method, path, correlation_id, status, code, "request refused");
    }
}
