//! Why a commit was not written, and what to do about it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use oms_app::ports::{Commit, CommitError, Shortage, StoreError, Turn};

use super::order_items::read_order;
use super::transaction::Part;
use crate::dynamodb::catalog::stock_moves::shortage;
use crate::dynamodb::companions::{beside, unknown_to_its_order, untold};
use crate::dynamodb::error::reason as told;
use crate::dynamodb::keys;
use crate::dynamodb::outcome::{CONFLICTS, Said, THROTTLES, said};

/// What an attempt that was not acknowledged came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
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
    pub(crate) fn of(error: &SdkError<TransactWriteItemsError>, commit: &Commit, parts: &[Part]) -> Verdict {
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
            return cancellation(commit, parts, cancelled.cancellation_reasons());
        }
        match service.err().code() {
            Some(code) if CONFLICTS.contains(&code) => Verdict::Contended,
            Some(code) if THROTTLES.contains(&code) => Verdict::Throttled,
            _ if service.raw().status().is_server_error() => Verdict::Unknown(reason),
            _ => Verdict::Refused(StoreError::Unavailable(reason).into()),
        }
    }
}

/// Tells the first reason in the order of [`Turn`]. An item that could not be judged because somebody else was writing it
/// counts at its place: what stands behind it might not be the first reason.
fn cancellation(commit: &Commit, parts: &[Part], reasons: &[CancellationReason]) -> Verdict {
    if reasons.len() != parts.len() {
        return Verdict::Unknown(format!("a cancellation with {} reasons for {} items", reasons.len(), parts.len()));
    }
    let all: Vec<(Part, Said<'_>)> = parts.iter().copied().zip(reasons.iter().map(said)).collect();
    if all.iter().any(|(part, said)| *part == Part::Order && is_ours(commit, *said)) {
        return Verdict::Done;
    }
    let mut told: Vec<_> = all.iter().filter(|(part, _)| part.turn(commit) < Turn::Stock).collect();
    told.sort_by_key(|(part, _)| part.turn(commit));
    told.into_iter().find_map(|(part, said)| verdict(commit, *part, *said)).unwrap_or_else(|| stock(commit, &all))
}

fn is_ours(commit: &Commit, said: Said<'_>) -> bool {
    let Said::ConditionFailed(reason) = said else { return false };
    let head = reason.item().and_then(|item| item.get(keys::HEAD)).and_then(|head| head.as_s().ok());
    head.is_some_and(|head| head == commit.change.order.head.as_str())
}

fn verdict(commit: &Commit, part: Part, said: Said<'_>) -> Option<Verdict> {
    match said {
        Said::Nothing => None,
        Said::Contended => Some(Verdict::Contended),
        Said::Throttled => Some(Verdict::Throttled),
        Said::Invalid(code) => {
            Some(Verdict::Refused(StoreError::Damaged(format!("an item was refused: {code}")).into()))
        }
        Said::ConditionFailed(reason) => {
            Some(Verdict::Refused(refusal(commit, part, reason).unwrap_or_else(CommitError::Store)))
        }
    }
}

fn refusal(commit: &Commit, part: Part, reason: &CancellationReason) -> Result<CommitError, StoreError> {
    match part {
        Part::Order if commit.change.base_version.is_none() => {
            let (order, request) = read_order(reason.item().ok_or_else(untold)?)?;
            Ok(CommitError::Exists { order: Box::new(order), request })
        }
        Part::Order => match reason.item() {
            Some(item) => Ok(CommitError::Stale(Box::new(read_order(item)?.0))),
            None => Ok(CommitError::Missing),
        },
        Part::Event => Err(unknown_to_its_order()),
        Part::Companion(place) => beside(&commit.companions[place]).refusal(reason.item()),
        Part::Stock(product_id) => Ok(CommitError::Stock(vec![shortage(product_id, reason.item())?])),
        Part::Shard(product_id) => Ok(CommitError::Stock(vec![Shortage { product_id, found: None }])),
    }
}

/// All shortages together: the customer should learn of every one.
fn stock(commit: &Commit, all: &[(Part, Said<'_>)]) -> Verdict {
    let mut shortages = Vec::new();
    let mut other = None;
    for (part, said) in all {
        match (part, said) {
            (Part::Stock(product_id), Said::ConditionFailed(reason)) => match shortage(*product_id, reason.item()) {
                Ok(shortage) => shortages.push(shortage),
                Err(error) => return Verdict::Refused(error.into()),
            },
            // What a shard holds says nothing of the whole; whoever put the order there goes and looks.
            (Part::Shard(product_id), Said::ConditionFailed(_)) => {
                shortages.push(Shortage { product_id: *product_id, found: None });
            }
            (Part::Stock(_) | Part::Shard(_), said) => other = other.or_else(|| verdict(commit, *part, *said)),
            (Part::Order | Part::Event | Part::Companion(_), _) => {}
        }
    }
    if !shortages.is_empty() {
        return Verdict::Refused(CommitError::Stock(shortages));
    }
    other.unwrap_or_else(|| Verdict::Unknown("a cancellation without a reason".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::catalog::counter_place::Places;
    use crate::dynamodb::ordering::transaction::Transaction;
    use crate::dynamodb::tables::Tables;
    use oms_app::ports::{AccountStep, CheckoutSession, Companion, SavedMethod, UsageCounter, UsageStep};
    use oms_domain::ids::{MethodId, PaymentId};
    use oms_domain::payments::MethodToken;
    use oms_testkit::builders::{a_product, a_record, an_order, product_id, user};
    use oms_testkit::start;

    /// A new order of two products that remembers a command and claims a cart.
    fn creation() -> Commit {
        an_order(1)
            .of(&a_product(1).build(), 1)
            .of(&a_product(2).build(), 1)
            .remembering("key", a_record("request", "", start()))
            .claiming("cart", oms_app::ports::CartPolicy::Exclusive { over: None })
            .commit()
    }

    /// The companions of a commit that has all of them; no real one has.
    fn everything(creation: Commit) -> Commit {
        let order = &creation.change.order;
        let session = CheckoutSession {
            order_id: order.id,
            payment_id: PaymentId::of_attempt(order.id, 0),
            provider: "fake".into(),
            requested_at: start(),
            return_url: None,
            session: None,
            look_at: None,
        };
        let method = SavedMethod {
            id: MethodId::of_token("fake", "token"),
            user_id: user("ada"),
            provider: "fake".into(),
            method: MethodToken { token: "token".into(), label: "visa".into(), expires: None },
            consented_at: start(),
        };
        let account =
            AccountStep { user_id: user("ada"), in_good_standing: true, open: None, counts: None, needs: None };
        let counter = UsageCounter::Promotion("spring".into());
        creation
            .with(Companion::SavedMethod(method))
            .with(Companion::Usage(UsageStep { counter, delta: 1, limit: Some(1), expires_at: None }))
            .with(Companion::Checkout(session))
            .with(Companion::Account(account))
    }

    fn verdict_of(commit: &Commit, codes: &[(Turn, &str)]) -> Verdict {
        let tables = Tables { orders: "orders".into(), catalog: "catalog".into() };
        let parts = Transaction::of(commit, &tables, &Places::new()).unwrap().parts;
        let reason = |part: &Part| {
            let code = codes.iter().find(|(turn, _)| *turn == part.turn(commit)).map_or("None", |(_, code)| code);
            CancellationReason::builder().code(code).build()
        };
        let reasons: Vec<_> = parts.iter().map(reason).collect();
        cancellation(commit, &parts, &reasons)
    }

    const SHORT: &str = "ConditionalCheckFailed";
    const CONFLICT: &str = "TransactionConflict";
    const BESIDE: [Turn; 7] =
        [Turn::Event, Turn::Person, Turn::Cart, Turn::Account, Turn::Checkout, Turn::Usage, Turn::SavedMethod];

    #[test]
    fn reasons_are_told_in_their_order() {
        let created = everything(creation());
        let mut change = created.clone();
        change.change.base_version = Some(1);
        for (commit, first) in [(created, [Turn::Creation, Turn::Command]), (change, [Turn::Command, Turn::Order])] {
            let order: Vec<Turn> = first.into_iter().chain(BESIDE).chain([Turn::Stock]).collect();
            for pair in order.windows(2) {
                let told = verdict_of(&commit, &[(pair[0], CONFLICT), (pair[1], "ThrottlingError")]);
                assert_eq!(told, Verdict::Contended, "{pair:?}");
                let told = verdict_of(&commit, &[(pair[0], "ThrottlingError"), (pair[1], CONFLICT)]);
                assert_eq!(told, Verdict::Throttled, "{pair:?}");
            }
        }
    }

    #[test]
    fn a_conflict_hides_the_shortages_behind_it() {
        let commit = creation();
        for turn in [Turn::Creation, Turn::Event, Turn::Person, Turn::Command, Turn::Cart] {
            assert_eq!(verdict_of(&commit, &[(turn, CONFLICT), (Turn::Stock, SHORT)]), Verdict::Contended, "{turn:?}");
        }
        let shortage = |number| Shortage { product_id: product_id(number), found: None };
        let short = Verdict::Refused(CommitError::Stock(vec![shortage(1), shortage(2)]));
        assert_eq!(verdict_of(&commit, &[(Turn::Stock, SHORT)]), short);
        assert_eq!(verdict_of(&commit, &[(Turn::Stock, CONFLICT)]), Verdict::Contended);
    }

    #[test]
    fn a_shortage_is_told_beside_a_conflict_over_other_stock() {
        let commit = creation();
        let tables = Tables { orders: "orders".into(), catalog: "catalog".into() };
        let parts = Transaction::of(&commit, &tables, &Places::new()).unwrap().parts;
        let code = |part: &Part| match part {
            Part::Stock(id) if *id == product_id(1) => SHORT,
            Part::Stock(_) => CONFLICT,
            Part::Order | Part::Event | Part::Companion(_) | Part::Shard(_) => "None",
        };
        let reasons: Vec<_> = parts.iter().map(|part| CancellationReason::builder().code(code(part)).build()).collect();
        let shortage = Shortage { product_id: product_id(1), found: None };
        let short = Verdict::Refused(CommitError::Stock(vec![shortage]));
        assert_eq!(cancellation(&commit, &parts, &reasons), short);
    }

    #[test]
    fn every_code_is_repeated_or_final() {
        let commit = creation();
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert_eq!(verdict_of(&commit, &[(Turn::Cart, code)]), Verdict::Throttled);
        }
        for code in ["ValidationError", "ItemCollectionSizeLimitExceeded"] {
            let verdict = verdict_of(&commit, &[(Turn::Person, code)]);
            assert!(matches!(verdict, Verdict::Refused(CommitError::Store(StoreError::Damaged(_)))), "{verdict:?}");
        }
        assert!(matches!(verdict_of(&commit, &[]), Verdict::Unknown(_)));
        assert!(matches!(cancellation(&commit, &[Part::Order], &[]), Verdict::Unknown(_)));
    }
}
