//! What clients see of orders and products: the JSON of the contract.

use jiff::Timestamp;
use oms_app::execute::OrderWithContact;
use oms_app::ports::Summary;
use oms_domain::actor::{Actor, Caller};
use oms_domain::fulfilment::{Shipment, Tracking};
use oms_domain::ids::SellerId;
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::address::{Address, Contact, Person};
use oms_domain::ordering::{ChangeWords, Extra, HoldReason, Line, Order, REVIEW_HOLD, Status};
use oms_domain::payments::DisputeState;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::bounded::MoneyText;
use super::note_view::NoteView;
use super::problem::Problem;
use super::refund_view::RefundView;
use super::return_view::ReturnView;
use super::words;

/// One line of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineView {
    /// Id of the line.
    #[schema(format = Uuid)]
    pub line_id: String,
    /// Id of the product.
    #[schema(format = Uuid)]
    pub product_id: String,
    /// The seller's SKU.
    pub sku: String,
    /// Product name.
    pub name: String,
    /// Units ordered.
    pub quantity: u32,
    /// Unit price.
    pub price: MoneyText,
    /// Quantity × price.
    pub subtotal: MoneyText,
    /// The line's share of the discount.
    pub discount: MoneyText,
    /// Tax of the line.
    pub tax: MoneyText,
    /// Units shipped.
    pub shipped_quantity: u32,
    /// Units refunded.
    pub refunded_quantity: u32,
    /// Units that do not ship any more: cancelled, or refunded before they shipped.
    pub cancelled_quantity: u32,
}

/// A surcharge or a reduction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomLineView {
    /// Id by which a change removes it.
    #[schema(format = Uuid)]
    pub line_id: String,
    /// What it is for; null once erased.
    pub text: Option<String>,
    /// Amount; below zero for a reduction.
    pub amount: MoneyText,
    /// Its tax.
    pub tax: MoneyText,
    /// Whether it is the difference of a change that the shop bears.
    pub waiver: bool,
}

/// A change that waits to be paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferedChangeView {
    /// Names the change within the order.
    pub change_id: String,
    /// Amount to pay for it.
    pub due: MoneyText,
    /// Total of the order after it.
    pub total: MoneyText,
    /// Until when it can be paid.
    pub pay_until: Timestamp,
}

/// An address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddressView {
    /// The recipient's name.
    pub recipient_name: String,
    /// The company, if one receives it.
    pub company: Option<String>,
    /// The company's number for value added tax.
    pub vat_id: Option<String>,
    /// Street and number.
    pub street_address: String,
    /// A second line of it.
    pub street_address_2: Option<String>,
    /// City.
    pub city: String,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country code, ISO 3166-1 alpha-2.
    pub country: String,
}

/// The customer's contact details.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactView {
    /// The customer's name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// E.164 number.
    pub phone: Option<String>,
}

/// Summary of the order's payments and refunds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentView {
    /// none, requested, processing (under way, do not pay again), confirmed, failed, `refund_pending`, `partially_refunded` or refunded.
    #[schema(value_type = words::PaymentStatus)]
    pub status: oms_domain::payments::PaymentStatus,
    /// Provider of the last payment attempt.
    pub provider: Option<String>,
    /// Amount captured.
    pub paid: MoneyText,
    /// Amount refunded.
    pub refunded: MoneyText,
}

/// A parcel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrackingView {
    /// The carrier.
    pub carrier: String,
    /// The carrier's tracking number.
    pub tracking_number: String,
    /// The carrier's tracking page, for known carriers.
    pub url: Option<String>,
}

/// Who acted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActorView {
    /// Token subject, provider name or rule name.
    pub id: String,
    /// In which role.
    #[schema(value_type = words::Role)]
    pub role: oms_domain::actor::Role,
}

/// One entry of the timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineView {
    /// The status reached.
    #[schema(value_type = words::Status)]
    pub status: oms_domain::ordering::Status,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Note, if any.
    pub note: Option<String>,
    /// Who acted.
    pub actor: ActorView,
}

/// A fraud review that holds the order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewView {
    /// Why.
    #[schema(value_type = Vec<words::ReviewReason>)]
    pub reasons: Vec<String>,
    /// When the review began.
    pub since: Timestamp,
}

