//! Fields that know a few words only, as schemas: for the fields of our own enums, which know nothing of HTTP.

use oms_domain::actor;
use oms_domain::catalog::movement::MovementKind as Movement;
use oms_domain::fulfilment;
use oms_domain::ordering::{self, Action as Act, ReviewReason as Why};
use oms_domain::payments::{DisputeState as Dispute, PaymentStatus as Paid, RefundReason as Back};
use oms_domain::pricing::dispatch::Day;
use oms_domain::returns::{self, policy};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

fn one_of(words: &[&str]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()))
}

/// The words that we write for these values.
fn written<T: Serialize>(values: &[T]) -> ObjectBuilder {
    let words = values.iter().map(|value| serde_json::to_value(value).unwrap_or(Value::Null));
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words))
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $schema:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

words! {
    Status: written(&ordering::Status::ALL);
    /// In requests words of other systems are read as well (decision 3), so this one is checked by its format.
    WantedStatus: one_of(&["processing", "shipped", "delivered", "cancelled"])
        .format(Some(SchemaFormat::Custom("order-status".to_owned())));
    Role: written(&[
        actor::Role::Customer, actor::Role::Seller, actor::Role::Admin, actor::Role::Provider, actor::Role::System,
    ]);
    PaymentStatus: written(&[
        Paid::None, Paid::Requested, Paid::Processing, Paid::Confirmed, Paid::Failed, Paid::RefundPending, Paid::PartiallyRefunded,
        Paid::Refunded,
    ]);
    RefundReason: written(&[
        Back::OrderCancelled, Back::LatePayment, Back::DuplicatePayment, Back::Return, Back::Partial, Back::AtProvider,
    ]);
    ReviewReason: written(&[Why::Value, Why::Velocity, Why::Countries]);
    NoteVisibility: written(&[ordering::NoteVisibility::Private, ordering::NoteVisibility::Customer]);
    HoldReason: written(&ordering::HoldReason::ALL);
    ShipmentStatus: written(&fulfilment::ShipmentStatus::ALL);
    LabelStatus: written(&fulfilment::label::LabelStatus::ALL);
    DocumentFormat: written(&fulfilment::label::DocumentFormat::ALL);
    CarrierStatus: written(&fulfilment::scan::CarrierStatus::ALL);
    DisputeState: written(&[Dispute::Open, Dispute::Won, Dispute::Lost]);
    Action: written(&[
        Act::Submit, Act::Pay, Act::Change, Act::Cancel, Act::CancelLines, Act::Process, Act::Ship, Act::FailDelivery, Act::Deliver, Act::RequestReturn,
        Act::DenyReturn, Act::ReceiveReturn, Act::Refund, Act::Review, Act::Hold, Act::ReleaseHold,
    ]);
    MovementKind: written(&[
        Movement::Receive, Movement::Hold, Movement::ReleaseHold, Movement::Damage, Movement::WriteOff,
    ]);
    PromotionKind: one_of(&["percentage", "fixed_amount", "free_shipping"]);
    PriceTable: one_of(&["taxes", "shipping", "promotions", "locations", "shop", "returns"]);
    Automation: written(&fulfilment::shop::Automation::ALL);
    Payer: written(&policy::Payer::ALL);
    BackTo: written(&policy::BackTo::ALL);
    GoodsCondition: written(&policy::GoodsCondition::ALL);
    ReturnKind: written(&returns::ReturnKind::ALL);
    ReturnStatus: written(&returns::ReturnStatus::ALL);
    Weekday: one_of(&Day::ALL.map(Day::name));
}
