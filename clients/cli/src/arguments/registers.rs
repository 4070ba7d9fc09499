//! What meters count, as people write it.

use anyhow::{ensure, Context as _};
use baseload_client::units::{self, format_register, parse_register};
use baseload_primitives::{Register, Registers, WattHours};

/// Reads what a register shows: `export=12.345kWh`, or in whole units of a service `input-tokens=5000`.
pub fn count(text: &str) -> Result<(Register, u64), String> {
	let (of, count) = text
		.split_once('=')
		.ok_or_else(|| format!("\"{text}\" is not a register's count like export=12.345kWh"))?;
	let register = parse_register(of).map_err(|error| error.to_string())?;
	if register.is_service() {
		let units = count.trim().parse();
		return Ok((
			register,
			units.map_err(|_| format!("\"{count}\" is not a number of {of}"))?,
		));
	}
	let energy = units::parse_energy(count).map_err(|error| error.to_string())?;
	Ok((register, energy.0))
}

/// Writes what a register shows.
pub fn format_count(register: Register, count: u64) -> String {
	match register.is_service() {
		true => count.to_string(),
		false => units::format_energy(WattHours(count)),
	}
}

/// Puts what registers show into the order in which the meter declared them. Each must be there once.
pub fn in_order(declared: &[Register], counts: &[(Register, u64)]) -> anyhow::Result<Registers> {
	let mut ordered = Registers::default();
	for register in declared {
		let mut found = counts.iter().filter(|(of, _)| of == register);
		let (_, count) = found
			.next()
			.with_context(|| format!("the count of register {} is missing", format_register(*register)))?;
		ensure!(
			found.next().is_none(),
			"register {} is given twice",
			format_register(*register)
		);
		ordered
			.try_push(*count)
			.ok()
			.context("a meter has at most 8 registers")?;
	}
	for (register, _) in counts {
		ensure!(
			declared.contains(register),
			"the meter has no register {}",
			format_register(*register)
		);
	}
	Ok(ordered)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::ServiceUnit;

	#[test]
	fn count_should_be_read_when_register_and_amount_are_there() {
		assert_eq!(count("export=12.345kWh"), Ok((Register::Export, 12_345)));
		assert_eq!(count("1.8.2=3 Wh"), Ok((Register::ImportBand(2), 3)));
		let tokens = Register::Service(ServiceUnit::InputToken);
		assert_eq!(count("input-tokens=5000"), Ok((tokens, 5_000)));
		assert_eq!(format_count(tokens, 5_000), "5000");
		assert_eq!(format_count(Register::Export, 12_345), "12.345 kWh");
		for (text, said) in [
			("export", "like export=12.345kWh"),
			("export=12", "not an energy"),
			("sun=1 kWh", "not a register"),
			("=1 kWh", "not a register"),
			("gpu-seconds=1.5", "not a number of gpu-seconds"),
			("gpu-seconds=-1", "not a number of gpu-seconds"),
		] {
			let error = count(text).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn counts_should_be_ordered_as_the_meter_declares_them() {
		let declared = [Register::Import, Register::Export];
		let (export, import) = ((Register::Export, 1), (Register::Import, 2));
		assert_eq!(in_order(&declared, &[export, import]).unwrap().to_vec(), [2, 1]);
		for (counts, said) in [
			(&[export][..], "register 1.8.0 is missing"),
			(&[export, import, export], "register 2.8.0 is given twice"),
			(&[export, import, (Register::ExportBand(1), 0)], "no register 2.8.1"),
		] {
			let error = in_order(&declared, counts).unwrap_err().to_string();
			assert!(error.contains(said), "{error}");
		}
	}
}
