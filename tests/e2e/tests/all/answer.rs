//! What the API answered, and the two ways to look at it: as a success, or as a problem of the contract.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The request, for failing assertions.
    pub(crate) what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null when the text is not JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(what: String, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { what, status, headers, text, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text);
        self.body
    }

    /// The body of a refusal with this status and code, which has everything that the contract asks of a problem.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> &Value {
        let problem = self.any_problem();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{}: {}", self.what, self.text);
        problem
    }

    /// The body of any refusal that the contract allows: a problem, and never a 5xx.
    #[track_caller]
    pub(crate) fn any_problem(&self) -> &Value {
        let (what, text) = (&self.what, &self.text);
        assert!((400..500).contains(&self.status), "{what}: {} {text}", self.status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{what}: {text}");
        assert_eq!(self.body["status"], self.status, "{what}: {text}");
        for member in ["type", "title", "detail", "code", "trace_id"] {
            assert!(self.body[member].as_str().is_some_and(|value| !value.is_empty()), "{what}: no {member} in {text}");
        }
        for error in self.body["errors"].as_array().into_iter().flatten() {
            assert!(error["pointer"].is_string() && error["message"].is_string(), "{what}: {text}");
        }
        if self.status == 429 {
            assert!(self.header("retry-after").is_some(), "{what}: no Retry-After");
        }
        &self.body
    }

    /// The pointers of the named faults.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
    }
}
