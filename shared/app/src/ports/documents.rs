//! Documents that are printed or shown: labels today. They name people, so they are kept encrypted, are reached by links that soon
//! end, and go by themselves.

use async_trait::async_trait;
use jiff::Timestamp;
use oms_domain::fulfilment::label::DocumentFormat;
use oms_domain::ids::{LabelId, OrderId};

use super::{CarrierDocument, StoreError};

/// Names a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentKey {
    /// Where it is kept: segments of letters, digits, hyphens and a dot, with slashes in between.
    pub path: String,
    pub format: DocumentFormat,
}

impl DocumentKey {
    /// The `number`th document of a label, counted from 1.
    pub fn of_label(order: OrderId, label: LabelId, number: usize, format: DocumentFormat) -> Self {
        DocumentKey { path: format!("labels/{order}/{label}/{number}.{}", format.extension()), format }
    }
}

/// Where documents are kept.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Keeps it. What was kept under this name is replaced.
    async fn put(&self, key: &DocumentKey, document: &CarrierDocument) -> Result<(), StoreError>;

    /// An address under which whoever has it can read the document until then.
    async fn link(&self, key: &DocumentKey, now: Timestamp, until: Timestamp) -> Result<String, StoreError>;
}
