//! The buckets of an agreement, and the only ways in which money moves between them.
//!
//! ```text
//!  deposit --> escrow --pay--> to_attestors                          (to those who serve the meter)
//!                |        \--> swept                                 (burnt)
//!                |        \--> claimable_seller --> paid_out         (to the payee)
//!                 \--release-> claimable_buyer  --> refunded         (to the buyer)
//!  reserve: the existential deposit of the account, the proposer's
//! ```
//!
//! The agreement's account holds escrow + both claimables + reserve. What anybody sends it beyond that is nobody's.

use baseload_primitives::Balance;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::ArithmeticError::{self, Overflow, Underflow};

/// Whose the tokens of an agreement are. All in KWH base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Books {
	/// Paid in by or for the buyer, in all.
	pub deposited: Balance,
	/// Can still pay bills.
	pub escrow: Balance,
	/// Paid for energy, in all.
	pub paid: Balance,
	/// The part of `paid` that the meter's attestors were paid.
	pub to_attestors: Balance,
	/// The part of `paid` that retired vault debt.
	pub swept: Balance,
	/// The part of `paid` that the payee received.
	pub paid_out: Balance,
	/// The part of `paid` that the payee could not receive yet.
	pub claimable_seller: Balance,
	/// What the buyer is to get back and could not receive yet.
	pub claimable_buyer: Balance,
	/// What the buyer got back.
	pub refunded: Balance,
	/// Existential deposit of the agreement's account. The proposer's.
	pub reserve: Balance,
}

impl Books {
	/// Takes `amount` into the escrow.
	///
	/// Fails if all that was ever paid in does not fit a `u128`.
	pub fn deposit(&mut self, amount: Balance) -> Result<(), ArithmeticError> {
		self.deposited = self.deposited.checked_add(amount).ok_or(Overflow)?;
		self.escrow = self.escrow.checked_add(amount).ok_or(Overflow)?;
		Ok(())
	}

	/// All payments so far, less the attestors' part: what sweeps are a share of.
	///
	/// Fails if the attestors' part is more than all, which no sequence of payments makes it.
	pub fn net(&self) -> Result<Balance, ArithmeticError> {
		self.paid.checked_sub(self.to_attestors).ok_or(Underflow)
	}

	/// Pays `amount` for energy: of it the attestors have `to_attestors`, `swept` is burnt already, the rest becomes the
	/// payee's.
	///
	/// Fails if `amount` is more than the escrow, or the two parts more than `amount`.
	pub fn pay(&mut self, amount: Balance, to_attestors: Balance, swept: Balance) -> Result<(), ArithmeticError> {
		let rest = amount.checked_sub(to_attestors).and_then(|net| net.checked_sub(swept));
		let rest = rest.ok_or(Underflow)?;
		self.escrow = self.escrow.checked_sub(amount).ok_or(Underflow)?;
		self.paid = self.paid.checked_add(amount).ok_or(Overflow)?;
		self.to_attestors = self.to_attestors.checked_add(to_attestors).ok_or(Overflow)?;
		self.swept = self.swept.checked_add(swept).ok_or(Overflow)?;
		self.claimable_seller = self.claimable_seller.checked_add(rest).ok_or(Overflow)?;
		Ok(())
	}

	/// Makes what is left of the escrow the buyer's again.
	pub fn release_escrow(&mut self) -> Result<(), ArithmeticError> {
		self.claimable_buyer = self.claimable_buyer.checked_add(self.escrow).ok_or(Overflow)?;
		self.escrow = 0;
		Ok(())
	}

	/// Books that the payee received all that was claimable.
	pub fn payee_received(&mut self) -> Result<(), ArithmeticError> {
		self.paid_out = self.paid_out.checked_add(self.claimable_seller).ok_or(Overflow)?;
		self.claimable_seller = 0;
		Ok(())
	}

	/// Books that the buyer received all that was claimable.
	pub fn buyer_received(&mut self) -> Result<(), ArithmeticError> {
		self.refunded = self.refunded.checked_add(self.claimable_buyer).ok_or(Overflow)?;
		self.claimable_buyer = 0;
		Ok(())
	}

	/// Whether somebody could not receive something yet.
	pub fn has_claims(&self) -> bool {
		self.claimable_seller > 0 || self.claimable_buyer > 0
	}

	/// What the agreement's account must hold at least; `None` if that does not fit a `u128`.
	pub fn held(&self) -> Option<Balance> {
		self.escrow
			.checked_add(self.claimable_seller)?
			.checked_add(self.claimable_buyer)?
			.checked_add(self.reserve)
	}
}
