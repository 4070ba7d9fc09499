//! That the invariants notice what they are for: each test breaks one behind the pallet's back.

use baseload_math::{calendar::month_of, cover::Interval};
use baseload_primitives::{
	ConnectionPoint, DeviceKey, Flags, MeterId, Register, Registers, SiteId, Threshold, Zone, DAY, MINUTE,
};
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::Precision,
	},
};
use sp_core::H256;
use sp_runtime::{BoundedVec, DispatchError, Permill, TransactionOutcome, TryRuntimeError};

use crate::{
	mock::*, Accepted, Attestor, Attestors, CertifiedPoints, Check, Committee, Committees, Dispute, Disputes, Earned,
	Earnings, Final, Firsts, Hold, HoldReason, Keys, Meter, Meters, MonthStart, MonthStarts, NextMeter, NextSite,
	OpenClock, Reached, Reports, Retired, RetiredMeter, Sites, Thresholds,
};

/// Breaks something in a plant with a final and two pending readings, and expects the invariant of this number to fail.
fn broken(number: u32, break_it: impl FnOnce(SiteId, MeterId)) {
	run(|| {
		let outcome = frame_support::storage::with_transaction(|| {
			let (site, meter) = plant();
			meter.report(1, &[0, 0]);
			pass(WINDOW);
			for sequence in 2..=3 {
				meter.report(sequence, &[sequence, 0]);
				block(now() + MINUTE);
			}
			assert_eq!(MeterAttestation::do_try_state(), Ok(()));
			break_it(site, meter.id);
			TransactionOutcome::Rollback(Ok::<_, DispatchError>(MeterAttestation::do_try_state()))
		});
		match outcome {
			Ok(Err(TryRuntimeError::Other(message))) => {
				assert!(message.starts_with(&format!("{number}: ")), "{message}")
			}
			other => panic!("{other:?}"),
		}
	});
}

/// A final reading like the plant's.
fn final_since(known_at: u64, flags: Flags) -> Final {
	Final {
		reading: Accepted {
			sequence: 1,
			measured_at: START,
			registers: Registers::truncate_from(vec![0, 0]),
			flags,
			moved_at: START,
		},
		known_at,
	}
}

/// Changes a meter's record behind the pallet's back.
fn tamper(meter: MeterId, change: impl FnOnce(&mut Meter<<Test as crate::Config>::MaxPending>)) {
	Meters::<Test>::mutate(meter, |meter| change(meter.as_mut().expect("registered")));
}

#[test]
fn invariant_1_should_fail_when_a_key_is_lost_or_an_id_was_not_given_out() {
	broken(1, |_, meter| {
		let key = Meters::<Test>::get(meter).and_then(|meter| meter.key);
		Keys::<Test>::remove(key.expect("it has a device"));
	});
	broken(1, |_, meter| {
		tamper(meter, |meter| meter.key = Some(DeviceKey::Ed25519([1; 32])))
	});
	broken(1, |_, _| {
		Keys::<Test>::insert(
			DeviceKey::Ed25519([1; 32]),
			crate::KeyUse {
				meter: MeterId(7),
				device: 0,
			},
		)
	});
	broken(1, |_, _| NextMeter::<Test>::put(MeterId(0)));
	broken(1, |_, _| NextSite::<Test>::put(SiteId(0)));
}

#[test]
fn invariant_2_should_fail_when_a_site_miscounts() {
	let miscount = |meters| {
		broken(2, |site, _| {
			Sites::<Test>::mutate(site, |site| site.as_mut().expect("registered").meters = meters)
		})
	};
	miscount(0);
	miscount(2);
	broken(2, |_, meter| tamper(meter, |meter| meter.site = SiteId(7)));
}

#[test]
fn invariant_3_should_fail_when_readings_go_down() {
	broken(3, |_, meter| {
		tamper(meter, |meter| meter.pending[1].reading.sequence = 2)
	});
	broken(3, |_, meter| {
		tamper(meter, |meter| meter.pending[1].reading.measured_at -= MINUTE)
	});
	broken(3, |_, meter| {
		tamper(meter, |meter| meter.pending[0].reading.registers[0] = 9)
	});
	broken(3, |_, meter| {
		tamper(meter, |meter| meter.pending[0].reading.registers.truncate(1))
	});
}

#[test]
fn invariant_4_should_fail_when_a_reading_waits_for_ever() {
	broken(4, |_, meter| {
		tamper(meter, |meter| meter.pending[1].final_at = u64::MAX)
	});
	broken(4, |_, meter| {
		tamper(meter, |meter| {
			meter.pending[1].hold = Some(Hold {
				until: u64::MAX,
				disputed_at: None,
			})
		})
	});
}

