//! A fake FedEx, the port that talks to it, and a clock that both look at.

use std::sync::Arc;
use std::time::Duration;

use oms_app::ports::{BoughtLabel, Carrier as _, Clock};
use oms_carriers::Secret;
use oms_carriers::fedex::{FedEx, FedExConfig};
use oms_fakes::fedex::{ACCOUNT, CLIENT_ID, CLIENT_SECRET, FedExFake, PUSH_TOKEN};
use oms_testkit::time::ManualClock;

use crate::story::{eye, label};

pub(crate) const SERVICE: &str = "FEDEX_REGIONAL_ECONOMY";

pub(crate) struct Bench {
    pub(crate) fake: FedExFake,
    pub(crate) fedex: FedEx,
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

    pub(crate) async fn with(change: impl FnOnce(&mut FedExConfig)) -> Self {
        let clock = ManualClock::default();
        let fake = FedExFake::start(eye(&clock)).await.unwrap();
        let mut config = FedExConfig::live(CLIENT_ID, Secret::new(CLIENT_SECRET), ACCOUNT);
        fake.base_url().clone_into(&mut config.api_base);
        config.push_token = Some(Secret::new(PUSH_TOKEN));
        change(&mut config);
        let shown: Arc<dyn Clock> = Arc::new(clock.clone());
        Bench { fedex: FedEx::new(config, &shown), fake, clock }
    }

    /// A label for so many parcels.
    pub(crate) async fn bought(&self, count: usize) -> BoughtLabel {
        self.fedex.buy_label(&label(SERVICE, count)).await.unwrap()
    }
}
