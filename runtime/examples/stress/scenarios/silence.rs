//! No prices for a day.

use baseload_primitives::{KWH, SECOND};
use baseload_runtime::{configs::money::RESERVE_TOKEN, PowerStablecoin, Runtime, RuntimeCall};
use pallet_power_stablecoin::{Call, Error};
use sp_runtime::{DispatchError, Perquintill};

use super::MINUTE;
use crate::{
	genesis::{holder, owner, vault, COLLATERAL, ORDINARY},
	pool,
	world::{Calls, World},
	Failure,
};

/// The vault that acts. Any will do.
const PLACE: u32 = 7;

/// Prices stop, and come back a fifth lower. What needs no price goes on; the rest waits, and says why.
pub fn run() -> Result<World, Failure> {
	let mut world = World::new(&ORDINARY)?;
	pool::fill(&mut world, pool::OWN)?;
	hours(&mut world, 1, true, COLLATERAL)?;
	hours(&mut world, 2, false, COLLATERAL)?;
	let mut met = Ok(());
	world.block(MINUTE, None, |calls| met = in_silence(calls))?;
	met?;
	hours(&mut world, 22, false, COLLATERAL)?;
	expect(world.tally.redeemed == 0.0, "a redemption was executed without a price")?;
	let stopped = world.tally.liquidated;

	let lower = COLLATERAL / 5 * 4;
	world.block(MINUTE, Some(lower), |_| ())?;
	for _ in 0..10 {
		world.block(MINUTE, Some(lower), |_| ())?;
	}
	expect(
		world.tally.redeemed > 0.0,
		"the redemption that waited was not executed at the first price",
	)?;
	expect(
		world.tally.liquidated == stopped,
		"vaults were liquidated within the owners' grace",
	)?;
	world.remark("silence     draws, withdrawals and liquidations waited; repayments, deposits and transfers went on");
	world.remark("            the redemption made in it was executed at the first price; liquidation began after an hour's grace");
	hours(&mut world, 2, true, lower)?;
	expect(
		world.tally.liquidated > stopped,
		"nothing was liquidated after the grace",
	)?;
	Ok(world)
}

/// So many hours, with a price every minute or without any.
fn hours(world: &mut World, hours: u32, prices: bool, price: u128) -> Result<(), Failure> {
	for minute in 0..hours * 60 {
		world.block(60 * SECOND, prices.then_some(price), |_| ())?;
		if minute % 30 == 29 {
			world.sample()?;
		}
	}
	Ok(())
}

/// What can be done without a price, and what cannot.
fn in_silence(calls: &mut Calls) -> Result<(), Failure> {
	let vault = vault(PLACE);
	let no_price: DispatchError = Error::<Runtime>::NoPrice.into();
	for call in [Call::draw { vault, amount: KWH }, Call::withdraw { vault, amount: 1 }] {
		let refused = calls.make(&owner(PLACE), call).err();
		expect(
			refused == Some(no_price),
			"a draw or a withdrawal was not refused for want of a price",
		)?;
	}
	let liquidate = Call::liquidate {
		token: RESERVE_TOKEN,
		vaults: 1,
	};
	expect(
		calls.make(&holder(), liquidate).is_err(),
		"a liquidation went on without a price",
	)?;
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: owner(PLACE).into(),
		value: KWH,
	};
	let goes_on = [
		calls.any(&holder(), RuntimeCall::Balances(transfer)),
		calls.make(&owner(PLACE), Call::deposit { vault, amount: 1 }),
		calls.make(&holder(), Call::repay { vault, amount: KWH }),
		calls.make(
			&holder(),
			Call::redeem {
				amount: 1_000 * KWH,
				max_fee: Perquintill::from_percent(5),
				min_out: Default::default(),
			},
		),
	];
	match goes_on.iter().find_map(|done| done.err()) {
		Some(error) => Err(format!("what needs no price was refused: {error:?}")),
		None => expect(
			PowerStablecoin::redemption_quote(KWH).is_none(),
			"a redemption was quoted without a price",
		),
	}
}

fn expect(holds: bool, otherwise: &str) -> Result<(), Failure> {
	if holds {
		Ok(())
	} else {
		Err(otherwise.into())
	}
}
