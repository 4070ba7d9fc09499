//! Random sequences of operations, on the chain and on the naive model.

use super::{model::World, *};
use baseload_primitives::{MeterId, DAY};
use frame_support::{assert_storage_noop, sp_runtime::StateVersion};
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub(super) enum Op {
	Propose {
		variant: u8,
		price: u128,
		ratio: u32,
		fee: Balance,
		cap: u32,
		min_escrow: Balance,
	},
	Accept(usize),
	Fund(usize, Balance),
	Activate(usize),
	Read {
		meter: u32,
		export: u64,
		import: u64,
		later: u64,
	},
	Settle(usize),
	GiveNotice(usize),
	Close(usize),
	Claim(usize),
	Cancel(usize),
	Tick(u64),
	Donate(usize, Balance),
	GiveGhosts(Balance),
	EmptyGhosts,
	SetDebt(Balance),
	SetSweepMode(u8),
	SetServing(u32),
	SetPayMode(u8),
}

fn op() -> impl Strategy<Value = Op> {
	// Mostly the agreements that the opening moves bring to life.
	let which = || prop_oneof![8 => 0..4usize, 1 => 4..7usize];
	let amount = || prop_oneof![1 => Just(0u128), 6 => 1..15u128, 4 => 1..200u128];
	let later = || prop_oneof![Just(0), 0..40 * DAY];
	prop_oneof![
		1 => proposal(),
		1 => which().prop_map(Op::Accept),
		5 => (which(), amount()).prop_map(|(which, amount)| Op::Fund(which, amount)),
		3 => which().prop_map(Op::Activate),
		8 => (0..2u32, 0..20u64, 0..10u64, later()).prop_map(|(meter, export, import, later)| Op::Read {
			meter,
			export,
			import,
			later,
		}),
		10 => which().prop_map(Op::Settle),
		3 => which().prop_map(Op::GiveNotice),
		8 => which().prop_map(Op::Close),
		4 => which().prop_map(Op::Claim),
		1 => which().prop_map(Op::Cancel),
		4 => (0..3 * NOTICE).prop_map(Op::Tick),
		1 => (which(), amount()).prop_map(|(which, amount)| Op::Donate(which, amount)),
		3 => (ED..4 * ED).prop_map(Op::GiveGhosts),
		4 => Just(Op::EmptyGhosts),
		2 => amount().prop_map(Op::SetDebt),
		1 => (0..3u8).prop_map(Op::SetSweepMode),
		2 => (0..4u32).prop_map(Op::SetServing),
		1 => (0..3u8).prop_map(Op::SetPayMode),
	]
}

fn proposal() -> impl Strategy<Value = Op> {
	// Between a hundredth and four base units per Wh, sub-unit digits and all.
	let price = 10_000_000_000_000_000..4_000_000_000_000_000_000u128;
	let fee = (5..=50u128, 10_000..=200_000u32);
	(any::<u8>(), price, 0..=1_000_000u32, fee, 0..30u128).prop_map(
		|(variant, price, ratio, (fee, cap), min_escrow)| Op::Propose {
			variant,
			price,
			ratio,
			fee,
			cap,
			min_escrow,
		},
	)
}

/// Four agreements, most of which begin to bill, and then anything.
fn ops() -> impl Strategy<Value = Vec<Op>> {
	let opening = prop::collection::vec((proposal(), 1..100u128), 4).prop_map(|agreements| {
		let read = |meter| Op::Read {
			meter,
			export: 1_000,
			import: 10,
			later: 0,
		};
		let mut ops = vec![Op::SetServing(2), read(0), read(1)];
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

/// Buyer, payee, meter, register and sweep follow from the variant's bits; the seller proposes.
pub(super) fn terms_of(op: &Op) -> Terms<AccountId> {
	let Op::Propose {
		variant,
		price,
		ratio,
		fee,
		cap,
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
		attestor_fee: AttestorFee {
			monthly: *fee,
			cap: Permill::from_parts(*cap),
		},
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
		Op::Read {
			meter,
			export,
			import,
			later,
		} => {
			MeasuredAt::set(&(MeasuredAt::get() + later));
			let (old_export, old_import, _) = crate::mock::Meters::get()[meter].unwrap_or_default();
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
		Op::GiveGhosts(amount) => {
			give(&FUNDER, &GHOST, *amount)?;
			give(&FUNDER, &PHANTOM, *amount)
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
		Op::SetServing(serving) => {
			Serving::set(serving);
			Ok(())
		}
		Op::SetPayMode(mode) => {
			PayMode::set(mode);
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
			let billed = |id| agreement(id).billing.map(|billing| (billing.billed, billing.rem, billing.unpaid));
			assert_eq!(billed(often), billed(once));
			assert_storage_noop!(assert!(settle(often).is_err()));
		});
	}

	#[test]
	fn attestors_should_earn_the_same_when_settling_at_random_times_or_once(
		readings in prop::collection::vec((0..100_000u64, any::<bool>(), 0..20 * DAY), 1..40),
		price in 1..10_000_000_000_000_000_000u128,
		fee in 5..=50u128,
		serving in 1..4u32,
	) {
		run(|| {
			Serving::set(&serving);
			let terms = Terms {
				price: Price::from_inner(price),
				attestor_fee: AttestorFee { monthly: fee, cap: Permill::from_percent(10) },
				..terms()
			};
			let often = active(terms.clone(), RICH / 4);
			let once = active(Terms { register: Register::Import, ..terms }, RICH / 4);
			let mut register = 0;
			for (wh, now, later) in readings {
				register += wh;
				MeasuredAt::set(&(MeasuredAt::get() + later));
				set_registers(METER, 1_000 + register, register);
				if now {
					// Nothing to settle is the one thing that can be in the way.
					let _ = settle(often);
				}
			}
			let _ = settle(often);
			let _ = settle(once);
			let told = |id| {
				let (Books { paid, escrow, to_attestors, .. }, billing) = (books(id), agreement(id).billing.expect("it bills"));
				let service = billing.service;
				let earned = (service.months(), service.earned, to_attestors + service.due);
				(paid, escrow, billing.billed - billing.opening, billing.rem, earned)
			};
			assert_eq!(told(often), told(once));
		});
	}
}
