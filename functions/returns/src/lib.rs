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
