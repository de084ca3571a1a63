//! `POST /api/shipments/{shipment_id}/label`: buys a label.

use std::sync::Arc;

use http::StatusCode;
use jiff::civil::Date;
use oms_app::Field;
use oms_app::fulfilment::buy_label::{BuyLabel, Wanted};
use oms_domain::access::Operation;
use oms_domain::fulfilment::label::LabelStatus;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::heads::{CommandProblems, NeededKeyHeader, ShipmentPath, VersionHeader};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::label_view::{LabelView, ParcelBody};

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BuyLabelBody, examples(json!({
    "carrier": "sandbox", "service": "standard",
    "parcels": [{"weight_grams": 1200, "length_mm": 300, "width_mm": 200, "height_mm": 100}]
})))]
pub struct Body {
    /// Name of the carrier, as rates have it.
    carrier: Text<1, 32>,
    /// The carrier's code of the service, as rates have it.
    service: Text<1, 64>,
    /// A label each.
    #[schema(min_items = 1, max_items = 20)]
    parcels: Vec<ParcelBody>,
    /// When the parcels are handed over; by default today, where they leave.
    #[schema(value_type = Option<String>, format = Date)]
    ship_date: Option<Date>,
}

/// Buys a label.
///
/// One label per shipment at a time; it holds as many parcels as are named. The `Idempotency-Key` is required: a label is money. Where
/// the carrier does not answer, the answer is 202 and the label is `requested`: it is looked for at the carrier within minutes, and
/// never bought a second time unseen. Mark the shipment as shipped without naming tracking to ship it with its label.
#[utoipa::path(
    post, path = "/api/shipments/{shipment_id}/label", tag = "shipments", operation_id = "buyLabel",
    params(ShipmentPath, NeededKeyHeader, VersionHeader),
    request_body = Body,
    responses(
        (status = 201, description = "bought", body = LabelView),
        (status = 202, description = "asked for; the carrier has not answered", body = LabelView),
        CommandProblems,
        (status = 503, description = "unavailable: the carrier cannot be reached, and nothing was bought"),
    ),
)]
pub async fn handle(buy: Arc<BuyLabel>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::BuyLabel)?;
    let id = request.path_id("shipment_id")?;
    let keyless = || Field::new("/Idempotency-Key", "is required: money leaves");
    let body = match (read_json::<Body>(&request), &intent.idempotency) {
        (Ok(body), Some(_)) => body,
        (Ok(_), None) => return Err(Problem::invalid(vec![keyless()])),
        (Err(problem), Some(_)) => return Err(problem),
        (Err(problem), None) => return Err(problem.at(keyless())),
    };
    let service = String::from(body.service);
    let printed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !service.bytes().all(printed) {
        let message = "must be a code of letters, digits, hyphens, dots and underscores";
        return Err(Problem::invalid(vec![Field::new("/service", message)]));
    }
    let parcels = body.parcels.into_iter().map(Into::into).collect();
    let wanted = Wanted { carrier: body.carrier.into(), service, parcels, ship_date: body.ship_date };
    let shown = buy.run(id, &intent, wanted).await?;
    let bought = shown.label.status != LabelStatus::Requested;
    let status = if bought { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let answer = Answer::json(status, &LabelView::of(&shown))?.version(shown.version);
    Ok(answer.location(&format!("/api/shipments/{id}/label")))
}
