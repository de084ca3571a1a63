//! The catalog and its stock as admins and sellers manage them (F1, F7, F8).

use std::sync::Arc;

use oms_app::Error;
use oms_app::catalog::alert_stock::{AlertStock, Touched};
use oms_app::catalog::create_product::{self, CreateProduct, Created};
use oms_app::catalog::discontinue_product::DiscontinueProduct;
use oms_app::catalog::editing::Given;
use oms_app::catalog::import_products::{ImportProducts, RowOutcome};
use oms_app::catalog::move_stock::{self, MoveStock, Moved};
use oms_app::catalog::update_product::UpdateProduct;
use oms_app::catalog::view_stock::ViewStock;
use oms_app::idempotency::Idempotency;
use oms_app::intent::Intent;
use oms_app::ports::{Catalog as _, Inventory as _, ProductEntry};
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::catalog::movement::MovementKind;
use oms_domain::ids::ProductId;
use oms_testkit::builders::{a_product, admin, customer, seller, seller_caller, user};
use oms_testkit::memory::{MemoryAlerts, MemoryStore};
use oms_testkit::{ManualClock, SeededRandom};

#[derive(Clone, Default)]
struct Shop {
    store: MemoryStore,
    clock: ManualClock,
    random: SeededRandom,
    alerts: MemoryAlerts,
}

fn mug() -> Given {
    Given {
        sku: Some("MUG-1".into()),
        name: Some("Mug".into()),
        category: Some("kitchen".into()),
        price: Some("19.90".into()),
        currency: Some("EUR".into()),
        ..Given::default()
    }
}

fn key(request: &str) -> Idempotency {
    Idempotency { key: "key".into(), request: request.into() }
}

fn other_seller() -> Caller {
    Caller::Seller { user: user("eve"), seller: "seller-south".parse().unwrap() }
}

impl Shop {
    async fn create(&self, caller: Caller, given: Given, idempotency: Option<Idempotency>) -> Result<Created, Error> {
        let seller_id = matches!(caller, Caller::Admin(_)).then(|| seller().to_string());
        let create = CreateProduct::new(
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            Arc::new(self.random.clone()),
        );
        let intent = Intent { idempotency, ..Intent::by(caller, "request") };
        create.run(&intent, create_product::Request { seller_id, given, units: 5 }).await
    }

    async fn update(
        &self,
        caller: Caller,
        id: ProductId,
        given: Given,
        version: Option<u64>,
    ) -> Result<ProductEntry, Error> {
        let update = UpdateProduct::new(
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            Arc::new(self.random.clone()),
        );
        update.run(id, &Intent { expected_version: version, ..Intent::by(caller, "request") }, &given).await
    }

    async fn shift(&self, caller: Caller, id: ProductId, kind: MovementKind, quantity: u32) -> Result<Moved, Error> {
        self.shift_keyed(caller, id, kind, quantity, None).await
    }

    async fn shift_keyed(
        &self,
        caller: Caller,
        product_id: ProductId,
        kind: MovementKind,
        quantity: u32,
        idempotency: Option<Idempotency>,
    ) -> Result<Moved, Error> {
        let moves = MoveStock::new(
            Arc::new(self.store.clone()),
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            Arc::new(self.random.clone()),
        );
        let reason = " counted ".to_owned();
        let intent = Intent { idempotency, ..Intent::by(caller, "request") };
        moves.run(product_id, &intent, &move_stock::Request { kind, quantity, reason }).await
    }

    async fn import(&self, caller: &Caller, csv: &str) -> Result<Vec<RowOutcome>, Error> {
        let import = ImportProducts::new(
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            Arc::new(self.random.clone()),
        );
        let rows = import
            .run(
                &Intent::by(caller.clone(), "request"),
                csv.as_bytes(),
                &oms_app::catalog::product_file::Assumed::default(),
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.outcome).collect())
    }

    /// The stream tells of a product; answers with what must come again.
    async fn touched(&self, product: &Product) -> Vec<String> {
        let alert =
            AlertStock::new(Arc::new(self.store.clone()), Arc::new(self.store.clone()), Arc::new(self.alerts.clone()));
        let record = |number: &str| Touched { sequence_number: number.into(), product_id: Some(product.id) };
        alert.run(&[record("1"), record("2")]).await
    }

    fn told(&self) -> Vec<u32> {
        self.alerts.low_stock().iter().map(|alert| alert.available).collect()
    }
}

