//! Everything that is there: time, trouble, the store, the bank, the mail, the cloud, and what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use jiff::Timestamp;
use oms_app::ports::{Catalog as _, Message, Notice, Setting};
use oms_domain::fulfilment::scan::Scan;
use oms_domain::ids::{OrderId, ProductId};
use oms_testkit::builders::{
    a_carried_method, a_product, a_promotion, automatic_shop, product_id, rates_with, set_up, set_up_locations,
};
use oms_testkit::memory::{FakeGateway, LabelBooks, MemoryAlerts, MemoryDocuments, MemoryStore};

use crate::cloud::Cloud;
use crate::exec::{Millis, Signal, Sim};
use crate::goods_back;
use crate::http::Who;
use crate::people::Promise;
use crate::planted::Bug;
use crate::queue::Topic;
use crate::terms::{Facts, PARCEL};
use crate::weather::{Fault, Plan, Weather};

/// The only provider.
pub(crate) const PROVIDER: &str = "stripe";

/// What is on sale: few units of each, so that people get in each other's way.
pub(crate) const PRODUCTS: [(u64, u32); 3] = [(1, 4), (2, 7), (3, 40)];

/// The product that cannot come back.
const SOLD_FOR_GOOD: u64 = 2;

/// A promotion that three orders may use.
pub(crate) const PROMOTION: &str = "FIRST";

/// In one story in so many the shop begins orders and buys labels by itself.
const AUTOMATIC: u64 = 3;

/// By what labels are bought in such a shop; others are a person's.
pub(crate) const SHIPPING_METHOD: &str = "standard";

/// In one story in so many the carrier cannot find a label by our reference.
const FORGETFUL: u64 = 4;

/// What was sent to customers.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    pub(crate) sent: Vec<Sent>,
    pub(crate) finished: BTreeSet<Notice>,
    pub(crate) refused: BTreeSet<Notice>,
}

/// One message that left.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) message: Message,
    /// Whether it was marked as sent when it left.
    pub(crate) again: bool,
}

/// What people were told, to be held against what is.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) promises: Vec<Promise>,
}

/// What happens behind the scenes, at the bank and elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Bank {
    /// How often refunds of an order failed.
    pub(crate) failures: BTreeMap<OrderId, u32>,
    /// Until when nobody answers, from when.
    pub(crate) away: Option<(Millis, Millis)>,
    /// The same for the topic, which is somebody else's as well.
    pub(crate) topic_away: Option<(Millis, Millis)>,
    /// Webhooks and pushes that were not taken yet.
    pub(crate) untold: usize,
    /// What the carrier told, by numbers of parcels.
    pub(crate) scans: BTreeMap<String, Vec<Scan>>,
    /// The labels that it has sold.
    pub(crate) labels: LabelBooks,
    /// What there is to print.
    pub(crate) documents: MemoryDocuments,
    /// What staff were told.
    pub(crate) alerts: MemoryAlerts,
    /// Whether a push got lost.
    pub(crate) unheard: bool,
    /// Whether a queue has forgotten a refund.
    pub(crate) forgotten: bool,
    /// Whether the stream has given up something since the operator looked.
    pub(crate) given_up: bool,
}

pub(crate) struct Parts {
    pub(crate) sim: Sim,
    pub(crate) weather: Weather,
    pub(crate) store: MemoryStore,
    pub(crate) stripe: FakeGateway,
    pub(crate) committed: Signal,
    pub(crate) cloud: Cloud,
    pub(crate) topic: Topic,
    mail: Mutex<Mail>,
    bank: Mutex<Bank>,
    told: Mutex<Told>,
    due: Mutex<Vec<OrderId>>,
    facts: Mutex<Vec<Facts>>,
    bug: Option<Bug>,
    /// Whether the shop begins orders and buys labels by itself.
    pub(crate) automatic: bool,
    written: Mutex<BTreeMap<(OrderId, u64), Timestamp>>,
    callers: Mutex<BTreeMap<&'static str, Option<Who>>>,
    history: Option<Mutex<Vec<String>>>,
    wrongs: Mutex<Vec<String>>,
}

/// The world; clones are the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Parts>);

