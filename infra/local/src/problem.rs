//! Errors that the local cloud itself answers with, as `application/problem+json`.
//!
//! API Gateway answers with `{"message": "Unauthorized"}`; the same text is in `message` here, beside the members that
//! the HTTP contract asks of every error.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// An error answer in the making.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    detail: String,
    errors: Vec<Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: &'static str, detail: &str) -> Self {
        Self { status, code, message, detail: detail.to_owned(), errors: Vec::new(), headers: Vec::new() }
    }

    /// No token, or one that proves nothing.
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Unauthorized", detail)
            .header(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// A request for another host.
    pub fn misdirected(detail: &str) -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", "Misdirected Request", detail)
    }

    /// A request from a page of another origin.
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden", detail)
    }

    /// A body that does not say that it is what is read here.
    pub fn unsupported(detail: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported Media Type", detail)
    }

    /// No such route.
    pub fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not Found", detail)
    }

    /// A body beyond what the gateway takes.
    pub fn too_large(detail: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "Request Entity Too Large", detail)
    }

    /// A request line and headers beyond what the gateway takes.
    pub fn headers_too_large(detail: &str) -> Self {
        let message = "Request Header Fields Too Large";
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "payload_too_large", message, detail)
    }

    /// Something that is not a request as the receiver understands it.
    pub fn malformed(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_request", "Bad Request", detail)
    }

    /// A well-formed request with a value that is not allowed, at a JSON pointer.
    pub fn invalid(pointer: &str, message: &str) -> Self {
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", "Unprocessable Content", message);
        problem.errors.push(json!({"pointer": pointer, "message": message}));
        problem
    }

    /// A function that failed, panicked or answered with something that is no response.
    pub fn internal() -> Self {
        let detail = "the request could not be handled";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal Server Error", detail)
    }

    /// A function that took too long, or a cloud that is stopping.
    pub fn unavailable(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Service Unavailable", detail)
            .header(http::header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer; `trace_id` is what logs of this request are found by.
    pub fn response(self, trace_id: &str) -> Response<Bytes> {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or(self.message),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "message": self.message,
            "trace_id": trace_id,
        });
        if !self.errors.is_empty() {
            body["errors"] = self.errors.into();
        }
        let mut response = json_response(self.status, &body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.headers);
        response
    }
}

/// A JSON answer.
pub fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
