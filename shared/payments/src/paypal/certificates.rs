//! PayPal's certificates: fetched once, trusted only along a chain to a pinned root.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use oms_app::ports::WebhookError;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use url::Url;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::SetupError;

/// Most chains that are kept; PayPal uses a few at a time.
const MAX_KEPT: usize = 16;

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
    http: reqwest::Client,
    anchors: Vec<TrustAnchor<'static>>,
    names: Vec<ServerName<'static>>,
    kept: Mutex<HashMap<Url, Arc<Chain>>>,
}

impl Certificates {
    /// Trusts these roots (PEM) and these names. Without a root nothing could ever be verified, so that is an error.
    pub(super) fn new(http: reqwest::Client, roots: &str, names: &[String]) -> Result<Self, SetupError> {
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
        Ok(Certificates { http, anchors, names, kept: Mutex::new(HashMap::new()) })
    }

    /// The chain at this address, which must be pinned already; trusted at `now`.
    pub(super) async fn get(&self, url: &Url, now: Timestamp) -> Result<Arc<Chain>, WebhookError> {
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        if let Some(chain) = known.filter(|chain| self.trusts(chain, now)) {
            return Ok(chain);
        }
        let chain = Arc::new(self.fetch(url).await?);
        if !self.trusts(&chain, now) {
            return Err(WebhookError::Forged);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(url.clone(), chain.clone());
        Ok(chain)
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
        let mut response = self.http.get(url.clone()).send().await.map_err(|_| unavailable())?;
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
