//! A series of power samples to the readings that follow a meter's last one.

use anyhow::{bail, Context, Result};
use baseload_client::primitives::views::ReadingView;
use baseload_math::integrator::Integrator;
use baseload_primitives::{ClockStatus, Moment, Quality, Reading, Register, Registers};

use crate::source::Series;

/// In which order a meter declared its two energy registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
	/// Export first.
	ExportImport,
	/// Import first.
	ImportExport,
}

impl Layout {
	/// The order of these registers. Fails unless they are exactly one export and one import total: power samples know
	/// no tariff bands, and what a plant draws must not be lost.
	pub fn of(registers: &[Register]) -> Result<Self> {
		match registers {
			[Register::Export, Register::Import] => Ok(Self::ExportImport),
			[Register::Import, Register::Export] => Ok(Self::ImportExport),
			other => {
				bail!("the meter declares {other:?}; power samples feed exactly one Export and one Import register")
			}
		}
	}

	/// A reading's registers in this order.
	pub fn registers(self, export_wh: u64, import_wh: u64) -> Registers {
		Registers::truncate_from(match self {
			Self::ExportImport => vec![export_wh, import_wh],
			Self::ImportExport => vec![import_wh, export_wh],
		})
	}

	/// (export, import) of a reading's registers in this order; `None` if they are not two.
	pub fn split(self, registers: &[u64]) -> Option<(u64, u64)> {
		match (self, registers) {
			(Self::ExportImport, [export, import]) | (Self::ImportExport, [import, export]) => Some((*export, *import)),
			_ => None,
		}
	}
}

/// The registers at the end of a series that starts from zero.
pub fn totals(series: &Series) -> Result<Integrator> {
	let mut registers = Integrator::default();
	for sample in series.samples() {
		add(&mut registers, sample.power_uw, series.step())?;
	}
	Ok(registers)
}

/// The readings that a series adds to a meter whose newest reading is `newest`.
///
/// Each sample after `newest` gives one reading at its time; its power counts from the beginning of its step or from
/// `newest`, whichever is later. A meter without a reading starts with sequence 1 and both registers at 0 where the
/// series begins, so that reading comes first. Between an older `newest` and the beginning of the series nothing is
/// known and nothing counted.
pub fn readings(series: &Series, newest: Option<&ReadingView>, layout: Layout) -> Result<Vec<Reading>> {
	let mut readings = Vec::new();
	let (mut sequence, mut registers, known_until) = match newest {
		Some(newest) => {
			let (export_wh, import_wh) = layout
				.split(&newest.registers)
				.context("the meter's newest reading has other registers than it declares")?;
			(
				newest.sequence,
				Integrator::starting_at(export_wh, import_wh),
				newest.measured_at,
			)
		}
		None => {
			readings.push(measured(1, series.start(), layout.registers(0, 0)));
			(1, Integrator::default(), series.start())
		}
	};
	for sample in series.samples() {
		let Some(since_known) = sample.time.checked_sub(known_until).filter(|since| *since > 0) else {
			continue;
		};
		add(&mut registers, sample.power_uw, since_known.min(series.step()))?;
		sequence = sequence.checked_add(1).context("the meter has used up its sequences")?;
		readings.push(measured(
			sequence,
			sample.time,
			layout.registers(registers.export_wh(), registers.import_wh()),
		));
	}
	Ok(readings)
}

fn add(registers: &mut Integrator, power_uw: i64, duration: Moment) -> Result<()> {
	registers
		.add(power_uw, duration)
		.ok()
		.context("a register would pass the largest count of 64 bits")
}

