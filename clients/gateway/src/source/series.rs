//! Power samples in even steps: what one file of a data logger holds.

use anyhow::{ensure, Result};
use baseload_primitives::Moment;

/// The mean power of the step that ends at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
	/// End of the step, Unix milliseconds.
	pub time: Moment,
	/// Microwatts; positive is delivered to the grid, negative is drawn from it.
	pub power_uw: i64,
}

/// Samples in even steps, oldest first: at least two, since one alone does not tell for how long its power was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
	samples: Vec<Sample>,
	step: Moment,
}

impl Series {
	/// Puts samples together. Fails unless there are two or more, in even steps, none of them before 1970.
	pub fn new(samples: Vec<Sample>) -> Result<Self> {
		ensure!(samples.len() >= 2, "a series needs two samples or more");
		let step = samples[1].time.saturating_sub(samples[0].time);
		let even = samples
			.windows(2)
			.all(|pair| pair[0].time.checked_add(step) == Some(pair[1].time));
		ensure!(step > 0 && even, "the samples are not in even steps");
		ensure!(samples[0].time >= step, "the first step begins before 1970");
		Ok(Self { samples, step })
	}

	/// The samples, oldest first.
	pub fn samples(&self) -> &[Sample] {
		&self.samples
	}

	/// Milliseconds from one sample to the next: for how long each sample's power was held.
	pub fn step(&self) -> Moment {
		self.step
	}

	/// When the first step begins.
	pub fn start(&self) -> Moment {
		self.samples[0].time - self.step
	}

	/// When the last step ends.
	pub fn end(&self) -> Moment {
		self.start() + self.samples.len() as Moment * self.step
	}

	/// The same powers, moved in time so that the last step ends at `end`. Fails if the first would begin before 1970.
	pub fn shifted_to_end_at(&self, end: Moment) -> Result<Self> {
		let length = self.end() - self.start();
		ensure!(length <= end, "the series is longer than the time since 1970");
		let shift = |sample: &Sample| Sample {
			time: end - (self.end() - sample.time),
			..*sample
		};
		Ok(Self {
			samples: self.samples.iter().map(shift).collect(),
			step: self.step,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn samples(times: &[Moment]) -> Vec<Sample> {
		times
			.iter()
			.map(|time| Sample {
				time: *time,
				power_uw: *time as i64,
			})
			.collect()
	}

	#[test]
	fn series_should_know_its_step_and_ends() {
		let series = Series::new(samples(&[900, 1_800, 2_700])).unwrap();
		assert_eq!((series.step(), series.start(), series.end()), (900, 0, 2_700));
	}

	#[test]
	fn series_should_refuse_when_steps_are_not_even() {
		for times in [
			&[][..],
			&[900],
			&[900, 900],
			&[900, 800],
			&[900, 1_800, 2_800],
			&[800, 1_700],
		] {
			assert!(Series::new(samples(times)).is_err(), "{times:?}");
		}
	}

	#[test]
	fn shift_should_keep_steps_and_powers() {
		let shifted = Series::new(samples(&[900, 1_800, 2_700]))
			.unwrap()
			.shifted_to_end_at(10_000)
			.unwrap();
		let seen: Vec<_> = shifted
			.samples()
			.iter()
			.map(|sample| (sample.time, sample.power_uw))
			.collect();
		assert_eq!(seen, [(8_200, 900), (9_100, 1_800), (10_000, 2_700)]);
		assert_eq!((shifted.start(), shifted.end(), shifted.step()), (7_300, 10_000, 900));
		assert!(shifted.shifted_to_end_at(2_699).is_err());
	}
}
