//! DHL Parcel in Germany (Parcel DE Shipping v2): shipments that leave Germany.
//!
//! Each parcel is a shipment of its own here, with its own verdict: one may be made while its neighbour is refused. So half of an order
//! is taken back, and what cannot be taken back stays unknown.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oms_app::ports::{BoughtLabel, CarrierDocument, CarrierError, DocumentFormat, Fault, LabelRequest, Party, Voided};
use oms_domain::fulfilment::parcel::Measures;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::PARCEL_LIMITS;
use crate::client::{Call, Client, Dialect, Failure};
use crate::json::{Exact, Many};
use crate::way;

/// The end of a billing number for each product: digits 11 and 12 must say the same.
pub(super) const PRODUCTS: [(&str, &str); 5] =
    [("V01PAK", "01"), ("V53WPAK", "53"), ("V54EPAK", "54"), ("V62KP", "62"), ("V66WPI", "66")];

/// Digits of a billing number.
const BILLING_DIGITS: usize = 14;

/// What every shop has unless it made groups.
const PROFILE: &str = "STANDARD_GRUPPENPROFIL";

const A_LABEL: &str = "a label";

/// Beginnings of names of properties that blame the recipient, and those that blame us.
const FAULTS: [(&str, Fault); 3] =
    [("consignee", Fault::Address), ("shipper", Fault::Account), ("billingnumber", Fault::Account)];

pub(super) struct Parcels {
    client: Client,
    /// By product.
    billing: BTreeMap<String, String>,
}

/// Which billing number cannot be used, if any.
pub(super) fn faulty_billing(billing: &BTreeMap<String, String>) -> Option<&String> {
    let fits = |product: &str, number: &str| {
        let ends = PRODUCTS.iter().find(|(known, _)| *known == product).map(|(_, ends)| *ends);
        let digits = number.len() == BILLING_DIGITS && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        digits && ends.is_some_and(|ends| number.get(10..12) == Some(ends))
    };
    billing.iter().find(|(product, number)| !fits(product, number)).map(|(product, _)| product)
}

#[derive(Deserialize)]
struct Orders {
    #[serde(default)]
    items: Many<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    /// A text, or a number.
    #[serde(default)]
    shipment_no: Exact,
    #[serde(default)]
    sstatus: Status,
    label: Option<Label>,
    #[serde(default)]
    validation_messages: Many<Message>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    /// The same number by two names; not every answer has both.
    status_code: Exact,
    status: Exact,
}

#[derive(Deserialize)]
struct Label {
    b64: Option<String>,
    zpl2: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(default)]
    property: String,
    #[serde(default)]
    validation_state: String,
}

impl Item {
    fn status(&self) -> &str {
        let told = [&self.sstatus.status_code, &self.sstatus.status].map(Exact::text);
        told.into_iter().find(|code| !code.is_empty()).unwrap_or_default()
    }

    fn is_done(&self) -> bool {
        self.status() == "200"
    }

    /// What is neither done nor refused is not known.
    fn is_refused(&self) -> bool {
        !self.is_done() && (self.status().starts_with('4') || self.blamed().next().is_some())
    }

    fn document(&self) -> Option<CarrierDocument> {
        let label = self.label.as_ref()?;
        let pdf = || STANDARD.decode(label.b64.as_deref()?).ok().filter(|bytes| !bytes.is_empty());
        match &label.zpl2 {
            // Printers' language comes as it is.
            Some(text) if !text.is_empty() => {
                Some(CarrierDocument { format: DocumentFormat::Zpl, bytes: text.as_bytes().to_vec() })
            }
            _ => pdf().map(|bytes| CarrierDocument { format: DocumentFormat::Pdf, bytes }),
        }
    }

    /// The properties that are wrong: names of fields, without what stands in them.
    fn blamed(&self) -> impl Iterator<Item = &str> {
        let errors = self.validation_messages.0.iter().filter(|message| message.validation_state == "Error");
        errors.map(|message| message.property.as_str()).filter(|property| !property.is_empty())
    }
}

fn fault(property: &str) -> Fault {
    let name = property.trim_start_matches("shipment.").to_ascii_lowercase();
    FAULTS.iter().find(|(beginning, _)| name.starts_with(beginning)).map_or(Fault::Request, |(_, fault)| *fault)
}

fn codes(body: &[u8]) -> Vec<String> {
    let orders = crate::json::read::<Orders>(body).map(|orders| orders.items.0).unwrap_or_default();
    let blamed: Vec<String> = orders.iter().flat_map(Item::blamed).map(ToOwned::to_owned).collect();
    if blamed.is_empty() { super::problem_codes(body) } else { blamed }
}

pub(super) fn dialect() -> Dialect {
    Dialect { carrier: "DHL Paket", codes, fault, passing: &[] }
}

fn party(party: &Party) -> Option<Value> {
    let from = &party.address;
    let write = |text: &str| PARCEL_LIMITS.write(text);
    let first = from.company.as_ref().unwrap_or(&from.recipient_name);
    let mut told = json!({
        "name1": write(first),
        "addressStreet": write(&from.street_address),
        "city": write(&from.city),
        "country": super::alpha3(&from.country)?,
    });
    if from.company.is_some() {
        told["name2"] = write(&from.recipient_name).into();
    }
    if let Some(more) = &from.street_address_2 {
        // What stands in the field for it is not printed inside Germany.
        told[if from.country == "DE" { "name3" } else { "additionalAddressInformation1" }] = write(more).into();
    }
    if let Some(code) = &from.postal_code {
        told["postalCode"] = write(code).into();
    }
    // Only those who may be written to have one here; a phone number is not taken inside Germany.
    if let Some(email) = &party.email {
        told["email"] = email.as_str().into();
    }
    if let Some(phone) = party.phone.as_ref().filter(|_| from.country != "DE") {
        told["phone"] = phone.as_str().into();
    }
    Some(told)
}

