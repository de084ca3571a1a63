//! Starts, settles and stops the whole local cloud.
//!
//! Start: take the port, read the template, lock and open the state, serve the tables, let the caller wire the
//! functions, hold them against the template, then let events flow. Anything that is wrong is one line, and nothing is
//! left running. Stop is orderly ([`Cloud::shutdown`]) or sudden ([`Cloud::kill`]); after either, a start on the same
//! directory goes on where this one ended.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::dev;
use crate::dynamodb::{DynamoDb, DynamoDbError};
use crate::function::{Functions, Invoker};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::messaging::Messaging;
use crate::own;
use crate::sources::{Settlement, Sources, Surroundings};
use crate::state::{State, StateDb, StateError, StateLocation};
use crate::template::{Template, TemplateError};

/// How long a shutdown lets requests and invocations finish, each.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);
/// Idle connections to the store close at once; this is for one that hangs.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// Where the template is.
#[derive(Clone, Debug)]
pub enum TemplateSource {
    /// A file, `template.yaml` as a rule.
    File(PathBuf),
    /// The text itself.
    Text(String),
}

/// Values for the template's parameters, given the gateway's URL.
type Parameters = Box<dyn FnOnce(&str) -> Vec<(String, String)> + Send>;

/// How to run.
pub struct CloudOptions {
    /// What to run.
    pub template: TemplateSource,
    /// Where to keep the state.
    pub state: StateLocation,
    /// Port of the gateway on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Overrides of the template's parameters; called with the gateway's URL (`http://127.0.0.1:3000`).
    pub parameters: Parameters,
}

impl fmt::Debug for CloudOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CloudOptions")
            .field("template", &self.template)
            .field("state", &self.state)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// What functions are wired with. Everything in it is a cheap handle.
#[derive(Clone, Debug)]
pub struct Context {
    /// The template as read.
    pub template: Arc<Template>,
    /// URL of the gateway, without a slash at the end.
    pub base_url: String,
    /// A client for the embedded store.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Where that store listens.
    pub dynamodb_endpoint: String,
    /// The movable clock.
    pub clock: Clock,
    /// Topics and queues.
    pub messaging: Messaging,
    /// The state, for tables of one's own.
    pub state: StateDb,
    /// The HTTP API without a socket; answers once the cloud has started.
    pub gateway: Gateway,
    /// Mints tokens.
    pub identity: Identity,
}

impl Context {
    /// A function's environment variables, by package; empty for one that the template does not have.
    pub fn environment(&self, package: &str) -> BTreeMap<String, String> {
        self.template.function(package).map(|function| function.environment.clone()).unwrap_or_default()
    }
}

/// What the caller adds to the engine.
#[derive(Debug, Default)]
pub struct Wired {
    /// The handlers; exactly those of the template.
    pub functions: Functions,
    /// Local routes beside the template's.
    pub routes: Router,
}

/// Why the local cloud did not start; each is one line.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// Somebody else listens there.
    #[error("port {0} is in use; try --port N")]
    PortInUse(u16),
    /// No socket for another reason.
    #[error("cannot listen on port {port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        source: io::Error,
    },
    /// There is no such file.
    #[error("cannot read the template {}: {source}", path.display())]
    ReadTemplate { path: PathBuf, source: io::Error },
    /// The template cannot be run.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables cannot be served.
    #[error(transparent)]
    DynamoDb(#[from] DynamoDbError),
    /// Template and functions differ.
    #[error("{0}")]
    Functions(String),
    /// The caller's wiring failed.
    #[error("{0}")]
    Wiring(String),
    /// A driver could not begin.
    #[error("cannot start an event source: {0}")]
    Source(String),
}

/// A running local cloud. Dropping it stops it, without waiting for anything.
pub struct Cloud {
    context: Context,
    settlement: Settlement,
    sources: Sources,
    dynamodb: DynamoDb,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cloud").field("base_url", &self.context.base_url).finish_non_exhaustive()
    }
}

