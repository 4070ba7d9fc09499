//! A period's bill, and its correction when a late index turns up.
//!
//! A bill covers the energy of every month that is in no bill yet, priced at its own period's prices: if the meter was
//! silent for so long that periods were billed at 0 Wh, what shows up later joins the next bill.
//!
//! An agreement counts at most 2^64 - 1 Wh in its life, far beyond what any plant makes; what a meter that tells nonsense shows
//! beyond that is not billed. So no reading, true or not, makes a bill that cannot be computed, and behind which all other
//! money would wait for ever.

use super::{
	agreement::{Agreement, Correction},
	ledger::add,
	sources::{Registers, Sources},
	tariff::excess_price,
	volume::Split,
	wide::I256,
	Month, Period, Price, Refusal,
};

/// W ms in a Wh.
const W_MS_PER_WH: u128 = 3_600_000;

/// A month's index.
pub(super) enum KnownIndex {
	/// Its own, or none is needed.
	True(Price),
	/// An earlier month's, or the one agreed for want of any.
	Earlier(Price),
}

impl KnownIndex {
	pub(super) fn value(&self) -> Price {
		match self {
			Self::True(value) | Self::Earlier(value) => *value,
		}
	}

	pub(super) fn is_true(&self) -> bool {
		matches!(self, Self::True(_))
	}
}

impl Agreement {
	/// Bills the next period.
	pub(super) fn bill(&mut self, sources: &impl Sources) -> Result<(), Refusal> {
		let period = self.next;
		let month = self.month(period).ok_or(Refusal::NotActive)?;
		let year = period / 12;
		let mut energy = self.unbilled_energy(period, sources)?;
		self.count_declared(period, month, &mut energy)?;
		self.wh = energy
			.iter()
			.try_fold(self.wh, |sum, wh| sum.checked_add(*wh))
			.ok_or(Refusal::Overflow)?;
		let splits = self.terms.volume.count(&energy, year, &mut self.year, &mut self.bank)?;

		let index = self.index_of(month, sources);
		let mut cost = I256::default();
		for (position, split) in splits.iter().enumerate().take(energy.len()) {
			let price = self.terms.price(position, year, index.value())?;
			cost = cost.plus(self.cost(split, price)?)?;
		}
		if let KnownIndex::Earlier(value) = index {
			// The price of an indexed tariff is the same for every register.
			let correction = Correction {
				period,
				normal: splits.iter().map(|split| split.normal).sum(),
				over: splits.iter().map(|split| split.over).sum(),
				price: self.terms.price(0, year, value)?,
			};
			self.corrections.try_push(correction).map_err(|_| Refusal::Full)?;
		}

		self.next = period.saturating_add(1);
		let mut damages = 0;
		if period % 12 == 11 || self.next == self.end {
			let price = self.terms.reference_price(year)?;
			let end = self
				.terms
				.volume
				.close_year(year, period % 12 + 1, &self.year, &mut self.bank, price)?;
			cost = cost.plus(I256::product(price, end.short.into()))?;
			damages = end.damages;
		}
		if period % 12 == 11 {
			self.year = Default::default();
		}
		add(&mut self.ledger.attestor_due, self.terms.cuts.attestor_fee)?;
		self.charge(cost, Some(period), damages)
	}

	/// Corrects the oldest bill that used an earlier index, by the difference of the prices. An index that is still not
	/// known by now never will be used: the earlier one is final.
	pub(super) fn correct(&mut self, sources: &impl Sources) -> Result<(), Refusal> {
		if self.corrections.is_empty() {
			return Ok(());
		}
		let correction = self.corrections.remove(0);
		let month = self.month(correction.period).ok_or(Refusal::NotActive)?;
		let KnownIndex::True(index) = self.index_of(month, sources) else {
			return Ok(());
		};
		let price = self.terms.price(0, correction.period / 12, index)?;
		let split = Split {
			normal: correction.normal,
			over: correction.over,
			free: 0,
		};
		let difference = self.cost(&split, price)?.minus(self.cost(&split, correction.price)?)?;
		self.charge(difference, None, 0)
	}

