//! Goods that come back, and claims.

pub mod handle_returns;
pub mod move_return;
pub mod request_return;
pub mod view_return;

use oms_app::returns::ShownReturn;
use oms_app::world::World;
use oms_domain::actor::Caller;
use oms_runtime::Wired;
use oms_runtime::http::bounded::MoneyText;
use oms_runtime::http::return_view::ReturnView;
use oms_runtime::http::{Answer, Problem};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(request_return::handle, view_return::handle, move_return::handle))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: World>() -> [(&'static str, Wired<W>); 1] {
    [("handle-returns", handle_returns::wired)]
}

/// A return with what it may come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "return_id": "01976b7a-0000-7000-8000-00000000000a-R1", "number": "00000-0000A-C-R1",
    "order_id": "01976b7a-0000-7000-8000-00000000000a", "kind": "return", "status": "approved",
    "lines": [{
        "line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 2, "received_quantity": 0, "reason": "unwanted",
        "label_paid_by": "customer"
    }],
    "currency": "EUR", "settled": {"value": "0.00", "reduction": "0.00", "fee": "0.00", "given_before": "0.00", "refund": "0.00"},
    "policy_waived": false, "note": "too blue", "answer": null, "requested_at": "2026-01-12T10:00:00Z",
    "decided_at": "2026-01-12T12:00:00Z", "received_at": null, "ended_at": null, "expires_at": "2026-02-11T12:00:00Z",
    "refund_estimate": "47.36"
})))]
pub struct ShownReturnView {
    #[serde(flatten)]
    own: ReturnView,
    /// Refund for what is still waited for, if all of it comes as new; null once nothing is.
    refund_estimate: Option<MoneyText>,
}

fn shown(done: &ShownReturn, caller: &Caller, status: http::StatusCode) -> Result<Answer, Problem> {
    let order = &done.shown.order;
    let estimate = done.estimate.map(|settled| oms_domain::money::Money::new(settled.refund(), order.currency));
    let own = ReturnView::of(&done.shown, done.own()?, caller);
    let view = ShownReturnView { own, refund_estimate: estimate.map(MoneyText::from) };
    Ok(Answer::json(status, &view)?.version(order.version))
}
