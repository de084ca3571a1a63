//! When the shop sends, and whose price a shipping method takes, as admins see and send them.

use oms_app::pricing::settings::{GivenCarrierRate, GivenClosed, GivenDispatch};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::pricing::carrier_rate::CarrierRate;
use oms_domain::pricing::dispatch::{Closed, Day, Dispatch};
use oms_runtime::http::bounded::Text;
use oms_runtime::http::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings_view::BoxView;

/// When the shop sends what is paid for. Expected delivery days count from there; without it, from the day of the payment in UTC.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchView {
    /// Time zone of the days and the hour, an IANA name such as `Europe/Berlin`.
    #[schema(value_type = Text<1, 64>)]
    pub time_zone: String,
    /// Cut-off: what is paid for before this time leaves on the same day, such as `14:00`; the end of the day if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<5, 5>>)]
    pub until: Option<String>,
    /// Days of the week on which parcels leave.
    #[schema(value_type = Vec<words::Weekday>, min_items = 1, max_items = 7)]
    pub days: Vec<String>,
    /// Days on which nothing leaves, such as holidays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub closed: Vec<ClosedView>,
}

/// Days on which nothing leaves, both inclusive.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedView {
    /// First day, such as `2026-12-24`.
    #[schema(value_type = Text<10, 10>)]
    pub from: String,
    /// Last day.
    #[schema(value_type = Text<10, 10>)]
    pub to: String,
}

/// A carrier's service whose price a shipping method takes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CarrierRateView {
    /// Name of the carrier.
    #[schema(value_type = Text<1, 32>)]
    pub carrier: String,
    /// The carrier's code of the service.
    #[schema(value_type = Text<1, 64>)]
    pub service: String,
    /// The box that a seller's goods go into.
    #[serde(rename = "box")]
    pub empty: BoxView,
}

impl From<DispatchView> for GivenDispatch {
    fn from(sent: DispatchView) -> Self {
        let DispatchView { time_zone, until, days, closed } = sent;
        let closed = closed.into_iter().map(|ClosedView { from, to }| GivenClosed { from, to }).collect();
        GivenDispatch { time_zone, until, days, closed }
    }
}

impl From<&Dispatch> for DispatchView {
    fn from(dispatch: &Dispatch) -> Self {
        let closed = |closed: &Closed| ClosedView { from: closed.from.to_string(), to: closed.to.to_string() };
        DispatchView {
            time_zone: dispatch.time_zone.clone(),
            until: dispatch.until.map(|until| until.strftime("%H:%M").to_string()),
            days: dispatch.days.iter().copied().map(Day::name).map(ToOwned::to_owned).collect(),
            closed: dispatch.closed.iter().map(closed).collect(),
        }
    }
}

impl From<CarrierRateView> for GivenCarrierRate {
    fn from(sent: CarrierRateView) -> Self {
        GivenCarrierRate { carrier: sent.carrier, service: sent.service, empty: Measures::from(sent.empty) }
    }
}

impl From<&CarrierRate> for CarrierRateView {
    fn from(rate: &CarrierRate) -> Self {
        CarrierRateView { carrier: rate.carrier.clone(), service: rate.service.clone(), empty: rate.empty.into() }
    }
}
