//! Money that is here settles its checkout session, whether the order wants it or gives it back: nobody has to look at that
//! session again. The sessions of other attempts stay follow-ups, since they have to be closed.

use oms_domain::ordering::{Event, PaymentEvent};

use crate::ports::SettledSession;

pub(super) fn of(event: &Event) -> Option<SettledSession> {
    let Event::Payment(PaymentEvent::OrderPaymentConfirmed { payment_id, .. }) = event else { return None };
    Some(SettledSession(*payment_id))
}
