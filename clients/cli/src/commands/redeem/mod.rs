//! Redemption: KWH for collateral, at the next price.

mod quote;

use std::io::{self, IsTerminal, Write};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{calls, units, AccountId, Redemption};
use baseload_primitives::{Balance, EndReason, TokenId};
use clap::{Args, Subcommand};

use self::quote::{fee_in_millionths, quoted, rates, refuse_what_is_worse_already, PARTS_PER_MILLIONTH};
use crate::{
	context::Context,
	output::{Cell, Report},
	tokens::Tokens,
};

const VAULTS: &str = "PowerStablecoin";

/// Redeems KWH, or looks after a request.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Redeem {
	#[command(flatten)]
	order: Option<Order>,
	#[command(subcommand)]
	command: Option<RedeemCommand>,
}

/// What to redeem, and at what at least.
#[derive(Args)]
pub struct Order {
	/// How much, such as "250 KWH".
	#[arg(value_parser = units::parse_kwh)]
	amount: Balance,
	/// The highest fee, such as 0.7%.
	#[arg(long, value_parser = units::parse_share)]
	max_fee: Option<u32>,
	/// The least collateral for one KWH, fee taken off, such as "0.7 RSV"; once for each token that this matters for.
	#[arg(long, value_name = "AMOUNT")]
	min_out: Vec<String>,
	/// Only show what it would pay now.
	#[arg(long)]
	quote: bool,
	/// Do not ask before signing.
	#[arg(long, short)]
	yes: bool,
	/// Do not follow the request until it has been executed.
	#[arg(long)]
	no_follow: bool,
}

#[derive(Subcommand)]
enum RedeemCommand {
	/// List the requests that wait for the next price.
	List,
	/// Take back a request of yours that has not begun to be executed.
	Cancel {
		/// The request.
		request: u64,
	},
	/// Follow a request until it has been executed. Ends after a few blocks if there is no such request.
	Follow {
		/// The request.
		request: u64,
		/// The block to look from, to see what came of a request that is over; without it, the newest.
		#[arg(long)]
		from: Option<u64>,
	},
	/// Take collateral that could not be paid to your account when a redemption was executed.
	Claim {
		/// The token.
		#[arg(long, default_value = "RSV")]
		token: String,
	},
	/// Work off some of the queue. Anybody may; blocks do it by themselves when there is room.
	Work {
		/// The most steps, each of which is one vault.
		#[arg(default_value = "10")]
		steps: u32,
	},
}

impl Redeem {
	/// `baseload redeem`
	pub async fn run(self, context: &Context) -> Result<Report> {
		match (self.order, self.command) {
			(Some(order), None) => order.run(context).await,
			(_, Some(RedeemCommand::List)) => list(context).await,
			(_, Some(RedeemCommand::Cancel { request })) => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::cancel_redemption(request)).await?;
				Ok(sent
					.with("cancelled request", "request", Cell::number(request))
					.report())
			}
			(_, Some(RedeemCommand::Follow { request, from })) => {
				let chain = context.chain().await?;
				let from = match from {
					Some(from) => from,
					None => chain.best_number().await?,
				};
				let tokens = Tokens::at(&chain.best().await?).await?;
				follow(context, request, from, Report::record(), &tokens).await
			}
			(_, Some(RedeemCommand::Claim { token })) => {
				let chain = context.chain().await?;
				let tokens = Tokens::at(&chain.best().await?).await?;
				let token = tokens.find(&token)?;
				let sent = context.send(&chain, calls::claim_payout(token)).await?;
				let claimed: Option<(TokenId, AccountId, Balance)> = sent.receipt.event(VAULTS, "PayoutClaimed");
				let cell = Cell::option(claimed, |(_, _, amount)| Cell::token(amount, &tokens.info(token)));
				Ok(sent.with("claimed", "amount", cell).report())
			}
			(_, Some(RedeemCommand::Work { steps })) => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::work_queue(steps)).await?;
				Ok(sent.report())
			}
			(None, None) => bail!("say how much to redeem, such as: baseload redeem \"250 KWH\" --max-fee 0.7%"),
		}
	}
}

