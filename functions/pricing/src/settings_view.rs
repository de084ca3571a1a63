//! The tables that prices depend on as clients see and send them; what is shown can be sent back as it is.

use std::collections::BTreeMap;

use garde::Validate;
use jiff::Timestamp;
use oms_app::ports::{Setting, SettingRecord, Table, Versioned};
use oms_app::pricing::settings::{Given, GivenBracket, GivenMethod, GivenPromotion, GivenTaxes, GivenWorkingDays};
use oms_domain::money::{Amount, Money};
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::{Benefit, Promotion, PromotionTable};
use oms_domain::pricing::shipping::{ShippingMethod, ShippingTable};
use oms_runtime::http::view::ActorView;
use oms_runtime::http::{Problem, Request, read_json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tax by destination and class; a destination that is not in it is not taxed.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TaxesView {
    /// Destination → class → rate; `0.19` is 19 %. A destination is a country (`DE`) or a state of one (`US-NY`), which
    /// stands before its country. Each has a `standard` rate, which shipping pays and classes without a rate.
    pub rates: BTreeMap<String, BTreeMap<String, String>>,
    /// Countries to which prices contain the tax.
    #[serde(default)]
    pub included: Vec<String>,
}

/// Ways to bring an order.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ShippingView {
    /// In the order in which they are offered; the first that takes a parcel is the default. 1 to 50.
    pub methods: Vec<MethodView>,
}

/// One way to bring an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodView {
    /// What clients send as `shipping_method`.
    pub code: String,
    /// What customers read.
    pub name: String,
    /// ISO 3166-1 alpha-2 codes; empty: all.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Decimals by currency for what no bracket holds; a currency without a price is not served.
    #[serde(default)]
    pub prices: BTreeMap<String, String>,
    /// Prices of lighter parcels, lightest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brackets: Vec<BracketView>,
    /// Nothing heavier is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_weight_grams: Option<u64>,
    /// Goods of this value before discounts travel free; decimals by currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub free_from: BTreeMap<String, String>,
    /// How long it takes, where the carrier says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_days: Option<WorkingDaysView>,
}

/// The price of parcels up to a weight.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BracketView {
    /// Inclusive.
    pub up_to_grams: u64,
    /// Decimals by currency.
    pub prices: BTreeMap<String, String>,
}

/// How many working days a delivery takes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkingDaysView {
    /// At least; 1 or more.
    pub from: u8,
    /// At most; up to 90.
    pub to: u8,
}

/// What is taken off.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PromotionsView {
    /// Up to 200.
    pub promotions: Vec<PromotionRowView>,
}

/// A promotion of the shop.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionRowView {
    /// What customers type, upper case; names one promotion. How often it was used is counted under it.
    pub code: String,
    /// Applies by itself to every order that it fits; then it has no limits of use.
    #[serde(default)]
    pub automatic: bool,
    /// percentage, `fixed_amount` or `free_shipping`.
    pub kind: String,
    /// Of a percentage: more than 0, at most 1; `0.10` is 10 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Of a fixed amount: a decimal in `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// For orders in this currency only; needed where it holds an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The goods must be worth this much before discounts; a decimal in `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    /// From when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// Until when, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
    /// How often in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// How often by one customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses_per_customer: Option<u32>,
    /// False: switched off.
    #[serde(default = "switched_on")]
    pub active: bool,
}

fn switched_on() -> bool {
    true
}

/// What a table says: that of the one in the path.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TableView {
    /// Of `taxes`.
    Taxes(TaxesView),
    /// Of `shipping`.
    Shipping(ShippingView),
    /// Of `promotions`.
    Promotions(PromotionsView),
}

/// A table at one of its versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettingView {
    /// taxes, shipping or promotions.
    pub table: String,
    /// Also its `ETag`. 0: nobody has set it up.
    pub version: u64,
    /// What a change sends back.
    pub content: TableView,
}

/// Who made a version of a table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettingRecordView {
    /// The version that it made; the one before it can still be read.
    pub version: u64,
    /// Who.
    pub actor: ActorView,
    /// When.
    pub timestamp: Timestamp,
    /// On which request.
    pub correlation_id: String,
}

/// Reads the whole table that was sent.
pub fn given(table: Table, request: &Request) -> Result<Given, Problem> {
    Ok(match table {
        Table::Taxes => {
            let TaxesView { rates, included } = read_json(request)?;
            Given::Taxes(GivenTaxes { rates, included })
        }
        Table::Shipping => {
            let ShippingView { methods } = read_json(request)?;
            Given::Shipping(methods.into_iter().map(GivenMethod::from).collect())
        }
        Table::Promotions => {
            let PromotionsView { promotions } = read_json(request)?;
            Given::Promotions(promotions.into_iter().map(GivenPromotion::from).collect())
        }
    })
}

