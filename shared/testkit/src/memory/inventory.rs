//! The inventory in memory.

use async_trait::async_trait;
use oms_app::ports::{AlertMark, EditError, Inventory, Move, MoveError, MovementPage, ProductEntry, StoreError};
use oms_domain::catalog::movement::Movement;
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, Product};
use oms_domain::ids::{ProductId, SellerId};

use super::MemoryStore;
use super::world::World;

fn sku_of(product: &Product) -> (SellerId, String) {
    (product.seller_id.clone(), product.sku.clone())
}

fn place(movement: &Movement) -> String {
    format!("{:.3}#{}", movement.at, movement.id)
}

impl World {
    fn sku_is_free(&self, product: &Product) -> Result<(), EditError> {
        match self.skus.get(&sku_of(product)) {
            Some(holder) if *holder != product.id => Err(EditError::SkuTaken(*holder)),
            _ => Ok(()),
        }
    }

    fn create_entry(
        &mut self,
        entry: &ProductEntry,
        edit: &Edit,
        movement: Option<&Movement>,
    ) -> Result<(), EditError> {
        let id = entry.product.id;
        if let Some(first) = self.edits.get(&id).and_then(|edits| edits.first()) {
            return if first.id == edit.id { Ok(()) } else { Err(EditError::Exists(Box::new(first.clone()))) };
        }
        self.sku_is_free(&entry.product)?;
        if self.products.contains_key(&id) {
            return Err(EditError::Stale);
        }
        self.skus.insert(sku_of(&entry.product), id);
        self.products.insert(id, entry.product.clone());
        self.details.insert(id, entry.detail.clone());
        self.edits.insert(id, vec![edit.clone()]);
        self.movements.entry(id).or_default().extend(movement.cloned());
        Ok(())
    }

    fn edit_entry(&mut self, before: &ProductEntry, after: &ProductEntry, edit: &Edit) -> Result<(), EditError> {
        let id = after.product.id;
        let edits = self.edits.entry(id).or_default();
        if let Some(found) = edits.iter().find(|found| found.version == edit.version) {
            return if found.id == edit.id { Ok(()) } else { Err(EditError::Stale) };
        }
        let Some(stored) = self.products.get(&id) else { return Err(EditError::Stale) };
        if stored.version != before.product.version {
            return Err(EditError::Stale);
        }
        let stock = stored.stock;
        self.sku_is_free(&after.product)?;
        self.skus.retain(|_, holder| *holder != id || before.product.sku == after.product.sku);
        self.skus.insert(sku_of(&after.product), id);
        self.products.insert(id, Product { stock, ..after.product.clone() });
        self.details.insert(id, after.detail.clone());
        self.edits.entry(id).or_default().push(edit.clone());
        Ok(())
    }

    fn move_by_hand(&mut self, wanted: &Move) -> Result<Movement, MoveError> {
        let id = wanted.product_id;
        let movements = self.movements.entry(id).or_default();
        if let Some(own) = movements.iter().find(|movement| movement.id == wanted.id) {
            return Ok(own.clone());
        }
        let key = wanted.key.as_ref().map(|key| (id, key.key.clone()));
        if let Some((request, until, movement)) = key.as_ref().and_then(|key| self.moved.get(key))
            && until.as_second() > wanted.at.as_second()
        {
            return Err(MoveError::Seen { request: request.clone(), movement: Box::new(movement.clone()) });
        }
        let Some(product) = self.products.get_mut(&id) else { return Err(MoveError::Missing) };
        let Some(movement) = wanted.on(&product.stock) else {
            return Err(MoveError::Short(Box::new(product.stock)));
        };
        product.stock = movement.after;
        movements.push(movement.clone());
        if let Some((key, given)) = key.zip(wanted.key.as_ref()) {
            self.moved.insert(key, (given.request.clone(), given.expires_at, movement.clone()));
        }
        Ok(movement)
    }
}

#[async_trait]
impl Inventory for MemoryStore {
    async fn entry(&self, id: ProductId) -> Result<Option<ProductEntry>, StoreError> {
        self.call(|world| {
            let product = world.products.get(&id)?.clone();
            Some(ProductEntry { product, detail: world.details.get(&id).cloned().unwrap_or_default() })
        })
    }

    async fn by_sku(&self, seller: &SellerId, sku: &str) -> Result<Option<ProductId>, StoreError> {
        self.call(|world| world.skus.get(&(seller.clone(), sku.to_owned())).copied())
    }

    async fn create(&self, entry: &ProductEntry, edit: &Edit, movement: Option<&Movement>) -> Result<(), EditError> {
        self.write(|world| world.create_entry(entry, edit, movement))
    }

    async fn edit(&self, before: &ProductEntry, after: &ProductEntry, edit: &Edit) -> Result<(), EditError> {
        self.write(|world| world.edit_entry(before, after, edit))
    }

    async fn move_stock(&self, wanted: &Move) -> Result<Movement, MoveError> {
        self.write(|world| world.move_by_hand(wanted))
    }

    async fn set_counters(&self, id: ProductId, seen: &Stock, counted: &Stock) -> Result<bool, StoreError> {
        self.write(|world| {
            let Some(product) = world.products.get_mut(&id).filter(|product| product.stock == *seen) else {
                return Ok(false);
            };
            product.stock = *counted;
            Ok(true)
        })
    }

    async fn movements(&self, id: ProductId, after: Option<&str>, limit: usize) -> Result<MovementPage, StoreError> {
        self.call(|world| {
            let mut found: Vec<&Movement> = world.movements.get(&id).into_iter().flatten().collect();
            found.sort_unstable_by_key(|movement| std::cmp::Reverse(place(movement)));
            found.retain(|movement| after.is_none_or(|after| place(movement).as_str() < after));
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().filter(|_| more).map(|movement| place(movement));
            MovementPage { movements: found.into_iter().cloned().collect(), next }
        })
    }

    async fn alert_mark(&self, id: ProductId) -> Result<AlertMark, StoreError> {
        self.call(|world| world.alerts.get(&id).copied().unwrap_or_default())
    }

    async fn set_alert_mark(&self, id: ProductId, before: AlertMark, after: AlertMark) -> Result<bool, StoreError> {
        self.call(|world| {
            let mark = world.alerts.entry(id).or_default();
            let first = *mark == before;
            if first {
                *mark = after;
            }
            first
        })
    }
}
