//! The fingerprint of the creating request, an attribute of the order's own item.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use oms_app::ports::{CommitError, RequestFingerprint, StoreError};
use oms_domain::ordering::Order;

use super::beside::{Beside, unknown_to_its_order};
use crate::dynamodb::item::{Item, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

impl Beside for RequestFingerprint {
    fn item(&self, _order: &Order, _tables: &Tables) -> Result<Option<TransactWriteItem>, StoreError> {
        Ok(None)
    }

    fn order_attribute(&self) -> Option<(&'static str, AttributeValue)> {
        Some((keys::REQUEST, text(&self.0)))
    }

    fn refusal(&self, _found: Option<&Item>) -> Result<CommitError, StoreError> {
        Err(unknown_to_its_order())
    }
}
