//! Files of products as shops and spreadsheets have them.

use std::sync::Arc;

use oms_app::Error;
use oms_app::catalog::import_products::{ImportProducts, RowOutcome, RowResult};
use oms_app::catalog::product_file::{Assumed, ProductFile};
use oms_app::intent::Intent;
use oms_app::ports::Inventory as _;
use oms_domain::catalog::Product;
use oms_testkit::builders::{admin, seller_caller};
use oms_testkit::memory::MemoryStore;
use oms_testkit::{ManualClock, SeededRandom};

const EUR: Assumed<'static> = Assumed { currency: Some("EUR"), seller_id: None };

async fn import(store: &MemoryStore, csv: &str) -> Result<Vec<RowResult>, Error> {
    let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SeededRandom::default()));
    let import = ImportProducts::new(Arc::new(store.clone()), clock, random);
    import.run(&Intent::by(seller_caller("sam"), "request"), csv.as_bytes(), &EUR).await
}

/// The rows that failed, with the place and the words of the first fault of each.
fn failed(rows: &[RowResult]) -> Vec<(usize, String)> {
    let told = |row: &RowResult| match &row.outcome {
        RowOutcome::Failed(faults) => Some((row.row, format!("{} {}", faults[0].pointer, faults[0].message))),
        RowOutcome::Created(_) | RowOutcome::Updated(_) => None,
    };
    rows.iter().filter_map(told).collect()
}

fn product(store: &MemoryStore, rows: &[RowResult], place: usize) -> Product {
    let RowOutcome::Created(id) = rows[place].outcome else { panic!("{rows:?}") };
    store.product_now(id)
}

async fn images(store: &MemoryStore, rows: &[RowResult], place: usize) -> Vec<String> {
    let id = product(store, rows, place).id;
    store.entry(id).await.unwrap().unwrap().detail.images
}

#[tokio::test]
async fn i2_a_quote_that_is_not_closed_refuses_the_file_with_its_line() {
    let store = MemoryStore::default();
    let head = "sku,name,category,price\n";
    for (rows, line) in [
        ("A-1,\"Mug,kitchen,1.00\nA-2,Cup,kitchen,2.00\nA-3,Pot,kitchen,3.00\n", 2),
        ("A-1,Mug,kitchen,1.00\nA-2,\"Cup,kitchen,2.00\nA-3,\"Pot\",kitchen,3.00\n", 3),
        ("A-1,\"Mug\" x,kitchen,1.00\n", 2),
        ("A-1,\"a\nb\",kitchen,1.00\nA-2,\"Cup", 4),
    ] {
        let Err(Error::Malformed(why)) = import(&store, &format!("{head}{rows}")).await else { panic!("{rows}") };
        assert!(why.contains(&format!("line {line}:")), "{why}");
    }
    assert!(store.all_products().is_empty());
    // Quotes that fit are read, and so are those within a cell.
    let rows = "A-1,\"Mug, \"\"blue\"\"\nand white\",kitchen,1.00\nA-2,Pipe 5\",kitchen,2.00\n";
    let rows =
        import(&store, &format!("sku,description,category,price,name\n{}", rows.replace(".00\n", ".00,x\n"))).await;
    let rows = rows.unwrap();
    assert_eq!((rows.len(), failed(&rows)), (2, vec![]));
}

#[tokio::test]
async fn i7_empty_rows_are_skipped_and_others_keep_their_numbers() {
    let store = MemoryStore::default();
    let csv =
        "sku,name,category,price\nA-1,Mug,kitchen,1.00\n,,,\n , ,,\nA-2,Cup,kitchen\n\nA-3,Pot,kitchen,3.00\n,,,\n";
    let rows = import(&store, csv).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(failed(&rows).iter().map(|(row, _)| *row).collect::<Vec<_>>(), [4]);
}

