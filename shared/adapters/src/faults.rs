//! Faults that were found once, each under its row in docs/review.md.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;

use crate::trust::OnFirstCall;

/// Counts what the SDK's own client would have parsed authorities for.
#[derive(Debug, Clone, Default)]
struct Counting(Arc<AtomicUsize>);

#[derive(Debug)]
struct Nowhere;

impl aws_smithy_runtime_api::client::http::HttpConnector for Nowhere {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::io("nobody is there".into())))
    }
}

impl HttpClient for Counting {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.fetch_add(1, Ordering::Relaxed);
        SharedHttpConnector::new(Nowhere)
    }

    fn validate_base_client_config(&self, _: &RuntimeComponentsBuilder, _: &ConfigBag) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn r6_clients_of_aws_make_no_connector_before_the_first_call() {
    let made = Counting::default();
    let config = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("eu-central-1"))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(
            aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test"),
        ))
        .http_client(SharedHttpClient::new(OnFirstCall(made.clone())))
        .build();
    let aws = crate::aws::Aws::new(config);
    let (store, _topics, _secrets) = (aws.dynamodb(), aws.sns(), aws.secretsmanager());
    assert_eq!(made.0.load(Ordering::Relaxed), 0);
    store.list_tables().send().await.unwrap_err();
    assert_eq!(made.0.load(Ordering::Relaxed), 1);
}
