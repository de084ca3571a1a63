//! FedEx: tokens, rates, labels, their end, and tracking, as its REST API speaks. Nothing is made once here, as there.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::desk::{Asked, Books, Clerk, Delivery, Fake, Reply, has_empty};
pub use crate::desk::{Event, Fault, Label, Operation, Sequence};

/// The key and secret of the shop's project at the fake. Not a secret: it opens nothing but the fake.
pub const CLIENT_ID: &str = "fake-fedex-key";
pub const CLIENT_SECRET: &str = "fake-fedex-secret";
/// The shop's account.
pub const ACCOUNT: &str = "740561073";
/// What pushes are signed with.
pub const PUSH_TOKEN: &str = "Fake-token-of-the-webhook-0001";
/// How long a token lives.
pub const TOKEN_SECONDS: i64 = 3_600;
/// The bytes of every label.
pub const LABEL: &[u8] = b"%PDF-1.4 a label of a fake FedEx";

/// Longest line of a street, in characters.
const LINE_CHARACTERS: usize = 35;

pub struct Clerks;

pub type FedExFake = Fake<Clerks>;

impl Clerk for Clerks {
    fn operation(method: &Method, path: &str) -> Option<Operation> {
        match (method.as_str(), path) {
            ("POST", "/oauth/token") => Some(Operation::Token),
            ("POST", "/rate/v1/rates/quotes") => Some(Operation::Rates),
            ("POST", "/ship/v1/shipments") => Some(Operation::Buy),
            ("PUT", "/ship/v1/shipments/cancel") => Some(Operation::Void),
            ("POST", "/track/v1/trackingnumbers") => Some(Operation::Track),
            ("POST", "/track/v1/referencenumbers") => Some(Operation::Recover),
            _ => None,
        }
    }

    fn refusal(_: u16, code: &str) -> Value {
        json!({
            "transactionId": "624deea6-b709-470c-8c39-4b5511281492",
            "errors": [{"code": code, "message": "Ada Lovelace of Unter den Linden 1 is not served"}],
        })
    }

    fn admits(books: &Books, asked: &Asked, now: Timestamp) -> bool {
        books.knows(asked, now)
    }

    fn answer(books: &mut Books, asked: &Asked, now: Timestamp) -> Reply {
        match asked.operation {
            Operation::Token => token(books, asked, now),
            Operation::Rates => rates(asked),
            Operation::Buy => buy(books, asked),
            Operation::Void => void(books, asked),
            Operation::Track => (200, track(books, asked)),
            Operation::Recover => (200, recover(books, asked)),
            Operation::Subscribe | Operation::Accept => (404, Clerks::refusal(404, "NOT.FOUND.ERROR")),
        }
    }

    fn push(number: &str, events: &[Event]) -> Delivery {
        signed(json!({"trackResults": [result(number, events)]}).to_string().as_bytes())
    }
}

/// A body as FedEx signs it.
pub fn signed(body: &[u8]) -> Delivery {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(PUSH_TOKEN.as_bytes()) {
        mac.update(body);
        headers.push(("fdx-signature".to_owned(), STANDARD.encode(mac.finalize().into_bytes())));
    }
    Delivery { headers, body: body.to_vec() }
}

