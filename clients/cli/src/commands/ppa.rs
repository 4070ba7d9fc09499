//! Power purchase agreements.

use anyhow::{bail, Context as _, Result};
use baseload_client::{
	calls::{self, AttestorFee, Sweep, Terms},
	units, AccountId, AgreementView, At,
};
use baseload_primitives::{AgreementId, AgreementStatus, Balance, MeterId, Moment, Price, Register, VaultId};
use clap::{Args, Subcommand};

use crate::{
	arguments::{hash, Who},
	context::Context,
	output::{Cell, Report},
};

/// Power purchase agreements.
#[derive(Subcommand)]
pub enum Ppa {
	/// Propose an agreement, as its seller or buyer. Holds a deposit.
	Propose(Box<Propose>),
	/// Accept a proposal, as the other party.
	Accept {
		/// The agreement.
		agreement: AgreementId,
		/// The hash of the terms that you have read: see `ppa show`.
		#[arg(long, value_parser = hash)]
		terms_hash: [u8; 32],
	},
	/// Pay KWH into an agreement's escrow, for the buyer.
	Fund {
		/// The agreement.
		agreement: AgreementId,
		/// How much, such as "1000 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Start billing at the register's newest final count.
	Activate(Which),
	/// Bill what the register advanced since the last bill. For anyone.
	Settle(Which),
	/// Give notice, as a party.
	Notice(Which),
	/// End an agreement whose notice is over. For anyone.
	Close(Which),
	/// Take what the agreement could not pay out before.
	Claim(Which),
	/// End an agreement that never started.
	Cancel(Which),
	/// Show one agreement.
	Show(Which),
	/// List all agreements.
	List {
		/// Only those of this seller or buyer.
		#[arg(long)]
		party: Option<Who>,
	},
}

/// An agreement.
#[derive(Args)]
pub struct Which {
	/// The agreement.
	agreement: AgreementId,
}

/// The terms of a proposal.
#[derive(Args)]
pub struct Propose {
	/// Who delivers: the owner of the meter's site.
	#[arg(long)]
	seller: Who,
	/// Who takes and pays.
	#[arg(long)]
	buyer: Who,
	/// Whose register is billed.
	#[arg(long)]
	meter: MeterId,
	/// Which of its registers.
	#[arg(long, value_parser = units::parse_register, default_value = "export")]
	register: Register,
	/// Fixed tariff, such as "0.85 KWH/kWh"; of a service the price of 1,000 units.
	#[arg(long, value_parser = units::parse_tariff)]
	price: Price,
	/// Who receives the money; the seller if not given.
	#[arg(long)]
	payee: Option<Who>,
	/// Retire the debt of this vault of the seller's out of each payment.
	#[arg(long, requires = "sweep_share")]
	sweep_vault: Option<VaultId>,
	/// How much of each payment retires debt, such as 20%.
	#[arg(long, value_parser = units::parse_share, requires = "sweep_vault")]
	sweep_share: Option<u32>,
	/// What the meter's attestors earn a month, such as "5 KWH"; the least that the chain allows if not given.
	#[arg(long, value_parser = units::parse_kwh)]
	attestor_fee: Option<Balance>,
	/// The most that they take of one payment, such as 2%; the least that the chain allows if not given.
	#[arg(long, value_parser = units::parse_share)]
	attestor_cap: Option<u32>,
	/// What the escrow must hold before the agreement can start.
	#[arg(long, value_parser = units::parse_kwh, default_value = "0")]
	min_escrow: Balance,
	/// Time between notice and end, such as 30d.
	#[arg(long, value_parser = units::parse_duration)]
	notice: Moment,
}

impl Ppa {
	/// `baseload ppa`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let (agreement, call) = match self {
			Self::Propose(propose) => return propose.run(context).await,
			Self::Show(Which { agreement }) => return show(&chain.best().await?, agreement).await,
			Self::List { party } => {
				let party = party.map(|party| context.account(&chain, &party)).transpose()?;
				return list(&chain.best().await?, party).await;
			}
			Self::Accept { agreement, terms_hash } => (agreement, calls::accept(agreement, terms_hash.into())),
			Self::Fund { agreement, amount } => (agreement, calls::fund(agreement, amount)),
			Self::Activate(Which { agreement }) => (agreement, calls::activate(agreement)),
			Self::Settle(Which { agreement }) => (agreement, calls::settle(agreement)),
			Self::Notice(Which { agreement }) => (agreement, calls::give_notice(agreement)),
			Self::Close(Which { agreement }) => (agreement, calls::close_agreement(agreement)),
			Self::Claim(Which { agreement }) => (agreement, calls::claim(agreement)),
			Self::Cancel(Which { agreement }) => (agreement, calls::cancel(agreement)),
		};
		let mut sent = context
			.send(&chain, call)
			.await?
			.with("agreement", "agreement", Cell::number(agreement.0));
		// Fields as the pallet's events declare them.
		type Settled = (AgreementId, u64, u64, Balance, Balance, Balance);
		if let Some((_, from, to, paid, attestors, swept)) = sent.receipt.event::<Settled>("PpaEscrow", "Settled") {
			let terms = chain.best().await?.terms(agreement).await?;
			let terms = terms.with_context(|| format!("there are no terms of agreement {agreement}"))?;
			let billed = Cell::count(terms.register, to.saturating_sub(from));
			sent = sent
				.with("billed", "billed", billed)
				.with("paid", "paid", Cell::kwh(paid))
				.with("of it to attestors", "attestors", Cell::kwh(attestors))
				.with("of it retired debt", "swept", Cell::kwh(swept));
		}
		type Closed = (AgreementId, Balance, Balance, Balance);
		if let Some((_, paid, unpaid, refunded)) = sent.receipt.event::<Closed>("PpaEscrow", "Closed") {
			sent = sent
				.with("paid in all", "paid_in_all", Cell::kwh(paid))
				.with("left unpaid", "unpaid", Cell::kwh(unpaid))
				.with("refunded", "refunded", Cell::kwh(refunded));
		}
		let status = chain
			.at(sent.receipt.block_hash)
			.await?
			.agreement(agreement)
			.await?
			.map(|view| view.status);
		Ok(sent
			.with(
				"status",
				"status",
				status.map_or_else(|| Cell::text("ended"), status_cell),
			)
			.report())
	}
}

