//! The collateral falls.

use baseload_primitives::{Balance, KWH};
use baseload_runtime::{configs::money::RESERVE_TOKEN, PowerStablecoin, Runtime, RuntimeCall};
use pallet_power_stablecoin::Call;

use super::MINUTE;
use crate::{
	genesis::{self, depositor, holder, owner, vault, Plan, COLLATERAL, ORDINARY, REFERENCE},
	report::{percent, whole},
	world::{in_tokens, World},
	Failure,
};

/// What stands in the backstop pool, in whole KWH: a tenth of the supply, or so.
pub const POOL: u64 = 2_000_000;

/// Minutes in which the price falls.
const FALL: u32 = 60;
/// Minutes until the end.
const END: u32 = 180;

/// The price after `minute` minutes of a fall to `percent`.
fn falling(minute: u32, percent: u128) -> u128 {
	let fallen = (100 - percent) * u128::from(minute.min(FALL)) / u128::from(FALL);
	COLLATERAL * (100 - fallen) / 100
}

/// A fall to `percent` of the price, with so many KWH in the backstop pool.
pub fn fall(percent: u128, pool: u64) -> Result<World, Failure> {
	let mut world = World::new(&ORDINARY)?;
	fill_pool(&mut world, pool)?;
	for minute in 1..=END {
		world.block(MINUTE, Some(falling(minute, percent)), |_| ())?;
		if minute.is_multiple_of(3) {
			world.sample()?;
		}
	}
	conclude(&mut world, &ORDINARY, pool)?;
	Ok(world)
}

/// Puts KWH into the pool, and waits for the prices until they count.
fn fill_pool(world: &mut World, pool: u64) -> Result<(), Failure> {
	if pool == 0 {
		return Ok(());
	}
	let amount = Balance::from(pool) * KWH;
	let mut refused = None;
	world.block(MINUTE, Some(COLLATERAL), |calls| {
		let transfer = pallet_balances::Call::transfer_keep_alive {
			dest: depositor().into(),
			value: amount,
		};
		refused = calls.any(&holder(), RuntimeCall::Balances(transfer)).err();
		let deposit = Call::pool_deposit {
			token: RESERVE_TOKEN,
			amount,
		};
		refused = refused.or(calls.make(&depositor(), deposit).err());
	})?;
	if let Some(error) = refused {
		return Err(format!("the pool was not filled: {error:?}"));
	}
	for _ in 0..3 {
		world.block(MINUTE, Some(COLLATERAL), |_| ())?;
	}
	world.sample()
}

/// Says what owners and depositors were left with.
fn conclude(world: &mut World, plan: &Plan, pool: u64) -> Result<(), Failure> {
	let price = world.price() as f64 / 1e18;
	let reference = REFERENCE as f64 / 1e18;
	let start = genesis::of(plan)?;
	let mut held = 0.0;
	for vault in start
		.power_stablecoin
		.vaults
		.iter()
		.filter(|vault| vault.token == RESERVE_TOKEN)
	{
		held += (in_tokens(vault.collateral, 6) * price - in_tokens(vault.debt, 12) * reference).max(0.0);
	}
	let ids = (0..=plan.vaults).map(|place| vault(place).0 - 1);
	let owned: f64 = world.chain.read(|| {
		let views = ids.filter_map(|id| PowerStablecoin::vault(baseload_primitives::VaultId(id)));
		views
			.map(|view| (in_tokens(view.collateral, 6) * price - in_tokens(view.debt, 12) * reference).max(0.0))
			.sum()
	});
	world.remark(format!(
		"            what is left to owners is worth {}; it would be {} had nobody been liquidated",
		whole(owned),
		whole(held)
	));
	if pool == 0 {
		return Ok(());
	}
	let part = world
		.chain
		.read(|| PowerStablecoin::pool_deposit_of(RESERVE_TOKEN, depositor()));
	let part = part.ok_or("the deposit is gone")?;
	let (before, kept) = (pool as f64 * reference, in_tokens(part.counting, 12) * reference);
	let earned = in_tokens(part.claimable, 6) * price;
	world.remark(format!(
		"depositors  put in {} KWH, have {} KWH and {} RSV: {} of what they put in",
		whole(pool as f64),
		whole(in_tokens(part.counting, 12)),
		whole(in_tokens(part.claimable, 6)),
		percent((kept + earned) / before)
	));
	Ok(())
}

/// Very many vaults, all sizes, and calls of every kind in every block.
pub fn many() -> Result<World, Failure> {
	const PLAN: Plan = Plan {
		vaults: 100_000,
		least_debt: 25,
		ratios: (152, 500),
		bank_ratio: 320,
	};
	/// Minutes of it.
	const LENGTH: u32 = 90;
	/// Calls of each kind in a block.
	const EACH: u32 = 20;
	let mut world = World::new(&PLAN)?;
	fill_pool(&mut world, POOL)?;
	for minute in 1..=LENGTH {
		world.block(MINUTE, Some(falling(minute, 60)), |calls| {
			for turn in 0..EACH {
				let place = (minute * 7_919 + turn * 104_729) % PLAN.vaults;
				// Refusals are part of it: a vault may be gone, or not have as much.
				for call in busy(place) {
					let _ = calls.make(&owner(place), call);
				}
			}
			let redeem = Call::redeem {
				amount: 5_000 * KWH,
				max_fee: sp_runtime::Perquintill::from_percent(5),
				min_out: Default::default(),
			};
			let _ = calls.make(&holder(), redeem);
		})?;
		if minute.is_multiple_of(15) {
			world.sample()?;
		}
	}
	conclude(&mut world, &PLAN, POOL)?;
	Ok(world)
}

/// What an owner does who is busy.
fn busy(place: u32) -> [Call<Runtime>; 4] {
	let vault = vault(place);
	[
		Call::deposit { vault, amount: 1 },
		Call::draw { vault, amount: KWH },
		Call::withdraw { vault, amount: 1 },
		Call::repay { vault, amount: KWH / 2 },
	]
}
