//! A naive model of the pallet and of the chain around it.
//!
//! It keeps no remainder and no running escrow sums: what an agreement has cost in all is always worked out anew from its
//! energy, and what a payment is from the difference of two such totals.

use std::collections::BTreeMap;

use super::{
	fuzz::{terms_of, Op},
	*,
};

/// What the model knows of an agreement.
#[derive(Clone)]
struct Model {
	terms: Terms<AccountId>,
	status: AgreementStatus,
	/// Opening and billed register.
	registers: Option<(u64, u64)>,
	closes_at: Option<u64>,
	deposited: Balance,
	/// Sum of all payments.
	paid: Balance,
	to_attestors: Balance,
	/// When the opening register and the billed one were measured.
	times: (u64, u64),
	/// Months that earned a fee.
	earned: u32,
	swept: Balance,
	unpaid: Balance,
	received_by_payee: Balance,
	received_by_buyer: Balance,
	over: bool,
	stake_returned: bool,
	donated: Balance,
}

impl Model {
	fn escrow(&self) -> Balance {
		if self.over {
			0
		} else {
			self.deposited - self.paid
		}
	}

	fn claimable_seller(&self) -> Balance {
		self.paid - self.to_attestors - self.swept - self.received_by_payee
	}

	fn claimable_buyer(&self) -> Balance {
		if self.over {
			self.deposited - self.paid - self.received_by_buyer
		} else {
			0
		}
	}

	fn held(&self) -> Balance {
		let reserve = if self.stake_returned { 0 } else { ED };
		self.escrow() + self.claimable_seller() + self.claimable_buyer() + reserve
	}

	/// All months of which something lies between the opening and `at`, found by going through all of them.
	fn months_until(&self, at: u64) -> u32 {
		use baseload_math::calendar::month_start;
		let touched = |month: &u32| month_start(*month) < at && self.times.0 < month_start(*month + 1);
		(12 * 2024..12 * 2100)
			.filter(|month| self.times.0 < at && touched(month))
			.count() as u32
	}

	/// Earned by attestors and not paid.
	fn due(&self) -> Balance {
		self.earned as Balance * self.terms.attestor_fee.monthly - self.to_attestors
	}

	/// All energy from the start up to `register` at the agreed price: base units, and 10^-18 base units.
	fn cost_up_to(&self, register: u64) -> (Balance, u64) {
		let (opening, _) = self.registers.expect("it bills");
		let cost = (register - opening) as u128 * self.terms.price.into_inner();
		(cost / 10u128.pow(18), (cost % 10u128.pow(18)) as u64)
	}
}

/// A naive chain.
pub(super) struct World {
	/// `None`: cancelled, and forgotten.
	agreements: Vec<Option<Model>>,
	/// Export, import, and when they were measured.
	meters: BTreeMap<u32, (u64, u64, u64)>,
	measured_at: u64,
	free: BTreeMap<AccountId, Balance>,
	issuance: Balance,
	debt: Balance,
	mode: u8,
	serving: u32,
	pay_mode: u8,
	now: u64,
}

/// `None` stands for a refused operation.
type Outcome = Option<()>;

fn require(condition: bool) -> Outcome {
	condition.then_some(())
}

impl World {
	pub(super) fn new() -> Self {
		Self {
			agreements: Vec::new(),
			meters: BTreeMap::new(),
			measured_at: JANUARY,
			free: [(SELLER, RICH), (BUYER, RICH), (FUNDER, RICH), (POT, ED)].into(),
			issuance: Balances::total_issuance(),
			debt: 0,
			mode: 0,
			serving: 0,
			pay_mode: 0,
			now: 0,
		}
	}

	fn balance(&mut self, who: &AccountId) -> &mut Balance {
		self.free.entry(who.clone()).or_default()
	}

	/// Adds to an account if that keeps it alive.
	fn receive(&mut self, who: &AccountId, amount: Balance) -> bool {
		let balance = self.balance(who);
		let arrives = amount > 0 && *balance + amount >= ED;
		if arrives {
			*balance += amount;
		}
		arrives
	}

	fn get(&self, which: usize) -> Option<Model> {
		self.agreements.get(which).cloned().flatten()
	}

	fn put(&mut self, which: usize, model: Model) {
		let forget = model.over && model.registers.is_none() && model.stake_returned;
		self.agreements[which] = (!forget).then_some(model);
	}

	fn register(&self, terms: &Terms<AccountId>) -> Option<u64> {
		let (export, import, _) = *self.meters.get(&terms.meter.0)?;
		Some(if terms.register == Register::Export {
			export
		} else {
			import
		})
	}

