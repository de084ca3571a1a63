//! To which sites customers may be sent after paying: a provider shows the way there in its own name, so it must not be
//! anybody's.

use serde::Deserialize;
use url::{Origin, Url};

/// What the environment says of it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Settings {
    /// The shop's own address; the only one that may be without TLS, on one's own machine.
    #[serde(default)]
    shop_url: String,
    /// Further origins, separated by commas.
    #[serde(default)]
    return_origins: String,
}

/// The origins on which a return address may lie.
#[derive(Debug, Clone)]
pub(crate) struct Sites(Vec<Origin>);

impl Sites {
    pub(crate) fn of(settings: &Settings) -> Self {
        let own = Url::parse(&settings.shop_url).ok();
        let listed = settings.return_origins.split(',').filter_map(|text| Url::parse(text.trim()).ok());
        let listed = listed.filter(|url| url.scheme() == "https");
        Sites(own.into_iter().chain(listed).map(|url| url.origin()).filter(Origin::is_tuple).collect())
    }

    /// Read as browsers read it; user names are refused, since people take them for the site.
    pub(crate) fn allow(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let anonymous = url.username().is_empty() && url.password().is_none();
        anonymous && !address.contains('\\') && self.0.contains(&url.origin())
    }
}
