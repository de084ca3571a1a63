//! Alerts that are remembered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oms_app::ports::{Alerts, LowStock, PublishError};

#[derive(Debug, Default)]
struct Told {
    alerts: Vec<LowStock>,
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

    /// What administrators were told, in order.
    pub fn told(&self) -> Vec<LowStock> {
        self.0.lock().unwrap().alerts.clone()
    }
}

#[async_trait]
impl Alerts for MemoryAlerts {
    async fn low_stock(&self, alert: &LowStock) -> Result<(), PublishError> {
        let mut told = self.0.lock().unwrap();
        if let Some(failure) = told.failures.pop_front() {
            return Err(failure);
        }
        told.alerts.push(alert.clone());
        Ok(())
    }
}
