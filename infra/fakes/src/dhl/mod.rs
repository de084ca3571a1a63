//! DHL: Parcel in Germany under `/parcel`, Express under `/express`, tracking under `/track` and subscriptions under `/push`, as their
//! APIs speak. Nothing is made once here, as there.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::desk::{Asked, Books, Clerk, Delivery, Fake, Reply, has_empty};
pub use crate::desk::{Event, Fault, Label, Operation, Sequence};

/// The shop's app at the fake. Not a secret: it opens nothing but the fake.
pub const API_KEY: &str = "fake-dhl-key";
/// User and password, of the business portal and of Express alike.
pub const USER: &str = "fake-dhl-user";
pub const PASSWORD: &str = "fake-dhl-password";
/// The contract for parcels inside Germany.
pub const BILLING: &str = "33333333330101";
/// The account at Express.
pub const ACCOUNT: &str = "220000000";
/// In which header pushes bring the token, and the token.
pub const HEADER: &str = "x-shop-token";
pub const TOKEN: &str = "fake-dhl-token-0001";
/// The bytes of every label.
pub const LABEL: &[u8] = b"%PDF-1.4 a label of a fake DHL";

/// Most numbers of one subscription.
const SUBSCRIPTION_NUMBERS: usize = 10;

pub struct Clerks;

pub type DhlFake = Fake<Clerks>;

impl Clerk for Clerks {
    fn operation(method: &Method, path: &str) -> Option<Operation> {
        match (method.as_str(), path) {
            ("POST", "/parcel/orders" | "/express/shipments") => Some(Operation::Buy),
            ("DELETE", "/parcel/orders") => Some(Operation::Void),
            ("POST", "/express/rates") => Some(Operation::Rates),
            ("GET", "/express/tracking") => Some(Operation::Recover),
            ("GET", "/track/shipments") => Some(Operation::Track),
            ("POST", "/push/subscription") => Some(Operation::Subscribe),
            ("POST", path) if path.starts_with("/push/subscription/") => Some(Operation::Accept),
            _ => None,
        }
    }

    fn refusal(status: u16, code: &str) -> Value {
        let detail = format!("{code}: Ada Lovelace of Unter den Linden 1 is not served");
        json!({"title": "Bad request", "status": status, "detail": detail, "instance": "/"})
    }

    fn admits(_: &Books, asked: &Asked, _: Timestamp) -> bool {
        let user = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
        let (keyed, known) = (asked.header("dhl-api-key") == API_KEY, asked.header("authorization") == user);
        match asked.path.split('/').nth(1) {
            Some("express") => known && !asked.header("x-version").is_empty(),
            Some("parcel") => keyed && known,
            _ => keyed,
        }
    }

    fn answer(books: &mut Books, asked: &Asked, _: Timestamp) -> Reply {
        match asked.operation {
            Operation::Rates => rates(asked),
            Operation::Buy if asked.path.starts_with("/express") => express(books, asked),
            Operation::Buy => orders(books, asked),
            Operation::Void => void(books, asked),
            Operation::Recover => recover(books, asked),
            Operation::Track => track(books, asked),
            Operation::Subscribe => subscribe(books, asked),
            Operation::Accept if asked.header("dhl-api-hook-secret").is_empty() => (400, Clerks::refusal(400, "400")),
            Operation::Accept => (204, Value::Null),
            Operation::Token => (404, Clerks::refusal(404, "404")),
        }
    }

    fn push(number: &str, events: &[Event]) -> Delivery {
        let body = json!({
            "scope": "subscription.push",
            "self": "https://api-eu.dhl.com/tracking/push/v1/subscription/fake-0001",
            "shipments": [shipment(number, events)],
        });
        pushed(body.to_string().as_bytes())
    }
}

/// A body as DHL sends it.
pub fn pushed(body: &[u8]) -> Delivery {
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), (HEADER.to_owned(), TOKEN.to_owned())];
    Delivery { headers, body: body.to_vec() }
}

