//! FedEx's JSON: what we send, and of what we get the parts that we need. Fields that we do not know are no error.

#![allow(clippy::struct_field_names, reason = "they are the carrier's names")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oms_app::ports::{CarrierDocument, DocumentFormat, LabelRequest, Party, RateRequest};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::money::{Amount, Money};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::LIMITS;
use crate::json::{Exact, Many, Number, object};
use crate::measures;
use crate::way::{digits, phone, reference};

/// A body with parcels in it, whose weights are written digit by digit.
#[derive(Serialize)]
pub(super) struct Request {
    #[serde(flatten)]
    rest: Map<String, Value>,
    #[serde(rename = "requestedShipment")]
    shipment: Shipment,
}

#[derive(Serialize)]
struct Shipment {
    #[serde(flatten)]
    rest: Map<String, Value>,
    #[serde(rename = "requestedPackageLineItems")]
    parcels: Vec<Parcel>,
}

#[derive(Serialize)]
struct Parcel {
    weight: Weight,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Serialize)]
struct Weight {
    units: &'static str,
    value: Number,
}

fn parcel(parcel: &Measures, country: &str, mut rest: Value) -> Parcel {
    let told = measures::told(parcel, country, 2);
    let [length, width, height] = told.sides;
    let (units, unit) = if told.imperial { ("LB", "IN") } else { ("KG", "CM") };
    rest["dimensions"] = json!({"length": length, "width": width, "height": height, "units": unit});
    Parcel { weight: Weight { units, value: Number(told.weight) }, rest: object(rest) }
}

fn address(party: &Party) -> Value {
    let from = &party.address;
    let lines = [Some(from.street_address.as_str()), from.street_address_2.as_deref()];
    let lines = lines.into_iter().flatten().filter(|line| !line.is_empty()).map(|line| LIMITS.write(line));
    let lines = lines.collect::<Vec<_>>();
    let mut address = json!({
        "city": LIMITS.write(&from.city),
        "countryCode": from.country,
        "residential": from.company.is_none(),
    });
    // Elements that would be empty are left out: FedEx refuses them.
    if !lines.is_empty() {
        address["streetLines"] = lines.into();
    }
    if let Some(code) = &from.postal_code {
        address["postalCode"] = LIMITS.write(code).into();
    }
    if let Some(state) = from.state.as_deref().and_then(|state| province(&from.country, state)) {
        address["stateOrProvinceCode"] = state.into();
    }
    address
}

/// A state by the code that FedEx knows it by.
fn province(country: &str, state: &str) -> Option<String> {
    match (country, state) {
        ("CA", "QC") => Some("PQ".to_owned()),
        (_, code) if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => Some(code.to_owned()),
        _ => None,
    }
}

fn contact(party: &Party, sender: &Party) -> Value {
    let mut contact = json!({"personName": LIMITS.write(&party.address.recipient_name)});
    if let Some(company) = &party.address.company {
        contact["companyName"] = LIMITS.write(company).into();
    }
    if let Some(phone) = phone(party, sender) {
        contact["phoneNumber"] = digits(phone).into();
    }
    if let Some(email) = &party.email {
        contact["emailAddress"] = email.as_str().into();
    }
    contact
}

pub(super) fn rates(account: &str, request: &RateRequest) -> Request {
    let country = &request.from.address.country;
    Request {
        rest: object(json!({
            "accountNumber": {"value": account},
            "rateRequestControlParameters": {"returnTransitTimes": true},
        })),
        shipment: Shipment {
            rest: object(json!({
                "shipper": {"address": address(&request.from)},
                "recipient": {"address": address(&request.to)},
                "pickupType": "USE_SCHEDULED_PICKUP",
                "packagingType": "YOUR_PACKAGING",
                "rateRequestType": ["ACCOUNT"],
                // Written with a capital S here, and without one where a label is bought.
                "shipDateStamp": request.ship_date.to_string(),
            })),
            parcels: request.parcels.iter().map(|one| parcel(one, country, json!({}))).collect(),
        },
    }
}

pub(super) fn label(account: &str, request: &LabelRequest) -> Request {
    let country = &request.from.address.country;
    let references = json!([
        {"customerReferenceType": "CUSTOMER_REFERENCE", "value": reference(request)},
        {"customerReferenceType": "INVOICE_NUMBER", "value": LIMITS.write(&request.shipment_number)},
    ]);
    let parcels = request.parcels.iter().enumerate();
    let parcels = parcels
        .map(|(at, one)| parcel(one, country, json!({"sequenceNumber": at + 1, "customerReferences": references})));
    Request {
        rest: object(json!({
            "labelResponseOptions": "LABEL",
            "accountNumber": {"value": account},
            "shipAction": "CONFIRM",
            "processingOptionType": "SYNCHRONOUS_ONLY",
        })),
        shipment: Shipment {
            rest: object(json!({
                "shipDatestamp": request.ship_date.to_string(),
                "shipper": {"contact": contact(&request.from, &request.from), "address": address(&request.from)},
                "recipients": [{"contact": contact(&request.to, &request.from), "address": address(&request.to)}],
                "pickupType": "USE_SCHEDULED_PICKUP",
                "serviceType": request.service,
                "packagingType": "YOUR_PACKAGING",
                "shippingChargesPayment": {
                    "paymentType": "SENDER",
                    "payor": {"responsibleParty": {"accountNumber": {"value": account}}},
                },
                "labelSpecification": {"imageType": "PDF", "labelStockType": "PAPER_4X6"},
            })),
            parcels: parcels.collect(),
        },
    }
}

