//! That a deposit comes back when nobody depends on what it is for, and not before.

use baseload_math::calendar::{month_of, month_start};
use baseload_primitives::{
	Balance, DeviceSignature, MeterHistory, MeterId, MeterStatus, Refusal, Register, RegisterSource, SiteId, Threshold,
	VaultId, Verdict, Voucher, DAY,
};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::DispatchResult,
	pallet_prelude::{InvalidTransaction, TransactionValidityError},
	traits::fungible::{InspectHold, Mutate},
};
use sp_runtime::{testing::TestSignature, traits::BadOrigin, BoundedVec, Permill, TokenError};

use super::disputes::{close, judged, DISPUTER, JUDGES, VOTE_PERIOD};
use crate::{
	mock::*, Attestors, Check, Committees, Error, Event, Evidence, Firsts, HoldReason, Keys, Meters, MonthStarts,
	Proof, Reports, Retired, Sites, Thresholds,
};

fn remove(meter: MeterId) -> DispatchResult {
	MeterAttestation::remove_meter(RuntimeOrigin::signed(OWNER), meter)
}

fn remove_site(site: SiteId) -> DispatchResult {
	MeterAttestation::remove_site(RuntimeOrigin::signed(OWNER), site)
}

fn suspend(meter: MeterId) {
	assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter));
}

fn resume(meter: MeterId) {
	assert_ok!(MeterAttestation::resume_meter(RuntimeOrigin::signed(REGISTRAR), meter));
}

/// Suspends a meter and lets the notice pass.
fn retire(meter: MeterId) {
	suspend(meter);
	rest(METER_NOTICE);
}

/// What the owner can spend, and what is on hold for sites and for meters.
fn kwh() -> (Balance, Balance, Balance) {
	let held = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &OWNER);
	(
		Balances::free_balance(OWNER),
		held(HoldReason::Site),
		held(HoldReason::Meter),
	)
}

/// Two readings of one sequence that the device signed, shown by somebody.
fn report_fraud(meter: &Device, sequence: u64) -> DispatchResult {
	let shown = |export| {
		let signed = meter.sign(reading(sequence, &[export, 0]));
		Evidence::Reading(signed.reading, signed.signature)
	};
	let (first, second) = (shown(1), shown(2));
	MeterAttestation::report_equivocation(RuntimeOrigin::signed(OTHER), meter.id, key(&meter.pair), first, second)
}

/// A refusal that must change nothing.
fn refused(meter: MeterId, error: Error<Test>) {
	assert_noop!(remove(meter), error);
}

#[test]
fn remove_meter_should_give_the_deposit_back_and_leave_no_meter() {
	run_bonded(|| {
		let meter = judged();
		let site = meter.record().site;
		let other = crate::mock::meter(site);
		assert_ok!(panel(meter.id, &JUDGES[..2], 2));
		let before = kwh();
		retire(meter.id);
		assert_ok!(remove(meter.id));
		assert_eq!(
			kwh(),
			(before.0 + METER_DEPOSIT, SITE_DEPOSIT, METER_DEPOSIT),
			"the other meter's deposit stays"
		);
		let removed = Event::MeterRemoved {
			meter: meter.id,
			site,
			deposit: METER_DEPOSIT,
		};
		assert_eq!(events().last(), Some(&removed));
		assert_eq!(Sites::<Test>::get(site).map(|site| site.meters), Some(1));
		assert!(Meters::<Test>::contains_key(other.id));
		assert!(!Meters::<Test>::contains_key(meter.id));
		assert_eq!(MeterAttestation::meter(meter.id), None);
		assert_eq!(Committees::<Test>::iter_keys().count(), 0);
		assert_eq!(Reports::<Test>::iter_keys().count(), 0);
		for judge in JUDGES {
			assert_eq!(Attestors::<Test>::get(judge).map(|attestor| attestor.seats), Some(0));
		}
		// It was never read: there is nothing to be kept of it.
		assert_eq!(Retired::<Test>::iter_keys().count(), 0);
		assert_eq!(MeterAttestation::removed_meter(meter.id), None);
		refused(meter.id, Error::UnknownMeter);
	});
}

