use baseload_math::billing::terms::NegativeIndex;
use baseload_primitives::{FeedId, MeterId};

use super::*;
use crate::{Bills, Feeds, Indexes};

fn cfd() -> Contract<AccountId> {
	let mut contract = contract();
	// Once, so that it can be opened.
	show(FEED, Some(UNIT));
	contract.feed = Some(FEED);
	contract.terms.tariff = Tariff::Cfd {
		strike: 3 * UNIT,
		negative: NegativeIndex::Cap,
		index0: 2 * UNIT,
	};
	contract
}

fn indexed() -> Contract<AccountId> {
	let mut contract = contract();
	// Once, so that it can be opened.
	show(FEED, Some(UNIT));
	contract.feed = Some(FEED);
	contract.terms.tariff = Tariff::Indexed {
		base: 0,
		slope: UNIT,
		floor: 0,
		cap: 10 * UNIT,
		index0: 3 * UNIT,
	};
	contract
}

fn observe(feed: FeedId) -> DispatchResult {
	dispatch(&ANYONE, Call::observe { feed })
}

fn publish(period: u32, value: Price) -> DispatchResult {
	let month = month(period).number();
	let call = Call::publish_index {
		feed: FEED,
		month,
		value,
	};
	dispatch_as(RuntimeOrigin::root(), call)
}

fn fix(agreement: AgreementId) -> DispatchResult {
	dispatch(&ANYONE, Call::fix_index { agreement })
}

#[test]
fn index_should_be_the_time_weighted_mean_of_what_the_feed_showed() {
	run(|| {
		let id = active(cfd(), 10_000);
		show(FEED, Some(2 * UNIT));
		assert_ok!(observe(FEED));
		at(start(0));
		read(METER, 0);
		at(start(0) + (start(1) - start(0)) / 2);
		show(FEED, Some(-UNIT));
		assert_ok!(observe(FEED));
		assert_noop!(observe(FEED), Error::<Test>::Past);
		at(day(1, 1));
		read_all(METER, start(1), vec![100, 0, 100, 0]);
		at(day(1, 2));
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
		assert_ok!(observe(FEED));
		let index = Indexes::<Test>::get(FEED, month(0)).expect("the month is over");
		assert_eq!((index.value, index.known), (UNIT / 2, day(1, 2)));
		at(day(1, 2) + 1);
		assert_ok!(settle(id));
		assert_eq!(billing(id).ledger.accrued, 250);
	});
}

#[test]
fn feed_should_have_no_mean_of_the_month_that_it_began_in() {
	run(|| {
		active(cfd(), 0);
		assert_noop!(observe(FeedId(9)), Error::<Test>::UnknownFeed);
		show(FEED, None);
		assert_noop!(observe(FEED), Error::<Test>::NoPrice);
		at(day(0, 3));
		show(FEED, Some(UNIT));
		assert_ok!(observe(FEED));
		at(day(2, 3));
		assert_ok!(observe(FEED));
		assert_eq!(Indexes::<Test>::get(FEED, month(0)), None);
		assert_eq!(
			Indexes::<Test>::get(FEED, month(1)).map(|index| index.value),
			Some(UNIT)
		);
		assert_eq!(
			PpaEscrow::month_index(FEED, FIRST_MONTH + 1).map(|index| index.value),
			Some(UNIT)
		);
	});
}

#[test]
fn feed_should_begin_anew_when_it_was_silent_for_too_long() {
	run(|| {
		active(cfd(), 0);
		show(FEED, Some(UNIT));
		assert_ok!(observe(FEED));
		at(day(24, 0));
		assert_ok!(observe(FEED));
		assert_eq!(Indexes::<Test>::iter_prefix(FEED).count(), 0);
		at(day(25, 0) + 1);
		assert_ok!(observe(FEED));
		assert_eq!(
			Indexes::<Test>::get(FEED, month(24)).map(|index| index.value),
			Some(UNIT)
		);
	});
}

#[test]
fn indexed_bill_should_use_the_agreed_index_and_be_corrected_when_the_feed_is_down() {
	run(|| {
		let id = metered(indexed(), 10_000, 100);
		at(day(1, 11));
		assert_ok!(settle(id));
		assert_eq!(billing(id).ledger.accrued, 300);
		assert_noop!(publish(1, UNIT), Error::<Test>::MonthNotOver);
		assert_ok!(publish(0, 5 * UNIT));
		assert_noop!(publish(0, UNIT), Error::<Test>::IndexKnown);
		at(day(1, 12));
		assert_ok!(settle(id));
		let bill = Bills::<Test>::get(id, 0).expect("billed");
		assert_eq!((bill.amount, bill.corrected_up, bill.corrected_down), (300, 200, 0));
		assert!(has_event(Event::Corrected {
			agreement: id,
			period: 0,
			amount: 200,
			credited: 0,
		}));
	});
}

#[test]
fn index_should_be_published_only_by_those_appointed() {
	run(|| {
		active(cfd(), 0);
		at(start(1));
		let call = Call::publish_index {
			feed: FEED,
			month: FIRST_MONTH,
			value: 1,
		};
		assert_noop!(dispatch(&RESOLVER, call), sp_runtime::DispatchError::BadOrigin);
		let unknown = Call::publish_index {
			feed: FeedId(9),
			month: FIRST_MONTH,
			value: 1,
		};
		assert_noop!(dispatch_as(RuntimeOrigin::root(), unknown), Error::<Test>::UnknownFeed);
		assert_noop!(publish(0, Price::MAX), Error::<Test>::NoPrice);
	});
}

