//! Who may do what: every route of the template for everybody (O11–O13). A route that is not in the table fails.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use oms_domain::access::{Access, Operation};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app};
use crate::bad_input::good_body;
use crate::routes::routes;
use crate::shop::{MUG, POTTERY, SAND_MUG, id};

/// What somebody meets at a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// May; whether it is possible now is another question.
    Open,
    /// 401: who are you?
    Stranger,
    /// 403: may not.
    Forbidden,
    /// 404: not yours, so not there.
    Hidden,
}

use Door::{Forbidden as F, Hidden as H, Open as A, Stranger as S};

/// Anonymous, expired, owner, another customer, the seller of the goods, another seller, admin.
pub(crate) type Row = [Door; 7];

const ANY_ROLE: Row = [S, S, A, A, A, A, A];
const ADMIN: Row = [S, S, F, F, F, F, A];
const EVERYBODY: Row = [A; 7];
const OWNER: Row = [S, S, A, H, F, F, A];
const SHOP_AND_SELLER: Row = [S, S, F, F, A, F, A];
const OWN_GOODS: Row = [S, S, F, F, A, H, A];

/// Webhooks ask for a signature, which none of these has.
pub(crate) const TABLE: [(&str, &str, Row); 55] = [
    ("GET", "/health", EVERYBODY),
    ("GET", "/health/ready", EVERYBODY),
    ("POST", "/api/quotes", ANY_ROLE),
    ("POST", "/api/orders", [S, S, A, A, F, F, A]),
    ("GET", "/api/orders", [S, S, A, A, F, F, A]),
    ("GET", "/api/orders/{order_id}", [S, S, A, H, A, H, A]),
    ("PATCH", "/api/orders/{order_id}/status", [S, S, F, F, A, H, A]),
    ("POST", "/api/orders/{order_id}/reorder", OWNER),
    ("POST", "/api/orders/{order_id}/submit", OWNER),
    ("POST", "/api/orders/{order_id}/cancel", OWNER),
    ("POST", "/api/orders/{order_id}/changes", OWNER),
    ("GET", "/api/orders/{order_id}/changes", OWNER),
    // There is none of this id for those who may withdraw it.
    ("DELETE", "/api/orders/{order_id}/changes/{change_id}", [S, S, H, H, F, F, H]),
    ("POST", "/api/orders/{order_id}/payments", OWNER),
    ("POST", "/api/orders/{order_id}/refunds", ADMIN),
    ("POST", "/api/orders/{order_id}/review", ADMIN),
    ("POST", "/api/orders/{order_id}/holds", ADMIN),
    // There is none of this id for those who may release it.
    ("DELETE", "/api/orders/{order_id}/holds/{hold_id}", [S, S, F, F, F, F, H]),
    ("POST", "/api/orders/{order_id}/notes", OWN_GOODS),
    ("GET", "/api/orders/{order_id}/notes", [S, S, A, H, A, H, A]),
    ("PUT", "/api/orders/{order_id}/tags", ADMIN),
    ("PUT", "/api/orders/{order_id}/assignee", ADMIN),
    ("GET", "/api/orders/{order_id}/diagnosis", OWN_GOODS),
    ("GET", "/api/orders/{order_id}/shipments", OWN_GOODS),
    ("POST", "/api/orders/{order_id}/shipments", OWN_GOODS),
    ("PATCH", "/api/shipments/{shipment_id}", OWN_GOODS),
    ("POST", "/api/shipments/{shipment_id}/replacement", OWN_GOODS),
    ("GET", "/api/shipments/{shipment_id}/rates", OWN_GOODS),
    ("GET", "/api/shipments/{shipment_id}/label", OWN_GOODS),
    ("POST", "/api/shipments/{shipment_id}/label", OWN_GOODS),
    ("DELETE", "/api/shipments/{shipment_id}/label", OWN_GOODS),
    ("GET", "/api/shipments/{shipment_id}/packing-slip", OWN_GOODS),
    ("GET", "/api/packing-slips", OWN_GOODS),
    ("GET", "/api/pick-list", [S, S, F, F, A, A, A]),
    ("GET", "/api/shipments", [S, S, F, F, A, A, A]),
    ("POST", "/api/orders/{order_id}/returns", OWNER),
    ("GET", "/api/returns/{return_id}", [S, S, A, H, A, H, A]),
    // It is cancelled, which sellers may not.
    ("PATCH", "/api/returns/{return_id}", [S, S, A, H, F, H, A]),
    ("GET", "/api/customers/{user_id}/payment-methods", [S, S, A, F, F, F, A]),
    // There is none of this id for those who may look.
    ("DELETE", "/api/customers/{user_id}/payment-methods/{method_id}", [S, S, H, F, F, F, H]),
    ("GET", "/api/customers/{user_id}/standing", ADMIN),
    ("PUT", "/api/customers/{user_id}/standing", ADMIN),
    ("GET", "/api/settings/{table}", ADMIN),
    ("PUT", "/api/settings/{table}", ADMIN),
    ("GET", "/api/products", ANY_ROLE),
    ("GET", "/api/products/{product_id}", ANY_ROLE),
    ("POST", "/api/products", SHOP_AND_SELLER),
    ("POST", "/api/products/import", [S, S, F, F, A, A, A]),
    ("PATCH", "/api/products/{product_id}", SHOP_AND_SELLER),
    ("DELETE", "/api/products/{product_id}", SHOP_AND_SELLER),
    ("POST", "/api/products/{product_id}/stock", SHOP_AND_SELLER),
    ("GET", "/api/products/{product_id}/stock", SHOP_AND_SELLER),
    ("POST", "/api/payments/callback/{provider}", [S; 7]),
    ("POST", "/api/carriers/callback/{carrier}", [S; 7]),
    // Whoever has the link: it is the proof.
    ("GET", "/api/track/{token}", EVERYBODY),
];

