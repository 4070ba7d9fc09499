//! Types of collateral and what they are governed by.

use baseload_math::books::{pool::Pool, totals::TypeBooks};
use baseload_primitives::{Moment, OpenTime, TokenId, TypeParams, BLD_TOKEN, DAY};
use frame_support::{
	ensure,
	traits::{fungible, fungibles::Inspect, Get, Time},
};
use sp_runtime::{traits::Convert, DispatchResult, Permill};

use crate::{entry::REDEMPTION_FLOOR, CollateralType, Config, Error, Event, Line, Market, Pallet, Tokens, Types};

/// What a type is governed by may change this often.
pub(crate) const PARAMS_INTERVAL: Moment = DAY;

/// A guardian's mark on a type lapses after this long, unless administrators confirm it.
pub(crate) const UNCONFIRMED: Moment = 7 * DAY;

/// The most decimals of a token that can be collateral.
const MAX_DECIMALS: u8 = 24;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_add_type(token: TokenId, params: TypeParams) -> DispatchResult {
		ensure!(!Types::<T>::contains_key(token), Error::<T>::TypeExists);
		Self::ensure_sound(token, &params)?;
		let decimals = T::Decimals::convert(token)
			.filter(|decimals| *decimals <= MAX_DECIMALS)
			.ok_or(Error::<T>::UnknownToken)?;
		ensure!(
			T::Collateral::balance(token, &Self::account()) >= T::Collateral::minimum_balance(token),
			Error::<T>::AccountNotFunded
		);
		Tokens::<T>::try_append(token).map_err(|_| Error::<T>::TooManyTypes)?;
		let kind = CollateralType {
			params,
			params_since: T::Time::now(),
			books: TypeBooks::default(),
			pool: Pool::default(),
			owed: 0,
			market: Market::default(),
			round: 0,
			line: Line::default(),
			decimals,
			stopped_since: None,
			liquidation_from: 0,
			impaired_until: None,
			unsafe_since: None,
			raised: None,
		};
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::TypeAdded { token, params });
		Ok(())
	}

	pub(crate) fn do_set_params(token: TokenId, params: TypeParams) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		Self::ensure_sound(token, &params)?;
		let now = T::Time::now();
		ensure!(
			now >= kind.params_since.saturating_add(PARAMS_INTERVAL),
			Error::<T>::ChangedTooSoon
		);
		let old = kind.params;
		// Or each further raise would put off the one before.
		let waits = params.liquidation_bp > old.liquidation_bp && Self::raise_in(&kind).is_some();
		ensure!(!waits, Error::<T>::ChangedTooSoon);
		if let Some(step) = old.first_long_step(&params) {
			return Err(Error::<T>::from(step).into());
		}
		if params.liquidation_bp > old.liquidation_bp {
			// Owners have a day to add collateral. What is unsafe already stays so.
			kind.raised = Some((Self::liquidation_bp(&kind), T::OpenTime::now().saturating_add(DAY)));
		}
		(kind.params, kind.params_since) = (params, now);
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::ParamsChanged {
			token,
			old,
			new: params,
		});
		Ok(())
	}

	fn ensure_sound(token: TokenId, params: &TypeParams) -> DispatchResult {
		match params.first_unsound(token == BLD_TOKEN) {
			Some(bound) => Err(Error::<T>::from(bound).into()),
			None => Ok(()),
		}
	}

	/// The liquidation ratio in force, in basis points: one that was raised is not for a day.
	pub(crate) fn liquidation_bp(kind: &CollateralType) -> u32 {
		let set = kind.params.liquidation_bp;
		match kind.raised {
			Some((before, until)) if T::OpenTime::now() < until => before.min(set),
			_ => set,
		}
	}

	/// The open time until a raised liquidation ratio is in force; `None` if none waits.
	pub(crate) fn raise_in(kind: &CollateralType) -> Option<Moment> {
		let (before, until) = kind.raised?;
		let left = until.saturating_sub(T::OpenTime::now());
		(left > 0 && before < kind.params.liquidation_bp).then_some(left)
	}

	/// Whether a mark as impaired holds.
	pub(crate) fn is_impaired(kind: &CollateralType) -> bool {
		kind.impaired_until.is_some_and(|until| T::Time::now() < until)
	}

	/// Marks a type: for good if administrators do it, otherwise until the mark lapses.
	pub(crate) fn do_impair(token: TokenId, by_admin: bool) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		let lapses = T::Time::now().saturating_add(UNCONFIRMED);
		let until = match kind.impaired_until {
			_ if by_admin => Moment::MAX,
			None => lapses,
			Some(_) if Self::is_impaired(&kind) => return Err(Error::<T>::Impaired.into()),
			// Or a guardian could stop redemption for as long as it likes, week by week.
			Some(_) => return Err(Error::<T>::MarkLapsed.into()),
		};
		ensure!(kind.impaired_until != Some(until), Error::<T>::Impaired);
		kind.impaired_until = Some(until);
		// The pool stands by no more: what waits counts, so that it can leave like the rest.
		Self::count_all(token, &mut kind);
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::ImpairmentChanged { token, impaired: true });
		Ok(())
	}

	pub(crate) fn do_restore(token: TokenId) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		ensure!(kind.impaired_until.take().is_some(), Error::<T>::NotImpaired);
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::ImpairmentChanged { token, impaired: false });
		Ok(())
	}

	/// What the runtime's configuration must fulfil.
	///
	/// # Panics
	///
	/// If it does not.
	pub(crate) fn check_config() {
		assert!(
			T::AdvanceRate::get() > Permill::zero(),
			"AdvanceRate: must be more than zero"
		);
		assert!(T::DeclaredWindow::get() > 0, "DeclaredWindow: must be more than zero");
		assert!(
			T::MaxTypes::get() > 0,
			"MaxTypes: there must be something to vouch for KWH"
		);
		assert!(
			T::VaultDeposit::get() >= <T::Kwh as fungible::Inspect<_>>::minimum_balance(),
			"VaultDeposit: must be at least the minimum balance, or an empty account could not get it back"
		);
		assert!(
			T::MinRedemption::get() > REDEMPTION_FLOOR,
			"MinRedemption: must be more than the least debt that a redemption leaves"
		);
		assert!(
			T::MinDebt::get() > REDEMPTION_FLOOR,
			"MinDebt: must be more than the least debt that a redemption leaves"
		);
	}
}
