//! What clients see of orders and products: the JSON of the contract.

use jiff::Timestamp;
use oms_app::execute::OrderWithContact;
use oms_app::ports::Summary;
use oms_domain::actor::{Actor, Caller};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::address::{Address, Contact};
use oms_domain::ordering::{Line, Order};
use serde::Serialize;
use utoipa::ToSchema;

use super::refund_view::RefundView;

/// One line of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineView {
    /// Its id.
    pub line_id: String,
    /// What was ordered.
    pub product_id: String,
    /// The seller's code for it.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// Units ordered.
    pub quantity: u32,
    /// Price of a unit.
    pub price: String,
    /// Quantity times price.
    pub subtotal: String,
    /// Share of the discount.
    pub discount: String,
    /// Tax of the line.
    pub tax: String,
    /// Units on their way or arrived.
    pub shipped_quantity: u32,
    /// Units whose price was given back.
    pub refunded_quantity: u32,
}

/// An address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddressView {
    /// Who receives it.
    pub recipient_name: String,
    /// Street and number.
    pub street_address: String,
    /// City.
    pub city: String,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// How the customer is reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactView {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// E.164 number.
    pub phone: Option<String>,
}

/// The ledger in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentView {
    /// none, requested, confirmed, failed, `refund_pending`, `partially_refunded` or refunded.
    #[schema(value_type = String)]
    pub status: oms_domain::payments::PaymentStatus,
    /// Provider of the last attempt.
    pub provider: Option<String>,
    /// What was captured.
    pub paid: String,
    /// What went back.
    pub refunded: String,
}

/// A parcel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrackingView {
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number for it.
    pub tracking_number: String,
    /// The carrier's page about it, for carriers we know.
    pub url: Option<String>,
}

/// Who did it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActorView {
    /// The token's subject, the provider's name, or the name of the rule.
    pub id: String,
    /// customer, seller, admin, provider or system.
    #[schema(value_type = String)]
    pub role: oms_domain::actor::Role,
}

/// One entry of the timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineView {
    /// The state that was reached.
    #[schema(value_type = String)]
    pub status: oms_domain::ordering::Status,
    /// When.
    pub timestamp: Timestamp,
    /// What was said about it.
    pub note: Option<String>,
    /// Who did it.
    pub actor: ActorView,
}

/// A hold for review.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewView {
    /// value, velocity or countries.
    pub reasons: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

/// The whole order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderView {
    /// Its id.
    pub id: String,
    /// What people call it; its last symbol checks the others.
    pub number: String,
    /// Whose it is.
    pub user_id: String,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: oms_domain::ordering::Status,
    /// Its `ETag`.
    pub version: u64,
    /// ISO 4217.
    pub currency: String,
    /// What was ordered.
    pub items: Vec<LineView>,
    /// Σ quantity × price.
    pub subtotal: String,
    /// What promotions took off.
    pub discount: String,
    /// What bringing it costs.
    pub shipping: String,
    /// Tax.
    pub tax: String,
    /// Whether prices contain the tax, so that it is not added to the total.
    pub tax_included: bool,
    /// What the customer pays.
    pub total: String,
    /// Code of the shipping method.
    pub shipping_method: String,
    /// Codes of the promotions in force.
    pub promotions: Vec<String>,
    /// How the customer is reached; null once erased, and for sellers.
    pub contact: Option<ContactView>,
    /// Where the goods go; null once erased.
    pub shipping_address: Option<AddressView>,
    /// Where the invoice goes; null once erased, and for sellers.
    pub billing_address: Option<AddressView>,
    /// The ledger in short.
    pub payment: PaymentView,
    /// What can still be given back of the payment that pays for the order.
    pub refundable: String,
    /// What goes or went back, oldest first.
    pub refunds: Vec<RefundView>,
    /// Parcels, oldest first.
    pub tracking: Vec<TrackingView>,
    /// For the shop: held for a person to look at, and why; null when nobody needs to.
    pub review: Option<ReviewView>,
    /// The timeline, oldest first.
    pub status_history: Vec<TimelineView>,
    /// What this caller may do now.
    pub allowed_actions: Vec<String>,
    /// While pending: until when the stock is held.
    pub reservation_expires_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was paid.
    pub placed_at: Option<Timestamp>,
}

