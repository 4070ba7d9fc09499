//! Meters that speak SML (Smart Message Language, BSI TR-03109-1), as German household and plant meters do.
//!
//! * [`telegram`]: what a telegram says, taken out of a stream of bytes.
//! * [`input`]: where the bytes come from.
//!
//! A telegram has no date, so a reading has this machine's time, or that at which its file was last written.

pub mod input;
pub mod telegram;

use baseload_client::units;
use baseload_primitives::{Moment, Quality, Register, WattHours};
use codec::{Decode, Encode};
use futures::future::BoxFuture;

use super::{config::SmlConfig, Cursor, Observation, Place, Polled, Source, SourceError};
use telegram::Telegram;

/// What was seen of a meter.
#[derive(Clone, Debug, Default, Encode, Decode)]
struct State {
	/// Unix milliseconds.
	at: Moment,
	server_id: Vec<u8>,
}

impl Place for State {
	const KIND: u8 = 4;
}

/// An SML meter.
pub struct SmlSource {
	config: SmlConfig,
}

impl SmlSource {
	/// A source that has read nothing yet.
	pub fn new(config: SmlConfig) -> Self {
		Self { config }
	}

	async fn observe(&self, cursor: &Cursor) -> Result<Polled, SourceError> {
		let state: State = cursor.read();
		let nothing = Polled {
			cursor: cursor.clone(),
			..Polled::default()
		};
		let Some((at, telegram)) = input::newest(&self.config, state.at).await? else {
			return Ok(nothing);
		};
		if at == state.at {
			return Ok(nothing);
		}
		let counts = self.counts(&state, &telegram)?;
		let state = State {
			at,
			server_id: telegram.server_id,
		};
		Ok(Polled {
			observations: vec![Observation::Counts {
				measured_at: at,
				clock: self.config.clock.into(),
				quality: Quality::Measured,
				counts,
			}],
			cursor: Cursor::of(&state),
			..Polled::default()
		})
	}

	/// The registers of a telegram of the right meter.
	fn counts(&self, before: &State, telegram: &Telegram) -> Result<Vec<(Register, u64)>, SourceError> {
		let place = input::place(&self.config.input);
		let found = hex::encode(&telegram.server_id);
		match &self.config.server_id {
			Some(expected) if expected.0 != telegram.server_id => {
				let what = format!(
					"the meter is {found}; expected {} as configured",
					hex::encode(&expected.0)
				);
				return Err(SourceError::malformed(place, what));
			}
			None if before.at > 0 && before.server_id != telegram.server_id => {
				let before = hex::encode(&before.server_id);
				let what = format!(
					"the meter is {found}, before it was {before}; if it was replaced, write server_id = \"{found}\""
				);
				return Err(SourceError::malformed(place, what));
			}
			_ => {}
		}
		telegram.registers().map_err(|what| SourceError::malformed(place, what))
	}

	async fn describe(&self) -> Result<String, SourceError> {
		let place = input::place(&self.config.input);
		let Some((at, telegram)) = input::newest(&self.config, 0).await? else {
			return Ok(format!("{place}: nothing yet"));
		};
		let counts: Vec<String> = self
			.counts(&State::default(), &telegram)?
			.iter()
			.map(|(register, wh)| {
				let energy = units::format_energy(WattHours(*wh));
				format!("{} {energy}", units::format_register(*register))
			})
			.collect();
		Ok(format!(
			"{place}: meter {} at {}: {}",
			hex::encode(&telegram.server_id),
			units::format_time(at),
			counts.join(", ")
		))
	}
}

impl Source for SmlSource {
	fn poll<'a>(&'a mut self, cursor: &'a Cursor, _limit: usize) -> BoxFuture<'a, Result<Polled, SourceError>> {
		Box::pin(self.observe(cursor))
	}

	fn check(&mut self) -> BoxFuture<'_, Result<String, SourceError>> {
		Box::pin(self.describe())
	}
}

#[cfg(test)]
mod tests;
