//! The tables that prices depend on as clients see and send them; what is shown can be sent back as it is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use oms_app::ports::{Setting, SettingRecord, Table, Versioned};
use oms_app::pricing::settings::{
    Given, GivenBracket, GivenLabelRule, GivenLocation, GivenMethod, GivenPromotion, GivenShipping, GivenShop,
    GivenTaxes, GivenWorkingDays,
};
use oms_domain::fulfilment::locations::{LocationTable, Origin};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::shop::{LabelRule, ShopTable};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::Address;
use oms_domain::pricing::TaxTable;
use oms_domain::pricing::promotion::{Benefit, Promotion, PromotionTable};
use oms_domain::pricing::shipping::{ShippingMethod, ShippingTable};
use oms_runtime::http::bounded::{Count, MoneyText, Rate, Text};
use oms_runtime::http::view::ActorView;
use oms_runtime::http::{Problem, Request, read_json, words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dispatch_view::{CarrierRateView, DispatchView};
use crate::returns_view::ReturnsView;

/// Tax rates by destination and class; destinations without rates are not taxed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxesView {
    /// Destination → class → rate; `0.19` is 19 %. A destination is a country (`DE`), a state (`US-NY`) or a range of postal
    /// codes (`ES:35` for all that begin so, `ES:35000-35999`). The narrowest applies: postal codes, then state, then
    /// country. Each has a `standard` rate for classes without a rate. Shipping bears the rates of the goods in proportion,
    /// unless the destination has a rate for the class `shipping`.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Rate>>)]
    pub rates: BTreeMap<String, BTreeMap<String, String>>,
    /// Countries whose prices include tax.
    #[serde(default)]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 400)]
    pub included: Vec<String>,
}

/// The shipping methods.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingView {
    /// 1 to 50 methods in the order offered; the first that fits the parcel is the default.
    #[schema(max_items = 50)]
    pub methods: Vec<MethodView>,
    /// When the shop sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<DispatchView>,
}

/// A shipping method.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodView {
    /// Code that clients send as `shipping_method`.
    #[schema(value_type = Text<1, 40>)]
    pub code: String,
    /// Name shown to customers.
    #[schema(value_type = Text<1, 120>)]
    pub name: String,
    /// Countries served, ISO 3166-1 alpha-2; empty for all.
    #[serde(default)]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 300)]
    pub countries: Vec<String>,
    /// Ranges of postal codes served beside the countries, such as `ES:35` or `ES:35000-35999`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 100)]
    pub zones: Vec<String>,
    /// Ranges of postal codes that are not served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 100)]
    pub except: Vec<String>,
    /// Price by currency for parcels above all brackets; without a price, the currency is not served.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, MoneyText>)]
    pub prices: BTreeMap<String, String>,
    /// Prices for lighter parcels, lightest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub brackets: Vec<BracketView>,
    /// Maximum weight of a parcel, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_weight_grams: Option<u64>,
    /// Value of goods, before discounts, from which shipping is free, by currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, MoneyText>)]
    pub free_from: BTreeMap<String, String>,
    /// Delivery time, if the carrier states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_days: Option<WorkingDaysView>,
    /// The carrier's service that it stands for: quotes ask for its price, which takes the place of `prices` and `brackets` whenever the
    /// carrier tells one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_rate: Option<CarrierRateView>,
}

/// Price of parcels up to a weight.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BracketView {
    /// Maximum weight in grams, inclusive.
    pub up_to_grams: u64,
    /// Price by currency.
    #[schema(value_type = BTreeMap<String, MoneyText>)]
    pub prices: BTreeMap<String, String>,
}

/// Delivery time in working days.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkingDaysView {
    /// Minimum, 1 or more.
    pub from: u8,
    /// Maximum, up to 90.
    pub to: u8,
}

/// The promotions.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionsView {
    /// Up to 200 promotions.
    #[schema(max_items = 200)]
    pub promotions: Vec<PromotionRowView>,
}

