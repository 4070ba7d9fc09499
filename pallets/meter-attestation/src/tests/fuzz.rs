//! Random sequences of operations against a naive model. The model keeps every accepted reading for ever, settles at every
//! block, and computes windows of energy straight from the definition; the pallet settles lazily and keeps rings.

use baseload_primitives::{
	EnergyCover, MeterId, MeterStatus, Moment, OpenTime, Quality, Reading, Refusal, RegisterSource, SiteId, DAY, HOUR,
	MINUTE, SECOND,
};
use frame_support::pallet_prelude::{InvalidTransaction, TransactionValidityError};
use proptest::prelude::*;

use crate::{mock::*, SUBMIT_READING};

/// Sites 0 and 1; meters 0 and 1 stand at site 0, meter 2 at site 1.
const PLACES: [u32; 3] = [0, 0, 1];

#[derive(Clone, Debug)]
enum Op {
	/// Blocks, each this much after the last.
	Pass {
		blocks: u8,
		step: Moment,
	},
	/// A reading relative to the newest accepted one.
	Submit {
		meter: usize,
		row: Row,
	},
	/// The newest accepted reading once more.
	Replay {
		meter: usize,
	},
	/// Several readings, each relative to the one before.
	Backlog {
		meter: usize,
		rows: Vec<Row>,
	},
	Suspend {
		meter: usize,
		by: u64,
	},
	Resume {
		meter: usize,
	},
	Certify {
		meter: usize,
	},
	Revoke {
		site: usize,
	},
	Window(Moment),
	Pause(bool),
}

/// How a reading differs from the one before it.
#[derive(Clone, Copy, Debug)]
struct Row {
	sequence: i64,
	/// Where between the one before and now it was measured, in percent.
	elapsed: u64,
	/// Rises as a share of the most that is plausible, in percent.
	export: i64,
	import: i64,
	estimated: bool,
	forged: bool,
}

fn row() -> impl Strategy<Value = Row> {
	(
		prop_oneof![30 => 1..=3i64, 1 => -1..=0i64, 1 => 99..=102i64],
		prop_oneof![20 => 1..=100u64, 1 => 0..=1u64, 1 => 100..200u64],
		prop_oneof![30 => 0..=100i64, 1 => Just(-1), 1 => 100..=120i64],
		prop_oneof![25 => 0..=10i64, 5 => 0..=100i64, 1 => Just(-1), 1 => 100..=120i64],
		prop::bool::weighted(0.2),
		prop::bool::weighted(0.03),
	)
		.prop_map(|(sequence, elapsed, export, import, estimated, forged)| Row {
			sequence,
			elapsed,
			export,
			import,
			estimated,
			forged,
		})
}

fn op() -> impl Strategy<Value = Op> {
	let meter = || 0..3usize;
	let step = prop_oneof![6 => SECOND..=HOUR, 3 => HOUR..=2 * DAY, 1 => DAY..=90 * DAY];
	prop_oneof![
		8 => (1..4u8, step).prop_map(|(blocks, step)| Op::Pass { blocks, step }),
		9 => (meter(), row()).prop_map(|(meter, row)| Op::Submit { meter, row }),
		1 => meter().prop_map(|meter| Op::Replay { meter }),
		4 => (meter(), prop::collection::vec(row(), 0..=4)).prop_map(|(meter, rows)| Op::Backlog { meter, rows }),
		1 => (meter(), prop_oneof![Just(OWNER), Just(OTHER), Just(REGISTRAR)])
			.prop_map(|(meter, by)| Op::Suspend { meter, by }),
		2 => meter().prop_map(|meter| Op::Resume { meter }),
		2 => meter().prop_map(|meter| Op::Certify { meter }),
		1 => (0..2usize).prop_map(|site| Op::Revoke { site }),
		1 => prop_oneof![Just(0), SECOND..=3 * HOUR].prop_map(Op::Window),
		1 => prop::bool::weighted(0.2).prop_map(Op::Pause),
	]
}

