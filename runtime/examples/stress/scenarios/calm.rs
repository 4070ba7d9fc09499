//! Nothing happens, for a long time.

use baseload_primitives::{Balance, HOUR};
use baseload_runtime::{configs::money::RESERVE_TOKEN, PowerStablecoin, Runtime};
use pallet_power_stablecoin::ChargedHour;

use crate::{
	genesis::{COLLATERAL, ORDINARY},
	report::{percent, whole},
	world::{in_tokens, World},
	Failure,
};

/// Ten years of interest, in blocks of six hours each; compared with compound interest. Nobody is in the pool: what it burnt
/// would bear no interest any more.
pub fn ten_years() -> Result<World, Failure> {
	const BLOCKS: u32 = 14_610;
	const STEP: u64 = 6;
	let mut world = World::new(&ORDINARY)?;
	let (first, rate) = world.chain.read(|| {
		let types = PowerStablecoin::collateral_types();
		let reserve = types.iter().find(|kind| kind.token == RESERVE_TOKEN);
		reserve.map_or((0, 0), |kind| (kind.debt, kind.params.hourly_rate()))
	});
	// A block charges the hours that were over when the block before it was made.
	let charged = |world: &mut World| world.chain.read(|| ChargedHour::<Runtime>::get().unwrap_or_default());
	let mut from = charged(&mut world);
	for block in 1..=BLOCKS {
		world.block(STEP * HOUR, Some(COLLATERAL), |_| ())?;
		if from == 0 {
			from = charged(&mut world);
		}
		if block.is_multiple_of(200) {
			world.sample()?;
		}
	}
	let last: Balance = world.chain.read(|| PowerStablecoin::proof_of_backing().supply);
	let hours = (charged(&mut world) - from) as f64;
	let expected = in_tokens(first, 12) * (rate as f64 / 1e27).ln_1p().mul_add(hours, 0.0).exp();
	let found = in_tokens(last, 12) + world.tally.offset;
	let difference = (found / expected - 1.0).abs();
	world.remark(format!(
		"interest    {} KWH charged; {} KWH exist, compound interest says {}",
		whole(world.tally.interest),
		whole(in_tokens(last, 12)),
		whole(expected)
	));
	if difference > 1e-6 {
		return Err(format!("interest is {} off", percent(difference)));
	}
	Ok(world)
}