impl From<MethodView> for GivenMethod {
    fn from(sent: MethodView) -> Self {
        let bracket = |BracketView { up_to_grams, prices }| GivenBracket { up_to_grams, prices };
        GivenMethod {
            code: sent.code,
            name: sent.name,
            countries: sent.countries,
            prices: sent.prices,
            brackets: sent.brackets.into_iter().map(bracket).collect(),
            max_weight_grams: sent.max_weight_grams,
            free_from: sent.free_from,
            working_days: sent.working_days.map(|WorkingDaysView { from, to }| GivenWorkingDays { from, to }),
        }
    }
}

impl From<PromotionRowView> for GivenPromotion {
    fn from(sent: PromotionRowView) -> Self {
        GivenPromotion {
            code: sent.code,
            automatic: sent.automatic,
            kind: sent.kind,
            rate: sent.rate,
            amount: sent.amount,
            currency: sent.currency,
            minimum: sent.minimum,
            starts_at: sent.starts_at,
            ends_at: sent.ends_at,
            max_uses: sent.max_uses,
            max_uses_per_customer: sent.max_uses_per_customer,
            active: sent.active,
        }
    }
}

impl SettingView {
    /// The table as clients see it.
    pub fn of(Versioned { setting, version }: &Versioned) -> Self {
        let content = match setting {
            Setting::Taxes(table) => TableView::Taxes(taxes_view(table)),
            Setting::Shipping(ShippingTable { methods }) => {
                TableView::Shipping(ShippingView { methods: methods.iter().map(method_view).collect() })
            }
            Setting::Promotions(PromotionTable { promotions }) => {
                TableView::Promotions(PromotionsView { promotions: promotions.iter().map(promotion_view).collect() })
            }
        };
        SettingView { table: setting.table().name().to_owned(), version: *version, content }
    }
}

fn taxes_view(table: &TaxTable) -> TaxesView {
    let classes = |classes: &BTreeMap<_, _>| {
        classes.iter().map(|(class, rate)| (String::clone(class), ToString::to_string(rate))).collect()
    };
    TaxesView {
        rates: table.rates.iter().map(|(destination, rates)| (destination.clone(), classes(rates))).collect(),
        included: table.included.iter().cloned().collect(),
    }
}

fn method_view(method: &ShippingMethod) -> MethodView {
    MethodView {
        code: method.code.clone(),
        name: method.name.clone(),
        countries: method.countries.clone(),
        prices: prices_view(&method.prices),
        brackets: method
            .brackets
            .iter()
            .map(|bracket| BracketView { up_to_grams: bracket.up_to_grams, prices: prices_view(&bracket.prices) })
            .collect(),
        max_weight_grams: method.max_weight_grams,
        free_from: prices_view(&method.free_from),
        working_days: method.working_days.map(|days| WorkingDaysView { from: days.from, to: days.to }),
    }
}

/// A currency that is none any more has no decimals to show.
fn prices_view(prices: &BTreeMap<String, Amount>) -> BTreeMap<String, String> {
    let decimal = |(code, amount): (&String, &Amount)| {
        let text = code.parse().map_or_else(|_| amount.minor().to_string(), |own| Money::new(*amount, own).decimal());
        (code.clone(), text)
    };
    prices.iter().map(decimal).collect()
}

fn promotion_view(promotion: &Promotion) -> PromotionRowView {
    let (rate, amount) = match promotion.benefit {
        Benefit::Percentage { rate } => (Some(rate.to_string()), None),
        Benefit::FixedAmount { amount } => (None, Some(amount)),
        Benefit::FreeShipping => (None, None),
    };
    let decimal = |amount: Amount| promotion.currency.map(|currency| Money::new(amount, currency).decimal());
    PromotionRowView {
        code: promotion.code.clone(),
        automatic: promotion.automatic,
        kind: promotion.benefit.name().to_owned(),
        rate,
        amount: amount.and_then(decimal),
        currency: promotion.currency.map(|currency| currency.code().to_owned()),
        minimum: Some(promotion.minimum).filter(|minimum| minimum.is_positive()).and_then(decimal),
        starts_at: promotion.starts_at.map(|time| time.to_string()),
        ends_at: promotion.ends_at.map(|time| time.to_string()),
        max_uses: promotion.max_uses,
        max_uses_per_customer: promotion.max_uses_per_customer,
        active: promotion.active,
    }
}

impl SettingRecordView {
    /// The record as admins see it.
    pub fn of(record: &SettingRecord) -> Self {
        SettingRecordView {
            version: record.version,
            actor: ActorView { id: record.actor.id.clone(), role: record.actor.role },
            timestamp: record.at,
            correlation_id: record.correlation_id.clone(),
        }
    }
}
