//! The folders of the museum, one for each state of the code of which something is kept.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

/// One folder, named by the commit that wrote what is in it. A later one holds only what is new; the rest is absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// All of them, by name.
    pub(crate) fn all() -> Vec<Folder> {
        let entries = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap().map(|entry| entry.unwrap().path());
        let mut folders: Vec<_> = entries.filter(|path| path.join("made").is_dir()).map(Folder).collect();
        folders.sort();
        assert!(!folders.is_empty(), "the museum is empty");
        folders
    }

    /// The first one, which holds something of everything.
    pub(crate) fn first() -> Folder {
        let whole = Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("547af99"));
        assert!(whole.0.is_dir());
        whole
    }

    /// Where something in it is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The lines of a file; none if this folder lacks it.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        match fs::read_to_string(self.path(name)) {
            Ok(text) => text.lines().map(ToOwned::to_owned).collect(),
            Err(_) => Vec::new(),
        }
    }

    /// The same where each line is JSON.
    pub(crate) fn values(&self, name: &str) -> Vec<Value> {
        self.lines(name).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A file that is JSON.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// The stored items of the table `orders` or `catalog`, as DynamoDB writes them in JSON.
    pub(crate) fn items(&self, table: &str) -> Vec<Value> {
        let mut items = self.values(&format!("items/{table}.jsonl"));
        if let Ok(sql) = fs::read_to_string(self.path("state/orders.sql")) {
            let (first, rest) = table.split_at(1);
            let stored = format!("local-{}{rest}Table", first.to_uppercase());
            let database = Connection::open_in_memory().unwrap();
            database.execute_batch(&sql).unwrap();
            let mut select = database.prepare(&format!("SELECT item_json FROM \"{stored}\" ORDER BY pk, sk")).unwrap();
            let texts = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
            items.extend(texts.map(|text| serde_json::from_str::<Value>(&text.unwrap()).unwrap()));
        }
        items
    }

    /// Writes the state folder anew, with a clock that shows the moment at which it was closed.
    pub(crate) fn state(&self, into: &Path) {
        for name in ["orders", "cloud"] {
            let database = Connection::open(into.join(format!("{name}.db"))).unwrap();
            database.pragma_update(None, "journal_mode", "WAL").unwrap();
            database.execute_batch(&fs::read_to_string(self.path(&format!("state/{name}.sql"))).unwrap()).unwrap();
            if name == "cloud" {
                let names = self.json("names.json");
                let sql = "UPDATE settings SET value = CAST(1000 * (unixepoch(?1, 'subsec') - unixepoch('subsec')) AS INTEGER)
                           WHERE name = 'clock_offset_ms'";
                assert_eq!(database.execute(sql, [names["now"].as_str().unwrap()]).unwrap(), 1);
            }
        }
    }
}

/// A text attribute of an item.
#[track_caller]
pub(crate) fn text<'a>(item: &'a Value, attribute: &str) -> &'a str {
    item[attribute]["S"].as_str().unwrap_or_else(|| panic!("no text {attribute} in {item}"))
}

/// The partition and the sort key of an item.
pub(crate) fn key(item: &Value) -> (&str, &str) {
    (text(item, "pk"), text(item, "sk"))
}

/// What stands behind a word in a key.
pub(crate) fn behind<'a>(key: &'a str, word: &str) -> &'a str {
    key.strip_prefix(word).unwrap_or_else(|| panic!("{key} does not begin with {word}"))
}
