//! From a proposal to an agreement that binds, or to none.

use baseload_math::billing::{
	clauses::MAX_WAIT,
	terms::{Start, Terms},
	Agreement, Clause, Input, Month,
};
use baseload_primitives::{
	AgreementId, Balance, Contract, DebtSweep, Deposits, MeterHistory, Moment, Payouts, Register, RegisterSource, Side,
	Threshold, Totals,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{Precision, Preservation::Preserve},
		Get,
	},
};
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	payout::add,
	session::Session,
	shares::{energy_of, mask_of},
	sources::View,
	types::{Deal, Notices, Record, Stage},
	Agreements, Config, Error, Event, HoldReason, NextAgreement, Pallet, Running, Shares,
};

/// How many months a start may lie ahead.
const MAX_AHEAD: u32 = 1_200;

/// How many months it may lie back: both parties sign it, and what is final of these months can still be billed.
const MAX_BACK: u32 = 24;

impl<T: Config> Pallet<T> {
	/// The agreement `id`, or why there is none.
	pub(crate) fn find(id: AgreementId) -> Result<Record<T::AccountId>, DispatchError> {
		Agreements::<T>::get(id).ok_or(Error::<T>::UnknownAgreement.into())
	}

	pub(crate) fn do_propose(who: T::AccountId, contract: Contract<T::AccountId>) -> DispatchResult {
		let proposer = match &who {
			who if *who == contract.seller => Side::Seller,
			who if *who == contract.buyer => Side::Buyer,
			_ => return Err(Error::<T>::NotParty.into()),
		};
		Self::ensure_sound(&contract)?;

		let id = NextAgreement::<T>::get();
		NextAgreement::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);

		let deposit = Self::deposit_for(&contract.terms);
		T::Currency::hold(&HoldReason::Proposal.into(), &who, deposit)?;
		let reserve = T::Currency::minimum_balance();
		T::Currency::transfer(&who, &Self::account_of(id), reserve, Preserve)?;

