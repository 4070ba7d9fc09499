//! The benchmarks, in the order of [`WeightInfo`](crate::WeightInfo).

use baseload_primitives::{possession_payload, rotation_payload, MeterStatus, Verdict, Voucher};
use frame_benchmarking::{benchmarking::add_to_whitelist, v2::*};
use frame_support::{
	dispatch::RawOrigin,
	traits::{fungible::Inspect as _, EnsureOrigin, Get},
	BoundedVec,
};
use sp_core::H256;

use super::{feeless::*, keys::*, people::*, records::*, state::*, BenchmarkHelper};
use crate::*;

/// Number of pending readings of [`METER`].
fn pending<T: Config>() -> u32 {
	Meters::<T>::get(METER).map_or(0, |meter| meter.pending.len() as u32)
}

/// Status of [`METER`].
fn status<T: Config>() -> Option<MeterStatus> {
	Some(Meters::<T>::get(METER)?.status())
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn register_site() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), details());
		assert!(Sites::<T>::contains_key(SITE));
		Ok(())
	}

	/// In the place of another meter, with all readings of both to be settled.
	#[benchmark]
	fn certify_site() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		put_meter::<T>(OTHER, meter::<T>(dearest(2), T::MaxPending::get(), History::Years));
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, SITE, OTHER, NOW);
		assert_eq!(Sites::<T>::get(SITE).and_then(|site| site.revenue_meter), Some(OTHER));
		Ok(())
	}

	#[benchmark]
	fn revoke_certificate() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, SITE);
		assert_eq!(Sites::<T>::get(SITE).and_then(|site| site.revenue_meter), None);
		Ok(())
	}

	#[benchmark]
	fn register_meter() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller)?;
		put_site::<T>(SITE, &caller, None);
		let (key, signature) = p256(1, &possession_payload(Pallet::<T>::genesis_hash(), SITE));
		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			SITE,
			key,
			registers(),
			Proof::Possession(signature),
		);
		assert_eq!(Keys::<T>::get(key).map(|key| key.meter), Some(METER));
		Ok(())
	}

	#[benchmark]
	fn register_committee_meter() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller)?;
		put_site::<T>(SITE, &caller, None);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), SITE, registers());
		assert!(Meters::<T>::contains_key(METER));
		Ok(())
	}

	#[benchmark]
	fn approve_key() -> Result<(), BenchmarkError> {
		put_site::<T>(SITE, &owner::<T>(), None);
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, SITE, dearest(1), Some(format()));
		assert!(Approvals::<T>::contains_key(dearest(1)));
		Ok(())
	}

	/// From one check meter to another, each with a full record.
	#[benchmark]
	fn set_policy() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		for (id, device) in [(OTHER, 2), (THIRD, 3)] {
			put_meter::<T>(id, meter::<T>(dearest(device), T::MaxPending::get(), History::Years));
		}
		let tolerance = MAX_CHECK_TOLERANCE;
		edit::<T>(METER, |meter| {
			meter.policy.check = Some(Check {
				meter: OTHER,
				tolerance,
			})
		});
		edit::<T>(OTHER, |meter| meter.checks = Some(METER));
		let mut policy = meter::<T>(dearest(1), 0, History::Years).policy;
		policy.check = Some(Check {
			meter: THIRD,
			tolerance,
		});
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, METER, policy);
		assert_eq!(Meters::<T>::get(THIRD).and_then(|meter| meter.checks), Some(METER));
		Ok(())
	}

	/// From the second full committee, of which everybody has reported something, to a third of other members.
	#[benchmark]
	fn set_committee() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		full_committee::<T>(0)?;
		full_committee::<T>(SEATS)?;
		put_reports::<T>(&reading(u64::MAX, NOW), SEATS);
		let members = attestors::<T>(2 * SEATS)?;
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, METER, members, SEATS);
		assert_eq!(Meters::<T>::get(METER).map(|meter| meter.committee), Some(3));
		Ok(())
	}

	#[benchmark]
	fn rotate_key() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		let genesis = Pallet::<T>::genesis_hash();
		let (key, proof) = p256(2, &possession_payload(genesis, SITE));
		let (_, consent) = p256(1, &rotation_payload(genesis, METER, &key));
		#[extrinsic_call]
		_(RawOrigin::Signed(owner::<T>()), METER, key, proof, consent);
		assert_eq!(Keys::<T>::get(key).map(|key| key.meter), Some(METER));
		Ok(())
	}

	#[benchmark]
	fn replace_device() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		use_ocmf::<T>();
		edit::<T>(METER, |meter| meter.suspended_at = Some(0));
		let key = dearest(2);
		Pallet::<T>::do_approve_key(SITE, key, Some(format()))?;
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, METER, key, counts(0));
		assert_eq!(Keys::<T>::get(key).map(|key| key.meter), Some(METER));
		Ok(())
	}

	#[benchmark]
	fn suspend_meter() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner::<T>()), METER);
		assert_eq!(status::<T>(), Some(MeterStatus::Suspended));
		Ok(())
	}

	/// With the whole deposit to be made up for.
	#[benchmark]
	fn resume_meter() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		fund::<T>(&owner::<T>())?;
		edit::<T>(METER, |meter| meter.suspended_at = Some(0));
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, METER);
		assert_eq!(status::<T>(), Some(MeterStatus::Active));
		Ok(())
	}

	#[benchmark]
	fn submit_reading(p: Linear<0, { T::MaxPending::get() }>) {
		let call = one_reading::<T>(p);
		let checked = in_memory::<T>(METER);
		#[block]
		{
			checked.restore();
			dispatch::<T>(call);
		}
		assert_eq!(pending::<T>(), 1);
	}

	#[benchmark]
	fn authorize_submit_reading(p: Linear<0, { T::MaxPending::get() }>) {
		let call = one_reading::<T>(p);
		#[block]
		{
			authorize::<T>(&call);
		}
	}

	/// Both in one transaction, as a block does it: no weight, but what a reading costs.
	#[benchmark(extra)]
	fn accept_reading(p: Linear<0, { T::MaxPending::get() }>) {
		let call = one_reading::<T>(p);
		#[block]
		{
			authorize::<T>(&call);
			dispatch::<T>(call);
		}
		assert_eq!(pending::<T>(), 1);
	}

	/// The same after `n` readings, the last of which is final with this one, and `o` of another meter: shows that a meter's past
	/// costs nothing.
	#[benchmark(extra)]
	fn accept_after(n: Linear<1, 1_000>, o: Linear<0, 999>) {
		let call = reading_after::<T>(n, o);
		#[block]
		{
			authorize::<T>(&call);
			dispatch::<T>(call);
		}
		let measured = Meters::<T>::get(METER).and_then(|meter| meter.measured);
		assert_eq!(measured.map(|newest| newest.reading.sequence), Some(u64::from(n) + 2));
		assert_eq!(pending::<T>(), 1);
	}

	#[benchmark]
	fn submit_backlog(n: Linear<1, { T::MaxBacklog::get() }>, p: Linear<0, { T::MaxPending::get() }>) {
		let call = backlog::<T>(n, p);
		let checked = in_memory::<T>(METER);
		#[block]
		{
			checked.restore();
			dispatch::<T>(call);
		}
		assert_eq!(pending::<T>(), n);
	}

	#[benchmark]
	fn authorize_submit_backlog(n: Linear<1, { T::MaxBacklog::get() }>, p: Linear<0, { T::MaxPending::get() }>) {
		let call = backlog::<T>(n, p);
		#[block]
		{
			authorize::<T>(&call);
		}
	}

	/// Both in one transaction, as a block does it: no weight, but what a backlog costs.
	#[benchmark(extra)]
	fn accept_backlog(n: Linear<1, { T::MaxBacklog::get() }>, p: Linear<0, { T::MaxPending::get() }>) {
		let call = backlog::<T>(n, p);
		#[block]
		{
			authorize::<T>(&call);
			dispatch::<T>(call);
		}
		assert_eq!(pending::<T>(), n);
	}

	/// What the dispatch does besides recording the reading, where the meter's record is weighed.
	#[benchmark]
	fn read_ocmf(l: Linear<SHORTEST, LONGEST>) -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), 0, History::Month);
		use_ocmf::<T>();
		let meter = Meters::<T>::get(METER).ok_or("a planted meter")?;
		let record = record(l, u64::MAX, u64::MAX);
		let reading;
		#[block]
		{
			reading = Pallet::<T>::read_ocmf(&meter, &record);
		}
		assert_eq!(record.len() as u32, l);
		assert!(reading.is_ok());
		Ok(())
	}

	#[benchmark]
	fn authorize_submit_ocmf(l: Linear<SHORTEST, LONGEST>, p: Linear<0, { T::MaxPending::get() }>) {
		let call = one_record::<T>(l, p);
		#[block]
		{
			authorize::<T>(&call);
		}
	}

	/// Check and dispatch in one transaction, as a block does it: no weight, but what a record costs.
	#[benchmark(extra)]
	fn accept_ocmf(l: Linear<SHORTEST, LONGEST>, p: Linear<0, { T::MaxPending::get() }>) {
		let call = one_record::<T>(l, p);
		#[block]
		{
			authorize::<T>(&call);
			dispatch::<T>(call);
		}
		assert_eq!(pending::<T>(), 1);
	}

	#[benchmark]
	fn verify_ed25519() {
		let (key, signature) = ed25519(&message());
		let verified;
		#[block]
		{
			verified = key.verify(&message(), &signature);
		}
		assert!(verified);
	}

	#[benchmark]
	fn verify_sr25519() {
		let (key, signature) = sr25519(&message());
		let verified;
		#[block]
		{
			verified = key.verify(&message(), &signature);
		}
		assert!(verified);
	}

	#[benchmark]
	fn verify_secp256k1() {
		let (key, signature) = forged_secp256k1();
		let verified;
		#[block]
		{
			verified = key.verify(&message(), &signature);
		}
		assert!(!verified);
	}

	#[benchmark]
	fn verify_p256() {
		let (key, signature) = p256(1, &message());
		let verified;
		#[block]
		{
			verified = key.verify(&message(), &signature);
		}
		assert!(verified);
	}

	/// A check meter's own reading, with the meter that it checks to be settled.
	#[benchmark]
	fn compare(p: Linear<1, { T::MaxPending::get() }>) -> Result<(), BenchmarkError> {
		check::<T>(p);
		let mut current = Pallet::<T>::current(METER).ok_or("a planted meter")?;
		#[block]
		{
			Pallet::<T>::compare(METER, &mut current);
		}
		assert_eq!(
			Meters::<T>::get(OTHER).map(|meter| meter.pending[0].final_at),
			Some(0),
			"they agree"
		);
		Ok(())
	}

	/// The record itself is weighed with what settles it.
	#[benchmark]
	fn store_month_starts(m: Linear<1, { Pallet::<T>::MAX_MONTHS }>) -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), 0, History::Month);
		let readings = over_months::<T>(m);
		let mut current = Pallet::<T>::current(METER).ok_or("a planted meter")?;
		add_to_whitelist(Meters::<T>::hashed_key_for(METER).into());
		#[block]
		{
			for reading in readings {
				current.make_final(reading, 0);
			}
			Pallet::<T>::save(METER, current);
		}
		assert_eq!(MonthStarts::<T>::iter_prefix(METER).count() as u32, m);
		Ok(())
	}

	/// The last threshold that a meter may have, with all readings to be settled and all thresholds reached by them.
	#[benchmark]
	fn watch_threshold() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		edit::<T>(METER, |meter| {
			meter.watching.pop();
			meter.thresholds -= 1;
		});
		let threshold = Threshold {
			register: registers()[0],
			count: 1,
		};
		#[extrinsic_call]
		_(RawOrigin::Signed(owner::<T>()), METER, threshold);
		assert_eq!(Thresholds::<T>::iter_prefix(METER).count() as u32, MAX_THRESHOLDS);
		Ok(())
	}

	/// A meter with the longest record, and two full committees of which the present one has reported.
	#[benchmark]
	fn remove_meter() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		full_committee::<T>(0)?;
		full_committee::<T>(SEATS)?;
		put_reports::<T>(&reading(u64::MAX, NOW), SEATS);
		retire::<T>()?;
		#[extrinsic_call]
		_(RawOrigin::Signed(owner::<T>()), METER);
		assert!(!Meters::<T>::contains_key(METER));
		assert!(Retired::<T>::contains_key(METER));
		assert!(!Reports::<T>::contains_key(METER));
		assert_eq!(Committees::<T>::iter_key_prefix(METER).count(), 0);
		Ok(())
	}

	#[benchmark]
	fn remove_site() -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		fund::<T>(&owner)?;
		Pallet::<T>::do_register_site(owner.clone(), details())?;
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), SITE);
		assert!(!Sites::<T>::contains_key(SITE));
		Ok(())
	}

	/// The record itself is weighed with what settles it.
	#[benchmark]
	fn store_thresholds(n: Linear<1, MAX_THRESHOLDS>) -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), 0, History::Years);
		edit::<T>(METER, |meter| meter.watching.truncate(n as usize));
		let mut current = Pallet::<T>::current(METER).ok_or("a planted meter")?;
		add_to_whitelist(Meters::<T>::hashed_key_for(METER).into());
		#[block]
		{
			current.make_final(accepted(u64::MAX, NOW), 0);
			Pallet::<T>::save(METER, current);
		}
		assert_eq!(Thresholds::<T>::iter_prefix(METER).count() as u32, n);
		Ok(())
	}

	#[benchmark]
	fn relay() {
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), BoundedVec::new());
	}

	/// An attestor's second bond.
	#[benchmark]
	fn bond() -> Result<(), BenchmarkError> {
		let who = attestor::<T>(0)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), T::MinAttestorBond::get());
		assert_eq!(
			Attestors::<T>::get(&who).map(|attestor| attestor.bond),
			Some(2 * T::MinAttestorBond::get())
		);
		Ok(())
	}

	#[benchmark]
	fn unbond() -> Result<(), BenchmarkError> {
		let who = attestor::<T>(0)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Attestors::<T>::get(&who).is_some_and(|attestor| attestor.free_at.is_some()));
		Ok(())
	}

	#[benchmark]
	fn withdraw_bond() -> Result<(), BenchmarkError> {
		let who = attestor::<T>(0)?;
		Attestors::<T>::mutate_extant(&who, |attestor| attestor.free_at = Some(0));
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(!Attestors::<T>::contains_key(&who));
		Ok(())
	}

	/// To an account that it creates.
	#[benchmark]
	fn claim_pay() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), 0, History::Month);
		let amount = T::Currency::minimum_balance();
		let who = paid_attestor::<T>(amount)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert_eq!(T::Currency::balance(&who), amount);
		Ok(())
	}

	/// Of a suspended device's meter, after years of silence. All that waits is dropped.
	#[benchmark]
	fn report() -> Result<(), BenchmarkError> {
		let p = T::MaxPending::get();
		plant::<T>(dearest(1), p, History::Years);
		let last_member = full_committee::<T>(0)?.pop().ok_or("a full committee")?;
		edit::<T>(METER, |meter| meter.suspended_at = Some(0));
		let reading = next_readings::<T>(p, 1).pop().ok_or("one reading")?;
		put_reports::<T>(&reading, SEATS - 1);
		#[extrinsic_call]
		_(RawOrigin::Signed(last_member), METER, reading);
		assert!(!Reports::<T>::contains_key(METER));
		assert_eq!(pending::<T>(), 0);
		Ok(())
	}

	/// Of a reading that its own flags hold, and about which almost everybody has voted.
	#[benchmark]
	fn dispute() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		let Held { last_member, sequence } = hold_newest::<T>(false)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last_member), METER, sequence, H256::zero());
		assert!(Disputes::<T>::get(METER, sequence).is_some_and(|record| record.by.is_some()));
		assert_eq!(pending::<T>(), 1);
		Ok(())
	}

	/// For the reading: of the two verdicts, this one pays an owner who has no account for it yet.
	#[benchmark]
	fn vote() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		let Held { last_member, sequence } = hold_newest::<T>(true)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(last_member), METER, sequence, Verdict::Stands);
		assert!(!Disputes::<T>::contains_key(METER, sequence));
		assert_eq!(pending::<T>(), 1);
		Ok(())
	}

	#[benchmark]
	fn decide() -> Result<(), BenchmarkError> {
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		let Held { sequence, .. } = hold_newest::<T>(true)?;
		let origin = registrar::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, METER, sequence, Verdict::Stands);
		assert!(!Disputes::<T>::contains_key(METER, sequence));
		assert_eq!(pending::<T>(), 1);
		Ok(())
	}

	/// One that lapsed, and costs its fee.
	#[benchmark]
	fn close_dispute() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		let Held { sequence, .. } = hold_newest::<T>(true)?;
		Disputes::<T>::mutate(METER, sequence, |open| {
			if let Some(open) = open {
				open.until = 0;
			}
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), METER, sequence);
		assert!(!Disputes::<T>::contains_key(METER, sequence));
		Ok(())
	}

	#[benchmark]
	fn report_equivocation() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		plant::<T>(dearest(1), T::MaxPending::get(), History::Years);
		use_ocmf::<T>();
		hold_deposit::<T>()?;
		let key = dearest(1);
		let [first, second] = [1, 2].map(|wh| Evidence::Ocmf(record(LONGEST, 1, wh)));
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), METER, key, first, second);
		assert_eq!(status::<T>(), Some(MeterStatus::Suspended));
		assert_eq!(Meters::<T>::get(METER).map(|meter| meter.deposit), Some(0));
		Ok(())
	}

	#[benchmark]
	fn report_false_vouch() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		plant::<T>(dearest(1), 0, History::Month);
		let (key, signature) = p256(1, b"something else");
		let voucher = Voucher {
			meter: METER,
			key,
			reading: reading(1, NOW),
			signature,
		};
		let (attestor, signature) = T::BenchmarkHelper::vouch(&voucher.payload(Pallet::<T>::genesis_hash()));
		bond_attestor::<T>(&attestor)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), attestor.clone(), voucher, signature);
		assert_eq!(Attestors::<T>::get(&attestor).map(|attestor| attestor.bond), Some(0));
		Ok(())
	}

	#[benchmark]
	fn set_challenge_window() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, *CHALLENGE_WINDOWS.end());
		assert_eq!(ChallengeWindow::<T>::get(), *CHALLENGE_WINDOWS.end());
		Ok(())
	}

	#[benchmark]
	fn on_finalize() {
		T::BenchmarkHelper::set_time(NOW);
		Pallet::<T>::tick();
		T::BenchmarkHelper::set_time(NOW + 1);
		#[block]
		{
			Pallet::<T>::tick();
		}
		assert_eq!(OpenClock::<T>::get().last, NOW + 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::with_keystore(), crate::mock::Test);
}
