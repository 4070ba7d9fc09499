//! Inverters and meters that speak SunSpec over Modbus TCP.
//!
//! * [`layout`]: in which models, and where in them, energy is counted.
//! * [`device`]: finds the models of a device and reads the one that counts.
//! * [`counter`]: keeps counting when a register of 32 bits rolls over, and refuses what cannot be.
//!
//! Each poll connects, reads and hangs up: many devices serve one connection at a time, and drop one that is idle. A reading
//! has this machine's time.

pub mod counter;
pub mod device;
pub mod layout;

use baseload_client::units;
use baseload_primitives::{Moment, Quality, Register, WattHours, DAY};
use codec::{Decode, Encode};
use futures::future::BoxFuture;

use super::{config::SunspecConfig, now, shown, Cursor, Observation, Place, Polled, Source, SourceError};
use counter::{Counter, Fault};
use device::Snapshot;

/// What was seen of a device.
#[derive(Clone, Debug, Default, Encode, Decode)]
struct State {
	/// Which device: its serial number, or what the configuration calls it.
	identity: String,
	/// When it was read, Unix milliseconds.
	at: Moment,
	export: Option<Counter>,
	import: Option<Counter>,
}

impl Place for State {
	const KIND: u8 = 3;
}

/// A SunSpec device.
pub struct SunspecSource {
	config: SunspecConfig,
}

impl SunspecSource {
	/// A source that has not asked its device yet.
	pub fn new(config: SunspecConfig) -> Self {
		Self { config }
	}

	async fn observe(&self, cursor: &Cursor) -> Result<Polled, SourceError> {
		let state: State = cursor.read();
		let snapshot = device::read(&self.config).await?;
		let at = now()?;
		if at == state.at {
			// A reading of the same second
			return Ok(Polled {
				cursor: cursor.clone(),
				..Polled::default()
			});
		}
		let (state, counts) = self.advance(state, &snapshot, at)?;
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

	/// What the registers count now, if what the device shows can follow what it showed before.
	fn advance(
		&self,
		before: State,
		snapshot: &Snapshot,
		at: Moment,
	) -> Result<(State, Vec<(Register, u64)>), SourceError> {
		let place = &self.config.address;
		let identity = self.identity(&before, snapshot)?;
		let is_known = before.at > 0 && before.identity == identity;
		let elapsed = match is_known {
			// If the clock was set back, nobody knows how long it is since then
			true => at.checked_sub(before.at).unwrap_or(DAY),
			false => 0,
		};
		let most = counter::most(self.config.max_power.watts, elapsed);
		let mut counts = Vec::new();
		let mut count = |register, before: Option<Counter>, shown| -> Result<Option<Counter>, SourceError> {
			let counter = match (before.filter(|_| is_known), shown) {
				(None, None) => return Ok(None),
				(Some(_), None) => {
					let what = format!("{place}: register {} is not implemented at the moment", name(register));
					return Err(SourceError::Temporary(what));
				}
				(None, Some(shown)) => Counter::starting_at(shown),
				(Some(before), Some(shown)) => before
					.advance(shown, most)
					.map_err(|fault| self.fault(register, fault, elapsed))?,
			};
			let wh = counter.wh().ok_or_else(|| {
				let what = format!("register {} exceeds the largest count of 64 bits", name(register));
				SourceError::malformed(place, what)
			})?;
			counts.push((register, wh));
			Ok(Some(counter))
		};
		let state = State {
			export: count(Register::Export, before.export, snapshot.export)?,
			import: count(Register::Import, before.import, snapshot.import)?,
			identity,
			at,
		};
		if counts.is_empty() {
			let what = format!("model {} implements neither export nor import", snapshot.model);
			return Err(SourceError::malformed(place, what));
		}
		Ok((state, counts))
	}

	/// Which device answers. Another than before is accepted only if the configuration names it.
	fn identity(&self, before: &State, snapshot: &Snapshot) -> Result<String, SourceError> {
		let refuse = |what: String| Err(SourceError::malformed(&self.config.address, what));
		let named = self.config.serial.as_deref();
		let found = snapshot.serial.as_str();
		if found.is_empty() {
			return Ok(named.unwrap_or_default().into());
		}
		match named {
			Some(named) if named != found => refuse(format!(
				"the device has the serial number {}; expected {} as configured",
				shown(found),
				shown(named)
			)),
			None if before.at > 0 && before.identity != found => refuse(format!(
				"the device has the serial number {}, before it had {}; if it was replaced, write serial = {found:?}",
				shown(found),
				shown(&before.identity)
			)),
			_ => Ok(found.into()),
		}
	}

	fn fault(&self, register: Register, fault: Fault, elapsed: Moment) -> SourceError {
		let place = &self.config.address;
		let register = name(register);
		let energy = |wh: u64| units::format_energy(WattHours(wh));
		match fault {
			Fault::Blank { before } => SourceError::Temporary(format!(
				"{place}: register {register} shows 0 after {}: the device may be starting",
				energy(before)
			)),
			Fault::Fell { before, now } => SourceError::malformed(
				place,
				format!(
					"register {register} fell from {} to {}, which is no roll-over; if the device was replaced, name the new \
					 one by serial",
					energy(before),
					energy(now)
				),
			),
			Fault::Leapt { by, most } => SourceError::malformed(
				place,
				format!(
					"register {register} rose by {} in {}; with max_power {} at most {} was expected",
					energy(by),
					units::format_duration(elapsed),
					units::format_power(self.config.max_power.watts),
					energy(most)
				),
			),
		}
	}

	async fn describe(&self) -> Result<String, SourceError> {
		let snapshot = device::read(&self.config).await?;
		let (_, counts) = self.advance(State::default(), &snapshot, now()?)?;
		let counts: Vec<String> = counts
			.iter()
			.map(|(register, wh)| format!("{} {}", name(*register), units::format_energy(WattHours(*wh))))
			.collect();
		Ok(format!(
			"{}: {} {}, serial number {}, model {}: {}",
			self.config.address,
			shown(&snapshot.manufacturer),
			shown(&snapshot.product),
			shown(&snapshot.serial),
			snapshot.model,
			counts.join(", ")
		))
	}
}

impl Source for SunspecSource {
	fn poll<'a>(&'a mut self, cursor: &'a Cursor, _limit: usize) -> BoxFuture<'a, Result<Polled, SourceError>> {
		Box::pin(self.observe(cursor))
	}

	fn check(&mut self) -> BoxFuture<'_, Result<String, SourceError>> {
		Box::pin(self.describe())
	}
}

fn name(register: Register) -> String {
	units::format_register(register)
}

#[cfg(test)]
mod tests;
