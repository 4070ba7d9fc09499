//! What people's tools are shown.

use baseload_primitives::{
	views::{ProofOfBacking, TypeBacking, VaultView},
	Price, VaultId, WattHours, BLD_TOKEN, KWH, MINUTE,
};
use codec::Encode;
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
			declared: WattHours(0),
			energy_limit: 1_000 * KWH,
			mint_ratio: Price::from_rational(3, 2),
			liquidation_ratio: Price::from_rational(13, 10),
			raised: None,
			cure_in: None,
			winding_down: None,
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
					behind: 3_000 * RESERVE + COLLATERAL,
					value: Some(Price::from_inner(3_150_000_001_000_000_000_000)),
					revenue: 0,
					pool_kwh: 0,
					pool_collateral: 0,
					price: Some(Price::from_u32(1)),
					collateral_ratio: Some(Price::from_inner(3_000_000_000_952_380_952)),
					impaired: false,
				},
				TypeBacking {
					token: BLD_TOKEN,
					debt: 0,
					shortfall: 0,
					collateral: 0,
					reserve: 0,
					behind: 0,
					value: Some(Price::from_u32(0)),
					revenue: 0,
					pool_kwh: 0,
					pool_collateral: 0,
					price: Some(Price::from_u32(1)),
					collateral_ratio: None,
					impaired: false,
				},
			],
			reference_price: Some(Price::from_rational(1, 10)),
			// Of a value that is rounded down to a unit of KWH.
			collateral_ratio: Some(Price::from_inner(3_000_000_000_952_380_857)),
			energy: WattHours(2_000_000),
			declared: WattHours(20_000_000),
			// 2,000 / 10,500, rounded down.
			energy_ratio: Some(Price::from_inner(190_476_190_476_190_476)),
		};
		assert_eq!(PowerStablecoin::proof_of_backing(), expected);
	});
}

/// Ratio of all, what is behind each type, attested energy, and its ratio.
fn behind() -> (Option<Price>, Vec<Balance>, WattHours, Option<Price>) {
	let backing = PowerStablecoin::proof_of_backing();
	let types = backing.types.iter().map(|kind| kind.behind).collect();
	(backing.collateral_ratio, types, backing.energy, backing.energy_ratio)
}

#[test]
fn backing_should_stay_when_what_is_deposited_is_not_drawn_on() {
	run(|| {
		let before = behind();
		ready();
		assert_eq!(kind(RSV).books.collateral, 3_000 * RESERVE + COLLATERAL);
		assert_eq!(behind(), before);
		// Drawn on it counts, with its energy, and repaid it does not.
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 400 * KWH));
		let (ratio, types, energy, _) = behind();
		assert_eq!(types, [3_000 * RESERVE + COLLATERAL, 0]);
		assert!(ratio > before.0);
		assert_eq!(energy, energy_for(1_000));
		assert_ok!(PowerStablecoin::repay(origin(ALICE), FIRST, Balance::MAX));
		assert_eq!(behind(), before);
	});
}

#[test]
fn backing_should_leave_out_what_is_its_owners_when_a_vault_was_liquidated() {
	run(|| {
		let id = indebted(ALICE, 150, 1_000);
		while debt(id) > 0 {
			let price = PowerStablecoin::proof_of_backing().types[0].price.unwrap();
			feed(RSV, price * Price::from_rational(95, 100));
			pass(MINUTE);
		}
		let surplus = collateral(id);
		assert!(surplus > 0);
		let before = behind();
		assert_eq!(before.1, [collateral(GENESIS), 0]);
		assert_ok!(PowerStablecoin::withdraw(origin(ALICE), id, surplus));
		assert_eq!(behind(), before);
	});
}

#[test]
fn backing_should_be_what_is_left_to_holders_when_shut_down() {
	run(|| {
		let id = indebted(ALICE, 300, 1_000);
		assert_ok!(PowerStablecoin::shut_down(RuntimeOrigin::root()));
		// A tenth of a token for each KWH, each vault's part rounded up.
		let to_holders: Balance = [id, GENESIS].map(|id| debt(id).div_ceil(10_000_000)).iter().sum();
		let (unswept, types, ..) = behind();
		assert_eq!(types, [to_holders, 0]);
		// What is fed now changes nothing but the value.
		feed(RSV, Price::from_rational(1, 2));
		next_block();
		assert_eq!((kind(RSV).books.debt, kind(RSV).books.reserve), (0, to_holders));
		let (swept, types, energy, energy_ratio) = behind();
		assert_eq!((swept, types, energy), (unswept, vec![to_holders, 0], WattHours(0)));
		assert_eq!(energy_ratio, None);
		let ratio = swept.unwrap();
		assert!(
			ratio >= Price::from_u32(1) && ratio < Price::from_rational(1_000_001, 1_000_000),
			"{ratio:?}"
		);
		assert_ok!(PowerStablecoin::cash_out(origin(BOB), 500 * KWH));
		assert!(behind().0.unwrap() >= Price::from_u32(1));
	});
}

/// The script reads a type's numbers at places in its record. The places are searched for here, by numbers that occur once.
#[test]
fn types_record_should_be_as_the_auditors_script_reads_it() {
	let mut marked = ExtBuilder::default().build().execute_with(|| kind(RSV));
	let script = include_str!("../../../../docs/backing.py");
	let books = &mut marked.books;
	(books.debt, books.collateral, books.shortfall) = (0xD1, 0xD2, 0xD3);
	(books.shares, books.handed_out) = (0xD4u32.into(), 0xD5u32.into());
	(books.reserve, books.revenue, marked.owed) = (0xD6, 0xD7, 0xD8);
	(marked.pool.active, marked.pool.waiting, marked.pool.collateral) = (0xD9, 0xDA, 0xDB);
	let record = marked.encode();
	let place = |mark: u8, size: usize| {
		let mut number = vec![0; size];
		number[0] = mark;
		let found: Vec<usize> = (0..=record.len() - size)
			.filter(|at| record[*at..*at + size] == number)
			.collect();
		assert_eq!(found.len(), 1, "{mark:x}");
		found[0]
	};
	let books = [(0xD1, 16), (0xD4, 32), (0xD2, 16), (0xD5, 32)].map(|(mark, size)| (place(mark, size), size));
	let [d, n, c, a] = books;
	let rest = [0xD3, 0xD6, 0xD7, 0xD9, 0xDA, 0xDB, 0xD8].map(|mark| place(mark, 16).to_string());
	for read in [
		format!("({d:?}, {n:?}, {c:?}, {a:?})"),
		format!("({})", rest.join(", ")),
	] {
		assert!(script.contains(&read), "docs/backing.py does not read {read}");
	}
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