impl Order {
	async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let at = chain.best().await?;
		let tokens = Tokens::at(&at).await?;
		let floors = self.min_out.iter().map(|text| tokens.amount(text));
		let floors: Vec<(TokenId, Balance)> = floors.collect::<Result<_>>()?;
		let quote = quote::quote(&at, self.amount).await?;
		let unconfirmed = at.unconfirmed_prices().await?;
		let shown = quoted(Report::record(), self.amount, &quote, &tokens, &unconfirmed);
		if self.quote {
			return Ok(shown);
		}
		let max_fee = self
			.max_fee
			.context("say the highest fee that you accept, such as --max-fee 0.7%")?;
		let max_fee = u64::from(max_fee) * PARTS_PER_MILLIONTH;
		refuse_what_is_worse_already(&quote, max_fee, &floors, &tokens)?;
		if !context.json() {
			shown.print(false, &mut io::stderr().lock())?;
		}
		self.ask()?;

		let sent = context
			.send(&chain, calls::redeem(self.amount, max_fee, &floors))
			.await?;
		let request: u64 = sent
			.receipt
			.event(VAULTS, "RedemptionRequested")
			.context("the chain did not report the request")?;
		let block = sent.receipt.block_number;
		let report = sent.with("request", "request", Cell::number(request)).report();
		if self.no_follow {
			return Ok(report);
		}
		context.note(&format!(
			"request {request} waits for the next price; \"baseload redeem cancel {request}\" takes it back until then"
		));
		follow(context, request, block, report, &tokens).await
	}

	/// Asks people; programs have said all with their arguments.
	fn ask(&self) -> Result<()> {
		if self.yes || !io::stdin().is_terminal() {
			return Ok(());
		}
		write!(io::stderr(), "sign this? [y/N] ")?;
		let mut answer = String::new();
		io::stdin().read_line(&mut answer)?;
		ensure!(matches!(answer.trim(), "y" | "Y" | "yes"), "nothing was signed");
		Ok(())
	}
}

async fn follow(context: &Context, request: u64, from: u64, report: Report, tokens: &Tokens) -> Result<Report> {
	let chain = context.chain().await?;
	let mut tell = |_: u64| ();
	let redemption = chain
		.follow_redemption(request, from, context.wait(), &mut tell)
		.await?;
	Ok(executed(report, request, &redemption, tokens))
}

/// What came out of a request.
fn executed(report: Report, request: u64, redemption: &Redemption, tokens: &Tokens) -> Report {
	let (label, owed) = tokens.owed(&redemption.owed);
	report
		.with("", "followed_request", Cell::number(request))
		.with(
			"ended",
			"reason",
			Cell::option(redemption.reason, |reason| Cell::text(ended(reason))),
		)
		.with("burnt", "burnt", Cell::kwh(redemption.burnt()))
		.with("received", "out", tokens.cell(&redemption.received()))
		.with(label, "owed", owed)
		.with("a KWH paid", "rate", Cell::tokens(&rates(&redemption.outs, tokens)))
		.with("released again", "released", Cell::kwh(redemption.released))
		.with("executed in block", "executed_in", Cell::number(redemption.block))
}

fn ended(reason: EndReason) -> &'static str {
	match reason {
		EndReason::Done => "done",
		EndReason::Cancelled => "cancelled",
		EndReason::FeeTooHigh => "the fee would have been above --max-fee",
		EndReason::OutTooLow => "a vault would have paid less than --min-out",
		EndReason::Failed => "a number would have left its width",
		EndReason::ShutDown => "the system was shut down",
	}
}

async fn list(context: &Context) -> Result<Report> {
	let at = context.chain().await?.best().await?;
	let tokens = Tokens::at(&at).await?;
	let rows = at.redemptions().await?.into_iter().map(|request| {
		let floors = request
			.min_out
			.iter()
			.map(|(token, least)| (tokens.info(*token), *least));
		vec![
			Cell::number(request.id),
			Cell::kwh(request.amount),
			Cell::share(fee_in_millionths(request.max_fee.deconstruct())),
			Cell::tokens(&floors.collect::<Vec<_>>()),
			Cell::time(request.requested_at),
			Cell::flag(request.begun),
			Cell::account(&request.who),
		]
	});
	Ok(Report::Table {
		name: "redemptions",
		columns: vec![
			("request", "request"),
			("amount", "amount"),
			("highest fee", "max_fee"),
			("least for a KWH", "min_out"),
			("made at", "requested_at"),
			("begun", "begun"),
			("by", "account"),
		],
		rows: rows.collect(),
	})
}
