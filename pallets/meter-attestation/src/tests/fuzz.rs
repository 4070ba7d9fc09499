//! Random sequences of operations against a naive model.

mod compare;
mod judges;
mod meter;
mod model;
mod operations;

use baseload_primitives::{
	rotation_payload, AttestorPay, ClockStatus, DeviceSignature, MeterId, Quality, Reading, Refusal, Register,
	Registers, SiteId, Threshold, Voucher, MINUTE,
};
use frame_support::{
	assert_ok,
	pallet_prelude::{InvalidTransaction, TransactionValidityError},
};
use proptest::{prelude::*, sample::Index};
use sp_core::ed25519;
use sp_runtime::{testing::TestSignature, BoundedVec};

use crate::{mock::*, Check, Event, Evidence, Policy, Proof, SUBMIT_READING};
use meter::{most, Entry};
use model::{Model, PLACES, UNREAD};
use operations::{first_checked_by_second, op, Op, Row};

/// Seed of a key that is nobody's.
const STRANGER: u8 = 200;

struct World {
	/// The sites, and the meters by their places; what was removed and registered anew has another id.
	sites: [SiteId; 2],
	ids: [MeterId; PLACES.len()],
	/// Every key that a meter ever had, by its seed, and which of the meter's devices had it.
	keys: [Vec<(u8, u32)>; PLACES.len()],
	/// The next seed of a new key.
	seed: u8,
	model: Model,
}

impl World {
	fn new() -> Self {
		let sites = [site(), site()];
		let keys = std::array::from_fn(|place| match place {
			UNREAD => Vec::new(),
			place => vec![(meter(sites[PLACES[place]]).id.0 as u8 + 1, 0)],
		});
		assert_eq!(committee_meter(sites[PLACES[UNREAD]]), MeterId(UNREAD as u32));
		Self {
			sites,
			ids: std::array::from_fn(|place| MeterId(place as u32)),
			keys,
			seed: 10,
			model: Model::new(),
		}
	}

	/// The meter's device, or somebody else's.
	fn signer(&self, meter: usize, forged: bool) -> Device {
		let own = self.keys[meter].last().filter(|_| !forged);
		Device {
			id: self.ids[meter],
			pair: device(own.map_or(STRANGER, |(seed, _)| *seed)),
		}
	}

	/// A key that nobody had before.
	fn new_key(&mut self) -> (u8, ed25519::Pair) {
		self.seed += 1;
		assert!(self.seed < STRANGER);
		(self.seed, device(self.seed))
	}

	fn newest(&self, meter: usize) -> Option<&Reading> {
		self.model.meters[meter].log.last().map(|entry| &entry.reading)
	}

	/// What the meter's device signs for `row` after the newest accepted reading.
	fn shown(&self, meter: usize, row: Row) -> Reading {
		self.model.meters[meter].shown(&self.next(meter, self.newest(meter), row))
	}

	/// The reading that `row` describes, after `last`.
	fn next(&self, meter: usize, last: Option<&Reading>, row: Row) -> Reading {
		let max_w = self.model.meters[meter].policy.max_w;
		let reading = match last {
			None => reading(row.sequence.unsigned_abs(), &[1_000, 1_000]),
			Some(last) => {
				let elapsed = now().saturating_sub(last.measured_at) * row.elapsed / 100;
				let rise = |before: u64, percent: i64| {
					let rise = i128::from(most(max_w, elapsed)) * i128::from(percent.max(0)) / 100;
					(i128::from(before) + rise - i128::from(percent == -1)).max(0) as u64
				};
				let registers = [rise(last.registers[0], row.export), rise(last.registers[1], row.import)];
				let sequence = last.sequence.saturating_add_signed(row.sequence);
				reading_at(last.measured_at + elapsed, sequence, &registers)
			}
		};
		Reading {
			quality: if row.estimated {
				Quality::Estimated
			} else {
				Quality::Measured
			},
			clock: if row.unsynchronised {
				ClockStatus::Unsynchronised
			} else {
				ClockStatus::Synchronised
			},
			..reading
		}
	}

	/// Submits these readings and compares the verdict with the model's.
	fn submit(&mut self, meter: usize, readings: Vec<Reading>, forged: bool, backlog: bool) {
		let signer = self.signer(meter, forged);
		let expected = if readings.is_empty() {
			Err(Refusal::EmptyBacklog)
		} else if self.model.paused && !backlog {
			Err(Refusal::Paused)
		} else {
			self.model.submit(meter, &readings, forged)
		};
		let outcome = match backlog {
			true => signer.submit_backlog(readings),
			false => signer.submit(readings[0].clone()),
		};
		let refused = outcome.err().map(|error| match error {
			TransactionValidityError::Invalid(InvalidTransaction::Custom(code)) => Refusal::from_code(code),
			other => panic!("{other:?}"),
		});
		assert_eq!(refused, expected.err().map(Some));
	}

