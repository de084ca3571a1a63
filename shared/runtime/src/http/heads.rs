//! What the heads of operations have in common, as `openapi.yaml` shows it: parameters of paths, headers, refusals.

use std::collections::BTreeMap;

use utoipa::openapi::{RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses};

use super::words;

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OrderPath {
    /// Order id.
    #[param(format = Uuid)]
    pub order_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OrderReferencePath {
    /// Order id, or order number in either case and with or without hyphens.
    #[param(max_length = 36, example = "PEFGB-07PWG-2")]
    pub order_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ShipmentPath {
    /// Shipment id: the order's id, `-S` and the shipment's number.
    #[param(
        max_length = 43,
        pattern = "^[0-9a-f-]{36}-S[0-9]{1,5}$",
        example = "01976b7a-0000-7000-8000-00000000000a-S1"
    )]
    pub shipment_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ReturnPath {
    /// Return id: the order's id, `-R` and the return's number.
    #[param(
        max_length = 43,
        pattern = "^[0-9a-f-]{36}-R[0-9]{1,5}$",
        example = "01976b7a-0000-7000-8000-00000000000a-R1"
    )]
    pub return_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct HoldPath {
    /// Order id.
    #[param(format = Uuid)]
    pub order_id: String,
    /// `hold_id` of one of the order's holds.
    #[param(min_length = 1, max_length = 128)]
    pub hold_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ChangePath {
    /// Order id.
    #[param(format = Uuid)]
    pub order_id: String,
    /// `change_id` of the change that waits to be paid.
    #[param(max_length = 6, pattern = "^c[1-9][0-9]{0,4}$", example = "c1")]
    pub change_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProductPath {
    /// Product id.
    #[param(format = Uuid)]
    pub product_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CustomerPath {
    /// Customer id; `me` for one's own payment methods.
    #[param(min_length = 1, max_length = 128)]
    pub user_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TablePath {
    /// Price table.
    #[param(value_type = words::PriceTable, inline)]
    pub table: String,
}

/// With what creates something or moves money.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// Repeats with the same key and request get the first outcome again; visible ASCII characters.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    pub idempotency_key: Option<String>,
}

/// With what lets money leave.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct NeededKeyHeader {
    /// Required. Repeats with the same key and request get the first outcome again; visible ASCII characters.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    pub idempotency_key: String,
}

/// With what changes something that has an `ETag`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct VersionHeader {
    /// Version seen by the client, from `ETag`.
    #[param(rename = "If-Match", example = "\"2\"", max_length = 64)]
    pub if_match: Option<String>,
}

/// With every command on an order.
pub struct CommandHeaders;

impl IntoParams for CommandHeaders {
    fn into_params(
        place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut headers = KeyHeader::into_params(&place);
        headers.extend(VersionHeader::into_params(&place));
        headers
    }
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[param(max_length = 2_000)]
    pub cursor: Option<String>,
}

/// How commands on orders are refused.
pub struct CommandProblems;

/// How changes of what has an `ETag` are refused.
pub struct ChangeProblems;

/// How anything with a body or a query is refused.
pub struct InputProblems;

fn refusals<const N: usize>(known: [(&str, &str); N]) -> BTreeMap<String, RefOr<Response>> {
    let response = |description: &str| RefOr::T(ResponseBuilder::new().description(description).build());
    known.into_iter().map(|(status, description)| (status.to_owned(), response(description))).collect()
}

impl IntoResponses for CommandProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals([
            ("409", "invalid_transition, version_conflict"),
            ("412", "version_conflict"),
            ("422", "validation_failed, idempotency_mismatch"),
        ])
    }
}

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals([("409", "version_conflict"), ("412", "version_conflict"), ("422", "validation_failed")])
    }
}

impl IntoResponses for InputProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals([("422", "validation_failed")])
    }
}
