//! Checkout sessions, webhooks, refunds, saved payment methods.

pub mod change_order;
pub mod change_view;
pub mod delete_method;
pub mod forget_methods;
pub mod list_methods;
pub mod open_page;
pub mod pay_order;
pub mod payment_callback;
pub mod refund;
pub mod refund_order;
mod return_sites;

use oms_app::world::PaymentWorld;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(
    change_order::handle,
    change_order::view,
    change_order::withdraw,
    pay_order::handle,
    payment_callback::handle,
    refund_order::handle,
    list_methods::handle,
    delete_method::handle,
))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: PaymentWorld>() -> [(&'static str, Wired<W>); 9] {
    [
        ("change-order", change_order::wired),
        ("pay-order", pay_order::wired),
        ("open-page", open_page::wired),
        ("payment-callback", payment_callback::wired),
        ("refund", refund::wired),
        ("refund-order", refund_order::wired),
        ("list-methods", list_methods::wired),
        ("delete-method", delete_method::wired),
        ("forget-methods", forget_methods::wired),
    ]
}
