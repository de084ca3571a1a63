//! Figures for operators.

pub mod count_orders;
pub mod figures;
