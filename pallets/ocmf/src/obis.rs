//! What an OBIS code counts.
//!
//! The code `A-B:C.D.E*F` is read in the spellings that meters use: groups of one to three characters with or without
//! leading zeros, in either case, and F after `*` or `.` or absent. No group is converted to a number, for the same two
//! characters are hexadecimal in one meter's code and decimal in another's; only groups with one possible meaning are known.
//!
//! | group | known | source |
//! |---|---|---|
//! | A | 1: electricity | IEC 62056-6-1 |
//! | B | 0: no channel. `b`: the letter in the format's own examples, which meters copy | IEC 62056-6-1, OCMF figure 1 |
//! | C | 1, 2: active energy import, export. `B0`, `C0`: their totals at the meter. `B1`, `C1`: at the device. `B2`, `B3`, `C2`, `C3`: of one transaction | IEC 62056-6-1, OCMF 1.4 table 25 |
//! | C | 98: of one transaction, as one meter in the reference corpus writes it; in the standard a list, never a total | corpus |
//! | D | 8: since measurement began. 9: since the billing period began | IEC 62056-6-1 |
//! | E | 0: all tariffs. 1 to 9: a tariff band (higher numbers differ between decimal and hexadecimal) | IEC 62056-6-1 |
//! | F | absent, 255 or `FF`: the present value. 198: of one transaction, on BAUER meters | IEC 62056-6-1, corpus |
//!
//! The letter `e` in `1-b:1.8.e` is left unknown: it stands for *some* tariff band, and a band is not the total.

/// What a register counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
	/// Active energy import since measurement began, all tariffs: cumulative.
	Import,
	/// Active energy import in tariff band `t`, 1 to 9: cumulative.
	ImportBand(u8),
	/// Active energy export since measurement began, all tariffs: cumulative.
	Export,
	/// Active energy export in tariff band `t`, 1 to 9: cumulative.
	ExportBand(u8),
	/// Import as it arrives at the device, after the loss in the cable: cumulative, but another quantity than
	/// [`Self::Import`], of which it is a part.
	DeviceImport,
	/// Export as it leaves the device, before the loss in the cable: cumulative, but another quantity than
	/// [`Self::Export`].
	DeviceExport,
	/// Energy of one transaction or billing period. It starts again at zero: never a cumulative register.
	Session,
	/// Anything else: time, power, a stored past value, another channel, an unknown code.
	Other,
}

impl Register {
	/// What the register of this OBIS code counts.
	pub fn from_obis(code: &str) -> Self {
		known(code).unwrap_or(Self::Other)
	}
}

/// A group in capitals, padded with zeros to three characters.
type Group = [u8; 3];

fn known(code: &str) -> Option<Register> {
	let (medium, code) = code.split_once('-')?;
	let (channel, code) = code.split_once(':')?;
	let (code, after_star) = match code.split_once('*') {
		Some((code, storage)) => (code, Some(storage)),
		None => (code, None),
	};
	let mut groups = code.split('.');
	let (quantity, integral, tariff) = (groups.next()?, groups.next()?, groups.next()?);
	let after_dot = groups.next();
	if groups.next().is_some() || (after_dot.is_some() && after_star.is_some()) {
		return None;
	}
	match (&group(medium)?, &group(channel)?) {
		(b"001", b"000" | b"00B") => {}
		_ => return None,
	}
	let register = present(&group(quantity)?, &group(integral)?, group(tariff)?)?;
	match after_star.or(after_dot).map(group) {
		None | Some(Some([b'2', b'5', b'5'] | [b'0', b'F', b'F'])) => Some(register),
		Some(Some([b'1', b'9', b'8'])) => Some(Register::Session),
		Some(_) => None,
	}
}

