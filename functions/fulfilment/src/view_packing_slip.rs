//! `GET /api/shipments/{shipment_id}/packing-slip`: what goes into the parcel, to print. Proved by `tests/e2e/tests/all/slips.rs`.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_runtime::http::heads::ShipmentPath;
use oms_runtime::http::{Answer, Problem, Request};

use crate::print_slips::Printer;

/// Prints a shipment's packing slip.
///
/// A page of HTML for A4 and Letter: sender, recipient, what is in the shipment, the gift note, and the order's number as a barcode
/// (Code 128). It tells no price. Once the shipment has left, its seller gets it without the address and the gift note.
#[utoipa::path(
    get, path = "/api/shipments/{shipment_id}/packing-slip", tag = "shipments", operation_id = "viewPackingSlip",
    params(ShipmentPath),
    responses(
        (status = 200, description = "the slip", content_type = "text/html", body = String,
            example = "<!doctype html><html lang=\"en\"><title>Packing slip 00000-0000A-C-S1</title>"),
        (status = 404, description = "not_found: the shipment does not exist, or is another seller's"),
        (status = 409, description = "invalid_transition: the shipment was cancelled, or the customer's personal data was erased"),
    ),
)]
pub async fn handle(printer: Arc<Printer>, request: Request) -> Result<Answer, Problem> {
    let operation = Operation::ViewPackingSlip;
    let caller = request.caller_for(operation)?;
    printer.print(operation, &caller, &[request.path_id("shipment_id")?]).await
}
