//! The carrier beyond our line to it: what happens to parcels, and how it tells us.

use jiff::SignedDuration;
use oms_app::ports::{ParcelKey, Parcels as _};
use oms_domain::fulfilment::journey::{Journey, demanded};
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use oms_domain::fulfilment::{ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Order, ShipmentStep, Status};
use oms_testkit::memory::FakeCarrier;

use crate::check::now;
use crate::exec::SECOND;
use crate::http::{Ask, ask};
use crate::weather::Fault;
use crate::world::World;

/// The carrier of the fake.
const NAME: &str = "dhl";

/// What may become of a parcel.
const LIVES: [&[CarrierStatus]; 7] = [
    &[CarrierStatus::InTransit, CarrierStatus::OutForDelivery, CarrierStatus::Delivered],
    &[CarrierStatus::InTransit, CarrierStatus::AttemptFailed, CarrierStatus::Delivered],
    &[CarrierStatus::OutForDelivery, CarrierStatus::Delivered],
    &[CarrierStatus::AttemptFailed, CarrierStatus::Returning, CarrierStatus::ReturnedToSender],
    &[CarrierStatus::Returning, CarrierStatus::Delivered],
    &[CarrierStatus::InTransit, CarrierStatus::Lost],
    &[CarrierStatus::OutForDelivery, CarrierStatus::ReadyForPickup, CarrierStatus::Delivered],
];

/// Pauses between tries of a push that was not taken, in seconds.
const PAUSES: [i64; 4] = [5, 30, 120, 600];

/// At one scan in so many the carrier may fall silent about the parcel: it is asked after a day later, and a story that
/// lasts so long takes its time.
const LOST: u64 = 12;

/// Pause once there is no more trouble.
const CALM_PAUSE: i64 = 30;

/// A number that no other shipment has.
pub(crate) fn number(order: OrderId, shipment: &str, parcel: usize) -> String {
    format!("JD{}{shipment}P{parcel}", order.to_string().replace('-', ""))
}

/// All parcels of a shipment go their way; most often the same.
pub(crate) fn carries(world: &World, parcels: &[Tracking]) {
    let lives = |of: u64| LIVES[usize::try_from(world.weather.lot(of)).unwrap_or_default()];
    let common = lives(LIVES.len() as u64);
    for parcel in parcels {
        let number = parcel.tracking_number.clone();
        if parcel.told_by() != Some(NAME) || world.bank().scans.contains_key(&number) {
            continue;
        }
        let life = if world.weather.lot(10) == 0 { lives(LIVES.len() as u64) } else { common };
        let began = world.sim.time();
        let mut silent = false;
        for (minute, status) in (1..).zip(life) {
            let at = began + SignedDuration::from_mins(minute);
            let scan = Scan { at, status: *status, code: status.name().to_owned(), place: None };
            world.bank().scans.entry(number.clone()).or_default().push(scan.clone());
            // It stays silent: no one asks after a parcel whose end was told, so what was lost before it would stay so.
            silent = silent || world.weather.lot(LOST) == 0 && world.strikes(Fault::LostWebhook);
            if silent {
                world.note(|| format!("carrier: nobody will be told that {number} is {}", status.name()));
                world.bank().unheard = true;
                continue;
            }
            let copies = if world.strikes(Fault::RepeatedWebhook) { 2 } else { 1 };
            for _ in 0..copies {
                pushes(world, &number, &scan);
            }
        }
    }
}

/// Calls us until we have taken it; scans of one parcel overtake each other.
fn pushes(world: &World, number: &str, scan: &Scan) {
    let news = ParcelNews { tracking_number: number.to_owned(), scans: vec![scan.clone()], estimated_delivery: None };
    let (headers, body) = FakeCarrier::push(&[news]);
    let push = Ask {
        package: "carrier-callback",
        method: "POST",
        path: format!("/api/carriers/callback/{NAME}"),
        parameter: Some(("carrier", NAME.to_owned())),
        headers,
        body: Some(String::from_utf8_lossy(&body).into_owned()),
    };
    world.bank().untold += 1;
    let here = world.clone();
    let wait = i64::try_from(world.weather.lot(if world.weather.lot(2) == 0 { 2 } else { 240 })).unwrap_or_default();
    world.sim.spawn(async move {
        here.sim.sleep(SECOND + wait * SECOND).await;
        for pause in PAUSES.into_iter().cycle() {
            if ask(&here, None, &push).await.given().is_some() {
                break;
            }
            let pause = if here.is_calm() { CALM_PAUSE } else { pause };
            here.sim.sleep(pause * SECOND).await;
        }
        here.bank().untold -= 1;
    });
}

/// What is wrong with what was made of it: every scan is kept, and what all parcels of a shipment ask for has become of it.
pub(crate) fn wrongs(world: &World, orders: &[&Order]) -> Vec<String> {
    let mut wrongs = Vec::new();
    for order in orders {
        for shipment in &order.shipments {
            let id = ShipmentId { order_id: order.id, number: shipment.number };
            let journeys: Vec<Option<Journey>> = shipment.parcels.iter().map(|parcel| of(world, parcel)).collect();
            for (parcel, journey) in shipment.parcels.iter().zip(&journeys) {
                if *journey != told(world, &parcel.tracking_number) {
                    wrongs.push(format!(
                        "22 every scan is kept, and no other: parcel {} of {id}",
                        parcel.tracking_number
                    ));
                }
            }
            let asked = demanded(journeys.iter().map(|journey| journey.as_ref().and_then(Journey::status)));
            let open = match asked {
                Some(ShipmentStep::Fail) => shipment.status == ShipmentStatus::Shipped,
                Some(_) => matches!(shipment.status, ShipmentStatus::Shipped | ShipmentStatus::Failed),
                None => false,
            };
            if open && matches!(order.status, Status::Processing | Status::Shipped) {
                wrongs.push(format!("22 what carriers tell becomes of a shipment: {id} is {}", shipment.status));
            }
        }
    }
    wrongs
}

/// What is stored of a parcel's way; nothing if nothing was told.
fn of(world: &World, parcel: &Tracking) -> Option<Journey> {
    let key = ParcelKey::of(parcel)?;
    let found = now(world.store.parcels(&[key])).ok()?.pop()?;
    Some(found.journey).filter(|journey| !journey.scans().is_empty())
}

/// What was told of it.
fn told(world: &World, number: &str) -> Option<Journey> {
    let scans = world.bank().scans.get(number)?.clone();
    let mut journey = Journey::default();
    journey.take(&scans, None);
    Some(journey)
}
