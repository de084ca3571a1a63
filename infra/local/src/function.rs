//! What the local cloud knows of a Lambda function: a package name, and something that turns an event into a response.
//!
//! [`Functions::check`] holds the registry against the template both ways, so neither can drift from the other.
//! [`Invoker`] gives a call what Lambda gives it: its own timeout, and a panic that harms nobody else. Deliberately
//! absent: cold starts, memory limits, concurrency limits and asynchronous retries.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;

use crate::template::Template;

type Handler = dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync;

/// A Lambda handler: the event's JSON in, the response's JSON or an error text out.
#[derive(Clone)]
pub struct Function(Arc<Handler>);

impl Function {
    /// Wraps an async closure.
    pub fn new<F, Fut>(handler: F) -> Self
    where
        F: Fn(Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, String>> + Send + 'static,
    {
        Self(Arc::new(move |event| handler(event).boxed()))
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Function")
    }
}

/// All handlers by package name.
#[derive(Clone, Debug, Default)]
pub struct Functions(BTreeMap<String, Function>);

impl Functions {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a handler under its package name, e.g. `create-order`.
    #[must_use]
    pub fn with<F, Fut>(mut self, package: &str, handler: F) -> Self
    where
        F: Fn(Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, String>> + Send + 'static,
    {
        self.0.insert(package.to_owned(), Function::new(handler));
        self
    }

    /// The handler of a package.
    pub fn get(&self, package: &str) -> Option<&Function> {
        self.0.get(package)
    }

    /// Package names in order.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Refuses a function that only one side knows; the text names every one.
    pub fn check(&self, template: &Template) -> Result<(), String> {
        let mut complaints = Vec::new();
        for function in &template.functions {
            if !self.0.contains_key(&function.package) {
                complaints.push(format!(
                    "{}: function {} ({}) is not known to the local cloud",
                    template.file, function.logical_id, function.package
                ));
            }
        }
        for package in self.packages() {
            if !template.functions.iter().any(|function| function.package == package) {
                complaints.push(format!("{}: no function has the package {package}", template.file));
            }
        }
        if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) }
    }
}

/// How a call ended without a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The handler returned an error.
    #[error("{0}")]
    Failed(String),
    /// The handler panicked.
    #[error("panicked: {0}")]
    Panicked(String),
    /// The handler ran longer than its timeout and was stopped.
    #[error("timed out after {0:?}")]
    TimedOut(Duration),
}

/// A function with the timeout that the template gives it.
#[derive(Clone, Debug)]
pub struct Invoker {
    /// The package name, for logs.
    pub package: Arc<str>,
    function: Function,
    timeout: Duration,
    /// Told when a call is over: it may have written something.
    over: watch::Sender<()>,
}

impl Invoker {
    /// Calls to `function` are stopped after `timeout` of real time.
    pub fn new(package: &str, function: Function, timeout: Duration) -> Self {
        Self { package: package.into(), function, timeout, over: watch::Sender::new(()) }
    }

    /// Tells `over` whenever a call is over.
    #[must_use]
    pub fn telling(self, over: &watch::Sender<()>) -> Self {
        Self { over: over.clone(), ..self }
    }

    /// One invocation. Dropping the future stops the handler where it waits.
    pub async fn invoke(&self, event: Value) -> Result<Value, InvokeError> {
        // The closure itself may panic too, before there is a future.
        let handler = Arc::clone(&self.function.0);
        let call = AssertUnwindSafe(async move { handler(event).await }).catch_unwind();
        let ended = tokio::time::timeout(self.timeout, call).await;
        self.over.send_replace(());
        match ended {
            Ok(Ok(result)) => result.map_err(InvokeError::Failed),
            Ok(Err(panic)) => Err(InvokeError::Panicked(panic_text(panic.as_ref()))),
            Err(_) => Err(InvokeError::TimedOut(self.timeout)),
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn invoker(function: Function) -> Invoker {
        Invoker::new("toy", function, Duration::from_secs(1))
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_that_call_only() {
        let toy = invoker(Function::new(|event| async move {
            assert!(event != json!(0), "zero");
            Ok(event)
        }));
        assert_eq!(toy.invoke(json!(0)).await, Err(InvokeError::Panicked("zero".into())));
        assert_eq!(toy.invoke(json!(1)).await, Ok(json!(1)));
    }

    #[tokio::test]
    async fn a_call_is_stopped_at_its_timeout() {
        let toy = invoker(Function::new(|_| std::future::pending()));
        assert!(matches!(toy.invoke(json!(1)).await, Err(InvokeError::TimedOut(_))));
    }

    #[test]
    fn a_function_that_one_side_lacks_is_named() {
        let template = Template::parse(
            "template.yaml",
            "Resources: { Ping: { Type: AWS::Serverless::Function, Properties: { CodeUri: target/lambda/ping/ } } }",
            &[],
        )
        .unwrap();
        let complaint = Functions::new().with("pong", |event| async { Ok(event) }).check(&template).unwrap_err();
        assert!(
            complaint.contains("Ping (ping) is not known") && complaint.contains("no function has the package pong")
        );
        Functions::new().with("ping", |event| async { Ok(event) }).check(&template).unwrap();
    }
}
