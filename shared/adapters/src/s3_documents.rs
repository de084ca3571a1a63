//! The port [`Documents`] on S3, by signed addresses: the same that people get to read a document are what we write it under.
//!
//! Two calls are all that is needed of S3. Its SDK would be the largest part of each program that links it, so the addresses are
//! signed by the SDK's own signer and called over the SDK's own connection.
//!
//! The bucket encrypts what is put, refuses what does not come over TLS, and forgets labels after a time (template). An address ends with
//! the credentials that have signed it, if that is sooner.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use oms_app::ports::{CarrierDocument, DocumentKey, Documents, StoreError};

use crate::trust;

/// Longest time to open a connection and to get an answer, in seconds.
const CONNECT_SECONDS: u64 = 1;
const ANSWER_SECONDS: u64 = 5;

/// For so many seconds an address is signed under which we write.
const WRITE_SECONDS: u64 = 60;

/// Keeps documents in a bucket.
pub struct S3Documents {
    config: SdkConfig,
    bucket: String,
    connector: OnceLock<Connector>,
}

impl S3Documents {
    /// In this bucket; nothing is called yet.
    pub fn new(config: SdkConfig, bucket: String) -> Self {
        S3Documents { config, bucket, connector: OnceLock::new() }
    }

    fn region(&self) -> &str {
        self.config.region().map(AsRef::as_ref).unwrap_or_default()
    }

    /// Where the document is. An address of somebody's own, as of an emulator, has no names for buckets.
    fn address(&self, key: &DocumentKey) -> String {
        let (bucket, region) = (&self.bucket, self.region());
        if let Some(endpoint) = self.config.endpoint_url() {
            return format!("{}/{bucket}/{}", endpoint.trim_end_matches('/'), key.path);
        }
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{bucket}.s3.{region}.{domain}/{}", key.path)
    }

    async fn credentials(&self) -> Result<Credentials, StoreError> {
        let provider = self.config.credentials_provider().ok_or_else(|| unavailable("there are no credentials"))?;
        provider.provide_credentials().await.map_err(|error| unavailable(&error))
    }

    fn connector(&self) -> &Connector {
        self.connector.get_or_init(|| {
            let settings = HttpConnectorSettings::builder()
                .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
                .read_timeout(Duration::from_secs(ANSWER_SECONDS))
                .build();
            let connector = Connector::builder().tls_provider(Provider::rustls(CryptoMode::AwsLc));
            let connector = connector.connector_settings(settings);
            match trust::context(&self.config) {
                Some(context) => connector.tls_context(context).build(),
                None => connector.build(),
            }
        })
    }
}

#[async_trait]
impl Documents for S3Documents {
    async fn put(&self, key: &DocumentKey, document: &CarrierDocument) -> Result<(), StoreError> {
        let credentials = self.credentials().await?;
        let until = Duration::from_secs(WRITE_SECONDS);
        #[expect(clippy::disallowed_methods, reason = "S3 compares the signature with its own clock")]
        let now = SystemTime::now();
        let signed = Signed { method: "PUT", region: self.region(), at: now, until };
        let address = signed.address(&self.address(key), credentials)?;
        let mut request = HttpRequest::new(SdkBody::from(document.bytes.clone()));
        request.set_method("PUT").map_err(|error| unavailable(&error))?;
        request.set_uri(address).map_err(|error| unavailable(&error))?;
        request.headers_mut().insert("content-type", key.format.media_type());
        request.headers_mut().insert("content-length", document.bytes.len().to_string());
        let answer = self.connector().call(request).await.map_err(|error| unavailable(&error))?;
        let status = answer.status();
        // What S3 says in its body may quote the address, which is signed.
        if status.is_success() { Ok(()) } else { Err(unavailable(&format!("PutObject: {}", status.as_u16()))) }
    }

    async fn link(&self, key: &DocumentKey, now: Timestamp, until: Timestamp) -> Result<String, StoreError> {
        let until = Duration::from_secs(until.duration_since(now).as_secs().max(1).unsigned_abs());
        let signed = Signed { method: "GET", region: self.region(), at: now.into(), until };
        signed.address(&self.address(key), self.credentials().await?)
    }
}

/// What is signed beside an address.
struct Signed<'a> {
    method: &'static str,
    region: &'a str,
    at: SystemTime,
    /// For how long it works.
    until: Duration,
}

