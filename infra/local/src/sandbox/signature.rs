//! Webhook signatures as [Standard Webhooks](https://www.standardwebhooks.com) defines them: HMAC-SHA256 over
//! `id.timestamp.body`, with a tolerance on both sides of now.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use oms_app::ports::WebhookError;
use sha2::Sha256;

/// How far a signature's time may be from now, in seconds, to either side.
pub const TOLERANCE_SECONDS: i64 = 5 * 60;

/// Header with the message's id.
pub const ID_HEADER: &str = "webhook-id";
/// Header with the time of signing, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Header with space-separated signatures, each `v1,<base64>`.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Signs and verifies with one shared secret.
#[derive(Clone)]
pub struct Signer(Vec<u8>);

impl std::fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Signer(..)")
    }
}

impl Signer {
    /// Uses this secret.
    pub fn new(secret: &[u8]) -> Self {
        Signer(secret.to_vec())
    }

    /// The three headers of a message that is signed at `now`.
    pub fn headers(&self, id: &str, now: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let timestamp = now.as_second().to_string();
        let signature = STANDARD.encode(self.mac(id, &timestamp, body).finalize().into_bytes());
        [(ID_HEADER, id.to_owned()), (TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, format!("v1,{signature}"))]
    }

    /// Whether the headers sign exactly this body, now. Comparison takes the same time wherever the difference is.
    pub fn verify(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<(), WebhookError> {
        let header = |name: &str| {
            headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).ok_or(WebhookError::Forged)
        };
        let (id, timestamp) = (header(ID_HEADER)?, header(TIMESTAMP_HEADER)?);
        let genuine = header(SIGNATURE_HEADER)?
            .split(' ')
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .filter_map(|signature| STANDARD.decode(signature).ok())
            .any(|signature| self.mac(id, timestamp, body).verify_slice(&signature).is_ok());
        if !genuine {
            return Err(WebhookError::Forged);
        }
        let signed_at: i64 = timestamp.parse().map_err(|_| WebhookError::Forged)?;
        let distance = signed_at.saturating_sub(now.as_second()).saturating_abs();
        if distance > TOLERANCE_SECONDS { Err(WebhookError::OutOfTime) } else { Ok(()) }
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        // A MAC takes keys of any length, so the fallback is never used.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn signed(signer: &Signer, body: &[u8]) -> Vec<(String, String)> {
        signer.headers("evt_1", now(), body).map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// Example values of the Standard Webhooks specification's reference libraries.
    #[test]
    fn a_published_example_verifies() {
        let signer = Signer::new(&STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let headers = signer.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn only_this_body_with_this_secret_at_this_time_is_believed() {
        let signer = Signer::new(b"secret");
        let headers = signed(&signer, b"body");
        assert_eq!(signer.verify(&headers, b"body", now()), Ok(()));
        assert_eq!(signer.verify(&headers, b"bodY", now()), Err(WebhookError::Forged));
        assert_eq!(Signer::new(b"other").verify(&headers, b"body", now()), Err(WebhookError::Forged));
        assert_eq!(signer.verify(&headers[..2], b"body", now()), Err(WebhookError::Forged));
        let after = |seconds: i64| now() + jiff::SignedDuration::from_secs(seconds);
        for seconds in [-TOLERANCE_SECONDS, TOLERANCE_SECONDS] {
            assert_eq!(signer.verify(&headers, b"body", after(seconds)), Ok(()));
        }
        for seconds in [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1] {
            assert_eq!(signer.verify(&headers, b"body", after(seconds)), Err(WebhookError::OutOfTime));
        }
    }

    #[test]
    fn several_signatures_are_allowed_and_other_versions_ignored() {
        let signer = Signer::new(b"secret");
        let mut headers = signed(&signer, b"body");
        headers[2].1 = format!("v1a,xyz v1,AAAA {}", headers[2].1);
        assert_eq!(signer.verify(&headers, b"body", now()), Ok(()));
        headers[2].1 = headers[2].1.replace("v1,", "v0,");
        assert_eq!(signer.verify(&headers, b"body", now()), Err(WebhookError::Forged));
    }

    #[test]
    fn another_time_or_id_breaks_the_signature() {
        let signer = Signer::new(b"secret");
        for place in [0, 1] {
            let mut headers = signed(&signer, b"body");
            headers[place].1.push('1');
            assert_eq!(signer.verify(&headers, b"body", now()), Err(WebhookError::Forged));
        }
    }
}
