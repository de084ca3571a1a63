//! Decisions about customers as admins see them.

use jiff::Timestamp;
use oms_app::ports::Standing;
use oms_runtime::http::view::ActorView;
use serde::Serialize;
use utoipa::ToSchema;

/// A decision about a customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandingView {
    /// True: no new orders.
    pub blocked: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub actor: ActorView,
    /// When.
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
