//! UPS: tokens, rates, labels that are found again, their end, tracking, and subscriptions, as its REST API speaks. Nothing is made
//! once here, as there; all numbers are texts.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::desk::{Asked, Books, Clerk, Delivery, Fake, Reply, has_empty};
pub use crate::desk::{Event, Fault, Label, Operation, Sequence};

/// The shop's app at the fake. Not a secret: it opens nothing but the fake.
pub const CLIENT_ID: &str = "fake-ups-client";
pub const CLIENT_SECRET: &str = "fake-ups-secret";
/// The shop's account.
pub const ACCOUNT: &str = "A1B2C3";
/// What pushes bring along.
pub const CREDENTIAL: &str = "fake-ups-credential-0001";
/// How long a token lives.
pub const TOKEN_SECONDS: i64 = 14_399;
/// The bytes of every label.
pub const LABEL: &[u8] = b"GIF89a a label of a fake UPS";

/// Longest line of a street, in characters.
const LINE_CHARACTERS: usize = 35;

/// Most numbers of one subscription.
const SUBSCRIPTION_NUMBERS: usize = 100;

pub struct Clerks;

pub type UpsFake = Fake<Clerks>;

impl Clerk for Clerks {
    fn operation(method: &Method, path: &str) -> Option<Operation> {
        match (method.as_str(), path) {
            ("POST", "/security/v1/oauth/token") => Some(Operation::Token),
            ("POST", path) if path.starts_with("/api/rating/v2409/") => Some(Operation::Rates),
            ("POST", "/api/shipments/v2409/ship") => Some(Operation::Buy),
            ("POST", "/api/labels/v1/recovery") => Some(Operation::Recover),
            ("DELETE", path) if path.starts_with("/api/shipments/v2409/void/cancel/") => Some(Operation::Void),
            ("GET", path) if path.starts_with("/api/track/v1/details/") => Some(Operation::Track),
            ("POST", "/api/track/v2/subscription/standard/package") => Some(Operation::Subscribe),
            _ => None,
        }
    }

    fn refusal(_: u16, code: &str) -> Value {
        json!({"response": {"errors": [{"code": code, "message": "Ada Lovelace of Unter den Linden 1 is not served"}]}})
    }

    fn admits(books: &Books, asked: &Asked, now: Timestamp) -> bool {
        books.knows(asked, now)
    }

    fn answer(books: &mut Books, asked: &Asked, now: Timestamp) -> Reply {
        match asked.operation {
            Operation::Token => token(books, asked, now),
            Operation::Rates => rates(asked),
            Operation::Buy => buy(books, asked),
            Operation::Recover => recover(books, asked),
            Operation::Void => void(books, asked),
            Operation::Track => track(books, asked),
            Operation::Subscribe => subscribe(books, asked),
            Operation::Accept => (404, Clerks::refusal(404, "NOT.FOUND")),
        }
    }

    fn push(number: &str, events: &[Event]) -> Delivery {
        let body = events.last().map(|event| {
            let (date, time) = in_gmt(event.at);
            let [kind, code, digits] = parts(&event.code);
            json!({
                "trackingNumber": number, "localActivityDate": "20260101", "localActivityTime": "000000",
                "activityLocation": {"city": event.city, "country": event.country, "stateProvince": "", "postalCode": ""},
                "activityStatus": {"type": kind, "code": code, "descriptionCode": digits, "description": "an event"},
                "scheduledDeliveryDate": "", "actualDeliveryDate": "", "actualDeliveryTime": "",
                "gmtActivityDate": date, "gmtActivityTime": time, "gmtOffset": "+01:00", "receivedBy": "LOVELACE",
            })
        });
        pushed(body.unwrap_or_default().to_string().as_bytes())
    }
}

