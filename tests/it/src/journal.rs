//! What was told of the functions' work.

use std::sync::{Arc, Mutex};

use oms_app::ports::{Journal, Line};

/// Keeps every line.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<Line>>>);

impl Told {
    /// All lines so far, oldest first.
    pub fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().clone()
    }

    /// Every value that was told of a figure.
    pub fn figures(&self, name: &str) -> Vec<String> {
        let lines = self.lines();
        let figures = lines.iter().flat_map(|line| &line.figures).filter(|figure| figure.name == name);
        figures.map(|figure| figure.value.normalize().to_string()).collect()
    }
}

impl Journal for Told {
    fn tell(&self, line: &Line) {
        self.0.lock().unwrap().push(line.clone());
    }
}
