//! Ports at whose awaits a process dies: before a call was made, and after it was made and before its answer was seen.
//!
//! A test counts the steps up from one until the work ends by itself, so every place is tried and none is sampled.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::FutureExt as _;
use jiff::Timestamp;
use oms_app::ports::{
    AddressFault, Agenda, BoughtLabel, Capabilities, CaptureRef, Carrier, CarrierDocument, CarrierError,
    CheckoutSession, CommandKey, CommandRecord, Commit, CommitError, DocumentKey, Documents, FollowUp, FollowUps,
    GatewayError, LabelRequest, ListQuery, Listing, MadeRefund, NoteError, OpenedSession, Orders, ParcelKey,
    ParcelRecord, Parcels, PaymentGateway, Push, PushError, Rate, RateRequest, Receipt, Recovered, RefundRequest,
    SessionRef, SessionRequest, SessionState, ShipmentListing, ShipmentQuery, StoreError, Stored, Tracker, TrackingRef,
    Unmatched, UnmatchedKey, UsageCounter, Voided, Webhook, WebhookError,
};
use oms_domain::chain::Sealed;
use oms_domain::fulfilment::scan::ParcelNews;
use oms_domain::ids::{OrderId, OrderNumber, PaymentId, UserId};
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Address;

/// Burns down a step at every await of the ports that it is attached to. Clones burn together.
#[derive(Debug, Clone)]
pub struct Fuse(Arc<AtomicUsize>);

impl Fuse {
    /// The process dies at this step, the first being 1.
    pub fn of(steps: usize) -> Self {
        Fuse(Arc::new(AtomicUsize::new(steps)))
    }

    async fn step(&self) {
        if self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) == Ok(1) {
            pending::<()>().await;
        }
    }

    async fn around<T>(&self, call: impl Future<Output = T> + Send) -> T {
        self.step().await;
        let answer = call.await;
        self.step().await;
        answer
    }
}

/// Runs work on ports in memory to its end, or to where its process dies; it never goes on from there.
pub fn until_killed<T>(work: impl Future<Output = T>) -> Option<T> {
    work.now_or_never()
}

/// A port with a fuse.
pub struct Fused<P: ?Sized> {
    fuse: Fuse,
    port: Arc<P>,
}

impl<P: ?Sized> Fused<P> {
    /// Attaches a fuse.
    pub fn new(port: Arc<P>, fuse: &Fuse) -> Arc<Self> {
        Arc::new(Fused { fuse: fuse.clone(), port })
    }
}

#[async_trait]
impl Orders for Fused<dyn Orders> {
    async fn load(&self, id: OrderId) -> Result<Option<Stored>, StoreError> {
        self.fuse.around(self.port.load(id)).await
    }

