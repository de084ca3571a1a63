//! `GET /api/shipments/{shipment_id}/rates`: what carriers take for a shipment.

use std::sync::Arc;

use jiff::civil::Date;
use oms_app::fulfilment::view_rates::{Offers, ViewRates};
use oms_app::ports::Rate;
use oms_domain::access::Operation;
use oms_domain::fulfilment::parcel::{MAX_GRAMS, MAX_MILLIMETRES, MAX_PARCELS, Measures};
use oms_runtime::http::bounded::MoneyText;
use oms_runtime::http::heads::{InputProblems, ShipmentPath};
use oms_runtime::http::{Answer, Problem, Query, Request};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// What is to be carried.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RatesQuery {
    /// Weight of a parcel, in grams.
    #[param(minimum = 1, maximum = 70_000, example = 1200)]
    pub weight_grams: u32,
    /// Length, in millimetres.
    #[param(minimum = 1, maximum = 3_000, example = 300)]
    pub length_mm: u32,
    /// Width, in millimetres.
    #[param(minimum = 1, maximum = 3_000, example = 200)]
    pub width_mm: u32,
    /// Height, in millimetres.
    #[param(minimum = 1, maximum = 3_000, example = 100)]
    pub height_mm: u32,
    /// How many parcels of this kind.
    #[param(minimum = 1, maximum = 20, default = 1)]
    pub parcels: Option<u32>,
}

/// A carrier's offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateView {
    /// Name of the carrier, to buy the label with.
    carrier: String,
    /// The carrier's code of the service, to buy the label with.
    service: String,
    /// What people call the service.
    name: String,
    /// What it costs the shop.
    cost: MoneyText,
    /// Currency code, ISO 4217.
    currency: String,
    /// When it arrives, where the carrier says so.
    #[schema(value_type = Option<String>, format = Date)]
    estimated_delivery: Option<Date>,
}

/// A carrier that offers nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoRateView {
    /// Name of the carrier.
    carrier: String,
    /// Why not.
    reason: String,
}

/// What carriers take for a shipment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "data": [{"carrier": "sandbox", "service": "standard", "name": "Standard", "cost": "4.90", "currency": "EUR", "estimated_delivery": "2026-01-07"}],
    "none": [{"carrier": "ups", "reason": "is unavailable right now"}]
})))]
pub struct RatesView {
    /// The cheapest first; one currency after the other.
    data: Vec<RateView>,
    /// Carriers that offer nothing, and why.
    none: Vec<NoRateView>,
}

impl RatesView {
    fn of(offers: &Offers) -> Self {
        let rate = |(carrier, rate): &(String, Rate)| RateView {
            carrier: carrier.clone(),
            service: rate.service.clone(),
            name: rate.name.clone(),
            cost: rate.cost.into(),
            currency: rate.cost.currency.code().to_owned(),
            estimated_delivery: rate.estimated_delivery,
        };
        let none =
            |(carrier, reason): &(String, String)| NoRateView { carrier: carrier.clone(), reason: reason.clone() };
        RatesView { data: offers.rates.iter().map(rate).collect(), none: offers.none.iter().map(none).collect() }
    }
}

/// Asks carriers for their prices.
///
/// All carriers of the shop are asked for the way from the shipment's location to the customer, for parcels that are handed over today.
#[utoipa::path(
    get, path = "/api/shipments/{shipment_id}/rates", tag = "shipments", operation_id = "viewRates",
    params(ShipmentPath, RatesQuery),
    responses(
        (status = 200, description = "the offers", body = RatesView),
        (status = 404, description = "not_found: the shipment does not exist, or is another seller's"),
        (status = 409, description = "invalid_transition: the location has no address"),
        InputProblems,
    ),
)]
pub async fn handle(rates: Arc<ViewRates>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewRates)?;
    let id = request.path_id("shipment_id")?;
    let parcels = read(request.query())?;
    Answer::ok(&RatesView::of(&rates.run(&caller, id, parcels).await?))
}

/// Reads the query; every fault at once.
fn read(mut query: Query<'_>) -> Result<Vec<Measures>, Problem> {
    let most = |name: &str| if name == "weight_grams" { MAX_GRAMS } else { MAX_MILLIMETRES };
    let mut measure = |name: &'static str| {
        let read = |text: &str| {
            let number = text.parse::<u32>().ok().filter(|number| (1..=most(name)).contains(number));
            number.ok_or_else(|| format!("must be a number from 1 to {}", most(name)))
        };
        let found = query.last(name, read);
        if query.each(name).next().is_none() {
            query.fault(name, "is required");
        }
        found.unwrap_or(1)
    };
    let measures = Measures {
        weight_grams: measure("weight_grams"),
        length_mm: measure("length_mm"),
        width_mm: measure("width_mm"),
        height_mm: measure("height_mm"),
    };
    let count = |text: &str| {
        let count = text.parse::<usize>().ok().filter(|count| (1..=MAX_PARCELS).contains(count));
        count.ok_or("must be a number from 1 to 20")
    };
    let count = query.last("parcels", count).unwrap_or(1);
    query.only()?;
    Ok(vec![measures; count])
}
