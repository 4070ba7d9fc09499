//! Whose a meter's energy is: the shares that agreements have in its registers.
//!
//! An agreement takes a share of its registers from its first month to its last. Agreements that bill the same registers cut
//! each month between them: those with priority first, each up to its cap, in the order in which they became active; the
//! others by percentage of the rest, together at most the whole. Agreements that bill other registers have nothing to do with
//! them, unless these count the same energy: a total and its tariff bands are never both billed, nor are sets of registers
//! that overlap. So no Wh is billed twice.
//!
//! Which share is in force in a month depends on the month and on what is final of it, never on who settles when:
//!
//! * The share of an agreement that waits for operation begins with the first month after the reading that proves it. By the
//!   time that a month can be billed, that reading is final.
//! * A new share never makes another one smaller, so it may begin in the past. A percentage stands behind all priorities and
//!   beside the other percentages; a priority stands behind the earlier ones. A priority would take from those who have a
//!   percentage, who are not asked: where there are any it is refused. Priorities come first.
//! * Operation is proven, if at all, by a reading after the newest final one. Where that could be in months that were given
//!   away or lie far back, the share is refused: it would be billed for months in which it has no energy.
//! * An agreement that ends early gives its share up from a month on that has not begun.
//! * The row of a closed agreement stays as long as another agreement shares its months. When it goes, a mark remains up to
//!   which the registers were given away; no later agreement gets a share of these months. An agreement that billed no month
//!   leaves nothing behind.

use alloc::vec::Vec;

use baseload_math::billing::{
	shares::{ShareRow, ShareTable, Take},
	sources::MAX_REGISTERS,
	terms::{Operation, Start},
	Month, Terms, MILLION,
};
use baseload_primitives::{AgreementId, MeterId, MeterUse, Moment, Register, Threshold};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, BoundedVec};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::DispatchError;

use crate::{Config, Error, Pallet, Shares};

/// The most agreements that share one meter at a time.
pub const MAX_SHARES: u32 = 16;

/// Positions of registers, a bit each.
pub(crate) type Mask = u8;

/// When a share is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Span {
	/// From a month on until another.
	#[codec(index = 0)]
	Months {
		/// The first month.
		from: Month,
		/// The first month after it.
		until: Month,
	},
	/// For so many months from the first one after operation is proven.
	#[codec(index = 1)]
	Operation {
		/// What proves it.
		threshold: Threshold,
		/// How many months.
		months: u32,
		/// The first month that the proof can lead to: nothing final up to the beginning of the agreement proves it earlier.
		not_before: Month,
		/// Only until this month, if the agreement ends early.
		until: Option<Month>,
	},
}

impl Span {
	/// The first month and the first one after it; `None` while operation is not proven.
	pub(crate) fn months(&self, proven: impl Fn(Threshold) -> Option<Month>) -> Option<(Month, Month)> {
		match *self {
			Self::Months { from, until } => Some((from, until)),
			Self::Operation {
				threshold,
				months,
				not_before,
				until,
			} => {
				let first = proven(threshold)?;
				let end = first.plus(months);
				Some((first.max(not_before), until.map_or(end, |until| until.min(end))))
			}
		}
	}

	/// The months that it may ever be in force in.
	fn at_most(&self, proven: impl Fn(Threshold) -> Option<Month>) -> (Month, Month) {
		self.months(proven).unwrap_or(match *self {
			Self::Operation { not_before, .. } => (not_before, Month::of(Moment::MAX)),
			Self::Months { from, until } => (from, until),
		})
	}
}

/// An agreement's share in a meter.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Row {
	/// Whose it is.
	pub agreement: AgreementId,
	/// The registers that it bills, a bit for each position.
	pub registers: Mask,
	/// All registers that count any of the same energy, these included.
	pub energy: Mask,
	/// What it takes.
	pub take: Take,
	/// When.
	pub span: Span,
	/// The agreement is closed.
	pub closed: bool,
}

/// All shares in a meter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Book {
	/// Oldest first.
	pub rows: BoundedVec<Row, ConstU32<MAX_SHARES>>,
	/// For each register the month up to which rows that are gone had given it away.
	pub given: [Option<Month>; MAX_REGISTERS as usize],
}

/// The bits of these positions.
pub(crate) fn mask_of(positions: &[u8]) -> Mask {
	positions.iter().fold(0, |mask, position| mask | bit(*position))
}

fn bit(position: u8) -> Mask {
	1u8.checked_shl(position.into()).unwrap_or(0)
}

/// True if two registers count some of the same energy: a register itself, a total and its bands.
pub(crate) fn same_energy(one: Register, other: Register) -> bool {
	use Register::{Export, ExportBand, Import, ImportBand};
	one == other
		|| matches!(
			(one, other),
			(Export, ExportBand(_)) | (ExportBand(_), Export) | (Import, ImportBand(_)) | (ImportBand(_), Import)
		)
}

/// All positions whose registers count some of the same energy as those of `mask`.
pub(crate) fn energy_of(registers: &[Register], mask: Mask) -> Mask {
	let billed = |position: usize| mask & bit(position as u8) != 0;
	let counts_it = |register: &Register| {
		let mut all = registers.iter().enumerate();
		all.any(|(position, other)| billed(position) && same_energy(*register, *other))
	};
	let positions = registers.iter().zip(0u8..).filter(|(register, _)| counts_it(register));
	positions.fold(0, |mask, (_, position)| mask | bit(position))
}

