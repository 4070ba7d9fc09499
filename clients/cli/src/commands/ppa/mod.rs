//! Power purchase agreements, from the file that people write to the statement that they file.

mod change;
mod contract;
mod draft;
mod lists;
mod settle;
mod show;
mod statement;

use std::{fs, io::Write, path::Path};

use anyhow::{bail, Context as _, Result};
use baseload_client::{billing::Ending, calls, units, AgreementView, At, Call, Chain};
use baseload_primitives::{AgreementId, Balance};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
	arguments::Who,
	context::Context,
	output::{Cell, Report},
};

/// Power purchase agreements.
#[derive(Subcommand)]
pub enum Ppa {
	/// Print a commented agreement to begin with, or list them.
	Template(draft::Template),
	/// Propose an agreement from a file, as its seller or buyer. Shows all of it before signing; holds a deposit.
	Propose(draft::Propose),
	/// Accept a proposal, as the other party. Shows all of it before signing.
	Accept(draft::Accept),
	/// End a proposal, as a party; or, as anyone, an accepted agreement whose conditions were not met in time.
	Cancel(Which),
	/// Pay into the buyer's escrow, out of which bills are paid. For anyone.
	Fund(Pay),
	/// Pay into the buyer's security, which pays only when the buyer defaults. For anyone.
	Secure(Pay),
	/// Pay into the seller's bond, which pays what the seller comes to owe. For anyone.
	Bond(Pay),
	/// Start an accepted agreement whose conditions are met. For anyone.
	Activate(Which),
	/// Bill, pay and collect all that is due. For anyone.
	Settle(settle::Settle),
	/// Take back escrow beyond what is billed or estimated, as the buyer.
	Withdraw(Pay),
	/// Dispute part of an open bill, as the buyer: that part is held, the rest is paid when due.
	Dispute {
		/// The agreement.
		agreement: AgreementId,
		/// The bill's number: see `ppa show`.
		bill: u32,
		/// How much of it, such as "100 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Decide a disputed bill, as the resolver.
	Resolve {
		/// The agreement.
		agreement: AgreementId,
		/// The bill's number.
		bill: u32,
		/// What the seller gets of the disputed part and of the bond, such as "30 %".
		#[arg(value_parser = units::parse_share)]
		seller_share: u32,
	},
	/// Declare energy that was not taken or not deliverable, for a month that is not billed yet. Takes both parties, and the lender
	/// once there is one; or the resolver.
	Declare(change::Declare),
	/// Suspend delivery from the next month on. Takes both parties, and the lender once there is one; or the resolver; or the seller
	/// while the buyer is in default.
	Suspend(Which),
	/// Resume delivery with the next month. Takes both parties, or the resolver; what the seller suspended alone, the seller, or the
	/// buyer once it is out of default.
	Resume(Which),
	/// Change clauses from a month on. Takes both parties, and the lender once there is one.
	Amend(Box<change::Amend>),
	/// Give up an agreement that is not active yet. Takes both parties.
	GiveUp(Which),
	/// Agree to what the other side asks for: see `ppa show`.
	Agree(change::Agree),
	/// Drop what is asked for, as a party.
	DropRequest(Which),
	/// End an agreement early, with the next month.
	Terminate {
		/// The agreement.
		agreement: AgreementId,
		/// On what ground.
		ground: Ground,
	},
	/// Pay to leave an agreement with the next month, as the buyer: the same as `terminate ID buyout`.
	BuyOut(Which),
	/// Tell the lender that you mean to end the agreement for default.
	NotifyLender(Which),
	/// Assign the seller's side to a lender, as the seller.
	Assign {
		/// The agreement.
		agreement: AgreementId,
		/// The lender.
		lender: Who,
	},
	/// Give the seller's side back, as the lender.
	Discharge(Which),
	/// Take the seller's place after a notice of its default, as the lender.
	StepIn {
		/// The agreement.
		agreement: AgreementId,
		/// Who acts for the seller from now on.
		#[arg(long)]
		operator: Who,
		/// Who is paid from now on.
		#[arg(long)]
		payee: Who,
	},
	/// Have what could not be paid out before paid out. For anyone.
	Claim(Which),
	/// Give a contract for difference whose index never came the latest one before. For anyone, after the feed's last day.
	FixIndex(Which),
	/// Remove a closed agreement's records, as its proposer: the deposit comes back.
	Forget {
		/// The agreement.
		agreement: AgreementId,
		/// How many bills at a time.
		#[arg(long, default_value_t = 64)]
		bills: u32,
	},
	/// Show one agreement: what was agreed, where it stands, whose the money is.
	Show(Which),
	/// List agreements.
	List(lists::List),
	/// List an agreement's bills.
	Bills(lists::Bills),
	/// Show what the next bill would be if its month ended now.
	NextBill(Which),
	/// Who gets what of a meter in a month.
	Shares(lists::Shares),
	/// Print an invoice: registers, energy, prices, deductions, payments, balances, and what proves them. Recomputes it.
	Statement(statement::Statement),
	/// The indexes that prices follow.
	#[command(subcommand)]
	Feed(lists::Feed),
}

/// An agreement.
#[derive(Args)]
pub struct Which {
	/// The agreement.
	agreement: AgreementId,
}

/// An agreement and an amount.
#[derive(Args)]
pub struct Pay {
	/// The agreement.
	agreement: AgreementId,
	/// How much, such as "1000 KWH".
	#[arg(value_parser = units::parse_kwh)]
	amount: Balance,
}

/// On what ground an agreement ends early.
#[derive(Clone, Copy, ValueEnum)]
pub enum Ground {
	/// As the seller: the buyer is in default, or late to fill the security.
	BuyerDefault,
	/// As the buyer: a debt of the seller is past due.
	SellerDefault,
	/// As the buyer: it pays to leave.
	Buyout,
	/// As the buyer: operation is still not proven at the longstop. As anyone, 366 days and the lender's time later.
	Longstop,
}

impl From<Ground> for Ending {
	fn from(ground: Ground) -> Self {
		match ground {
			Ground::BuyerDefault => Self::Seller,
			Ground::SellerDefault => Self::Buyer,
			Ground::Buyout => Self::Buyout,
			Ground::Longstop => Self::Longstop,
		}
	}
}

impl Ppa {
	/// `baseload ppa`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let (agreement, call) = match self {
			Self::Template(template) => return template.run(context),
			Self::Propose(propose) => return propose.run(context).await,
			Self::Accept(accept) => return accept.run(context).await,
			Self::Settle(settle) => return settle.run(context).await,
			Self::Declare(declare) => return declare.run(context).await,
			Self::Amend(amend) => return amend.run(context).await,
			Self::Agree(agree) => return agree.run(context).await,
			Self::Suspend(Which { agreement }) => return change::suspend(context, agreement).await,
			Self::Resume(Which { agreement }) => return change::resume(context, agreement).await,
			Self::GiveUp(Which { agreement }) => return change::give_up(context, agreement).await,
			Self::Show(Which { agreement }) => return show::run(context, agreement).await,
			Self::List(list) => return list.run(context).await,
			Self::Bills(bills) => return bills.run(context).await,
			Self::NextBill(Which { agreement }) => return lists::next_bill(context, agreement).await,
			Self::Shares(shares) => return shares.run(context).await,
			Self::Statement(statement) => return statement.run(context).await,
			Self::Feed(feed) => return feed.run(context).await,
			Self::Assign { agreement, lender } => {
				let chain = context.chain().await?;
				let call = calls::assign(agreement, context.account(&chain, &lender)?);
				return act(context, &chain, agreement, call).await;
			}
			Self::StepIn {
				agreement,
				operator,
				payee,
			} => {
				let chain = context.chain().await?;
				let (operator, payee) = (context.account(&chain, &operator)?, context.account(&chain, &payee)?);
				return act(context, &chain, agreement, calls::step_in(agreement, operator, payee)).await;
			}
			Self::Cancel(Which { agreement }) => (agreement, calls::cancel(agreement)),
			Self::Fund(Pay { agreement, amount }) => (agreement, calls::fund(agreement, amount)),
			Self::Secure(Pay { agreement, amount }) => (agreement, calls::secure(agreement, amount)),
			Self::Bond(Pay { agreement, amount }) => (agreement, calls::post_bond(agreement, amount)),
			Self::Activate(Which { agreement }) => (agreement, calls::activate(agreement)),
			Self::Withdraw(Pay { agreement, amount }) => (agreement, calls::withdraw(agreement, amount)),
			Self::Dispute {
				agreement,
				bill,
				amount,
			} => (agreement, calls::dispute_bill(agreement, bill, amount)),
			Self::Resolve {
				agreement,
				bill,
				seller_share,
			} => (agreement, calls::resolve_bill(agreement, bill, seller_share)),
			Self::DropRequest(Which { agreement }) => (agreement, calls::drop_request(agreement)),
			Self::Terminate { agreement, ground } => (agreement, calls::terminate(agreement, ground.into())),
			Self::BuyOut(Which { agreement }) => (agreement, calls::terminate(agreement, Ending::Buyout)),
			Self::NotifyLender(Which { agreement }) => (agreement, calls::notify_lender(agreement)),
			Self::Discharge(Which { agreement }) => (agreement, calls::discharge(agreement)),
			Self::Claim(Which { agreement }) => (agreement, calls::claim(agreement)),
			Self::FixIndex(Which { agreement }) => (agreement, calls::fix_index(agreement)),
			Self::Forget { agreement, bills } => (agreement, calls::forget(agreement, bills)),
		};
		let chain = context.chain().await?;
		act(context, &chain, agreement, call).await
	}
}

/// Sends a call about an agreement and tells what it led to.
async fn act(context: &Context, chain: &Chain, agreement: AgreementId, call: Call) -> Result<Report> {
	let sent = context.send(chain, call).await?;
	let sent = sent.with("agreement", "agreement", Cell::number(agreement.0));
	let after = chain.at(sent.receipt.block_hash).await?.agreement(agreement).await?;
	Ok(show::outcome(sent.report(), after.as_ref()))
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, text: &str) -> Result<()> {
	let written = fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
	written.with_context(|| format!("the file {} cannot be written", path.display()))
}

/// The agreement at a block.
async fn view(at: &At, agreement: AgreementId) -> Result<AgreementView> {
	match at.agreement(agreement).await? {
		Some(view) => Ok(view),
		None => bail!("there is no agreement {agreement}"),
	}
}
