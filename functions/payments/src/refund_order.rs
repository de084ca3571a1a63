//! `POST /api/orders/{order_id}/refunds`: an admin gives back a part of what was paid.

use std::sync::Arc;

use oms_app::Field;
use oms_app::ordering::units::Units;
use oms_app::payments::refund_order::{self, RefundOrder};
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::payments::Unshipped;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, MoneyText, Text};
use oms_runtime::http::heads::{CommandProblems, NeededKeyHeader, OrderPath, VersionHeader};
use oms_runtime::http::refund_view::RefundView;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundOrderBody, examples(json!({
    "lines": [{"line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 1}], "shipping": "4.90", "reason": "arrived broken"
})))]
pub struct Body {
    /// Units to refund, at the price paid; each unit can be refunded once.
    #[serde(default)]
    #[schema(max_items = 80)]
    lines: Vec<LineBody>,
    /// What becomes of those units that have not shipped: `restock` (the default) and `damaged` withdraw them from the
    /// order, `ship` refunds money only.
    #[serde(default)]
    unshipped: UnshippedBody,
    /// Shipping to refund, including tax, in the order's currency.
    shipping: Option<MoneyText>,
    /// Goodwill amount, in the order's currency.
    goodwill: Option<MoneyText>,
    /// Reason; must not contain personal data.
    reason: Text<1, 200>,
}

/// What becomes of refunded units that have not shipped.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnshippedBody {
    /// They do not ship and can be sold again.
    #[default]
    Restock,
    /// They do not ship and cannot be sold.
    Damaged,
    /// They still ship.
    Ship,
}

impl From<UnshippedBody> for Unshipped {
    fn from(body: UnshippedBody) -> Self {
        match body {
            UnshippedBody::Restock => Unshipped::Restock,
            UnshippedBody::Damaged => Unshipped::Damaged,
            UnshippedBody::Ship => Unshipped::Ship,
        }
    }
}

/// Units of a line to refund.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Number of units.
    quantity: Count<1, 9_999>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let refund = RefundOrder::new(world.orders(), world.clock());
    Ok(Function::http(refund, handle))
}

/// Refunds part of a payment.
///
/// One refund may combine units of lines, shipping and a goodwill amount. Refunds never add up to more than was paid, and
/// can add up to exactly that. If the order is cancelled or returned later, the rest is refunded. Refunded units that have
/// not shipped do not ship any more, unless `unshipped` is `ship`. An order of which no unit or no money is left before
/// anything has shipped is cancelled, and the rest, such as shipping, is refunded, too. The `Idempotency-Key` is required:
/// two clicks are one refund.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/refunds", tag = "payments", operation_id = "refundOrder",
    params(OrderPath, NeededKeyHeader, VersionHeader),
    request_body = Body,
    responses((status = 201, description = "refund started", body = RefundView), CommandProblems),
)]
pub async fn handle(refund: Arc<RefundOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::RefundOrder)?;
    let order_id = request.path_id("order_id")?;
    let keyless = || Field::new("/Idempotency-Key", "is required: money leaves");
    let body = match (read_json::<Body>(&request), &intent.idempotency) {
        (Ok(body), Some(_)) => body,
        (Ok(_), None) => return Err(Problem::invalid(vec![keyless()])),
        (Err(problem), Some(_)) => return Err(problem),
        (Err(problem), None) => return Err(problem.at(keyless())),
    };
    let units = |line: LineBody| Units { line_id: line.line_id, quantity: line.quantity.into() };
    let part = refund_order::Request {
        lines: body.lines.into_iter().map(units).collect(),
        unshipped: body.unshipped.into(),
        shipping: body.shipping.map(Into::into),
        goodwill: body.goodwill.map(Into::into),
        reason: body.reason.into(),
    };
    let done = refund.run(order_id, &intent, part).await?;
    let view = RefundView::of(&done.order, &done.refund, done.person.as_ref());
    let answer = Answer::json(http::StatusCode::CREATED, &view)?;
    Ok(answer.version(done.order.version).location(&format!("/api/orders/{order_id}")))
}
