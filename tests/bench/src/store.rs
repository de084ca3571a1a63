//! The embedded store: one thread that speaks `DynamoDB`'s protocol, and a fast way to fill it.

use std::sync::Arc;
use std::thread::JoinHandle;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use dynoxide::actions::query::QueryRequest;
use oms_adapters::dynamodb::{DynamoCatalog, DynamoOrders, Tables};
use oms_app::ports::{Catalog as _, Commit, Orders as _};
use oms_domain::catalog::Product;
use oms_domain::ids::OrderId;
use oms_testkit::SeededRandom;
use oms_testkit::builders::{a_product, rates};
use oms_testkit::store::{CATALOG, ORDERS, TableDefinition};
use serde_json::{Value, json};

use crate::Fail;

/// The thread's name, by which its processor time is found.
pub(crate) const THREAD: &str = "bench-store";

/// Units of each product: more than any run orders.
const UNITS: u32 = 100_000_000;

/// Items that are imported in one transaction.
const IMPORT_ITEMS: usize = 40_000;

/// Batches that are ready before they can be written.
const BATCHES_AHEAD: usize = 2;

/// Where a store keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    Memory,
    /// For what does not fit there; in a directory that is gone afterwards.
    File,
}

/// A running store with both tables, rates and three products.
pub(crate) struct Store {
    pub(crate) database: Database,
    pub(crate) endpoint: String,
    /// An SDK client of it.
    pub(crate) client: Client,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _directory: Option<tempfile::TempDir>,
}

/// The names of the tables.
pub(crate) fn tables() -> Tables {
    Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() }
}

/// The products that are ordered.
pub(crate) fn products() -> [Product; 3] {
    [1, 2, 3].map(|number| a_product(number).stocked(UNITS).build())
}

impl Store {
    /// Starts one. Its streams cost the embedded store more with every record, so only who reads them gets them.
    pub(crate) async fn start(keeps: Keeps, streamed: bool) -> Result<Store, Fail> {
        let directory = (keeps == Keeps::File).then(tempfile::tempdir).transpose()?;
        let database = match &directory {
            Some(directory) => Database::new(&directory.path().join("store.db").to_string_lossy())?,
            None => Database::memory()?,
        };
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let behind = database.clone();
        let thread = std::thread::Builder::new().name(THREAD.into()).spawn(move || serve(listener, behind, stopped))?;
        let client = client(&endpoint);
        for table in [ORDERS, CATALOG] {
            TableDefinition { streamed, ..table }.create(&client).await;
        }
        let catalog = DynamoCatalog::new(client.clone(), tables());
        catalog.set_rates(&rates()).await?;
        for product in products() {
            catalog.add(&product).await?;
        }
        Ok(Store { database, endpoint, client, stop: Some(stop), thread: Some(thread), _directory: directory })
    }

    /// Writes a change as the functions do.
    pub(crate) async fn commit(&self, commit: &Commit) -> Result<(), Fail> {
        let orders = DynamoOrders::new(self.client.clone(), tables(), Arc::new(SeededRandom::default()));
        Ok(orders.commit(commit).await?)
    }

    /// The stored items of an order, as JSON.
    pub(crate) fn items_of(&self, id: OrderId) -> Result<Vec<Value>, Fail> {
        let request: QueryRequest = serde_json::from_value(json!({
            "TableName": ORDERS.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": format!("ORDER#{id}") } },
        }))?;
        let answer = serde_json::to_value(self.database.query(request)?)?;
        Ok(answer["Items"].as_array().cloned().unwrap_or_default())
    }

    /// Writes many items, given as JSON, past the protocol; one thread reads them while another writes.
    pub(crate) fn import(&self, items: impl Iterator<Item = String> + Send) -> Result<usize, Fail> {
        let (batches, read) = std::sync::mpsc::sync_channel(BATCHES_AHEAD);
        self.database.enable_bulk_loading()?;
        let written = std::thread::scope(|scope| -> Result<usize, Fail> {
            scope.spawn(move || {
                let mut items = items.map(|item| serde_json::from_str::<dynoxide::Item>(&item));
                loop {
                    let batch: Result<Vec<_>, _> = items.by_ref().take(IMPORT_ITEMS).collect();
                    let last = batch.as_ref().map_or(true, Vec::is_empty);
                    // Whoever writes may have given up.
                    if batches.send(batch).is_err() || last {
                        return;
                    }
                }
            });
            let mut written = 0;
            for batch in read {
                let options = dynoxide::ImportOptions::default();
                written += self.database.import_items(ORDERS.name, batch?, options)?.items_imported;
            }
            Ok(written)
        })?;
        self.database.disable_bulk_loading()?;
        Ok(written)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: std::net::TcpListener, database: Database, stopped: tokio::sync::oneshot::Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        tokio::select! {
            () = dynoxide::server::serve_on(listener, database) => {}
            _ = stopped => {}
        }
    });
}

fn client(endpoint: &str) -> Client {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .endpoint_url(endpoint)
        .build();
    Client::from_conf(config)
}
