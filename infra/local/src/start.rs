//! The whole thing: the engine with our functions in it.

use std::path::PathBuf;

use crate::cloud::{Cloud, CloudError, CloudOptions, TemplateSource};
use crate::dynamodb::client;
use crate::identity::issuer_url;
use crate::payments::Provider;
use crate::state::StateLocation;
use crate::template::Template;
use crate::world::{Parts, wire};

/// Where to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Where to keep the state.
    pub state: StateLocation,
    /// The template, if not the workspace's.
    pub template: Option<PathBuf>,
    /// Which payment providers to offer; the sandbox, if none is named.
    pub payments: Vec<Provider>,
    /// Values for parameters of the template, beside those that follow from where it runs.
    pub parameters: Vec<(String, String)>,
}

/// A running order management system.
pub struct Oms {
    /// The engine.
    pub cloud: Cloud,
    /// What was made beside it.
    pub parts: Parts,
}

/// Starts everything; see [`Cloud::start`].
pub async fn start(options: Options) -> Result<Oms, CloudError> {
    start_through(options, ToOwned::to_owned).await
}

/// The same with something between the functions and the store: `through` is told where the store listens and answers
/// with the endpoint that functions are to use instead. What drives them, streams among it, keeps the direct way.
pub async fn start_through(options: Options, through: impl FnOnce(&str) -> String) -> Result<Oms, CloudError> {
    let template = TemplateSource::File(options.template.unwrap_or_else(workspace_template));
    let (send, parts) = tokio::sync::oneshot::channel();
    let payments = options.payments;
    let given = options.parameters;
    let options = CloudOptions {
        template,
        state: options.state,
        port: options.port,
        parameters: Box::new(move |base_url| {
            let own = [
                ("OidcIssuer".to_owned(), issuer_url(base_url)),
                ("OidcAudience".to_owned(), "oms-local".to_owned()),
                ("ShopUrl".to_owned(), base_url.to_owned()),
                ("TrackUrl".to_owned(), format!("{base_url}/api/track")),
            ];
            own.into_iter().chain(given).collect()
        }),
    };
    let cloud = Cloud::start(options, |mut context| async move {
        let endpoint = through(&context.dynamodb_endpoint);
        if endpoint != context.dynamodb_endpoint {
            context.dynamodb = client(&endpoint);
            context.dynamodb_endpoint = endpoint;
        }
        let (wired, parts) = wire(&context, &payments).await?;
        // The receiver waits below; it is gone only if the start was given up.
        let _ = send.send(parts);
        Ok(wired)
    })
    .await?;
    let parts = parts.await.map_err(|_| CloudError::Wiring("the wiring was given up".to_owned()))?;
    parts.sandbox.begin();
    Ok(Oms { cloud, parts })
}

/// The template with what it says by itself, for those who only read it.
pub fn read_template(path: Option<PathBuf>) -> Result<Template, String> {
    let path = path.unwrap_or_else(workspace_template);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Template::parse(&path.display().to_string(), &text, &[]).map_err(|error| error.to_string())
}

/// `template.yaml` of the directory that we run in, or else of the sources that we were built from.
fn workspace_template() -> PathBuf {
    let here = PathBuf::from("template.yaml");
    if here.exists() { here } else { PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")) }
}
