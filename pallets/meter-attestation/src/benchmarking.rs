//! Benchmarks: one per call and per authorisation, each at its worst.

use baseload_primitives::{
	possession_payload, Balance, ClockStatus, ConnectionPoint, DeviceKey, DeviceSignature, MaxRegisters, MeterId,
	MeterStatus, Moment, OpenTime, Quality, Reading, Register, Registers, SignedReading, SiteDetails, SiteId,
	Technology, WattHours, Zone, DAY, HOUR,
};
use frame_benchmarking::v2::*;
use frame_support::{
	dispatch::RawOrigin,
	pallet_prelude::TransactionSource,
	traits::{
		fungible::{Inspect as _, Unbalanced as _},
		tokens::Precision,
		Authorize, EnsureOrigin, Get, Time,
	},
	BoundedVec,
};
use sp_core::crypto::KeyTypeId;

use crate::{
	Call, ChallengeWindow, Config, Keys, Meter, MeterState, MeterStates, Meters, NextMeter, NextSite, OpenClock,
	Pallet, Pending, Site, SiteCover, SiteCovers, Sites, CHALLENGE_WINDOWS,
};

/// What only the runtime can set.
pub trait BenchmarkHelper {
	/// Makes [`Config::Time`] return `now`, say by writing the timestamp pallet's storage.
	fn set_time(now: Moment);
}

/// The time at which benchmarks run.
const NOW: Moment = 20_000 * DAY;

/// Power with which any reading is plausible and no cover is capped.
const NAMEPLATE_W: u64 = u64::MAX;

const DEVICE: KeyTypeId = KeyTypeId(*b"bldv");

/// The device's key, held by the benchmark host's keystore: deriving keys in the runtime would cost the runtime its size.
fn device() -> sp_core::ed25519::Public {
	sp_io::crypto::ed25519_generate(DEVICE, Some(b"//Device".to_vec()))
}

fn sign(message: &[u8]) -> DeviceSignature {
	let signature = sp_io::crypto::ed25519_sign(DEVICE, &device(), message).expect("the keystore holds the device key");
	DeviceSignature::Ed25519(signature.0)
}

fn details() -> SiteDetails {
	SiteDetails {
		technology: Technology::Firm,
		zone: Zone::truncate_from(alloc::vec![b'z'; 32]),
		connection_point: ConnectionPoint::truncate_from(alloc::vec![b'c'; 64]),
		nameplate_w: NAMEPLATE_W,
		commissioned_at: 0,
	}
}

/// Export, import, and bands up to the bound.
fn registers() -> BoundedVec<Register, MaxRegisters> {
	let bands = (1..=6).map(Register::ExportBand);
	BoundedVec::truncate_from([Register::Export, Register::Import].into_iter().chain(bands).collect())
}

fn reading(sequence: u64, measured_at: Moment) -> Reading {
	Reading {
		sequence,
		measured_at,
		clock: ClockStatus::Synchronised,
		quality: Quality::Measured,
		registers: Registers::truncate_from(alloc::vec![sequence; 8]),
	}
}

fn signed<T: Config>(meter: MeterId, reading: Reading) -> SignedReading {
	let signature = sign(&reading.signed_payload(Pallet::<T>::genesis_hash(), meter));
	SignedReading { reading, signature }
}

fn fund<T: Config>(owner: &T::AccountId) -> Result<(), BenchmarkError> {
	let amount: Balance = T::Currency::minimum_balance() + 2 * (T::SiteDeposit::get() + T::MeterDeposit::get());
	T::Currency::increase_balance(owner, amount, Precision::Exact)?;
	Ok(())
}

/// Records a site as if `owner` had registered it, without a deposit.
fn put_site<T: Config>(id: SiteId, owner: &T::AccountId) {
	let site = Site {
		owner: owner.clone(),
		details: details(),
		revenue_meter: None,
		pledged_to: None,
		meters: 0,
		deposit: 0,
	};
	Sites::<T>::insert(id, site);
	NextSite::<T>::mutate(|next| *next = (*next).max(SiteId(id.0.saturating_add(1))));
}

/// Records a meter at a site as if its owner had registered it, without a deposit.
fn put_meter<T: Config>(id: MeterId, site: SiteId, key: DeviceKey, registers: BoundedVec<Register, MaxRegisters>) {
	Meters::<T>::insert(
		id,
		Meter {
			site,
			key,
			registers,
			status: MeterStatus::Active,
			deposit: 0,
		},
	);
	Keys::<T>::insert(key, id);
	Sites::<T>::mutate(site, |site| {
		if let Some(site) = site {
			site.meters += 1;
		}
	});
	NextMeter::<T>::mutate(|next| *next = (*next).max(MeterId(id.0.saturating_add(1))));
}

