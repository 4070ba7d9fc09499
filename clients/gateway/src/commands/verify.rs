//! `verify`: checks a file of power samples.

use std::path::PathBuf;

use anyhow::Result;
use baseload_client::units;
use baseload_gateway::{backlog, source::csv};
use baseload_primitives::WattHours;
use serde_json::json;

use super::Outcome;

/// Which file.
#[derive(clap::Args)]
pub struct Args {
	/// Power samples: columns time_utc,power_w
	#[arg(long, value_name = "FILE")]
	csv: PathBuf,
}

/// Reads the file and adds its samples up.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let series = csv::read(&args.csv)?;
	let totals = backlog::totals(&series)?;
	let [from, to] = [series.start(), series.end()].map(units::format_time);
	let [export, import] = [totals.export_wh(), totals.import_wh()].map(|wh| units::format_energy(WattHours(wh)));
	let count = series.samples().len();
	let step = units::format_duration(series.step());
	Ok(Outcome::new(
		format!(
			"{count} samples, one every {step}, {from} to {to}\nexport register +{export}\nimport register +{import}"
		),
		json!({
			"samples": count,
			"step_ms": series.step(),
			"from_ms": series.start(),
			"to_ms": series.end(),
			"export_wh": totals.export_wh(),
			"import_wh": totals.import_wh(),
		}),
	))
}