/// What keeps an order from being processed and shipped.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HoldView {
    /// Names it within the order.
    pub hold_id: String,
    /// Why.
    #[schema(value_type = words::HoldReason)]
    pub reason: HoldReason,
    /// What was said about it.
    pub note: Option<String>,
    /// When it began.
    pub since: Timestamp,
}

/// A customer's bank that wants money back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DisputeView {
    /// The provider's name for it.
    pub reference: String,
    /// The payment that it is about.
    #[schema(format = Uuid)]
    pub payment_id: String,
    /// How much the bank wants back; once lost, how much it took.
    pub amount: MoneyText,
    /// The bank's reason, as one word.
    pub reason: String,
    /// open, won or lost.
    #[schema(value_type = words::DisputeState)]
    pub status: DisputeState,
    /// When the shop heard of it.
    pub since: Timestamp,
}

/// An order with all its details.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01976b7a-0000-7000-8000-00000000000a", "number": "00000-0000A-C", "user_id": "ada", "status": "pending",
    "version": 2, "currency": "EUR",
    "items": [{
        "line_id": "01976b7a-0000-8000-8000-000000000002", "product_id": "01976b7a-0000-7000-8000-000000000001",
        "sku": "MUG-1", "name": "Blue mug", "quantity": 2, "price": "19.90", "subtotal": "39.80", "discount": "0.00",
        "tax": "7.56", "shipped_quantity": 0, "refunded_quantity": 0,
        "cancelled_quantity": 0
    }], "custom_lines": [],
    "subtotal": "39.80", "discount": "0.00", "extras": "0.00", "shipping": "4.90", "tax": "8.49", "tax_included": false, "total": "53.19",
    "shipping_method": "standard", "delivery_from": "2026-01-08", "delivery_to": "2026-01-12", "promotions": [],
    "contact": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": null},
    "shipping_address": {
        "recipient_name": "Ada Lovelace", "company": null, "vat_id": null, "street_address": "Unter den Linden 1",
        "street_address_2": null, "city": "Berlin", "state": null, "postal_code": "10117", "country": "DE"
    },
    "billing_address": null, "locale": "de-DE", "time_zone": "Europe/Berlin", "customer_note": null, "gift_note": null,
    "external_reference": null, "tags": [],
    "payment": {"status": "none", "provider": null, "paid": "0.00", "refunded": "0.00"},
    "refundable": "0.00", "offered_change": null, "refunds": [], "returns": [], "tracking": [], "review": null, "holds": [], "notes": [], "assignee": null,
    "disputes": [],
    "status_history": [{
        "status": "pending", "timestamp": "2026-01-05T10:00:00Z", "note": null, "actor": {"id": "ada", "role": "customer"}
    }],
    "allowed_actions": ["pay", "change", "cancel"], "reservation_expires_at": "2026-01-05T10:30:00Z", "draft_expires_at": null,
    "created_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-05T10:00:00Z", "placed_at": null
})))]
pub struct OrderView {
    /// The id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Order number for people; its last symbol is a check symbol.
    pub number: String,
    /// The customer's id.
    pub user_id: String,
    /// Order status.
    #[schema(value_type = words::Status)]
    pub status: oms_domain::ordering::Status,
    /// The version, also sent as `ETag`.
    pub version: u64,
    /// Currency code, ISO 4217.
    pub currency: String,
    /// Lines of the order.
    pub items: Vec<LineView>,
    /// Surcharges and reductions beside the lines.
    #[schema(max_items = 20)]
    pub custom_lines: Vec<CustomLineView>,
    /// Σ quantity × price.
    pub subtotal: MoneyText,
    /// Discount from promotions.
    pub discount: MoneyText,
    /// Σ `custom_lines`.
    pub extras: MoneyText,
    /// Shipping cost.
    pub shipping: MoneyText,
    /// Tax.
    pub tax: MoneyText,
    /// Whether prices include tax, so that it is not added to the total.
    pub tax_included: bool,
    /// Amount the customer pays.
    pub total: MoneyText,
    /// Code of the shipping method.
    pub shipping_method: String,
    /// First expected delivery day, as the shop reckons: from the last parcel that left, or from the payment while something has yet to
    /// leave. Null where the shipping method says nothing, for drafts, and once the order has arrived or ended.
    #[schema(format = Date)]
    pub delivery_from: Option<String>,
    /// Last expected delivery day.
    #[schema(format = Date)]
    pub delivery_to: Option<String>,
    /// Codes of the promotions that apply.
    pub promotions: Vec<String>,
    /// The customer's contact details; null once erased, and for sellers.
    pub contact: Option<ContactView>,
    /// Shipping address; null once erased.
    pub shipping_address: Option<AddressView>,
    /// Billing address; null once erased, and for sellers.
    pub billing_address: Option<AddressView>,
    /// The customer's language and region, BCP 47; null once erased, and for orders that did not record it.
    pub locale: Option<String>,
    /// The customer's time zone, IANA; null once erased, and for orders that did not record it.
    pub time_zone: Option<String>,
    /// The customer's note to the shop; null once erased, and for sellers.
    pub customer_note: Option<String>,
    /// Note for whoever opens the parcel; null once erased.
    pub gift_note: Option<String>,
    /// What another system calls the order; null once erased, and for sellers.
    pub external_reference: Option<String>,
    /// For admins: the shop's own words for the order.
    pub tags: Vec<String>,
    /// Summary of the order's payments and refunds.
    pub payment: PaymentView,
    /// Amount of the payment that can still be refunded.
    pub refundable: MoneyText,
    /// A change that waits to be paid; null if there is none, and for sellers.
    pub offered_change: Option<OfferedChangeView>,
    /// Refunds, oldest first.
    pub refunds: Vec<RefundView>,
    /// Returns and claims, oldest first; to sellers, those whose units are all theirs.
    #[schema(max_items = 20)]
    pub returns: Vec<ReturnView>,
    /// Parcels, oldest first.
    pub tracking: Vec<TrackingView>,
    /// For staff: why the order is held for review; null if it is not.
    pub review: Option<ReviewView>,
    /// For admins: what keeps the order from being processed and shipped.
    pub holds: Vec<HoldView>,
    /// What the caller reads of the notes about the order, oldest first.
    #[schema(max_items = 50)]
    pub notes: Vec<NoteView>,
    /// For admins: who looks after the order.
    pub assignee: Option<String>,
    /// For admins: what customers' banks wanted back, oldest first.
    pub disputes: Vec<DisputeView>,
    /// The timeline, oldest first.
    pub status_history: Vec<TimelineView>,
    /// Actions that the caller may take now.
    #[schema(value_type = Vec<words::Action>)]
    pub allowed_actions: Vec<String>,
    /// While pending: when the hold on the stock ends.
    pub reservation_expires_at: Option<Timestamp>,
    /// While a draft: until when it can be submitted. Until then its prices are an estimate.
    pub draft_expires_at: Option<Timestamp>,
    /// When the order was created.
    pub created_at: Timestamp,
    /// When the order last changed.
    pub updated_at: Timestamp,
    /// When the order was paid.
    pub placed_at: Option<Timestamp>,
}

