//! What was told of the functions' work.

use std::sync::{Arc, Mutex};

use oms_app::ports::{Journal, Line};

/// Keeps every line; a cheap handle.
#[derive(Clone, Default)]
pub struct MemoryJournal(Arc<Mutex<Vec<Line>>>);

impl MemoryJournal {
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

impl Journal for MemoryJournal {
    fn tell(&self, line: &Line) {
        self.0.lock().unwrap().push(line.clone());
    }
}
