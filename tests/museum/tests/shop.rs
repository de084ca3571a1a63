//! A kept state folder, opened again by the present code at the moment at which it was closed.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::folder::Folder;
use crate::now::Cloud;

/// A running shop on a copy of the folder.
pub(crate) struct Shop {
    pub(crate) cloud: Cloud,
    names: Value,
    http: Client,
    _copy: TempDir,
}

impl Shop {
    pub(crate) async fn reopened(folder: &Folder) -> Shop {
        let copy = tempfile::tempdir().unwrap();
        folder.state(copy.path());
        let cloud = Cloud::on(copy.path()).await;
        Shop { cloud, names: folder.json("names.json"), http: Client::new(), _copy: copy }
    }

    /// The id of an order, a product or a page.
    #[track_caller]
    pub(crate) fn id(&self, name: &str) -> &str {
        self.names[name].as_str().unwrap_or_else(|| panic!("nothing is called {name}"))
    }

    /// Sends a request as somebody: `grace` runs the shop, `sally` sells, everybody else buys.
    pub(crate) async fn ask(
        &self,
        user: &str,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> (u16, Value) {
        let role = match user {
            "grace" => json!({"user_id": user, "role": "admin"}),
            "sally" => json!({"user_id": user, "role": "seller", "seller_id": "north-pottery"}),
            _ => json!({"user_id": user, "role": "customer"}),
        };
        let token = self.dev(Method::POST, "/dev/token", &role).await;
        let mut request = self.http.request(method, format!("{}{path}", self.cloud.url()));
        request = request.bearer_auth(token["access_token"].as_str().unwrap());
        request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    /// The same for what must succeed.
    pub(crate) async fn did(&self, user: &str, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(user, method.clone(), path, None, &body).await;
        assert!((200..300).contains(&status), "{user}: {method} {path} {body}: {status} {answer}");
        answer
    }

    pub(crate) async fn get(&self, user: &str, path: &str) -> Value {
        self.did(user, Method::GET, path, Value::Null).await
    }

    /// An order as an administrator sees it.
    pub(crate) async fn order(&self, name: &str) -> Value {
        self.get("grace", &format!("/api/orders/{}", self.id(name))).await
    }

    /// Moves an order on; each state on the way is answered.
    pub(crate) async fn moves(&self, name: &str, statuses: &[&str]) {
        for status in statuses {
            let mut body = json!({"status": status});
            if *status == "shipped" {
                body["tracking"] = json!({"carrier": "DHL", "tracking_number": "00340434161094042557"});
            }
            let path = format!("/api/orders/{}/status", self.id(name));
            let moved = self.did("grace", Method::PATCH, &path, body).await;
            assert_eq!(moved["status"], *status, "{name}");
        }
    }

    /// Opens a page for an order of the customer with the order's name, and pays on it.
    pub(crate) async fn pays(&self, name: &str) {
        let path = format!("/api/orders/{}/payments", self.id(name));
        let page = self.did(name, Method::POST, &path, json!({"provider": "sandbox"})).await;
        self.pays_on(page["payment_id"].as_str().unwrap()).await;
        assert_eq!(self.order(name).await["status"], "confirmed", "{name}");
    }

    pub(crate) async fn pays_on(&self, page: &str) {
        self.dev(Method::POST, &format!("/dev/pay/{page}"), &json!({"outcome": "succeeded"})).await;
        self.passes(0).await;
    }

    /// Lets time pass, and waits until all that fell due is done.
    pub(crate) async fn passes(&self, seconds: u32) {
        let moved = self.dev(Method::POST, "/dev/clock/advance", &json!({"seconds": seconds})).await;
        assert_eq!(moved["settled"], true);
    }

    /// What was told about an order, or about everything.
    pub(crate) async fn told(&self, order: Option<&str>) -> Vec<String> {
        let about = order.map(|id| format!("?order_id={id}")).unwrap_or_default();
        let told = self.dev(Method::GET, &format!("/dev/notifications{about}"), &Value::Null).await;
        let told = told.as_array().unwrap().iter();
        told.map(|message| format!("{} {}", message["channel"].as_str().unwrap(), message["event"].as_str().unwrap()))
            .collect()
    }

    /// Messages in the queues that hold any.
    pub(crate) async fn waiting(&self) -> Vec<(String, u64)> {
        let queues = self.dev(Method::GET, "/dev/queues", &Value::Null).await;
        let depth =
            |queue: &Value| ["visible", "in_flight", "delayed"].iter().map(|kind| queue[*kind].as_u64().unwrap()).sum();
        let queues = queues.as_array().unwrap().iter();
        let depths = queues.map(|queue| (queue["name"].as_str().unwrap().to_owned(), depth(queue)));
        depths.filter(|(_, depth)| *depth > 0).collect()
    }

    /// A route of the local cloud beside the API.
    pub(crate) async fn dev(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.cloud.url()));
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.unwrap()
    }
}
