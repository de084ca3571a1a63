//! Tells the customer: one message per order, event and channel (I1–I6, D7).
//!
//! 1. Which text, if any, does this event carry? Load the order and its person record (one round trip).
//! 2. Does it tell of parcels? Then it has a signed link to follow them by, if the key can be had.
//! 3. For each channel on which the customer can be reached, text messages only in the countries that the shop named: begin the
//!    notice, send, mark it sent.
//!
//! Guarantee: a message delivered twice by the queue is sent once, since a finished notice is not sent again. Only a
//! crash between the sender's acknowledgement and the mark can repeat a message, and a sender that knows idempotency
//! keys gets the notice's id as one; losing the message would be worse. A refusal for good (a number that does not
//! exist) ends the notice and is counted, because nobody would hear of it otherwise.

use std::sync::Arc;

use oms_domain::messaging::{CallingCodes, Channel, MessageKind, channels, sms_segments};
use oms_domain::public_event::CloudEvent;

use crate::customers::limits::{Limiter, Limits};
use crate::error::Error;
use crate::messaging::texts::{Texts, Told};
use crate::messaging::tracking_links::TrackingLinks;
use crate::ports::{Claim, Clock, Line, Message, Messenger, Metrics, Notice, Notices, Orders, SendError, Unit};

pub struct Notify {
    orders: Arc<dyn Orders>,
    notices: Arc<dyn Notices>,
    messenger: Arc<dyn Messenger>,
    clock: Arc<dyn Clock>,
    texts: Arc<Texts>,
    metrics: Option<Arc<dyn Metrics>>,
    limiter: Limiter,
    codes: CallingCodes,
    links: Option<TrackingLinks>,
}

impl Notify {
    pub fn new(
        texts: Arc<Texts>,
        orders: Arc<dyn Orders>,
        notices: Arc<dyn Notices>,
        messenger: Arc<dyn Messenger>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let limiter = Limiter::new(Limits::default(), clock.clone());
        let codes = CallingCodes::NONE;
        Notify { orders, notices, messenger, clock, texts, metrics: None, limiter, codes, links: None }
    }

    /// Sends text messages to numbers of these countries; without it to none.
    #[must_use]
    pub fn texting(self, codes: CallingCodes) -> Self {
        Notify { codes, ..self }
    }

    /// Counts messages by recipient.
    #[must_use]
    pub fn with_limits(self, limiter: Limiter) -> Self {
        Notify { limiter, ..self }
    }

    /// Messages that tell of parcels have a link to follow them by.
    #[must_use]
    pub fn with_links(self, links: TrackingLinks) -> Self {
        Notify { links: Some(links), ..self }
    }

    /// Tells here what is refused for good.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<dyn Metrics>) -> Self {
        Notify { metrics: Some(metrics), ..self }
    }

    /// Runs it for one event.
    pub async fn run(&self, event: &CloudEvent) -> Result<(), Error> {
        let Some(kind) = MessageKind::about(&event.data.fact) else { return Ok(()) };
        let stored = self.orders.load(event.subject).await?.ok_or(Error::NotFound)?;
        // Somebody who was erased is not written to.
        let Some(person) = &stored.person else { return Ok(()) };
        let link = self.tracking_link(event, kind).await;
        let told = Told { stored: &stored, event, kind, link: link.as_deref() };
        for channel in channels(&person.contact, kind, &stored.order, &self.codes) {
            self.tell(&told, channel).await?;
        }
        Ok(())
    }

    /// Where the customer follows the parcels that the message tells of. Without a key the message leaves without it: the carrier's
    /// own link is in it all the same, and to be told late would be worse.
    async fn tracking_link(&self, event: &CloudEvent, kind: MessageKind) -> Option<String> {
        let links = self.links.as_ref().filter(|_| kind.tells_of_parcels())?;
        let link = links.of(event.subject, event.time).await;
        link.inspect_err(|error| tracing::error!(%error, "a message leaves without its tracking link")).ok()
    }

    async fn tell(&self, told: &Told<'_>, channel: Channel) -> Result<(), Error> {
        let Told { stored, event, .. } = *told;
        let notice = Notice { order_id: event.subject, version: event.data.version, channel };
        match self.notices.begin(&notice, self.clock.now()).await? {
            Claim::Done => return Ok(()),
            Claim::Unfinished => tracing::info!(notice = %notice.id(), "message is taken up again"),
            Claim::Fresh => {}
        }
        let message = self.texts.message(told, notice)?;
        // Whoever has paid is told everything; to whom others may have ordered in their name, not too much of it.
        let order = &stored.order;
        let unpaid = order.paid_at.is_none() && !order.ledger.captured().is_positive();
        if unpaid && !self.limiter.may_write_to(&message.to).await? {
            tracing::warn!(notice = %notice.id(), "the recipient has had too many messages about unpaid orders");
            return Ok(self.notices.finish(&notice, self.clock.now()).await?);
        }
        match self.messenger.send(&message).await {
            Ok(()) if channel == Channel::Sms => self.tell_segments(event, &message),
            Ok(()) => {}
            Err(SendError::Transient(why)) => return Err(Error::ServiceUnavailable(why)),
            Err(SendError::Permanent(why)) => {
                tracing::error!(notice = %notice.id(), why, "message is refused for good");
                self.tell_refusal(event, &notice);
            }
        }
        Ok(self.notices.finish(&notice, self.clock.now()).await?)
    }

    /// Text messages are paid by the segment, and no metric of AWS counts those.
    fn tell_segments(&self, event: &CloudEvent, message: &Message) {
        let Some(metrics) = &self.metrics else { return };
        let line = Line::new("text message").fact("correlation_id", &event.correlationid);
        let line = line.fact("notice", &message.notice.id()).fact("kind", message.kind.name());
        let segments = u64::try_from(sms_segments(&message.body)).unwrap_or(u64::MAX);
        metrics.emit(&line.figure("sms_segments", Unit::Count, segments));
    }

    fn tell_refusal(&self, event: &CloudEvent, notice: &Notice) {
        let Some(metrics) = &self.metrics else { return };
        let line = Line::new("message refused").fact("correlation_id", &event.correlationid);
        let line = line.fact("notice", &notice.id()).fact("channel", notice.channel.name());
        metrics.emit(&line.figure("messages_refused", Unit::Count, 1));
    }
}
