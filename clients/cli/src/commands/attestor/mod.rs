//! Attestors: bonds, disputes and votes.

mod fraud;

use std::{fs, path::PathBuf};

use anyhow::{bail, Context as _, Result};
use baseload_client::{calls, units, AccountId, H256};
use baseload_primitives::{
	views::{AttestorView, EarningsView},
	Balance, MeterId, Verdict,
};
use clap::{Args, Subcommand};

use crate::{
	arguments::{hash, VerdictName, Who},
	context::{AsRoot, Context, Sent},
	output::{Cell, Report},
};

const PALLET: &str = "MeterAttestation";

/// Attestors: who stands up for readings and against them.
#[derive(Subcommand)]
pub enum Attestor {
	/// Bond BLD on top of what is bonded: you become an attestor.
	Bond {
		/// How much, such as "1000 BLD".
		#[arg(value_parser = units::parse_bld)]
		amount: Balance,
	},
	/// Start leaving: the bond is free after the notice.
	Unbond,
	/// Take the bond back after the notice.
	Withdraw,
	/// Take the pay that you have earned.
	Claim,
	/// Show an attestor's standing and earnings.
	Show {
		/// Who; without it, the account of the key that would sign.
		account: Option<Who>,
	},
	/// Dispute a reading that waits for its challenge window to end. Puts a part of your bond at stake.
	Dispute(Dispute),
	/// Vote about a disputed or held reading, as a member of its committee.
	Vote {
		#[command(flatten)]
		reading: Waiting,
		/// What you say.
		#[arg(value_enum)]
		verdict: VerdictName,
	},
	/// End a dispute about which nobody decided in time, or whose reading is gone.
	CloseDispute(Waiting),
	/// Decide about a disputed or held reading in the committee's place. For the registrar.
	Decide {
		#[command(flatten)]
		reading: Waiting,
		/// The verdict.
		#[arg(value_enum)]
		verdict: VerdictName,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Write your word for a reading into a file, for those who act on it before the chain has it.
	Vouch(fraud::Vouch),
	/// Prove that a meter's device signed two different readings of one sequence.
	ReportEquivocation(fraud::ReportEquivocation),
	/// Prove that an attestor vouched for a reading whose device signature fails.
	ReportFalseVouch(fraud::ReportFalseVouch),
}

/// A reading that waits for a verdict.
#[derive(Args)]
pub struct Waiting {
	/// The meter.
	meter: MeterId,
	/// The sequence of its reading.
	sequence: u64,
}

/// Disputes a reading.
#[derive(Args)]
pub struct Dispute {
	#[command(flatten)]
	reading: Waiting,
	/// The file that the committee should read. Its Blake2b-256 hash goes on chain; publish the file yourself.
	#[arg(
		long,
		value_name = "FILE",
		conflicts_with = "evidence_hash",
		required_unless_present = "evidence_hash"
	)]
	evidence: Option<PathBuf>,
	/// The hash itself.
	#[arg(long, value_name = "HASH", value_parser = hash)]
	evidence_hash: Option<[u8; 32]>,
}

impl Attestor {
	/// `baseload attestor`
	pub async fn run(self, context: &Context) -> Result<Report> {
		match self {
			Self::Bond { amount } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::bond_attestor(amount)).await?;
				let bond: Option<(AccountId, Balance, Balance)> = sent.receipt.event(PALLET, "Bonded");
				Ok(sent
					.with("bond", "bond", Cell::option(bond, |(_, _, bond)| Cell::bld(bond)))
					.report())
			}
			Self::Unbond => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::unbond_attestor()).await?;
				let at = chain.at(sent.receipt.block_hash).await?;
				let left = at.attestor(&context.key()?.account()).await?;
				let free_in = left.and_then(|view| view.free_in);
				Ok(sent
					.with("bond free in", "free_in", Cell::option(free_in, Cell::duration))
					.report())
			}
			Self::Withdraw => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::withdraw_attestor_bond()).await?;
				let bond: Option<(AccountId, Balance)> = sent.receipt.event(PALLET, "Left");
				Ok(sent
					.with("withdrawn", "amount", Cell::option(bond, |(_, bond)| Cell::bld(bond)))
					.report())
			}
			Self::Show { account } => {
				let (chain, account) = context.account_or_own(account.as_ref()).await?;
				let at = chain.best().await?;
				let (view, pay) = tokio::try_join!(at.attestor(&account), at.attestor_pay(&account))?;
				if view.is_none() && pay == EarningsView::default() {
					bail!("{account} is no attestor and has earned nothing as one");
				}
				Ok(standing(&account, view.as_ref(), &pay))
			}
			Self::Claim => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::claim_attestor_pay()).await?;
				let claimed: Option<(AccountId, Balance)> = sent.receipt.event(PALLET, "PayClaimed");
				Ok(sent
					.with(
						"claimed",
						"amount",
						Cell::option(claimed, |(_, amount)| Cell::kwh(amount)),
					)
					.report())
			}
			Self::Dispute(command) => command.run(context).await,
			Self::Vote { reading, verdict } => {
				let verdict = Verdict::from(verdict);
				let chain = context.chain().await?;
				let call = calls::vote_on_reading(reading.meter, reading.sequence, verdict);
				let sent = context.send(&chain, call).await?;
				Ok(decided(reading.named(sent).with(
					"vote",
					"vote",
					Cell::verdict(verdict),
				)))
			}
			Self::CloseDispute(reading) => {
				let chain = context.chain().await?;
				let call = calls::close_dispute(reading.meter, reading.sequence);
				let sent = context.send(&chain, call).await?;
				let closed: Option<(MeterId, u64, Balance)> = sent.receipt.event(PALLET, "DisputeClosed");
				Ok(reading
					.named(sent)
					.with(
						"cost the attestor",
						"lapse_fee",
						Cell::option(closed, |(_, _, fee)| Cell::bld(fee)),
					)
					.report())
			}
			Self::Decide { reading, verdict, root } => {
				let chain = context.chain().await?;
				let call = calls::decide_reading(reading.meter, reading.sequence, verdict.into());
				Ok(decided(reading.named(context.send(&chain, root.wrap(call)).await?)))
			}
			Self::Vouch(command) => command.run(context).await,
			Self::ReportEquivocation(command) => command.run(context).await,
			Self::ReportFalseVouch(command) => command.run(context).await,
		}
	}
}