/// Each parcel gets a verdict of its own.
fn orders(books: &mut Books, asked: &Asked) -> Reply {
    let shipments = asked.body["shipments"].as_array().cloned().unwrap_or_default();
    let status = |code: u16| json!({"title": if code == 200 { "ok" } else { "Bad Request" }, "statusCode": code, "status": code});
    let mut items = Vec::new();
    let mut made = Vec::new();
    for (at, shipment) in shipments.iter().enumerate() {
        let last = asked.refuses_last && at + 1 == shipments.len();
        let faulty = last.then_some("consignee.postalCode").or_else(|| faulty(shipment));
        if let Some(property) = faulty {
            let message =
                json!({"property": property, "validationMessage": "Linden 1 is wrong", "validationState": "Error"});
            items.push(json!({"sstatus": status(400), "validationMessages": [message]}));
            continue;
        }
        let number = format!("0034043{:013}", books.new_id());
        items.push(json!({
            "shipmentNo": number, "shipmentRefNo": shipment["refNo"], "sstatus": status(200),
            "label": {"b64": STANDARD.encode(LABEL), "fileFormat": "PDF", "printFormat": "910-300-700"},
        }));
        made.push(number);
    }
    let reference = shipments.first().map(|shipment| shipment["refNo"].clone()).unwrap_or_default();
    if !made.is_empty() {
        let service = shipments[0]["product"].as_str().unwrap_or_default();
        books.book(reference.as_str().unwrap_or_default(), service, made.clone());
    }
    let code = match (made.len(), items.len()) {
        (0, _) => 400,
        (_, 1) => 200,
        _ => 207,
    };
    (code, json!({"status": status(code), "items": items}))
}

/// What DHL refuses, by the property's name.
fn faulty(shipment: &Value) -> Option<&'static str> {
    let consignee = &shipment["consignee"];
    if shipment["billingNumber"] != BILLING {
        Some("billingNumber")
    } else if consignee["country"].as_str().is_none_or(|country| country.len() != 3) {
        Some("consignee.country")
    } else if shipment["refNo"].as_str().is_none_or(|reference| !(8..=35).contains(&reference.len())) {
        Some("refNo")
    } else if consignee["country"] == "DEU" && !consignee["phone"].is_null() {
        Some("consignee.phone")
    } else {
        None
    }
}

fn void(books: &mut Books, asked: &Asked) -> Reply {
    let numbers = asked.query.get("shipment").cloned().unwrap_or_default();
    let mut all = true;
    let items: Vec<Value> = numbers
        .iter()
        .map(|number| {
            let void = books.void(number) == Some(true);
            all &= void;
            let code = if void { 200 } else { 400 };
            json!({"shipmentNo": as_number(number), "sstatus": {"title": "", "status": code, "detail": ""}})
        })
        .collect();
    (if all { 200 } else { 207 }, json!({"status": {"statusCode": 200}, "items": items}))
}

/// Prices come in several currencies. What is empty is shorter than it may be.
fn rates(asked: &Asked) -> Reply {
    if has_empty(&asked.body["customerDetails"]) {
        return (400, Clerks::refusal(400, "8005"));
    }
    let product = |code: &str, name: &str, price: f64| {
        json!({
            "productCode": code, "productName": name,
            "totalPrice": [
                {"currencyType": "PULCL", "priceCurrency": "USD", "price": 46.2},
                {"currencyType": "BILLC", "priceCurrency": "EUR", "price": price},
            ],
            "deliveryCapabilities": {"estimatedDeliveryDateAndTime": "2026-01-07T23:59:00"},
        })
    };
    (200, json!({"products": [product("U", "EXPRESS WORLDWIDE", 41.3), product("W", "ECONOMY SELECT", 0.0)]}))
}

