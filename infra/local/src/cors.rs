//! What the gateway tells browsers about pages of other origins, as API Gateway does for an API with `CorsConfiguration`: it
//! answers preflights itself, before any route and authorizer, and adds its headers to every other answer.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use crate::template::Cors;

impl Cors {
    /// The answer to a preflight, if this is one. An origin that is not allowed gets it without headers.
    pub(crate) fn preflight(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || !request.headers().contains_key(ORIGIN) {
            return None;
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Some(origin) = self.allowed(request.headers()) {
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            set(headers, ACCESS_CONTROL_ALLOW_METHODS, &self.methods.join(","));
            set(headers, ACCESS_CONTROL_ALLOW_HEADERS, &self.headers.join(","));
            if let Some(seconds) = self.max_age {
                headers.insert(ACCESS_CONTROL_MAX_AGE, seconds.into());
            }
        }
        Some(response)
    }

    /// What a page may read of any other answer.
    pub(crate) fn mark(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        if let Some(origin) = self.allowed(request) {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            set(answer, ACCESS_CONTROL_EXPOSE_HEADERS, &self.exposed.join(","));
        }
    }

    fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(ORIGIN)?;
        self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value)
        && !value.is_empty()
    {
        headers.insert(name, value);
    }
}
