//! A request as the use cases need it, read from the gateway's event.

use std::collections::HashMap;

use http::StatusCode;
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt as _};
use oms_domain::actor::Caller;
use oms_domain::card::card_like;
use oms_domain::ids::{SellerId, UserId};
use serde::Deserialize;

use super::problem::Problem;

/// Largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Longest correlation id that is taken over, in characters.
const MAX_CORRELATION_CHARACTERS: usize = 128;

/// A request behind the gateway: routed, and authenticated where the route demands it.
#[derive(Clone, Default)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// As the client wrote it.
    pub path: String,
    /// As the gateway knows it, e.g. `GET /api/orders/{order_id}`: of the path it holds no parameter.
    pub route: String,
    /// Names and decoded values of the route's parameters.
    pub path_parameters: HashMap<String, String>,
    /// Decoded pairs of the query, in their order.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Byte for byte.
    pub body: Vec<u8>,
    /// The verified token's claims; empty on routes without an authorizer.
    pub claims: HashMap<String, String>,
    /// What roles are called in the claims.
    pub roles: RoleNames,
    /// The gateway's own id of the request, by which its logs know it.
    pub gateway_id: String,
    /// The client's `X-Correlation-Id`, or the gateway's id of the request (P1).
    pub correlation_id: String,
}

// Tokens, signatures and what people write never reach a log by accident.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Request { method, correlation_id, .. } = self;
        f.debug_struct("Request")
            .field("method", method)
            .field("path", &self.path_in_logs())
            .field("correlation_id", correlation_id)
            .finish_non_exhaustive()
    }
}

impl Request {
    pub(crate) fn read(event: lambda_http::Request, roles: &RoleNames) -> Self {
        let mut claims = HashMap::new();
        let (mut gateway_id, mut route) = (None, None);
        if let RequestContext::ApiGatewayV2(context) = event.request_context() {
            gateway_id.clone_from(&context.request_id);
            route.clone_from(&context.route_key);
            if let Some(jwt) = context.authorizer.and_then(|authorizer| authorizer.jwt) {
                claims = jwt.claims;
            }
        }
        let query = event.query_string_parameters();
        let query = query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let path_parameters =
            event.path_parameters().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let headers: Vec<(String, String)> = event
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let path = event.uri().path().to_owned();
        let method = event.method().as_str().to_owned();
        #[allow(clippy::wildcard_enum_match_arm, reason = "the enum may grow; its lint asks for `Empty | _`")]
        let body = match event.into_body() {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            Body::Empty | _ => Vec::new(),
        };
        let route = route.unwrap_or_default();
        let mut request =
            Request { method, path, route, path_parameters, query, headers, body, claims, ..Request::default() };
        request.roles = roles.clone();
        request.gateway_id = gateway_id.unwrap_or_else(|| "unknown".to_owned());
        request.correlation_id = request.own_correlation_id().unwrap_or_else(|| request.gateway_id.clone());
        request
    }

    /// The path for logs: of a signed link, whose token opens something for whoever has it, only what all of them have in common.
    pub(crate) fn path_in_logs(&self) -> String {
        match (self.path_parameters.contains_key("token"), self.route.split_once(' ')) {
            (true, Some((_, route))) => route.to_owned(),
            (true, None) => String::new(),
            (false, _) => self.path.clone(),
        }
    }

    fn own_correlation_id(&self) -> Option<String> {
        let id = self.header("x-correlation-id")?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=/+".contains(&byte);
        let fits = (1..=MAX_CORRELATION_CHARACTERS).contains(&id.len()) && id.bytes().all(plain);
        // It is logged, travels with every event and to payment providers, so it must not look like an address or a card;
        // the gateway's own id serves as well.
        (fits && !card_like(id)).then(|| id.to_owned())
    }

    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the route as an id; what is no id names nothing.
    pub fn path_id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.path_parameters.get(name).and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)
    }

    /// The body, if it is not too large.
    pub fn bounded_body(&self) -> Result<&[u8], Problem> {
        if self.body.len() > MAX_BODY_BYTES {
            let detail = format!("the body has {} bytes; the limit is {MAX_BODY_BYTES}", self.body.len());
            return Err(Problem::of(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "Payload too large", &detail));
        }
        Ok(&self.body)
    }

    /// Who calls, by the verified token (O11–O13).
    ///
    /// The subject is `sub`; the role is the whole value of one claim. The gateway hands a list over as text, `[admin]`, and a
    /// list of several so that nobody can tell it from one name with spaces in it: "[helpdesk admin]" is no admin.
    pub fn caller(&self) -> Result<Caller, Problem> {
        let user = self.subject().ok_or_else(|| Problem::unauthenticated("the token has no subject"))?;
        let role = self.claims.get(&self.roles.role_claim).map_or("", String::as_str);
        let role = role.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(role);
        let RoleNames { admin_role, seller_role, customer_role, .. } = &self.roles;
        if role == admin_role {
            return Ok(Caller::Admin(user));
        }
        if role == seller_role {
            let seller = self.claims.get("custom:seller_id").and_then(|id| id.parse::<SellerId>().ok());
            let seller = seller.ok_or_else(|| Problem::forbidden("the token does not name a seller"))?;
            return Ok(Caller::Seller { user, seller });
        }
        // Who has registered and was put in no group is a customer.
        if role == customer_role || role.is_empty() {
            return Ok(Caller::Customer(user));
        }
        Err(Problem::forbidden("the token must have exactly one of the roles customer, seller and admin"))
    }

    /// Whom the token is about, if there is one.
    pub(crate) fn subject(&self) -> Option<UserId> {
        self.claims.get("sub").and_then(|subject| subject.parse().ok())
    }
}

/// Which claim names the role, and what roles are called there (W1): whoever brings an issuer of their own chooses names that
/// nobody has by accident.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RoleNames {
    pub role_claim: String,
    pub admin_role: String,
    pub seller_role: String,
    pub customer_role: String,
}

impl Default for RoleNames {
    fn default() -> Self {
        RoleNames {
            role_claim: "cognito:groups".to_owned(),
            admin_role: "admin".to_owned(),
            seller_role: "seller".to_owned(),
            customer_role: "customer".to_owned(),
        }
    }
}
