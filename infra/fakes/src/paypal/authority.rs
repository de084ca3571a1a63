//! A certificate authority of the fake's own: whoever shall believe the fake must trust its root and no other.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _, date_time_ymd,
};

/// First and last year in which a certificate is valid.
pub type Years = (i32, i32);

/// A root and one certificate authority below it.
pub struct Authority {
    root: Certificate,
    intermediate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A key and the certificates that say whose it is.
pub struct Identity {
    chain: String,
    key: KeyPair,
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2099, 12, 31));
    params
}

impl Authority {
    /// Makes the keys.
    pub fn new() -> io::Result<Self> {
        let (root_key, key) =
            (KeyPair::generate().map_err(io::Error::other)?, KeyPair::generate().map_err(io::Error::other)?);
        let root_params = authority_params("Fake Root");
        let root = root_params.self_signed(&root_key).map_err(io::Error::other)?;
        let root_issuer = Issuer::new(root_params, root_key);
        let params = authority_params("Fake Authority");
        let intermediate = params.signed_by(&key, &root_issuer).map_err(io::Error::other)?;
        Ok(Authority { root, intermediate, issuer: Issuer::new(params, key) })
    }

    /// The root's certificate, in PEM.
    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// A new RSA key with a certificate for this host name.
    pub fn issue(&self, name: &str, years: Years) -> io::Result<Identity> {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(io::Error::other)?;
        let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 12, 31));
        let leaf = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok(Identity { chain: format!("{}{}", leaf.pem(), self.intermediate.pem()), key })
    }
}

impl Identity {
    /// Its certificate and the authority's, in PEM.
    pub fn chain_pem(&self) -> &str {
        &self.chain
    }
}

/// What PayPal writes on the outside of a notification. Every part can be made a lie of.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// A name for this transmission.
    pub transmission_id: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// To which webhook.
    pub webhook_id: String,
    /// How it is signed, as the header says; the signature is always RSA with SHA-256.
    pub algorithm: String,
    /// Where the certificate is.
    pub certificate_url: String,
}

impl Envelope {
    /// The headers that this signer puts on this body.
    pub fn seal(&self, signer: &Identity, body: &[u8]) -> Vec<(String, String)> {
        let message =
            format!("{}|{}|{}|{}", self.transmission_id, self.sent_at, self.webhook_id, crc32fast::hash(body));
        // A key that cannot sign leaves an empty signature, which nobody believes.
        let signature = signer.key.sign(message.as_bytes()).unwrap_or_default();
        [
            ("paypal-transmission-id", self.transmission_id.clone()),
            ("paypal-transmission-time", self.sent_at.to_string()),
            ("paypal-transmission-sig", STANDARD.encode(signature)),
            ("paypal-auth-algo", self.algorithm.clone()),
            ("paypal-cert-url", self.certificate_url.clone()),
            ("paypal-auth-version", "v2".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}