impl Propose {
	async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let seller = context.account(&chain, &self.seller)?;
		let least = chain.best().await?.least_attestor_fee()?;
		let terms = Terms {
			seller,
			buyer: context.account(&chain, &self.buyer)?,
			meter: self.meter,
			register: self.register,
			price: self.price,
			payee: self.payee.map_or(Ok(seller), |payee| context.account(&chain, &payee))?,
			sweep: self
				.sweep_vault
				.zip(self.sweep_share)
				.map(|(vault, ratio)| Sweep { vault, ratio }),
			attestor_fee: AttestorFee {
				monthly: self.attestor_fee.unwrap_or(least.monthly),
				cap: self.attestor_cap.unwrap_or(least.cap),
			},
			min_escrow: self.min_escrow,
			notice: self.notice,
		};
		let sent = context.send(&chain, calls::propose(&terms)).await?;
		let agreement: Option<AgreementId> = sent.receipt.event("PpaEscrow", "Proposed");
		Ok(sent
			.with(
				"agreement",
				"agreement",
				Cell::option(agreement, |agreement| Cell::number(agreement.0)),
			)
			.with("terms hash", "terms_hash", Cell::text(format!("{:?}", terms.hash())))
			.report())
	}
}

fn status_cell(status: AgreementStatus) -> Cell {
	Cell::text(match status {
		AgreementStatus::Proposed => "proposed",
		AgreementStatus::Accepted => "accepted",
		AgreementStatus::Active => "active",
		AgreementStatus::Ending => "ending",
		AgreementStatus::Closed => "closed",
	})
}

