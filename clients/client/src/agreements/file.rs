//! An agreement as people write it: TOML, read strictly.
//!
//! One section a clause. An unknown name, a value of another kind or clauses that contradict each other are refused with line,
//! column, what was found and what was expected. `templates/` beside this crate shows every setting.

use std::{ops::Range, path::PathBuf, sync::Arc};

use baseload_math::billing::{
	terms::{self, Start, Terms},
	Clause,
};
use baseload_primitives::{Conditions, Contract, LenderClause, MeterId, Register};
use toml::Spanned;

use super::{
	schema::{Attestors, File, Tariff},
	values::RegisterName,
};
use crate::{
	problem::{Errors, Problem, SourceText},
	units, AccountId,
};

/// A whole file.
#[derive(Clone, Debug)]
pub struct AgreementFile {
	sections: File,
	source: Arc<SourceText>,
}

impl AgreementFile {
	/// Reads the text of a file; `path` is what errors call it.
	pub fn parse(path: PathBuf, text: String) -> Result<Self, Errors> {
		let source = Arc::new(SourceText { path, text });
		let sections: File = toml::from_str(&source.text).map_err(|error| Errors::refused(&source, &error))?;
		match Errors::of(&source, sections.problems()) {
			Some(errors) => Err(errors),
			None => Ok(Self { sections, source }),
		}
	}

	/// Whose registers are billed.
	pub fn meter(&self) -> MeterId {
		self.sections.delivery.meter
	}

	/// The agreement as the chain has it. `declared`: what the meter's registers count, in their order. `least`: what
	/// attestors are paid if the file says nothing. `account` reads an address or a name.
	pub fn contract(
		&self,
		declared: &[Register],
		least: Attestors,
		account: impl Fn(&str) -> Result<AccountId, String>,
	) -> Result<Contract<AccountId>, Errors> {
		let File {
			parties,
			delivery,
			conditions,
			lender,
			..
		} = &self.sections;
		let account = |written: &Spanned<String>| {
			account(written.get_ref()).map_err(|reason| self.problem(written.span(), reason))
		};
		let seller = account(&parties.seller)?;
		Ok(Contract {
			seller,
			buyer: account(&parties.buyer)?,
			payee: parties.payee.as_ref().map_or(Ok(seller), account)?,
			resolver: parties.resolver.as_ref().map(account).transpose()?,
			meter: delivery.meter,
			share: delivery.take(),
			feed: self.sections.tariff.feed(),
			vault: self.sections.sweep.map(|sweep| sweep.vault),
			conditions: Conditions {
				escrow: conditions.escrow.0,
				security: conditions.security.0,
				bond: conditions.bond.0,
				by: conditions.by.0,
			},
			lender: LenderClause {
				notice: lender.notice.0,
				step_in: lender.step_in.0,
			},
			terms: self.terms(declared, least)?,
		})
	}

	/// Where a section begins; the file's start, if it is left out.
	fn section(&self, name: &str) -> Range<usize> {
		let text = &self.source.text;
		let opened = [format!("[{name}]"), format!("[{name}.")];
		let mut lines = text.split_inclusive('\n').scan(0, |start, line| {
			let from = *start;
			*start += line.len();
			Some((from, line))
		});
		let found = lines.find(|(_, line)| opened.iter().any(|opened| line.starts_with(opened)));
		found.map_or(0..0, |(from, line)| from..from + line.trim_end().len())
	}

	/// What is wrong with one value, at its place.
	fn problem(&self, span: Range<usize>, message: impl Into<String>) -> Errors {
		Errors::one(&self.source, Problem::new(span, message))
	}

	/// The clauses as the chain has them, of a meter whose registers are `declared` in this order. `least` is what attestors
	/// are paid if the file says nothing.
	pub fn terms(&self, declared: &[Register], least: Attestors) -> Result<Terms, Errors> {
		let clauses = &self.sections;
		let position = |named: &Spanned<RegisterName>| {
			let RegisterName(register) = named.get_ref();
			let found = declared.iter().position(|declared| declared == register);
			found.map(|position| position as u8).ok_or_else(|| {
				let known: Vec<_> = declared
					.iter()
					.map(|register| units::format_register(*register))
					.collect();
				let meter = clauses.delivery.meter;
				self.problem(
					named.span(),
					format!(
						"meter {meter} has no such register: one of {} is expected",
						known.join(", ")
					),
				)
			})
		};
		let registers: Vec<u8> = clauses
			.delivery
			.registers
			.get_ref()
			.iter()
			.map(position)
			.collect::<Result<_, _>>()?;
		let start = match &clauses.operation {
			None => Start::Month(
				clauses
					.term
					.start
					.as_ref()
					.expect("problems() wants one of the two")
					.get_ref()
					.0,
			),
			Some(operation) => Start::Operation(terms::Operation {
				register: position(&operation.register)?,
				wh: operation.reaches.0,
				target: operation.target.0,
				longstop: operation.longstop.get_ref().0,
				delay_per_day: operation.delay_per_day.0,
				delay_cap: operation.delay_cap.0,
			}),
		};
		let attestors = clauses.attestors.unwrap_or(least);
		let terms = Terms {
			registers: registers.try_into().expect("problems() wants at most eight"),
			tariff: clauses.tariff.terms(),
			escalator: clauses.tariff.escalation(),
			months: *clauses.term.months.get_ref(),
			start,
			volume: clauses.volume.terms(),
			nameplate_w: clauses.delivery.nameplate.0,
			expected: clauses.volume.by_month(),
			outage: terms::Outage {
				estimate: clauses.outage.estimate.0,
				max_estimates: clauses.outage.max_estimates,
				outage_grace: clauses.outage.grace.0,
				dark_final: clauses.outage.dark_final.0,
				feed_grace: clauses.outage.feed_grace.0,
				feed_final: clauses.outage.feed_final.get_ref().0,
			},
			payment: terms::Payment {
				due: clauses.payment.due.0,
				late_rate: clauses.payment.late_interest.0,
				grace: clauses.payment.grace.0,
				topup: clauses.payment.topup.0,
				security_periods: clauses.payment.security_months,
			},
			dispute: terms::DisputeClause {
				bond: clauses.dispute.bond.0,
				timeout: clauses.dispute.timeout.0,
				default: clauses.dispute.seller_at_timeout.0,
			},
			termination: terms::Termination {
				months: clauses.termination.months,
				buyer: clauses.termination.buyer.0,
				seller: clauses.termination.seller.0,
				buyout: clauses.termination.buyout.0,
			},
			cuts: terms::Cuts {
				attestor_fee: attestors.monthly.0,
				attestor_cap: attestors.cap.0,
				sweep: clauses.sweep.map_or(0, |sweep| sweep.share.0),
			},
		};
		if let Some(clause) = terms.contradiction() {
			let (section, message) = contradiction(clause);
			return Err(self.problem(self.section(section), message));
		}
		Ok(terms)
	}
}

