//! A quote as clients see it.

use std::collections::BTreeMap;

use crate::http::bounded::{MoneyText, Text};
use crate::http::totals::TotalsView;
use crate::http::{Alternative, words};
use oms_app::error::{price_field, unavailable_field};
use oms_app::ordering::cart::{CartIssue, PricedOrder};
use oms_app::pricing::quote_order::Quote;
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::Line;
use serde::Serialize;
use utoipa::ToSchema;

/// The price of a cart and every problem that keeps it from being ordered.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "items": [{
        "product_id": "01976b7a-0000-7000-8000-000000000001", "sku": "MUG-1", "name": "Blue mug", "quantity": 2,
        "price": "19.90", "subtotal": "39.80", "discount": "0.00", "tax": "7.56"
    }],
    "totals": {
        "currency": "EUR", "subtotal": "39.80", "discount": "0.00", "extras": "0.00", "shipping": "4.90", "tax": "8.49",
        "tax_included": false,
        "total": "53.19"
    },
    "shipping_method": "standard",
    "shipping_methods": [{
        "code": "standard", "name": "Standard", "price": "4.90", "delivery_from": "2026-01-08", "delivery_to": "2026-01-12",
        "shipping_rate": null
    }],
    "payment_methods": ["sandbox"], "promotions": [], "problems": [], "alternatives": []
})))]
pub struct QuoteView {
    /// Items that can be ordered.
    pub items: Vec<QuoteLineView>,
    /// Totals of these items; null if nothing can be ordered.
    pub totals: Option<TotalsView>,
    /// Code of the shipping method included in the totals.
    pub shipping_method: Option<String>,
    /// Available shipping methods, the cheapest, which is the default, first.
    pub shipping_methods: Vec<ShippingMethodView>,
    /// Names of the available payment providers.
    pub payment_methods: Vec<String>,
    /// Promotions that apply, in the order of application.
    pub promotions: Vec<PromotionView>,
    /// Every problem that keeps the cart from being ordered; empty if there is none.
    pub problems: Vec<QuoteProblem>,
    /// Alternatives to unavailable products.
    pub alternatives: Vec<Alternative>,
}

/// One line of a quote.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuoteLineView {
    /// Id of the product.
    #[schema(format = Uuid)]
    pub product_id: String,
    /// The seller's SKU.
    pub sku: String,
    /// Product name.
    pub name: String,
    /// Number of units.
    pub quantity: u32,
    /// Unit price.
    pub price: MoneyText,
    /// Quantity × price.
    pub subtotal: MoneyText,
    /// The line's share of the discount.
    pub discount: MoneyText,
    /// Tax of the line.
    pub tax: MoneyText,
}

/// A shipping method for this cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShippingMethodView {
    /// Code to send as `shipping_method`.
    pub code: String,
    /// Name shown to customers.
    pub name: String,
    /// Price of this method.
    pub price: MoneyText,
    /// First expected delivery day, e.g. `2025-12-03`.
    #[schema(format = Date)]
    pub delivery_from: Option<String>,
    /// Last expected delivery day.
    #[schema(format = Date)]
    pub delivery_to: Option<String>,
    /// If a carrier told the price: send it with the order, beside `shipping_method`, to order at this price within an hour.
    #[schema(value_type = Option<Text<38, 38>>)]
    pub shipping_rate: Option<String>,
}

/// A promotion that applies.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PromotionView {
    /// The promotion code.
    pub code: String,
    #[schema(value_type = words::PromotionKind)]
    pub kind: String,
    /// Amount taken off the goods.
    pub discount: MoneyText,
}

/// A problem that keeps a cart from being ordered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuoteProblem {
    /// JSON pointer to the part of the request.
    pub pointer: String,
    /// Stable, machine-readable code.
    pub code: String,
    /// What the problem is.
    pub message: String,
}

impl QuoteView {
    /// The quote as clients see it.
    pub fn of(quote: &Quote) -> Self {
        let order = quote.order.as_ref();
        QuoteView {
            items: order.map(lines).unwrap_or_default(),
            totals: order.map(totals),
            shipping_method: order.and_then(|order| order.shipping_method.clone()),
            shipping_methods: order.map(|order| methods(order, &quote.shipping_rates)).unwrap_or_default(),
            payment_methods: quote.payment_methods.clone(),
            promotions: order.map(promotions).unwrap_or_default(),
            problems: quote.issues.iter().map(problem).collect(),
            alternatives: quote.alternatives.iter().map(Alternative::of).collect(),
        }
    }
}

fn decimal(order: &PricedOrder) -> impl Fn(Amount) -> MoneyText {
    let currency = order.currency;
    move |amount| Money::new(amount, currency).into()
}

fn lines(order: &PricedOrder) -> Vec<QuoteLineView> {
    let text = decimal(order);
    let line = |line: &Line| QuoteLineView {
        product_id: line.product_id.to_string(),
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        price: text(line.price),
        subtotal: text(line.subtotal()),
        discount: text(line.discount),
        tax: text(line.tax),
    };
    order.lines.iter().map(line).collect()
}

fn totals(order: &PricedOrder) -> TotalsView {
    TotalsView::of(&order.totals, order.currency)
}

fn methods(order: &PricedOrder, rates: &BTreeMap<String, String>) -> Vec<ShippingMethodView> {
    let text = decimal(order);
    let method = |option: &oms_app::ordering::cart::ShippingOption| ShippingMethodView {
        code: option.code.clone(),
        name: option.name.clone(),
        price: text(option.price),
        delivery_from: option.expected.map(|(from, _)| from.to_string()),
        delivery_to: option.expected.map(|(_, to)| to.to_string()),
        shipping_rate: rates.get(&option.code).cloned(),
    };
    order.options.iter().map(method).collect()
}

fn promotions(order: &PricedOrder) -> Vec<PromotionView> {
    let text = decimal(order);
    let promotion = |applied: &oms_domain::pricing::promotion::Applied| PromotionView {
        code: applied.promotion.code.clone(),
        kind: applied.promotion.benefit.name().to_owned(),
        discount: text(applied.discount),
    };
    order.promotions.iter().map(promotion).collect()
}

fn problem(problem: &CartIssue) -> QuoteProblem {
    let (code, field) = match problem {
        CartIssue::Unavailable(refused) => ("ORD-1001", unavailable_field(refused)),
        CartIssue::PriceChanged(change) => ("price_changed", price_field(change)),
        CartIssue::Promotion(field, rejection) => (rejection.code(), field.clone()),
        CartIssue::Address(field) => ("ORD-1002", field.clone()),
        CartIssue::Invalid(field) => ("validation_failed", field.clone()),
    };
    QuoteProblem { pointer: field.pointer, code: code.to_owned(), message: field.message }
}
