//! What was told of the functions' work.

use std::sync::{Arc, Mutex};

use oms_app::ports::{Line, Metrics};

/// Keeps every line; a cheap handle.
#[derive(Clone, Default)]
pub struct MemoryMetrics(Arc<Mutex<Vec<Line>>>);

impl MemoryMetrics {
    /// All lines so far, oldest first.
    pub fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().clone()
    }

    /// Name and value of every figure so far, oldest first.
    pub fn figures(&self) -> Vec<(&'static str, String)> {
        let lines = self.lines();
        let figures = lines.iter().flat_map(|line| &line.figures);
        figures.map(|figure| (figure.name, figure.value.normalize().to_string())).collect()
    }
}

impl Metrics for MemoryMetrics {
    fn emit(&self, line: &Line) {
        self.0.lock().unwrap().push(line.clone());
    }
}
