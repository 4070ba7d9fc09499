//! Interest: charged to every type on the hour, whatever happens in it.

use baseload_math::books::{interest::MAX_HOURS, totals::TypeBooks};
use baseload_primitives::{TokenId, HOUR};
use frame_support::{
	storage::with_storage_layer,
	traits::{Get, Time},
	weights::Weight,
};
use sp_runtime::DispatchError;

use crate::{ChargedHour, Config, Error, Event, Pallet, Redemptions, Tokens, Types, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Charges the hours that have begun since the last charge, at most seven days of them: what is left, the next block does.
	/// The reference price closes its days here too. When a block begins, the clock still shows the block before.
	pub(crate) fn charge_hours() -> Weight {
		if Self::is_shut_down() {
			return T::DbWeight::get().reads(1);
		}
		let now = T::Time::now() / HOUR;
		let Some(charged) = ChargedHour::<T>::get() else {
			// No time is known before the first timestamp.
			if now > 0 {
				ChargedHour::<T>::put(now);
			}
			return T::DbWeight::get().reads_writes(2, 1);
		};
		let hours = u32::try_from(now.saturating_sub(charged))
			.unwrap_or(u32::MAX)
			.min(MAX_HOURS);
		if hours == 0 {
			return T::DbWeight::get().reads(2);
		}
		let tokens = Tokens::<T>::get();
		for token in &tokens {
			// Its own layer: what one type cannot charge, no other pays for. It is charged again with the hours to come only if
			// a number has left its width, which nothing on the way here lets happen.
			if let Err(error) = with_storage_layer(|| Self::charge(*token, hours)) {
				frame_support::defensive!("interest could not be charged", error);
			}
		}
		Redemptions::<T>::mutate(|queue| queue.base_rate = Self::decayed(queue.base_rate, hours));
		let charged = charged + u64::from(hours);
		Self::follow_reference(if charged == now { T::Time::now() } else { charged * HOUR });
		ChargedHour::<T>::put(charged);
		T::WeightInfo::charge_hours(tokens.len() as u32)
	}

	fn charge(token: TokenId, hours: u32) -> Result<(), DispatchError> {
		let mut kind = Self::kind(token)?;
		let before = kind.books.debt;
		let accrued = kind
			.books
			.accrue(0, hours, kind.params.hourly_rate())
			.map_err(Error::<T>::from)?;
		kind.books = accrued.books;
		let amount = kind.books.debt - before;
		if accrued.minted > 0 {
			Self::mint(&T::Revenue::get(), accrued.minted)?;
		}
		Types::<T>::insert(token, kind);
		if amount > 0 {
			Self::deposit_event(Event::InterestCharged {
				token,
				hours,
				amount,
				minted: accrued.minted,
			});
		}
		Ok(())
	}

	/// The redemption fee's base rate after some hours. It decays as books accrue; books on which nothing is owed do nothing
	/// else.
	fn decayed(base_rate: u128, hours: u32) -> u128 {
		TypeBooks::default()
			.accrue(base_rate, hours, 0)
			.map_or(base_rate, |accrued| accrued.base_rate)
	}
}
