//! A deployed stack, by what it tells.

use std::collections::BTreeMap;

use oms_adapters::dynamodb::Tables;

use crate::OpsError;
use crate::cli::Cli;

/// Its name, where it is, and its outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    pub name: String,
    pub region: String,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Asks for it.
    pub fn read(cli: &dyn Cli, name: &str) -> Result<Self, OpsError> {
        let command = ["cloudformation", "describe-stacks", "--stack-name", name];
        let answer = cli.call(&command)?;
        let told = &answer["Stacks"][0];
        // arn:aws:cloudformation:<region>:…
        let region = told["StackId"].as_str().and_then(|id| id.split(':').nth(3));
        let region = region.ok_or_else(|| OpsError::Unreadable(command[..2].join(" ")))?.to_owned();
        let outputs = told["Outputs"].as_array().into_iter().flatten();
        let text = |value: &serde_json::Value| value.as_str().map(ToOwned::to_owned);
        let outputs =
            outputs.filter_map(|output| Some((text(&output["OutputKey"])?, text(&output["OutputValue"])?))).collect();
        Ok(Stack { name: name.to_owned(), region, outputs })
    }

    /// Its tables.
    pub fn tables(&self) -> Result<Tables, OpsError> {
        let named = |output| self.output(output).map(ToOwned::to_owned);
        Ok(Tables { orders: named("OrdersTableName")?, catalog: named("CatalogTableName")? })
    }

    /// What it tells under a name.
    pub fn output(&self, name: &str) -> Result<&str, OpsError> {
        let missing = || OpsError::NoOutput { stack: self.name.clone(), output: name.to_owned() };
        self.outputs.get(name).map(String::as_str).ok_or_else(missing)
    }
}
