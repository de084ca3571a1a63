//! Mistakes that people make in systems like this one, to be planted one at a time: the simulator must find each.
//!
//! They sit at the seams, in what a process asks of its ports and in what it answers to the platform, and have there the
//! effect that the mistake would have. So no line of the product knows of them, and no release can hold one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use oms_app::ports::{Commit, Companion, OpenOrder, ParcelStep, Stored, UsageCounter, UsageStep};
use oms_domain::actor::Actor;
use oms_domain::catalog::stock::{Condition, MoveKind};
use oms_domain::money::Amount;
use oms_domain::ordering::{
    Change, ChangeEvent, CheckoutEvent, Event, LabelEvent, NoteEvent, Order, PaymentEvent, Provenance, Record,
    RefundEvent, Status, Terms,
};
use oms_domain::payments::{AttemptState, RefundPart, RefundReason, Unshipped};
use oms_domain::returns::ReturnStatus;
use oms_testkit::builders::BOX_GRAMS;
use oms_testkit::memory::carrier_price;

use crate::story::{Report, tell};
use crate::terms::{PARCEL, PARCEL_PRICE, PARCEL_RATE};
use crate::weather::Plan;
use crate::world::World;

/// Declares the mistakes.
macro_rules! bugs {
    ($($(#[doc = $doc:literal])* $bug:ident,)+) => {
        /// A realistic mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[doc = $doc])* $bug,)+
        }

        impl Bug {
            /// All of them.
            pub const ALL: &'static [Bug] = &[$(Bug::$bug,)+];
        }
    };
}

bugs! {
    // Stock and promotions.
    /// An order is sold whose units nobody reserved.
    StockNotReserved,
    /// Stock is taken without the condition that there is enough.
    NoConditionOnStock,
    /// A cancelled order keeps its units.
    StockNotReleased,
    /// A cancelled order gives its units back twice.
    StockReleasedTwice,
    /// What ships stays reserved.
    StockNotConsumed,
    /// A parcel that comes back is not counted.
    ReturnedParcelNotCounted,
    /// What ships is taken off the stock twice.
    UnitsShippedTwice,
    /// A shipment that is given up before it leaves sets its units free.
    CancelledShipmentSetFree,
    /// What was lost is sent again without being reserved.
    ReplacedWithoutStock,
    /// Nobody asks whether what was lost was replaced before.
    ReplacedTwice,
    /// A shipment takes all of a line, whatever else is in other shipments.
    ShipsMoreThanPlanned,
    /// A shipment moves, and the lists do not hear of it.
    ShipmentRecordForgotten,
    /// A hold keeps nothing from being shipped.
    HoldIgnored,
    /// Moving stock ignores the key of the request.
    StockMovedTwice,
    /// A use of a promotion is not counted.
    PromotionNotCounted,
    /// The limit of a promotion is only looked at before the transaction.
    PromotionWithoutCondition,
    /// A cancelled order keeps its use of a promotion.
    PromotionNotGivenBack,
    /// A paid order that is cancelled keeps its use of a promotion.
    PaidOrderKeepsItsUse,
    // Terms.
    /// A draft is submitted on the terms that it showed.
    SubmitOnOldTerms,
    /// A product is sold by the facts that a process remembers.
    OldFactsSold,
    /// A carrier's price that was offered is not taken: the table's is.
    CarrierPriceIgnored,
    /// A carrier's price counts whatever cart it was offered for.
    CarrierPriceOfAnotherCart,
    // Limits.
    /// An order that waits no more still counts as one that waits for its payment.
    OpenOrderNotGivenBack,
    /// Attempts are counted where they succeed, and not where they are refused.
    RefusalsNotCounted,
    // One write path.
    /// A change overwrites what others changed meanwhile.
    NoVersionCondition,
    /// The record of an idempotent command is forgotten.
    NoIdempotencyRecord,
    /// Creating ignores the key of the request.
    CreateIgnoresKey,
    /// A write that failed is taken for done.
    FailureTakenForSuccess,
    /// The last event of a change is not stored.
    EventNotStored,
    /// Something changes in the state that no event tells.
    StateChangedBesideEvents,
    /// An event names the wrong predecessor.
    ChainNotLinked,
    /// The total is off by a cent.
    TotalOffByOne,
    /// An order moves on without having been paid.
    StepSkipped,
    /// Who did it is not recorded.
    ActorLost,
    /// An e-mail address gets into the events.
    PersonalDataInEvents,
    // Out of the store.
    /// Events are published before they are committed.
    PublishedBeforeCommit,
    /// The relay tells the stream that it is done whatever the topic says.
    RelayIgnoresFailures,
    /// The relay publishes events as the stream brings them.
    PublishedAsItComes,
    /// A batch of the stream counts as done although its process died.
    RelayCrashTakenForDone,
    // Time.
    /// Overdue orders are never looked for.
    HoldNeverEnds,
    /// Only orders that fell due within the last minute are looked for.
    SweepForgetsWhatItMissed,
    /// The deadline is judged by a clock that is twenty minutes ahead.
    DeadlineTooEarly,
    /// What the index of deadlines names is cancelled without another look.
    ExpiryByIndex,
    // Payment.
    /// What is paid is not what was asked for.
    AskedForTheWrongAmount,
    /// Pages that hear nothing are never looked at.
    PagesNotLookedAt,
    /// A page that could not be looked at once is forgotten.
    PageForgottenAfterFailure,
    /// News that comes before its payment is dropped.
    EarlyNewsDropped,
    /// A webhook is acknowledged although it could not be applied.
    WebhookAcknowledgedInFailure,
    /// A webhook that its process did not survive counts as taken.
    WebhookCrashTakenForDone,
    /// Money that comes after the end of an order is ignored.
    LatePaymentIgnored,
    /// Money that comes after the end of an order is kept.
    LatePaymentKept,
    /// A second payment is kept.
    SecondPaymentKept,
    /// One capture counts as often as it is told.
    CaptureCountedTwice,
    /// Cancelling a paid order keeps the money.
    CancelledWithoutRefund,
    /// Units are taken out of a paid order, and their money is kept.
    TakenOutWithoutRefund,
    /// Units are taken out of a paid order, and stay reserved.
    TakenOutAndReserved,
    // Changes.
    /// An order becomes cheaper, and the difference is kept.
    ChangeWithoutRefund,
    /// Money for a total or a change that no longer stands is kept.
    SupersededPaymentKept,
    /// What a change adds is not reserved.
    AddedWithoutStock,
    /// A change that nobody pays keeps its units.
    LapsedAndReserved,
    /// A change that is offered counts before it is paid.
    ChangedUnpaid,
    /// An offered change that nobody pays is never looked for.
    OfferNeverLapses,
    /// A change is made whatever difference its customer has seen.
    DifferenceNotAskedFor,
    /// A new address is in the event that tells of it.
    NewAddressInEvent,
    // Parcels.
    /// A parcel leaves, and nobody notes whose it is.
    ParcelNotKnown,
    /// What a carrier told before is forgotten when it tells more.
    EarlierScansForgotten,
    /// What is noted of a parcel overwrites what others noted meanwhile.
    ScansOverwritten,
    /// A push is acknowledged although it could not be taken.
    PushAcknowledgedInFailure,
    /// Nobody asks after a parcel of which nothing is heard.
    SilentParcelForgotten,
    /// What a customer was told on the way is told again by a repeated push.
    AnnouncedAgain,
    /// Of shipments in one box only the one that left last hears of it.
    OnlyTheLastHears,
    // Labels.
    /// A label whose answer is lost is bought again.
    LabelAskedForAgain,
    /// A label whose answer is lost is taken for refused.
    LostLabelTakenForNone,
    /// Nobody looks for a label before it counts as not bought.
    LabelNotLookedFor,
    /// A label is asked for, and nothing says that somebody has to come back to it.
    LabelOnlyInMind,
    /// A label is void for us, and the carrier does not know.
    VoidOnPaperOnly,
    /// A shipment that is given up keeps its label.
    LabelOfCancelledShipmentKept,
    /// Nobody asks whether a shipment has a label before another is bought.
    SecondLabelBought,
    /// An answer that comes when nobody waits any more is passed over.
    LateLabelIgnored,
    /// Nobody hears that a hold was released.
    ReleaseNotFollowed,
    /// What the shop begins by itself is not screened.
    BegunUnscreened,
    /// A label that a person gave back is bought again.
    BoughtAgainByItself,
    // Refunds.
    /// Each try asks for the refund under a new key, and nobody looks whether it was made.
    RefundUnderNewKeys,
    /// Nobody looks a refund up before asking again, and the provider has forgotten the key by then.
    RefundWithoutLookup,
    /// No answer to a refund is taken for a failure.
    LostRefundTakenForFailed,
    /// All of the payment goes back where a part was to.
    RefundOfTheWhole,
    /// What was given back at the provider does not shrink what we give.
    RefundIgnoresWhatWentBack,
    /// A refund is known to the queue alone.
    RefundOnlyInQueue,
    /// A refund that is done is not recorded.
    RefundNotRecorded,
    /// A refund that failed is not recorded.
    FailedRefundForgotten,
    /// A circuit that has opened never closes.
    CircuitStaysOpen,
    // Queues and messages.
    /// A queue's messages are deleted whatever came of them.
    QueueDeletesFailures,
    /// A queue's messages are deleted although their process died.
    QueueDeletesAfterCrash,
    /// Messages of an order overtake one that failed.
    GroupsOvertake,
    /// What cannot be read is deleted.
    PoisonDeleted,
    /// What has failed too often is deleted.
    NoDeadLetters,
    /// A notice is marked as sent before it is.
    MarkedBeforeSent,
    /// A notice that was sent is never marked.
    NeverMarked,
    /// Nobody asks whether a notice was sent before.
    MarkNotAskedFor,
    /// Nobody gets an SMS.
    SmsForgotten,
    // Returns.
    /// Damaged goods are sold again.
    DamagedGoodsSold,
    /// What came back is in no counter.
    ReturnNotRestocked,
    /// What came back gives all of its price, whatever its condition.
    ConditionIgnored,
    /// A receipt gives no money back.
    ReceiptWithoutRefund,
    /// Goods are received that nobody wanted back.
    DeniedReturnReceived,
    /// A customer sends back what was sold for good.
    FinalSaleReturned,
    // Notes.
    /// Whoever reads the notes about an order reads those of the shop for itself, too.
    PrivateNoteShown,
    /// Tags take the place of others that their writer has not seen.
    TagsOverUnseenOnes,
    /// The words of a note are in its event.
    NoteInEvent,
    // Callers.
    /// A number finds the customer's newest order.
    NumberNotAskedFor,
    /// A warm instance remembers who called last.
    CallerOfThePreviousRequest,
}

impl std::str::FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Bug::ALL.iter().copied().find(|bug| format!("{bug:?}") == name);
        found.ok_or_else(|| format!("there is no planted mistake {name}"))
    }
}

