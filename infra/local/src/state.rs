//! Where the local cloud keeps what must survive a restart or a kill.
//!
//! A state directory holds a lock file, `cloud.db` (queues, checkpoints, clock, keys) and `orders.db` (the embedded
//! `DynamoDB`). One process at a time owns it. Every change is a `SQLite` transaction in a write-ahead log, so a kill
//! at any moment leaves what was committed and nothing else; a power cut may lose the last moments, never the order of
//! things. Deliberately absent: backups and moving a state between versions of the schema other than forward.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
const LOCK_FILE: &str = "oms-local.lock";
const CLOUD_FILE: &str = "cloud.db";
const ORDERS_FILE: &str = "orders.db";
/// What `SQLite` appends to a database's name for the files beside it.
const DATABASE_SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-journal"];
const BUSY_TIMEOUT_SECONDS: u64 = 5;

/// Why the state cannot be used; each is one line for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another process owns the directory.
    #[error("{} is in use by another local cloud; stop it or choose another place with --state DIR", .0.display())]
    Locked(PathBuf),
    /// The directory holds something else.
    #[error("{} holds {found}, which is not the local cloud's; choose another place with --state DIR", directory.display())]
    NotOurs {
        /// The directory that was named.
        directory: PathBuf,
        /// The first entry that is not ours.
        found: String,
    },
    /// A database file is not readable as one.
    #[error("{} is damaged ({detail}); start afresh with `reset`", path.display())]
    Damaged {
        path: PathBuf,
        /// What `SQLite` says.
        detail: String,
    },
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A stored value does not make sense.
    #[error("{what} cannot be read; start afresh with `reset`")]
    Invalid {
        /// The value's name.
        what: &'static str,
    },
    /// The cloud was stopped while somebody still held on to its state.
    #[error("the local cloud has been stopped")]
    Closed,
    /// A statement failed.
    #[error("cannot read or write the local state: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Where to keep the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateLocation {
    /// On disk; created when missing.
    Directory(PathBuf),
    /// Nowhere: gone with the process.
    Memory,
}

/// An opened and locked state.
#[derive(Debug)]
pub struct State {
    /// Queues, checkpoints and everything else but the tables.
    pub db: StateDb,
    /// File of the embedded `DynamoDB`; `None` keeps it in memory.
    pub orders: Option<PathBuf>,
}

impl State {
    /// Takes the lock, checks both files and opens `cloud.db`.
    pub fn open(location: &StateLocation) -> Result<Self, StateError> {
        let StateLocation::Directory(directory) = location else {
            return Ok(Self { db: StateDb::memory()?, orders: None });
        };
        fs::create_dir_all(directory).map_err(io_error("create", directory))?;
        refuse_foreign(directory)?;
        keep_private(directory)?;
        let lock = take_lock(directory)?;
        let orders = directory.join(ORDERS_FILE);
        check_database(&orders)?;
        let path = directory.join(CLOUD_FILE);
        check_database(&path)?;
        let connection = open_database(&path).map_err(damaged(&path))?;
        let db = StateDb::build(connection, Some(lock)).map_err(damaged(&path))?;
        Ok(Self { db, orders: Some(orders) })
    }
}

/// Deletes a state directory's contents. Refuses one that is in use and one that holds anything which is not ours; the
/// lock file stays, so that two processes can never both believe to own the directory.
pub fn reset(directory: &Path) -> Result<(), StateError> {
    if !directory.exists() {
        return Ok(());
    }
    refuse_foreign(directory)?;
    let _lock = take_lock(directory)?;
    for name in database_files() {
        let path = directory.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(io_error("delete", &path)(source)),
            _ => {}
        }
    }
    Ok(())
}

fn database_files() -> impl Iterator<Item = String> {
    [CLOUD_FILE, ORDERS_FILE].into_iter().flat_map(|file| DATABASE_SUFFIXES.map(|suffix| format!("{file}{suffix}")))
}

/// Only our own files, and hidden ones that desktops and git leave everywhere, may be here.
fn refuse_foreign(directory: &Path) -> Result<(), StateError> {
    let entries = fs::read_dir(directory).map_err(io_error("read", directory))?;
    for entry in entries {
        let name = entry.map_err(io_error("read", directory))?.file_name();
        let name = name.to_string_lossy();
        let ours = name == LOCK_FILE || name.starts_with('.') || database_files().any(|file| file == *name);
        if !ours {
            return Err(StateError::NotOurs { directory: directory.into(), found: name.into_owned() });
        }
    }
    Ok(())
}

