//! The naive model of the random stories: what parties did and what was read and observed when, as plain lists.

use std::collections::BTreeMap;

use baseload_math::billing::{
	agreement::Status,
	ledger::Ledger,
	shares::{ShareRow, ShareTable},
	sources::{Boundary, Index, Proof},
	Input, Moment, Refusal, Sources,
};
use baseload_primitives::{AgreementId, Amendment, MeterId, Side};

use super::{fuzz::PLANT, *};

/// The clock of dues.
fn now() -> Moment {
	Unix::get() - Halted::get()
}

/// A final reading: when it was measured, the registers, when it was known.
type Read = (Moment, Vec<u64>, Moment);

/// An agreement that binds.
struct Bound {
	id: AgreementId,
	contract: Contract<AccountId>,
	agreement: Agreement,
	/// The month from which an early end gives its share up.
	until: Option<Month>,
	amendment: Option<Amendment<AccountId>>,
	/// Somebody has the seller's rights.
	has_lender: bool,
	/// What the seller and the buyer told it: when, and of the default since when.
	told: [Option<(Moment, Moment)>; 2],
	stepped_in: Option<Moment>,
	fixed: BTreeMap<Month, Index>,
}

/// What everybody paid and got, besides what ledgers say.
#[derive(Default)]
struct Money {
	/// By anyone, into buckets.
	paid_in: Balance,
	/// Bonds of disputes, by buyer.
	bonds: BTreeMap<AccountId, Balance>,
	/// Given back before anything was bound, by buyer.
	given_back: BTreeMap<AccountId, Balance>,
	donated: Balance,
	to_ghost: Balance,
	/// By how much the vault's debt was set to more than it was.
	debt_added: i128,
}

/// Everything that the model knows.
pub struct World {
	all: Vec<Bound>,
	readings: BTreeMap<MeterId, Vec<Read>>,
	observed: Vec<(Moment, Price)>,
	indexes: BTreeMap<Month, Index>,
	money: Money,
}

/// What one agreement sees.
struct Eyes<'a> {
	world: &'a World,
	which: usize,
}

impl Sources for Eyes<'_> {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		let readings = &self.world.readings[&self.world.all[self.which].contract.meter];
		let place = readings
			.iter()
			.position(|(measured_at, ..)| *measured_at >= month.start())?;
		let (t1, after, known) = &readings[place];
		let between = |(r0, r1): (&u64, &u64), t0: Moment| {
			let (rise, passed, span) = (u128::from(r1 - r0), u128::from(month.start() - t0), u128::from(t1 - t0));
			r0 + (rise * passed / span) as u64
		};
		let registers: Vec<u64> = match place {
			0 => after.clone(),
			_ => {
				let (t0, before, _) = &readings[place - 1];
				before.iter().zip(after).map(|pair| between(pair, *t0)).collect()
			}
		};
		Some(Boundary {
			registers: registers.try_into().expect("four"),
			known: *known,
		})
	}

	fn index(&self, month: Month) -> Option<Index> {
		let own = self.world.all[self.which].fixed.get(&month);
		own.or(self.world.indexes.get(&month)).copied()
	}

	fn first_reaching(&self, position: u8, wh: u64) -> Option<Proof> {
		let readings = &self.world.readings[&self.world.all[self.which].contract.meter];
		let (measured_at, _, known) = readings
			.iter()
			.find(|(_, registers, _)| registers[usize::from(position)] >= wh)?;
		Some(Proof {
			measured_at: *measured_at,
			known: *known,
		})
	}

	fn shares(&self, month: Month) -> Option<ShareTable> {
		let own = &self.world.all[self.which].contract;
		let rows = self.world.all.iter().filter(|bound| {
			let contract = &bound.contract;
			let first = match contract.terms.start {
				Start::Month(first) => Some(first),
				// The plant's meter has one agreement, whose own months are all that matter.
				Start::Operation(_) => Some(Month::of(0)),
			};
			contract.meter == own.meter
				&& contract.terms.registers == own.terms.registers
				&& first.is_some_and(|first| {
					let end = match contract.terms.start {
						Start::Month(_) => first.plus(contract.terms.months),
						Start::Operation(_) => Month::of(Moment::MAX),
					};
					first <= month && month < bound.until.map_or(end, |until| until.min(end))
				})
		});
		let rows: Vec<_> = rows
			.map(|bound| ShareRow {
				agreement: bound.id.0,
				take: bound.contract.share,
			})
			.collect();
		ShareTable::new(&rows).ok()
	}

	fn month_of(&self, _: Moment) -> Month {
		Month::of(Unix::get())
	}
}

