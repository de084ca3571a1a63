//! How a parcel is followed, as clients write it.

use oms_app::Field;
use oms_domain::fulfilment::Tracking;
use serde::Deserialize;
use utoipa::ToSchema;

use super::bounded::Text;

/// Tracking details of a parcel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackingBody {
    /// The carrier.
    carrier: Text<1, 64>,
    /// The carrier's tracking number.
    tracking_number: Text<1, 64>,
    /// Page about the parcel, https; for carriers whose page is not known.
    url: Option<Text<1, 500>>,
}

/// Checks all parts, and tells of each what is wrong, below this pointer.
pub fn read_tracking(body: TrackingBody, pointer: &str) -> Result<Tracking, Vec<Field>> {
    let page: Option<String> = body.url.map(Into::into);
    let tracking = Tracking::checked(&String::from(body.carrier), &String::from(body.tracking_number));
    let (tracking, page) = match (tracking, Tracking::checked_page(page.as_deref())) {
        (Ok(tracking), Ok(page)) => return Ok(Tracking { page, ..tracking }),
        other => other,
    };
    let parts = tracking.err().unwrap_or_default();
    let parts = parts.iter().map(|error| Field::new(format!("{pointer}/{}", error.field()), error));
    let page = page.err().map(|error| Field::new(format!("{pointer}/url"), error));
    Err(parts.chain(page).collect())
}
