//! `PATCH /api/orders/{order_id}/status`: moves an order along by hand.

use std::sync::Arc;

use garde::Validate;
use oms_app::Field;
use oms_app::ordering::update_status::{Request as Move, UpdateStatus};
use oms_app::world::{Misconfigured, World};
use oms_domain::fulfilment::Tracking;
use oms_domain::ordering::Status;
use oms_runtime::Function;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateStatusBody)]
pub struct Body {
    /// processing, shipped, delivered or cancelled.
    #[garde(length(chars, min = 1, max = 40))]
    status: String,
    /// Note shown in the order's timeline; must not contain personal data.
    #[garde(length(chars, min = 1, max = 500))]
    note: Option<String>,
    /// Required with the status `shipped`.
    #[garde(dive)]
    tracking: Option<TrackingBody>,
}

/// Tracking details of a parcel.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackingBody {
    /// The carrier.
    #[garde(length(chars, min = 1, max = 64))]
    carrier: String,
    /// The carrier's tracking number.
    #[garde(length(chars, min = 1, max = 64))]
    tracking_number: String,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let update = UpdateStatus::new(world.orders(), world.clock());
    Ok(Function::http(update, handle))
}

/// Changes an order's status.
///
/// Admins may set processing, shipped, delivered and cancelled; sellers the first three, if every line is theirs.
#[utoipa::path(
    patch, path = "/api/orders/{order_id}/status", tag = "orders", operation_id = "updateStatus",
    params(
        ("order_id" = String, Path, description = "order id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    request_body = Body,
    responses(
        (status = 200, description = "status changed", body = OrderView),
        (status = 409, description = "invalid_transition"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(update: Arc<UpdateStatus>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let status: Status =
        body.status.parse().map_err(|error| Problem::invalid(vec![Field::new("/status", format!("{error}"))]))?;
    let wanted = Move {
        caller: caller.clone(),
        order_id,
        status,
        note: body.note,
        tracking: body.tracking.as_ref().map(tracking).transpose()?,
        expected_version: request.if_match()?,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let shown = update.run(wanted).await?;
    Ok(Answer::ok(&OrderView::of(&shown, &caller))?.version(shown.order.version))
}

fn tracking(body: &TrackingBody) -> Result<Tracking, Problem> {
    Tracking::checked(&body.carrier, &body.tracking_number)
        .map_err(|error| Problem::invalid(vec![Field::new(format!("/tracking/{}", error.0), &error)]))
}
