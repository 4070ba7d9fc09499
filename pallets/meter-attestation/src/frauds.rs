//! Frauds that prove themselves: whoever shows two signatures, or one that fails, needs no vote.
//!
//! A device that signs two readings of one sequence lies in at least one of them. Another key does not undo that, so any key
//! that the device ever had is good; only a device that was replaced is out of reach, and so is who holds it now. Two *signatures* of one reading are no
//! proof, since anybody can vary a signature.
//!
//! An attestor that gave its word for a device's signature has lied if it fails, and loses all of its bond that is not at stake.
//! Its own signature under that word stays good evidence for ever: it reaches a stake as soon as the dispute is over, and
//! whatever the same account bonds later.

use baseload_primitives::{DeviceKey, MeterId, MeterStatus, Reading, Voucher};
use frame_support::{ensure, traits::DefensiveSaturating};
use sp_runtime::{traits::Verify, DispatchResult, Permill};

use crate::{Attestors, Config, Error, Event, Evidence, HoldReason, KeyUse, Keys, Meter, Pallet};

impl<T: Config> Pallet<T> {
	/// Punishes a meter whose device signed two readings of one sequence.
	pub(crate) fn do_report_equivocation(
		who: T::AccountId,
		id: MeterId,
		key: DeviceKey,
		first: Evidence,
		second: Evidence,
	) -> DispatchResult {
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		let meter = &mut current.meter;
		let device = meter.device;
		ensure!(
			Keys::<T>::get(key) == Some(KeyUse { meter: id, device }),
			Error::<T>::NoEquivocation
		);
		let signed = Self::signed(id, meter, key, &first).zip(Self::signed(id, meter, key, &second));
		let (first, second) = signed.ok_or(Error::<T>::NoEquivocation)?;
		ensure!(
			first.sequence == second.sequence && first != second,
			Error::<T>::NoEquivocation
		);
		let sequence = meter.sequence(first.sequence).ok_or(Error::<T>::NoEquivocation)?;
		let last = meter.last_sequence().ok_or(Error::<T>::NoEquivocation)?;
		// What lies ahead is no proof until the meter has come so far. Else one early confession would close its future.
		ensure!(sequence <= last, Error::<T>::NoEquivocation);
		ensure!(
			meter.punished.is_none_or(|punished| sequence > punished),
			Error::<T>::AlreadyPunished
		);

		meter.punished = Some(last);
		Self::drop_from(meter, 0);
		Self::deposit_event(Event::EquivocationProven {
			meter: id,
			sequence,
			by: who.clone(),
		});
		Self::slash_deposit(id, meter, Permill::one(), &who);
		if meter.status() == MeterStatus::Active {
			Self::suspend(id, meter);
		}
		Self::save(id, current);
		Ok(())
	}

	/// Punishes an attestor that gave its word for a signature that fails.
	pub(crate) fn do_report_false_vouch(
		who: T::AccountId,
		attestor: T::AccountId,
		voucher: Voucher,
		signature: T::Signature,
	) -> DispatchResult {
		let bond = Attestors::<T>::get(&attestor).ok_or(Error::<T>::NotAttestor)?.bond;
		let meter = Keys::<T>::get(voucher.key).ok_or(Error::<T>::UnknownMeter)?.meter;
		let genesis = Self::genesis_hash();
		let vouched = || signature.verify(&voucher.payload(genesis)[..], &attestor);
		let failed = || {
			let payload = voucher.reading.signed_payload(genesis, meter);
			!voucher.key.verify(&payload, &voucher.signature)
		};
		ensure!(
			meter == voucher.meter && vouched() && failed(),
			Error::<T>::NoFalseVouch
		);
		Self::deposit_event(Event::FalseVouchProven {
			who: attestor.clone(),
			meter,
			by: who.clone(),
		});
		Self::slash_attestor(&attestor, bond, Some(&who));
		Ok(())
	}

	/// Slashes this part of a meter's deposit, rounded up.
	pub(crate) fn slash_deposit(id: MeterId, meter: &mut Meter<T::MaxPending>, part: Permill, winner: &T::AccountId) {
		let Ok(owner) = Self::owner_of(meter) else {
			return;
		};
		let amount = part.mul_ceil(meter.deposit);
		let (amount, winner) = Self::forfeit::<T::Currency>(HoldReason::Meter, &owner, amount, Some(winner));
		if amount > 0 {
			meter.deposit = meter.deposit.defensive_saturating_sub(amount);
			Self::deposit_event(Event::DepositSlashed {
				meter: id,
				amount,
				winner,
			});
		}
	}

	/// The reading that this shows the meter's device to have signed with `key`, in the format that the meter is registered
	/// with.
	fn signed(id: MeterId, meter: &Meter<T::MaxPending>, key: DeviceKey, evidence: &Evidence) -> Option<Reading> {
		match evidence {
			Evidence::Reading(reading, signature) => {
				let payload = reading.signed_payload(Self::genesis_hash(), id);
				let good = meter.ocmf.is_none() && key.verify(&payload, signature);
				good.then(|| reading.clone())
			}
			Evidence::Ocmf(record) => Self::open_ocmf(meter, key, record).ok(),
		}
	}
}