impl Signed<'_> {
    fn address(&self, address: &str, credentials: Credentials) -> Result<String, StoreError> {
        let identity = credentials.into();
        let mut settings = SigningSettings::default();
        // As S3 wants it: the path as it is, written once, and a signature in the address.
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.until);
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("s3")
            .time(self.at)
            .settings(settings)
            .build()
            .map_err(|error| unavailable(&error))?;
        let body = SignableBody::UnsignedPayload;
        let request = SignableRequest::new(self.method, address, std::iter::empty(), body);
        let request = request.map_err(|error| unavailable(&error))?;
        let (instructions, _) = sign(request, &params.into()).map_err(|error| unavailable(&error))?.into_parts();
        let written: Vec<String> =
            instructions.params().iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        Ok(format!("{address}?{}", written.join("&")))
    }
}

/// As signatures have it: all but letters, digits and `-._~`.
fn encoded(value: &str) -> String {
    let mut written = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    written
}

/// Of hexadecimal numbers.
fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

fn unavailable(why: &(impl ToString + ?Sized)) -> StoreError {
    StoreError::Unavailable(format!("documents: {}", why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(token: Option<&str>) -> Credentials {
        let (id, secret) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        Credentials::new(id, secret, token.map(ToOwned::to_owned), None, "test")
    }

    fn published() -> Signed<'static> {
        let at: Timestamp = "2013-05-24T00:00:00Z".parse().unwrap();
        Signed { method: "GET", region: "us-east-1", at: at.into(), until: Duration::from_hours(24) }
    }

    #[test]
    fn an_address_is_signed_as_aws_shows_it() {
        // "Authenticating Requests: Using Query Parameters", Amazon S3 API reference.
        let signed = published().address("https://examplebucket.s3.amazonaws.com/test.txt", credentials(None)).unwrap();
        let signature = "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        assert!(signed.contains(signature), "{signed}");
        assert!(signed.contains("X-Amz-Expires=86400"), "{signed}");
        assert!(signed.contains("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"));
    }

    #[test]
    fn the_token_of_a_role_is_part_of_the_address() {
        let signed = published().address("https://b.s3.amazonaws.com/x.pdf", credentials(Some("a/b+c="))).unwrap();
        assert!(signed.contains("X-Amz-Security-Token=a%2Fb%2Bc%3D"), "{signed}");
    }

    #[test]
    fn a_bucket_is_named_by_its_host_and_an_emulators_by_its_path() {
        let key = DocumentKey { path: "labels/1.pdf".into(), format: oms_app::ports::DocumentFormat::Pdf };
        let at = |region: &'static str, endpoint: Option<&str>| {
            let config = SdkConfig::builder().region(aws_config::Region::new(region));
            let config = match endpoint {
                Some(endpoint) => config.endpoint_url(endpoint),
                None => config,
            };
            S3Documents::new(config.build(), "docs".into()).address(&key)
        };
        assert_eq!(at("eu-central-1", None), "https://docs.s3.eu-central-1.amazonaws.com/labels/1.pdf");
        assert_eq!(at("cn-north-1", None), "https://docs.s3.cn-north-1.amazonaws.com.cn/labels/1.pdf");
        assert_eq!(at("eu-central-1", Some("http://127.0.0.1:4566/")), "http://127.0.0.1:4566/docs/labels/1.pdf");
    }

    /// A bucket that answers once, and hands out what it was sent.
    async fn bucket(answer: &'static str) -> (S3Documents, tokio::task::JoinHandle<String>) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = SdkConfig::builder()
            .region(aws_config::Region::new("eu-central-1"))
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials(None)))
            .build();
        let served = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"the label") {
                assert!(socket.read_buf(&mut seen).await.unwrap() > 0);
            }
            socket.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(seen).unwrap()
        });
        (S3Documents::new(config, "docs".into()), served)
    }

    fn a_label() -> (DocumentKey, CarrierDocument) {
        let format = oms_app::ports::DocumentFormat::Pdf;
        (DocumentKey { path: "labels/1.pdf".into(), format }, CarrierDocument { format, bytes: b"the label".to_vec() })
    }

    #[tokio::test]
    async fn what_is_put_arrives_and_what_is_refused_is_told() {
        let (key, label) = a_label();
        let (documents, served) = bucket("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(documents.put(&key, &label).await, Ok(()));
        let seen = served.await.unwrap().to_ascii_lowercase();
        assert!(seen.starts_with("put /docs/labels/1.pdf?x-amz-"), "{seen}");
        assert!(seen.contains("content-type: application/pdf") && seen.contains("content-length: 9"), "{seen}");
        let (documents, _) = bucket("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
        let refused = StoreError::Unavailable("documents: PutObject: 403".to_owned());
        assert_eq!(documents.put(&key, &label).await, Err(refused));
    }
}
