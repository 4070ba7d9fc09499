//! Measures each call at its worst: with a full committee of attestors to pay, a cash sweep, and payments that create the
//! accounts they go to.

use baseload_primitives::{
	AgreementId, AgreementStatus, AttestorPay, Balance, DebtSweep, MeterId, Price, Register, RegisterSource, VaultId,
	WattHours,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	Get,
};
use frame_system::RawOrigin;
use sp_runtime::Permill;

use crate::{Agreements, AttestorFee, BilledBy, Call, CashSweep, Config, NextAgreement, Pallet, Service, Terms};

const METER: MeterId = MeterId(0);
const VAULT: VaultId = VaultId(0);
/// What the meter has finally counted.
const ENERGY: WattHours = WattHours(1_000_000_000);

/// An account with plenty of KWH.
fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	T::Currency::set_balance(&who, 1_000 * ENERGY.at_par());
	who
}

/// Sound terms at par, with a sweep of one half. Neither buyer nor payee have an account.
fn terms<T: Config>() -> Terms<T::AccountId> {
	let seller = rich::<T>("seller");
	T::Registers::set_final_reading(METER, &seller, ENERGY.0);
	T::Attestors::set_served(METER);
	T::Sweep::set_debt(VAULT, &seller, ENERGY.at_par());
	Terms {
		seller,
		buyer: account("buyer", 0, 0),
		meter: METER,
		register: Register::Export,
		price: Price::from_u32(baseload_primitives::PAR as u32),
		payee: account("payee", 0, 0),
		sweep: Some(CashSweep {
			vault: VAULT,
			ratio: Permill::from_percent(50),
		}),
		attestor_fee: AttestorFee {
			monthly: T::MaxAttestorFee::get(),
			cap: T::MaxAttestorCap::get(),
		},
		min_escrow: 1,
		notice: T::MinNotice::get(),
	}
}

fn proposed<T: Config>() -> Result<(AgreementId, Terms<T::AccountId>), BenchmarkError> {
	let terms = terms::<T>();
	let id = NextAgreement::<T>::get();
	Pallet::<T>::propose(RawOrigin::Signed(terms.seller.clone()).into(), terms.clone())?;
	Ok((id, terms))
}

fn accepted<T: Config>() -> Result<(AgreementId, Terms<T::AccountId>), BenchmarkError> {
	let (id, terms) = proposed::<T>()?;
	Pallet::<T>::accept(RawOrigin::Signed(terms.buyer.clone()).into(), id, terms.hash())?;
	Ok((id, terms))
}

/// With twice the price of all energy in escrow.
fn funded<T: Config>() -> Result<(AgreementId, Terms<T::AccountId>, Balance), BenchmarkError> {
	let (id, terms) = accepted::<T>()?;
	let escrow = 2 * ENERGY.at_par();
	Pallet::<T>::fund(RawOrigin::Signed(rich::<T>("funder")).into(), id, escrow)?;
	Ok((id, terms, escrow))
}

/// With all energy still to bill, and the attestors' service since 1970.
fn active<T: Config>() -> Result<(AgreementId, Terms<T::AccountId>, Balance), BenchmarkError> {
	let (id, terms, escrow) = funded::<T>()?;
	Pallet::<T>::activate(RawOrigin::Signed(terms.seller.clone()).into(), id)?;
	Agreements::<T>::mutate(id, |agreement| {
		if let Some(billing) = agreement.as_mut().and_then(|agreement| agreement.billing.as_mut()) {
			billing.opening = 0;
			billing.billed = 0;
			billing.service = Service::since(0);
		}
	});
	Ok((id, terms, escrow))
}

/// All energy is paid for: attestors and sweep have their part, the payee has received the rest.
fn assert_paid<T: Config>(id: AgreementId, terms: &Terms<T::AccountId>) {
	let books = Agreements::<T>::get(id)
		.map(|agreement| agreement.books)
		.unwrap_or_default();
	assert_eq!(books.paid, ENERGY.at_par());
	assert!(books.to_attestors > 0 && books.swept > 0);
	assert_eq!(
		T::Currency::balance(&terms.payee),
		books.paid - books.to_attestors - books.swept
	);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn propose() -> Result<(), BenchmarkError> {
		let terms = terms::<T>();
		let id = NextAgreement::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(terms.seller.clone()), terms.clone());

		assert!(Agreements::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn accept() -> Result<(), BenchmarkError> {
		let (id, terms) = proposed::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(terms.buyer.clone()), id, terms.hash());

		assert_eq!(
			Agreements::<T>::get(id).map(|agreement| agreement.status),
			Some(AgreementStatus::Accepted)
		);
		Ok(())
	}

	#[benchmark]
	fn fund() -> Result<(), BenchmarkError> {
		let (id, _) = accepted::<T>()?;
		let funder = rich::<T>("funder");

		#[extrinsic_call]
		_(RawOrigin::Signed(funder), id, ENERGY.at_par());

		assert_eq!(
			Agreements::<T>::get(id).map(|agreement| agreement.books.escrow),
			Some(ENERGY.at_par())
		);
		Ok(())
	}

	#[benchmark]
	fn activate() -> Result<(), BenchmarkError> {
		let (id, terms, _) = funded::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(terms.seller), id);

		assert_eq!(BilledBy::<T>::get((METER, Register::Export)), Some(id));
		Ok(())
	}

	#[benchmark]
	fn settle() -> Result<(), BenchmarkError> {
		let (id, terms, _) = active::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), id);

		assert_paid::<T>(id, &terms);
		Ok(())
	}

	#[benchmark]
	fn give_notice() -> Result<(), BenchmarkError> {
		let (id, terms, _) = active::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(terms.seller), id);

		assert_eq!(
			Agreements::<T>::get(id).map(|agreement| agreement.status),
			Some(AgreementStatus::Ending)
		);
		Ok(())
	}

	#[benchmark]
	fn close() -> Result<(), BenchmarkError> {
		let (id, terms, escrow) = active::<T>()?;
		Pallet::<T>::give_notice(RawOrigin::Signed(terms.seller.clone()).into(), id)?;
		Agreements::<T>::mutate(id, |agreement| {
			if let Some(agreement) = agreement {
				agreement.closes_at = Some(0);
			}
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), id);

		assert_paid::<T>(id, &terms);
		assert_eq!(T::Currency::balance(&terms.buyer), escrow - ENERGY.at_par());
		Ok(())
	}

	#[benchmark]
	fn claim() -> Result<(), BenchmarkError> {
		let (id, terms, escrow) = active::<T>()?;
		let half = escrow / 2;
		BilledBy::<T>::remove((METER, Register::Export));
		Agreements::<T>::mutate(id, |agreement| {
			if let Some(agreement) = agreement {
				agreement.status = AgreementStatus::Closed;
				agreement.books.escrow = 0;
				agreement.books.paid = half;
				agreement.books.claimable_seller = half;
				agreement.books.claimable_buyer = escrow - half;
			}
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(rich::<T>("anyone")), id);

		assert_eq!(T::Currency::balance(&terms.payee), half);
		assert_eq!(T::Currency::balance(&terms.buyer), escrow - half);
		assert_eq!(T::Currency::balance(&Pallet::<T>::account_of(id)), 0);
		Ok(())
	}

	#[benchmark]
	fn cancel() -> Result<(), BenchmarkError> {
		let (id, terms, escrow) = funded::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(terms.seller), id);

		assert_eq!(T::Currency::balance(&terms.buyer), escrow);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
