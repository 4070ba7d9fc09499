//! What meters count.

use baseload_primitives::{Register, ServiceUnit};

use super::ParseError;

/// What people call the units of services.
const SERVICES: [(&str, ServiceUnit); 5] = [
	("api-calls", ServiceUnit::ApiCall),
	("input-tokens", ServiceUnit::InputToken),
	("output-tokens", ServiceUnit::OutputToken),
	("gb-hours", ServiceUnit::GigabyteHour),
	("gpu-seconds", ServiceUnit::GpuSecond),
];

/// Reads a register by its name or its OBIS code: `export` or 2.8.0, `import` or 1.8.0, a tariff band as 2.8.1 or 1.8.1,
/// or a service by the plural of its unit.
pub fn parse_register(text: &str) -> Result<Register, ParseError> {
	match text {
		"export" | "2.8.0" => return Ok(Register::Export),
		"import" | "1.8.0" => return Ok(Register::Import),
		_ => (),
	}
	let band = |band: &str| {
		band.parse::<u8>()
			.ok()
			.filter(|number| *number > 0 && number.to_string() == band)
	};
	if let Some(band) = text.strip_prefix("2.8.").and_then(band) {
		return Ok(Register::ExportBand(band));
	}
	if let Some(band) = text.strip_prefix("1.8.").and_then(band) {
		return Ok(Register::ImportBand(band));
	}
	if let Some((_, unit)) = SERVICES.iter().find(|(name, _)| *name == text) {
		return Ok(Register::Service(*unit));
	}
	let services = SERVICES.map(|(name, _)| name).join(", ");
	Err(ParseError::new(
		text,
		format_args!("is not a register: write export, import, an OBIS code like 2.8.1, or one of {services}"),
	))
}

/// Writes a register's OBIS code, or the plural of its service's unit.
pub fn format_register(register: Register) -> String {
	match register {
		Register::Export => "2.8.0".into(),
		Register::Import => "1.8.0".into(),
		Register::ExportBand(band) => format!("2.8.{band}"),
		Register::ImportBand(band) => format!("1.8.{band}"),
		Register::Service(unit) => {
			let mut services = SERVICES.iter();
			let name = services.find_map(|(name, of)| (*of == unit).then_some(*name));
			name.expect("every unit is in the list").into()
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn register_should_be_read_by_name_or_obis_code() {
		for known in [
			Register::Export,
			Register::Import,
			Register::ExportBand(2),
			Register::ImportBand(255),
			Register::Service(ServiceUnit::ApiCall),
			Register::Service(ServiceUnit::InputToken),
			Register::Service(ServiceUnit::OutputToken),
			Register::Service(ServiceUnit::GigabyteHour),
			Register::Service(ServiceUnit::GpuSecond),
		] {
			assert_eq!(parse_register(&format_register(known)), Ok(known));
		}
		assert_eq!(parse_register("export"), Ok(Register::Export));
		for text in ["", "2.8", "2.8.00", "2.8.01", "2.8.256", "3.8.0", "Export"] {
			assert!(parse_register(text).is_err(), "{text}");
		}
	}
}
