//! Lists orders by key queries: one's own, or everybody's for admins (J3, J6–J8, K1).
//!
//! 1. Who may list whose orders.
//! 2. Read the cursor; it continues only the list that it came from.
//! 3. Query, and tell where the next page begins.

use std::sync::Arc;

use jiff::Timestamp;
use oms_domain::access::{Access, Operation};
use oms_domain::actor::Caller;
use oms_domain::ids::UserId;
use oms_domain::ordering::Status;

use crate::cursor;
use crate::error::{Error, Field, checked_range};
use crate::idempotency::fingerprint;
use crate::ports::{ListQuery, Orders, Scope, Summary};

/// Deepest entry that paging by number reaches; beyond it a cursor goes on at constant cost (docs/requirements.md, decision 17).
pub const MAX_PAGED_ENTRIES: usize = 1_000;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub caller: Caller,
    /// Only this customer's orders; for admins.
    pub user_id: Option<UserId>,
    /// Only these states; empty means all.
    pub statuses: Vec<Status>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created before.
    pub until: Option<Timestamp>,
    /// Newest first, or oldest first.
    pub newest_first: bool,
    /// Entries per page, 1 to 100.
    pub limit: usize,
    /// Continue behind this cursor.
    pub cursor: Option<String>,
    /// Or start at this page, counted from 1.
    pub page: Option<usize>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its entries.
    pub entries: Vec<Summary>,
    /// The next page's cursor, if there is more.
    pub next_cursor: Option<String>,
}

pub struct ListOrders {
    orders: Arc<dyn Orders>,
}

impl ListOrders {
    pub fn new(orders: Arc<dyn Orders>) -> Self {
        ListOrders { orders }
    }

    pub async fn run(&self, request: Request) -> Result<Page, Error> {
        let scope = scope(&request)?;
        let skip = match (checked_range(request.from, request.until), skipped(&request)) {
            (Err(Error::Invalid(range)), Err(Error::Invalid(page))) => {
                return Err(Error::Invalid(range.into_iter().chain(page).collect()));
            }
            (range, skip) => range.and(skip)?,
        };
        let list = describe(&scope, &request);
        let after = request.cursor.as_deref().map(|text| cursor::decode(text, &list)).transpose()?;
        let query = ListQuery {
            scope,
            statuses: request.statuses,
            from: request.from,
            until: request.until,
            newest_first: request.newest_first,
            limit: skip + request.limit,
            after,
        };
        let listing = self.orders.list(&query).await?;
        Ok(Page {
            entries: listing.entries.into_iter().skip(skip).collect(),
            next_cursor: listing.next.map(|position| cursor::encode(position, &list)),
        })
    }
}

fn scope(request: &Request) -> Result<Scope, Error> {
    let caller = &request.caller;
    Operation::ListOrders.open_to(caller)?;
    match &request.user_id {
        Some(customer) => {
            Operation::ListOrders.permits(caller, customer)?;
            Ok(Scope::Customer(customer.clone()))
        }
        None if Operation::ListOrders.access(caller) == Access::Allowed => Ok(Scope::Everyone),
        None => Ok(Scope::Customer(caller.user().clone())),
    }
}

fn skipped(request: &Request) -> Result<usize, Error> {
    let Some(page) = request.page else { return Ok(0) };
    let fault = |message: String| Err(Error::Invalid(vec![Field::new("/page", message)]));
    if request.cursor.is_some() {
        return fault("cannot be combined with cursor".to_owned());
    }
    match page.checked_sub(1).and_then(|before| before.checked_mul(request.limit)) {
        None => fault("must be at least 1".to_owned()),
        Some(skip) if skip + request.limit > MAX_PAGED_ENTRIES => {
            fault(format!("reaches only the first {MAX_PAGED_ENTRIES} orders; use next_cursor beyond them"))
        }
        Some(skip) => Ok(skip),
    }
}

/// What makes a list another list: all but the page's size.
fn describe(scope: &Scope, request: &Request) -> String {
    let whose = match scope {
        Scope::Customer(user) => format!("customer {user}"),
        Scope::Everyone => "everyone".to_owned(),
    };
    let mut statuses: Vec<&str> = request.statuses.iter().map(|status| status.name()).collect();
    statuses.sort_unstable();
    let range = format!("{:?} {:?} {}", request.from, request.until, request.newest_first);
    fingerprint(&[whose.as_bytes(), statuses.join(",").as_bytes(), range.as_bytes()])
}
