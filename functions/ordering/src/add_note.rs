//! `POST /api/orders/{order_id}/notes`: an admin or a seller adds a note to an order. Tested in `tests/e2e/tests/all/notes.rs`.

use std::sync::Arc;

use http::StatusCode;
use oms_app::ordering::add_note::AddNote;
use oms_domain::access::Operation;
use oms_domain::ordering::NoteVisibility;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::heads::{CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::note_view::NoteView;
use oms_runtime::http::{Answer, Problem, Request, read_json, words};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddNoteBody, examples(json!({
    "text": "The blue mug is sold out at our supplier; yours leaves on Friday.", "visibility": "customer"
})))]
pub struct Body {
    /// What there is to say. It is erased with the customer's personal data.
    text: Text<1, 1_000>,
    /// private: for the shop and the seller who writes it; customer: for everybody who sees the order, the customer included.
    #[schema(value_type = words::NoteVisibility)]
    visibility: NoteVisibility,
}

/// Adds a note to an order.
///
/// A note cannot be changed or taken back, and an order has at most 50, of which sellers write at most 30. Sellers write notes about orders
/// with lines of theirs. The customer finds what is for them in the order; no message is sent.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/notes", tag = "orders", operation_id = "addNote",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses((status = 201, description = "the note", body = NoteView), CommandProblems),
)]
pub async fn handle(add: Arc<AddNote>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::AddNote)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let noted = add.run(order_id, &intent, &String::from(body.text), body.visibility).await?;
    let answer = Answer::json(StatusCode::CREATED, &NoteView::of(&noted.note, noted.person.as_ref()))?;
    Ok(answer.version(noted.version).location(&format!("/api/orders/{order_id}/notes")))
}