#[tokio::test]
async fn i5_addresses_of_images_are_told_apart_whatever_is_between_them() {
    let store = MemoryStore::default();
    let csv = "sku,name,category,price,images\n\
        A-1,Mug,k,1.00,\"https://a.example/1.jpg, https://a.example/2.jpg\"\n\
        A-2,Cup,k,1.00,https://a.example/1.jpg;https://a.example/2.jpg\n\
        A-3,Pot,k,1.00,\"https://a.example/w_1,h_2/1.jpg,https://a.example/2.jpg\"\n\
        A-4,Pan,k,1.00,\"https://a.example/1.jpg | https://a.example/2.jpg\"\n\
        A-5,Jug,k,1.00,\"https://a.example/1.jpg nonsense\"\n";
    let rows = import(&store, csv).await.unwrap();
    for place in [0, 1, 3] {
        assert_eq!(images(&store, &rows, place).await, ["https://a.example/1.jpg", "https://a.example/2.jpg"]);
    }
    assert_eq!(images(&store, &rows, 2).await, ["https://a.example/w_1,h_2/1.jpg", "https://a.example/2.jpg"]);
    assert_eq!(failed(&rows).len(), 1, "{rows:?}");
}

#[tokio::test]
async fn i15_semicolons_and_decimal_commas_are_recognised() {
    let store = MemoryStore::default();
    for (sku, csv) in [
        ("A", "sku;name;category;price\nA;Mug, blue;kitchen;1.219,90\n"),
        ("B", "\u{feff}sku\tname\tcategory\tprice\nB\tMug; blue\tkitchen\t1219,9\n"),
        ("C", "sku,name,category,price\nC,Mug,kitchen,\"1,219.90\"\n"),
        ("D", "sku,name,category,price\nD,Mug,kitchen,\"1219,90\"\n"),
    ] {
        let rows = import(&store, csv).await.unwrap();
        assert_eq!(product(&store, &rows, 0).price.minor(), 121_990, "{sku}");
    }
    let rows = import(&store, "sku;name;category;price\nF;Mug;kitchen;1,219\nG;Mug;kitchen;1.2.3\n").await.unwrap();
    assert_eq!(failed(&rows).len(), 2, "what can be read in two ways is not guessed: {rows:?}");
}

#[tokio::test]
async fn i15_a_sku_that_stands_twice_is_told_and_the_first_counts() {
    let store = MemoryStore::default();
    let csv = "sku,name,category,price\nA-1,Mug,kitchen,1.00\nA-2,Cup,kitchen,2.00\nA-1,Pot,kitchen,3.00\n";
    let rows = import(&store, csv).await.unwrap();
    assert_eq!(failed(&rows), [(3, "/sku stands in row 1 already".to_owned())]);
    assert_eq!(product(&store, &rows, 0).name, "Mug");
}

#[tokio::test]
async fn i15_an_export_of_shopify_is_understood() {
    let store = MemoryStore::default();
    let csv = "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Barcode,Image Src,Status\n\
        shirt,Shirt,\"<p>Soft &amp; <b>warm</b></p>\",Acme,Clothes,Size,S,SH-S,200.0,5,19.90,5901234123457,https://a.example/1.jpg,active\n\
        shirt,,,,,,M,SH-M,210,-2,21.90,,https://a.example/2.jpg,\n\
        shirt,,,,,,,,,,,,https://a.example/3.jpg,\n\
        mug,Mug,,Acme,Kitchen > Mugs,Title,Default Title,MUG-1,350,7,9.90,,,active\n";
    let rows = import(&store, csv).await.unwrap();
    assert_eq!((rows.len(), failed(&rows)), (3, vec![]));
    let small = product(&store, &rows, 0);
    assert_eq!((small.sku.as_str(), small.name.as_str(), small.category.as_str()), ("SH-S", "Shirt S", "Clothes"));
    assert_eq!((small.price.minor(), small.weight_grams, small.stock.received), (1_990, 200, 5));
    let medium = product(&store, &rows, 1);
    assert_eq!((medium.name.as_str(), medium.price.minor(), medium.stock.received), ("Shirt M", 2_190, 0));
    assert_eq!(images(&store, &rows, 0).await.len(), 3);
    let mug = product(&store, &rows, 2);
    assert_eq!((mug.name.as_str(), mug.category.as_str()), ("Mug", "Mugs"));
    let described = store.entry(small.id).await.unwrap().unwrap().detail.description;
    assert_eq!(described, "Soft & warm");
}

