//! What is ready, and what is not told in time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use oms_app::platform::health::Health;
use oms_app::ports::Probe;

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
