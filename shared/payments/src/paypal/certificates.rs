//! PayPal's certificates: fetched once, trusted only along a chain to a pinned root.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use oms_app::ports::WebhookError;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use url::Url;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::SetupError;
use oms_outbound::http::{NoClient, OnFirstUse};

/// Most chains that are kept; PayPal uses a few at a time.
const MAX_KEPT: usize = 16;

/// Most names that are remembered to be nobody's.
const MAX_UNKNOWN: usize = 1_000;

/// How long a name is remembered to be nobody's, in seconds.
const UNKNOWN_SECONDS: i64 = 600;

/// Most fetches in a minute: PayPal uses few certificates, and whoever invents names makes us fetch no more than this.
const MAX_FETCHES_PER_MINUTE: usize = 10;

/// Longest name of a certificate, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Whether this can be the name of one of PayPal's certificates, such as `CERT-360caa42-fca2a594-1d93a270`.
pub(super) fn is_name(text: &str) -> bool {
    let id = text.strip_prefix("CERT-").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !id.is_empty() && text.len() <= MAX_NAME_BYTES && id.bytes().all(plain)
}

/// Most certificates of one chain.
const MAX_CHAIN: usize = 8;

/// Longest chain that is read, in bytes of PEM.
const MAX_CHAIN_BYTES: usize = 64 << 10;

/// A certificate and what leads from it towards a root.
pub(super) struct Chain(Vec<CertificateDer<'static>>);

impl Chain {
    fn read(pem: &[u8]) -> Option<Self> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        (1..=MAX_CHAIN).contains(&certificates.len()).then_some(Chain(certificates))
    }

    fn leaf(&self) -> Option<EndEntityCert<'_>> {
        self.0.first().and_then(|leaf| EndEntityCert::try_from(leaf).ok())
    }

    /// Whether the leaf's RSA key (2048 bits at least) made this PKCS #1 signature over the SHA-256 of the message.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256;
        self.leaf().is_some_and(|leaf| leaf.verify_signature(algorithm, message, signature).is_ok())
    }
}

/// Whom we trust to sign notifications.
pub(super) struct Certificates {
    http: OnFirstUse,
    anchors: Vec<TrustAnchor<'static>>,
    names: Vec<ServerName<'static>>,
    kept: Mutex<HashMap<Url, Arc<Chain>>>,
    /// Held by the one that fetches.
    fetching: tokio::sync::Mutex<Fetched>,
}

/// What was fetched of late.
#[derive(Default)]
struct Fetched {
    /// Names that are nobody's, and when that was seen.
    unknown: HashMap<Url, Timestamp>,
    /// When the last fetches were.
    at: VecDeque<Timestamp>,
}