/// A body as UPS sends it.
pub fn pushed(body: &[u8]) -> Delivery {
    let headers = [("user-agent", "UPSPubSubTrackingService"), ("x-api-key", CLIENT_ID), ("credential", CREDENTIAL)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Delivery { headers, body: body.to_vec() }
}

/// Kind, two letters and three digits of an event, e.g. `I/OT/021`.
fn parts(code: &str) -> [&str; 3] {
    let mut parts = code.splitn(3, '/');
    [parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default()]
}

fn in_gmt(at: Timestamp) -> (String, String) {
    let at = at.to_zoned(TimeZone::UTC);
    (at.strftime("%Y%m%d").to_string(), at.strftime("%H:%M:%S").to_string())
}

fn token(books: &mut Books, asked: &Asked, now: Timestamp) -> Reply {
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    if asked.header("authorization") != expected || asked.text != "grant_type=client_credentials" {
        return (401, Clerks::refusal(401, "10401"));
    }
    let token = books.token(now, TOKEN_SECONDS);
    let issued = now.as_millisecond().to_string();
    let seconds = TOKEN_SECONDS.to_string();
    (
        200,
        json!({"access_token": token, "token_type": "Bearer", "expires_in": seconds, "issued_at": issued, "status": "approved"}),
    )
}

/// One service comes as an object, several as a list. The list's price is told to whoever does not ask for the agreed one.
fn rates(asked: &Asked) -> Reply {
    let shipment = &asked.body["RateRequest"]["Shipment"];
    if shipment["Package"][0]["PackagingType"]["Code"] != "02" {
        return (400, Clerks::refusal(400, "111100"));
    }
    // Flags are there by being there; a name or a street that is nothing is none.
    let ends = ["ShipTo", "ShipFrom", "Shipper"].map(|end| shipment[end].clone());
    let blank = |end: &Value| {
        let told = [&end["Name"], &end["AttentionName"], &end["Address"]["City"], &end["Address"]["AddressLine"]];
        told.into_iter().any(has_empty)
    };
    if ends.iter().any(blank) {
        return (400, Clerks::refusal(400, "111285"));
    }
    let timed = asked.parameter("additionalinfo") == "timeintransit";
    if timed && !shipment["ShipmentTotalWeight"]["Weight"].is_string() {
        return (400, Clerks::refusal(400, "111546"));
    }
    let agreed = shipment["ShipmentRatingOptions"]["NegotiatedRatesIndicator"].is_string();
    let rated = |code: &str, list: &str, ours: &str| {
        let mut rated = json!({
            "Service": {"Code": code, "Description": ""},
            "TotalCharges": {"CurrencyCode": "EUR", "MonetaryValue": list},
            "RatedShipmentAlert": [{"Code": "110971", "Description": "Your invoice may vary from the displayed rates"}],
        });
        if agreed {
            rated["NegotiatedRateCharges"] = json!({"TotalCharge": {"CurrencyCode": "EUR", "MonetaryValue": ours}});
        }
        if timed {
            rated["TimeInTransit"] = json!({"ServiceSummary": {"EstimatedArrival": {"Arrival": {"Date": "20260107"}}}});
        }
        rated
    };
    let only = shipment["ShipTo"]["Address"]["CountryCode"] == "FR";
    let all = if only {
        rated("11", "22.10", "15.05")
    } else {
        json!([rated("11", "12.10", "7.05"), rated("07", "40.00", "21.90")])
    };
    (200, json!({"RateResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, "RatedShipment": all}}))
}

/// References stand on packages inside the United States, and on the shipment elsewhere.
fn buy(books: &mut Books, asked: &Asked) -> Reply {
    let shipment = &asked.body["ShipmentRequest"]["Shipment"];
    let packages = shipment["Package"].as_array().cloned().unwrap_or_default();
    let country = |party: &str| shipment[party]["Address"]["CountryCode"].as_str().unwrap_or_default().to_owned();
    let by_package = country("ShipFrom") == country("ShipTo") && country("ShipTo") == "US";
    let on_package = packages.first().map(|package| package["ReferenceNumber"].clone()).unwrap_or_default();
    let on_shipment = &shipment["ReferenceNumber"];
    let (reference, elsewhere) = if by_package { (&on_package, on_shipment) } else { (on_shipment, &on_package) };
    let lines = shipment["ShipTo"]["Address"]["AddressLine"].as_array().cloned().unwrap_or_default();
    let fits = |line: &Value| line.as_str().is_some_and(|line| (1..=LINE_CHARACTERS).contains(&line.chars().count()));
    let code = if shipment["Shipper"]["ShipperNumber"] != ACCOUNT {
        Some("120100")
    } else if !elsewhere.is_null() {
        Some("120541")
    } else if packages.iter().any(|package| package["Packaging"]["Code"] != "02") {
        Some("120600")
    } else if lines.is_empty() || !lines.iter().all(fits) {
        Some("120202")
    } else {
        None
    };
    if let Some(code) = code {
        return (400, Clerks::refusal(400, code));
    }
    let numbers: Vec<String> = packages.iter().map(|_| format!("1Z{ACCOUNT}{:010}", books.new_id())).collect();
    let service = shipment["Service"]["Code"].as_str().unwrap_or_default();
    let label = books.book(reference[0]["Value"].as_str().unwrap_or_default(), service, numbers);
    let charge = |value: &str| json!({"CurrencyCode": "EUR", "MonetaryValue": value});
    let mut results = json!({
        "ShipmentIdentificationNumber": label.name,
        "ShipmentCharges": {"TotalCharges": charge("12.10")},
        "BillingWeight": {"Weight": "2.0"},
        "PackageResults": label.tracking_numbers.iter().map(|number| package(number, "ShippingLabel")).collect::<Vec<_>>(),
    });
    if shipment["ShipmentRatingOptions"]["NegotiatedRatesIndicator"].is_string() {
        results["NegotiatedRateCharges"] = json!({"TotalCharge": charge("7.05")});
    }
    (200, json!({"ShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, "ShipmentResults": results}}))
}

fn package(number: &str, image: &str) -> Value {
    let format = if image == "ShippingLabel" { "ImageFormat" } else { "LabelImageFormat" };
    json!({
        "TrackingNumber": number,
        image: {format: {"Code": "GIF"}, "GraphicImage": STANDARD.encode(LABEL), "HTMLImage": STANDARD.encode(b"<html>")},
        "Receipt": "",
    })
}

/// A list where there are several packages, and an object where there is one.
fn recover(books: &Books, asked: &Asked) -> Reply {
    let values = &asked.body["LabelRecoveryRequest"]["ReferenceValues"];
    let reference = values["ReferenceNumber"]["Value"].as_str().unwrap_or_default();
    let mut labels =
        books.labels.iter().filter(|label| label.reference == reference && values["ShipperNumber"] == ACCOUNT);
    let Some(label) = labels.next() else { return (404, Clerks::refusal(404, "300022")) };
    let mut numbers: Vec<&String> = label.tracking_numbers.iter().collect();
    numbers.extend(labels.flat_map(|label| &label.tracking_numbers));
    let mut results: Vec<Value> = numbers.into_iter().map(|number| package(number, "LabelImage")).collect();
    let results = if results.len() == 1 { results.remove(0) } else { Value::Array(results) };
    (
        200,
        json!({"LabelRecoveryResponse": {
            "Response": {"ResponseStatus": {"Code": "1"}},
            "ShipmentIdentificationNumber": label.name,
            "LabelResults": results,
        }}),
    )
}

/// `ResponseStatus` says that the call worked; whether it is void is said beside it, and under another name than specified.
fn void(books: &mut Books, asked: &Asked) -> Reply {
    let name = asked.last().to_owned();
    let numbers = books.labels.iter().find(|label| label.name == name).map(|label| label.tracking_numbers.clone());
    let (Some(numbers), Some(void)) = (numbers, books.void(&name)) else {
        return (400, Clerks::refusal(400, "190102"));
    };
    let code = if void { "&#xD;1" } else { "0" };
    let package = |number: &String| json!({"TrackingNumber": number, "Status": {"Code": code, "Description": ""}});
    (
        200,
        json!({"VoidShipmentResponse": {
            "Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}},
            "SummaryResult": {"Status": {"Code": code, "Description": ""}},
            "PackageLevelResult": numbers.iter().map(package).collect::<Vec<_>>(),
        }}),
    )
}

fn activity(event: &Event) -> Value {
    let (date, time) = in_gmt(event.at);
    let [kind, code, digits] = parts(&event.code);
    json!({
        "location": {"address": {"city": event.city, "countryCode": event.country, "country": event.country, "addressLine1": "1 Depot Road"}},
        "status": {"type": kind, "code": code, "statusCode": digits, "description": "an event"},
        "date": "20260101", "time": "000000", "gmtDate": date, "gmtTime": time, "gmtOffset": "+01:00",
    })
}

/// An answer for a parcel: with a warning and without packages for one that is not known.
fn track(books: &Books, asked: &Asked) -> Reply {
    if asked.header("transid").is_empty() || asked.header("transactionsrc").is_empty() {
        return (400, Clerks::refusal(400, "TV0001"));
    }
    let number = asked.last();
    let Some(life) = books.parcels.get(number).and_then(|lives| lives.last()).filter(|life| !life.is_empty()) else {
        let warning = json!({"code": "TW0001", "message": "Tracking Information Not Found"});
        return (200, json!({"trackResponse": {"shipment": [{"inquiryNumber": number, "warnings": [warning]}]}}));
    };
    let newest_first: Vec<Value> = life.iter().rev().map(activity).collect();
    let sibling =
        json!({"trackingNumber": "1ZFAKE000000000000", "activity": [activity(&Event::new(life[0].at, "D/FS/011"))]});
    let ours = json!({
        "trackingNumber": number,
        "activity": newest_first,
        "deliveryDate": [{"type": "SDD", "date": "20260107"}, {"type": "RDD", "date": "20260108"}],
        "deliveryInformation": {"receivedBy": "LOVELACE"},
        "packageCount": 2,
    });
    (200, json!({"trackResponse": {"shipment": [{"inquiryNumber": number, "package": [sibling, ours]}]}}))
}

/// Says 200 for what it takes and for what it does not.
fn subscribe(books: &mut Books, asked: &Asked) -> Reply {
    let numbers = asked.body["trackingNumberList"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<String> = numbers.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    if numbers.len() > SUBSCRIPTION_NUMBERS {
        return (400, Clerks::refusal(400, "VSS220"));
    }
    let (valid, invalid): (Vec<String>, Vec<String>) =
        numbers.into_iter().partition(|number| books.parcels.contains_key(number));
    books.subscribed.extend(valid.iter().cloned());
    (200, json!({"validTrackingNumbers": valid, "invalidTrackingNumbers": invalid}))
}
