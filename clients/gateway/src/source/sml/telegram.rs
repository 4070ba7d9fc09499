//! Telegrams in a stream of bytes, and the energy registers in them.

use baseload_primitives::Register;
use sml_rs::{
	parser::{
		common::Value,
		streaming::{MessageBody, ParseEvent, Parser},
	},
	transport::Decoder,
};

/// The longest telegram that is read, in bytes. The longest of the known meters has about 1,000.
pub const MAX_BYTES: usize = 16 * 1024;

/// The most entries of a telegram.
const MAX_ENTRIES: usize = 256;

/// The longest server id: the standard's have 10 bytes.
const MAX_SERVER_ID: usize = 32;

/// The code of Wh among the units of DLMS (IEC 62056-6-2).
const WATT_HOUR: u8 = 30;

/// What a meter says at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telegram {
	/// Which meter it is.
	pub server_id: Vec<u8>,
	/// Its numbers.
	pub entries: Vec<Entry>,
}

/// A number of a telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
	/// The OBIS code A-B:C.D.E*F.
	pub obis: [u8; 6],
	/// The code of its unit, if stated.
	pub unit: Option<u8>,
	/// The power of ten that belongs to the value.
	pub scaler: i8,
	/// The number.
	pub value: i128,
}

impl Telegram {
	/// Reads the messages of a telegram. The error is half a sentence.
	pub fn parse(bytes: &[u8]) -> Result<Self, String> {
		let mut telegram = Self::default();
		// The other parser of this crate makes room for as many entries as the telegram claims to have
		for event in Parser::new(bytes) {
			match event.map_err(|error| format!("not the SML that is expected: {error:?}"))? {
				ParseEvent::MessageStart(message) => {
					if let MessageBody::GetListResponse(list) = message.message_body {
						telegram.set_server_id(list.server_id)?;
					}
				}
				ParseEvent::ListEntry(entry) => {
					let obis = <[u8; 6]>::try_from(entry.obj_name);
					if let (Ok(obis), Some(value)) = (obis, number(&entry.value)) {
						telegram.entries.push(Entry {
							obis,
							unit: entry.unit,
							scaler: entry.scaler.unwrap_or(0),
							value,
						});
					}
					if telegram.entries.len() > MAX_ENTRIES {
						return Err(format!("more than {MAX_ENTRIES} values in one telegram"));
					}
				}
				ParseEvent::GetListResponseEnd(_) => {}
			}
		}
		Ok(telegram)
	}

	fn set_server_id(&mut self, id: &[u8]) -> Result<(), String> {
		if id.len() > MAX_SERVER_ID {
			return Err(format!("a server id of {} bytes", id.len()));
		}
		if !self.server_id.is_empty() && self.server_id != id {
			return Err("lists of two meters in one telegram".into());
		}
		self.server_id = id.to_vec();
		Ok(())
	}

	/// The registers of active energy, each once, in whole Wh rounded down. The error is half a sentence.
	pub fn registers(&self) -> Result<Vec<(Register, u64)>, String> {
		let mut registers: Vec<(Register, u64)> = Vec::new();
		for entry in &self.entries {
			let Some(register) = entry.register() else { continue };
			let wh = entry.wh()?;
			match registers.iter().find(|(known, _)| *known == register) {
				None => registers.push((register, wh)),
				Some((_, known)) if *known == wh => {}
				Some(_) => return Err(format!("{} is there twice, with two values", entry.code())),
			}
		}
		if registers.is_empty() {
			return Err("no register of active energy (1-0:1.8.0, 1-0:2.8.0 or a tariff's)".into());
		}
		Ok(registers)
	}
}

impl Entry {
	/// What it counts, if it is active energy since measurement began.
	pub fn register(&self) -> Option<Register> {
		let [1, 0, quantity, 8, tariff, 255] = self.obis else {
			return None;
		};
		let register = match (quantity, tariff) {
			(1, 0) => Register::Import,
			(2, 0) => Register::Export,
			(1, band) => Register::ImportBand(band),
			(2, band) => Register::ExportBand(band),
			_ => return None,
		};
		(register.is_valid() && self.unit == Some(WATT_HOUR)).then_some(register)
	}

	/// Whole Wh, rounded down.
	fn wh(&self) -> Result<u64, String> {
		let value = u128::try_from(self.value).map_err(|_| format!("{} is {}, below zero", self.code(), self.value))?;
		let factor = 10u128.checked_pow(self.scaler.unsigned_abs().into());
		let wh = match (factor, self.scaler) {
			_ if value == 0 => Some(0),
			(Some(factor), 0..) => value.checked_mul(factor),
			(Some(factor), _) => Some(value / factor),
			// 10^39 and more
			(None, scaler) => (scaler < 0).then_some(0),
		};
		wh.and_then(|wh| u64::try_from(wh).ok()).ok_or_else(|| {
			let (value, scaler) = (self.value, self.scaler);
			format!(
				"{} is {value} times 10^{scaler} Wh, which no register counts",
				self.code()
			)
		})
	}

	/// The OBIS code as people write it.
	pub fn code(&self) -> String {
		let [a, b, c, d, e, f] = self.obis;
		format!("{a}-{b}:{c}.{d}.{e}*{f}")
	}
}

fn number(value: &Value) -> Option<i128> {
	Some(match value {
		Value::I8(value) => (*value).into(),
		Value::I16(value) => (*value).into(),
		Value::I32(value) => (*value).into(),
		Value::I64(value) => (*value).into(),
		Value::U8(value) => (*value).into(),
		Value::U16(value) => (*value).into(),
		Value::U32(value) => (*value).into(),
		Value::U64(value) => (*value).into(),
		Value::Bool(_) | Value::Bytes(_) | Value::List(_) => return None,
	})
}

/// Takes telegrams out of a stream of bytes, which may begin and break anywhere.
#[derive(Default)]
pub struct Telegrams {
	decoder: Decoder<Vec<u8>>,
	/// Bytes since the decoder stood at its beginning.
	fed: usize,
}

impl Telegrams {
	/// Adds a byte. Gives a telegram when this was its last, or why what was there is none.
	pub fn push(&mut self, byte: u8) -> Option<Result<Telegram, String>> {
		self.fed += 1;
		if self.fed > MAX_BYTES {
			*self = Self::default();
			return Some(Err(format!("{MAX_BYTES} bytes without a whole telegram")));
		}
		match self.decoder.push_byte(byte) {
			Ok(None) => None,
			Ok(Some(bytes)) => {
				self.fed = 0;
				Some(Telegram::parse(bytes))
			}
			Err(error) => {
				// The decoder begins anew, with the telegram that began in the middle of this one if there is one
				self.fed = 0;
				Some(Err(format!("no whole telegram: {error:?}")))
			}
		}
	}

	/// The last good telegram with energy among these bytes; else why the last bad one is bad.
	pub fn last(bytes: &[u8]) -> Result<Telegram, String> {
		let mut telegrams = Self::default();
		let mut last = Err("no telegram".into());
		for telegram in bytes.iter().filter_map(|byte| telegrams.push(*byte)) {
			let telegram = telegram.and_then(|telegram| telegram.registers().map(|_| telegram));
			if telegram.is_ok() || last.is_err() {
				last = telegram;
			}
		}
		last
	}
}
