//! Who may do what: one table of operations and roles.
//!
//! Use cases ask it, the edge asks it before it reads a body, and an order's `allowed_actions` follow from it. Whether
//! something is possible right now is another question, which the thing itself answers.

use crate::actor::Caller;
use crate::fulfilment::LineQuantity;
use crate::ids::{SellerId, UserId};
use crate::ordering::Order;
use crate::returns::Return;

/// What a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    QuoteOrder,
    CreateOrder,
    ListOrders,
    ViewOrder,
    /// Order the same again.
    Reorder,
    SubmitOrder,
    CancelOrder,
    /// Change lines, addresses, shipping or codes of an order, or withdraw such a change.
    ChangeOrder,
    /// Charge and take off what no table says, waive what a change costs, and change what is being prepared.
    ChangeOrderFreely,
    /// See what was changed.
    ViewChanges,
    /// Give up a change that waits to be paid.
    WithdrawChange,
    PayOrder,
    /// Set processing, shipped or delivered.
    UpdateStatus,
    /// Set any other status.
    OverrideStatus,
    ReviewOrder,
    HoldOrder,
    ReleaseHold,
    /// Read why an order waits.
    DiagnoseOrder,
    AddNote,
    ViewNotes,
    SetTags,
    AssignOrder,
    ViewShipments,
    PlanShipment,
    MoveShipment,
    ReplaceShipment,
    ListShipments,
    /// See a shipment's label and what there is to print.
    ViewLabel,
    /// Ask carriers what they take for a shipment.
    ViewRates,
    BuyLabel,
    VoidLabel,
    /// Print what goes into a parcel.
    ViewPackingSlip,
    /// The same for several shipments at once.
    ViewPackingSlips,
    /// Print what is to be taken from the shelves.
    ViewPickList,
    RefundOrder,
    /// Send goods back, or claim them.
    RequestReturn,
    ViewReturn,
    /// Take any step of a return; which ones, the three behind this say.
    MoveReturn,
    /// Approve, deny or close one, or say what goes back.
    DecideReturn,
    ReceiveReturn,
    CancelReturn,
    ListMethods,
    DeleteMethod,
    ViewStanding,
    ChangeStanding,
    ViewSettings,
    ChangeSettings,
    ListProducts,
    ViewProduct,
    CreateProduct,
    ImportProducts,
    UpdateProduct,
    DiscontinueProduct,
    MoveStock,
    ViewStock,
}

/// How far a role gets with an operation. The text of a refusal is what the caller reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whatever it is about.
    Allowed,
    /// Only what is theirs; anything else looks as if it did not exist (O12).
    OwnElseHidden,
    /// Only what is theirs; that there is more is no secret.
    OwnElse(&'static str),
    /// Only orders whose every line is theirs; orders without a line of theirs look as if they did not exist.
    AllLinesElse(&'static str),
    Forbidden(&'static str),
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("not found")]
    Hidden,
    #[error("{0}")]
    Forbidden(&'static str),
}

/// Something that belongs to people.
pub trait Belongs {
    /// Whether the caller has a part in it.
    fn belongs_to(&self, caller: &Caller) -> bool;

    /// Whether nobody else has.
    fn belongs_only_to(&self, caller: &Caller) -> bool {
        self.belongs_to(caller)
    }
}

/// A customer's order, and its lines their sellers'.
impl Belongs for Order {
    fn belongs_to(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Customer(user) => &self.user_id == user,
            // What nobody has paid for is no business of a seller's.
            Caller::Seller { seller, .. } => {
                self.paid_at.is_some() && self.lines.iter().any(|line| &line.seller_id == seller)
            }
            Caller::Admin(_) => false,
        }
    }

    fn belongs_only_to(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Customer(_) | Caller::Admin(_) => self.belongs_to(caller),
            Caller::Seller { seller, .. } => {
                self.belongs_to(caller) && self.lines.iter().all(|line| &line.seller_id == seller)
            }
        }
    }
}

/// A shipment of an order: its seller's, whose units alone are in it.
pub struct ShipmentOf<'a>(pub &'a Order, pub &'a [LineQuantity]);

impl Belongs for ShipmentOf<'_> {
    fn belongs_to(&self, caller: &Caller) -> bool {
        let ShipmentOf(order, units) = self;
        let own = |part: &LineQuantity| {
            let line = order.lines.iter().find(|line| line.line == part.line);
            line.is_some_and(|line| line.seller_id.belongs_to(caller))
        };
        order.paid_at.is_some() && !units.is_empty() && units.iter().all(own)
    }
}

/// A return of an order: its customer's, and its seller's, whose units alone are in it.
pub struct ReturnOf<'a>(pub &'a Order, pub &'a Return);

