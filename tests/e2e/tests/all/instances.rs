//! Several instances on one machine, and starts that cannot be.

use oms_local::start::{Options, start};
use oms_local::state::{StateLocation, reset};

use crate::app::{start_app, start_app_in};
use crate::shop::{MUG, id};

async fn refusal(port: u16, state: StateLocation) -> String {
    let line = start(Options { port, state, template: None, payments: Vec::new(), parameters: Vec::new() })
        .await
        .err()
        .expect("it starts")
        .to_string();
    assert!(!line.contains('\n') && !line.is_empty(), "{line}");
    line
}

#[tokio::test]
async fn two_instances_do_not_disturb_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two, three) = (
        start_app_in(&directory.path().join("one")).await,
        start_app_in(&directory.path().join("two")).await,
        start_app().await,
    );
    let order = one.customer("ada").create(&crate::shop::cart(&[(MUG, 100)]), "k").await.expect(201);
    for other in [&two, &three] {
        assert_eq!(other.stock(MUG).await.available, 100);
        other.customer("ada").get(&format!("/api/orders/{}", id(&order))).await.problem(404, "not_found");
        assert!(other.notifications(&order).await.is_empty());
        // Tokens are the other instance's as well.
        other.user(one.token("ada", "customer", None, None)).get("/api/orders").await.problem(401, "unauthenticated");
    }
    one.advance(std::time::Duration::from_hours(1)).await;
    assert_eq!(two.nobody().get("/dev/clock").await.expect(200)["offset_seconds"], 0);
    for app in [one, two, three] {
        app.finish().await;
    }
}

#[tokio::test]
async fn a_place_that_is_taken_is_refused_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let app = start_app_in(directory.path()).await;
    let state = StateLocation::Directory(directory.path().to_owned());
    assert!(refusal(0, state.clone()).await.contains("is in use by another local cloud"));
    let port = app.base.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(refusal(port, StateLocation::Memory).await, format!("port {port} is in use; try --port N"));
    assert!(reset(directory.path()).unwrap_err().to_string().contains("is in use"));
    app.customer("ada").place(&[(MUG, 1)]).await;
    app.finish().await;
}

#[tokio::test]
async fn a_reset_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let app = start_app_in(directory.path()).await;
    app.customer("ada").place(&[(MUG, 1)]).await;
    app.move_clock(std::time::Duration::from_hours(1)).await;
    app.finish().await;
    reset(directory.path()).unwrap();
    let app = start_app_in(directory.path()).await;
    assert_eq!(app.stock(MUG).await.available, 100);
    assert_eq!(app.customer("ada").get("/api/orders").await.expect(200)["data"], serde_json::json!([]));
    assert_eq!(app.nobody().get("/dev/notifications").await.expect(200), serde_json::json!([]));
    assert_eq!(app.nobody().get("/dev/clock").await.expect(200)["offset_seconds"], 0);
    app.finish().await;
}

#[tokio::test]
async fn a_damaged_store_and_a_broken_template_are_told_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("orders.db"), "not a database, only some text ".repeat(300)).unwrap();
    let line = refusal(0, StateLocation::Directory(directory.path().to_owned())).await;
    assert!(line.contains("orders.db") && line.contains("is damaged"), "{line}");
    let broken = directory.path().join("template.yaml");
    std::fs::write(&broken, "Resources: [").unwrap();
    for template in [broken, directory.path().join("none.yaml")] {
        let options = Options {
            port: 0,
            state: StateLocation::Memory,
            template: Some(template),
            payments: Vec::new(),
            parameters: Vec::new(),
        };
        let line = start(options).await.err().unwrap().to_string();
        assert!(line.contains(".yaml") && !line.contains('\n'), "{line}");
    }
}
