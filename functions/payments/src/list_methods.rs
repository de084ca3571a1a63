//! `GET /api/customers/{user_id}/payment-methods`: the means of payment that a customer lets us keep.

use std::sync::Arc;

use jiff::Timestamp;
use oms_app::payments::list_methods::ListMethods;
use oms_app::ports::SavedMethod;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::CustomerPath;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Saved payment methods.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"data": [{
    "id": "01976b7a-0000-8000-8000-000000000003", "provider": "stripe", "label": "visa …4242", "expires": "2031-12",
    "consented_at": "2026-01-05T10:00:00Z"
}]})))]
pub struct MethodsView {
    /// Up to 100 payment methods.
    #[schema(max_items = 100)]
    data: Vec<MethodView>,
}

/// A saved payment method; its token is never shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethodView)]
pub struct MethodView {
    /// The id.
    #[schema(format = Uuid)]
    id: String,
    /// The payment provider.
    provider: String,
    /// Label that the customer recognises, e.g. card brand and last digits.
    label: String,
    /// Last valid month, as `YYYY-MM`; null if the method does not expire.
    expires: Option<String>,
    /// When the customer agreed to save it.
    consented_at: Timestamp,
}

impl MethodView {
    fn of(stored: SavedMethod) -> Self {
        MethodView {
            id: stored.id.to_string(),
            provider: stored.provider,
            label: stored.method.label,
            expires: stored.method.expires,
            consented_at: stored.consented_at,
        }
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let list = ListMethods::new(world.payment_methods());
    Ok(Function::http(list, handle))
}

/// Lists saved payment methods.
///
/// Customers see their own (`me` works as the id); admins see anyone's.
#[utoipa::path(
    get, path = "/api/customers/{user_id}/payment-methods", tag = "customers", operation_id = "listMethods",
    params(CustomerPath),
    responses(
        (status = 200, description = "the saved payment methods", body = MethodsView),
    ),
)]
pub async fn handle(list: Arc<ListMethods>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ListMethods)?;
    let customer: String = request.path_id("user_id")?;
    let data = list.run(&caller, &customer).await?.into_iter().map(MethodView::of).collect();
    Answer::ok(&MethodsView { data })
}
