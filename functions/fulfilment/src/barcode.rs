//! An order's number as scanners read it: Code 128, drawn as one path.

use code128::Code128;
use serde::Serialize;

/// Width of a module, in hundredths of a millimetre: four dots of a printer with 300 dots to the inch. Scanners ask for 25.
const MODULE: usize = 33;

/// What a page draws: the blank that scanners need on both sides is part of it.
#[derive(Debug, Serialize)]
pub(crate) struct Barcode {
    /// One unit high.
    path: String,
    /// Width in modules.
    modules: usize,
    /// Width on paper, as CSS writes it.
    width: String,
}

impl Barcode {
    pub(crate) fn of(text: &str) -> Self {
        let code = Code128::encode(text.as_bytes());
        let bar = |bar: code128::BarCoordinate| format!("M{} 0h{}v1h-{}z", bar.x, bar.width, bar.width);
        let (modules, path) = (code.len(), code.bar_coordinates().map(bar).collect());
        let hundredths = modules * MODULE;
        Barcode { path, modules, width: format!("{}.{:02}mm", hundredths / 100, hundredths % 100) }
    }
}