fn measured(sequence: u64, measured_at: Moment, registers: Registers) -> Reading {
	Reading {
		sequence,
		measured_at,
		clock: ClockStatus::Synchronised,
		quality: Quality::Measured,
		registers,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::source::Sample;
	use baseload_primitives::{Flags, MINUTE};
	use proptest::prelude::*;

	const QUARTER: Moment = 15 * MINUTE;
	const START: Moment = 1_475_564_400_000;

	/// Powers in W, each held for a quarter of an hour.
	fn series(watts: &[i64]) -> Series {
		let sample = |(n, w): (u64, &i64)| Sample {
			time: START + n * QUARTER,
			power_uw: w * 1_000_000,
		};
		Series::new((1..).zip(watts).map(sample).collect()).unwrap()
	}

	fn counts(readings: &[Reading]) -> Vec<(u64, Moment, Vec<u64>)> {
		readings
			.iter()
			.map(|r| (r.sequence, r.measured_at, r.registers.to_vec()))
			.collect()
	}

	fn newest(sequence: u64, measured_at: Moment, registers: [u64; 2]) -> Option<ReadingView> {
		Some(ReadingView {
			sequence,
			measured_at,
			registers: registers.to_vec(),
			flags: Flags::NONE,
		})
	}

	#[test]
	fn registers_should_open_at_zero_when_the_meter_is_new() {
		let readings = readings(&series(&[4_000, -40]), None, Layout::ExportImport).unwrap();
		assert_eq!(
			counts(&readings),
			[
				(1, START, vec![0, 0]),
				(2, START + QUARTER, vec![1_000, 0]),
				(3, START + 2 * QUARTER, vec![1_000, 10]),
			]
		);
	}

	#[test]
	fn readings_should_continue_when_the_meter_has_an_opening_reading() {
		let opening = newest(7, START, [5, 500]);
		let readings = readings(&series(&[4_000, -40]), opening.as_ref(), Layout::ImportExport).unwrap();
		assert_eq!(
			counts(&readings),
			[
				(8, START + QUARTER, vec![5, 1_500]),
				(9, START + 2 * QUARTER, vec![15, 1_500])
			]
		);
	}

	#[test]
	fn power_should_count_from_the_newest_reading_when_it_lies_within_a_step() {
		let within = newest(3, START + QUARTER + 5 * MINUTE, [100, 0]);
		let readings = readings(&series(&[4_000, 3_000]), within.as_ref(), Layout::ExportImport).unwrap();
		assert_eq!(counts(&readings), [(4, START + 2 * QUARTER, vec![600, 0])]);
	}

	#[test]
	fn unknown_time_should_count_nothing_when_the_newest_reading_is_older_than_the_series() {
		let older = newest(3, START - 10 * QUARTER, [100, 0]);
		let readings = readings(&series(&[4_000, 4_000]), older.as_ref(), Layout::ExportImport).unwrap();
		assert_eq!(
			counts(&readings),
			[
				(4, START + QUARTER, vec![1_100, 0]),
				(5, START + 2 * QUARTER, vec![2_100, 0])
			]
		);
	}

	#[test]
	fn nothing_should_be_left_when_the_chain_knows_the_whole_series() {
		let known = newest(3, START + 2 * QUARTER, [100, 0]);
		assert_eq!(
			readings(&series(&[4_000, 4_000]), known.as_ref(), Layout::ExportImport).unwrap(),
			[]
		);
	}

	#[test]
	fn readings_should_be_refused_when_the_newest_one_has_other_registers() {
		let odd = ReadingView {
			sequence: 1,
			measured_at: START,
			registers: vec![1],
			flags: Flags::NONE,
		};
		assert!(readings(&series(&[1, 1]), Some(&odd), Layout::ExportImport).is_err());
	}

	#[test]
	fn layout_should_refuse_when_the_meter_has_other_registers() {
		assert_eq!(
			Layout::of(&[Register::Import, Register::Export]).unwrap(),
			Layout::ImportExport
		);
		for registers in [
			&[][..],
			&[Register::Export],
			&[Register::Export, Register::ImportBand(1)],
			&[Register::Export; 2],
		] {
			assert!(Layout::of(registers).is_err());
		}
	}

	proptest! {
		#[test]
		fn readings_should_rise_when_samples_are_random(
			watts in prop::collection::vec(-10_000i64..10_000, 2..100),
			known in prop::option::of(0u64..100),
		) {
			let known = known.and_then(|n| newest(10, START + n * QUARTER, [1, 2]));
			let readings = readings(&series(&watts), known.as_ref(), Layout::ExportImport).unwrap();
			let mut last = known.map_or((0, 0, 0, 0), |k| (k.sequence, k.measured_at, k.registers[0], k.registers[1]));
			for reading in &readings {
				let next = (reading.sequence, reading.measured_at, reading.registers[0], reading.registers[1]);
				prop_assert!(next.0 == last.0 + 1 && next.1 > last.1 && next.2 >= last.2 && next.3 >= last.3);
				last = next;
			}
		}

		#[test]
		fn last_reading_should_equal_the_totals_when_the_meter_is_new(
			watts in prop::collection::vec(-10_000i64..10_000, 2..100),
		) {
			let series = series(&watts);
			let readings = readings(&series, None, Layout::ExportImport).unwrap();
			let totals = totals(&series).unwrap();
			prop_assert_eq!(readings.len(), watts.len() + 1);
			let last = readings.last().map(|reading| reading.registers.to_vec());
			prop_assert_eq!(last, Some(vec![totals.export_wh(), totals.import_wh()]));
		}
	}
}