/// The first seed from 0 on that finds the mistake, if one below `most` does.
pub fn first_bite(bug: Bug, most: u64) -> Option<Report> {
    let (next, found) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= most || seed > found.load(Ordering::Relaxed) {
                        return;
                    }
                    if !tell(&with(bug, seed), false).wrongs.is_empty() {
                        found.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let seed = found.into_inner();
    (seed < most).then(|| tell(&with(bug, seed), false))
}

fn with(bug: Bug, seed: u64) -> Plan {
    Plan { bug: Some(bug), ..Plan::of(seed) }
}

/// What a use case with the mistake would have loaded, or believed to have.
pub(crate) fn misread(world: &World, package: &str, mut stored: Stored) -> Stored {
    let order = &mut stored.order;
    if world.has(Bug::CaptureCountedTwice) && package == "payment-callback" {
        for payment in &mut order.ledger.payments {
            if matches!(payment.state, AttemptState::Captured { .. }) {
                payment.state = AttemptState::Requested;
            }
        }
    }
    if world.has(Bug::ExpiryByIndex) && package == "sweep" && order.status == Status::Confirmed {
        (order.status, order.reservation_expires_at) = (Status::Pending, Some(order.created_at));
    }
    let handles = ["handle-shipments", "handle-labels", "update-status"].contains(&package);
    if world.has(Bug::SecondLabelBought) && package == "handle-labels" {
        for shipment in &mut order.shipments {
            shipment.labels.clear();
        }
    }
    if world.has(Bug::AnnouncedAgain) && package == "carrier-callback" {
        for shipment in &mut order.shipments {
            shipment.announced = None;
        }
    }
    if world.has(Bug::HoldIgnored) && handles {
        order.holds.clear();
    }
    if world.has(Bug::ReplacedTwice) && handles {
        for shipment in order.shipments.iter_mut().filter(|shipment| shipment.replaced_by.is_some()) {
            shipment.replaced_by = None;
            for part in &shipment.lines {
                for line in order.lines.iter_mut().filter(|line| line.line == part.line && line.lost < line.quantity) {
                    line.lost += 1;
                }
            }
        }
    }
    if world.has(Bug::ShipsMoreThanPlanned) && package == "handle-shipments" {
        for shipment in order.shipments.iter_mut().filter(|shipment| shipment.status.is_open()) {
            for part in &mut shipment.lines {
                part.quantity += 1;
            }
        }
    }
    if world.has(Bug::DeniedReturnReceived) && package == "handle-returns" {
        for own in order.returns.iter_mut().filter(|own| own.status == ReturnStatus::Denied) {
            own.status = ReturnStatus::Approved;
        }
    }
    if world.has(Bug::FinalSaleReturned)
        && package == "handle-returns"
        && let Some(terms) = &mut order.return_terms
    {
        terms.except.clear();
    }
    if world.has(Bug::StepSkipped) && package == "update-status" && order.status == Status::Pending {
        order.status = Status::Confirmed;
    }
    stored
}

/// What a use case with the mistake would have written; nothing if it writes nothing and believes that it has.
pub(crate) fn miswrite(world: &World, commit: &Commit) -> Option<Commit> {
    if !world.has_any() {
        return Some(commit.clone());
    }
    let mut wrong = commit.clone();
    let change = &mut wrong.change;
    misplace(world, change);
    if world.has(Bug::PromotionNotCounted) {
        wrong
            .companions
            .retain(|beside| !matches!(beside, Companion::Usage(step) if is_promotion(step) && step.delta >= 0));
    }
    if world.has(Bug::PromotionWithoutCondition) {
        for companion in &mut wrong.companions {
            if let Companion::Usage(step) = companion {
                step.limit = None;
            }
        }
    }
    if world.has(Bug::PromotionNotGivenBack) {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Usage(step) if step.delta <= 0));
    }
    if world.has(Bug::PaidOrderKeepsItsUse) && change.order.paid_at.is_some() {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Usage(step) if step.delta <= 0));
    }
    if world.has(Bug::OldFactsSold) {
        wrong.catalog_versions.clear();
    }
    if world.has(Bug::OpenOrderNotGivenBack) {
        for companion in &mut wrong.companions {
            if let Companion::Account(step) = companion {
                step.open = step.open.filter(|open| *open != OpenOrder::Ends);
            }
        }
    }
    if world.has(Bug::RefundOnlyInQueue) {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Refund(_)));
    }
    if world.has(Bug::ShipmentRecordForgotten) {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Shipment(_)));
    }
    if world.has(Bug::ParcelNotKnown) {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Parcel(_)));
    }
    if world.has(Bug::SilentParcelForgotten) {
        for companion in &mut wrong.companions {
            if let Companion::Parcel(ParcelStep::Taken { look_at, .. }) = companion {
                *look_at = None;
            }
        }
    }
    if world.has(Bug::LabelOnlyInMind) {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Label(_)));
    }
    if world.has(Bug::NoIdempotencyRecord) {
        wrong.companions.retain(|beside| !matches!(beside, Companion::Command(_)));
    }
    if world.has(Bug::PagesNotLookedAt) {
        for companion in &mut wrong.companions {
            if let Companion::Checkout(session) = companion {
                session.look_at = None;
            }
        }
    }
    if world.has(Bug::EventNotStored) && change.events.len() > 1 {
        change.events.pop();
    }
    if world.has(Bug::StateChangedBesideEvents) && change.order.status == Status::Shipped {
        change.order.paid_at = None;
    }
    if world.has(Bug::ChainNotLinked) && change.events.len() > 1 {
        let first = change.events[0].clone();
        change.events[1].body = first.body;
    }
    if world.has(Bug::NoVersionCondition)
        && let Some(found) = world.store.all_orders().into_iter().find(|order| order.id == change.order.id)
    {
        change.base_version = change.base_version.map(|_| found.version);
    }
    retold(world, wrong)
}