	/// What a register's energy costs at `price`, in 10^-18 base units.
	fn cost(&self, split: &Split, price: Price) -> Result<I256, Refusal> {
		let excess = self
			.terms
			.volume
			.excess
			.map_or(Ok(price), |excess| excess_price(price, excess.price))?;
		I256::product(price, split.normal.into()).plus(I256::product(excess, split.over.into()))
	}

	/// Wh of each billed register in the months up to `period` that are in no bill yet; nothing if its registers are not
	/// known by now. Suspended months bring nothing.
	pub(super) fn unbilled_energy(&mut self, period: Period, sources: &impl Sources) -> Result<Registers, Refusal> {
		let mut energy = Registers::new();
		for _ in &self.terms.registers {
			energy.try_push(0).map_err(|_| Refusal::Full)?;
		}
		let boundary = |month| sources.boundary(month).filter(|boundary| boundary.known <= self.clock);
		let month = |period| self.month(period).ok_or(Refusal::NotActive);
		if boundary(month(period)?.plus(1)).is_none() {
			return Ok(energy);
		}
		let mut opening = boundary(month(self.unbilled)?).ok_or(Refusal::NoBoundary)?;
		for unbilled in self.unbilled..=period {
			let month = month(unbilled)?;
			let closing = boundary(month.plus(1)).ok_or(Refusal::NoBoundary)?;
			let table = sources.shares(month).filter(|_| !self.is_suspended(month));
			for (wh, position) in energy.iter_mut().zip(&self.terms.registers) {
				let stand = |registers: &[u64]| registers.get(usize::from(*position)).copied().unwrap_or_default();
				let advance = stand(&closing.registers).checked_sub(stand(&opening.registers));
				let advance = advance.ok_or(Refusal::Overflow)?;
				let share = table.as_ref().map_or(0, |table| table.share(self.id, advance));
				*wh = wh.checked_add(share).ok_or(Refusal::Overflow)?;
			}
			opening = closing;
		}
		self.unbilled = period.saturating_add(1);
		Ok(energy)
	}

	/// Counts what was metered, adds what was declared deemed for the period to the first register, at most what the plant
	/// could have delivered beyond what it did, and counts what is excused.
	pub(super) fn count_declared(
		&mut self,
		period: Period,
		month: Month,
		energy: &mut Registers,
	) -> Result<(), Refusal> {
		let declared = self.declared.iter().find(|declared| declared.period == period).copied();
		self.declared.retain(|declared| declared.period > period);
		let (deemed, mut excused) = declared.map_or((0, 0), |declared| (declared.deemed, declared.excused));
		if self.is_suspended(month) {
			excused = excused.saturating_add(self.terms.expected_in(month));
		}

		// What the agreement can still count: see the module.
		let mut left = u64::MAX.saturating_sub(self.wh);
		let mut metered = 0u64;
		for wh in energy.iter_mut() {
			*wh = (*wh).min(left);
			left -= *wh;
			metered = metered.saturating_add(*wh);
		}
		let possible = u128::from(self.terms.nameplate_w) * u128::from(month.ms()) / W_MS_PER_WH;
		let possible = possible.saturating_sub(metered.into()).min(left.into());
		let deemed = u128::from(deemed).min(possible) as u64;
		let first = energy.iter_mut().next().ok_or(Refusal::BadTerms)?;
		*first = first.checked_add(deemed).ok_or(Refusal::Overflow)?;

		let year = &mut self.year;
		for (count, wh) in [(&mut year.delivered, metered), (&mut year.deemed, deemed)] {
			*count = count.checked_add(wh).ok_or(Refusal::Overflow)?;
		}
		// Excused beyond the quantity means nothing more, and a word about energy must never stop the bills.
		year.excused = year.excused.saturating_add(excused);
		Ok(())
	}

	/// The index of `month` as far as it is known by now: its own, else the latest of the twelve months before, else the
	/// one agreed.
	pub(super) fn index_of(&self, month: Month, sources: &impl Sources) -> KnownIndex {
		if !self.terms.tariff.is_indexed() {
			return KnownIndex::True(0);
		}
		let known = |month| sources.index(month).filter(|index| index.known <= self.clock);
		match known(month) {
			Some(index) => KnownIndex::True(index.value),
			None => {
				let earlier = (1..=12).find_map(|back| known(month.minus(back)));
				KnownIndex::Earlier(earlier.map_or(self.terms.tariff.index0(), |index| index.value))
			}
		}
	}

