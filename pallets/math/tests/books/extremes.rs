//! The largest and the smallest numbers: an error, or books that still add up, never a panic.

use baseload_math::books::{
	depositor::{Deposit, PoolTerms},
	fee::FEE_ONE,
	pool::Pool,
	terms::{Price, Terms},
	totals::{Step, TypeBooks, Vault},
};
use proptest::prelude::*;
use sp_core::U256;

use crate::ledger::Past;

/// Any amount, with a liking for the ends.
fn amount() -> impl Strategy<Value = u128> {
	prop_oneof![
		Just(0),
		Just(1),
		0..1000u128,
		any::<u128>(),
		Just(u128::MAX),
		(0..128u32).prop_map(|bits| 1 << bits)
	]
}

/// Any 256-bit number of at most 255 bits.
fn wide() -> impl Strategy<Value = U256> {
	(amount(), amount()).prop_map(|(high, low)| (U256::from(high) << 127) + U256::from(low >> 1))
}

/// Books, and a vault that is a part of them.
fn books() -> impl Strategy<Value = (TypeBooks, Vault)> {
	let totals = (
		amount(),
		wide(),
		amount(),
		wide(),
		(amount(), amount(), amount(), amount()),
	);
	(totals, (wide(), amount(), wide())).prop_map(|(totals, (shares, collateral, handed_out))| {
		let books = TypeBooks {
			debt: if totals.1.is_zero() { 0 } else { totals.0.max(1) },
			shares: totals.1,
			collateral: totals.2,
			handed_out: totals.3,
			interest_remainder: totals.4 .0,
			shortfall: totals.4 .1,
			reserve: totals.4 .2,
			revenue: totals.4 .3,
		};
		let vault = Vault {
			shares: shares.min(books.shares),
			collateral: collateral.min(books.collateral),
			handed_out: handed_out.min(books.handed_out),
		};
		(books, vault)
	})
}

fn terms() -> impl Strategy<Value = (Price, Terms)> {
	let ratios = (any::<u32>(), any::<u32>(), any::<u32>());
	(amount(), amount(), amount(), ratios, amount(), amount(), 0..200u32).prop_map(
		|(numerator, denominator, hourly_rate, (mint_bp, liquidation_bp, penalty_bp), minimum_debt, floor, bits)| {
			let price = Price::new(numerator.max(1), denominator.max(1)).unwrap();
			let terms = Terms {
				hourly_rate,
				mint_bp,
				liquidation_bp,
				penalty_bp,
				minimum_debt,
				redemption_floor: floor,
				first_share_bits: bits,
			};
			(price, terms)
		},
	)
}