fn express(books: &mut Books, asked: &Asked) -> Reply {
    let parcels = asked.body["content"]["packages"].as_array().map_or(0, Vec::len);
    let phone = asked.body["customerDetails"]["receiverDetails"]["contactInformation"]["phone"].as_str();
    if phone.is_none_or(str::is_empty) {
        return (422, Clerks::refusal(422, "998"));
    }
    let name = format!("{:010}", 2_000_000_000 + books.new_id());
    let pieces: Vec<String> = (0..parcels).map(|_| format!("JD0146{:014}", books.new_id())).collect();
    let reference = asked.body["customerReferences"][0]["value"].as_str().unwrap_or_default();
    let service = asked.body["productCode"].as_str().unwrap_or_default();
    let numbers = [vec![name.clone()], pieces.clone()].concat();
    books.book(reference, service, numbers);
    let charges = if asked.body["getRateEstimates"] == true {
        json!([{"currencyType": "BILLC", "priceCurrency": "EUR", "price": 41.3}])
    } else {
        Value::Null
    };
    let document = |kind: &str| json!({"typeCode": kind, "imageFormat": "PDF", "content": STANDARD.encode(LABEL)});
    (
        201,
        json!({
            "shipmentTrackingNumber": as_number(&name),
            "packages": pieces.iter().map(|number| json!({"trackingNumber": number})).collect::<Vec<_>>(),
            "documents": [document("waybillDoc"), document("label")],
            "shipmentCharges": charges,
        }),
    )
}

fn recover(books: &Books, asked: &Asked) -> Reply {
    let found = books.labels.iter().filter(|label| label.reference == asked.parameter("shipmentReference"));
    let shipments: Vec<Value> = found
        .map(|label| {
            let pieces = label.tracking_numbers.iter().skip(1).map(|number| json!({"trackingNumber": number}));
            json!({"shipmentTrackingNumber": label.name, "pieces": pieces.collect::<Vec<_>>()})
        })
        .collect();
    if shipments.is_empty() { (404, Clerks::refusal(404, "404")) } else { (200, json!({"shipments": shipments})) }
}

/// Status code and word of an event, e.g. `transit|OUT_FOR_DELIVERY`.
fn event(event: &Event) -> Value {
    let (code, word) = event.code.split_once('|').unwrap_or((&event.code, &event.code));
    // Parcel in Germany tells the time of its own clocks, without saying so.
    let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
    json!({
        "timestamp": event.at.to_zoned(berlin).datetime().to_string(),
        "statusCode": code, "status": word, "description": "an event",
        "location": {"address": {"countryCode": event.country, "addressLocality": event.city, "streetAddress": "Depot 1"}},
    })
}

/// A number where it can be one.
fn as_number(text: &str) -> Value {
    let number = text.parse::<u64>().ok().filter(|_| !text.starts_with('0'));
    number.map_or_else(|| json!(text), |number| json!(number))
}

fn shipment(number: &str, events: &[Event]) -> Value {
    let newest_first: Vec<Value> = events.iter().rev().map(event).collect();
    let express = number.len() == 10 || number.starts_with("JD");
    json!({
        "id": as_number(number),
        "service": if express { "express" } else { "parcel-de" },
        "status": events.last().map(event),
        "events": newest_first,
        "details": {"proofOfDelivery": {"signed": {"name": "Lovelace"}}},
    })
}

/// One number may be one of several divisions.
fn track(books: &Books, asked: &Asked) -> Reply {
    let number = asked.parameter("trackingNumber");
    let life = books.parcels.get(number).and_then(|lives| lives.last()).filter(|life| !life.is_empty());
    let Some(life) = life else { return (404, Clerks::refusal(404, "404")) };
    let mut other = shipment(number, &[Event::new(life[0].at, "delivered|DELIVERED")]);
    other["service"] = "freight".into();
    (200, json!({"shipments": [other, shipment(number, life)]}))
}

fn subscribe(books: &mut Books, asked: &Asked) -> Reply {
    let numbers = asked.body["shipmentIDs"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<String> = numbers.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    if numbers.len() > SUBSCRIPTION_NUMBERS || asked.body["hook"]["authentication"]["token"] != TOKEN {
        return (400, Clerks::refusal(400, "400"));
    }
    books.subscribed.extend(numbers);
    (201, json!({"id": "fake-0001", "status": "pending"}))
}
