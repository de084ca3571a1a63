//! DHL Express (MyDHL): rates and labels across borders. It never voids a label; one that is not used is not charged.

#![allow(clippy::struct_field_names, reason = "they are the carrier's names")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Span;
use jiff::civil::Date;
use oms_app::ports::{
    BoughtLabel, CarrierDocument, CarrierError, DocumentFormat, Fault, LabelRequest, Party, Rate, RateRequest,
    Recovered,
};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::money::Money;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::EXPRESS_LIMITS;
use crate::client::{Call, Client, Dialect};
use crate::json::{Exact, Many, Number, object};
use crate::{measures, way};

/// The time of the day at which parcels are collected, as DHL wants to be told.
const COLLECTED: &str = "T17:00:00 GMT+00:00";

/// The version of the API that this was written for.
const VERSION: &str = "3.1.1";

/// For how many days from its ship date on a label is looked for by our reference.
const SEARCH_DAYS: i64 = 14;

/// Letters of a state that has a code.
const STATE_LETTERS: usize = 2;

const A_LABEL: &str = "a label";

pub(super) struct Express {
    client: Client,
    account: String,
}

pub(super) fn dialect() -> Dialect {
    Dialect { carrier: "DHL Express", codes: super::problem_codes, fault: |_| Fault::Request, passing: &[] }
}

#[derive(Serialize)]
struct Package {
    weight: Number,
    dimensions: Value,
}

#[derive(Serialize)]
struct Content {
    #[serde(flatten)]
    rest: Map<String, Value>,
    packages: Vec<Package>,
}

#[derive(Serialize)]
struct Quote {
    #[serde(flatten)]
    rest: Map<String, Value>,
    packages: Vec<Package>,
}

#[derive(Serialize)]
struct Order {
    #[serde(flatten)]
    rest: Map<String, Value>,
    content: Content,
}

fn packages(parcels: &[Measures], country: &str) -> Vec<Package> {
    let one = |parcel: &Measures| {
        let told = measures::told(parcel, country, 3);
        let [length, width, height] = told.sides;
        Package { weight: Number(told.weight), dimensions: json!({"length": length, "width": width, "height": height}) }
    };
    parcels.iter().map(one).collect()
}

fn units(parcels: &[Measures], country: &str) -> &'static str {
    let imperial = parcels.first().is_some_and(|parcel| measures::told(parcel, country, 3).imperial);
    if imperial { "imperial" } else { "metric" }
}

fn address(party: &Party) -> Value {
    let from = &party.address;
    let write = |text: &str| EXPRESS_LIMITS.write(text);
    let mut address = json!({
        "cityName": write(&from.city),
        "countryCode": from.country,
        "postalCode": write(from.postal_code.as_deref().unwrap_or_default()),
    });
    // Prices are asked for before anybody needs to say in which street they live.
    if !from.street_address.is_empty() {
        address["addressLine1"] = write(&from.street_address).into();
    }
    if let Some(more) = &from.street_address_2 {
        address["addressLine2"] = write(more).into();
    }
    if let Some(state) = from.state.as_deref().filter(|state| state.len() == STATE_LETTERS && state.is_ascii()) {
        address["provinceCode"] = state.into();
    }
    address
}

fn details(party: &Party, sender: &Party) -> Value {
    let from = &party.address;
    let write = |text: &str| EXPRESS_LIMITS.write(text);
    let mut contact = json!({
        "fullName": write(&from.recipient_name),
        "companyName": write(from.company.as_ref().unwrap_or(&from.recipient_name)),
        "phone": way::phone(party, sender).unwrap_or_default(),
    });
    if let Some(email) = &party.email {
        contact["email"] = email.as_str().into();
    }
    json!({"postalAddress": address(party), "contactInformation": contact})
}

