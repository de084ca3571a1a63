//! `POST /api/orders/{order_id}/payments`: opens a checkout page at a payment provider.

use std::sync::Arc;

use oms_app::Field;
use oms_app::customers::limits::Limiter;
use oms_app::payments::pay_order::{self, PayOrder};
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::{MoneyText, Text};
use oms_runtime::http::heads::{CommandHeaders, OrderPath};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::return_sites::Sites;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PayOrderBody, examples(json!({"provider": "sandbox", "return_url": "https://shop.example/thanks"})))]
pub struct Body {
    /// The payment provider, e.g. `stripe`.
    provider: Text<1, 40>,
    /// URL to which the customer returns after paying: https, on the shop's own site or one that the shop has listed.
    return_url: Option<Text<1, 2_000>>,
    /// Whether the customer agrees to save the payment method; only the customer can.
    #[serde(default)]
    keep_method: bool,
}

/// An open checkout session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckoutView, examples(json!({
    "payment_id": "01976b7a-0000-8000-8000-000000000001", "provider": "sandbox", "amount": "53.19", "currency": "EUR",
    "status": "requested", "redirect_url": "http://127.0.0.1:3000/dev/pay/01976b7a-0000-8000-8000-000000000001"
})))]
pub struct PaymentView {
    /// Id of the payment attempt.
    #[schema(format = Uuid)]
    payment_id: String,
    /// The payment provider.
    provider: String,
    /// Amount to pay.
    amount: MoneyText,
    /// Currency code, ISO 4217.
    currency: String,
    /// Always `requested`; the provider reports the outcome later, and the order shows it.
    status: &'static str,
    /// URL of the checkout page to which to send the customer.
    redirect_url: String,
}

/// The use case, and where customers may be sent afterwards.
pub struct Pay {
    pay: PayOrder,
    sites: Sites,
}

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let pay = PayOrder::new(world.orders(), world.follow_ups(), world.gateways(), world.clock());
    let pay = pay.with_limits(Limiter::of(world)?);
    Ok(Function::http(Pay { pay, sites: Sites::of(&world.setting()?) }, handle))
}

/// Opens a checkout session.
///
/// The provider hosts the checkout page; no card number ever reaches this API. Without an `Idempotency-Key`, an attempt
/// that is still open at the same provider is reused.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/payments", tag = "payments", operation_id = "payOrder",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses(
        (status = 201, description = "checkout session opened", body = PaymentView),
        (status = 402, description = "ORD-2001: the provider declined the payment"),
        (status = 409, description = "invalid_transition, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
        (status = 429, description = "rate_limited"),
        (status = 503, description = "unavailable; if the provider cannot be reached, the attempt is recorded and tried again"),
    ),
)]
pub async fn handle(pay: Arc<Pay>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::PayOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    let return_url: Option<String> = body.return_url.map(Into::into);
    if return_url.as_deref().is_some_and(|url| !pay.sites.allow(url)) {
        let why = "must be an absolute https address on the shop's own site or one that it has listed";
        let provider = pay.pay.unknown_provider(&String::from(body.provider));
        return Err(Problem::invalid(provider.into_iter().chain([Field::new("/return_url", why)]).collect()));
    }
    let payment = pay_order::Request { provider: body.provider.into(), return_url, keep_method: body.keep_method };
    let opened = pay.pay.run(order_id, &intent, payment).await?;
    let view = PaymentView {
        payment_id: opened.payment_id.to_string(),
        provider: opened.provider,
        currency: opened.money.currency.code().to_owned(),
        amount: opened.money.into(),
        status: "requested",
        redirect_url: opened.redirect_url,
    };
    Answer::json(http::StatusCode::CREATED, &view)
}
