//! Lines that Lambda could not sort.

use std::io::Write;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use oms_runtime::log;
use serde_json::Value;

/// Keeps what is written.
#[derive(Clone, Default)]
pub(crate) struct Kept(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn written(level: &str) -> Vec<Value> {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing::subscriber::with_default(log::lines(level, "", move || writer.clone()), || {
        let _span = tracing::info_span!("work", function = "payment-callback", correlation_id = "c-1").entered();
        tracing::info!("all is well");
        tracing::warn!(order_id = "o-1", "something is odd");
        tracing::error!("an amount does not match");
    });
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn s5_every_line_has_a_level_and_a_time_in_rfc_3339() {
    let lines = written("INFO");
    let levels: Vec<&str> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["INFO", "WARN", "ERROR"]);
    for line in &lines {
        assert!(line["timestamp"].as_str().unwrap().parse::<Timestamp>().is_ok(), "{line}");
        // What the metric filter of payment errors looks at.
        assert_eq!(line["span"]["function"], "payment-callback");
    }
}

#[test]
fn s5_a_higher_level_drops_no_errors_and_an_unknown_one_is_info() {
    let levels = |level: &str| written(level).iter().map(|line| line["level"].to_string()).collect::<Vec<_>>();
    assert_eq!(levels("WARN"), ["\"WARN\"", "\"ERROR\""]);
    assert_eq!(levels("loud").len(), 3);
}