/// Keys and addresses are in it: nobody else on this machine reads them.
#[cfg(unix)]
fn keep_private(directory: &Path) -> Result<(), StateError> {
    use std::os::unix::fs::PermissionsExt;
    let owner_only = fs::Permissions::from_mode(0o700);
    fs::set_permissions(directory, owner_only).map_err(io_error("protect", directory))
}

/// Elsewhere a folder of the user's is the user's.
#[cfg(not(unix))]
fn keep_private(_: &Path) -> Result<(), StateError> {
    Ok(())
}

/// A process that another thread of ours is just starting shares our open files for a moment, and with them the lock of a
/// state that we have closed. So a lock that is held is tried again for a second in all.
fn take_lock(directory: &Path) -> Result<File, StateError> {
    let path = directory.join(LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io_error("open", &path))?;
    let mut tries = 1;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(StateError::Locked(directory.into())),
            Err(TryLockError::Error(source)) => return Err(io_error("lock", &path)(source)),
        }
        tries += 1;
    }
}

fn open_database(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Enough against a kill; only a power cut could lose the last commits, and then in order.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

/// Finds a file that is no database, or was cut short, before anything is built on it. It costs the same however large the file is:
/// a page that is damaged in the middle is told where it is read.
fn check_database(path: &Path) -> Result<(), StateError> {
    if !path.exists() {
        return Ok(());
    }
    let count = |connection: &Connection, sql| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let (pages, page_bytes) = open_database(path)
        .and_then(|connection| {
            count(&connection, "SELECT count(*) FROM sqlite_schema")?;
            // What is still in the log only reaches the file when both are put together.
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            Ok((count(&connection, "PRAGMA page_count")?, count(&connection, "PRAGMA page_size")?))
        })
        .map_err(damaged(path))?;
    let bytes = fs::metadata(path).map_err(io_error("read", path))?.len();
    if bytes < pages.saturating_mul(page_bytes) {
        return Err(StateError::Damaged { path: path.into(), detail: "it was cut short".to_owned() });
    }
    Ok(())
}

fn damaged(path: &Path) -> impl Fn(rusqlite::Error) -> StateError {
    move |source| StateError::Damaged { path: path.into(), detail: source.to_string() }
}

fn io_error(action: &'static str, path: &Path) -> impl Fn(io::Error) -> StateError {
    move |source| StateError::Io { action, path: path.into(), source }
}

/// A shared handle to `cloud.db`. Statements are short, so they run where they are called, also in async code.
#[derive(Clone, Debug)]
pub struct StateDb(Arc<Mutex<Option<Open>>>);

#[derive(Debug)]
struct Open {
    connection: Connection,
    /// Held for as long as the database is open; there is none for one in memory.
    lock: Option<File>,
}

impl StateDb {
    /// A database that is gone with its last handle.
    pub fn memory() -> Result<Self, StateError> {
        Ok(Self::build(Connection::open_in_memory()?, None)?)
    }

    /// Whether all of it is gone with this process.
    pub fn is_in_memory(&self) -> bool {
        self.lock().as_ref().is_none_or(|open| open.lock.is_none())
    }

    fn build(connection: Connection, lock: Option<File>) -> rusqlite::Result<Self> {
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS migrations (module TEXT PRIMARY KEY, steps INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",
        )?;
        Ok(Self(Arc::new(Mutex::new(Some(Open { connection, lock })))))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        // A panic between statements leaves SQLite consistent: an open transaction rolls back when dropped.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `read` on the connection.
    pub fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StateError> {
        let guard = self.lock();
        let open = guard.as_ref().ok_or(StateError::Closed)?;
        Ok(read(&open.connection)?)
    }

    /// Runs `change` in one transaction: all of it is stored when this returns `Ok`, nothing otherwise.
    pub fn write<T, E: From<StateError>>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut guard = self.lock();
        let open = guard.as_mut().ok_or(StateError::Closed)?;
        let transaction =
            open.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StateError::from)?;
        let value = change(&transaction)?;
        transaction.commit().map_err(StateError::from)?;
        Ok(value)
    }

    /// Brings a module's tables up to date. `steps` only ever grows at its end; each step runs once per state.
    pub fn migrate(&self, module: &str, steps: &[&str]) -> Result<(), StateError> {
        self.write(|transaction| {
            let done: usize = transaction
                .query_row("SELECT steps FROM migrations WHERE module = ?1", [module], |row| row.get(0))
                .optional()?
                .unwrap_or(0);
            for step in steps.iter().skip(done) {
                transaction.execute_batch(step)?;
            }
            transaction.execute(
                "INSERT INTO migrations VALUES (?1, ?2) ON CONFLICT (module) DO UPDATE SET steps = max(steps, ?2)",
                (module, steps.len()),
            )?;
            Ok(())
        })
    }

    /// A value stored by [`StateDb::set_setting`].
    pub fn setting(&self, name: &str) -> Result<Option<String>, StateError> {
        self.read(|connection| {
            connection.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0)).optional()
        })
    }

    /// Stores a small value under a name of its own.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), StateError> {
        self.read(|connection| {
            connection.execute(
                "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                (name, value),
            )
        })?;
        Ok(())
    }

    /// Closes the file and gives up the lock. Whoever still holds a handle gets [`StateError::Closed`].
    pub fn close(&self) {
        self.lock().take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, StateLocation) {
        let directory = tempfile::tempdir().unwrap();
        let location = StateLocation::Directory(directory.path().join("state"));
        (directory, location)
    }

    fn path(location: &StateLocation) -> &Path {
        match location {
            StateLocation::Directory(path) => path,
            StateLocation::Memory => unreachable!("these tests are about directories"),
        }
    }

    #[test]
    fn a_second_owner_is_refused_until_the_first_is_done() {
        let (_guard, location) = directory();
        let first = State::open(&location).unwrap();
        let refusal = State::open(&location).unwrap_err().to_string();
        assert!(refusal.contains("is in use by another local cloud"), "{refusal}");
        assert!(matches!(reset(path(&location)), Err(StateError::Locked(_))));
        let leftover = first.db.clone();
        first.db.close();
        State::open(&location).unwrap();
        assert!(matches!(leftover.setting("x"), Err(StateError::Closed)));
    }

    #[test]
    fn settings_survive_a_restart_and_are_gone_after_a_reset() {
        let (_guard, location) = directory();
        State::open(&location).unwrap().db.set_setting("name", "kept").unwrap();
        let kept = State::open(&location).unwrap().db.setting("name").unwrap();
        assert_eq!(kept.as_deref(), Some("kept"));
        reset(path(&location)).unwrap();
        assert_eq!(State::open(&location).unwrap().db.setting("name").unwrap(), None);
    }

    #[test]
    fn a_damaged_file_is_named_in_one_line() {
        let (_guard, location) = directory();
        drop(State::open(&location).unwrap());
        for file in [CLOUD_FILE, ORDERS_FILE] {
            reset(path(&location)).unwrap();
            fs::write(path(&location).join(file), "this is not a database, it is a sentence".repeat(100)).unwrap();
            let line = State::open(&location).unwrap_err().to_string();
            assert!(line.contains(file) && line.contains("is damaged") && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn foreign_files_are_never_touched() {
        let (_guard, location) = directory();
        fs::create_dir_all(path(&location)).unwrap();
        let letter = path(&location).join("letter.txt");
        fs::write(&letter, "dear reader").unwrap();
        assert!(matches!(State::open(&location), Err(StateError::NotOurs { .. })));
        assert!(matches!(reset(path(&location)), Err(StateError::NotOurs { .. })));
        assert!(letter.exists());
    }

    #[test]
    fn each_migration_step_runs_once() {
        let db = StateDb::memory().unwrap();
        let steps = ["CREATE TABLE sent (id TEXT)", "ALTER TABLE sent ADD COLUMN body TEXT"];
        db.migrate("sent", &steps[..1]).unwrap();
        db.migrate("sent", &steps).unwrap();
        db.migrate("sent", &steps).unwrap();
        db.read(|c| c.execute("INSERT INTO sent VALUES ('a', 'b')", [])).unwrap();
    }
}
