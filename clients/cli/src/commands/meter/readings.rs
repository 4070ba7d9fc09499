//! Readings from files to the chain.

use std::{
	fs,
	path::{Path, PathBuf},
};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	calls,
	files::{parse_evidence, parse_row, Row},
};
use baseload_primitives::{Evidence, Flags, MeterId, Moment, Refusal};
use clap::Args;

use crate::{
	context::Context,
	output::{Cell, Report},
};

/// What stands in a file of rows.
const ROWS: &str =
	"Each line of the file is one reading, in the order in which they are to be judged; empty lines do not count:\n\
	{\"meter\":0,\"sequence\":7,\"measured_at\":1769860800000,\"clock\":\"synchronised\",\"quality\":\"measured\",\
	\"registers\":[12345,20],\"signature\":\"ed25519:0x…\"}\n\
	Times are Unix milliseconds, registers Wh in the order the meter declared them; the clock may be unsynchronised, the \
	quality estimated.";

/// Carries one OCMF record.
#[derive(Args)]
pub struct SubmitOcmf {
	/// The meter.
	meter: MeterId,
	/// The file with the record, as the meter made it.
	file: PathBuf,
}

impl SubmitOcmf {
	/// `baseload meter submit-ocmf`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let path = self.file.display();
		let bytes = fs::read(&self.file).with_context(|| path.to_string())?;
		let (_, Evidence::Ocmf(record)) = parse_evidence(&bytes).with_context(|| path.to_string())? else {
			bail!("{path} holds a row, not an OCMF record: use baseload meter relay");
		};
		let chain = context.chain().await?;
		let sent = context
			.send_feeless(&chain, calls::submit_ocmf(self.meter, &record))
			.await?;
		type Accepted = (MeterId, u64, Moment, Flags);
		let accepted: Option<Accepted> = sent.receipt.event("MeterAttestation", "ReadingAccepted");
		Ok(sent
			.with("meter", "meter", Cell::number(self.meter.0))
			.with(
				"sequence",
				"sequence",
				Cell::option(accepted, |(_, sequence, ..)| Cell::number(sequence)),
			)
			.with(
				"measured at",
				"measured_at",
				Cell::option(accepted, |(_, _, measured_at, _)| Cell::time(measured_at)),
			)
			.with(
				"flags",
				"flags",
				Cell::option(accepted, |(.., flags)| Cell::flags(flags)),
			)
			.report())
	}
}

/// Carries a meter's own readings.
#[derive(Args)]
#[command(after_help = ROWS)]
pub struct Submit {
	/// The file with the readings, all of one meter.
	file: PathBuf,
}

impl Submit {
	/// `baseload meter submit`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let path = self.file.display();
		let rows = read_rows(&self.file)?;
		let meter = rows[0].1 .0;
		if let Some((line, (other, _))) = rows.iter().find(|(_, (other, _))| *other != meter) {
			bail!("{path}: line {line} is of meter {other}, those before of meter {meter}: use baseload meter relay");
		}
		let chain = context.chain().await?;
		let most: u32 = chain.best().await?.constant("MeterAttestation", "MaxBacklog")?;
		let mut outcomes = Vec::new();
		for batch in rows.chunks(most.max(1) as usize) {
			let signed: Vec<_> = batch.iter().map(|(_, (_, signed))| signed.clone()).collect();
			let call = match signed.as_slice() {
				[one] => calls::submit_reading(meter, one),
				several => calls::submit_backlog(meter, several),
			};
			// A backlog is refused as a whole
			let sent = context
				.send_feeless(&chain, call)
				.await
				.with_context(|| format!("{path}: from line {} on", batch[0].0))?;
			outcomes.extend(judged(batch, &[], sent.receipt.block_number));
		}
		Ok(table(outcomes))
	}
}

/// Carries rows.
#[derive(Args)]
#[command(after_help = ROWS)]
pub struct Relay {
	/// The file with the rows.
	file: PathBuf,
}