/// The vault is still a part of the books, and there is debt exactly while there are shares.
fn whole<T>(step: &Step<T>) -> bool {
	step.vault.shares <= step.books.shares
		&& step.books.shares.is_zero() == (step.books.debt == 0)
		&& step.vault.handed_out <= step.books.handed_out
		&& (step.books.handed_out >> 255).is_zero()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_000))]

	#[test]
	fn owner_steps_should_err_or_add_up_when_numbers_are_extreme(
		(books, vault) in books(),
		(price, terms) in terms(),
		amount in amount(),
	) {
		if let Ok(step) = books.deposit(&vault, amount) {
			prop_assert!(whole(&step));
			prop_assert_eq!(step.books.collateral - books.collateral, amount);
		}
		if let Ok(step) = books.draw(&vault, amount, None, &price, &terms) {
			prop_assert!(whole(&step));
			prop_assert_eq!(step.books.debt - books.debt, step.outcome.amount + step.outcome.fee);
		}
		if let Ok(step) = books.repay(&vault, amount, &terms) {
			prop_assert!(whole(&step));
			prop_assert_eq!(books.debt - step.books.debt, step.outcome);
		}
		if let Ok(step) = books.withdraw(&vault, amount, &price, &terms) {
			prop_assert!(whole(&step));
			prop_assert_eq!(books.collateral - step.books.collateral, amount);
		}
		if let Ok(step) = books.close(&vault) {
			prop_assert!(whole(&step));
			prop_assert_eq!(step.vault.collateral, 0);
		}
	}

	#[test]
	fn redemptions_should_err_or_add_up_when_numbers_are_extreme(
		(books, vault) in books(),
		(price, terms) in terms(),
		left in amount(),
		rate in 0..=FEE_ONE,
	) {
		if let Ok(Some(step)) = books.redeem_vault(&vault, left, terms.redemption_floor, rate, &price) {
			prop_assert!(whole(&step));
			prop_assert_eq!(books.debt - step.books.debt, step.outcome.burnt);
			let left_vaults = books.collateral - step.books.collateral;
			prop_assert_eq!(left_vaults, step.outcome.out + step.books.revenue - books.revenue);
		}
		if let Ok(Some((after, paid))) = books.redeem_reserve(left, rate, &price) {
			prop_assert_eq!(books.shortfall - after.shortfall, paid.burnt);
			prop_assert_eq!(books.reserve - after.reserve, paid.out + after.revenue - books.revenue);
		}
	}

	#[test]
	fn accruals_and_liquidations_should_err_or_add_up_when_numbers_are_extreme(
		(books, vault) in books(),
		(price, terms) in terms(),
		(active, collateral) in (amount(), amount()),
		(base_rate, hours) in (amount(), 0..3u32),
	) {
		if let Ok(accrued) = books.accrue(base_rate, hours, terms.hourly_rate) {
			let interest = accrued.books.debt - books.debt;
			prop_assert_eq!(interest, accrued.minted + books.shortfall - accrued.books.shortfall);
		}
		let pool = Pool { active, collateral, ..Pool::default() };
		if let Ok(liquidation) = books.liquidate(&vault, &pool, &price, &terms) {
			let (step, moved) = (liquidation.step, liquidation.step.outcome);
			prop_assert!(whole(&step));
			prop_assert!(step.vault.shares.is_zero());
			prop_assert_eq!(books.debt - moved.offset - moved.lost, step.books.debt);
			prop_assert_eq!(active - liquidation.pool.active, moved.offset);
			prop_assert_eq!(books.collateral - moved.to_pool - moved.to_reserve, step.books.collateral);
		}
	}

	#[test]
	fn deposits_should_err_or_add_up_when_numbers_are_extreme(
		(first, second) in (amount(), amount()),
		offsets in prop::collection::vec((amount(), amount()), 0..6),
		terms in (1..9u64, any::<u64>(), any::<u64>()),
	) {
		let terms = PoolTerms { delay: terms.0, notice: terms.1, window: terms.2 };
		let Ok((pool, deposit, tranche)) = Deposit::default().add(&Pool::default(), first, 0, &terms) else {
			return Ok(());
		};
		let mut past = Past::default();
		past.marks.insert(tranche.counts_from, pool.marks);
		let mut pool = pool.activate(first).unwrap();
		for (burnt, received) in offsets {
			if let Ok((after, finished)) = pool.offset(burnt.min(pool.offsettable()), received) {
				past.sums.extend(finished.map(|finished| (finished.scale, finished.sum)));
				pool = after;
			}
		}
		let deposit = deposit.settled(tranche.counts_from, &past).unwrap();
		prop_assert!(deposit.value(&pool).unwrap() <= pool.active);
		if let Ok(claimable) = deposit.claimable(&pool, &past) {
			prop_assert!(claimable <= pool.collateral);
		}
		if let Ok(noticed) = deposit.give_notice(&pool, second, tranche.counts_from, &terms) {
			let opens = noticed.notice().unwrap().opens;
			if let Ok((after, _, amount)) = noticed.withdraw(&pool, &past, opens, false) {
				prop_assert_eq!(pool.active - after.active, amount);
			}
		}
	}
}
