//! What people's tools are shown.

use baseload_primitives::{
	views::{ProofOfBacking, TypeBacking, VaultView},
	Price, VaultId, WattHours, BLD_TOKEN, KWH,
};
use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::Error;

#[test]
fn vault_view_should_show_what_can_be_drawn_when_covered() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 400 * KWH));
		let expected = VaultView {
			owner: ALICE,
			token: RSV,
			collateral: COLLATERAL,
			debt: 400 * KWH,
			drawn: 400 * KWH,
			sites: vec![SITE],
			energy: energy_for(1_000),
			energy_limit: 1_000 * KWH,
			mint_ratio: Price::from_rational(3, 2),
			liquidation_ratio: Price::from_rational(13, 10),
			cure_until: None,
			collateral_ratio: Some(Price::from_inner(3_750_000_025_000_000_000)),
			drawable: Some(600 * KWH),
		};
		assert_eq!(PowerStablecoin::vault(FIRST), Some(expected));
		assert_eq!(PowerStablecoin::vault(VaultId(9)), None);
		assert_eq!(PowerStablecoin::next_vault(), VaultId(2));
	});
}

#[test]
fn drawable_should_be_the_exact_boundary_when_any_limit_binds() {
	run(|| {
		ready();
		let draw = |amount| PowerStablecoin::draw(origin(ALICE), FIRST, amount).map_err(|failed| failed.error);
		let drawable = || PowerStablecoin::vault(FIRST).unwrap().drawable.unwrap();
		// Collateral binds, at a price that does not divide.
		set_site(SITE, ALICE, WattHours(u64::MAX));
		set_prices(Some(Price::from_rational(1, 7)), Some(Price::from_rational(13, 11)));
		assert_noop!(draw(drawable() + 1), Error::<Test>::CollateralTooLow);
		// Energy binds.
		set_site(SITE, ALICE, WattHours(300_001));
		assert_eq!(drawable(), 150 * KWH + KWH / 2_000);
		assert_noop!(draw(drawable() + 1), Error::<Test>::EnergyTooLow);
		// The ceiling binds.
		set_site(SITE, ALICE, WattHours(u64::MAX));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 50_000 * RESERVE));
		assert_noop!(draw(drawable() + 1), Error::<Test>::CeilingReached);
		assert_ok!(draw(drawable()));
		assert_eq!(drawable(), 0);
		// Nothing binds below the minimum debt: nothing can be drawn.
		assert_ok!(PowerStablecoin::repay(origin(ALICE), FIRST, Balance::MAX));
		set_site(SITE, ALICE, energy_for(99));
		assert_eq!(drawable(), 0);
	});
}

#[test]
fn vault_view_should_know_no_value_when_a_price_is_missing() {
	run(|| {
		ready();
		set_prices(None, Some(Price::from_u32(1)));
		let view = PowerStablecoin::vault(FIRST).unwrap();
		assert_eq!((view.collateral_ratio, view.drawable), (None, None));
	});
}

#[test]
fn backing_should_add_up_when_vaults_were_drawn_and_repaid() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 1_000 * KWH));
		assert_ok!(PowerStablecoin::repay(origin(BOB), FIRST, 500 * KWH));
		let expected = ProofOfBacking {
			supply: 10_500 * KWH,
			genesis: 10_000 * KWH,
			minted: 1_000 * KWH,
			burnt: 500 * KWH,
			debt: 10_500 * KWH,
			shortfall: 0,
			types: vec![
				TypeBacking {
					token: RSV,
					debt: 10_500 * KWH,
					shortfall: 0,
					collateral: 3_000 * RESERVE + COLLATERAL,
					reserve: 0,
					revenue: 0,
					pool_kwh: 0,
					pool_collateral: 0,
					price: Some(Price::from_u32(1)),
					collateral_ratio: Some(Price::from_inner(3_000_000_000_952_380_952)),
				},
				TypeBacking {
					token: BLD_TOKEN,
					debt: 0,
					shortfall: 0,
					collateral: 0,
					reserve: 0,
					revenue: 0,
					pool_kwh: 0,
					pool_collateral: 0,
					price: Some(Price::from_u32(1)),
					collateral_ratio: None,
				},
			],
			reference_price: Some(Price::from_rational(1, 10)),
			// Of a value that is rounded down to a unit of KWH.
			collateral_ratio: Some(Price::from_inner(3_000_000_000_952_380_857)),
			energy: WattHours(22_000_000),
			// 22,000 / 10,500, rounded down.
			energy_ratio: Some(Price::from_inner(2_095_238_095_238_095_238)),
		};
		assert_eq!(PowerStablecoin::proof_of_backing(), expected);
	});
}

#[test]
fn backing_should_have_no_ratio_when_there_is_no_debt() {
	ExtBuilder {
		vaults: vec![],
		..Default::default()
	}
	.build_and_execute(|| {
		let backing = PowerStablecoin::proof_of_backing();
		assert_eq!(
			(backing.supply, backing.collateral_ratio, backing.energy_ratio),
			(0, None, None)
		);
	});
}
