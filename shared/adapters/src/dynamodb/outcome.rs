//! Why a transaction was not written, and what to do about it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use oms_app::ports::{Commit, CommitError, Shortage, StoreError};
use oms_domain::ids::ProductId;

use super::commit::Role;
use super::error::reason as told;
use super::item::{read_command, read_order, read_parsed, read_product};
use super::keys;

/// Codes by which the store says that it has done nothing because of too much at once.
pub(super) const THROTTLES: [&str; 6] = [
    "ThrottlingException",
    "ThrottlingError",
    "Throttling",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
];

/// Codes by which it says that somebody else is writing the same items.
pub(super) const CONFLICTS: [&str; 2] = ["TransactionConflict", "TransactionInProgressException"];

/// What an attempt that was not acknowledged came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It had been written by an attempt of ours before.
    Done,
    /// Somebody else is writing the same items; nothing was done.
    Contended,
    /// Too much at once; nothing was done.
    Throttled,
    /// No answer, or one that says nothing: it may have been written.
    Unknown(String),
    /// A reason that repeating does not change.
    Refused(CommitError),
}

impl Verdict {
    /// Reads the answer to an attempt.
    pub(super) fn of(error: &SdkError<TransactWriteItemsError>, commit: &Commit, roles: &[Role]) -> Verdict {
        let reason = told("TransactWriteItems", error);
        let service = match error {
            SdkError::ConstructionFailure(_) => return Verdict::Refused(StoreError::Damaged(reason).into()),
            SdkError::ServiceError(service) => service,
            // The SDK may add kinds; whatever they are, they do not say that nothing was written.
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) | _ => {
                return Verdict::Unknown(reason);
            }
        };
        if let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.err() {
            return cancellation(commit, roles, cancelled.cancellation_reasons());
        }
        match service.err().code() {
            Some(code) if CONFLICTS.contains(&code) => Verdict::Contended,
            Some(code) if THROTTLES.contains(&code) => Verdict::Throttled,
            _ if service.raw().status().is_server_error() => Verdict::Unknown(reason),
            _ => Verdict::Refused(StoreError::Unavailable(reason).into()),
        }
    }
}

/// What one item of a cancelled transaction says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Said<'a> {
    Nothing,
    ConditionFailed(&'a CancellationReason),
    Contended,
    Throttled,
    /// A code that no repetition mends, e.g. an item that is too large.
    Invalid(&'a str),
}

pub(super) fn said(reason: &CancellationReason) -> Said<'_> {
    match reason.code() {
        None | Some("None") => Said::Nothing,
        Some("ConditionalCheckFailed") => Said::ConditionFailed(reason),
        Some(code) if CONFLICTS.contains(&code) => Said::Contended,
        Some(code) if THROTTLES.contains(&code) => Said::Throttled,
        Some(code) => Said::Invalid(code),
    }
}