	/// One of these, or what is none of them.
	fn pick(found: impl Iterator<Item = (usize, u64)>, place: Index) -> (usize, u64) {
		let mut found: Vec<_> = found.collect();
		found.push((0, u64::MAX));
		*place.get(&found)
	}

	/// One of the readings that wait and are as asked.
	fn waiting(&self, place: Index, asked: impl Fn(&Entry) -> bool) -> (usize, u64) {
		let waiting = (0..PLACES.len()).flat_map(|meter| {
			let entries = self.model.meters[meter].pending().iter().filter(|entry| asked(entry));
			entries.map(move |entry| (meter, entry.reading.sequence))
		});
		Self::pick(waiting, place)
	}

	/// Registers a meter that was removed, and its site, anew.
	fn register(&mut self, meter: usize) {
		let place = PLACES[meter];
		if !self.model.sites[place] {
			self.sites[place] = site();
			self.model.sites[place] = true;
		}
		if !self.model.meters[meter].removed {
			return;
		}
		let (site, id) = (self.sites[place], MeterAttestation::next_meter());
		if meter == UNREAD {
			assert_eq!(committee_meter(site), id);
		} else {
			let (seed, pair) = self.new_key();
			assert_ok!(MeterAttestation::register_meter(
				RuntimeOrigin::signed(OWNER),
				site,
				key(&pair),
				BoundedVec::truncate_from(vec![Register::Export, Register::Import]),
				Proof::Possession(possession(&pair, site)),
			));
			self.keys[meter] = vec![(seed, 0)];
		}
		self.ids[meter] = id;
		self.model.register(meter);
	}