impl World {
	pub fn new() -> Self {
		let readings = [METER, OTHER_METER].map(|meter| (meter, Vec::new()));
		let mut readings = BTreeMap::from(readings);
		readings.insert(PLANT, vec![(Unix::get() - DAY, vec![0; 4], now())]);
		Self {
			all: Vec::new(),
			readings,
			observed: Vec::new(),
			indexes: BTreeMap::new(),
			money: Money::default(),
		}
	}

	pub fn is_full(&self) -> bool {
		self.all.len() == 4
	}

	pub fn has_plant(&self) -> bool {
		self.all.iter().any(|bound| bound.contract.meter == PLANT)
	}

	/// What the plant has exported.
	pub fn plant_count(&self) -> u64 {
		self.readings[&PLANT].last().map_or(0, |(_, registers, _)| registers[0])
	}

	/// No agreement follows the feed any more: what it showed is forgotten, the means of its months stay.
	pub fn leave_feed(&mut self) {
		self.observed.clear();
	}

	/// Which agreement, and its buyer.
	pub fn names(&self, which: usize) -> Option<(AgreementId, AccountId)> {
		let bound = self.all.get(which)?;
		Some((bound.id, bound.contract.buyer.clone()))
	}

	pub fn bind(&mut self, id: AgreementId, contract: Contract<AccountId>, escrow: Balance) {
		let agreement = Agreement::new(id.0, contract.terms.clone(), now()).expect("sound");
		self.all.push(Bound {
			id,
			contract,
			agreement,
			until: None,
			amendment: None,
			has_lender: false,
			told: [None; 2],
			stepped_in: None,
			fixed: BTreeMap::new(),
		});
		let which = self.all.len() - 1;
		self.money.paid_in += escrow;
		let paid_in = [Input::Fund(escrow), Input::Secure(0), Input::PostBond(0)];
		for input in paid_in.into_iter().chain([Input::VaultDebt(Balance::MAX)]) {
			self.agreement(which, |agreement, eyes| agreement.apply(eyes, now(), 0, input))
				.expect("nothing is due");
		}
	}

	pub fn give_back(&mut self, buyer: &AccountId, amount: Balance) {
		self.money.paid_in += amount;
		*self.money.given_back.entry(buyer.clone()).or_default() += amount;
	}

	fn agreement<R>(&mut self, which: usize, act: impl FnOnce(&mut Agreement, &Eyes) -> R) -> R {
		let mut agreement = self.all[which].agreement.clone();
		let result = act(&mut agreement, &Eyes { world: self, which });
		self.all[which].agreement = agreement;
		result
	}

	/// Plays everything up to now, new clauses from their month on.
	fn advance(&mut self, which: usize) {
		loop {
			let bound = &mut self.all[which];
			let next = bound.agreement.month(bound.agreement.next);
			if let Some(amendment) = bound
				.amendment
				.take_if(|amendment| next.is_some_and(|next| next >= amendment.from))
			{
				let terms = &mut bound.agreement.terms;
				terms.volume.quantity = amendment.quantity.unwrap_or(terms.volume.quantity);
				terms.expected = amendment.expected.unwrap_or(terms.expected);
				if let Some(price) = amendment.prices.map(|prices| prices[0]) {
					match &mut terms.tariff {
						Tariff::Fixed { prices } => prices[0] = price,
						Tariff::Cfd { strike, .. } => *strike = price,
						Tariff::Indexed { .. } => panic!("a formula stays"),
					}
				}
			}
			let step = self.agreement(which, |agreement, eyes| agreement.step(eyes, now()));
			if step.expect("it can be billed").is_none() {
				break;
			}
		}
		let done = self.agreement(which, |agreement, eyes| agreement.advance(eyes, now(), 0));
		assert!(done.expect("it can be billed").done);
	}

