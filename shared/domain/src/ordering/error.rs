//! Why an order refuses a command. Every reason is a business reason.

use jiff::Timestamp;

use super::state::HoldReason;
use super::status::{Action, Status};
use crate::fulfilment::label::LabelStatus;
use crate::fulfilment::{Location, ShipmentStatus};
use crate::money::Money;
use crate::returns::ReturnStatus;

/// Why nothing happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state does not allow it.
    #[error("`{action}` is not allowed while the order is {from}")]
    InvalidTransition {
        /// Where the order stands.
        from: Status,
        /// What was asked.
        action: Action,
    },
    /// A fraud check holds it.
    #[error("the order is held for review")]
    UnderReview,
    /// Something else holds it.
    #[error("the order is on hold: {}", .0.name())]
    OnHold(HoldReason),
    /// No such shipment.
    #[error("the order has no such shipment")]
    UnknownShipment,
    /// The state of the shipment does not allow it.
    #[error("`{action}` is not allowed while the shipment is {from}")]
    ShipmentStands {
        /// Where the shipment stands.
        from: ShipmentStatus,
        /// What was asked.
        action: &'static str,
    },
    /// So many that no more are planned.
    #[error("the order already has the maximum of {0} shipments")]
    TooManyShipments(usize),
    /// More than one transaction holds.
    #[error("this touches too much at once: handle the order's shipments one by one, with fewer parcels each")]
    TooMuchAtOnce,
    /// No tracking where there has to be one.
    #[error("a shipment needs 1 to {0} parcels")]
    ParcelCount(usize),
    /// One label at a time.
    #[error("the shipment has a label that is {}", .0.name())]
    HasLabel(LabelStatus),
    /// A parcel leaves from somewhere.
    #[error("the location `{}` has no address; set it up in the settings table `locations`", .0.as_str())]
    NoOrigin(Location),
    /// The address is gone.
    #[error("the customer's personal data was erased")]
    PersonErased,
    /// So many that no more hear what is told of it.
    #[error("the tracking number already has the maximum of {0} shipments")]
    TooManyWithNumber(usize),
    /// There is nothing to give back.
    #[error("the shipment has no label")]
    NoLabel,
    /// So many that no more are bought.
    #[error("the shipment already has had the maximum of {0} labels")]
    TooManyLabels(u16),
    /// What was in it was replaced or its money went back.
    #[error("the shipment's units were replaced or refunded")]
    NothingLost,
    /// No such hold, or one that only its cause ends.
    #[error("the order has no such hold")]
    UnknownHold,
    /// A hold that people do not place or release.
    #[error("a hold for {} begins and ends by itself", .0.name())]
    NotByHand(HoldReason),
    /// Too many holds.
    #[error("the order already has the maximum of {0} holds")]
    TooManyHolds(usize),
    /// Too many notes, or too many of sellers.
    #[error("the order already has the maximum of {0} notes")]
    TooManyNotes(usize),
    /// All that was paid has gone back.
    #[error("all of the order's money has gone back; cancel the order")]
    MoneyIsBack,
    /// Money is under way.
    #[error("a payment of the order is being processed by {provider}")]
    PaymentUnderWay {
        /// Who works on it.
        provider: String,
    },
    /// Part of it is already on its way.
    #[error("part of the order has shipped, so the whole order can no longer be cancelled")]
    PartlyShipped,
    /// The deadline has not passed.
    #[error("the order stands until {until}")]
    NotDue {
        /// Until when it waits for payment, or for its submission.
        until: Timestamp,
    },
    /// The draft is too old.
    #[error("the draft expired at {since}; order the cart again")]
    DraftExpired { since: Timestamp },
    /// The draft has other lines than the terms are for.
    #[error("the draft has changed")]
    OtherLines,
    /// The hold has run out: no new payment is begun that would come too late.
    #[error("the time to pay expired at {since}")]
    HoldExpired { since: Timestamp },
    /// Too many attempts to pay.
    #[error("the order already has the maximum of {0} payment attempts")]
    TooManyAttempts(usize),
    /// No such return.
    #[error("the order has no such return")]
    UnknownReturn,
    /// The state of the return does not allow it.
    #[error("`{action}` is not allowed while the return is {from}")]
    ReturnStands {
        /// Where the return stands.
        from: ReturnStatus,
        /// What was asked.
        action: &'static str,
    },
    /// So many that no more are opened.
    #[error("the order already has the maximum of {0} returns")]
    TooManyReturns(usize),
    /// The customer has had it for too long.
    #[error("line {line} could be returned until {since}")]
    ReturnWindowOver { line: u16, since: Timestamp },
    /// It was sold for good.
    #[error("line {0} is a final sale and cannot be returned")]
    FinalSale(u16),
    /// Staff has to see something first.
    #[error("the reason `{0}` needs a photo; ask the shop to open the return")]
    PhotoNeeded(String),
    /// No such payment attempt, or of another provider.
    #[error("the order has no such payment")]
    UnknownPayment,
    /// The provider captured something else than we asked for.
    #[error("the payment's amount or currency differs from what was requested")]
    PaymentMismatch,
    /// No such refund.
    #[error("the order has no such refund")]
    UnknownRefund,
    /// No such line.
    #[error("the order has no line {0}")]
    UnknownLine(u16),
    /// Neither units nor lines were named.
    #[error("no line is named")]
    NothingNamed,
    /// More units than there are for this.
    #[error("line {line} has only {left} units left")]
    TooManyUnits {
        line: u16,
        /// How many are left.
        left: u32,
    },
    /// A refund of nothing.
    #[error("the refund is empty")]
    EmptyRefund,
    /// More than is left of what was paid.
    #[error("only {left} of the payment can still be refunded")]
    RefundTooLarge {
        /// What is left.
        left: Money,
    },
    /// More shipping than was charged and has not gone back.
    #[error("only {left} of shipping can still be refunded")]
    TooMuchShipping {
        /// What is left.
        left: Money,
    },
    /// Too many refunds by hand.
    #[error("the order already has the maximum of {most} refunds; only all the rest, {left}, can still be refunded")]
    TooManyRefunds {
        /// Most refunds in part.
        most: usize,
        /// What is left.
        left: Money,
    },
    /// So many that no more are made.
    #[error("the order already has the maximum of {0} changes")]
    TooManyChanges(u16),
    /// The customer's time to change it is over.
    #[error("customers could change the order until {since}; please contact the shop")]
    TooLateToChange { since: Timestamp },
    /// The terms were worked out on another version of the order.
    #[error("the order has changed meanwhile")]
    Outdated,
    /// Nothing that would ship is left of it.
    #[error("nothing is left of the order; cancel it instead")]
    NothingLeft,
    /// Somebody works on it: nothing is added any more.
    #[error("the order is being prepared; nothing can be added to it, so place another order")]
    NothingIsAdded,
    /// Its address is on a parcel.
    #[error("the order is packed, has a label or has left; its address can no longer be changed")]
    AddressInUse,
    /// What is taken off is more than it costs.
    #[error("the order would cost less than nothing")]
    BelowNothing,
    /// It has no change that waits to be paid, or another one.
    #[error("the order has no such change waiting to be paid")]
    NoSuchOffer,
    /// Prices of the shop contain tax by now, or no longer do.
    #[error(
        "whether prices contain tax is not as it was when the order was placed, so nothing can be added; place another order"
    )]
    OtherTaxes,
    /// Money of the order went back by the taxes of the old address.
    #[error("units of the order were refunded, so it cannot go where other taxes are due; cancel it instead")]
    TaxesSettled,
    /// The timeline is full.
    #[error("the order's history is full")]
    HistoryFull,
}