/// A key that belongs to nothing else: nobody signs with it.
fn unused_key(id: u32) -> DeviceKey {
	let mut key = [0xBA; 32];
	key[..4].copy_from_slice(&id.to_le_bytes());
	DeviceKey::Ed25519(key)
}

/// For [`RegisterSource`](baseload_primitives::RegisterSource): a meter of `owner`'s whose export stands at `wh`, finally.
pub(crate) fn set_final_reading<T: Config>(id: MeterId, owner: &T::AccountId, wh: u64) {
	if !Meters::<T>::contains_key(id) {
		put_site::<T>(SiteId(id.0), owner);
		put_meter::<T>(
			id,
			SiteId(id.0),
			unused_key(id.0),
			BoundedVec::truncate_from(alloc::vec![Register::Export]),
		);
	}
	let before = MeterStates::<T>::get(id).newest_final;
	let mut next = reading(before.as_ref().map_or(1, |before| before.sequence + 1), T::Time::now());
	next.measured_at = before.map_or(next.measured_at, |before| next.measured_at.max(before.measured_at + 1));
	next.registers = Registers::truncate_from(alloc::vec![wh]);
	MeterStates::<T>::insert(
		id,
		MeterState {
			newest_final: Some(next),
			pending: BoundedVec::new(),
		},
	);
}

/// For [`EnergyCover`](baseload_primitives::EnergyCover): a certified site of `owner`'s with at least `wh` of cover, and with
/// all pending readings of its revenue meter matured, so that reading its cover costs the most.
pub(crate) fn set_cover<T: Config>(id: SiteId, owner: &T::AccountId, wh: WattHours) {
	let meter = MeterId(id.0);
	put_site::<T>(id, owner);
	put_meter::<T>(meter, id, unused_key(id.0), registers());
	put_pending::<T>(meter, T::MaxPending::get());
	certify::<T>(id, meter);
	let from = recent::<T>();
	SiteCovers::<T>::mutate(id, |cover| {
		let export = wh.0.saturating_mul(12);
		let interval = baseload_math::cover::Interval {
			from,
			to: from + HOUR,
			export,
			import: 0,
		};
		if let Some(cover) = cover {
			cover.ring.book(&interval, 0);
		}
	});
}

/// Makes `meter` the revenue meter of `site`, all of its energy counted.
fn certify<T: Config>(site: SiteId, meter: MeterId) {
	Sites::<T>::mutate(site, |site| {
		if let Some(site) = site {
			site.revenue_meter = Some(meter);
		}
	});
	SiteCovers::<T>::insert(
		site,
		SiteCover {
			meter,
			since: 0,
			ring: Default::default(),
		},
	);
}

/// An hour ago, or a day long after 1970-01-01 if no time is set.
fn recent<T: Config>() -> Moment {
	T::Time::now().saturating_sub(HOUR).max(1_000 * DAY)
}

/// Gives `meter` a final reading and `pending` matured ones after it, which end before the present and reach far enough back
/// to touch every bucket of the cover ring.
fn put_pending<T: Config>(meter: MeterId, pending: u32) {
	let step = T::MinInterval::get();
	// The final one is more than a year older than the first pending one; the others follow each other closely.
	let newest = recent::<T>();
	let time = |back: u32| newest.saturating_sub(step.saturating_mul(back.into()));
	let mut state = MeterState::<T::MaxPending> {
		newest_final: Some(reading(1, time(pending).saturating_sub(400 * DAY))),
		pending: BoundedVec::new(),
	};
	for at in 0..pending {
		let reading = reading(2 + u64::from(at), time(pending - 1 - at));
		state
			.pending
			.try_push(Pending { reading, final_at: 0 })
			.expect("`pending` is at most `MaxPending`");
	}
	MeterStates::<T>::insert(meter, state);
}

/// A certified site with its revenue meter, `pending` readings matured. Returns the owner.
fn setup<T: Config>(pending: u32) -> T::AccountId {
	T::BenchmarkHelper::set_time(NOW);
	let owner: T::AccountId = account("owner", 0, 0);
	put_site::<T>(SiteId(0), &owner);
	put_meter::<T>(MeterId(0), SiteId(0), DeviceKey::Ed25519(device().0), registers());
	put_pending::<T>(MeterId(0), pending);
	certify::<T>(SiteId(0), MeterId(0));
	owner
}