pub(super) fn void(account: &str, tracking_number: &str) -> Value {
    json!({
        "accountNumber": {"value": account},
        "trackingNumber": tracking_number,
        "deletionControl": "DELETE_ALL_PACKAGES",
    })
}

/// FedEx's error body.
#[derive(Default, Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) errors: Many<Code>,
}

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    pub(super) code: String,
}

#[derive(Deserialize)]
pub(super) struct Answer<T> {
    pub(super) output: Option<T>,
    #[serde(default)]
    pub(super) errors: Many<Code>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quotes {
    #[serde(default)]
    pub(super) rate_reply_details: Many<Quote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    pub(super) service_type: String,
    pub(super) service_name: Option<String>,
    #[serde(default)]
    pub(super) rated_shipment_details: Many<Price>,
    #[serde(default)]
    pub(super) operational_detail: Operational,
    #[serde(default)]
    pub(super) commit: Commit,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Operational {
    pub(super) delivery_date: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Commit {
    pub(super) date_detail: DateDetail,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DateDetail {
    pub(super) day_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    #[serde(default)]
    rate_type: String,
    #[serde(default)]
    total_net_charge: Exact,
    currency: Option<String>,
    shipment_rate_detail: Option<RateDetail>,
}

#[derive(Deserialize)]
struct RateDetail {
    currency: Option<String>,
}

impl Quote {
    /// What it costs us, taxes included: not the list's price, which comes beside it.
    pub(super) fn cost(&self) -> Option<Money> {
        let ours = self.rated_shipment_details.0.iter().find(|price| price.rate_type == "ACCOUNT")?;
        let of_detail = || ours.shipment_rate_detail.as_ref().and_then(|detail| detail.currency.as_deref());
        ours.total_net_charge.price(ours.currency.as_deref().or_else(of_detail)?)
    }

    pub(super) fn day(&self) -> Option<&str> {
        self.operational_detail.delivery_date.as_deref().or(self.commit.date_detail.day_format.as_deref())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shipped {
    #[serde(default)]
    pub(super) transaction_shipments: Many<ShippedParcels>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShippedParcels {
    pub(super) master_tracking_number: Option<String>,
    #[serde(default)]
    pub(super) piece_responses: Many<Piece>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Piece {
    pub(super) tracking_number: String,
    #[serde(default)]
    net_charge_amount: Exact,
    currency: Option<String>,
    #[serde(default)]
    package_documents: Many<Document>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    content_type: String,
    #[serde(default)]
    doc_type: String,
    encoded_label: Option<String>,
}

impl Piece {
    /// The label, without the papers beside it.
    pub(super) fn label(&self) -> Option<CarrierDocument> {
        let label = self.package_documents.0.iter().find(|document| document.content_type == "LABEL")?;
        let format = match label.doc_type.as_str() {
            "PDF" => DocumentFormat::Pdf,
            "PNG" => DocumentFormat::Png,
            "ZPLII" => DocumentFormat::Zpl,
            _ => return None,
        };
        let bytes = STANDARD.decode(label.encoded_label.as_deref()?).ok().filter(|bytes| !bytes.is_empty())?;
        Some(CarrierDocument { format, bytes })
    }
}

/// What all pieces cost; nothing if one of them does not say so.
pub(super) fn cost(pieces: &[Piece]) -> Option<Money> {
    let price = |piece: &Piece| piece.net_charge_amount.price(piece.currency.as_deref()?);
    let prices: Vec<Money> = pieces.iter().map(price).collect::<Option<_>>()?;
    let currency = prices.first()?.currency;
    let same = prices.iter().all(|price| price.currency == currency);
    same.then(|| Money::new(prices.iter().map(|price| price.amount).sum::<Amount>(), currency))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancelled {
    #[serde(default)]
    pub(super) cancelled_shipment: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tracked {
    #[serde(default)]
    pub(super) complete_track_results: Many<Complete>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Complete {
    #[serde(default)]
    pub(super) tracking_number: String,
    #[serde(default)]
    pub(super) track_results: Many<TrackResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TrackResult {
    #[serde(default)]
    pub(super) tracking_number_info: NumberInfo,
    #[serde(default)]
    pub(super) scan_events: Many<Event>,
    #[serde(default)]
    pub(super) date_and_times: Many<DateAndTime>,
    pub(super) error: Option<Code>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct NumberInfo {
    pub(super) tracking_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    #[serde(default)]
    pub(super) date: String,
    #[serde(default)]
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) scan_location: Location,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) city: Option<String>,
    pub(super) country_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DateAndTime {
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) date_time: String,
}

/// A push: two envelopes of the same results are seen.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pushed {
    pub(super) track_results: Option<Many<TrackResult>>,
    pub(super) output: Option<Tracked>,
}
