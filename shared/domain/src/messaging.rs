//! Which events a customer hears of, and on which channels (I1–I4, D7, H7).

use serde::{Deserialize, Serialize};

use crate::ordering::address::Contact;
use crate::ordering::{CancelReason, LapseReason, Order};
use crate::public_event::Fact;

/// A way to reach a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
}

impl Channel {
    /// The name in records and in the local inbox.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }
}

/// Which text a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named after the events they tell of")]
pub enum MessageKind {
    Submitted,
    Confirmed,
    PaymentConfirmed,
    PaymentFailed,
    PaymentProcessing,
    PaymentPageOpened,
    ProcessingStarted,
    Shipped,
    TrackingChanged,
    OutForDelivery,
    ReadyForPickup,
    ShipmentFailed,
    DeliveryFailed,
    ShipmentLost,
    ShipmentDelivered,
    Delivered,
    Cancelled,
    LinesCancelled,
    Changed,
    ChangeOffered,
    ChangeLapsed,
    ReturnRequested,
    ReturnDenied,
    Returned,
    ReturnOpened,
    ReturnApproved,
    ReturnDeclined,
    ReturnReceived,
    ReturnExpired,
    RefundInitiated,
    RefundCompleted,
}

impl MessageKind {
    /// Every kind; each has a text for each channel.
    pub const ALL: [MessageKind; 31] = [
        MessageKind::Submitted,
        MessageKind::Confirmed,
        MessageKind::PaymentConfirmed,
        MessageKind::PaymentFailed,
        MessageKind::PaymentProcessing,
        MessageKind::PaymentPageOpened,
        MessageKind::ProcessingStarted,
        MessageKind::Shipped,
        MessageKind::TrackingChanged,
        MessageKind::OutForDelivery,
        MessageKind::ReadyForPickup,
        MessageKind::ShipmentFailed,
        MessageKind::DeliveryFailed,
        MessageKind::ShipmentLost,
        MessageKind::ShipmentDelivered,
        MessageKind::Delivered,
        MessageKind::Cancelled,
        MessageKind::LinesCancelled,
        MessageKind::Changed,
        MessageKind::ChangeOffered,
        MessageKind::ChangeLapsed,
        MessageKind::ReturnRequested,
        MessageKind::ReturnDenied,
        MessageKind::Returned,
        MessageKind::ReturnOpened,
        MessageKind::ReturnApproved,
        MessageKind::ReturnDeclined,
        MessageKind::ReturnReceived,
        MessageKind::ReturnExpired,
        MessageKind::RefundInitiated,
        MessageKind::RefundCompleted,
    ];

