//! What must hold after every operation, numbered.

use crate::{
	ledger::Ledger,
	operation::{Op, Outcome},
};
use baseload_math::books::{
	fee::FEE_ONE,
	key::RiskKey,
	liquidation::REDISTRIBUTION_BITS,
	marks::{PRODUCT_LEAST, PRODUCT_ONE},
	totals::{Vault, FRACTION_BITS, HANDED_OUT_BITS},
};
use sp_core::{U256, U512};

/// The number and the text of the first invariant that does not hold.
pub type Broken = String;

/// Checks a state by itself.
pub fn check_state(ledger: &Ledger) -> Result<(), Broken> {
	supply_is_debt_and_shortfall(ledger)?;
	debts_add_up(ledger)?;
	collateral_adds_up(ledger)?;
	kwh_is_somewhere(ledger)?;
	pool_covers_its_claims(ledger)?;
	index_is_in_order(ledger)?;
	empty_is_empty(ledger)?;
	numbers_are_in_bounds(ledger)
}

/// Checks what an operation may do to a state.
pub fn check_change(before: &Ledger, op: &Op, outcome: &Outcome, after: &Ledger) -> Result<(), Broken> {
	ratios_of_others_hold(before, op, outcome, after)?;
	redemption_leaves_no_dust(before, outcome, after)?;
	redistribution_is_bounded(before, outcome, after)
}

fn ensure(condition: bool, broken: impl FnOnce() -> String) -> Result<(), Broken> {
	if condition {
		Ok(())
	} else {
		Err(broken())
	}
}

/// 1. supply = minted - burnt = total debt + shortfall, exactly.
fn supply_is_debt_and_shortfall(ledger: &Ledger) -> Result<(), Broken> {
	let owed = ledger.books.debt + ledger.books.shortfall;
	ensure(ledger.minted - ledger.burnt == owed, || {
		format!("1: supply {} is not {owed}", ledger.supply())
	})
}

/// 2. 0 <= sum of debts - total debt <= indebted vaults.
fn debts_add_up(ledger: &Ledger) -> Result<(), Broken> {
	let debts = ledger.vaults.values().map(|vault| ledger.books.debt_of(vault).unwrap());
	let sum: u128 = debts.sum();
	let excess = sum.checked_sub(ledger.books.debt);
	ensure(
		excess.is_some_and(|excess| excess <= ledger.index.len() as u128),
		|| format!("2: debts of {sum} for a total of {}", ledger.books.debt),
	)
}

/// 3. sum of collateral <= total; collateral held = total + pool + reserve + revenue, exactly.
fn collateral_adds_up(ledger: &Ledger) -> Result<(), Broken> {
	let books = &ledger.books;
	let owned: u128 = ledger
		.vaults
		.values()
		.map(|vault| books.collateral_of(vault).unwrap())
		.sum();
	ensure(owned <= books.collateral, || {
		format!("3: vaults own {owned} of {}", books.collateral)
	})?;
	let known = books.collateral + ledger.pool.collateral + books.reserve + books.revenue;
	ensure(ledger.held == known, || {
		format!("3: {} held, {known} known", ledger.held)
	})?;
	ensure(books.shortfall > 0 || books.reserve == 0, || {
		"3: a reserve without a shortfall".into()
	})
}

/// 4. Every KWH is in a wallet, in revenue or in the pool.
fn kwh_is_somewhere(ledger: &Ledger) -> Result<(), Broken> {
	let known = ledger.wallets + ledger.revenue + ledger.pool.active + ledger.pool.waiting;
	ensure(ledger.supply() == known, || {
		format!("4: supply {}, known {known}", ledger.supply())
	})
}

/// 5. The pool holds at least what its depositors can claim, KWH and collateral, and exactly what waits.
fn pool_covers_its_claims(ledger: &Ledger) -> Result<(), Broken> {
	let (mut value, mut claimable, mut waiting) = (0, 0, 0);
	for id in ledger.deposits.keys() {
		let deposit = ledger.deposit_of(*id).unwrap();
		value += deposit.value(&ledger.pool).unwrap();
		claimable += deposit.claimable(&ledger.pool, &ledger.past).unwrap();
		waiting += deposit.waiting().iter().map(|tranche| tranche.amount).sum::<u128>();
	}
	let pool = &ledger.pool;
	ensure(value <= pool.active, || {
		format!("5: {value} claimed of {} in the pool", pool.active)
	})?;
	ensure(claimable <= pool.collateral, || {
		format!("5: {claimable} claimed of {} earned", pool.collateral)
	})?;
	ensure(waiting == pool.waiting, || {
		format!("5: {waiting} waits, not {}", pool.waiting)
	})
}

/// 6. The index holds each indebted vault once, under its key, in the order of the exact ratios; only below the last of 192
///    bits may equal keys hide an order.
fn index_is_in_order(ledger: &Ledger) -> Result<(), Broken> {
	let keyed = ledger
		.vaults
		.iter()
		.filter_map(|(id, vault)| vault.key().map(|key| (key, *id)));
	ensure(keyed.collect::<std::collections::BTreeSet<_>>() == ledger.index, || {
		"6: the index is not the indebted vaults".into()
	})?;
	let entries: Vec<(RiskKey, &Vault)> = ledger
		.index
		.iter()
		.map(|(key, id)| (*key, &ledger.vaults[id]))
		.collect();
	for pair in entries.windows(2) {
		let ((lower_key, lower), (upper_key, upper)) = (pair[0], pair[1]);
		let left = owned(ledger, lower) * U512::from(upper.shares);
		let right = owned(ledger, upper) * U512::from(lower.shares);
		ensure(left <= right || lower_key == upper_key, || {
			"6: two vaults are out of order".into()
		})?;
	}
	Ok(())
}

