//! `GET /api/customers/{user_id}/payment-methods`: the means of payment that a customer lets us keep.

use std::sync::Arc;

use jiff::Timestamp;
use oms_app::payments::list_methods::ListMethods;
use oms_app::ports::SavedMethod;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Kept means of payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct MethodsView {
    /// At most 100.
    data: Vec<MethodView>,
}

/// A kept means of payment; its token stays with us.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethodView)]
pub struct MethodView {
    /// Its id.
    id: String,
    /// Which provider keeps it.
    provider: String,
    /// What its customer recognises it by.
    label: String,
    /// Last month in which it can be used, as `YYYY-MM`, if it ends.
    expires: Option<String>,
    /// When the customer agreed that it is kept.
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

/// Lists kept means of payment.
///
/// A customer sees their own, also as `me`; an admin anybody's.
#[utoipa::path(
    get, path = "/api/customers/{user_id}/payment-methods", tag = "customers", operation_id = "listMethods",
    params(("user_id" = String, Path, description = "the customer, or `me`")),
    responses(
        (status = 200, description = "the means of payment", body = MethodsView),
        (status = 404, description = "not_found: not a user's id"),
    ),
)]
pub async fn handle(list: Arc<ListMethods>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let customer: String = request.path_id("user_id")?;
    let data = list.run(&caller, &customer).await?.into_iter().map(MethodView::of).collect();
    Answer::ok(&MethodsView { data })
}
