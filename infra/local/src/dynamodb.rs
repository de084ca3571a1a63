//! The embedded `DynamoDB`: tables in `orders.db`, served over the real protocol, and the reading end of its streams.
//!
//! Functions use the AWS SDK against [`DynamoDb::endpoint`]. Streams are read through the embedded library, which costs
//! microseconds where a request would cost a millisecond. They are looked at when a function has run, and for what others
//! write every [`POLL_MS`]; what every reader has passed is forgotten.
//!
//! Deliberately absent: item expiry (conditions judge deadlines by the clock; AWS too deletes up to days later) and
//! changing a table that exists: when the template's tables change, the state has to be reset.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use dynoxide::actions::list_tables::ListTablesRequest;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::state::{State, StateDb, StateError};
use crate::template::{REGION, Table, stream_arn};

/// How often a stream is looked at that nobody is known to have written to.
pub(crate) const POLL_MS: u64 = 500;
/// Most records that are forgotten at once: a write waits for no longer.
const FORGET_AT_ONCE: usize = 2_000;
/// As on AWS, a stream keeps its records for a day.
const STREAM_RETENTION_HOURS: i64 = 24;
/// Longest wait for others to end their writes.
const FORGET_PATIENCE: Duration = Duration::from_secs(1);
/// Public sequence numbers are the stored ones plus this, so that all have 21 digits.
const SEQUENCE_OFFSET: i128 = 100_000_000_000_000_000_000;

/// Why the tables cannot be served; one line.
#[derive(Debug, thiserror::Error)]
pub enum DynamoDbError {
    /// The file does not open.
    #[error("{path} is damaged ({detail}); start afresh with `reset`")]
    Damaged {
        path: String,
        /// What the store says.
        detail: String,
    },
    /// The template's table is not the one that was stored.
    #[error("the table {0} has another shape than the one in the state; start afresh with `reset`")]
    Changed(String),
    /// The template asks for a table that cannot be made.
    #[error("cannot create the table {table}: {detail}")]
    Create {
        table: String,
        /// What the store says.
        detail: String,
    },
    /// A call on an open store failed.
    #[error("cannot read the stream of {table}: {detail}")]
    Stream {
        /// Whose stream.
        table: String,
        /// What the store says.
        detail: String,
    },
    /// No socket.
    #[error("cannot serve DynamoDB on this machine: {0}")]
    Listen(std::io::Error),
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The running store.
pub struct DynamoDb {
    database: Database,
    /// Where it is, unless in memory.
    path: Option<PathBuf>,
    /// Told when something may have been written.
    touched: watch::Sender<()>,
    endpoint: String,
    client: Client,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DynamoDb").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl DynamoDb {
    /// Opens the store, makes what tables are missing and serves it on a port of its own.
    pub async fn start(state: &State, tables: &[Table]) -> Result<Self, DynamoDbError> {
        let database = open(state.orders.as_deref())?;
        for table in tables {
            ensure_table(&database, &state.db, table)?;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(DynamoDbError::Listen)?;
        let address = listener.local_addr().map_err(DynamoDbError::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), async {
            // Told to stop, or whoever could tell is gone.
            let _ = stopped.await;
        }));
        let endpoint = format!("http://{address}");
        let client = client(&endpoint);
        let (path, touched) = (state.orders.clone(), watch::Sender::new(()));
        Ok(Self { database, path, touched, endpoint, client, stop, server })
    }

    /// A client that talks to this store and to nothing else.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// For clients made elsewhere; credentials and region may be anything.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The reading end of a table's stream.
    pub(crate) fn stream(&self, table: &str) -> StreamReader {
        StreamReader {
            database: self.database.clone(),
            path: self.path.clone(),
            touched: self.touched.subscribe(),
            table: table.to_owned(),
        }
    }

    /// Whoever may have written something tells it here.
    pub(crate) fn touched(&self) -> &watch::Sender<()> {
        &self.touched
    }

    /// Ends once running requests are answered.
    pub(crate) async fn stop(self) {
        // An error means that the server has ended already.
        let _ = self.stop.send(());
        let _ = self.server.await;
    }
}

/// An SDK client for a local endpoint.
pub fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .build();
    Client::from_conf(config)
}

fn open(path: Option<&Path>) -> Result<Database, DynamoDbError> {
    // In memory too it has a name, so that a second connection can reach it below.
    let path = path.map_or_else(
        || format!("file:{}?mode=memory&cache=shared", crate::random::uuid()),
        |path| path.to_string_lossy().into_owned(),
    );
    let damaged = |detail: String| DynamoDbError::Damaged { path: path.clone(), detail };
    let database = Database::new(&path).map_err(|error| damaged(error.to_string()))?;
    tidy_streams(&path).map_err(|error| damaged(error.to_string()))?;
    Ok(database)
}

/// Forgets stream records that AWS would have forgotten, and gives the rest an index: without one every write looks at
/// all of them.
fn tidy_streams(path: &str) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS oms_local_stream_position
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )?;
    connection
        .execute("DELETE FROM _stream_records WHERE created_at < unixepoch() - ?1 * 3600", [STREAM_RETENTION_HOURS])?;
    Ok(())
}

