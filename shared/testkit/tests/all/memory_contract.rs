//! The memory store keeps the storage contract.

use std::sync::Arc;

use oms_testkit::contract::Subject;
use oms_testkit::memory::MemoryStore;

async fn subject() -> Subject {
    let store = Arc::new(MemoryStore::new());
    Subject {
        orders: store.clone(),
        catalog: store.clone(),
        customers: store.clone(),
        allowances: store.clone(),
        methods: store.clone(),
        inventory: store.clone(),
        settings: store.clone(),
        notices: store.clone(),
        follow_ups: store.clone(),
        outbox: store.clone(),
        circuits: store.clone(),
        parcels: store.clone(),
        faults: store,
        host: Box::new(()),
    }
}

oms_testkit::contract!(subject);
