//! `POST /api/orders`: creates an order and submits it.

use std::sync::Arc;

use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::Limiter;
use oms_app::execute::OrderWithContact;
use oms_app::ordering::create_order::{self, CreateOrder};
use oms_app::ordering::details::Defaults;
use oms_app::ordering::terms::Seen;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::ids::UserId;
use oms_domain::ordering::address::Details;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Line, MoneyText, Subject, Text};
use oms_runtime::http::cart_body::{AddressBody, ContactBody, ItemBody};
use oms_runtime::http::heads::KeyHeader;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request, language, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateOrderBody, examples(json!({
    "items": [{"product_id": "01976b7a-0000-7000-8000-000000000001", "quantity": 2, "price": "19.90"}],
    "contact": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+491701234567"},
    "shipping_address": {
        "recipient_name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin",
        "postal_code": "10117", "country": "DE"
    },
    "promotion_codes": ["WELCOME10"], "expected_total": "53.19", "currency": "EUR"
})))]
pub struct Body {
    /// The cart; lines of the same product are merged.
    #[schema(min_items = 1, max_items = 1_000)]
    items: Vec<ItemBody>,
    /// The customer's contact details.
    contact: ContactBody,
    /// Shipping address.
    shipping_address: AddressBody,
    /// Billing address; the shipping address if absent.
    billing_address: Option<AddressBody>,
    /// Code of the shipping method; if absent, the cheapest one that takes the cart.
    shipping_method: Option<Text<1, 40>>,
    /// The `shipping_rate` of a quote for this cart, address and shipping method: a carrier's price, good for an hour.
    shipping_rate: Option<Text<38, 38>>,
    /// Promotion codes.
    #[serde(default)]
    #[schema(max_items = 10)]
    promotion_codes: Vec<Text<1, 40>>,
    /// The total that the customer saw; if the order costs something else, nothing is ordered and the new total is told.
    expected_total: Option<MoneyText>,
    /// Currency of `expected_total` and of the prices that the customer saw, ISO 4217; a product in another one is
    /// reported as `price_changed`.
    currency: Option<Text<3, 3>>,
    /// The customer's language and region, BCP 47, such as `de-CH`; if absent, `Accept-Language`, then the shop's.
    locale: Option<Line<1, 35>>,
    /// The customer's time zone, IANA, such as `Europe/Berlin`; the shop's if absent.
    time_zone: Option<Line<1, 60>>,
    /// A note to the shop.
    customer_note: Option<Text<0, 1_000>>,
    /// A note for whoever opens the parcel.
    gift_note: Option<Text<0, 1_000>>,
    /// What another system calls the order; visible ASCII characters.
    external_reference: Option<Line<0, 100>>,
    /// The shop's own words for the order.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<Line<1, 40>>,
    /// The customer; only admins may order for someone else.
    #[schema(value_type = Option<Subject>)]
    user_id: Option<UserId>,
    /// Create the order as a draft. Its prices are an estimate, no stock is reserved and no promotion counted until it is
    /// submitted; after seven days it ends.
    #[serde(default)]
    draft: bool,
}

/// What the shop has set.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Language of customers who name none.
    #[serde(default = "default_locale")]
    pub default_locale: String,
    /// Time zone of customers who name none.
    #[serde(default = "default_time_zone")]
    pub default_time_zone: String,
}

fn default_locale() -> String {
    "en".to_owned()
}

fn default_time_zone() -> String {
    "UTC".to_owned()
}

/// What the shop assumes of customers who say nothing.
pub(crate) fn defaults<W: World>(world: &W) -> Result<Defaults, Misconfigured> {
    let Config { default_locale, default_time_zone } = world.setting()?;
    Defaults::new(&default_locale, &default_time_zone)
        .ok_or_else(|| Misconfigured(format!("{default_locale} is no language or {default_time_zone} no time zone")))
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let catalog = CatalogCache::new(world.catalog(), world.clock());
    let create = CreateOrder::new(world.orders(), catalog, world.clock(), world.random());
    let create =
        create.with_limits(Limiter::of(world)?).with_defaults(defaults(world)?).with_link_keys(world.link_keys()?);
    Ok(Function::http(create, handle))
}

/// Creates an order.
///
/// Reserves the stock of all lines for 30 minutes in the same transaction. With an `Idempotency-Key`, a repeat returns
/// the same order.
#[utoipa::path(
    post, path = "/api/orders", tag = "orders", operation_id = "createOrder",
    params(KeyHeader),
    request_body = Body,
    responses(
        (status = 201, description = "created", body = OrderView),
        (status = 409, description = "ORD-1001, ORD-2002, price_changed, total_changed, promotion_used_up, duplicate_order"),
        (status = 422, description = "validation_failed, ORD-1002, idempotency_mismatch"),
        (status = 429, description = "rate_limited"),
    ),
)]
pub async fn handle(create: Arc<CreateOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::CreateOrder)?;
    let body: Body = read_json(&request)?;
    let order = create_order::Request {
        user_id: body.user_id,
        items: body.items.into_iter().map(Into::into).collect(),
        contact: body.contact.into(),
        shipping_address: body.shipping_address.into(),
        billing_address: body.billing_address.map(Into::into),
        shipping_method: body.shipping_method.map(Into::into),
        promotion_codes: body.promotion_codes.into_iter().map(Into::into).collect(),
        seen: Seen {
            total: body.expected_total.map(Into::into),
            currency: body.currency.map(Into::into),
            shipping_rate: body.shipping_rate.map(Into::into),
        },
        details: Details {
            locale: body.locale.map(Into::into).or_else(|| language::preferred(&request)),
            time_zone: body.time_zone.map(Into::into),
            customer_note: body.customer_note.map(Into::into),
            gift_note: body.gift_note.map(Into::into),
            external_reference: body.external_reference.map(Into::into),
            tags: body.tags.into_iter().map(Into::into).collect(),
        },
        draft: body.draft,
    };
    let created = create.run(&intent, order).await?;
    let shown = OrderWithContact { order: created.order, person: created.person };
    let answer = Answer::json(http::StatusCode::CREATED, &OrderView::of(&shown, &intent.caller))?;
    let answer = answer.version(shown.order.version).location(&format!("/api/orders/{}", shown.order.id));
    Ok(if created.repeated {
        answer.with(http::HeaderName::from_static("idempotency-replayed"), "true")
    } else {
        answer
    })
}
