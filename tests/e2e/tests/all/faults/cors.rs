//! A shop's pages in a browser, which come from another origin than the API.

use reqwest::Method;

use crate::app::start_app;
use crate::shop::{MUG, cart};

#[tokio::test]
async fn f3_pages_of_the_shop_may_call_the_api_and_read_what_they_need() {
    let app = start_app().await;
    let (ada, shop) = (app.customer("ada"), app.base.clone());
    let preflight = |origin: &str| {
        let call = app.nobody().call(Method::OPTIONS, "/api/orders").header("origin", origin.as_bytes());
        let call = call.header("access-control-request-method", b"POST");
        call.header("access-control-request-headers", b"authorization,content-type,idempotency-key")
    };
    let allowed = preflight(&shop).send().await;
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(shop.as_str()));
    for (header, all) in [
        ("access-control-allow-methods", ["GET", "POST", "PATCH", "PUT", "DELETE"].as_slice()),
        ("access-control-allow-headers", &["authorization", "content-type", "idempotency-key", "if-match"]),
    ] {
        let said: Vec<&str> = allowed.header(header).unwrap().split(',').collect();
        assert!(all.iter().all(|one| said.contains(one)), "{header}: {said:?}");
    }
    assert!(allowed.header("access-control-max-age").is_some());
    // No page of anybody else's: the local cloud, which mints tokens for whoever asks, does not even answer it.
    let strange = preflight("https://elsewhere.example").send().await;
    assert_eq!((strange.status, strange.header("access-control-allow-origin")), (403, None));
    // As on AWS, the gateway behind it answers without a word about that origin.
    let preflight = http::Request::options("/api/orders").header("origin", "https://elsewhere.example");
    let preflight = preflight.header("access-control-request-method", "POST");
    let answer = app.oms.cloud.context().gateway.call(preflight.body(axum::body::Bytes::new()).unwrap()).await;
    assert_eq!((answer.status().as_u16(), answer.headers().get("access-control-allow-origin")), (204, None));

    let created = ada.creating(&cart(&[(MUG, 1)])).key("one").header("origin", shop.as_bytes()).send().await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.header("access-control-allow-origin"), Some(shop.as_str()));
    let readable: Vec<&str> = created.header("access-control-expose-headers").unwrap().split(',').collect();
    for header in ["etag", "location", "x-correlation-id"] {
        assert!(created.header(header).is_some() && readable.contains(&header), "{header} of {readable:?}");
    }
    assert!(readable.contains(&"retry-after"));
    // A refusal of the gateway itself can be read, too.
    let refused = app.nobody().call(Method::GET, "/api/orders").header("origin", shop.as_bytes()).send().await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some(shop.as_str())));
    app.finish().await;
}
