//! The key of signed links on this machine: made at the first start and kept in the state, so that links outlive a restart.

use oms_domain::signed_link::KeyRing;

use crate::state::{StateDb, StateError};

const KEY_SETTING: &str = "link_key";

/// The key of this state.
pub fn open(state: &StateDb) -> Result<KeyRing, StateError> {
    let read = |text: &str| KeyRing::read(text).map_err(|_| StateError::Invalid { what: "the stored key of links" });
    if let Some(stored) = state.setting(KEY_SETTING)? {
        return read(&stored);
    }
    let key = format!("{}{}", crate::random::uuid().simple(), crate::random::uuid().simple());
    state.set_setting(KEY_SETTING, &key)?;
    read(&key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{State, StateLocation};

    #[test]
    fn j10_a_state_has_one_key_over_restarts_and_others_have_others() {
        let place = tempfile::tempdir().unwrap();
        let location = StateLocation::Directory(place.path().to_owned());
        let first = open(&State::open(&location).unwrap().db).unwrap();
        assert_eq!(open(&State::open(&location).unwrap().db).unwrap(), first);
        assert_ne!(open(&StateDb::memory().unwrap()).unwrap(), first);
    }
}