fn ensure_table(database: &Database, db: &StateDb, table: &Table) -> Result<(), DynamoDbError> {
    let setting = format!("table:{}", table.name);
    let wanted = table.create.to_string();
    // A description counts all items of the table, and a start would take longer with each order.
    let known = database.list_tables(ListTablesRequest::default());
    if known.is_ok_and(|known| known.table_names.contains(&table.name)) {
        return match db.setting(&setting)? {
            Some(stored) if stored != wanted => {
                add_indexes(database, table, &stored)?;
                Ok(db.set_setting(&setting, &wanted)?)
            }
            // A kill came between making the table and remembering its shape.
            None => Ok(db.set_setting(&setting, &wanted)?),
            Some(_) => Ok(()),
        };
    }
    let fail = |detail: String| DynamoDbError::Create { table: table.name.clone(), detail };
    let request = serde_json::from_value(table.create.clone()).map_err(|error| fail(error.to_string()))?;
    database.create_table(request).map_err(|error| fail(error.to_string()))?;
    Ok(db.set_setting(&setting, &wanted)?)
}

/// Gives a table of an earlier version the indexes that it lacks, as a deployment would; any other difference is refused.
fn add_indexes(database: &Database, table: &Table, stored: &str) -> Result<(), DynamoDbError> {
    const INDEXES: &str = "GlobalSecondaryIndexes";
    const ATTRIBUTES: &str = "AttributeDefinitions";
    let changed = || DynamoDbError::Changed(table.name.clone());
    let before: Value = serde_json::from_str(stored).map_err(|_| changed())?;
    let list = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let (known, wanted) = (list(&before, INDEXES), list(&table.create, INDEXES));
    let added: Vec<Value> = wanted.iter().filter(|index| !known.contains(index)).cloned().collect();
    let mut grown = before.clone();
    grown[INDEXES] = wanted.clone().into();
    grown[ATTRIBUTES] = table.create[ATTRIBUTES].clone();
    if grown != table.create || known.iter().any(|index| !wanted.contains(index)) {
        return Err(changed());
    }
    // A kill may have come after an index was added and before that was remembered.
    let described = database.describe_table(DescribeTableRequest { table_name: table.name.clone() });
    let there = described.ok().and_then(|described| serde_json::to_value(described).ok()).unwrap_or_default();
    let there = list(&there["Table"], INDEXES);
    let missing = added.into_iter().filter(|index| there.iter().all(|known| known["IndexName"] != index["IndexName"]));
    for index in missing {
        let request = json!({
            "TableName": table.name,
            "AttributeDefinitions": table.create[ATTRIBUTES],
            "GlobalSecondaryIndexUpdates": [{ "Create": index }],
        });
        let fail = |detail: String| DynamoDbError::Create { table: table.name.clone(), detail };
        let request = serde_json::from_value(request).map_err(|error| fail(error.to_string()))?;
        database.update_table(request).map_err(|error| fail(error.to_string()))?;
    }
    Ok(())
}

/// Reads one table's stream, which has a single shard.
#[derive(Clone)]
pub(crate) struct StreamReader {
    database: Database,
    path: Option<PathBuf>,
    touched: watch::Receiver<()>,
    table: String,
}

impl StreamReader {
    /// ARN of the stream.
    pub(crate) fn arn(&self) -> String {
        stream_arn(&self.table)
    }

    /// The shard's id.
    pub(crate) fn shard(&self) -> String {
        dynoxide::streams::shard_id(&self.table)
    }

    /// Up to `limit` records after a position, oldest first, in the shape that Lambda gets, with their positions.
    pub(crate) fn after(&self, position: i64, limit: usize) -> Result<Vec<(i64, Value)>, DynamoDbError> {
        let request = GetRecordsRequest {
            shard_iterator: encode_shard_iterator(&self.table, &self.shard(), position),
            limit: Some(limit),
        };
        let response = self.database.get_records(request).map_err(|error| self.failed(&error.to_string()))?;
        response
            .records
            .into_iter()
            .map(|record| {
                let position = position_of(&record.dynamodb.sequence_number)
                    .ok_or_else(|| self.failed("a sequence number cannot be read"))?;
                let mut record = serde_json::to_value(record).map_err(|error| self.failed(&error.to_string()))?;
                record["awsRegion"] = json!(REGION);
                record["eventSourceARN"] = json!(self.arn());
                Ok((position, record))
            })
            .collect()
    }

    /// Told when something may have been written.
    pub(crate) fn touched(&self) -> watch::Receiver<()> {
        self.touched.clone()
    }

    /// Forgets records before a position, some at a time. The one at the position stays: the next position follows on it. A
    /// state in memory keeps all.
    pub(crate) fn forget_before(&self, position: i64) -> Result<(), DynamoDbError> {
        let Some(path) = &self.path else { return Ok(()) };
        let forget = "DELETE FROM _stream_records WHERE rowid IN (
            SELECT rowid FROM _stream_records
            WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2 LIMIT ?3)";
        let forgotten = Connection::open(path).and_then(|connection| {
            connection.busy_timeout(FORGET_PATIENCE)?;
            connection.execute(forget, (&self.table, position, FORGET_AT_ONCE))
        });
        forgotten.map(|_| ()).map_err(|error| self.failed(&error.to_string()))
    }

    /// The position of the newest record.
    pub(crate) fn latest(&self) -> Result<i64, DynamoDbError> {
        const PAGE: usize = 1000;
        let mut position = 0;
        loop {
            let page = self.after(position, PAGE)?;
            match page.last() {
                Some((last, _)) => position = *last,
                None => return Ok(position),
            }
        }
    }

    fn failed(&self, detail: &str) -> DynamoDbError {
        DynamoDbError::Stream { table: self.table.clone(), detail: detail.to_owned() }
    }
}

fn position_of(sequence_number: &str) -> Option<i64> {
    let public: i128 = sequence_number.parse().ok()?;
    i64::try_from(public.checked_sub(SEQUENCE_OFFSET)?).ok()
}
