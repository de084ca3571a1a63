//! Mistakes that can be switched on, one at a time, to show that the simulator finds them.
//!
//! The switch exists only with the feature `planted`, which only the simulator's tests turn on, and such a build without
//! debug assertions is refused: no release can hold one. Without the feature every question is answered `false` when the
//! program is compiled.

#[cfg(all(feature = "planted", not(debug_assertions)))]
compile_error!("the feature `planted` is for tests of the simulator alone");

/// Declares the mistakes with their names.
macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident,)+) => {
        /// A realistic mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[$doc])* $bug,)+
        }

        impl Bug {
            /// All of them.
            pub const ALL: &'static [Bug] = &[$(Bug::$bug,)+];

            /// The mistake of this name.
            pub fn named(name: &str) -> Option<Bug> {
                Bug::ALL.iter().copied().find(|bug| format!("{bug:?}") == name)
            }
        }
    };
}

bugs! {
    /// Stock is taken without the condition that there is enough.
    NoConditionOnStock,
}

#[cfg(feature = "planted")]
mod switch {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Whether this mistake is made on this thread.
    pub fn is_planted(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Switches a mistake on, or all of them off, for this thread.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }
}

#[cfg(feature = "planted")]
pub use switch::{is_planted, plant};

/// Whether this mistake is made: never, in a build without the feature.
#[cfg(not(feature = "planted"))]
pub const fn is_planted(_bug: Bug) -> bool {
    false
}
