//! Clauses that contradict each other, by name, so that whoever drafts an agreement knows which one to mend.
//!
//! [`Terms::check`] refuses what billing could not compute. [`Terms::contradiction`] also refuses what it could, but what
//! nobody can have meant: damages without a guarantee, take or pay without a quantity.

use super::{
	calendar::DAY_MS,
	terms::{Start, Tariff, Terms, MAX_ESTIMATES, MAX_MAKEUP_YEARS, MAX_MONTHS},
	Moment, Money, Ppm, Price, MILLION,
};

/// The largest price, above or below zero: 10^12 base units per Wh. A hundred years of all that a register can count, with
/// interest, fit far inside 128 bits.
pub const MAX_PRICE: Price = 1_000_000_000_000_000_000_000_000_000_000;

/// The most that delay may cost in all, for the same reason.
pub const MAX_DELAY: Money = 1_000_000_000_000_000_000_000_000_000_000;

/// The largest plant, in W: a thousand times the largest there is. A hundred years of it fit into 64 bits of Wh, so that
/// energy declared as deemed, which it bounds, never makes a bill that cannot be computed.
pub const MAX_NAMEPLATE: u64 = 1_000_000_000_000;

/// The longest of all waits: five years. Whatever waits ends by itself.
pub const MAX_WAIT: Moment = 5 * 366 * DAY_MS;

/// A clause that contradicts itself or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
	/// No register is billed, or one is named twice.
	Registers,
	/// Not one price per register, a floor above the cap, or a price beyond [`MAX_PRICE`].
	Tariff,
	/// Prices would fall to nothing or below, or grow beyond [`MAX_PRICE`].
	Escalator,
	/// No months, or more than 1,200.
	Term,
	/// Operation is proven by nothing, the longstop comes before the target or more than [`MAX_WAIT`] after it, delay has a
	/// price but no cap or the other way round, or a cap beyond [`MAX_DELAY`].
	Operation,
	/// Energy beyond a contracted quantity without a quantity.
	Excess,
	/// Take or pay of more than the whole, or without a quantity or a reference price above zero.
	TakeOrPay,
	/// Make-up for more than 15 years, or without take or pay.
	MakeUp,
	/// A guarantee of more than the whole or without a quantity; damages without a guarantee, or a guarantee without damages.
	Guarantee,
	/// More than 24 estimates, an estimate of more than the whole or of nothing expected, what is final before its grace is
	/// over, or a wait beyond [`MAX_WAIT`].
	Outage,
	/// A wait beyond [`MAX_WAIT`].
	Payment,
	/// A nameplate above [`MAX_NAMEPLATE`].
	Nameplate,
	/// A security in months of an expected bill without expected energy, or in more than 1,200 months.
	Security,
	/// A share of more than the whole, or a timeout beyond [`MAX_WAIT`].
	Dispute,
	/// A share of more than the whole, or a price for an early end that no months, no energy or no reference price make
	/// nothing of.
	Termination,
	/// A share of more than the whole, or an attestors' fee that no payment may be cut for.
	Cuts,
}

impl Terms {
	/// The first clause that contradicts itself or another, in the order of [`Clause`]; `None` if the terms can be agreed.
	/// Terms without a contradiction pass [`Terms::check`].
	pub fn contradiction(&self) -> Option<Clause> {
		let contradictions = [
			(Clause::Registers, self.registers_contradict()),
			(Clause::Tariff, self.tariff_contradicts()),
			(Clause::Escalator, self.escalator_contradicts()),
			(Clause::Term, !(1..=MAX_MONTHS).contains(&self.months)),
			(Clause::Operation, self.operation_contradicts()),
			(
				Clause::Excess,
				self.volume.excess.is_some() && self.volume.quantity == 0,
			),
			(Clause::TakeOrPay, self.take_or_pay_contradicts()),
			(
				Clause::MakeUp,
				self.volume.makeup_years > MAX_MAKEUP_YEARS
					|| (self.volume.makeup_years > 0 && self.volume.take_or_pay == 0),
			),
			(Clause::Guarantee, self.guarantee_contradicts()),
			(Clause::Outage, self.outage_contradicts()),
			(Clause::Payment, {
				let payment = &self.payment;
				[payment.due, payment.grace, payment.topup].into_iter().any(too_long)
			}),
			(Clause::Nameplate, self.nameplate_w > MAX_NAMEPLATE),
			(
				Clause::Security,
				self.payment.security_periods > MAX_MONTHS
					|| (self.payment.security_periods > 0 && self.expected_in_a_year() == 0),
			),
			(
				Clause::Dispute,
				exceeds(self.dispute.default) || exceeds(self.dispute.bond) || too_long(self.dispute.timeout),
			),
			(Clause::Termination, self.termination_contradicts()),
			(Clause::Cuts, self.cuts_contradict()),
		];
		contradictions
			.into_iter()
			.find(|(_, contradicts)| *contradicts)
			.map(|(clause, _)| clause)
	}

