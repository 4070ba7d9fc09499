//! Asks a device: finds its models, and reads the one that counts energy.

use std::{fmt, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_modbus::{
	client::{tcp, Client, Context},
	ExceptionCode, Request, Response, Slave,
};

use super::{
	counter::{Shown, UNITS_PER_WH},
	layout::{Kind, Layout},
};
use crate::source::{config::SunspecConfig, SourceError};

/// Where a map may begin, the place that the specification recommends first.
const BASES: [u16; 3] = [40_000, 0, 50_000];

/// How every map begins: "SunS".
const MARKER: [u16; 2] = [0x5375, 0x6e53];

/// The number that ends a map.
const END: u16 = 0xffff;

/// The model that says who made the device.
const COMMON: u16 = 1;

/// The most models of a map.
const MAX_MODELS: usize = 64;

/// The most timeouts' length that a device may take for everything.
const PATIENCE: u32 = 10;

/// What a device shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
	/// Who made it.
	pub manufacturer: String,
	/// What it is.
	pub product: String,
	/// Its serial number; empty if it tells none.
	pub serial: String,
	/// The model that was read.
	pub model: u16,
	/// Energy delivered, if it is implemented.
	pub export: Option<Shown>,
	/// Energy drawn, if it is implemented.
	pub import: Option<Shown>,
}

/// Connects, reads and hangs up.
pub async fn read(config: &SunspecConfig) -> Result<Snapshot, SourceError> {
	let wait = config.timeout.get_ref().duration();
	let place = config.address.as_str();
	let all = async {
		let stream = timeout(wait, TcpStream::connect(place))
			.await
			.map_err(|_| silent(place, "does not answer", wait))?
			.map_err(|error| SourceError::Temporary(format!("{place}: cannot connect: {error}")))?;
		let mut link = Link {
			context: tcp::attach_slave(stream, Slave(config.unit)),
			place,
			wait,
		};
		snapshot(&mut link, config.model).await
	};
	timeout(wait * PATIENCE, all)
		.await
		.unwrap_or_else(|_| Err(silent(place, "answers too slowly", wait * PATIENCE)))
}

fn silent(place: &str, what: &str, wait: Duration) -> SourceError {
	SourceError::Temporary(format!("{place}: the device {what} within {} s", wait.as_secs_f32()))
}

/// A connection.
struct Link<'a> {
	context: Context,
	place: &'a str,
	wait: Duration,
}

impl Link<'_> {
	/// Reads registers; `Ok(Err)` if the device answers that there are none at this place.
	async fn try_registers(&mut self, at: u16, count: u16) -> Result<Result<Vec<u16>, ExceptionCode>, SourceError> {
		// `read_holding_registers` would assert that the device sends as many as were asked for
		let request = Request::ReadHoldingRegisters(at, count);
		let answer = timeout(self.wait, self.context.call(request))
			.await
			.map_err(|_| silent(self.place, "does not answer", self.wait))?
			.map_err(|error| self.temporary(format_args!("it answers rubbish, or hung up: {error}")))?;
		match answer {
			Ok(Response::ReadHoldingRegisters(registers)) if registers.len() == usize::from(count) => Ok(Ok(registers)),
			Ok(_) => Err(self.temporary(format_args!(
				"it answers rubbish: not the {count} registers that were asked for"
			))),
			Err(exception @ (ExceptionCode::IllegalDataAddress | ExceptionCode::IllegalDataValue)) => {
				Ok(Err(exception))
			}
			Err(exception) => Err(self.temporary(format_args!("it refuses to answer: {exception}"))),
		}
	}

	async fn registers(&mut self, at: u16, count: u16) -> Result<Vec<u16>, SourceError> {
		let answer = self.try_registers(at, count).await?;
		answer.map_err(|exception| {
			let what = format!(
				"no registers {at} to {}: {exception}",
				u32::from(at) + u32::from(count) - 1
			);
			SourceError::malformed(self.place, what)
		})
	}

	fn temporary(&self, what: fmt::Arguments) -> SourceError {
		SourceError::Temporary(format!("{}: {what}", self.place))
	}
}

/// A model of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
	model: u16,
	/// Its first register.
	at: u16,
	/// Its registers after the first two.
	length: u16,
}

async fn snapshot(link: &mut Link<'_>, wanted: Option<u16>) -> Result<Snapshot, SourceError> {
	let models = models(link).await?;
	let (found, layout) = choose(&models, wanted).map_err(|what| SourceError::malformed(link.place, what))?;
	let mut snapshot = Snapshot {
		manufacturer: String::new(),
		product: String::new(),
		serial: String::new(),
		model: found.model,
		export: None,
		import: None,
	};
	if let Some(common) = models.iter().find(|found| found.model == COMMON && found.length >= 64) {
		let registers = link.registers(common.at, 66).await?;
		let text = |from: usize, to: usize| registers.get(from..to).map(text).unwrap_or_default();
		snapshot.manufacturer = text(2, 18);
		snapshot.product = text(18, 34);
		snapshot.serial = text(50, 66);
	}
	let registers = link.registers(found.at, layout.span()).await?;
	if registers.first() != Some(&found.model) {
		return Err(link.temporary(format_args!("model {} moved while it was read", found.model)));
	}
	let read = points(layout, &registers).map_err(|what| SourceError::malformed(link.place, what))?;
	[snapshot.export, snapshot.import] = read;
	Ok(snapshot)
}