/// The mistakes that are about stock.
fn misplace(world: &World, change: &mut Change) {
    if world.has(Bug::StockNotReserved) {
        change.stock.retain(|part| part.kind != MoveKind::Reserve);
    }
    if world.has(Bug::NoConditionOnStock) {
        for part in change.stock.iter_mut().filter(|part| part.kind == MoveKind::Reserve) {
            part.quantity = part.quantity.min(world.store.product_now(part.product_id).stock.available);
        }
        change.stock.retain(|part| part.quantity > 0);
    }
    let takes_out = change.events.iter().any(|event| event.body.contains("\"type\":\"OrderLinesCancelled\""));
    if world.has(Bug::TakenOutAndReserved) && takes_out {
        change.stock.retain(|part| part.kind != MoveKind::Release);
    }
    let tells = |wanted: &str| change.events.iter().any(|event| event.body.contains(&format!("\"type\":\"{wanted}\"")));
    let (adds, lapses) = (tells("OrderChanged") || tells("OrderChangeOffered"), tells("OrderChangeLapsed"));
    if world.has(Bug::AddedWithoutStock) && adds {
        change.stock.retain(|part| part.kind != MoveKind::Reserve);
    }
    if world.has(Bug::LapsedAndReserved) && lapses {
        change.stock.retain(|part| part.kind != MoveKind::Release);
    }
    if world.has(Bug::StockNotReleased) {
        change.stock.retain(|part| part.kind != MoveKind::Release);
    }
    if world.has(Bug::StockReleasedTwice) {
        for part in change.stock.iter_mut().filter(|part| part.kind == MoveKind::Release) {
            part.quantity *= 2;
        }
    }
    if world.has(Bug::StockNotConsumed) {
        change.stock.retain(|part| part.kind != MoveKind::Consume);
    }
    if world.has(Bug::UnitsShippedTwice) {
        for part in change.stock.iter_mut().filter(|part| part.kind == MoveKind::Consume) {
            part.quantity *= 2;
        }
    }
    if world.has(Bug::CancelledShipmentSetFree) && change.order.status == Status::Processing {
        let cancelled = |sealed: &oms_domain::chain::Sealed| sealed.body.contains("OrderShipmentCancelled");
        if change.events.iter().any(cancelled)
            && let Some(line) = change.order.lines.first()
        {
            let (product_id, kind) = (line.product_id, MoveKind::Release);
            change.stock.push(oms_domain::catalog::stock::StockMove { product_id, kind, quantity: 1 });
        }
    }
    if world.has(Bug::DamagedGoodsSold) {
        for part in change.stock.iter_mut().filter(|part| part.kind == MoveKind::Restock(Condition::Damaged)) {
            part.kind = MoveKind::Restock(Condition::Sellable);
        }
    }
    if world.has(Bug::ReturnNotRestocked) {
        change.stock.retain(|part| !matches!(part.kind, MoveKind::Restock(_) | MoveKind::Discard));
    }
    if world.has(Bug::ReplacedWithoutStock) {
        change.stock.retain(|part| part.kind != MoveKind::ReserveAgain);
    }
    if world.has(Bug::ReturnedParcelNotCounted) {
        change.stock.retain(|part| part.kind != MoveKind::PutBack);
    }
}

