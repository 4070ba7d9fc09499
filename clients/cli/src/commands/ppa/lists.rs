//! Lists: agreements, bills, shares, indexes.

use anyhow::{Context as _, Result};
use baseload_client::{
	billing::{Month, Price},
	calls,
	primitives::views::BillRecord,
	units, AgreementView,
};
use baseload_primitives::{AgreementId, FeedId, MeterId, WattHours};
use clap::{Args, Subcommand};

use super::{
	contract::{self, name},
	show, view,
};
use crate::{
	arguments::Who,
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Lists agreements.
#[derive(Args)]
pub struct List {
	/// Only those of this seller or buyer.
	#[arg(long)]
	party: Option<Who>,
	/// Only those over this meter.
	#[arg(long)]
	meter: Option<MeterId>,
}

impl List {
	/// `baseload ppa list`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let party = self.party.map(|party| context.account(&chain, &party)).transpose()?;
		let at = chain.best().await?;
		let ids = match self.meter {
			Some(meter) => at.agreements_of(meter).await?,
			None => (0..at.next_agreement().await?.0).map(AgreementId).collect(),
		};
		let is_party = |view: &AgreementView| {
			party.is_none_or(|party| view.contract.seller == party || view.contract.buyer == party)
		};
		let mut rows = Vec::new();
		for agreement in ids {
			let Some(view) = at.agreement(agreement).await?.filter(is_party) else {
				continue;
			};
			let ledger = view.billing.as_ref().map(|billing| billing.ledger).unwrap_or_default();
			let escrow = match view.billing {
				Some(_) => ledger.escrow,
				None => view.deposits.escrow,
			};
			rows.push(vec![
				Cell::number(agreement.0),
				show::status(view.status),
				Cell::number(view.contract.meter.0),
				contract::take(view.contract.share),
				Cell::kwh(escrow),
				Cell::kwh(ledger.paid),
				Cell::kwh(ledger.arrears),
				Cell::account(&view.contract.seller),
				Cell::account(&view.contract.buyer),
			]);
		}
		Ok(Report::Table {
			name: "agreements",
			columns: vec![
				("agreement", "agreement"),
				("status", "status"),
				("meter", "meter"),
				("share", "share"),
				("escrow", "escrow"),
				("paid", "paid"),
				("arrears", "arrears"),
				("seller", "seller"),
				("buyer", "buyer"),
			],
			rows,
		})
	}
}

/// Lists an agreement's bills.
#[derive(Args)]
pub struct Bills {
	/// The agreement.
	agreement: AgreementId,
}

impl Bills {
	/// `baseload ppa bills`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let at = context.chain().await?.best().await?;
		let view = view(&at, self.agreement).await?;
		let last = view.billing.map_or(0, |billing| billing.next).saturating_sub(1);
		let bills = at.bills_up_to(self.agreement, last).await?;
		let row = |bill: &BillRecord| {
			vec![
				Cell::month(bill.invoice.month),
				Cell::option(bill.number, Cell::number),
				Cell::energy(WattHours(energy(bill))),
				Cell::kwh(bill.amount),
				Cell::kwh(bill.credited),
				Cell::kwh(bill.damages),
				Cell::kwh(bill.corrected_up),
				Cell::kwh(bill.corrected_down),
				Cell::time(bill.issued_at),
				Cell::time(bill.due),
			]
		};
		Ok(Report::Table {
			name: "bills",
			columns: vec![
				("month", "month"),
				("bill", "number"),
				("energy", "wh"),
				("billed", "amount"),
				("owed by seller", "credited"),
				("damages", "damages"),
				("billed later", "corrected_up"),
				("owed later", "corrected_down"),
				("issued", "issued_at"),
				("due", "due"),
			],
			rows: bills.iter().map(row).collect(),
		})
	}
}

/// All energy of a bill, what the make-up bank gave free among it, in Wh.
pub fn energy(bill: &BillRecord) -> u64 {
	let lines = bill.invoice.lines.iter();
	lines.map(|line| line.normal + line.over + line.free).sum()
}