fn token(books: &mut Books, asked: &Asked, now: Timestamp) -> Reply {
    let form: Vec<(String, String)> = serde_urlencoded::from_str(&asked.text).unwrap_or_default();
    let expected = [("grant_type", "client_credentials"), ("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
    if !expected.iter().all(|(name, value)| form.iter().any(|(known, given)| known == name && given == value)) {
        return (401, Clerks::refusal(401, "NOT.AUTHORIZED.ERROR"));
    }
    let token = books.token(now, TOKEN_SECONDS);
    (200, json!({"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": "CXS"}))
}

/// Prices come twice: as the list has them, and as they were agreed.
fn rates(asked: &Asked) -> Reply {
    let quote = |service: &str, name: &str, list: f64, ours: f64, day: &str| {
        let detail = |kind: &str, charge: f64| {
            json!({
                "rateType": kind, "totalNetCharge": charge, "totalNetFedExCharge": 1.0, "currency": "EUR",
                "shipmentRateDetail": {"currency": "EUR"},
            })
        };
        json!({
            "serviceType": service, "serviceName": name, "packagingType": "YOUR_PACKAGING",
            "operationalDetail": {"deliveryDate": day, "transitTime": "THREE_DAYS"},
            "ratedShipmentDetails": [detail("LIST", list), detail("ACCOUNT", ours)],
        })
    };
    if asked.body["requestedShipment"]["shipDateStamp"].as_str().is_none() {
        return (400, Clerks::refusal(400, "SHIPDATESTAMP.INVALID"));
    }
    // An element without content is refused, wherever it stands.
    if has_empty(&asked.body) {
        return (400, Clerks::refusal(400, "INVALID.INPUT.EXCEPTION"));
    }
    let quotes = [
        quote("FEDEX_REGIONAL_ECONOMY", "FedEx Regional Economy", 14.9, 9.45, "2026-01-08T18:00:00"),
        quote("FEDEX_PRIORITY", "FedEx Priority", 30.0, 18.6, "2026-01-06T12:00:00"),
    ];
    (200, json!({"output": {"rateReplyDetails": quotes, "quoteDate": "2026-01-05"}}))
}

fn buy(books: &mut Books, asked: &Asked) -> Reply {
    let shipment = &asked.body["requestedShipment"];
    let parcels = shipment["requestedPackageLineItems"].as_array().cloned().unwrap_or_default();
    let recipient = &shipment["recipients"][0];
    if let Some(code) = faulty(asked, recipient) {
        return (400, Clerks::refusal(400, code));
    }
    let reference = parcels.first().map(|parcel| parcel["customerReferences"][0]["value"].clone()).unwrap_or_default();
    let numbers: Vec<String> = parcels.iter().map(|_| format!("7946{:08}", books.new_id())).collect();
    let service = shipment["serviceType"].as_str().unwrap_or_default();
    let label = books.book(reference.as_str().unwrap_or_default(), service, numbers);
    let piece = |number: &String| {
        json!({
            "trackingNumber": number, "masterTrackingNumber": label.name, "netChargeAmount": 9.45, "currency": "EUR",
            "packageDocuments": [
                {"contentType": "AUXILIARY", "docType": "PDF", "encodedLabel": STANDARD.encode(b"papers")},
                {"contentType": "LABEL", "docType": "PDF", "copiesToPrint": 1, "encodedLabel": STANDARD.encode(LABEL)},
            ],
        })
    };
    (
        200,
        json!({
            "transactionId": "624deea6-b709-470c-8c39-4b5511281492",
            "output": {"transactionShipments": [{
                "masterTrackingNumber": label.name,
                "serviceType": service,
                "pieceResponses": label.tracking_numbers.iter().map(piece).collect::<Vec<_>>(),
                "alerts": [{"code": "ORIGIN.STATE.CHANGED", "alertType": "NOTE"}],
            }], "alerts": "none"},
        }),
    )
}

/// What FedEx refuses, by its code.
fn faulty(asked: &Asked, recipient: &Value) -> Option<&'static str> {
    let lines = recipient["address"]["streetLines"].as_array().cloned().unwrap_or_default();
    let fits = |line: &Value| line.as_str().is_some_and(|line| (1..=LINE_CHARACTERS).contains(&line.chars().count()));
    let phone = recipient["contact"]["phoneNumber"].as_str().unwrap_or_default();
    if asked.body["accountNumber"]["value"] != ACCOUNT {
        Some("ACCOUNTNUMBER.REGISTRATION.REQUIRED")
    } else if !asked.text.is_ascii() || asked.text.contains("\\u") || asked.text.contains(":\"\"") {
        Some("INVALID.INPUT.EXCEPTION")
    } else if lines.is_empty() || !lines.iter().all(fits) {
        Some("RECIPIENT.STREETLINE.INVALID")
    } else if phone.len() < 10 {
        Some("PHONENUMBER.TOO.SHORT")
    } else if asked.body["requestedShipment"]["shipDatestamp"].as_str().is_none() {
        Some("SHIPDATESTAMP.INVALID")
    } else {
        None
    }
}

/// The boolean says whether it was cancelled; the status does not.
fn void(books: &mut Books, asked: &Asked) -> Reply {
    let number = asked.body["trackingNumber"].as_str().unwrap_or_default();
    match books.void(number) {
        None => (404, Clerks::refusal(404, "TRACKING.NUMBER.NOTFOUND")),
        Some(cancelled) => {
            (200, json!({"output": {"cancelledShipment": cancelled, "cancelledHistory": true, "alerts": []}}))
        }
    }
}

fn result(number: &str, events: &[Event]) -> Value {
    let scan = |event: &Event| {
        json!({
            "date": event.at.to_string(), "eventType": event.code, "derivedStatusCode": event.code,
            "scanLocation": {"city": event.city, "countryCode": event.country, "streetLines": ["1 Depot Road"]},
        })
    };
    let newest_first: Vec<Value> = events.iter().rev().map(scan).collect();
    let first = events.first().map(|event| event.at.to_string());
    json!({
        "trackingNumberInfo": {"trackingNumber": number, "trackingNumberUniqueId": format!("246~{number}~FX")},
        "latestStatusDetail": {"code": events.last().map(|event| event.code.clone())},
        "scanEvents": newest_first,
        "dateAndTimes": first.map(|at| json!([{"type": "SHIP", "dateTime": at}])).unwrap_or_default(),
        "deliveryDetails": {"receivedByName": "A. Lovelace"},
    })
}

fn complete(books: &Books, number: &str) -> Value {
    let lives = books.parcels.get(number).filter(|lives| lives.iter().any(|life| !life.is_empty()));
    let results: Vec<Value> = match lives {
        Some(lives) => lives.iter().map(|life| result(number, life)).collect(),
        None => vec![json!({
            "trackingNumberInfo": {"trackingNumber": number},
            "error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "not found"},
        })],
    };
    json!({"trackingNumber": number, "trackResults": results})
}

fn track(books: &Books, asked: &Asked) -> Value {
    let numbers = asked.body["trackingInfo"].as_array().cloned().unwrap_or_default();
    let number = |info: &Value| info["trackingNumberInfo"]["trackingNumber"].as_str().unwrap_or_default().to_owned();
    let results: Vec<Value> = numbers.iter().map(|info| complete(books, &number(info))).collect();
    json!({"output": {"completeTrackResults": results, "alerts": "TRACKING.DATA.UNAVAILABLE"}})
}

fn recover(books: &Books, asked: &Asked) -> Value {
    let reference = asked.body["referencesInformation"]["value"].as_str().unwrap_or_default();
    let labels = books.labels.iter().filter(|label| label.reference == reference);
    let numbers = labels.flat_map(|label| &label.tracking_numbers);
    let results: Vec<Value> = numbers.map(|number| complete(books, number)).collect();
    json!({"output": {"completeTrackResults": results}})
}
