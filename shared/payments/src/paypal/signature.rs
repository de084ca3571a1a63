//! Whether a notification was signed by PayPal, decided from its bytes and headers alone.
//!
//! 1. The headers are there, once each, and name the one algorithm that PayPal uses.
//! 2. The time of sending is not far from now.
//! 3. The certificate's address is on a pinned origin and of the form that PayPal's have. Nothing else is fetched.
//! 4. The certificate chains to a pinned root, is valid now and carries PayPal's name.
//! 5. Its key has signed `id|time|our webhook's id|CRC-32 of the raw body`.
//!
//! A CRC is no hash: who holds one signed notification can write another body with the same CRC. So a body that passes
//! here is believed nothing but what to ask PayPal about (`webhooks`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::WebhookError;
use url::Url;

use super::certificates::Chain;

/// How old a notification may be. PayPal repeats one for three days, and the first time of sending may stand on the
/// repeats; an old one does no harm, since what is told is what PayPal says now.
const OLDEST: SignedDuration = SignedDuration::from_hours(4 * 24);

/// How far ahead of ours PayPal's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Longest header that is looked at, in bytes.
const MAX_HEADER_BYTES: usize = 1_024;

/// Under which all of PayPal's certificates lie.
const CERTIFICATES: &str = "/v1/notifications/certs/";

/// The headers of one notification, well-formed and of now.
pub(super) struct Signed {
    /// Where its certificate is, on a pinned origin.
    pub(super) certificate: Url,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    /// Reads the headers; nothing is fetched and nothing of the body is parsed.
    pub(super) fn read(
        headers: &[(String, String)],
        body: &[u8],
        webhook_id: &str,
        origins: &[String],
        now: Timestamp,
    ) -> Result<Self, WebhookError> {
        if header(headers, "paypal-auth-algo")? != "SHA256withRSA" {
            return Err(WebhookError::Forged);
        }
        let sent_text = header(headers, "paypal-transmission-time")?;
        let sent: Timestamp = sent_text.parse().map_err(|_| WebhookError::Forged)?;
        let age = now.duration_since(sent);
        if age > OLDEST || age < -AHEAD {
            return Err(WebhookError::OutOfTime);
        }
        let certificate = pinned(header(headers, "paypal-cert-url")?, origins).ok_or(WebhookError::Forged)?;
        let signature =
            STANDARD.decode(header(headers, "paypal-transmission-sig")?).map_err(|_| WebhookError::Forged)?;
        let id = header(headers, "paypal-transmission-id")?;
        let crc = crc32fast::hash(body);
        let message = format!("{id}|{sent_text}|{webhook_id}|{crc}").into_bytes();
        Ok(Signed { certificate, message, signature })
    }

    /// Whether the holder of this certificate signed it.
    pub(super) fn verify(&self, chain: &Chain) -> Result<(), WebhookError> {
        if chain.has_signed(&self.message, &self.signature) { Ok(()) } else { Err(WebhookError::Forged) }
    }
}

/// The header of this name, if there is exactly one.
fn header<'h>(headers: &'h [(String, String)], name: &str) -> Result<&'h str, WebhookError> {
    let mut found = headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (Some(value), None) if value.len() <= MAX_HEADER_BYTES => Ok(value),
        _ => Err(WebhookError::Forged),
    }
}

/// The address, if it is one of PayPal's certificates. It must be written as it is understood: an address that the
/// parser tidies up (user names, ports, dots, backslashes) is refused rather than guessed at.
fn pinned(text: &str, origins: &[String]) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| url.as_str() == text)?;
    let origin = url.origin().ascii_serialization();
    let name = url.path().strip_prefix(CERTIFICATES)?;
    let known = origins.contains(&origin) && text == format!("{origin}{CERTIFICATES}{name}");
    (known && super::certificates::is_name(name)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ORIGIN: &str = "https://api.paypal.com";

    fn read(headers: &[(&str, &str)], body: &[u8]) -> Result<Signed, WebhookError> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        Signed::read(&headers, body, "WH-1", &[ORIGIN.to_owned()], now)
    }

    /// Headers of a notification sent just now; one of them may be another.
    fn headers<'h>(name: &'h str, value: &'h str) -> Vec<(&'h str, &'h str)> {
        let good = [
            ("paypal-auth-algo", "SHA256withRSA"),
            ("paypal-transmission-time", "2026-01-01T00:00:00Z"),
            ("paypal-cert-url", "https://api.paypal.com/v1/notifications/certs/CERT-1"),
            ("paypal-transmission-sig", "c2lnbmVk"),
            ("paypal-transmission-id", "69cd13f0-d67a-11e5-baa3-778b53f4ae55"),
        ];
        good.into_iter().map(|(known, own)| (known, if known == name { value } else { own })).collect()
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused_and_no_certificate_comes_from_elsewhere(
            header in 0_usize..5, noise in any::<String>(), path in "[/:@.?#%a-zA-Z0-9-]{0,60}",
        ) {
            let name = headers("", "")[header].0;
            let addresses = [noise, format!("{ORIGIN}{path}"), format!("{ORIGIN}{CERTIFICATES}{path}")];
            for value in &addresses {
                if let Ok(signed) = read(&headers(name, value), b"{}") {
                    let place = signed.certificate.as_str().strip_prefix("https://api.paypal.com/v1/notifications/certs/");
                    prop_assert!(place.is_some_and(|rest| !rest.contains(['/', '?', '#'])), "{}", signed.certificate);
                }
            }
        }

        #[test]
        fn one_changed_byte_of_the_body_is_another_message(
            body in prop::collection::vec(any::<u8>(), 1..300), place in any::<prop::sample::Index>(), change in 1_u8..,
        ) {
            let mut other = body.clone();
            other[place.index(body.len())] ^= change;
            let message = |body: &[u8]| read(&headers("", ""), body).map(|signed| signed.message).unwrap();
            prop_assert_ne!(message(&body), message(&other));
        }
    }

    #[test]
    fn only_an_exact_address_on_a_pinned_origin_is_a_certificate_s() {
        let origins = ["https://api.paypal.com".to_owned(), "https://api.sandbox.paypal.com".to_owned()];
        assert!(
            pinned("https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77", &origins).is_some()
        );
        assert!(pinned("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", &origins).is_some());
        for other in [
            "",
            "CERT-1",
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "ftp://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:444/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:443/v1/notifications/certs/CERT-1",
            "https://API.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com./v1/notifications/certs/CERT-1",
            "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
            "https://evil.example@api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
            "https://evil.api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com\\@evil.example/v1/notifications/certs/CERT-1",
            "https://evil.example/https://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://evil.example#https://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/",
            "https://api.paypal.com/v1/notifications/certs/../../oauth2/token",
            "https://api.paypal.com/v1/notifications/certs/%2e%2e%2f",
            "https://api.paypal.com/v1/notifications/certs/CERT-1/more",
            "https://api.paypal.com/v1/notifications/certs/CERT-1?next=https://evil.example",
            "https://api.paypal.com/v1/notifications/certs/CERT-1#part",
            "https://api.paypal.com/v1/notifications/CERT-1",
            " https://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/CERT-1\n",
        ] {
            assert_eq!(pinned(other, &origins), None, "{other}");
        }
    }
}
