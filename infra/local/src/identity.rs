//! A development identity provider, and the JWT authorizer that trusts it.
//!
//! The provider mints tokens of the shape that Cognito makes, for whomever one asks: it is a key to everything and
//! exists on this machine only. The authorizer checks what API Gateway checks: RS256 with the provider's key and
//! nothing else, `iss`, `aud` (or `client_id` where there is none), `exp`, `nbf` and `iat`, by the movable clock and
//! without leeway.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::own;
use crate::problem::{Problem, json_response};
use crate::state::{StateDb, StateError};
use crate::template::Authorizer;

const KEY_SETTING: &str = "identity_key";
const KEY_ID: &str = "local";
const DEFAULT_LIFE_SECONDS: i64 = 24 * 60 * 60;
const MAX_LIFE_SECONDS: i64 = 366 * 24 * 60 * 60;
const MAX_NAME_CHARACTERS: usize = 128;
const ROLES: [&str; 3] = ["customer", "seller", "admin"];

/// Signs and verifies tokens; a cheap handle.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    key: KeyPair,
    verifying: DecodingKey,
    issuer: String,
    audience: Vec<String>,
    base_url: String,
    clock: Clock,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}

/// What a token is asked for with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// Becomes `sub`.
    pub user_id: String,
    /// `customer`, `seller` or `admin`; becomes the only one of `cognito:groups`.
    pub role: String,
    /// Becomes `custom:seller_id`.
    #[serde(default)]
    pub seller_id: Option<String>,
    /// A day unless given; at most a year, and negative for a token that has expired.
    #[serde(default)]
    pub expires_in_seconds: Option<i64>,
}

impl Identity {
    /// Loads the key from the state, or makes one there. Tokens are for the template's authorizer; without one, issuer
    /// and audience are the provider's own.
    pub fn open(
        db: &StateDb,
        clock: &Clock,
        base_url: &str,
        authorizer: Option<&Authorizer>,
    ) -> Result<Self, StateError> {
        let key = load_key(db)?;
        let public = key.public_key();
        let verifying = DecodingKey::from_rsa_raw_components(
            public.modulus().big_endian_without_leading_zero(),
            public.exponent().big_endian_without_leading_zero(),
        );
        let (issuer, audience) = match authorizer {
            Some(authorizer) => (authorizer.issuer.clone(), authorizer.audience.clone()),
            None => (issuer_url(base_url), vec!["local".to_owned()]),
        };
        let base_url = base_url.to_owned();
        Ok(Self(Arc::new(Inner { key, verifying, issuer, audience, base_url, clock: clock.clone() })))
    }

    /// A signed access token and how many seconds it lives.
    pub fn mint(&self, request: &TokenRequest) -> Result<(String, i64), Problem> {
        for (pointer, value) in [("/user_id", Some(&request.user_id)), ("/seller_id", request.seller_id.as_ref())] {
            if let Some(value) = value
                && (value.trim().is_empty() || value.chars().count() > MAX_NAME_CHARACTERS)
            {
                return Err(Problem::invalid(pointer, "must have 1 to 128 characters"));
            }
        }
        if !ROLES.contains(&request.role.as_str()) {
            return Err(Problem::invalid("/role", "must be customer, seller or admin"));
        }
        let life = request.expires_in_seconds.unwrap_or(DEFAULT_LIFE_SECONDS);
        if !(-MAX_LIFE_SECONDS..=MAX_LIFE_SECONDS).contains(&life) {
            return Err(Problem::invalid("/expires_in_seconds", "must be within a year"));
        }
        let now = self.0.clock.now().as_second();
        let mut claims = json!({
            "sub": request.user_id,
            "username": request.user_id,
            "iss": self.0.issuer,
            "aud": self.0.audience.first(),
            "token_use": "access",
            "cognito:groups": [request.role],
            "jti": crate::random::uuid().to_string(),
            // A token that has expired was issued before that.
            "iat": now + life.min(0),
            "exp": now + life,
        });
        if let Some(seller) = &request.seller_id {
            claims["custom:seller_id"] = seller.as_str().into();
        }
        let token = self.sign(&claims).map_err(|()| Problem::internal())?;
        Ok((token, life))
    }

