//! Who gets which part of a meter's month.
//!
//! Several agreements may bill one meter. A table, in force from its month on until a later one, cuts each register's
//! advance in that month: first every *priority* row takes what is left up to its cap, in the table's order; then the
//! *percent* rows cut the rest. A share is a function of the month alone, never of who settles first.
//!
//! Percent rows are cut at cumulative floors, so that together they take the floor of their sum. What no row takes belongs
//! to nobody: shares of a month never add up to more than its advance.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use super::{AgreementId, Ppm, Refusal, MILLION};
use crate::split::Cut;

/// The most rows of a table.
pub const MAX_ROWS: u32 = 32;

/// What a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Take {
	/// Up to so many Wh of each register a month, before the rows after it.
	#[codec(index = 0)]
	Priority(u64),
	/// A share of what the priority rows leave.
	#[codec(index = 1)]
	Percent(Ppm),
}

/// One agreement's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ShareRow {
	/// Whose it is.
	pub agreement: AgreementId,
	/// What it takes.
	pub take: Take,
}

/// The rows of a meter from some month on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ShareTable {
	rows: BoundedVec<ShareRow, ConstU32<MAX_ROWS>>,
}

impl ShareTable {
	/// A table of these rows. `BadShares` if the percent rows add up to more than the whole, `Full` if there are too many.
	pub fn new(rows: &[ShareRow]) -> Result<Self, Refusal> {
		let percent = |row: &ShareRow| match row.take {
			Take::Percent(ratio) => u128::from(ratio),
			Take::Priority(_) => 0,
		};
		if rows.iter().map(percent).sum::<u128>() > MILLION {
			return Err(Refusal::BadShares);
		}
		let mut table = Self {
			rows: BoundedVec::new(),
		};
		table.rows.try_extend(rows.iter().copied()).map_err(|_| Refusal::Full)?;
		Ok(table)
	}

	/// What `agreement` gets of a register's `advance` in a month, in Wh. Its rows add up if it has several.
	pub fn share(&self, agreement: AgreementId, advance: u64) -> u64 {
		let mut left = advance;
		let mut share = 0;
		for row in &self.rows {
			if let Take::Priority(cap) = row.take {
				let taken = left.min(cap);
				left -= taken;
				share += if row.agreement == agreement { taken } else { 0 };
			}
		}
		let mut cut = Cut::new(left.into(), MILLION);
		for row in &self.rows {
			if let Take::Percent(ratio) = row.take {
				// At most `left`, of which all percent rows together take no more.
				let taken = cut.take(ratio.into()) as u64;
				share += if row.agreement == agreement { taken } else { 0 };
			}
		}
		share
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn priority(agreement: AgreementId, cap: u64) -> ShareRow {
		let take = Take::Priority(cap);
		ShareRow { agreement, take }
	}

	fn percent(agreement: AgreementId, ratio: Ppm) -> ShareRow {
		let take = Take::Percent(ratio);
		ShareRow { agreement, take }
	}

	#[test]
	fn priority_should_come_first_wherever_it_stands() {
		let rows = [
			percent(1, 333_333),
			priority(2, 100),
			percent(3, 666_667),
			priority(4, 50),
		];
		let table = ShareTable::new(&rows).unwrap();
		let shares = |advance| [1, 2, 3, 4].map(|agreement| table.share(agreement, advance));
		assert_eq!(shares(160), [3, 100, 7, 50]);
		assert_eq!(shares(120), [0, 100, 0, 20]);
		assert_eq!(table.share(9, 160), 0);
	}

	#[test]
	fn rows_should_add_up_when_an_agreement_has_two() {
		let table = ShareTable::new(&[priority(1, 10), percent(1, 500_000)]).unwrap();
		assert_eq!(table.share(1, 31), 20);
	}

	#[test]
	fn table_should_be_refused_when_it_gives_more_than_there_is() {
		assert_eq!(
			ShareTable::new(&[percent(1, 600_000), percent(2, 400_001)]),
			Err(Refusal::BadShares)
		);
		assert_eq!(ShareTable::new(&[priority(1, 1); 33]), Err(Refusal::Full));
	}

	proptest! {
		#[test]
		fn shares_should_never_exceed_the_advance(
			rows in prop::collection::vec((any::<bool>(), any::<u64>(), 0..=125_000u32), 1..8),
			advance in any::<u64>(),
		) {
			let rows: Vec<_> = rows
				.into_iter()
				.zip(0..)
				.map(|((first, cap, ratio), id)| if first { priority(id, cap) } else { percent(id, ratio) })
				.collect();
			let table = ShareTable::new(&rows).unwrap();
			let sum: u128 = (0..8).map(|id| u128::from(table.share(id, advance))).sum();
			prop_assert!(sum <= u128::from(advance));
		}
	}
}
