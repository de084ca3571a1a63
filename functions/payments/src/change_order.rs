//! `POST /api/orders/{order_id}/changes`: changes an order after it was placed, or says what that would come to.
//! `GET` shows every change, `DELETE …/changes/{change_id}` gives up one that waits to be paid.
//!
//! It is with what asks payment providers, since an open page is closed before the total moves.

use std::sync::Arc;

use oms_app::Field;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::Limiter;
use oms_app::ordering::change_order::{self, Answer as Outcome, ChangeOrder, CustomLine, Ports};
use oms_app::ordering::units::Units;
use oms_app::ordering::view_changes::ViewChanges;
use oms_app::world::{Misconfigured, PaymentWorld};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, Line, MoneyText, Text};
use oms_runtime::http::cart_body::{AddressBody, ContactBody, ItemBody};
use oms_runtime::http::heads::{ChangePath, CommandHeaders, CommandProblems, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::change_view::{ChangePreviewView, ChangeView, ListView, number};

/// Request body; at least one thing that becomes another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeOrderBody, examples(json!({
    "add": [{"product_id": "01976b7a-0000-7000-8000-000000000001", "quantity": 1}], "dry_run": true
})))]
pub struct Body {
    /// Products to add, as lines of their own at the prices of now.
    #[serde(default)]
    #[schema(max_items = 100)]
    add: Vec<ItemBody>,
    /// Ids of lines and extras to remove.
    #[serde(default)]
    #[schema(max_items = 100, value_type = Vec<Uuid>)]
    remove: Vec<String>,
    /// Units that lines are to have; more units are added as a line of their own at the price of now.
    #[serde(default)]
    #[schema(max_items = 100)]
    quantities: Vec<QuantityBody>,
    /// For admins: surcharges and reductions.
    #[serde(default)]
    #[schema(max_items = 20)]
    custom_lines: Vec<CustomLineBody>,
    /// New contact details.
    contact: Option<ContactBody>,
    /// New shipping address.
    shipping_address: Option<AddressBody>,
    /// New billing address.
    billing_address: Option<AddressBody>,
    /// Code of another shipping method.
    shipping_method: Option<Text<1, 40>>,
    /// Promotion codes in place of those of the order, before it is paid.
    #[schema(max_items = 10)]
    promotion_codes: Option<Vec<Text<1, 40>>>,
    /// Reason, shown with the change.
    reason: Option<Text<1, 500>>,
    /// For admins: whether the shop bears what a paid order costs more.
    #[serde(default)]
    waive_difference: bool,
    /// The difference that the caller saw, below zero for less; needed unless `dry_run`. If it is another, nothing is changed and the new
    /// sums are told.
    expected_difference: Option<MoneyText>,
    /// Whether only to say what the change would come to.
    #[serde(default)]
    dry_run: bool,
}

/// Units of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeQuantityBody)]
pub struct QuantityBody {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Number of units.
    quantity: Count<1, 9_999>,
}

/// A surcharge or a reduction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomLineBody)]
pub struct CustomLineBody {
    /// What the customer reads.
    text: Line<1, 100>,
    /// Amount before tax, or with it where prices contain tax; below zero for a reduction.
    amount: MoneyText,
    /// Tax class; the standard rate if absent.
    tax_class: Option<Text<1, 40>>,
}

pub fn wired<W: PaymentWorld>(world: &W) -> Result<Function, Misconfigured> {
    let catalog = CatalogCache::new(world.catalog(), world.clock());
    let ports = Ports {
        orders: world.orders(),
        settings: world.settings(),
        follow_ups: world.follow_ups(),
        gateways: world.gateways(),
        clock: world.clock(),
    };
    let change = Arc::new(ChangeOrder::new(ports, catalog).with_limits(Limiter::of(world)?));
    Ok(Function::routes([
        ("POST /api/orders/{order_id}/changes", Function::http(change.clone(), handle)),
        ("GET /api/orders/{order_id}/changes", Function::http(ViewChanges(world.orders()), view)),
        ("DELETE /api/orders/{order_id}/changes/{change_id}", Function::http(change, withdraw)),
    ]))
}

