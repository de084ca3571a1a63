//! What UPS answers: a list of one may come without its list, and a value with a line end in front of it.

#![allow(clippy::struct_field_names, reason = "they are the carrier's names")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oms_app::ports::{CarrierDocument, DocumentFormat};
use oms_domain::money::Money;
use serde::Deserialize;

use crate::json::{Exact, Many};

/// The error body of the REST APIs, and the one that old gateways still answer with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    response: Errors,
    #[serde(rename = "Fault")]
    fault: Option<GatewayFault>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Errors {
    errors: Many<ErrorCode>,
}

#[derive(Deserialize)]
struct ErrorCode {
    #[serde(default)]
    code: Exact,
}

#[derive(Deserialize)]
struct GatewayFault {
    detail: GatewayDetail,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GatewayDetail {
    errors: GatewayErrors,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GatewayErrors {
    error_detail: Many<GatewayError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GatewayError {
    primary_error_code: Code,
}

impl Problem {
    pub(super) fn codes(self) -> Vec<String> {
        let old = self.fault.map(|fault| fault.detail.errors.error_detail.0).unwrap_or_default();
        let new = self.response.errors.0.into_iter().map(|error| error.code.text().to_owned());
        new.chain(old.into_iter().map(|error| error.primary_error_code.value().to_owned())).collect()
    }
}

/// Something with a code in it. UPS's test system puts `&#xD;` in front of values.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Code {
    code: Exact,
}

impl Code {
    pub(super) fn value(&self) -> &str {
        self.code.text().trim_start_matches("&#xD;").trim()
    }
}

#[derive(Deserialize)]
pub(super) struct RateAnswer {
    #[serde(rename = "RateResponse")]
    pub(super) response: Option<RateResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RateResponse {
    #[serde(default)]
    pub(super) rated_shipment: Many<RatedShipment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RatedShipment {
    #[serde(default)]
    pub(super) service: Code,
    total_charges: Option<Charge>,
    total_charges_with_taxes: Option<Charge>,
    negotiated_rate_charges: Option<Negotiated>,
    time_in_transit: Option<TimeInTransit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Negotiated {
    total_charge: Option<Charge>,
    total_charges_with_taxes: Option<Charge>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Charge {
    #[serde(default)]
    currency_code: String,
    #[serde(default)]
    monetary_value: Exact,
}

impl Charge {
    fn price(&self) -> Option<Money> {
        self.monetary_value.price(&self.currency_code)
    }
}

/// Ours before the list's, with taxes where they are told.
fn agreed(negotiated: Option<&Negotiated>, list: Option<&Charge>) -> Option<Money> {
    let ours = negotiated.and_then(|ours| ours.total_charges_with_taxes.as_ref().or(ours.total_charge.as_ref()));
    ours.or(list)?.price()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeInTransit {
    #[serde(default)]
    service_summary: Summary,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Summary {
    estimated_arrival: Arrival,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Arrival {
    arrival: DateOnly,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DateOnly {
    date: Exact,
}

impl RatedShipment {
    pub(super) fn cost(&self) -> Option<Money> {
        let list = self.total_charges_with_taxes.as_ref().or(self.total_charges.as_ref());
        agreed(self.negotiated_rate_charges.as_ref(), list)
    }

    /// `YYYYMMDD`.
    pub(super) fn day(&self) -> Option<&str> {
        Some(self.time_in_transit.as_ref()?.service_summary.estimated_arrival.arrival.date.text())
    }
}

#[derive(Deserialize)]
pub(super) struct LabelAnswer {
    #[serde(rename = "ShipmentResponse")]
    pub(super) shipment: Option<LabelResponse>,
    #[serde(default)]
    response: Errors,
}

impl LabelAnswer {
    pub(super) fn errors(&self) -> Vec<String> {
        self.response.errors.0.iter().map(|error| error.code.text().to_owned()).collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LabelResponse {
    pub(super) shipment_results: Option<Results>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Results {
    pub(super) shipment_identification_number: String,
    #[serde(default)]
    pub(super) package_results: Many<PackageResult>,
    shipment_charges: Option<ShipmentCharges>,
    negotiated_rate_charges: Option<Negotiated>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShipmentCharges {
    total_charges: Option<Charge>,
    total_charges_with_taxes: Option<Charge>,
}

impl Results {
    pub(super) fn cost(&self) -> Option<Money> {
        let list = self.shipment_charges.as_ref();
        let list = list.and_then(|list| list.total_charges_with_taxes.as_ref().or(list.total_charges.as_ref()));
        agreed(self.negotiated_rate_charges.as_ref(), list)
    }
}

/// A package of a label that was bought, or of one that was found again.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PackageResult {
    pub(super) tracking_number: String,
    shipping_label: Option<Image>,
    label_image: Option<Image>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    #[serde(default)]
    image_format: Code,
    #[serde(default)]
    label_image_format: Code,
    graphic_image: Option<String>,
}

impl PackageResult {
    pub(super) fn label(&self) -> Option<CarrierDocument> {
        let image = self.shipping_label.as_ref().or(self.label_image.as_ref())?;
        let format = [image.image_format.value(), image.label_image_format.value()].concat();
        let format = match format.to_ascii_uppercase().as_str() {
            "GIF" => DocumentFormat::Gif,
            "ZPL" => DocumentFormat::Zpl,
            "PNG" => DocumentFormat::Png,
            "PDF" => DocumentFormat::Pdf,
            _ => return None,
        };
        let bytes = STANDARD.decode(image.graphic_image.as_deref()?).ok().filter(|bytes| !bytes.is_empty())?;
        Some(CarrierDocument { format, bytes })
    }
}

#[derive(Deserialize)]
pub(super) struct RecoveryAnswer {
    #[serde(rename = "LabelRecoveryResponse")]
    pub(super) response: Option<Recovery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Recovery {
    pub(super) shipment_identification_number: Option<String>,
    #[serde(default)]
    pub(super) label_results: Many<PackageResult>,
}

#[derive(Deserialize)]
pub(super) struct VoidAnswer {
    #[serde(rename = "VoidShipmentResponse")]
    pub(super) response: Option<VoidResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VoidResponse {
    #[serde(default)]
    summary_result: StatusOf,
    /// The specification's name, and the one that live answers use.
    #[serde(default)]
    package_level_results: Many<StatusOf>,
    #[serde(default)]
    package_level_result: Many<StatusOf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatusOf {
    status: Code,
}

impl VoidResponse {
    /// Whether all of it is void. That the call worked says nothing.
    pub(super) fn is_void(&self) -> bool {
        let void = |one: &StatusOf| one.status.value() == "1";
        let packages = self.package_level_results.0.iter().chain(&self.package_level_result.0);
        void(&self.summary_result) && packages.into_iter().all(void)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taken {
    #[serde(default)]
    pub(super) invalid_tracking_numbers: Vec<String>,
    #[serde(default)]
    pub(super) valid_tracking_numbers: Vec<String>,
}
