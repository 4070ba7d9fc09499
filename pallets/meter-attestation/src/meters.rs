//! Meters: registered with a proof of their key, suspended and resumed.

use baseload_primitives::{
	possession_payload, DeviceKey, DeviceSignature, MaxRegisters, MeterId, MeterStatus, Register, SiteId,
};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate as _, Get},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::{traits::Zero, DispatchResult};

use crate::{Config, Error, Event, HoldReason, Keys, Meter, Meters, NextMeter, Pallet, Sites};

impl<T: Config> Pallet<T> {
	/// Hash of the chain's first block, which every device signature binds.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// Registers a meter at a site of `who`'s.
	pub(crate) fn do_register_meter(
		who: T::AccountId,
		id: SiteId,
		key: DeviceKey,
		registers: BoundedVec<Register, MaxRegisters>,
		proof: DeviceSignature,
	) -> DispatchResult {
		let mut site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		ensure!(site.owner == who, Error::<T>::NotOwner);
		ensure!(!registers.is_empty(), Error::<T>::NoRegisters);
		let repeated = |(at, register)| registers[..at].contains(register);
		ensure!(
			!registers.iter().enumerate().any(repeated),
			Error::<T>::DuplicateRegister
		);
		ensure!(site.meters < T::MaxMetersPerSite::get(), Error::<T>::TooManyMeters);
		ensure!(!Keys::<T>::contains_key(key), Error::<T>::KeyTaken);
		ensure!(
			key.verify(&possession_payload(Self::genesis_hash(), id), &proof),
			Error::<T>::BadProof
		);
		let meter = NextMeter::<T>::get();
		NextMeter::<T>::put(meter.next().ok_or(Error::<T>::IdsExhausted)?);
		let deposit = T::MeterDeposit::get();
		T::Currency::hold(&HoldReason::Meter.into(), &who, deposit)?;

		site.meters += 1;
		Sites::<T>::insert(id, site);
		Keys::<T>::insert(key, meter);
		Meters::<T>::insert(
			meter,
			Meter {
				site: id,
				key,
				registers,
				status: MeterStatus::Active,
				deposit,
			},
		);
		Self::deposit_event(Event::MeterRegistered { meter, site: id, key });
		Ok(())
	}

	/// Suspends a meter, for the registrar (`None`) or an account that must own its site. What has matured by now is final
	/// for everybody who reads it, so it is settled first.
	pub(crate) fn do_suspend_meter(id: MeterId, who: Option<T::AccountId>) -> DispatchResult {
		let meter = Meters::<T>::get(id).ok_or(Error::<T>::UnknownMeter)?;
		if let Some(who) = who {
			let site = Sites::<T>::get(meter.site).ok_or(Error::<T>::UnknownSite)?;
			ensure!(site.owner == who, Error::<T>::NotOwner);
		}
		ensure!(meter.status == MeterStatus::Active, Error::<T>::AlreadySuspended);
		Self::save(id, Self::matured(id, &meter));

		Meters::<T>::insert(
			id,
			Meter {
				status: MeterStatus::Suspended,
				..meter
			},
		);
		Self::deposit_event(Event::MeterSuspended { meter: id });
		Ok(())
	}

	/// Resumes a meter.
	pub(crate) fn do_resume_meter(id: MeterId) -> DispatchResult {
		let meter = Meters::<T>::get(id).ok_or(Error::<T>::UnknownMeter)?;
		ensure!(meter.status == MeterStatus::Suspended, Error::<T>::NotSuspended);
		Meters::<T>::insert(
			id,
			Meter {
				status: MeterStatus::Active,
				..meter
			},
		);
		Self::deposit_event(Event::MeterResumed { meter: id });
		Ok(())
	}
}