#[test]
fn invariant_5_should_fail_when_certificate_ring_or_meter_are_anothers() {
	broken(5, |_, meter| tamper(meter, |meter| meter.ring = None));
	broken(5, |_, meter| tamper(meter, |meter| meter.certified_since = None));
	broken(5, |_, meter| {
		tamper(meter, |meter| meter.registers[0] = Register::ExportBand(1))
	});
	broken(5, |site, _| {
		let point = Sites::<Test>::get(site).expect("registered").details.point();
		CertifiedPoints::<Test>::remove(point);
	});
	broken(5, |site, _| {
		let point = (Default::default(), Default::default());
		CertifiedPoints::<Test>::insert::<(Zone, ConnectionPoint), _>(point, site);
	});
	let rename = |to| {
		broken(5, |site, _| {
			let (_, other) = plant();
			assert_eq!(other.id, MeterId(1));
			Sites::<Test>::mutate(site, |site| site.as_mut().expect("registered").revenue_meter = to);
		})
	};
	rename(None);
	rename(Some(MeterId(1)));
	rename(Some(MeterId(7)));
}

#[test]
fn invariant_6_should_fail_when_more_is_booked_than_counted() {
	let book = |from, to, export, import| {
		broken(6, |_, meter| {
			tamper(meter, |meter| {
				let interval = Interval {
					from,
					to,
					export,
					import,
				};
				meter.ring.as_mut().expect("certified").book(&interval, 0);
			})
		})
	};
	book(START - 1, START, 1, 0);
	book(START - 1, START, 0, 1);
	book(START, START + DAY + 1, 0, 0);
}

#[test]
fn invariant_7_should_fail_when_a_deposit_is_not_held() {
	for reason in [HoldReason::Site, HoldReason::Meter] {
		broken(7, |_, _| {
			let released = Balances::release(&reason.into(), &OWNER, 1, Precision::Exact);
			assert_eq!(released, Ok(1));
		});
		broken(7, |_, _| {
			assert_ok!(Balances::hold(&reason.into(), &OTHER, 1));
		});
	}
}

#[test]
fn invariant_8_should_fail_when_something_is_of_an_unknown_meter_or_committee() {
	let nobody = MeterId(7);
	let nothing = MonthStart {
		registers: Registers::new(),
		known_at: 0,
	};
	let committee = Committee {
		members: BoundedVec::new(),
		quorum: 0,
	};
	let dispute = Dispute {
		by: None,
		evidence: H256::zero(),
		committee: 0,
		stands: 0,
		wrong: 0,
		until: 0,
	};
	broken(8, |_, _| Reports::<Test>::insert(nobody, BoundedVec::default()));
	broken(8, |_, _| Committees::<Test>::insert(nobody, 1, committee));
	broken(8, |_, _| Disputes::<Test>::insert(nobody, 1, dispute));
	broken(8, |_, _| MonthStarts::<Test>::insert(nobody, 1, nothing));
	broken(8, |_, _| Firsts::<Test>::insert(nobody, final_since(0, Flags::NONE)));
	broken(8, |_, meter| tamper(meter, |meter| meter.pending[0].committee = 1));
	broken(8, |_, meter| tamper(meter, |meter| meter.committee = 1));
	broken(8, |_, meter| tamper(meter, |meter| meter.checks = Some(nobody)));
	broken(8, |_, meter| {
		tamper(meter, |meter| {
			meter.policy.check = Some(Check {
				meter: nobody,
				tolerance: Permill::zero(),
			})
		})
	});
}

#[test]
fn invariant_9_should_fail_when_open_time_runs_ahead() {
	broken(9, |_, _| OpenClock::<Test>::mutate(|clock| clock.open = clock.last + 1));
}

#[test]
fn invariant_10_should_fail_when_an_attestor_is_miscounted() {
	let miscount = |change: fn(&mut Attestor)| {
		broken(10, |_, _| {
			assert_ok!(MeterAttestation::bond(
				RuntimeOrigin::signed(ATTESTORS[0]),
				2 * MIN_BOND
			));
			Attestors::<Test>::mutate(ATTESTORS[0], |attestor| change(attestor.as_mut().expect("bonded")));
		})
	};
	miscount(|attestor| attestor.bond -= 1);
	miscount(|attestor| attestor.staked = 1);
	miscount(|attestor| attestor.seats = 1);
	broken(10, |_, meter| {
		let dispute = Dispute {
			by: Some((OTHER, STAKE)),
			evidence: H256::zero(),
			committee: 0,
			stands: 0,
			wrong: 0,
			until: 0,
		};
		Disputes::<Test>::insert(meter, 2, dispute)
	});
}

