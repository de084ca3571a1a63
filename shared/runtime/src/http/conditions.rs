//! `If-Match` and `Idempotency-Key`.

use oms_app::Field;
use oms_app::idempotency::{Idempotency, fingerprint};

use super::problem::Problem;
use super::request::Request;

/// Longest idempotency key, in characters.
const MAX_KEY_CHARACTERS: usize = 255;

impl Request {
    /// The version that the caller has seen, from `If-Match`; `*` and none mean any.
    pub fn if_match(&self) -> Result<Option<u64>, Problem> {
        let Some(text) = self.header("if-match").map(str::trim).filter(|text| *text != "*") else { return Ok(None) };
        let tag = text.strip_prefix("W/").unwrap_or(text);
        let digits = tag.strip_prefix('"').map_or(Some(tag), |rest| rest.strip_suffix('"'));
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let version = digits.and_then(|digits| digits.parse().ok());
        version.map(Some).ok_or_else(|| Problem::malformed("If-Match must be an ETag from this API, such as \"2\""))
    }

    /// The caller's key with the fingerprint of this very request, from `Idempotency-Key`.
    pub fn idempotency(&self) -> Result<Option<Idempotency>, Problem> {
        let Some(key) = self.header("idempotency-key") else { return Ok(None) };
        let fits =
            (1..=MAX_KEY_CHARACTERS).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !fits {
            let field = Field::new("", "Idempotency-Key must have 1 to 255 visible ASCII characters");
            return Err(Problem::invalid(vec![field]));
        }
        // Two spellings of one JSON value are the same request.
        let body = serde_json::from_slice::<serde_json::Value>(&self.body)
            .map_or_else(|_| self.body.clone(), |value| value.to_string().into_bytes());
        let request = fingerprint(&[self.method.as_bytes(), self.path.as_bytes(), &body]);
        Ok(Some(Idempotency { key: key.to_owned(), request }))
    }
}
