//! `GET /api/orders`: one's own orders, or everybody's for admins.

use std::sync::Arc;

use http::HeaderName;
use oms_app::ordering::list_orders::{self, ListOrders};
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ordering::Status;
use oms_runtime::Function;
use oms_runtime::http::PageView;
use oms_runtime::http::heads::{InputProblems, PageQuery};
use oms_runtime::http::view::SummaryView;
use oms_runtime::http::{Answer, Problem, Query, Request, time_of, words};
use utoipa::{IntoParams, ToSchema};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let list = ListOrders::new(world.orders());
    Ok(Function::http(list, handle))
}

/// Lists orders.
///
/// Newest first unless `sort=created_at`. The list may lag behind by up to a second.
#[utoipa::path(
    get, path = "/api/orders", tag = "orders", operation_id = "listOrders",
    params(ListQuery, PageQuery),
    responses(
        (status = 200, description = "a page of results", body = PageView<SummaryView>, example = json!({
            "data": [{
                "id": "01976b7a-0000-7000-8000-00000000000a", "number": "00000-0000A-C", "user_id": "ada",
                "status": "pending", "total": "53.19", "currency": "EUR", "item_count": 2, "first_item": "Blue mug",
                "created_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-05T10:00:00Z"
            }],
            "has_more": false, "next_cursor": null
        })),
        InputProblems,
    ),
)]
pub async fn handle(list: Arc<ListOrders>, request: Request) -> Result<Answer, Problem> {
    let listing = read(request.caller_for(Operation::ListOrders)?, request.query())?;
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

/// Which orders, and in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only orders in these statuses; repeatable, or separated by commas.
    #[param(value_type = Vec<words::Status>, explode = true, required = false)]
    pub status: Vec<String>,
    /// Only orders of this customer; for admins.
    #[param(min_length = 1, max_length = 128)]
    pub user_id: Option<String>,
    /// Created at or after this date or time.
    #[param(max_length = 64)]
    pub start_date: Option<String>,
    /// Created before this time, or up to the end of this date.
    #[param(max_length = 64)]
    pub end_date: Option<String>,
    /// Newest first by default.
    #[param(value_type = Sort, inline)]
    pub sort: Option<String>,
    /// Page number, instead of `cursor`; reaches the first 1,000 orders.
    #[param(minimum = 1, maximum = 1_000)]
    pub page: Option<u32>,
}

/// What lists are sorted by.
#[derive(ToSchema)]
pub enum Sort {
    #[serde(rename = "-created_at")]
    NewestFirst,
    #[serde(rename = "created_at")]
    OldestFirst,
}

/// Reads the query; every fault at once.
fn read(caller: Caller, mut query: Query<'_>) -> Result<list_orders::Request, Problem> {
    let moment = |text| time_of(text).ok_or("must be a date or an RFC 3339 time");
    let mut statuses = Vec::new();
    // `status=pending&status=confirmed` and `status=pending,confirmed` mean the same.
    for name in query.each("status").flat_map(|value| value.split(',')) {
        match name.parse::<Status>() {
            Ok(status) if statuses.contains(&status) => {}
            Ok(status) => statuses.push(status),
            Err(error) => query.fault("status", error),
        }
    }
    let newest_first = query.last("sort", |text| match text {
        "-created_at" => Ok(true),
        "created_at" => Ok(false),
        _ => Err("must be -created_at or created_at"),
    });
    let page = |text: &str| text.parse().ok().filter(|page| *page > 0).ok_or("must be a number from 1");
    let listing = list_orders::Request {
        caller,
        user_id: query.last("user_id", |text| text.parse().map_err(|_| "is not a user id")),
        statuses,
        from: query.last("start_date", |text| moment(text).map(|(first, _)| first)),
        until: query.last("end_date", |text| moment(text).map(|(_, end)| end)),
        newest_first: newest_first.unwrap_or(true),
        limit: query.limit(),
        cursor: query.cursor().map(ToOwned::to_owned),
        page: query.last("page", page),
    };
    query.only()?;
    Ok(listing)
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
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn ada() -> Caller {
        Caller::Customer("ada".parse().unwrap())
    }

    fn of(query: Vec<(String, String)>) -> Result<list_orders::Request, Problem> {
        read(ada(), Request { query, ..Request::default() }.query())
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
                match of(pairs(&name, &value)) {
                    Ok(listing) => prop_assert!((1..=100).contains(&listing.limit) && listing.page != Some(0)),
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
            prop_assert_eq!(of(pairs("start_date", &moment.to_string())).unwrap().from, Some(moment));
            let date = moment.to_string()[..10].to_owned();
            let start = of(pairs("start_date", &date)).unwrap().from.unwrap();
            let end = of(pairs("end_date", &date)).unwrap().until.unwrap();
            prop_assert!(start <= moment && (moment < end || end == Timestamp::MAX), "{date}: {start} {end}");
            prop_assert!(end.duration_since(start).as_hours() <= 24, "{date}: {start} {end}");
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
