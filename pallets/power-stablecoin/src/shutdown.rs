//! Shutdown: prices are frozen, every vault is swept, and then both exits are open: owners take what exceeds their debt, holders
//! their part of everything else, the same for each KWH.

use baseload_math::books::terms::Price as BooksPrice;
use baseload_primitives::{Balance, TokenId, VaultId};
use frame_support::{ensure, storage::with_storage_layer, traits::Time, BoundedVec};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	entry::Entry, issuance::Source, place, prices::kwh_in, CollateralType, Config, Error, Event, FrozenPrices, Pallet,
	Place, ReferencePrice, ShutDown, Tokens, Types, WindDowns,
};

impl<T: Config> Pallet<T> {
	/// Whether the system was shut down.
	pub(crate) fn is_shut_down() -> bool {
		ShutDown::<T>::exists()
	}

	/// Refuses what is over after a shutdown.
	pub(crate) fn ensure_running() -> DispatchResult {
		ensure!(!Self::is_shut_down(), Error::<T>::ShutDown);
		Ok(())
	}

	pub(crate) fn do_shut_down() -> DispatchResult {
		Self::ensure_running()?;
		for token in Tokens::<T>::get() {
			let mut kind = Self::kind(token)?;
			// The last look: by what is seen now. Of two prices the higher would leave owners collateral that holders need, the
			// lower would take collateral that is theirs; within the quarter of an hour it is known which is true.
			let seen = Self::observe(token, &mut kind).is_some();
			let owed = kind.books.debt > 0 || kind.books.shortfall > 0;
			ensure!(!owed || !seen || kind.market.moved.is_none(), Error::<T>::PriceMoves);
			if let Some(price) = Self::last_price(token, &kind) {
				FrozenPrices::<T>::insert(token, (price.numerator(), price.denominator()));
			} else {
				ensure!(!owed, Error::<T>::NoPrice);
			}
			// No price will come: what waits to count in the pool counts now.
			Self::count_all(token, &mut kind);
			Types::<T>::insert(token, kind);
		}
		let at = T::Time::now();
		ShutDown::<T>::put(at);
		Self::deposit_event(Event::ShutDownBegun { at });
		Ok(())
	}

	/// The price that redemptions go by now, or else that of the prices seen last: the lower one, if the last move was not
	/// confirmed.
	fn last_price(token: TokenId, kind: &CollateralType) -> Option<BooksPrice> {
		match Self::quote(token, kind) {
			Some(quote) => Some(quote.exit),
			None => {
				let confirmed = kind.market.confirmed?;
				let last = kind.market.moved.map_or(confirmed, |(moved, _)| moved.min(confirmed));
				kwh_in(ReferencePrice::<T>::get()?.price, last, kind.decimals)
			}
		}
	}

	/// What KWH were worth at the shutdown.
	pub(crate) fn frozen_price(token: TokenId) -> Result<BooksPrice, Error<T>> {
		FrozenPrices::<T>::get(token)
			.and_then(|(numerator, denominator)| BooksPrice::new(numerator, denominator))
			.ok_or(Error::<T>::NoPrice)
	}

	/// Returns how many vaults were swept.
	pub(crate) fn do_sweep_vaults(most: u32) -> Result<u32, DispatchError> {
		ensure!(Self::is_shut_down(), Error::<T>::NotShutDown);
		let mut done = 0;
		for token in Tokens::<T>::get() {
			let mut last = None;
			while done < most && Self::sweep_front(token, &mut last)? {
				done += 1;
			}
		}
		ensure!(done > 0, Error::<T>::AllSwept);
		Ok(done)
	}

	/// Sweeps a vault of the type that still owes something; says whether there was one. `last` is where the one before it stood.
	pub(crate) fn sweep_front(token: TokenId, last: &mut Option<Place>) -> Result<bool, DispatchError> {
		let Some((key, id)) = Self::front_behind(token, *last) else {
			return Ok(false);
		};
		// Its own layer: a block goes on after an error.
		with_storage_layer(|| Self::sweep(id))?;
		*last = Some(place(key, id));
		Ok(true)
	}

	fn sweep(id: VaultId) -> DispatchResult {
		let mut entry = Entry::<T>::existing(id)?;
		let token = entry.vault.token;
		let price = Self::frozen_price(token)?;
		let step = entry
			.kind
			.books
			.sweep(&entry.vault.books, &price)
			.map_err(Error::<T>::from)?;
		let swept = entry.apply(step);
		entry.vault.drawn = 0;
		entry.vault.cure_until = None;
		WindDowns::<T>::remove(token, id);
		let surplus = entry.collateral()?;
		entry.store();
		Self::deposit_event(Event::VaultSwept {
			vault: id,
			debt: swept.debt,
			seized: swept.seized,
			surplus,
		});
		Ok(())
	}

	pub(crate) fn do_cash_out(who: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(Self::is_shut_down(), Error::<T>::NotShutDown);
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut shortfalls = BoundedVec::<(TokenId, Balance), T::MaxTypes>::new();
		let mut all: Balance = 0;
		for token in Tokens::<T>::get() {
			ensure!(Self::front(token).is_none(), Error::<T>::NotSwept);
			let shortfall = Self::kind(token)?.books.shortfall;
			// The sum is the KWH in existence, and there are no more types than there may be.
			all = all.saturating_add(shortfall);
			let _ = shortfalls.try_push((token, shortfall));
		}
		let parts = Self::split(amount, shortfalls, all);
		let burnt = parts
			.iter()
			.fold(0, |sum: Balance, (_, part)| sum.saturating_add(*part));
		ensure!(burnt > 0, Error::<T>::ZeroAmount);
		Self::burn(Source::Free(who), burnt)?;
		for (token, part) in parts {
			let mut kind = Self::kind(token)?;
			let price = Self::frozen_price(token)?;
			let (books, out) = kind.books.pay_out(part, &price).map_err(Error::<T>::from)?;
			kind.books = books;
			if out > 0 {
				Self::pay_or_owe(token, &mut kind, who, out, None)?;
			}
			Types::<T>::insert(token, kind);
			Self::deposit_event(Event::CashedOut {
				who: who.clone(),
				token,
				burnt: part,
				out,
			});
		}
		Ok(())
	}
}
