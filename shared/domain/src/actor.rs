//! Who did it: every event names its actor and the role in which they acted (K6).

use serde::{Deserialize, Serialize};

use crate::ids::{SellerId, UserId};

/// In which capacity somebody acts (O13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Buys; sees and changes only own orders.
    Customer,
    /// Sells; fulfils orders that contain own products.
    Seller,
    /// Runs the shop.
    Admin,
    /// A payment provider, speaking through a verified webhook or a read-back.
    Provider,
    /// A deadline or another rule, with nobody at the keyboard.
    System,
}

/// Who did something, in which role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The token's subject, the provider's name, or the name of the rule.
    pub id: String,
    /// In which role.
    pub role: Role,
}

impl Actor {
    /// A rule of the system, e.g. `deadline`.
    pub fn system(rule: &str) -> Self {
        Actor { id: rule.to_owned(), role: Role::System }
    }

    /// A payment provider.
    pub fn provider(name: &str) -> Self {
        Actor { id: name.to_owned(), role: Role::Provider }
    }
}

/// A person with a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A buyer.
    Customer(UserId),
    /// Somebody who works for a seller.
    Seller {
        user: UserId,
        /// For which seller.
        seller: SellerId,
    },
    /// Somebody who works for the shop.
    Admin(UserId),
}

impl Caller {
    /// Who it is, whatever the role.
    pub fn user(&self) -> &UserId {
        match self {
            Caller::Customer(user) | Caller::Admin(user) | Caller::Seller { user, .. } => user,
        }
    }

    /// The role in which they act.
    pub fn role(&self) -> Role {
        match self {
            Caller::Customer(_) => Role::Customer,
            Caller::Seller { .. } => Role::Seller,
            Caller::Admin(_) => Role::Admin,
        }
    }

    /// The caller as the actor of an event.
    pub fn actor(&self) -> Actor {
        Actor { id: self.user().as_str().to_owned(), role: self.role() }
    }
}
