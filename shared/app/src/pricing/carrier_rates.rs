//! Asks carriers what they take for a cart, while a customer waits (G5).
//!
//! 1. Only for shipping methods that stand for a carrier's service, and only where the whole address and all weights are known.
//! 2. A parcel of each seller, from the main location, as a paid order is planned. Carriers are asked side by side.
//! 3. What a carrier told is remembered for a while, and so is that it did not answer: the next customer does not wait for it again.
//!
//! Whatever is missing (an answer in time, a price in the currency of the cart, room in the customer's allowance) is no fault: the price
//! of the table counts. Carriers hear of town, postal code, state and country, and of nobody's name or street.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::Location;
use oms_domain::fulfilment::locations::{LocationTable, Origin};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::money::{Amount, Currency, MAX_PRICE_MINOR_UNITS};
use oms_domain::ordering::address::Address;
use oms_domain::pricing::carrier_rate::{CarrierPrice, CarrierRate, SealedOffer};
use oms_domain::pricing::dispatch::day_of;
use oms_domain::pricing::shipping::WorkingDays;

use crate::catalog::catalog_cache::{FRESH_SECONDS, Quoted};
use crate::customers::limits::Limiter;
use crate::fulfilment::buyer::MAX_DAYS_AHEAD;
use crate::fulfilment::carriers::Carriers;
use crate::fulfilment::labels::{locations, sender};
use crate::ordering::cart::Cart;
use crate::ordering::offered_rates::{CarrierPrices, Freight};
use crate::ports::{Clock, LinkKeys, Party, Rate, RateRequest, Settings, StoreError};

/// For so many minutes what a carrier told is used again.
const REMEMBERED_MINUTES: i64 = 15;

/// For so many seconds a carrier is not asked again that did not answer.
pub const LEFT_ALONE_SECONDS: i64 = 30;

/// Most answers that are remembered; beyond it the memory starts over.
const MAX_REMEMBERED: usize = 2_000;

/// Carriers are asked for so many sellers of a cart and no more.
const MAX_SELLERS: usize = 5;

/// What carriers ask for a cart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    pub prices: CarrierPrices,
    /// The same, sealed for who orders, by the code of the shipping method.
    pub sealed: BTreeMap<String, String>,
}

/// A question to a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    carrier: String,
    /// Grams and sides.
    parcel: [u32; 4],
    /// Country, state, postal code, town.
    to: [String; 4],
    ship_date: Date,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<Question, (Vec<Rate>, Timestamp)>,
    /// Carriers that did not answer, and until when they are left alone.
    away: HashMap<String, Timestamp>,
    locations: Option<(Arc<LocationTable>, Timestamp)>,
}

pub struct CarrierRates {
    carriers: Carriers,
    settings: Arc<dyn Settings>,
    keys: Arc<dyn LinkKeys>,
    limiter: Limiter,
    clock: Arc<dyn Clock>,
    /// So long a customer waits for carriers; nothing: as long as they take.
    patience: Option<Duration>,
    memory: Mutex<Memory>,
}

impl CarrierRates {
    pub fn new(
        carriers: Carriers,
        settings: Arc<dyn Settings>,
        keys: Arc<dyn LinkKeys>,
        limiter: Limiter,
        clock: Arc<dyn Clock>,
    ) -> Self {
        CarrierRates { carriers, settings, keys, limiter, clock, patience: None, memory: Mutex::default() }
    }

    /// Waits for carriers no longer than this; nothing: as long as they take.
    #[must_use]
    pub fn waiting(self, patience: Option<Duration>) -> Self {
        CarrierRates { patience, ..self }
    }

