//! Committees, and what their members report.

use anyhow::Result;
use baseload_client::{calls, units, AccountId};
use baseload_primitives::{ClockStatus, MeterId, Moment, Quality, Reading, Register};
use clap::Args;

use super::view;
use crate::{
	arguments::{
		registers::{count, in_order},
		Who,
	},
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Names a meter's committee.
#[derive(Args)]
pub struct Committee {
	/// The meter.
	meter: MeterId,
	/// An attestor. Repeat for each of up to 16.
	#[arg(
		long = "member",
		value_name = "ACCOUNT",
		num_args = 1..,
		value_delimiter = ',',
		requires = "quorum",
		required_unless_present = "none"
	)]
	members: Vec<Who>,
	/// How many of them must say the same: more than half.
	#[arg(long, value_name = "NUMBER", requires = "members")]
	quorum: Option<u32>,
	/// No committee from now on.
	#[arg(long, conflicts_with_all = ["members", "quorum"])]
	none: bool,
	#[command(flatten)]
	root: AsRoot,
}

impl Committee {
	/// `baseload meter committee`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let members: Vec<AccountId> = self
			.members
			.iter()
			.map(|who| context.account(&chain, who))
			.collect::<Result<_>>()?;
		let quorum = self.quorum.unwrap_or(0);
		let call = calls::set_committee(self.meter, &members, quorum);
		let sent = context.send(&chain, self.root.wrap(call)).await?;
		let names = members.iter().map(AccountId::to_string).collect();
		Ok(sent
			.with("meter", "meter", Cell::number(self.meter.0))
			.with("committee", "members", Cell::list(names))
			.with("quorum", "quorum", Cell::number(quorum))
			.report())
	}
}

/// Reports a reading of a meter that does not sign.
#[derive(Args)]
pub struct ReportReading {
	/// The meter.
	meter: MeterId,
	/// Its sequence. All members must report the same.
	#[arg(long, value_name = "NUMBER")]
	sequence: u64,
	/// When it was measured, such as 2026-01-31T12:00:00Z.
	#[arg(long, value_name = "TIME", value_parser = units::parse_time)]
	measured_at: Moment,
	/// What a register showed, such as export=12.345kWh or gpu-seconds=60. Repeat for each register.
	#[arg(long = "count", value_name = "REGISTER=COUNT", value_parser = count, value_delimiter = ',', required = true)]
	counts: Vec<(Register, u64)>,
	/// The time is a guess.
	#[arg(long)]
	unsynchronised: bool,
	/// The counts are estimated.
	#[arg(long)]
	estimated: bool,
}

impl ReportReading {
	/// `baseload meter report`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let view = view(&chain.best().await?, self.meter).await?;
		let reading = self.reading(&view.registers)?;
		let sent = context
			.send(&chain, calls::report_reading(self.meter, &reading))
			.await?;
		let agreed: Option<(MeterId, u64)> = sent.receipt.event("MeterAttestation", "QuorumReached");
		Ok(sent
			.with("meter", "meter", Cell::number(self.meter.0))
			.with("sequence", "sequence", Cell::number(reading.sequence))
			.with("counts", "registers", Cell::counts(&view.registers, &reading.registers))
			.with("quorum reached", "quorum_reached", Cell::flag(agreed.is_some()))
			.report())
	}

	fn reading(&self, declared: &[Register]) -> Result<Reading> {
		Ok(Reading {
			sequence: self.sequence,
			measured_at: self.measured_at,
			clock: match self.unsynchronised {
				true => ClockStatus::Unsynchronised,
				false => ClockStatus::Synchronised,
			},
			quality: match self.estimated {
				true => Quality::Estimated,
				false => Quality::Measured,
			},
			registers: in_order(declared, &self.counts)?,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Parser)]
	struct Reported {
		#[command(flatten)]
		reading: ReportReading,
	}

	#[derive(Parser)]
	struct Named {
		#[command(flatten)]
		committee: Committee,
	}

	#[test]
	fn report_should_be_a_reading_in_the_meter_s_order() {
		let line = "test 0 --sequence 7 --measured-at 2026-01-31T12:00:00Z --count export=1kWh,import=2Wh --estimated";
		let reported = Reported::try_parse_from(line.split(' ')).unwrap().reading;
		let reading = reported.reading(&[Register::Import, Register::Export]).unwrap();
		assert_eq!((reading.sequence, reading.measured_at), (7, 1_769_860_800_000));
		assert_eq!(
			(reading.clock, reading.quality),
			(ClockStatus::Synchronised, Quality::Estimated)
		);
		assert_eq!(reading.registers.to_vec(), [2, 1_000]);
		assert!(reported.reading(&[Register::Export]).is_err());
	}

	#[test]
	fn committee_should_have_members_and_a_quorum_or_be_none() {
		let parse = |line: &str| Named::try_parse_from(line.split(' ')).map(|named| named.committee);
		let committee = parse("test 0 --member Alice Bob --member Charlie --quorum 2").unwrap();
		assert_eq!((committee.members.len(), committee.quorum), (3, Some(2)));
		let none = parse("test 0 --none").unwrap();
		assert_eq!((none.members.len(), none.quorum), (0, None));
		for wrong in [
			"test 0",
			"test 0 --quorum 1",
			"test 0 --member Alice",
			"test 0 --none --member Alice --quorum 1",
		] {
			assert!(parse(wrong).is_err(), "{wrong}");
		}
	}
}
