//! What the functions of one test log.

use std::sync::{Arc, Mutex};

/// What this test's functions log, by the same formatter as in AWS.
#[derive(Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Logs {
    /// Listens to this thread, on which the whole instance runs. With a single listener, `tracing` would let whichever
    /// thread comes by first decide whether anybody listens at all; with two it asks both.
    pub(crate) fn listen(&self) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
        let lines = || {
            let logs = self.clone();
            let lines = tracing_subscriber::fmt().json().with_writer(move || logs.clone());
            tracing::Dispatch::new(lines.with_max_level(tracing::Level::INFO).finish())
        };
        let (own, second) = (lines(), lines());
        (second, tracing::dispatcher::set_default(&own))
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }
}