impl Waiting {
	/// Says which reading it was about.
	fn named(&self, sent: Sent) -> Sent {
		sent.with("meter", "meter", Cell::number(self.meter.0)).with(
			"sequence",
			"sequence",
			Cell::number(self.sequence),
		)
	}
}

impl Dispute {
	async fn run(self, context: &Context) -> Result<Report> {
		let evidence = match (&self.evidence, self.evidence_hash) {
			(Some(path), _) => {
				let bytes = fs::read(path).with_context(|| path.display().to_string())?;
				calls::evidence_hash(&bytes)
			}
			(None, hash) => H256(hash.context("give --evidence or --evidence-hash")?),
		};
		let chain = context.chain().await?;
		let reading = self.reading;
		let call = calls::dispute_reading(reading.meter, reading.sequence, evidence);
		let sent = context.send(&chain, call).await?;
		Ok(reading
			.named(sent)
			.with("evidence", "evidence", Cell::text(format!("{evidence:?}")))
			.report())
	}
}

/// Adds the verdict, if there is one now.
fn decided(sent: Sent) -> Report {
	let decided: Option<(MeterId, u64, Verdict, u32)> = sent.receipt.event(PALLET, "Decided");
	sent.with(
		"verdict",
		"verdict",
		Cell::option(decided, |(_, _, verdict, _)| Cell::verdict(verdict)),
	)
	.with(
		"readings dropped",
		"dropped",
		Cell::option(decided, |(.., dropped)| Cell::number(dropped)),
	)
	.report()
}

/// An attestor's standing, unless it has left, and its earnings.
fn standing(account: &AccountId, view: Option<&AttestorView>, pay: &EarningsView) -> Report {
	let mut report = Report::record().with("account", "account", Cell::account(account));
	if let Some(view) = view {
		report = report
			.with("bond", "bond", Cell::bld(view.bond))
			.with("at stake", "staked", Cell::bld(view.staked))
			.with("bond free in", "free_in", Cell::option(view.free_in, Cell::duration))
			.with("committees", "seats", Cell::number(view.seats))
			.with("disputes won", "won", Cell::number(view.won))
			.with("disputes lost", "lost", Cell::number(view.lost))
			.with("votes", "votes", Cell::number(view.votes))
			.with("slashed", "slashed", Cell::bld(view.slashed));
	}
	report.with("pay to claim", "claimable", Cell::kwh(pay.claimable)).with(
		"pay claimed",
		"claimed",
		Cell::kwh(pay.claimed),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{BLD, DAY, KWH};
	use serde_json::{json, Value};

	const PAY: EarningsView = EarningsView {
		claimable: 3 * KWH / 2,
		claimed: 4 * KWH,
	};

	fn printed(view: Option<&AttestorView>, json: bool) -> String {
		let mut out = Vec::new();
		let report = standing(&AccountId([1; 32]), view, &PAY);
		report.print(json, &mut out).unwrap();
		String::from_utf8(out).unwrap()
	}

	#[test]
	fn standing_should_be_shown_in_bld_days_and_kwh() {
		let view = AttestorView {
			bond: 1_000 * BLD,
			staked: 100 * BLD,
			free_in: Some(60 * DAY),
			seats: 2,
			won: 3,
			lost: 1,
			votes: 7,
			slashed: 0,
		};
		assert!(printed(Some(&view), false).ends_with(
			"bond           1000 BLD\n\
			 at stake       100 BLD\n\
			 bond free in   60d\n\
			 committees     2\n\
			 disputes won   3\n\
			 disputes lost  1\n\
			 votes          7\n\
			 slashed        0 BLD\n\
			 pay to claim   1.5 KWH\n\
			 pay claimed    4 KWH\n"
		));
		let seen: Value = serde_json::from_str(&printed(Some(&view), true)).unwrap();
		assert_eq!(seen["staked"], json!((100 * BLD).to_string()));
		assert_eq!((&seen["free_in"], &seen["votes"]), (&json!(60 * DAY), &json!(7)));
		assert_eq!(seen["account"], json!(AccountId([1; 32]).to_string()));
		assert_eq!(seen["claimable"], json!((3 * KWH / 2).to_string()));
	}

	#[test]
	fn standing_should_show_earnings_only_when_the_attestor_has_left() {
		let seen: Value = serde_json::from_str(&printed(None, true)).unwrap();
		assert_eq!(
			(&seen["claimed"], &seen["bond"]),
			(&json!((4 * KWH).to_string()), &Value::Null)
		);
	}
}