/// Collateral with its 192 fractional bits.
fn owned(ledger: &Ledger, vault: &Vault) -> U512 {
	let since = ledger.books.handed_out - vault.handed_out;
	(U512::from(vault.collateral) << FRACTION_BITS) + vault.shares.full_mul(since)
}

/// 7. No shares, no debt and an empty index are one condition; the vaults' shares are all the shares.
fn empty_is_empty(ledger: &Ledger) -> Result<(), Broken> {
	let empty = [
		ledger.books.shares.is_zero(),
		ledger.books.debt == 0,
		ledger.index.is_empty(),
	];
	ensure(empty.iter().all(|one| *one == empty[0]), || {
		format!("7: only partly empty: {empty:?}")
	})?;
	let shares = ledger
		.vaults
		.values()
		.fold(U256::zero(), |sum, vault| sum + vault.shares);
	ensure(shares == ledger.books.shares, || "7: shares of nobody".into())
}

/// 8. What is handed out per share, the pool's product and its unit stay in their bounds.
fn numbers_are_in_bounds(ledger: &Ledger) -> Result<(), Broken> {
	let handed_out = ledger.books.handed_out >> HANDED_OUT_BITS;
	ensure(handed_out.is_zero(), || "8: too much handed out per share".into())?;
	let product = ledger.pool.marks.product;
	ensure((PRODUCT_LEAST..=PRODUCT_ONE).contains(&product), || {
		format!("8: P is {product}")
	})?;
	let touched = ledger.pool.marks.scale > 0 || product < PRODUCT_ONE;
	ensure(!touched || ledger.pool.active > 0, || {
		"8: the pool lost its last unit".into()
	})
}

/// 9. Repayment and redemption lower the ratio of no other vault (N / D does not fall), but for the last unit of the books.
fn ratios_of_others_hold(before: &Ledger, op: &Op, outcome: &Outcome, after: &Ledger) -> Result<(), Broken> {
	let last_unit = match outcome {
		Outcome::Redemption(redemption) => redemption.vaults.iter().any(|(_, paid)| paid.burnt < paid.asked),
		_ if matches!(op, Op::Repay(..) | Op::Close(_)) => after.books.debt == 1,
		_ => return Ok(()),
	};
	if last_unit || after.books.debt == 0 {
		return Ok(());
	}
	let left = after.books.shares.full_mul(before.books.debt.into());
	let right = before.books.shares.full_mul(after.books.debt.into());
	ensure(left >= right, || "9: the others' ratios fell".into())
}

/// 10. A redemption leaves a vault no debt, or at least the floor; it pays no more than par and than the vault owned, and its
///     fee is within the cap.
fn redemption_leaves_no_dust(before: &Ledger, outcome: &Outcome, after: &Ledger) -> Result<(), Broken> {
	let Outcome::Redemption(redemption) = outcome else {
		return Ok(());
	};
	for (id, paid) in &redemption.vaults {
		let debt = after.books.debt_of(&after.vaults[id]).unwrap();
		let floor = before.config.terms.redemption_floor;
		ensure(paid.closed == (debt == 0), || format!("10: vault {id} owes {debt}"))?;
		ensure(paid.closed || debt >= floor, || {
			format!("10: vault {id} is left with {debt}")
		})?;
		let owned = before.books.collateral_of(&before.vaults[id]).unwrap();
		ensure(paid.gross <= owned, || {
			format!("10: vault {id} paid {} of {owned}", paid.gross)
		})?;
		let par = U256::from(paid.burnt) * U256::from(after.price.numerator()) / U256::from(after.price.denominator());
		ensure(U256::from(paid.gross) <= par, || {
			format!("10: vault {id} paid above par")
		})?;
		ensure(paid.out > 0, || format!("10: vault {id} paid nothing"))?;
		let cap = U256::from(paid.gross) * U256::from(before.config.fees.cap) / U256::from(FEE_ONE) + 1;
		ensure(U256::from(paid.gross - paid.out) <= cap, || {
			format!("10: the fee on {} of vault {id} is above the cap", paid.gross)
		})?;
	}
	Ok(())
}

/// 11. A liquidation accounts for all its debt and collateral; redistribution at most doubles the rest and leaves its shares
///     fine enough.
fn redistribution_is_bounded(before: &Ledger, outcome: &Outcome, after: &Ledger) -> Result<(), Broken> {
	let Outcome::Liquidations(liquidated) = outcome else {
		return Ok(());
	};
	let mut debt = before.books.debt;
	for (id, moved) in liquidated {
		let rest = debt - moved.debt;
		ensure(moved.redistributed <= rest, || {
			format!("11: vault {id} more than doubled the rest")
		})?;
		ensure(moved.debt == moved.offset + moved.redistributed + moved.lost, || {
			format!("11: debt of {id}")
		})?;
		let seized = moved.to_pool + moved.to_rest + moved.to_reserve;
		ensure(moved.seized == seized, || format!("11: collateral of {id}"))?;
		ensure(moved.lost > 0 || moved.to_reserve == 0, || {
			format!("11: a reserve for nothing of {id}")
		})?;
		debt = rest + moved.redistributed;
	}
	let coarse = after.books.shares >> REDISTRIBUTION_BITS < U256::from(after.books.debt);
	let redistributed = liquidated.last().is_some_and(|(_, moved)| moved.redistributed > 0);
	ensure(!redistributed || !coarse, || "11: shares are too coarse".into())
}
