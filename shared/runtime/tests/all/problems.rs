//! Every reason why something was not done, as clients see it.

use std::fmt::Write as _;
use std::sync::Arc;

use oms_app::error::{NotOrderable, PriceChange, TotalChange};
use oms_app::{Error, Field};
use oms_domain::catalog::NotSellable;
use oms_domain::ordering::{Action, Refusal, Status, Terms};
use oms_domain::returns::ReturnStatus;
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};
use oms_testkit::builders::{a_product, an_order, cents, order_id, product_id};
use oms_testkit::start;
use serde_json::{Value, json};

const SECRET: &str = "dynamodb.eu-central-1 said no";

/// Every error, each refusal of the domain included.
fn all_errors() -> Vec<Error> {
    let secret = || SECRET.to_owned();
    let refused = |pointer: &str, number, reason, available| NotOrderable {
        pointer: pointer.into(),
        product_id: product_id(number),
        reason,
        available,
    };
    let field = || vec![Field::new("/items/0/quantity", "must be 1 to 9999")];
    let mut errors = vec![
        Error::NotFound,
        Error::Forbidden("customers may only order for themselves"),
        Error::Invalid(field()),
        Error::Malformed("cursor is not one of this list".into()),
        Error::Address(vec![Field::new("/shipping_address/city", "`city` must not be empty")]),
        Error::ProductsUnavailable {
            refused: vec![
                refused("/items/0/product_id", 1, NotSellable::Missing, None),
                refused("/items/1/product_id", 2, NotSellable::Discontinued, None),
                refused("/items/2/product_id", 3, NotSellable::Region, None),
                refused("/items/3/quantity", 4, NotSellable::OutOfStock, Some(3)),
                refused("/items/4/quantity", 5, NotSellable::OutOfStock, Some(0)),
            ],
            alternatives: vec![a_product(6).build()],
        },
        Error::StockTaken,
        Error::PriceChanged(vec![PriceChange {
            pointer: "/items/0/price".into(),
            product_id: product_id(1),
            current: cents(2490),
        }]),
        Error::TotalChanged(Box::new(TotalChange {
            terms: Terms::of(&an_order(1).order()),
            prices: vec![PriceChange {
                pointer: "/items/0/price".into(),
                product_id: product_id(1),
                current: cents(1990),
            }],
            lapsed: vec![Field::new("/promotion_codes/0", "expired at 2025-12-01T09:00:00Z")],
        })),
        Error::DifferenceChanged(
            Box::new(TotalChange { terms: Terms::of(&an_order(1).order()), prices: Vec::new(), lapsed: Vec::new() }),
            cents(-490),
        ),
        Error::DuplicateOrder(order_id(1)),
        Error::VersionConflict { current: 7 },
        Error::IdempotencyMismatch,
        Error::PaymentRefused(secret()),
        Error::ProviderDown {
            provider: "stripe".into(),
            others: vec!["paypal".into()],
            retry_after_seconds: None,
            recorded: true,
            cause: secret(),
        },
        Error::ProviderDown {
            provider: "stripe".into(),
            others: Vec::new(),
            retry_after_seconds: Some(17),
            recorded: false,
            cause: secret(),
        },
        Error::ProviderBusy { retry_after_seconds: 17, cause: secret() },
        Error::Signature(secret()),
        Error::Contended,
        Error::ServiceUnavailable(secret()),
        Error::Internal(secret()),
    ];
    let refusals = [
        Refusal::InvalidTransition { from: Status::Shipped, action: Action::Cancel },
        Refusal::PartlyShipped,
        Refusal::NotDue { until: start() },
        Refusal::HoldExpired { since: start() },
        Refusal::DraftExpired { since: start() },
        Refusal::OtherLines,
        Refusal::TooManyAttempts(20),
        Refusal::UnknownPayment,
        Refusal::PaymentMismatch,
        Refusal::UnknownRefund,
        Refusal::NothingNamed,
        Refusal::UnknownLine(3),
        Refusal::TooManyUnits { line: 1, left: 2 },
        Refusal::HistoryFull,
        Refusal::UnknownReturn,
        Refusal::ReturnStands { from: ReturnStatus::Denied, action: "receive" },
        Refusal::TooManyReturns(20),
        Refusal::ReturnWindowOver { line: 1, since: start() },
        Refusal::FinalSale(2),
        Refusal::PhotoNeeded("defective".into()),
    ];
    errors.extend(refusals.map(Error::Refused));
    errors
}

async fn fail(errors: Arc<Vec<Error>>, request: Request) -> Result<Answer, Problem> {
    let number: usize = request.header("x-number").unwrap().parse().unwrap();
    Err(errors[number].clone().into())
}

fn event(number: usize) -> Value {
    json!({
        "version": "2.0", "routeKey": "GET /x", "rawPath": "/x", "rawQueryString": "",
        "headers": { "x-number": number.to_string(), "x-correlation-id": "trace-1" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "stage": "$default",
            "requestId": "r", "routeKey": "GET /x", "time": "01/Dec/2025:10:00:00 +0000", "timeEpoch": 0,
            "http": { "method": "GET", "path": "/x", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.17", "userAgent": "" }
        },
        "isBase64Encoded": false
    })
}

#[tokio::test]
async fn every_error_has_its_problem_and_none_tells_an_internal_detail() {
    // O13: the table of the HTTP contract.
    let errors = all_errors();
    let function = Function::http(errors.clone(), fail);
    let mut shown = String::new();
    for (number, error) in errors.iter().enumerate() {
        let answer = function.invoke(event(number)).await.unwrap();
        let (headers, body) = (&answer["headers"], answer["body"].as_str().unwrap());
        assert!(!body.contains(SECRET), "{body}");
        assert_eq!(headers["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&problem["status"], &problem["trace_id"]), (&answer["statusCode"], &json!("trace-1")));
        let name: String = format!("{error:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect();
        writeln!(shown, "{name} → {}", answer["statusCode"]).unwrap();
        for header in ["retry-after", "link"] {
            if let Some(value) = headers.get(header).and_then(Value::as_str) {
                writeln!(shown, "{header}: {value}").unwrap();
            }
        }
        writeln!(shown, "{}\n", serde_json::to_string_pretty(&problem).unwrap()).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn only_what_we_cannot_do_is_a_server_error_and_says_when_to_come_back() {
    let errors = all_errors();
    let function = Function::http(errors.clone(), fail);
    for (number, error) in errors.iter().enumerate() {
        let answer = function.invoke(event(number)).await.unwrap();
        let status = answer["statusCode"].as_u64().unwrap();
        let ours = matches!(
            error,
            Error::ServiceUnavailable(_) | Error::ProviderDown { .. } | Error::ProviderBusy { .. } | Error::Internal(_)
        );
        assert_eq!(status >= 500, ours, "{error:?}");
        assert_eq!(answer["headers"].get("retry-after").is_some(), status == 503 || status == 429, "{error:?}");
    }
}