fn is_promotion(step: &UsageStep) -> bool {
    match step.counter {
        UsageCounter::Promotion(_) | UsageCounter::PromotionOfCustomer(..) => true,
        UsageCounter::Creations(..) => false,
    }
}

/// The same with other events.
fn retold(world: &World, commit: Commit) -> Option<Commit> {
    let records: Vec<Record> =
        commit.change.events.iter().filter_map(|event| serde_json::from_str(&event.body).ok()).collect();
    let before = commit
        .change
        .base_version
        .and_then(|_| world.store.all_orders().into_iter().find(|order| order.id == commit.change.order.id));
    let over = before.as_ref().is_some_and(|order| order.status.is_terminal());
    let holds = |wanted: fn(&Event) -> bool| records.iter().any(|record| wanted(&record.event));
    let paid = holds(|event| matches!(event, Event::Payment(PaymentEvent::OrderPaymentConfirmed { .. })));
    let unwritten = (world.has(Bug::LatePaymentIgnored) && over && paid)
        || (world.has(Bug::RefundNotRecorded)
            && holds(|event| matches!(event, Event::Refund(RefundEvent::OrderRefundCompleted { .. }))))
        || (world.has(Bug::FailedRefundForgotten)
            && holds(|event| matches!(event, Event::Refund(RefundEvent::OrderRefundFailed { .. }))))
        || (world.has(Bug::LateLabelIgnored)
            && holds(|event| matches!(event, Event::Label(LabelEvent::OrderLabelBought { .. })))
            && holds(|event| matches!(event, Event::Label(LabelEvent::OrderLabelVoidRequested { .. }))));
    if unwritten {
        return None;
    }
    let mut told: Vec<Event> =
        records.iter().filter_map(|record| misremembered(world, &record.event, before.as_ref())).collect();
    if world.has(Bug::NoteInEvent) {
        let texts = commit.companions.iter().filter_map(|beside| {
            if let Companion::Written(written) = beside { Some(written.text.clone()) } else { None }
        });
        for (event, text) in told.iter_mut().zip(texts) {
            if let Event::Note(NoteEvent::OrderNoteAdded { note, .. }) = event {
                *note = text.into();
            }
        }
    }
    if world.has(Bug::NewAddressInEvent) {
        let text = commit.companions.iter().find_map(|beside| {
            if let Companion::Written(written) = beside { Some(written.text.clone()) } else { None }
        });
        for event in &mut told {
            if let Event::Change(ChangeEvent::OrderChanged { revision, .. }) = event
                && let Some(text) = &text
            {
                revision.written = Some(text.clone().into());
            }
        }
    }
    let first = records.first()?;
    let mut provenance =
        Provenance { at: first.at, actor: first.actor.clone(), correlation_id: first.correlation_id.clone() };
    if world.has(Bug::ActorLost) {
        provenance.actor = Actor::system("unknown");
    }
    if world.has(Bug::PersonalDataInEvents) && before.is_none() {
        provenance.correlation_id = "ada.lovelace@example.com".into();
    }
    let same = told.iter().eq(records.iter().map(|record| &record.event))
        && provenance.actor == first.actor
        && provenance.correlation_id == first.correlation_id;
    let current = before.as_ref().is_none_or(|order| Some(order.version) == commit.change.base_version);
    if same || !current || told.is_empty() {
        return Some(commit);
    }
    rebuilt(commit, before.as_ref(), told, &provenance)
}

