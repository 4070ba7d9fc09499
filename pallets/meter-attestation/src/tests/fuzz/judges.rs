//! Attestors of the naive model: what they bond, dispute, decide and report, and the fraud that anybody proves.

use baseload_primitives::{Flags, Moment, Reading, Verdict};

use super::model::{Bond, Model, Votes, UNREAD};
use crate::{mock::*, Hold};

impl Model {
	/// True if the attestor may vote and report.
	fn has_voice(&self, who: u64) -> bool {
		self.attestors.get(&who).is_some_and(|of| of.bond >= MIN_BOND)
	}

	/// True if the attestor may also dispute and take a seat.
	fn is_active(&self, who: u64) -> bool {
		self.has_voice(who) && self.attestors[&who].free_at.is_none()
	}

	pub fn bond(&mut self, who: u64, amount: u128) -> bool {
		let mut new = self.attestors.get(&who).copied().unwrap_or_default();
		new.bond += amount;
		let done = amount > 0 && new.bond >= MIN_BOND && new.free_at.is_none();
		if done {
			self.attestors.insert(who, new);
		}
		done
	}

	pub fn unbond(&mut self, who: u64) -> bool {
		let Some(of) = self.attestors.get_mut(&who) else {
			return false;
		};
		let done = of.staked == 0 && of.free_at.is_none();
		if done {
			of.free_at = Some(self.open + NOTICE);
		}
		done
	}

	pub fn withdraw(&mut self, who: u64) -> bool {
		let free_at = self.attestors.get(&who).and_then(|of| of.free_at);
		let done = free_at.is_some_and(|free_at| free_at <= self.open);
		let sits = |id: usize| self.panel(id, self.meters[id].committee).0.contains(&who);
		if done && (0..self.meters.len()).any(sits) {
			self.attestors.insert(who, Bond::default());
		} else if done {
			self.attestors.remove(&who);
		}
		done
	}

	/// Gives every active member of a meter's committee the same of `amount`. Returns what that is in all.
	pub fn pay(&mut self, id: usize, amount: u128) -> u128 {
		let members = self.panel(id, self.meters[id].committee).0.to_vec();
		let members: Vec<_> = members.into_iter().filter(|who| self.is_active(*who)).collect();
		let mut taken = 0;
		while taken + members.len() as u128 <= amount && !members.is_empty() {
			for who in &members {
				self.earned.entry(*who).or_default().0 += 1;
				taken += 1;
			}
		}
		taken
	}

	pub fn claim_pay(&mut self, who: u64) -> bool {
		let (claimable, claimed) = self.earned.get(&who).copied().unwrap_or_default();
		if claimable > 0 {
			self.earned.insert(who, (0, claimed + claimable));
		}
		claimable > 0
	}

	/// Takes all that is not at stake from an attestor that vouched for a signature, if that fails.
	pub fn false_vouch(&mut self, who: u64, fails: bool) -> bool {
		let Some(of) = self.attestors.get_mut(&who).filter(|_| fails) else {
			return false;
		};
		of.bond = of.staked;
		true
	}

	/// Ends a stake, of which this part is lost.
	fn unstake(&mut self, who: u64, lost: u128) {
		let of = self.attestors.get_mut(&who).expect("it disputed");
		of.staked -= STAKE;
		of.bond -= lost.min(of.bond - of.staked);
	}

	pub fn set_committee(&mut self, id: usize, members: Vec<u64>, quorum: usize) -> bool {
		let sound = match members.len() {
			0 => quorum == 0 && id != UNREAD,
			count => quorum > count / 2 && quorum <= count,
		};
		let active = members.iter().all(|who| self.is_active(*who));
		let meter = &mut self.meters[id];
		let last = meter.committees.len();
		if !sound
			|| !active
			|| meter.removed
			|| meter
				.pending()
				.iter()
				.any(|entry| ![0, last].contains(&entry.committee))
		{
			return false;
		}
		meter.committee = 0;
		if !members.is_empty() {
			meter.committees.push((members, quorum));
			meter.committee = last + 1;
		}
		meter.reports.clear();
		true
	}

	/// Members and quorum of a committee of a meter.
	fn panel(&self, id: usize, number: usize) -> (&[u64], usize) {
		match number.checked_sub(1) {
			Some(place) => {
				let (members, quorum) = &self.meters[id].committees[place];
				(members, *quorum)
			}
			None => (&[], 0),
		}
	}

	pub fn report(&mut self, id: usize, who: u64, reading: &Reading) -> bool {
		let meter = &self.meters[id];
		let (members, quorum) = self.panel(id, meter.committee);
		let readable = meter.suspended_at.is_some() != (id == UNREAD) && !meter.removed;
		if !readable || !self.has_voice(who) || !members.contains(&who) {
			return false;
		}
		let Ok(mut entries) = meter.judge_all(std::slice::from_ref(reading), self.open) else {
			return false;
		};
		let open = self.open;
		let meter = &mut self.meters[id];
		let last = meter.last_sequence();
		meter
			.reports
			.retain(|(member, said)| *member != who && Some(said.0) > last);
		let said = (entries[0].reading.sequence, reading.clone());
		meter.reports.push((who, said.clone()));
		if meter.reports.iter().filter(|(_, other)| *other == said).count() >= quorum {
			meter.reports.clear();
			meter.drop_from(meter.finals);
			for entry in &mut entries {
				entry.hold = None;
				entry.flags = entry.flags.and(Flags::COMMITTEE);
			}
			meter.log.extend(entries);
			meter.finalise(open);
		}
		true
	}

