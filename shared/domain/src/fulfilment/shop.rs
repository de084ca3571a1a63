//! What the shop does by itself between the payment and the parcel (settings table `shop`).

use serde::{Deserialize, Serialize};

use super::parcel::Measures;

/// Most rules by which labels are bought.
pub const MAX_LABEL_RULES: usize = 50;

/// For how many minutes after they paid customers may change their orders, where the shop does not say so.
pub const CUSTOMER_CHANGES_MINUTES: u32 = 60;

/// Longest time that a shop can give them.
pub const MAX_CUSTOMER_CHANGES_MINUTES: u32 = 7 * 24 * 60;

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Automation {
    /// A person, when they see fit.
    #[default]
    ByHand,
    /// The shop, as soon as it can be done.
    Automatic,
}

impl Automation {
    /// Both.
    pub const ALL: [Automation; 2] = [Automation::ByHand, Automation::Automatic];

    /// The name that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Automation::ByHand => "by_hand",
            Automation::Automatic => "automatic",
        }
    }
}

/// How the label of a shipment is bought without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRule {
    /// Code of the shipping method that the customer chose.
    pub shipping_method: String,
    /// The carrier's name among the ports.
    pub carrier: String,
    /// Its code of the service.
    pub service: String,
    /// The box that everything goes into: its sides, and what it weighs empty.
    #[serde(rename = "box")]
    pub empty: Measures,
}

impl LabelRule {
    /// The parcel, with goods of this weight in it; none where no carrier takes so much.
    pub fn parcel(&self, goods_grams: u64) -> Option<Measures> {
        self.empty.with_goods(goods_grams)
    }
}

/// How the shop works. A shop that has set up nothing does everything by hand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShopTable {
    /// Who begins to prepare what is paid for.
    #[serde(default)]
    pub processing: Automation,
    /// Labels that are bought as soon as a shipment is planned; those of other shipping methods wait for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelRule>,
    /// For so many minutes after they paid, customers may change their orders; [`CUSTOMER_CHANGES_MINUTES`] where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_changes_minutes: Option<u32>,
}

impl ShopTable {
    /// Whether there is anything that the shop does by itself.
    pub fn does_anything(&self) -> bool {
        self.processing == Automation::Automatic || !self.labels.is_empty()
    }

    /// For how many minutes after they paid customers may change their orders.
    pub fn customer_changes_minutes(&self) -> u32 {
        self.customer_changes_minutes.unwrap_or(CUSTOMER_CHANGES_MINUTES)
    }

    /// The rule for orders that are sent this way.
    pub fn label_rule(&self, shipping_method: &str) -> Option<&LabelRule> {
        self.labels.iter().find(|rule| rule.shipping_method == shipping_method)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parcel::MAX_GRAMS;
    use super::*;

    fn rule() -> LabelRule {
        let empty = Measures { weight_grams: 200, length_mm: 300, width_mm: 200, height_mm: 150 };
        let (carrier, service) = ("dhl".to_owned(), "V01PAK".to_owned());
        LabelRule { shipping_method: "standard".into(), carrier, service, empty }
    }

    #[test]
    fn a_box_weighs_what_is_in_it_and_no_carrier_takes_everything() {
        let weight = |goods| rule().parcel(goods).map(|parcel| parcel.weight_grams);
        assert_eq!(weight(0), Some(200));
        assert_eq!(weight(800), Some(1_000));
        assert_eq!(weight(u64::from(MAX_GRAMS) - 200), Some(MAX_GRAMS));
        assert_eq!(weight(u64::from(MAX_GRAMS) - 199), None);
        assert_eq!(weight(u64::MAX), None);
        assert_eq!(rule().parcel(5).unwrap().length_mm, 300);
    }

    #[test]
    fn who_has_set_up_nothing_does_everything_by_hand() {
        let table: ShopTable = serde_json::from_str("{}").unwrap();
        assert!(!table.does_anything());
        let labels = ShopTable { labels: vec![rule()], ..ShopTable::default() };
        assert!(labels.does_anything());
        assert_eq!(labels.label_rule("standard"), Some(&rule()));
        assert_eq!(labels.label_rule("express"), None);
        let begins = ShopTable { processing: Automation::Automatic, ..ShopTable::default() };
        assert!(begins.does_anything());
    }
}
