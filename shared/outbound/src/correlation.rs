//! On whose behalf a provider is called (P1): it finds our call by our name for it, and we find it in the provider's log.

use oms_app::platform::correlation::current;
use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;

/// Says on whose behalf the call is made; an id that is no header text is left out.
pub fn correlated(request: RequestBuilder) -> RequestBuilder {
    match current().and_then(|id| HeaderValue::from_str(&id).ok()) {
        Some(id) => request.header("X-Correlation-Id", id),
        None => request,
    }
}