#[derive(Default)]
struct MeterModel {
	/// All accepted readings, and the open time at which each is final.
	accepted: Vec<(Reading, Moment)>,
	/// How many of them are final.
	finals: usize,
	suspended: bool,
}

#[derive(Default)]
struct SiteModel {
	revenue_meter: Option<usize>,
	/// The meter whose energy is booked, if the site was ever certified.
	booked_meter: Option<usize>,
	since: Moment,
	/// (from, to, export, import, since)
	booked: Vec<(Moment, Moment, u64, u64, Moment)>,
}

#[derive(Default)]
struct Model {
	meters: [MeterModel; 3],
	sites: [SiteModel; 2],
	open: Moment,
	window: Moment,
	paused: bool,
}

impl Model {
	/// Moves everything that is mature, as if somebody had sent a transaction for it at this very moment.
	fn settle(&mut self) {
		for (id, meter) in self.meters.iter_mut().enumerate() {
			while !meter.suspended
				&& meter
					.accepted
					.get(meter.finals)
					.is_some_and(|(_, end)| *end <= self.open)
			{
				let site = &mut self.sites[PLACES[id] as usize];
				if let (Some(opening), true) = (meter.finals.checked_sub(1), site.revenue_meter == Some(id)) {
					let (opening, closing) = (&meter.accepted[opening].0, &meter.accepted[meter.finals].0);
					let rise = |at: usize| closing.registers[at] - opening.registers[at];
					let export = if closing.quality == Quality::Estimated {
						0
					} else {
						rise(0)
					};
					site.booked
						.push((opening.measured_at, closing.measured_at, export, rise(1), site.since));
				}
				meter.finals += 1;
			}
		}
	}

	/// Why the pallet should refuse these readings, judged without signatures.
	fn refusal(&self, meter: usize, readings: &[Reading], forged: bool) -> Option<Refusal> {
		let model = &self.meters[meter];
		if model.suspended {
			return Some(Refusal::Suspended);
		}
		let mut last = model.accepted.last().map(|(reading, _)| reading);
		for reading in readings {
			if let Some(last) = last {
				if reading.sequence <= last.sequence {
					return Some(Refusal::StaleSequence);
				}
				if reading.sequence - last.sequence > 100 {
					return Some(Refusal::SequenceTooFarAhead);
				}
			}
			if reading.measured_at > now() + SKEW {
				return Some(Refusal::FutureTime);
			}
			if let Some(last) = last {
				if reading.measured_at < last.measured_at + SECOND {
					return Some(Refusal::TooSoon);
				}
				let most = most(reading.measured_at - last.measured_at);
				for (before, after) in last.registers.iter().zip(&reading.registers) {
					if after < before {
						return Some(Refusal::FallingRegister);
					}
					if after - before > most {
						return Some(Refusal::ImpossibleIncrease);
					}
				}
			}
			last = Some(reading);
		}
		if model.accepted.len() - model.finals + readings.len() > 8 {
			return Some(Refusal::PendingFull);
		}
		forged.then_some(Refusal::BadSignature)
	}

	fn accept(&mut self, meter: usize, readings: Vec<Reading>) {
		for reading in readings {
			let accepted = &mut self.meters[meter].accepted;
			let before = accepted.last().map_or(0, |(_, end)| *end);
			// Only what still waits holds back; an end in the past is below in any case.
			accepted.push((reading, before.max(self.open + self.window)));
		}
	}

	/// Net energy of the windows' last `buckets` of `width`.
	fn energy(&self, site: usize, width: Moment, buckets: u64) -> i128 {
		let booked = &self.sites[site].booked;
		// A meter's clock may be ahead of the chain's.
		let newest = booked
			.iter()
			.filter(|(from, to, .., since)| from.max(since) < to)
			.map(|(_, to, ..)| to - 1)
			.max();
		let first = (newest.unwrap_or(0).max(now()) / width + 1).saturating_sub(buckets) * width;
		let part = |(from, to, export, import, since): &(Moment, Moment, u64, u64, Moment)| {
			let start = (*from).max(*since).max(first);
			if start >= *to {
				return 0;
			}
			let left =
				|total: u64| i128::from(total) - i128::from(total) * i128::from(start - from) / i128::from(to - from);
			left(*export) - left(*import)
		};
		booked.iter().map(part).sum()
	}
}