impl Cloud {
    /// Starts everything. `wire` makes the functions from what they need; requests are answered, and events flow, from
    /// the moment this returns.
    pub async fn start<F, Fut>(options: CloudOptions, wire: F) -> Result<Self, CloudError>
    where
        F: FnOnce(Context) -> Fut,
        Fut: Future<Output = Result<Wired, String>>,
    {
        let (listener, address) = listen(options.port).await?;
        let base_url = format!("http://{address}");
        let template = read_template(&options.template, &(options.parameters)(&base_url))?;
        let state = State::open(&options.state)?;
        let clock = Clock::open(&state.db)?;
        let messaging = Messaging::open(&state.db, &clock, &template)?;
        let identity = Identity::open(&state.db, &clock, &base_url, template.api.authorizer.as_ref())?;
        let gateway = Gateway::new(&template, &identity, &clock, &address.to_string());
        let dynamodb = DynamoDb::start(&state, &template.tables).await?;
        let context = Context {
            template: Arc::clone(&template),
            base_url,
            dynamodb: dynamodb.client().clone(),
            dynamodb_endpoint: dynamodb.endpoint().to_owned(),
            clock,
            messaging,
            state: state.db,
            gateway,
            identity,
        };
        let wired = wire(context.clone()).await.map_err(CloudError::Wiring)?;
        wired.functions.check(&template).map_err(CloudError::Functions)?;
        let invokers = invokers(&template, &wired.functions, dynamodb.touched());
        let around = Surroundings {
            clock: &context.clock,
            db: &context.state,
            messaging: &context.messaging,
            dynamodb: &dynamodb,
        };
        let sources =
            Sources::start(&template, &invokers, &around).map_err(|error| CloudError::Source(error.to_string()))?;
        let settlement = sources.settlement();
        context.gateway.open(invokers);
        let routes = wired.routes.merge(context.identity.routes()).merge(dev::routes(
            &context.clock,
            &context.messaging,
            &settlement,
        ));
        let (stop, server) = serve(listener, own::guarded(context.gateway.router(routes), address));
        Ok(Self { context, settlement, sources, dynamodb, stop, server })
    }

    /// What the functions were wired with.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// URL of the gateway, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.context.base_url
    }

    /// Waits until nothing is left to do; see [`Settlement::settle`].
    pub async fn settle(&self, patience: Duration) -> bool {
        self.settlement.settle(patience).await
    }

    /// Moves the clock and waits until what it set off is done. `false` when that took longer than `patience`.
    pub async fn advance(&self, by: Duration, patience: Duration) -> Result<bool, StateError> {
        self.context.clock.advance(by)?;
        Ok(self.settle(patience).await)
    }

    /// Ends orderly: no new requests, running ones and running invocations finish, the state is closed.
    pub async fn shutdown(mut self) {
        // An error means that the server has ended already.
        let _ = self.stop.send(());
        if tokio::time::timeout(SHUTDOWN_PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.context.gateway.stop();
        self.sources.stop(SHUTDOWN_PATIENCE).await;
        // On timeout its connections end with the process.
        let _ = tokio::time::timeout(STORE_PATIENCE, self.dynamodb.stop()).await;
        self.context.state.close();
    }

    /// Ends as a killed process would: the state takes no more writes, and whatever runs is dropped where it waits.
    pub async fn kill(mut self) {
        self.context.state.close();
        self.context.gateway.stop();
        self.server.abort();
        self.sources.abort().await;
        // On timeout its connections end with the process.
        let _ = tokio::time::timeout(STORE_PATIENCE, self.dynamodb.stop()).await;
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), CloudError> {
    let fail = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            CloudError::PortInUse(port)
        } else {
            CloudError::Listen { port, source }
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok((listener, address))
}

fn read_template(source: &TemplateSource, parameters: &[(String, String)]) -> Result<Arc<Template>, CloudError> {
    let (name, text) = match source {
        TemplateSource::Text(text) => ("template.yaml".to_owned(), text.clone()),
        TemplateSource::File(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| CloudError::ReadTemplate { path: path.clone(), source })?;
            (path.display().to_string(), text)
        }
    };
    Ok(Arc::new(Template::parse(&name, &text, parameters)?))
}

fn invokers(template: &Template, functions: &Functions, touched: &watch::Sender<()>) -> BTreeMap<String, Invoker> {
    let invoker =
        |package: &str, timeout| Some(Invoker::new(package, functions.get(package)?.clone(), timeout).telling(touched));
    template
        .functions
        .iter()
        .filter_map(|function| Some((function.package.clone(), invoker(&function.package, function.timeout)?)))
        .collect()
}

fn serve(listener: TcpListener, router: Router) -> (oneshot::Sender<()>, JoinHandle<io::Result<()>>) {
    let (stop, stopped) = oneshot::channel();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        // Told to stop, or whoever could tell is gone.
        let _ = stopped.await;
    });
    (stop, tokio::spawn(server.into_future()))
}
