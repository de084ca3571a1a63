//! The texts that customers read, one file per message under `texts/`: subject, e-mail, SMS, separated by `---`.
//!
//! A merchant edits those files; a test renders every one. Values come from the order and its person record at the
//! time of sending, facts of the event (a tracking number, a refund's amount) from the event.

use minijinja::{Environment, UndefinedBehavior, context};
use oms_domain::fulfilment::Tracking;
use oms_domain::messaging::{Channel, MessageKind, sms_segments};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::address::Address;
use oms_domain::ordering::{Line, Order};
use oms_domain::public_event::{CloudEvent, Fact};

use crate::error::Error;
use crate::ports::{Message, Notice, Stored};

/// How the shop calls itself, and where its pages are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    pub name: String,
    /// Where customers find it, without a slash at the end.
    pub url: String,
}

/// What a message tells, to whom, and where more is to be seen.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub stored: &'a Stored,
    pub event: &'a CloudEvent,
    pub kind: MessageKind,
    /// The tracking link.
    pub link: Option<&'a str>,
}

/// The compiled texts.
pub struct Texts {
    environment: Environment<'static>,
    shop: Shop,
}

fn source(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Submitted => include_str!("../../texts/submitted.txt"),
        MessageKind::Confirmed => include_str!("../../texts/confirmed.txt"),
        MessageKind::PaymentConfirmed => include_str!("../../texts/payment_confirmed.txt"),
        MessageKind::PaymentFailed => include_str!("../../texts/payment_failed.txt"),
        MessageKind::PaymentProcessing => include_str!("../../texts/payment_processing.txt"),
        MessageKind::PaymentPageOpened => include_str!("../../texts/payment_page_opened.txt"),
        MessageKind::ProcessingStarted => include_str!("../../texts/processing_started.txt"),
        MessageKind::Shipped => include_str!("../../texts/shipped.txt"),
        MessageKind::TrackingChanged => include_str!("../../texts/tracking_changed.txt"),
        MessageKind::OutForDelivery => include_str!("../../texts/out_for_delivery.txt"),
        MessageKind::ReadyForPickup => include_str!("../../texts/ready_for_pickup.txt"),
        MessageKind::ShipmentFailed => include_str!("../../texts/shipment_failed.txt"),
        MessageKind::DeliveryFailed => include_str!("../../texts/delivery_failed.txt"),
        MessageKind::ShipmentLost => include_str!("../../texts/shipment_lost.txt"),
        MessageKind::ShipmentDelivered => include_str!("../../texts/shipment_delivered.txt"),
        MessageKind::Delivered => include_str!("../../texts/delivered.txt"),
        MessageKind::Cancelled => include_str!("../../texts/cancelled.txt"),
        MessageKind::LinesCancelled => include_str!("../../texts/lines_cancelled.txt"),
        MessageKind::Changed => include_str!("../../texts/changed.txt"),
        MessageKind::ChangeOffered => include_str!("../../texts/change_offered.txt"),
        MessageKind::ChangeLapsed => include_str!("../../texts/change_lapsed.txt"),
        MessageKind::ReturnRequested => include_str!("../../texts/return_requested.txt"),
        MessageKind::ReturnDenied => include_str!("../../texts/return_denied.txt"),
        MessageKind::Returned => include_str!("../../texts/returned.txt"),
        MessageKind::ReturnOpened => include_str!("../../texts/return_opened.txt"),
        MessageKind::ReturnApproved => include_str!("../../texts/return_approved.txt"),
        MessageKind::ReturnDeclined => include_str!("../../texts/return_declined.txt"),
        MessageKind::ReturnReceived => include_str!("../../texts/return_received.txt"),
        MessageKind::ReturnExpired => include_str!("../../texts/return_expired.txt"),
        MessageKind::RefundInitiated => include_str!("../../texts/refund_initiated.txt"),
        MessageKind::RefundCompleted => include_str!("../../texts/refund_completed.txt"),
    }
}

/// An address as the lines of a label.
fn lines(address: &Address) -> Vec<String> {
    let city = address.postal_code.iter().chain([&address.city]).cloned().collect::<Vec<_>>().join(" ");
    let parts = [Some(address.recipient_name.clone()), address.company.clone(), Some(address.street_address.clone())];
    let more = [address.street_address_2.clone(), Some(city), address.state.clone(), Some(address.country.clone())];
    parts.into_iter().chain(more).flatten().collect()
}

/// The parcels of the shipment that an event tells of. One that says it by carrier and number only is of before shipments
/// had numbers.
fn parcels(order: &Order, fact: &Fact) -> Vec<Tracking> {
    if let Some(shipment) = fact.shipment().and_then(|number| order.shipment(number)) {
        return shipment.parcels.clone();
    }
    let Fact::Shipped { carrier, tracking_number, .. } = fact else { return Vec::new() };
    let told = Tracking { carrier: carrier.clone(), tracking_number: tracking_number.clone(), page: None };
    let all = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
    let mut same = all.filter(|own| own.carrier == told.carrier && own.tracking_number == told.tracking_number);
    vec![same.next_back().cloned().unwrap_or(told)]
}