/// The next `count` readings of the meter of [`setup`].
fn next_readings<T: Config>(pending: u32, count: u32) -> alloc::vec::Vec<SignedReading> {
	let newest = MeterStates::<T>::get(MeterId(0))
		.newest()
		.map_or(0, |newest| newest.measured_at);
	(1..=u64::from(count))
		.map(|at| reading(1 + u64::from(pending) + at, newest + at * T::MinInterval::get()))
		.map(|reading| signed::<T>(MeterId(0), reading))
		.collect()
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
		assert!(Sites::<T>::contains_key(SiteId(0)));
		Ok(())
	}

	#[benchmark]
	fn certify_site() -> Result<(), BenchmarkError> {
		setup::<T>(T::MaxPending::get());
		// Certified with this meter before, so that its ring is kept.
		Sites::<T>::mutate(SiteId(0), |site| {
			if let Some(site) = site {
				site.revenue_meter = None;
			}
		});
		let origin = T::RegistrarOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, SiteId(0), MeterId(0), NOW);
		assert_eq!(
			Sites::<T>::get(SiteId(0)).and_then(|site| site.revenue_meter),
			Some(MeterId(0))
		);
		Ok(())
	}

	#[benchmark]
	fn revoke_certificate() -> Result<(), BenchmarkError> {
		setup::<T>(T::MaxPending::get());
		let origin = T::RegistrarOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, SiteId(0));
		assert_eq!(Sites::<T>::get(SiteId(0)).and_then(|site| site.revenue_meter), None);
		Ok(())
	}

	#[benchmark]
	fn register_meter() -> Result<(), BenchmarkError> {
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller)?;
		put_site::<T>(SiteId(0), &caller);
		let key = DeviceKey::Ed25519(device().0);
		let proof = sign(&possession_payload(Pallet::<T>::genesis_hash(), SiteId(0)));
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), SiteId(0), key, registers(), proof);
		assert_eq!(Keys::<T>::get(key), Some(MeterId(0)));
		Ok(())
	}

	#[benchmark]
	fn suspend_meter() -> Result<(), BenchmarkError> {
		let owner = setup::<T>(T::MaxPending::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), MeterId(0));
		assert_eq!(
			Meters::<T>::get(MeterId(0)).map(|meter| meter.status),
			Some(MeterStatus::Suspended)
		);
		Ok(())
	}

	#[benchmark]
	fn resume_meter() -> Result<(), BenchmarkError> {
		setup::<T>(0);
		Pallet::<T>::do_suspend_meter(MeterId(0), None)?;
		let origin = T::RegistrarOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, MeterId(0));
		assert_eq!(
			Meters::<T>::get(MeterId(0)).map(|meter| meter.status),
			Some(MeterStatus::Active)
		);
		Ok(())
	}

	#[benchmark]
	fn submit_reading(p: Linear<0, { T::MaxPending::get() }>) -> Result<(), BenchmarkError> {
		setup::<T>(p);
		let SignedReading { reading, signature } = next_readings::<T>(p, 1)
			.pop()
			.ok_or(BenchmarkError::Stop("one reading"))?;
		#[extrinsic_call]
		_(RawOrigin::Authorized, MeterId(0), reading.clone(), signature);
		assert_eq!(MeterStates::<T>::get(MeterId(0)).newest(), Some(&reading));
		Ok(())
	}

	#[benchmark]
	fn authorize_submit_reading(p: Linear<0, { T::MaxPending::get() }>) -> Result<(), BenchmarkError> {
		setup::<T>(p);
		let SignedReading { reading, signature } = next_readings::<T>(p, 1)
			.pop()
			.ok_or(BenchmarkError::Stop("one reading"))?;
		// Late enough for the reading to lie in the past.
		T::BenchmarkHelper::set_time(NOW + T::MinInterval::get());
		let call = Call::<T>::submit_reading {
			meter: MeterId(0),
			reading,
			signature,
		};
		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("the call is authorised by itself")?
				.map_err(|_| "the reading is good")?;
		}
		Ok(())
	}

	#[benchmark]
	fn submit_backlog(
		n: Linear<1, { T::MaxBacklog::get() }>,
		p: Linear<0, { T::MaxPending::get() }>,
	) -> Result<(), BenchmarkError> {
		setup::<T>(p);
		let readings = BoundedVec::truncate_from(next_readings::<T>(p, n));
		#[extrinsic_call]
		_(RawOrigin::Authorized, MeterId(0), readings);
		assert_eq!(MeterStates::<T>::get(MeterId(0)).pending.len() as u32, n);
		Ok(())
	}

	#[benchmark]
	fn authorize_submit_backlog(
		n: Linear<1, { T::MaxBacklog::get() }>,
		p: Linear<0, { T::MaxPending::get() }>,
	) -> Result<(), BenchmarkError> {
		setup::<T>(p);
		let readings = BoundedVec::truncate_from(next_readings::<T>(p, n));
		// Late enough for the whole backlog to lie in the past.
		T::BenchmarkHelper::set_time(NOW + T::MinInterval::get() * u64::from(n));
		let call = Call::<T>::submit_backlog {
			meter: MeterId(0),
			readings,
		};
		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("the call is authorised by itself")?
				.map_err(|_| "the backlog is good")?;
		}
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
		assert!(<Pallet<T> as OpenTime>::now() <= 1);
	}
}
