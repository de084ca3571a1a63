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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;

    struct Silent;

    #[async_trait]
    impl Probe for Silent {
        fn name(&self) -> &'static str {
            "silent"
        }

        async fn check(&self) -> Result<(), String> {
            std::future::pending().await
        }
    }

    struct Prompt;

    #[async_trait]
    impl Probe for Prompt {
        fn name(&self) -> &'static str {
            "prompt"
        }

        async fn check(&self) -> Result<(), String> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn p3_a_dependency_that_does_not_answer_is_not_ready_and_keeps_nobody_waiting() {
        let health = Health::new(vec![Arc::new(Silent), Arc::new(Prompt)]).waiting(Duration::from_millis(20));
        let ready = health.ready().await.into_iter().map(|dependency| (dependency.name, dependency.ready));
        assert_eq!(ready.collect::<Vec<_>>(), [("silent".to_owned(), false), ("prompt".to_owned(), true)]);
    }
}