	fn registers_contradict(&self) -> bool {
		let twice = |(place, register)| self.registers.iter().take(place).any(|before| before == register);
		self.registers.is_empty() || self.registers.iter().enumerate().any(twice)
	}

	fn tariff_contradicts(&self) -> bool {
		match &self.tariff {
			Tariff::Fixed { prices } => {
				prices.len() != self.registers.len() || prices.iter().any(|price| too_large(*price))
			}
			Tariff::Indexed { floor, cap, index0, .. } => {
				floor > cap || [*floor, *cap, *index0].into_iter().any(too_large)
			}
			Tariff::Cfd { strike, index0, .. } => [*strike, *index0].into_iter().any(too_large),
		}
	}

	/// Prices move one way from year to year, so that the first and the last are the extremes.
	fn escalator_contradicts(&self) -> bool {
		let last = self.months.clamp(1, MAX_MONTHS).saturating_sub(1) / 12;
		let grows_too_large = |year| {
			let reference = self.reference_price(year);
			let prices = (0..self.registers.len()).map(|position| self.price(position, year, 0));
			prices.chain([reference]).any(|price| price.map_or(true, too_large))
		};
		i128::from(self.escalator) <= -(MILLION as i128) || [0, last].into_iter().any(grows_too_large)
	}

	fn operation_contradicts(&self) -> bool {
		let Start::Operation(operation) = self.start else {
			return false;
		};
		operation.wh == 0
			|| operation.longstop < operation.target
			|| too_long(operation.longstop.saturating_sub(operation.target))
			|| operation.longstop == 0
			|| (operation.delay_per_day > 0) != (operation.delay_cap > 0)
			|| operation.delay_cap > MAX_DELAY
	}

	/// True if energy that is paid but not delivered has a price.
	fn has_reference_price(&self) -> bool {
		self.reference_price(0).is_ok_and(|price| price > 0)
	}

	fn take_or_pay_contradicts(&self) -> bool {
		let volume = &self.volume;
		volume.take_or_pay > 0 && (exceeds(volume.take_or_pay) || volume.quantity == 0 || !self.has_reference_price())
	}

	fn guarantee_contradicts(&self) -> bool {
		let volume = &self.volume;
		let is_guaranteed = volume.guarantee > 0;
		volume.ld_price < 0
			|| too_large(volume.ld_price)
			|| exceeds(volume.guarantee)
			|| (volume.ld_price > 0) != is_guaranteed
			|| (volume.ld_cap > 0) != is_guaranteed
			|| (is_guaranteed && volume.quantity == 0)
	}

	fn outage_contradicts(&self) -> bool {
		let outage = &self.outage;
		let estimates = outage.max_estimates > 0 && outage.estimate > 0;
		outage.max_estimates > MAX_ESTIMATES
			|| exceeds(outage.estimate)
			|| (estimates && self.expected_in_a_year() == 0)
			|| outage.dark_final < outage.outage_grace
			|| (self.tariff.is_indexed() && outage.feed_final < outage.feed_grace)
			|| [
				outage.outage_grace,
				outage.dark_final,
				outage.feed_grace,
				outage.feed_final,
			]
			.into_iter()
			.any(too_long)
	}

	fn termination_contradicts(&self) -> bool {
		let clause = &self.termination;
		let ratios = [clause.buyer, clause.seller, clause.buyout];
		let costs = ratios.iter().any(|ratio| *ratio > 0);
		let energy = self.volume.quantity > 0 || self.expected_in_a_year() > 0;
		ratios.into_iter().any(exceeds) || (costs && (clause.months == 0 || !energy || !self.has_reference_price()))
	}

	fn cuts_contradict(&self) -> bool {
		let cuts = &self.cuts;
		exceeds(cuts.attestor_cap) || exceeds(cuts.sweep) || (cuts.attestor_fee > 0 && cuts.attestor_cap == 0)
	}
}

/// True for more than the whole.
fn exceeds(ratio: Ppm) -> bool {
	u128::from(ratio) > MILLION
}

fn too_large(price: Price) -> bool {
	price.unsigned_abs() > MAX_PRICE.unsigned_abs()
}

