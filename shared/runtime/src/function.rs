//! A function as the platform sees it: an event in, an answer out.

use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use lambda_http::{Adapter, Context, LambdaEvent, Service as _, request::LambdaRequest, service_fn};
use oms_app::ports::Metrics;
use oms_app::world::Misconfigured;
use serde_json::Value;

use crate::http::{Answer, Problem, Request, RoleNames, serve_request};
use crate::watch::Watch;

/// The whole invocation failed; the platform tries it again as its event source does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

pub(crate) type HttpHandler = dyn Fn(Request) -> BoxFuture<'static, Result<Answer, Problem>> + Send + Sync;
type EventHandler = dyn Fn(Value, Watch) -> BoxFuture<'static, Result<Value, Failure>> + Send + Sync;

#[derive(Clone)]
pub(crate) enum Kind {
    Http(Arc<HttpHandler>),
    Event(Arc<EventHandler>),
}

/// How a function is wired for a place.
pub type Wired<W> = fn(&W) -> Result<Function, Misconfigured>;

/// A handler with its use case, as `wired` beside it makes it.
#[derive(Clone)]
pub struct Function {
    pub(crate) kind: Kind,
    pub(crate) watch: Watch,
    pub(crate) roles: RoleNames,
}

impl Function {
    /// Says what the function is called and where its work is told of.
    #[must_use]
    pub fn watched(self, name: &str, metrics: Arc<dyn Metrics>) -> Self {
        Function { watch: Watch::new(name, metrics), ..self }
    }

    /// Says what roles are called in the claims of tokens.
    #[must_use]
    pub fn recognising(self, roles: RoleNames) -> Self {
        Function { roles, ..self }
    }

    /// A function behind an HTTP route. `state` is what the handler works with, usually its use case.
    pub fn http<S, F>(state: S, handler: fn(Arc<S>, Request) -> F) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Answer, Problem>> + Send + 'static,
    {
        let state = Arc::new(state);
        let kind = Kind::Http(Arc::new(move |request| Box::pin(handler(state.clone(), request))));
        Function { kind, watch: Watch::default(), roles: RoleNames::default() }
    }

    /// A function behind several HTTP routes, each with a handler of its own.
    pub fn routes<const N: usize>(routes: [(&'static str, Function); N]) -> Self {
        let routes: Vec<(&'static str, Arc<HttpHandler>)> = routes
            .into_iter()
            .filter_map(|(route, function)| match function.kind {
                Kind::Http(handler) => Some((route, handler)),
                Kind::Event(_) => None,
            })
            .collect();
        let kind =
            Kind::Http(Arc::new(move |request| match routes.iter().find(|(route, _)| *route == request.route) {
                Some((_, handler)) => handler(request),
                None => Box::pin(async move { Err(Problem::not_found()) }),
            }));
        Function { kind, watch: Watch::default(), roles: RoleNames::default() }
    }

    /// A function behind any other event source, which watches over each piece of its work.
    pub(crate) fn event<S, F>(state: S, handler: fn(Arc<S>, Value, Watch) -> F) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Value, Failure>> + Send + 'static,
    {
        let state = Arc::new(state);
        let kind = Kind::Event(Arc::new(move |event, watch| Box::pin(handler(state.clone(), event, watch))));
        Function { kind, watch: Watch::default(), roles: RoleNames::default() }
    }

    /// Invokes it with the event JSON that AWS would send, and answers with the JSON that AWS would get.
    pub async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        match &self.kind {
            Kind::Event(handler) => handler(event, self.watch.clone()).await,
            Kind::Http(handler) => {
                let request: LambdaRequest =
                    serde_json::from_value(event).map_err(|error| Failure(format!("not an HTTP event: {error}")))?;
                let (handler, watch, roles) = (handler.clone(), self.watch.clone(), self.roles.clone());
                let mut adapter = Adapter::from(service_fn(move |request: lambda_http::Request| {
                    let (handler, watch, roles) = (handler.clone(), watch.clone(), roles.clone());
                    async move { Ok::<_, Failure>(serve_request(handler.as_ref(), request, &watch, &roles).await) }
                }));
                let answer = adapter.call(LambdaEvent::new(request, Context::default())).await?;
                serde_json::to_value(answer).map_err(|error| Failure(error.to_string()))
            }
        }
    }
}