	pub fn advance_all(&mut self) {
		(0..self.all.len()).for_each(|which| self.advance(which));
	}

	pub fn apply(&mut self, which: usize, input: Input) -> Result<(), Refusal> {
		if matches!(
			input,
			Input::Fund(0) | Input::Secure(0) | Input::PostBond(0) | Input::Withdraw(0)
		) {
			return Err(Refusal::Nothing);
		}
		self.advance(which);
		if let Input::Terminate(ending) = input {
			self.ask_lender(which, ending)?;
		}
		let agreement = self.all[which].agreement.clone();
		let before = agreement.ledger;
		self.agreement(which, |agreement, eyes| agreement.apply(eyes, now(), 0, input))?;
		let bound = &mut self.all[which];
		if input == Input::Terminate(Ending::Buyout) {
			let bills = bound.agreement.bills.iter().map(|bill| bill.open);
			let estimates = bound.agreement.estimates.iter();
			let estimates = estimates.filter_map(|estimate| estimate.reserved.is_none().then_some(estimate.amount));
			let ledger = &bound.agreement.ledger;
			let asked = bills.chain(estimates).sum::<Balance>() + ledger.arrears + ledger.interest;
			if asked > ledger.escrow {
				bound.agreement = agreement;
				return Err(Refusal::Short);
			}
		}
		let rose = bound.agreement.ledger.paid_in - before.paid_in;
		match input {
			Input::Dispute(..) => *self.money.bonds.entry(bound.contract.buyer.clone()).or_default() += rose,
			Input::Terminate(_) => bound.until = bound.agreement.month(bound.agreement.end),
			_ => self.money.paid_in += rose,
		}
		Ok(())
	}

	/// All have agreed.
	pub fn amend(&mut self, which: usize, amendment: Amendment<AccountId>) {
		self.advance(which);
		let bound = &mut self.all[which];
		if let Some(payee) = &amendment.payee {
			bound.contract.payee = payee.clone();
		}
		if amendment.prices.is_some() || amendment.quantity.is_some() || amendment.expected.is_some() {
			bound.amendment = Some(amendment);
		}
	}

	/// Since when the one whom `side` may end it for has been in default.
	fn default_against(&self, which: usize, side: Side) -> Option<Moment> {
		let agreement = &self.all[which].agreement;
		if side == Side::Seller {
			let late = agreement.topup_by.filter(|by| {
				let target = agreement.target().expect("small");
				*by < now() && agreement.ledger.security < target
			});
			let unpaid = agreement.since.filter(|_| agreement.delinquent);
			return match (unpaid, late) {
				(Some(unpaid), Some(late)) => Some(unpaid.min(late)),
				(unpaid, late) => unpaid.or(late),
			};
		}
		let debts = agreement.credits.iter().map(|credit| credit.due);
		let mut times: Vec<_> = debts.filter(|due| *due < now()).collect();
		if let (Start::Operation(operation), None) = (agreement.terms.start, agreement.first_month) {
			times.extend(Some(operation.longstop).filter(|longstop| *longstop <= now()));
		}
		times.into_iter().min()
	}

	/// Since when the lender has known of that default.
	fn told_of(&self, which: usize, side: Side) -> Option<Moment> {
		let default = self.default_against(which, side)?;
		let (at, since) = self.all[which].told[side as usize]?;
		(since == default || default < at).then_some(at)
	}