/// A promotion of the shop.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionRowView {
    /// Unique code in upper case, which customers may type in any case; uses are counted by code.
    #[schema(value_type = Text<1, 40>)]
    pub code: String,
    /// Whether the promotion applies automatically to every matching order; then it has no usage limits.
    #[serde(default)]
    pub automatic: bool,
    #[schema(value_type = words::PromotionKind)]
    pub kind: String,
    /// With a percentage: the rate, more than 0 and at most 1; `0.10` is 10 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Rate>)]
    pub rate: Option<String>,
    /// With a fixed amount: the amount off, a decimal in `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MoneyText>)]
    pub amount: Option<String>,
    /// Limits the promotion to orders in this currency; required with an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 40>>)]
    pub currency: Option<String>,
    /// Minimum value of the goods before discounts, a decimal in `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MoneyText>)]
    pub minimum: Option<String>,
    /// Start of the promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 64>>)]
    pub starts_at: Option<String>,
    /// End of the promotion, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 64>>)]
    pub ends_at: Option<String>,
    /// Maximum number of uses in total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// Maximum number of uses per customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses_per_customer: Option<u32>,
    /// With a percentage: the most that it takes off, a decimal in `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MoneyText>)]
    pub maximum: Option<String>,
    /// With free shipping: codes of the methods that it makes free; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 100)]
    pub shipping_methods: Vec<String>,
    /// Ids of the products that the promotion is for, beside those of `categories`; both empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 100)]
    pub products: Vec<String>,
    /// Categories that the promotion is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Text<0, 40>>, max_items = 100)]
    pub categories: Vec<String>,
    /// Whether the promotion applies alone: not beside another code, and as an automatic one only without codes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// Whether the promotion is switched on.
    #[serde(default = "switched_on")]
    pub active: bool,
}

/// The locations from which parcels leave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationsView {
    /// Up to 100 locations; shipments leave from `main` unless they name another.
    #[schema(max_items = 100)]
    pub locations: Vec<LocationView>,
}

/// A location from which parcels leave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationView {
    /// Code that shipments name: a-z, 0-9 and hyphens.
    #[schema(value_type = Text<1, 32>)]
    pub code: String,
    /// Printed on labels as the sender; undeliverable parcels come back to it.
    pub address: SenderView,
    /// Phone number in international form; some carriers require one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 200>>)]
    pub phone: Option<String>,
    /// E-mail address for the carriers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 254>>)]
    pub email: Option<String>,
    /// Time zone, an IANA name such as `Europe/Berlin`; decides the shipping date on labels.
    #[schema(value_type = Text<1, 64>)]
    pub time_zone: String,
}

/// A sender's address.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderView {
    /// The sender's name.
    #[schema(value_type = Text<1, 200>)]
    pub name: String,
    /// The company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 200>>)]
    pub company: Option<String>,
    /// Street and number.
    #[schema(value_type = Text<1, 200>)]
    pub street_address: String,
    /// A second line of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 200>>)]
    pub street_address_2: Option<String>,
    /// City.
    #[schema(value_type = Text<1, 200>)]
    pub city: String,
    /// State or province, if the country has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 200>>)]
    pub state: Option<String>,
    /// Postal code, if the country has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Text<0, 20>>)]
    pub postal_code: Option<String>,
    /// Country code, ISO 3166-1 alpha-2.
    #[schema(value_type = Text<2, 2>)]
    pub country: String,
}

// A sender may be a person.
impl std::fmt::Debug for SenderView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SenderView(..)")
    }
}

impl From<LocationView> for GivenLocation {
    fn from(sent: LocationView) -> Self {
        let sender = sent.address;
        GivenLocation {
            code: sent.code,
            address: Address {
                recipient_name: sender.name,
                company: sender.company,
                vat_id: None,
                street_address: sender.street_address,
                street_address_2: sender.street_address_2,
                city: sender.city,
                state: sender.state,
                postal_code: sender.postal_code,
                country: sender.country,
            },
            phone: sent.phone,
            email: sent.email,
            time_zone: sent.time_zone,
        }
    }
}

fn location_view(origin: &Origin) -> LocationView {
    let address = &origin.address;
    LocationView {
        code: origin.code.as_str().to_owned(),
        address: SenderView {
            name: address.recipient_name.clone(),
            company: address.company.clone(),
            street_address: address.street_address.clone(),
            street_address_2: address.street_address_2.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.clone(),
        },
        phone: origin.phone.clone(),
        email: origin.email.clone(),
        time_zone: origin.time_zone.clone(),
    }
}