    /// What the customer is told about this fact, if anything.
    pub fn about(fact: &Fact) -> Option<MessageKind> {
        match fact {
            Fact::Submitted { free: false, .. } => Some(MessageKind::Submitted),
            Fact::Confirmed => Some(MessageKind::Confirmed),
            Fact::PaymentConfirmed { accepted: true, change: None, .. } => Some(MessageKind::PaymentConfirmed),
            Fact::PaymentFailed { expired: false, .. } => Some(MessageKind::PaymentFailed),
            Fact::PaymentProcessing { .. } => Some(MessageKind::PaymentProcessing),
            Fact::PaymentPageOpened { .. } => Some(MessageKind::PaymentPageOpened),
            Fact::ProcessingStarted => Some(MessageKind::ProcessingStarted),
            Fact::Shipped { .. } => Some(MessageKind::Shipped),
            Fact::TrackingChanged { tell: true, .. } => Some(MessageKind::TrackingChanged),
            Fact::OutForDelivery { .. } => Some(MessageKind::OutForDelivery),
            Fact::ReadyForPickup { .. } => Some(MessageKind::ReadyForPickup),
            Fact::ShipmentFailed { .. } => Some(MessageKind::ShipmentFailed),
            Fact::DeliveryFailed { .. } => Some(MessageKind::DeliveryFailed),
            Fact::ShipmentLost { .. } => Some(MessageKind::ShipmentLost),
            Fact::ShipmentDelivered { .. } => Some(MessageKind::ShipmentDelivered),
            Fact::Delivered => Some(MessageKind::Delivered),
            // Nobody waits for what was never ordered; the draft has told its end from the beginning.
            Fact::Cancelled { reason: CancelReason::DraftExpired } => None,
            Fact::Cancelled { .. } => Some(MessageKind::Cancelled),
            Fact::LinesCancelled { .. } => Some(MessageKind::LinesCancelled),
            Fact::Changed { .. } => Some(MessageKind::Changed),
            Fact::ChangeOffered { .. } => Some(MessageKind::ChangeOffered),
            Fact::ChangeLapsed { reason: LapseReason::Expired, .. } => Some(MessageKind::ChangeLapsed),
            Fact::ReturnRequested => Some(MessageKind::ReturnRequested),
            Fact::ReturnDenied => Some(MessageKind::ReturnDenied),
            Fact::Returned => Some(MessageKind::Returned),
            Fact::ReturnOpened { .. } => Some(MessageKind::ReturnOpened),
            Fact::ReturnApproved { .. } => Some(MessageKind::ReturnApproved),
            Fact::ReturnDeclined { .. } => Some(MessageKind::ReturnDeclined),
            Fact::ReturnReceived { .. } => Some(MessageKind::ReturnReceived),
            Fact::ReturnExpired { .. } => Some(MessageKind::ReturnExpired),
            Fact::RefundInitiated { amount_minor: 1.., .. } => Some(MessageKind::RefundInitiated),
            Fact::RefundCompleted { amount_minor: 1.., .. } => Some(MessageKind::RefundCompleted),
            // Money that goes straight back is told by the refund that follows in the same change.
            Fact::PaymentConfirmed { accepted: false, .. }
            // The change that it pays for is told, in the same transaction.
            | Fact::PaymentConfirmed { change: Some(_), .. }
            // Somebody has just decided it.
            | Fact::ChangeLapsed { .. }
            // A free order is told of when it is confirmed, in the same change.
            | Fact::Submitted { free: true, .. }
            | Fact::Created
            | Fact::PaymentRequested { .. }
            // Nothing was refused: the customer hears when the order ends.
            | Fact::PaymentFailed { expired: true, .. }
            // Who gave it up knows, and what has come was told.
            | Fact::ReturnCancelled { .. }
            | Fact::ReturnClosed { .. }
            // What goes on inside the shop is told when it leaves.
            | Fact::ShipmentPlanned { .. }
            | Fact::ShipmentPacked { .. }
            | Fact::ShipmentCancelled { .. }
            | Fact::ShipmentReplaced { .. }
            | Fact::LabelRequested { .. }
            | Fact::LabelBought { .. }
            | Fact::LabelFailed { .. }
            | Fact::LabelUnknown { .. }
            | Fact::LabelVoidRequested { .. }
            | Fact::LabelVoided { .. }
            | Fact::LabelVoidRefused { .. }
            | Fact::TrackingChanged { tell: false, .. }
            | Fact::HoldPlaced { .. }
            | Fact::HoldReleased { .. }
            // The refunds around it are told.
            | Fact::RestWithdrawn
            | Fact::RefundReduced { .. }
            // The bank tells its customer.
            | Fact::DisputeOpened { .. }
            | Fact::DisputeClosed { .. }
            // The shop's business: a failed refund is tried again, by us or by a person.
            | Fact::RefundFailed { .. }
            // A review is the shop's business; the customer hears of what comes of it.
            | Fact::ReviewRequested { .. }
            | Fact::ReviewApproved
            // A share below the smallest coin moves no money.
            | Fact::RefundInitiated { .. }
            | Fact::RefundCompleted { .. }
            // The refunds before it were told.
            | Fact::Refunded
            // Whoever looks at the order finds its notes. Sellers may write them, and a message would carry their words to a stranger.
            | Fact::NoteAdded
            | Fact::TagsChanged
            | Fact::AssigneeChanged => None,
        }
    }

