//! Nine ways to use the books, and random operations in each.

use crate::{
	ledger::Ledger,
	operation::{Config, Id, Op},
};
use baseload_math::books::{
	depositor::PoolTerms,
	fee::{FeeTerms, FEE_ONE},
	terms::Terms,
};

/// How the books are used.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
	pub config: Config,
	/// Price of a KWH unit in an ordinary market.
	pub price: (u128, u128),
	/// Least and largest draw, KWH units.
	pub draws: (u128, u128),
	/// The price moves between this many thousandths of the ordinary one.
	pub moves: (u128, u128),
	/// How often, in a hundred, a price is at one of the ends.
	pub jumps: u128,
	/// How often each kind of operation comes up, in the order of [`random_op`].
	pub weights: [u128; 15],
}

/// Ordinary terms: 50 % a year, 150 %, 130 %, 10 %.
pub const CONFIG: Config = Config {
	terms: Terms {
		hourly_rate: 5_703_854_000_000_000_000_000 * 10,
		mint_bp: 15_000,
		liquidation_bp: 13_000,
		penalty_bp: 1_000,
		minimum_debt: 100_000_000,
		redemption_floor: 1_000_000,
		first_share_bits: 64,
	},
	fees: FeeTerms {
		least: FEE_ONE / 200,
		cap: FEE_ONE / 20,
	},
	pool: PoolTerms {
		delay: 2,
		notice: 1,
		window: 2,
	},
	steps: 6,
};

/// An ordinary mix: open, deposit, draw, repay, withdraw, close, accrue, price, redeem, liquidate, the pool's deposit, notice,
/// withdraw and claim, and spending revenue.
const MIX: [u128; 15] = [6, 8, 16, 8, 6, 2, 6, 10, 7, 12, 7, 5, 6, 4, 4];

/// Operations while few vaults are indebted.
const BUILD: [u128; 3] = [2, 3, 6];

/// A stablecoin of 12 decimals against a token of 12 decimals, a kilowatt-hour at a tenth of it.
pub const ORDINARY: Profile = Profile {
	config: CONFIG,
	price: (1, 10),
	draws: (1_000_000_000_000, 1_000_000_000_000_000),
	moves: (700, 1_600),
	jumps: 15,
	weights: MIX,
};

/// Deterministic numbers: SplitMix64.
pub struct Dice(pub u64);

impl Dice {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
		mixed ^ (mixed >> 31)
	}

	/// From 0 up to, but not including, `end`.
	pub fn below(&mut self, end: u128) -> u128 {
		let wide = u128::from(self.next()) << 64 | u128::from(self.next());
		wide % end.max(1)
	}

	/// Between both ends, each order of magnitude as likely as the others.
	pub fn between(&mut self, (least, most): (u128, u128)) -> u128 {
		let bits = most.ilog2() - least.ilog2();
		let top = least << self.below(u128::from(bits) + 1);
		(least + self.below(top)).min(most)
	}

	/// All of `whole`, nearly all, a part, or a unit.
	fn part_of(&mut self, whole: u128) -> u128 {
		match self.below(8) {
			0 | 1 => whole,
			2 => whole.saturating_sub(1 + self.below(3)),
			3 => 1 + self.below(3),
			_ => self.below(whole) + 1,
		}
	}

	fn weighted(&mut self, weights: &[u128]) -> usize {
		let mut left = self.below(weights.iter().sum());
		for (position, weight) in weights.iter().enumerate() {
			if left < *weight {
				return position;
			}
			left -= weight;
		}
		0
	}
}

/// An operation that makes sense more often than not.
pub fn random_op(dice: &mut Dice, profile: &Profile, ledger: &Ledger) -> Op {
	let vault = pick(dice, ledger.vaults.keys());
	let depositor = 1 + dice.below(4);
	let worth = |debt: u128| debt * ledger.price.numerator() / ledger.price.denominator();
	// Empty books are built up first, mostly.
	let kind = match ledger.index.len() {
		indebted if indebted < 5 && dice.below(3) > 0 => dice.weighted(&BUILD),
		_ => dice.weighted(&profile.weights),
	};
	match kind {
		0 if ledger.vaults.len() < 10 => Op::Open(ledger.round as Id * 1_000 + dice.below(1_000)),
		0 | 1 => Op::Deposit(
			vault,
			worth(dice.between(profile.draws)) * (140 + dice.below(160)) / 100 + 1,
		),
		2 => Op::Draw(vault, draw_amount(dice, profile, ledger, vault)),
		3 => Op::Repay(vault, dice.part_of(debt_of(ledger, vault))),
		4 => {
			let spare = collateral_of(ledger, vault).saturating_sub(worth(debt_of(ledger, vault)) * 3 / 2);
			Op::Withdraw(vault, dice.part_of(spare))
		}
		5 => Op::Close(vault),
		6 => Op::Accrue(1 + dice.below(200)),
		7 => price(dice, profile),
		8 => {
			let most = ledger.wallets >> (2 * dice.below(4));
			Op::Redeem(dice.part_of(most))
		}
		9 => Op::Liquidate(1 + dice.below(4)),
		10 => Op::PoolDeposit(depositor, dice.part_of(ledger.wallets / 4)),
		11 => Op::PoolNotice(depositor, dice.part_of(ledger.pool.active)),
		12 => {
			let noticed = ledger.deposits.iter().find(|(_, deposit)| {
				let notice = deposit.notice();
				notice.is_some_and(|notice| (notice.opens..notice.lapses).contains(&ledger.round))
			});
			Op::PoolWithdraw(noticed.map_or(depositor, |(id, _)| *id))
		}
		13 => Op::PoolClaim(pick(dice, ledger.deposits.keys())),
		_ => Op::SpendRevenue(dice.part_of(ledger.revenue)),
	}
}

fn pick<'a>(dice: &mut Dice, ids: impl ExactSizeIterator<Item = &'a Id>) -> Id {
	let position = dice.below(ids.len() as u128) as usize;
	ids.skip(position).copied().next().unwrap_or_default()
}

fn debt_of(ledger: &Ledger, id: Id) -> u128 {
	ledger
		.vaults
		.get(&id)
		.map_or(0, |vault| ledger.books.debt_of(vault).unwrap())
}

fn collateral_of(ledger: &Ledger, id: Id) -> u128 {
	ledger
		.vaults
		.get(&id)
		.map_or(0, |vault| ledger.books.collateral_of(vault).unwrap())
}

/// Up to what the collateral carries, mostly.
fn draw_amount(dice: &mut Dice, profile: &Profile, ledger: &Ledger, id: Id) -> u128 {
	let carried = collateral_of(ledger, id) * ledger.price.denominator() / ledger.price.numerator();
	let room = (carried * 64 / 100).saturating_sub(debt_of(ledger, id));
	match dice.below(4) {
		0 => dice.between(profile.draws),
		1 => room,
		_ => dice.below(room) + 1,
	}
}

fn price(dice: &mut Dice, profile: &Profile) -> Op {
	let (least, most) = profile.moves;
	let thousandths = match dice.below(100) {
		roll if roll < profile.jumps / 2 => least,
		roll if roll < profile.jumps => most,
		_ => (850 + dice.below(400)).clamp(least, most),
	};
	Op::Price(profile.price.0 * thousandths, profile.price.1 * 1_000)
}
