//! One event of every kind, for what is stored and what is told.

use jiff::civil::{date, time};
use oms_domain::catalog::stock::Condition;
use oms_domain::chain::Hash;
use oms_domain::fulfilment::Location;
use oms_domain::fulfilment::label::LabelFailure;
use oms_domain::ids::{LabelId, PaymentId, RefundId};
use oms_domain::money::Amount;
use oms_domain::ordering::{
    CancelReason, ChangeEvent, CheckoutEvent, Command, DisputeEvent, Draft, Event, Extra, HoldEvent, HoldReason,
    LabelEvent, LapseReason, Line, NewOrder, NoteEvent, NoteVisibility, PaymentEvent, Provenance, Record,
    ReductionReason, RefundEvent, ReturnEvent, ReviewEvent, ReviewReason, Revision, ShipmentEvent, Status, Terms,
    Words,
};
use oms_domain::payments::{DisputeState, RefundPart, RefundReason, Unshipped};
use oms_domain::pricing::dispatch::{Closed, Day, Delivery, Dispatch};
use oms_domain::returns::policy::{BackTo, GoodsCondition, ReturnTerms};
use oms_domain::returns::{ReceivedLine, ReturnKind, ReturnLine, Settlement};

use super::{
    bought_label, label_order, new_order, order_id, provenance, returned, start, tracking, units, usual_lines,
};

