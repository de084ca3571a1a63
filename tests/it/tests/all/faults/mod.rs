//! Faults that were found by trying the product, each under the name of its row.

mod agenda;
mod stream;
