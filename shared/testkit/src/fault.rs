//! What can go wrong between us and a store, on request.

use std::future::Future;
use std::pin::Pin;

/// Something that runs in the middle of a call.
pub type Between = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store does not answer; nothing was done.
    Unavailable,
    /// The store has done it, and its answer is lost.
    LostAcknowledgement,
    /// Another transaction holds the same items; nothing was done.
    Conflict,
    /// Too much at once; nothing was done.
    Throttle,
}

/// A store that fails on request.
///
/// At the embedded store a fault strikes one round trip, which the adapter may repeat by itself. At the memory store
/// [`Fault::Unavailable`] and [`Fault::LostAcknowledgement`] strike one call of a port, as if the adapter had given
/// up; conflicts and throttles are repeated there as well.
pub trait Faults: Send + Sync {
    /// The next `times` occasions fail like this. Conflicts and lost acknowledgements concern writes only.
    fn inject(&self, fault: Fault, times: usize);

    /// The next commit is done and its answer lost; then `between` runs, before the writer tries again.
    fn lose_acknowledgement_then(&self, between: Between);
}
