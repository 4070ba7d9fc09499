//! Holders redeem: all at once, and against vaults whose plants have gone dark.

use baseload_primitives::{Balance, KWH};
use baseload_runtime::{AccountId, PowerStablecoin, RuntimeCall};
use pallet_power_stablecoin::Call;
use sp_keyring::Sr25519Keyring;
use sp_runtime::Perquintill;

use super::MINUTE;
use crate::{
	genesis::{holder, vault, COLLATERAL, ORDINARY},
	pool,
	report::{percent, whole},
	world::{in_tokens, Calls, World},
	Failure,
};

/// A holder who accepts any fee.
fn redeem(calls: &mut Calls, amount: Balance) -> Result<(), Failure> {
	let call = Call::redeem {
		amount,
		max_fee: Perquintill::one(),
		min_out: Default::default(),
	};
	calls
		.make(&holder(), call)
		.map_err(|error| format!("a redemption was refused: {error:?}"))
}

fn supply(world: &mut World) -> Balance {
	world.chain.read(|| PowerStablecoin::proof_of_backing().supply)
}

/// A run: in ten hours, nine tenths of all KWH.
pub fn run() -> Result<World, Failure> {
	/// Requests, one every ten minutes.
	const REQUESTS: u32 = 60;
	let mut world = World::new(&ORDINARY)?;
	pool::fill(&mut world, pool::OWN)?;
	let first = supply(&mut world);
	world.block(MINUTE, Some(COLLATERAL), |calls| {
		for key in [
			Sr25519Keyring::Alice,
			Sr25519Keyring::Bob,
			Sr25519Keyring::Charlie,
			Sr25519Keyring::Ferdie,
		] {
			gather(calls, &key.to_account_id());
		}
	})?;
	let part = first / 10 * 9 / Balance::from(REQUESTS);
	for request in 0..REQUESTS {
		let mut asked = Ok(());
		world.block(MINUTE, Some(COLLATERAL), |calls| asked = redeem(calls, part))?;
		asked?;
		for _ in 1..10 {
			world.block(MINUTE, Some(COLLATERAL), |_| ())?;
		}
		if request % 2 == 1 {
			world.sample()?;
		}
	}
	let last = supply(&mut world);
	let burnt = 1.0 - last as f64 / first as f64;
	world.remark(format!("run         {} of all KWH were redeemed", percent(burnt)));
	if burnt < 0.895 {
		return Err(format!("only {} were redeemed", percent(burnt)));
	}
	Ok(world)
}

/// Sends nearly all that an account has to the holder.
fn gather(calls: &mut Calls, from: &AccountId) {
	let transfer = pallet_balances::Call::transfer_all {
		dest: holder().into(),
		keep_alive: true,
	};
	// Who holds deposits keeps them.
	let _ = calls.any(from, RuntimeCall::Balances(transfer));
}

/// Forty days without a reading: declared energy fades, cure periods end, and what is uncovered is wound down by redemption.
pub fn dark() -> Result<World, Failure> {
	const DAYS: u32 = 40;
	/// Whole KWH redeemed each day.
	const DAILY: Balance = 100_000;
	let mut world = World::new(&ORDINARY)?;
	pool::fill(&mut world, pool::OWN)?;
	let bank_first = debt_of_bank(&mut world);
	for day in 0..DAYS {
		for minute in 0..24 * 60u32 {
			// Fresh for an hour; a new one every half.
			let price = minute.is_multiple_of(30).then_some(COLLATERAL);
			let mut asked = Ok(());
			world.block(MINUTE, price, |calls| {
				if minute == 60 {
					asked = redeem(calls, DAILY * KWH);
				}
			})?;
			asked?;
		}
		if day % 2 == 1 {
			world.sample()?;
		}
	}
	// Nobody said that cover was lost: the blocks have noticed.
	let (uncovered, cured) = world.chain.read(|| {
		let views = (0..ORDINARY.vaults).filter_map(|place| PowerStablecoin::vault(vault(place)));
		views.fold((0, 0), |(uncovered, cured), view| {
			let lost = view.drawn > view.energy_limit;
			(uncovered + u32::from(lost), cured + u32::from(view.cure_in.is_some()))
		})
	});
	let backing = world.chain.read(PowerStablecoin::proof_of_backing);
	let energy = backing.energy.0 + backing.declared.0;
	let bank_last = debt_of_bank(&mut world);
	world.remark(format!(
		"energy      {energy} Wh attested or declared at last; {uncovered} vaults without cover, {cured} of them noticed; the bank owed {} KWH, owes {}",
		whole(bank_first),
		whole(bank_last)
	));
	if energy > 0 {
		return Err("there is energy though no plant delivers".into());
	}
	if uncovered == 0 || uncovered != cured {
		return Err(format!("of {uncovered} vaults without cover {cured} were noticed"));
	}
	Ok(world)
}

/// What the development chain's own vault owes, in whole KWH.
fn debt_of_bank(world: &mut World) -> f64 {
	let bank = world
		.chain
		.read(|| PowerStablecoin::vault(baseload_primitives::VaultId(0)));
	bank.map_or(0.0, |bank| in_tokens(bank.debt, 12))
}
