//! Whose the tokens of an agreement are, and who owes whom.
//!
//! One derived account holds all tokens of an agreement; the buckets here say whose they are. Tokens come in through
//! `paid_in` and go out through the five `to_...` and `swept` totals, which only grow: whoever drives an agreement moves
//! what they grew by. Everything in between is a shift from bucket to bucket.
//!
//! Claims are not tokens: what was billed is open, in arrears, disputed, or settled one way or another, and what the seller
//! owes is set off, taken from its bond, or still owed. The sums are invariants, see [`super::invariants`].

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

use super::{terms::Cuts, Money, Refusal};
use crate::split;

/// Tokens and claims of an agreement, in base units.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ledger {
	/// The buyer's, for bills.
	pub escrow: Money,
	/// The buyer's, for bills that it defaults on.
	pub security: Money,
	/// The seller's, for what it comes to owe.
	pub bond: Money,
	/// Disputed.
	pub held: Money,
	/// The buyer's bonds of open disputes.
	pub dispute_bond: Money,
	/// The buyer's, reserved for estimated months.
	pub provisional: Money,
	/// The payee's, kept because it cannot receive.
	pub claimable: Money,

	/// Ever brought in.
	pub paid_in: Money,
	/// Ever paid to attestors.
	pub to_attestors: Money,
	/// Ever used to retire the vault's debt.
	pub swept: Money,
	/// Ever paid to the payee.
	pub to_payee: Money,
	/// Ever returned to the buyer.
	pub to_buyer: Money,
	/// Ever returned to the seller.
	pub to_seller: Money,

	/// Ever billed.
	pub accrued: Money,
	/// Of that, paid.
	pub paid: Money,
	/// Of that, set off against what the seller owed.
	pub setoff: Money,
	/// Of that, given up by a resolved dispute.
	pub waived: Money,
	/// Of that, due and not paid.
	pub arrears: Money,

	/// Interest on arrears, not paid.
	pub interest: Money,
	/// What interest has not yet made a base unit, in base units / (365 days in ms x 10^18).
	pub interest_rem: u128,
	/// Interest paid.
	pub interest_paid: Money,
	/// Interest set off against what the seller owed.
	pub interest_setoff: Money,

	/// Ever owed by the seller.
	pub credited: Money,
	/// Of that, taken from the bond.
	pub bond_paid: Money,
	/// Of that, still owed.
	pub seller_owes: Money,
	/// Of all that was ever owed, damages for energy not delivered and for delay.
	pub damages: Money,

	/// Earned by attestors and not paid.
	pub attestor_due: Money,
	/// What the vault still owes, as last reported, less what was swept since.
	pub vault_debt: Money,
	/// All payments to the seller so far, less the attestors' part: what sweeps are a share of.
	pub net: Money,
}

/// Adds `amount` to `account`, or fails with `Overflow`.
pub(super) fn add(account: &mut Money, amount: Money) -> Result<(), Refusal> {
	*account = account.checked_add(amount).ok_or(Refusal::Overflow)?;
	Ok(())
}

/// Takes `amount` from `account`. `Short` if there is less.
pub(super) fn take(account: &mut Money, amount: Money) -> Result<(), Refusal> {
	*account = account.checked_sub(amount).ok_or(Refusal::Short)?;
	Ok(())
}

/// Moves `amount` between accounts. `Short` if there is less.
pub(super) fn shift(from: &mut Money, to: &mut Money, amount: Money) -> Result<(), Refusal> {
	take(from, amount)?;
	add(to, amount)
}

impl Ledger {
	/// The tokens that the agreement's account must hold. `Overflow` cannot happen while no more ever came in.
	pub fn pot(&self) -> Result<Money, Refusal> {
		let buckets = [
			self.escrow,
			self.security,
			self.bond,
			self.held,
			self.dispute_bond,
			self.provisional,
			self.claimable,
		];
		total(buckets)
	}

	/// The tokens that ever went out.
	pub fn out(&self) -> Result<Money, Refusal> {
		total([
			self.to_attestors,
			self.swept,
			self.to_payee,
			self.to_buyer,
			self.to_seller,
		])
	}

	/// What the buyer is late with.
	pub fn overdue(&self) -> bool {
		self.arrears > 0 || self.interest > 0
	}

	/// Hands `amount`, already taken from its bucket, to the seller's side: the attestors first, at most `attestor_cap` of it,
	/// rounded up; of the rest the sweep's share of the running total, at most the vault's debt; what is left to the payee,
	/// or kept claimable while it cannot receive.
	pub(super) fn pay_seller(&mut self, amount: Money, cuts: &Cuts, blocked: bool) -> Result<(), Refusal> {
		let attestors = split::capped(self.attestor_due, Permill::from_parts(cuts.attestor_cap), amount);
		take(&mut self.attestor_due, attestors)?;
		add(&mut self.to_attestors, attestors)?;
		// The cap is at most the whole, so that its part is at most the amount.
		let mut net = amount;
		take(&mut net, attestors)?;

		let ratio = Permill::from_parts(cuts.sweep);
		let swept = split::share(ratio, self.net, net).ok_or(Refusal::Overflow)?;
		let swept = swept.min(self.vault_debt);
		add(&mut self.net, net)?;
		take(&mut self.vault_debt, swept)?;
		add(&mut self.swept, swept)?;
		take(&mut net, swept)?;

		add(
			if blocked {
				&mut self.claimable
			} else {
				&mut self.to_payee
			},
			net,
		)
	}
}

/// The sum, or `Overflow`.
pub(super) fn total(amounts: impl IntoIterator<Item = Money>) -> Result<Money, Refusal> {
	let mut sum = 0;
	amounts.into_iter().try_for_each(|amount| add(&mut sum, amount))?;
	Ok(sum)
}

#[cfg(test)]
mod tests {
	use super::*;

	const CUTS: Cuts = Cuts {
		attestor_fee: 0,
		attestor_cap: 100_000,
		sweep: 333_333,
	};

	#[test]
	fn payment_should_serve_attestors_then_vault_then_payee() {
		let mut ledger = Ledger {
			attestor_due: 3,
			vault_debt: 4,
			..Default::default()
		};
		ledger.pay_seller(11, &CUTS, false).unwrap();
		// ceil(1.1) to attestors, floor(0.333333 x 9) to the vault.
		assert_eq!((ledger.to_attestors, ledger.swept, ledger.to_payee), (2, 2, 7));
		ledger.pay_seller(11, &CUTS, true).unwrap();
		// One was left due; floor(0.333333 x 19) - 2 is 4, the vault owes 2.
		assert_eq!((ledger.to_attestors, ledger.swept, ledger.claimable), (3, 4, 8));
		assert_eq!((ledger.attestor_due, ledger.vault_debt, ledger.net), (0, 0, 19));
	}

	#[test]
	fn shift_should_fail_when_there_is_too_little() {
		let (mut from, mut to) = (5, 0);
		assert_eq!(shift(&mut from, &mut to, 6), Err(Refusal::Short));
		assert_eq!(shift(&mut from, &mut to, 5), Ok(()));
		assert_eq!((from, to), (0, 5));
		assert_eq!(add(&mut to, Money::MAX), Err(Refusal::Overflow));
	}
}
