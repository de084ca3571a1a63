//! Whom TLS trusts when a function calls AWS: the authorities that sign AWS's own services, and nobody else.
//!
//! The default is every authority that the machine knows. Reading and parsing those costs processor time at each start
//! (docs/adr/0024), and each of them could vouch for somebody who is not AWS.
//!
//! The connector, which parses them, is made by the first call and shared by all clients ([`OnFirstCall`]).

use aws_config::SdkConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Amazon Root CA 1 to 4 and Starfield Services Root CA G2, <https://www.amazontrust.com/repository/>. Good until 2037.
const AMAZON_ROOTS: &str = include_str!("amazon-roots.pem");

/// Regions that are signed for by others: China, the European Sovereign Cloud, and those of governments.
const FOREIGN_REGIONS: [&str; 4] = ["cn-", "eusc-", "us-iso", "eu-iso"];

/// The HTTP client that all AWS clients of a process share.
pub(crate) fn http_client(config: &SdkConfig) -> SharedHttpClient {
    let client = aws_smithy_http_client::Builder::new().tls_provider(Provider::rustls(CryptoMode::AwsLc));
    let client = match context(config) {
        Some(context) => client.tls_context(context).build_https(),
        None => client.build_https(),
    };
    SharedHttpClient::new(OnFirstCall(client))
}

/// Whom a connection trusts; nothing for the machine's own authorities.
pub(crate) fn context(config: &SdkConfig) -> Option<TlsContext> {
    let region = config.region().map(AsRef::as_ref).unwrap_or_default();
    let store = if is_amazons(region, config.endpoint_url()) {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    } else {
        TrustStore::default()
    };
    let context = TlsContext::builder().with_trust_store(store).build();
    context.inspect_err(|error| tracing::warn!(%error, "the machine's own authorities are trusted")).ok()
}

/// Makes its connector when it is first used. The SDK's own client makes one more for each service that is set up, to fail
/// early over a machine that has no authorities, and throws it away; ours are in the program.
#[derive(Debug)]
pub(crate) struct OnFirstCall<C = SharedHttpClient>(pub(crate) C);

impl<C: HttpClient> HttpClient for OnFirstCall<C> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// Whether what is called is AWS itself. An address of somebody's own, as of an emulator, may be signed by anybody.
fn is_amazons(region: &str, endpoint: Option<&str>) -> bool {
    let elsewhere = endpoint.is_some_and(|url| url.starts_with("https:"));
    !elsewhere && !FOREIGN_REGIONS.iter().any(|foreign| region.starts_with(foreign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aws_itself_is_judged_by_amazons_authorities() {
        assert!(is_amazons("eu-central-1", None));
        assert!(is_amazons("eu-central-1", Some("http://127.0.0.1:4566")), "no authority is asked there");
        assert!(!is_amazons("eu-central-1", Some("https://emulator.example.test")));
        for foreign in ["cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1"] {
            assert!(!is_amazons(foreign, None), "{foreign}");
        }
        assert!(is_amazons("us-gov-west-1", None), "a partition of its own, under the same authorities");
    }

    #[tokio::test]
    async fn the_authorities_can_be_read() {
        assert_eq!(AMAZON_ROOTS.matches("BEGIN CERTIFICATE").count(), 5);
        let config = SdkConfig::builder().region(aws_config::Region::new("eu-central-1")).build();
        let elsewhere = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("eu-central-1"))
            .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test"))
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .endpoint_url("https://127.0.0.1:9")
            .http_client(http_client(&config));
        // The first call makes the connector, which parses them and panics over one that it cannot parse.
        let call = aws_sdk_dynamodb::Client::from_conf(elsewhere.build()).list_tables().send().await;
        assert!(matches!(call, Err(aws_sdk_dynamodb::error::SdkError::DispatchFailure(_))), "{call:?}");
    }
}