/// Changes an order.
///
/// Drafts and unpaid orders can be changed by their customer and by admins; paid ones by admins until processing starts, and by their
/// customer for as long as the shop allows. While an order is prepared, admins can remove what is not packed and add extras. Units that
/// were ordered keep their price, tax and share of the discount. What makes a paid order cheaper is refunded with the change. What makes it
/// dearer is offered: the new units are reserved for 30 minutes, and the change is made as soon as its difference is paid by
/// `POST /api/orders/{order_id}/payments`. An order has one such offer at most; another change takes its place. With `dry_run`, nothing is
/// changed and the answer tells what would be; without it, the `Idempotency-Key` is required.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/changes", tag = "orders", operation_id = "changeOrder",
    params(OrderPath, CommandHeaders),
    request_body = Body,
    responses(
        (status = 200, description = "with `dry_run`: what the change would come to", body = ChangePreviewView),
        (status = 201, description = "changed, or offered", body = ChangeView),
        (status = 409, description = "invalid_transition, ORD-1001, ORD-2002, difference_changed, price_changed, promotion_used_up, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 413, description = "payload_too_large"),
        (status = 422, description = "validation_failed, ORD-1002, idempotency_mismatch"),
        (status = 429, description = "rate_limited"),
        (status = 503, description = "unavailable: a checkout page could not be closed"),
    ),
)]
pub async fn handle(change: Arc<Arc<ChangeOrder>>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ChangeOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_json(&request)?;
    if !body.dry_run && intent.idempotency.is_none() {
        return Err(Problem::invalid(vec![Field::new(
            "/Idempotency-Key",
            "is required: units are added and money moves",
        )]));
    }
    match change.run(order_id, &intent, &wanted(body)).await? {
        Outcome::Preview(preview) => {
            let version = preview.order.version;
            Ok(Answer::ok(&ChangePreviewView::of(*preview))?.version(version))
        }
        Outcome::Made(made) => {
            let answer = Answer::json(http::StatusCode::CREATED, &ChangeView::of(&made))?;
            let location = format!("/api/orders/{order_id}/changes");
            Ok(answer.version(made.shown.order.version).location(&location))
        }
    }
}

fn wanted(body: Body) -> change_order::Request {
    let units = |line: QuantityBody| Units { line_id: line.line_id, quantity: line.quantity.into() };
    let custom = |line: CustomLineBody| CustomLine {
        text: line.text.into(),
        amount: line.amount.into(),
        tax_class: line.tax_class.map(Into::into),
    };
    change_order::Request {
        add: body.add.into_iter().map(Into::into).collect(),
        remove: body.remove,
        quantities: body.quantities.into_iter().map(units).collect(),
        custom_lines: body.custom_lines.into_iter().map(custom).collect(),
        contact: body.contact.map(Into::into),
        shipping_address: body.shipping_address.map(Into::into),
        billing_address: body.billing_address.map(Into::into),
        shipping_method: body.shipping_method.map(Into::into),
        promotion_codes: body.promotion_codes.map(|codes| codes.into_iter().map(Into::into).collect()),
        reason: body.reason.map(Into::into),
        waive_difference: body.waive_difference,
        expected_difference: body.expected_difference.map(Into::into),
        dry_run: body.dry_run,
    }
}

/// Shows the changes of an order.
///
/// Every change with the order before and after it, those included that wait to be paid or came to nothing.
#[utoipa::path(
    get, path = "/api/orders/{order_id}/changes", tag = "orders", operation_id = "viewChanges",
    params(OrderPath),
    responses((status = 200, description = "the changes, oldest first", body = ListView)),
)]
pub async fn view(changes: Arc<ViewChanges>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewChanges)?;
    let order_id = request.path_id("order_id")?;
    let changes = changes.run(&caller, order_id).await?;
    Ok(Answer::ok(&ListView::of(&changes))?.version(changes.order.version))
}

/// Withdraws a change.
///
/// Gives up a change that waits to be paid; the order stays as it was.
#[utoipa::path(
    delete, path = "/api/orders/{order_id}/changes/{change_id}", tag = "orders", operation_id = "withdrawChange",
    params(ChangePath, CommandHeaders),
    responses(
        (status = 200, description = "withdrawn", body = OrderView),
        (status = 503, description = "unavailable: a checkout page of the offer could not be closed"),
        CommandProblems,
    ),
)]
pub async fn withdraw(change: Arc<Arc<ChangeOrder>>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::WithdrawChange)?;
    let order_id = request.path_id("order_id")?;
    let name: String = request.path_id("change_id")?;
    let number = number(&name).ok_or_else(Problem::not_found)?;
    shown(&change.withdraw(order_id, &intent, number).await?, &intent.caller)
}
