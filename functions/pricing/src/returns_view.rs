//! The terms of returns as clients see and send them.

use std::collections::BTreeMap;

use oms_app::pricing::settings::{GivenReason, GivenReturns, GivenTreatment};
use oms_domain::returns::policy::ReturnsTable;
use oms_runtime::http::bounded::{Rate, Text};
use oms_runtime::http::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The terms on which goods come back. An order keeps those of its placement; customers are bound by them, and for staff they are
/// advice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnsView {
    /// Days to ask for a return, from the delivery; 0 is a final sale.
    #[schema(maximum = 3650)]
    pub days: u32,
    /// Days by category of the product, up to 200; they come before those of the country.
    #[serde(default)]
    pub by_category: BTreeMap<String, u32>,
    /// Days by country that the order goes to, ISO 3166-1 alpha-2.
    #[serde(default)]
    pub by_country: BTreeMap<String, u32>,
    /// Share of the price that the shop keeps for its work, unless it pays for the way back; `0.10` is 10 %.
    #[serde(default = "no_fee")]
    #[schema(value_type = Rate)]
    pub restocking_fee: String,
    /// 1 to 50 reasons that customers can name.
    #[schema(min_items = 1, max_items = 50)]
    pub reasons: Vec<ReturnReasonView>,
    /// What becomes of units by their condition: `as_new`, `opened`, `damaged`, `incomplete`, `wrong_item`. A condition that is left
    /// out is treated as usual.
    #[serde(default)]
    pub conditions: BTreeMap<String, TreatmentView>,
    /// For so many days an approved return is waited for.
    #[serde(default = "usual_expiry")]
    #[schema(minimum = 1, maximum = 365)]
    pub expires_days: u32,
}

/// Why somebody sends goods back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnReasonView {
    /// Code that clients send: a-z, 0-9 and `_`.
    #[schema(value_type = Text<1, 40>)]
    pub code: String,
    /// Text that people read.
    #[schema(value_type = Text<1, 120>)]
    pub text: String,
    /// Who pays for the way back.
    #[schema(value_type = words::Payer)]
    pub label_paid_by: String,
    /// Whether staff must see a photo first: customers cannot ask with this reason by themselves.
    #[serde(default)]
    pub photo_needed: bool,
}

/// What becomes of units in a condition.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentView {
    /// Where they go; `none` writes them off.
    #[schema(value_type = words::BackTo)]
    pub stock: String,
    /// Share of their price that goes back.
    #[schema(value_type = Rate)]
    pub rate: String,
}

fn no_fee() -> String {
    "0".to_owned()
}

const fn usual_expiry() -> u32 {
    oms_domain::returns::policy::USUAL_EXPIRES_DAYS as u32
}

impl From<ReturnsView> for GivenReturns {
    fn from(sent: ReturnsView) -> Self {
        let reason = |ReturnReasonView { code, text, label_paid_by, photo_needed }| GivenReason {
            code,
            text,
            label_paid_by,
            photo_needed,
        };
        let treatment = |(condition, TreatmentView { stock, rate })| (condition, GivenTreatment { stock, rate });
        GivenReturns {
            days: sent.days,
            by_category: sent.by_category,
            by_country: sent.by_country,
            restocking_fee: Some(sent.restocking_fee),
            reasons: sent.reasons.into_iter().map(reason).collect(),
            conditions: sent.conditions.into_iter().map(treatment).collect(),
            expires_days: sent.expires_days,
        }
    }
}

impl From<&ReturnsTable> for ReturnsView {
    fn from(table: &ReturnsTable) -> Self {
        let windows = |windows: &BTreeMap<String, u16>| {
            windows.iter().map(|(name, days)| (name.clone(), u32::from(*days))).collect()
        };
        let reasons = table.reasons.iter().map(|reason| ReturnReasonView {
            code: reason.code.clone(),
            text: reason.text.clone(),
            label_paid_by: reason.label.name().to_owned(),
            photo_needed: reason.photo,
        });
        let conditions = table.conditions.iter().map(|(condition, treatment)| {
            let (stock, rate) = (treatment.stock.name().to_owned(), treatment.rate.to_string());
            (condition.name().to_owned(), TreatmentView { stock, rate })
        });
        ReturnsView {
            days: u32::from(table.days),
            by_category: windows(&table.by_category),
            by_country: windows(&table.by_country),
            restocking_fee: table.restocking_fee.to_string(),
            reasons: reasons.collect(),
            conditions: conditions.collect(),
            expires_days: u32::from(table.expires_days),
        }
    }
}