#[test]
fn index_should_be_the_feeds_own_to_tell_when_the_month_has_just_ended() {
	run(|| {
		active(cfd(), 0);
		show(FEED, Some(2 * UNIT));
		assert_ok!(observe(FEED));
		at(start(1));
		// The chain looks at the feed only within the hour.
		assert_noop!(publish(0, UNIT), Error::<Test>::MonthNotOver);
		at(day(1, 1) - 1);
		assert_noop!(publish(0, UNIT), Error::<Test>::MonthNotOver);
		at(day(1, 1));
		assert_ok!(publish(0, UNIT));
	});
	// Of the month in which a feed began there is no mean to wait for.
	run(|| {
		active(cfd(), 0);
		at(day(0, 3));
		assert_ok!(observe(FEED));
		at(start(1));
		assert_ok!(publish(0, UNIT));
	});
}

#[test]
fn difference_should_go_on_in_the_end_when_its_index_never_comes() {
	run(|| {
		let id = metered(cfd(), 10_000, 100);
		at(day(1, 90));
		assert_noop!(fix(id), Error::<Test>::TooEarly);
		at(day(1, 90) + 1);
		assert_ok!(fix(id));
		assert_noop!(fix(id), Error::<Test>::IndexNotMissing);
		at(day(1, 91));
		assert_ok!(settle(id));
		// Strike 3, index 2.
		assert_eq!(billing(id).ledger.accrued, 100);
		// What becomes known later changes nothing of it.
		assert_ok!(publish(0, UNIT));
		at(day(5, 0));
		assert_ok!(fix(id));
		assert_eq!(
			crate::FixedIndexes::<Test>::get(id, month(1)).map(|index| index.value),
			Some(2 * UNIT)
		);
	});
}

#[test]
fn fixed_tariff_should_have_no_index_to_fix() {
	run(|| {
		let id = metered(contract(), 0, 100);
		assert_noop!(fix(id), Error::<Test>::IndexNotMissing);
	});
}

#[test]
fn feeds_should_be_bounded_and_sampled_by_the_chain_once_an_hour() {
	run(|| {
		for feed in [1, 2] {
			let mut contract = cfd();
			contract.meter = MeterId(10 + feed);
			contract.feed = Some(FeedId(feed));
			read(contract.meter, 0);
			show(FeedId(feed), Some(UNIT));
			active(contract, 0);
		}
		let mut third = cfd();
		third.meter = METER;
		let third = accepted(third);
		assert_noop!(activate(third), Error::<Test>::TooManyFeeds);
		let sampled = |feed| Feeds::<Test>::get(FeedId(feed)).and_then(|feed| feed.register);
		let idle = || PpaEscrow::settle_idly(frame_support::weights::Weight::MAX);
		idle();
		let first = sampled(1).map(|register| register.observed_at());
		assert_eq!(first, sampled(2).map(|register| register.observed_at()));
		at(Unix::get() + 3_599_999);
		idle();
		assert_eq!(sampled(1).map(|register| register.observed_at()), first);
		at(Unix::get() + 1);
		show(FeedId(2), None);
		idle();
		assert_eq!(sampled(1).map(|register| register.observed_at()), Some(Unix::get()));
		assert_eq!(sampled(2).map(|register| register.observed_at()), first);
	});
}

#[test]
fn feed_should_be_opened_only_when_it_has_a_price() {
	run(|| {
		let first = accepted(cfd());
		show(FEED, None);
		assert_noop!(activate(first), Error::<Test>::NoPrice);
		show(FEED, Some(UNIT));
		assert_ok!(activate(first));
		// Whoever comes later joins it, whether it is up or not.
		let mut second = cfd();
		second.meter = MeterId(10);
		read(second.meter, 0);
		show(FEED, None);
		assert_ok!(activate(accepted(second)));
		assert_eq!(Feeds::<Test>::get(FEED).map(|feed| feed.agreements), Some(2));
	});
}

#[test]
fn feed_should_go_with_its_last_agreement_and_its_means_stay() {
	run(|| {
		let mut short = cfd();
		short.terms.months = 1;
		let mut second = short.clone();
		second.meter = MeterId(10);
		second.terms.months = 2;
		at(start(0));
		assert_ok!(propose(&SELLER, short.clone()));
		assert_ok!(accept(&BUYER, FIRST));
		assert_ok!(activate(FIRST));
		read(second.meter, 0);
		let second = active(second, 1_000);
		assert_ok!(observe(FEED));
		read(METER, 0);
		for period in [1, 2] {
			at(start(period));
			read(METER, 0);
			read(MeterId(10), 0);
			assert_ok!(observe(FEED));
			at(day(period, 20));
			let id = [FIRST, second][period as usize - 1];
			assert_ok!(settle(id));
			if period == 2 {
				let _ = settle(FIRST);
			}
			let left = Feeds::<Test>::get(FEED).map(|feed| feed.agreements);
			assert_eq!(left, [Some(1), None][period as usize - 1]);
		}
		assert_eq!(Indexes::<Test>::iter_prefix(FEED).count(), 2);
		assert_noop!(observe(FEED), Error::<Test>::UnknownFeed);
	});
}
