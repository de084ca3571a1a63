//! A page of a list as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageView<T> {
    /// Entries of this page.
    pub data: Vec<T>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// Send this as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
}
