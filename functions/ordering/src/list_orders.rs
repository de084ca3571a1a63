//! `GET /api/orders`: one's own orders, or everybody's for admins.

use std::sync::Arc;

use http::HeaderName;
use jiff::Timestamp;
use oms_app::Field;
use oms_app::ordering::list_orders::{ListOrders, Request as Listing};
use oms_app::world::{Misconfigured, World};
use oms_domain::actor::Caller;
use oms_runtime::Function;
use oms_runtime::http::PageView;
use oms_runtime::http::view::SummaryView;
use oms_runtime::http::{Answer, Problem, Request};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let list = ListOrders::new(world.orders());
    Ok(Function::http(list, handle))
}

/// Lists orders.
///
/// Newest first unless `sort=created_at`. The list may lag behind by up to a second.
#[utoipa::path(
    get, path = "/api/orders", tag = "orders", operation_id = "listOrders",
    params(
        ("status" = Option<Vec<String>>, Query, description = "repeatable; only orders in these statuses", explode = true),
        ("user_id" = Option<String>, Query, description = "only orders of this customer; for admins"),
        ("start_date" = Option<String>, Query, description = "created at or after this date or time"),
        ("end_date" = Option<String>, Query, description = "created before this date or time"),
        ("sort" = Option<String>, Query, description = "`-created_at` (default) or `created_at`"),
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the previous page"),
        ("page" = Option<u32>, Query, description = "page number, instead of `cursor`; reaches the first 1,000 orders"),
    ),
    responses(
        (status = 200, description = "a page of results", body = PageView<SummaryView>),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(list: Arc<ListOrders>, request: Request) -> Result<Answer, Problem> {
    let listing = read(request.caller()?, &request.query)?;
    let page = list.run(listing).await?;
    let next = page.next_cursor.as_deref().map(|cursor| next_link(&request.query, cursor));
    let body = PageView {
        data: page.entries.iter().map(SummaryView::of).collect(),
        has_more: page.next_cursor.is_some(),
        next_cursor: page.next_cursor,
    };
    let answer = Answer::ok(&body)?;
    Ok(match next {
        Some(link) => answer.with(HeaderName::from_static("link"), &link),
        None => answer,
    })
}

/// Reads the query; every fault at once.
fn read(caller: Caller, query: &[(String, String)]) -> Result<Listing, Problem> {
    let mut faults = Vec::new();
    let mut listing = Listing {
        caller,
        user_id: None,
        statuses: Vec::new(),
        from: None,
        until: None,
        newest_first: true,
        limit: DEFAULT_LIMIT,
        cursor: None,
        page: None,
    };
    for (name, value) in query {
        let fault = match name.as_str() {
            "status" => each_status(value, &mut listing.statuses),
            "user_id" => set(&mut listing.user_id, value.parse().ok(), "is not a user id"),
            "start_date" => set(&mut listing.from, time(value), "must be a date or an RFC 3339 time"),
            "end_date" => set(&mut listing.until, time(value), "must be a date or an RFC 3339 time"),
            "sort" => match value.as_str() {
                "-created_at" => None,
                "created_at" => {
                    listing.newest_first = false;
                    None
                }
                _ => Some("must be -created_at or created_at".to_owned()),
            },
            "limit" => match value.parse() {
                Ok(limit @ 1..=MAX_LIMIT) => {
                    listing.limit = limit;
                    None
                }
                _ => Some(format!("must be 1 to {MAX_LIMIT}")),
            },
            "cursor" => set(&mut listing.cursor, Some(value.clone()), ""),
            "page" => set(&mut listing.page, value.parse().ok().filter(|page| *page > 0), "must be a number from 1"),
            _ => Some("is not a parameter of this list".to_owned()),
        };
        faults.extend(fault.map(|message| Field::new(format!("/{name}"), message)));
    }
    if faults.is_empty() { Ok(listing) } else { Err(Problem::invalid(faults)) }
}

fn set<T>(place: &mut Option<T>, value: Option<T>, fault: &str) -> Option<String> {
    let known = value.is_some();
    *place = value;
    if known { None } else { Some(fault.to_owned()) }
}

/// `status=pending&status=confirmed` and `status=pending,confirmed` mean the same.
fn each_status(value: &str, statuses: &mut Vec<oms_domain::ordering::Status>) -> Option<String> {
    for name in value.split(',') {
        match name.parse() {
            Ok(status) if statuses.contains(&status) => {}
            Ok(status) => statuses.push(status),
            Err(error) => return Some(format!("{error}")),
        }
    }
    None
}

/// A time, or a date, which means its first moment in UTC.
fn time(text: &str) -> Option<Timestamp> {
    // A plus sign in a query is a space unless it was encoded; a time zone's plus often is not.
    let text = text.replace(' ', "+");
    text.parse::<Timestamp>().ok().or_else(|| {
        let date: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == "2026-01-31".len())?;
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|start| start.timestamp())
    })
}

/// The same list from the next cursor on.
fn next_link(query: &[(String, String)], cursor: &str) -> String {
    let kept = query.iter().filter(|(name, _)| name != "cursor" && name != "page");
    let pairs: Vec<(&str, &str)> =
        kept.map(|(name, value)| (name.as_str(), value.as_str())).chain([("cursor", cursor)]).collect();
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    format!("</api/orders?{query}>; rel=\"next\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ada() -> Caller {
        Caller::Customer("ada".parse().unwrap())
    }

    fn pairs(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused_by_name(
            name in "status|user_id|start_date|end_date|sort|limit|cursor|page|[a-z]{0,8}", noise in any::<String>(),
            near in "[-+:.TZ0-9 a-z,]{0,30}",
        ) {
            for value in [noise, near] {
                match read(ada(), &pairs(&name, &value)) {
                    Ok(listing) => prop_assert!((1..=MAX_LIMIT).contains(&listing.limit) && listing.page != Some(0)),
                    Err(problem) => {
                        prop_assert_eq!(problem.status().as_u16(), 422);
                        let told = format!("{problem:?}");
                        prop_assert!(told.contains(&format!("pointer: \"/{name}\"")), "{}", told);
                    }
                }
            }
        }

        #[test]
        fn a_time_is_read_as_it_is_written(second in -62_135_596_800_i64..253_402_214_400, nanosecond in 0_i32..1_000_000_000) {
            let moment = Timestamp::new(second, if second < 0 { -nanosecond } else { nanosecond }).unwrap();
            prop_assert_eq!(read(ada(), &pairs("start_date", &moment.to_string())).unwrap().from, Some(moment));
            let date = moment.to_string()[..10].to_owned();
            let start = read(ada(), &pairs("end_date", &date)).unwrap().until.unwrap();
            let within = moment.duration_since(start);
            prop_assert!(!within.is_negative() && within.as_hours() < 24, "{date}: {start}");
        }

        #[test]
        fn the_link_to_the_next_page_repeats_the_query(value in any::<String>(), cursor in "[A-Za-z0-9_-]{1,60}") {
            let link = next_link(&[pairs("user_id", &value), pairs("cursor", "old"), pairs("page", "2")].concat(), &cursor);
            let query = link.strip_prefix("</api/orders?").and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap();
            prop_assert!(query.bytes().all(|byte| byte.is_ascii_graphic()));
            let read: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
            prop_assert_eq!(read, [pairs("user_id", &value), pairs("cursor", &cursor)].concat());
        }
    }
}