/// The event's name as it is stored. No `_`: a new event must be named here, and so met by the tests of all events.
pub(crate) fn name(event: &Event) -> &'static str {
    match event {
        Event::Checkout(CheckoutEvent::OrderCreated { .. }) => "OrderCreated",
        Event::Checkout(CheckoutEvent::OrderSubmitted { .. }) => "OrderSubmitted",
        Event::Checkout(CheckoutEvent::OrderConfirmedFree) => "OrderConfirmed",
        Event::Refund(RefundEvent::OrderClosedAsRefunded) => "OrderRefunded",
        Event::Payment(PaymentEvent::OrderPaymentRequested { .. }) => "OrderPaymentRequested",
        Event::Payment(PaymentEvent::OrderPaymentConfirmed { .. }) => "OrderPaymentConfirmed",
        Event::Payment(PaymentEvent::OrderPaymentFailed { .. }) => "OrderPaymentFailed",
        Event::Shipment(ShipmentEvent::OrderProcessingStarted { .. }) => "OrderProcessingStarted",
        Event::Shipment(ShipmentEvent::OrderShipmentPlanned { .. }) => "OrderShipmentPlanned",
        Event::Shipment(ShipmentEvent::OrderShipmentPacked { .. }) => "OrderShipmentPacked",
        Event::Shipment(ShipmentEvent::OrderShipmentCancelled { .. }) => "OrderShipmentCancelled",
        Event::Shipment(ShipmentEvent::OrderTrackingChanged { .. }) => "OrderTrackingChanged",
        Event::Shipment(ShipmentEvent::OrderShipmentOutForDelivery { .. }) => "OrderShipmentOutForDelivery",
        Event::Shipment(ShipmentEvent::OrderShipmentReadyForPickup { .. }) => "OrderShipmentReadyForPickup",
        Event::Shipment(ShipmentEvent::OrderShipmentFailed { .. }) => "OrderShipmentFailed",
        Event::Shipment(ShipmentEvent::OrderShipmentLost { .. }) => "OrderShipmentLost",
        Event::Shipment(ShipmentEvent::OrderShipmentReplaced { .. }) => "OrderShipmentReplaced",
        Event::Shipment(ShipmentEvent::OrderShipmentDelivered { .. }) => "OrderShipmentDelivered",
        Event::Label(LabelEvent::OrderLabelRequested { .. }) => "OrderLabelRequested",
        Event::Label(LabelEvent::OrderLabelBought { .. }) => "OrderLabelBought",
        Event::Label(LabelEvent::OrderLabelFailed { .. }) => "OrderLabelFailed",
        Event::Label(LabelEvent::OrderLabelUnknown { .. }) => "OrderLabelUnknown",
        Event::Label(LabelEvent::OrderLabelVoidRequested { .. }) => "OrderLabelVoidRequested",
        Event::Label(LabelEvent::OrderLabelVoided { .. }) => "OrderLabelVoided",
        Event::Label(LabelEvent::OrderLabelVoidRefused { .. }) => "OrderLabelVoidRefused",
        Event::Hold(HoldEvent::OrderHoldPlaced { .. }) => "OrderHoldPlaced",
        Event::Hold(HoldEvent::OrderHoldReleased { .. }) => "OrderHoldReleased",
        Event::Shipment(ShipmentEvent::OrderShipped { .. }) => "OrderShipped",
        Event::Shipment(ShipmentEvent::OrderDeliveryFailed { .. }) => "OrderDeliveryFailed",
        Event::Shipment(ShipmentEvent::OrderDelivered { .. }) => "OrderDelivered",
        Event::Checkout(CheckoutEvent::OrderCancelled { .. }) => "OrderCancelled",
        Event::Checkout(CheckoutEvent::OrderLinesCancelled { .. }) => "OrderLinesCancelled",
        Event::Change(ChangeEvent::OrderChanged { .. }) => "OrderChanged",
        Event::Change(ChangeEvent::OrderChangeOffered { .. }) => "OrderChangeOffered",
        Event::Change(ChangeEvent::OrderChangeAccepted { .. }) => "OrderChangeAccepted",
        Event::Change(ChangeEvent::OrderChangeLapsed { .. }) => "OrderChangeLapsed",
        Event::Return(ReturnEvent::OrderReturnRequested { .. }) => "OrderReturnRequested",
        Event::Return(ReturnEvent::OrderReturnDenied { .. }) => "OrderReturnDenied",
        Event::Return(ReturnEvent::OrderReturned { .. }) => "OrderReturned",
        Event::Return(ReturnEvent::OrderReturnOpened { .. }) => "OrderReturnOpened",
        Event::Return(ReturnEvent::OrderReturnApproved { .. }) => "OrderReturnApproved",
        Event::Return(ReturnEvent::OrderReturnDeclined { .. }) => "OrderReturnDeclined",
        Event::Return(ReturnEvent::OrderReturnReceived { .. }) => "OrderReturnReceived",
        Event::Return(ReturnEvent::OrderReturnCancelled { .. }) => "OrderReturnCancelled",
        Event::Return(ReturnEvent::OrderReturnExpired { .. }) => "OrderReturnExpired",
        Event::Return(ReturnEvent::OrderReturnClosed { .. }) => "OrderReturnClosed",
        Event::Refund(RefundEvent::OrderRefundInitiated { .. }) => "OrderRefundInitiated",
        Event::Refund(RefundEvent::OrderRefundCompleted { .. }) => "OrderRefundCompleted",
        Event::Refund(RefundEvent::OrderRefundFailed { .. }) => "OrderRefundFailed",
        Event::Payment(PaymentEvent::OrderCheckoutOpened { .. }) => "OrderPaymentPageOpened",
        Event::Payment(PaymentEvent::OrderPaymentProcessing { .. }) => "OrderPaymentProcessing",
        Event::Shipment(ShipmentEvent::OrderRestWithdrawn) => "OrderRestWithdrawn",
        Event::Refund(RefundEvent::OrderRefundReduced { .. }) => "OrderRefundReduced",
        Event::Dispute(DisputeEvent::OrderDisputeOpened { .. }) => "OrderDisputeOpened",
        Event::Dispute(DisputeEvent::OrderDisputeClosed { .. }) => "OrderDisputeClosed",
        Event::Note(NoteEvent::OrderNoteAdded { .. }) => "OrderNoteAdded",
        Event::Note(NoteEvent::OrderTagsChanged { .. }) => "OrderTagsChanged",
        Event::Note(NoteEvent::OrderAssigneeChanged { .. }) => "OrderAssigneeChanged",
        Event::Review(ReviewEvent::OrderReviewRequested { .. }) => "OrderReviewRequested",
        Event::Review(ReviewEvent::OrderReviewApproved { .. }) => "OrderReviewApproved",
    }
}