fn shipment(request: &LabelRequest, billing: &str, parcel: &Measures) -> Option<Value> {
    Some(json!({
        "product": request.service,
        "billingNumber": billing,
        "refNo": way::reference(request),
        "shipDate": request.ship_date.to_string(),
        "shipper": party(&request.from)?,
        "consignee": party(&request.to)?,
        "details": {
            "weight": {"uom": "g", "value": parcel.weight_grams},
            "dim": {
                "uom": "mm", "length": parcel.length_mm, "width": parcel.width_mm, "height": parcel.height_mm,
            },
        },
    }))
}

impl Parcels {
    pub(super) fn new(client: Client, billing: BTreeMap<String, String>) -> Self {
        Parcels { client, billing }
    }

    pub(super) fn has(&self, service: &str) -> bool {
        self.billing.contains_key(service)
    }

    pub(super) async fn buy(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        if request.from.address.country != "DE" {
            return Err(way::refused(Fault::Request, "DHL Paket takes parcels that leave Germany"));
        }
        let no_country = || way::refused(Fault::Address, "DHL Paket does not know the country");
        let billing = self.billing.get(&request.service).map(String::as_str).unwrap_or_default();
        let shipments = request.parcels.iter().map(|parcel| shipment(request, billing, parcel).ok_or_else(no_country));
        let body = json!({"profile": PROFILE, "shipments": shipments.collect::<Result<Vec<_>, _>>()?});
        // An address that DHL cannot route is refused, instead of being labelled with a warning.
        let path = "/orders?mustEncode=true&includeDocs=include&docFormat=PDF&combine=false";
        let call = Call::change(Method::POST, A_LABEL, path).json(&body).with("Accept-Language", "en-US");
        let orders: Orders = self.client.read(call).await?;
        self.judge(request, orders.items.0).await
    }

    /// One verdict for all parcels.
    async fn judge(&self, request: &LabelRequest, items: Vec<Item>) -> Result<BoughtLabel, CarrierError> {
        let unknown = |why: &str| CarrierError::from(self.client.lost(A_LABEL, true, why));
        let judged = items.iter().all(|item| item.is_done() || item.is_refused());
        if items.len() != request.parcels.len() || !judged {
            return Err(unknown("not one verdict for each parcel"));
        }
        let made = items.iter().filter(|item| item.is_done());
        let numbers = made.map(|item| item.shipment_no.text()).filter(|number| !number.is_empty());
        let numbers: Vec<String> = numbers.map(ToOwned::to_owned).collect();
        if let Some(refused) = items.iter().find(|item| !item.is_done()) {
            let blamed: Vec<String> = refused.blamed().map(ToOwned::to_owned).collect();
            return Err(self.taken_back(&numbers, &blamed).await);
        }
        let documents: Vec<CarrierDocument> = items.iter().filter_map(Item::document).collect();
        if numbers.len() != items.len() || documents.len() != items.len() {
            return Err(unknown("not one label for each parcel"));
        }
        Ok(BoughtLabel {
            reference: numbers.first().cloned().unwrap_or_default(),
            tracking_numbers: numbers,
            cost: None,
            documents,
            estimated_delivery: None,
        })
    }

    /// The refusal of one parcel, once those beside it are void.
    async fn taken_back(&self, made: &[String], blamed: &[String]) -> CarrierError {
        let refusal = self.client.refusal(A_LABEL, true, blamed);
        if made.is_empty() {
            return refusal;
        }
        match self.void(made).await {
            Ok(Voided::Void) => refusal,
            Ok(Voided::Refused(_)) | Err(_) => {
                self.client.lost(A_LABEL, true, &format!("a part was made and stands: {}", made.join(" "))).into()
            }
        }
    }

    /// All of them, until the day is closed. DHL judges each by itself.
    pub(super) async fn void(&self, numbers: &[String]) -> Result<Voided, CarrierError> {
        let what = "a label's end";
        let mut path = format!("/orders?profile={PROFILE}");
        for number in numbers {
            path.push_str("&shipment=");
            path.push_str(way::named(number)?);
        }
        let orders: Result<Orders, Failure> = self.client.read(Call::change(Method::DELETE, what, path)).await;
        match orders {
            Ok(orders) if orders.items.0.len() == numbers.len() && orders.items.0.iter().all(Item::is_done) => {
                Ok(Voided::Void)
            }
            Ok(orders) if !orders.items.0.iter().any(Item::is_refused) => {
                Err(self.client.lost(what, true, "the answer says nothing").into())
            }
            Ok(_) => Ok(Voided::Refused("the day is closed, or DHL does not know the parcel".to_owned())),
            Err(failure) if failure.status == Some(StatusCode::BAD_REQUEST) => {
                Ok(Voided::Refused("the day is closed, or DHL does not know the parcel".to_owned()))
            }
            Err(failure) => way::refused_void(failure),
        }
    }
}
