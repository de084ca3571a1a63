//! Room for what people write about an order: it is read at once with all of it, and one read of the store has 1 MB.

use oms_domain::ordering::Refusal;
use oms_domain::ordering::address::Person;

/// Most bytes of all that was written about an order; what is left of a read is for the order itself.
const MAX_WRITTEN_BYTES: usize = 500_000;

/// Whether a text of so many bytes can be kept: where the person was erased, nothing personal is written any more.
pub(crate) fn room_for(bytes: usize, person: Option<&Person>) -> Result<(), Refusal> {
    let person = person.ok_or(Refusal::PersonErased)?;
    let written: usize = person.words.values().map(String::len).sum();
    if written + bytes <= MAX_WRITTEN_BYTES { Ok(()) } else { Err(Refusal::HistoryFull) }
}