/// Walks through the map.
async fn models(link: &mut Link<'_>) -> Result<Vec<Found>, SourceError> {
	let mut start = None;
	for base in BASES {
		if link.try_registers(base, 2).await?.is_ok_and(|marker| marker == MARKER) {
			start = Some(base + 2);
			break;
		}
	}
	let Some(mut at) = start else {
		let what = format!("no SunSpec map: no \"SunS\" at the registers {BASES:?}");
		return Err(SourceError::malformed(link.place, what));
	};
	let mut models = Vec::new();
	loop {
		let header = link.registers(at, 2).await?;
		let (Some(&model), Some(&length)) = (header.first(), header.get(1)) else {
			return Err(link.temporary(format_args!("an empty answer")));
		};
		if model == END {
			return Ok(models);
		}
		models.push(Found { model, at, length });
		let next = at.checked_add(2).and_then(|at| at.checked_add(length));
		match next.filter(|_| models.len() < MAX_MODELS) {
			Some(next) => at = next,
			None => {
				let what = format!("its SunSpec map has no end: model {model} at register {at} has length {length}");
				return Err(SourceError::malformed(link.place, what));
			}
		}
	}
}

/// The model to read.
fn choose(models: &[Found], wanted: Option<u16>) -> Result<(Found, &'static Layout), String> {
	let numbers: Vec<u16> = models.iter().map(|found| found.model).collect();
	let candidates = super::layout::LAYOUTS.iter().flat_map(|layout| {
		let of_layout = models.iter().filter(|found| layout.models.contains(&found.model));
		of_layout.map(move |found| (*found, layout))
	});
	let chosen = candidates
		.filter(|(found, _)| wanted.is_none_or(|wanted| wanted == found.model))
		.find(|(found, layout)| u32::from(found.length) + 2 >= layout.span().into());
	chosen.ok_or_else(|| match wanted {
		Some(wanted) => format!("no whole model {wanted} that counts energy; the device has {numbers:?}"),
		None => format!("no whole model that counts energy (101 to 103, 111 to 113, 201 to 204, 211 to 214, 701); the device has {numbers:?}"),
	})
}

/// Export and import, as far as they are implemented.
fn points(layout: &Layout, registers: &[u16]) -> Result<[Option<Shown>; 2], String> {
	let at = |offset: u16, count: u16| {
		let from = usize::from(offset);
		registers.get(from..from + usize::from(count)).unwrap_or_default()
	};
	let scale = match layout.scale {
		Some(point) => scale(at(point.offset, 1)),
		None => Some(0),
	};
	let shown = |offset: u16| -> Result<Option<Shown>, String> {
		let raw = at(offset, layout.kind.registers());
		let number = raw
			.iter()
			.fold(0u64, |number, register| number << 16 | u64::from(*register));
		let (count, bits) = match layout.kind {
			Kind::Float32 => return float(f32::from_bits(number as u32)),
			Kind::Acc32 if number == u64::from(u32::MAX) => return Ok(None),
			Kind::Acc32 => (number, Some(32)),
			Kind::Uint64 if number == u64::MAX => return Ok(None),
			Kind::Uint64 => (number, None),
		};
		let Some(scale) = scale else {
			let what = "its energy has no scale factor from -10 to 10";
			return if count == 0 { Ok(None) } else { Err(what.into()) };
		};
		let step = 10u128.pow(scale.unsigned_abs().into());
		let step = if scale >= 0 {
			UNITS_PER_WH * step
		} else {
			UNITS_PER_WH / step
		};
		let count = u128::from(count)
			.checked_mul(step)
			.ok_or_else(|| format!("its energy is {count} times 10^{scale} Wh, which no register counts"))?;
		Ok(Some(Shown {
			count,
			step,
			modulus: bits.map(|bits: u32| step << bits),
		}))
	};
	let import = layout.import.map(|point| shown(point.offset)).transpose()?;
	Ok([shown(layout.export.offset)?, import.flatten()])
}

/// A power of ten; `None` if it is not implemented or out of range.
fn scale(register: &[u16]) -> Option<i8> {
	let scale = register.first()?.cast_signed();
	i8::try_from(scale).ok().filter(|scale| (-10..=10).contains(scale))
}

/// A count in Wh; not a number means that it is not implemented.
fn float(wh: f32) -> Result<Option<Shown>, String> {
	if wh.is_nan() {
		return Ok(None);
	}
	// 2^64 Wh is beyond every register; below it each number of this format is exact in 128 bits
	if !(0.0..18_446_744_073_709_551_616.0).contains(&wh) {
		return Err(format!("its energy is {wh} Wh, which no register counts"));
	}
	// The next larger number of this format: what the device cannot tell apart
	let gap = f64::from(f32::from_bits(wh.to_bits() + 1)) - f64::from(wh);
	Ok(Some(Shown {
		count: wh.trunc() as u128 * UNITS_PER_WH,
		step: gap.ceil() as u128 * UNITS_PER_WH,
		modulus: None,
	}))
}

