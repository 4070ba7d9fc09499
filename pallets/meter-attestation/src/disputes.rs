//! Disputes: an attestor says a reading is wrong, the committee it was accepted under decides, the loser pays.
//!
//! What can be decided is in the reading's [`Hold`]; who disputes and who has said what is in a [`Dispute`], which a verdict
//! removes. A dispute without a verdict stays until somebody closes it, and then costs its fee if its time is over. One whose
//! reading was dropped with an earlier one is free if it is closed before that; this way a drop need not visit what was
//! dropped, and a dispute that lapsed cannot pass for one that was dropped.

use baseload_primitives::{Balance, MeterId, MeterStatus, OpenTime, Verdict};
use frame_support::{
	dispatch::Pays,
	ensure,
	traits::{Get, Time},
};
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult, Permill};

use crate::{
	finality::Current, Attestors, Config, Dispute, Disputes, Error, Event, Hold, Meter, Meters, Pallet, Pending,
};

/// The part of a meter's deposit that a wrong reading costs.
const WRONG_READING: Permill = Permill::from_percent(50);

impl<AccountId> Dispute<AccountId> {
	/// Nobody has said anything yet about a reading that waits under `hold`.
	fn unheard(pending: &Pending, hold: Hold) -> Self {
		Self {
			by: None,
			evidence: H256::zero(),
			committee: pending.committee,
			stands: 0,
			wrong: 0,
			until: hold.until,
		}
	}

	/// True if the member at `place` has voted.
	fn has_voted(&self, place: u8) -> bool {
		(self.stands | self.wrong) & (1 << place) != 0
	}

	/// Notes the vote of the member at `place`, and returns how many have voted the same.
	fn vote(&mut self, place: u8, verdict: Verdict) -> u32 {
		let side = match verdict {
			Verdict::Stands => &mut self.stands,
			Verdict::Wrong => &mut self.wrong,
		};
		*side |= 1 << place;
		side.count_ones()
	}
}

impl<T: Config> Pallet<T> {
	/// Opens a dispute about a reading whose own window is not over.
	pub(crate) fn do_dispute(who: T::AccountId, id: MeterId, sequence: u64, evidence: H256) -> DispatchResult {
		let now = <Self as OpenTime>::now();
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		let place = Self::waiting(&current.meter, sequence)?;
		let pending = &mut current.meter.pending[place];
		ensure!(now < pending.final_at, Error::<T>::WindowOver);
		let held = pending.hold;
		ensure!(
			held.and_then(|hold| hold.disputed_at).is_none(),
			Error::<T>::AlreadyDisputed
		);
		// Never before its own window ends, or a dispute would make a reading final early.
		let until = now.saturating_add(pending.vote_period).max(pending.final_at);
		let hold = Hold {
			// A reading that its flags hold has its vote already, and that goes on.
			until: held.map_or(until, |held| held.until.max(until)),
			disputed_at: Some(T::Time::now()),
		};
		let votes = Disputes::<T>::get(id, sequence).unwrap_or_else(|| Dispute::unheard(pending, hold));
		let voted = Self::seat(id, pending.committee, &who).is_ok_and(|(place, _)| votes.has_voted(place));
		ensure!(!voted, Error::<T>::AlreadyVoted);
		let stake = T::DisputeStake::get();
		Self::stake(&who, stake)?;

		pending.hold = Some(hold);
		Disputes::<T>::insert(
			id,
			sequence,
			Dispute {
				by: Some((who.clone(), stake)),
				evidence,
				until: hold.until,
				..votes
			},
		);
		Self::save(id, current);
		Self::deposit_event(Event::Disputed {
			meter: id,
			sequence,
			by: who,
			evidence,
			until: hold.until,
		});
		Ok(())
	}

	/// Counts a member's vote, and decides if it completes a quorum.
	pub(crate) fn do_vote(who: T::AccountId, id: MeterId, sequence: u64, verdict: Verdict) -> DispatchResult {
		let current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		let (place, hold) = Self::undecided(&current.meter, sequence)?;
		let pending = &current.meter.pending[place];
		Self::bonded(&who)?;
		let (member, quorum) = Self::seat(id, pending.committee, &who)?;
		let mut dispute = Disputes::<T>::get(id, sequence).unwrap_or_else(|| Dispute::unheard(pending, hold));
		let own = dispute.by.as_ref().is_some_and(|(by, _)| *by == who);
		ensure!(!own, Error::<T>::OwnDispute);
		ensure!(!dispute.has_voted(member), Error::<T>::AlreadyVoted);

		let agree = dispute.vote(member, verdict);
		Attestors::<T>::mutate_extant(&who, |attestor| attestor.votes = attestor.votes.saturating_add(1));
		Self::deposit_event(Event::Voted {
			meter: id,
			sequence,
			who,
			verdict,
		});
		if agree < quorum {
			Disputes::<T>::insert(id, sequence, dispute);
		} else {
			Self::conclude(id, current, place, dispute.by, verdict);
		}
		Ok(())
	}