#[test]
fn invariant_11_should_fail_when_an_estimate_passes_for_a_measurement_or_finals_are_out_of_order() {
	broken(11, |_, meter| {
		tamper(meter, |meter| meter.measured = Some(final_since(0, Flags::ESTIMATED)))
	});
	broken(11, |_, meter| {
		tamper(meter, |meter| meter.estimated = Some(final_since(WINDOW, Flags::NONE)))
	});
	broken(11, |_, meter| {
		tamper(meter, |meter| meter.estimated = Some(final_since(0, Flags::ESTIMATED)))
	});
}

#[test]
fn invariant_12_should_fail_when_month_starts_go_down() {
	let starts = |first: (u64, u64), second: (u64, u64)| {
		broken(12, |_, meter| {
			for (month, (register, known_at)) in [first, second].into_iter().enumerate() {
				let start = MonthStart {
					registers: Registers::truncate_from(vec![register, 0]),
					known_at,
				};
				MonthStarts::<Test>::insert(meter, month as u32, start);
			}
		})
	};
	starts((2, 0), (1, 0));
	starts((1, 2), (1, 1));
}

#[test]
fn invariant_13_should_fail_when_a_threshold_is_missed_or_miscounted() {
	let threshold = |count| Threshold {
		register: Register::Export,
		count,
	};
	let watching = |count, thresholds| {
		broken(13, |_, meter| {
			tamper(meter, |meter| {
				meter.watching.force_push(threshold(count));
				meter.thresholds = thresholds;
			})
		})
	};
	// The final reading stands at 0.
	watching(0, 1);
	watching(1, 0);
	let reached = |count, known_at| {
		broken(13, |_, meter| {
			tamper(meter, |meter| meter.thresholds = 1);
			let proof = Reached {
				sequence: 1,
				measured_at: START,
				known_at,
			};
			Thresholds::<Test>::insert(meter, threshold(count), proof);
		})
	};
	reached(1, 0);
	reached(0, u64::MAX);
}

#[test]
fn invariant_14_should_fail_when_a_claim_is_not_kept_or_the_account_has_no_deposit() {
	let earn = |pot: u128, claimable| {
		broken(14, |_, _| {
			if pot > 0 {
				let account = MeterAttestation::pay_account();
				assert_ok!(Balances::mint_into(&account, pot));
			}
			Earnings::<Test>::insert(ATTESTORS[0], Earned { claimable, claimed: 5 });
		})
	};
	earn(8, 8);
	earn(0, 0);
	earn(0, u128::MAX);
}

#[test]
fn invariant_15_should_fail_when_a_removed_meter_is_there_or_its_history_is_not_whole() {
	let removed = |break_it: fn(MeterId, RetiredMeter)| {
		broken(15, |site, meter| {
			assert_ok!(MeterAttestation::do_revoke_certificate(site));
			assert_ok!(MeterAttestation::do_suspend_meter(meter, None));
			rest(METER_NOTICE);
			assert_ok!(MeterAttestation::do_remove_meter(OWNER, meter));
			assert_eq!(MeterAttestation::do_try_state(), Ok(()));
			break_it(meter, Retired::<Test>::get(meter).expect("it was read"));
		})
	};
	removed(|_, retired| Retired::<Test>::insert(MeterId(7), retired));
	removed(|meter, mut retired| {
		retired.site = SiteId(7);
		Retired::<Test>::insert(meter, retired);
	});
	removed(|meter, mut retired| {
		retired.key = Some(DeviceKey::Ed25519([7; 32]));
		Retired::<Test>::insert(meter, retired);
	});
	removed(|meter, _| Firsts::<Test>::remove(meter));
	removed(|meter, retired| {
		let mut first = retired.measured;
		first.reading.registers[0] += 1;
		Firsts::<Test>::insert(meter, first);
	});
	removed(|meter, mut retired| {
		retired.registers.truncate(1);
		Retired::<Test>::insert(meter, retired);
	});
	removed(|meter, mut retired| {
		retired.measured.reading.flags = Flags::ESTIMATED;
		Retired::<Test>::insert(meter, retired);
	});
	removed(|meter, retired| {
		let start = MonthStart {
			registers: retired.measured.reading.registers,
			known_at: 0,
		};
		let next = month_of(retired.measured.reading.measured_at) + 1;
		MonthStarts::<Test>::insert(meter, next, start);
	});
	removed(|meter, _| {
		let threshold = Threshold {
			register: Register::Export,
			count: u64::MAX,
		};
		let proof = Reached {
			sequence: 1,
			measured_at: START,
			known_at: 0,
		};
		Thresholds::<Test>::insert(meter, threshold, proof);
	});
	broken(15, |site, meter| {
		let Meter {
			key,
			registers,
			measured,
			..
		} = Meters::<Test>::get(meter).expect("registered");
		let retired = RetiredMeter {
			site,
			key,
			registers,
			measured: measured.expect("it was read"),
		};
		Retired::<Test>::insert(meter, retired);
	});
}
