//! The types and the vaults with which the chain begins. Whatever is wrong with them stops the chain spec from being built.

use baseload_primitives::{Balance, Price, TokenId};
use frame_support::traits::{
	fungible::{self, Inspect},
	Get,
};

use crate::{entry::Entry, prices::kwh_in, Config, GenesisType, GenesisVault, Pallet, Reference, ReferencePrice};

impl<T: Config> Pallet<T> {
	/// Adds the types; opens, funds and draws on the vaults, in order.
	///
	/// # Panics
	///
	/// If KWH exist already, or if a type or a vault's debt, covers or payments are not sound.
	pub(crate) fn build_genesis(types: &[GenesisType], vaults: &[GenesisVault<T::AccountId>], reference: Price) {
		assert!(
			T::Kwh::total_issuance() == 0,
			"genesis: KWH exist that no vault owes; give them out by payOut of a vault"
		);
		for GenesisType { token, params, .. } in types {
			Self::do_add_type(*token, *params)
				.unwrap_or_else(|error| panic!("genesis: token {token} cannot be a type: {error:?}"));
		}
		if vaults.is_empty() {
			return;
		}
		assert!(
			reference > Price::default(),
			"genesis: referencePrice must be set, and not zero, where there are vaults"
		);
		for (position, vault) in vaults.iter().enumerate() {
			let price = types
				.iter()
				.find(|kind| kind.token == vault.token)
				.unwrap_or_else(|| panic!("genesis: vault {position} is of no type"))
				.price;
			Self::build_vault(position, vault, reference, price);
		}
		assert!(
			<T::Kwh as fungible::Inspect<_>>::balance(&Self::account()) >= T::Kwh::minimum_balance(),
			"genesis: no vault pays the vaults' account the minimum balance of KWH"
		);
		ReferencePrice::<T>::put(Reference {
			price: reference,
			at: 0,
			sum: 0,
			days: 0,
		});
		Self::seal_genesis();
	}

	fn build_vault(position: usize, vault: &GenesisVault<T::AccountId>, reference: Price, price: Price) {
		let GenesisVault {
			owner,
			token,
			collateral,
			debt,
			energy,
			pay_out,
		} = vault;
		let (token, collateral, debt): (TokenId, Balance, Balance) = (*token, *collateral, *debt);
		assert!(
			debt >= T::MinDebt::get(),
			"genesis: debt of vault {position} is below the minimum debt"
		);
		let others: Balance = pay_out
			.iter()
			.try_fold(0, |sum: Balance, (_, amount)| sum.checked_add(*amount))
			.expect("genesis: the sum of payOut exceeds any balance");
		let rest = debt
			.checked_sub(others)
			.unwrap_or_else(|| panic!("genesis: vault {position} pays out more than its debt"));

		for (payee, amount) in pay_out
			.iter()
			.chain([&(owner.clone(), rest)])
			.filter(|(_, amount)| *amount > 0)
		{
			Self::mint(payee, *amount).unwrap_or_else(|error| {
				panic!("genesis: vault {position} cannot pay {amount} to {payee:?}: {error:?}")
			});
		}
		let id = Self::create(owner.clone(), token, *energy)
			.unwrap_or_else(|error| panic!("genesis: owner of vault {position} cannot spare the deposit: {error:?}"));
		Self::do_deposit(owner, id, collateral)
			.unwrap_or_else(|error| panic!("genesis: owner of vault {position} has not its collateral: {error:?}"));

		let mut entry = Entry::<T>::existing(id).expect("created above; qed");
		let price = kwh_in(reference, price, entry.kind.decimals)
			.unwrap_or_else(|| panic!("genesis: the price of vault {position}'s type must be set, and not zero"));
		// A genesis vault draws nothing for interest: the KWH are all paid out.
		let terms = baseload_math::books::terms::Terms {
			hourly_rate: 0,
			..entry.terms()
		};
		let step = entry
			.kind
			.books
			.draw(&entry.vault.books, debt, None, &price, &terms)
			.unwrap_or_else(|error| {
				panic!("genesis: collateral of vault {position} does not cover its debt at the mint ratio: {error:?}")
			});
		entry.apply(step);
		entry.vault.drawn = debt;
		assert!(
			Self::ensure_energy_cover(&entry.vault, debt).is_ok(),
			"genesis: declared energy of vault {position} does not cover its debt"
		);
		entry.store();
	}
}
