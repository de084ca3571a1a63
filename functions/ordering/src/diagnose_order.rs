//! `GET /api/orders/{order_id}/diagnosis`: what an order waits for, and what a person can do.

use std::sync::Arc;

use jiff::Timestamp;
use oms_app::ordering::diagnose_order::DiagnoseOrder;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::ordering::{Status, Wait};
use oms_runtime::Function;
use oms_runtime::http::heads::OrderPath;
use oms_runtime::http::{Answer, Problem, Request, words};
use serde::Serialize;
use utoipa::ToSchema;

/// What an order waits for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "order_id": "01976b7a-0000-7000-8000-00000000000a", "status": "processing", "at": "2026-01-06T09:00:00Z", "waits": [{
        "code": "packing", "text": "Shipment 00000-0000A-C-S1 waits to be packed.", "since": "2026-01-05T10:00:00Z",
        "until": null, "can_do": ["Pack it, ship it, or cancel it."]
    }]
})))]
pub struct DiagnosisView {
    /// Id of the order.
    #[schema(format = Uuid)]
    order_id: String,
    #[schema(value_type = words::Status)]
    status: Status,
    /// When it was asked.
    at: Timestamp,
    /// What keeps it from everything else first; empty if it waits for nothing.
    waits: Vec<WaitView>,
}

/// One thing that an order waits for.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitView {
    /// A word for it.
    #[schema(example = "packing")]
    code: &'static str,
    /// A sentence about it.
    text: String,
    since: Timestamp,
    /// When it ends by itself.
    until: Option<Timestamp>,
    /// What a person can do; empty where there is nothing to do but wait.
    can_do: Vec<&'static str>,
}

impl From<Wait> for WaitView {
    fn from(wait: Wait) -> Self {
        let Wait { code, text, since, until, can_do } = wait;
        WaitView { code, text, since, until, can_do }
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    Ok(Function::http(DiagnoseOrder::new(world.orders(), world.outbox(), world.clock()), handle))
}

/// Says what an order waits for.
///
/// Since when, until when, and what a person can do about it.
#[utoipa::path(
    get, path = "/api/orders/{order_id}/diagnosis", tag = "orders", operation_id = "diagnoseOrder",
    params(OrderPath),
    responses((status = 200, description = "what it waits for", body = DiagnosisView)),
)]
pub async fn handle(diagnose: Arc<DiagnoseOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::DiagnoseOrder)?;
    let order_id = request.path_id("order_id")?;
    let found = diagnose.run(&caller, order_id).await?;
    let waits = found.waits.into_iter().map(Into::into).collect();
    let view = DiagnosisView { order_id: order_id.to_string(), status: found.status, at: found.at, waits };
    Ok(Answer::ok(&view)?.version(found.version))
}