pub(crate) fn everybody(app: &TestApp) -> [User; 7] {
    [
        app.nobody(),
        app.user(app.token("ada", "customer", None, Some(-60))),
        app.customer("ada"),
        app.customer("bob"),
        app.seller(POTTERY),
        app.seller("south-glass"),
        app.admin(),
    ]
}

/// The route's path on an order of Ada's; the product is still to be named.
pub(crate) fn path_of(app: &TestApp, route: &str, order: &Value) -> String {
    // What is asked for comes with the question.
    let route = route.replace("/rates", "/rates?weight_grams=900&length_mm=300&width_mm=200&height_mm=100");
    let route = route.replace("/packing-slips", "/packing-slips?shipments={shipment_id}");
    let route = route.replace("{token}", &app.tracking_token(order, SignedDuration::ZERO));
    let path = route.replace("{order_id}", id(order)).replace("{user_id}", "ada").replace("{table}", "promotions");
    path.replace("{provider}", "sandbox")
        .replace("{carrier}", "sandbox")
        .replace("{method_id}", SAND_MUG)
        .replace("{shipment_id}", &format!("{}-S1", id(order)))
        .replace("{return_id}", &format!("{}-R1", id(order)))
        .replace("{hold_id}", "h0")
}

/// The door at a route, on an order of Ada's.
async fn door(app: &TestApp, user: &User, order: &Value, (method, route): (&str, &str)) -> Door {
    let path = path_of(app, route, order);
    let method: Method = method.parse().unwrap();
    let body = good_body(&method, &path.replace("{product_id}", MUG)).unwrap_or(Value::Null);
    let call = user.call(method, &path.replace("{product_id}", SAND_MUG));
    let call = if route.ends_with("/label") { call.key("door") } else { call };
    let answer = if body.is_null() { call } else { call.json(&body) }.send().await;
    match answer.status {
        401 => S,
        403 => F,
        404 => H,
        status if status < 500 => A,
        status => panic!("{}: {status} {}", answer.what, answer.text),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn o12_every_route_is_open_to_whom_it_should_be_and_to_nobody_else() {
    let app = start_app().await;
    let mut wrong = Vec::new();
    for (method, route, expected) in TABLE {
        let order = app.customer("ada").place(&[(MUG, 1)]).await;
        // Sellers see what is paid.
        app.customer("ada").pay(&order).await;
        if path_of(&app, route, &order).contains("-S1") {
            // So many orders of one customer are looked at first.
            let review = format!("/api/orders/{}/review", id(&order));
            app.settled().await;
            app.admin().post(&review, &json!({"decision": "approve"})).await;
            app.admin().move_to(&order, &["processing"]).await;
        }
        if route.contains("{return_id}") {
            app.settled().await;
            let review = format!("/api/orders/{}/review", id(&order));
            app.admin().post(&review, &json!({"decision": "approve"})).await;
            app.admin().move_to(&order, &["processing", "shipped", "delivered"]).await;
            let asked = format!("/api/orders/{}/returns", id(&order));
            let body = good_body(&Method::POST, &asked).unwrap();
            app.customer("ada").post(&asked, &body).await.expect(201);
        }
        if route.ends_with("/label") && method != "POST" {
            let label = path_of(&app, route, &order);
            let body = good_body(&Method::POST, &label).unwrap();
            app.admin().call(Method::POST, &label).key("label").json(&body).send().await.expect(201);
        }
        let mut met = Vec::new();
        for user in &everybody(&app) {
            met.push(door(&app, user, &order, (method, route)).await);
        }
        if met != expected {
            wrong.push(format!("{method} {route}: {met:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.finish().await;
}

#[test]
fn o11_no_route_is_missing_from_the_table() {
    let known: BTreeSet<_> =
        TABLE.iter().map(|(method, route, _)| ((*method).to_owned(), (*route).to_owned())).collect();
    let missing: Vec<_> =
        routes().into_iter().map(|(method, path, _)| (method, path)).filter(|route| !known.contains(route)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The operation behind each route that asks for a token, by its id in the document.
pub(crate) fn operations() -> BTreeMap<(String, String), Operation> {
    let id_of = |operation: Operation| {
        let name = format!("{operation:?}");
        name[..1].to_lowercase() + &name[1..]
    };
    let known: BTreeMap<String, Operation> = Operation::ALL.map(|operation| (id_of(operation), operation)).into();
    let documented = oms_local::openapi::operations().into_iter();
    let mut behind: BTreeMap<_, _> = documented.map(|(method, path, id)| ((method, path), id)).collect();
    let guarded = routes().into_iter().filter(|(_, _, token)| *token).map(|(method, path, _)| (method, path));
    guarded
        .map(|route| {
            let id = behind.remove(&route).unwrap();
            let operation = *known.get(&id).unwrap_or_else(|| panic!("{id} is not in the access table"));
            (route, operation)
        })
        .collect()
}

/// Whether owner, another customer, the seller of the goods and another seller have a part in what a route is about.
fn parts(method: &str, route: &str) -> [bool; 4] {
    match route {
        _ if route.contains("{return_id}") => [true, false, true, false],
        _ if route.contains("{order_id}") || route.contains("{shipment_id}") || route.ends_with("/packing-slips") => {
            [true, false, true, false]
        }
        _ if route.contains("{user_id}") => [true, false, false, false],
        _ if route.contains("{product_id}") || (method, route) == ("POST", "/api/products") => {
            [false, false, true, false]
        }
        _ => [true; 4],
    }
}

fn expected(access: Access, part: bool) -> Door {
    match (access, part) {
        (Access::Allowed, _) | (Access::OwnElseHidden | Access::OwnElse(_) | Access::AllLinesElse(_), true) => A,
        (Access::OwnElseHidden | Access::AllLinesElse(_), false) => H,
        (Access::OwnElse(_), false) | (Access::Forbidden(_), _) => F,
    }
}

#[test]
fn o13_the_table_of_doors_and_the_table_of_access_say_the_same() {
    let operations = operations();
    let mut wrong = Vec::new();
    for (method, route, [_, _, doors @ ..]) in TABLE {
        let Some(operation) = operations.get(&(method.to_owned(), route.to_owned())) else { continue };
        let [customer, seller, admin] = operation.row();
        let [owner, other, own_seller, other_seller] = parts(method, route);
        let told = [(customer, owner), (customer, other), (seller, own_seller), (seller, other_seller), (admin, false)];
        let mut told = told.map(|(access, part)| expected(access, part));
        if method == "DELETE" && ["{method_id}", "{hold_id}", "{change_id}"].iter().any(|id| route.ends_with(id)) {
            // There is none of this id for those who may look.
            told = told.map(|door| if door == A { H } else { door });
        }
        if (method, route) == ("PATCH", "/api/returns/{return_id}") {
            // Sellers receive what is theirs, and do not cancel it.
            told[2] = F;
        }
        if told != doors {
            wrong.push(format!("{method} {route}: {operation:?} says {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn o13_every_row_of_the_access_table_has_its_door() {
    let doors: BTreeSet<Operation> = operations().into_values().collect();
    let missing: Vec<_> = Operation::ALL.into_iter().filter(|operation| !doors.contains(operation)).collect();
    // They are behind the doors of `ChangeOrder` and `UpdateStatus`, for more of it; the steps of a return are behind that of `MoveReturn`.
    let steps = [Operation::DecideReturn, Operation::ReceiveReturn, Operation::CancelReturn];
    assert_eq!(missing, [&[Operation::ChangeOrderFreely, Operation::OverrideStatus], &steps[..]].concat());
}
