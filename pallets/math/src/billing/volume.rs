//! How the energy of a period counts against the contracted quantity, and what a contract year settles at its end.
//!
//! Within a contract year the first energy counts toward the quantity that the buyer pays for anyway (take or pay). What
//! comes after it is *free* as long as the buyer has energy in the make-up bank, the oldest first: it paid for that in a
//! year in which it took less. What then lies beyond the quantity and its margin is *excess*. Excess and free energy are
//! cut among the registers in proportion, at cumulative floors, excess first.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use super::{
	sources::MAX_REGISTERS,
	terms::{Volume, MAX_MAKEUP_YEARS},
	wide::{scaled_down, I256},
	Money, Price, Refusal,
};
use crate::{split::Cut, tariff::SCALE};

/// The most entries of a make-up bank: one a year, each gone when its years are over.
const MAX_BANK: u32 = MAX_MAKEUP_YEARS + 2;

/// Energy paid but not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BankEntry {
	/// The last contract year in which it may be taken.
	pub through: u32,
	/// What is left of it, in Wh.
	pub wh: u64,
	/// What a Wh of it was paid at.
	pub price: Price,
}

/// The make-up bank, oldest first.
pub type Bank = BoundedVec<BankEntry, ConstU32<MAX_BANK>>;

/// What a contract year has counted so far, in Wh.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct YearCount {
	/// Counts toward the quantity: metered and deemed, without what the bank gave free.
	pub counted: u64,
	/// Metered.
	pub delivered: u64,
	/// Deemed delivered.
	pub deemed: u64,
	/// Excused.
	pub excused: u64,
}

/// One register's energy in a bill, by what it costs. In Wh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
	/// At the price.
	pub normal: u64,
	/// At the excess price.
	pub over: u64,
	/// Taken from the make-up bank, paid long ago.
	pub free: u64,
}

/// What a contract year settles at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearEnd {
	/// Wh that the buyer did not take but pays.
	pub short: u64,
	/// What the seller owes for what it did not deliver, in base units.
	pub damages: Money,
}

/// floor(`wh` x `ratio` / 10^6) beyond 64 bits, should the ratio be above the whole.
fn share(wh: u64, ratio: u32) -> u128 {
	u128::from(wh) * u128::from(ratio) / 1_000_000
}

/// The quantity that `months` months of a contract year stand for, in Wh, rounded down.
fn prorated(quantity: u64, months: u32) -> u64 {
	// `months` is at most 12.
	(u128::from(quantity) * u128::from(months) / 12) as u64
}

impl Volume {
	/// Counts `energy`, the Wh of each billed register, in contract year `year`: takes from the bank, raises the count, and
	/// says what each register's energy costs. `Overflow` if the sums do not fit.
	pub fn count(
		&self,
		energy: &[u64],
		year: u32,
		counts: &mut YearCount,
		bank: &mut Bank,
	) -> Result<[Split; MAX_REGISTERS as usize], Refusal> {
		let all = energy
			.iter()
			.try_fold(0u64, |sum, wh| sum.checked_add(*wh))
			.ok_or(Refusal::Overflow)?;
		let counted = u128::from(counts.counted);
		let owed_anyway = share(self.quantity, self.take_or_pay).saturating_sub(counted);
		let first = u128::from(all).min(owed_anyway) as u64;
		let free = withdraw(bank, year, all - first);
		let over = self.excess.map_or(0, |excess| {
			let limit = u128::from(self.quantity) + share(self.quantity, excess.over);
			u128::from(all - free).saturating_sub(limit.saturating_sub(counted)) as u64
		});
		counts.counted = counts.counted.checked_add(all - free).ok_or(Refusal::Overflow)?;

		let mut splits = [Split::default(); MAX_REGISTERS as usize];
		let mut over_cut = Cut::new(over.into(), all.into());
		let mut free_cut = Cut::new(free.into(), (all - over).into());
		for (split, wh) in splits.iter_mut().zip(energy) {
			// A cumulative floor never gives a register more than its own energy, rounded up, which is a whole number.
			split.over = over_cut.take((*wh).into()) as u64;
			let left = wh - split.over;
			split.free = free_cut.take(left.into()) as u64;
			split.normal = left - split.free;
		}
		Ok(splits)
	}

	/// What contract year `year` settles after `months` of its months: bank entries whose last year this was lapse; energy
	/// that the buyer had to pay but did not take is banked at `price`; energy that the seller guaranteed but did not
	/// deliver makes damages, rounded down.
	pub fn close_year(
		&self,
		year: u32,
		months: u32,
		counts: &YearCount,
		bank: &mut Bank,
		price: Price,
	) -> Result<YearEnd, Refusal> {
		bank.retain(|entry| entry.through > year);
		let quantity = prorated(self.quantity, months);
		let excused = u128::from(counts.excused);
		let short = share(quantity, self.take_or_pay).saturating_sub(excused + u128::from(counts.counted));
		let short = u64::try_from(short).map_err(|_| Refusal::Overflow)?;
		if short > 0 {
			let through = year.saturating_add(self.makeup_years);
			let entry = BankEntry {
				through,
				wh: short,
				price,
			};
			bank.try_push(entry).map_err(|_| Refusal::Full)?;
		}
		let delivered = u128::from(counts.delivered) + u128::from(counts.deemed) + excused;
		let missing = share(quantity, self.guarantee).saturating_sub(delivered);
		let damages = scaled_down(missing, self.ld_price.unsigned_abs(), SCALE.into())?;
		Ok(YearEnd {
			short,
			damages: damages.min(self.ld_cap),
		})
	}
}