	/// Whether an end waits for the lender.
	fn ask_lender(&self, which: usize, ending: Ending) -> Result<(), Refusal> {
		let bound = &self.all[which];
		let lender = bound.contract.lender;
		if !bound.has_lender || ending == Ending::Buyout {
			return Ok(());
		}
		let agreement = &bound.agreement;
		if let (Ending::Longstop, Start::Operation(operation), None) =
			(ending, agreement.terms.start, agreement.first_month)
		{
			if now() >= operation.longstop + 366 * DAY + lender.notice + lender.step_in {
				return Ok(());
			}
		}
		let side = if ending == Ending::Seller {
			Side::Seller
		} else {
			Side::Buyer
		};
		let told = self.told_of(which, side).ok_or(Refusal::NotEntitled)?;
		let steps_in = side == Side::Buyer && bound.stepped_in.is_some_and(|at| at >= told);
		let wait = lender.notice + if steps_in { lender.step_in } else { 0 };
		if now() < told + wait {
			return Err(Refusal::NotEntitled);
		}
		Ok(())
	}

	fn is_closed(&self, which: usize) -> bool {
		self.all[which].agreement.status == Status::Closed
	}

	/// Whether the seller may assign its rights, which it then has.
	pub fn assign(&mut self, which: usize) -> bool {
		self.advance(which);
		let may =
			!self.all[which].has_lender && !self.is_closed(which) && self.default_against(which, Side::Buyer).is_none();
		self.all[which].has_lender |= may;
		may
	}

	/// Whether there is something to tell the lender, which it then knows.
	pub fn notify(&mut self, which: usize, side: Side) -> bool {
		self.advance(which);
		let default = self.default_against(which, side);
		let may = self.all[which].has_lender && default.is_some() && self.told_of(which, side).is_none();
		if may {
			self.all[which].told[side as usize] = default.map(|since| (now(), since));
		}
		may
	}

	/// Whether the lender may step in, which it then has.
	pub fn step_in(&mut self, which: usize) -> bool {
		self.advance(which);
		let bound = &self.all[which];
		let may = bound.has_lender
			&& bound.stepped_in.is_none()
			&& !self.is_closed(which)
			&& self.told_of(which, Side::Buyer).is_some();
		if may {
			let bound = &mut self.all[which];
			bound.stepped_in = Some(now());
			bound.contract.payee = LENDER;
		}
		may
	}

	/// Whether there is a lender, who then is none any more.
	pub fn discharge(&mut self, which: usize) -> bool {
		core::mem::take(&mut self.all[which].has_lender)
	}

	/// What every meter counted some time ago is final now. Half of the energy is in the first band, the rest in the second.
	pub fn read(&mut self, rises: &[u64; 3], ago: Moment) {
		let measured_at = Unix::get() - ago;
		for (meter, rise) in [METER, OTHER_METER, PLANT].into_iter().zip(rises) {
			let readings = self.readings.get_mut(&meter).expect("one of three");
			let (last_at, last) = readings.last().map_or((0, vec![0; 4]), |(measured_at, registers, _)| {
				(*measured_at, registers.clone())
			});
			if last_at >= measured_at {
				continue;
			}
			let new = vec![last[0] + rise, last[1], last[2] + rise / 2, last[3] + (rise - rise / 2)];
			readings.push((measured_at, new.clone(), now()));
			read_all(meter, measured_at, new);
		}
	}

	pub fn observe(&mut self, value: Price) {
		self.observed.push((Unix::get(), value));
		let (first, _) = self.observed[0];
		let mut month = Month::of(first);
		while month.end() <= Unix::get() {
			if first <= month.start() && !self.indexes.contains_key(&month) {
				let value = self.mean(month);
				self.indexes.insert(month, Index { value, known: now() });
			}
			month = month.plus(1);
		}
	}

	/// The mean of what was observed, each value held up to the next one.
	fn mean(&self, month: Month) -> Price {
		let ends = self.observed.iter().skip(1).map(|(at, _)| *at).chain([Moment::MAX]);
		let parts = self.observed.iter().zip(ends).map(|((from, value), until)| {
			let (from, until) = ((*from).max(month.start()), until.min(month.end()));
			value * i128::from(until.saturating_sub(from))
		});
		parts.sum::<i128>().div_euclid(month.ms().into())
	}

