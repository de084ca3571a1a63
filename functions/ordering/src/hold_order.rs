//! `POST /api/orders/{order_id}/holds`, `DELETE /api/orders/{order_id}/holds/{hold_id}`: an admin holds an order, or releases it.
//!
//! What people note about an order is in the same function: it needs the same rights, and the back office calls both.

use std::sync::Arc;

use http::StatusCode;
use oms_app::execute::WritePath;
use oms_app::ordering::add_note::AddNote;
use oms_app::ordering::assign_order::AssignOrder;
use oms_app::ordering::hold_order::HoldOrder;
use oms_app::ordering::set_tags::SetTags;
use oms_app::ordering::view_notes::ViewNotes;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::ordering::HoldReason;
use oms_runtime::Function;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, HoldPath, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{add_note, assign_order, set_tags, view_notes};

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldOrderBody, examples(json!({"reason": "address", "note": "the house number is missing"})))]
pub struct Body {
    reason: WantedHold,
    /// Shown to admins; must not contain personal data.
    note: Option<Text<1, 500>>,
}

/// Why an order is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WantedHold {
    Fraud,
    /// The address has to be cleared up.
    Address,
    /// The goods are not there, or not fit to ship.
    Stock,
    /// The customer asked to wait.
    Customer,
    /// It could not be handed to its carrier.
    Fulfilment,
    Other,
}

impl From<WantedHold> for HoldReason {
    fn from(wanted: WantedHold) -> Self {
        match wanted {
            WantedHold::Fraud => HoldReason::Fraud,
            WantedHold::Address => HoldReason::Address,
            WantedHold::Stock => HoldReason::Stock,
            WantedHold::Customer => HoldReason::Customer,
            WantedHold::Fulfilment => HoldReason::Fulfilment,
            WantedHold::Other => HoldReason::Other,
        }
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let path = WritePath::of(world);
    Ok(Function::routes([
        ("POST /api/orders/{order_id}/holds", Function::http(HoldOrder(path.clone()), handle)),
        ("DELETE /api/orders/{order_id}/holds/{hold_id}", Function::http(HoldOrder(path.clone()), release)),
        ("POST /api/orders/{order_id}/notes", Function::http(AddNote(path.clone()), add_note::handle)),
        ("GET /api/orders/{order_id}/notes", Function::http(ViewNotes(world.orders()), view_notes::handle)),
        ("PUT /api/orders/{order_id}/tags", Function::http(SetTags(path.clone()), set_tags::handle)),
        ("PUT /api/orders/{order_id}/assignee", Function::http(AssignOrder(path), assign_order::handle)),
    ]))
}

/// Holds an order.
///
/// Until it is released, the order is neither prepared nor shipped. An order can have several holds, each released by itself. A
/// fraud check's review (`review`) and a bank's dispute are among them.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/holds", tag = "orders", operation_id = "holdOrder",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 201, description = "held", body = OrderView), CommandProblems),
)]
pub async fn handle(hold: Arc<HoldOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::HoldOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let order = hold.place(order_id, &intent, body.reason.into(), body.note.map(Into::into)).await?;
    let answer = Answer::json(StatusCode::CREATED, &OrderView::of(&order, &intent.caller))?;
    Ok(answer.version(order.order.version).location(&format!("/api/orders/{order_id}")))
}

/// Releases a hold.
///
/// Releasing the hold `review` approves the order that a fraud check held. A bank's dispute ends by itself.
#[utoipa::path(
    delete, path = "/api/orders/{order_id}/holds/{hold_id}", tag = "orders", operation_id = "releaseHold",
    params(HoldPath, CommandHeaders),
    responses((status = 200, description = "released", body = OrderView), CommandProblems),
)]
pub async fn release(hold: Arc<HoldOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ReleaseHold)?;
    let order_id = request.path_id("order_id")?;
    let hold_id: String = request.path_id("hold_id")?;
    shown(&hold.release(order_id, &intent, hold_id).await?, &intent.caller)
}
