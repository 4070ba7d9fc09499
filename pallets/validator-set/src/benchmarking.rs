//! Worst cases: a full list of candidates, all unbonding chunks in use.

use alloc::{vec, vec::Vec};

use baseload_primitives::Balance;
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Balanced, Inspect},
		tokens::Precision,
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use pallet_session::SessionInterface;
use sp_runtime::{
	traits::{Hash, TrailingZeroInput},
	Perbill,
};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

use crate::{Call, Candidates, Config, Convicts, Pallet, Reserved, Seats, Unbonding};

/// An account with session keys and `amount` of BLD to bond.
fn account_with<T: Config>(name: &'static str, index: u32, amount: Balance) -> Result<T::AccountId, BenchmarkError> {
	let who: T::AccountId = account(name, index, 0);
	drop(T::Bond::deposit(
		&who,
		amount + T::Bond::minimum_balance(),
		Precision::Exact,
	)?);
	set_keys::<T>(&who)?;
	Ok(who)
}

/// Keys made of the account's hash.
fn keys_of<T: Config>(who: &T::AccountId) -> Result<T::Keys, BenchmarkError> {
	let bytes = T::Hashing::hash_of(who).as_ref().repeat(16);
	T::Keys::decode(&mut TrailingZeroInput::new(&bytes)).map_err(|_| BenchmarkError::Stop("session keys"))
}

/// Registers keys. The session pallet's interface asks for no proof of ownership, which only the holder of real keys could make.
fn set_keys<T: Config>(who: &T::AccountId) -> Result<(), BenchmarkError> {
	<pallet_session::Pallet<T> as SessionInterface>::set_keys(who, keys_of::<T>(who)?)?;
	Ok(())
}

/// A candidate with `bond`.
fn candidate<T: Config>(name: &'static str, index: u32, bond: Balance) -> Result<T::AccountId, BenchmarkError> {
	let who = account_with::<T>(name, index, bond)?;
	Pallet::<T>::bond(RawOrigin::Signed(who.clone()).into(), bond)?;
	Ok(who)
}

/// Fills the list of candidates with ones of the minimum bond.
fn fill_candidates<T: Config>() -> Result<Vec<T::AccountId>, BenchmarkError> {
	let count = T::MaxCandidates::get().saturating_sub(Candidates::<T>::decode_len().unwrap_or(0) as u32);
	(0..count)
		.map(|index| candidate::<T>("candidate", index, T::MinBond::get()))
		.collect()
}

/// The minimum bond, and a part for each unbonding chunk.
fn large_bond<T: Config>() -> Balance {
	T::MinBond::get() * Balance::from(T::MaxUnbonding::get() + 2)
}

/// Uses all unbonding chunks of `who`, one session after the other.
fn fill_chunks<T: Config>(who: &T::AccountId) -> Result<(), BenchmarkError> {
	for _ in 0..T::MaxUnbonding::get() {
		Pallet::<T>::reduce_bond(RawOrigin::Signed(who.clone()).into(), T::MinBond::get())?;
		pallet_session::CurrentIndex::<T>::mutate(|index| *index += 1);
	}
	Ok(())
}

/// As many accounts as seats can be reserved for.
fn accounts<T: Config>(name: &'static str) -> BoundedVec<T::AccountId, T::MaxValidators> {
	let all: Vec<T::AccountId> = (0..T::MaxValidators::get())
		.map(|index| account(name, index, 0))
		.collect();
	BoundedVec::truncate_from(all)
}

