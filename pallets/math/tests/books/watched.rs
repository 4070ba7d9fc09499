//! A ledger whose every operation is checked: invariants, and the exact model.

use crate::{
	invariants,
	ledger::Ledger,
	model::Model,
	operation::{Config, Op, Outcome, Refusal},
};

/// A ledger and the model that follows it.
pub struct Watched {
	pub ledger: Ledger,
	pub seen: Seen,
	model: Model,
}

/// How often what is worth testing happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
	pub operations: u64,
	pub offsets: u64,
	pub redistributions: u64,
	pub losses: u64,
	pub reserve_redemptions: u64,
	pub below_par: u64,
	pub closed_by_redemption: u64,
	pub emptied: u64,
	pub pool_withdrawals: u64,
	pub scales: u64,
}

impl Watched {
	pub fn new(config: Config) -> Self {
		Self {
			ledger: Ledger::new(config),
			seen: Seen::default(),
			model: Model::default(),
		}
	}

	/// Does `op` and checks everything; panics with the first thing that does not hold.
	pub fn apply(&mut self, op: Op) -> Result<Outcome, Refusal> {
		let before = self.ledger.clone();
		let outcome = self.ledger.apply(&op);
		match &outcome {
			Ok(outcome) => {
				self.model.follow(&before, &op, outcome, &self.ledger);
				self.seen.count(&before, outcome, &self.ledger);
				let checked = invariants::check_state(&self.ledger)
					.and_then(|()| invariants::check_change(&before, &op, outcome, &self.ledger))
					.map_err(|broken| format!("invariant {broken}"))
					.and_then(|()| self.model.check(&self.ledger));
				if let Err(broken) = checked {
					panic!("{op:?} -> {outcome:?}: {broken}\nbefore {before:#?}");
				}
			}
			Err(_) => assert_eq!(self.ledger, before, "{op:?} was refused and changed something"),
		}
		outcome
	}

	/// Does `op`, which must not be refused.
	pub fn must(&mut self, op: Op) -> Outcome {
		match self.apply(op) {
			Ok(outcome) => outcome,
			Err(refusal) => panic!("{op:?} was refused: {refusal:?}"),
		}
	}
}

impl Seen {
	fn count(&mut self, before: &Ledger, outcome: &Outcome, after: &Ledger) {
		self.operations += 1;
		self.emptied += u64::from(before.books.debt > 0 && after.books.debt == 0);
		self.pool_withdrawals += u64::from(before.pool.active > after.pool.active && before.burnt == after.burnt);
		self.scales += u64::from(after.pool.marks.scale - before.pool.marks.scale);
		match outcome {
			Outcome::Liquidations(liquidated) => {
				for (_, moved) in liquidated {
					self.offsets += u64::from(moved.offset > 0);
					self.redistributions += u64::from(moved.redistributed > 0);
					self.losses += u64::from(moved.lost > 0);
				}
			}
			Outcome::Redemption(redemption) => {
				self.reserve_redemptions += u64::from(redemption.reserve.is_some());
				for (_, paid) in &redemption.vaults {
					let value = paid.gross * after.price.denominator() / after.price.numerator();
					self.below_par += u64::from(value + 1 < paid.burnt * 99 / 100);
					self.closed_by_redemption += u64::from(paid.closed);
				}
			}
			_ => {}
		}
	}

	/// Both counts together.
	pub fn and(self, other: Self) -> Self {
		Self {
			operations: self.operations + other.operations,
			offsets: self.offsets + other.offsets,
			redistributions: self.redistributions + other.redistributions,
			losses: self.losses + other.losses,
			reserve_redemptions: self.reserve_redemptions + other.reserve_redemptions,
			below_par: self.below_par + other.below_par,
			closed_by_redemption: self.closed_by_redemption + other.closed_by_redemption,
			emptied: self.emptied + other.emptied,
			pool_withdrawals: self.pool_withdrawals + other.pool_withdrawals,
			scales: self.scales + other.scales,
		}
	}
}
