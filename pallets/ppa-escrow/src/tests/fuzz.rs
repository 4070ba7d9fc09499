//! Random sequences of operations against a naive model.
//!
//! The model keeps no remainder and no running escrow sums of its own: what an agreement has cost in all is always worked
//! out anew from its energy, and what a payment is from the difference of two such totals.

use std::collections::BTreeMap;

use super::*;
use baseload_primitives::MeterId;
use frame_support::{assert_storage_noop, sp_runtime::StateVersion};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
	Propose {
		variant: u8,
		price: u128,
		ratio: u32,
		min_escrow: Balance,
	},
	Accept(usize),
	Fund(usize, Balance),
	Activate(usize),
	Read {
		meter: u32,
		export: u64,
		import: u64,
	},
	Settle(usize),
	GiveNotice(usize),
	Close(usize),
	Claim(usize),
	Cancel(usize),
	Tick(u64),
	Donate(usize, Balance),
	GiveGhost(Balance),
	EmptyGhosts,
	SetDebt(Balance),
	SetSweepMode(u8),
}

fn op() -> impl Strategy<Value = Op> {
	// Mostly the agreements that the opening moves bring to life.
	let which = || prop_oneof![8 => 0..4usize, 1 => 4..7usize];
	let amount = || prop_oneof![1 => Just(0u128), 6 => 1..15u128, 4 => 1..200u128];
	prop_oneof![
		1 => proposal(),
		1 => which().prop_map(Op::Accept),
		5 => (which(), amount()).prop_map(|(which, amount)| Op::Fund(which, amount)),
		3 => which().prop_map(Op::Activate),
		8 => (0..2u32, 0..20u64, 0..10u64).prop_map(|(meter, export, import)| Op::Read { meter, export, import }),
		10 => which().prop_map(Op::Settle),
		3 => which().prop_map(Op::GiveNotice),
		8 => which().prop_map(Op::Close),
		4 => which().prop_map(Op::Claim),
		1 => which().prop_map(Op::Cancel),
		4 => (0..3 * NOTICE).prop_map(Op::Tick),
		1 => (which(), amount()).prop_map(|(which, amount)| Op::Donate(which, amount)),
		1 => amount().prop_map(Op::GiveGhost),
		5 => Just(Op::EmptyGhosts),
		2 => amount().prop_map(Op::SetDebt),
		1 => (0..3u8).prop_map(Op::SetSweepMode),
	]
}

fn proposal() -> impl Strategy<Value = Op> {
	// Between a hundredth and four base units per Wh, sub-unit digits and all.
	let price = 10_000_000_000_000_000..4_000_000_000_000_000_000u128;
	(any::<u8>(), price, 0..=1_000_000u32, 0..30u128).prop_map(|(variant, price, ratio, min_escrow)| Op::Propose {
		variant,
		price,
		ratio,
		min_escrow,
	})
}

/// Four agreements, most of which begin to bill, and then anything.
fn ops() -> impl Strategy<Value = Vec<Op>> {
	let opening = prop::collection::vec((proposal(), 1..100u128), 4).prop_map(|agreements| {
		let read = |meter| Op::Read {
			meter,
			export: 1_000,
			import: 10,
		};
		let mut ops = vec![read(0), read(1)];
		for (which, (proposal, escrow)) in agreements.into_iter().enumerate() {
			ops.extend([
				proposal,
				Op::Accept(which),
				Op::Fund(which, escrow),
				Op::Activate(which),
			]);
		}
		ops
	});
	(opening, prop::collection::vec(op(), 40..120)).prop_map(|(opening, rest)| [opening, rest].concat())
}

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
		self.paid - self.swept - self.received_by_payee
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

	/// All energy from the start up to `register` at the agreed price: base units, and 10^-18 base units.
	fn cost_up_to(&self, register: u64) -> (Balance, u64) {
		let (opening, _) = self.registers.expect("it bills");
		let cost = (register - opening) as u128 * self.terms.price.into_inner();
		(cost / 10u128.pow(18), (cost % 10u128.pow(18)) as u64)
	}
}