impl Belongs for ReturnOf<'_> {
    fn belongs_to(&self, caller: &Caller) -> bool {
        let ReturnOf(order, own) = self;
        let lines = || own.lines.iter().map(|part| order.lines.iter().find(|line| line.line == part.line));
        match caller {
            Caller::Customer(_) | Caller::Admin(_) => order.belongs_to(caller),
            Caller::Seller { .. } => lines().all(|line| line.is_some_and(|line| line.seller_id.belongs_to(caller))),
        }
    }
}

/// What belongs to a seller.
impl Belongs for SellerId {
    fn belongs_to(&self, caller: &Caller) -> bool {
        matches!(caller, Caller::Seller { seller, .. } if seller == self)
    }
}

/// What belongs to a person, whatever their role.
impl Belongs for UserId {
    fn belongs_to(&self, caller: &Caller) -> bool {
        caller.user() == self
    }
}

const NOT_YOUR_PRODUCT: &str = "the product belongs to another seller";

impl Operation {
    pub const ALL: [Operation; 55] = [
        Operation::QuoteOrder,
        Operation::CreateOrder,
        Operation::ListOrders,
        Operation::ViewOrder,
        Operation::Reorder,
        Operation::SubmitOrder,
        Operation::CancelOrder,
        Operation::ChangeOrder,
        Operation::ChangeOrderFreely,
        Operation::ViewChanges,
        Operation::WithdrawChange,
        Operation::PayOrder,
        Operation::UpdateStatus,
        Operation::OverrideStatus,
        Operation::ReviewOrder,
        Operation::HoldOrder,
        Operation::ReleaseHold,
        Operation::DiagnoseOrder,
        Operation::AddNote,
        Operation::ViewNotes,
        Operation::SetTags,
        Operation::AssignOrder,
        Operation::ViewShipments,
        Operation::PlanShipment,
        Operation::MoveShipment,
        Operation::ReplaceShipment,
        Operation::ListShipments,
        Operation::ViewLabel,
        Operation::ViewRates,
        Operation::BuyLabel,
        Operation::VoidLabel,
        Operation::ViewPackingSlip,
        Operation::ViewPackingSlips,
        Operation::ViewPickList,
        Operation::RefundOrder,
        Operation::RequestReturn,
        Operation::ViewReturn,
        Operation::MoveReturn,
        Operation::DecideReturn,
        Operation::ReceiveReturn,
        Operation::CancelReturn,
        Operation::ListMethods,
        Operation::DeleteMethod,
        Operation::ViewStanding,
        Operation::ChangeStanding,
        Operation::ViewSettings,
        Operation::ChangeSettings,
        Operation::ListProducts,
        Operation::ViewProduct,
        Operation::CreateProduct,
        Operation::ImportProducts,
        Operation::UpdateProduct,
        Operation::DiscontinueProduct,
        Operation::MoveStock,
        Operation::ViewStock,
    ];