impl OrderView {
    /// What this caller sees of an order.
    pub fn of(shown: &OrderWithContact, caller: &Caller) -> Self {
        match caller {
            Caller::Customer(_) | Caller::Admin(_) => OrderView::whole(shown, caller),
            Caller::Seller { seller, .. } => OrderView::whole(shown, caller).only_of(&shown.order, seller, caller),
        }
    }

    fn whole(shown: &OrderWithContact, caller: &Caller) -> Self {
        let order = &shown.order;
        let text = |amount: Amount| MoneyText::from(Money::new(amount, order.currency));
        let person = shown.person.as_ref();
        let details = person.map(|person| &person.details);
        let expected = order.expected_delivery();
        OrderView {
            id: order.id.to_string(),
            number: order.id.number().to_string(),
            user_id: order.user_id.to_string(),
            status: order.status,
            version: order.version,
            currency: order.currency.code().to_owned(),
            items: order.lines.iter().map(|line| line_view(order, line)).collect(),
            custom_lines: order.extras.iter().map(|extra| custom_line_view(order, extra, person)).collect(),
            extras: text(order.totals.extras),
            subtotal: text(order.totals.subtotal),
            discount: text(order.totals.discount),
            shipping: text(order.totals.shipping),
            tax: text(order.totals.tax),
            tax_included: order.totals.tax_included,
            total: text(order.totals.total),
            shipping_method: order.shipping_method.clone(),
            delivery_from: expected.map(|(from, _)| from.to_string()),
            delivery_to: expected.map(|(_, to)| to.to_string()),
            promotions: order.promotions.clone(),
            contact: person.map(|person| contact_view(&person.contact)),
            shipping_address: person.map(|person| address_view(&person.shipping_address)),
            billing_address: person.map(|person| address_view(&person.billing_address)),
            locale: details.and_then(|details| details.locale.clone()),
            time_zone: details.and_then(|details| details.time_zone.clone()),
            customer_note: person.and_then(|person| person.details.customer_note.clone()),
            gift_note: details.and_then(|details| details.gift_note.clone()),
            external_reference: person.and_then(|person| person.details.external_reference.clone()),
            tags: only_admins(caller, &order.tags(person)).iter().map(|tag| (*tag).to_owned()).collect(),
            payment: PaymentView {
                status: order.payment_status(),
                // Whoever was paid; before that, whoever was asked last.
                provider: order
                    .ledger
                    .paying()
                    .next()
                    .or(order.ledger.payments.last())
                    .map(|payment| payment.provider.clone()),
                paid: text(order.ledger.captured()),
                refunded: text(order.ledger.refunded()),
            },
            refundable: text(order.refundable()),
            offered_change: order.offer.as_ref().map(|offer| OfferedChangeView {
                change_id: format!("c{}", offer.change),
                due: text(offer.due),
                total: text(offer.revision.terms.totals.total),
                pay_until: offer.until,
            }),
            refunds: order.ledger.refunds.iter().map(|refund| RefundView::of(order, refund, person)).collect(),
            returns: ReturnView::all_of(shown, caller),
            tracking: order.shipments.iter().flat_map(|shipment| &shipment.parcels).map(TrackingView::of).collect(),
            review: order.review.as_ref().filter(|_| !matches!(caller, Caller::Customer(_))).map(|review| ReviewView {
                reasons: review.reasons.iter().map(|reason| reason.name().to_owned()).collect(),
                since: review.since,
            }),
            holds: holds(order, person, caller),
            notes: NoteView::all_of(shown, caller),
            assignee: only_admins(caller, order.assigned_to.as_slice()).first().map(ToString::to_string),
            disputes: only_admins(caller, &order.ledger.disputes)
                .iter()
                .map(|dispute| DisputeView {
                    reference: dispute.reference.clone(),
                    payment_id: dispute.payment_id.to_string(),
                    amount: text(dispute.amount),
                    reason: dispute.reason.clone(),
                    status: dispute.state,
                    since: dispute.since,
                })
                .collect(),
            status_history: order
                .timeline
                .iter()
                .map(|entry| TimelineView {
                    status: entry.status,
                    timestamp: entry.at,
                    note: entry.note.as_ref().and_then(|note| note.read(person)).map(ToOwned::to_owned),
                    actor: ActorView::of(&entry.actor),
                })
                .collect(),
            allowed_actions: order.allowed_actions(caller).iter().map(ToString::to_string).collect(),
            reservation_expires_at: order.reservation_expires_at,
            draft_expires_at: order.draft_until(),
            created_at: order.created_at,
            updated_at: order.updated_at,
            placed_at: order.paid_at,
        }
    }

