//! Whether a table is there (P3).

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::TableStatus;
use oms_app::ports::Probe;

use crate::dynamodb::error::reason;

/// Asks after one table.
#[derive(Debug, Clone)]
pub struct TableProbe {
    client: Client,
    name: String,
    table: String,
}

impl TableProbe {
    /// Asks after `table`, which callers know as `name`, e.g. `orders table`.
    pub fn new(client: Client, name: impl Into<String>, table: impl Into<String>) -> Self {
        TableProbe { client, name: name.into(), table: table.into() }
    }
}

#[async_trait]
impl Probe for TableProbe {
    fn name(&self) -> &str {
        &self.name
    }

    async fn check(&self) -> Result<(), String> {
        let call = self.client.describe_table().table_name(&self.table);
        let answer = call.send().await.map_err(|error| reason("DescribeTable", &error))?;
        match answer.table().and_then(|table| table.table_status()) {
            Some(TableStatus::Active | TableStatus::Updating) => Ok(()),
            other => Err(format!("table {} is {}", self.table, other.map_or("unknown", TableStatus::as_str))),
        }
    }
}