    /// What carriers ask for this cart, as far as they do.
    pub(crate) async fn offered(&self, caller: &Caller, cart: &Cart<'_>, quoted: &Quoted, to: &Address) -> Offered {
        let table = quoted.rates.shipping.at(cart.at);
        let by_carrier = table.methods.iter().filter_map(|method| Some((method, method.carrier_rate.as_ref()?)));
        let methods: Vec<(&str, &CarrierRate)> = by_carrier
            .filter(|(method, rate)| method.serves(cart.destination) && self.carriers.get(&rate.carrier).is_some())
            .map(|(method, rate)| (method.code.as_str(), rate))
            .collect();
        let freight = Freight::of(cart.items, quoted).filter(|freight| freight.parcels.len() <= MAX_SELLERS);
        let Some(freight) = freight.filter(|_| !methods.is_empty()) else { return Offered::default() };
        let leaves = day_of(table.dispatch.as_ref(), cart.at);
        match self.ask(caller, &methods, &freight, to, leaves).await {
            Ok(prices) => self.sealed(prices, &freight, cart).await,
            Err(error) => {
                tracing::warn!(%error, "no carrier is asked for its price; the table's count");
                Offered::default()
            }
        }
    }

    async fn sealed(&self, prices: CarrierPrices, freight: &Freight, cart: &Cart<'_>) -> Offered {
        if prices.is_empty() {
            return Offered::default();
        }
        // A price that cannot be ordered at must not be shown.
        let ring = match self.keys.ring().await {
            Ok(ring) => ring,
            Err(error) => {
                tracing::error!(%error, "prices of carriers cannot be sealed; the table's count");
                return Offered::default();
            }
        };
        let seal = |(method, price): (&String, &CarrierPrice)| {
            let offer = SealedOffer::new(*price, &freight.by(method, cart.destination), ring.as_ref(), cart.at);
            (method.clone(), offer.text())
        };
        let sealed = prices.iter().map(seal).collect();
        Offered { prices, sealed }
    }

    async fn ask(
        &self,
        caller: &Caller,
        methods: &[(&str, &CarrierRate)],
        freight: &Freight,
        to: &Address,
        leaves: Date,
    ) -> Result<CarrierPrices, StoreError> {
        let table = self.locations().await?;
        let Some(origin) = table.origin(&Location::main()) else { return Ok(CarrierPrices::new()) };
        let today = origin.date_of(self.clock.now());
        let ship_date = leaves.max(today);
        let latest = today.checked_add(Span::new().days(MAX_DAYS_AHEAD)).unwrap_or(today);
        if ship_date > latest {
            return Ok(CarrierPrices::new());
        }
        let place = [Some(&to.country), to.state.as_ref(), to.postal_code.as_ref(), Some(&to.city)];
        let place = place.map(|text| text.cloned().unwrap_or_default());
        let wanted = methods.iter().filter_map(|(method, rate)| {
            let question = |(_, grams): &(_, u64)| {
                let Measures { weight_grams, length_mm, width_mm, height_mm } = rate.empty.with_goods(*grams)?;
                let parcel = [weight_grams, length_mm, width_mm, height_mm];
                Some(Question { carrier: rate.carrier.clone(), parcel, to: place.clone(), ship_date })
            };
            let questions = freight.parcels.iter().map(question).collect::<Option<Vec<Question>>>()?;
            Some((*method, rate.service.as_str(), questions))
        });
        let wanted: Vec<(&str, &str, Vec<Question>)> = wanted.collect();
        let mut answers = HashMap::new();
        let mut unknown: Vec<Question> = Vec::new();
        for question in wanted.iter().flat_map(|(_, _, questions)| questions) {
            if answers.contains_key(question) || unknown.contains(question) {
                continue;
            }
            match self.remembered(question) {
                Some(rates) => {
                    answers.insert(question.clone(), rates);
                }
                None if self.is_away(&question.carrier) => {}
                None => unknown.push(question.clone()),
            }
        }
        if !unknown.is_empty() && self.limiter.may_ask_carriers(caller).await? {
            let asked = unknown.into_iter().map(|question| self.answer(question, origin));
            answers.extend(join_all(asked).await.into_iter().flatten());
        }
        let priced = wanted.into_iter().filter_map(|(method, service, questions)| {
            let rates =
                questions.iter().map(|question| answers.get(question)?.iter().find(|rate| rate.service == service));
            let rates = rates.collect::<Option<Vec<&Rate>>>()?;
            Some((method.to_owned(), sum(&rates, freight.currency, ship_date)?))
        });
        Ok(priced.collect())
    }

