//! Faults that were found by looking at what a real account would do, each under the name of its row.

mod redrive;
mod stock;
