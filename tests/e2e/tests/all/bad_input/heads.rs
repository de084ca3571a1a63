//! What is wrong stands before the body: headers, query, route, or what is not HTTP at all.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::shop::id;

use super::{Scene, good_body};

#[tokio::test]
async fn headers_that_make_no_sense_are_refused_or_ignored() {
    let scene = Scene::set().await;
    let (ada, admin) = (&scene.ada, scene.app.admin());
    let routes: Vec<_> = scene
        .routes()
        .into_iter()
        .filter(|(method, path, _)| path.starts_with("/api/orders") && good_body(method, path).is_some())
        .collect();
    for (method, path, _) in &routes {
        let body = good_body(method, path).unwrap();
        let send = async |name: &str, value: &[u8]| {
            let call = admin.call(method.clone(), path).header(name, value);
            // Money leaves under a key only.
            let call = if name == "if-match" && path.ends_with("/refunds") { call.key("k") } else { call };
            call.json(&body).send().await
        };
        for key in [b"".as_slice(), &[b'k'; 256], b"k\tk", &[b'k'; 9_000]] {
            send("idempotency-key", key).await.problem(422, "validation_failed");
        }
        send("idempotency-key", "schlüssel".as_bytes()).await.problem(400, "malformed_request");
        send("x-surprise", b"\xFF\xFE").await.problem(400, "malformed_request");
        let huge = send("x-surprise", "x".repeat(20_000).as_bytes()).await;
        assert_eq!((huge.status, huge.any_problem()["code"].as_str()), (431, Some("payload_too_large")));
        if ["/cancel", "/changes", "/status", "/review", "/refunds", "/payments"]
            .iter()
            .any(|action| path.ends_with(action))
        {
            for version in ["", "\"", "two", "\"1.0\"", "-2", "\"2\", \"3\"", "99999999999999999999", "0x2"] {
                send("if-match", version.as_bytes()).await.problem(400, "malformed_request");
            }
            for version in ["\"1\"", "\"3\"", "W/\"1\"", "0"] {
                send("if-match", version.as_bytes()).await.problem(412, "version_conflict");
            }
        }
    }
    // A correlation id is echoed when it is one, and never taken apart otherwise.
    let view = format!("/api/orders/{}", id(&scene.order));
    for (given, echoed) in
        [("abc-123", true), ("", false), ("with space", false), (&"x".repeat(129), false), ("<script>", false)]
    {
        let answer = ada.call(Method::GET, &view).header("x-correlation-id", given.as_bytes()).send().await;
        let back = answer.header("x-correlation-id").unwrap();
        assert_eq!((answer.status, back == given), (200, echoed), "{given}: {back}");
    }
    let refused = ada.call(Method::GET, "/api/orders?x=1").header("x-correlation-id", b"mine").send().await;
    assert_eq!(refused.problem(422, "validation_failed")["trace_id"], "mine");
    for (name, value) in [
        ("accept", "text/xml"),
        ("accept-encoding", "br;q=0"),
        ("range", "bytes=0-1"),
        ("cookie", "a=b; c"),
        ("x-http-method-override", "DELETE"),
    ] {
        ada.call(Method::GET, &view).header(name, value.as_bytes()).send().await.expect(200);
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let scene = Scene::set().await;
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=ten", "/limit"),
        ("limit=1.5", "/limit"),
        ("limit=", "/limit"),
        ("limit=99999999999999999999", "/limit"),
        ("status=", "/status"),
        ("status=lost", "/status"),
        ("status=pending,,shipped", "/status"),
        ("sort=price", "/sort"),
        ("sort=", "/sort"),
        ("sort=-created_at;drop", "/sort"),
        ("start_date=yesterday", "/start_date"),
        ("start_date=2026-02-30", "/start_date"),
        ("start_date=2026-13-01", "/start_date"),
        ("start_date=2026-01-01T00:00:00", "/start_date"),
        ("start_date=1767225600", "/start_date"),
        ("end_date=", "/end_date"),
        ("end_date=99999-01-01", "/end_date"),
        ("user_id=", "/user_id"),
        ("user_id=a%20b", "/user_id"),
        ("user_id=%00", "/user_id"),
        ("surprise=1", "/surprise"),
        ("LIMIT=1", "/LIMIT"),
        ("%F0%9F%98%80=1", "/😀"),
    ] {
        let refused = scene.app.admin().get(&format!("/api/orders?{query}")).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{query}: {}", refused.text);
    }
    for query in ["limit=0", "limit=x", "surprise=1", "cursor=", "cursor=%00"] {
        scene.ada.get(&format!("/api/products?{query}")).await.any_problem();
    }
    // Nothing in them is wrong.
    for query in [
        "",
        "&",
        "limit=1&limit=2",
        "start_date=2020-01-01T00:00:00+02:00",
        "start_date=0001-01-01",
        "end_date=9999-12-30",
    ] {
        scene.ada.get(&format!("/api/orders?{query}")).await.expect(200);
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn no_route_is_a_problem_too() {
    let scene = Scene::set().await;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api"),
        (Method::GET, "/api/orders/"),
        (Method::DELETE, "/api/orders"),
        (Method::PUT, "/api/products"),
        (Method::OPTIONS, "/api/orders"),
        (Method::GET, "/api/orders/1/2/3"),
        (Method::GET, "/API/ORDERS"),
        (Method::POST, "/api/payments/callback/"),
        (Method::GET, "/.env"),
        (Method::GET, "/api/%6frders%00"),
        (Method::PATCH, "/health"),
        (Method::GET, "/dev/secrets"),
    ] {
        scene.ada.call(method, path).send().await.problem(404, "not_found");
    }
    for (path, body) in [
        ("/dev/token", json!({"user_id": "ada", "role": "king"})),
        ("/dev/token", json!({"user_id": "", "role": "admin"})),
        ("/dev/token", json!([])),
        ("/dev/clock/advance", json!({"seconds": -1})),
        ("/dev/clock/advance", json!({"seconds": u64::MAX})),
        ("/dev/clock/advance", json!({"minutes": 1})),
        ("/dev/pay/none", json!({"outcome": "succeeded"})),
        ("/dev/pay/none", json!({"outcome": "maybe"})),
        ("/dev/queues/none/redrive", json!({})),
    ] {
        scene.app.nobody().post(path, &body).await.any_problem();
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn what_is_not_http_harms_nobody() {
    let scene = Scene::set().await;
    let address = scene.app.base.strip_prefix("http://").unwrap();
    for noise in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"GET /api/orders HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{\"items\"",
        b"GET  /api/orders\r\n\r\n",
        b"\r\n\r\n\r\n",
    ] {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(noise).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // It may be answered or cut off; a 5xx it is not.
        let _ = socket.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&answer));
    }
    scene.app.nobody().get("/health/ready").await.expect(200);
    scene.nothing_has_changed().await;
}