/// One event of every kind. `free_text` stands in every field that somebody writes freely.
pub(crate) fn every_event(free_text: &str) -> Vec<Event> {
    let payment_id = PaymentId::of_attempt(order_id(), 0);
    let refund_id = RefundId::of_sequence(order_id(), 0);
    let label_id = LabelId::of_sequence(order_id(), 1, 1);
    let NewOrder { user_id, currency, destination, shipping_method, lines, totals, promotions, uses, .. } =
        new_order(usual_lines());
    let amount = totals.total;
    let (again, once_more) = (new_order(usual_lines()), new_order(usual_lines()));
    let dispatch = Dispatch {
        time_zone: "Europe/Berlin".into(),
        until: Some(time(14, 30, 0, 0)),
        days: vec![Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday],
        closed: vec![Closed { from: date(2026, 4, 3), to: date(2026, 4, 6) }],
    };
    let parcel = vec![units(1, 2)];
    let text = || free_text.to_owned();
    vec![
        Event::Checkout(CheckoutEvent::OrderCreated {
            user_id,
            currency,
            destination,
            shipping_method,
            delivery: None,
            lines,
            totals,
            promotions,
            uses,
            draft: None,
            return_terms: None,
        }),
        Event::Checkout(CheckoutEvent::OrderSubmitted {
            total: amount,
            reservation_expires_at: Command::hold_until(start()),
            terms: None,
        }),
        Event::Checkout(CheckoutEvent::OrderConfirmedFree),
        Event::Payment(PaymentEvent::OrderPaymentRequested {
            payment_id,
            provider: "stripe".into(),
            amount,
            keep: true,
            change: None,
        }),
        Event::Payment(PaymentEvent::OrderPaymentConfirmed {
            payment_id,
            reference: text(),
            amount,
            accepted: true,
            change: None,
        }),
        Event::Payment(PaymentEvent::OrderPaymentFailed { payment_id, reason: text(), wait_until: None }),
        Event::Shipment(ShipmentEvent::OrderProcessingStarted { note: Some(text().into()) }),
        Event::Shipment(ShipmentEvent::OrderShipped {
            tracking: tracking(),
            lines: parcel.clone(),
            note: Some(text().into()),
            shipment: None,
            more: Vec::new(),
        }),
        Event::Shipment(ShipmentEvent::OrderDeliveryFailed {
            lines: parcel.clone(),
            note: Some(text().into()),
            shipment: None,
        }),
        Event::Shipment(ShipmentEvent::OrderDelivered { note: Some(text().into()), paid_at: None }),
        Event::Shipment(ShipmentEvent::OrderDelivered { note: None, paid_at: Some(start()) }),
        Event::Checkout(CheckoutEvent::OrderCancelled {
            reason: CancelReason::CustomerRequest,
            note: Some(text().into()),
        }),
        Event::Return(ReturnEvent::OrderReturnRequested { lines: parcel.clone(), reason: text().into() }),
        Event::Return(ReturnEvent::OrderReturnDenied { reason: text().into() }),
        Event::Return(ReturnEvent::OrderReturned { lines: vec![returned(1, 2, Condition::Damaged)] }),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Return,
            part: None,
            short: Amount::ZERO,
        }),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Partial,
            part: Some(RefundPart {
                lines: vec![units(1, 2), units(2, 1), units(3, 3)],
                unshipped: Unshipped::Ship,
                shipping: Amount::from_minor(490),
                goodwill: Amount::from_minor(500),
                note: text().into(),
                ..RefundPart::default()
            }),
            short: Amount::ZERO,
        }),
        Event::Refund(RefundEvent::OrderRefundCompleted { refund_id, amount, reference: text(), done_as: None }),
        Event::Refund(RefundEvent::OrderClosedAsRefunded),
        Event::Refund(RefundEvent::OrderRefundFailed { refund_id, reason: text() }),
        Event::Payment(PaymentEvent::OrderCheckoutOpened { payment_id }),
        Event::Note(NoteEvent::OrderNoteAdded { note: text().into(), id: None, visibility: None, seller_id: None }),
        Event::Review(ReviewEvent::OrderReviewRequested {
            reasons: vec![ReviewReason::Value, ReviewReason::Countries],
        }),
        Event::Review(ReviewEvent::OrderReviewApproved { note: Some(text().into()) }),
        Event::Payment(PaymentEvent::OrderPaymentFailed { payment_id, reason: text(), wait_until: Some(start()) }),
        Event::Payment(PaymentEvent::OrderPaymentProcessing { payment_id, wait_until: start() }),
        Event::Shipment(ShipmentEvent::OrderRestWithdrawn),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Partial,
            part: Some(RefundPart {
                lines: vec![units(1, 2)],
                unshipped: Unshipped::Restock,
                note: text().into(),
                ..RefundPart::default()
            }),
            short: Amount::ZERO,
        }),
        Event::Refund(RefundEvent::OrderRefundCompleted {
            refund_id,
            amount,
            reference: text(),
            done_as: Some(refund_id.after_failures(1)),
        }),
        Event::Refund(RefundEvent::OrderRefundReduced {
            refund_id,
            amount: Amount::from_minor(500),
            reason: ReductionReason::GivenElsewhere,
        }),
        Event::Dispute(DisputeEvent::OrderDisputeOpened { payment_id, reference: text(), amount, reason: text() }),
        Event::Dispute(DisputeEvent::OrderDisputeClosed { reference: text(), outcome: DisputeState::Lost, amount }),
        Event::Shipment(ShipmentEvent::OrderShipmentPlanned {
            shipment: 1,
            lines: parcel.clone(),
            seller_id: Some("northwind-books".parse().unwrap()),
            location: Location::main(),
        }),
        Event::Shipment(ShipmentEvent::OrderShipmentPlanned {
            shipment: 2,
            lines: parcel.clone(),
            seller_id: None,
            location: "berlin-2".parse().unwrap(),
        }),
        Event::Shipment(ShipmentEvent::OrderShipmentPacked { shipment: 1, note: Some(text().into()) }),
        Event::Shipment(ShipmentEvent::OrderShipmentCancelled { shipment: 1, note: Some(text().into()) }),
        Event::Shipment(ShipmentEvent::OrderShipped {
            tracking: tracking(),
            lines: parcel.clone(),
            note: None,
            shipment: Some(2),
            more: vec![tracking(), tracking()],
        }),
        Event::Shipment(ShipmentEvent::OrderTrackingChanged { shipment: 2, parcels: vec![tracking()], tell: true }),
        Event::Shipment(ShipmentEvent::OrderShipmentFailed { shipment: 2, note: Some(text().into()) }),
        Event::Shipment(ShipmentEvent::OrderDeliveryFailed {
            lines: parcel.clone(),
            note: Some(text().into()),
            shipment: Some(2),
        }),
        Event::Shipment(ShipmentEvent::OrderShipmentLost {
            shipment: 2,
            lines: parcel.clone(),
            note: Some(text().into()),
        }),
        Event::Shipment(ShipmentEvent::OrderShipmentReplaced { shipment: 2, lines: parcel, by: 3 }),
        Event::Shipment(ShipmentEvent::OrderShipmentDelivered { shipment: 2, note: Some(text().into()) }),
        Event::Hold(HoldEvent::OrderHoldPlaced {
            hold: "h7".into(),
            reason: HoldReason::Address,
            note: Some(text().into()),
        }),
        Event::Hold(HoldEvent::OrderHoldReleased {
            hold: "h7".into(),
            reason: HoldReason::Address,
            note: Some(text().into()),
        }),
        Event::Shipment(ShipmentEvent::OrderShipmentOutForDelivery { shipment: 2 }),
        Event::Shipment(ShipmentEvent::OrderShipmentReadyForPickup { shipment: 2 }),
        Event::Label(LabelEvent::OrderLabelRequested { shipment: 1, label_id, order: label_order() }),
        Event::Label(LabelEvent::OrderLabelBought {
            shipment: 1,
            label_id,
            order: label_order(),
            bought: bought_label(label_id),
        }),
        Event::Label(LabelEvent::OrderLabelFailed { shipment: 1, label_id, reason: LabelFailure::Refused }),
        Event::Label(LabelEvent::OrderLabelUnknown { shipment: 1, label_id }),
        Event::Label(LabelEvent::OrderLabelVoidRequested { shipment: 1, label_id }),
        Event::Label(LabelEvent::OrderLabelVoided { shipment: 1, label_id }),
        Event::Label(LabelEvent::OrderLabelVoidRefused { shipment: 1, label_id }),
        Event::Checkout(CheckoutEvent::OrderCreated {
            user_id: again.user_id,
            currency: again.currency,
            destination: again.destination,
            shipping_method: again.shipping_method,
            delivery: Some(Delivery { from: 1, to: 3, dispatch: None }),
            lines: again.lines,
            totals: again.totals,
            promotions: again.promotions,
            uses: again.uses,
            draft: None,
            return_terms: None,
        }),
        Event::Checkout(CheckoutEvent::OrderCreated {
            user_id: once_more.user_id,
            currency: once_more.currency,
            destination: once_more.destination,
            shipping_method: once_more.shipping_method,
            delivery: Some(Delivery { from: 1, to: 3, dispatch: Some(Box::new(dispatch)) }),
            lines: once_more.lines,
            totals: once_more.totals,
            promotions: once_more.promotions,
            uses: once_more.uses,
            draft: None,
            return_terms: None,
        }),
        Event::Note(NoteEvent::OrderNoteAdded {
            note: text().into(),
            id: Some("n2".into()),
            visibility: Some(NoteVisibility::Private),
            seller_id: Some("northwind-books".parse().unwrap()),
        }),
        Event::Note(NoteEvent::OrderNoteAdded {
            note: text().into(),
            id: Some("n2".into()),
            visibility: Some(NoteVisibility::Customer),
            seller_id: None,
        }),
        Event::Note(NoteEvent::OrderTagsChanged { tags: text().into() }),
        Event::Note(NoteEvent::OrderTagsChanged { tags: Words::default() }),
        Event::Note(NoteEvent::OrderAssigneeChanged { assignee: Some("grace".parse().unwrap()) }),
        Event::Note(NoteEvent::OrderAssigneeChanged { assignee: None }),
        Event::Checkout(CheckoutEvent::OrderLinesCancelled {
            lines: vec![units(1, 2)],
            reason: CancelReason::CustomerRequest,
            note: Some(text().into()),
        }),
        Event::Checkout(CheckoutEvent::OrderLinesCancelled {
            lines: vec![units(1, 1), units(2, 3)],
            reason: CancelReason::AdminDecision,
            note: None,
        }),
        Event::Change(ChangeEvent::OrderChanged {
            change: 1,
            revision: Box::new(revision(text())),
            draft: Some(Draft { until: start(), promotion_codes: vec!["WELCOME10".into()], shipping_method: None }),
        }),
        Event::Change(ChangeEvent::OrderChangeOffered {
            change: 2,
            until: start(),
            due: amount,
            revision: Box::new(Revision { written: None, person: false, destination: None, ..revision(text()) }),
        }),
        Event::Change(ChangeEvent::OrderChangeAccepted { change: 2 }),
        Event::Change(ChangeEvent::OrderChangeLapsed { change: 2, reason: LapseReason::Expired }),
        Event::Payment(PaymentEvent::OrderPaymentRequested {
            payment_id,
            provider: "stripe".into(),
            amount,
            keep: false,
            change: Some(2),
        }),
        Event::Payment(PaymentEvent::OrderPaymentConfirmed {
            payment_id,
            reference: text(),
            amount,
            accepted: true,
            change: Some(2),
        }),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Changed,
            part: Some(RefundPart::default()),
            short: Amount::from_minor(120),
        }),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Superseded,
            part: None,
            short: Amount::ZERO,
        }),
        Event::Return(ReturnEvent::OrderReturnOpened {
            number: 1,
            kind: ReturnKind::Return,
            lines: vec![ReturnLine {
                line: 1,
                quantity: 2,
                reason: Some("unwanted".into()),
                shop_pays: false,
                received: 0,
            }],
            waived: true,
            note: Some(text().into()),
        }),
        Event::Return(ReturnEvent::OrderReturnOpened {
            number: 2,
            kind: ReturnKind::Missing,
            lines: vec![ReturnLine { line: 3, quantity: 1, reason: None, shop_pays: false, received: 0 }],
            waived: false,
            note: None,
        }),
        Event::Return(ReturnEvent::OrderReturnApproved {
            number: 1,
            until: Some(start()),
            settled: None,
            note: Some(text().into()),
        }),
        Event::Return(ReturnEvent::OrderReturnApproved {
            number: 2,
            until: None,
            settled: Some(settlement()),
            note: None,
        }),
        Event::Return(ReturnEvent::OrderReturnDeclined { number: 1, note: Some(text().into()) }),
        Event::Return(ReturnEvent::OrderReturnReceived {
            number: 1,
            lines: vec![ReceivedLine {
                line: 1,
                quantity: 1,
                condition: GoodsCondition::Damaged,
                stock: BackTo::Damaged,
            }],
            settled: settlement(),
            note: Some(text().into()),
        }),
        Event::Return(ReturnEvent::OrderReturnCancelled { number: 1, note: Some(text().into()) }),
        Event::Return(ReturnEvent::OrderReturnExpired { number: 1 }),
        Event::Return(ReturnEvent::OrderReturnClosed { number: 1 }),
        Event::Refund(RefundEvent::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Partial,
            part: Some(RefundPart {
                lines: vec![units(1, 1)],
                withheld: Amount::from_minor(100),
                of_return: Some(1),
                ..RefundPart::default()
            }),
            short: Amount::ZERO,
        }),
        {
            let terms = ReturnTerms { version: 3, days: 14, except: vec![(2, 0)] };
            let new = NewOrder { draft: false, return_terms: Some(terms), ..new_order(usual_lines()) };
            oms_domain::ordering::create(new, start()).remove(0)
        },
    ]
}

