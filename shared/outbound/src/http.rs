//! HTTP clients of providers, made when a provider is asked for the first time: a function that is started to read a webhook
//! may never ask one.
//!
//! Whom TLS trusts, the machine's authorities, is read once for all of them: that is nearly all of what a client costs.
//! AWS's own services are judged by Amazon's authorities only, so nothing of this is shared with their client.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::{Client, ClientBuilder};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_platform_verifier::Verifier;

/// No HTTP client can be made on this machine.
#[derive(Debug)]
pub struct NoClient;

type Settings = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

/// A client with settings of its own. Clones share it.
#[derive(Clone)]
pub struct OnFirstUse {
    settings: Arc<Settings>,
    made: Arc<OnceLock<Client>>,
}

impl OnFirstUse {
    pub fn new(settings: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static) -> Self {
        OnFirstUse { settings: Arc::new(settings), made: Arc::default() }
    }

    pub fn get(&self) -> Result<&Client, NoClient> {
        if let Some(client) = self.made.get() {
            return Ok(client);
        }
        let client = Client::builder().tls_backend_preconfigured(trust().ok_or(NoClient)?);
        let client = (self.settings)(client).build().map_err(|_| NoClient)?;
        Ok(self.made.get_or_init(|| client))
    }
}

/// What was read, and how often.
static TRUST: Mutex<(Option<ClientConfig>, usize)> = Mutex::new((None, 0));

fn trust() -> Option<ClientConfig> {
    let mut trust = TRUST.lock().unwrap_or_else(PoisonError::into_inner);
    if trust.0.is_none() {
        trust.0 = read();
        trust.1 += 1;
    }
    trust.0.clone()
}

/// As `reqwest` does it without being told.
fn read() -> Option<ClientConfig> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let verifier = Verifier::new(provider.clone()).ok()?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let mut config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(config)
}

/// How often the machine's authorities were read: for the tests of who reads them.
pub fn times_read() -> usize {
    TRUST.lock().unwrap_or_else(PoisonError::into_inner).1
}
