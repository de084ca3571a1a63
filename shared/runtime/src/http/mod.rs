//! HTTP to use case and back.

mod answer;
mod body;
pub mod cart_body;
mod conditions;
mod problem;
pub mod quote_view;
pub mod refund_view;
mod request;
mod serve;
pub mod settings_view;
pub mod shelf_view;
pub mod view;

pub use answer::Answer;
pub use body::{Checked, one_line, read_json};
pub use problem::{Alternative, Problem, ProblemBody, ProblemField};
pub use request::{MAX_BODY_BYTES, Request};
pub(crate) use serve::serve_request;