/// What is in the shipment that an event tells of, if that is not the whole order; or what was taken out.
fn part(order: &Order, fact: &Fact) -> Vec<minijinja::Value> {
    if let Fact::LinesCancelled { lines, .. } = fact {
        let units = |line: &Line| lines.iter().find(|part| part.line == line.line).map(|part| part.quantity);
        let taken = order.lines.iter().filter_map(|line| Some((line, units(line)?)));
        return taken.map(|(line, quantity)| context! { quantity, name => line.name.clone() }).collect();
    }
    let Some(shipment) = fact.shipment().and_then(|number| order.shipment(number)) else { return Vec::new() };
    let whole = order.lines.iter().all(|line| shipment.units_of(line.line) == line.quantity);
    let held = order.lines.iter().map(|line| (line, shipment.units_of(line.line)));
    let held = held.filter(|(_, quantity)| *quantity > 0 && !whole);
    held.map(|(line, quantity)| context! { quantity, name => line.name.clone() }).collect()
}

/// A parcel as texts name it.
fn shown(own: Tracking) -> minijinja::Value {
    let tracking_url = own.url();
    context! { carrier => own.carrier, tracking_number => own.tracking_number, tracking_url }
}

/// What people call the return that an event tells of; nothing where it tells of none.
fn return_number(event: &CloudEvent) -> String {
    let number = event.data.fact.return_number();
    number.map(|number| format!("{}-R{number}", event.data.order_number)).unwrap_or_default()
}

const PARTS: [&str; 3] = ["subject", "email", "sms"];

