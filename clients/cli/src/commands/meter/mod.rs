//! Meters: registered, judged, read and watched.

mod device;
mod history;
mod judge;
mod policy;
mod readings;
mod register;
mod remove;
mod show;
mod watch;

use anyhow::{Context as _, Result};
use baseload_client::{calls, units, At, MeterView};
use baseload_primitives::{MeterId, Moment, Register};
use clap::Subcommand;

use crate::{
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Meters and their readings.
#[derive(Subcommand)]
pub enum Meter {
	/// Register a meter at a site of yours. Holds a deposit.
	Register(register::Register),
	/// Register a meter that cannot sign, to be read by a committee. Holds a deposit.
	RegisterCommittee(register::RegisterCommittee),
	/// Approve a device key for a site: of a meter that signs OCMF records, or of a new device. For the registrar.
	ApproveKey(register::ApproveKey),
	/// Give a meter of yours another key, with the consent of the old one.
	RotateKey(device::RotateKey),
	/// Let another device go on where a suspended meter's last one ended. For the registrar.
	ReplaceDevice(device::ReplaceDevice),
	/// Show how a meter's readings are judged, or change what is given. Changing is for the registrar.
	Policy(policy::PolicyCommand),
	/// Name the attestors that decide about a meter's readings. For the registrar.
	Committee(judge::Committee),
	/// Suspend a meter: no reading is accepted. For the registrar or the site's owner.
	Suspend {
		/// The meter.
		meter: MeterId,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Resume a suspended meter. For the registrar.
	Resume {
		/// The meter.
		meter: MeterId,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Remove a suspended meter of yours once its deposit is free. The deposit comes back; what the meter counted stays known.
	Remove(remove::Remove),
	/// Show the challenge window of new meters, or set it. Setting is for administrators.
	Window {
		/// How long readings of meters registered from now on wait before they are final, such as 1h.
		#[arg(value_parser = units::parse_duration)]
		window: Option<Moment>,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Carry signed readings of one meter to the chain, free of charge.
	Submit(readings::Submit),
	/// Carry an OCMF record to the chain, free of charge.
	SubmitOcmf(readings::SubmitOcmf),
	/// Carry signed readings of any meters to the chain, for a fee.
	Relay(readings::Relay),
	/// Report what a meter shows, as a member of its committee.
	Report(judge::ReportReading),
	/// Show one meter.
	Show {
		/// The meter.
		meter: MeterId,
	},
	/// List all meters.
	List(show::List),
	/// Watch a meter, block by block, until Ctrl-C.
	Watch(watch::Watch),
	/// List the readings of a meter that wait for a verdict.
	Disputes(history::Disputes),
	/// Show a meter's registers at the start of every month of a year.
	Months(history::Months),
	/// Show when a meter's registers reached the counts that were watched for, or watch for one.
	Thresholds(history::Thresholds),
}

impl Meter {
	/// `baseload meter`
	pub async fn run(self, context: &Context) -> Result<Report> {
		match self {
			Self::Register(command) => command.run(context).await,
			Self::RegisterCommittee(command) => command.run(context).await,
			Self::ApproveKey(command) => command.run(context).await,
			Self::RotateKey(command) => command.run(context).await,
			Self::ReplaceDevice(command) => command.run(context).await,
			Self::Policy(command) => command.run(context).await,
			Self::Remove(command) => command.run(context).await,
			Self::Committee(command) => command.run(context).await,
			Self::Submit(command) => command.run(context).await,
			Self::SubmitOcmf(command) => command.run(context).await,
			Self::Relay(command) => command.run(context).await,
			Self::Report(command) => command.run(context).await,
			Self::List(command) => command.run(context).await,
			Self::Watch(command) => command.run(context).await,
			Self::Disputes(command) => command.run(context).await,
			Self::Months(command) => command.run(context).await,
			Self::Thresholds(command) => command.run(context).await,
			Self::Show { meter } => {
				let at = context.chain().await?.best().await?;
				match at.removed_meter(meter).await? {
					Some(kept) => Ok(show::removed(meter, &kept)),
					None => Ok(show::record(meter, &view(&at, meter).await?)),
				}
			}
			Self::Suspend { meter, root } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, root.wrap(calls::suspend_meter(meter))).await?;
				let suspended = chain.at(sent.receipt.block_hash).await?.meter(meter).await?;
				let removable_in = suspended.and_then(|view| view.removable_in);
				Ok(sent
					.with("suspended meter", "meter", Cell::number(meter.0))
					.with(
						"can be removed in",
						"removable_in",
						Cell::option(removable_in, Cell::duration),
					)
					.report())
			}
			Self::Resume { meter, root } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, root.wrap(calls::resume_meter(meter))).await?;
				Ok(sent.with("resumed meter", "meter", Cell::number(meter.0)).report())
			}
			Self::Window { window: None, .. } => {
				let at = context.chain().await?.best().await?;
				let window = at.challenge_window().await?;
				Ok(Report::record().with("challenge window", "challenge_window", Cell::duration(window)))
			}
			Self::Window {
				window: Some(window),
				root,
			} => {
				let chain = context.chain().await?;
				let sent = context
					.send(&chain, root.wrap(calls::set_challenge_window(window)))
					.await?;
				Ok(sent
					.with("challenge window", "challenge_window", Cell::duration(window))
					.report())
			}
		}
	}
}

/// What the registers of a meter count, which must be there or have been removed.
async fn known_registers(at: &At, meter: MeterId) -> Result<Vec<Register>> {
	at.meter_registers(meter)
		.await?
		.with_context(|| format!("there is no meter {meter}"))
}

/// The meter, which must be there.
pub async fn view(at: &At, meter: MeterId) -> Result<MeterView> {
	at.meter(meter)
		.await?
		.with_context(|| format!("there is no meter {meter}"))
}