    /// Whether it tells of parcels, so that the customer wants to see where they are (I6).
    pub const fn tells_of_parcels(self) -> bool {
        match self {
            MessageKind::Shipped
            | MessageKind::TrackingChanged
            | MessageKind::OutForDelivery
            | MessageKind::ReadyForPickup
            | MessageKind::ShipmentFailed
            | MessageKind::DeliveryFailed
            | MessageKind::ShipmentLost
            | MessageKind::ShipmentDelivered => true,
            MessageKind::Submitted
            | MessageKind::Confirmed
            | MessageKind::PaymentConfirmed
            | MessageKind::PaymentFailed
            | MessageKind::PaymentProcessing
            | MessageKind::PaymentPageOpened
            | MessageKind::ProcessingStarted
            | MessageKind::Delivered
            | MessageKind::Cancelled
            | MessageKind::LinesCancelled
            | MessageKind::Changed
            | MessageKind::ChangeOffered
            | MessageKind::ChangeLapsed
            | MessageKind::ReturnRequested
            | MessageKind::ReturnDenied
            | MessageKind::Returned
            | MessageKind::ReturnOpened
            | MessageKind::ReturnApproved
            | MessageKind::ReturnDeclined
            | MessageKind::ReturnReceived
            | MessageKind::ReturnExpired
            | MessageKind::RefundInitiated
            | MessageKind::RefundCompleted => false,
        }
    }

    /// The name of the text, e.g. `payment_confirmed`.
    pub const fn name(self) -> &'static str {
        match self {
            MessageKind::Submitted => "submitted",
            MessageKind::Confirmed => "confirmed",
            MessageKind::PaymentConfirmed => "payment_confirmed",
            MessageKind::PaymentFailed => "payment_failed",
            MessageKind::PaymentProcessing => "payment_processing",
            MessageKind::PaymentPageOpened => "payment_page_opened",
            MessageKind::ProcessingStarted => "processing_started",
            MessageKind::Shipped => "shipped",
            MessageKind::TrackingChanged => "tracking_changed",
            MessageKind::OutForDelivery => "out_for_delivery",
            MessageKind::ReadyForPickup => "ready_for_pickup",
            MessageKind::ShipmentFailed => "shipment_failed",
            MessageKind::DeliveryFailed => "delivery_failed",
            MessageKind::ShipmentLost => "shipment_lost",
            MessageKind::ShipmentDelivered => "shipment_delivered",
            MessageKind::Delivered => "delivered",
            MessageKind::Cancelled => "cancelled",
            MessageKind::LinesCancelled => "lines_cancelled",
            MessageKind::Changed => "changed",
            MessageKind::ChangeOffered => "change_offered",
            MessageKind::ChangeLapsed => "change_lapsed",
            MessageKind::ReturnRequested => "return_requested",
            MessageKind::ReturnDenied => "return_denied",
            MessageKind::Returned => "returned",
            MessageKind::ReturnOpened => "return_opened",
            MessageKind::ReturnApproved => "return_approved",
            MessageKind::ReturnDeclined => "return_declined",
            MessageKind::ReturnReceived => "return_received",
            MessageKind::ReturnExpired => "return_expired",
            MessageKind::RefundInitiated => "refund_initiated",
            MessageKind::RefundCompleted => "refund_completed",
        }
    }
}

/// The countries whose numbers get text messages, by their calling codes. Others cost many times as much, and numbers of
/// satellites and international networks are how somebody is paid for being sent them. Such a number stays on the order and is told by
/// e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallingCodes(Option<Vec<String>>);

/// A text is no list of calling codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no calling code such as 49")]
pub struct NoCallingCode(String);

/// What stands for all of them.
const ALL_CODES: &str = "all";

