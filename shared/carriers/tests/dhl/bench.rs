//! A fake DHL, the port that talks to it, and a clock that it looks at.

use std::collections::BTreeMap;
use std::time::Duration;

use oms_app::ports::{BoughtLabel, Carrier as _};
use oms_carriers::Secret;
use oms_carriers::dhl::{Dhl, DhlConfig, ExpressConfig, ParcelConfig, PushConfig};
use oms_fakes::dhl::{ACCOUNT, API_KEY, BILLING, DhlFake, HEADER, PASSWORD, TOKEN, USER};
use oms_testkit::time::ManualClock;

use crate::story::{eye, label};

/// A parcel inside Germany.
pub(crate) const SERVICE: &str = "V01PAK";

/// Where we say that we are.
pub(crate) const HOOK: &str = "https://shop.example/pushes/dhl";

pub(crate) struct Bench {
    pub(crate) fake: DhlFake,
    pub(crate) dhl: Dhl,
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

    pub(crate) async fn with(change: impl FnOnce(&mut DhlConfig)) -> Self {
        let clock = ManualClock::default();
        let fake = DhlFake::start(eye(&clock)).await.unwrap();
        let base = |api: &str| format!("{}/{api}", fake.base_url());
        let mut config = DhlConfig::new(Secret::new(API_KEY), base("track"));
        config.parcel = Some(ParcelConfig {
            api_base: base("parcel"),
            user: USER.to_owned(),
            password: Secret::new(PASSWORD),
            billing_numbers: BTreeMap::from([(SERVICE.to_owned(), BILLING.to_owned())]),
        });
        config.express = Some(ExpressConfig {
            api_base: base("express"),
            user: USER.to_owned(),
            password: Secret::new(PASSWORD),
            account_number: ACCOUNT.to_owned(),
        });
        config.push = Some(PushConfig {
            api_base: base("push"),
            hook: HOOK.to_owned(),
            header: HEADER.to_owned(),
            token: Secret::new(TOKEN),
        });
        change(&mut config);
        Bench { dhl: Dhl::new(config).unwrap(), fake, clock }
    }

    /// A label for so many parcels.
    pub(crate) async fn bought(&self, service: &str, count: usize) -> BoughtLabel {
        self.dhl.buy_label(&label(service, count)).await.unwrap()
    }
}
