//! A label that its carrier is asked for, or is to take back, is a follow-up from that transaction on: whoever dies meanwhile,
//! `settle-labels` finds it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::ids::LabelId;
use oms_domain::ordering::{Event, Order};

use crate::fulfilment::labels::{LOOK_AFTER_MINUTES, VOID_AFTER_MINUTES};
use crate::ports::LabelTask;

/// One for each label that was asked for, answered or given back.
pub(super) fn of(events: &[Event], order: &Order) -> impl Iterator<Item = LabelTask> {
    let labels: BTreeSet<LabelId> = events.iter().filter_map(concerned).collect();
    labels.into_iter().map(move |label_id| {
        let label = order.shipments.iter().find_map(|shipment| shipment.label(label_id));
        let minutes = label.and_then(|label| match label.status {
            LabelStatus::Requested => Some(LOOK_AFTER_MINUTES),
            LabelStatus::Voiding => Some(VOID_AFTER_MINUTES),
            LabelStatus::Unknown | LabelStatus::Bought => None,
        });
        let look_at = minutes.and_then(|minutes| order.updated_at.checked_add(SignedDuration::from_mins(minutes)).ok());
        LabelTask { label_id, look_at }
    })
}

fn concerned(event: &Event) -> Option<LabelId> {
    if let Event::Label(event) = event { Some(event.label().1) } else { None }
}
