//! Prices fail closed.

use super::*;
use crate::{
	configs::{
		energy::VaultsId,
		money::{TokenDecimals, RESERVE_TOKEN},
		prices::{FreshPrices, MAX_AGE},
	},
	Assets, Oracle, OracleMembership, PowerStablecoin, RuntimeOrigin,
};
use baseload_primitives::{
	feed_of_index, FeedId, IndexSource, Observed, Price, PriceSource, TokenId, FIRST_INDEX_FEED, REFERENCE_FEED,
};
use frame_support::assert_ok;
use sp_runtime::traits::{AccountIdConversion, Convert};

const START: u64 = 1_700_000_000_000;

fn feed(origin: RuntimeOrigin, value: u128) {
	assert_ok!(Oracle::feed_values(
		origin,
		vec![(REFERENCE_FEED, value)].try_into().expect("one value")
	));
}

fn between(lower: u128, upper: u128, at: u64) -> Option<Observed> {
	Some(Observed {
		lower: Price::from_inner(lower),
		upper: Price::from_inner(upper),
		at,
	})
}

fn observed(inner: u128, at: u64) -> Option<Observed> {
	between(inner, inner, at)
}

/// Each member feeds once a block.
fn end_block() {
	<Oracle as Hooks<_>>::on_finalize(System::block_number());
}

/// Lets `who` feed, at `at`, in a block of its own.
fn feed_at(at: u64, who: Sr25519Keyring, value: u128) {
	end_block();
	set_time(at);
	feed(member(who), value);
}

/// Beside the preset's three members.
fn more_members(more: &[Sr25519Keyring]) {
	for who in more {
		assert_ok!(OracleMembership::add_member(
			RuntimeOrigin::root(),
			account(*who).into()
		));
	}
}

fn member(key: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(key))
}

#[test]
fn price_should_be_none_when_feeds_are_too_few() {
	chain("development").execute_with(|| {
		set_time(START);
		assert_eq!(FreshPrices::reference(), None);
		feed(member(Sr25519Keyring::Alice), 100);
		assert_eq!(FreshPrices::reference(), None);
	});
}

#[test]
fn price_should_be_both_in_the_middle_when_there_is_a_quorum() {
	chain("development").execute_with(|| {
		set_time(START);
		feed(member(Sr25519Keyring::Alice), 300);
		feed(member(Sr25519Keyring::Bob), 100);
		assert_eq!(FreshPrices::reference(), between(100, 300, START));
		feed(member(Sr25519Keyring::Charlie), 200);
		assert_eq!(FreshPrices::reference(), observed(200, START));
	});
}

#[test]
fn price_should_be_none_when_feeds_are_old() {
	chain("development").execute_with(|| {
		set_time(START);
		feed(member(Sr25519Keyring::Alice), 300);
		feed(member(Sr25519Keyring::Bob), 100);
		set_time(START + MAX_AGE);
		assert_eq!(FreshPrices::reference(), None);
	});
}

#[test]
fn root_and_zero_should_not_count_when_feeding() {
	chain("development").execute_with(|| {
		set_time(START);
		feed(member(Sr25519Keyring::Alice), 300);
		feed(RuntimeOrigin::root(), 300);
		feed(member(Sr25519Keyring::Bob), 0);
		assert_eq!(FreshPrices::reference(), None);
	});
}

/// What two members say that index feed 7 shows.
fn feed_index(values: [i128; 2]) {
	let key = feed_of_index(FeedId(7)).expect("there is a feed 7");
	for (who, value) in [Sr25519Keyring::Alice, Sr25519Keyring::Bob].into_iter().zip(values) {
		let values = vec![(key, value as u128)].try_into().expect("one value");
		assert_ok!(Oracle::feed_values(member(who), values));
	}
	end_block();
}

#[test]
fn index_should_be_in_kwh_and_may_be_negative() {
	chain("development").execute_with(|| {
		set_time(START);
		let cents = |cents: i128| cents * 10_000_000_000_000_000;
		feed_index([cents(5), cents(5)]);
		assert_eq!(FreshPrices::value(FeedId(7)), None, "there is no reference price");
		feed(member(Sr25519Keyring::Alice), cents(10) as u128);
		feed(member(Sr25519Keyring::Bob), cents(10) as u128);
		end_block();
		// Half a KWH for a kilowatt-hour: half of 10^9 base units for a Wh.
		let half = 500_000_000_000_000_000_000_000_000;
		assert_eq!(FreshPrices::value(FeedId(7)), Some(half));
		feed_index([cents(-5), cents(3)]);
		assert_eq!(FreshPrices::value(FeedId(7)), Some(-half), "the lower of two");
		set_time(START + MAX_AGE);
		assert_eq!(FreshPrices::value(FeedId(7)), None);
		assert_eq!(FreshPrices::value(FeedId(u32::MAX)), None);
	});
}