    fn sign(&self, claims: &Value) -> Result<String, ()> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": KEY_ID});
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.0.key.public_modulus_len()];
        self.0.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).map_err(|_| ())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token, or why it proves nothing.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, &'static str> {
        let mut validation = Validation::new(Algorithm::RS256);
        // All claims are judged below: by the movable clock, and as API Gateway does.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &self.0.verifying, &validation)
            .map_err(|_| "the token is not one of the provider's")?
            .claims;
        if claims.get("iss").and_then(Value::as_str) != Some(&self.0.issuer) {
            return Err("the token is from another issuer");
        }
        if !self.is_for_us(&claims) {
            return Err("the token is for another audience");
        }
        let now = self.0.clock.now().as_second();
        let time = |name: &str| claims.get(name).map(|value| value.as_i64().ok_or("the token's times cannot be read"));
        match time("exp").transpose()? {
            Some(expiry) if now < expiry => {}
            Some(_) => return Err("the token has expired"),
            None => return Err("the token has no expiry"),
        }
        for start in ["nbf", "iat"] {
            if time(start).transpose()?.is_some_and(|start| now < start) {
                return Err("the token is not valid yet");
            }
        }
        Ok(claims)
    }

    fn is_for_us(&self, claims: &Map<String, Value>) -> bool {
        let accepted =
            |value: &Value| value.as_str().is_some_and(|value| self.0.audience.iter().any(|ours| ours == value));
        match claims.get("aud").or_else(|| claims.get("client_id")) {
            Some(Value::Array(several)) => several.iter().any(accepted),
            Some(single) => accepted(single),
            None => false,
        }
    }

    /// `POST /dev/token` and the discovery documents.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/dev/token", post(token))
            .route("/dev/oidc/.well-known/openid-configuration", get(discovery))
            .route("/dev/oidc/jwks.json", get(jwks))
            .with_state(self.clone())
    }
}

/// The issuer that belongs to a gateway at `base_url`: what the template's authorizer should be told.
pub fn issuer_url(base_url: &str) -> String {
    format!("{base_url}/dev/oidc")
}

fn load_key(db: &StateDb) -> Result<KeyPair, StateError> {
    const UNREADABLE: StateError = StateError::Invalid { what: "the stored signing key" };
    const CANNOT: StateError = StateError::Invalid { what: "a new signing key" };
    if let Some(stored) = db.setting(KEY_SETTING)? {
        let der = STANDARD.decode(stored).map_err(|_| UNREADABLE)?;
        return KeyPair::from_pkcs8(&der).map_err(|_| UNREADABLE);
    }
    let key = if db.is_in_memory() { of_this_process() } else { new_key() }.ok_or(CANNOT)?;
    db.set_setting(KEY_SETTING, &key)?;
    let der = STANDARD.decode(key).map_err(|_| UNREADABLE)?;
    KeyPair::from_pkcs8(&der).map_err(|_| UNREADABLE)
}

/// A new key as it is stored.
fn new_key() -> Option<String> {
    let key = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let der: Pkcs8V1Der<'static> = key.as_der().ok()?;
    Some(STANDARD.encode(der.as_ref()))
}

/// Finding primes takes longer than all else at a start. Clouds that leave nothing behind share one key.
fn of_this_process() -> Option<String> {
    static KEY: OnceLock<Option<String>> = OnceLock::new();
    KEY.get_or_init(new_key).clone()
}

async fn token(State(identity): State<Identity>, headers: HeaderMap, body: Bytes) -> Response {
    let trace = crate::random::uuid().to_string();
    let minted = own::json::<TokenRequest>(&headers, &body).and_then(|request| identity.mint(&request));
    let response = match minted {
        Ok((token, life)) => {
            json_response(StatusCode::OK, &json!({"access_token": token, "token_type": "Bearer", "expires_in": life}))
        }
        Err(problem) => problem.response(&trace),
    };
    response.map(Body::from)
}

async fn discovery(State(identity): State<Identity>) -> Response {
    let base = issuer_url(&identity.0.base_url);
    let document = json!({
        "issuer": identity.0.issuer,
        "jwks_uri": format!("{base}/jwks.json"),
        "token_endpoint": format!("{}/dev/token", identity.0.base_url),
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "response_types_supported": ["token"],
    });
    json_response(StatusCode::OK, &document).map(Body::from)
}

async fn jwks(State(identity): State<Identity>) -> Response {
    let public = identity.0.key.public_key();
    let document = json!({"keys": [{
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
    }]});
    json_response(StatusCode::OK, &document).map(Body::from)
}

