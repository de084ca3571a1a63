//! `DELETE /api/customers/{user_id}/payment-methods/{method_id}`: a kept means of payment is removed.

use std::sync::Arc;

use oms_app::payments::delete_method::DeleteMethod;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::CustomerPath;
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let delete = DeleteMethod::new(world.payment_methods(), world.clock());
    Ok(Function::http(delete, handle))
}

/// Removes a saved payment method.
///
/// The method can no longer be used, and the provider is told to delete it.
#[utoipa::path(
    delete, path = "/api/customers/{user_id}/payment-methods/{method_id}", tag = "customers", operation_id = "deleteMethod",
    params(
        CustomerPath,
        ("method_id" = Uuid, Path, description = "payment method id"),
    ),
    responses(
        (status = 204, description = "removed"),
    ),
)]
pub async fn handle(delete: Arc<DeleteMethod>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::DeleteMethod)?;
    let customer: String = request.path_id("user_id")?;
    delete.run(&caller, &customer, request.path_id("method_id")?).await?;
    Ok(Answer::nothing())
}
