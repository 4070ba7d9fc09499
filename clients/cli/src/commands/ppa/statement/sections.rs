//! What stands in an invoice.

use anyhow::Result;
use baseload_client::{
	billing::{Agreement, Money, Month, Price},
	primitives::views::BillRecord,
	units, AgreementView, At,
};
use baseload_primitives::{AgreementId, Register, WattHours};
use serde_json::json;

use super::{
	arrears::{held, payable},
	recompute::Recomputed,
	Section,
};
use crate::{
	commands::ppa::{contract, show},
	output::{Cell, Report},
};

/// Decimals of a product of a price and an energy, in KWH: 12 of base units and 18 of prices.
const EXACT: u32 = 30;

/// What an invoice is made from.
pub struct Document<'a> {
	/// The agreement.
	pub agreement: AgreementId,
	/// As of the block.
	pub view: &'a AgreementView,
	/// Its state of billing.
	pub billing: &'a Agreement,
	/// The month's bill on chain.
	pub bill: &'a BillRecord,
	/// What newer bills that fell due already can have added to the arrears.
	pub newer_due: Money,
	/// The bill, recomputed.
	pub recomputed: &'a Recomputed,
	/// What the meter's registers count.
	pub registers: &'a [Register],
}

impl Document<'_> {
	/// Who, what, when.
	pub async fn head(&self, at: &At, month: Month, before: Option<Month>) -> Result<Section> {
		let contract = &self.view.contract;
		let report = Report::record()
			.with("agreement", "agreement", Cell::number(self.agreement.0))
			.with("month", "month", Cell::month(month))
			.with("bill", "number", Cell::option(self.bill.number, Cell::number))
			.with("issued", "issued_at", Cell::time(self.bill.issued_at))
			.with("due", "due", Cell::time(self.bill.due))
			.with("seller", "seller", Cell::account(&contract.seller))
			.with("buyer", "buyer", Cell::account(&contract.buyer))
			.with("payee", "payee", Cell::account(&contract.payee))
			.with("meter", "meter", Cell::number(contract.meter.0))
			.with("contract", "contract_hash", Cell::text(format!("{:?}", self.view.hash)))
			.with("bill before", "before", Cell::option(before, Cell::month))
			.with(
				"chain",
				"genesis",
				Cell::text(format!("{:?}", at.chain().genesis_hash())),
			)
			.with("as of final block", "block_number", Cell::number(at.number()))
			.with("block hash", "block_hash", Cell::text(format!("{:?}", at.hash())))
			.with("block time", "block_time", Cell::time(at.timestamp().await?));
		Ok(Section {
			title: "Invoice",
			key: "invoice",
			report,
		})
	}

	/// Opening and closing registers.
	pub fn registers(&self) -> Section {
		let invoice = &self.recomputed.invoice;
		let count = |stands: &[u64], position: u8| {
			let count = stands.get(usize::from(position)).copied();
			Cell::option(count, |wh| Cell::energy(WattHours(wh)))
		};
		let rows = invoice.lines.iter().enumerate().map(|(place, line)| {
			let stand = |stands: &[u64]| stands.get(usize::from(line.register)).copied();
			let advance = stand(&invoice.closing).zip(stand(&invoice.opening));
			let advance = advance.map(|(closing, opening)| closing.saturating_sub(opening));
			// Deemed energy is billed on the first register.
			let deemed = if place == 0 { invoice.deemed } else { 0 };
			let share = line.normal + line.over + line.free - deemed;
			vec![
				Cell::text(contract::name(self.registers, line.register)),
				count(&invoice.opening, line.register),
				count(&invoice.closing, line.register),
				Cell::option(advance, |wh| Cell::energy(WattHours(wh))),
				Cell::energy(WattHours(share)),
			]
		});
		Section {
			title: "Registers",
			key: "registers",
			report: Report::Table {
				name: "registers",
				columns: vec![
					("register", "register"),
					("opening", "opening_wh"),
					("closing", "closing_wh"),
					("advance", "advance_wh"),
					("of it this agreement's", "share_wh"),
				],
				rows: rows.collect(),
			},
		}
	}

	/// Energy and its price, step by step.
	pub fn charges(&self) -> Section {
		let invoice = &self.recomputed.invoice;
		let mut rows = Vec::new();
		for line in &invoice.lines {
			let register = contract::name(self.registers, line.register);
			rows.push(charge(&register, "at the price", line.normal, line.price));
			if line.over > 0 {
				rows.push(charge(&register, "beyond the quantity", line.over, line.excess_price));
			}
			if line.free > 0 {
				rows.push(charge(&register, "made up, paid before", line.free, 0));
			}
		}
		if invoice.short > 0 {
			rows.push(charge("", "paid but not taken", invoice.short, invoice.short_price));
		}
		Section {
			title: "Energy and prices",
			key: "charges",
			report: Report::Table {
				name: "charges",
				columns: vec![
					("register", "register"),
					("what", "what"),
					("energy", "wh"),
					("price", "price"),
					("amount", "amount_kwh"),
				],
				rows,
			},
		}
	}

	/// From the charges to what was to be paid.
	pub fn bill(&self) -> Section {
		let (bill, invoice) = (self.bill, &self.recomputed.invoice);
		let fraction = |carried: u64| {
			let exact = units::format_units(carried.into(), EXACT);
			Cell::both(format!("{exact} KWH"), json!(exact))
		};
		let index = invoice.index;
		let report = Report::record()
			.with(
				"index",
				"index",
				Cell::option(index, |(value, _)| Cell::signed_tariff(value)),
			)
			.with(
				"index is the month's own",
				"index_final",
				Cell::option(index, |(_, is_final)| Cell::flag(is_final)),
			)
			.with("deemed energy", "deemed_wh", Cell::energy(WattHours(invoice.deemed)))
			.with("excused energy", "excused_wh", Cell::energy(WattHours(invoice.excused)))
			.with(
				"carried from bills before",
				"carried_in_kwh",
				fraction(self.recomputed.carried_in),
			)
			.with(
				"carried to the next",
				"carried_out_kwh",
				fraction(self.recomputed.carried_out),
			)
			.with("billed", "amount", Cell::kwh(bill.amount))
			.with("owed by the seller instead", "credited", Cell::kwh(bill.credited))
			.with("  damages among it", "damages", Cell::kwh(bill.damages))
			.with("paid out of the estimate", "reserved", Cell::kwh(bill.reserved))
			.with("billed later, true index", "corrected_up", Cell::kwh(bill.corrected_up))
			.with(
				"owed later, true index",
				"corrected_down",
				Cell::kwh(bill.corrected_down),
			);
		let open = self.open();
		let report = report
			.with("not due yet", "open", Cell::kwh(open.not_due))
			.with("held in dispute", "held", Cell::kwh(open.held))
			.with("in arrears", "in_arrears", Cell::kwh(open.arrears))
			.with("paid, set off or waived", "settled", Cell::kwh(open.settled));
		Section {
			title: "Bill",
			key: "bill",
			report,
		}
	}

	/// What becomes of the bill's amount. Arrears belong to the newest bills that fell due: the oldest are paid first.
	fn open(&self) -> Open {
		let amount = self.bill.amount;
		let Some(number) = self.bill.number else {
			return Open::default();
		};
		let billing = self.billing;
		let not_due = billing.bills.iter().find(|bill| bill.number == number);
		let not_due = not_due.map_or(0, |bill| bill.open);
		let held = held(billing, number);
		let is_due = !billing.bills.iter().any(|bill| bill.number == number);
		let arrears = match is_due {
			true => billing
				.ledger
				.arrears
				.saturating_sub(self.newer_due)
				.min(payable(self.bill).saturating_sub(held)),
			false => 0,
		};
		Open {
			not_due,
			held,
			arrears,
			settled: amount
				.saturating_sub(not_due)
				.saturating_sub(held)
				.saturating_sub(arrears),
		}
	}

	/// What attestors and the sweep took of all payments so far, as far as it arrived: the payee gets what the vault does not owe
	/// and what nobody serves the meter for.
	pub fn deductions(&self) -> Section {
		let (ledger, cuts) = (&self.billing.ledger, &self.view.contract.terms.cuts);
		let (paid, due) = (&self.view.payouts.paid, &self.view.payouts.due);
		let report = Report::record()
			.with(
				"attestors' fee of the month",
				"attestor_fee",
				Cell::kwh(cuts.attestor_fee),
			)
			.with(
				"attestors, at most of a payment",
				"attestor_cap_ppm",
				Cell::share(cuts.attestor_cap),
			)
			.with("attestors, paid in all", "to_attestors", Cell::kwh(paid.attestors))
			.with(
				"  taken and not yet paid",
				"claimable_attestors",
				Cell::kwh(due.attestors),
			)
			.with("  still to be taken", "attestor_due", Cell::kwh(ledger.attestor_due))
			.with("sweep, of the rest", "sweep_ppm", Cell::share(cuts.sweep))
			.with("debt retired in all", "swept", Cell::kwh(paid.burnt))
			.with("to the payee in all", "to_payee", Cell::kwh(paid.payee))
			.with("claimable by the payee", "claimable_payee", Cell::kwh(due.payee));
		Section {
			title: "Deductions",
			key: "deductions",
			report,
		}
	}

	/// Balances as of the block.
	pub fn account(&self) -> Section {
		Section {
			title: "Balances",
			key: "balances",
			report: show::buckets(Report::record(), self.view),
		}
	}
}

/// What became of a bill.
#[derive(Default)]
struct Open {
	not_due: Money,
	held: Money,
	arrears: Money,
	settled: Money,
}

fn charge(register: &str, what: &str, wh: u64, price: Price) -> Vec<Cell> {
	let exact = price.unsigned_abs().checked_mul(wh.into());
	let minus = if price < 0 && wh > 0 { "-" } else { "" };
	let exact = exact.map(|exact| format!("{minus}{}", units::format_units(exact, EXACT)));
	vec![
		Cell::text(register),
		Cell::text(what),
		Cell::energy(WattHours(wh)),
		Cell::signed_tariff(price),
		Cell::option(exact, |exact| Cell::both(format!("{exact} KWH"), json!(exact))),
	]
}