/// `baseload ppa next-bill`
pub async fn next_bill(context: &Context, agreement: AgreementId) -> Result<Report> {
	let at = context.chain().await?.best().await?;
	view(&at, agreement).await?;
	let next = at.next_bill(agreement).await?;
	let next =
		next.with_context(|| format!("no bill of agreement {agreement} is to come that could be computed now"))?;
	let bill = &next.bill;
	Ok(Report::record()
		.with("agreement", "agreement", Cell::number(agreement.0))
		.with("month", "month", Cell::month(bill.invoice.month))
		.with("measured up to", "measured_at", Cell::time(next.measured_at))
		.with("energy so far", "wh", Cell::energy(WattHours(energy(bill))))
		.with("bill so far", "amount", Cell::kwh(bill.amount))
		.with("owed by seller so far", "credited", Cell::kwh(bill.credited))
		.with("escrow after it", "escrow_after", Cell::kwh(next.escrow_after)))
}

/// Who gets what of a meter.
#[derive(Args)]
pub struct Shares {
	/// The meter.
	meter: MeterId,
	/// The month, such as 2026-11.
	#[arg(long, value_parser = units::parse_month)]
	month: Month,
}

impl Shares {
	/// `baseload ppa shares`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let at = context.chain().await?.best().await?;
		let registers = at.meter_registers(self.meter).await?;
		let registers = registers.with_context(|| format!("there is no meter {}", self.meter))?;
		let shares = at.shares(self.meter, self.month).await?;
		let rows = shares.iter().map(|share| {
			let billed = share.registers.iter().map(|position| name(&registers, *position));
			vec![
				Cell::number(share.agreement.0),
				Cell::list(billed.collect()),
				contract::take(share.take),
				Cell::option(share.from, Cell::month),
				Cell::option(share.until, Cell::month),
				Cell::flag(share.in_force),
			]
		});
		Ok(Report::Table {
			name: "shares",
			columns: vec![
				("agreement", "agreement"),
				("registers", "registers"),
				("share", "share"),
				("from", "from"),
				("to before", "until"),
				("in force", "in_force"),
			],
			rows: rows.collect(),
		})
	}
}

/// The indexes that prices follow.
#[derive(Subcommand)]
pub enum Feed {
	/// Show a feed, and its mean of a month.
	Show {
		/// The feed.
		feed: u32,
		/// The month, such as 2026-11.
		#[arg(long, value_parser = units::parse_month)]
		month: Option<Month>,
	},
	/// Report the market's price of a kWh in the quote currency, as an oracle operator. It can be negative.
	Report {
		/// The feed.
		feed: u32,
		/// The price, such as 0.05.
		#[arg(value_parser = units::parse_slope, allow_hyphen_values = true)]
		price: i128,
	},
	/// Have the chain look at a feed now. For anyone.
	Observe {
		/// The feed.
		feed: u32,
	},
	/// Publish the mean of a month that has ended without one.
	Publish {
		/// The feed.
		feed: u32,
		/// The month, such as 2026-11.
		#[arg(long, value_parser = units::parse_month)]
		month: Month,
		/// The mean, such as "0.05 KWH/kWh".
		#[arg(value_parser = units::parse_signed_tariff, allow_hyphen_values = true)]
		value: Price,
		#[command(flatten)]
		as_root: AsRoot,
	},
}

impl Feed {
	/// `baseload ppa feed`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let (feed, call) = match self {
			Self::Show { feed, month } => {
				let at = chain.best().await?;
				let feed = FeedId(feed);
				let seen = at.feed(feed).await?;
				let index = match month {
					Some(month) => at.index(feed, month).await?,
					None => None,
				};
				return Ok(Report::record()
					.with("feed", "feed", Cell::number(feed.0))
					.with(
						"observed at",
						"observed_at",
						Cell::option(seen.as_ref(), |seen| Cell::time(seen.observed_at)),
					)
					.with(
						"value",
						"value",
						Cell::option(seen, |seen| Cell::signed_tariff(seen.value)),
					)
					.with("month", "month", Cell::option(month, Cell::month))
					.with(
						"its mean",
						"index",
						Cell::option(index, |index| Cell::signed_tariff(index.value)),
					)
					.with(
						"known since",
						"known",
						Cell::option(index, |index| Cell::time(index.known)),
					));
			}
			Self::Report { feed, price } => {
				let call = calls::feed_index(FeedId(feed), price);
				(
					feed,
					call.with_context(|| format!("there is no feed {feed}: the last one is 2147483646"))?,
				)
			}
			Self::Observe { feed } => (feed, calls::observe(FeedId(feed))),
			Self::Publish {
				feed,
				month,
				value,
				as_root,
			} => (feed, as_root.wrap(calls::publish_index(FeedId(feed), month, value))),
		};
		let sent = context.send(&chain, call).await?;
		Ok(sent.with("feed", "feed", Cell::number(feed)).report())
	}
}
