//! What takes the consent of both parties, or the resolver's word.

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	billing::{terms::Prices, DeclaredAs, Month, Period},
	calls,
	primitives::{Amendment, Change},
	units, AccountId, AgreementView, Chain,
};
use baseload_primitives::{AgreementId, WattHours};
use clap::{Args, ValueEnum};

use super::{show, view};
use crate::{
	arguments::{hash, Who},
	context::Context,
	output::{Cell, Report},
};

/// Declares energy.
#[derive(Args)]
pub struct Declare {
	/// The agreement.
	agreement: AgreementId,
	/// What the energy is.
	kind: Kind,
	/// How much, such as "50 MWh".
	#[arg(value_parser = units::parse_energy)]
	energy: WattHours,
	/// The month, such as 2026-11. It must not be billed yet.
	#[arg(long, value_parser = units::parse_month)]
	month: Month,
}

/// What energy is declared to be.
#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
	/// The buyer or its grid could not take it: billed as if delivered.
	Deemed,
	/// Force majeure or curtailment: counts for neither side.
	Excused,
}

impl Declare {
	/// `baseload ppa declare`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let view = view(&chain.best().await?, self.agreement).await?;
		let kind = match self.kind {
			Kind::Deemed => DeclaredAs::Deemed,
			Kind::Excused => DeclaredAs::Excused,
		};
		let change = Change::Declare {
			kind,
			period: period(&view, self.month)?,
			wh: self.energy.0,
		};
		request(context, &chain, self.agreement, &change).await
	}
}

/// The period of a month.
pub fn period(view: &AgreementView, month: Month) -> Result<Period> {
	let billing = view.billing.as_ref().context("the agreement is not active yet")?;
	let first = billing.first_month.context("the agreement waits for operation")?;
	let last = first.plus(billing.end.saturating_sub(1));
	ensure!(
		(first..=last).contains(&month),
		"{} is not of the agreement's term, {} to {}",
		units::format_month(month),
		units::format_month(first),
		units::format_month(last)
	);
	Ok(month.since(first))
}

/// Changes clauses.
#[derive(Args)]
pub struct Amend {
	/// The agreement.
	agreement: AgreementId,
	/// The first month of the new prices, quantity and expected energy, such as 2027-07. It must not have begun.
	#[arg(long, value_parser = units::parse_month)]
	from: Month,
	/// Prices of the first contract year, one for each register, or the strike: "0.06 KWH/kWh".
	#[arg(long, value_parser = units::parse_signed_tariff, value_delimiter = ',', allow_hyphen_values = true)]
	price: Vec<i128>,
	/// Contracted energy a year. The month must begin a contract year.
	#[arg(long, value_parser = units::parse_energy)]
	quantity: Option<WattHours>,
	/// Energy expected each calendar month, January first: twelve of them, separated by commas.
	#[arg(long, value_parser = units::parse_energy, value_delimiter = ',')]
	expected: Vec<WattHours>,
	/// Who is paid from now on.
	#[arg(long)]
	payee: Option<Who>,
	/// Who decides disputes from now on.
	#[arg(long)]
	resolver: Option<Who>,
	/// Half of the council decides disputes from now on.
	#[arg(long, conflicts_with = "resolver")]
	no_resolver: bool,
}

impl Amend {
	/// `baseload ppa amend`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let prices = Prices::try_from(self.price);
		let Ok(prices) = prices else {
			bail!("an agreement has at most eight prices");
		};
		let expected: Vec<u64> = self.expected.iter().map(|energy| energy.0).collect();
		let expected = match expected.len() {
			0 => None,
			count => Some(
				expected
					.try_into()
					.map_err(|_| anyhow::anyhow!("{count} months: twelve are expected, January first"))?,
			),
		};
		let account = |who: Option<Who>| who.map(|who| context.account(&chain, &who)).transpose();
		let resolver = match self.no_resolver {
			true => Some(None),
			false => account(self.resolver)?.map(Some),
		};
		let change = Change::Amend(Amendment {
			from: self.from,
			prices: Some(prices).filter(|prices| !prices.is_empty()),
			quantity: self.quantity.map(|energy| energy.0),
			expected,
			payee: account(self.payee)?,
			resolver,
		});
		request(context, &chain, self.agreement, &change).await
	}
}

