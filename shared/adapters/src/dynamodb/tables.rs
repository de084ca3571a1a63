/// The names of the tables, from the variables `ORDERS_TABLE` and `CATALOG_TABLE`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Tables {
    /// Orders, events, persons, commands, notices, cart claims.
    #[serde(rename = "orders_table")]
    pub orders: String,
    /// Products, stock, rates.
    #[serde(rename = "catalog_table")]
    pub catalog: String,
}
