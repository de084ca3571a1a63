//! The functions as the platform runs them: the real handlers, an instance for each invocation at a time, a limit of
//! time, and answers that may get lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use oms_app::breaker::Breaker;
use oms_app::cancel_order::CancelOrder;
use oms_app::catalog_cache::CatalogCache;
use oms_app::create_order::CreateOrder;
use oms_app::move_stock::MoveStock;
use oms_app::notify::Notify;
use oms_app::open_page::OpenPage;
use oms_app::pay_order::PayOrder;
use oms_app::payment_callback::PaymentCallback;
use oms_app::ports::{Clock, Gateways};
use oms_app::refund::Refund;
use oms_app::refund_order::RefundOrder;
use oms_app::relay::Relay;
use oms_app::review_order::ReviewOrder;
use oms_app::screen_order::{FraudRules, ScreenOrder};
use oms_app::submit_order::SubmitOrder;
use oms_app::sweep::Sweep;
use oms_app::texts::{Shop, Texts};
use oms_app::update_status::UpdateStatus;
use oms_app::view_order::ViewOrder;
use oms_runtime::{Failure, Function};
use oms_testkit::SeededRandom;
use serde_json::Value;

use crate::exec::{MINUTE, Millis, SECOND};
use crate::line::line;
use crate::planted::Bug;
use crate::ports::{Ports, SkewedClock};
use crate::weather::Fault;
use crate::world::World;

/// After so long the platform ends an invocation.
const LIMIT: Millis = 10 * SECOND;

/// The schedule's function may take longer.
const SWEEP_LIMIT: Millis = 50 * SECOND;

/// Orders above this are held until an admin has looked.
const REVIEW_ABOVE: &str = "70.00 EUR";

/// How often the payment queue delivers a message.
pub(crate) const PAYMENT_TRIES: u32 = 4;

/// One in so many invocations meets a new instance although an old one is idle.
const COLD_STARTS: u64 = 20;

/// The same in every story, and slow to compile.
static TEXTS: LazyLock<Arc<Texts>> = LazyLock::new(|| {
    let shop = Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
    Arc::new(Texts::new(shop).expect("the texts are right"))
});

/// Idle instances, and who is switched off.
#[derive(Default)]
pub(crate) struct Cloud {
    idle: Mutex<BTreeMap<&'static str, Vec<Function>>>,
    /// How often everything was deployed anew; an instance of before is not used again.
    release: AtomicU64,
    off: Mutex<Vec<(&'static str, Millis, Millis)>>,
}

/// Switches a function off for a while.
pub(crate) fn switch_off(world: &World, package: &'static str, from: Millis, until: Millis) {
    world.note(|| format!("{package} will be off from minute {} to {}", from / MINUTE, until / MINUTE));
    world.cloud.off.lock().unwrap_or_else(PoisonError::into_inner).push((package, from, until));
}

/// All instances are replaced.
pub(crate) fn deploy(world: &World) {
    world.cloud.release.fetch_add(1, Ordering::Relaxed);
    world.cloud.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Until when the function is switched off, if it is.
pub(crate) fn off_until(world: &World, package: &str) -> Option<Millis> {
    let now = world.sim.now();
    let off = world.cloud.off.lock().unwrap_or_else(PoisonError::into_inner);
    off.iter().find(|(name, from, until)| *name == package && (*from..*until).contains(&now)).map(|(.., until)| *until)
}

/// Runs a function for one event. Nothing comes back when the process died or took too long.
pub(crate) async fn invoke(world: &World, package: &'static str, event: Value) -> Option<Result<Value, Failure>> {
    let idle = {
        let mut idle = world.cloud.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.entry(package).or_default();
        if world.weather.lot(COLD_STARTS) == 0 { None } else { waiting.pop() }
    };
    let function = idle.unwrap_or_else(|| instance(world, package));
    let limit = if package == "sweep" { SWEEP_LIMIT } else { LIMIT };
    let (here, release) = (world.clone(), world.cloud.release.load(Ordering::Relaxed));
    let done = world.sim.spawn_within(limit, async move {
        let answer = function.invoke(event).await;
        if here.cloud.release.load(Ordering::Relaxed) == release {
            here.cloud.idle.lock().unwrap_or_else(PoisonError::into_inner).entry(package).or_default().push(function);
        }
        answer
    });
    let answer = done.await.ok();
    if answer.is_none() {
        world.note(|| format!("{package} died or took too long"));
    }
    answer
}

fn instance(world: &World, package: &'static str) -> Function {
    let ahead = if world.has(Bug::DeadlineTooEarly) && package == "sweep" { 20 * MINUTE } else { 0 };
    let skew = if world.weather.knows(Fault::Skew) && !world.is_calm() {
        i64::try_from(world.weather.lot(10 * 60_000)).unwrap_or_default() - 5 * MINUTE
    } else {
        0
    };
    let ports = Arc::new(Ports(world.clone(), package));
    let p = || ports.clone();
    let clock: Arc<dyn Clock> = Arc::new(SkewedClock { world: world.clone(), skew: skew + ahead });
    let c = || clock.clone();
    let random = || Arc::new(SeededRandom::new(world.weather.lot(u64::MAX)));
    let gateways = || Gateways::guarded(vec![line(&ports)], &Arc::new(Breaker::new(p(), c())));
    match package {
        "create-order" => create_order::function(CreateOrder::new(p(), CatalogCache::new(p(), c()), c(), random())),
        "submit-order" => submit_order::function(SubmitOrder::new(p(), c())),
        "view-order" => view_order::function(ViewOrder::new(p())),
        "cancel-order" => cancel_order::function(CancelOrder::new(p(), c())),
        "update-status" => update_status::function(UpdateStatus::new(p(), c())),
        "pay-order" => pay_order::function(PayOrder::new(p(), p(), gateways(), c())),
        "payment-callback" => payment_callback::function(PaymentCallback::new(p(), p(), gateways(), c())),
        "refund-order" => refund_order::function(RefundOrder::new(p(), c())),
        "review-order" => review_order::function(ReviewOrder::new(p(), c())),
        "move-stock" => move_stock::function(MoveStock::new(p(), p(), c(), random())),
        "relay" => relay::function(Relay::new(p())),
        "notify" => notify::function(Notify::saying(TEXTS.clone(), p(), p(), p(), c())),
        "open-page" => open_page::function(OpenPage::new(p(), p(), gateways(), c(), PAYMENT_TRIES)),
        "refund" => refund::function(Refund::new(p(), p(), gateways(), c())),
        "screen-order" => {
            let rules = FraudRules::read(REVIEW_ABOVE).expect("the rule is right");
            screen_order::function(ScreenOrder::new(p(), Arc::new(rules), c()))
        }
        "sweep" => sweep::function(Sweep::new(p(), p(), gateways(), c())),
        unknown => panic!("there is no function {unknown}"),
    }
}
