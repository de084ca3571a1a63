//! Alive, and ready with what it depends on (P3).

use std::sync::Arc;

use crate::ports::Probe;

/// The use case.
pub struct Health {
    probes: Vec<Arc<dyn Probe>>,
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
        Health { probes }
    }

    /// What every dependency answers; asked all at once.
    pub async fn ready(&self) -> Vec<Dependency> {
        let asked = self.probes.iter().map(|probe| async {
            let answer = probe.check().await;
            if let Err(why) = &answer {
                tracing::error!(dependency = probe.name(), why, "dependency is not ready");
            }
            Dependency { name: probe.name().to_owned(), ready: answer.is_ok() }
        });
        futures::future::join_all(asked).await
    }
}
