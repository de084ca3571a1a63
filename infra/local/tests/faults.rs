//! Faults that were found by trying the local cloud over HTTP, each under the name of its row.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use oms_local::start::{Options, start};
use oms_local::state::StateLocation;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// A web page of somebody else's must not get a token, move the clock, or learn anything.
#[tokio::test]
async fn w6_the_local_cloud_answers_to_its_own_name_and_its_own_pages_only() {
    let options =
        Options { port: 0, state: StateLocation::Memory, template: None, payments: Vec::new(), parameters: Vec::new() };
    let oms = start(options).await.unwrap();
    let base = oms.cloud.base_url().to_owned();
    let (own, port) = (base.trim_start_matches("http://").to_owned(), base.rsplit(':').next().unwrap().to_owned());
    let http = Client::new();
    let token = || {
        let wanted = json!({ "user_id": "mallory", "role": "admin" });
        http.post(format!("{base}/dev/token")).json(&wanted)
    };
    let status = async |request: RequestBuilder| {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        if status.is_client_error() {
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["status"], status.as_u16(), "{problem}");
        }
        status
    };

    assert_eq!(status(token()).await, StatusCode::OK);
    for host in [own.clone(), format!("localhost:{port}"), format!("LOCALHOST:{port}"), format!("[::1]:{port}")] {
        assert_eq!(status(token().header("host", &host)).await, StatusCode::OK, "{host}");
        let origin = format!("http://{host}");
        assert_eq!(status(token().header("origin", &origin)).await, StatusCode::OK, "{origin}");
    }

    let every_route =
        [(Method::GET, "/health"), (Method::GET, "/dev/queues"), (Method::POST, "/api/orders"), (Method::GET, "/")];
    for host in ["evil.example", "evil.example:3000", "127.0.0.1", "localhost", "127.0.0.1:1", "localhost.evil.example"]
    {
        assert_eq!(status(token().header("host", host)).await, StatusCode::MISDIRECTED_REQUEST, "{host}");
        for (method, path) in &every_route {
            let request = http.request(method.clone(), format!("{base}{path}")).header("host", host);
            assert_eq!(status(request).await, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
        }
    }
    let evil = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("https://{own}"),
        format!("{base}.evil.example"),
        String::new(),
    ];
    for origin in &evil {
        assert_eq!(status(token().header("origin", origin)).await, StatusCode::FORBIDDEN, "{origin}");
        for (method, path) in &every_route {
            let request = http.request(method.clone(), format!("{base}{path}")).header("origin", origin);
            assert_eq!(status(request).await, StatusCode::FORBIDDEN, "{origin} {path}");
        }
    }

    let said = |path: &str, kind: &str, body: &'static str| {
        http.post(format!("{base}{path}")).header("content-type", kind).body(body)
    };
    let (mallory, later) = (r#"{"user_id":"mallory","role":"admin"}"#, r#"{"seconds":60}"#);
    for (path, body) in [("/dev/token", mallory), ("/dev/clock/advance", later)] {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
        {
            let answered = status(said(path, kind, body)).await;
            assert_eq!(answered, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {kind}");
        }
        let untyped = http.post(format!("{base}{path}")).body(body);
        assert_eq!(status(untyped).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        assert_eq!(status(said(path, "Application/JSON; charset=utf-8", body)).await, StatusCode::OK, "{path}");
    }
    oms.cloud.shutdown().await;
}
