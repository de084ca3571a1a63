//! What clients see of a change of an order.

use jiff::Timestamp;
use oms_app::ordering::change_order::{Effect, Made, Preview};
use oms_app::ordering::view_changes::{ChangeOf, Changes, Standing};
use oms_domain::ids::OrderId;
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::{Line, Terms};
use oms_runtime::http::ProblemField;
use oms_runtime::http::bounded::MoneyText;
use oms_runtime::http::totals::TotalsView;
use oms_runtime::http::view::ActorView;
use serde::Serialize;
use utoipa::ToSchema;

/// How clients name a change within its order.
pub(crate) fn name(change: u16) -> String {
    format!("c{change}")
}

/// Reads such a name.
pub(crate) fn number(name: &str) -> Option<u16> {
    let digits = name.strip_prefix('c').filter(|digits| !digits.starts_with(['0', '+']))?;
    digits.parse().ok()
}

/// A line before or after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedLineView {
    /// Id of the line.
    #[schema(format = Uuid)]
    line_id: String,
    /// Id of the product.
    #[schema(format = Uuid)]
    product_id: String,
    /// Product name.
    name: String,
    /// Units.
    quantity: u32,
    /// Unit price.
    price: MoneyText,
    /// The line's share of the discount.
    discount: MoneyText,
    /// Tax of the line.
    tax: MoneyText,
}

/// What an order consists of and costs, before or after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermsView {
    /// Lines.
    items: Vec<ChangedLineView>,
    /// Code of the shipping method.
    shipping_method: String,
    /// Codes of the promotions that apply.
    promotions: Vec<String>,
    /// The sums.
    totals: TotalsView,
}

impl TermsView {
    fn of(id: OrderId, terms: &Terms) -> Self {
        let text = |amount: Amount| MoneyText::from(Money::new(amount, terms.currency));
        let line = |line: &Line| ChangedLineView {
            line_id: id.line(line.line).to_string(),
            product_id: line.product_id.to_string(),
            name: line.name.clone(),
            quantity: line.quantity,
            price: text(line.price),
            discount: text(line.discount),
            tax: text(line.tax),
        };
        TermsView {
            items: terms.lines.iter().map(line).collect(),
            shipping_method: terms.shipping_method.clone(),
            promotions: terms.promotions.clone(),
            totals: TotalsView::of(&terms.totals, terms.currency),
        }
    }
}

/// What becomes of the difference.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectWord {
    /// The change waits until the difference is paid.
    Charge,
    /// The difference goes back with the change.
    Refund,
    /// No money moves.
    Nothing,
}

/// What a change would come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "before": {
        "items": [{
            "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
            "name": "Blue mug", "quantity": 2, "price": "19.90", "discount": "0.00", "tax": "7.56"
        }],
        "shipping_method": "standard", "promotions": [],
        "totals": {
            "currency": "EUR", "subtotal": "39.80", "discount": "0.00", "extras": "0.00", "shipping": "4.90", "tax": "8.49",
            "tax_included": false, "total": "53.19"
        }
    },
    "after": {
        "items": [{
            "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
            "name": "Blue mug", "quantity": 1, "price": "19.90", "discount": "0.00", "tax": "3.78"
        }],
        "shipping_method": "standard", "promotions": [],
        "totals": {
            "currency": "EUR", "subtotal": "19.90", "discount": "0.00", "extras": "0.00", "shipping": "4.90", "tax": "4.71",
            "tax_included": false, "total": "29.51"
        }
    },
    "difference": "-23.68", "effect": "refund", "problems": []
})))]
pub struct ChangePreviewView {
    /// The order as it is.
    before: TermsView,
    /// The order after the change.
    after: TermsView,
    /// What the order costs more; below zero, less. Send it as `expected_difference`.
    difference: MoneyText,
    /// What becomes of the difference.
    effect: EffectWord,
    /// What keeps the change from being made; empty if nothing does.
    problems: Vec<ProblemField>,
}

impl ChangePreviewView {
    pub(crate) fn of(preview: Preview) -> Self {
        let Preview { order, terms, difference, effect, problems } = preview;
        ChangePreviewView {
            before: TermsView::of(order.id, &Terms::of(&order)),
            after: TermsView::of(order.id, &terms),
            difference: Money::new(difference, order.currency).into(),
            effect: match effect {
                Effect::Charge => EffectWord::Charge,
                Effect::Refund => EffectWord::Refund,
                Effect::Nothing => EffectWord::Nothing,
            },
            problems: problems.into_iter().map(Into::into).collect(),
        }
    }
}

