pub(crate) mod order_counts;