	/// The price of a period's first register, at the index as far as it is known by now.
	pub(super) fn price_by_now(&self, period: Period, sources: &impl Sources) -> Result<Price, Refusal> {
		let month = self.month(period).ok_or(Refusal::NotActive)?;
		self.terms.price(0, period / 12, self.index_of(month, sources).value())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		billing::{
			example::{act, agreement, day, month, settle, terms, Known},
			terms::Tariff,
			DeclaredAs, Input,
		},
		tariff::SCALE,
	};

	const UNIT: Price = SCALE as Price;

	#[test]
	fn bills_should_carry_what_does_not_make_a_unit() {
		let mut terms = terms();
		let price = UNIT * 4 / 10;
		terms.tariff = Tariff::Fixed {
			prices: vec![price].try_into().unwrap(),
		};
		let mut agreement = agreement(terms, 100);
		let known = Known::registers(&[0, 2, 3]);
		settle(&mut agreement, &known, day(1, 2));
		assert_eq!(
			(agreement.ledger.accrued, agreement.rem, agreement.issued),
			(0, SCALE / 10 * 8, 0)
		);
		settle(&mut agreement, &known, day(2, 2));
		assert_eq!(
			(agreement.ledger.accrued, agreement.rem, agreement.issued),
			(1, SCALE / 10 * 2, 1)
		);
	}

	#[test]
	fn energy_should_join_the_next_bill_when_the_meter_was_silent() {
		let mut terms = terms();
		terms.outage.dark_final = 5 * crate::billing::calendar::DAY_MS;
		let mut agreement = agreement(terms, 0);
		let mut known = Known::registers(&[0]);
		known.register(1, 70, day(1, 9));
		known.register(2, 100, day(2, 1));
		settle(&mut agreement, &known, day(1, 20));
		assert_eq!((agreement.next, agreement.unbilled, agreement.wh), (1, 0, 0));
		settle(&mut agreement, &known, day(2, 2));
		assert_eq!((agreement.next, agreement.unbilled, agreement.wh), (2, 2, 100));
	}

	#[test]
	fn suspended_month_should_bring_nothing_and_excuse_what_was_expected() {
		let mut terms = terms();
		terms.expected[1] = 44;
		let mut agreement = agreement(terms, 0);
		let known = Known::registers(&[0, 10, 30, 60]);
		act(&mut agreement, &known, day(0, 3), Input::Suspend);
		act(&mut agreement, &known, day(1, 3), Input::Resume);
		settle(&mut agreement, &known, day(3, 2));
		assert_eq!((agreement.wh, agreement.year.excused), (40, 44));
		assert!(!agreement.is_suspended(month(2)));
	}

	#[test]
	fn deemed_energy_should_stop_at_what_the_plant_could_do() {
		let mut terms = terms();
		terms.nameplate_w = 1;
		let mut agreement = agreement(terms, 0);
		let known = Known::registers(&[0, 700]);
		act(
			&mut agreement,
			&known,
			day(0, 3),
			Input::Declare(DeclaredAs::Deemed, 0, 1_000),
		);
		act(
			&mut agreement,
			&known,
			day(0, 4),
			Input::Declare(DeclaredAs::Excused, 0, 9),
		);
		settle(&mut agreement, &known, day(1, 2));
		// One watt over 31 days is 744 Wh.
		assert_eq!(
			(agreement.wh, agreement.year.delivered, agreement.year.deemed),
			(744, 700, 44)
		);
		assert_eq!((agreement.year.excused, agreement.declared.len()), (9, 0));
	}

	fn indexed() -> Agreement {
		let mut terms = terms();
		terms.tariff = Tariff::Indexed {
			base: 0,
			slope: UNIT,
			floor: 0,
			cap: 9 * UNIT,
			index0: 3 * UNIT,
		};
		agreement(terms, 0)
	}

