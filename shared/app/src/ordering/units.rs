//! Units of lines, as clients name them and as orders do.

use oms_domain::fulfilment::LineQuantity;
use oms_domain::ordering::Order;

use crate::error::Field;

/// Units of a line, as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// The line's id.
    pub line_id: String,
    /// How many units, at least one.
    pub quantity: u32,
}

/// The same in the order's own terms, and what is wrong with them.
pub(crate) fn named(order: &Order, units: &[Units]) -> (Vec<LineQuantity>, Vec<Field>) {
    let (mut lines, mut faults) = (Vec::<LineQuantity>::with_capacity(units.len()), Vec::new());
    for (place, units) in units.iter().enumerate() {
        let known = order.lines.iter().find(|line| order.id.line(line.line).to_string() == units.line_id);
        match known.map(|line| line.line) {
            None => faults.push(Field::new(format!("/lines/{place}/line_id"), "is not a line of the order")),
            Some(line) if lines.iter().any(|earlier| earlier.line == line) => {
                faults.push(Field::new(format!("/lines/{place}/line_id"), "is already listed"));
            }
            Some(line) => lines.push(LineQuantity { line, quantity: units.quantity }),
        }
    }
    (lines, faults)
}
