//! What PayPal's words mean in ours.

use oms_app::ports::{Receipt, RefundState, SessionRef, SessionState};
use oms_domain::payments::{MethodToken, PaymentOutcome};

use super::wire::{Amount, Capture, CaptureStatus, Mark, Order, OrderStatus, Refund, RefundStatus};

/// PayPal's answer contradicts itself, or what we asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradiction(pub(super) &'static str);

/// Where a capture stands.
pub(super) enum Captured {
    /// PayPal works on it.
    Waiting,
    Over(PaymentOutcome),
}

/// An attempt that failed, and why, as a word for machines.
pub(super) fn failed(reason: &str, otherwise: &str) -> PaymentOutcome {
    let reason = if reason.is_empty() { otherwise.to_owned() } else { reason.to_ascii_lowercase() };
    PaymentOutcome::Failed { reason }
}

/// Where an order of ours stands. It must be the order of this page: an answer about another one is none.
pub(super) fn page_state(order: &Order, page: &SessionRef) -> Result<SessionState, Contradiction> {
    if order.mark() != Some(Mark::Payment(page.order_id, page.payment_id)) {
        return Err(Contradiction("PayPal's order is not of this payment"));
    }
    order_state(order)
}

pub(super) fn order_state(order: &Order) -> Result<SessionState, Contradiction> {
    Ok(match order.status {
        OrderStatus::Created | OrderStatus::Saved | OrderStatus::PayerActionRequired => SessionState::Open,
        OrderStatus::Approved => SessionState::Approved,
        OrderStatus::Voided => SessionState::Over(failed("voided", "")),
        OrderStatus::Unknown => SessionState::Processing,
        OrderStatus::Completed => {
            let capture = deciding(order).ok_or(Contradiction("PayPal's order is complete without a capture"))?;
            match captured(capture, Some(order))? {
                Captured::Waiting => SessionState::Processing,
                Captured::Over(outcome) => SessionState::Over(outcome),
            }
        }
    })
}

/// Of several captures of one order, the one that says where the order stands: money there, money on its way, none.
fn deciding(order: &Order) -> Option<&Capture> {
    order.captures().min_by_key(|capture| match capture.status {
        CaptureStatus::Completed | CaptureStatus::PartiallyRefunded | CaptureStatus::Refunded => 0,
        CaptureStatus::Pending | CaptureStatus::Unknown => 1,
        CaptureStatus::Declined | CaptureStatus::Failed => 2,
    })
}

/// Where a capture stands; what the customer lets us keep is known to its order only.
pub(super) fn captured(capture: &Capture, order: Option<&Order>) -> Result<Captured, Contradiction> {
    Ok(match capture.status {
        CaptureStatus::Pending | CaptureStatus::Unknown => Captured::Waiting,
        CaptureStatus::Declined | CaptureStatus::Failed => {
            Captured::Over(failed(&capture.status_details.reason, "declined"))
        }
        // What went back later was there first.
        CaptureStatus::Completed | CaptureStatus::PartiallyRefunded | CaptureStatus::Refunded => {
            let amount = capture.amount.as_ref().and_then(Amount::money);
            let money = amount.ok_or(Contradiction("PayPal's capture has no amount that can be read"))?;
            let kept = order.and_then(kept);
            Captured::Over(PaymentOutcome::Succeeded { reference: capture.id.clone(), money, kept })
        }
    })
}

fn kept(order: &Order) -> Option<MethodToken> {
    let wallet = &order.payment_source.as_ref()?.paypal;
    let vault = wallet.attributes.vault.as_ref()?;
    let token = vault.id.clone().filter(|_| vault.status.as_deref() == Some("VAULTED"))?;
    let label = match &wallet.email_address {
        Some(address) => format!("paypal {}", masked(address)),
        None => "paypal".to_owned(),
    };
    Some(MethodToken { token, label, expires: None })
}

/// `jane@example.com` as `j…@example.com`: enough to tell two accounts apart, no address to write to.
fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    if domain.is_empty() { format!("{first}…") } else { format!("{first}…@{domain}") }
}

pub(super) fn receipt(refund: &Refund) -> Receipt {
    let state = match refund.status {
        RefundStatus::Completed => RefundState::Done,
        RefundStatus::Pending | RefundStatus::Unknown => RefundState::Pending,
        RefundStatus::Failed | RefundStatus::Cancelled => {
            let reason = &refund.status_details.reason;
            let reason = if reason.is_empty() { "failed".to_owned() } else { reason.to_ascii_lowercase() };
            RefundState::Failed(reason)
        }
    };
    Receipt { reference: refund.id.clone(), state }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_holds_no_address_to_write_to() {
        assert_eq!(masked("jane.doe@example.com"), "j…@example.com");
        assert_eq!(masked("@example.com"), "…@example.com");
        assert_eq!(masked("jane"), "j…");
    }
}
