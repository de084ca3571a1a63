//! A function as the platform sees it: an event in, an answer out.

use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use lambda_http::{Adapter, Context, LambdaEvent, Service as _, request::LambdaRequest, service_fn};
use serde_json::Value;

use crate::http::{Answer, Problem, Request, serve_request};

/// The whole invocation failed; the platform tries it again as its event source does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

pub(crate) type HttpHandler = dyn Fn(Request) -> BoxFuture<'static, Result<Answer, Problem>> + Send + Sync;
type EventHandler = dyn Fn(Value) -> BoxFuture<'static, Result<Value, Failure>> + Send + Sync;

#[derive(Clone)]
pub(crate) enum Kind {
    Http(Arc<HttpHandler>),
    Event(Arc<EventHandler>),
}

/// What a package under `functions/` exports.
#[derive(Clone)]
pub struct Function {
    pub(crate) kind: Kind,
}

impl Function {
    /// A function behind an HTTP route. `state` is what the handler works with, usually its use case.
    pub fn http<S, F>(state: S, handler: fn(Arc<S>, Request) -> F) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Answer, Problem>> + Send + 'static,
    {
        let state = Arc::new(state);
        Function { kind: Kind::Http(Arc::new(move |request| Box::pin(handler(state.clone(), request)))) }
    }

    /// A function behind any other event source.
    pub fn event<S, F>(state: S, handler: fn(Arc<S>, Value) -> F) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Value, Failure>> + Send + 'static,
    {
        let state = Arc::new(state);
        Function { kind: Kind::Event(Arc::new(move |event| Box::pin(handler(state.clone(), event)))) }
    }

    /// Invokes it with the event JSON that AWS would send, and answers with the JSON that AWS would get.
    pub async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        match &self.kind {
            Kind::Event(handler) => handler(event).await,
            Kind::Http(handler) => {
                let request: LambdaRequest =
                    serde_json::from_value(event).map_err(|error| Failure(format!("not an HTTP event: {error}")))?;
                let handler = handler.clone();
                let mut adapter = Adapter::from(service_fn(move |request: lambda_http::Request| {
                    let handler = handler.clone();
                    async move { Ok::<_, Failure>(serve_request(handler.as_ref(), request).await) }
                }));
                let answer = adapter.call(LambdaEvent::new(request, Context::default())).await?;
                serde_json::to_value(answer).map_err(|error| Failure(error.to_string()))
            }
        }
    }
}
