//! Who stands behind the backstop pool, and what became of that.

use baseload_primitives::{Balance, KWH, MINUTE};
use baseload_runtime::{configs::money::RESERVE_TOKEN, PowerStablecoin, RuntimeCall};
use pallet_power_stablecoin::Call;

use crate::{
	genesis::{depositor, holder, COLLATERAL, REFERENCE},
	report::{percent, whole},
	world::{in_tokens, World},
	Failure,
};

/// What the depositor can put in without anybody's help, in whole KWH.
pub const OWN: u64 = 400_000;

/// Puts so many whole KWH into the pool, and waits for the prices until they count. What the depositor does not have comes from the
/// holder.
pub fn fill(world: &mut World, amount: u64) -> Result<(), Failure> {
	let mut refused = None;
	world.block(MINUTE, Some(COLLATERAL), |calls| {
		let lent = amount.saturating_sub(OWN);
		if lent > 0 {
			let transfer = pallet_balances::Call::transfer_keep_alive {
				dest: depositor().into(),
				value: Balance::from(lent) * KWH,
			};
			refused = calls.any(&holder(), RuntimeCall::Balances(transfer)).err();
		}
		let deposit = Call::pool_deposit {
			token: RESERVE_TOKEN,
			amount: Balance::from(amount) * KWH,
		};
		refused = refused.or(calls.make(&depositor(), deposit).err());
	})?;
	if let Some(error) = refused {
		return Err(format!("the pool was not filled: {error:?}"));
	}
	for _ in 0..3 {
		world.block(MINUTE, Some(COLLATERAL), |_| ())?;
	}
	world.deposited = amount as f64;
	world.sample()
}

/// What the depositors were left with, in words.
pub fn outcome(world: &mut World) -> Result<String, Failure> {
	if world.deposited == 0.0 {
		return Ok("nobody".into());
	}
	let price = world.price() as f64 / 1e18;
	let reference = REFERENCE as f64 / 1e18;
	let part = world
		.chain
		.read(|| PowerStablecoin::pool_deposit_of(RESERVE_TOKEN, depositor()));
	let part = part.ok_or("the deposit is gone")?;
	let (kept, earned) = (in_tokens(part.counting, 12), in_tokens(part.claimable, 6));
	let value = kept * reference + earned * price;
	Ok(format!(
		"put in {} KWH, have {} KWH and {} RSV: {} of what they put in",
		whole(world.deposited),
		whole(kept),
		whole(earned),
		percent(value / (world.deposited * reference))
	))
}