/// Tells the first reason in the order of [`CommitError`]. An item that could not be judged because somebody else was
/// writing it counts at its place: what stands behind it might not be the first reason.
fn cancellation(commit: &Commit, roles: &[Role], reasons: &[CancellationReason]) -> Verdict {
    if reasons.len() != roles.len() {
        return Verdict::Unknown(format!("a cancellation with {} reasons for {} items", reasons.len(), roles.len()));
    }
    let all: Vec<(Role, Said<'_>)> = roles.iter().copied().zip(reasons.iter().map(said)).collect();
    if all.iter().any(|(role, said)| *role == Role::Order && is_ours(commit, *said)) {
        return Verdict::Done;
    }
    let creates = commit.change.base_version.is_none();
    let sequence = if creates { [Role::Order, Role::Command] } else { [Role::Command, Role::Order] };
    let counts = (0..commit.counts.len()).map(Role::Count);
    let fixed = [Role::Event, Role::Person, Role::Cart, Role::Standing, Role::Page];
    for wanted in sequence.into_iter().chain(fixed).chain(counts) {
        let found =
            all.iter().filter(|(role, _)| *role == wanted).find_map(|(role, said)| verdict(commit, *role, *said));
        if let Some(verdict) = found {
            return verdict;
        }
    }
    stock(commit, &all)
}

fn is_ours(commit: &Commit, said: Said<'_>) -> bool {
    let Said::ConditionFailed(reason) = said else { return false };
    let head = reason.item().and_then(|item| item.get(keys::HEAD)).and_then(|head| head.as_s().ok());
    head.is_some_and(|head| head == commit.change.order.head.as_str())
}

fn verdict(commit: &Commit, role: Role, said: Said<'_>) -> Option<Verdict> {
    match said {
        Said::Nothing => None,
        Said::Contended => Some(Verdict::Contended),
        Said::Throttled => Some(Verdict::Throttled),
        Said::Invalid(code) => {
            Some(Verdict::Refused(StoreError::Damaged(format!("an item was refused: {code}")).into()))
        }
        Said::ConditionFailed(reason) => {
            Some(Verdict::Refused(refusal(commit, role, reason).unwrap_or_else(CommitError::Store)))
        }
    }
}

fn refusal(commit: &Commit, role: Role, reason: &CancellationReason) -> Result<CommitError, StoreError> {
    let creates = commit.change.base_version.is_none();
    let untold = || StoreError::Damaged("a condition failed without telling what was found".to_owned());
    match role {
        Role::Order if creates => {
            let (order, request) = read_order(reason.item().ok_or_else(untold)?)?;
            Ok(CommitError::Exists { order: Box::new(order), request })
        }
        Role::Order => match reason.item() {
            Some(item) => Ok(CommitError::Stale(Box::new(read_order(item)?.0))),
            None => Ok(CommitError::Missing),
        },
        Role::Command => Ok(CommitError::CommandSeen(read_command(reason.item().ok_or_else(untold)?)?)),
        Role::Cart => {
            let holder = read_parsed(reason.item().ok_or_else(untold)?, keys::ORDER_ID, |id| id.parse().ok())?;
            Ok(CommitError::CartTaken(holder))
        }
        Role::Standing => Ok(CommitError::NotInGoodStanding),
        Role::Count(place) => {
            let step = commit.counts.get(place).ok_or_else(untold)?;
            Ok(CommitError::LimitReached(step.counter.clone()))
        }
        Role::Stock(product_id) => Ok(CommitError::Stock(vec![shortage(product_id, reason)?])),
        Role::Shard(product_id) => Ok(CommitError::Stock(vec![Shortage { product_id, found: None }])),
        Role::Event | Role::Person | Role::Method | Role::Page => {
            Err(StoreError::Damaged("an event exists that its order does not know".to_owned()))
        }
    }
}

fn shortage(product_id: ProductId, reason: &CancellationReason) -> Result<Shortage, StoreError> {
    let found = reason.item().filter(|item| !item.is_empty()).cloned().map(read_product).transpose()?;
    Ok(Shortage { product_id, found })
}

/// All shortages together: the customer should learn of every one.
fn stock(commit: &Commit, all: &[(Role, Said<'_>)]) -> Verdict {
    let mut shortages = Vec::new();
    let mut other = None;
    for (role, said) in all {
        match (role, said) {
            (Role::Stock(product_id), Said::ConditionFailed(reason)) => match shortage(*product_id, reason) {
                Ok(shortage) => shortages.push(shortage),
                Err(error) => return Verdict::Refused(error.into()),
            },
            // What a shard holds says nothing of the whole; whoever put the order there goes and looks.
            (Role::Shard(product_id), Said::ConditionFailed(_)) => {
                shortages.push(Shortage { product_id: *product_id, found: None });
            }
            (Role::Stock(_) | Role::Shard(_), said) => other = other.or_else(|| verdict(commit, *role, *said)),
            (
                Role::Order
                | Role::Event
                | Role::Person
                | Role::Command
                | Role::Cart
                | Role::Standing
                | Role::Method
                | Role::Page
                | Role::Count(_),
                _,
            ) => {}
        }
    }
    if !shortages.is_empty() {
        return Verdict::Refused(CommitError::Stock(shortages));
    }
    other.unwrap_or_else(|| Verdict::Unknown("a cancellation without a reason".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::Tables;
    use super::super::commit::Transaction;
    use super::super::sharded_stock::Places;
    use super::*;
    use oms_testkit::builders::{a_product, a_record, an_order, product_id};

    /// A new order of two products that remembers a command and claims a cart.
    fn commit() -> (Commit, Vec<Role>) {
        let commit = an_order(1)
            .of(&a_product(1).build(), 1)
            .of(&a_product(2).build(), 1)
            .remembering("key", a_record("request", "", oms_testkit::start()))
            .claiming("cart", oms_app::ports::CartPolicy::Exclusive { over: None })
            .commit();
        let tables = Tables { orders: "orders".into(), catalog: "catalog".into() };
        let roles = Transaction::of(&commit, &tables, &Places::new()).unwrap().roles;
        (commit, roles)
    }

    fn verdict_of(codes: &[(Role, &str)]) -> Verdict {
        let (commit, roles) = commit();
        let reason = |role: &Role| {
            let code = codes.iter().find(|(of, _)| of == role).map_or("None", |(_, code)| code);
            CancellationReason::builder().code(code).build()
        };
        let reasons: Vec<_> = roles.iter().map(reason).collect();
        cancellation(&commit, &roles, &reasons)
    }

    const SHORT: &str = "ConditionalCheckFailed";

    #[test]
    fn a_conflict_hides_whatever_stands_behind_it() {
        let (first, second) = (Role::Stock(product_id(1)), Role::Stock(product_id(2)));
        for role in [Role::Order, Role::Event, Role::Person, Role::Command, Role::Cart] {
            assert_eq!(verdict_of(&[(role, "TransactionConflict"), (first, SHORT)]), Verdict::Contended, "{role:?}");
        }
        let shortage = Shortage { product_id: product_id(1), found: None };
        let short = Verdict::Refused(CommitError::Stock(vec![shortage]));
        assert_eq!(verdict_of(&[(first, SHORT), (second, "TransactionConflict")]), short);
        assert_eq!(verdict_of(&[(second, "TransactionConflict")]), Verdict::Contended);
    }

    #[test]
    fn every_code_is_repeated_or_final() {
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert_eq!(verdict_of(&[(Role::Cart, code)]), Verdict::Throttled);
        }
        for code in ["ValidationError", "ItemCollectionSizeLimitExceeded"] {
            let verdict = verdict_of(&[(Role::Person, code)]);
            assert!(matches!(verdict, Verdict::Refused(CommitError::Store(StoreError::Damaged(_)))), "{verdict:?}");
        }
        assert!(matches!(verdict_of(&[]), Verdict::Unknown(_)));
        let (commit, roles) = commit();
        assert!(matches!(cancellation(&commit, &roles, &[]), Verdict::Unknown(_)));
    }
}