/// Most digits of a code: those of a country with three of an area.
const MAX_CODE_DIGITS: usize = 7;

/// The code that several countries share.
const SHARED_CODE: &str = "1";

/// Digits of the code and an area under it.
const AREA_DIGITS: usize = 4;

/// Areas of countries that share the code and are neither the United States with their territories nor Canada, by the North
/// American Numbering Plan: calls and texts to them cost many times as much, which is what fraud lives on.
const OTHER_AREAS: [&str; 21] = [
    "1242", "1246", "1264", "1268", "1284", "1345", "1441", "1473", "1649", "1658", "1664", "1721", "1758", "1767",
    "1784", "1809", "1829", "1849", "1868", "1869", "1876",
];

impl CallingCodes {
    /// No number gets a text message.
    pub const NONE: CallingCodes = CallingCodes(Some(Vec::new()));

    /// Every number does.
    pub const ALL: CallingCodes = CallingCodes(None);

    /// Reads codes such as `49, 43, 1242`, or `all`; an empty text is none.
    pub fn read(text: &str) -> Result<Self, NoCallingCode> {
        if text.trim() == ALL_CODES {
            return Ok(CallingCodes::ALL);
        }
        let given = text.split(',').map(str::trim).filter(|code| !code.is_empty());
        let read = |code: &str| {
            let digits = code.strip_prefix('+').unwrap_or(code);
            let fits =
                (1..=MAX_CODE_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if fits && !digits.starts_with('0') { Ok(digits.to_owned()) } else { Err(NoCallingCode(code.to_owned())) }
        };
        Ok(CallingCodes(Some(given.map(read).collect::<Result<_, _>>()?)))
    }

    /// Whether a number, as E.164 has it, is of one of them. No code of a country begins like another's but for 1, which is
    /// the United States and Canada; other countries under it are named with their area, such as 1242.
    pub fn cover(&self, phone: &str) -> bool {
        let Some(codes) = &self.0 else { return true };
        let digits = phone.strip_prefix('+').unwrap_or_default();
        let elsewhere = digits.get(..AREA_DIGITS).is_some_and(|area| OTHER_AREAS.contains(&area));
        let covers = |code: &&String| digits.starts_with(code.as_str()) && !(elsewhere && *code == SHARED_CODE);
        codes.iter().any(|code| covers(&code))
    }
}

/// The channels on which this customer is told. Before an order is paid anybody can have placed it in anybody's name: then
/// there are no text messages, which cost the shop money and reach strangers at night (A2).
pub fn channels(contact: &Contact, kind: MessageKind, order: &Order, codes: &CallingCodes) -> Vec<Channel> {
    let always = matches!(
        kind,
        MessageKind::Submitted | MessageKind::PaymentFailed | MessageKind::PaymentPageOpened | MessageKind::Changed
    );
    let before_payment = always || (kind == MessageKind::Cancelled && order.paid_at.is_none());
    let mut channels = vec![Channel::Email];
    if contact.phone.as_deref().is_some_and(|phone| codes.cover(phone)) && !before_payment {
        channels.push(Channel::Sms);
    }
    channels
}

/// The alphabet of text messages (GSM 03.38) beside letters and digits of ASCII.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Of its second table each character takes two places.
const GSM_EXTENDED: &str = "^{}\\[~]|€\x0c";

/// How many segments a text message is sent in, which is what it is paid by. One character outside the alphabet of text messages
/// makes all of it dearer: 70 characters fit instead of 160.
pub fn sms_segments(text: &str) -> usize {
    let places = |one: char| match one {
        _ if one.is_ascii_alphanumeric() || GSM.contains(one) => Some(1),
        _ if GSM_EXTENDED.contains(one) => Some(2),
        _ => None,
    };
    let (length, alone, joined) = match text.chars().map(places).sum::<Option<usize>>() {
        Some(length) => (length, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= alone { 1 } else { length.div_ceil(joined) }
}
