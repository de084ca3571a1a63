//! `POST /api/orders`: creates an order and submits it.

use std::sync::Arc;

use garde::Validate;
use oms_app::Field;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::execute::OrderWithContact;
use oms_app::ordering::create_order::{CreateOrder, Request as Order};
use oms_app::world::{Misconfigured, World};
use oms_domain::ordering::address::Contact;
use oms_runtime::Function;
use oms_runtime::http::cart_body::{AddressBody, ItemBody, items};
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request, one_line, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateOrderBody)]
pub struct Body {
    /// The cart; lines of the same product are merged.
    #[garde(length(min = 1, max = 1000), dive)]
    items: Vec<ItemBody>,
    /// The customer's contact details.
    #[garde(dive)]
    contact: ContactBody,
    /// Shipping address.
    #[garde(dive)]
    shipping_address: AddressBody,
    /// Billing address; the shipping address if absent.
    #[garde(dive)]
    billing_address: Option<AddressBody>,
    /// Code of the shipping method; if absent, the first one offered.
    #[garde(length(chars, min = 1, max = 40))]
    shipping_method: Option<String>,
    /// Promotion codes.
    #[serde(default)]
    #[garde(length(max = 10), inner(length(chars, min = 1, max = 40)))]
    promotion_codes: Vec<String>,
    /// The customer; only admins may order for someone else.
    #[garde(length(min = 1, max = 128))]
    user_id: Option<String>,
    /// Create the order as a draft; no stock is reserved until it is submitted.
    #[serde(default)]
    #[garde(skip)]
    draft: bool,
}

/// The customer's contact details.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// The customer's name.
    #[garde(length(chars, min = 1, max = 200), custom(one_line))]
    name: String,
    /// E-mail address.
    #[garde(length(min = 3, max = 254))]
    email: String,
    /// Phone number for SMS, E.164.
    #[garde(length(max = 20))]
    phone: Option<String>,
}

// Personal data never reaches a log by accident.
impl std::fmt::Debug for ContactBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactBody(..)")
    }
}

/// What the shop has set.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Orders that are taken from one customer in a minute.
    pub orders_per_minute: u32,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let limits: Config = world.setting()?;
    let catalog = CatalogCache::new(world.catalog(), world.clock());
    let create = CreateOrder::new(world.orders(), catalog, world.clock(), world.random());
    let create = create.with_rate_limit(limits.orders_per_minute);
    Ok(Function::http(create, handle))
}

/// Creates an order.
///
/// Reserves the stock of all lines for 30 minutes in the same transaction. With an `Idempotency-Key`, a repeat returns
/// the same order.
#[utoipa::path(
    post, path = "/api/orders", tag = "orders", operation_id = "createOrder",
    params(("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters")),
    request_body = Body,
    responses(
        (status = 201, description = "created", body = OrderView),
        (status = 409, description = "ORD-1001, ORD-2002, price_changed, promotion_used_up, duplicate_order"),
        (status = 422, description = "validation_failed, ORD-1002, idempotency_mismatch"),
        (status = 429, description = "rate_limited"),
    ),
)]
pub async fn handle(create: Arc<CreateOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let body: Body = read_json(&request)?;
    let idempotency = request.idempotency()?;
    let order = Order {
        user_id: user_id(body.user_id)?,
        items: items(body.items)?,
        contact: Contact { name: body.contact.name, email: body.contact.email, phone: body.contact.phone },
        shipping_address: body.shipping_address.into(),
        billing_address: body.billing_address.map(Into::into),
        shipping_method: body.shipping_method,
        promotion_codes: body.promotion_codes,
        draft: body.draft,
        idempotency,
        correlation_id: request.correlation_id,
        caller: caller.clone(),
    };
    let created = create.run(order).await?;
    let shown = OrderWithContact { order: created.order, person: created.person };
    let answer = Answer::json(http::StatusCode::CREATED, &OrderView::of(&shown, &caller))?;
    let answer = answer.version(shown.order.version).location(&format!("/api/orders/{}", shown.order.id));
    Ok(if created.repeated {
        answer.with(http::HeaderName::from_static("idempotency-replayed"), "true")
    } else {
        answer
    })
}

fn user_id(text: Option<String>) -> Result<Option<oms_domain::ids::UserId>, Problem> {
    let parsed = text.map(TryInto::try_into).transpose();
    parsed.map_err(|error: oms_domain::ids::InvalidSubject| Problem::invalid(vec![Field::new("/user_id", error)]))
}
