//! `POST /api/payments/callback/{provider}`: takes a payment provider's webhook.

use std::sync::Arc;

use oms_app::payments::payment_callback::{self, Handled, PaymentCallback};
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Answer to the provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"result": "applied"})))]
pub struct CallbackView {
    /// `parked` until its order or payment appears.
    #[schema(value_type = CallbackResult)]
    result: &'static str,
}

/// What becomes of a notification.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum CallbackResult {
    Applied,
    AlreadyApplied,
    Ignored,
    Parked,
}

/// Who calls.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum CallbackProvider {
    Stripe,
    Paypal,
    Sandbox,
}

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let callback = PaymentCallback::new(world.orders(), world.follow_ups(), world.gateways(), world.clock());
    Ok(Function::http(callback, handle))
}

/// Receives a payment provider's webhook.
///
/// Authenticated by the provider's signature over the raw body, not by a token. A success is returned only once the
/// outcome is stored; on any other answer, nothing has changed.
#[utoipa::path(
    post, path = "/api/payments/callback/{provider}", tag = "payments", operation_id = "paymentCallback",
    security(()),
    params(("provider" = inline(CallbackProvider), Path, description = "payment provider; only those that are configured")),
    request_body(
        content = String, content_type = "application/json", description = "as defined by the provider",
        example = json!("{\"type\":\"payment.succeeded\"}")
    ),
    responses(
        (status = 200, description = "stored, parked, or nothing to do", body = CallbackView),
        (status = 401, description = "unauthenticated: the signature is not valid"),
        (status = 404, description = "not_found: the provider is not configured"),
        (status = 409, description = "version_conflict: try again"),
        (status = 422, description = "validation_failed: the amount or currency differs from what was requested"),
        (status = 503, description = "unavailable"),
    ),
)]
pub async fn handle(callback: Arc<PaymentCallback>, request: Request) -> Result<Answer, Problem> {
    request.bounded_body()?;
    let provider = request.path_parameters.get("provider").cloned().unwrap_or_default();
    let webhook = payment_callback::Request {
        provider,
        headers: request.headers,
        body: request.body,
        correlation_id: request.correlation_id,
    };
    let result = match callback.run(&webhook).await? {
        Handled::Applied => "applied",
        Handled::AlreadyApplied => "already_applied",
        Handled::Ignored => "ignored",
        Handled::Unmatched => "parked",
    };
    Answer::ok(&CallbackView { result })
}