	fn apply(&mut self, op: Op) {
		let signed = RuntimeOrigin::signed;
		let (ids, sites) = (self.ids, self.sites);
		let id = |meter: usize| ids[meter];
		let site_of = |meter: usize| sites[PLACES[meter]];
		match op {
			Op::Pass { blocks, step } => {
				for _ in 0..blocks {
					block(now() + step);
					self.model.open += step.min(STEP);
					self.model.settle();
				}
			}
			Op::Submit { meter, row } => {
				let reading = self.shown(meter, row);
				self.submit(meter, vec![reading], row.forged, false);
			}
			Op::SubmitBoth {
				row,
				late,
				more,
				second_first,
			} => {
				let first = self.next(0, self.newest(0), row);
				let mut second = self.next(1, self.newest(1), row);
				if let (Some(before), Some(before_second)) = (self.newest(0), self.newest(1)) {
					for place in [0, 1] {
						let rise = first.registers[place].saturating_sub(before.registers[place]);
						second.registers[place] = before_second.registers[place] + rise + more;
					}
				}
				second.measured_at = first.measured_at + late;
				let mut both = [(0, first), (1, second)];
				if second_first {
					both.reverse();
				}
				for (meter, reading) in both {
					let reading = self.model.meters[meter].shown(&reading);
					self.submit(meter, vec![reading], false, true);
				}
			}
			Op::Replay { meter } => {
				if let Some(newest) = self.newest(meter) {
					let reading = self.model.meters[meter].shown(newest);
					self.submit(meter, vec![reading], false, false);
				}
			}
			Op::Backlog { meter, rows } => {
				let mut readings: Vec<Reading> = Vec::new();
				for row in &rows {
					readings.push(self.next(meter, readings.last().or(self.newest(meter)), *row));
				}
				let shown = readings.iter().map(|reading| self.model.meters[meter].shown(reading));
				let readings = shown.collect();
				self.submit(meter, readings, rows.iter().any(|row| row.forged), true);
			}
			Op::Relay(rows) => {
				let (mut batch, mut refused) = (Vec::new(), Vec::new());
				for (place, (meter, row)) in rows.into_iter().enumerate() {
					let reading = self.shown(meter, row);
					if let Err(refusal) = self.model.submit(meter, std::slice::from_ref(&reading), row.forged) {
						refused.push((place as u32, refusal));
					}
					let signer = self.signer(meter, row.forged);
					batch.push((signer.id, signer.sign(reading)));
				}
				System::reset_events();
				let rows = BoundedVec::truncate_from(batch);
				assert!(MeterAttestation::relay(signed(OTHER), rows).is_ok());
				let reported = events().into_iter().find_map(|event| match event {
					Event::RowsRefused { rows } => Some(rows),
					_ => None,
				});
				assert_eq!(reported.unwrap_or_default(), refused);
			}
			Op::Report { meter, row, by } => {
				let reading = self.shown(meter, row);
				for who in by {
					let done = MeterAttestation::report(signed(who), id(meter), reading.clone()).is_ok();
					assert_eq!(done, self.model.report(meter, who, &reading));
				}
			}
			Op::Suspend { meter, by } => {
				let done = MeterAttestation::suspend_meter(signed(by), id(meter)).is_ok();
				assert_eq!(done, by != OTHER && self.model.suspend(meter));
			}
			Op::Resume { place } => {
				let mut meters: Vec<_> = (0..PLACES.len())
					.filter(|meter| self.model.meters[*meter].suspended_at.is_some())
					.collect();
				meters.push(place.index(PLACES.len()));
				let meter = *place.get(&meters);
				let done = MeterAttestation::resume_meter(signed(REGISTRAR), id(meter)).is_ok();
				assert_eq!(done, self.model.resume(meter));
			}
			Op::Certify { meter, ago } => {
				let (site, since) = (site_of(meter), now() - ago);
				let done = MeterAttestation::certify_site(signed(REGISTRAR), site, id(meter), since).is_ok();
				assert_eq!(done, self.model.certify(meter, since));
			}
			Op::Revoke { site } => {
				let done = MeterAttestation::revoke_certificate(signed(REGISTRAR), sites[site]).is_ok();
				assert_eq!(done, self.model.revoke(site));
			}
			Op::Policy { meter, policy } => {
				let done = set_policy(id(meter), |old| {
					*old = Policy {
						check: old.check,
						..policy
					}
				});
				assert_eq!(done.is_ok(), self.model.set_policy(meter, policy));
			}
			Op::Check { meter, check } => {
				// The model knows meters by their places.
				let by_id = check.map(|check| Check {
					meter: id(check.meter.0 as usize),
					..check
				});
				let done = set_policy(id(meter), |policy| policy.check = by_id).is_ok();
				assert_eq!(done, self.model.set_check(meter, check));
			}
			Op::Committee { meter, members, quorum } => {
				let done = panel(id(meter), &members, quorum as u32).is_ok();
				assert_eq!(done, self.model.set_committee(meter, members, quorum));
			}
			Op::Bond { who, amount } => {
				let done = MeterAttestation::bond(signed(who), amount).is_ok();
				assert_eq!(done, self.model.bond(who, amount));
			}
			Op::Unbond { who } => {
				let done = MeterAttestation::unbond(signed(who)).is_ok();
				assert_eq!(done, self.model.unbond(who));
			}
			Op::Withdraw { who } => {
				let done = MeterAttestation::withdraw_bond(signed(who)).is_ok();
				assert_eq!(done, self.model.withdraw(who));
			}
			Op::Pay { meter, amount } => {
				let taken = <MeterAttestation as AttestorPay<u64>>::pay(id(meter), &OTHER, amount);
				assert_eq!(taken, Ok(self.model.pay(meter, amount)));
			}
			Op::ClaimPay { who } => {
				let done = MeterAttestation::claim_pay(signed(who)).is_ok();
				assert_eq!(done, self.model.claim_pay(who));
			}
			Op::Vouch { who, meter, good, by } => {
				let device = self.signer(meter, false);
				let reading = reading(1, &[0, 0]);
				let signature = match good {
					true => device.sign(reading.clone()).signature,
					false => DeviceSignature::Ed25519([1; 64]),
				};
				let (key, meter_id) = (key(&device.pair), device.id);
				let voucher = Voucher {
					meter: meter_id,
					key,
					reading,
					signature,
				};
				let word = TestSignature(who, voucher.payload(MeterAttestation::genesis_hash()));
				let done = MeterAttestation::report_false_vouch(signed(by), who, voucher, word).is_ok();
				assert_eq!(done, self.model.false_vouch(who, !good && meter != UNREAD));
			}
			Op::Dispute { who, place } => {
				let (meter, sequence) = self.waiting(place, |_| true);
				let done = dispute(who, id(meter), sequence).is_ok();
				assert_eq!(done, self.model.dispute(meter, who, sequence));
			}
			Op::Vote { by, place, verdict } => {
				let (meter, sequence) = self.waiting(place, |entry| entry.hold.is_some());
				for who in by {
					let done = vote(who, id(meter), sequence, verdict).is_ok();
					assert_eq!(done, self.model.vote(meter, who, sequence, verdict));
				}
			}
			Op::Decide { place, verdict } => {
				let (meter, sequence) = self.waiting(place, |entry| entry.hold.is_some());
				let done = decide(id(meter), sequence, verdict).is_ok();
				assert_eq!(done, self.model.decide(meter, sequence, verdict));
			}
			Op::Close { place } => {
				let (meter, sequence) = Self::pick(self.model.disputes(), place);
				let closed = MeterAttestation::close_dispute(signed(OTHER), id(meter), sequence).is_ok();
				self.model.close(meter, sequence, closed);
			}
			Op::Equivocate {
				meter,
				ahead,
				key: place,
			} => {
				let last = self.newest(meter).map_or(0, |newest| newest.sequence);
				let model = &self.model.meters[meter];
				let sequence = model.shown(&reading(last.saturating_add_signed(ahead), &[])).sequence;
				let keys = &self.keys[if meter == UNREAD { 0 } else { meter }];
				let (seed, of) = *place.get(keys);
				let device = Device {
					id: id(meter),
					pair: device(seed),
				};
				let show = |export| {
					let signed = device.sign(reading(sequence, &[export, 0]));
					Evidence::Reading(signed.reading, signed.signature)
				};
				let (key, one, two) = (key(&device.pair), show(1), show(2));
				let done = MeterAttestation::report_equivocation(signed(OTHER), id(meter), key, one, two).is_ok();
				let (sequence, own) = (model.sequence(sequence), meter != UNREAD && of == model.device);
				assert_eq!(done, self.model.equivocate(meter, sequence, own));
			}
			Op::Rotate { meter, consents } => {
				let old = self.signer(meter, !consents).pair;
				let (seed, new) = self.new_key();
				let proof = possession(&new, site_of(meter));
				let payload = rotation_payload(MeterAttestation::genesis_hash(), id(meter), &key(&new));
				let consent = sign(&old, &payload);
				let done = MeterAttestation::rotate_key(signed(OWNER), id(meter), key(&new), proof, consent).is_ok();
				assert_eq!(done, consents && meter != UNREAD && !self.model.meters[meter].removed);
				if done {
					self.keys[meter].push((seed, self.model.meters[meter].device));
				}
			}
			Op::Replace {
				meter,
				opening,
				approved,
			} => {
				let (seed, new) = self.new_key();
				let (key, site) = (key(&new), site_of(meter));
				if approved && self.model.sites[PLACES[meter]] {
					assert_ok!(MeterAttestation::approve_key(signed(REGISTRAR), site, key, None));
				}
				let shown = Registers::truncate_from(opening.to_vec());
				let done = MeterAttestation::replace_device(signed(REGISTRAR), id(meter), key, shown).is_ok();
				let model = &mut self.model.meters[meter];
				assert_eq!(done, approved && meter != UNREAD && model.replace(&opening));
				if done {
					self.keys[meter].push((seed, model.device));
				}
			}
			Op::Watch {
				meter,
				place,
				ahead,
				by,
			} => {
				let stands = self
					.newest(meter)
					.and_then(|newest| newest.registers.get(place).copied());
				let count = stands.unwrap_or(0) + ahead;
				let register = [Register::Export, Register::Import, Register::ExportBand(1)][place];
				let threshold = Threshold { register, count };
				let done = MeterAttestation::watch_threshold(signed(by), id(meter), threshold).is_ok();
				assert_eq!(done, by == OWNER && self.model.meters[meter].watch(place, count));
			}
			Op::Rest => {
				rest(METER_NOTICE);
				self.model.open += METER_NOTICE;
			}
			Op::Bill { meter, billed } => {
				self.model.billed[meter] = billed;
				let billed = (0..PLACES.len()).filter(|meter| self.model.billed[*meter]);
				Billed::set(billed.map(id).collect());
			}
			Op::Remove { meter, by } => {
				let done = MeterAttestation::remove_meter(signed(by), id(meter)).is_ok();
				assert_eq!(done, self.model.remove(meter, by));
			}
			Op::Leave { meter } => {
				self.apply(Op::Suspend { meter, by: OWNER });
				self.apply(Op::Rest);
				self.apply(Op::Remove { meter, by: OWNER });
			}
			Op::RemoveSite { site, by } => {
				let done = MeterAttestation::remove_site(signed(by), sites[site]).is_ok();
				assert_eq!(done, self.model.remove_site(site, by));
			}
			Op::Register { meter } => self.register(meter),
			Op::Pause(paused) => {
				Closed::set(if paused { vec![SUBMIT_READING] } else { vec![] });
				self.model.paused = paused;
			}
		}
		self.model.settle();
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..Default::default() })]

	#[test]
	fn pallet_should_agree_with_the_naive_model_when_operations_are_random(
		ops in prop::collection::vec(op(), 40..120),
	) {
		run_bonded(|| {
			let mut world = World::new();
			// Certified and checked from the start, or hardly any sequence would book energy or agree.
			world.apply(Op::Certify { meter: 0, ago: 0 });
			world.apply(first_checked_by_second());
			for meter in 0..PLACES.len() {
				world.apply(Op::Committee { meter, members: BONDED[..3].to_vec(), quorum: 2 });
			}
			world.apply(Op::Pass { blocks: 1, step: 10 * MINUTE });
			for op in ops {
				world.apply(op);
				world.compare();
			}
		});
	}
}