/// One megawatt, and five percent.
fn most(elapsed: Moment) -> u64 {
	(u128::from(elapsed) * u128::from(NAMEPLATE_W) * 105).div_ceil(360_000_000) as u64
}

/// The reading that `row` describes, after `last`.
fn next(last: Option<&Reading>, row: Row) -> Reading {
	let Some(last) = last else {
		return reading(row.sequence.unsigned_abs(), &[1_000, 1_000]);
	};
	let elapsed = now().saturating_sub(last.measured_at) * row.elapsed / 100;
	let rise = |before: u64, percent: i64| {
		let rise = i128::from(most(elapsed)) * i128::from(percent) / 100;
		u64::try_from((i128::from(before) + rise - i128::from(percent == -1)).max(0)).unwrap_or(u64::MAX)
	};
	Reading {
		quality: if row.estimated {
			Quality::Estimated
		} else {
			Quality::Measured
		},
		..reading_at(
			last.measured_at + elapsed,
			last.sequence.saturating_add_signed(row.sequence),
			&[rise(last.registers[0], row.export), rise(last.registers[1], row.import)],
		)
	}
}

struct World {
	devices: Vec<Device>,
	model: Model,
}

impl World {
	fn new() -> Self {
		let sites = [site(), site()];
		let devices = PLACES.into_iter().map(|place| meter(sites[place as usize])).collect();
		Self {
			devices,
			model: Model {
				window: WINDOW,
				..Default::default()
			},
		}
	}

	/// Submits these readings and compares the verdict with the model's.
	fn submit(&mut self, meter: usize, readings: Vec<Reading>, forged: bool, backlog: bool) {
		let device = &self.devices[meter];
		let signer = if forged {
			Device {
				id: device.id,
				pair: device_of_nobody(),
			}
		} else {
			clone(device)
		};
		let mut expected = self.model.refusal(meter, &readings, forged);
		if readings.is_empty() {
			expected = Some(Refusal::EmptyBacklog);
		} else if self.model.paused && !backlog {
			expected = Some(Refusal::Paused);
		}
		let outcome = match backlog {
			true => signer.submit_backlog(readings.clone()),
			false => signer.submit(readings[0].clone()),
		};
		let refused = outcome.err().map(|error| match error {
			TransactionValidityError::Invalid(InvalidTransaction::Custom(code)) => Refusal::from_code(code),
			other => panic!("{other:?}"),
		});
		assert_eq!(refused, expected.map(Some));
		if expected.is_none() {
			self.model.accept(meter, readings);
		}
	}