	fn hand_out(&mut self, model: &mut Model) -> bool {
		let (seller, buyer) = (model.claimable_seller(), model.claimable_buyer());
		let mut moved = false;
		if self.receive(&model.terms.payee, seller) {
			model.received_by_payee += seller;
			moved = true;
		}
		if self.receive(&model.terms.buyer, buyer) {
			model.received_by_buyer += buyer;
			moved = true;
		}
		if model.over && !model.stake_returned && model.claimable_seller() + model.claimable_buyer() == 0 {
			*self.balance(&SELLER) += DEPOSIT + ED;
			model.stake_returned = true;
			moved = true;
			if model.donated < ED {
				self.issuance -= model.donated;
				model.donated = 0;
			}
		}
		moved
	}

	/// Whether the newest reading is of a month that the agreement has not billed yet.
	fn another_month(&self, model: &Model) -> bool {
		let at = self.meters[&model.terms.meter.0].2;
		model.months_until(at) > model.months_until(model.times.1).max(1)
	}

	/// Bills up to `register`, paying at most the escrow.
	fn bill(&mut self, model: &mut Model, register: u64) {
		let (opening, _) = model.registers.expect("it bills");
		let due = model.cost_up_to(register).0 - model.paid;
		let payment = due.min(model.escrow());

		let at = self.meters[&model.terms.meter.0].2;
		if self.serving > 0 {
			model.earned += model.months_until(at) - model.months_until(model.times.1);
		}
		model.times.1 = at;
		let cap = model.terms.attestor_fee.cap.deconstruct() as u128;
		let part = model.due().min((payment * cap).div_ceil(1_000_000));
		let paid = match (self.pay_mode, self.serving) {
			(0, 1..) => part - part % self.serving as u128,
			_ => 0,
		};
		*self.balance(&POT) += paid;

		let ratio = model.terms.sweep.map_or(0, |sweep| sweep.ratio.deconstruct() as u128);
		let net_before = model.paid - model.to_attestors;
		let net = net_before + payment - paid;
		let share = net * ratio / 1_000_000 - net_before * ratio / 1_000_000;
		model.to_attestors += paid;
		let swept = if self.mode == 0 { share.min(self.debt) } else { 0 };
		self.debt -= swept;
		self.issuance -= swept;
		model.swept += swept;
		model.paid += payment;
		model.unpaid = due - payment;
		model.registers = Some((opening, register));
	}

