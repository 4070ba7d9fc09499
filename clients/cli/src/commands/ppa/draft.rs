//! Templates, proposals and their acceptance.

use std::{
	fs,
	io::{self, Write},
	path::{Path, PathBuf},
};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	agreements::{template, AgreementFile, TEMPLATES},
	calls,
	primitives::Contract,
	AccountId, Chain, H256,
};
use baseload_primitives::{AgreementId, Register};
use clap::Args;

use super::{contract, view, write_new};
use crate::{
	arguments::{hash, Who},
	context::Context,
	output::{Cell, Report},
};

/// No agreement is longer than this, in bytes.
const LONGEST: u64 = 1 << 20;

/// Prints a commented agreement to begin with, or lists them.
#[derive(Args)]
pub struct Template {
	/// Which one; without it, all of them are listed.
	name: Option<String>,
	/// Write it to this new file instead.
	#[arg(long, value_name = "FILE", requires = "name")]
	write: Option<PathBuf>,
}

impl Template {
	/// `baseload ppa template`
	pub fn run(self, context: &Context) -> Result<Report> {
		let Some(name) = self.name else {
			let row = |template: &baseload_client::agreements::Template| {
				vec![Cell::text(template.name), Cell::text(template.about)]
			};
			return Ok(Report::Table {
				name: "templates",
				columns: vec![("template", "template"), ("what it is", "about")],
				rows: TEMPLATES.iter().map(row).collect(),
			});
		};
		let Some(found) = template(&name) else {
			let names: Vec<_> = TEMPLATES.iter().map(|template| template.name).collect();
			bail!(
				"there is no template \"{name}\": one of {} is expected",
				names.join(", ")
			);
		};
		match self.write {
			Some(path) => {
				write_new(&path, found.text)?;
				Ok(Report::record().with("written", "file", Cell::text(path.display().to_string())))
			}
			None if context.json() => Ok(Report::record()
				.with("template", "template", Cell::text(found.name))
				.with("what it is", "about", Cell::text(found.about))
				.with("text", "text", Cell::text(found.text))),
			None => {
				io::stdout().lock().write_all(found.text.as_bytes())?;
				Ok(Report::record())
			}
		}
	}
}

/// Proposes an agreement.
#[derive(Args)]
pub struct Propose {
	/// The agreement: see `ppa template`.
	#[arg(long, value_name = "FILE")]
	file: PathBuf,
	/// Show the agreement and its hash, and sign nothing.
	#[arg(long)]
	dry_run: bool,
}

impl Propose {
	/// `baseload ppa propose`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let file = read(&self.file)?;
		let chain = context.chain().await?;
		let at = chain.best().await?;
		let meter = at.meter(file.meter()).await?;
		let meter = meter.with_context(|| format!("there is no meter {}", file.meter()))?;
		let least = at.least_attestor_fee()?;
		let contract = file.contract(&meter.registers, least, |text| account(context, &chain, text))?;
		if self.dry_run {
			return Ok(described(&contract, &meter.registers));
		}
		announce(context, &contract, &meter.registers)?;
		let sent = context.send(&chain, calls::propose(&contract)).await?;
		let agreement: Option<AgreementId> = sent.receipt.event("PpaEscrow", "Proposed");
		let sent = sent
			.with(
				"agreement",
				"agreement",
				Cell::option(agreement, |agreement| Cell::number(agreement.0)),
			)
			.with("hash", "contract_hash", Cell::text(format!("{:?}", contract.hash())));
		Ok(signed(context, sent.report(), &contract, &meter.registers))
	}
}

/// Accepts a proposal.
#[derive(Args)]
pub struct Accept {
	/// The agreement.
	agreement: AgreementId,
	/// The hash of what you have read: see `ppa show`.
	#[arg(long, value_parser = hash)]
	hash: [u8; 32],
}

impl Accept {
	/// `baseload ppa accept`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let at = chain.best().await?;
		let contract = view(&at, self.agreement).await?.contract;
		let (found, read) = (contract.hash(), H256(self.hash));
		ensure!(
			found == read,
			"agreement {} has the terms with the hash {found:?}, not {read:?}: read them again with `baseload ppa show {}`",
			self.agreement,
			self.agreement
		);
		let meter = at.meter(contract.meter).await?;
		let registers = meter.map(|meter| meter.registers).unwrap_or_default();
		announce(context, &contract, &registers)?;
		let sent = context.send(&chain, calls::accept(self.agreement, read)).await?;
		let sent = sent
			.with("agreement", "agreement", Cell::number(self.agreement.0))
			.with("hash", "contract_hash", Cell::text(format!("{found:?}")));
		Ok(signed(context, sent.report(), &contract, &registers))
	}
}

/// Reads an agreement's file.
fn read(path: &Path) -> Result<AgreementFile> {
	let named = || format!("the agreement {} cannot be read", path.display());
	let size = fs::metadata(path).with_context(named)?.len();
	ensure!(
		size <= LONGEST,
		"the agreement {} has {size} bytes: more than {LONGEST} are not read",
		path.display()
	);
	let text = fs::read_to_string(path).with_context(named)?;
	Ok(AgreementFile::parse(path.into(), text)?)
}

/// The account that a file names.
fn account(context: &Context, chain: &Chain, text: &str) -> Result<AccountId, String> {
	let who: Who = text.parse()?;
	context.account(chain, &who).map_err(|error| format!("{error:#}"))
}

/// The whole contract and its hash.
fn described(contract: &Contract<AccountId>, registers: &[Register]) -> Report {
	let hash = Cell::text(format!("{:?}", contract.hash()));
	contract::describe(Report::record(), contract, registers).with("hash", "contract_hash", hash)
}

/// Shows people what is about to be signed.
fn announce(context: &Context, contract: &Contract<AccountId>, registers: &[Register]) -> Result<()> {
	if !context.json() {
		let mut out = io::stdout().lock();
		described(contract, registers).print(false, &mut out)?;
		writeln!(out)?;
	}
	Ok(())
}

/// What was signed, for programs together with what came of it.
fn signed(context: &Context, report: Report, contract: &Contract<AccountId>, registers: &[Register]) -> Report {
	match context.json() {
		true => contract::describe(report, contract, registers),
		false => report,
	}
}
