//! Decisions about customers as admins see them.

use jiff::Timestamp;
use oms_app::ports::Standing;
use oms_runtime::http::view::ActorView;
use serde::Serialize;
use utoipa::ToSchema;

/// A decision about a customer's account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "blocked": true, "reason": "three chargebacks", "actor": {"id": "grace", "role": "admin"}, "timestamp": "2026-01-05T10:00:00Z"
})))]
pub struct StandingView {
    /// Whether the customer is blocked from placing orders.
    pub blocked: bool,
    /// Reason.
    pub reason: String,
    /// Who made the decision.
    pub actor: ActorView,
    /// When it happened.
    pub timestamp: Timestamp,
}

impl StandingView {
    /// The decision as admins see it.
    pub fn of(standing: &Standing) -> Self {
        StandingView {
            blocked: standing.blocked,
            reason: standing.reason.clone(),
            actor: ActorView::of(&standing.by),
            timestamp: standing.at,
        }
    }
}
