//! What the pallet says beside what the model says.

use std::collections::BTreeMap;

use baseload_math::calendar::month_of;
use baseload_primitives::{EnergyCover, MeterId, MeterStatus, OpenTime, Register, RegisterSource, Threshold};
use frame_support::traits::fungible::InspectHold;

use super::{
	meter::{Entry, MeterModel},
	model::{Bond, PLACES},
	World,
};
use crate::{mock::*, Attestor, Attestors, Earnings, HoldReason};

impl World {
	/// Compares all that anybody can read.
	pub fn compare(&self) {
		assert_eq!(<MeterAttestation as OpenTime>::now(), self.model.open);
		for meter in 0..PLACES.len() {
			self.compare_meter(meter);
		}
		for (site, revenue_meter) in self.model.revenue_meters.into_iter().enumerate() {
			let attested = revenue_meter.map_or((0, 0), |meter| {
				self.model.meters[meter].attested(now(), self.model.open)
			});
			let (month, year) = attested;
			let id = self.sites[site];
			let view = MeterAttestation::site(id);
			assert_eq!(view.is_some(), self.model.sites[site]);
			let sums = view.map_or((0, 0), |view| (view.last_30_days.0, view.last_365_days.0));
			assert_eq!(sums, (month, year));
			assert_eq!(
				<MeterAttestation as EnergyCover<u64>>::cover(id).0,
				month.min(year / 12)
			);
		}
		let attestors = Attestors::<Test>::iter().map(|(who, attestor)| {
			let Attestor {
				bond, staked, free_at, ..
			} = attestor;
			(who, Bond { bond, staked, free_at })
		});
		assert_eq!(attestors.collect::<BTreeMap<_, _>>(), self.model.attestors);
		let earned = Earnings::<Test>::iter().map(|(who, earned)| (who, (earned.claimable, earned.claimed)));
		assert_eq!(earned.collect::<BTreeMap<_, _>>(), self.model.earned);
		let claimable: u128 = self.model.earned.values().map(|(claimable, _)| claimable).sum();
		let kept = Balances::free_balance(MeterAttestation::pay_account());
		assert_eq!(kept, claimable + u128::from(!self.model.earned.is_empty()));
		let held = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &OWNER);
		let sites = self.model.sites.into_iter().filter(|exists| *exists).count();
		assert_eq!(held(HoldReason::Site), SITE_DEPOSIT * sites as u128);
		let deposits = self.model.meters.iter().map(|meter| meter.deposit);
		assert_eq!(held(HoldReason::Meter), deposits.sum::<u128>());
		assert_eq!(MeterAttestation::do_try_state(), Ok(()));
	}

	fn compare_meter(&self, meter: usize) {
		let (id, model) = (self.ids[meter], &self.model.meters[meter]);
		let measured = model.measured().next_back().map(|entry| &entry.reading);
		let found = <MeterAttestation as RegisterSource<u64>>::final_reading(id);
		assert_eq!(
			found.map(|found| (found.sequence, found.measured_at, found.registers)),
			measured.map(|newest| (newest.sequence, newest.measured_at, newest.registers.clone()))
		);
		self.compare_history(id, model);
		let Some(view) = MeterAttestation::meter(id) else {
			assert!(model.removed);
			let kept = MeterAttestation::removed_meter(id).map(|kept| kept.newest_measured.sequence);
			assert_eq!(kept, measured.map(|newest| newest.sequence));
			return;
		};
		assert!(!model.removed);
		let free_at = model.suspended_at.map(|at| at + METER_NOTICE);
		assert_eq!(
			(view.deposit, view.removable_in),
			(
				model.deposit,
				free_at.map(|free_at| free_at.saturating_sub(self.model.open))
			)
		);
		let point = |entry: Option<&Entry>| entry.map(|entry| (entry.reading.sequence, entry.flags));
		assert_eq!(
			view.newest_final.map(|newest| (newest.sequence, newest.flags)),
			point(model.finals.checked_sub(1).map(|last| &model.log[last]))
		);
		assert_eq!(
			view.newest.map(|newest| (newest.sequence, newest.flags)),
			point(model.log.last())
		);
		let holds: Vec<_> = model.pending().iter().filter_map(|entry| entry.hold).collect();
		let disputed = holds.iter().filter(|hold| hold.disputed_at.is_some()).count();
		assert_eq!(
			(view.pending as usize, view.held as usize, view.disputed as usize),
			(model.pending().len(), holds.len() - disputed, disputed)
		);
		assert_eq!(view.status == MeterStatus::Suspended, model.suspended_at.is_some());
	}

	/// What stays known for ever.
	fn compare_history(&self, id: MeterId, model: &MeterModel) {
		let thresholds = MeterAttestation::thresholds(id);
		let known = thresholds.iter().map(|view| {
			let Threshold { register, count } = view.threshold;
			let proof = (view.sequence).zip(view.measured_at).zip(view.known_at);
			let proof = proof.map(|((sequence, measured_at), known_at)| (sequence, measured_at, known_at));
			((register, count), proof)
		});
		let expected = model.thresholds.iter().map(|threshold| {
			let register = [Register::Export, Register::Import][threshold.0];
			((register, threshold.1), model.proof(*threshold))
		});
		// What was only watched for is forgotten with the meter.
		let expected = expected.filter(|(_, proof)| proof.is_some() || !model.removed);
		assert_eq!(known.collect::<BTreeMap<_, _>>(), expected.collect::<BTreeMap<_, _>>());
		let this = month_of(now());
		for month in [this - 30, this - 2, this - 1, this, this + 1] {
			assert_eq!(MeterAttestation::month_start(id, month), model.month(month), "{month}");
		}
	}
}
