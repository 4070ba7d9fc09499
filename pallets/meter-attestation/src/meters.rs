//! Meters: registered with a right to their key, suspended and resumed, given another key or another device.

use baseload_primitives::{
	hold_sparing, possession_payload, rotation_payload, DeviceKey, DeviceSignature, MaxRegisters, MeterId, MeterStatus,
	OpenTime, Register, Registers, SiteId,
};
use frame_support::{ensure, traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};

use crate::{
	Approval, Approvals, ChallengeWindow, Config, Error, Event, HoldReason, KeyUse, Keys, Meter, Meters, NextMeter,
	Ocmf, Pallet, Policy, Proof, Replacement, Reports, Sites,
};

impl<T: Config> Pallet<T> {
	/// Hash of the chain's first block, which every device signature binds.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// Registers a meter with a device key at a site of `who`'s.
	pub(crate) fn do_register_meter(
		who: T::AccountId,
		site: SiteId,
		key: DeviceKey,
		registers: BoundedVec<Register, MaxRegisters>,
		proof: Proof,
	) -> DispatchResult {
		Self::ensure_free(&key)?;
		let ocmf = match proof {
			Proof::Possession(signature) => {
				Self::ensure_possession(&key, site, &signature)?;
				Approvals::<T>::remove(key);
				None
			}
			Proof::Approval => Self::use_approval(&key, site)?,
		};
		Self::add_meter(who, site, Some(key), ocmf, registers)
	}

	/// Registers a meter that a committee reads.
	pub(crate) fn do_register_committee_meter(
		who: T::AccountId,
		site: SiteId,
		registers: BoundedVec<Register, MaxRegisters>,
	) -> DispatchResult {
		Self::add_meter(who, site, None, None, registers)
	}

	/// Lets a key be registered at a site without a proof of its own.
	pub(crate) fn do_approve_key(site: SiteId, key: DeviceKey, ocmf: Option<Ocmf>) -> DispatchResult {
		ensure!(Sites::<T>::contains_key(site), Error::<T>::UnknownSite);
		Self::ensure_free(&key)?;
		let signs_ocmf = matches!(key, DeviceKey::P256(_) | DeviceKey::Secp256k1(_));
		ensure!(ocmf.is_none() || signs_ocmf, Error::<T>::BadKey);
		Approvals::<T>::insert(key, Approval { site, ocmf });
		Self::deposit_event(Event::KeyApproved { key, site });
		Ok(())
	}

	/// Whether `key` is a public key that nobody has registered.
	fn ensure_free(key: &DeviceKey) -> DispatchResult {
		ensure!(!Keys::<T>::contains_key(key), Error::<T>::KeyTaken);
		ensure!(key.is_valid(), Error::<T>::BadKey);
		Ok(())
	}

	/// Whether the holder of `key` wants it registered at `site`.
	fn ensure_possession(key: &DeviceKey, site: SiteId, signature: &DeviceSignature) -> DispatchResult {
		let payload = possession_payload(Self::genesis_hash(), site);
		ensure!(key.verify(&payload, signature), Error::<T>::BadProof);
		Ok(())
	}

	/// Takes the registrar's approval of `key` at `site`. Returns what the device signs.
	fn use_approval(key: &DeviceKey, site: SiteId) -> Result<Option<Ocmf>, DispatchError> {
		let approval = Approvals::<T>::get(key).ok_or(Error::<T>::NotApproved)?;
		ensure!(approval.site == site, Error::<T>::NotApproved);
		Approvals::<T>::remove(key);
		Ok(approval.ocmf)
	}

	fn add_meter(
		who: T::AccountId,
		id: SiteId,
		key: Option<DeviceKey>,
		ocmf: Option<Ocmf>,
		registers: BoundedVec<Register, MaxRegisters>,
	) -> DispatchResult {
		let mut site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		ensure!(site.owner == who, Error::<T>::NotOwner);
		ensure!(!registers.is_empty(), Error::<T>::NoRegisters);
		let sound = |register: &Register| register.is_valid() && !(ocmf.is_some() && register.is_service());
		ensure!(registers.iter().all(sound), Error::<T>::BadRegister);
		let repeated = |(at, register)| registers[..at].contains(register);
		ensure!(
			!registers.iter().enumerate().any(repeated),
			Error::<T>::DuplicateRegister
		);
		ensure!(site.meters < T::MaxMetersPerSite::get(), Error::<T>::TooManyMeters);
		let meter = NextMeter::<T>::get();
		NextMeter::<T>::put(meter.next().ok_or(Error::<T>::IdsExhausted)?);
		let deposit = T::MeterDeposit::get();
		hold_sparing::<_, T::Currency>(&HoldReason::Meter.into(), &who, deposit)?;

		let policy = Policy::of_new(ChallengeWindow::<T>::get(), site.details.nameplate_w);
		site.meters += 1;
		Sites::<T>::insert(id, site);
		if let Some(key) = key {
			Keys::<T>::insert(key, KeyUse { meter, device: 0 });
		}
		Meters::<T>::insert(
			meter,
			Meter {
				site: id,
				key,
				ocmf,
				registers,
				policy,
				suspended_at: None,
				deposit,
				committee: 0,
				checks: None,
				agreed: None,
				device: 0,
				replacement: None,
				punished: None,
				dropped: None,
				watching: BoundedVec::new(),
				thresholds: 0,
				certified_since: None,
				ring: None,
				measured: None,
				estimated: None,
				pending: BoundedVec::new(),
			},
		);
		Self::deposit_event(Event::MeterRegistered { meter, site: id, key });
		Ok(())
	}

