//! HTTP to use case and back.

mod answer;
mod body;
pub mod bounded;
pub mod cart_body;
mod conditions;
pub mod heads;
pub mod html;
mod intent;
pub mod language;
pub mod note_view;
mod page;
mod problem;
mod query;
pub mod quote_view;
pub mod refund_view;
mod request;
pub mod return_view;
mod serve;
pub mod shape;
pub mod totals;
pub mod tracking;
pub mod view;
pub mod words;

pub use answer::Answer;
pub use body::{read_json, read_optional_json};
pub use page::PageView;
pub use problem::{Alternative, Problem, ProblemBody, ProblemField};
pub use query::{Query, time_of};
pub use request::{MAX_BODY_BYTES, Request, RoleNames};
pub(crate) use serve::serve_request;