#[derive(Deserialize)]
struct Products {
    #[serde(default)]
    products: Many<Product>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    product_code: String,
    product_name: Option<String>,
    #[serde(default)]
    total_price: Many<Price>,
    #[serde(default)]
    delivery_capabilities: Delivery,
}

/// The same price comes in several currencies; the account is billed in one (`BILLC`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    #[serde(default)]
    currency_type: String,
    #[serde(default)]
    price_currency: String,
    #[serde(default)]
    price: Exact,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Delivery {
    estimated_delivery_date_and_time: Option<String>,
}

fn billed(prices: &[Price]) -> Option<Money> {
    let ours = prices.iter().find(|price| price.currency_type == "BILLC")?;
    ours.price.price(&ours.price_currency)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shipped {
    /// A text, or a number.
    #[serde(default)]
    shipment_tracking_number: Exact,
    #[serde(default)]
    packages: Many<Numbered>,
    #[serde(default)]
    documents: Many<Document>,
    #[serde(default)]
    shipment_charges: Many<Price>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Numbered {
    #[serde(default)]
    tracking_number: Exact,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    type_code: String,
    #[serde(default)]
    image_format: String,
    content: Option<String>,
}

impl Document {
    fn label(&self) -> Option<CarrierDocument> {
        let format = match self.image_format.to_ascii_uppercase().as_str() {
            "PDF" => DocumentFormat::Pdf,
            "ZPL" => DocumentFormat::Zpl,
            _ => return None,
        };
        let bytes = STANDARD.decode(self.content.as_deref()?).ok().filter(|bytes| !bytes.is_empty())?;
        // Where there is nothing beside the label, its kind may be left out.
        ["label", ""].contains(&self.type_code.as_str()).then_some(CarrierDocument { format, bytes })
    }
}

fn given(text: &Exact) -> Option<String> {
    (!text.text().is_empty()).then(|| text.text().to_owned())
}

/// A number for each parcel: the shipment's for the only one, which is what customers are told.
fn numbers(of: &str, pieces: &[Numbered], parcels: usize) -> Option<Vec<String>> {
    if parcels == 1 {
        return Some(vec![of.to_owned()]);
    }
    let pieces = pieces.iter().map(|piece| piece.tracking_number.text()).filter(|number| !number.is_empty());
    let pieces: Vec<String> = pieces.map(ToOwned::to_owned).collect();
    (pieces.len() == parcels).then_some(pieces)
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    shipments: Many<FoundShipment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundShipment {
    #[serde(default)]
    shipment_tracking_number: Exact,
    #[serde(default)]
    pieces: Many<Numbered>,
}

/// The version with every request, and our reference where a label is bought: it is for finding the request, and buys nothing once.
fn signed(call: Call, request: Option<&LabelRequest>) -> Call {
    let call = call.with("x-version", VERSION);
    match request {
        Some(request) => call.with("Message-Reference", way::reference(request)),
        None => call,
    }
}

impl Express {
    pub(super) fn new(client: Client, account: String) -> Self {
        Express { client, account }
    }

    pub(super) async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        let country = &request.from.address.country;
        let body = Quote {
            rest: object(json!({
                "customerDetails": {"shipperDetails": address(&request.from), "receiverDetails": address(&request.to)},
                "accounts": [{"typeCode": "shipper", "number": self.account}],
                "plannedShippingDateAndTime": format!("{}{COLLECTED}", request.ship_date),
                "unitOfMeasurement": units(&request.parcels, country),
                "isCustomsDeclarable": false,
            })),
            packages: packages(&request.parcels, country),
        };
        let products: Products = match self.client.read(signed(Call::ask("rates", "/rates", &body), None)).await {
            Err(failure) if failure.is_not_found() => return Ok(Vec::new()),
            answer => answer?,
        };
        let rate = |product: Product| {
            let day = product.delivery_capabilities.estimated_delivery_date_and_time.as_deref();
            Some(Rate {
                cost: billed(&product.total_price.0)?,
                estimated_delivery: day.and_then(|day| day.get(..10)?.parse::<Date>().ok()),
                name: product.product_name.unwrap_or_else(|| format!("DHL Express {}", product.product_code)),
                service: product.product_code,
            })
        };
        Ok(products.products.0.into_iter().filter_map(rate).collect())
    }

    pub(super) async fn buy(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        if way::phone(&request.to, &request.from).is_none() {
            return Err(way::refused(
                Fault::Request,
                "DHL Express needs a phone number, of the recipient or of the sender",
            ));
        }
        let country = &request.from.address.country;
        let order = Order {
            rest: object(json!({
                "plannedShippingDateAndTime": format!("{}{COLLECTED}", request.ship_date),
                "pickup": {"isRequested": false},
                // Else it does not say what the label costs.
                "getRateEstimates": true,
                "productCode": request.service,
                "accounts": [{"typeCode": "shipper", "number": self.account}],
                "customerReferences": [{"typeCode": "CU", "value": way::reference(request)}],
                "customerDetails": {
                    "shipperDetails": details(&request.from, &request.from),
                    "receiverDetails": details(&request.to, &request.from),
                },
                "outputImageProperties": {
                    "encodingFormat": "pdf",
                    "imageOptions": [{"typeCode": "label", "isRequested": true}],
                },
            })),
            content: Content {
                rest: object(json!({
                    "isCustomsDeclarable": false,
                    "description": "Goods",
                    "incoterm": "DAP",
                    "unitOfMeasurement": units(&request.parcels, country),
                })),
                packages: packages(&request.parcels, country),
            },
        };
        let call = Call::change(Method::POST, A_LABEL, "/shipments").json(&order);
        let shipped: Shipped = self.client.read(signed(call, Some(request))).await?;
        let unknown = |why: &str| CarrierError::from(self.client.lost(A_LABEL, true, why));
        let reference = given(&shipped.shipment_tracking_number).ok_or_else(|| unknown("no shipment"))?;
        let documents: Vec<CarrierDocument> = shipped.documents.0.iter().filter_map(Document::label).collect();
        let tracking_numbers = numbers(&reference, &shipped.packages.0, request.parcels.len());
        match tracking_numbers.filter(|_| !documents.is_empty()) {
            Some(tracking_numbers) => Ok(BoughtLabel {
                reference,
                tracking_numbers,
                cost: billed(&shipped.shipment_charges.0),
                documents,
                estimated_delivery: None,
            }),
            None => Err(unknown("no label for each parcel")),
        }
    }

    /// What tracking knows under our reference. It learns of a label some time later, so nothing found says nothing; and it does not
    /// hand the label out again.
    pub(super) async fn recover(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        let until = request.ship_date.saturating_add(Span::new().days(SEARCH_DAYS));
        let path = format!(
            "/tracking?shipmentReference={}&shipmentReferenceType=CU&shipperAccountNumber={}&dateRangeFrom={}&dateRangeTo={until}",
            way::reference(request),
            way::named(&self.account)?,
            request.ship_date,
        );
        let call = signed(Call::get("a label by its reference", path), None);
        let found: Found = match self.client.read(call).await {
            Err(failure) if failure.is_not_found() => return Ok(Recovered::CannotTell),
            answer => answer?,
        };
        let mut shipments = found.shipments.0.into_iter();
        let (Some(shipment), None) = (shipments.next(), shipments.next()) else { return Ok(Recovered::CannotTell) };
        let Some(reference) = given(&shipment.shipment_tracking_number) else { return Ok(Recovered::CannotTell) };
        Ok(match numbers(&reference, &shipment.pieces.0, request.parcels.len()) {
            Some(tracking_numbers) => Recovered::Bought(BoughtLabel {
                reference,
                tracking_numbers,
                cost: None,
                documents: Vec::new(),
                estimated_delivery: None,
            }),
            None => Recovered::CannotTell,
        })
    }
}
