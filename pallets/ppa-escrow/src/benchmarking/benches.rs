//! The benchmarks: what parties do, each call with what was due before it played already; then what anyone may have done, and
//! what the chain does by itself.

use alloc::boxed::Box;

use baseload_math::billing::{
	agreement::Ending,
	sources::{FeedRegister, Index},
	terms::{NegativeIndex, Tariff},
	wide::I256,
	DeclaredAs,
};
use baseload_primitives::{AgreementId, Change, IndexSource, OpenTime, RegisterSource, Totals, KWH};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::Inspect, EnsureOrigin, Get},
	weights::Weight,
};
use frame_system::RawOrigin;

use super::state::*;
use crate::{
	feeds::{Feed, MAX_SILENCE},
	records::MAX_FORGET,
	settlement::{IDLE_VISITS, MAX_STEPS},
	Agreements, Bills, Call, Config, Error, Feeds, FixedIndexes, Indexes, Pallet, Running,
};

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn propose() -> Result<(), BenchmarkError> {
		world::<T>(1);
		let mut contract = contract::<T>();
		with_operation::<T>(&mut contract);

		#[extrinsic_call]
		_(RawOrigin::Signed(contract.seller.clone()), Box::new(contract.clone()));

		assert_eq!(Agreements::<T>::iter().count(), 1);
		Ok(())
	}

	#[benchmark]
	fn accept() -> Result<(), BenchmarkError> {
		world::<T>(1);
		let contract = contract::<T>();
		let id = proposed::<T>(&contract)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(contract.buyer.clone()), id, contract.hash());

		assert!(Agreements::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn fund() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		let funder = rich::<T>("funder");

		#[extrinsic_call]
		_(RawOrigin::Signed(funder), id, KWH);

		assert!(T::Currency::balance(&account::<T::AccountId>("payee", 0, 0)) > 0);
		Ok(())
	}

	#[benchmark]
	fn activate() -> Result<(), BenchmarkError> {
		world::<T>(1);
		let mut contract = contract::<T>();
		with_operation::<T>(&mut contract);
		let id = accepted::<T>(&contract)?;
		crowd::<T>(&contract);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("funder")), id);

		assert!(Running::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn withdraw() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		let buyer = account("buyer", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), id, KWH);

		assert!(T::Currency::balance(&account::<T::AccountId>("buyer", 0, 0)) > 0);
		Ok(())
	}

	#[benchmark]
	fn dispute() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		open_bill::<T>(id);
		let buyer = rich::<T>("buyer");

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), id, 1, KWH);

		assert_eq!(
			Agreements::<T>::get(id).and_then(|record| Some(record.billing()?.disputes.len())),
			Some(32)
		);
		Ok(())
	}

	#[benchmark]
	fn resolve() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		open_bill::<T>(id);
		let buyer = rich::<T>("buyer");
		// The dispute pays out what is due, which is to be the resolution's to do.
		due::<T>(id, 0);
		Pallet::<T>::dispute(RawOrigin::Signed(buyer).into(), id, 1, KWH).map_err(|failure| failure.error)?;
		due::<T>(id, DUE);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("resolver")), id, 1, 500_000);

		assert_eq!(
			Agreements::<T>::get(id).and_then(|record| Some(record.billing()?.disputes.len())),
			Some(31)
		);
		assert!(T::Currency::balance(&account::<T::AccountId>("payee", 0, 0)) >= DUE);
		Ok(())
	}

	#[benchmark]
	fn request() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		let change = Change::Declare {
			kind: DeclaredAs::Deemed,
			period: 1,
			wh: 1,
		};

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("resolver")), id, change);

		assert_eq!(
			Agreements::<T>::get(id).and_then(|record| Some(record.billing()?.declared.len())),
			Some(32)
		);
		Ok(())
	}

	#[benchmark]
	fn agree() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		let change = Change::Amend(amendment::<T>());
		requested::<T>(id, change.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("buyer")), id, change.hash());

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.amendment.is_some()));
		assert!(T::Currency::balance(&account::<T::AccountId>("payee", 0, 0)) >= DUE);
		Ok(())
	}

	#[benchmark]
	fn drop_request() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		requested::<T>(id, Change::Amend(amendment::<T>()));

		#[extrinsic_call]
		_(RawOrigin::Signed(account("seller", 0, 0)), id);

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.request.is_none()));
		Ok(())
	}

	#[benchmark]
	fn terminate() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		seller_in_default::<T>(id);
		notified::<T>(id);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("buyer")), id, Ending::Buyer);

		assert!(Agreements::<T>::get(id)
			.is_some_and(|record| record.billing().is_some_and(|billing| billing.reason.is_some())));
		Ok(())
	}

	#[benchmark]
	fn notify_lender() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		seller_in_default::<T>(id);
		notified::<T>(id);
		edit::<T>(id, |record| record.notices.buyer = None);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("buyer")), id);

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.notices.buyer.is_some()));
		Ok(())
	}

	#[benchmark]
	fn assign() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;

		#[extrinsic_call]
		_(
			RawOrigin::Signed(account("seller", 0, 0)),
			id,
			account::<T::AccountId>("lender", 0, 0),
		);

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.lender.is_some()));
		Ok(())
	}

	#[benchmark]
	fn discharge() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		let lender = notified::<T>(id);

		#[extrinsic_call]
		_(RawOrigin::Signed(lender), id);

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.lender.is_none()));
		Ok(())
	}

	#[benchmark]
	fn step_in() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		seller_in_default::<T>(id);
		let lender = notified::<T>(id);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(lender),
			id,
			account::<T::AccountId>("operator", 0, 0),
			account::<T::AccountId>("payee", 1, 0),
		);

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.operator.is_some()));
		Ok(())
	}

	#[benchmark]
	fn cancel() -> Result<(), BenchmarkError> {
		world::<T>(1);
		let mut contract = contract::<T>();
		contract.conditions.by = now(1) + 1;
		let id = accepted::<T>(&contract)?;
		T::OpenTime::set_now(now(2));

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("funder")), id);

		assert!(!Agreements::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn settle(n: Linear<1, MAX_STEPS>) -> Result<(), BenchmarkError> {
		let id = running::<T>(n)?;
		only_bills::<T>(id);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), id, n);

		assert_eq!(Bills::<T>::iter_prefix(id).count(), n as usize);
		assert!(T::Currency::balance(&account::<T::AccountId>("payee", 0, 0)) > 0);
		Ok(())
	}

	#[benchmark]
	fn closing() -> Result<(), BenchmarkError> {
		let id = running::<T>(1)?;
		all_billed::<T>(id);
		let mut session = Pallet::<T>::open(id)?;

		let result;
		#[block]
		{
			result = session.play(1);
		}

		assert_eq!(result, Ok(true));
		assert!(!Running::<T>::contains_key(id) && !Feeds::<T>::contains_key(FEED));
		Ok(())
	}

	/// A month's bill over `n` readings: no weight, but shows that the number of readings costs nothing.
	#[benchmark(extra)]
	fn settle_over(n: Linear<1, 10_000>, o: Linear<0, 9_999>) -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		T::OpenTime::set_now(now(1));
		T::Registers::set_read(OTHER_METER, &account("seller", 0, 0), FIRST, o);
		T::Registers::set_read(METER, &account("seller", 0, 0), FIRST, n);

		#[extrinsic_call]
		settle(RawOrigin::Signed(rich::<T>("anyone")), id, 1);

		let bill = Bills::<T>::get(id, 0).ok_or("a month is over")?;
		assert!(!bill.invoice.closing.is_empty());
		Ok(())
	}

	#[benchmark]
	fn poke() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;

		let result;
		#[block]
		{
			result = Pallet::<T>::do_settle(id, MAX_STEPS);
		}

		assert_eq!(
			result.map_err(|failure| failure.error),
			Err(Error::<T>::NothingToSettle.into())
		);
		Ok(())
	}

	#[benchmark]
	fn claim() -> Result<(), BenchmarkError> {
		let id = running::<T>(0)?;
		close::<T>(id);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), id);

		assert!(Agreements::<T>::get(id).is_some_and(|record| record.reserve == 0));
		Ok(())
	}

	#[benchmark]
	fn observe() -> Result<(), BenchmarkError> {
		world::<T>(MAX_SILENCE);
		T::Indexes::set_value(FEED);
		let feed = Feed {
			agreements: 1,
			register: Some(FeedRegister::new(month(0).start(), 1)),
			opening: Some(I256::default()),
		};
		Feeds::<T>::insert(FEED, feed);

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), FEED);

		assert_eq!(Indexes::<T>::iter_prefix(FEED).count(), MAX_SILENCE as usize);
		Ok(())
	}

	#[benchmark]
	fn publish_index() -> Result<(), BenchmarkError> {
		world::<T>(1);
		let feed = Feed {
			agreements: 1,
			register: None,
			opening: None,
		};
		Feeds::<T>::insert(FEED, feed);
		let origin = T::IndexOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FEED, FIRST, 1);

		assert!(Indexes::<T>::contains_key(FEED, month(0)));
		Ok(())
	}

	#[benchmark]
	fn fix_index() -> Result<(), BenchmarkError> {
		let id = running::<T>(1)?;
		edit_billing::<T>(id, |billing| {
			billing.terms.outage.feed_final = 0;
			billing.terms.tariff = Tariff::Cfd {
				strike: 1,
				negative: NegativeIndex::Cap,
				index0: 0,
			};
		});
		Indexes::<T>::insert(FEED, month(0).minus(12), Index { value: 1, known: 0 });

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), id);

		assert!(FixedIndexes::<T>::contains_key(id, month(0)));
		Ok(())
	}

	#[benchmark]
	fn idle() -> Result<(), BenchmarkError> {
		// Agreements are looked at and settled by themselves; what is measured here is to find whose turn it is.
		for id in 0..IDLE_VISITS {
			Running::<T>::insert(AgreementId(id), ());
		}

		#[block]
		{
			Pallet::<T>::settle_idly(Weight::MAX);
		}

		assert!(crate::NextSample::<T>::get() > 0);
		Ok(())
	}

	#[benchmark]
	fn forget(n: Linear<2, MAX_FORGET>) -> Result<(), BenchmarkError> {
		let id = running::<T>(1)?;
		let anyone = RawOrigin::Signed(rich::<T>("anyone"));
		Pallet::<T>::settle(anyone.into(), id, 1).map_err(|failure| failure.error)?;
		let bill = Bills::<T>::get(id, 0).ok_or(BenchmarkError::Weightless)?;
		// One less than it may forget, so that the agreement goes too.
		for period in 1..n - 1 {
			Bills::<T>::insert(id, period, &bill);
		}
		for period in 0..n - 1 {
			FixedIndexes::<T>::insert(id, month(period), Index { value: 1, known: 0 });
		}
		close::<T>(id);
		edit::<T>(id, |record| {
			record.payouts.due = Totals::default();
			record.reserve = 0;
		});
		T::OpenTime::set_now(now(1) + T::Retention::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(account("seller", 0, 0)), id, n);

		assert!(!Agreements::<T>::contains_key(id));
		assert!(T::Currency::balance(&account::<T::AccountId>("seller", 0, 0)) > KWH);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
