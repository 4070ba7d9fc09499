//! What the meter's attestors earn by an agreement, and how much of a payment is theirs.
//!
//! For every UTC month that is billed, wholly or in part, the attestors earn the agreed fee, whatever it held and however often
//! it was billed. It counts when it is first billed: if nobody serves the meter then, it costs nothing. What they have earned
//! is paid out of this payment and the following ones, of each at most the agreed share; what is still due when the last bill is
//! paid is recorded, and no longer owed.

use baseload_math::{calendar::month_of, split};
use baseload_primitives::{AgreementId, AttestorPay, Balance, Moment};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, storage::with_storage_layer};
use scale_info::TypeInfo;
use sp_runtime::{ArithmeticError, DispatchError};

use crate::{types::Terms, Config, Pallet};

/// The service of a meter's attestors, as far as it is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Service {
	/// When the opening register was measured, Unix milliseconds.
	pub from: Moment,
	/// When the register of the last bill was measured; `from` before the first bill.
	pub until: Moment,
	/// Months that earned the fee: somebody served the meter when they were first billed.
	pub earned: u32,
	/// Earned and not paid yet, in base units.
	pub due: Balance,
}

impl Service {
	/// Before the first bill, with an opening register measured at `at`.
	pub fn since(at: Moment) -> Self {
		Self {
			from: at,
			until: at,
			earned: 0,
			due: 0,
		}
	}

	/// UTC months that are billed, wholly or in part.
	pub fn months(&self) -> u32 {
		self.months_until(self.until)
	}

	/// The same if it were billed until `at`. At a month's first midnight nothing of it is billed yet.
	fn months_until(&self, at: Moment) -> u32 {
		if at <= self.from {
			return 0;
		}
		let last = month_of(at.saturating_sub(1));
		last.saturating_sub(month_of(self.from)).saturating_add(1)
	}

	/// Months that a bill until `at` is the first of.
	fn new_months(&self, at: Moment) -> u32 {
		self.months_until(at).saturating_sub(self.months())
	}

	/// True if another month has begun by `at` than that of the last bill, or of the opening before the first. It has a bill
	/// even without energy.
	pub(crate) fn another_month(&self, at: Moment) -> bool {
		self.months_until(at) > self.months().max(1)
	}
}

impl<T: Config> Pallet<T> {
	/// `service` once it is billed until `at`, which is not before.
	pub(crate) fn serve(terms: &Terms<T::AccountId>, service: Service, at: Moment) -> Result<Service, ArithmeticError> {
		let months = service.new_months(at);
		let served = Service { until: at, ..service };
		if months == 0 || !T::Attestors::is_served(terms.meter) {
			return Ok(served);
		}
		let fee = terms.attestor_fee.monthly.checked_mul(months.into());
		let due = fee.and_then(|fee| service.due.checked_add(fee));
		Ok(Service {
			// At most all months.
			earned: service.earned.saturating_add(months),
			due: due.ok_or(ArithmeticError::Overflow)?,
			..served
		})
	}

	/// Pays the attestors their part of a payment of `amount`, taken from what is `due` to them. Returns what they got.
	///
	/// What cannot be paid stays due: trouble with attestors never holds up a bill.
	pub(crate) fn pay_attestors(
		id: AgreementId,
		terms: &Terms<T::AccountId>,
		due: Balance,
		amount: Balance,
	) -> Balance {
		let part = split::capped(due, terms.attestor_fee.cap, amount);
		if part == 0 {
			return 0;
		}
		let paid = with_storage_layer(|| {
			let paid = T::Attestors::pay(terms.meter, &Self::account_of(id), part)?;
			// Whoever takes more than was offered is undone.
			ensure!(paid <= part, DispatchError::Corruption);
			Ok::<_, DispatchError>(paid)
		});
		paid.unwrap_or(0)
	}
}
