//! Parcels as carriers measure them.

use serde::{Deserialize, Serialize};

/// Heaviest parcel, in grams: what the largest of the carriers takes.
pub const MAX_GRAMS: u32 = 70_000;

/// Longest side of a parcel, in millimetres.
pub const MAX_MILLIMETRES: u32 = 3_000;

/// Most parcels of one shipment.
pub const MAX_PARCELS: usize = 20;

/// Weight and sides of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// 1 to [`MAX_GRAMS`].
    pub weight_grams: u32,
    /// 1 to [`MAX_MILLIMETRES`], like the others.
    pub length_mm: u32,
    pub width_mm: u32,
    pub height_mm: u32,
}

impl Measures {
    /// This box with goods of this weight in it; none where no carrier takes so much.
    pub fn with_goods(self, grams: u64) -> Option<Measures> {
        let weight_grams = u64::from(self.weight_grams).checked_add(grams)?;
        let weight_grams = u32::try_from(weight_grams).ok().filter(|grams| *grams <= MAX_GRAMS)?;
        Some(Measures { weight_grams, ..self })
    }
}