/// How long a token lives unless asked otherwise.
pub const DEFAULT_TOKEN_LIFE: Duration = Duration::from_secs(DEFAULT_LIFE_SECONDS.unsigned_abs());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{State, StateLocation};

    struct Rig {
        identity: Identity,
        clock: Clock,
        db: StateDb,
    }

    fn rig() -> Rig {
        let db = StateDb::memory().unwrap();
        let clock = Clock::frozen("2026-01-01T00:00:00Z".parse().unwrap());
        let authorizer = Authorizer { issuer: "http://issuer".into(), audience: vec!["shop".into()], default: true };
        let identity = Identity::open(&db, &clock, "http://127.0.0.1:1", Some(&authorizer)).unwrap();
        Rig { identity, clock, db }
    }

    fn request(role: &str) -> TokenRequest {
        TokenRequest {
            user_id: "u1".into(),
            role: role.into(),
            seller_id: Some("s1".into()),
            expires_in_seconds: Some(60),
        }
    }

    fn claims(rig: &Rig) -> Value {
        let now = rig.clock.now().as_second();
        json!({"sub": "u1", "iss": "http://issuer", "aud": "shop", "exp": now + 60, "iat": now})
    }

    #[test]
    fn a_minted_token_is_accepted_until_it_expires() {
        let rig = rig();
        let (token, life) = rig.identity.mint(&request("customer")).unwrap();
        assert_eq!(life, 60);
        let claims = rig.identity.verify(&token).unwrap();
        assert_eq!(claims["cognito:groups"], json!(["customer"]));
        assert_eq!(claims["custom:seller_id"], json!("s1"));
        rig.clock.advance(Duration::from_mins(1)).unwrap();
        assert_eq!(rig.identity.verify(&token), Err("the token has expired"));
        let born_expired = TokenRequest { expires_in_seconds: Some(-1), ..request("customer") };
        assert_eq!(rig.identity.verify(&rig.identity.mint(&born_expired).unwrap().0), Err("the token has expired"));
    }

    #[test]
    fn the_key_is_kept_in_the_state() {
        let rig = rig();
        let (token, _) = rig.identity.mint(&request("admin")).unwrap();
        let authorizer = Authorizer { issuer: "http://issuer".into(), audience: vec!["shop".into()], default: true };
        let again = Identity::open(&rig.db, &rig.clock, "http://127.0.0.1:1", Some(&authorizer)).unwrap();
        again.verify(&token).unwrap();
    }

    #[test]
    fn claims_that_api_gateway_refuses_are_refused() {
        let rig = rig();
        let now = rig.clock.now().as_second();
        let accepted = |change: Value| {
            let mut claims = claims(&rig);
            for (name, value) in change.as_object().unwrap() {
                if value.is_null() {
                    claims.as_object_mut().unwrap().remove(name);
                } else {
                    claims[name] = value.clone();
                }
            }
            rig.identity.verify(&rig.identity.sign(&claims).unwrap()).is_ok()
        };
        for good in [
            json!({}),
            json!({"aud": ["other", "shop"]}),
            json!({"aud": null, "client_id": "shop"}),
            json!({"nbf": now}),
        ] {
            assert!(accepted(good.clone()), "{good}");
        }
        for bad in [
            json!({"iss": "http://other"}),
            json!({"iss": null}),
            json!({"aud": "other"}),
            json!({"aud": null}),
            json!({"aud": "other", "client_id": "shop"}),
            json!({"exp": null}),
            json!({"exp": "soon"}),
            json!({"exp": now}),
            json!({"nbf": now + 1}),
            json!({"iat": now + 1}),
        ] {
            assert!(!accepted(bad.clone()), "{bad}");
        }
    }

    #[test]
    fn forged_tokens_are_refused() {
        let rig = rig();
        let good = rig.identity.sign(&claims(&rig)).unwrap();
        let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());

        let none = encode(&json!({"alg": "none", "typ": "JWT"}));
        let mut richer = claims(&rig);
        richer["cognito:groups"] = json!(["admin"]);
        // The classic confusion: HMAC with the public key as the secret.
        let modulus = rig.identity.0.key.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let confused = jsonwebtoken::encode(
            &jsonwebtoken::Header::new(Algorithm::HS256),
            &claims(&rig),
            &jsonwebtoken::EncodingKey::from_secret(&modulus),
        )
        .unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let state = State::open(&StateLocation::Directory(elsewhere.path().to_owned())).unwrap();
        let stranger = Identity::open(&state.db, &rig.clock, "http://x", None).unwrap();
        let other_key = stranger.sign(&claims(&rig)).unwrap();

        for (what, token) in [
            ("alg none", format!("{none}.{payload}.")),
            ("alg none with signature", format!("{none}.{payload}.{signature}")),
            ("changed claims", format!("{header}.{}.{signature}", encode(&richer))),
            ("no signature", format!("{header}.{payload}.")),
            ("HS256", confused),
            ("another key", other_key),
            ("rubbish", "a.b.c".to_owned()),
            ("empty", String::new()),
        ] {
            assert!(rig.identity.verify(&token).is_err(), "{what}");
        }
        rig.identity.verify(&good).unwrap();
    }

    #[test]
    fn odd_requests_for_tokens_are_refused() {
        let rig = rig();
        for bad in [
            request("king"),
            TokenRequest { user_id: " ".into(), ..request("admin") },
            TokenRequest { seller_id: Some(String::new()), ..request("seller") },
            TokenRequest { expires_in_seconds: Some(i64::MAX), ..request("admin") },
        ] {
            assert!(rig.identity.mint(&bad).is_err(), "{bad:?}");
        }
    }
}