#[tokio::test]
async fn i15_an_export_of_woocommerce_is_understood() {
    let store = MemoryStore::default();
    let csv = "ID,Type,SKU,Name,Published,\"Short description\",Description,\"Tax class\",\"Low stock amount\",Stock,\"Weight (kg)\",\"Regular price\",Categories,Images\n\
        1,simple,MUG-1,\"Blue mug\",1,short,<p>Long</p>,,3,12,\"0,35\",\"19,90\",\"Home > Kitchen, Gifts\",\"https://a.example/1.jpg, https://a.example/2.jpg\"\n\
        2,variable,SHIRT,Shirt,1,,,,,,,,Clothes,\n\
        3,variation,SHIRT-S,\"Shirt - S\",1,,,reduced-rate,,4,,15,Clothes,\n";
    let rows = import(&store, csv).await.unwrap();
    assert_eq!((rows.iter().map(|row| row.row).collect::<Vec<_>>(), failed(&rows)), (vec![1, 3], vec![]));
    let mug = product(&store, &rows, 0);
    assert_eq!((mug.name.as_str(), mug.category.as_str(), mug.price.minor()), ("Blue mug", "Kitchen", 1_990));
    assert_eq!((mug.weight_grams, mug.stock.received, mug.low_stock_threshold), (350, 12, Some(3)));
    assert_eq!(images(&store, &rows, 0).await.len(), 2);
    assert_eq!(product(&store, &rows, 1).tax_class, "reduced-rate");
}

#[test]
fn i15_what_is_assumed_stands_behind_what_a_row_says() {
    let assumed = Assumed { currency: Some("EUR"), seller_id: Some("north-pottery") };
    let file = ProductFile::read(b"sku,currency\nA,USD\nB,\n", &assumed).unwrap();
    assert_eq!(file.columns, ["sku", "currency", "seller_id"]);
    let cells: Vec<Vec<String>> = file.rows.into_iter().map(|row| row.cells.unwrap()).collect();
    assert_eq!(cells, [["A", "USD", "north-pottery"], ["B", "EUR", "north-pottery"]]);
}

#[tokio::test]
async fn i3_a_sku_may_be_a_code_of_goods_and_a_name_no_card() {
    let store = MemoryStore::default();
    let csv = "sku,name,category,price\n4242424242424242,Mug,kitchen,1.00\nA-2,4242 4242 4242 4242,kitchen,1.00\n";
    let rows = import(&store, csv).await.unwrap();
    assert_eq!(failed(&rows).iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2]);
}

/// The places of all that is wrong with the first row.
fn places(rows: &[RowResult]) -> Vec<&str> {
    let RowOutcome::Failed(faults) = &rows[0].outcome else { panic!("{rows:?}") };
    faults.iter().map(|fault| fault.pointer.as_str()).collect()
}

#[tokio::test]
async fn i10_everything_that_is_wrong_with_a_row_is_told_at_once() {
    let store = MemoryStore::default();
    let rows = import(&store, "sku,name,price,currency,weight_grams,units\n,x,,,a,b\n").await.unwrap();
    assert_eq!(places(&rows), ["/weight_grams", "/units", "/sku", "/category", "/price"]);
    let rows = import(&store, "sku,price,currency,weight_grams\nA-1,cheap,XXX,heavy\n").await.unwrap();
    assert_eq!(places(&rows), ["/weight_grams", "/name", "/category", "/currency", "/price"]);
    // A row of a product that is there needs only what it changes.
    import(&store, "sku,name,category,price\nA-1,Mug,kitchen,1.00\n").await.unwrap();
    let rows = import(&store, "sku,price,weight_grams\nA-1,-1,heavy\n").await.unwrap();
    assert_eq!(places(&rows), ["/weight_grams", "/price"]);
    let (clock, random) = (Arc::new(ManualClock::default()), Arc::new(SeededRandom::default()));
    let of_admins = ImportProducts::new(Arc::new(store), clock, random);
    let csv = "sku,price,weight_grams\nA-2,-1,heavy\nA-3,-1,1\n";
    let rows = of_admins.run(&Intent::by(admin(), "request"), csv.as_bytes(), &EUR).await.unwrap();
    assert_eq!(places(&rows), ["/weight_grams", "/seller_id", "/name", "/category", "/price"]);
    assert_eq!(places(&rows[1..]), ["/seller_id", "/name", "/category", "/price"]);
}
