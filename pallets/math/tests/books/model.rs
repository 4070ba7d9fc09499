//! A model that follows the same integer payments and divides them exactly.
//!
//! It is told what every operation paid, in whole units, and keeps for itself who owes and owns it.
//!
//! * *Debts* are exact rational numbers: each is the vault's part of integers with a common denominator. A draw or a partial
//!   repayment multiplies all of them by the total debt, so nothing is ever rounded.
//! * *Collateral* handed out, and the pool's values and gains, are kept in units of 2^-256, rounded down. Each operation loses
//!   less than one of those, which is why claims are allowed to exceed the model by 2^-128 of a unit.

use crate::{
	ledger::Ledger,
	operation::{Id, Op, Outcome},
};
use baseload_math::books::{liquidation::Liquidated, redemption::Redeemed};
use num_bigint::BigUint;
use std::collections::BTreeMap;

/// Fractional bits of what is not kept as a fraction.
const BITS: u32 = 256;

/// What the model's own rounding may amount to: 2^-128 of a unit.
const SLACK_BITS: u32 = BITS - 128;

/// What the rounding of shares may add to a unit of debt: a share is about 2^-64 of one.
const SHARE_SLACK_BITS: u32 = 32;

/// The model.
#[derive(Clone, Debug, Default)]
pub struct Model {
	/// The vaults' parts of the debt, over the same denominator.
	parts: BTreeMap<Id, BigUint>,
	/// Sum of the parts.
	whole: BigUint,
	/// The vaults' collateral, in units of 2^-256.
	collateral: BTreeMap<Id, BigUint>,
	/// How often each vault was touched.
	touches: BTreeMap<Id, u128>,
	deposits: BTreeMap<Id, Part>,
}

/// A depositor's part of the pool, from when the ledger last rounded it for a payment.
#[derive(Clone, Debug, Default)]
struct Part {
	/// KWH, in units of 2^-256.
	value: BigUint,
	/// Collateral, in units of 2^-256.
	gain: BigUint,
	/// Units of value that the ledger may have rounded off.
	lost: u128,
	/// Collateral units that the ledger may have rounded off.
	gain_lost: u128,
}

impl Model {
	/// Follows an operation that was done.
	pub fn follow(&mut self, before: &Ledger, op: &Op, outcome: &Outcome, after: &Ledger) {
		let debt = before.books.debt;
		match (op, outcome) {
			(Op::Deposit(id, amount), _) => self.own(*id, *amount, 0),
			(Op::Withdraw(id, amount), _) => self.own(*id, 0, *amount),
			(Op::Draw(id, _), _) => {
				self.own(*id, 0, 0);
				self.owe(*id, after.books.debt - debt, debt);
			}
			(Op::Repay(id, amount), _) => {
				self.own(*id, 0, 0);
				let owed = before.books.debt_of(&before.vaults[id]).unwrap();
				self.owe_less(*id, (*amount).min(owed), *amount >= owed, debt);
			}
			(Op::Close(id), _) => {
				self.leave(*id);
				self.collateral.remove(id);
				self.touches.remove(id);
			}
			(Op::Price(..), _) => self.activate(before, after),
			(_, Outcome::Redemption(redemption)) => {
				let mut debt = debt;
				for (id, paid) in &redemption.vaults {
					self.own(*id, kept(paid, after), paid.gross);
					self.owe_less(*id, paid.asked, paid.closed, debt);
					debt -= paid.burnt;
				}
			}
			(_, Outcome::Liquidations(liquidated)) => {
				let mut active = before.pool.active;
				for (id, moved) in liquidated {
					self.liquidate(*id, moved);
					self.offset(moved, active);
					active -= moved.offset;
				}
			}
			(Op::PoolWithdraw(id) | Op::PoolClaim(id), _) => {
				let deposit = after.deposit_of(*id).unwrap();
				let part = Part {
					value: fine(deposit.value(&after.pool).unwrap()),
					gain: fine(deposit.claimable(&after.pool, &after.past).unwrap()),
					..Part::default()
				};
				self.deposits.insert(*id, part);
			}
			_ => {}
		}
	}

	/// Books collateral that came in or went out.
	fn own(&mut self, id: Id, more: u128, less: u128) {
		let collateral = self.collateral.entry(id).or_default();
		*collateral += fine(more);
		*collateral -= fine(less);
		*self.touches.entry(id).or_default() += 1;
	}

	/// Adds debt: with `debt` in all, the part is worth `amount` of it.
	fn owe(&mut self, id: Id, amount: u128, debt: u128) {
		if debt == 0 {
			self.parts = BTreeMap::from([(id, BigUint::from(1u8))]);
			self.whole = BigUint::from(1u8);
			return;
		}
		let added = &self.whole * amount;
		self.parts.values_mut().for_each(|part| *part *= debt);
		self.whole = &self.whole * debt + &added;
		*self.parts.entry(id).or_default() += added;
	}

