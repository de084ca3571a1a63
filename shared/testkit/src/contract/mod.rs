//! What any implementation of the storage ports must do. The memory store and DynamoDB run the same suite.
//!
//! A test file says how a [`Subject`] is made and lists the suite with [`contract!`](crate::contract!):
//!
//! ```text
//! async fn subject() -> Subject { .. }
//! oms_testkit::contract!(subject);
//! ```

pub mod catalog;
pub mod commits;
pub mod customers;
pub mod edges;
pub mod follow_ups;
pub mod hot;
pub mod inventory;
pub mod limit_faults;
pub mod lists;
pub mod outbox;
pub mod payment_methods;
pub mod settings;
pub mod shipments;
pub mod stock;

use std::any::Any;
use std::sync::Arc;

use oms_app::ports::{
    Allowances, Catalog, Circuits, Commit, CommitError, Customers, FollowUps, Inventory, Notices, Orders, Outbox,
    Parcels, PaymentMethods, Settings, Stored,
};
use oms_domain::catalog::Product;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Change, Command, Order};

use crate::builders::{OrderBuilder, changed, rates};
use crate::fault::Faults;

/// Most calls until a commit whose acknowledgements get lost has a known outcome.
const MAX_REPEATS: usize = 5;

/// An empty store and how to disturb it.
pub struct Subject {
    /// Orders.
    pub orders: Arc<dyn Orders>,
    /// Products and rates of the same store.
    pub catalog: Arc<dyn Catalog>,
    /// Standing of customers in the same store.
    pub customers: Arc<dyn Customers>,
    /// What is counted of customers, in the same store.
    pub allowances: Arc<dyn Allowances>,
    /// Kept means of payment in the same store.
    pub methods: Arc<dyn PaymentMethods>,
    /// Entries, movements and alerts of the same store.
    pub inventory: Arc<dyn Inventory>,
    /// The tables that prices depend on, in the same store.
    pub settings: Arc<dyn Settings>,
    /// Notices of the same store.
    pub notices: Arc<dyn Notices>,
    /// What to come back to in the same store.
    pub follow_ups: Arc<dyn FollowUps>,
    /// How far orders were published, in the same store.
    pub outbox: Arc<dyn Outbox>,
    /// Circuits in the same store.
    pub circuits: Arc<dyn Circuits>,
    /// Parcels in the same store.
    pub parcels: Arc<dyn Parcels>,
    /// How to disturb it.
    pub faults: Arc<dyn Faults>,
    /// Kept alive as long as the subject.
    pub host: Box<dyn Any + Send + Sync>,
}

impl Subject {
    /// Puts products and the usual rates on the inventory.
    pub async fn stock(&self, products: &[Product]) {
        self.catalog.set_rates(&rates()).await.unwrap();
        for product in products {
            assert!(self.catalog.add(product).await.unwrap());
        }
    }

    /// Writes a new order.
    pub async fn create(&self, order: &OrderBuilder) -> Order {
        let commit = order.commit();
        self.orders.commit(&commit).await.unwrap();
        commit.change.order
    }

    /// Lets a command happen at the time the order last changed.
    pub async fn apply(&self, order: &Order, command: Command) -> Order {
        let change = changed(order, command, order.updated_at);
        self.write(change).await
    }

    /// Writes a change and nothing beside it.
    pub async fn write(&self, change: Change) -> Order {
        let order = change.order.clone();
        self.orders.commit(&Commit::of(change)).await.unwrap();
        order
    }

    /// The order as it is stored.
    pub async fn stored(&self, id: OrderId) -> Stored {
        self.orders.load(id).await.unwrap().expect("the order is stored")
    }

    /// The product as it is stored.
    pub async fn product(&self, product: &Product) -> Product {
        self.catalog.product(product.id).await.unwrap().expect("the product is stored")
    }

    /// Commits, again and again while the store does not say what came of it.
    pub async fn settle(&self, commit: &Commit) -> Result<(), CommitError> {
        let mut result = self.orders.commit(commit).await;
        for _ in 0..MAX_REPEATS {
            if !matches!(result, Err(CommitError::Store(_))) {
                break;
            }
            result = self.orders.commit(commit).await;
        }
        result
    }
}

