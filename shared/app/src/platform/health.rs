//! Alive, and ready with what it depends on (P3).

use std::sync::Arc;
use std::time::Duration;

use crate::ports::Probe;

/// How long a dependency may take to answer: one that is slower cannot be used either, and whoever asks wants to know.
pub const PATIENCE: Duration = Duration::from_secs(3);

pub struct Health {
    probes: Vec<Arc<dyn Probe>>,
    patience: Duration,
}

/// What a dependency answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// What it is.
    pub name: String,
    /// Whether it can be used.
    pub ready: bool,
}

impl Health {
    /// Asks after these.
    pub fn new(probes: Vec<Arc<dyn Probe>>) -> Self {
        Health { probes, patience: PATIENCE }
    }

    /// Waits that long for each instead.
    #[must_use]
    pub fn waiting(self, patience: Duration) -> Self {
        Health { patience, ..self }
    }

    /// What every dependency answers; asked all at once.
    pub async fn ready(&self) -> Vec<Dependency> {
        let asked = self.probes.iter().map(|probe| async {
            let answer = tokio::time::timeout(self.patience, probe.check()).await;
            let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {:?}", self.patience)));
            if let Err(why) = &answer {
                tracing::error!(dependency = probe.name(), why, "dependency is not ready");
            }
            Dependency { name: probe.name().to_owned(), ready: answer.is_ok() }
        });
        futures::future::join_all(asked).await
    }
}