    /// What a seller sees: their own lines and what these come to, their own parcels and words, and where to send what is
    /// still to be sent. The rest is the business of the customer, of the shop and of other sellers.
    fn only_of(self, order: &Order, seller: &SellerId, caller: &Caller) -> Self {
        let text = |amount: Amount| MoneyText::from(Money::new(amount, order.currency));
        let own: Vec<&Line> = order.lines.iter().filter(|line| &line.seller_id == seller).collect();
        let sum = |part: fn(&Line) -> Amount| own.iter().map(|line| part(line)).sum::<Amount>();
        let (subtotal, discount, tax) = (sum(Line::subtotal), sum(|line| line.discount), sum(|line| line.tax));
        let net = subtotal - discount;
        let prepares = matches!(order.status, Status::Confirmed | Status::Processing);
        let to_ship = prepares && own.iter().any(|line| line.shipped + line.refunded < line.quantity);
        let is_own = |number: u16| own.iter().any(|line| line.line == number);
        let holds_own = |shipment: &&Shipment| shipment.lines.iter().any(|part| is_own(part.line));
        let own_parcels = order.shipments.iter().filter(holds_own).flat_map(|shipment| &shipment.parcels);
        let history = self.status_history.into_iter().map(|entry| TimelineView {
            note: entry.note.filter(|_| entry.actor.id == caller.user().as_str()),
            ..entry
        });
        OrderView {
            items: own.iter().map(|line| line_view(order, line)).collect(),
            subtotal: text(subtotal),
            discount: text(discount),
            shipping: text(Amount::ZERO),
            tax: text(tax),
            total: text(if order.totals.tax_included { net } else { net + tax }),
            promotions: Vec::new(),
            contact: None,
            shipping_address: self.shipping_address.filter(|_| to_ship),
            billing_address: None,
            customer_note: None,
            gift_note: self.gift_note.filter(|_| to_ship),
            external_reference: None,
            payment: PaymentView {
                provider: None,
                paid: text(Amount::ZERO),
                refunded: text(Amount::ZERO),
                ..self.payment
            },
            refundable: text(Amount::ZERO),
            offered_change: None,
            custom_lines: Vec::new(),
            extras: text(Amount::ZERO),
            refunds: Vec::new(),
            tracking: own_parcels.map(TrackingView::of).collect(),
            review: None,
            status_history: history.collect(),
            ..self
        }
    }
}

