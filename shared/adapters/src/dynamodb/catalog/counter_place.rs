use std::collections::BTreeMap;

use oms_domain::ids::ProductId;

use crate::dynamodb::keys;

/// Where units of a product are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CounterPlace {
    /// In the item of a product that has no shards, as far as we know.
    Whole,
    /// In the own item of a hot product.
    Base,
    /// In a shard.
    Shard(u8),
}

/// Where each product of a commit is counted; one that is not named is whole.
pub(crate) type Places = BTreeMap<ProductId, CounterPlace>;

impl CounterPlace {
    /// The base first, then the shards.
    pub(crate) fn at(index: usize) -> Self {
        match u8::try_from(index) {
            Ok(0) | Err(_) => CounterPlace::Base,
            Ok(number) => CounterPlace::Shard(number - 1),
        }
    }

    /// The sort key of its item.
    pub(crate) fn sk(self) -> String {
        match self {
            CounterPlace::Whole | CounterPlace::Base => keys::PRODUCT.to_owned(),
            CounterPlace::Shard(number) => keys::shard_sk(number),
        }
    }
}
