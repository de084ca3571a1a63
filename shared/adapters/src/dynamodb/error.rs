//! SDK errors → [`StoreError`], once.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_types::error::operation::BuildError;
use oms_app::ports::StoreError;

/// A call that failed after the SDK's own bounded retries.
pub(crate) fn failed<E>(call: &'static str, error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    StoreError::Unavailable(reason(call, error))
}

/// What failed, by the service's code where there is one: its texts may repeat what was stored.
pub(crate) fn reason<E>(call: &'static str, error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.code() {
        Some(code) => format!("{call}: {code}"),
        None => format!("{call}: {}", DisplayErrorContext(error)),
    }
}

/// A request that cannot be put together: our mistake, which repeating does not mend.
pub(crate) fn unbuildable(error: &BuildError) -> StoreError {
    StoreError::Damaged(format!("a request lacks a part: {error}"))
}