fn pointers(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(fields) => fields.into_iter().map(|field| field.pointer).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn f8_a_seller_adds_own_products_and_an_admin_says_whose() {
    let shop = Shop::default();
    let created = shop.create(seller_caller("sam"), mug(), None).await.unwrap();
    assert_eq!(created.entry.product.seller_id, seller());
    assert_eq!(created.entry.product.stock.available, 5);
    let movements = shop.store.movements(created.entry.product.id, None, 5).await.unwrap().movements;
    assert_eq!(movements[0].after, created.entry.product.stock, "the first units are on record");
    let other = Given { sku: Some("MUG-2".into()), ..mug() };
    assert!(shop.create(admin(), other, None).await.is_ok());
    assert!(matches!(shop.create(customer("ada"), mug(), None).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn f8_every_fault_of_a_product_is_named() {
    let shop = Shop::default();
    let missing = shop.create(seller_caller("sam"), Given::default(), None).await.unwrap_err();
    assert_eq!(pointers(missing), ["/sku", "/name", "/category", "/price", "/currency"]);
    let wrong = Given {
        sku: Some("a b".into()),
        name: Some("x".repeat(121)),
        category: Some(String::new()),
        price: Some("1.999".into()),
        currency: Some("EUR".into()),
        tax_class: Some("Über".into()),
        weight_grams: Some(9_999_999),
        regions: Some(vec!["DE".into(), "de".into(), "XX".into(), "DE".into()]),
        images: Some(vec!["http://img.example.com/a.jpg".into(), "https://img.example.com/b.jpg".into()]),
        description: Some("x".repeat(2_001)),
        low_stock_threshold: Some(Some(u32::MAX)),
        max_per_order: Some(Some(0)),
        active: None,
        hot: Some(true),
    };
    let expected = [
        "/sku",
        "/name",
        "/category",
        "/tax_class",
        "/price",
        "/weight_grams",
        "/regions/1",
        "/regions/2",
        "/regions/3",
        "/low_stock_threshold",
        "/max_per_order",
        "/description",
        "/images/0",
    ];
    assert_eq!(pointers(shop.create(admin(), wrong, None).await.unwrap_err()), expected);
    assert!(shop.store.all_products().is_empty());
    for price in ["-0.01", "2000000000.00"] {
        let refused = shop.create(seller_caller("sam"), Given { price: Some(price.into()), ..mug() }, None).await;
        assert_eq!(pointers(refused.unwrap_err()), ["/price"]);
    }
}

#[tokio::test]
async fn f8_the_same_creation_again_is_the_same_product() {
    let shop = Shop::default();
    let first = shop.create(seller_caller("sam"), mug(), Some(key("request"))).await.unwrap();
    let again = shop.create(seller_caller("sam"), mug(), Some(key("request"))).await.unwrap();
    assert_eq!((again.entry, again.repeated), (first.entry, true));
    let other = shop.create(seller_caller("sam"), mug(), Some(key("another request"))).await;
    assert_eq!(other, Err(Error::IdempotencyMismatch));
    let without_key = shop.create(seller_caller("sam"), mug(), None).await;
    assert!(matches!(without_key, Err(Error::SkuTaken(_))));
    assert_eq!(shop.store.all_products().len(), 1);
}

#[tokio::test]
async fn f8_an_edit_changes_what_was_given_and_honours_the_version_seen() {
    let shop = Shop::default();
    let id = shop.create(seller_caller("sam"), mug(), None).await.unwrap().entry.product.id;
    let dearer = Given { price: Some("21".into()), ..Given::default() };
    let entry = shop.update(seller_caller("sam"), id, dearer.clone(), Some(1)).await.unwrap();
    assert_eq!((entry.product.price.minor(), entry.product.version), (2_100, 2));
    assert_eq!(entry.product.name, "Mug");
    let unchanged = shop.update(admin(), id, dearer.clone(), None).await.unwrap();
    assert_eq!(unchanged.product.version, 2, "nothing different, nothing written");
    let stale = shop.update(admin(), id, Given { name: Some("Cup".into()), ..Given::default() }, Some(1)).await;
    assert_eq!(stale, Err(Error::VersionConflict { current: 2 }));
    for caller in [other_seller(), customer("ada")] {
        assert!(matches!(shop.update(caller, id, dearer.clone(), None).await, Err(Error::Forbidden(_))));
    }
    let dollars = Given { currency: Some("USD".into()), ..Given::default() };
    assert_eq!(pointers(shop.update(admin(), id, dollars, None).await.unwrap_err()), ["/price"]);
    let nowhere = shop.update(admin(), ProductId::from_key(&user("x"), "y"), dearer, None).await;
    assert_eq!(nowhere, Err(Error::NotFound));
}

#[tokio::test]
async fn f8_a_discontinued_product_is_shown_and_not_listed() {
    let shop = Shop::default();
    let id = shop.create(seller_caller("sam"), mug(), None).await.unwrap().entry.product.id;
    let discontinue = DiscontinueProduct::new(
        Arc::new(shop.store.clone()),
        Arc::new(shop.clock.clone()),
        Arc::new(shop.random.clone()),
    );
    assert!(matches!(discontinue.run(id, &Intent::by(other_seller(), "request")).await, Err(Error::Forbidden(_))));
    for _ in 0..2 {
        let entry = discontinue.run(id, &Intent::by(seller_caller("sam"), "request")).await.unwrap();
        assert_eq!((entry.product.active, entry.product.version), (false, 2));
    }
    assert!(shop.store.page(None, 10).await.unwrap().products.is_empty());
    assert!(shop.store.entry(id).await.unwrap().is_some());
}

#[tokio::test]
async fn f1_stock_is_moved_by_those_who_manage_it_and_never_below_nothing() {
    let shop = Shop { store: MemoryStore::stocked([a_product(1).stocked(3).build()]), ..Shop::default() };
    let id = a_product(1).build().id;
    let moved = shop.shift(seller_caller("sam"), id, MovementKind::Damage, 2).await.unwrap();
    assert_eq!((moved.movement.after.damaged, moved.movement.reason.as_str()), (2, "counted"));
    let Err(Error::InsufficientStock(now)) = shop.shift(admin(), id, MovementKind::Hold, 2).await else {
        panic!("more was held than there is");
    };
    assert_eq!(now.available, 1);
    for caller in [other_seller(), customer("ada")] {
        assert!(matches!(shop.shift(caller, id, MovementKind::Receive, 1).await, Err(Error::Forbidden(_))));
    }
    assert_eq!(pointers(shop.shift(admin(), id, MovementKind::Receive, 0).await.unwrap_err()), ["/quantity"]);
    let view = ViewStock::new(Arc::new(shop.store.clone()), Arc::new(shop.store.clone()));
    let (product, page) = view.run(&seller_caller("sam"), id, None, 5).await.unwrap();
    assert_eq!((product.stock.damaged, page.movements.len()), (2, 1));
    assert!(matches!(view.run(&other_seller(), id, None, 5).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn f1_the_same_movement_again_is_told_and_not_done() {
    let shop = Shop { store: MemoryStore::stocked([a_product(1).stocked(3).build()]), ..Shop::default() };
    let id = a_product(1).build().id;
    let shift = async |request: &str| shop.shift_keyed(admin(), id, MovementKind::Damage, 3, Some(key(request))).await;
    let first = shift("request").await.unwrap();
    let again = shift("request").await.unwrap();
    assert_eq!((again.movement, again.repeated), (first.movement, true));
    assert_eq!(shift("another request").await, Err(Error::IdempotencyMismatch));
    assert_eq!(shop.store.product_now(id).stock.damaged, 3);
}

#[tokio::test]
async fn f7_admins_are_told_once_per_crossing_and_again_after_restocking() {
    let product = a_product(1).stocked(10).low_at(3).build();
    let shop = Shop { store: MemoryStore::stocked([product.clone()]), ..Shop::default() };
    assert!(shop.touched(&product).await.is_empty());
    assert!(shop.told().is_empty(), "there is enough");
    shop.shift(admin(), product.id, MovementKind::Damage, 7).await.unwrap();
    shop.touched(&product).await;
    shop.touched(&product).await;
    assert_eq!(shop.told(), [3], "the threshold itself is low; repeats tell nothing");
    shop.shift(admin(), product.id, MovementKind::Damage, 1).await.unwrap();
    shop.touched(&product).await;
    assert_eq!(shop.told(), [3], "still the same crossing");
    shop.shift(admin(), product.id, MovementKind::Receive, 5).await.unwrap();
    shop.touched(&product).await;
    shop.shift(admin(), product.id, MovementKind::Hold, 6).await.unwrap();
    shop.touched(&product).await;
    assert_eq!(shop.told(), [3, 1]);
}

#[tokio::test]
async fn f7_an_alert_that_was_not_published_comes_again() {
    let product = a_product(1).stocked(2).low_at(3).build();
    let shop = Shop { store: MemoryStore::stocked([product.clone()]), ..Shop::default() };
    shop.alerts.fail_next();
    assert_eq!(shop.touched(&product).await, ["1", "2"]);
    assert!(shop.touched(&product).await.is_empty());
    assert!(shop.touched(&product).await.is_empty());
    assert_eq!(shop.told(), [2]);
}

#[tokio::test]
async fn f7_what_was_never_stocked_or_is_off_sale_is_not_low() {
    let fresh = a_product(1).stocked(0).low_at(3).build();
    let gone = a_product(2).stocked(1).low_at(3).discontinued().build();
    let shop = Shop { store: MemoryStore::stocked([fresh.clone(), gone.clone()]), ..Shop::default() };
    shop.touched(&fresh).await;
    shop.touched(&gone).await;
    assert!(shop.told().is_empty());
}

#[tokio::test]
async fn f8_rows_of_an_import_stand_for_themselves() {
    let shop = Shop::default();
    let csv = "\u{feff}sku,name,category,price,currency,regions,low_stock_threshold,units\n\
        MUG-1,Mug,kitchen,19.90,EUR,DE; AT,5,10\n\
        MUG-2,,kitchen,x,EUR,,,\n\
        MUG-3,Bowl,kitchen,1,EUR\n\
        MUG-4,\"Plate, flat\",kitchen,7,EUR,,,many\n";
    let dearer = "sku,name,category,price,currency,units\nMUG-1,Mug,kitchen,21.00,EUR,10\n";
    let rows = shop.import(&seller_caller("sam"), csv).await.unwrap();
    let RowOutcome::Created(id) = rows[0] else { panic!("{rows:?}") };
    let faults = |row: &RowOutcome| match row {
        RowOutcome::Failed(fields) => fields.iter().map(|field| field.pointer.clone()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(faults(&rows[1]), ["/name", "/price"]);
    assert_eq!(faults(&rows[2]), [""]);
    assert_eq!(faults(&rows[3]), ["/units"]);
    assert_eq!(shop.import(&seller_caller("sam"), dearer).await.unwrap(), [RowOutcome::Updated(id)]);
    let product = shop.store.product_now(id);
    assert_eq!((product.price.minor(), product.stock.received), (2_100, 10));
    assert_eq!((product.regions.as_slice(), product.low_stock_threshold), (&["DE".into(), "AT".into()][..], Some(5)));
    assert_eq!(shop.store.all_products().len(), 1);

    let again = shop.import(&seller_caller("sam"), csv).await.unwrap();
    assert_eq!(again[0], RowOutcome::Updated(id));
    assert_eq!(shop.store.product_now(id).stock.received, 10, "the same file again doubles no stock");
}

#[tokio::test]
async fn f8_a_file_that_is_no_catalogue_is_refused_as_a_whole() {
    let shop = Shop::default();
    let sam = seller_caller("sam");
    assert_eq!(pointers(shop.import(&sam, "name,colour,name\nMug,blue,x\n").await.unwrap_err()).len(), 3);
    let rows = "MUG-1\n".repeat(101);
    assert!(matches!(shop.import(&sam, &format!("sku\n{rows}")).await, Err(Error::Malformed(_))));
    assert!(matches!(shop.import(&customer("ada"), "sku\n").await, Err(Error::Forbidden(_))));
    assert!(shop.import(&sam, "sku\n").await.unwrap().is_empty());
    let unowned = shop.import(&admin(), "sku\nMUG-1\n").await.unwrap();
    assert!(matches!(&unowned[0], RowOutcome::Failed(fields) if fields[0].pointer == "/seller_id"));
}