/// Where a change stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeStatus {
    /// The order is changed.
    Applied,
    /// The change waits until its difference is paid.
    Offered,
    /// The change came to nothing.
    Lapsed,
}

/// A change that was made, or is offered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "change_id": "c1", "status": "offered", "difference": "23.68", "pay_until": "2026-01-05T10:30:00Z"
})))]
pub struct ChangeView {
    /// Names the change within the order.
    change_id: String,
    /// Where it stands.
    status: ChangeStatus,
    /// What the order costs more; below zero, less. An unpaid order is paid at its new total.
    difference: MoneyText,
    /// While offered: until when the difference can be paid, by `POST /api/orders/{order_id}/payments`.
    pay_until: Option<Timestamp>,
}

impl ChangeView {
    pub(crate) fn of(made: &Made) -> Self {
        let order = &made.shown.order;
        let offer = order.offer.as_ref().filter(|offer| offer.change == made.change);
        ChangeView {
            change_id: name(made.change),
            status: if made.offered { ChangeStatus::Offered } else { ChangeStatus::Applied },
            difference: Money::new(made.difference, order.currency).into(),
            pay_until: offer.map(|offer| offer.until),
        }
    }
}

/// One change of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastChangeView {
    /// Names the change within the order.
    change_id: String,
    /// Where it stands.
    status: ChangeStatus,
    /// Why it came to nothing: expired, withdrawn, replaced or overtaken.
    lapse_reason: Option<&'static str>,
    /// When it was made, or offered.
    at: Timestamp,
    /// Who made it.
    actor: ActorView,
    /// The reason given.
    reason: Option<String>,
    /// What the order costs more by it; below zero, less.
    difference: MoneyText,
    /// Whether contact or addresses became others.
    readdressed: bool,
    /// The order before it.
    before: TermsView,
    /// The order after it.
    after: TermsView,
}

/// All changes of an order, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangeListView, examples(json!({"data": [{
    "change_id": "c1", "status": "applied", "lapse_reason": null, "at": "2026-01-05T10:00:00Z",
    "actor": {"id": "ada", "role": "customer"}, "reason": "one is enough", "difference": "-23.68", "readdressed": false,
    "before": {
        "items": [{
            "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
            "name": "Blue mug", "quantity": 2, "price": "19.90", "discount": "0.00", "tax": "7.56"
        }],
        "shipping_method": "standard", "promotions": [],
        "totals": {
            "currency": "EUR", "subtotal": "39.80", "discount": "0.00", "extras": "0.00", "shipping": "4.90", "tax": "8.49",
            "tax_included": false, "total": "53.19"
        }
    },
    "after": {
        "items": [{
            "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
            "name": "Blue mug", "quantity": 1, "price": "19.90", "discount": "0.00", "tax": "3.78"
        }],
        "shipping_method": "standard", "promotions": [],
        "totals": {
            "currency": "EUR", "subtotal": "19.90", "discount": "0.00", "extras": "0.00", "shipping": "4.90", "tax": "4.71",
            "tax_included": false, "total": "29.51"
        }
    }
}]})))]
pub struct ListView {
    /// The changes.
    #[schema(max_items = 50)]
    data: Vec<PastChangeView>,
}

impl ListView {
    pub(crate) fn of(changes: &Changes) -> Self {
        let view = |change: &ChangeOf| past(changes.order.id, change, changes.order.currency);
        ListView { data: changes.changes.iter().map(view).collect() }
    }
}

fn past(id: OrderId, change: &ChangeOf, currency: Currency) -> PastChangeView {
    let (status, lapse_reason) = match change.standing {
        Standing::Applied => (ChangeStatus::Applied, None),
        Standing::Offered(_) => (ChangeStatus::Offered, None),
        Standing::Lapsed(reason) => (ChangeStatus::Lapsed, Some(reason.name())),
    };
    let difference = change.after.totals.total - change.before.totals.total;
    PastChangeView {
        change_id: name(change.change),
        status,
        lapse_reason,
        at: change.at,
        actor: ActorView::of(&change.actor),
        reason: change.reason.clone(),
        difference: Money::new(difference, currency).into(),
        readdressed: change.readdressed,
        before: TermsView::of(id, &change.before),
        after: TermsView::of(id, &change.after),
    }
}