	/// The owner of the site at which a meter stands.
	pub(crate) fn owner_of(meter: &Meter<T::MaxPending>) -> Result<T::AccountId, DispatchError> {
		Ok(Sites::<T>::get(meter.site).ok_or(Error::<T>::UnknownSite)?.owner)
	}

	/// Suspends a meter, for the registrar (`None`) or an account that must own its site. What has matured by now is final
	/// for everybody who reads it, so it is settled first.
	pub(crate) fn do_suspend_meter(id: MeterId, who: Option<T::AccountId>) -> DispatchResult {
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		if let Some(who) = who {
			ensure!(Self::owner_of(&current.meter)? == who, Error::<T>::NotOwner);
		}
		ensure!(
			current.meter.status() == MeterStatus::Active,
			Error::<T>::AlreadySuspended
		);
		Self::suspend(id, &mut current.meter);
		Self::save(id, current);
		Ok(())
	}

	/// From now on no reading of the meter is accepted and none becomes final.
	pub(crate) fn suspend(id: MeterId, meter: &mut Meter<T::MaxPending>) {
		meter.suspended_at = Some(<Self as OpenTime>::now());
		Self::deposit_event(Event::MeterSuspended { meter: id });
	}

	/// Resumes a meter, with its deposit made whole. What matured while it was suspended is known from now on.
	pub(crate) fn do_resume_meter(id: MeterId) -> DispatchResult {
		let mut meter = Meters::<T>::get(id).ok_or(Error::<T>::UnknownMeter)?;
		ensure!(meter.status() == MeterStatus::Suspended, Error::<T>::NotSuspended);
		let missing = T::MeterDeposit::get().saturating_sub(meter.deposit);
		hold_sparing::<_, T::Currency>(&HoldReason::Meter.into(), &Self::owner_of(&meter)?, missing)?;
		meter.deposit += missing;
		meter.suspended_at = None;
		if let Some(oldest) = meter.pending.iter_mut().next() {
			// No final reading is known before the one ahead of it, so the oldest holds back all of them.
			oldest.not_due_before(<Self as OpenTime>::now());
		}
		Meters::<T>::insert(id, meter);
		Self::deposit_event(Event::MeterResumed { meter: id });
		Ok(())
	}

	/// Gives a meter's device another key, by its owner and both keys.
	pub(crate) fn do_rotate_key(
		who: T::AccountId,
		id: MeterId,
		key: DeviceKey,
		proof: DeviceSignature,
		consent: DeviceSignature,
	) -> DispatchResult {
		let meter = Meters::<T>::get(id).ok_or(Error::<T>::UnknownMeter)?;
		ensure!(Self::owner_of(&meter)? == who, Error::<T>::NotOwner);
		let old = meter.key.ok_or(Error::<T>::NoDevice)?;
		Self::ensure_free(&key)?;
		Self::ensure_possession(&key, meter.site, &proof)?;
		let payload = rotation_payload(Self::genesis_hash(), id, &key);
		ensure!(old.verify(&payload, &consent), Error::<T>::BadProof);

		Approvals::<T>::remove(key);
		Self::change_key(id, meter, key);
		Ok(())
	}

	fn change_key(id: MeterId, meter: Meter<T::MaxPending>, key: DeviceKey) {
		let (old, new) = (meter.key, Some(key));
		let device = meter.device;
		Keys::<T>::insert(key, KeyUse { meter: id, device });
		Meters::<T>::insert(id, Meter { key: new, ..meter });
		Self::deposit_event(Event::KeyChanged { meter: id, old, new });
	}

	/// Lets another device go on where the last one ended.
	pub(crate) fn do_replace_device(id: MeterId, key: DeviceKey, opening: Registers) -> DispatchResult {
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		let meter = &mut current.meter;
		ensure!(meter.key.is_some(), Error::<T>::NoDevice);
		ensure!(meter.status() == MeterStatus::Suspended, Error::<T>::StillActive);
		Self::ensure_free(&key)?;
		let closing = meter.measured.as_ref().ok_or(Error::<T>::WrongRegisters)?;
		let closing = closing.reading.registers.clone();
		ensure!(opening.len() == closing.len(), Error::<T>::WrongRegisters);
		meter.ocmf = Self::use_approval(&key, meter.site)?;
		Self::drop_from(meter, 0);
		meter.agreed = None;
		meter.device = meter.device.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		Reports::<T>::remove(id);
		let sequence = meter.last_sequence().map_or(Some(0), |last| last.checked_add(1));
		meter.replacement = Some(Replacement {
			closing: closing.clone(),
			opening: opening.clone(),
			sequence: sequence.ok_or(Error::<T>::IdsExhausted)?,
		});
		Self::deposit_event(Event::DeviceReplaced {
			meter: id,
			closing,
			opening,
		});
		Self::change_key(id, current.meter, key);
		Ok(())
	}
}
