//! `GET /api/orders/{order_id}/notes`: what the caller reads of the notes about an order. Tested in `tests/e2e/tests/all/notes.rs`.

use std::sync::Arc;

use oms_app::ordering::view_notes::ViewNotes;
use oms_domain::access::Operation;
use oms_runtime::http::heads::OrderPath;
use oms_runtime::http::note_view::NoteView;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// The notes about an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"data": [{
    "note_id": "n3", "text": "The blue mug is sold out at our supplier; yours leaves on Friday.", "visibility": "customer",
    "author": {"id": "grace", "role": "admin"}, "created_at": "2026-01-05T10:00:00Z"
}]})))]
pub struct NotesView {
    /// Oldest first.
    #[schema(max_items = 50)]
    data: Vec<NoteView>,
}

/// Shows the notes about an order.
///
/// Customers read those that are for them, sellers these and what was written for them, admins all.
#[utoipa::path(
    get, path = "/api/orders/{order_id}/notes", tag = "orders", operation_id = "viewNotes",
    params(OrderPath),
    responses((status = 200, description = "the notes", body = NotesView)),
)]
pub async fn handle(view: Arc<ViewNotes>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewNotes)?;
    let order_id = request.path_id("order_id")?;
    let shown = view.run(&caller, order_id).await?;
    Ok(Answer::ok(&NotesView { data: NoteView::all_of(&shown, &caller) })?.version(shown.order.version))
}
