//! The terms of returns that an order was placed on.

use oms_domain::ordering::Order;
use oms_domain::returns::policy::ReturnsTable;

use crate::error::Error;
use crate::ports::{Setting, Settings, Table};

/// The table as it was when the order was placed: no index tells it, but the version that the order keeps. Orders without one go by the
/// usual terms.
pub(super) async fn of(settings: &dyn Settings, order: &Order) -> Result<ReturnsTable, Error> {
    let Some(terms) = &order.return_terms else { return Ok(ReturnsTable::default()) };
    let current = settings.current(Table::Returns).await?;
    let setting = if current.version == terms.version {
        Some(current.setting)
    } else {
        settings.replaced(Table::Returns, terms.version).await?
    };
    match setting {
        Some(Setting::Returns(table)) => Ok(table),
        Some(
            Setting::Taxes(_)
            | Setting::Shipping(_)
            | Setting::Promotions(_)
            | Setting::Locations(_)
            | Setting::Shop(_),
        )
        | None => Err(Error::Internal(format!("version {} of the terms of returns is lost", terms.version))),
    }
}
