//! A transaction that is repeated while others are in the way, and whose failed conditions are told.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use oms_app::ports::{Random, StoreError};

use super::error::reason as told;
use super::item::Item;
use super::outcome::{CONFLICTS, Said, THROTTLES, said};
use super::retry::RetryPolicy;

/// Why a transaction was not acknowledged as written.
#[derive(Debug, Clone)]
pub(crate) enum Cancelled {
    /// Conditions failed. They may have failed because an earlier attempt of ours was written.
    Conditions(Failed),
    /// Others were writing the same items, again and again.
    Contended,
    Store(StoreError),
}

/// Which conditions failed.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    reasons: Vec<CancellationReason>,
    /// Whether an earlier attempt had no answer.
    pub(crate) unsure: bool,
}

impl Failed {
    /// What stood in the way of the `index`th item; an empty item if nothing stood where something should.
    pub(crate) fn found(&self, index: usize) -> Option<Item> {
        let reason = self.reasons.get(index)?;
        matches!(said(reason), Said::ConditionFailed(_)).then(|| reason.item().cloned().unwrap_or_default())
    }
}

/// What one attempt came to.
enum Attempt {
    Written,
    Busy,
    Unknown(String),
    Failed(Vec<CancellationReason>),
    Final(StoreError),
}

/// Sends transactions.
#[derive(Clone)]
pub(crate) struct Transactor {
    pub(crate) client: Client,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) retry: RetryPolicy,
}

impl Transactor {
    /// Writes all of the items or none.
    pub(crate) async fn write(&self, items: &[TransactWriteItem]) -> Result<(), Cancelled> {
        let (mut busy, mut failures) = (0, 0);
        loop {
            match self.attempt(items).await {
                Attempt::Written => return Ok(()),
                Attempt::Failed(reasons) => {
                    return Err(Cancelled::Conditions(Failed { reasons, unsure: failures > 0 }));
                }
                Attempt::Final(error) => return Err(Cancelled::Store(error)),
                Attempt::Busy if busy + 1 >= self.retry.conflict_attempts && failures == 0 => {
                    return Err(Cancelled::Contended);
                }
                Attempt::Busy if busy + 1 >= self.retry.conflict_attempts => {
                    let reason = "TransactWriteItems: too busy".to_owned();
                    return Err(Cancelled::Store(StoreError::Unavailable(reason)));
                }
                Attempt::Busy => busy += 1,
                Attempt::Unknown(reason) if failures + 1 >= self.retry.failure_attempts => {
                    return Err(Cancelled::Store(StoreError::Unavailable(reason)));
                }
                Attempt::Unknown(_) => failures += 1,
            }
            self.retry.wait(busy + failures, self.random.as_ref()).await;
        }
    }

    async fn attempt(&self, items: &[TransactWriteItem]) -> Attempt {
        let once = aws_sdk_dynamodb::config::Builder::new().retry_config(RetryConfig::disabled());
        let call = self.client.transact_write_items().set_transact_items(Some(items.to_vec()));
        match call.customize().config_override(once).send().await {
            Ok(_) => Attempt::Written,
            Err(error) => judged(&error, items.len()),
        }
    }
}

fn judged(error: &SdkError<TransactWriteItemsError>, items: usize) -> Attempt {
    let reason = told("TransactWriteItems", error);
    let service = match error {
        SdkError::ConstructionFailure(_) => return Attempt::Final(StoreError::Damaged(reason)),
        SdkError::ServiceError(service) => service,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) | _ => {
            return Attempt::Unknown(reason);
        }
    };
    if let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.err() {
        return cancellation(cancelled.cancellation_reasons(), items);
    }
    match service.err().code() {
        Some(code) if CONFLICTS.contains(&code) || THROTTLES.contains(&code) => Attempt::Busy,
        _ if service.raw().status().is_server_error() => Attempt::Unknown(reason),
        _ => Attempt::Final(StoreError::Unavailable(reason)),
    }
}

/// A conflict counts before a failed condition: what stands behind it might be the better reason.
fn cancellation(reasons: &[CancellationReason], items: usize) -> Attempt {
    if reasons.len() != items {
        return Attempt::Unknown(format!("a cancellation with {} reasons for {items} items", reasons.len()));
    }
    let mut failed = false;
    for reason in reasons {
        match said(reason) {
            Said::Nothing => {}
            Said::Contended | Said::Throttled => return Attempt::Busy,
            Said::Invalid(code) => return Attempt::Final(StoreError::Damaged(format!("an item was refused: {code}"))),
            Said::ConditionFailed(_) => failed = true,
        }
    }
    if failed {
        Attempt::Failed(reasons.to_vec())
    } else {
        Attempt::Unknown("a cancellation without a reason".to_owned())
    }
}
