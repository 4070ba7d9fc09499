//! Every bill of an agreement again, from what the meter, the feed and the contract say.
//!
//! The chain keeps its own bills. None of their numbers is used here but when each was issued, and what the parties declared
//! for its month: registers at month starts, shares, indexes and clauses are asked for one by one, the same pure functions
//! that the chain runs are run on them, and the results must be equal: every line, every amount, the fraction of a base unit
//! that each bill carries to the next, the counts of the contract year, the make-up bank.

use std::collections::{btree_map::Entry, BTreeMap, BTreeSet};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	billing::{
		agreement::{Declared, Status},
		events::Event,
		shares::{ShareRow, ShareTable},
		sources::{Boundary, Index, Proof, Registers},
		Agreement, Ending, Invoice, Moment, Month, Period, Sources,
	},
	primitives::{views::BillRecord, Amendment},
	units, AccountId, AgreementView, At,
};
use baseload_primitives::AgreementId;

/// A bill, recomputed.
pub struct Recomputed {
	/// What it is made of.
	pub invoice: Invoice,
	/// What bills before it left below a base unit, in 10^-18 base units.
	pub carried_in: u64,
	/// What it leaves to the next.
	pub carried_out: u64,
}

/// What the chain says about the meter, the feed and the shares, as far as an agreement's bills need it.
#[derive(Default)]
struct Known {
	boundaries: BTreeMap<Month, Boundary>,
	indexes: BTreeMap<Month, Index>,
	tables: BTreeMap<Month, ShareTable>,
	/// Months in which nothing is delivered.
	suspended: BTreeSet<Month>,
}

impl Sources for Known {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		self.boundaries.get(&month).cloned()
	}

	fn index(&self, month: Month) -> Option<Index> {
		self.indexes.get(&month).copied()
	}

	fn first_reaching(&self, _position: u8, _wh: u64) -> Option<Proof> {
		// The first month is taken from the chain: operation is proven before any bill.
		None
	}

	fn shares(&self, month: Month) -> Option<ShareTable> {
		let table = self.tables.get(&month).filter(|_| !self.suspended.contains(&month));
		table.cloned()
	}
}

/// Recomputes all bills and returns that of `period`. Fails with the first number that differs.
pub async fn recompute(
	at: &At,
	agreement: AgreementId,
	view: &AgreementView,
	bills: &[BillRecord],
	period: Period,
) -> Result<Recomputed> {
	let chain = view.billing.as_ref().context("the agreement is not active yet")?;
	let first = chain.first_month.context("the agreement waits for operation")?;
	let mut known = gather(at, agreement, view, bills, first).await?;

	let mut replay = Agreement::new(agreement.0, view.contract.terms.clone(), 0)
		.map_err(|refusal| anyhow::anyhow!("the clauses cannot be computed: {refusal:?}"))?;
	replay.first_month = Some(first);
	replay.status = Status::Active;
	replay.end = chain.end;

	let mut wanted = None;
	for bill in bills {
		let computed = match issue(&replay, &known, bill) {
			Ok(computed) => computed,
			Err(difference) => {
				as_then(at, agreement, &mut replay, &mut known, bill).await?;
				issue(&replay, &known, bill).map_err(|_| difference)?
			}
		};
		let (after, invoice) = computed;
		if bill.invoice.period == period {
			wanted = Some(Recomputed {
				invoice,
				carried_in: carry_before(&replay, &known, bill)?,
				carried_out: after.rem,
			});
		}
		replay = after;
	}
	play_before(&mut replay, &known, chain.clock, None)?;
	compare_ends(&replay, chain)?;
	wanted.context("this month has no bill yet")
}

/// Asks for everything that the bills depend on.
async fn gather(
	at: &At,
	agreement: AgreementId,
	view: &AgreementView,
	bills: &[BillRecord],
	first: Month,
) -> Result<Known> {
	let mut known = Known::default();
	let meter = view.contract.meter;
	let terms = &view.contract.terms;
	let stands = |registers: Option<Vec<u64>>, month: Month| {
		let registers = registers.with_context(|| {
			let month = units::format_month(month);
			format!("meter {meter} has no registers at the start of {month}, and yet they are billed")
		})?;
		Registers::try_from(registers).map_err(|_| anyhow::anyhow!("meter {meter} has more than eight registers"))
	};
	for bill in bills.iter().filter(|bill| bill.invoice.since <= bill.invoice.period) {
		for period in bill.invoice.since..=bill.invoice.period {
			let month = first.plus(period);
			for (month, since) in [(month, 0), (month.plus(1), bill.issued_at)] {
				if let Entry::Vacant(vacant) = known.boundaries.entry(month) {
					let registers = stands(at.month_start(meter, month.number()).await?, month)?;
					vacant.insert(Boundary {
						registers,
						known: since,
					});
				}
			}
			let table = table(at, agreement, view, month).await?;
			known.tables.insert(month, table);
			if is_suspended(view, bill, month) {
				known.suspended.insert(month);
			}
		}
	}
	if let Some(feed) = view.contract.feed.filter(|_| terms.tariff.is_indexed()) {
		let last = first.plus(bills.len() as u32);
		let mut month = first.minus(12);
		while month < last {
			if let Some(index) = at.index(feed, month).await? {
				let (value, known_since) = (index.value, index.known);
				let index = Index {
					value,
					known: known_since,
				};
				known.indexes.insert(month, index);
			}
			month = month.plus(1);
		}
		// A contract for difference whose index never came was given another, for good: its own may have come since.
		for bill in bills {
			let Some((value, true)) = bill.invoice.index else {
				continue;
			};
			let own = known.indexes.get(&bill.invoice.month);
			if own.is_none_or(|own| own.known > bill.issued_at) {
				let given = Index {
					value,
					known: bill.issued_at,
				};
				known.indexes.insert(bill.invoice.month, given);
			}
		}
	}
	Ok(known)
}