	#[test]
	fn late_index_should_be_corrected_by_the_difference() {
		let mut agreement = indexed();
		let mut known = Known::registers(&[0, 100]);
		known.index_of(0, 5 * UNIT, day(2, 0));
		settle(&mut agreement, &known, day(1, 11));
		assert_eq!((agreement.ledger.accrued, agreement.corrections.len()), (300, 1));
		settle(&mut agreement, &known, day(2, 1));
		assert_eq!(
			(agreement.ledger.accrued, agreement.issued, agreement.corrections.len()),
			(500, 2, 0)
		);
	}

	#[test]
	fn earlier_index_should_be_final_when_the_true_one_comes_too_late() {
		let mut agreement = indexed();
		let mut known = Known::registers(&[0, 100]);
		known.index_of(0, 5 * UNIT, day(9, 0));
		settle(&mut agreement, &known, day(9, 1));
		assert_eq!((agreement.ledger.accrued, agreement.corrections.len()), (300, 0));
	}

	#[test]
	fn latest_known_index_should_stand_in_before_the_agreed_one() {
		let agreement = indexed();
		let mut known = Known::default();
		known.index_of(3, 7, day(4, 0));
		known.index_of(4, 8, day(9, 0));
		let at = |clock, period| {
			let agreement = Agreement {
				clock,
				..agreement.clone()
			};
			agreement.index_of(month(period), &known).value()
		};
		assert_eq!(at(day(8, 0), 5), 7);
		assert_eq!(at(day(9, 0), 5), 8);
		assert_eq!(at(day(20, 0), 17), 3 * UNIT);
	}

	#[test]
	fn bills_should_never_fail_when_a_meter_counts_more_than_fits() {
		use crate::billing::clauses::MAX_NAMEPLATE;
		let mut terms = terms();
		terms.registers = vec![0, 1].try_into().unwrap();
		terms.tariff = Tariff::Fixed {
			prices: vec![1, 1].try_into().unwrap(),
		};
		terms.nameplate_w = MAX_NAMEPLATE;
		let mut agreement = agreement(terms, 0);
		let mut known = Known::default();
		for (period, stands) in [
			(0, [0, 0]),
			(1, [u64::MAX - 9, 4]),
			(2, [u64::MAX; 2]),
			(3, [u64::MAX; 2]),
		] {
			let boundary = crate::billing::sources::Boundary {
				registers: stands.to_vec().try_into().unwrap(),
				known: day(period, 1),
			};
			known.boundaries.insert(month(period), boundary);
		}
		act(
			&mut agreement,
			&known,
			day(0, 3),
			Input::Declare(DeclaredAs::Deemed, 2, u64::MAX),
		);
		let mut counted = Vec::new();
		for period in 1..=3 {
			settle(&mut agreement, &known, day(period, 2));
			counted.push((agreement.next, agreement.wh));
			assert_eq!(agreement.broken_invariant(), Ok(None));
		}
		assert_eq!(counted, [(1, u64::MAX - 5), (2, u64::MAX), (3, u64::MAX)]);
		assert_eq!((agreement.year.delivered, agreement.year.deemed), (u64::MAX, 0));
	}

	#[test]
	fn bills_should_never_fail_when_declarations_are_extreme() {
		use crate::billing::{clauses::MAX_NAMEPLATE, DeclaredAs, Input};
		let mut terms = terms();
		terms.nameplate_w = MAX_NAMEPLATE;
		terms.expected = [u64::MAX; 12];
		terms.outage.estimate = 0;
		let mut agreement = agreement(terms, 0);
		let known = Known::registers(&[0, 100, 200, 300, 400]);
		for kind in [DeclaredAs::Excused, DeclaredAs::Deemed] {
			for period in [0, 1, 1, 2, 3] {
				act(
					&mut agreement,
					&known,
					day(0, 1),
					Input::Declare(kind, period, u64::MAX),
				);
			}
		}
		act(&mut agreement, &known, day(1, 1), Input::Suspend);
		settle(&mut agreement, &known, day(4, 2));
		assert_eq!((agreement.next, agreement.year.excused), (4, u64::MAX));
		assert_eq!(agreement.broken_invariant(), Ok(None));
	}
}
