//! What a block says about a meter: its waiting readings, who disputes them, and what the attestor's own account has said
//! already.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use baseload_client::{
	AcceptedReading, AccountId, At, CommitteeRecord, DisputeRecord, MeterRecord, MeterView, WaitingReading,
};
use baseload_primitives::{views::AttestorView, Balance, MeterId, MeterStatus, Moment, Reading};

use super::compare::Stand;

/// The attestor, as of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
	/// The account.
	pub account: AccountId,
	/// Its standing; `None` if it is no attestor.
	pub standing: Option<AttestorView>,
	/// The least bond, in BLD base units.
	pub least_bond: Balance,
	/// What a dispute puts at stake, in BLD base units.
	pub stake: Balance,
}

impl Me {
	/// Looks the account up.
	pub async fn read(at: &At, account: AccountId) -> Result<Self> {
		Ok(Self {
			account,
			standing: at.attestor(&account).await?,
			least_bond: at.constant("MeterAttestation", "MinAttestorBond")?,
			stake: at.constant("MeterAttestation", "DisputeStake")?,
		})
	}

	/// Why the account may say nothing now; `None` if it may.
	pub fn silenced(&self) -> Option<&'static str> {
		match &self.standing {
			None => Some("the account is no attestor: bond BLD first (`baseload attestor bond`)"),
			Some(standing) if standing.bond < self.least_bond => Some("the account's bond is below the least one"),
			Some(_) => None,
		}
	}

	/// True if the account is leaving: it may still vote, and say nothing else.
	pub fn is_leaving(&self) -> bool {
		self.standing
			.as_ref()
			.is_some_and(|standing| standing.free_in.is_some())
	}

	/// Disputes that the account has lost.
	pub fn lost(&self) -> u32 {
		self.standing.as_ref().map_or(0, |standing| standing.lost)
	}

	/// True if enough of the bond is free for one more dispute.
	pub fn can_stake(&self) -> bool {
		let free = |standing: &AttestorView| standing.bond.saturating_sub(standing.staked);
		self.standing
			.as_ref()
			.is_some_and(|standing| free(standing) >= self.stake)
	}
}

/// The account's seat on the committee that decides about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
	/// Its place, from 0.
	pub place: u8,
	/// Whether it has voted already.
	pub voted: bool,
}

/// A reading that waits, and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
	/// The reading.
	pub reading: AcceptedReading,
	/// Open time left until its window ends, in milliseconds; zero if it is over.
	pub window_left: Moment,
	/// Open time left for a verdict; `None` if nothing holds the reading.
	pub vote_left: Option<Moment>,
	/// Whether an attestor disputes it.
	pub disputed: bool,
	/// Whether that is this account.
	pub own_dispute: bool,
	/// This account's seat on the committee that decides about it.
	pub seat: Option<Seat>,
}

impl Case {
	/// Where the meter says it stands.
	pub fn stand(&self) -> Stand {
		stand(&self.reading)
	}
}

/// What is known about reports of a meter that cannot sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
	/// Sequence and time of the newest reading.
	pub newest: Option<(u64, Moment)>,
	/// Sequences up to here are used up.
	pub used: Option<u64>,
	/// What this account has reported since.
	pub mine: Option<Reading>,
}

/// A meter's matters at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Docket {
	/// The meter.
	pub meter: MeterId,
	/// What it is.
	pub view: MeterView,
	/// The newest final reading that was measured.
	pub base: Option<Stand>,
	/// Sequence of the newest final reading, measured or not.
	pub settled: Option<u64>,
	/// The meter's sequence of its present device's 0.
	pub device_start: u64,
	/// What waits, oldest first.
	pub cases: Vec<Case>,
	/// Sequences of own disputes that can be closed: they lapsed, or their reading is gone.
	pub closable: Vec<u64>,
	/// If the account is to read the meter itself.
	pub desk: Option<Desk>,
}

/// What is stored about a meter at a block.
pub struct Stored {
	/// The open time that it is.
	pub open: Moment,
	/// The meter's record.
	pub record: MeterRecord,
	/// Disputes and votes, by sequence.
	pub disputes: Vec<(u64, DisputeRecord)>,
	/// The committees that decide about what waits, and the present one, by number.
	pub committees: BTreeMap<u32, CommitteeRecord>,
	/// Members' reports, by their places on the present committee.
	pub reports: Vec<(u8, Reading)>,
}

