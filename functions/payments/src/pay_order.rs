//! `POST /api/orders/{order_id}/payments`: opens a checkout page at a payment provider.

use std::sync::Arc;

use garde::Validate;
use oms_app::Field;
use oms_app::payments::pay_order::{PayOrder, Request as Payment};
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PayOrderBody)]
pub struct Body {
    /// The payment provider, e.g. `stripe`.
    #[garde(length(chars, min = 1, max = 40))]
    provider: String,
    /// Absolute http(s) URL to which the customer returns after paying.
    #[garde(length(min = 1, max = 2_000))]
    return_url: Option<String>,
    /// Whether the customer agrees to save the payment method; only the customer can.
    #[serde(default)]
    #[garde(skip)]
    keep_method: bool,
}

/// An open checkout session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckoutView)]
pub struct PaymentView {
    /// Id of the payment attempt.
    payment_id: String,
    /// The payment provider.
    provider: String,
    /// Amount to pay.
    amount: String,
    /// Currency code, ISO 4217.
    currency: String,
    /// Always `requested`; the provider reports the outcome later, and the order shows it.
    status: &'static str,
    /// URL of the checkout page to which to send the customer.
    redirect_url: String,
}

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let pay = PayOrder::new(world.orders(), world.follow_ups(), world.gateways(), world.clock());
    Ok(Function::http(pay, handle))
}

/// Opens a checkout session.
///
/// The provider hosts the checkout page; no card number ever reaches this API. Without an `Idempotency-Key`, an attempt
/// that is still open at the same provider is reused.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/payments", tag = "payments", operation_id = "payOrder",
    params(
        ("order_id" = String, Path, description = "order id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
    ),
    request_body = Body,
    responses(
        (status = 201, description = "checkout session opened", body = PaymentView),
        (status = 402, description = "ORD-2001: the provider declined the payment"),
        (status = 409, description = "invalid_transition"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
        (status = 503, description = "unavailable; if the provider cannot be reached, the attempt is recorded and tried again"),
    ),
)]
pub async fn handle(pay: Arc<PayOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    if body.return_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        return Err(Problem::invalid(vec![Field::new("/return_url", "must be an absolute http or https address")]));
    }
    let payment = Payment {
        caller,
        order_id,
        provider: body.provider,
        return_url: body.return_url,
        keep_method: body.keep_method,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let opened = pay.run(payment).await?;
    let view = PaymentView {
        payment_id: opened.payment_id.to_string(),
        provider: opened.provider,
        amount: opened.money.decimal(),
        currency: opened.money.currency.code().to_owned(),
        status: "requested",
        redirect_url: opened.redirect_url,
    };
    Answer::json(http::StatusCode::CREATED, &view)
}

fn is_web_address(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}
