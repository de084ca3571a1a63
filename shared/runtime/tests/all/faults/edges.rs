//! Who a token is about, what a line of work says of them, and what every answer tells browsers.

use std::sync::Arc;

use oms_app::execute::OrderWithContact;
use oms_domain::access::Operation;
use oms_domain::actor::{Actor, Caller};
use oms_domain::ids::PaymentId;
use oms_domain::money::Amount;
use oms_domain::ordering::{Hold, HoldReason, Review, ReviewReason, Status};
use oms_domain::payments::{Dispute, DisputeState};
use oms_runtime::Function;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request, RoleNames, read_json};
use oms_testkit::builders::{a_person, a_product, an_order};
use oms_testkit::memory::MemoryMetrics;
use serde_json::{Value, json};

use crate::requests::{an_event, answer, with_claims};

async fn role(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    Answer::ok(&match request.caller()? {
        Caller::Customer(_) => "customer",
        Caller::Seller { .. } => "seller",
        Caller::Admin(_) => "admin",
    })
}

fn with(name: &str, value: &str) -> Value {
    with_claims(&json!({ "sub": "u-1", name: value, "custom:seller_id": "s-1" }))
}

#[tokio::test]
async fn w1_a_role_is_the_whole_value_of_one_claim() {
    let function = Function::http((), role);
    for (value, wanted) in
        [("[admin]", "admin"), ("admin", "admin"), ("[seller]", "seller"), ("[customer]", "customer")]
    {
        assert_eq!(answer(&function, with("cognito:groups", value)).await, (200, json!(wanted)), "{value}");
    }
    let nobody = [
        "[former admin]",
        "[helpdesk admin]",
        "former admin",
        "[customer admin]",
        "customer,admin",
        "[Admin]",
        "[admin ]",
        "[[admin]]",
        "[\"admin\"]",
        "admins",
    ];
    for value in nobody {
        let (status, body) = answer(&function, with("cognito:groups", value)).await;
        assert_eq!((status, body["code"].as_str()), (403, Some("forbidden")), "{value}");
    }
    assert_eq!(
        answer(&function, with("groups", "[admin]")).await,
        (200, json!("customer")),
        "another claim says nothing"
    );
}

#[tokio::test]
async fn w1_role_names_are_the_shops() {
    let roles = RoleNames {
        role_claim: "https://shop.example/role".into(),
        admin_role: "oms-admin".into(),
        ..RoleNames::default()
    };
    let function = Function::http((), role).recognising(roles);
    assert_eq!(answer(&function, with("https://shop.example/role", "oms-admin")).await, (200, json!("admin")));
    assert_eq!(answer(&function, with("https://shop.example/role", "admin")).await.0, 403);
    assert_eq!(answer(&function, with("cognito:groups", "[oms-admin]")).await, (200, json!("customer")));
}

async fn for_admins(_: Arc<()>, request: Request) -> Result<Answer, Problem> {
    request.intent(Operation::ChangeSettings)?;
    let body: Value = read_json(&request)?;
    Answer::ok(&body)
}

#[tokio::test]
async fn w4_the_right_is_asked_for_before_anything_is_read() {
    let function = Function::http((), for_admins);
    for body in ["{", "[]", "{\"unknown\":1}", &"x".repeat(100_000)] {
        let mut event = with("cognito:groups", "[customer]");
        event["body"] = body.into();
        event["headers"]["if-match"] = "nonsense".into();
        event["headers"]["idempotency-key"] = "".into();
        assert_eq!(answer(&function, event).await.0, 403, "{} bytes", body.len());
    }
}

#[tokio::test]
async fn w9_each_line_of_work_says_who_asked_and_how_the_gateway_calls_it() {
    let metrics = MemoryMetrics::default();
    let function = Function::http((), for_admins).watched("settings", Arc::new(metrics.clone()));
    answer(&function, with("cognito:groups", "[customer]")).await;
    answer(&function, an_event()).await;
    let lines = metrics.lines();
    let fact = |line: usize, wanted: &str| {
        let found = lines[line].facts.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(fact(0, "subject").as_deref(), Some("u-1"));
    assert_eq!(fact(0, "request_id").as_deref(), Some("gateway-1"));
    assert_eq!(fact(0, "status").as_deref(), Some("403"));
    assert_eq!((fact(1, "subject"), fact(1, "status").as_deref()), (None, Some("401")));
}

#[tokio::test]
async fn w10_every_answer_tells_browsers_what_it_is() {
    let function = Function::http((), role);
    for event in [with("cognito:groups", "[admin]"), an_event()] {
        let headers = function.invoke(event).await.unwrap()["headers"].clone();
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["strict-transport-security"], "max-age=31536000");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(headers["cache-control"], "no-store");
    }
}

