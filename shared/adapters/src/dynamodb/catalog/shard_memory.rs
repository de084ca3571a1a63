use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use oms_app::ports::Random;
use oms_domain::ids::ProductId;

use super::counter_place::CounterPlace;
use super::product_item::SHARDS;

/// Most hot products that one process remembers; beyond it the memory starts over.
const MAX_REMEMBERED: usize = 1_000;

/// Where units are best, as last seen by this process. A wrong memory costs a round trip, never a wrong order.
#[derive(Debug, Default)]
pub(crate) struct ShardMemory(Mutex<HashMap<ProductId, Vec<u32>>>);

impl ShardMemory {
    fn seen(&self) -> MutexGuard<'_, HashMap<ProductId, Vec<u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for an order that wants so many units, by chance among those that had enough; `avoid` had a conflict.
    pub(crate) fn place(
        &self,
        id: ProductId,
        wanted: u32,
        avoid: Option<CounterPlace>,
        random: &dyn Random,
    ) -> CounterPlace {
        let seen = self.seen();
        let Some(units) = seen.get(&id) else { return CounterPlace::Whole };
        let all = || (0..units.len()).map(|index| (index, CounterPlace::at(index)));
        let other = |place: CounterPlace| Some(place) != avoid;
        let enough = |index: usize| wanted > 0 && units[index] >= wanted;
        let mut fit: Vec<CounterPlace> =
            all().filter(|(index, place)| enough(*index) && other(*place)).map(|(_, place)| place).collect();
        if fit.is_empty() {
            fit = all()
                .filter(|(_, place)| *place != CounterPlace::Base && other(*place))
                .map(|(_, place)| place)
                .collect();
        }
        let mut byte = [0];
        random.fill(&mut byte);
        fit.get(usize::from(byte[0]) % fit.len().max(1)).copied().unwrap_or(CounterPlace::Base)
    }

    /// It is hot, and so many units are where.
    pub(crate) fn learn(&self, id: ProductId, units: Vec<u32>) {
        let mut seen = self.seen();
        if seen.len() >= MAX_REMEMBERED {
            seen.clear();
        }
        seen.insert(id, units);
    }

    /// It is hot, and nobody knows where its units are.
    pub(crate) fn learn_hot(&self, id: ProductId) {
        let shards = std::iter::repeat_n(u32::MAX, usize::from(SHARDS));
        self.learn(id, std::iter::once(0).chain(shards).collect());
    }

    /// It is not hot any more.
    pub(crate) fn forget(&self, id: ProductId) {
        self.seen().remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oms_testkit::builders::product_id;

    struct Bytes(u8);

    impl Random for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn a_place_is_one_that_had_enough_and_a_conflict_moves_on() {
        let (memory, id) = (ShardMemory::default(), product_id(1));
        assert_eq!(memory.place(id, 1, None, &Bytes(0)), CounterPlace::Whole);
        memory.learn(id, vec![0, 0, 5, 0]);
        assert_eq!(memory.place(id, 2, None, &Bytes(7)), CounterPlace::Shard(1));
        assert_ne!(memory.place(id, 2, Some(CounterPlace::Shard(1)), &Bytes(7)), CounterPlace::Shard(1));
        for byte in 0..9 {
            let released = memory.place(id, 0, None, &Bytes(byte));
            assert!(
                matches!(released, CounterPlace::Shard(0..3)),
                "{released:?}: what needs no units keeps off the base"
            );
        }
        memory.forget(id);
        assert_eq!(memory.place(id, 1, None, &Bytes(0)), CounterPlace::Whole);
    }
}