#[test]
fn remove_meter_should_make_room_at_the_site_and_never_give_an_id_out_again() {
	run(|| {
		let site = site();
		let meters = [(); 3].map(|()| meter(site));
		let fourth = || {
			MeterAttestation::register_committee_meter(
				RuntimeOrigin::signed(OWNER),
				site,
				BoundedVec::truncate_from(vec![Register::Export]),
			)
		};
		assert_noop!(fourth(), Error::<Test>::TooManyMeters);
		retire(meters[2].id);
		assert_ok!(remove(meters[2].id));
		assert_ok!(fourth());
		assert!(Meters::<Test>::contains_key(MeterId(3)));
	});
}

#[test]
fn history_should_stay_known_for_ever_when_the_meter_is_removed() {
	run(|| {
		let meter = meter(site());
		let threshold = |count| Threshold {
			register: Register::Export,
			count,
		};
		for count in [1_000, 9_000] {
			assert_ok!(MeterAttestation::watch_threshold(
				RuntimeOrigin::signed(OWNER),
				meter.id,
				threshold(count)
			));
		}
		meter.report(1, &[500, 0]);
		let months = month_of(now());
		block(month_start(months + 2) + DAY);
		meter.report(2, &[3_000, 7]);
		pass(WINDOW);
		type Source = MeterAttestation;
		let told = || {
			let history = <Source as RegisterSource<u64>>::history(meter.id).expect("it was read");
			let starts: Vec<_> = (months - 1..months + 4)
				.map(|month| history.month_start(month))
				.collect();
			let reached = [1_000, 9_000].map(|count| history.reached(threshold(count)));
			let shown: Vec<_> = (months - 1..months + 4)
				.map(|month| MeterAttestation::month_start(meter.id, month))
				.collect();
			(starts, reached, history.newest(), shown)
		};
		let before = told();
		assert!(before.0[2].is_some() && before.1[0].is_some() && before.1[1].is_none());

		retire(meter.id);
		assert_ok!(remove(meter.id));
		assert_eq!(told(), before);
		assert_eq!(<Source as RegisterSource<u64>>::owner(meter.id), None);
		assert_eq!(<Source as RegisterSource<u64>>::registers(meter.id), None);
		assert_eq!(<Source as RegisterSource<u64>>::window(meter.id), None);
		let reached = MeterAttestation::thresholds(meter.id);
		assert_eq!(
			reached.iter().map(|view| view.threshold).collect::<Vec<_>>(),
			[threshold(1_000)],
			"what was only watched for is forgotten"
		);
		assert_eq!(
			(
				Firsts::<Test>::contains_key(meter.id),
				MonthStarts::<Test>::iter_prefix(meter.id).count(),
				Thresholds::<Test>::iter_prefix(meter.id).count()
			),
			(true, 2, 1)
		);
		let kept = MeterAttestation::removed_meter(meter.id).expect("it was read");
		assert_eq!((kept.site, kept.key), (SiteId(0), Some(key(&meter.pair))));
		assert_eq!(kept.registers, [Register::Export, Register::Import]);
		assert_eq!(
			(kept.newest_measured.sequence, kept.newest_measured.registers),
			(2, vec![3_000, 7])
		);
	});
}

#[test]
fn key_should_stay_taken_when_its_meter_is_removed() {
	run(|| {
		let site = site();
		let meter = meter(site);
		meter.report(1, &[0, 0]);
		let next = meter.call(reading_at(now() + DAY, 2, &[0, 0]));
		retire(meter.id);
		assert_ok!(remove(meter.id));
		let unknown = TransactionValidityError::Invalid(InvalidTransaction::Custom(Refusal::UnknownMeter as u8));
		assert_eq!(submit(next).err(), Some(unknown));
		assert_eq!(Keys::<Test>::get(key(&meter.pair)).map(|key| key.meter), Some(meter.id));
		let register = MeterAttestation::register_meter(
			RuntimeOrigin::signed(OWNER),
			site,
			key(&meter.pair),
			BoundedVec::truncate_from(vec![Register::Export]),
			Proof::Possession(possession(&meter.pair, site)),
		);
		assert_eq!(register, Err(Error::<Test>::KeyTaken.into()));
		assert_noop!(
			MeterAttestation::approve_key(RuntimeOrigin::signed(REGISTRAR), site, key(&meter.pair), None),
			Error::<Test>::KeyTaken
		);
	});
}