#[test]
fn negative_index_should_never_be_read_as_a_price() {
	chain("development").execute_with(|| {
		set_time(START);
		feed_index([-1, -1]);
		// The feed's own key, what that was before key spaces were apart, and the borders.
		let own = feed_of_index(FeedId(7)).expect("there is a feed 7");
		for token in (0..2_000).chain(own - 8..own + 8).chain([TokenId::MAX]) {
			assert_eq!(FreshPrices::collateral(token), None, "{token}");
		}
		assert_eq!(FreshPrices::reference(), None);
	});
}

#[test]
fn token_should_be_refused_as_collateral_when_its_id_is_the_key_of_an_index() {
	chain("development").execute_with(|| {
		set_time(START);
		let owner = account(Sr25519Keyring::Bob);
		let params = pallet_power_stablecoin::Types::<Runtime>::get(RESERVE_TOKEN)
			.expect("a preset has it")
			.params;
		let vaults: AccountId = VaultsId::get().into_account_truncating();
		let add = |token: TokenId| {
			let (root, name) = (RuntimeOrigin::root(), b"RSV".to_vec());
			assert_ok!(Assets::force_create(
				root.clone(),
				token.into(),
				owner.clone().into(),
				true,
				1
			));
			assert_ok!(Assets::force_set_metadata(
				root.clone(),
				token.into(),
				name.clone(),
				name,
				6,
				false
			));
			let minter = RuntimeOrigin::signed(owner.clone());
			assert_ok!(Assets::mint(minter, token.into(), vaults.clone().into(), 1));
			PowerStablecoin::add_type(root, token, params)
		};
		assert_ok!(add(FIRST_INDEX_FEED - 1));
		for token in [FIRST_INDEX_FEED, TokenId::MAX] {
			assert_eq!(TokenDecimals::convert(token), None);
			assert_eq!(
				add(token),
				Err(pallet_power_stablecoin::Error::<Runtime>::UnknownToken.into()),
				"{token}"
			);
			assert_eq!(TokenDecimals::convert(token), None);
		}
	});
}

#[test]
fn price_should_be_as_old_as_most_of_its_feeds_when_they_come_one_by_one() {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
	chain("development").execute_with(|| {
		feed_at(START, Alice, 300);
		feed_at(START, Bob, 100);
		feed_at(START + 1_000, Charlie, 200);
		assert_eq!(FreshPrices::reference(), observed(200, START));
		feed_at(START + 2_000, Alice, 400);
		assert_eq!(FreshPrices::reference(), observed(200, START + 1_000));
	});
	// Of five, two that are new leave an old one in the middle: who asked to redeem before them cannot use it.
	chain("development").execute_with(|| {
		more_members(&[Dave, Eve]);
		for who in [Alice, Bob, Charlie, Dave, Eve] {
			feed_at(START, who, 100);
		}
		feed_at(START + 1_000, Alice, 104);
		feed_at(START + 2_000, Bob, 104);
		assert_eq!(FreshPrices::reference(), observed(100, START));
		feed_at(START + 3_000, Charlie, 104);
		assert_eq!(FreshPrices::reference(), observed(104, START + 1_000));
	});
}

#[test]
fn one_of_two_feeds_should_not_make_the_price_when_the_third_is_silent() {
	use Sr25519Keyring::{Alice, Bob};
	chain("development").execute_with(|| {
		feed_at(START, Alice, 1_000);
		feed_at(START, Bob, 100);
		assert_eq!(FreshPrices::reference(), between(100, 1_000, START));
	});
}

#[test]
fn half_of_the_feeds_should_not_make_the_price_when_there_are_four() {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave};
	chain("development").execute_with(|| {
		more_members(&[Dave]);
		for (who, value) in [(Alice, 1_000), (Bob, 100), (Charlie, 1_000), (Dave, 90)] {
			feed_at(START, who, value);
		}
		assert_eq!(FreshPrices::reference(), between(100, 1_000, START));
	});
}

#[test]
fn price_should_be_none_when_those_who_feed_are_no_majority() {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
	chain("development").execute_with(|| {
		more_members(&[Dave, Eve]);
		feed_at(START, Alice, 100);
		feed_at(START, Bob, 100);
		assert_eq!(FreshPrices::reference(), None);
		feed_at(START, Charlie, 100);
		assert_eq!(FreshPrices::reference(), observed(100, START));
	});
}