impl OrderView {
    /// What this caller sees of an order.
    pub fn of(shown: &OrderWithContact, caller: &Caller) -> Self {
        let order = &shown.order;
        let text = |amount: Amount| Money::new(amount, order.currency).decimal();
        let person = shown.person.as_ref();
        // A seller ships the parcel and has no business with the rest of the person.
        let whole = person.filter(|_| !matches!(caller, Caller::Seller { .. }));
        OrderView {
            id: order.id.to_string(),
            number: order.id.number().to_string(),
            user_id: order.user_id.to_string(),
            status: order.status,
            version: order.version,
            currency: order.currency.code().to_owned(),
            items: order.lines.iter().map(|line| line_view(order, line)).collect(),
            subtotal: text(order.totals.subtotal),
            discount: text(order.totals.discount),
            shipping: text(order.totals.shipping),
            tax: text(order.totals.tax),
            tax_included: order.totals.tax_included,
            total: text(order.totals.total),
            shipping_method: order.shipping_method.clone(),
            promotions: order.promotions.clone(),
            contact: whole.map(|person| contact_view(&person.contact)),
            shipping_address: person.map(|person| address_view(&person.shipping_address)),
            billing_address: whole.map(|person| address_view(&person.billing_address)),
            payment: PaymentView {
                status: order.ledger.status(),
                // Whoever was paid; before that, whoever was asked last.
                provider: order
                    .ledger
                    .paying()
                    .or(order.ledger.payments.last())
                    .map(|payment| payment.provider.clone()),
                paid: text(order.ledger.captured()),
                refunded: text(order.ledger.refunded()),
            },
            refundable: text(order.refundable()),
            refunds: order.ledger.refunds.iter().map(|refund| RefundView::of(order, refund)).collect(),
            tracking: order
                .shipments
                .iter()
                .map(|shipment| TrackingView {
                    carrier: shipment.tracking.carrier.clone(),
                    tracking_number: shipment.tracking.tracking_number.clone(),
                    url: shipment.tracking.url(),
                })
                .collect(),
            review: order.review.as_ref().filter(|_| !matches!(caller, Caller::Customer(_))).map(|review| ReviewView {
                reasons: review.reasons.iter().map(|reason| reason.name().to_owned()).collect(),
                since: review.since,
            }),
            status_history: order
                .timeline
                .iter()
                .map(|entry| TimelineView {
                    status: entry.status,
                    timestamp: entry.at,
                    note: entry.note.clone(),
                    actor: ActorView::of(&entry.actor),
                })
                .collect(),
            allowed_actions: order.allowed_actions(caller).iter().map(ToString::to_string).collect(),
            reservation_expires_at: order.reservation_expires_at,
            created_at: order.created_at,
            updated_at: order.updated_at,
            placed_at: order.placed_at,
        }
    }
}

fn line_view(order: &Order, line: &Line) -> LineView {
    let text = |amount: Amount| Money::new(amount, order.currency).decimal();
    LineView {
        line_id: order.id.line(line.line).to_string(),
        product_id: line.product_id.to_string(),
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        price: text(line.price),
        subtotal: text(line.subtotal()),
        discount: text(line.discount),
        tax: text(line.tax),
        shipped_quantity: line.shipped,
        refunded_quantity: line.refunded,
    }
}

impl ActorView {
    /// Who acted, without personal data.
    pub fn of(actor: &Actor) -> Self {
        ActorView { id: actor.id.clone(), role: actor.role }
    }
}

fn contact_view(contact: &Contact) -> ContactView {
    ContactView { name: contact.name.clone(), email: contact.email.clone(), phone: contact.phone.clone() }
}

fn address_view(address: &Address) -> AddressView {
    AddressView {
        recipient_name: address.recipient_name.clone(),
        street_address: address.street_address.clone(),
        city: address.city.clone(),
        state: address.state.clone(),
        postal_code: address.postal_code.clone(),
        country: address.country.clone(),
    }
}

/// An order in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SummaryView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub number: String,
    /// Whose it is.
    pub user_id: String,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: oms_domain::ordering::Status,
    /// What it costs.
    pub total: String,
    /// ISO 4217.
    pub currency: String,
    /// Units in all lines.
    pub item_count: u32,
    /// What its first line is called.
    pub first_item: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl SummaryView {
    /// The summary as clients see it.
    pub fn of(summary: &Summary) -> Self {
        SummaryView {
            id: summary.id.to_string(),
            number: summary.id.number().to_string(),
            user_id: summary.user_id.to_string(),
            status: summary.status,
            total: Money::new(summary.total, summary.currency).decimal(),
            currency: summary.currency.code().to_owned(),
            item_count: summary.units,
            first_item: summary.first_item.clone(),
            created_at: summary.created_at,
            updated_at: summary.updated_at,
        }
    }
}