impl Relay {
	/// `baseload meter relay`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let rows = read_rows(&self.file)?;
		let chain = context.chain().await?;
		let most: u32 = chain.best().await?.constant("MeterAttestation", "MaxRelay")?;
		let mut outcomes = Vec::new();
		for batch in rows.chunks(most.max(1) as usize) {
			let plain: Vec<Row> = batch.iter().map(|(_, row)| row.clone()).collect();
			let sent = context.send(&chain, calls::relay(&plain)).await?;
			let refused: Option<Vec<(u32, Refusal)>> = sent.receipt.event("MeterAttestation", "RowsRefused");
			outcomes.extend(judged(batch, &refused.unwrap_or_default(), sent.receipt.block_number));
		}
		Ok(table(outcomes))
	}
}

/// The rows of a file that has some, each with the number of its line.
fn read_rows(file: &Path) -> Result<Vec<(usize, Row)>> {
	let path = file.display();
	let text = fs::read_to_string(file).with_context(|| path.to_string())?;
	let rows = rows(&text).with_context(|| path.to_string())?;
	ensure!(!rows.is_empty(), "{path} holds no row");
	Ok(rows)
}

/// The rows of a text, each with the number of its line.
fn rows(text: &str) -> Result<Vec<(usize, Row)>> {
	let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
	lines
		.filter(|(_, line)| !line.is_empty())
		.map(|(number, line)| {
			let row = parse_row(line).with_context(|| format!("line {number}"))?;
			Ok((number, row))
		})
		.collect()
}

/// What became of each row of a batch.
fn judged(batch: &[(usize, Row)], refused: &[(u32, Refusal)], block: u64) -> Vec<Vec<Cell>> {
	let outcome = |place: usize| {
		let refusal = refused.iter().find(|(row, _)| *row as usize == place);
		refusal.map_or("accepted", |(_, refusal)| refusal.explain())
	};
	batch
		.iter()
		.enumerate()
		.map(|(place, (line, (meter, signed)))| {
			vec![
				Cell::number(*line as u64),
				Cell::number(meter.0),
				Cell::number(signed.reading.sequence),
				Cell::number(block),
				Cell::text(outcome(place)),
			]
		})
		.collect()
}

fn table(rows: Vec<Vec<Cell>>) -> Report {
	Report::Table {
		name: "rows",
		columns: vec![
			("line", "line"),
			("meter", "meter"),
			("sequence", "sequence"),
			("block", "block_number"),
			("outcome", "outcome"),
		],
		rows,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn row(meter: u32, sequence: u64) -> String {
		format!(
			r#"{{"meter":{meter},"sequence":{sequence},"measured_at":0,"clock":"synchronised","quality":"measured","registers":[1],"signature":"ed25519:0x{}"}}"#,
			"07".repeat(64)
		)
	}

	#[test]
	fn rows_should_keep_the_numbers_of_their_lines() {
		let read = rows(&format!("\n{}\r\n\n{}\n", row(1, 5), row(2, 6))).unwrap();
		let seen: Vec<_> = read
			.iter()
			.map(|(line, (meter, signed))| (*line, meter.0, signed.reading.sequence))
			.collect();
		assert_eq!(seen, [(2, 1, 5), (4, 2, 6)]);
		let error = rows(&format!("{}\nnonsense", row(1, 5))).unwrap_err();
		assert!(
			format!("{error:#}").starts_with("line 2: \"nonsense\" is no row"),
			"{error:#}"
		);
	}

	#[test]
	fn outcome_should_tell_which_rows_were_refused_and_why() {
		let batch = rows(&[row(1, 5), row(1, 6)].join("\n")).unwrap();
		let judged = judged(&batch, &[(1, Refusal::FallingRegister)], 9);
		let mut out = Vec::new();
		table(judged).print(false, &mut out).unwrap();
		let printed = String::from_utf8(out).unwrap();
		assert_eq!(
			printed,
			"line  meter  sequence  block  outcome\n\
			 1     1      5         9      accepted\n\
			 2     1      6         9      a register fell; cumulative registers only grow\n"
		);
	}
}
