//! What each pallet is told, one file per concern.

use baseload_primitives::{Balance, KWH};

pub mod consensus;
pub mod energy;
pub mod governance;
pub mod money;
pub mod prices;
pub mod safety;
pub mod system;

/// What storing `items` entries of `bytes` bytes in all costs as a deposit, in KWH base units: 0.1 KWH an entry and
/// 0.001 KWH a byte.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	items as Balance * KWH / 10 + bytes as Balance * KWH / 1_000
}
