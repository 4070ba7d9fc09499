//! Validators.

use anyhow::Result;
use baseload_client::{calls, units, AccountId, ValidatorView};
use baseload_primitives::Balance;
use clap::Subcommand;

use crate::{
	arguments::Who,
	context::{AsRoot, Context, Sent},
	output::{Cell, Report},
};

/// Validators and their bonds.
#[derive(Subcommand)]
pub enum Validator {
	/// Make session keys in the node and announce them. Run it against your own validator node, which must permit unsafe
	/// requests from this machine.
	Keys,
	/// Bond BLD on top of what is bonded: you become a candidate. Announce session keys first.
	Bond {
		/// How much, such as "1000 BLD".
		#[arg(value_parser = units::parse_bld)]
		amount: Balance,
	},
	/// Take back a part of the bond, after the unbonding delay.
	Reduce {
		/// How much, such as "1000 BLD".
		#[arg(value_parser = units::parse_bld)]
		amount: Balance,
	},
	/// Give the candidacy up; the whole bond unbonds.
	Leave,
	/// Take out what has finished unbonding.
	Withdraw,
	/// Take your session keys off the chain, once you are out of the validator set.
	ReleaseKeys,
	/// List validators, candidates, and those whose bond still unbonds.
	List,
	/// Reserve seats for these accounts, in place of those reserved before. For administrators.
	SetReserved {
		/// Who; none to reserve no seat.
		accounts: Vec<Who>,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Set the number of seats. For administrators.
	SetMax {
		/// How many.
		seats: u32,
		#[command(flatten)]
		root: AsRoot,
	},
}

impl Validator {
	/// `baseload validator`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let call = match self {
			Self::Keys => {
				let keys = chain.rotate_session_keys(context.key()?.account()).await?;
				let sent = context.send(&chain, calls::set_session_keys(&keys)).await?;
				let public = format!("0x{}", hex::encode(&keys.keys));
				return Ok(sent.with("session keys", "session_keys", Cell::text(public)).report());
			}
			Self::Bond { amount } => calls::bond(amount),
			Self::Reduce { amount } => calls::reduce_bond(amount),
			Self::Leave => calls::leave_validators(),
			Self::Withdraw => calls::withdraw_unbonded(),
			Self::ReleaseKeys => calls::release_session_keys(),
			Self::List => {
				let at = chain.best().await?;
				let mut all = at.validators().await?;
				for other in at
					.candidates()
					.await?
					.into_iter()
					.chain(at.unbonding_validators().await?)
				{
					if !all.iter().any(|known| known.who == other.who) {
						all.push(other);
					}
				}
				return Ok(list(&all, at.session().await?));
			}
			Self::SetReserved { accounts, root } => {
				let accounts: Vec<_> = accounts
					.iter()
					.map(|who| context.account(&chain, who))
					.collect::<Result<_>>()?;
				let sent = context.send(&chain, root.wrap(calls::set_reserved(&accounts))).await?;
				let names = accounts.iter().map(AccountId::to_string).collect();
				return Ok(sent.with("reserved", "reserved", Cell::list(names)).report());
			}
			Self::SetMax { seats, root } => {
				let sent = context
					.send(&chain, root.wrap(calls::set_max_validators(seats)))
					.await?;
				return Ok(sent.with("seats", "seats", Cell::number(seats)).report());
			}
		};
		let sent = context.send(&chain, call).await?;
		Ok(with_change(sent).report())
	}
}

/// Adds what became of the bond, as the pallet's events tell it.
fn with_change(sent: Sent) -> Sent {
	if let Some((_, _, bond)) = sent
		.receipt
		.event::<(AccountId, Balance, Balance)>("ValidatorSet", "Bonded")
	{
		return sent.with("bond", "bond", Cell::bld(bond));
	}
	type Reduced = (AccountId, Balance, Balance, u32);
	if let Some((_, old, bond, unlock)) = sent.receipt.event::<Reduced>("ValidatorSet", "BondReduced") {
		return sent
			.with("bond", "bond", Cell::bld(bond))
			.with("unbonding", "unbonding", Cell::bld(old.saturating_sub(bond)))
			.with("until session", "unlock_session", Cell::number(unlock));
	}
	if let Some((_, unbonding, unlock)) = sent.receipt.event::<(AccountId, Balance, u32)>("ValidatorSet", "Left") {
		return sent.with("unbonding", "unbonding", Cell::bld(unbonding)).with(
			"until session",
			"unlock_session",
			Cell::number(unlock),
		);
	}
	if let Some((_, amount)) = sent.receipt.event::<(AccountId, Balance)>("ValidatorSet", "Withdrawn") {
		return sent.with("withdrawn", "amount", Cell::bld(amount));
	}
	sent
}

fn list(all: &[ValidatorView], session: u32) -> Report {
	let rows = all
		.iter()
		.map(|one| {
			vec![
				Cell::account(&one.who),
				Cell::bld(one.bond),
				Cell::flag(one.serving),
				Cell::flag(one.queued),
				Cell::flag(one.reserved),
				Cell::flag(one.has_keys),
				Cell::flag(one.convicted),
				Cell::unbonding(&one.unbonding, session),
			]
		})
		.collect();
	Report::Table {
		name: "validators",
		columns: vec![
			("account", "account"),
			("bond", "bond"),
			("serving", "serving"),
			("next", "queued"),
			("reserved", "reserved"),
			("keys", "has_keys"),
			("convicted", "convicted"),
			("unbonding", "unbonding"),
		],
		rows,
	}
}
