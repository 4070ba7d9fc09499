//! Liquidation: from the front of the risk index, as long as it is unsafe.

use baseload_primitives::TokenId;
use frame_support::{ensure, storage::with_storage_layer};
use sp_runtime::DispatchError;

use crate::{
	entry::Entry, issuance::Source, place, prices::Quote, Config, Error, Event, Pallet, Place, PoolSums, Types, Vaults,
	WindDowns,
};

impl<T: Config> Pallet<T> {
	/// Returns how many vaults were liquidated.
	pub(crate) fn do_liquidate(token: TokenId, most: u32) -> Result<u32, DispatchError> {
		let mut kind = Self::kind(token)?;
		let quote = Self::observe(token, &mut kind).ok_or(Error::<T>::NoPrice)?;
		Self::ensure_liquidation(&kind)?;
		Types::<T>::insert(token, kind);
		let (mut done, mut last) = (0, None);
		while done < most && Self::liquidate_front(token, &quote, &mut last)? {
			done += 1;
		}
		ensure!(done > 0, Error::<T>::NothingUnsafe);
		Ok(done)
	}

	/// Liquidates the riskiest vault of the type, if it is unsafe; says whether it was. `last` is where the one before it stood.
	pub(crate) fn liquidate_front(
		token: TokenId,
		quote: &Quote,
		last: &mut Option<Place>,
	) -> Result<bool, DispatchError> {
		let Some((key, id)) = Self::front_behind(token, *last) else {
			return Ok(false);
		};
		let kind = Self::kind(token)?;
		if !Self::is_unsafe(&kind, key, quote)? {
			return Ok(false);
		}
		let vault = Vaults::<T>::get(id).ok_or(Error::<T>::UnknownVault)?;
		// Its own layer: a block goes on after an error.
		with_storage_layer(|| Self::liquidate_one(Entry { id, vault, kind }, quote))?;
		*last = Some(place(key, id));
		Ok(true)
	}

	fn liquidate_one(mut entry: Entry<T>, quote: &Quote) -> Result<(), DispatchError> {
		// What cannot be moved is not for depositors to buy: an impaired type is liquidated as if it had no pool.
		let pool = match Self::is_impaired(&entry.kind) {
			true => None,
			false => Some(entry.kind.pool),
		};
		let liquidation = entry
			.kind
			.books
			.liquidate(
				&entry.vault.books,
				&pool.unwrap_or_default(),
				&quote.exit,
				&entry.terms(),
			)
			.map_err(Error::<T>::from)?;
		let token = entry.vault.token;
		if let Some(finished) = liquidation.finished {
			PoolSums::<T>::insert(token, finished.scale, finished.sum);
		}
		if pool.is_some() {
			entry.kind.pool = liquidation.pool;
		}
		let moved = entry.apply(liquidation.step);
		if moved.offset > 0 {
			Self::burn(Source::Pool, moved.offset)?;
		}
		entry.vault.drawn = 0;
		entry.vault.cure_until = None;
		WindDowns::<T>::remove(token, entry.id);
		let surplus = entry.collateral()?;
		Self::deposit_event(Event::Liquidated {
			vault: entry.id,
			debt: moved.debt,
			offset: moved.offset,
			redistributed: moved.redistributed,
			lost: moved.lost,
			seized: moved.seized,
			surplus,
		});
		entry.store();
		Ok(())
	}
}
