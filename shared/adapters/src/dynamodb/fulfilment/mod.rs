pub(crate) mod parcels;