	pub(super) fn apply(&mut self, op: &Op) -> Outcome {
		match op {
			Op::Propose { .. } => {
				let terms = terms_of(op);
				*self.balance(&SELLER) -= DEPOSIT + ED;
				self.agreements.push(Some(Model {
					terms,
					status: AgreementStatus::Proposed,
					registers: None,
					closes_at: None,
					deposited: 0,
					paid: 0,
					to_attestors: 0,
					times: (0, 0),
					earned: 0,
					swept: 0,
					unpaid: 0,
					received_by_payee: 0,
					received_by_buyer: 0,
					over: false,
					stake_returned: false,
					donated: 0,
				}));
			}
			Op::Accept(which) => {
				let mut model = self.get(*which)?;
				require(model.status == AgreementStatus::Proposed)?;
				model.status = AgreementStatus::Accepted;
				self.put(*which, model);
			}
			Op::Fund(which, amount) => {
				let mut model = self.get(*which)?;
				require(*amount > 0 && !model.over && model.status != AgreementStatus::Proposed)?;
				model.deposited += amount;
				*self.balance(&FUNDER) -= amount;
				self.put(*which, model);
			}
			Op::Activate(which) => {
				let mut model = self.get(*which)?;
				require(model.status == AgreementStatus::Accepted && model.escrow() >= model.terms.min_escrow)?;
				let same = |other: &Model| {
					other.registers.is_some()
						&& !other.over && (other.terms.meter, other.terms.register)
						== (model.terms.meter, model.terms.register)
				};
				require(!self.agreements.iter().flatten().any(same))?;
				let register = self.register(&model.terms)?;
				model.registers = Some((register, register));
				let at = self.meters[&model.terms.meter.0].2;
				model.times = (at, at);
				model.status = AgreementStatus::Active;
				self.put(*which, model);
			}
			Op::Read {
				meter,
				export,
				import,
				later,
			} => {
				self.measured_at += later + 1;
				let registers = self.meters.entry(*meter).or_default();
				registers.0 += export;
				registers.1 += import;
				registers.2 = self.measured_at;
			}
			Op::Settle(which) => {
				let mut model = self.get(*which)?;
				let (_, billed) = model.registers?;
				let register = self.register(&model.terms)?;
				require(!model.over && (register > billed || self.another_month(&model)))?;
				require(model.cost_up_to(register).0 - model.paid <= model.escrow())?;
				self.bill(&mut model, register);
				self.hand_out(&mut model);
				self.put(*which, model);
			}
			Op::GiveNotice(which) => {
				let mut model = self.get(*which)?;
				require(model.status == AgreementStatus::Active)?;
				model.status = AgreementStatus::Ending;
				model.closes_at = Some(self.now + NOTICE);
				self.put(*which, model);
			}
			Op::Close(which) => {
				let mut model = self.get(*which)?;
				require(model.status == AgreementStatus::Ending && model.closes_at? <= self.now)?;
				let register = self.register(&model.terms)?;
				if register > model.registers?.1 || self.another_month(&model) {
					self.bill(&mut model, register);
				}
				self.end(*which, model);
			}
			Op::Claim(which) => {
				let mut model = self.get(*which)?;
				require(self.hand_out(&mut model))?;
				self.put(*which, model);
			}
			Op::Cancel(which) => {
				let model = self.get(*which)?;
				require(matches!(
					model.status,
					AgreementStatus::Proposed | AgreementStatus::Accepted
				))?;
				self.end(*which, model);
			}
			Op::Tick(ms) => self.now += ms,
			Op::Donate(which, amount) => {
				let mut model = self.get(*which)?;
				require(!model.stake_returned)?;
				model.donated += amount;
				*self.balance(&FUNDER) -= amount;
				self.put(*which, model);
			}
			Op::GiveGhosts(amount) => {
				for ghost in [GHOST, PHANTOM] {
					*self.balance(&ghost) += amount;
					*self.balance(&FUNDER) -= amount;
				}
			}
			Op::EmptyGhosts => {
				for ghost in [GHOST, PHANTOM] {
					let all = core::mem::take(self.balance(&ghost));
					*self.balance(&FUNDER) += all;
				}
			}
			Op::SetDebt(debt) => self.debt = *debt,
			Op::SetSweepMode(mode) => self.mode = *mode,
			Op::SetServing(serving) => self.serving = *serving,
			Op::SetPayMode(mode) => self.pay_mode = *mode,
		}
		Some(())
	}

	fn end(&mut self, which: usize, mut model: Model) {
		model.over = true;
		model.status = AgreementStatus::Closed;
		self.hand_out(&mut model);
		self.put(which, model);
	}

	/// Everything the chain knows is what the model works out.
	pub(super) fn check(&self) {
		assert_eq!(NextAgreement::<Test>::get().0 as usize, self.agreements.len());
		let mut deposits = 0;
		for (index, model) in self.agreements.iter().enumerate() {
			let id = AgreementId(index as u32);
			let Some(model) = model else {
				assert!(!Agreements::<Test>::contains_key(id));
				continue;
			};
			let stored = agreement(id);
			assert_eq!(stored.status, model.status);
			assert_eq!(stored.closes_at, model.closes_at);
			let reserve = if model.stake_returned { 0 } else { ED };
			let expected = Books {
				deposited: model.deposited,
				escrow: model.escrow(),
				paid: model.paid,
				to_attestors: model.to_attestors,
				swept: model.swept,
				paid_out: model.received_by_payee,
				claimable_seller: model.claimable_seller(),
				claimable_buyer: model.claimable_buyer(),
				refunded: model.received_by_buyer,
				reserve,
			};
			assert_eq!(stored.books, expected);
			let billing = model.registers.map(|(opening, billed)| Billing {
				opening,
				billed,
				rem: model.cost_up_to(billed).1,
				unpaid: model.unpaid,
				service: Service {
					from: model.times.0,
					until: model.times.1,
					earned: model.earned,
					due: model.due(),
				},
			});
			assert_eq!(stored.billing, billing);
			assert_eq!(escrow_balance(id), model.held() + model.donated);
			deposits += stored.deposit;
		}
		assert_eq!(Balances::reserved_balance(&SELLER), deposits);
		for (who, balance) in &self.free {
			assert_eq!(free(who), *balance);
		}
		assert_eq!(Balances::total_issuance(), self.issuance);
		assert_eq!(crate::mock::Debts::get()[&VAULT.0], self.debt);
	}
}
