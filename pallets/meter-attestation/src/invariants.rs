//! What must hold after every call. The numbers are those of the crate's documentation.

use alloc::{collections::BTreeMap, vec::Vec};

use baseload_math::{calendar::month_start, cover::CoverRing};
use baseload_primitives::{Balance, MeterId, OpenTime, Register, SiteId, DAY};
use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Inspect as _, Inspect as _},
		Get,
	},
};
use sp_runtime::TryRuntimeError;

use crate::{
	Accepted, Attestors, CertifiedPoints, Committees, Config, Disputes, Earnings, Firsts, HoldReason, KeyUse, Keys,
	Meter, Meters, MonthStart, MonthStarts, NextMeter, NextSite, OpenClock, Pallet, Reports, Retired, Sites,
	Thresholds, CHALLENGE_WINDOWS, MAX_THRESHOLDS, VOTE_PERIODS,
};

impl<T: Config> Pallet<T> {
	/// Checks all invariants. Reads the pallet's whole state: for tests and off-chain checks.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_ids_and_keys()?;
		Self::check_places()?;
		Self::check_readings()?;
		Self::check_covers()?;
		Self::check_deposits()?;
		Self::check_known()?;
		Self::check_attestors()?;
		Self::check_months()?;
		Self::check_thresholds()?;
		Self::check_pay()?;
		Self::check_removed()?;
		let clock = OpenClock::<T>::get();
		ensure!(clock.open <= clock.last, "9: more open time than time has passed");
		Ok(())
	}

	fn check_ids_and_keys() -> Result<(), TryRuntimeError> {
		let (next_site, next_meter) = (NextSite::<T>::get(), NextMeter::<T>::get());
		ensure!(
			Sites::<T>::iter_keys().all(|id| id < next_site),
			"1: a site's id was not given out"
		);
		for (id, meter) in Meters::<T>::iter() {
			ensure!(id < next_meter, "1: a meter's id was not given out");
			ensure!(
				meter.key.is_none_or(|key| {
					let device = meter.device;
					Keys::<T>::get(key) == Some(KeyUse { meter: id, device })
				}),
				"1: a meter's key belongs to another or to none"
			);
		}
		ensure!(
			Keys::<T>::iter_values().all(|key| key.meter < next_meter),
			"1: a key is of a meter that was not given out"
		);
		Ok(())
	}

	fn check_places() -> Result<(), TryRuntimeError> {
		let mut standing = BTreeMap::<SiteId, u32>::new();
		for (_, meter) in Meters::<T>::iter() {
			*standing.entry(meter.site).or_default() += 1;
		}
		ensure!(
			standing.keys().all(Sites::<T>::contains_key),
			"2: a meter stands nowhere"
		);
		for (id, site) in Sites::<T>::iter() {
			ensure!(
				standing.get(&id).copied().unwrap_or(0) == site.meters,
				"2: a site miscounts its meters"
			);
			ensure!(
				site.meters <= T::MaxMetersPerSite::get(),
				"2: a site has too many meters"
			);
		}
		Ok(())
	}

	fn check_readings() -> Result<(), TryRuntimeError> {
		for (_, meter) in Meters::<T>::iter() {
			let finals = [&meter.measured, &meter.estimated];
			let finals: Vec<_> = finals.into_iter().flatten().collect();
			ensure!(
				finals.iter().is_sorted_by_key(|newest| newest.known_at),
				"11: a final reading was known before the one ahead of it"
			);
			ensure!(
				meter.measured.iter().all(|newest| !newest.reading.flags.is_estimate())
					&& meter.estimated.iter().all(|newest| newest.reading.flags.is_estimate()),
				"11: an estimate passes for a measurement"
			);
			let now = <Self as OpenTime>::now();
			let matured = meter.matured(now);
			let pending = meter.pending.iter().enumerate().map(|(place, pending)| {
				let unconfirmed = place < matured && pending.hold.is_some();
				(&pending.reading, unconfirmed)
			});
			let finals = finals.into_iter().map(|newest| (&newest.reading, false));
			let (mut previous, mut measured): (Option<&Accepted>, Option<&Accepted>) = (None, None);
			for (reading, unconfirmed) in finals.chain(pending) {
				ensure!(
					reading.registers.len() == meter.registers.len(),
					"3: a reading lacks registers"
				);
				ensure!(
					previous.is_none_or(|previous| is_later(previous, reading)),
					"3: readings do not only go on"
				);
				previous = Some(reading);
				if !unconfirmed && !reading.flags.is_estimate() {
					ensure!(
						measured.is_none_or(|measured| is_higher(measured, reading)),
						"3: a register fell"
					);
					measured = Some(reading);
				}
			}
			let window_end = now.saturating_add(*CHALLENGE_WINDOWS.end());
			let vote_end = window_end.saturating_add(*VOTE_PERIODS.end());
			ensure!(
				meter
					.pending
					.iter()
					.all(|pending| pending.final_at <= window_end && pending.due() <= vote_end),
				"4: a reading waits for longer than any window and vote"
			);
		}
		Ok(())
	}

	fn check_covers() -> Result<(), TryRuntimeError> {
		for (id, site) in Sites::<T>::iter() {
			if let Some(revenue_meter) = site.revenue_meter {
				let meter = Meters::<T>::get(revenue_meter).ok_or("5: a revenue meter does not exist")?;
				ensure!(meter.site == id, "5: a revenue meter stands at another site");
				ensure!(
					meter.position(Register::Export).is_some() && meter.position(Register::Import).is_some(),
					"5: a revenue meter does not count both ways"
				);
				ensure!(meter.ring.is_some(), "5: a revenue meter has no ring");
				ensure!(
					CertifiedPoints::<T>::get(site.details.point()) == Some(id),
					"5: a connection point is another certified site's or nobody's"
				);
			}
		}
		ensure!(
			CertifiedPoints::<T>::iter().all(|(point, id)| {
				let site = Sites::<T>::get(id).filter(|site| site.revenue_meter.is_some());
				site.is_some_and(|site| site.details.point() == point)
			}),
			"5: a connection point is a site's that is not certified there"
		);
		for (id, meter) in Meters::<T>::iter() {
			let certified = Sites::<T>::get(meter.site).is_some_and(|site| site.revenue_meter == Some(id));
			ensure!(
				meter.certified_since.is_some() == certified,
				"5: a meter is certified and its site is not, or the other way round"
			);
			if let Some(ring) = &meter.ring {
				Self::check_ring(ring, &meter)?;
			}
		}
		Ok(())
	}

	fn check_ring(ring: &CoverRing, meter: &Meter<T::MaxPending>) -> Result<(), TryRuntimeError> {
		ensure!(ring.is_consistent(), "6: days and spans disagree");
		let newest = meter.measured.as_ref().map(|newest| &newest.reading);
		let counted = |register| {
			let position = meter.position(register)?;
			newest?.registers.get(position).copied().map(i128::from)
		};
		let (export, import) = (
			counted(Register::Export).unwrap_or(0),
			counted(Register::Import).unwrap_or(0),
		);
		let now = ring.newest_day() * DAY;
		for sum in [ring.last_30_days(now), ring.last_365_days(now)] {
			ensure!(
				-import <= sum && sum <= export,
				"6: more is booked than was ever counted"
			);
		}
		ensure!(
			ring.newest_day() <= newest.map_or(0, |newest| newest.measured_at / DAY),
			"6: something is booked after the newest final reading"
		);
		Ok(())
	}

	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, (Balance, Balance)>::new();
		let sites: BTreeMap<SiteId, T::AccountId> = Sites::<T>::iter()
			.map(|(id, site)| {
				deposits.entry(site.owner.clone()).or_default().0 += site.deposit;
				(id, site.owner)
			})
			.collect();
		for (_, meter) in Meters::<T>::iter() {
			let owner = sites.get(&meter.site).ok_or("2: a meter stands nowhere")?;
			deposits.entry(owner.clone()).or_default().1 += meter.deposit;
		}
		// Whoever has neither has nothing on hold.
		for who in frame_system::Account::<T>::iter_keys() {
			deposits.entry(who).or_default();
		}
		for (owner, (for_sites, for_meters)) in deposits {
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &owner);
			ensure!(
				held(HoldReason::Site) == for_sites,
				"7: site deposits differ from what is on hold"
			);
			ensure!(
				held(HoldReason::Meter) == for_meters,
				"7: meter deposits differ from what is on hold"
			);
		}
		Ok(())
	}

	fn check_known() -> Result<(), TryRuntimeError> {
		let known = |id: MeterId| Meters::<T>::contains_key(id);
		let ids = Reports::<T>::iter_keys()
			.chain(Committees::<T>::iter_keys().map(|(id, _)| id))
			.chain(Disputes::<T>::iter_keys().map(|(id, _)| id));
		for id in ids {
			ensure!(known(id), "8: something of an unknown meter");
		}
		let history = MonthStarts::<T>::iter_keys()
			.map(|(id, _)| id)
			.chain(Firsts::<T>::iter_keys());
		for id in history {
			ensure!(
				known(id) || Retired::<T>::contains_key(id),
				"8: history of a meter that is unknown and was not removed"
			);
		}
		for (id, meter) in Meters::<T>::iter() {
			let checks = |other: MeterId| {
				Meters::<T>::get(other).is_some_and(|other| other.policy.check.is_some_and(|check| check.meter == id))
			};
			let is_checked_by = |other: MeterId| Meters::<T>::get(other).is_some_and(|other| other.checks == Some(id));
			ensure!(
				meter.checks.is_none_or(checks) && meter.policy.check.is_none_or(|check| is_checked_by(check.meter)),
				"8: a check meter and the meter it checks do not know each other"
			);
			let numbers = meter.pending.iter().map(|pending| pending.committee);
			for number in numbers.chain([meter.committee]).filter(|number| *number > 0) {
				ensure!(
					Committees::<T>::contains_key(id, number),
					"8: a committee is gone before its readings"
				);
			}
		}
		Ok(())
	}

	fn check_attestors() -> Result<(), TryRuntimeError> {
		let mut staked = BTreeMap::<T::AccountId, Balance>::new();
		for (who, stake) in Disputes::<T>::iter_values().filter_map(|dispute| dispute.by) {
			*staked.entry(who).or_default() += stake;
		}
		let mut seats = BTreeMap::<T::AccountId, u32>::new();
		for (id, meter) in Meters::<T>::iter() {
			let committee = Committees::<T>::get(id, meter.committee).filter(|_| meter.committee > 0);
			for member in committee.into_iter().flat_map(|committee| committee.members) {
				*seats.entry(member).or_default() += 1;
			}
		}
		ensure!(
			staked.keys().chain(seats.keys()).all(Attestors::<T>::contains_key),
			"10: somebody disputes or decides who is no attestor"
		);
		for (who, attestor) in Attestors::<T>::iter() {
			ensure!(
				T::Bond::balance_on_hold(&HoldReason::Attestor.into(), &who) == attestor.bond,
				"10: a bond differs from what is on hold"
			);
			ensure!(
				staked.get(&who).copied().unwrap_or(0) == attestor.staked && attestor.staked <= attestor.bond,
				"10: stakes differ from open disputes, or exceed the bond"
			);
			ensure!(
				seats.get(&who).copied().unwrap_or(0) == attestor.seats,
				"10: an attestor miscounts its seats"
			);
		}
		Ok(())
	}

	fn check_pay() -> Result<(), TryRuntimeError> {
		let mut owed = T::Currency::minimum_balance();
		let mut earned = false;
		for claimable in Earnings::<T>::iter_values().map(|earned| earned.claimable) {
			owed = owed.checked_add(claimable).ok_or("14: more is earned than can exist")?;
			earned = true;
		}
		ensure!(
			!earned || owed <= T::Currency::balance(&Self::pay_account()),
			"14: attestors could not claim all that they have earned"
		);
		Ok(())
	}

	fn check_months() -> Result<(), TryRuntimeError> {
		for id in Meters::<T>::iter_keys().chain(Retired::<T>::iter_keys()) {
			let months: BTreeMap<_, _> = MonthStarts::<T>::iter_prefix(id).collect();
			let months: Vec<_> = months.into_values().collect();
			let goes_up = |pair: &[MonthStart]| {
				let registers = pair[0].registers.iter().zip(&pair[1].registers);
				pair[0].known_at <= pair[1].known_at && registers.into_iter().all(|(before, after)| before <= after)
			};
			ensure!(months.windows(2).all(goes_up), "12: month starts do not only go up");
		}
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	fn check_thresholds() -> Result<(), TryRuntimeError> {
		let open = OpenClock::<T>::get().open;
		for (id, meter) in Meters::<T>::iter() {
			let stands_at = |register| {
				let newest = meter.measured.as_ref()?;
				newest.reading.registers.get(meter.position(register)?).copied()
			};
			let reached: Vec<_> = Thresholds::<T>::iter_prefix(id).collect();
			for (threshold, proof) in &reached {
				ensure!(
					stands_at(threshold.register).is_some_and(|at| at >= threshold.count),
					"13: a threshold counts as reached that no final reading has reached"
				);
				ensure!(proof.known_at <= open, "13: a threshold was reached in the future");
			}
			for threshold in &meter.watching {
				ensure!(
					meter.position(threshold.register).is_some(),
					"13: a threshold of no register is watched for"
				);
				ensure!(
					stands_at(threshold.register).is_none_or(|at| at < threshold.count),
					"13: a threshold was missed"
				);
				ensure!(
					!reached.iter().any(|(known, _)| known == threshold),
					"13: a threshold is watched for that was reached"
				);
			}
			let all = (meter.watching.len() + reached.len()) as u32;
			ensure!(
				all == meter.thresholds && all <= MAX_THRESHOLDS,
				"13: thresholds are miscounted"
			);
		}
		ensure!(
			Thresholds::<T>::iter_keys().all(|(id, _)| Meters::<T>::contains_key(id) || Retired::<T>::contains_key(id)),
			"13: a threshold of no meter"
		);
		Ok(())
	}

	fn check_removed() -> Result<(), TryRuntimeError> {
		for (id, retired) in Retired::<T>::iter() {
			let newest = &retired.measured.reading;
			let is_removed = !Meters::<T>::contains_key(id) && id < NextMeter::<T>::get();
			ensure!(is_removed, "15: a removed meter is there, or never was");
			let own_key = retired
				.key
				.is_none_or(|key| Keys::<T>::get(key).is_some_and(|used| used.meter == id));
			ensure!(
				retired.site < NextSite::<T>::get() && own_key,
				"15: a removed meter stood nowhere, or its key is another's"
			);
			let whole = newest.registers.len() == retired.registers.len() && !newest.flags.is_estimate();
			ensure!(whole, "15: the newest reading of a removed meter is not whole");
			let first = Firsts::<T>::get(id).ok_or("15: a removed meter's first reading is gone")?;
			let first = &first.reading;
			ensure!(
				first == newest || is_later(first, newest) && is_higher(first, newest),
				"15: a removed meter's first reading is not before its newest"
			);
			ensure!(
				MonthStarts::<T>::iter_prefix(id).all(|(month, _)| month_start(month) <= newest.measured_at),
				"15: a month start of a removed meter is after its newest reading"
			);
			let stands_at = |register| {
				let place = retired.registers.iter().position(|declared| *declared == register)?;
				newest.registers.get(place).copied()
			};
			ensure!(
				Thresholds::<T>::iter_key_prefix(id)
					.all(|reached| stands_at(reached.register).is_some_and(|at| at >= reached.count)),
				"15: a threshold of a removed meter is beyond its newest reading"
			);
		}
		Ok(())
	}
}

/// True if sequence and time of `next` are above those of `previous`.
fn is_later(previous: &Accepted, next: &Accepted) -> bool {
	previous.sequence < next.sequence && previous.measured_at < next.measured_at
}

/// True if no register of `next` is below that of `previous`.
fn is_higher(previous: &Accepted, next: &Accepted) -> bool {
	let mut pairs = previous.registers.iter().zip(&next.registers);
	pairs.all(|(before, after)| before <= after)
}
