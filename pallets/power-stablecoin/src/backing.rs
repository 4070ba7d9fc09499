//! Proof of backing: what stands behind KWH, counted vault by vault.
//!
//! Counted is only what a holder could come to: the collateral of vaults that owe something, and the reserves. What a vault without
//! debt holds, because it never drew, repaid, was redeemed, or kept it after a liquidation, its owner may withdraw at any time; and the
//! energy of its sites covers nothing. After a shutdown also what exceeds a vault's debt is its owner's: of a vault that was not swept yet
//! that much counts as a sweep would take.

use alloc::{collections::BTreeMap, vec::Vec};
use baseload_math::ratio::{Priced, Quote as Ratios};
use baseload_primitives::{
	views::{ProofOfBacking, TypeBacking},
	Balance, Price, TokenId, KWH,
};
use frame_support::traits::fungible::Inspect;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, FixedPointNumber, Rounding};

use crate::{views::shown, CollateralType, Config, Issuance, Pallet, Tokens, Types, Vault, Vaults};

/// What the vaults that owe something have.
#[derive(Default)]
struct Indebted {
	/// Collateral that counts, by type.
	collateral: BTreeMap<TokenId, Balance>,
	/// Wh that their sites attest.
	attested: u128,
	/// Wh that are left of what was declared for them.
	declared: u128,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn view_backing() -> ProofOfBacking {
		let issued = Issuance::<T>::get();
		let reference_price = Self::reference();
		let kinds = Tokens::<T>::get().into_iter();
		let kinds: BTreeMap<TokenId, CollateralType> = kinds
			.filter_map(|token| Some((token, Types::<T>::get(token)?)))
			.collect();
		let indebted = Self::indebted(&kinds);
		let types: Vec<TypeBacking> = Tokens::<T>::get()
			.into_iter()
			.filter_map(|token| {
				let in_vaults = indebted.collateral.get(&token).copied().unwrap_or_default();
				Some(Self::type_backing(
					token,
					kinds.get(&token)?,
					in_vaults,
					reference_price,
				))
			})
			.collect();
		let sum =
			|of: fn(&TypeBacking) -> Balance| types.iter().fold(0, |sum: Balance, kind| sum.saturating_add(of(kind)));
		let (debt, shortfall) = (sum(|kind| kind.debt), sum(|kind| kind.shortfall));
		let energy = shown(indebted.attested);
		ProofOfBacking {
			supply: T::Kwh::total_issuance(),
			genesis: issued.genesis,
			minted: issued.minted,
			burnt: issued.burnt,
			debt,
			shortfall,
			reference_price,
			collateral_ratio: Self::whole_ratio(&types),
			types,
			energy,
			declared: shown(indebted.declared),
			energy_ratio: (debt > 0).then(|| Price::saturating_from_rational(energy.at_par(), debt)),
		}
	}

	fn indebted(kinds: &BTreeMap<TokenId, CollateralType>) -> Indebted {
		let mut all = Indebted::default();
		for vault in Vaults::<T>::iter_values().filter(|vault| !vault.books.shares.is_zero()) {
			let Some(kind) = kinds.get(&vault.token) else { continue };
			let collateral = all.collateral.entry(vault.token).or_default();
			*collateral = collateral.saturating_add(Self::for_holders(&vault, kind));
			all.attested = all.attested.saturating_add(Self::attested(&vault));
			all.declared = all.declared.saturating_add(Self::declared_energy(&vault).0.into());
		}
		all
	}

	/// What of an indebted vault's collateral counts: all of it, or what a sweep would take. What cannot be told counts as nothing.
	fn for_holders(vault: &Vault<T>, kind: &CollateralType) -> Balance {
		let counts = match Self::frozen_price(vault.token) {
			Ok(price) => kind.books.sweep(&vault.books, &price).map(|step| step.outcome.seized),
			Err(_) => kind.books.collateral_of(&vault.books),
		};
		counts.unwrap_or_default()
	}

	fn type_backing(
		token: TokenId,
		kind: &CollateralType,
		in_vaults: Balance,
		reference_price: Option<Price>,
	) -> TypeBacking {
		let price = Self::shown_price(token);
		let unit = 10u128.checked_pow(kind.decimals.into()).unwrap_or(Balance::MAX);
		let ratios = match Self::frozen_price(token) {
			// So many base units of the one are worth so many of the other.
			Ok(frozen) => ratios(
				(Price::from_inner(frozen.denominator()), 1),
				(Price::from_inner(frozen.numerator()), 1),
			),
			Err(_) => price
				.zip(reference_price)
				.and_then(|(price, reference)| ratios((price, unit), (reference, KWH))),
		};
		let behind = in_vaults.saturating_add(kind.books.reserve);
		let owed = kind.books.debt.saturating_add(kind.books.shortfall);
		let value = |price: Price| multiply_by_rational_with_rounding(behind, price.into_inner(), unit, Rounding::Down);
		TypeBacking {
			token,
			debt: kind.books.debt,
			shortfall: kind.books.shortfall,
			collateral: kind.books.collateral,
			reserve: kind.books.reserve,
			behind,
			value: price.and_then(value).map(Price::from_inner),
			revenue: kind.books.revenue,
			pool_kwh: kind.pool.active.saturating_add(kind.pool.waiting),
			pool_collateral: kind.pool.collateral,
			price,
			collateral_ratio: ratios.and_then(|ratios| ratios.ratio(behind, owed)),
			impaired: Self::is_impaired(kind),
		}
	}

	/// The ratio over all types: the mean of theirs, weighted by what they owe. `None` if a type that owes something has no
	/// price or is impaired, or if nothing is owed.
	fn whole_ratio(types: &[TypeBacking]) -> Option<Price> {
		let (mut value, mut owed) = (0u128, 0u128);
		for kind in types {
			let of_type = kind.debt.saturating_add(kind.shortfall);
			if of_type > 0 {
				let ratio = kind.collateral_ratio.filter(|_| !kind.impaired)?;
				value = value.saturating_add(ratio.saturating_mul_int(of_type));
				owed = owed.saturating_add(of_type);
			}
		}
		(owed > 0).then(|| Price::saturating_from_rational(value, owed))
	}
}

/// Ratios of a collateral to KWH, each with its price and the base units that it is the price of.
fn ratios(collateral: (Price, u128), debt: (Price, u128)) -> Option<Ratios> {
	let priced = |(price, unit)| Priced { price, unit };
	Ratios::new(priced(collateral), priced(debt))
}
