//! The risk key: where a vault stands in the risk index, and whether it is below a ratio.
//!
//! A vault's ratio is its collateral per share times `N / D` over the price. `N / D` and the price are the same for all, so
//! collateral per share orders the vaults; and what is handed out per share, `A`, is added to all alike, so leaving it out
//! keeps the order and makes the key constant until the vault itself is touched:
//!
//! ```text
//! key       = 2^255 - a + min(floor(c 2^192 / n), 2^255 - 1)
//! threshold = 2^255 - A + ceil(price x ratio x D 2^192 / N)          below the ratio <=> key < threshold
//! ```
//!
//! A key is never compared with a rounded ratio. Keys are rounded down and thresholds up, so a vault below the ratio is always
//! found; one that meets it, but by less than 2^-192 of a collateral unit per share, may count as below. Equal keys are ordered
//! by the vault's id. A vault without shares owes nothing and has no key.
//!
//! The caller keeps the index: a map sorted by ([`RiskKey::to_be_bytes`], id). Before it touches a vault it takes it off with
//! the key of the vault *as stored*, and afterwards it inserts it with its new key, if it has one.

use super::{
	terms::{Price, BASIS_POINTS},
	totals::{TypeBooks, Vault, FRACTION_BITS, HANDED_OUT_BITS},
	wide, Error,
};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{U256, U512};

/// Place in the risk index: the lower, the riskier. Also the first place that is not below some ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RiskKey(U256);

impl RiskKey {
	/// The key as a number.
	pub const fn value(&self) -> U256 {
		self.0
	}

	/// 32 bytes whose lexicographic order is the keys' order.
	pub fn to_be_bytes(&self) -> [u8; 32] {
		self.0.to_big_endian()
	}

	/// The key with these bytes.
	pub fn from_be_bytes(bytes: &[u8; 32]) -> Self {
		Self(U256::from_big_endian(bytes))
	}
}

impl Vault {
	/// Where the vault, as stored, stands in the risk index. `None` if it owes nothing.
	pub fn key(&self) -> Option<RiskKey> {
		let collateral = U512::from(self.collateral) << FRACTION_BITS;
		let per_share = collateral.checked_div(U512::from(self.shares))?;
		let cap = bias() - 1;
		let per_share = U256::try_from(per_share).map_or(cap, |per_share| per_share.min(cap));
		// `a` is below 2^255, so the difference is positive and the sum below 2^256.
		Some(RiskKey(bias() - self.handed_out + per_share))
	}
}

impl TypeBooks {
	/// The least key that is not below `ratio_bp` basis points of collateral per debt at `price`.
	///
	/// [`Error::NoDebt`] if nobody owes anything; [`Error::Overflow`] at a price so high that no key could pass.
	pub fn threshold(&self, price: &Price, ratio_bp: u32) -> Result<RiskKey, Error> {
		if self.shares.is_zero() {
			return Err(Error::NoDebt);
		}
		// 128 + 32 + 128 + 192 bits over 128 + 14 + 256 bits.
		let value = U512::from(price.numerator()) * U512::from(ratio_bp) * U512::from(self.debt);
		let owed = U512::from(price.denominator()) * U512::from(BASIS_POINTS) * U512::from(self.shares);
		let per_share = wide::narrow(wide::ceil_div(value << FRACTION_BITS, owed)?)?;
		let from = bias() - self.handed_out;
		Ok(RiskKey(from.checked_add(per_share).ok_or(Error::Overflow)?))
	}
}

/// Keeps keys positive.
fn bias() -> U256 {
	U256::one() << HANDED_OUT_BITS
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;

	fn vault(shares: u128, collateral: u128) -> Vault {
		Vault {
			shares: shares.into(),
			collateral,
			..Vault::default()
		}
	}

	fn books(debt: u128, shares: u128) -> TypeBooks {
		TypeBooks {
			debt,
			shares: shares.into(),
			..TypeBooks::default()
		}
	}

	#[test]
	fn key_should_be_missing_when_nothing_is_owed() {
		assert_eq!(vault(0, 5).key(), None);
	}

	#[test]
	fn key_should_stop_at_the_cap_when_collateral_dwarfs_the_shares() {
		assert_eq!(vault(1, u128::MAX).key().unwrap().value(), U256::MAX);
		assert_eq!(vault(1, 0).key().unwrap().value(), bias());
	}

	#[test]
	fn bytes_should_sort_like_keys_and_read_back() {
		let (low, high) = (vault(3, 10).key().unwrap(), vault(3, 11).key().unwrap());
		assert!(low < high && low.to_be_bytes() < high.to_be_bytes());
		assert_eq!(RiskKey::from_be_bytes(&low.to_be_bytes()), low);
	}

	#[test]
	fn vault_should_be_below_the_ratio_only_when_a_unit_is_missing() {
		// 150 % of 100 at 7/3 is 350.
		let (price, books) = (Price::new(7, 3).unwrap(), books(100, 100 << 64));
		let threshold = books.threshold(&price, 15_000).unwrap();
		assert!(vault(100 << 64, 350).key().unwrap() >= threshold);
		assert!(vault(100 << 64, 349).key().unwrap() < threshold);
	}

	#[test]
	fn vault_should_count_as_below_when_it_meets_a_ratio_that_is_no_whole_key() {
		// 130 % of 1,000 is 1,300, which is 1.3 x 2^128 per share.
		let (price, books) = (Price::new(1, 1).unwrap(), books(1_000, 1_000 << 64));
		let threshold = books.threshold(&price, 13_000).unwrap();
		assert_eq!(vault(1_000 << 64, 1_300).key().unwrap().value() + 1, threshold.value());
		assert!(vault(1_000 << 64, 1_301).key().unwrap() >= threshold);
	}

	#[test]
	fn threshold_should_fail_when_there_is_no_debt_or_no_room() {
		let price = Price::new(u128::MAX, 1).unwrap();
		assert_eq!(TypeBooks::default().threshold(&price, 10_000), Err(Error::NoDebt));
		assert_eq!(
			books(1 << 100, 1 << 100).threshold(&price, 10_000),
			Err(Error::Overflow)
		);
	}

	proptest! {
		#[test]
		fn key_should_decide_like_the_exact_ratio(
			(debt, bits, part) in (1u128..1 << 60, 24u32..64, 1u128..1 << 60),
			(collateral, handed_out, before) in (0u128..1 << 70, 0u128..1 << 100, 0u128..1 << 100),
			(numerator, denominator, ratio) in (1u128..1 << 40, 1u128..1 << 40, 1u32..50_000),
		) {
			let mut books = books(debt, debt << bits);
			books.handed_out = U256::from(handed_out.max(before)) << 60;
			let shares = U256::from(part.min(debt)) << bits;
			let vault = Vault { shares, collateral, handed_out: U256::from(handed_out.min(before)) << 60 };
			let price = Price::new(numerator, denominator).unwrap();
			let below = vault.key().unwrap() < books.threshold(&price, ratio).unwrap();
			// (c 2^192 + n (A - a)) pd 10^4 N < n D pn bp 2^192 is below; what is at most 2^-192 a share above may be.
			let owned = (U512::from(collateral) << FRACTION_BITS) + shares.full_mul(books.handed_out - vault.handed_out);
			let scale = U512::from(denominator) * U512::from(BASIS_POINTS) * U512::from(books.shares);
			let value = U512::from(numerator) * U512::from(ratio) * U512::from(debt);
			let required = (value * U512::from(shares)) << FRACTION_BITS;
			prop_assert!(below || owned * scale >= required);
			prop_assert!(!below || owned * scale < required + U512::from(shares) * scale);
		}
	}
}
