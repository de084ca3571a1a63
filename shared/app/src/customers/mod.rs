//! What the shop knows of its customers beside their orders.

pub mod change_standing;
pub mod limits;
pub mod view_standing;
