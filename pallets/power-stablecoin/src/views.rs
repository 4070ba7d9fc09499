//! What view functions answer.

use alloc::vec::Vec;
use baseload_math::books;
use baseload_primitives::{
	views::{
		PoolDepositView, PoolView, RaiseView, RedemptionQuote, RedemptionView, SafetyView, TypeView, VaultView,
		WindDownView,
	},
	Balance, BreakerLevel, OpenTime, Price, PriceSource, TokenId, VaultId, WattHours,
};
use core::marker::PhantomData;
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	traits::fungible::Inspect,
	BoundedVec,
};
use sp_runtime::{DispatchError, FixedPointNumber, Perquintill};

use crate::{
	entry::Entry,
	pool::History,
	prices::Quote,
	queue::{Steps, FEES},
	Breaker, CollateralType, Config, Owed, Pallet, PoolDeposits, Reached, Redemptions, Request, Requests, ShutDown,
	Tokens, Types, WindDowns, MAX_STEPS,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn view_vault(id: VaultId) -> Option<VaultView<T::AccountId>> {
		let entry = Entry::<T>::existing(id).ok()?;
		let quote = Self::quote(entry.vault.token, &entry.kind);
		let (debt, collateral) = (entry.debt().ok()?, entry.collateral().ok()?);
		let energy_limit = Self::energy_limit(&entry.vault);
		let basis_points = |bp: u32| Price::saturating_from_rational(bp, books::terms::BASIS_POINTS);
		Some(VaultView {
			energy: shown(Self::energy(&entry.vault)),
			declared: Self::declared_energy(&entry.vault),
			energy_limit,
			collateral_ratio: quote.and_then(|quote| quote.ratios.ratio(collateral, debt)),
			mint_ratio: basis_points(entry.kind.params.mint_bp),
			liquidation_ratio: basis_points(Self::liquidation_bp(&entry.kind)),
			raised: Self::raise_in(&entry.kind).map(|force_in| RaiseView {
				ratio: basis_points(entry.kind.params.liquidation_bp),
				force_in,
			}),
			drawable: quote.map(|quote| Self::drawable(&entry, &quote, energy_limit)),
			token: entry.vault.token,
			collateral,
			debt,
			drawn: entry.vault.drawn,
			cure_in: entry
				.vault
				.cure_until
				.map(|until| until.saturating_sub(T::OpenTime::now())),
			winding_down: WindDowns::<T>::get(entry.vault.token, id).map(|wound| WindDownView {
				left: wound.left,
				a_day: wound.a_day,
			}),
			owner: entry.vault.owner,
			sites: entry.vault.sites.into_inner(),
		})
	}

	/// KWH that the owner could draw now, in base units: a draw of this much passes and a draw of more does not. Found by trying:
	/// the steps of the books are pure.
	fn drawable(entry: &Entry<T>, quote: &Quote, energy_limit: Balance) -> Balance {
		let waits = Self::front_is_unsafe(entry.vault.token, &entry.kind, quote).unwrap_or(true);
		if waits || Self::is_shut_down() || Self::is_impaired(&entry.kind) || Breaker::<T>::get() != BreakerLevel::All {
			return 0;
		}
		let room = Self::room(&entry.kind);
		let draw = |amount: Balance| {
			entry
				.kind
				.books
				.draw(&entry.vault.books, amount, None, &quote.mint, &entry.terms())
		};
		// Whether no upper limit is in the way; a draw may still be too small.
		let fits = |amount: Balance| match draw(amount) {
			Ok(step) => {
				let debt = step.books.debt_of(&step.vault).unwrap_or(Balance::MAX);
				step.books.debt - entry.kind.books.debt <= room && debt <= energy_limit
			}
			Err(books::Error::BelowMinimumDebt) => true,
			Err(_) => false,
		};
		let (mut low, mut high) = (0, room.min(energy_limit).saturating_add(1));
		while high - low > 1 {
			let middle = low + (high - low) / 2;
			if fits(middle) {
				low = middle
			} else {
				high = middle
			}
		}
		match low > 0 && draw(low).is_ok() {
			true => low,
			false => 0,
		}
	}

	pub(crate) fn view_types() -> Vec<TypeView> {
		let kinds = Tokens::<T>::get().into_iter();
		kinds
			.filter_map(|token| Types::<T>::get(token).map(|kind| (token, kind)))
			.map(|(token, kind)| TypeView {
				token,
				params: kind.params,
				liquidation_bp: Self::liquidation_bp(&kind),
				raise_in: Self::raise_in(&kind),
				debt: kind.books.debt,
				collateral: kind.books.collateral,
				shortfall: kind.books.shortfall,
				price: Self::shown_price(token),
				round: kind.round,
				impaired: Self::is_impaired(&kind),
				liquidation_in: Self::liquidation_in(&kind),
				room: Self::room(&kind),
			})
			.collect()
	}

	/// The price of a token that people are shown; the lower one, if feeds are apart.
	pub(crate) fn shown_price(token: TokenId) -> Option<Price> {
		T::Prices::collateral(token).map(|seen| seen.lower)
	}

	fn liquidation_in(kind: &CollateralType) -> Option<u64> {
		let stopped = kind.stopped_since.is_some() || Self::exits_only();
		(!stopped).then(|| kind.liquidation_from.saturating_sub(T::OpenTime::now()))
	}

	/// Executes a redemption and undoes it.
	pub(crate) fn view_quote(amount: Balance) -> Option<RedemptionQuote> {
		let queue = Redemptions::<T>::get();
		let supply = T::Kwh::total_issuance();
		if amount == 0 || amount > supply {
			return None;
		}
		let fee = FEES.rate(queue.base_rate, amount, supply).ok()?;
		let fee = Perquintill::from_parts(u64::try_from(fee).ok()?);
		let quoted = with_transaction(|| {
			let quoted = Self::try_quote(amount, fee);
			TransactionOutcome::Rollback(Ok::<_, DispatchError>(quoted))
		});
		quoted.ok()?
	}

	fn try_quote(amount: Balance, fee: Perquintill) -> Option<RedemptionQuote> {
		let mut weights = BoundedVec::<(TokenId, Balance), T::MaxTypes>::new();
		let mut all: Balance = 0;
		for token in Tokens::<T>::get() {
			let kind = Self::kind(token).ok()?;
			let owed = kind.books.debt.saturating_add(kind.books.shortfall);
			if !Self::is_impaired(&kind) && owed > 0 && Self::quote(token, &kind).is_some() {
				all = all.checked_add(owed)?;
				weights.try_push((token, owed)).ok()?;
			}
		}
		if all == 0 {
			return None;
		}
		let request = Request::<T> {
			who: Self::account(),
			locked: amount,
			max_fee: fee,
			min_out: BoundedVec::new(),
			requested_at: 0,
			execution: None,
		};
		let mut outs = Vec::new();
		for (token, left) in Self::split(amount, weights, all) {
			let (mut reached, mut steps) = (Reached::default(), Steps::new(MAX_STEPS * 8));
			let part = Self::redeem_part(&request, token, left, fee, &mut reached, &mut steps).ok()?;
			outs.push((token, part.burnt, part.out));
		}
		Some(RedemptionQuote { fee, outs })
	}

	pub(crate) fn view_redemptions() -> Vec<RedemptionView<T::AccountId>> {
		let queue = Redemptions::<T>::get();
		(queue.head..queue.tail)
			.filter_map(|id| {
				let request = Requests::<T>::get(id)?;
				Some(RedemptionView {
					id,
					who: request.who,
					amount: request.locked,
					max_fee: request.max_fee,
					min_out: request.min_out.into_inner(),
					requested_at: request.requested_at,
					begun: request.execution.is_some(),
				})
			})
			.collect()
	}

	pub(crate) fn view_owed(who: &T::AccountId) -> Vec<(TokenId, Balance)> {
		let tokens = Tokens::<T>::get().into_iter();
		let owed = tokens.map(|token| (token, Owed::<T>::get(token, who)));
		owed.filter(|(_, amount)| *amount > 0).collect()
	}

	pub(crate) fn view_pool(token: TokenId) -> Option<PoolView> {
		let kind = Types::<T>::get(token)?;
		Some(PoolView {
			active: kind.pool.active,
			waiting: kind.pool.waiting,
			collateral: kind.pool.collateral,
			round: kind.round,
		})
	}

	pub(crate) fn view_pool_deposit(token: TokenId, who: &T::AccountId) -> Option<PoolDepositView> {
		let kind = Types::<T>::get(token)?;
		let history = History::<T>(token, PhantomData);
		let deposit = PoolDeposits::<T>::get(token, who)?.settled(kind.round, &history).ok()?;
		Some(PoolDepositView {
			counting: deposit.value(&kind.pool).ok()?,
			waiting: deposit
				.waiting()
				.iter()
				.map(|tranche| (tranche.amount, tranche.counts_from))
				.collect(),
			claimable: deposit.claimable(&kind.pool, &history).ok()?,
			notice: deposit
				.notice()
				.map(|notice| (notice.amount, notice.opens, notice.lapses)),
		})
	}

	pub(crate) fn view_safety() -> SafetyView {
		SafetyView {
			level: Breaker::<T>::get(),
			fuse_room: Self::fuse_room(),
			shut_down: ShutDown::<T>::get(),
		}
	}
}

/// Energy as a view shows it: what no register can count is shown as the most that one can.
pub(crate) fn shown(wh: u128) -> WattHours {
	WattHours(u64::try_from(wh).unwrap_or(u64::MAX))
}