/// Whether nothing seems to be delivered in a month: the chain says so, or, of suspensions that it no longer keeps, the bill has no
/// energy and excuses all that was expected. Where that is not how it was, the bill differs, and [`as_then`] asks for it.
fn is_suspended(view: &AgreementView, bill: &BillRecord, month: Month) -> bool {
	let kept = view.billing.as_ref().is_some_and(|billing| billing.is_suspended(month));
	let invoice = &bill.invoice;
	let metered: u64 = invoice
		.lines
		.iter()
		.map(|line| line.normal + line.over + line.free)
		.sum();
	let expected = view.contract.terms.expected_in(month);
	kept || (metered == invoice.deemed && expected > 0 && invoice.excused >= expected)
}

/// Who gets what of the meter in a month, of those who share in a register of this agreement.
async fn table(at: &At, agreement: AgreementId, view: &AgreementView, month: Month) -> Result<ShareTable> {
	let shares = at.shares(view.contract.meter, month).await?;
	let billed = &view.contract.terms.registers;
	let mut rows: Vec<_> = shares
		.iter()
		.filter(|share| share.in_force && share.registers.iter().any(|register| billed.contains(register)))
		.map(|share| ShareRow {
			agreement: share.agreement.0,
			take: share.take,
		})
		.collect();
	if rows.is_empty() && view.closed_at.is_some() {
		// A closed agreement's share is forgotten once nobody else shares its months.
		rows.push(ShareRow {
			agreement: agreement.0,
			take: view.contract.share,
		});
	}
	ensure!(
		rows.iter().any(|row| row.agreement == agreement.0),
		"agreement {agreement} has no share of meter {} in {}, and yet it is billed",
		view.contract.meter,
		units::format_month(month)
	);
	ShareTable::new(&rows).map_err(|refusal| anyhow::anyhow!("the shares of the meter do not fit: {refusal:?}"))
}

/// The replay as it is just before a bill is issued.
fn before(replay: &Agreement, known: &Known, bill: &BillRecord) -> Result<Agreement> {
	let mut before = replay.clone();
	let declared = Declared {
		period: bill.invoice.period,
		deemed: bill.invoice.deemed,
		excused: bill.invoice.excused,
	};
	if before.declared.try_push(declared).is_err() {
		bail!("more was declared than fits");
	}
	play_before(&mut before, known, bill.issued_at, Some(bill.invoice.period))?;
	Ok(before)
}

fn carry_before(replay: &Agreement, known: &Known, bill: &BillRecord) -> Result<u64> {
	Ok(before(replay, known, bill)?.rem)
}

/// Issues a bill again and compares it with the chain's. Returns the replay after it, and what the bill is made of.
fn issue(replay: &Agreement, known: &Known, bill: &BillRecord) -> Result<(Agreement, Invoice)> {
	let month = units::format_month(bill.invoice.month);
	let before = before(replay, known, bill)?;
	let next = before.next_event(known).filter(|next| next.event == Event::Bill);
	ensure!(
		next.is_some_and(|next| next.at == bill.issued_at),
		"the bill of {month} was issued at {}, which nothing that is known explains",
		units::format_time(bill.issued_at)
	);
	let invoice = before
		.invoice(known, bill.issued_at)
		.map_err(|refusal| anyhow::anyhow!("the bill of {month} cannot be computed: {refusal:?}"))?;
	ensure!(
		invoice == bill.invoice,
		"the bill of {month} differs:\n  recomputed {invoice:?}\n  on chain   {:?}",
		bill.invoice
	);
	let mut after = before.clone();
	step(&mut after, known)?;
	let grown = |of: fn(&Agreement) -> u128| of(&after).saturating_sub(of(&before));
	for (what, recomputed, on_chain) in [
		("amount", grown(|replay| replay.ledger.accrued), bill.amount),
		("credit", grown(|replay| replay.ledger.credited), bill.credited),
		("damages", grown(|replay| replay.ledger.damages), bill.damages),
	] {
		ensure!(
			recomputed == on_chain,
			"the {what} of the bill of {month} differs: recomputed {}, on chain {}",
			units::format_kwh(recomputed),
			units::format_kwh(on_chain)
		);
	}
	Ok((after, invoice))
}