fn too_long(wait: Moment) -> bool {
	wait > MAX_WAIT
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::terms,
		terms::{Excess, Operation},
		Price,
	};

	const OPERATION: Operation = Operation {
		register: 0,
		wh: 1,
		target: 10,
		longstop: 20,
		delay_per_day: 5,
		delay_cap: 50,
	};

	/// A clause, and what makes it contradictory.
	type Break = (Clause, fn(&mut Terms));

	const BREAKS: [Break; 32] = [
		(Clause::Registers, |terms| terms.registers = Default::default()),
		(Clause::Registers, |terms| {
			terms.registers = vec![1, 1].try_into().unwrap()
		}),
		(Clause::Tariff, |terms| terms.registers = vec![0, 1].try_into().unwrap()),
		(Clause::Tariff, |terms| {
			terms.tariff = Tariff::Fixed {
				prices: vec![-MAX_PRICE - 1].try_into().unwrap(),
			}
		}),
		(Clause::Payment, |terms| {
			terms.outage.estimate = 0;
			terms.payment.grace = MAX_WAIT + 1;
		}),
		(Clause::Termination, |terms| {
			terms.expected = [1; 12];
			terms.termination.months = 1;
			terms.termination.buyout = 1_000_001;
		}),
		(Clause::Escalator, |terms| terms.escalator = -1_000_000),
		(Clause::Escalator, |terms| {
			terms.volume.ref_price = Price::MAX;
			terms.escalator = 1;
		}),
		(Clause::Term, |terms| terms.months = 0),
		(Clause::Term, |terms| terms.months = MAX_MONTHS + 1),
		(Clause::Operation, |terms| {
			terms.start = Start::Operation(Operation { wh: 0, ..OPERATION })
		}),
		(Clause::Nameplate, |terms| {
			terms.outage.estimate = 0;
			terms.nameplate_w = MAX_NAMEPLATE + 1;
		}),
		(Clause::Operation, |terms| {
			terms.start = Start::Operation(Operation {
				target: 0,
				longstop: 0,
				..OPERATION
			})
		}),
		(Clause::Operation, |terms| {
			terms.start = Start::Operation(Operation {
				longstop: OPERATION.target + MAX_WAIT + 1,
				..OPERATION
			})
		}),
		(Clause::Operation, |terms| {
			terms.start = Start::Operation(Operation {
				longstop: 9,
				..OPERATION
			})
		}),
		(Clause::Operation, |terms| {
			terms.start = Start::Operation(Operation {
				delay_cap: 0,
				..OPERATION
			})
		}),
		(Clause::Excess, |terms| {
			terms.volume.excess = Some(Excess { over: 0, price: 0 })
		}),
		(Clause::TakeOrPay, |terms| terms.volume.take_or_pay = 1),
		(Clause::TakeOrPay, |terms| {
			terms.volume.quantity = 9;
			terms.volume.take_or_pay = 1_000_001;
		}),
		(Clause::MakeUp, |terms| terms.volume.makeup_years = 1),
		(Clause::Guarantee, |terms| terms.volume.ld_price = -1),
		(Clause::Guarantee, |terms| {
			terms.volume.quantity = 9;
			terms.volume.guarantee = 1;
		}),
		(Clause::Guarantee, |terms| terms.volume.ld_cap = 1),
		(Clause::Outage, |terms| terms.outage.max_estimates = MAX_ESTIMATES + 1),
		(Clause::Outage, |terms| {
			terms.expected = [1; 12];
			terms.outage.dark_final = 0;
		}),
		(Clause::Security, |terms| {
			terms.outage.estimate = 0;
			terms.payment.security_periods = 1;
		}),
		(Clause::Security, |terms| {
			terms.expected = [1; 12];
			terms.payment.security_periods = MAX_MONTHS + 1;
		}),
		(Clause::Dispute, |terms| {
			terms.outage.estimate = 0;
			terms.dispute.default = 1_000_001;
		}),
		(Clause::Termination, |terms| {
			terms.outage.estimate = 0;
			terms.termination.buyer = 1;
		}),
		(Clause::Cuts, |terms| {
			terms.outage.estimate = 0;
			terms.cuts.attestor_fee = 1;
		}),
		(Clause::Cuts, |terms| {
			terms.outage.estimate = 0;
			terms.cuts.sweep = 1_000_001;
		}),
		(Clause::Guarantee, |terms| {
			terms.volume.ld_price = 1;
			terms.volume.ld_cap = 1;
		}),
	];

	#[test]
	fn clause_should_be_named_when_it_contradicts() {
		let mut sound = terms();
		sound.expected = [1; 12];
		assert_eq!((sound.contradiction(), sound.check()), (None, Ok(())));
		for (place, (clause, breaks)) in BREAKS.iter().enumerate() {
			let mut terms = terms();
			breaks(&mut terms);
			assert_eq!(terms.contradiction(), Some(*clause), "break {place}");
		}
	}

	#[test]
	fn whatever_cannot_be_computed_should_contradict() {
		for (_, breaks) in BREAKS {
			let mut terms = terms();
			breaks(&mut terms);
			assert!(terms.check().is_ok() || terms.contradiction().is_some());
		}
	}
}
