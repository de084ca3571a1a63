//! `GET /api/packing-slips`: the packing slips of several shipments, to print at once. Proved by `tests/e2e/tests/all/slips.rs`.

use std::sync::Arc;

use oms_app::fulfilment::packing_slips::MAX_SLIPS;
use oms_domain::access::Operation;
use oms_domain::fulfilment::ShipmentId;
use oms_runtime::http::heads::InputProblems;
use oms_runtime::http::{Answer, Problem, Query, Request};
use utoipa::{IntoParams, ToSchema};

use crate::print_slips::Printer;

/// Which shipments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SlipsQuery {
    /// Ids of 1 to 25 shipments, separated by commas; repeatable. Of one that is named twice there is one slip.
    #[param(
        value_type = Vec<ShipmentReference>, explode = false, min_items = 1, max_items = 25,
        example = json!(["01976b7a-0000-7000-8000-00000000000a-S1", "01976b7a-0000-7000-8000-00000000000a-S2"])
    )]
    pub shipments: Vec<String>,
}

/// Id of a shipment: the order's id, `-S` and the shipment's number.
#[derive(ToSchema)]
#[schema(max_length = 43, pattern = "^[0-9a-f-]{36}-S[0-9]{1,5}$")]
#[allow(dead_code, reason = "describes a parameter")]
pub struct ShipmentReference(String);

/// Prints the packing slips of several shipments.
///
/// Each as by `viewPackingSlip`, on a page of its own, in the order of the ids. Where one of them is missing or another seller's,
/// nothing is printed.
#[utoipa::path(
    get, path = "/api/packing-slips", tag = "shipments", operation_id = "viewPackingSlips",
    params(SlipsQuery),
    responses(
        (status = 200, description = "the slips", content_type = "text/html", body = String,
            example = "<!doctype html><html lang=\"en\"><title>2 packing slips</title>"),
        (status = 404, description = "not_found: one of the shipments does not exist, or is another seller's"),
        (status = 409, description = "invalid_transition: one of the shipments was cancelled, or its customer's personal data was erased; `errors` names it"),
        InputProblems,
    ),
)]
pub async fn handle(printer: Arc<Printer>, request: Request) -> Result<Answer, Problem> {
    let operation = Operation::ViewPackingSlips;
    let caller = request.caller_for(operation)?;
    printer.print(operation, &caller, &read(request.query())?).await
}

/// Reads the query; every fault at once.
fn read(mut query: Query<'_>) -> Result<Vec<ShipmentId>, Problem> {
    let mut ids = Vec::new();
    for text in query.each("shipments").flat_map(|value| value.split(',')) {
        match text.trim().parse::<ShipmentId>() {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(error) => {
                // One fault tells it; what was sent may be long.
                query.fault("shipments", error);
                break;
            }
        }
        if ids.len() > MAX_SLIPS {
            break;
        }
    }
    if ids.len() > MAX_SLIPS || (ids.is_empty() && query.each("shipments").next().is_none()) {
        query.fault("shipments", format!("must name 1 to {MAX_SLIPS} shipments"));
    }
    query.only()?;
    Ok(ids)
}
