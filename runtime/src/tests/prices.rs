//! Prices fail closed.

use super::*;
use crate::{
	configs::prices::{FreshPrices, MAX_AGE},
	Oracle, RuntimeOrigin,
};
use baseload_primitives::{Observed, Price, PriceSource, REFERENCE_FEED};
use frame_support::assert_ok;

const START: u64 = 1_700_000_000_000;

fn feed(origin: RuntimeOrigin, value: u128) {
	assert_ok!(Oracle::feed_values(
		origin,
		vec![(REFERENCE_FEED, value)].try_into().expect("one value")
	));
}

fn observed(inner: u128, at: u64) -> Option<Observed> {
	Some(Observed {
		price: Price::from_inner(inner),
		at,
	})
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
fn price_should_be_the_lower_median_when_there_is_a_quorum() {
	chain("development").execute_with(|| {
		set_time(START);
		feed(member(Sr25519Keyring::Alice), 300);
		feed(member(Sr25519Keyring::Bob), 100);
		assert_eq!(FreshPrices::reference(), observed(100, START));
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

#[test]
fn price_should_be_as_old_as_a_quorum_when_feeds_come_one_by_one() {
	chain("development").execute_with(|| {
		set_time(START);
		feed(member(Sr25519Keyring::Alice), 300);
		feed(member(Sr25519Keyring::Bob), 100);
		set_time(START + 1_000);
		feed(member(Sr25519Keyring::Charlie), 200);
		assert_eq!(FreshPrices::reference(), observed(200, START));
		<Oracle as Hooks<_>>::on_finalize(System::block_number());
		set_time(START + 2_000);
		feed(member(Sr25519Keyring::Alice), 400);
		assert_eq!(FreshPrices::reference(), observed(200, START + 1_000));
	});
}