impl Docket {
	/// Reads a meter's matters. Fails if there is no such meter.
	pub async fn read(at: &At, meter: MeterId, me: &Me) -> Result<Self> {
		let unknown = || format!("the chain has no meter {meter}");
		let view = at.meter(meter).await?.with_context(unknown)?;
		let record = at.meter_record(meter).await?.with_context(unknown)?;
		let mut committees = BTreeMap::new();
		for waiting in &record.waiting {
			let number = waiting.committee;
			if number > 0 && !committees.contains_key(&number) {
				committees.extend(at.committee_record(meter, number).await?.map(|found| (number, found)));
			}
		}
		let reports = match view.key {
			Some(_) => Vec::new(),
			None => at.reports(meter).await?,
		};
		let stored = Stored {
			open: at.open_time().await?,
			disputes: at.dispute_records(meter).await?,
			record,
			committees,
			reports,
		};
		Ok(Self::of(meter, view, stored, me))
	}

	/// Puts together what is stored.
	pub fn of(meter: MeterId, view: MeterView, stored: Stored, me: &Me) -> Self {
		let Stored {
			open,
			mut record,
			disputes,
			committees,
			reports,
		} = stored;
		let closable = disputes.iter().filter(|(sequence, dispute)| {
			let waits = record
				.waiting
				.iter()
				.any(|waiting| waiting.reading.sequence == *sequence);
			let mine = dispute.by.as_ref().is_some_and(|(by, _)| *by == me.account);
			mine && (dispute.until <= open || !waits)
		});
		let closable = closable.map(|(sequence, _)| *sequence).collect();
		let waiting = waiting(&mut record, view.status, open);
		let settled = record.estimated.as_ref().or(record.measured.as_ref());
		let newest = waiting.last().map(|last| &last.reading).or(settled);
		let desk = desk(&view, &record, newest, &reports, me);
		let cases = waiting.iter().map(|waiting| {
			let sequence = waiting.reading.sequence;
			let dispute = disputes
				.iter()
				.find(|(of, _)| *of == sequence)
				.map(|(_, dispute)| dispute);
			case(waiting, dispute, committees.get(&waiting.committee), open, me)
		});
		Self {
			meter,
			base: record.measured.as_ref().map(stand),
			settled: settled.map(|settled| settled.sequence),
			device_start: record.device_start,
			cases: cases.collect(),
			closable,
			desk,
			view,
		}
	}
}

/// Takes what still waits at open time `open` out of the record; what has matured is final in it.
fn waiting(record: &mut MeterRecord, status: MeterStatus, open: Moment) -> Vec<WaitingReading> {
	let due = |waiting: &WaitingReading| waiting.hold.map_or(waiting.final_at, |hold| hold.until);
	let mut waiting = std::mem::take(&mut record.waiting);
	let matured = match status {
		MeterStatus::Active => waiting.iter().take_while(|waiting| due(waiting) <= open).count(),
		MeterStatus::Suspended => 0,
	};
	for WaitingReading { reading, hold, .. } in waiting.drain(..matured) {
		// Undecided in time, it is an estimate.
		if hold.is_some() || reading.flags.is_estimate() {
			record.estimated = Some(reading);
		} else {
			record.measured = Some(reading);
			record.estimated = None;
		}
	}
	waiting
}

fn case(
	waiting: &WaitingReading,
	dispute: Option<&DisputeRecord>,
	committee: Option<&CommitteeRecord>,
	open: Moment,
	me: &Me,
) -> Case {
	let voted = dispute.map_or(0, |dispute| dispute.stands | dispute.wrong);
	let place = committee.and_then(|committee| committee.members.iter().position(|member| *member == me.account));
	let by = dispute.and_then(|dispute| dispute.by.as_ref());
	Case {
		reading: waiting.reading.clone(),
		window_left: waiting.final_at.saturating_sub(open),
		vote_left: waiting.hold.map(|hold| hold.until.saturating_sub(open)),
		disputed: waiting.hold.is_some_and(|hold| hold.disputed_at.is_some()),
		own_dispute: by.is_some_and(|(by, _)| *by == me.account),
		seat: place.map(|place| Seat {
			place: place as u8,
			voted: voted & (1 << place) != 0,
		}),
	}
}

/// The desk of a member of an active committee meter's committee.
fn desk(
	view: &MeterView,
	record: &MeterRecord,
	newest: Option<&AcceptedReading>,
	reports: &[(u8, Reading)],
	me: &Me,
) -> Option<Desk> {
	let members = &view.committee.as_ref()?.members;
	let place = members.iter().position(|member| *member == me.account)?;
	(view.key.is_none() && view.status == MeterStatus::Active).then(|| Desk {
		newest: newest.map(|newest| (newest.sequence, newest.measured_at)),
		used: record.dropped.max(newest.map(|newest| newest.sequence)),
		mine: reports
			.iter()
			.find(|(of, _)| usize::from(*of) == place)
			.map(|(_, reading)| reading.clone()),
	})
}

fn stand(reading: &AcceptedReading) -> Stand {
	Stand {
		at: reading.measured_at,
		registers: reading.registers.clone(),
	}
}
