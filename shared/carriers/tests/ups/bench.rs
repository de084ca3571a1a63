//! A fake UPS, the port that talks to it, and a clock that both look at.

use std::sync::Arc;
use std::time::Duration;

use oms_app::ports::{BoughtLabel, Carrier as _, Clock};
use oms_carriers::Secret;
use oms_carriers::ups::{Ups, UpsConfig};
use oms_fakes::ups::{ACCOUNT, CLIENT_ID, CLIENT_SECRET, CREDENTIAL, UpsFake};
use oms_testkit::time::ManualClock;

use crate::story::{eye, label};

/// UPS Standard.
pub(crate) const SERVICE: &str = "11";

pub(crate) struct Bench {
    pub(crate) fake: UpsFake,
    pub(crate) ups: Ups,
    pub(crate) clock: ManualClock,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Bench::with(|_| {}).await
    }

    /// For tests in which an answer does not come.
    pub(crate) async fn impatient() -> Self {
        Bench::with(|config| config.answer_within = Duration::from_secs(1)).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut UpsConfig)) -> Self {
        let clock = ManualClock::default();
        let fake = UpsFake::start(eye(&clock)).await.unwrap();
        let mut config = UpsConfig::live(CLIENT_ID, Secret::new(CLIENT_SECRET), ACCOUNT);
        fake.base_url().clone_into(&mut config.api_base);
        config.push_credential = Some(Secret::new(CREDENTIAL));
        change(&mut config);
        let shown: Arc<dyn Clock> = Arc::new(clock.clone());
        Bench { ups: Ups::new(config, &shown), fake, clock }
    }

    /// A label for so many parcels.
    pub(crate) async fn bought(&self, count: usize) -> BoughtLabel {
        self.ups.buy_label(&label(SERVICE, count)).await.unwrap()
    }
}
