//! What UPS is asked, in its JSON: every number is a text, and a flag is there or not.

use oms_app::ports::{LabelRequest, Party, RateRequest};
use oms_domain::fulfilment::parcel::Measures;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::LIMITS;
use crate::measures;
use crate::way::{digits, phone, reference};

/// Longest code of a state, in characters.
const STATE_CHARACTERS: usize = 5;

/// `kind` is what the packaging is called: `PackagingType` where rates are asked, `Packaging` where a label is bought.
fn package(parcel: &Measures, country: &str, kind: &str) -> Value {
    let told = measures::told(parcel, country, 1);
    let [length, width, height] = told.sides.map(|side| side.to_string());
    let (weight, side) = if told.imperial { ("LBS", "IN") } else { ("KGS", "CM") };
    json!({
        kind: {"Code": "02"},
        "Dimensions": {"UnitOfMeasurement": {"Code": side}, "Length": length, "Width": width, "Height": height},
        "PackageWeight": {"UnitOfMeasurement": {"Code": weight}, "Weight": told.weight.to_string()},
    })
}

fn address(party: &Party) -> Value {
    let from = &party.address;
    let lines = [Some(from.street_address.as_str()), from.street_address_2.as_deref()];
    let lines = lines.into_iter().flatten().filter(|line| !line.is_empty()).map(|line| LIMITS.write(line));
    let lines = lines.collect::<Vec<_>>();
    let mut address = json!({"City": LIMITS.write(&from.city), "CountryCode": from.country});
    // Prices are asked for before anybody needs to say in which street they live.
    if !lines.is_empty() {
        address["AddressLine"] = lines.into();
    }
    if let Some(code) = &from.postal_code {
        address["PostalCode"] = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().into();
    }
    if let Some(state) = from.state.as_deref().filter(|state| state.len() <= STATE_CHARACTERS && state.is_ascii()) {
        address["StateProvinceCode"] = state.into();
    }
    if from.company.is_none() {
        address["ResidentialAddressIndicator"] = "".into();
    }
    address
}

/// A company's name, with the person below it; or the person alone.
fn party(party: &Party, sender: &Party) -> Value {
    let name = party.address.company.as_ref().unwrap_or(&party.address.recipient_name);
    let mut told = json!({"Address": address(party)});
    if !name.is_empty() {
        told["Name"] = LIMITS.write(name).into();
        told["AttentionName"] = LIMITS.write(&party.address.recipient_name).into();
    }
    if let Some(phone) = phone(party, sender) {
        told["Phone"] = json!({"Number": digits(phone)});
    }
    if let Some(email) = &party.email {
        told["EMailAddress"] = email.as_str().into();
    }
    told
}

fn shipper(sender: &Party, account: &str) -> Value {
    let mut shipper = party(sender, sender);
    shipper["ShipperNumber"] = account.into();
    shipper
}

fn is_domestic(from: &Party, to: &Party) -> bool {
    from.address.country == to.address.country
}

/// Whether days are asked for beside prices. Across a border they are told only to those who say what the goods are worth.
pub(super) fn asks_for_days(request: &RateRequest) -> bool {
    is_domestic(&request.from, &request.to)
}

pub(super) fn rates(account: &str, request: &RateRequest) -> Value {
    let country = &request.from.address.country;
    let packages: Vec<Value> = request.parcels.iter().map(|parcel| package(parcel, country, "PackagingType")).collect();
    let mut shipment = json!({
        "Shipper": shipper(&request.from, account),
        "ShipTo": party(&request.to, &request.from),
        "ShipFrom": party(&request.from, &request.from),
        // Without the flag the prices are the list's, not ours.
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": ""},
        "TaxInformationIndicator": "",
        "Package": packages,
    });
    if asks_for_days(request) {
        let date = request.ship_date.strftime("%Y%m%d").to_string();
        shipment["DeliveryTimeInformation"] = json!({"PackageBillType": "03", "Pickup": {"Date": date}});
        shipment["ShipmentTotalWeight"] = total_weight(&request.parcels, country);
    }
    let option = if asks_for_days(request) { "Shoptimeintransit" } else { "Shop" };
    json!({"RateRequest": {"Request": {"RequestOption": option}, "Shipment": shipment}})
}

fn total_weight(parcels: &[Measures], country: &str) -> Value {
    let told: Vec<measures::Told> = parcels.iter().map(|parcel| measures::told(parcel, country, 1)).collect();
    let imperial = told.iter().any(|parcel| parcel.imperial);
    let weight: Decimal = told.iter().map(|parcel| parcel.weight).sum();
    json!({
        "UnitOfMeasurement": {"Code": if imperial { "LBS" } else { "KGS" }},
        "Weight": weight.normalize().to_string(),
    })
}

/// Whether references stand on each package: inside the United States and inside Puerto Rico. Elsewhere UPS takes them for the
/// shipment only.
fn refers_by_package(request: &LabelRequest) -> bool {
    is_domestic(&request.from, &request.to) && ["US", "PR"].contains(&request.from.address.country.as_str())
}

pub(super) fn label(account: &str, request: &LabelRequest) -> Value {
    let country = &request.from.address.country;
    let references = json!([{"Value": reference(request)}, {"Value": LIMITS.write(&request.shipment_number)}]);
    let by_package = refers_by_package(request);
    let one = |parcel: &Measures| {
        let mut package = package(parcel, country, "Packaging");
        if by_package {
            package["ReferenceNumber"] = references.clone();
        }
        package
    };
    let mut shipment = json!({
        "Description": "Goods",
        "Shipper": shipper(&request.from, account),
        "ShipTo": party(&request.to, &request.from),
        "ShipFrom": party(&request.from, &request.from),
        "PaymentInformation": {"ShipmentCharge": [{"Type": "01", "BillShipper": {"AccountNumber": account}}]},
        "Service": {"Code": request.service},
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": ""},
        "TaxInformationIndicator": "",
        "Package": request.parcels.iter().map(one).collect::<Vec<_>>(),
    });
    if !by_package {
        shipment["ReferenceNumber"] = references;
    }
    json!({"ShipmentRequest": {
        "Request": {
            "RequestOption": "validate",
            "TransactionReference": {"CustomerContext": reference(request)},
        },
        "Shipment": shipment,
        "LabelSpecification": label_specification(),
    }})
}

/// A GIF: UPS makes no PDF when a label is bought.
fn label_specification() -> Value {
    json!({
        "LabelImageFormat": {"Code": "GIF"},
        "HTTPUserAgent": "Mozilla/4.5",
        "LabelStockSize": {"Height": "6", "Width": "4"},
    })
}

pub(super) fn recovery(account: &str, request: &LabelRequest) -> Value {
    json!({"LabelRecoveryRequest": {
        "LabelSpecification": label_specification(),
        "ReferenceValues": {"ReferenceNumber": {"Value": reference(request)}, "ShipperNumber": account},
    }})
}