/// A naive chain.
struct World {
	/// `None`: cancelled, and forgotten.
	agreements: Vec<Option<Model>>,
	meters: BTreeMap<u32, (u64, u64)>,
	free: BTreeMap<AccountId, Balance>,
	issuance: Balance,
	debt: Balance,
	mode: u8,
	now: u64,
}

/// `None` stands for a refused operation.
type Outcome = Option<()>;

fn require(condition: bool) -> Outcome {
	condition.then_some(())
}

impl World {
	fn new() -> Self {
		Self {
			agreements: Vec::new(),
			meters: BTreeMap::new(),
			free: [SELLER, BUYER, FUNDER].map(|who| (who, RICH)).into(),
			issuance: Balances::total_issuance(),
			debt: 0,
			mode: 0,
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
		let (export, import) = *self.meters.get(&terms.meter.0)?;
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

	/// Bills up to `register`, paying at most the escrow.
	fn bill(&mut self, model: &mut Model, register: u64) {
		let (opening, _) = model.registers.expect("it bills");
		let due = model.cost_up_to(register).0 - model.paid;
		let payment = due.min(model.escrow());
		let ratio = model.terms.sweep.map_or(0, |sweep| sweep.ratio.deconstruct() as u128);
		let share = (model.paid + payment) * ratio / 1_000_000 - model.paid * ratio / 1_000_000;
		let swept = if self.mode == 0 { share.min(self.debt) } else { 0 };
		self.debt -= swept;
		self.issuance -= swept;
		model.swept += swept;
		model.paid += payment;
		model.unpaid = due - payment;
		model.registers = Some((opening, register));
	}

	fn apply(&mut self, op: &Op) -> Outcome {
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
				model.status = AgreementStatus::Active;
				self.put(*which, model);
			}
			Op::Read { meter, export, import } => {
				let registers = self.meters.entry(*meter).or_default();
				registers.0 += export;
				registers.1 += import;
			}
			Op::Settle(which) => {
				let mut model = self.get(*which)?;
				let (_, billed) = model.registers?;
				let register = self.register(&model.terms)?;
				require(!model.over && register > billed)?;
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
				if register > model.registers?.1 {
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
			Op::GiveGhost(amount) => {
				require(self.receive(&GHOST, *amount))?;
				*self.balance(&FUNDER) -= amount;
			}
			Op::EmptyGhosts => {
				for ghost in [GHOST, PHANTOM] {
					let all = core::mem::take(self.balance(&ghost));
					*self.balance(&FUNDER) += all;
				}
			}
			Op::SetDebt(debt) => self.debt = *debt,
			Op::SetSweepMode(mode) => self.mode = *mode,
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
	fn check(&self) {
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

/// Buyer, payee, meter, register and sweep follow from the variant's bits; the seller proposes.
fn terms_of(op: &Op) -> Terms<AccountId> {
	let Op::Propose {
		variant,
		price,
		ratio,
		min_escrow,
	} = op
	else {
		unreachable!("only for proposals")
	};
	let bit = |position: u8| variant >> position & 1 == 1;
	Terms {
		seller: SELLER,
		buyer: if bit(0) { PHANTOM } else { BUYER },
		meter: MeterId(bit(1) as u32),
		register: if bit(2) { Register::Import } else { Register::Export },
		price: Price::from_inner(*price),
		payee: if bit(3) { GHOST } else { SELLER },
		sweep: bit(4).then(|| CashSweep {
			vault: VAULT,
			ratio: Permill::from_parts(*ratio),
		}),
		min_escrow: *min_escrow,
		notice: NOTICE,
	}
}

/// Applies `op` to the chain.
fn apply(op: &Op) -> DispatchResult {
	let id = |which: &usize| AgreementId(*which as u32);
	let give = |from: &AccountId, to: &AccountId, value: Balance| {
		Balances::transfer_allow_death(crate::mock::RuntimeOrigin::signed(from.clone()), to.clone(), value)
	};
	match op {
		Op::Propose { .. } => propose(&SELLER, terms_of(op)),
		Op::Accept(which) => {
			let terms = Agreements::<Test>::get(id(which)).map_or_else(terms, |agreement| agreement.terms);
			accept(&terms.buyer, id(which), terms.hash())
		}
		Op::Fund(which, amount) => fund(&FUNDER, id(which), *amount),
		Op::Activate(which) => activate(&SELLER, id(which)),
		Op::Read { meter, export, import } => {
			let (old_export, old_import) = crate::mock::Meters::get()[meter].unwrap_or_default();
			set_registers(MeterId(*meter), old_export + export, old_import + import);
			Ok(())
		}
		Op::Settle(which) => settle(id(which)),
		Op::GiveNotice(which) => give_notice(&SELLER, id(which)),
		Op::Close(which) => close(id(which)),
		Op::Claim(which) => claim(id(which)),
		Op::Cancel(which) => cancel(&SELLER, id(which)),
		Op::Tick(ms) => {
			Now::set(&(Now::get() + ms));
			Ok(())
		}
		Op::Donate(which, amount) => {
			let agreement = Agreements::<Test>::get(id(which)).ok_or(Error::<Test>::UnknownAgreement)?;
			frame_support::ensure!(agreement.books.reserve > 0, Error::<Test>::WrongStatus);
			give(&FUNDER, &PpaEscrow::account_of(id(which)), *amount)
		}
		Op::GiveGhost(amount) => {
			frame_support::ensure!(*amount > 0, Error::<Test>::ZeroAmount);
			give(&FUNDER, &GHOST, *amount)
		}
		Op::EmptyGhosts => {
			for ghost in [GHOST, PHANTOM].into_iter().filter(|ghost| free(ghost) > 0) {
				give(&ghost, &FUNDER, free(&ghost))?;
			}
			Ok(())
		}
		Op::SetDebt(debt) => {
			set_debt(VAULT, *debt);
			Ok(())
		}
		Op::SetSweepMode(mode) => {
			SweepMode::set(mode);
			Ok(())
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn pallet_should_match_the_naive_model_when_operations_are_random(ops in ops()) {
		run(|| {
			let mut world = World::new();
			for op in ops {
				let before = sp_io::storage::root(StateVersion::V1);
				let outcome = apply(&op);
				assert_eq!(outcome.is_ok(), world.apply(&op).is_some(), "{op:?} gave {outcome:?}");
				if outcome.is_err() {
					assert_eq!(sp_io::storage::root(StateVersion::V1), before, "{op:?} failed and changed something");
				}
				if outcome.is_ok() { eprintln!("STAT {}", format!("{op:?}").split(|c: char| !c.is_alphabetic()).next().unwrap()); } else { eprintln!("STATERR {} {:?}", format!("{op:?}").split(|c: char| !c.is_alphabetic()).next().unwrap(), outcome.map_err(|e| -> &'static str { e.into() })); }
				if let Op::Close(w) = &op { if outcome.is_ok() { let a = agreement(AgreementId(*w as u32)); eprintln!("STAT close-unpaid={} cs={} cb={}", a.billing.unwrap().unpaid>0, a.books.claimable_seller>0, a.books.claimable_buyer>0); } }
				world.check();
				PpaEscrow::do_try_state().expect("all invariants hold");
			}
		});
	}

	#[test]
	fn settling_at_random_times_should_pay_what_settling_once_does(
		readings in prop::collection::vec((0..100_000u64, any::<bool>()), 1..40),
		price in 1..10_000_000_000_000_000_000u128,
		ratio in 0..=1_000_000u32,
	) {
		run(|| {
			set_debt(VAULT, RICH * RICH);
			let terms = Terms {
				price: Price::from_inner(price),
				payee: GHOST,
				sweep: Some(CashSweep { vault: VAULT, ratio: Permill::from_parts(ratio) }),
				..terms()
			};
			let often = active(terms.clone(), RICH / 4);
			let once = active(Terms { meter: OTHER_METER, payee: PHANTOM, ..terms }, RICH / 4);
			let mut register = 1_000;
			for (wh, now) in readings {
				register += wh;
				set_registers(METER, register, 0);
				set_registers(OTHER_METER, register, 0);
				if now {
					// Nothing to settle is the one thing that can be in the way.
					let _ = settle(often);
				}
			}
			let _ = settle(often);
			let _ = settle(once);
			assert_eq!(books(often), books(once));
			assert_eq!(agreement(often).billing, agreement(once).billing);
			assert_storage_noop!(assert!(settle(often).is_err()));
		});
	}
}