/// The section of a clause that contradicts itself or another, and what is expected of it.
fn contradiction(clause: Clause) -> (&'static str, &'static str) {
	match clause {
		Clause::Registers => ("delivery", "a register is named twice: each is billed once"),
		Clause::Tariff => ("tariff", "one price for each register, and no floor above the cap, are expected"),
		Clause::Escalator => ("tariff", "with this escalation prices fall to nothing, or are too large to compute in the last year"),
		Clause::Term => ("term", "a term has 1 to 1200 months"),
		Clause::Operation => (
			"operation",
			"an energy to reach, a longstop at most five years after the target and not before it, and a price of delay together with its cap are expected",
		),
		Clause::Excess => ("volume", "excess is energy beyond a quantity: quantity is expected"),
		Clause::TakeOrPay => (
			"volume",
			"take-or-pay is a share of the quantity at the reference price: at most 100 %, quantity and reference-price are expected",
		),
		Clause::MakeUp => ("volume", "only what take-or-pay made the buyer pay can be made up, in at most 15 years"),
		Clause::Guarantee => (
			"volume",
			"a guarantee is a share of the quantity, at most 100 %, and goes with damages above zero and damages-cap",
		),
		Clause::Outage => (
			"outage",
			"at most 24 estimates, of at most 100 % of what is expected, and nothing final before its grace is over are expected",
		),
		Clause::Nameplate => ("delivery", "a nameplate of at most 1,000 GW is expected"),
		Clause::Payment => ("payment", "waits of at most five years are expected"),
		Clause::Security => (
			"payment",
			"security-months are months of the expected bill, at most 1200: expected energy of [volume] must not be zero",
		),
		Clause::Dispute => ("dispute", "bond and seller-at-timeout are at most 100 %"),
		Clause::Termination => (
			"termination",
			"a price of an early end needs months, energy and a reference-price in [volume] to be reckoned with",
		),
		Clause::Cuts => ("attestors", "shares are at most 100 %, and a monthly fee needs a cap above 0 %"),
	}
}

impl File {
	/// What breaks a rule that no single value breaks.
	fn problems(&self) -> Vec<Problem> {
		let registers = self.delivery.registers.get_ref().len();
		let mut problems = Vec::new();
		let mut refuse = |wrong: bool, span: Range<usize>, message: &str| {
			if wrong {
				problems.push(Problem::new(span, message));
			}
		};
		let months = &self.term.months;
		refuse(
			!(1..=8).contains(&registers),
			self.delivery.registers.span(),
			"an agreement bills one to eight registers",
		);
		refuse(
			!(1..=terms::MAX_MONTHS).contains(months.get_ref()),
			months.span(),
			"a term has 1 to 1200 months",
		);
		match (&self.term.start, &self.operation) {
			(None, None) => refuse(
				true,
				months.span(),
				"[term] has no start, and there is no [operation] to start with",
			),
			(Some(start), Some(_)) => refuse(
				true,
				start.span(),
				"the term starts with a month or with [operation], not with both: leave one out",
			),
			_ => (),
		}
		if let Some(operation) = &self.operation {
			refuse(
				operation.longstop.get_ref().0 < operation.target.0,
				operation.longstop.span(),
				"the longstop is before the target of [operation]",
			);
		}
		match &self.tariff {
			Tariff::Fixed(fixed) => {
				let count = fixed.prices.get_ref().len();
				refuse(
					count != registers,
					fixed.prices.span(),
					&format!("{count} prices for {registers} registers: one for each is expected, in the order of [delivery]"),
				);
			}
			Tariff::Indexed(indexed) => refuse(
				indexed.floor.get_ref().0 > indexed.cap.0,
				indexed.floor.span(),
				"the floor is above the cap",
			),
			Tariff::Cfd(_) => (),
		}
		let expected = &self.volume.expected;
		refuse(
			expected.get_ref().len() != 12,
			expected.span(),
			&format!(
				"{} months: twelve are expected, January first",
				expected.get_ref().len()
			),
		);
		refuse(
			self.tariff.feed().is_some() && self.outage.feed_final.get_ref().0 == 0,
			self.outage.feed_final.span(),
			"the tariff follows a feed: feed-final of [outage] says when a month whose index is missing is final",
		);
		problems
	}
}