impl Texts {
    /// Compiles every text; a text that does not compile is told at start, not when it is needed.
    pub fn new(shop: Shop) -> Result<Self, Error> {
        let mut environment = Environment::new();
        // A misspelt variable is an error, not an empty place in a message.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for kind in MessageKind::ALL {
            let parts: Vec<&'static str> = source(kind).split("\n---\n").collect();
            if parts.len() != PARTS.len() {
                return Err(Error::Internal(format!("text {} does not have three parts", kind.name())));
            }
            for (name, part) in PARTS.into_iter().zip(parts) {
                environment
                    .add_template_owned(format!("{}.{name}", kind.name()), part.trim().to_owned())
                    .map_err(|error| Error::Internal(format!("text {}: {error}", kind.name())))?;
            }
        }
        Ok(Texts { environment, shop })
    }

    /// Writes the message of a notice. A text message holds the tracking link only where that costs no further segment: one more is
    /// dearer than all else that an order costs.
    pub fn message(&self, told: &Told<'_>, notice: Notice) -> Result<Message, Error> {
        let Told { stored, event, kind, link } = *told;
        let order = &stored.order;
        let contact = stored.person.as_ref().map(|person| &person.contact);
        let contact = contact.ok_or_else(|| Error::Internal("a message without a recipient".to_owned()))?;
        let address = stored.person.as_ref().map(|person| lines(&person.shipping_address)).unwrap_or_default();
        let values = self.values(order, event, (&contact.name, address));
        let render = |part: &str, track_url: Option<&str>| {
            let text = self.environment.get_template(&format!("{}.{part}", kind.name()));
            let values = context! { track_url, ..values.clone() };
            text.and_then(|text| text.render(values)).map_err(|error| Error::Internal(error.to_string()))
        };
        let (to, subject, body) = match notice.channel {
            Channel::Email => (contact.email.clone(), Some(render("subject", link)?), render("email", link)?),
            Channel::Sms => {
                let (plain, tracked) = (render("sms", None)?, render("sms", link)?);
                let body = if sms_segments(&tracked) > sms_segments(&plain) { plain } else { tracked };
                (contact.phone.clone().unwrap_or_default(), None, body)
            }
        };
        Ok(Message { notice, kind, to, subject, body })
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each fact, so that a new one is met here")]
    fn values(&self, order: &Order, event: &CloudEvent, (name, address): (&str, Vec<String>)) -> minijinja::Value {
        // Before it is paid anybody can have ordered in anybody's name, and with words of their own.
        let greeting = if order.paid_at.is_some() { format!("Hello {name},") } else { "Hello,".to_owned() };
        let money = |minor: Amount| Money::new(minor, order.currency).to_string();
        let discount = order.totals.discount;
        let (mut amount, mut reason, mut pay_until) = (String::new(), String::new(), String::new());
        match &event.data.fact {
            Fact::RefundInitiated { amount_minor, .. } | Fact::RefundCompleted { amount_minor, .. } => {
                amount = money(Amount::from_minor(*amount_minor));
            }
            Fact::Cancelled { reason: why } | Fact::LinesCancelled { reason: why, .. } => {
                why.name().clone_into(&mut reason);
            }
            Fact::Submitted { pay_until: until, .. } => pay_until = format!("{}", until.strftime("%Y-%m-%d %H:%M UTC")),
            Fact::ChangeOffered { until, due_minor, .. } => {
                amount = money(Amount::from_minor(*due_minor));
                pay_until = format!("{}", until.strftime("%Y-%m-%d %H:%M UTC"));
            }
            Fact::ReturnReceived { amount_minor, .. } if *amount_minor > 0 => {
                amount = money(Amount::from_minor(*amount_minor));
            }
            Fact::ReturnApproved { until: Some(until), .. } => pay_until = until.strftime("%Y-%m-%d").to_string(),
            Fact::ReturnOpened { claim: true, .. } => "claim".clone_into(&mut reason),
            Fact::PaymentProcessing { wait_until, .. } => pay_until = wait_until.strftime("%Y-%m-%d").to_string(),
            Fact::Shipped { .. }
            | Fact::ShipmentPlanned { .. }
            | Fact::ShipmentPacked { .. }
            | Fact::ShipmentCancelled { .. }
            | Fact::TrackingChanged { .. }
            | Fact::OutForDelivery { .. }
            | Fact::ReadyForPickup { .. }
            | Fact::ShipmentFailed { .. }
            | Fact::ShipmentLost { .. }
            | Fact::ShipmentReplaced { .. }
            | Fact::ShipmentDelivered { .. }
            | Fact::LabelRequested { .. }
            | Fact::LabelBought { .. }
            | Fact::LabelFailed { .. }
            | Fact::LabelUnknown { .. }
            | Fact::LabelVoidRequested { .. }
            | Fact::LabelVoided { .. }
            | Fact::LabelVoidRefused { .. }
            | Fact::HoldPlaced { .. }
            | Fact::HoldReleased { .. }
            | Fact::Created
            | Fact::Confirmed
            | Fact::Refunded
            | Fact::PaymentRequested { .. }
            | Fact::PaymentConfirmed { .. }
            | Fact::PaymentFailed { .. }
            | Fact::PaymentPageOpened { .. }
            | Fact::RefundFailed { .. }
            | Fact::RefundReduced { .. }
            | Fact::DisputeOpened { .. }
            | Fact::DisputeClosed { .. }
            | Fact::RestWithdrawn
            | Fact::ProcessingStarted
            | Fact::DeliveryFailed { .. }
            | Fact::Delivered
            | Fact::ReturnRequested
            | Fact::ReturnDenied
            | Fact::Returned
            | Fact::ReturnOpened { .. }
            | Fact::ReturnApproved { .. }
            | Fact::ReturnReceived { .. }
            | Fact::ReturnDeclined { .. }
            | Fact::ReturnCancelled { .. }
            | Fact::ReturnExpired { .. }
            | Fact::ReturnClosed { .. }
            | Fact::ReviewRequested { .. }
            | Fact::ReviewApproved
            | Fact::Changed { .. }
            | Fact::ChangeLapsed { .. }
            | Fact::NoteAdded
            | Fact::TagsChanged
            | Fact::AssigneeChanged => {}
        }
        let parcels = parcels(order, &event.data.fact);
        let first = parcels.first().cloned();
        let tracking_url = first.as_ref().and_then(Tracking::url);
        let (carrier, tracking_number) = first.map_or_else(Default::default, |own| (own.carrier, own.tracking_number));
        let parcels: Vec<_> = parcels.into_iter().map(shown).collect();
        let lines: Vec<_> = order
            .lines
            .iter()
            .map(|line| context! { quantity => line.quantity, name => line.name.clone(), subtotal => money(line.subtotal()) })
            .collect();
        context! {
            shop => self.shop.name.clone(),
            greeting,
            address,
            number => event.data.order_number.clone(),
            return_number => return_number(event),
            // By the number, which every text names anyway: a text message with the id needs a segment more.
            link => format!("{}/orders/{}", self.shop.url, event.data.order_number),
            lines,
            subtotal => money(order.totals.subtotal),
            // With its sign, and nothing where there is none.
            discount => discount.is_positive().then(|| money(Amount::ZERO - discount)),
            // Nothing where there are none.
            extras => (!order.totals.extras.is_zero()).then(|| money(order.totals.extras)),
            // What is asked for now.
            due => money(order.due().map_or(order.totals.total, |due| due.amount)),
            tax_included => order.totals.tax_included,
            shipping => money(order.totals.shipping),
            tax => money(order.totals.tax),
            total => money(order.totals.total),
            pay_until, amount, reason, carrier, tracking_number, tracking_url, parcels,
            part => part(order, &event.data.fact),
            // Something of the order is still to leave.
            rest => order.outstanding() > 0,
            was_paid => order.ledger.captured().is_positive(),
        }
    }
}
