//! The scenarios over real HTTP against the local cloud, which runs the functions of `template.yaml` in this process.
//!
//! Every scenario ends with [`app::TestApp::finish`]: nothing is left in a queue, and the invariants hold over all
//! orders of the instance. Scenarios over a [`stage::Stage`] play against a deployed stack too. Time never passes by itself here: a scenario that waits moves the clock.

#[cfg(test)]
mod answer;
#[cfg(test)]
mod app;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod checkout;
#[cfg(test)]
mod deadline;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod deployed;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod instances;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod methods;
#[cfg(test)]
mod observability;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod review;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod stock;
#[cfg(test)]
mod story;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod who_may;
#[cfg(test)]
mod wire;