/// Takes up to `wh` Wh that may still be taken in contract year `year` out of the bank, oldest first. Returns how much.
fn withdraw(bank: &mut Bank, year: u32, wh: u64) -> u64 {
	let mut left = wh;
	for entry in bank.iter_mut().filter(|entry| entry.through >= year) {
		let taken = entry.wh.min(left);
		entry.wh -= taken;
		left -= taken;
	}
	bank.retain(|entry| entry.wh > 0);
	wh - left
}

/// What the bank's energy was paid with, in base units, rounded down in all.
pub fn worth(bank: &Bank) -> Result<Money, Refusal> {
	let mut sum = I256::default();
	for entry in bank {
		sum = sum.plus(I256::product(entry.price, entry.wh.into()))?;
	}
	let (worth, _) = sum.divide(SCALE.into())?;
	if worth.is_negative() {
		return Ok(0);
	}
	worth.distance()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::terms::Excess;

	fn volume() -> Volume {
		Volume {
			quantity: 1_200,
			excess: Some(Excess {
				over: 100_000,
				price: 700_000,
			}),
			take_or_pay: 500_000,
			makeup_years: 1,
			ref_price: 0,
			guarantee: 800_000,
			ld_price: 3 * SCALE as i128 / 2,
			ld_cap: 1_000,
		}
	}

	fn banked(entries: &[(u32, u64)]) -> Bank {
		let entry = |(through, wh)| BankEntry { through, wh, price: 2 };
		entries
			.iter()
			.copied()
			.map(entry)
			.collect::<Vec<_>>()
			.try_into()
			.unwrap()
	}

	#[test]
	fn bank_should_serve_only_after_what_is_owed_anyway_and_oldest_first() {
		let mut counts = YearCount::default();
		let mut bank = banked(&[(1, 30), (2, 50)]);
		let splits = volume().count(&[640], 1, &mut counts, &mut bank).unwrap();
		assert_eq!((splits[0].normal, splits[0].free), (600, 40));
		assert_eq!((counts.counted, bank), (600, banked(&[(2, 40)])));
	}

	#[test]
	fn bank_should_not_serve_when_its_years_are_over() {
		let mut bank = banked(&[(0, 30)]);
		let splits = volume().count(&[700], 1, &mut YearCount::default(), &mut bank).unwrap();
		assert_eq!((splits[0].free, bank), (0, banked(&[(0, 30)])));
	}

	#[test]
	fn excess_should_be_cut_among_registers_and_leave_free_energy_the_rest() {
		let mut counts = YearCount::default();
		let mut bank = banked(&[(1, 7)]);
		let splits = volume().count(&[1_000, 333, 4], 1, &mut counts, &mut bank).unwrap();
		// All 1,337, free 7, so 1,330 count, of which 10 lie beyond 1,320.
		assert_eq!(splits.map(|split| split.over)[..3], [7, 2, 1]);
		assert_eq!(splits.map(|split| split.free)[..3], [5, 1, 1]);
		let sum: u64 = splits.iter().map(|split| split.normal + split.over + split.free).sum();
		assert_eq!((sum, counts.counted), (1_337, 1_330));
	}

	#[test]
	fn all_should_be_excess_when_the_limit_is_behind() {
		let mut counts = YearCount {
			counted: 5_000,
			..Default::default()
		};
		let splits = volume().count(&[9], 0, &mut counts, &mut Bank::new()).unwrap();
		assert_eq!(splits[0].over, 9);
	}

	#[test]
	fn year_end_should_bank_what_was_not_taken_and_lapse_what_is_old() {
		let counts = YearCount {
			counted: 100,
			delivered: 100,
			deemed: 20,
			excused: 30,
		};
		let mut bank = banked(&[(3, 5), (4, 6)]);
		let end = volume().close_year(3, 6, &counts, &mut bank, 9).unwrap();
		// Half a year: 600 Wh, of which 300 are paid anyway and 480 guaranteed.
		assert_eq!(end.short, 300 - 30 - 100);
		assert_eq!(end.damages, (480 - 100 - 20 - 30) * 3 / 2);
		let mut expected = banked(&[(4, 6), (4, 170)]);
		expected[1].price = 9;
		assert_eq!(bank, expected);
	}

	#[test]
	fn damages_should_stop_at_their_cap() {
		let end = volume()
			.close_year(0, 12, &YearCount::default(), &mut Bank::new(), 0)
			.unwrap();
		assert_eq!(end.damages, 1_000);
	}

	#[test]
	fn worth_should_round_down_in_all() {
		let mut bank = banked(&[(1, 1), (1, 1)]);
		bank.iter_mut().for_each(|entry| entry.price = SCALE as i128 * 3 / 2);
		assert_eq!(worth(&bank), Ok(3));
	}
}
