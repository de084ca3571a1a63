//! HTTP to use case and back.

mod answer;
mod body;
pub mod cart_body;
mod conditions;
mod page;
mod problem;
pub mod refund_view;
mod request;
mod serve;
pub mod view;

pub use answer::Answer;
pub use body::{Checked, one_line, read_json};
pub use page::PageView;
pub use problem::{Alternative, Problem, ProblemBody, ProblemField, price_field, refused_field};
pub use request::{MAX_BODY_BYTES, Request};
pub(crate) use serve::serve_request;
