//! Whatever stands in a file that is imported: rows become products as they say, or nothing happens and the answer says why.

use std::sync::Arc;

use oms_app::Error;
use oms_app::catalog::import_products::{ImportProducts, MAX_ROWS, RowOutcome};
use oms_app::catalog::product_file::{Assumed, COLUMNS};
use oms_app::intent::Intent;
use oms_testkit::builders::seller_caller;
use oms_testkit::memory::MemoryStore;
use oms_testkit::{ManualClock, SeededRandom};
use proptest::prelude::*;

fn import(store: &MemoryStore, csv: &[u8]) -> Result<Vec<RowOutcome>, Error> {
    let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SeededRandom::default()));
    let import = ImportProducts::new(Arc::new(store.clone()), clock, random);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rows = runtime.block_on(import.run(&Intent::by(seller_caller("sam"), "request"), csv, &Assumed::default()))?;
    Ok(rows.into_iter().map(|row| row.outcome).collect())
}

/// A cell as a spreadsheet writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Something like a table: known columns or others, cells that fit or do not.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let column = prop_oneof![5 => prop::sample::select(&COLUMNS[..]).prop_map(str::to_owned), 1 => "\\PC{0,8}"];
    let cell =
        prop_oneof!["\\PC{0,12}", "[0-9]{1,6}(\\.[0-9]{2})?", Just("\"".to_owned()), Just("\u{feff}".to_owned())];
    let row = prop::collection::vec(cell, 0..6);
    let table = (prop::collection::vec(column, 1..6), prop::collection::vec(row, 0..5)).prop_map(|(columns, rows)| {
        let lines = [columns].into_iter().chain(rows);
        lines.map(|cells| cells.join(",")).collect::<Vec<_>>().join("\n").into_bytes()
    });
    prop_oneof![3 => table, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn f8_any_bytes_are_rows_or_refused_and_what_failed_has_left_nothing(file in any_file()) {
        let store = MemoryStore::default();
        match import(&store, &file) {
            Ok(rows) => {
                let created = rows.iter().filter(|row| matches!(row, RowOutcome::Created(_))).count();
                prop_assert_eq!(store.all_products().len(), created);
            }
            Err(Error::Malformed(_) | Error::Invalid(_)) => prop_assert!(store.all_products().is_empty()),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn f8_what_a_row_says_is_what_the_product_is(
        name in "[A-Z][a-zäß ,;'\"€]{0,40}[a-z]",
        (price, units, weight) in (1_u32..1_000_000, 0_u32..5_000, 1_u32..20_000),
        places in Just([0, 1, 2, 3, 4, 5, 6]).prop_shuffle(),
    ) {
        let price = format!("{}.{:02}", price / 100, price % 100);
        let cells = [
            ("sku", "SKU-1".to_owned()), ("name", quoted(&name)), ("category", "kitchen".to_owned()), ("price", price.clone()),
            ("currency", "EUR".to_owned()), ("units", units.to_string()), ("weight_grams", format!(" {weight} ")),
        ];
        let line = |cell: fn(&(&'static str, String)) -> String| {
            places.iter().map(|place| cell(&cells[*place])).collect::<Vec<_>>().join(",")
        };
        let file = format!("{}\r\n{}\r\n", line(|(column, _)| (*column).to_owned()), line(|(_, cell)| cell.clone()));
        let store = MemoryStore::default();
        let rows = import(&store, file.as_bytes()).unwrap();
        let RowOutcome::Created(id) = rows[0] else { panic!("{rows:?}") };
        let product = store.product_now(id);
        prop_assert_eq!(&product.name, &name);
        prop_assert_eq!(product.price.minor(), price.replace('.', "").parse::<i64>().unwrap());
        prop_assert_eq!((product.stock.received, product.weight_grams), (units, weight));
        prop_assert_eq!(import(&store, file.as_bytes()).unwrap(), [RowOutcome::Updated(id)]);
        prop_assert_eq!(store.product_now(id).stock, product.stock);
    }
}

#[test]
fn f8_too_many_rows_are_refused_before_the_first_is_written() {
    let store = MemoryStore::default();
    let row = |number| format!("SKU-{number},Mug,kitchen,1.00,EUR\n");
    let file = |many| format!("sku,name,category,price,currency\n{}", (0..many).map(row).collect::<Vec<_>>().concat());
    assert!(matches!(import(&store, file(MAX_ROWS + 1).as_bytes()), Err(Error::Malformed(_))));
    assert!(store.all_products().is_empty());
    assert_eq!(import(&store, file(MAX_ROWS).as_bytes()).unwrap().len(), MAX_ROWS);
    assert_eq!(store.all_products().len(), MAX_ROWS);
}
