//! Committees: the attestors that decide about a meter's readings, or read the meter themselves.
//!
//! A meter's committees are numbered from 1 and no number comes twice. The last one stays in storage until another follows it,
//! even while the meter has none, so that the highest stored number is always the last one given, and the readings accepted
//! under it keep their judges.

use alloc::vec::Vec;

use baseload_primitives::{MeterId, MeterStatus, Reading};
use frame_support::{
	dispatch::Pays,
	ensure,
	traits::{Defensive, DefensiveSaturating},
	BoundedVec,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{Attestors, Committee, Committees, Config, Error, Event, MaxCommittee, Pallet, Pending, Reports};

impl<T: Config> Pallet<T> {
	/// Names the committee of the readings that meter `id` accepts from now on; no members: none.
	pub(crate) fn do_set_committee(
		id: MeterId,
		members: BoundedVec<T::AccountId, MaxCommittee>,
		quorum: u32,
	) -> DispatchResult {
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		let meter = &mut current.meter;
		Self::ensure_committee(&members, quorum)?;
		ensure!(!members.is_empty() || meter.key.is_some(), Error::<T>::CommitteeNeeded);
		let last = Committees::<T>::iter_key_prefix(id).max().unwrap_or(0);
		let earlier = |pending: &Pending| ![0, last].contains(&pending.committee);
		ensure!(!meter.pending.iter().any(earlier), Error::<T>::CommitteePending);

		let old = meter.committee;
		meter.committee = match members.is_empty() {
			true => 0,
			false => last.checked_add(1).ok_or(Error::<T>::IdsExhausted)?,
		};
		let new = meter.committee;
		if let Some(committee) = Committees::<T>::get(id, old) {
			Self::change_seats(&committee.members, |seats| seats.defensive_saturating_sub(1));
		}
		Self::change_seats(&members, |seats| seats.defensive_saturating_add(1));
		// Two at most are kept: the one of new readings, and the one before it.
		Committees::<T>::remove(id, last.saturating_sub(1));
		if new > 0 {
			Committees::<T>::insert(id, new, Committee { members, quorum });
		}
		Reports::<T>::remove(id);
		Self::save(id, current);
		Self::deposit_event(Event::CommitteeChanged {
			meter: id,
			old,
			new,
			quorum,
		});
		Ok(())
	}

	/// Takes a member's report of meter `id`, and makes it final if a quorum says the same. Whoever only changes its mind pays.
	pub(crate) fn do_report(who: T::AccountId, id: MeterId, reading: Reading) -> Result<Pays, DispatchError> {
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		match (&current.meter.key, current.meter.status()) {
			(Some(_), MeterStatus::Active) => return Err(Error::<T>::StillActive.into()),
			(None, MeterStatus::Suspended) => return Err(Error::<T>::Refused.into()),
			_ => (),
		}
		Self::bonded(&who)?;
		let (place, quorum) = Self::seat(id, current.meter.committee, &who)?;
		let accepted = Self::judge_report(&current.meter, &reading).map_err(|_| Error::<T>::Refused)?;

		let meter = &mut current.meter;
		let mut reports = Reports::<T>::get(id);
		let said_before = reports.iter().any(|(member, _)| *member == place);
		reports.retain(|(member, said)| *member != place && meter.sequence(said.sequence) > meter.last_sequence());
		let _ = reports
			.try_push((place, reading.clone()))
			.defensive_proof("every member has one report at most");
		let agree = reports.iter().filter(|(_, said)| *said == reading).count();
		if (agree as u32) < quorum {
			Reports::<T>::insert(id, reports);
			return Ok(if said_before { Pays::Yes } else { Pays::No });
		}
		Reports::<T>::remove(id);
		// What still waits was measured before, and the report counts on from it: it only tells the same with less detail.
		Self::drop_from(meter, 0);
		let sequence = accepted.sequence;
		Self::finalise_report(&mut current, accepted);
		Self::deposit_event(Event::QuorumReached { meter: id, sequence });
		Self::save(id, current);
		Ok(Pays::No)
	}

	/// The place of `who` in committee `number` of meter `id`, and the committee's quorum.
	pub(crate) fn seat(id: MeterId, number: u32, who: &T::AccountId) -> Result<(u8, u32), DispatchError> {
		let committee = Committees::<T>::get(id, number).ok_or(Error::<T>::NotMember)?;
		let place = committee.members.iter().position(|member| member == who);
		let place = place.ok_or(Error::<T>::NotMember)?;
		Ok((place as u8, committee.quorum))
	}

	/// Whether these can be a committee: different active attestors and a quorum of more than half of them, or nobody and 0.
	fn ensure_committee(members: &[T::AccountId], quorum: u32) -> DispatchResult {
		let repeated = |(place, member)| members[..place].contains(member);
		let count = members.len() as u32;
		let sound = match count {
			0 => quorum == 0,
			_ => quorum > count / 2 && quorum <= count,
		};
		ensure!(
			sound && !members.iter().enumerate().any(repeated) && members.iter().all(|who| Self::active(who).is_ok()),
			Error::<T>::BadCommittee
		);
		Ok(())
	}

	/// Takes all seats at meter `id` back, whose present committee is number `present`, with what was said from them.
	pub(crate) fn disband(id: MeterId, present: u32) {
		if let Some(committee) = Committees::<T>::get(id, present) {
			Self::change_seats(&committee.members, |seats| seats.defensive_saturating_sub(1));
		}
		// Two at most.
		let kept: Vec<_> = Committees::<T>::iter_key_prefix(id).collect();
		for number in kept {
			Committees::<T>::remove(id, number);
		}
		Reports::<T>::remove(id);
	}

	/// Counts the seats of `members` anew.
	fn change_seats(members: &[T::AccountId], change: impl Fn(u32) -> u32) {
		for member in members {
			Attestors::<T>::mutate_extant(member, |attestor| attestor.seats = change(attestor.seats));
		}
	}
}
