//! Figures for operators.

pub mod business_metrics;
pub mod count_orders;
