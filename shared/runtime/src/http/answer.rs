//! What a handler answers.

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::problem::Problem;

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
}

impl Answer {
    /// A JSON body with this status.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| Problem::internal(&error.to_string()))?;
        Ok(Answer { status, headers: Vec::new(), body })
    }

    /// 200 with a JSON body.
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Answer::json(StatusCode::OK, body)
    }

    /// 200 with a body of another kind.
    pub(crate) fn of_type(content_type: HeaderValue, body: String) -> Self {
        Answer { status: StatusCode::OK, headers: vec![(header::CONTENT_TYPE, content_type)], body }
    }

    /// 204: it is done, and there is nothing to show.
    pub fn nothing() -> Self {
        Answer { status: StatusCode::NO_CONTENT, headers: Vec::new(), body: String::new() }
    }

    /// Adds a header; a value that is no header text is left out, which only our own mistakes could cause.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The version of what is shown, for `If-Match`.
    #[must_use]
    pub fn version(self, version: u64) -> Self {
        self.with(header::ETAG, &format!("\"{version}\""))
    }

    /// Where a created thing is.
    #[must_use]
    pub fn location(self, path: &str) -> Self {
        self.with(header::LOCATION, path)
    }
}