#[test]
fn remove_meter_should_fail_when_the_caller_is_not_the_owner_or_the_meter_unknown() {
	run(|| {
		let meter = meter(site());
		retire(meter.id);
		assert_noop!(
			MeterAttestation::remove_meter(RuntimeOrigin::signed(OTHER), meter.id),
			Error::<Test>::NotOwner
		);
		assert_noop!(
			MeterAttestation::remove_meter(RuntimeOrigin::root(), meter.id),
			BadOrigin
		);
		refused(MeterId(9), Error::UnknownMeter);
		assert_ok!(remove(meter.id));
	});
}

#[test]
fn remove_meter_should_fail_until_it_was_suspended_for_the_notice() {
	run(|| {
		let meter = meter(site());
		let left = || MeterAttestation::meter(meter.id).expect("registered").removable_in;
		refused(meter.id, Error::NotSuspended);
		assert_eq!(left(), None);
		suspend(meter.id);
		refused(meter.id, Error::DepositNotFree);
		assert_eq!(left(), Some(METER_NOTICE));
		rest(METER_NOTICE - 1);
		refused(meter.id, Error::DepositNotFree);
		assert_eq!(left(), Some(1));
		// Back in service, the notice begins anew with the next suspension.
		resume(meter.id);
		rest(METER_NOTICE);
		refused(meter.id, Error::NotSuspended);
		suspend(meter.id);
		refused(meter.id, Error::DepositNotFree);
		rest(METER_NOTICE);
		assert_eq!(left(), Some(0));
		assert_ok!(remove(meter.id));
	});
}

#[test]
fn notice_should_stand_still_when_open_time_does() {
	run(|| {
		let meter = meter(site());
		suspend(meter.id);
		close_gates();
		block(now() + 2 * METER_NOTICE);
		refused(meter.id, Error::DepositNotFree);
	});
}

#[test]
fn remove_meter_should_fail_while_the_site_is_certified_with_it() {
	run(|| {
		let (site, meter) = plant();
		retire(meter.id);
		refused(meter.id, Error::IsRevenueMeter);
		let other = crate::mock::meter(site);
		certify(site, other.id);
		assert_ok!(remove(meter.id));
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			site
		));
		retire(other.id);
		assert_ok!(remove(other.id));
	});
}

#[test]
fn remove_meter_should_fail_while_it_checks_or_is_checked() {
	run(|| {
		let site = site();
		let (meter, check) = (meter(site), meter(site));
		assert_ok!(set_policy(meter.id, |policy| policy.check = Some(Check {
			meter: check.id,
			tolerance: Permill::from_percent(1),
		})));
		suspend(meter.id);
		retire(check.id);
		refused(meter.id, Error::IsChecked);
		refused(check.id, Error::ChecksAnother);
		assert_ok!(set_policy(meter.id, |policy| policy.check = None));
		assert_ok!(remove(check.id));
		assert_ok!(remove(meter.id));
	});
}

#[test]
fn remove_meter_should_fail_while_agreements_bill_by_it() {
	run(|| {
		let meter = meter(site());
		retire(meter.id);
		Billed::set(vec![meter.id]);
		refused(meter.id, Error::StillBilled);
		Billed::set(Vec::new());
		assert_ok!(remove(meter.id));
	});
}