    /// The locations, which hardly ever change: a minute old at most, as all that prices depend on.
    async fn locations(&self) -> Result<Arc<LocationTable>, StoreError> {
        let now = self.clock.now();
        let fresh = |at: &Timestamp| now.duration_since(*at) < SignedDuration::from_secs(FRESH_SECONDS);
        let known = self.open().locations.clone().filter(|(_, at)| fresh(at));
        if let Some((table, _)) = known {
            return Ok(table);
        }
        let table = Arc::new(locations(self.settings.as_ref(), now).await?);
        self.open().locations = Some((table.clone(), now));
        Ok(table)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self, question: &Question) -> Option<Vec<Rate>> {
        let now = self.clock.now();
        let young = |at: &Timestamp| now.duration_since(*at) < SignedDuration::from_mins(REMEMBERED_MINUTES);
        self.open().answers.get(question).filter(|(_, at)| young(at)).map(|(rates, _)| rates.clone())
    }

    fn is_away(&self, carrier: &str) -> bool {
        let now = self.clock.now();
        self.open().away.get(carrier).is_some_and(|until| now < *until)
    }

    /// What one carrier says; nothing if it does not.
    async fn answer(&self, question: Question, origin: &Origin) -> Option<(Question, Vec<Rate>)> {
        let carrier = self.carriers.get(&question.carrier).filter(|carrier| carrier.capabilities().rates)?;
        let [weight_grams, length_mm, width_mm, height_mm] = question.parcel;
        let [country, state, postal_code, city] = question.to.clone();
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let address =
            Address { country, city, state: given(state), postal_code: given(postal_code), ..Address::default() };
        let request = RateRequest {
            from: sender(origin),
            to: Party { address, phone: None, email: None },
            parcels: vec![Measures { weight_grams, length_mm, width_mm, height_mm }],
            ship_date: question.ship_date,
        };
        let answer = match self.patience {
            None => Some(carrier.rates(&request).await),
            Some(patience) => tokio::time::timeout(patience, carrier.rates(&request)).await.ok(),
        };
        let now = self.clock.now();
        let why = match answer {
            Some(Ok(rates)) => {
                let mut memory = self.open();
                if memory.answers.len() >= MAX_REMEMBERED {
                    memory.answers.clear();
                }
                memory.answers.insert(question.clone(), (rates.clone(), now));
                return Some((question, rates));
            }
            Some(Err(error)) => error.to_string(),
            None => "no answer in time".to_owned(),
        };
        tracing::warn!(carrier = question.carrier, why, "a carrier tells no price; the table's counts");
        let until = now.saturating_add(SignedDuration::from_secs(LEFT_ALONE_SECONDS)).unwrap_or(now);
        self.open().away.insert(question.carrier, until);
        None
    }
}

/// What all parcels cost together; the slowest of them counts. Nothing where a price is none, or of another currency.
fn sum(rates: &[&Rate], currency: Currency, ship_date: Date) -> Option<CarrierPrice> {
    let costs = rates.iter().map(|rate| rate.cost.counted_in(currency));
    let costs = costs.collect::<Option<Vec<Amount>>>()?;
    let total: i64 = costs.iter().map(|cost| cost.minor()).sum();
    let fits = costs.iter().all(|cost| cost.is_positive()) && total <= MAX_PRICE_MINOR_UNITS;
    let days = rates.iter().map(|rate| Some(WorkingDays::between(ship_date, rate.estimated_delivery?)));
    let days = days.collect::<Option<Vec<u8>>>().and_then(|days| days.into_iter().max());
    fits.then_some(CarrierPrice { price: Amount::from_minor(total), days })
}