impl Certificates {
    /// Trusts these roots (PEM) and these names. Without a root nothing could ever be verified, so that is an error.
    pub(super) fn new(http: OnFirstUse, roots: &str, names: &[String]) -> Result<Self, SetupError> {
        let roots: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(roots.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| SetupError::Roots)?;
        let anchors = roots
            .iter()
            .map(|root| anchor_from_trusted_cert(root).map(|anchor| anchor.to_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| SetupError::Roots)?;
        let names = names
            .iter()
            .map(|name| ServerName::try_from(name.clone()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| SetupError::CertificateNames)?;
        if anchors.is_empty() {
            return Err(SetupError::Roots);
        }
        Ok(Certificates { http, anchors, names, kept: Mutex::default(), fetching: tokio::sync::Mutex::default() })
    }

    /// The chain at this address, which must be pinned already; trusted at `now`.
    pub(super) async fn get(&self, url: &Url, now: Timestamp) -> Result<Arc<Chain>, WebhookError> {
        if let Some(chain) = self.known(url, now) {
            return Ok(chain);
        }
        let mut fetched = self.fetching.lock().await;
        // Whoever had it before may have fetched the same.
        if let Some(chain) = self.known(url, now) {
            return Ok(chain);
        }
        fetched.allows(url, now)?;
        let chain = match self.fetch(url).await.map(Arc::new) {
            Ok(chain) if self.trusts(&chain, now) => chain,
            Ok(_) | Err(WebhookError::Forged) => {
                fetched.is_nobodys(url, now);
                return Err(WebhookError::Forged);
            }
            Err(error) => return Err(error),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(url.clone(), chain.clone());
        Ok(chain)
    }

    fn known(&self, url: &Url, now: Timestamp) -> Option<Arc<Chain>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        kept.filter(|chain| self.trusts(chain, now))
    }

    fn trusts(&self, chain: &Chain, now: Timestamp) -> bool {
        let Some(leaf) = chain.leaf() else { return false };
        let Ok(since_epoch) = u64::try_from(now.as_second()) else { return false };
        let time = UnixTime::since_unix_epoch(Duration::from_secs(since_epoch));
        let path = leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &self.anchors,
            chain.0.get(1..).unwrap_or_default(),
            time,
            KeyUsage::server_auth(),
            None,
            None,
        );
        let named = self.names.iter().any(|name| leaf.verify_is_valid_for_subject_name(name).is_ok());
        path.is_ok() && named
    }

    async fn fetch(&self, url: &Url) -> Result<Chain, WebhookError> {
        let unavailable = || WebhookError::Unavailable("PayPal's certificate could not be fetched".to_owned());
        let http = self.http.get().map_err(|NoClient| unavailable())?;
        let mut response = http.get(url.clone()).send().await.map_err(|_| unavailable())?;
        let status = response.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(unavailable());
        }
        if !status.is_success() {
            return Err(WebhookError::Forged);
        }
        let mut pem = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| unavailable())? {
            pem.extend_from_slice(&chunk);
            if pem.len() > MAX_CHAIN_BYTES {
                return Err(WebhookError::Forged);
            }
        }
        Chain::read(&pem).ok_or(WebhookError::Forged)
    }
}

impl Fetched {
    /// Counts another fetch, if there may be one. A genuine notification comes again after a while.
    fn allows(&mut self, url: &Url, now: Timestamp) -> Result<(), WebhookError> {
        let age = |at: &Timestamp| now.duration_since(*at).as_secs();
        if self.unknown.get(url).is_some_and(|at| age(at) < UNKNOWN_SECONDS) {
            return Err(WebhookError::Forged);
        }
        while self.at.front().is_some_and(|at| age(at) >= 60) {
            self.at.pop_front();
        }
        if self.at.len() >= MAX_FETCHES_PER_MINUTE {
            return Err(WebhookError::Unavailable("too many of PayPal's certificates are asked for".to_owned()));
        }
        self.at.push_back(now);
        Ok(())
    }

    fn is_nobodys(&mut self, url: &Url, now: Timestamp) {
        if self.unknown.len() >= MAX_UNKNOWN {
            self.unknown.clear();
        }
        self.unknown.insert(url.clone(), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(name: &str) -> Url {
        Url::parse(&format!("https://api.paypal.com/v1/notifications/certs/{name}")).unwrap()
    }

    #[test]
    fn a9_only_names_of_paypal_s_form_are_asked_for() {
        assert!(is_name("CERT-360caa42-fca2a594-1d93a270"));
        for odd in ["", "CERT-", "cert-1", "CERT-a_b", "CERT-1/2", "anything", &format!("CERT-{}", "a".repeat(64))] {
            assert!(!is_name(odd), "{odd}");
        }
    }

    #[test]
    fn a9_invented_names_are_remembered_and_do_not_make_us_fetch_without_end() {
        let (mut fetched, now) = (Fetched::default(), Timestamp::UNIX_EPOCH);
        fetched.allows(&url("CERT-1"), now).unwrap();
        fetched.is_nobodys(&url("CERT-1"), now);
        assert_eq!(fetched.allows(&url("CERT-1"), now), Err(WebhookError::Forged));
        let asked = (0..200).filter(|number| fetched.allows(&url(&format!("CERT-a{number}")), now).is_ok()).count();
        assert_eq!(asked, MAX_FETCHES_PER_MINUTE - 1);
        let later = now.checked_add(jiff::SignedDuration::from_secs(60)).unwrap();
        assert_eq!(fetched.allows(&url("CERT-b"), later), Ok(()));
    }
}
