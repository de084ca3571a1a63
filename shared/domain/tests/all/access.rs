//! Who may do what, told by hand and not by the table.

use oms_domain::access::{Access, Belongs, Denied, Operation};
use oms_domain::actor::Caller;
use oms_domain::ids::{SellerId, UserId};
use oms_domain::ordering::Order;

use crate::support::{Story, USER, line, new_order, product};

fn customer(name: &str) -> Caller {
    Caller::Customer(name.parse().unwrap())
}

fn works_for(seller: &str) -> Caller {
    Caller::Seller { user: "sam".parse().unwrap(), seller: seller.parse().unwrap() }
}

fn admin() -> Caller {
    Caller::Admin("grace".parse().unwrap())
}

/// A paid order of [`USER`] with a line of each of these sellers.
fn order_of(sellers: &[&str]) -> Order {
    let lines = sellers.iter().zip(1..).map(|(seller, number)| {
        let mut line = line(number, product(u128::from(number)), 1, 1_000);
        line.seller_id = seller.parse().unwrap();
        line
    });
    let mut order = Story::of(new_order(lines.collect())).order;
    order.paid_at = Some(order.created_at);
    order
}

fn hidden(operation: Operation, caller: &Caller, thing: &impl Belongs) -> bool {
    operation.permits(caller, thing) == Err(Denied::Hidden)
}

fn forbidden(operation: Operation, caller: &Caller, thing: &impl Belongs) -> bool {
    matches!(operation.permits(caller, thing), Err(Denied::Forbidden(_)))
}

#[test]
fn an_order_is_its_customers_and_looks_to_others_as_if_it_did_not_exist() {
    let order = order_of(&["pottery"]);
    for operation in [Operation::ViewOrder, Operation::SubmitOrder, Operation::CancelOrder, Operation::PayOrder] {
        assert_eq!(operation.permits(&customer(USER), &order), Ok(()), "{operation:?}");
        assert!(hidden(operation, &customer("somebody-else"), &order), "{operation:?}");
        assert_eq!(operation.permits(&admin(), &order), Ok(()), "{operation:?}");
    }
    for operation in
        [Operation::UpdateStatus, Operation::OverrideStatus, Operation::ReviewOrder, Operation::RefundOrder]
    {
        assert!(forbidden(operation, &customer(USER), &order), "{operation:?}");
        assert_eq!(operation.permits(&admin(), &order), Ok(()), "{operation:?}");
    }
}

#[test]
fn a_seller_sees_orders_with_a_line_of_theirs_and_moves_those_with_no_other_line() {
    let (own, shared, foreign) = (order_of(&["pottery"]), order_of(&["pottery", "tea"]), order_of(&["tea"]));
    let pottery = works_for("pottery");
    for (order, seen, moved) in [(&own, true, true), (&shared, true, false), (&foreign, false, false)] {
        assert_eq!(Operation::ViewOrder.permits(&pottery, order).is_ok(), seen);
        assert_eq!(Operation::UpdateStatus.permits(&pottery, order).is_ok(), moved);
        assert!(forbidden(Operation::OverrideStatus, &pottery, order));
        assert!(forbidden(Operation::CancelOrder, &pottery, order));
    }
    assert!(forbidden(Operation::UpdateStatus, &pottery, &shared));
    assert!(hidden(Operation::UpdateStatus, &pottery, &foreign) && hidden(Operation::ViewOrder, &pottery, &foreign));
    // Whose lines all are theirs has no part in a customer's rights, and the reverse.
    assert!(own.belongs_only_to(&customer(USER)) && !own.belongs_only_to(&customer("somebody-else")));
    assert!(!own.belongs_to(&admin()) && !own.belongs_only_to(&admin()));
}

#[test]
fn products_and_people_belong_to_one() {
    let (pottery, ada): (SellerId, UserId) = ("pottery".parse().unwrap(), "ada".parse().unwrap());
    for operation in
        [Operation::UpdateProduct, Operation::DiscontinueProduct, Operation::MoveStock, Operation::ViewStock]
    {
        assert_eq!(operation.permits(&works_for("pottery"), &pottery), Ok(()), "{operation:?}");
        assert!(forbidden(operation, &works_for("tea"), &pottery), "{operation:?}");
        assert!(forbidden(operation, &customer("pottery"), &pottery), "{operation:?}");
        assert_eq!(operation.permits(&admin(), &pottery), Ok(()), "{operation:?}");
    }
    for operation in [Operation::CreateOrder, Operation::ListOrders, Operation::ListMethods, Operation::DeleteMethod] {
        assert_eq!(operation.permits(&customer("ada"), &ada), Ok(()), "{operation:?}");
        assert!(forbidden(operation, &customer("bob"), &ada), "{operation:?}");
        assert_eq!(operation.permits(&admin(), &ada), Ok(()), "{operation:?}");
    }
    assert!(ada.belongs_only_to(&customer("ada")) && !ada.belongs_only_to(&customer("bob")));
    assert!(pottery.belongs_only_to(&works_for("pottery")) && !pottery.belongs_only_to(&admin()));
}

#[test]
fn what_a_role_may_never_do_is_known_before_it_is_known_what_it_is_about() {
    for operation in Operation::ALL {
        for caller in [customer("ada"), works_for("pottery"), admin()] {
            let never = matches!(operation.access(&caller), Access::Forbidden(_));
            assert_eq!(operation.open_to(&caller).is_err(), never, "{operation:?} {caller:?}");
        }
    }
    assert!(Operation::ChangeSettings.open_to(&customer("ada")).is_err());
    assert!(Operation::ChangeSettings.open_to(&works_for("pottery")).is_err());
    assert_eq!(Operation::ViewOrder.open_to(&works_for("pottery")), Ok(()));
}
