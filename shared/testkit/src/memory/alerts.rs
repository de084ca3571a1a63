//! Alerts that are remembered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oms_app::ports::{Alert, Alerts, LowStock, PublishError};

#[derive(Debug, Default)]
struct Told {
    alerts: Vec<Alert>,
    failures: VecDeque<PublishError>,
}

/// Tells into memory. Clones share what was told.
#[derive(Debug, Clone, Default)]
pub struct MemoryAlerts(Arc<Mutex<Told>>);

impl MemoryAlerts {
    /// The next alert is not published.
    pub fn fail_next(&self) {
        self.0.lock().unwrap().failures.push_back(PublishError("a fault that the test asked for".into()));
    }

    /// Of which products they were told that little is left.
    pub fn low_stock(&self) -> Vec<LowStock> {
        let low = |alert| if let Alert::LowStock(alert) = alert { Some(alert) } else { None };
        self.told().into_iter().filter_map(low).collect()
    }

    /// What administrators were told, in order.
    pub fn told(&self) -> Vec<Alert> {
        self.0.lock().unwrap().alerts.clone()
    }
}

#[async_trait]
impl Alerts for MemoryAlerts {
    async fn tell(&self, alert: &Alert) -> Result<(), PublishError> {
        let mut told = self.0.lock().unwrap();
        if let Some(failure) = told.failures.pop_front() {
            return Err(failure);
        }
        told.alerts.push(alert.clone());
        Ok(())
    }
}