/// What the shop does by itself between the payment and the parcel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShopView {
    /// Who starts processing paid orders that nothing holds: `automatic` does it as soon as they are paid. Counts for orders that are
    /// paid, or released from a hold, from then on.
    #[schema(value_type = words::Automation)]
    pub processing: String,
    /// Labels that are bought as soon as a shipment is planned, up to one rule per shipping method. Shipments without a rule, and those
    /// with a product whose weight is not known, wait for a person.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub labels: Vec<LabelRuleView>,
    /// For how many minutes after they paid customers may change their orders; 60 if absent, none with 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 10_080)]
    pub customer_changes_minutes: Option<u32>,
}

/// How labels of a shipping method are bought.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelRuleView {
    /// Code of the shipping method.
    #[schema(value_type = Text<1, 40>)]
    pub shipping_method: String,
    /// Name of the carrier.
    #[schema(value_type = Text<1, 32>)]
    pub carrier: String,
    /// The carrier's code of the service.
    #[schema(value_type = Text<1, 64>)]
    pub service: String,
    /// The box that a shipment goes into.
    #[serde(rename = "box")]
    pub empty: BoxView,
}

/// A box: its sides, and what it weighs empty.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxView {
    /// Weight in grams; that of the goods comes on top.
    #[schema(value_type = Count<1, 70_000>)]
    pub weight_grams: u32,
    /// Length in millimetres.
    #[schema(value_type = Count<1, 3_000>)]
    pub length_mm: u32,
    /// Width in millimetres.
    #[schema(value_type = Count<1, 3_000>)]
    pub width_mm: u32,
    /// Height in millimetres.
    #[schema(value_type = Count<1, 3_000>)]
    pub height_mm: u32,
}

impl From<LabelRuleView> for GivenLabelRule {
    fn from(sent: LabelRuleView) -> Self {
        let empty = sent.empty.into();
        GivenLabelRule { shipping_method: sent.shipping_method, carrier: sent.carrier, service: sent.service, empty }
    }
}

impl From<BoxView> for Measures {
    fn from(sent: BoxView) -> Self {
        let BoxView { weight_grams, length_mm, width_mm, height_mm } = sent;
        Measures { weight_grams, length_mm, width_mm, height_mm }
    }
}

impl From<Measures> for BoxView {
    fn from(measures: Measures) -> Self {
        let Measures { weight_grams, length_mm, width_mm, height_mm } = measures;
        BoxView { weight_grams, length_mm, width_mm, height_mm }
    }
}

fn label_rule_view(rule: &LabelRule) -> LabelRuleView {
    LabelRuleView {
        shipping_method: rule.shipping_method.clone(),
        carrier: rule.carrier.clone(),
        service: rule.service.clone(),
        empty: rule.empty.into(),
    }
}

fn switched_on() -> bool {
    true
}

/// Content of a price table, of the kind named in the path.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TableView {
    /// Content of `taxes`.
    Taxes(TaxesView),
    /// Content of `shipping`.
    Shipping(ShippingView),
    /// Content of `promotions`.
    Promotions(PromotionsView),
    /// Content of `locations`.
    Locations(LocationsView),
    /// Content of `shop`.
    Shop(ShopView),
    /// Content of `returns`.
    Returns(ReturnsView),
}

/// A price table at one of its versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({"table": "taxes", "version": 2, "effective_from": "2026-01-05T10:02:00Z", "content": {"rates": {"DE": {"standard": "0.19"}}, "included": ["DE"]}})))]
pub struct SettingView {
    #[schema(value_type = words::PriceTable)]
    pub table: String,
    /// The version, also sent as `ETag`; 0 if the table was never set up.
    pub version: u64,
    /// When it takes effect, two minutes after the change; until then the version before it counts. Null for what has
    /// counted since the shop was set up.
    pub effective_from: Option<Timestamp>,
    /// Content of the table; send it back in this form to change it.
    pub content: TableView,
}

/// A change of a price table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettingRecordView {
    /// The version created by this change; earlier versions can still be read.
    pub version: u64,
    /// Who made the change.
    pub actor: ActorView,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Correlation id of the request.
    pub correlation_id: String,
    /// When the version takes effect, unless it was replaced within half a minute.
    pub effective_from: Option<Timestamp>,
}

