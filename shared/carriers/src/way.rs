//! What is asked before a carrier is: whether it could take this way at all.

use oms_app::ports::{AddressFault, CarrierError, Fault, LabelRequest, Party, Voided};
use oms_domain::fulfilment::parcel::MAX_PARCELS;
use oms_domain::ordering::address::Address;

use crate::client::Failure;

/// Members of the customs union of the European Union.
const CUSTOMS_UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether goods on this way pass customs. The port does not say what is in a parcel, so such a label is not bought.
fn passes_customs(from: &Address, to: &Address) -> bool {
    let inside = |country: &str| CUSTOMS_UNION.contains(&country);
    from.country != to.country && !(inside(&from.country) && inside(&to.country))
}

/// A refusal of our own: nothing was asked.
pub(crate) fn refused(fault: Fault, why: impl Into<String>) -> CarrierError {
    CarrierError::Refused { fault, why: why.into() }
}

/// Whether a label can be asked for; `faults` are the carrier's of an address.
pub(crate) fn check(
    request: &LabelRequest,
    faults: impl Fn(&Address) -> Vec<AddressFault>,
) -> Result<(), CarrierError> {
    if !(1..=MAX_PARCELS).contains(&request.parcels.len()) {
        return Err(refused(Fault::Request, format!("a shipment has 1 to {MAX_PARCELS} parcels")));
    }
    for (party, fault, whose) in
        [(&request.from, Fault::Account, "the sender's"), (&request.to, Fault::Address, "the recipient's")]
    {
        let named: Vec<String> =
            faults(&party.address).iter().map(|one| format!("{whose} {} {}", one.field, one.why)).collect();
        if !named.is_empty() {
            return Err(refused(fault, named.join("; ")));
        }
    }
    if passes_customs(&request.from.address, &request.to.address) {
        return Err(refused(
            Fault::Request,
            "parcels that pass customs are not sent from here: their papers are not known",
        ));
    }
    Ok(())
}

/// A number at which somebody answers for this party: its own, or the sender's, which carriers take instead.
pub(crate) fn phone<'a>(party: &'a Party, sender: &'a Party) -> Option<&'a str> {
    party.phone.as_deref().or(sender.phone.as_deref())
}

/// The digits of a phone number as they are dialled: in North America without the country's.
pub(crate) fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let domestic = digits.strip_prefix('1').filter(|rest| rest.len() == 10 && phone.starts_with("+1"));
    domestic.map(ToOwned::to_owned).unwrap_or(digits)
}

/// Our reference: what a label is found by again.
pub(crate) fn reference(request: &LabelRequest) -> String {
    request.label_id.uuid().simple().to_string()
}

/// A carrier's name of something, which becomes part of a path.
pub(crate) fn named(text: &str) -> Result<&str, CarrierError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(refused(Fault::Request, "this is no name that a carrier gives"))
    }
}

/// A label that cannot be voided, unless the no is about us.
pub(crate) fn refused_void(failure: Failure) -> Result<Voided, CarrierError> {
    if let CarrierError::Refused { fault: Fault::Request | Fault::Address, why } = failure.error {
        return Ok(Voided::Refused(why));
    }
    Err(failure.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_inside_the_customs_union_is_none() {
        let at = |country: &str| Address { country: country.into(), ..Address::default() };
        for (from, to, customs) in
            [("DE", "DE", false), ("DE", "FR", false), ("DE", "CH", true), ("US", "DE", true), ("US", "US", false)]
        {
            assert_eq!(passes_customs(&at(from), &at(to)), customs, "{from} to {to}");
        }
    }

    #[test]
    fn a_number_is_dialled_as_carriers_want_it() {
        assert_eq!(digits("+12125550123"), "2125550123");
        assert_eq!(digits("+49301234567"), "49301234567");
    }
}