	/// Decides in the committee's place.
	pub(crate) fn do_decide(id: MeterId, sequence: u64, verdict: Verdict) -> DispatchResult {
		let current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		let (place, _) = Self::undecided(&current.meter, sequence)?;
		let by = Disputes::<T>::get(id, sequence).and_then(|dispute| dispute.by);
		Self::conclude(id, current, place, by, verdict);
		Ok(())
	}

	/// Ends a dispute that lapsed, or whose reading does not wait any more. Votes that bind nobody's stake are cleared away free
	/// of charge.
	pub(crate) fn do_close_dispute(id: MeterId, sequence: u64) -> Result<Pays, DispatchError> {
		let meter = Meters::<T>::get(id).ok_or(Error::<T>::UnknownMeter)?;
		let dispute = Disputes::<T>::get(id, sequence).ok_or(Error::<T>::NoDispute)?;
		let lapsed = dispute.until <= <Self as OpenTime>::now();
		ensure!(
			lapsed || Self::waiting(&meter, sequence).is_err(),
			Error::<T>::DisputeOpen
		);
		Disputes::<T>::remove(id, sequence);
		let mut fee = 0;
		let pays = if dispute.by.is_some() { Pays::Yes } else { Pays::No };
		if let Some((who, stake)) = dispute.by {
			Self::unstake(&who, stake, |_| ());
			if lapsed {
				fee = Self::slash_attestor(&who, T::LapseFee::get().mul_ceil(stake), None);
			}
		}
		Self::deposit_event(Event::DisputeClosed {
			meter: id,
			sequence,
			fee,
		});
		Ok(pays)
	}

	/// Executes a verdict about the pending reading at `place`, which `by` disputes or its own flags hold.
	fn conclude(
		id: MeterId,
		mut current: Current<T>,
		place: usize,
		by: Option<(T::AccountId, Balance)>,
		verdict: Verdict,
	) {
		let meter = &mut current.meter;
		let sequence = meter.pending[place].reading.sequence;
		Disputes::<T>::remove(id, sequence);
		let dropped = match verdict {
			Verdict::Stands => {
				Self::stands(meter, place, by);
				0
			}
			Verdict::Wrong => Self::wrong(id, meter, place, by),
		};
		Self::deposit_event(Event::Decided {
			meter: id,
			sequence,
			verdict,
			dropped,
		});
		Self::save(id, current);
	}

	/// The reading is final when its own window is over and those before it are, and whoever disputed it has lost. A committee
	/// may not end the window early: somebody else may know better, at a stake of its own.
	fn stands(meter: &mut Meter<T::MaxPending>, place: usize, by: Option<(T::AccountId, Balance)>) {
		let pending = &mut meter.pending[place];
		pending.hold = None;
		pending.final_at = pending.final_at.max(<Self as OpenTime>::now());
		if let Some((who, stake)) = by {
			let owner = Self::owner_of(meter).ok();
			Self::unstake(&who, stake, |attestor| attestor.lost = attestor.lost.saturating_add(1));
			Self::slash_attestor(&who, stake, owner.as_ref());
		}
	}

	/// The reading and those after it are void. If somebody disputed it, the meter has lost: not if its flags held it, for then
	/// it was accepted as doubtful from the start. Returns how many readings were dropped.
	fn wrong(id: MeterId, meter: &mut Meter<T::MaxPending>, place: usize, by: Option<(T::AccountId, Balance)>) -> u32 {
		let dropped = Self::drop_from(meter, place);
		if let Some((who, stake)) = by {
			Self::unstake(&who, stake, |attestor| attestor.won = attestor.won.saturating_add(1));
			Self::slash_deposit(id, meter, WRONG_READING, &who);
			if meter.status() == MeterStatus::Active {
				Self::suspend(id, meter);
			}
		}
		dropped
	}

	/// The place of the pending reading with this sequence.
	fn waiting(meter: &Meter<T::MaxPending>, sequence: u64) -> Result<usize, DispatchError> {
		let place = meter
			.pending
			.iter()
			.position(|pending| pending.reading.sequence == sequence);
		Ok(place.ok_or(Error::<T>::NotPending)?)
	}

	/// The place of the pending reading with this sequence, and the hold under which it can still be decided about.
	fn undecided(meter: &Meter<T::MaxPending>, sequence: u64) -> Result<(usize, Hold), DispatchError> {
		let place = Self::waiting(meter, sequence)?;
		let hold = meter.pending[place]
			.hold
			.filter(|hold| <Self as OpenTime>::now() < hold.until);
		Ok((place, hold.ok_or(Error::<T>::NothingToDecide)?))
	}
}