	fn apply(&mut self, op: Op) {
		let signed = RuntimeOrigin::signed;
		match op {
			Op::Pass { blocks, step } => {
				for _ in 0..blocks {
					block(now() + step);
					self.model.open += step.min(STEP);
					self.model.settle();
				}
			}
			Op::Submit { meter, row } => {
				let last = self.model.meters[meter].accepted.last().map(|(reading, _)| reading);
				let reading = next(last, row);
				self.submit(meter, vec![reading], row.forged, false);
			}
			Op::Replay { meter } => {
				if let Some((reading, _)) = self.model.meters[meter].accepted.last().cloned() {
					self.submit(meter, vec![reading], false, false);
				}
			}
			Op::Backlog { meter, rows } => {
				let mut readings: Vec<Reading> = Vec::new();
				let last = self.model.meters[meter]
					.accepted
					.last()
					.map(|(reading, _)| reading.clone());
				for row in &rows {
					readings.push(next(readings.last().or(last.as_ref()), *row));
				}
				self.submit(meter, readings, rows.iter().any(|row| row.forged), true);
			}
			Op::Suspend { meter, by } => {
				let done = MeterAttestation::suspend_meter(signed(by), MeterId(meter as u32)).is_ok();
				assert_eq!(done, by != OTHER && !self.model.meters[meter].suspended);
				self.model.meters[meter].suspended |= done;
			}
			Op::Resume { meter } => {
				let done = MeterAttestation::resume_meter(signed(REGISTRAR), MeterId(meter as u32)).is_ok();
				assert_eq!(done, self.model.meters[meter].suspended);
				self.model.meters[meter].suspended = false;
				self.model.settle();
			}
			Op::Certify { meter } => {
				let site = &mut self.model.sites[PLACES[meter] as usize];
				let id = SiteId(PLACES[meter]);
				let done = MeterAttestation::certify_site(signed(REGISTRAR), id, MeterId(meter as u32), now()).is_ok();
				assert_eq!(done, site.revenue_meter != Some(meter));
				if done {
					if site.booked_meter != Some(meter) {
						site.booked.clear();
					}
					site.booked_meter = Some(meter);
					site.revenue_meter = Some(meter);
					site.since = now();
				}
			}
			Op::Revoke { site } => {
				let done = MeterAttestation::revoke_certificate(signed(REGISTRAR), SiteId(site as u32)).is_ok();
				assert_eq!(done, self.model.sites[site].revenue_meter.take().is_some());
			}
			Op::Window(window) => {
				let done = MeterAttestation::set_challenge_window(RuntimeOrigin::root(), window).is_ok();
				assert_eq!(done, window > 0);
				if done {
					self.model.window = window;
				}
			}
			Op::Pause(paused) => {
				Closed::set(if paused { vec![SUBMIT_READING] } else { vec![] });
				self.model.paused = paused;
			}
		}
	}

	/// Compares all that anybody can read.
	fn compare(&self) {
		assert_eq!(<MeterAttestation as OpenTime>::now(), self.model.open);
		for (id, model) in self.model.meters.iter().enumerate() {
			let id = MeterId(id as u32);
			let newest_final = model.finals.checked_sub(1).map(|last| &model.accepted[last].0);
			let found = <MeterAttestation as RegisterSource<u64>>::final_reading(id);
			assert_eq!(
				found.as_ref().map(|found| found.sequence),
				newest_final.map(|newest| newest.sequence)
			);
			assert_eq!(
				found.map(|found| found.registers),
				newest_final.map(|newest| newest.registers.clone())
			);
			let view = MeterAttestation::meter(id).expect("registered");
			assert_eq!(view.pending as usize, model.accepted.len() - model.finals);
			assert_eq!(
				view.newest.map(|newest| newest.sequence),
				model.accepted.last().map(|last| last.0.sequence)
			);
			assert_eq!(view.status == MeterStatus::Suspended, model.suspended);
		}
		for (id, model) in self.model.sites.iter().enumerate() {
			let view = MeterAttestation::site(SiteId(id as u32)).expect("registered");
			let counted = |energy: i128, hours: i128| energy.clamp(0, i128::from(NAMEPLATE_W) * hours) as u64;
			let month = counted(self.model.energy(id, DAY, 30), 720);
			let year = counted(self.model.energy(id, 5 * DAY, 73), 8_760);
			assert_eq!((view.last_30_days.0, view.last_365_days.0), (month, year));
			let cover = if model.revenue_meter.is_some() {
				month.min(year / 12)
			} else {
				0
			};
			assert_eq!(
				<MeterAttestation as EnergyCover<u64>>::cover(SiteId(id as u32)).0,
				cover
			);
		}
		assert_eq!(MeterAttestation::do_try_state(), Ok(()));
	}
}

fn device_of_nobody() -> sp_core::ed25519::Pair {
	device(200)
}

fn clone(device: &Device) -> Device {
	Device {
		id: device.id,
		pair: device.pair,
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..Default::default() })]

	#[test]
	fn pallet_should_agree_with_the_naive_model_when_operations_are_random(
		ops in proptest::collection::vec(op(), 30..90),
	) {
		run(|| {
			let mut world = World::new();
			// Certified from the start, or hardly any sequence would book energy.
			world.apply(Op::Certify { meter: 0 });
			world.apply(Op::Pass { blocks: 1, step: 10 * MINUTE });
			for op in ops {
				world.apply(op);
				world.compare();
			}
		});
	}
}