    /// The table: customer, seller, admin.
    pub const fn row(self) -> [Access; 3] {
        use Access::{AllLinesElse, Allowed, Forbidden, OwnElse, OwnElseHidden};
        const fn admins_only(why: &'static str) -> [Access; 3] {
            [Forbidden(why), Forbidden(why), Allowed]
        }
        const fn buyers(why: &'static str) -> [Access; 3] {
            [OwnElseHidden, Forbidden(why), Allowed]
        }
        const fn sellers(why: &'static str) -> [Access; 3] {
            [Forbidden(why), OwnElse(NOT_YOUR_PRODUCT), Allowed]
        }
        const fn sellers_hidden(why: &'static str) -> [Access; 3] {
            [Forbidden(why), OwnElseHidden, Allowed]
        }
        match self {
            Operation::QuoteOrder | Operation::ListProducts | Operation::ViewProduct => [Allowed, Allowed, Allowed],
            Operation::CreateOrder => {
                [OwnElse("customers may only order for themselves"), Forbidden("sellers may not place orders"), Allowed]
            }
            Operation::ListOrders => [
                OwnElse("customers may only list their own orders"),
                Forbidden("only customers and admins may list orders"),
                Allowed,
            ],
            Operation::ViewOrder | Operation::ViewNotes | Operation::ViewReturn | Operation::MoveReturn => {
                [OwnElseHidden, OwnElseHidden, Allowed]
            }
            Operation::Reorder => buyers("only the customer or an admin may order again"),
            Operation::SubmitOrder => buyers("only the customer or an admin may submit an order"),
            Operation::CancelOrder => buyers("only the customer or an admin may cancel an order"),
            Operation::ChangeOrder | Operation::WithdrawChange => {
                buyers("only the customer or an admin may change an order")
            }
            Operation::ChangeOrderFreely => {
                admins_only("only admins may charge or take off extras, and waive a difference")
            }
            Operation::ViewChanges => buyers("only the customer or an admin may see what was changed"),
            Operation::PayOrder => buyers("only the customer or an admin may pay an order"),
            Operation::UpdateStatus => [
                Forbidden("only admins and sellers may change an order's status"),
                AllLinesElse("the order has lines of other sellers; only an admin may change its status"),
                Allowed,
            ],
            Operation::OverrideStatus => [
                Forbidden("only admins and sellers may change an order's status"),
                Forbidden("sellers may only set processing, shipped or delivered"),
                Allowed,
            ],
            Operation::ReviewOrder => admins_only("only admins may review orders"),
            Operation::HoldOrder | Operation::ReleaseHold => {
                admins_only("only admins may hold orders and release them")
            }
            Operation::DiagnoseOrder => sellers_hidden("only admins and sellers may see what an order waits for"),
            Operation::AddNote => sellers_hidden("only admins and sellers may add notes"),
            Operation::SetTags => admins_only("only admins may change an order's tags"),
            Operation::AssignOrder => admins_only("only admins may say who looks after an order"),
            Operation::ViewShipments
            | Operation::PlanShipment
            | Operation::MoveShipment
            | Operation::ReplaceShipment
            | Operation::ViewLabel
            | Operation::ViewRates
            | Operation::BuyLabel
            | Operation::VoidLabel
            | Operation::ViewPackingSlip
            | Operation::ViewPackingSlips => sellers_hidden("only admins and sellers may handle shipments"),
            Operation::ListShipments | Operation::ViewPickList => {
                sellers_hidden("only admins and sellers may see shipments")
            }
            Operation::RefundOrder => admins_only("only admins may refund orders"),
            Operation::RequestReturn => buyers("only the customer or an admin may ask for a return"),
            Operation::DecideReturn => admins_only("only admins may decide about returns"),
            Operation::ReceiveReturn => sellers_hidden("only admins and sellers may receive returns"),
            Operation::CancelReturn => buyers("only the customer or an admin may cancel a return"),
            Operation::ListMethods | Operation::DeleteMethod => {
                let why = "only the customer or an admin may see or remove saved payment methods";
                [OwnElse(why), OwnElse(why), Allowed]
            }
            Operation::ViewStanding | Operation::ChangeStanding => {
                admins_only("only admins may see and change a customer's account status")
            }
            Operation::ViewSettings | Operation::ChangeSettings => {
                admins_only("only admins may see and change price tables")
            }
            Operation::CreateProduct | Operation::ImportProducts => [
                Forbidden("only admins and sellers may manage products"),
                OwnElse("sellers may only add their own products"),
                Allowed,
            ],
            Operation::UpdateProduct | Operation::DiscontinueProduct => {
                sellers("only admins and sellers may manage products")
            }
            Operation::MoveStock => sellers("only admins and sellers may move stock"),
            Operation::ViewStock => sellers("only admins and sellers may see stock movements"),
        }
    }

    /// How far this caller gets.
    pub const fn access(self, caller: &Caller) -> Access {
        let [customer, seller, admin] = self.row();
        match caller {
            Caller::Customer(_) => customer,
            Caller::Seller { .. } => seller,
            Caller::Admin(_) => admin,
        }
    }

    /// Whether this caller may ever do it: all that can be said before it is known what it is about.
    pub fn open_to(self, caller: &Caller) -> Result<(), Denied> {
        match self.access(caller) {
            Access::Forbidden(why) => Err(Denied::Forbidden(why)),
            Access::Allowed | Access::OwnElseHidden | Access::OwnElse(_) | Access::AllLinesElse(_) => Ok(()),
        }
    }

    /// Whether this caller may do it with this thing.
    pub fn permits(self, caller: &Caller, thing: &impl Belongs) -> Result<(), Denied> {
        let own = thing.belongs_to(caller);
        match self.access(caller) {
            Access::Allowed => Ok(()),
            Access::OwnElseHidden | Access::OwnElse(_) if own => Ok(()),
            Access::AllLinesElse(_) if thing.belongs_only_to(caller) => Ok(()),
            Access::AllLinesElse(why) if own => Err(Denied::Forbidden(why)),
            Access::OwnElseHidden | Access::AllLinesElse(_) => Err(Denied::Hidden),
            Access::OwnElse(why) | Access::Forbidden(why) => Err(Denied::Forbidden(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_listed_once_and_admins_may_do_all_of_them() {
        let distinct: BTreeSet<_> = Operation::ALL.into_iter().collect();
        assert_eq!(distinct.len(), Operation::ALL.len());
        for operation in Operation::ALL {
            assert_eq!(operation.row()[2], Access::Allowed, "{operation:?}");
        }
    }
}