	/// Removes debt out of `debt` in all.
	fn owe_less(&mut self, id: Id, amount: u128, all: bool, debt: u128) {
		if all {
			return self.leave(id);
		}
		let removed = &self.whole * amount;
		self.parts.values_mut().for_each(|part| *part *= debt);
		self.whole = &self.whole * debt - &removed;
		*self.parts.get_mut(&id).expect("it owes") -= removed;
	}

	/// Removes all debt of a vault, whatever was paid for it; what was not is the others'.
	fn leave(&mut self, id: Id) {
		if let Some(part) = self.parts.remove(&id) {
			self.whole -= part;
		}
	}

	fn liquidate(&mut self, id: Id, moved: &Liquidated) {
		self.own(id, 0, moved.seized);
		self.leave(id);
		for (other, part) in self.parts.iter().filter(|_| moved.to_rest > 0) {
			let received = fine(moved.to_rest) * part / &self.whole;
			*self.collateral.entry(*other).or_default() += received;
		}
	}

	/// Lets the pool, with `active` in it, burn and receive.
	fn offset(&mut self, moved: &Liquidated, active: u128) {
		if moved.offset == 0 {
			return;
		}
		for part in self.deposits.values_mut() {
			// P and S keep at least 27 digits.
			let digits = (&part.value >> BITS) / 10u128.pow(26);
			let blur = u128::try_from(digits).unwrap() + 1;
			part.gain += &part.value * moved.to_pool / active;
			part.value = &part.value * (active - moved.offset) / active;
			part.gain_lost += (part.lost + blur) * (moved.to_pool / active + 1);
			part.lost += blur;
		}
	}

	/// Counts what begins to count in the new round.
	fn activate(&mut self, before: &Ledger, after: &Ledger) {
		for (id, deposit) in &before.deposits {
			for tranche in deposit
				.waiting()
				.iter()
				.filter(|tranche| tranche.counts_from == after.round)
			{
				let part = self.deposits.entry(*id).or_default();
				part.value += fine(tranche.amount);
				part.lost += 1;
				part.gain_lost += 1;
			}
		}
	}

	/// Compares what the ledger says with what is exact.
	pub fn check(&self, ledger: &Ledger) -> Result<(), String> {
		for (id, vault) in &ledger.vaults {
			let debt = ledger.books.debt_of(vault).unwrap();
			self.check_debt(*id, debt, ledger.books.debt)?;
			self.check_collateral(*id, ledger.books.collateral_of(vault).unwrap())?;
		}
		self.deposits.iter().try_for_each(|(id, part)| {
			let deposit = ledger.deposit_of(*id).unwrap();
			let value = deposit.value(&ledger.pool).unwrap();
			let claimable = deposit.claimable(&ledger.pool, &ledger.past).unwrap();
			check_claim(&part.value, value, part.lost).map_err(|error| format!("value of {id}: {error}"))?;
			check_claim(&part.gain, claimable, part.gain_lost).map_err(|error| format!("gain of {id}: {error}"))
		})
	}

	/// Within one unit, but for the rounding of shares.
	fn check_debt(&self, id: Id, debt: u128, total: u128) -> Result<(), String> {
		let nothing = BigUint::ZERO;
		let exact = self.parts.get(&id).unwrap_or(&nothing) * total;
		let stated = &self.whole * debt;
		let difference = if stated > exact {
			&stated - &exact
		} else {
			&exact - &stated
		};
		// Shares are whole too: where exact debts lie on a whole unit, one share tips the ceiling.
		let allowed = &self.whole + (&self.whole >> SHARE_SLACK_BITS);
		if difference > allowed {
			let excess = ((difference - &self.whole) << 64u32) / &self.whole;
			return Err(format!("debt of {id}: {debt} is a unit and {excess} x 2^-64 off"));
		}
		Ok(())
	}

	/// At most what is exact, and within one unit for each touch.
	fn check_collateral(&self, id: Id, collateral: u128) -> Result<(), String> {
		let nothing = BigUint::ZERO;
		let exact = self.collateral.get(&id).unwrap_or(&nothing);
		let touches = self.touches.get(&id).copied().unwrap_or(0);
		check_claim(exact, collateral, touches).map_err(|error| format!("collateral of {id}: {error}"))
	}
}

/// A claim may not exceed what is exact, nor fall short of it by more than one unit and `lost`.
fn check_claim(exact: &BigUint, claim: u128, lost: u128) -> Result<(), String> {
	let slack = BigUint::from(1u8) << SLACK_BITS;
	if fine(claim) > exact + &slack || fine(claim) + fine(lost + 1) + slack < *exact {
		return Err(format!("{claim} for {} and a fraction, {lost} lost", exact >> BITS));
	}
	Ok(())
}

/// What a vault kept of the fee: half if it paid par.
fn kept(paid: &Redeemed, ledger: &Ledger) -> u128 {
	let par = BigUint::from(paid.burnt) * ledger.price.numerator() / ledger.price.denominator();
	if par == BigUint::from(paid.gross) {
		(paid.gross - paid.out) / 2
	} else {
		0
	}
}

fn fine(units: u128) -> BigUint {
	BigUint::from(units) << BITS
}