	pub fn dispute(&mut self, id: usize, who: u64, sequence: u64) -> bool {
		let Some(place) = self.meters[id].waiting(sequence) else {
			return false;
		};
		let entry = &self.meters[id].log[place];
		let votes = self.votes.get(&(id, sequence));
		let voted = votes.is_some_and(|votes| votes.stands.contains(&who) || votes.wrong.contains(&who));
		let disputed = entry.hold.is_some_and(|hold| hold.disputed_at.is_some());
		let can_stake = |of: &Bond| of.staked + STAKE <= of.bond;
		let able = self.is_active(who) && self.attestors.get(&who).is_some_and(can_stake);
		if self.open >= entry.final_at || disputed || voted || !able {
			return false;
		}
		let until = entry
			.hold
			.map_or(0, |hold| hold.until)
			.max(self.open + entry.vote_period)
			.max(entry.final_at);
		self.meters[id].log[place].hold = Some(Hold {
			until,
			disputed_at: Some(now()),
		});
		let votes = self.votes.entry((id, sequence)).or_default();
		(votes.by, votes.until) = (Some(who), until);
		if let Some(of) = self.attestors.get_mut(&who) {
			of.staked += STAKE;
		}
		true
	}

	/// Place of a reading that can be decided about, and until when.
	fn undecided(&self, id: usize, sequence: u64) -> Option<(usize, Moment)> {
		let place = self.meters[id].waiting(sequence)?;
		let until = self.meters[id].log[place].hold?.until;
		(self.open < until).then_some((place, until))
	}

	pub fn vote(&mut self, id: usize, who: u64, sequence: u64, verdict: Verdict) -> bool {
		let Some((place, until)) = self.undecided(id, sequence) else {
			return false;
		};
		let (members, quorum) = self.panel(id, self.meters[id].log[place].committee);
		if !members.contains(&who) || !self.has_voice(who) {
			return false;
		}
		let votes = self.votes.entry((id, sequence)).or_insert(Votes {
			until,
			..Votes::default()
		});
		let side = match verdict {
			Verdict::Stands => &votes.wrong,
			Verdict::Wrong => &votes.stands,
		};
		if votes.by == Some(who) || side.contains(&who) {
			return false;
		}
		let side = match verdict {
			Verdict::Stands => &mut votes.stands,
			Verdict::Wrong => &mut votes.wrong,
		};
		if !side.insert(who) {
			return false;
		}
		if side.len() >= quorum {
			self.decide(id, sequence, verdict);
		}
		true
	}

	pub fn decide(&mut self, id: usize, sequence: u64, verdict: Verdict) -> bool {
		let Some((place, _)) = self.undecided(id, sequence) else {
			return false;
		};
		let by = self.votes.remove(&(id, sequence)).and_then(|votes| votes.by);
		match verdict {
			Verdict::Stands => {
				let entry = &mut self.meters[id].log[place];
				entry.hold = None;
				entry.final_at = entry.final_at.max(self.open);
			}
			Verdict::Wrong => {
				let meter = &mut self.meters[id];
				meter.drop_from(place);
				if by.is_some() {
					meter.suspended_at = meter.suspended_at.or(Some(self.open));
					meter.deposit -= meter.deposit.div_ceil(2);
				}
			}
		}
		if let Some(who) = by {
			self.unstake(who, if verdict == Verdict::Stands { STAKE } else { 0 });
		}
		true
	}

	/// Ends a dispute if `closed`, and checks that it could, or could not, be ended.
	pub fn close(&mut self, id: usize, sequence: u64, closed: bool) {
		let votes = self.votes.get(&(id, sequence));
		let lapsed = votes.is_some_and(|votes| votes.until <= self.open);
		let gone = self.meters[id].waiting(sequence).is_none();
		if closed {
			assert!(votes.is_some() && (lapsed || gone));
		} else if let Some(votes) = votes {
			// Votes on a reading that is final may stay until the meter's record is written. They bind nobody's stake.
			assert!(!lapsed && (!gone || votes.by.is_none()));
			return;
		}
		if let Some(who) = self.votes.remove(&(id, sequence)).and_then(|votes| votes.by) {
			self.unstake(who, if lapsed { STAKE / 10 } else { 0 });
		}
	}

	/// Meter and sequence of all disputes and votes, waiting or not.
	pub fn disputes(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
		self.votes.keys().copied()
	}

	/// Punishes a meter whose device signed two readings of one sequence with a key of its own.
	pub fn equivocate(&mut self, id: usize, sequence: u64, own: bool) -> bool {
		let open = self.open;
		let meter = &mut self.meters[id];
		let Some(last) = meter.last_sequence() else {
			return false;
		};
		if !own || meter.removed || sequence > last || meter.punished.is_some_and(|punished| sequence <= punished) {
			return false;
		}
		meter.punished = Some(last);
		meter.drop_from(meter.finals);
		meter.suspended_at = meter.suspended_at.or(Some(open));
		meter.deposit = 0;
		true
	}
}
