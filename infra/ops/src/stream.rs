//! What the stream lost: found by markers, and published by the next sweep.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::{Client, Config};
use jiff::Timestamp;
use oms_adapters::clock::SystemClock;
use oms_adapters::dynamodb::{DynamoOrders, DynamoOutbox};
use oms_adapters::random::OsRandom;
use oms_app::platform::catch_up::{CatchUp, CaughtUp};

use crate::OpsError;
use crate::cli::Cli;
use crate::queue::purge_positions;
use crate::stack::Stack;

/// Deletes the relay's letters, and then has everything published that changed since then and was not. In this order: what becomes a
/// letter meanwhile stays one.
pub async fn redrive(cli: &dyn Cli, stack: &Stack, client: Client, since: Timestamp) -> Result<CaughtUp, OpsError> {
    let tables = stack.tables()?;
    purge_positions(cli, stack)?;
    let orders = Arc::new(DynamoOrders::new(client.clone(), tables.clone(), Arc::new(OsRandom)));
    let catch_up = CatchUp::new(orders, Arc::new(DynamoOutbox::new(client, tables)), Arc::new(SystemClock));
    Ok(catch_up.run(since).await?)
}

/// A client with the credentials that the CLI uses, where the stack is.
pub fn client(cli: &dyn Cli, stack: &Stack) -> Result<Client, OpsError> {
    let answer = cli.call(&["configure", "export-credentials", "--format", "process"])?;
    let text = |name: &str| answer[name].as_str().map(ToOwned::to_owned);
    let unreadable = || OpsError::Unreadable("configure export-credentials".to_owned());
    let key = text("AccessKeyId").ok_or_else(unreadable)?;
    let secret = text("SecretAccessKey").ok_or_else(unreadable)?;
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(stack.region.clone()))
        .credentials_provider(Credentials::new(key, secret, text("SessionToken"), None, "aws configure"));
    Ok(Client::from_conf(config.build()))
}