/// The return that a refund is for.
fn of_return(event: &Event) -> Option<u16> {
    let Event::Refund(RefundEvent::OrderRefundInitiated { part: Some(part), .. }) = event else { return None };
    part.of_return
}

fn rebuilt(commit: Commit, before: Option<&Order>, told: Vec<Event>, provenance: &Provenance) -> Option<Commit> {
    let change = Change::new(commit.change.order.id, before, told, provenance).ok()?;
    Some(Commit { change, ..commit })
}

/// An event as the mistake tells it; nothing if it is forgotten.
fn misremembered(world: &World, event: &Event, before: Option<&Order>) -> Option<Event> {
    let forgotten = if let Event::Refund(RefundEvent::OrderRefundInitiated { reason, .. }) = event {
        match reason {
            RefundReason::OrderCancelled => world.has(Bug::CancelledWithoutRefund),
            RefundReason::LatePayment => world.has(Bug::LatePaymentKept),
            RefundReason::DuplicatePayment => world.has(Bug::SecondPaymentKept),
            RefundReason::Changed => world.has(Bug::ChangeWithoutRefund),
            RefundReason::Superseded => world.has(Bug::SupersededPaymentKept),
            RefundReason::Return | RefundReason::Partial | RefundReason::AtProvider => false,
        }
    } else {
        false
    };
    let taken_out = |part: &RefundPart| {
        !part.lines.is_empty() && part.unshipped == Unshipped::Ship && part.note.is_empty() && part.of_return.is_none()
    };
    let forgotten = forgotten
        || world.has(Bug::ReceiptWithoutRefund) && of_return(event).is_some()
        || world.has(Bug::TakenOutWithoutRefund)
            && matches!(event, Event::Refund(RefundEvent::OrderRefundInitiated { part: Some(part), .. }) if taken_out(part))
        || world.has(Bug::LabelOfCancelledShipmentKept)
            && matches!(event, Event::Label(LabelEvent::OrderLabelVoidRequested { .. }));
    let mut event = event.clone();
    if let (Event::Refund(RefundEvent::OrderRefundInitiated { amount, part: Some(part), .. }), Some(order)) =
        (&mut event, before)
        && part.of_return.is_some()
        && world.has(Bug::ConditionIgnored)
    {
        *amount = (*amount + part.withheld).min(order.refundable());
    }
    if let Event::Checkout(CheckoutEvent::OrderCreated { totals, .. }) = &mut event
        && world.has(Bug::TotalOffByOne)
    {
        totals.total = totals.total + Amount::from_minor(1);
    }
    if let Event::Checkout(CheckoutEvent::OrderCreated { totals, shipping_method, .. }) = &mut event
        && shipping_method == PARCEL
    {
        let wrong = [
            (Bug::CarrierPriceIgnored, Amount::from_minor(PARCEL_PRICE)),
            (Bug::CarrierPriceOfAnotherCart, carrier_price(PARCEL_RATE, BOX_GRAMS)),
        ];
        if let Some((_, price)) = wrong.into_iter().find(|(bug, _)| world.has(*bug)) {
            totals.total = totals.total + price - totals.shipping;
            totals.shipping = price;
        }
    }
    if let (Event::Checkout(CheckoutEvent::OrderSubmitted { total, terms: Some(terms), .. }), Some(draft)) =
        (&mut event, before)
        && world.has(Bug::SubmitOnOldTerms)
    {
        *total = draft.totals.total;
        **terms = Terms { uses: terms.uses.clone(), promotions: terms.promotions.clone(), ..Terms::of(draft) };
    }
    if let Event::Change(ChangeEvent::OrderChangeOffered { change, revision, .. }) = &event
        && world.has(Bug::ChangedUnpaid)
    {
        let (change, revision, draft) = (*change, revision.clone(), None);
        event = ChangeEvent::OrderChanged { change, revision, draft }.into();
    }
    Some(event).filter(|_| !forgotten)
}
