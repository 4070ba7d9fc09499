//! Owners, attestors, committees and disputes.

use alloc::{vec, vec::Vec};

use baseload_primitives::{AttestorPay, Balance, MeterId, Moment, Reading};
use frame_benchmarking::{account, BenchmarkError};
use frame_support::{
	traits::{
		fungible::{hold::Mutate as _, Inspect as _, Unbalanced as _},
		tokens::Precision,
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use sp_core::H256;

use super::state::{edit, METER, NOW, SITE};
use crate::{
	Attestors, ClockState, Committee, Committees, Config, Dispute, Disputes, Hold, HoldReason, MaxCommittee, Meters,
	OpenClock, Pallet, Reports, Sites,
};

/// Seats of a full committee.
pub const SEATS: u32 = 16;

/// Who owns the site, and has no BLD.
pub fn owner<T: Config>() -> T::AccountId {
	account("owner", 0, 0)
}

/// Gives `who` KWH for a site and its meters.
pub fn fund<T: Config>(who: &T::AccountId) -> Result<(), BenchmarkError> {
	let amount = T::Currency::minimum_balance() + 2 * (T::SiteDeposit::get() + T::MeterDeposit::get());
	T::Currency::increase_balance(who, amount, Precision::Exact)?;
	Ok(())
}

/// Gives `who` BLD for two bonds.
pub fn fund_bond<T: Config>(who: &T::AccountId) -> Result<(), BenchmarkError> {
	let amount = T::Bond::minimum_balance() + 2 * T::MinAttestorBond::get();
	T::Bond::increase_balance(who, amount, Precision::Exact)?;
	Ok(())
}

/// Makes `who` an attestor.
pub fn bond_attestor<T: Config>(who: &T::AccountId) -> Result<(), BenchmarkError> {
	fund_bond::<T>(who)?;
	Pallet::<T>::do_bond(who.clone(), T::MinAttestorBond::get())?;
	Ok(())
}

/// An attestor by number.
pub fn attestor<T: Config>(number: u32) -> Result<T::AccountId, BenchmarkError> {
	let who = account("attestor", number, 0);
	bond_attestor::<T>(&who)?;
	Ok(who)
}

/// As many attestors as a committee can have, by number from `first` on.
pub fn attestors<T: Config>(first: u32) -> Result<BoundedVec<T::AccountId, MaxCommittee>, BenchmarkError> {
	let members: Result<Vec<_>, _> = (first..first + SEATS).map(attestor::<T>).collect();
	Ok(BoundedVec::truncate_from(members?))
}

/// Names a full committee of [`METER`] that decides with one voice only, its members by number from `first` on.
pub fn full_committee<T: Config>(first: u32) -> Result<Vec<T::AccountId>, BenchmarkError> {
	full_committee_of::<T>(METER, first)
}

/// The same of another meter.
fn full_committee_of<T: Config>(id: MeterId, first: u32) -> Result<Vec<T::AccountId>, BenchmarkError> {
	let members = attestors::<T>(first)?;
	let quorum = members.len() as u32;
	let number = Meters::<T>::get(id).map_or(0, |meter| meter.committee) + 1;
	for who in &members {
		Attestors::<T>::mutate_extant(who, |attestor| attestor.seats += 1);
	}
	edit::<T>(id, |meter| {
		meter.committee = number;
		for pending in &mut meter.pending {
			pending.committee = number;
		}
	});
	let committee = Committee { members, quorum };
	Committees::<T>::insert(id, number, committee.clone());
	Ok(committee.members.into_inner())
}

/// Gives the treasury KWH to open the account of attestors' pay with.
fn fund_treasury<T: Config>() -> Result<(), BenchmarkError> {
	let amount = 2 * T::Currency::minimum_balance();
	T::Currency::increase_balance(&T::Treasury::get(), amount, Precision::Exact)?;
	Ok(())
}

/// For [`AttestorPay`]: a full committee of meter `id`, and an account of pay that still has to be opened.
pub(crate) fn set_served<T: Config>(id: MeterId) {
	let seated = full_committee_of::<T>(id, 0).and_then(|_| fund_treasury::<T>());
	assert!(seated.is_ok(), "a new chain has room for sixteen attestors");
}

/// An attestor that has earned `amount` KWH.
pub fn paid_attestor<T: Config>(amount: Balance) -> Result<T::AccountId, BenchmarkError> {
	let payer = account("payer", 0, 0);
	T::Currency::increase_balance(&payer, amount + T::Currency::minimum_balance(), Precision::Exact)?;
	fund_treasury::<T>()?;
	let who = attestor::<T>(0)?;
	let committee = Committee {
		members: BoundedVec::truncate_from(vec![who.clone()]),
		quorum: 1,
	};
	Committees::<T>::insert(METER, 1, committee);
	edit::<T>(METER, |meter| meter.committee = 1);
	Pallet::<T>::pay(METER, &payer, amount)?;
	Ok(who)
}

/// The registrar.
pub fn registrar<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::RegistrarOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// Puts the owner's deposit for [`METER`] on hold.
pub fn hold_deposit<T: Config>() -> Result<(), BenchmarkError> {
	let (owner, deposit) = (owner::<T>(), T::MeterDeposit::get());
	fund::<T>(&owner)?;
	T::Currency::hold(&HoldReason::Meter.into(), &owner, deposit)?;
	edit::<T>(METER, |meter| meter.deposit = deposit);
	Ok(())
}

/// Lets nothing stand against the removal of [`METER`] any more.
pub fn retire<T: Config>() -> Result<(), BenchmarkError> {
	hold_deposit::<T>()?;
	Sites::<T>::mutate_extant(SITE, |site| site.revenue_meter = None);
	edit::<T>(METER, |meter| {
		meter.certified_since = None;
		meter.suspended_at = Some(0);
	});
	let open = T::MeterNotice::get();
	OpenClock::<T>::put(ClockState { last: NOW, open });
	Ok(())
}

/// A held reading.
pub struct Held<AccountId> {
	/// The last member of its committee, and the only one that has not voted.
	pub last_member: AccountId,
	/// Its sequence.
	pub sequence: u64,
}

/// Holds the newest pending reading of [`METER`] for a full committee of which all but one have voted alike. If it is
/// `disputed`, an attestor of no seat has a stake in it.
pub fn hold_newest<T: Config>(disputed: bool) -> Result<Held<T::AccountId>, BenchmarkError> {
	const WINDOW: Moment = 1;
	let last_member = full_committee::<T>(0)?
		.pop()
		.ok_or(BenchmarkError::Stop("a full committee"))?;
	let hold = Hold {
		until: WINDOW,
		disputed_at: disputed.then_some(NOW),
	};
	let (mut sequence, mut committee) = (0, 0);
	edit::<T>(METER, |meter| {
		if let Some(newest) = meter.pending.last_mut() {
			newest.final_at = WINDOW;
			newest.hold = Some(hold);
			(sequence, committee) = (newest.reading.sequence, newest.committee);
		}
	});
	let by = match disputed {
		true => {
			let (who, stake) = (attestor::<T>(SEATS)?, T::DisputeStake::get());
			Pallet::<T>::stake(&who, stake)?;
			Some((who, stake))
		}
		false => None,
	};
	let dispute = Dispute {
		by,
		evidence: H256::repeat_byte(1),
		committee,
		stands: u16::MAX >> 1,
		wrong: 0,
		until: hold.until,
	};
	Disputes::<T>::insert(METER, sequence, dispute);
	Ok(Held { last_member, sequence })
}

/// Lets as many members as `count` of the committee of [`METER`] report `reading`.
pub fn put_reports<T: Config>(reading: &Reading, count: u32) {
	let reports = (0..count).map(|place| (place as u8, reading.clone())).collect();
	Reports::<T>::insert(METER, BoundedVec::truncate_from(reports));
}