/// What the groups C, D and E count, at present.
fn present(quantity: &Group, integral: &Group, tariff: Group) -> Option<Register> {
	let [b'0', b'0', digit @ b'0'..=b'9'] = tariff else {
		return None;
	};
	Some(match (quantity, integral, digit - b'0') {
		(b"001" | b"0B0", b"008", 0) => Register::Import,
		(b"002" | b"0C0", b"008", 0) => Register::Export,
		(b"0B1", b"008", 0) => Register::DeviceImport,
		(b"0C1", b"008", 0) => Register::DeviceExport,
		(b"0B2" | b"0B3" | b"0C2" | b"0C3" | b"098", b"008", 0) => Register::Session,
		(b"001", b"008", band) => Register::ImportBand(band),
		(b"002", b"008", band) => Register::ExportBand(band),
		(b"001" | b"002", b"009", _) => Register::Session,
		_ => return None,
	})
}

fn group(text: &str) -> Option<Group> {
	let mut group = *b"000";
	let empty = group.len().checked_sub(text.len())?;
	group[empty..].copy_from_slice(text.as_bytes());
	group.make_ascii_uppercase();
	(!text.is_empty()).then_some(group)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::string::String;
	use proptest::prelude::*;

	#[test]
	fn cumulative_registers_should_be_known_in_every_spelling() {
		for code in [
			"1-0:1.8.0",
			"1-b:1.8.0",
			"1-0:1.8.0*255",
			"1-0:1.8.0.FF",
			"01-00:01.08.00.FF",
			"01-00:B0.08.00*FF",
		] {
			assert_eq!(Register::from_obis(code), Register::Import, "{code}");
		}
		for code in [
			"1-0:2.8.0",
			"1-b:2.8.0",
			"1-0:2.8.0.FF",
			"01-00:02.08.00*ff",
			"01-00:c0.08.00*FF",
		] {
			assert_eq!(Register::from_obis(code), Register::Export, "{code}");
		}
		assert_eq!(Register::from_obis("1-0:1.8.1"), Register::ImportBand(1));
		assert_eq!(Register::from_obis("01-00:02.08.09*FF"), Register::ExportBand(9));
		assert_eq!(Register::from_obis("01-00:B1.08.00*FF"), Register::DeviceImport);
		assert_eq!(Register::from_obis("01-00:C1.08.00*FF"), Register::DeviceExport);
	}

	#[test]
	fn session_values_should_never_be_cumulative() {
		for code in [
			"01-00:B2.08.00*FF",
			"01-00:B3.08.00*FF",
			"01-00:C2.08.00*FF",
			"01-00:C3.08.00*FF",
			"1-0:98.8.0.FF",
			"1-b:1.9.0",
			"1-0:2.9.1",
			"1-0:1.8.0*198",
		] {
			assert_eq!(Register::from_obis(code), Register::Session, "{code}");
		}
	}

	#[test]
	fn other_codes_should_be_other() {
		for code in [
			"",
			"1.8.0",
			"1-0:1.8",
			"1-0:1.8.0.FF*FF",
			"1-0:1.8.0.FF.1",
			"1-0:1.8.0*",
			"1-0:1.8.",
			"1-:1.8.0",
			// Placeholder band, ambiguous band, other channel, other medium, past value.
			"1-b:1.8.e",
			"1-0:1.8.10",
			"1-1:1.8.0",
			"7-0:1.8.0",
			"1-0:1.8.0*1",
			"1-0:1.8.0*254",
			// Bands of transaction registers, reserved, both directions, reactive, power, time.
			"01-00:B2.08.01*FF",
			"01-00:B4.08.00*FF",
			"1-0:16.8.0",
			"1-0:3.8.0",
			"1-0:1.7.0",
			"01-00:00.08.06.FF",
			"1-0:1.8.0000",
			"1-0:\u{e9}.8.0",
		] {
			assert_eq!(Register::from_obis(code), Register::Other, "{code}");
		}
	}

	proptest! {
		#[test]
		fn from_obis_should_not_depend_on_case_or_leading_zeros(code in "[01]{1,2}-[0b]:[0-2B-C98]{1,2}[.]0?[89][.]0?[0-9]([.*](FF|255|198))?") {
			let other: String = code.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(|group| {
				let length = group.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len();
				["000".get(length..).unwrap_or(""), &group.to_ascii_lowercase()].concat()
			}).collect();
			prop_assert_eq!(Register::from_obis(&code), Register::from_obis(&other));
		}
	}
}