impl TrackingView {
    pub fn of(parcel: &Tracking) -> Self {
        TrackingView {
            carrier: parcel.carrier.clone(),
            tracking_number: parcel.tracking_number.clone(),
            url: parcel.url(),
        }
    }
}

/// What holds an order, for admins: a fraud check's review first, which is one of the holds.
fn holds(order: &Order, person: Option<&Person>, caller: &Caller) -> Vec<HoldView> {
    let review = order.review.as_ref().filter(|_| matches!(caller, Caller::Admin(_)));
    let review = review.map(|review| HoldView {
        hold_id: REVIEW_HOLD.to_owned(),
        reason: HoldReason::Fraud,
        note: None,
        since: review.since,
    });
    let others = only_admins(caller, &order.holds).iter().map(|hold| HoldView {
        hold_id: hold.id.clone(),
        reason: hold.reason,
        note: hold.note.as_ref().and_then(|note| note.read(person)).map(ToOwned::to_owned),
        since: hold.since,
    });
    review.into_iter().chain(others).collect()
}

/// All of it for admins, and nothing for anybody else.
fn only_admins<'a, T>(caller: &Caller, all: &'a [T]) -> &'a [T] {
    match caller {
        Caller::Admin(_) => all,
        Caller::Customer(_) | Caller::Seller { .. } => &[],
    }
}

/// The answer that shows an order, as this caller sees it.
pub fn shown(order: &OrderWithContact, caller: &Caller) -> Result<Answer, Problem> {
    Ok(Answer::ok(&OrderView::of(order, caller))?.version(order.order.version))
}

fn line_view(order: &Order, line: &Line) -> LineView {
    let text = |amount: Amount| MoneyText::from(Money::new(amount, order.currency));
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
        cancelled_quantity: line.quantity - line.comes(),
    }
}

fn custom_line_view(order: &Order, extra: &Extra, person: Option<&Person>) -> CustomLineView {
    let text = |amount: Amount| MoneyText::from(Money::new(amount, order.currency));
    let words = ChangeWords::read(&extra.text, person);
    CustomLineView {
        line_id: order.id.line(extra.number).to_string(),
        text: words.and_then(|words| words.extras.get(&extra.number).cloned()),
        amount: text(extra.amount),
        tax: text(extra.tax),
        waiver: extra.waiver,
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
        company: address.company.clone(),
        vat_id: address.vat_id.clone(),
        street_address: address.street_address.clone(),
        street_address_2: address.street_address_2.clone(),
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
    #[schema(format = Uuid)]
    pub id: String,
    /// Order number for people.
    pub number: String,
    /// Whose it is.
    pub user_id: String,
    /// Where it stands.
    #[schema(value_type = words::Status)]
    pub status: oms_domain::ordering::Status,
    /// Order total.
    pub total: MoneyText,
    /// ISO 4217.
    pub currency: String,
    /// Total units in all lines.
    pub item_count: u32,
    /// Name of the first item.
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
            total: Money::new(summary.total, summary.currency).into(),
            currency: summary.currency.code().to_owned(),
            item_count: summary.units,
            first_item: summary.first_item.clone(),
            created_at: summary.created_at,
            updated_at: summary.updated_at,
        }
    }
}
