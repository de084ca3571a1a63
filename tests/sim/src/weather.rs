//! What goes wrong, how often, and until when.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use oms_testkit::SeededRandom;

use crate::exec::{MINUTE, Millis};
use crate::planted::Bug;

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A process dies at an await.
    Crash,
    /// A process, the network or the store takes seconds instead of milliseconds.
    Stall,
    /// The store refuses for now, for as long as the adapter tries.
    Unavailable,
    /// Another transaction is in the way, or there is too much at once; the adapter tries again.
    Conflict,
    /// A write is done and its acknowledgement lost; the adapter tries again, or gives up in doubt.
    LostAcknowledgement,
    /// An index answers with what was true a while ago.
    StaleIndex,
    /// A client never gets the answer.
    LostAnswer,
    /// The topic takes nothing.
    Publish,
    /// A message to a customer is not taken, or taken without telling.
    Messenger,
    /// A message or a batch comes again although it was done.
    DeliveredAgain,
    /// A message comes late.
    DeliveredLate,
    /// Somebody put something into a queue that is no event.
    Poison,
    /// The provider does not answer, or has done it and its answer is lost.
    Provider,
    /// A refund takes its time, or fails at first.
    SlowRefund,
    /// A webhook never comes.
    LostWebhook,
    /// A webhook comes twice, under another id as well, or late.
    RepeatedWebhook,
    /// News of a payment comes before we know of the payment.
    EarlyWebhook,
    /// Money moves at the provider without us: somebody gives a part back by hand, or a bank wants all of it.
    ByHand,
    /// A queue forgets a refund, as one does whose messages nobody took for too long.
    Forgotten,
    /// Clocks differ by up to five minutes.
    Skew,
    /// A function is switched off for a while.
    Downtime,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 21] = [
        Fault::Crash,
        Fault::Stall,
        Fault::Unavailable,
        Fault::Conflict,
        Fault::LostAcknowledgement,
        Fault::StaleIndex,
        Fault::LostAnswer,
        Fault::Publish,
        Fault::Messenger,
        Fault::DeliveredAgain,
        Fault::DeliveredLate,
        Fault::Poison,
        Fault::Provider,
        Fault::SlowRefund,
        Fault::LostWebhook,
        Fault::RepeatedWebhook,
        Fault::EarlyWebhook,
        Fault::ByHand,
        Fault::Forgotten,
        Fault::Skew,
        Fault::Downtime,
    ];

    /// How often it strikes where it can, of a thousand, in its mildest form. Those that can strike at every await are
    /// rarer than those that can strike once in an order's life.
    const fn per_mille(self) -> u64 {
        match self {
            Fault::Crash | Fault::Stall | Fault::Unavailable => 4,
            Fault::Conflict
            | Fault::LostAcknowledgement
            | Fault::LostAnswer
            | Fault::StaleIndex
            | Fault::Publish
            | Fault::Messenger
            | Fault::DeliveredAgain
            | Fault::DeliveredLate => 25,
            Fault::Provider => 20,
            Fault::SlowRefund
            | Fault::LostWebhook
            | Fault::RepeatedWebhook
            | Fault::EarlyWebhook
            | Fault::ByHand
            | Fault::Forgotten
            | Fault::Poison => 100,
            // These are decided once for a story.
            Fault::Skew | Fault::Downtime => 1_000,
        }
    }
}

/// What to leave out of a story, to find the shortest that still fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// People who stay at home, by their number.
    pub absent: BTreeSet<usize>,
    /// Trouble that does not happen.
    pub spared: BTreeSet<Fault>,
    /// The first so many troubles happen, later ones do not.
    pub troubles: Option<usize>,
    /// The mistake that is planted.
    pub bug: Option<Bug>,
}

impl Plan {
    /// The story of a seed, whole.
    pub fn of(seed: u64) -> Self {
        Plan { seed, ..Plan::default() }
    }
}

/// The trouble of one story.
pub(crate) struct Weather {
    rates: [u64; Fault::ALL.len()],
    random: SeededRandom,
    struck: AtomicUsize,
    most: usize,
    calm_at: Millis,
}

/// One story in so many lasts for days.
const LONG_STORIES: u64 = 40;

const DAY: Millis = 24 * 60 * MINUTE;

impl Weather {
    pub(crate) fn of(plan: &Plan) -> Self {
        let random = SeededRandom::new(plan.seed ^ 0x57EA_7E12_57EA_7E12);
        // One story in twenty is a fine day.
        let fine = random.next_u64().is_multiple_of(20);
        let mut rates = [0; Fault::ALL.len()];
        for (rate, fault) in rates.iter_mut().zip(Fault::ALL) {
            let strength = [0, 0, 0, 1, 1, 4][usize::try_from(random.next_u64() % 6).unwrap_or_default()];
            if !fine && !plan.spared.contains(&fault) {
                *rate = strength * fault.per_mille();
            }
        }
        let days = random.next_u64().is_multiple_of(LONG_STORIES);
        let length = i64::try_from(random.next_u64() % 50).unwrap_or_default();
        let calm_at = if days { DAY + length * 60 * MINUTE } else { (20 + length) * MINUTE };
        Weather { rates, random, struck: AtomicUsize::new(0), most: plan.troubles.unwrap_or(usize::MAX), calm_at }
    }

    /// When the last trouble is over, and people stop to ask for anything new.
    pub(crate) fn calm_at(&self) -> Millis {
        self.calm_at
    }

    /// Whether trouble of this kind happens at all.
    pub(crate) fn knows(&self, fault: Fault) -> bool {
        self.rates[fault as usize] > 0
    }

    /// Whether it happens here and now.
    pub(crate) fn strikes(&self, fault: Fault, now: Millis) -> bool {
        let rate = self.rates[fault as usize];
        if rate == 0 || now >= self.calm_at || !self.random.happens(rate) {
            return false;
        }
        self.struck.fetch_add(1, Ordering::Relaxed) < self.most
    }

    /// How often anything struck.
    pub(crate) fn struck(&self) -> usize {
        self.struck.load(Ordering::Relaxed)
    }

    /// A number below `bound`.
    pub(crate) fn lot(&self, bound: u64) -> u64 {
        self.random.next_u64() % bound.max(1)
    }
}