/// Plays everything up to a moment, but for the bill of `until`. Money does not matter here: whatever is due is in arrears.
fn play_before(replay: &mut Agreement, known: &Known, moment: Moment, until: Option<Period>) -> Result<()> {
	while let Some(next) = replay.next_event(known) {
		let is_wanted = next.event == Event::Bill && until == Some(replay.next);
		if is_wanted || next.at > moment || (next.at == moment && until.is_none()) || next.event == Event::Close {
			break;
		}
		step(replay, known)?;
	}
	Ok(())
}

fn step(replay: &mut Agreement, known: &Known) -> Result<()> {
	match replay.step(known, Moment::MAX) {
		Ok(_) => Ok(()),
		Err(refusal) => bail!("a step cannot be computed: {refusal:?}"),
	}
}

/// Puts in force the clauses, suspensions and shares that a bill was issued under: those of the block before its own. An amendment
/// that waited then holds from its month on, so that bills before and after it can be of one block. Shares that a closed
/// agreement had beside others are forgotten with the last of them. Needs a node that keeps old states.
async fn as_then(
	at: &At,
	agreement: AgreementId,
	replay: &mut Agreement,
	known: &mut Known,
	bill: &BillRecord,
) -> Result<()> {
	let block = super::proof::first_block(at, 0, |at| async move {
		let view = at.agreement(agreement).await?;
		Ok(view.is_some_and(|view| view.billing.is_some_and(|billing| billing.clock >= bill.issued_at)))
	});
	let parent = block.await?.number().saturating_sub(1);
	let hash = at.chain().block_hash(parent).await?.context("the node lost a block")?;
	let state = at.chain().at(hash).await?;
	let then = state.agreement(agreement).await?;
	let then = then.context("the agreement was not there when its bill was issued")?;
	let billing = then
		.billing
		.as_ref()
		.context("the agreement was not active before its bill was issued")?;
	let mut tables = BTreeMap::new();
	for month in months_of(bill) {
		// What was not to be told yet in that block is told as it is now.
		if let Ok(table) = table(&state, agreement, &then, month).await {
			tables.insert(month, table);
		}
	}
	put_back(replay, known, bill, billing, then.amendment.as_ref(), tables);
	Ok(())
}

/// The months whose energy is in a bill: none while the meter is silent.
fn months_of(bill: &BillRecord) -> impl Iterator<Item = Month> {
	let (month, period) = (bill.invoice.month, bill.invoice.period);
	(bill.invoice.since..=period).map(move |since| month.minus(period - since))
}

/// Puts clauses, suspensions and shares as they were before a bill was issued into the replay.
fn put_back(
	replay: &mut Agreement,
	known: &mut Known,
	bill: &BillRecord,
	then: &Agreement,
	amendment: Option<&Amendment<AccountId>>,
	tables: BTreeMap<Month, ShareTable>,
) {
	replay.terms = then.terms.clone();
	if let Some(amendment) = amendment.filter(|amendment| amendment.from <= bill.invoice.month) {
		amendment.change(&mut replay.terms);
	}
	known.tables.extend(tables);
	for month in months_of(bill) {
		match then.is_suspended(month) {
			true => known.suspended.insert(month),
			false => known.suspended.remove(&month),
		};
	}
}

/// Compares where the replay ends with where the chain stands.
fn compare_ends(replay: &Agreement, chain: &Agreement) -> Result<()> {
	let accrued = chain.ledger.accrued.checked_sub(replay.ledger.accrued);
	let is_paid_to_end = matches!(chain.reason, Some(Ending::Seller | Ending::Buyout));
	let same = [
		("months billed", replay.next == chain.next),
		("months whose energy is billed", replay.unbilled == chain.unbilled),
		("fraction carried on", replay.rem == chain.rem),
		("energy billed", replay.wh == chain.wh),
		("energy counted this year", replay.year == chain.year),
		(
			"make-up bank",
			replay.bank == chain.bank || chain.reason == Some(Ending::Buyer),
		),
		("corrections to come", replay.corrections == chain.corrections),
		("billed in all", accrued.is_some_and(|rest| rest == 0 || is_paid_to_end)),
	];
	for (what, same) in same {
		ensure!(same, "the {what} differ from what was recomputed");
	}
	Ok(())
}

#[cfg(test)]
mod tests;