	pub fn publish(&mut self, month: Month, value: Price) {
		self.indexes.insert(month, Index { value, known: now() });
	}

	pub fn fix(&mut self, which: usize, month: Month) {
		self.advance(which);
		let eyes = Eyes { world: self, which };
		let earlier = (1..=12).find_map(|back| eyes.index(month.minus(back)));
		let value = earlier.map_or(UNIT, |index| index.value);
		self.all[which].fixed.insert(month, Index { value, known: now() });
	}

	pub fn set_debt(&mut self, debt: Balance) {
		self.money.debt_added += debt as i128 - Debts::get()[&VAULT.0] as i128;
	}

	pub fn given_to_ghost(&mut self, amount: Balance) {
		self.money.to_ghost += amount;
	}

	pub fn donated(&mut self, amount: Balance) {
		self.money.donated += amount;
	}

	/// The chain's agreement is the model's, once both have played everything up to now.
	pub fn compare(&mut self, which: usize) {
		self.advance(which);
		let mut chains = billing(self.all[which].id);
		// Clauses whose month is the next one are taken up with the next event.
		let amendment = record(self.all[which].id).amendment;
		let is_next =
			|amendment: &Amendment<AccountId>| chains.month(chains.next).is_some_and(|next| next >= amendment.from);
		if let Some(amendment) = amendment.filter(is_next) {
			amendment.change(&mut chains.terms);
		}
		let done = chains.advance(&Eyes { world: self, which }, now(), 0);
		assert!(
			done.expect("it can be billed").done,
			"the chain has left something undone"
		);
		assert_eq!(chains, self.all[which].agreement);
	}

	/// Everybody has what the ledgers of the chain say, counted by itself, and what is due is due to nobody who could take it.
	pub fn compare_money(&self) {
		let sum = |of: fn(&Ledger) -> Balance, buyer: Option<&AccountId>| {
			let theirs = self
				.all
				.iter()
				.filter(|bound| buyer.is_none_or(|buyer| bound.contract.buyer == *buyer));
			theirs.map(|bound| of(&billing(bound.id).ledger)).sum::<Balance>() as i128
		};
		for buyer in [BUYER, OTHER_BUYER] {
			let of = |amounts: &BTreeMap<AccountId, Balance>| amounts.get(&buyer).copied().unwrap_or(0) as i128;
			let expected =
				sum(|ledger| ledger.to_buyer, Some(&buyer)) + of(&self.money.given_back) - of(&self.money.bonds);
			assert_eq!(gained(&buyer), expected, "a buyer");
		}
		let paid = self.money.paid_in + self.money.donated + self.money.to_ghost;
		assert_eq!(gained(&ANYONE), -(paid as i128), "who paid for others");

		let (mut stakes, mut due) = (0, 0);
		for bound in &self.all {
			let record = record(bound.id);
			stakes += (record.deposit + record.reserve) as i128;
			due += (record.payouts.due.payee + record.payouts.due.attestors) as i128;
			assert_eq!((record.payouts.due.buyer, record.payouts.due.seller), (0, 0));
			assert!(record.payouts.due.payee == 0 || bound.contract.payee == GHOST);
		}
		assert_eq!(
			gained(&SELLER),
			sum(|ledger| ledger.to_seller, None) - stakes,
			"the seller"
		);

		let burnt = self.money.debt_added - Debts::get()[&VAULT.0] as i128;
		let arrived =
			gained(&LENDER) + free(&GHOST) as i128 - self.money.to_ghost as i128 + free(&POT) as i128 - ED as i128;
		let out = sum(|ledger| ledger.to_payee + ledger.swept + ledger.to_attestors, None);
		assert_eq!(arrived + burnt + due, out, "payees, attestors and the vault");
	}
}