impl Book {
	/// The table that cuts the registers of `agreement` in `month`; `None` if it has no share in them.
	pub(crate) fn table(
		&self,
		agreement: AgreementId,
		month: Month,
		proven: impl Fn(Threshold) -> Option<Month>,
	) -> Option<ShareTable> {
		let own = self.rows.iter().find(|row| row.agreement == agreement)?;
		let in_force = |row: &&Row| {
			let months = row.span.months(&proven);
			row.registers == own.registers && months.is_some_and(|(from, until)| (from..until).contains(&month))
		};
		let rows = self.rows.iter().filter(in_force).map(|row| ShareRow {
			agreement: row.agreement.0,
			take: row.take,
		});
		ShareTable::new(&rows.collect::<Vec<_>>()).ok()
	}

	/// Gives `agreement` its share. Operation, if it waits for it, is proven for no month before `earliest`.
	pub(crate) fn add<T: Config>(
		&mut self,
		agreement: AgreementId,
		terms: &Terms,
		take: Take,
		registers: &[Register],
		earliest: Month,
		proven: impl Fn(Threshold) -> Option<Month>,
	) -> Result<(), DispatchError> {
		let mask = mask_of(&terms.registers);
		let energy = energy_of(registers, mask);
		let given = self
			.given
			.iter()
			.zip(0u8..)
			.filter(|(_, position)| energy & bit(*position) != 0);
		let given = given.filter_map(|(given, _)| *given).max();

		let span = match terms.start {
			Start::Month(from) => Span::Months {
				from,
				until: from.plus(terms.months),
			},
			Start::Operation(Operation { register, wh, .. }) => Span::Operation {
				threshold: Threshold {
					register: *registers
						.get(usize::from(register))
						.ok_or(Error::<T>::UnknownRegister)?,
					count: wh,
				},
				months: terms.months,
				not_before: earliest,
				until: None,
			},
		};

		let months = span.at_most(&proven);
		ensure!(given.is_none_or(|given| given <= months.0), Error::<T>::MonthBilled);
		let overlaps = |row: &Row| {
			let other = row.span.at_most(&proven);
			other.0 < months.1 && months.0 < other.1
		};
		let others: Vec<_> = self.rows.iter().filter(|row| overlaps(row)).collect();
		let apart = |row: &&Row| row.registers == mask || row.energy & mask == 0;
		ensure!(others.iter().all(apart), Error::<T>::RegistersOverlap);
		let sharing: Vec<_> = others.into_iter().filter(|row| row.registers == mask).collect();
		let is_first = matches!(take, Take::Priority(_));
		let takes = is_first && sharing.iter().any(|row| matches!(row.take, Take::Percent(_)));
		ensure!(!takes, Error::<T>::PriorityTakes);
		// The sum can only rise where a row begins.
		let begins = sharing.iter().map(|row| row.span.at_most(&proven).0.max(months.0));
		for month in begins.chain([months.0]) {
			let in_force = |row: &&&Row| {
				let other = row.span.at_most(&proven);
				(other.0..other.1).contains(&month)
			};
			let sum = sharing
				.iter()
				.filter(in_force)
				.map(|row| percent(row.take))
				.sum::<u128>();
			ensure!(sum + percent(take) <= MILLION, Error::<T>::SharesExceedWhole);
		}
		let row = Row {
			agreement,
			registers: mask,
			energy,
			take,
			span,
			closed: false,
		};
		self.rows.try_push(row).map_err(|_| Error::<T>::TooManyShares.into())
	}

	/// Ends the share of `agreement` with `month`, which has not begun.
	pub(crate) fn end(&mut self, agreement: AgreementId, month: Month) {
		for row in self.rows.iter_mut().filter(|row| row.agreement == agreement) {
			match &mut row.span {
				Span::Months { from, until } => *until = month.min(*until).max(*from),
				Span::Operation { until, .. } => *until = Some(month),
			}
		}
	}

	/// Notes that `agreement` is closed, having billed a month or none, and forgets the rows that nobody's share depends on any
	/// more.
	pub(crate) fn close(
		&mut self,
		agreement: AgreementId,
		has_billed: bool,
		proven: impl Fn(Threshold) -> Option<Month>,
	) {
		// Without a bill it had no share in any month, and must not get one later. It is billing that tells, not what is
		// proven by now: that would depend on who settles when.
		self.rows.retain(|row| has_billed || row.agreement != agreement);
		for row in self.rows.iter_mut().filter(|row| row.agreement == agreement) {
			row.closed = true;
		}
		let open: Vec<_> = self
			.rows
			.iter()
			.filter(|row| !row.closed)
			.map(|row| (row.registers, row.span.at_most(&proven)))
			.collect();
		let is_needed = |row: &Row| {
			let (from, until) = row.span.at_most(&proven);
			let shared =
				|(mask, months): &(Mask, (Month, Month))| *mask == row.registers && months.0 < until && from < months.1;
			!row.closed || open.iter().any(shared)
		};
		for row in self.rows.iter().filter(|row| !is_needed(row)) {
			let (_, until) = row.span.at_most(&proven);
			for (given, position) in self.given.iter_mut().zip(0u8..) {
				if row.energy & bit(position) != 0 {
					*given = Some(given.map_or(until, |given| given.max(until)));
				}
			}
		}
		self.rows.retain(is_needed);
	}
}

impl<T: Config> MeterUse for Pallet<T> {
	fn is_billed(meter: MeterId) -> bool {
		// A closed agreement's row stays only beside one that is not.
		!Shares::<T>::get(meter).rows.is_empty()
	}
}

fn percent(take: Take) -> u128 {
	match take {
		Take::Percent(ratio) => ratio.into(),
		Take::Priority(_) => 0,
	}
}
