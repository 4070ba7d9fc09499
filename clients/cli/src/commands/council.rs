//! The council.

use std::{
	fs,
	path::{Path, PathBuf},
};

use anyhow::{ensure, Context as _, Result};
use baseload_client::{calls, AccountId, At, Motion, H256};
use clap::{Subcommand, ValueEnum};

use crate::{
	arguments::{payment::Amount, Who},
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// The council: its members, its motions, and what it has done as Root.
///
/// Every call of an administrator becomes a motion with --council THRESHOLD in place of --sudo.
#[derive(Subcommand)]
pub enum Council {
	/// List the members.
	Members,
	/// List the motions that are open.
	List,
	/// Show one motion, with all of the call that it would make.
	Show {
		/// The motion's number.
		motion: u32,
	},
	/// Vote on a motion. For members.
	Vote {
		/// The motion's number.
		motion: u32,
		/// For it or against it.
		vote: Vote,
	},
	/// Close a motion that has the votes, cannot get them any more, or has run out. One that has the votes is carried out.
	Close {
		/// The motion's number.
		motion: u32,
	},
	/// Set the members of the council, in place of those it has. As Root.
	SetMembers {
		/// Who.
		#[arg(required = true)]
		accounts: Vec<Who>,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Pay from the treasury. As Root.
	Spend {
		/// Who receives it.
		to: Who,
		#[command(flatten)]
		amount: Amount,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Permit an upgrade of the chain to the runtime in this file. As Root.
	AuthorizeUpgrade {
		/// The runtime's wasm code, as the build leaves it.
		code: PathBuf,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Upgrade the chain to the runtime in this file, which has been permitted. Anybody may.
	ApplyUpgrade {
		/// The runtime's wasm code.
		code: PathBuf,
	},
}

/// For a motion or against it.
#[derive(Clone, Copy, ValueEnum)]
pub enum Vote {
	/// For it.
	Aye,
	/// Against it.
	Nay,
}

impl Council {
	/// `baseload council`
	pub async fn run(self, context: &Context) -> Result<Report> {
		match self {
			Self::Members => {
				let members = context.chain().await?.best().await?.council().await?;
				Ok(Report::Table {
					name: "members",
					columns: vec![("member", "member")],
					rows: members.iter().map(|member| vec![Cell::account(member)]).collect(),
				})
			}
			Self::List => {
				let at = context.chain().await?.best().await?;
				list(&at, &at.motions().await?)
			}
			Self::Show { motion } => {
				let at = context.chain().await?.best().await?;
				show(&at, &find(&at, motion).await?)
			}
			Self::Vote { motion, vote } => {
				let chain = context.chain().await?;
				let found = find(&chain.best().await?, motion).await?;
				let aye = matches!(vote, Vote::Aye);
				let sent = context.send(&chain, calls::vote_on_motion(&found, aye)).await?;
				let count: Option<(AccountId, H256, bool, u32, u32)> = sent.receipt.event("Council", "Voted");
				Ok(sent
					.with("motion", "motion", Cell::number(motion))
					.with("ayes", "ayes", Cell::option(count, |count| Cell::number(count.3)))
					.with("nays", "nays", Cell::option(count, |count| Cell::number(count.4)))
					.with("ayes needed", "threshold", Cell::number(found.threshold))
					.report())
			}
			Self::Close { motion } => {
				let chain = context.chain().await?;
				let at = chain.best().await?;
				let found = find(&at, motion).await?;
				let sent = context.send(&chain, at.close_motion(&found).await?).await?;
				let carried: Option<H256> = sent.receipt.event("Council", "Approved");
				Ok(sent
					.with("motion", "motion", Cell::number(motion))
					.with("carried out", "carried_out", Cell::flag(carried.is_some()))
					.report())
			}
			Self::SetMembers { accounts, root } => {
				let chain = context.chain().await?;
				let members: Vec<_> = accounts
					.iter()
					.map(|who| context.account(&chain, who))
					.collect::<Result<_>>()?;
				let old = chain.best().await?.council().await?.len();
				let call = root.wrap_root(calls::set_council(&members, u32::try_from(old)?));
				let names = members.iter().map(AccountId::to_string).collect();
				let sent = context.send(&chain, call).await?;
				Ok(sent.with("members", "members", Cell::list(names)).report())
			}
			Self::Spend { to, amount, root } => {
				amount.of_known()?;
				let chain = context.chain().await?;
				let to = context.account(&chain, &to)?;
				let payment = amount.resolve(&chain.best().await?).await?;
				let call = root.wrap_root(calls::as_treasury(payment.transfer(to)));
				let sent = context.send(&chain, call).await?;
				Ok(sent
					.with("paid", "amount", payment.cell())
					.with("to", "to", Cell::account(&to))
					.report())
			}
			Self::AuthorizeUpgrade { code, root } => {
				let code = read(&code)?;
				let chain = context.chain().await?;
				let call = root.wrap_root(calls::authorize_upgrade(&code));
				let sent = context.send(&chain, call).await?;
				let permitted: Option<H256> = sent.receipt.event("System", "UpgradeAuthorized");
				let hash = Cell::option(permitted, |hash| Cell::text(format!("{hash:?}")));
				Ok(sent.with("permitted code", "code_hash", hash).report())
			}
			Self::ApplyUpgrade { code } => {
				let code = read(&code)?;
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::apply_upgrade(&code)).await?;
				let upgraded: Option<H256> = sent.receipt.event("System", "CodeUpdated");
				let hash = Cell::option(upgraded, |hash| Cell::text(format!("{hash:?}")));
				Ok(sent.with("code now", "code_hash", hash).report())
			}
		}
	}
}

/// The runtime in a file.
fn read(path: &Path) -> Result<Vec<u8>> {
	/// How wasm begins, and how compressed wasm of this chain does.
	const BEGINNINGS: [&[u8]; 2] = [b"\0asm", &[0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05]];
	let code = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
	ensure!(
		BEGINNINGS.iter().any(|beginning| code.starts_with(beginning)),
		"{} holds no wasm code",
		path.display()
	);
	Ok(code)
}

async fn find(at: &At, number: u32) -> Result<Motion> {
	let mut motions = at.motions().await?.into_iter();
	let motion = motions.find(|motion| motion.number == number);
	motion.with_context(|| format!("there is no open motion {number}"))
}

fn list(at: &At, motions: &[Motion]) -> Result<Report> {
	let rows = motions
		.iter()
		.map(|motion| {
			Ok(vec![
				Cell::number(motion.number),
				Cell::number(motion.ayes.len() as u64),
				Cell::number(motion.nays.len() as u64),
				Cell::number(motion.threshold),
				Cell::number(motion.end),
				Cell::text(at.describe_call(&motion.call)?),
			])
		})
		.collect::<Result<_>>()?;
	Ok(Report::Table {
		name: "motions",
		columns: vec![
			("motion", "motion"),
			("ayes", "ayes"),
			("nays", "nays"),
			("ayes needed", "threshold"),
			("until block", "end"),
			("call", "call"),
		],
		rows,
	})
}

fn show(at: &At, motion: &Motion) -> Result<Report> {
	let names = |accounts: &[AccountId]| Cell::list(accounts.iter().map(AccountId::to_string).collect());
	Ok(Report::record()
		.with("motion", "motion", Cell::number(motion.number))
		.with("ayes", "ayes", names(&motion.ayes))
		.with("nays", "nays", names(&motion.nays))
		.with("ayes needed", "threshold", Cell::number(motion.threshold))
		.with("until block", "end", Cell::number(motion.end))
		.with("hash", "motion_hash", Cell::text(format!("{:?}", motion.hash)))
		.with("call", "call", Cell::text(at.describe_call(&motion.call)?)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn code_should_be_refused_when_the_file_holds_none() {
		let file = tempfile::NamedTempFile::new().unwrap();
		fs::write(file.path(), "a spec").unwrap();
		assert!(read(file.path())
			.unwrap_err()
			.to_string()
			.contains("holds no wasm code"));
		for code in [&b"\0asm\x01"[..], &[0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05, 1]] {
			fs::write(file.path(), code).unwrap();
			assert_eq!(read(file.path()).unwrap(), code);
		}
		assert!(read(Path::new("/nowhere/code"))
			.unwrap_err()
			.to_string()
			.contains("cannot read"));
	}
}