/// Text of a device: up to its first zero, without white space around.
fn text(registers: &[u16]) -> String {
	let bytes: Vec<u8> = registers.iter().flat_map(|register| register.to_be_bytes()).collect();
	let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
	String::from_utf8_lossy(&bytes[..end]).trim().into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn with(layout: &Layout, values: &[(u16, u16)]) -> Vec<u16> {
		let mut registers = vec![0; layout.span().into()];
		for (offset, value) in values {
			registers[usize::from(*offset)] = *value;
		}
		registers
	}

	fn wh(shown: Option<Shown>) -> Option<u64> {
		shown.map(|shown| u64::try_from(shown.count / UNITS_PER_WH).unwrap())
	}

	#[test]
	fn energy_should_be_scaled_when_there_is_a_scale_factor() {
		let meter = Layout::of(203).unwrap();
		for (scale, expected) in [
			(0, 65_541),
			(2, 6_554_100),
			((-2i16).cast_unsigned(), 655),
			(10, 655_410_000_000_000),
		] {
			let registers = with(meter, &[(38, 1), (39, 5), (46, 0), (47, 7), (54, scale)]);
			let [export, _] = points(meter, &registers).unwrap();
			assert_eq!(wh(export), Some(expected), "{scale}");
		}
		let [_, import] = points(meter, &with(meter, &[(47, 7)])).unwrap();
		assert_eq!(wh(import), Some(7));
	}

	#[test]
	fn energy_should_be_missing_when_it_is_not_implemented() {
		let meter = Layout::of(203).unwrap();
		let read = points(meter, &with(meter, &[(38, 0xffff), (39, 0xffff), (47, 7)])).unwrap();
		assert_eq!(read.map(wh), [None, Some(7)]);
		// No scale factor, and nothing to scale
		let read = points(meter, &with(meter, &[(54, 0x8000)])).unwrap();
		assert_eq!(read, [None, None]);
		for scale in [0x8000, 11, 0x7fff, (-11i16).cast_unsigned()] {
			assert!(points(meter, &with(meter, &[(39, 1), (54, scale)])).is_err(), "{scale}");
		}
		let der = Layout::of(701).unwrap();
		let read = points(
			der,
			&with(der, &[(19, 0xffff), (20, 0xffff), (21, 0xffff), (22, 0xffff), (26, 9)]),
		)
		.unwrap();
		assert_eq!(read.map(wh), [None, Some(9)]);
		let inverter = Layout::of(113).unwrap();
		assert_eq!(points(inverter, &with(inverter, &[(32, 0x7fc0)])), Ok([None, None]));
	}

	#[test]
	fn float_should_be_refused_when_it_is_no_count() {
		let shown = |wh: f32| float(wh).map(self::wh);
		assert_eq!(shown(1_234.9), Ok(Some(1_234)));
		assert_eq!(shown(16_777_216.0), Ok(Some(16_777_216)));
		assert_eq!(shown(f32::NAN), Ok(None));
		for wh in [-1.0, f32::INFINITY, f32::NEG_INFINITY, 1e20] {
			assert!(float(wh).is_err(), "{wh}");
		}
		assert_eq!(float(16_777_216.0).unwrap().unwrap().step, 2 * UNITS_PER_WH);
		assert_eq!(float(0.0).unwrap().unwrap().step, UNITS_PER_WH);
	}

	#[test]
	fn model_should_be_the_meters_when_there_is_an_inverters_too() {
		let found = |model, length| Found { model, at: 0, length };
		let models = [found(1, 66), found(103, 50), found(203, 105)];
		let chosen = |wanted| choose(&models, wanted).map(|(found, _)| found.model);
		assert_eq!(chosen(None), Ok(203));
		assert_eq!(chosen(Some(103)), Ok(103));
		let error = chosen(Some(201)).unwrap_err();
		assert!(
			error.contains("no whole model 201 that counts energy; the device has [1, 103, 203]"),
			"{error}"
		);
		// Too short to hold what it should
		assert!(choose(&[found(203, 20)], None).is_err());
		assert!(choose(&[], None).is_err());
	}

	#[test]
	fn text_should_end_at_its_first_zero() {
		assert_eq!(text(&[0x4162, 0x2000, 0x4444]), "Ab");
		assert_eq!(text(&[0x4142, 0x4344]), "ABCD");
		assert_eq!(text(&[0, 0]), "");
		assert_eq!(text(&[0xff41]), "\u{fffd}A");
	}

	proptest! {
		#[test]
		fn points_should_never_panic_when_registers_are_random(registers in prop::collection::vec(any::<u16>(), 0..130)) {
			for layout in &super::super::layout::LAYOUTS {
				let _ = points(layout, &registers);
			}
		}
	}
}