async fn show(at: &At, agreement: AgreementId) -> Result<Report> {
	let Some(view) = at.agreement(agreement).await? else {
		bail!("there is no agreement {agreement}")
	};
	let terms = at
		.terms(agreement)
		.await?
		.with_context(|| format!("there are no terms of agreement {agreement}"))?;
	if terms.hash() != view.terms_hash {
		bail!(
			"this client does not understand all terms of agreement {agreement}: use the client of the chain's release"
		);
	}
	let count = |count| Cell::count(terms.register, count);
	Ok(Report::record()
		.with("agreement", "agreement", Cell::number(agreement.0))
		.with("status", "status", status_cell(view.status))
		.with("seller", "seller", Cell::account(&terms.seller))
		.with("buyer", "buyer", Cell::account(&terms.buyer))
		.with("payee", "payee", Cell::account(&terms.payee))
		.with("meter", "meter", Cell::number(terms.meter.0))
		.with("register", "register", Cell::register(terms.register))
		.with("tariff", "tariff", Cell::tariff(terms.price))
		.with(
			"sweep into vault",
			"sweep_vault",
			Cell::option(terms.sweep, |sweep| Cell::number(sweep.vault.0)),
		)
		.with(
			"sweep share",
			"sweep_ppm",
			Cell::option(terms.sweep, |sweep| Cell::share(sweep.ratio)),
		)
		.with(
			"attestors a month",
			"attestor_fee",
			Cell::kwh(terms.attestor_fee.monthly),
		)
		.with(
			"at most of a payment",
			"attestor_cap_ppm",
			Cell::share(terms.attestor_fee.cap),
		)
		.with("minimum escrow", "min_escrow", Cell::kwh(terms.min_escrow))
		.with("notice", "notice", Cell::duration(terms.notice))
		.with("terms hash", "terms_hash", Cell::text(format!("{:?}", view.terms_hash)))
		.with(
			"opening register",
			"opening_register",
			Cell::option(view.opening_register, count),
		)
		.with(
			"billed register",
			"billed_register",
			Cell::option(view.billed_register, count),
		)
		.with(
			"final register",
			"final_register",
			Cell::option(view.final_register, count),
		)
		.with("account", "account", Cell::account(&view.account))
		.with("deposited", "deposited", Cell::kwh(view.deposited))
		.with("escrow", "escrow", Cell::kwh(view.escrow))
		.with("paid", "paid", Cell::kwh(view.paid))
		.with("of it to attestors", "to_attestors", Cell::kwh(view.to_attestors))
		.with("of it retired debt", "swept", Cell::kwh(view.swept))
		.with("of it claimable", "claimable", Cell::kwh(view.claimable))
		.with("due to attestors", "attestor_due", Cell::kwh(view.attestor_due))
		.with("left unpaid", "unpaid", Cell::kwh(view.unpaid))
		.with(
			"can be closed in",
			"closes_in",
			Cell::option(view.closes_in, Cell::duration),
		)
		.with("claimable by buyer", "claimable_buyer", Cell::kwh(view.claimable_buyer))
		.with("refunded", "refunded", Cell::kwh(view.refunded)))
}

async fn list(at: &At, party: Option<AccountId>) -> Result<Report> {
	let is_party = |view: &AgreementView| party.is_none_or(|party| view.seller == party || view.buyer == party);
	let mut rows = Vec::new();
	for agreement in (0..at.next_agreement().await?.0).map(AgreementId) {
		let Some(view) = at.agreement(agreement).await?.filter(is_party) else {
			continue;
		};
		rows.push(vec![
			Cell::number(agreement.0),
			status_cell(view.status),
			Cell::number(view.meter.0),
			Cell::register(view.register),
			Cell::tariff(view.price),
			Cell::kwh(view.escrow),
			Cell::kwh(view.paid),
			Cell::account(&view.seller),
			Cell::account(&view.buyer),
		]);
	}
	Ok(Report::Table {
		name: "agreements",
		columns: vec![
			("agreement", "agreement"),
			("status", "status"),
			("meter", "meter"),
			("register", "register"),
			("tariff", "tariff"),
			("escrow", "escrow"),
			("paid", "paid"),
			("seller", "seller"),
			("buyer", "buyer"),
		],
		rows,
	})
}