/// One test for every behaviour of the contract; `$subject` is an async function that makes a [`Subject`].
#[macro_export]
macro_rules! contract {
    ($subject:path) => {
        $crate::contract!($subject =>
            commits::an_order_is_read_as_it_was_written,
            commits::what_is_written_later_is_read_with_the_person,
            commits::what_people_note_is_read_with_its_words,
            commits::a_person_that_a_change_renewed_is_read_as_they_are_now,
            commits::the_same_create_again_finds_the_first,
            commits::a_lost_acknowledgement_is_recognised,
            commits::a_lost_acknowledgement_is_recognised_when_others_have_moved_on,
            commits::an_attempt_of_unknown_outcome_does_not_hide_a_refusal,
            commits::a_change_of_an_old_version_finds_the_new_one,
            commits::a_change_of_nothing_is_missing,
            commits::a_command_is_remembered_until_it_expires,
            commits::a_cart_is_claimed_until_it_is_free,
            commits::the_first_of_several_reasons_is_told,
            commits::events_are_a_whole_chain_and_replay_to_the_state,
            commits::conflicts_and_throttles_are_repeated_within_a_bound,
            commits::what_belongs_to_the_creation_outlives_changes,
            stock::shortages_tell_what_was_found,
            stock::all_shortages_are_told_and_nothing_is_written,
            stock::units_are_reserved_by_the_facts_that_were_priced,
            stock::every_move_keeps_the_counters_balanced,
            stock::a_hundred_at_once_get_the_fifty_there_are,
            stock::a_reserve_whose_acknowledgement_is_lost_happens_once,
            hot::shortages_of_hot_products_tell_what_was_found,
            hot::all_shortages_of_hot_products_are_told,
            hot::units_of_hot_products_are_reserved_by_the_facts_that_were_priced,
            hot::every_move_of_hot_products_keeps_the_counters_balanced,
            hot::a_reserve_of_a_hot_product_happens_once,
            hot::every_unit_of_a_hot_product_is_sold_once,
            hot::an_order_larger_than_a_share_is_served,
            hot::a_changed_price_of_a_hot_product_is_told,
            hot::a_product_becomes_hot_and_cools_down,
            hot::movements_of_a_hot_product_keep_the_ledger_balanced,
            lists::a_customer_sees_own_orders_newest_first,
            lists::a_number_finds_its_order,
            lists::lists_are_filtered_by_status_and_time,
            lists::pages_follow_each_other_without_gap_or_overlap,
            lists::everyone_s_orders_are_merged,
            lists::orders_of_the_same_moment_are_all_listed,
            lists::due_orders_are_those_past_their_deadline,
            shipments::shipments_are_listed_once_in_pages_of_any_size,
            shipments::lists_of_shipments_are_narrowed,
            shipments::the_record_of_a_shipment_follows_it,
            shipments::what_is_planned_is_not_what_is_packed,
            shipments::a_parcel_is_found_by_its_number_and_noted_as_it_was_read,
            shipments::g8_a_number_has_several_shipments_and_each_gives_up_its_own,
            shipments::g8_a_number_has_no_more_shipments_than_it_may,
            customers::a_blocked_customer_orders_nothing_until_let_in_again,
            customers::decisions_are_kept_newest_first,
            limit_faults::a1_open_orders_are_counted_by_id_and_given_back,
            limit_faults::a1_a_blocked_customer_keeps_their_open_orders,
            limit_faults::a5_an_allowance_is_shared_by_what_is_done_and_what_is_refused,
            limit_faults::a6_an_exhausted_allowance_keeps_an_order_from_being_written,
            customers::a_counter_stops_at_its_limit_and_takes_back,
            customers::two_hundred_at_once_get_the_ten_there_are,
            customers::a_use_is_counted_once_whose_acknowledgement_is_lost,
            customers::a_use_per_customer_is_no_use_of_another_s,
            payment_methods::a_means_of_payment_is_kept_with_its_payment_or_not_at_all,
            payment_methods::a_removed_one_is_gone_at_once_and_waits_to_be_forgotten,
            catalog::a_quote_knows_what_exists_and_the_rates,
            catalog::products_are_listed_by_name_page_by_page,
            catalog::a_product_is_added_once,
            inventory::an_entry_is_read_as_it_was_created,
            inventory::the_same_creation_again_finds_the_first,
            inventory::a_seller_has_one_product_of_a_sku,
            inventory::an_edit_writes_what_differs_and_leaves_the_counters_alone,
            inventory::an_edit_of_an_old_version_is_refused,
            inventory::an_edit_whose_acknowledgement_is_lost_is_recognised,
            inventory::a_changed_sku_frees_the_old_one,
            inventory::movements_are_recorded_with_the_counters_after_them,
            inventory::a_movement_that_the_counters_do_not_allow_tells_them,
            inventory::a_movement_goes_on_from_what_is_true,
            inventory::a_key_moves_stock_once,
            inventory::a_movement_whose_acknowledgement_is_lost_happens_once,
            inventory::movements_and_orders_racing_keep_the_ledger_balanced,
            inventory::counters_are_set_where_they_are_as_they_were_seen,
            inventory::a_mark_is_set_by_whoever_saw_the_last_one,
            settings::tables_are_empty_before_they_are_set_up,
            settings::tables_of_fulfilment_are_kept_like_those_of_prices,
            settings::tables_are_read_as_they_were_set_up,
            settings::a_change_is_seen_by_quotes_and_keeps_what_it_replaced,
            settings::a_change_of_an_old_table_is_stale,
            settings::an_announced_change_is_read_with_what_counts_until_then,
            settings::the_first_tables_of_an_empty_shop_count_at_once,
            settings::one_of_many_changes_at_once_is_made,
            settings::a_change_whose_acknowledgement_is_lost_is_recognised,
            catalog::a_notice_is_begun_once_and_done_once,
            follow_ups::a_page_is_recorded_with_its_attempt_and_filled_in_later,
            follow_ups::pages_are_due_until_they_are_settled,
            follow_ups::news_is_parked_once_and_looked_at_until_it_is_claimed,
            follow_ups::a_pending_refund_is_due_like_everything_else,
            outbox::a_marker_is_read_as_it_was_written_last,
            outbox::orders_wait_for_being_published_until_they_are,
            follow_ups::l3_a_refund_is_due_from_the_change_that_promises_it_until_the_one_that_ends_it,
            follow_ups::g6_a_parcel_is_due_on_an_agenda_of_its_own,
            follow_ups::g13_a_label_is_due_on_the_carriers_agenda_until_its_order_knows,
            follow_ups::r2_a_session_is_due_until_the_payment_that_settles_it,
            follow_ups::a_circuit_is_switched_by_whoever_saw_it_last,
            edges::what_was_never_written_is_nothing,
            edges::uses_are_told_and_are_never_below_nothing,
            edges::no_list_is_longer_than_asked_for,
            edges::one_of_many_begins_a_notice,
            edges::a_page_that_is_kept_as_settled_is_not_due,
            edges::decisions_of_the_same_moment_are_both_kept,
            edges::a_circuit_closes_and_an_old_look_at_it_changes_nothing,
        );
    };
    ($subject:path => $($module:ident :: $behaviour:ident,)+) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                $crate::contract::$module::$behaviour(&$subject().await).await;
            }
        )+
    };
}
