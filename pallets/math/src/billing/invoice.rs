//! How a bill comes about, line by line, for people to check.
//!
//! An invoice is computed, not stored: it is what the next period's bill would be made of at a moment. Billing does the
//! same steps; whoever keeps records asks for the invoice just before the bill is played.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use super::{
	agreement::Agreement,
	sources::{Registers, Sources, MAX_REGISTERS},
	tariff::excess_price,
	wide::I256,
	Moment, Money, Month, Period, Price, Refusal,
};

/// What one register's energy costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Line {
	/// Its position, in the meter's order.
	pub register: u8,
	/// The agreement's Wh of it at the price; deemed energy is among those of the first register.
	pub normal: u64,
	/// Its Wh beyond the contracted quantity, at the excess price.
	pub over: u64,
	/// Its Wh that the make-up bank gave free.
	pub free: u64,
	/// In 10^-18 base units per Wh.
	pub price: Price,
	/// In 10^-18 base units per Wh.
	pub excess_price: Price,
}

/// What a period's bill is made of. Its sum, normal x price + over x excess price for each line, and short x short price,
/// and the remainder carried from the bill before, make the amount.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Invoice {
	/// The period.
	pub period: Period,
	/// Its month.
	pub month: Month,
	/// The first period whose energy is billed: before `period` if the meter was silent, beyond it if it still is.
	pub since: Period,
	/// All of the meter's registers at the start of `since`'s month; empty if the meter is silent.
	pub opening: Registers,
	/// And at the end of `period`'s month; empty if the meter is silent.
	pub closing: Registers,
	/// One line for each billed register, in the order of the terms.
	pub lines: BoundedVec<Line, ConstU32<MAX_REGISTERS>>,
	/// Wh billed as if delivered.
	pub deemed: u64,
	/// Wh that count for neither side.
	pub excused: u64,
	/// The index that the prices follow, and whether it is the month's own: an earlier one is corrected later.
	pub index: Option<(Price, bool)>,
	/// Wh that the buyer had to take in the contract year that ends here, and did not.
	pub short: u64,
	/// Their price, in 10^-18 base units per Wh.
	pub short_price: Price,
}

impl Agreement {
	/// What the bill of the next period is made of at `at`. `NoSuchPeriod` if all are billed, `NotActive` before operation;
	/// `Overflow` where the bill would fail with it.
	pub fn invoice(&self, sources: &impl Sources, at: Moment) -> Result<Invoice, Refusal> {
		let mut probe = self.clone();
		probe.clock = at;
		let period = probe.next;
		if period >= probe.end {
			return Err(Refusal::NoSuchPeriod);
		}
		let month = probe.month(period).ok_or(Refusal::NotActive)?;
		let year = period / 12;
		let (unbilled, before) = (probe.unbilled, probe.year);
		let mut energy = probe.unbilled_energy(period, sources)?;
		let is_known = probe.unbilled > period;
		let stand = |month: Option<Month>| {
			let boundary = month.filter(|_| is_known).and_then(|month| sources.boundary(month));
			boundary.map(|boundary| boundary.registers).unwrap_or_default()
		};
		let (opening, closing) = (stand(probe.month(unbilled)), stand(Some(month.plus(1))));
		probe.count_declared(period, month, &mut energy)?;
		let (deemed, excused) = (
			probe.year.deemed.saturating_sub(before.deemed),
			probe.year.excused.saturating_sub(before.excused),
		);
		let splits = self
			.terms
			.volume
			.count(&energy, year, &mut probe.year, &mut probe.bank)?;

		let index = probe.index_of(month, sources);
		let mut lines = BoundedVec::new();
		for ((position, register), split) in self.terms.registers.iter().enumerate().zip(splits) {
			let price = self.terms.price(position, year, index.value())?;
			let excess_price = match self.terms.volume.excess {
				Some(excess) => excess_price(price, excess.price)?,
				None => price,
			};
			let line = Line {
				register: *register,
				normal: split.normal,
				over: split.over,
				free: split.free,
				price,
				excess_price,
			};
			lines.try_push(line).map_err(|_| Refusal::Full)?;
		}

		let short_price = self.terms.reference_price(year)?;
		let mut short = 0;
		if period % 12 == 11 || period.saturating_add(1) == self.end {
			let volume = &self.terms.volume;
			let months = period % 12 + 1;
			let end = volume.close_year(year, months, &probe.year, &mut probe.bank, short_price)?;
			short = end.short;
		}
		Ok(Invoice {
			period,
			month,
			since: if is_known { unbilled } else { period.saturating_add(1) },
			opening,
			closing,
			lines,
			deemed,
			excused,
			index: self.terms.tariff.is_indexed().then(|| (index.value(), index.is_true())),
			short,
			short_price,
		})
	}

	/// What the next bill comes to if `invoice` is what it is made of: what is billed, or what the seller owes instead, damages
	/// apart, in base units.
	pub fn amount_of(&self, invoice: &Invoice) -> Result<(Money, Money), Refusal> {
		let mut cost = I256::product(invoice.short_price, invoice.short.into());
		for line in &invoice.lines {
			cost = cost.plus(I256::product(line.price, line.normal.into()))?;
			cost = cost.plus(I256::product(line.excess_price, line.over.into()))?;
		}
		let (billed, owed, _) = self.whole_units(cost)?;
		Ok((billed, owed))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{agreement, day, settle, terms, Known},
		terms::Excess,
	};

	/// The sum of an invoice in 10^-18 base units.
	fn sum(invoice: &Invoice) -> i128 {
		let lines = invoice.lines.iter();
		let energy = lines.map(|line| line.price * i128::from(line.normal) + line.excess_price * i128::from(line.over));
		energy.sum::<i128>() + invoice.short_price * i128::from(invoice.short)
	}

	#[test]
	fn invoice_should_make_the_amount_of_the_bill_that_follows() {
		let mut terms = terms();
		terms.months = 2;
		terms.volume.quantity = 600;
		terms.volume.take_or_pay = 500_000;
		terms.volume.excess = Some(Excess {
			over: 0,
			price: 250_000,
		});
		let known = Known::registers(&[10, 30, 36]);
		let mut agreement = agreement(terms, 0);
		let mut sums = Vec::new();
		for period in [0, 1] {
			let now = day(period + 1, 1);
			settle(&mut agreement, &known, now);
			let invoice = agreement.invoice(&known, now).unwrap();
			let amount = agreement.amount_of(&invoice);
			let accrued = agreement.ledger.accrued;
			settle(&mut agreement, &known, now + 1);
			assert_eq!(amount, Ok((agreement.ledger.accrued - accrued, 0)));
			assert_eq!(
				sum(&invoice),
				(agreement.ledger.accrued - accrued) as i128 * crate::tariff::SCALE as i128
			);
			sums.push((
				invoice.opening[0],
				invoice.closing[0],
				invoice.lines[0].normal,
				invoice.short,
			));
		}
		// A sixth of a year of 600 Wh is 100, of which half has to be taken; 26 were.
		assert_eq!(sums, [(10, 30, 20, 0), (30, 36, 6, 24)]);
		assert_eq!(agreement.invoice(&known, day(3, 0)), Err(Refusal::NoSuchPeriod));
	}

	#[test]
	fn invoice_should_have_no_energy_while_the_meter_is_silent() {
		let known = Known::registers(&[10]);
		let agreement = agreement(terms(), 0);
		let invoice = agreement.invoice(&known, day(4, 0)).unwrap();
		assert_eq!(
			(invoice.since, invoice.opening.len(), invoice.lines[0].normal),
			(1, 0, 0)
		);
	}
}