#[test]
fn remove_meter_should_fail_until_every_dispute_is_closed() {
	run_bonded(|| {
		let meter = judged();
		for sequence in 1..=2 {
			meter.report(sequence, &[sequence, 0]);
			block(now() + STEP);
		}
		assert_ok!(dispute(DISPUTER, meter.id, 2));
		assert_ok!(vote(JUDGES[0], meter.id, 2, Verdict::Wrong));
		suspend(meter.id);
		rest(VOTE_PERIOD);
		refused(meter.id, Error::DepositNotFree);
		rest(METER_NOTICE);
		refused(meter.id, Error::DisputeUnclosed);
		assert_ok!(close(meter.id, 2));
		assert_ok!(remove(meter.id));
		assert_eq!(
			Attestors::<Test>::get(DISPUTER).map(|attestor| attestor.staked),
			Some(0)
		);
	});
}

#[test]
fn remove_meter_should_drop_what_waits_when_the_notice_is_over() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(WINDOW);
		meter.report(2, &[1_000, 0]);
		suspend(meter.id);
		// Without the registrar it would wait for ever.
		rest(METER_NOTICE);
		assert_eq!(meter.pending().len(), 1);
		assert_ok!(remove(meter.id));
		assert_eq!(meter.measured(), Some(1));
	});
}

#[test]
fn fraud_should_cost_the_deposit_until_the_notice_is_over() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(WINDOW);
		suspend(meter.id);
		rest(METER_NOTICE - 1);
		refused(meter.id, Error::DepositNotFree);
		let before = kwh();
		assert_ok!(report_fraud(&meter, 1));
		block(now() + 1);
		assert_eq!(meter.record().deposit, 0);
		// What is lost does not come back, and the meter may still go.
		assert_ok!(remove(meter.id));
		assert_eq!(kwh(), (before.0, SITE_DEPOSIT, 0));
		let removed = Event::MeterRemoved {
			meter: meter.id,
			site: SiteId(0),
			deposit: 0,
		};
		assert_eq!(events().last(), Some(&removed));
		assert_noop!(report_fraud(&meter, 1), Error::<Test>::UnknownMeter);
	});
}

#[test]
fn remove_meter_should_give_back_what_a_wrong_reading_left_of_the_deposit() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[0, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		for judge in &JUDGES[..2] {
			assert_ok!(vote(*judge, meter.id, 1, Verdict::Wrong));
		}
		assert_eq!(meter.record().status(), MeterStatus::Suspended);
		let before = kwh();
		assert_eq!(before.2, METER_DEPOSIT / 2);
		refused(meter.id, Error::DepositNotFree);
		rest(METER_NOTICE);
		assert_ok!(remove(meter.id));
		assert_eq!(kwh(), (before.0 + METER_DEPOSIT / 2, SITE_DEPOSIT, 0));
	});
}

#[test]
fn false_vouch_should_be_proven_when_the_meter_is_removed() {
	run_bonded(|| {
		let meter = meter(site());
		retire(meter.id);
		assert_ok!(remove(meter.id));
		let voucher = Voucher {
			meter: meter.id,
			key: key(&meter.pair),
			reading: reading(1, &[0, 0]),
			signature: DeviceSignature::Ed25519([1; 64]),
		};
		let [who, ..] = BONDED;
		let word = TestSignature(who, voucher.payload(MeterAttestation::genesis_hash()));
		assert_ok!(MeterAttestation::report_false_vouch(
			RuntimeOrigin::signed(OTHER),
			who,
			voucher,
			word
		));
	});
}

#[test]
fn committee_meter_should_be_removed_with_its_reports() {
	run_bonded(|| {
		let meter = committee_meter(site());
		assert_ok!(panel(meter, &JUDGES, 2));
		assert_ok!(MeterAttestation::report(
			RuntimeOrigin::signed(JUDGES[0]),
			meter,
			reading(1, &[0, 0])
		));
		assert!(Reports::<Test>::contains_key(meter));
		retire(meter);
		assert_ok!(remove(meter));
		assert!(!Reports::<Test>::contains_key(meter));
		// A seat holds nobody back any more.
		assert_ok!(MeterAttestation::unbond(RuntimeOrigin::signed(JUDGES[0])));
		rest(NOTICE);
		assert_ok!(MeterAttestation::withdraw_bond(RuntimeOrigin::signed(JUDGES[0])));
		assert_eq!(Attestors::<Test>::get(JUDGES[0]), None);
	});
}