impl Deref for World {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn of(plan: &Plan, with_history: bool) -> Self {
        let product = |number| {
            if number == SOLD_FOR_GOOD {
                a_product(number).in_category(goods_back::FOR_GOOD)
            } else {
                a_product(number)
            }
        };
        let store = MemoryStore::stocked(PRODUCTS.map(|(number, units)| product(number).stocked(units).build()));
        let mut promotion = a_promotion(PROMOTION);
        promotion.max_uses = Some(3);
        let mut rates = rates_with(vec![promotion]);
        rates.shipping.methods.push(a_carried_method(PARCEL, "dhl", "standard"));
        store.set_rates(&rates).now_or_never().expect("the memory answers at once").expect("it is there");
        set_up_locations(&store, oms_testkit::start()).now_or_never().expect("the memory answers at once");
        let returns = Setting::Returns(goods_back::terms());
        set_up(&store, returns, oms_testkit::start()).now_or_never().expect("the memory answers at once");
        let automatic = plan.seed % AUTOMATIC == 1;
        if automatic {
            let shop = Setting::Shop(automatic_shop(SHIPPING_METHOD, "dhl"));
            set_up(&store, shop, oms_testkit::start()).now_or_never().expect("the memory answers at once");
        }
        let bank = Bank::default();
        if plan.seed.is_multiple_of(FORGETFUL) {
            bank.labels.forgets();
        }
        World(Arc::new(Parts {
            sim: Sim::new(plan.seed),
            weather: Weather::of(plan),
            store,
            stripe: FakeGateway::new(PROVIDER),
            committed: Signal::default(),
            cloud: Cloud::default(),
            topic: Topic::default(),
            mail: Mutex::default(),
            bank: Mutex::new(bank),
            told: Mutex::default(),
            due: Mutex::default(),
            facts: Mutex::default(),
            bug: plan.bug,
            automatic,
            written: Mutex::default(),
            callers: Mutex::default(),
            history: with_history.then(Mutex::default),
            wrongs: Mutex::default(),
        }))
    }

    /// Whether nobody else holds the world.
    pub(crate) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Whether trouble of this kind happens here and now.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let strikes = self.weather.strikes(fault, self.sim.now());
        if strikes {
            self.note(|| format!("TROUBLE {fault:?}"));
        }
        strikes
    }

    /// Whether this mistake is planted.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Whether any mistake is planted.
    pub(crate) fn has_any(&self) -> bool {
        self.bug.is_some()
    }

    /// Who a function takes its caller for.
    pub(crate) fn caller(&self, package: &'static str, who: Option<Who>) -> Option<Who> {
        let before = locked(&self.callers).insert(package, who.clone());
        if self.has(Bug::CallerOfThePreviousRequest) && package == "view-order" { before.unwrap_or(who) } else { who }
    }

    /// Whether the last trouble is over.
    pub(crate) fn is_calm(&self) -> bool {
        self.sim.now() >= self.weather.calm_at()
    }

    pub(crate) fn mail(&self) -> MutexGuard<'_, Mail> {
        locked(&self.mail)
    }

    pub(crate) fn bank(&self) -> MutexGuard<'_, Bank> {
        locked(&self.bank)
    }

    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        locked(&self.told)
    }

    /// Remembers when an event was seen in the stream.
    pub(crate) fn saw(&self, id: OrderId, version: u64) {
        let now = self.sim.time();
        locked(&self.written).entry((id, version)).or_insert(now);
    }

    /// When an event was seen first, by the time of the world.
    pub(crate) fn written_at(&self, id: OrderId, version: u64) -> Option<Timestamp> {
        locked(&self.written).get(&(id, version)).copied()
    }

    /// Replaces what the index of deadlines said last, and gives what it said before.
    pub(crate) fn last_due(&self, now: Vec<OrderId>) -> Vec<OrderId> {
        std::mem::replace(&mut locked(&self.due), now)
    }

    /// Remembers what an order may have been priced by.
    pub(crate) fn remember(&self, facts: Option<Facts>) {
        locked(&self.facts).extend(facts);
    }

    /// What an order may have been priced by, an entry for each time somebody looked.
    pub(crate) fn facts_of(&self, id: OrderId) -> Vec<Facts> {
        locked(&self.facts).iter().filter(|facts| facts.are_of(id)).cloned().collect()
    }

    /// Writes a line of history, if anybody reads it.
    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        if let Some(history) = &self.history {
            let now = self.sim.now();
            let (minutes, seconds, millis) = (now / 60_000, now / 1_000 % 60, now % 1_000);
            let task = self.sim.current();
            locked(history).push(format!("{minutes:>5}:{seconds:02}.{millis:03} [{task}] {}", line()));
        }
    }

    /// Something is not as it must be.
    pub(crate) fn wrong(&self, what: String) {
        self.note(|| format!("WRONG {what}"));
        locked(&self.wrongs).push(what);
    }

    pub(crate) fn wrongs(&self) -> Vec<String> {
        locked(&self.wrongs).clone()
    }

    pub(crate) fn history(&self) -> Vec<String> {
        self.history.as_ref().map(|history| locked(history).clone()).unwrap_or_default()
    }
}

/// The id of what is on sale.
pub(crate) fn product(number: u64) -> ProductId {
    product_id(number)
}