		Self::deposit_event(Event::Proposed {
			agreement: id,
			by: proposer,
			seller: contract.seller.clone(),
			buyer: contract.buyer.clone(),
			hash: contract.hash(),
		});
		let (deal, terms) = Deal::of(contract);
		let record = Record {
			deal,
			stage: Stage::Proposed(terms),
			proposer,
			deposit,
			reserve,
			payouts: Payouts::default(),
			operator: None,
			lender: None,
			notices: Notices::default(),
			stepped_in_at: None,
			request: None,
			amendment: None,
			suspended_by_seller: false,
			termination_bill: 0,
			closed_at: None,
		};
		Agreements::<T>::insert(id, record);
		Ok(())
	}

	/// What is held of the proposer: for the agreement, and for the record of a bill a month.
	fn deposit_for(terms: &Terms) -> Balance {
		let bills = T::BillDeposit::get().saturating_mul(terms.months.into());
		T::ProposalDeposit::get().saturating_add(bills)
	}

	/// Whether a contract can be agreed on.
	pub(crate) fn ensure_sound(contract: &Contract<T::AccountId>) -> DispatchResult {
		let terms = &contract.terms;
		if let Some(clause) = terms.contradiction() {
			return Err(Error::<T>::from(clause).into());
		}
		ensure!(contract.seller != contract.buyer, Error::<T>::SelfDealing);
		ensure!(!Self::is_agreement_account(&contract.payee), Error::<T>::BadPayee);
		Self::ensure_resolver(
			contract.resolver.as_ref(),
			[&contract.seller, &contract.buyer, &contract.payee],
		)?;
		let now = Self::now();
		let soon = |at: Moment| at <= now.saturating_add(MAX_WAIT);
		let by = contract.conditions.by;
		ensure!(by > now && soon(by), Error::<T>::BadConditions);
		let waits = [contract.lender.notice, contract.lender.step_in];
		ensure!(
			waits.iter().all(|wait| *wait <= T::MaxLenderWait::get()),
			Error::<T>::BadLenderClause
		);
		match terms.start {
			Start::Month(start) => {
				let months = Self::month().minus(MAX_BACK)..=Self::month().plus(MAX_AHEAD);
				ensure!(months.contains(&start), Error::<T>::BadStart);
			}
			Start::Operation(operation) => ensure!(soon(operation.target), Error::<T>::BadStart),
		}
		let cap = sp_runtime::Permill::from_parts(terms.cuts.attestor_cap);
		ensure!(
			(T::MinAttestorFee::get()..=T::MaxAttestorFee::get()).contains(&terms.cuts.attestor_fee)
				&& (T::MinAttestorCap::get()..=T::MaxAttestorCap::get()).contains(&cap),
			Error::<T>::BadAttestorFee
		);
		match (terms.tariff.is_indexed(), contract.feed) {
			(true, None) => return Err(Error::<T>::FeedMissing.into()),
			(false, Some(_)) => return Err(Error::<T>::FeedUnused.into()),
			_ => (),
		}
		match contract.vault {
			None => ensure!(terms.cuts.sweep == 0, Error::<T>::VaultMissing),
			Some(vault) => ensure!(
				T::Sweep::owner(vault).as_ref() == Some(&contract.seller),
				Error::<T>::NotVaultOwner
			),
		}
		Self::ensure_meter(contract)?;
		if let Start::Operation(operation) = terms.start {
			let newest = T::Registers::final_reading(contract.meter);
			let count = newest.and_then(|newest| newest.registers.get(usize::from(operation.register)).copied());
			ensure!(
				count.is_none_or(|count| count < operation.wh),
				Error::<T>::OperationPast
			);
		}
		Ok(())
	}

	/// A resolver is neither of the parties, nor who is paid.
	pub(crate) fn ensure_resolver(resolver: Option<&T::AccountId>, interested: [&T::AccountId; 3]) -> DispatchResult {
		let is_interested = resolver.is_some_and(|resolver| interested.contains(&resolver));
		ensure!(!is_interested, Error::<T>::BadResolver);
		Ok(())
	}

	/// Whether the meter is the seller's, can bill these registers, and can be waited for. Returns its registers.
	fn ensure_meter(contract: &Contract<T::AccountId>) -> Result<alloc::vec::Vec<Register>, DispatchError> {
		let (meter, terms) = (contract.meter, &contract.terms);
		ensure!(
			T::Registers::owner(meter).as_ref() == Some(&contract.seller),
			Error::<T>::NotMeterOwner
		);
		ensure!(!T::Registers::is_check(meter), Error::<T>::CheckMeter);
		let registers = T::Registers::registers(meter).ok_or(Error::<T>::NotMeterOwner)?;
		let proof = match terms.start {
			Start::Operation(operation) => Some(operation.register),
			Start::Month(_) => None,
		};
		let mut named = terms.registers.iter().copied().chain(proof);
		ensure!(
			named.all(|position| usize::from(position) < registers.len()),
			Error::<T>::UnknownRegister
		);
		let twice = |position: &u8| {
			let others = mask_of(&terms.registers) & !mask_of(&[*position]);
			energy_of(&registers, mask_of(&[*position])) & others != 0
		};
		ensure!(!terms.registers.iter().any(twice), Error::<T>::SameEnergyTwice);
		let window = T::Registers::window(meter).ok_or(Error::<T>::NotMeterOwner)?;
		ensure!(terms.outage.outage_grace >= window, Error::<T>::GraceBelowWindow);
		Ok(registers)
	}

	pub(crate) fn do_accept(who: T::AccountId, id: AgreementId, hash: H256) -> DispatchResult {
		let mut record = Self::find(id)?;
		let side = record.side(&who).ok_or(Error::<T>::NotParty)?;
		ensure!(side != record.proposer, Error::<T>::NotCounterparty);
		let Stage::Proposed(terms) = &record.stage else {
			return Err(Error::<T>::WrongStatus.into());
		};
		ensure!(record.hash() == hash, Error::<T>::ContractMismatch);
		record.stage = Stage::Accepted(terms.clone(), Deposits::default());
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::Accepted {
			agreement: id,
			by: side,
		});
		Ok(())
	}

	/// Lets an accepted agreement bind once its conditions are met.
	pub(crate) fn do_activate(id: AgreementId) -> DispatchResult {
		let mut record = Self::find(id)?;
		let Stage::Accepted(terms, deposits) = record.stage.clone() else {
			return Err(Error::<T>::WrongStatus.into());
		};
		let conditions = record.deal.conditions;
		ensure!(Self::now() < conditions.by, Error::<T>::ConditionsExpired);
		let first = Self::month().minus(MAX_BACK);
		if let Start::Month(start) = terms.start {
			ensure!(start >= first, Error::<T>::BadStart);
		}
		ensure!(
			deposits.escrow >= conditions.escrow
				&& deposits.security >= conditions.security
				&& deposits.bond >= conditions.bond,
			Error::<T>::ConditionsNotMet
		);
		let registers = Self::ensure_meter(&record.contract())?;
		if let Start::Operation(operation) = terms.start {
			let register = registers.get(usize::from(operation.register));
			let threshold = Threshold {
				register: *register.ok_or(Error::<T>::UnknownRegister)?,
				count: operation.wh,
			};
			T::Registers::watch(record.deal.meter, threshold)?;
		}

		let view = View::<T>::new(id, record.deal.meter, record.deal.feed);
		let earliest = Self::earliest_operation(&view, &terms, &registers);
		let is_recent = matches!(terms.start, Start::Month(_)) || earliest.is_none_or(|month| month >= first);
		ensure!(is_recent, Error::<T>::OperationPast);
		Shares::<T>::try_mutate(record.deal.meter, |book| {
			let proven = |threshold| view.proven(threshold);
			let earliest = earliest.unwrap_or(Month::of(0));
			book.add::<T>(id, &terms, record.deal.share, &registers, earliest, proven)
		})?;
		if let Some(feed) = record.deal.feed {
			Self::follow_feed(feed)?;
		}
		Running::<T>::insert(id, ());
		let billing = Agreement::new(id.0, terms, Self::now()).map_err(Error::<T>::from)?;
		let first_month = billing.first_month;
		record.stage = Stage::Running(billing);
		let has_vault = record.deal.vault.is_some();
		let mut session = Session::<T>::of(id, record)?;
		for input in [
			Input::Fund(deposits.escrow),
			Input::Secure(deposits.security),
			Input::PostBond(deposits.bond),
			// What the vault really owes is known when it is asked to retire it.
			Input::VaultDebt(if has_vault { Balance::MAX } else { 0 }),
		] {
			session.apply(input)?;
		}
		session.finish()?;
		Self::deposit_event(Event::Activated {
			agreement: id,
			first_month,
		});
		Ok(())
	}

	/// The first month that operation is, or can yet be, proven for: a reading that proves it later is measured after the newest
	/// final one. `None` if nothing is final of the meter.
	fn earliest_operation(view: &View<T>, terms: &Terms, registers: &[Register]) -> Option<Month> {
		let proven = match terms.start {
			Start::Operation(operation) => registers.get(usize::from(operation.register)).and_then(|register| {
				view.proven(Threshold {
					register: *register,
					count: operation.wh,
				})
			}),
			Start::Month(_) => None,
		};
		proven.or_else(|| {
			let newest = view.history()?.newest()?;
			Some(Month::at_or_after(newest.measured_at))
		})
	}

	/// Ends an agreement that does not bind yet: a proposal by either side, an accepted agreement by anyone once the longstop
	/// of its conditions is past.
	pub(crate) fn do_cancel(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let record = Self::find(id)?;
		let side = record.side(&who);
		match &record.stage {
			Stage::Proposed(_) => ensure!(side.is_some(), Error::<T>::NotParty),
			Stage::Accepted(..) => ensure!(Self::now() >= record.deal.conditions.by, Error::<T>::LongstopNotReached),
			_ => return Err(Error::<T>::WrongStatus.into()),
		}
		Self::call_off(id, record)
	}

	/// Gives everybody back what they paid in, and the proposer its stake.
	pub(crate) fn call_off(id: AgreementId, mut record: Record<T::AccountId>) -> DispatchResult {
		let (terms, deposits) = match &record.stage {
			Stage::Proposed(terms) => (terms.clone(), Deposits::default()),
			Stage::Accepted(terms, deposits) => (terms.clone(), *deposits),
			_ => return Err(Error::<T>::WrongStatus.into()),
		};
		let mut to_buyer = deposits.escrow;
		add(&mut to_buyer, deposits.security)?;
		record.stage = Stage::Cancelled(terms);
		record.request = None;
		let out = Totals {
			buyer: to_buyer,
			seller: deposits.bond,
			..Totals::default()
		};
		Self::take_note(&mut record, out)?;
		Self::deposit_event(Event::Cancelled {
			agreement: id,
			to_buyer,
			to_seller: deposits.bond,
		});
		Self::pay_out(id, &mut record)?;
		Self::keep(id, record)
	}

	/// Gives the proposer its deposit back.
	pub(crate) fn release_deposit(record: &mut Record<T::AccountId>) -> DispatchResult {
		let proposer = record.account(record.proposer).clone();
		T::Currency::release(
			&HoldReason::Proposal.into(),
			&proposer,
			record.deposit,
			Precision::BestEffort,
		)?;
		record.deposit = 0;
		Ok(())
	}
}

impl<T> From<Clause> for Error<T> {
	fn from(clause: Clause) -> Self {
		match clause {
			Clause::Registers => Self::ContradictoryRegisters,
			Clause::Tariff => Self::ContradictoryTariff,
			Clause::Escalator => Self::ContradictoryEscalator,
			Clause::Term => Self::ContradictoryTerm,
			Clause::Operation => Self::ContradictoryOperation,
			Clause::Excess => Self::ContradictoryExcess,
			Clause::Nameplate => Self::ContradictoryNameplate,
			Clause::TakeOrPay => Self::ContradictoryTakeOrPay,
			Clause::MakeUp => Self::ContradictoryMakeUp,
			Clause::Guarantee => Self::ContradictoryGuarantee,
			Clause::Outage => Self::ContradictoryOutage,
			Clause::Payment => Self::ContradictoryPayment,
			Clause::Security => Self::ContradictorySecurity,
			Clause::Dispute => Self::ContradictoryDispute,
			Clause::Termination => Self::ContradictoryTermination,
			Clause::Cuts => Self::ContradictoryCuts,
		}
	}
}