#[test]
fn remove_site_should_give_the_deposit_back_when_nothing_stands_there() {
	run(|| {
		let (site, meter) = plant();
		let before = kwh();
		assert_noop!(remove_site(site), Error::<Test>::SiteHasMeters);
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			site
		));
		retire(meter.id);
		assert_ok!(remove(meter.id));
		assert_noop!(
			MeterAttestation::remove_site(RuntimeOrigin::signed(OTHER), site),
			Error::<Test>::NotOwner
		);
		assert_noop!(MeterAttestation::remove_site(RuntimeOrigin::root(), site), BadOrigin);
		assert_ok!(remove_site(site));
		assert_eq!(kwh(), (before.0 + SITE_DEPOSIT + METER_DEPOSIT, 0, 0));
		assert_eq!(kwh().0, RICH);
		let removed = Event::SiteRemoved {
			site,
			owner: OWNER,
			deposit: SITE_DEPOSIT,
		};
		assert_eq!(events().last(), Some(&removed));
		assert_eq!(MeterAttestation::site(site), None);
		assert_noop!(remove_site(site), Error::<Test>::UnknownSite);
		assert_eq!(crate::mock::site(), SiteId(1), "an id is given out once");
	});
}

#[test]
fn remove_site_should_fail_while_it_is_pledged() {
	use baseload_primitives::EnergyCover;
	type Cover = MeterAttestation;
	run(|| {
		let (site, meter) = plant();
		assert_ok!(<Cover as EnergyCover<u64>>::pledge(site, VaultId(1)));
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			site
		));
		retire(meter.id);
		assert_ok!(remove(meter.id));
		assert_noop!(remove_site(site), Error::<Test>::StillPledged);
		assert_ok!(<Cover as EnergyCover<u64>>::release(site, VaultId(1)));
		assert_ok!(remove_site(site));
	});
}

#[test]
fn connection_point_should_be_free_when_its_site_is_removed() {
	run(|| {
		let first = site_at("DE0001");
		let meter = crate::mock::meter(first);
		certify(first, meter.id);
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			first
		));
		retire(meter.id);
		assert_ok!(remove(meter.id));
		assert_ok!(remove_site(first));
		let second = site_at("DE0001");
		certify(second, crate::mock::meter(second).id);
	});
}

#[test]
fn deposits_should_come_back_exactly_when_the_owner_has_nothing_else_to_spend() {
	run(|| {
		let poor = 77;
		let origin = || RuntimeOrigin::signed(poor);
		let least = KwhDeposit::get();
		Balances::set_balance(&poor, least + SITE_DEPOSIT + METER_DEPOSIT);
		assert_ok!(MeterAttestation::register_site(origin(), details_at("DE77")));
		let registers = BoundedVec::truncate_from(vec![Register::Export]);
		assert_ok!(MeterAttestation::register_committee_meter(
			origin(),
			SiteId(0),
			registers
		));
		assert_eq!(Balances::free_balance(poor), least);
		assert_ok!(MeterAttestation::suspend_meter(origin(), MeterId(0)));
		rest(METER_NOTICE);

		// The least that an account may have has risen since: what would be lost as dust stays on hold.
		KwhDeposit::set(1_000);
		assert_noop!(
			MeterAttestation::remove_meter(origin(), MeterId(0)),
			TokenError::CannotCreate
		);
		KwhDeposit::set(least);
		assert_ok!(MeterAttestation::remove_meter(origin(), MeterId(0)));
		assert_eq!(Balances::free_balance(poor), least + METER_DEPOSIT);
		KwhDeposit::set(1_000);
		assert_noop!(
			MeterAttestation::remove_site(origin(), SiteId(0)),
			TokenError::CannotCreate
		);
		KwhDeposit::set(least);
		assert_ok!(MeterAttestation::remove_site(origin(), SiteId(0)));
		assert_eq!(Balances::free_balance(poor), least + METER_DEPOSIT + SITE_DEPOSIT);
	});
}
