//! The line from a process to the carrier that sells labels: nobody may answer, and an answer may get lost. No carrier knows a label
//! that was asked for twice, so ours sells it twice.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    AddressFault, BoughtLabel, Capabilities, Carrier, CarrierError, Fault as Whose, LabelRequest, Push, PushError,
    Rate, RateRequest, Recovered, Tracker, TrackingRef, Voided,
};
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ids::LabelId;
use oms_domain::ordering::address::Address;
use oms_testkit::memory::{FakeCarrier, LabelBooks};

use crate::exec::SECOND;
use crate::planted::Bug;
use crate::ports::{Ports, within};
use crate::weather::Fault;
use crate::world::World;

/// The carrier, from where our processes stand.
pub(crate) struct LabelLine {
    ports: Ports,
    carrier: FakeCarrier,
}

impl LabelLine {
    pub(crate) fn of(ports: &Ports) -> Self {
        LabelLine { ports: ports.clone(), carrier: FakeCarrier::selling(&books(&ports.0)) }
    }

    fn world(&self) -> &World {
        &self.ports.0
    }

    /// `doubt` is what it means that nothing was heard.
    async fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, CarrierError>> + Send,
        doubt: fn(String) -> CarrierError,
    ) -> Result<T, CarrierError> {
        self.ports.step().await;
        let world = self.world();
        let away = within(world.bank().away, world.sim.now());
        if away || world.strikes(Fault::Provider) {
            world.sim.sleep(2 * SECOND).await;
            return Err(CarrierError::Unavailable("trouble".into()));
        }
        // What was sent may be lost, and what was done may not be heard of: nobody can tell the one from the other.
        if world.strikes(Fault::Provider) {
            return Err(doubt("the request is lost".into()));
        }
        let answer = call.await;
        let lost = world.strikes(Fault::Provider);
        self.ports.step().await;
        if lost { Err(doubt("the answer is lost".into())) } else { answer }
    }
}

/// What the carrier has sold.
pub(crate) fn books(world: &World) -> LabelBooks {
    world.bank().labels.clone()
}

#[async_trait]
impl Tracker for LabelLine {
    fn name(&self) -> &'static str {
        "dhl"
    }

    fn capabilities(&self) -> Capabilities {
        self.carrier.capabilities()
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        let known = async {
            let bank = self.world().bank();
            let now = self.world().sim.time();
            let news = parcels.iter().filter_map(|parcel| {
                let told = bank.scans.iter().find(|(number, _)| bare_number(number) == parcel.tracking_number)?.1;
                let scans = told.iter().filter(|scan| scan.at <= now).cloned().collect();
                Some(ParcelNews { tracking_number: parcel.tracking_number.clone(), scans, estimated_delivery: None })
            });
            Ok(news.collect())
        };
        self.ask(known, CarrierError::Unavailable).await
    }

    async fn subscribe(&self, parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        self.carrier.subscribe(parcels).await
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Push, PushError> {
        self.carrier.read_push(headers, body, now).await
    }

    async fn accept_push(&self, subscription: &str, secret: &str) -> Result<(), CarrierError> {
        self.carrier.accept_push(subscription, secret).await
    }
}

#[async_trait]
impl Carrier for LabelLine {
    fn faults_of(&self, address: &Address) -> Vec<AddressFault> {
        self.carrier.faults_of(address)
    }

    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        self.ask(self.carrier.rates(request), CarrierError::Unavailable).await
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        let world = self.world();
        world.note(|| format!("carrier: label {} of {} is asked for", request.label_id, request.shipment_number));
        let answer = self.ask(self.carrier.buy_label(request), CarrierError::Unknown).await;
        match answer {
            Err(CarrierError::Unknown(_)) if world.has(Bug::LabelAskedForAgain) => {
                // As one does who takes no answer for a no: under another name, which the carrier sells, too.
                let label_id = LabelId::of_sequence(oms_domain::ids::OrderId::new(request.label_id.uuid()), 0, 0);
                self.carrier.buy_label(&LabelRequest { label_id, ..request.clone() }).await
            }
            Err(CarrierError::Unknown(why)) if world.has(Bug::LostLabelTakenForNone) => {
                Err(CarrierError::Refused { fault: Whose::Request, why })
            }
            answer => answer,
        }
    }

    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        if self.world().has(Bug::LabelNotLookedFor) {
            return Ok(Recovered::NotBought);
        }
        self.ask(self.carrier.recover_label(request), CarrierError::Unavailable).await
    }

    async fn void_label(&self, reference: &str, tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        if self.world().has(Bug::VoidOnPaperOnly) {
            return Ok(Voided::Void);
        }
        let doubt = CarrierError::Unavailable;
        let answer = self.ask(self.carrier.void_label(reference, tracking_numbers), doubt).await;
        self.world().note(|| format!("carrier: label {reference} is to be void: {answer:?}"));
        answer
    }
}