/// What a change makes of an order: a unit less, a surcharge more, another address.
fn revision(free_text: String) -> Revision {
    let NewOrder { currency, destination, shipping_method, lines, totals, promotions, uses, .. } =
        new_order(usual_lines());
    let sold = lines.first().map(Line::subtotal);
    let mut lines = lines;
    for line in lines.iter_mut().take(1) {
        (line.quantity, line.removed, line.sold) = (1, 1, sold);
    }
    let extra = |number, tax_class: Option<&str>, waiver| Extra {
        number,
        text: Words::default(),
        amount: Amount::from_minor(250),
        tax: Amount::from_minor(48),
        tax_class: tax_class.map(ToOwned::to_owned),
        waiver,
    };
    let extras = vec![extra(4, Some("reduced"), false), extra(5, None, true)];
    let terms = Terms {
        currency,
        shipping_method,
        delivery: None,
        lines,
        totals,
        promotions,
        uses,
        extras,
        return_terms: None,
    };
    Revision { terms, destination: Some(destination), written: Some(free_text.into()), person: true }
}

fn settlement() -> Settlement {
    let amount = Amount::from_minor;
    Settlement { value: amount(1_067), reduction: amount(500), fee: amount(57), gone: amount(10) }
}

/// The event as the second one of an order.
pub(crate) fn recorded(event: Event) -> Record {
    let Provenance { at, actor, correlation_id } = provenance(start());
    Record { version: 2, at, actor, correlation_id, status: Status::Pending, previous: Hash::of("the first"), event }
}