/// Agrees to what is asked for.
#[derive(Args)]
pub struct Agree {
	/// The agreement.
	agreement: AgreementId,
	/// The hash of what you have read: see `ppa show`.
	#[arg(long, value_parser = hash)]
	hash: [u8; 32],
}

impl Agree {
	/// `baseload ppa agree`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let sent = context
			.send(&chain, calls::agree_to_change(self.agreement, self.hash.into()))
			.await?;
		let after = chain
			.at(sent.receipt.block_hash)
			.await?
			.agreement(self.agreement)
			.await?;
		let waits = after.as_ref().is_some_and(|after| after.request.is_some());
		let sent = sent
			.with("agreement", "agreement", Cell::number(self.agreement.0))
			.with("made", "made", Cell::flag(!waits));
		Ok(show::outcome(sent.report(), after.as_ref()))
	}
}

/// `baseload ppa suspend`
pub async fn suspend(context: &Context, agreement: AgreementId) -> Result<Report> {
	let chain = context.chain().await?;
	request(context, &chain, agreement, &Change::Suspend).await
}

/// `baseload ppa resume`
pub async fn resume(context: &Context, agreement: AgreementId) -> Result<Report> {
	let chain = context.chain().await?;
	request(context, &chain, agreement, &Change::Resume).await
}

/// `baseload ppa give-up`
pub async fn give_up(context: &Context, agreement: AgreementId) -> Result<Report> {
	let chain = context.chain().await?;
	request(context, &chain, agreement, &Change::Cancel).await
}

/// Asks for a change and tells whether it was made at once, or with which hash the others agree.
async fn request(
	context: &Context,
	chain: &Chain,
	agreement: AgreementId,
	change: &Change<AccountId>,
) -> Result<Report> {
	let sent = context.send(chain, calls::request_change(agreement, change)).await?;
	let after = chain.at(sent.receipt.block_hash).await?.agreement(agreement).await?;
	let hash = change.hash();
	let request = after.and_then(|after| after.request);
	let waits = request.is_some_and(|request| request.hash == hash);
	let sent = sent
		.with("agreement", "agreement", Cell::number(agreement.0))
		.with("asked for", "change", Cell::text(describe(change)))
		.with("made", "made", Cell::flag(!waits))
		.with("hash", "change_hash", Cell::text(format!("{hash:?}")));
	Ok(sent.report())
}

/// A change in words.
pub fn describe(change: &Change<AccountId>) -> String {
	match change {
		Change::Declare { kind, period, wh } => {
			let kind = match kind {
				DeclaredAs::Deemed => "deemed",
				DeclaredAs::Excused => "excused",
			};
			format!(
				"declare {} {kind} in period {period}",
				units::format_energy(WattHours(*wh))
			)
		}
		Change::Suspend => "suspend delivery".into(),
		Change::Resume => "resume delivery".into(),
		Change::Cancel => "give the agreement up".into(),
		Change::Amend(amendment) => amended(amendment),
	}
}

/// An amendment in words.
pub fn amended(amendment: &Amendment<AccountId>) -> String {
	let mut parts = Vec::new();
	if let Some(prices) = &amendment.prices {
		let prices: Vec<_> = prices.iter().map(|price| units::format_signed_tariff(*price)).collect();
		parts.push(format!("prices {}", prices.join(", ")));
	}
	if let Some(quantity) = amendment.quantity {
		parts.push(format!("quantity {}", units::format_energy(WattHours(quantity))));
	}
	if let Some(expected) = &amendment.expected {
		let expected: Vec<_> = expected.iter().map(|wh| units::format_energy(WattHours(*wh))).collect();
		parts.push(format!("expected {}", expected.join(", ")));
	}
	if let Some(payee) = &amendment.payee {
		parts.push(format!("payee {payee}"));
	}
	match &amendment.resolver {
		Some(Some(resolver)) => parts.push(format!("resolver {resolver}")),
		Some(None) => parts.push("resolver half of the council".into()),
		None => (),
	}
	format!("from {}: {}", units::format_month(amendment.from), parts.join("; "))
}