    async fn state(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.fuse.around(self.port.state(id)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        self.fuse.around(self.port.commit(commit)).await
    }

    async fn command(&self, id: OrderId, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        self.fuse.around(self.port.command(id, key)).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Listing, StoreError> {
        self.fuse.around(self.port.list(query)).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.fuse.around(self.port.due(now, limit)).await
    }

    async fn cart_claim(&self, user: &UserId, cart: &str, now: Timestamp) -> Result<Option<OrderId>, StoreError> {
        self.fuse.around(self.port.cart_claim(user, cart, now)).await
    }

    async fn used(&self, counters: &[UsageCounter]) -> Result<Vec<u32>, StoreError> {
        self.fuse.around(self.port.used(counters)).await
    }

    async fn numbered(&self, number: &OrderNumber) -> Result<Vec<OrderId>, StoreError> {
        self.fuse.around(self.port.numbered(number)).await
    }

    async fn shipments(&self, query: &ShipmentQuery) -> Result<ShipmentListing, StoreError> {
        self.fuse.around(self.port.shipments(query)).await
    }

    async fn events(&self, id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        self.fuse.around(self.port.events(id)).await
    }
}

#[async_trait]
impl FollowUps for Fused<dyn FollowUps> {
    async fn session(&self, order_id: OrderId, payment_id: PaymentId) -> Result<Option<CheckoutSession>, StoreError> {
        self.fuse.around(self.port.session(order_id, payment_id)).await
    }

    async fn keep(&self, record: &CheckoutSession) -> Result<(), StoreError> {
        self.fuse.around(self.port.keep(record)).await
    }

    async fn keep_unmatched(
        &self,
        unmatched: &Unmatched,
        look_at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.fuse.around(self.port.keep_unmatched(unmatched, look_at, until)).await
    }

    async fn unmatched(&self, key: &UnmatchedKey) -> Result<Option<Unmatched>, StoreError> {
        self.fuse.around(self.port.unmatched(key)).await
    }

    async fn due_follow_ups(&self, agenda: Agenda, now: Timestamp, limit: usize) -> Result<Vec<FollowUp>, StoreError> {
        self.fuse.around(self.port.due_follow_ups(agenda, now, limit)).await
    }

    async fn reschedule(&self, task: &FollowUp, at: Option<Timestamp>) -> Result<(), StoreError> {
        self.fuse.around(self.port.reschedule(task, at)).await
    }
}

#[async_trait]
impl PaymentGateway for Fused<dyn PaymentGateway> {
    fn name(&self) -> &str {
        self.port.name()
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        self.fuse.around(self.port.open(request)).await
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.fuse.around(self.port.look_up(page)).await
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.fuse.around(self.port.capture(page)).await
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.fuse.around(self.port.close(page)).await
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        self.fuse.around(self.port.read_webhook(headers, body, now)).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        self.fuse.around(self.port.refund(request)).await
    }

    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        self.fuse.around(self.port.refunds(capture)).await
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.fuse.around(self.port.forget(token)).await
    }
}

#[async_trait]
impl Tracker for Fused<dyn Carrier> {
    fn name(&self) -> &str {
        self.port.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.port.capabilities()
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        self.fuse.around(self.port.track(parcels)).await
    }

    async fn subscribe(&self, parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        self.fuse.around(self.port.subscribe(parcels)).await
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Push, PushError> {
        self.fuse.around(self.port.read_push(headers, body, now)).await
    }

    async fn accept_push(&self, subscription: &str, secret: &str) -> Result<(), CarrierError> {
        self.fuse.around(self.port.accept_push(subscription, secret)).await
    }
}

#[async_trait]
impl Carrier for Fused<dyn Carrier> {
    fn faults_of(&self, address: &Address) -> Vec<AddressFault> {
        self.port.faults_of(address)
    }

    async fn rates(&self, request: &RateRequest) -> Result<Vec<Rate>, CarrierError> {
        self.fuse.around(self.port.rates(request)).await
    }

    async fn buy_label(&self, request: &LabelRequest) -> Result<BoughtLabel, CarrierError> {
        self.fuse.around(self.port.buy_label(request)).await
    }

    async fn recover_label(&self, request: &LabelRequest) -> Result<Recovered, CarrierError> {
        self.fuse.around(self.port.recover_label(request)).await
    }

    async fn void_label(&self, reference: &str, tracking_numbers: &[String]) -> Result<Voided, CarrierError> {
        self.fuse.around(self.port.void_label(reference, tracking_numbers)).await
    }
}

#[async_trait]
impl Documents for Fused<dyn Documents> {
    async fn put(&self, key: &DocumentKey, document: &CarrierDocument) -> Result<(), StoreError> {
        self.fuse.around(self.port.put(key, document)).await
    }

    async fn link(&self, key: &DocumentKey, now: Timestamp, until: Timestamp) -> Result<String, StoreError> {
        self.fuse.around(self.port.link(key, now, until)).await
    }
}

#[async_trait]
impl Parcels for Fused<dyn Parcels> {
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        self.fuse.around(self.port.parcels(keys)).await
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        self.fuse.around(self.port.note(record)).await
    }
}