/// Reads the whole table that was sent.
pub fn given(table: Table, request: &Request) -> Result<Given, Problem> {
    Ok(match table {
        Table::Taxes => {
            let TaxesView { rates, included } = read_json(request)?;
            Given::Taxes(GivenTaxes { rates, included })
        }
        Table::Shipping => {
            let ShippingView { methods, dispatch } = read_json(request)?;
            let methods = methods.into_iter().map(GivenMethod::from).collect();
            Given::Shipping(GivenShipping { methods, dispatch: dispatch.map(Into::into) })
        }
        Table::Locations => {
            let LocationsView { locations } = read_json(request)?;
            Given::Locations(locations.into_iter().map(GivenLocation::from).collect())
        }
        Table::Shop => {
            let ShopView { processing, labels, customer_changes_minutes } = read_json(request)?;
            let labels = labels.into_iter().map(GivenLabelRule::from).collect();
            Given::Shop(GivenShop { processing, labels, customer_changes_minutes })
        }
        Table::Returns => Given::Returns(read_json::<ReturnsView>(request)?.into()),
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
            zones: sent.zones,
            except: sent.except,
            prices: sent.prices,
            brackets: sent.brackets.into_iter().map(bracket).collect(),
            max_weight_grams: sent.max_weight_grams,
            free_from: sent.free_from,
            working_days: sent.working_days.map(|WorkingDaysView { from, to }| GivenWorkingDays { from, to }),
            carrier_rate: sent.carrier_rate.map(Into::into),
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
            maximum: sent.maximum,
            shipping_methods: sent.shipping_methods,
            products: sent.products,
            categories: sent.categories,
            exclusive: sent.exclusive,
            active: sent.active,
        }
    }
}

impl SettingView {
    /// The table as clients see it.
    pub fn of(Versioned { setting, version, effective_from, .. }: &Versioned) -> Self {
        let content = match setting {
            Setting::Taxes(table) => TableView::Taxes(taxes_view(table)),
            Setting::Shipping(ShippingTable { methods, dispatch }) => {
                let methods = methods.iter().map(method_view).collect();
                TableView::Shipping(ShippingView { methods, dispatch: dispatch.as_ref().map(Into::into) })
            }
            Setting::Promotions(PromotionTable { promotions }) => {
                TableView::Promotions(PromotionsView { promotions: promotions.iter().map(promotion_view).collect() })
            }
            Setting::Locations(LocationTable { locations }) => {
                TableView::Locations(LocationsView { locations: locations.iter().map(location_view).collect() })
            }
            Setting::Shop(ShopTable { processing, labels, customer_changes_minutes }) => TableView::Shop(ShopView {
                customer_changes_minutes: *customer_changes_minutes,
                processing: processing.name().to_owned(),
                labels: labels.iter().map(label_rule_view).collect(),
            }),
            Setting::Returns(table) => TableView::Returns(table.into()),
        };
        SettingView {
            table: setting.table().name().to_owned(),
            version: *version,
            effective_from: *effective_from,
            content,
        }
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
        zones: method.zones.clone(),
        except: method.except.clone(),
        prices: prices_view(&method.prices),
        brackets: method
            .brackets
            .iter()
            .map(|bracket| BracketView { up_to_grams: bracket.up_to_grams, prices: prices_view(&bracket.prices) })
            .collect(),
        max_weight_grams: method.max_weight_grams,
        free_from: prices_view(&method.free_from),
        working_days: method.working_days.map(|days| WorkingDaysView { from: days.from, to: days.to }),
        carrier_rate: method.carrier_rate.as_ref().map(Into::into),
    }
}

/// By currency code. A word that means no currency has no decimals to show.
fn prices_view(prices: &BTreeMap<String, Amount>) -> BTreeMap<String, String> {
    let decimal = |(code, amount): (&String, &Amount)| match Currency::from_stored(code) {
        Some(own) => (own.code().to_owned(), Money::new(*amount, own).decimal()),
        None => (code.clone(), amount.minor().to_string()),
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
        maximum: promotion.maximum.and_then(decimal),
        shipping_methods: promotion.shipping_methods.clone(),
        products: promotion.products.iter().map(ToString::to_string).collect(),
        categories: promotion.categories.clone(),
        exclusive: promotion.exclusive,
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
            effective_from: record.effective_from,
        }
    }
}