fn chunk_count<T: Config>(who: &T::AccountId) -> usize {
	Unbonding::<T>::get(who).len()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn bond() -> Result<(), BenchmarkError> {
		// The one to be outbid has all unbonding chunks in use, and is the last of those with the minimum bond
		let last = candidate::<T>("last", 0, large_bond::<T>())?;
		fill_chunks::<T>(&last)?;
		Pallet::<T>::reduce_bond(RawOrigin::Signed(last.clone()).into(), T::MinBond::get())?;
		for who in fill_candidates::<T>()? {
			drop(T::Bond::deposit(&who, T::MinBond::get(), Precision::Exact)?);
			Pallet::<T>::bond(RawOrigin::Signed(who).into(), T::MinBond::get())?;
		}
		Reserved::<T>::put(accounts::<T>("reserved"));
		let amount = large_bond::<T>();
		let newcomer = account_with::<T>("newcomer", 0, amount)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(newcomer.clone()), amount);

		assert_eq!(Pallet::<T>::active_bond(&newcomer), Some(amount));
		assert_eq!(Pallet::<T>::active_bond(&last), None);
		Ok(())
	}

	#[benchmark]
	fn reduce_bond() -> Result<(), BenchmarkError> {
		let who = candidate::<T>("first", 0, large_bond::<T>())?;
		fill_candidates::<T>()?;
		fill_chunks::<T>(&who)?;
		let amount = T::MinBond::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount);

		assert_eq!(Pallet::<T>::active_bond(&who), Some(T::MinBond::get()));
		assert_eq!(chunk_count::<T>(&who), T::MaxUnbonding::get() as usize);
		Ok(())
	}

	#[benchmark]
	fn leave() -> Result<(), BenchmarkError> {
		let who = candidate::<T>("first", 0, large_bond::<T>())?;
		fill_candidates::<T>()?;
		fill_chunks::<T>(&who)?;
		// Only the last few have keys, so that all are looked at
		let least = Pallet::<T>::min_validators() as usize;
		let mut others: Vec<_> = Candidates::<T>::get()
			.into_iter()
			.map(|one| one.who)
			.filter(|one| *one != who)
			.collect();
		others.truncate(others.len().saturating_sub(least));
		others.iter().for_each(pallet_session::NextKeys::<T>::remove);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert_eq!(Pallet::<T>::active_bond(&who), None);
		Ok(())
	}

	#[benchmark]
	fn withdraw_unbonded() -> Result<(), BenchmarkError> {
		let who = candidate::<T>("first", 0, large_bond::<T>())?;
		fill_chunks::<T>(&who)?;
		assert_eq!(chunk_count::<T>(&who), T::MaxUnbonding::get() as usize);
		pallet_session::CurrentIndex::<T>::mutate(|index| *index += T::UnbondingDelay::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert_eq!(chunk_count::<T>(&who), 0);
		Ok(())
	}

	#[benchmark]
	fn set_reserved() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		Reserved::<T>::put(accounts::<T>("old"));
		let new = accounts::<T>("new");

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, new.clone());

		assert_eq!(Reserved::<T>::get(), new);
		Ok(())
	}

	#[benchmark]
	fn set_max_validators() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let seats = Pallet::<T>::min_validators();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, seats);

		assert_eq!(Seats::<T>::get(), seats);
		Ok(())
	}

	#[benchmark]
	fn release_keys() -> Result<(), BenchmarkError> {
		let mut serving = fill_candidates::<T>()?;
		serving.truncate(T::MaxValidators::get() as usize);
		let queued = serving.iter().map(|who| Ok((who.clone(), keys_of::<T>(who)?)));
		pallet_session::QueuedKeys::<T>::put(queued.collect::<Result<Vec<_>, BenchmarkError>>()?);
		pallet_session::Validators::<T>::put(serving);
		let who = account_with::<T>("former", 0, T::MinBond::get())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Pallet::<T>::has_keys(&who));
		Ok(())
	}

	#[benchmark]
	fn on_offence() -> Result<(), BenchmarkError> {
		let who = candidate::<T>("first", 0, large_bond::<T>())?;
		let others = fill_candidates::<T>()?;
		fill_chunks::<T>(&who)?;
		// As many serve as can, the offender last
		let mut serving = others;
		serving.truncate((T::MaxValidators::get() - 1) as usize);
		serving.push(who.clone());
		pallet_session::Validators::<T>::put(serving);
		let offenders = vec![OffenceDetails {
			offender: (who.clone(), ()),
			reporters: vec![],
		}];
		let session = pallet_session::CurrentIndex::<T>::get();

		#[block]
		{
			Pallet::<T>::on_offence(&offenders, &[Perbill::from_percent(1)], session);
		}

		assert_eq!(Pallet::<T>::active_bond(&who), None);
		assert!(Convicts::<T>::contains_key(&who));
		Ok(())
	}
}
