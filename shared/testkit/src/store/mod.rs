//! An embedded DynamoDB that speaks the real protocol, and a client of it that counts, measures and disturbs.

mod meter;
mod size;
mod tables;

use std::thread::JoinHandle;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;

pub use meter::{Call, Capacity, Meter, Use};
pub use size::item_bytes;
pub use tables::{CATALOG, IndexDefinition, KeyDefinition, ORDERS, Projection, TableDefinition};

/// Attempts of a call that the SDK repeats, as in production.
const MAX_ATTEMPTS: u32 = 3;

/// A store in memory on a port of its own, with both tables. It is gone when this is dropped.
pub struct EmbeddedDynamo {
    /// A client whose calls are metered.
    pub client: Client,
    /// Counts, measures and disturbs the calls of [`EmbeddedDynamo::client`].
    pub meter: Meter,
    /// The database itself, for looking behind the protocol.
    pub database: Database,
    endpoint: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl EmbeddedDynamo {
    /// Starts a store and creates the tables [`ORDERS`] and [`CATALOG`] in it.
    pub async fn start() -> Self {
        let database = Database::memory().expect("an in-memory database");
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound port"));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let behind = database.clone();
        // A thread of its own: a test may pause its runtime's time or keep its one thread busy.
        let server = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = dynoxide::server::serve_on(listener, behind) => {}
                    _ = stopped => {}
                }
            });
        });
        let meter = Meter::new();
        let client = client(&endpoint, Some(&meter));
        for table in [&ORDERS, &CATALOG] {
            table.create(&client).await;
        }
        meter.reset();
        EmbeddedDynamo { client, meter, database, endpoint, stop: Some(stop), server: Some(server) }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A client that nobody counts or disturbs: for looking at what is stored.
    pub fn quiet_client(&self) -> Client {
        client(&self.endpoint, None)
    }
}

impl Drop for EmbeddedDynamo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

fn client(endpoint: &str, meter: Option<&Meter>) -> Client {
    let plain = aws_smithy_http_client::Builder::new().build_http();
    let retries =
        RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS).with_initial_backoff(Duration::from_millis(1));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "testkit"))
        .endpoint_url(endpoint)
        .retry_config(retries);
    let config = match meter {
        Some(meter) => config.http_client(meter.around(plain)),
        None => config.http_client(plain),
    };
    Client::from_conf(config.build())
}