/// Two lines of the pottery, one of somebody else, confirmed.
fn a_shared_order() -> OrderWithContact {
    let mug = a_product(1).sold_by("pottery").priced(1_000).build();
    let tea = a_product(2).sold_by("tea").priced(500).build();
    let mut order = an_order(1).of(&mug, 2).of(&tea, 1).order();
    (order.status, order.paid_at) = (Status::Confirmed, Some(order.created_at));
    order.review = Some(Review { reasons: vec![ReviewReason::Value], since: order.created_at });
    order.timeline[0].note = Some("the customer rang".into());
    OrderWithContact { order, person: Some(a_person()) }
}

#[test]
fn w2_a_seller_sees_own_lines_only_and_the_address_while_there_is_something_to_ship() {
    let pottery = Caller::Seller { user: "sam".parse().unwrap(), seller: "pottery".parse().unwrap() };
    let mut shared = a_shared_order();
    let seen = OrderView::of(&shared, &pottery);
    assert_eq!(
        seen.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(),
        [shared.order.lines[0].name.as_str()]
    );
    let told = serde_json::to_value(&seen).unwrap();
    let tax = shared.order.lines[0].tax.minor();
    assert_eq!((told["subtotal"].as_str(), told["shipping"].as_str()), (Some("20.00"), Some("0.00")));
    let total = 2_000 + tax;
    assert_eq!(told["total"], format!("{}.{:02}", total / 100, total % 100));
    assert!(told["contact"].is_null() && told["billing_address"].is_null() && told["review"].is_null());
    assert!(told["status_history"][0]["note"].is_null());
    assert_eq!((told["payment"]["paid"].as_str(), told["refundable"].as_str()), (Some("0.00"), Some("0.00")));
    assert!(!told["shipping_address"].is_null());
    shared.order.lines[0].shipped = 2;
    assert!(OrderView::of(&shared, &pottery).shipping_address.is_none(), "all of theirs is on its way");
    shared.order.lines[0].shipped = 0;
    shared.order.status = Status::Cancelled;
    assert!(OrderView::of(&shared, &pottery).shipping_address.is_none());
    let whole = OrderView::of(&shared, &Caller::Admin("grace".parse().unwrap()));
    assert_eq!((whole.items.len(), whole.contact.is_some(), whole.review.is_some()), (2, true, true));
}

#[test]
fn m16_admins_see_holds_and_disputes_and_nobody_else_does() {
    let mut shared = a_shared_order();
    let since = shared.order.created_at;
    let (id, payment_id) = ("du_1".to_owned(), "01900000-0000-7000-8000-000000000001".parse::<PaymentId>().unwrap());
    let by = Actor::provider("stripe");
    shared.order.holds = vec![Hold { id: id.clone(), reason: HoldReason::Dispute, note: None, by, since }];
    let (amount, reason) = (Amount::from_minor(1_250), "fraudulent".to_owned());
    shared.order.ledger.disputes =
        vec![Dispute { reference: id, payment_id, amount, reason, state: DisputeState::Open, since }];
    let seen = |caller: Caller| serde_json::to_value(OrderView::of(&shared, &caller)).unwrap();
    let told = seen(Caller::Admin("grace".parse().unwrap()));
    let review = json!({"hold_id": "review", "reason": "fraud", "note": null, "since": since});
    let dispute = json!({"hold_id": "du_1", "reason": "dispute", "note": null, "since": since});
    assert_eq!(told["holds"], json!([review, dispute]), "a fraud check's review is one of the holds");
    let dispute = json!({
        "reference": "du_1", "payment_id": payment_id, "amount": "12.50", "reason": "fraudulent", "status": "open",
        "since": since,
    });
    assert_eq!(told["disputes"], json!([dispute]));
    let pottery = Caller::Seller { user: "sam".parse().unwrap(), seller: "pottery".parse().unwrap() };
    for other in [Caller::Customer("ada".parse().unwrap()), pottery] {
        let told = seen(other);
        assert_eq!((&told["holds"], &told["disputes"]), (&json!([]), &json!([])));
    }
}
