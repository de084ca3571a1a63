//! What the store says of each item of a transaction that it cancelled.

use aws_sdk_dynamodb::types::CancellationReason;

/// Codes by which the store says that it has done nothing because of too much at once.
pub(crate) const THROTTLES: [&str; 6] = [
    "ThrottlingException",
    "ThrottlingError",
    "Throttling",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
];

/// Codes by which it says that somebody else is writing the same items.
pub(crate) const CONFLICTS: [&str; 2] = ["TransactionConflict", "TransactionInProgressException"];

/// What one item of a cancelled transaction says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said<'a> {
    Nothing,
    ConditionFailed(&'a CancellationReason),
    Contended,
    Throttled,
    /// A code that no repetition mends, e.g. an item that is too large.
    Invalid(&'a str),
}

pub(crate) fn said(reason: &CancellationReason) -> Said<'_> {
    match reason.code() {
        None | Some("None") => Said::Nothing,
        Some("ConditionalCheckFailed") => Said::ConditionFailed(reason),
        Some(code) if CONFLICTS.contains(&code) => Said::Contended,
        Some(code) if THROTTLES.contains(&code) => Said::Throttled,
        Some(code) => Said::Invalid(code),
    }
}
