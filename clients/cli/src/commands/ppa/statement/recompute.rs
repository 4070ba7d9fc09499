//! Every bill of an agreement again, from what the meter, the feed and the contract say.
//!
//! The chain keeps its own bills. None of their numbers is used here but when each was issued, and what the parties declared
//! for its month: registers at month starts, shares, indexes and clauses are asked for one by one, the same pure functions
//! that the chain runs are run on them, and the results must be equal: every line, every amount, the fraction of a base unit
//! that each bill carries to the next, the counts of the contract year, the make-up bank.

use std::collections::{btree_map::Entry, BTreeMap};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	billing::{
		agreement::{Declared, Status},
		events::Event,
		shares::{ShareRow, ShareTable},
		sources::{Boundary, Index, Proof, Registers},
		Agreement, Ending, Invoice, Moment, Month, Period, Sources,
	},
	primitives::views::BillRecord,
	units, AgreementView, At,
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
		self.tables.get(&month).cloned()
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
	let known = gather(at, agreement, view, bills, first).await?;

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
				// Clauses may have been amended since.
				let then = contract_at(at, agreement, bill.issued_at).await?;
				ensure!(then.contract.hash() != view.contract.hash(), difference);
				replay.terms = then.contract.terms;
				issue(&replay, &known, bill)?
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
			if !is_suspended(view, bill, month) {
				let table = table(at, agreement, view, month).await?;
				known.tables.insert(month, table);
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
		// A contract for difference whose index never came was given another, for good.
		for bill in bills {
			if let Some((value, true)) = bill.invoice.index {
				let given = Index {
					value,
					known: bill.issued_at,
				};
				known.indexes.entry(bill.invoice.month).or_insert(given);
			}
		}
	}
	Ok(known)
}

/// Whether nothing is delivered in a month: the chain says so, or, of suspensions that it no longer keeps, the bill has no
/// energy and excuses all that was expected.
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

/// The agreement as it was when a bill was issued. Needs a node that keeps old states.
async fn contract_at(at: &At, agreement: AgreementId, issued_at: Moment) -> Result<AgreementView> {
	let block = super::proof::first_block(at, 0, |at| async move {
		let view = at.agreement(agreement).await?;
		Ok(view.is_some_and(|view| view.billing.is_some_and(|billing| billing.clock >= issued_at)))
	});
	let parent = block.await?.number().saturating_sub(1);
	let hash = at.chain().block_hash(parent).await?.context("the node lost a block")?;
	let then = at.chain().at(hash).await?.agreement(agreement).await?;
	then.context("the agreement was not there when its bill was issued")
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
mod tests {
	use super::*;
	use baseload_client::{
		agreements::{template, AgreementFile, Attestors, Kwh, Share},
		billing::shares::Take,
		AccountId,
	};
	use baseload_primitives::Register;

	/// Thirteen months of the hydro template: less than has to be taken in the first year, and some of it made up later.
	fn world() -> (Agreement, Known) {
		// The price makes fractions of a base unit, which are carried.
		let text = template("hydro-take-or-pay").unwrap().text;
		let text = text.replace("[\"0.05 KWH/kWh\"]", "[\"0.0500000000001 KWH/kWh\"]");
		let file = AgreementFile::parse("hydro.toml".into(), text).unwrap();
		let fee = Attestors {
			monthly: Kwh(0),
			cap: Share(0),
		};
		let contract = file
			.contract(&[Register::Export], fee, |_| Ok(AccountId([0; 32])))
			.unwrap();
		let agreement = Agreement::new(1, contract.terms, 0).unwrap();
		let first = agreement.first_month.unwrap();
		let mut known = Known::default();
		for months in 0..=13u32 {
			let month = first.plus(months);
			let registers = Registers::try_from(vec![u64::from(months) * 700_000_003]).unwrap();
			let boundary = Boundary {
				registers,
				known: month.start() + 1,
			};
			known.boundaries.insert(month, boundary);
			let row = ShareRow {
				agreement: 1,
				take: Take::Percent(333_333),
			};
			known.tables.insert(month, ShareTable::new(&[row]).unwrap());
		}
		(agreement, known)
	}

	/// The bills that a chain would issue, and where it would stand.
	fn issued(mut agreement: Agreement, known: &Known) -> (Vec<BillRecord>, Agreement) {
		let mut bills = Vec::new();
		for period in 0..13 {
			play_before(&mut agreement, known, Moment::MAX, Some(period)).unwrap();
			let at = agreement.next_event(known).unwrap().at;
			let (invoice, before) = (agreement.invoice(known, at).unwrap(), agreement.ledger);
			step(&mut agreement, known).unwrap();
			let after = agreement.ledger;
			bills.push(BillRecord {
				invoice,
				number: Some(agreement.issued),
				issued_at: at,
				due: at,
				amount: after.accrued - before.accrued,
				credited: after.credited - before.credited,
				damages: after.damages - before.damages,
				reserved: 0,
				corrected_up: 0,
				corrected_down: 0,
			});
		}
		(bills, agreement)
	}

	#[test]
	fn bills_should_be_the_same_when_they_are_recomputed() {
		let (mut replay, known) = world();
		let (bills, chain) = issued(replay.clone(), &known);
		assert!(bills.iter().any(|bill| bill.invoice.short > 0));
		assert_ne!(chain.rem, 0);
		for bill in &bills {
			let (after, invoice) = issue(&replay, &known, bill).unwrap();
			assert_eq!(invoice, bill.invoice);
			replay = after;
		}
		compare_ends(&replay, &chain).unwrap();
		replay.rem += 1;
		let error = compare_ends(&replay, &chain).unwrap_err().to_string();
		assert!(error.contains("fraction carried on"), "{error}");
	}

	#[test]
	fn bill_should_be_refused_when_one_number_differs() {
		/// Spoils one number.
		type Spoil = fn(&mut BillRecord);
		let (replay, known) = world();
		let (bills, _) = issued(replay.clone(), &known);
		let spoils: [(Spoil, &str); 8] = [
			(|bill| bill.amount += 1, "the amount of the bill of 2027-01 differs"),
			(|bill| bill.credited += 1, "the credit of the bill"),
			(|bill| bill.damages += 1, "the damages of the bill"),
			(|bill| bill.issued_at += 1, "was issued at"),
			(|bill| bill.invoice.opening[0] += 1, "the bill of 2027-01 differs"),
			(|bill| bill.invoice.closing[0] += 1, "the bill of 2027-01 differs"),
			(|bill| bill.invoice.lines[0].normal += 1, "the bill of 2027-01 differs"),
			(|bill| bill.invoice.lines[0].price += 1, "the bill of 2027-01 differs"),
		];
		for (spoil, said) in spoils {
			let mut bill = bills[0].clone();
			spoil(&mut bill);
			let error = issue(&replay, &known, &bill).unwrap_err().to_string();
			assert!(error.contains(said), "{said}: {error}");
		}
	}
}
