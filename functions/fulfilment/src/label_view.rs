//! What clients see of labels.

use jiff::Timestamp;
use jiff::civil::Date;
use oms_app::fulfilment::labels::{Linked, Shown};
use oms_domain::fulfilment::label::{DocumentFormat, Label, LabelStatus};
use oms_domain::fulfilment::parcel::Measures;
use oms_runtime::http::bounded::{Count, MoneyText};
use oms_runtime::http::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Weight and sides of a parcel.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParcelBody {
    /// Weight in grams.
    pub weight_grams: Count<1, 70_000>,
    /// Length in millimetres.
    pub length_mm: Count<1, 3_000>,
    /// Width in millimetres.
    pub width_mm: Count<1, 3_000>,
    /// Height in millimetres.
    pub height_mm: Count<1, 3_000>,
}

impl From<ParcelBody> for Measures {
    fn from(body: ParcelBody) -> Self {
        Measures {
            weight_grams: body.weight_grams.into(),
            length_mm: body.length_mm.into(),
            width_mm: body.width_mm.into(),
            height_mm: body.height_mm.into(),
        }
    }
}

/// A shipment's label.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "label_id": "01976b7a-0000-8000-8000-00000000000f", "shipment_id": "01976b7a-0000-7000-8000-00000000000a-S1", "status": "bought",
    "carrier": "sandbox", "service": "standard", "ship_date": "2026-01-05", "requested_at": "2026-01-05T10:00:00Z",
    "tracking": [{"carrier": "Sandbox", "tracking_number": "SBX123456789012"}], "cost": "4.90", "currency": "EUR",
    "documents": [{"format": "pdf", "url": "https://documents.example/1.pdf"}], "documents_until": "2026-01-05T10:15:00Z"
})))]
pub struct LabelView {
    /// Id of the label, and our reference at the carrier (without hyphens).
    #[schema(format = Uuid)]
    label_id: String,
    /// Id of the shipment.
    shipment_id: String,
    /// `requested` while the carrier has not answered, `bought`, `voiding` while the carrier has not taken it back, or `unknown`:
    /// the carrier cannot tell whether it was bought, and a person has to look.
    #[schema(value_type = words::LabelStatus)]
    status: LabelStatus,
    /// The carrier.
    carrier: String,
    /// The carrier's code of the service.
    service: String,
    /// When the parcel is handed over.
    #[schema(value_type = String, format = Date)]
    ship_date: Date,
    /// When it was asked for.
    requested_at: Timestamp,
    /// A parcel each, once it is bought.
    #[schema(max_items = 20)]
    tracking: Vec<LabelParcelView>,
    /// What it costs the shop; null where the carrier does not say.
    cost: Option<MoneyText>,
    /// Currency of the cost.
    currency: Option<String>,
    /// What there is to print.
    #[schema(max_items = 20)]
    documents: Vec<DocumentView>,
    /// Until when the links to the documents work; read the label again for new ones.
    documents_until: Timestamp,
}

/// A parcel of a label.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelParcelView {
    /// The carrier, as customers read it.
    carrier: String,
    /// The carrier's tracking number.
    tracking_number: String,
}

/// A document to print.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentView {
    #[schema(value_type = words::DocumentFormat)]
    format: DocumentFormat,
    /// A link that works for 15 minutes. Whoever has it can read the document: it names the recipient.
    url: String,
}

impl LabelView {
    pub(crate) fn of(shown: &Shown) -> Self {
        let Label { id, status, order, requested_at, bought, .. } = &shown.label;
        let tracking = bought.iter().flat_map(|bought| &bought.tracking);
        let cost = bought.as_ref().and_then(|bought| bought.cost);
        let document = |linked: &Linked| DocumentView { format: linked.format, url: linked.url.clone() };
        LabelView {
            label_id: id.to_string(),
            shipment_id: shown.shipment.to_string(),
            status: *status,
            carrier: order.carrier.clone(),
            service: order.service.clone(),
            ship_date: order.ship_date,
            requested_at: *requested_at,
            tracking: tracking
                .map(|parcel| LabelParcelView {
                    carrier: parcel.carrier.clone(),
                    tracking_number: parcel.tracking_number.clone(),
                })
                .collect(),
            cost: cost.map(Into::into),
            currency: cost.map(|cost| cost.currency.code().to_owned()),
            documents: shown.documents.iter().map(document).collect(),
            documents_until: shown.until,
        }
    }
}
