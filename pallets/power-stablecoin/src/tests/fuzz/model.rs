//! The naive model: what every account holds and every vault owes, added up from events alone.
//!
//! Debts are kept in units of 2^-64 and divided exactly as far as that goes; the pallet stays within a unit of them for each
//! time that something was divided.

use std::collections::BTreeMap;

use baseload_primitives::{TokenId, VaultId, BLD_TOKEN};
use sp_core::U256;

use super::*;
use crate::Event;

/// Fractional bits of a debt.
const BITS: usize = 64;

struct ModelVault {
	owner: AccountId,
	token: TokenId,
	owes: U256,
}

pub struct Model {
	/// KWH, on hold or not.
	kwh: BTreeMap<AccountId, u128>,
	/// Collateral of people, by token.
	tokens: BTreeMap<(TokenId, AccountId), u128>,
	vaults: BTreeMap<VaultId, ModelVault>,
	/// What each type owes in all, exactly.
	owed: BTreeMap<TokenId, u128>,
	/// Who made each redemption.
	redeemers: BTreeMap<u64, AccountId>,
	/// How often something was divided.
	divided: u128,
}

fn holdings(token: TokenId, who: AccountId) -> u128 {
	match token {
		BLD_TOKEN => Bonds::free_balance(who),
		id => Assets::balance(id, who),
	}
}

fn everybody() -> impl Iterator<Item = AccountId> {
	ACCOUNTS.into_iter().chain([TREASURY])
}

impl Model {
	pub fn new() -> Self {
		let each = |token| everybody().map(move |who| ((token, who), holdings(token, who)));
		let genesis = ModelVault {
			owner: BANK,
			token: RSV,
			owes: U256::from(10_000 * KWH) << BITS,
		};
		Self {
			kwh: everybody().map(|who| (who, Balances::total_balance(&who))).collect(),
			tokens: [RSV, BLD_TOKEN, LATER].into_iter().flat_map(each).collect(),
			vaults: [(GENESIS, genesis)].into(),
			owed: [(RSV, 10_000 * KWH), (BLD_TOKEN, 0)].into(),
			redeemers: BTreeMap::new(),
			divided: 0,
		}
	}

	/// Gives the vaults of a type but `except` what they owe now in all, each in proportion to what it owed.
	fn divide(&mut self, token: TokenId, except: Option<VaultId>, total: u128) {
		self.divided += 1;
		let mut others: Vec<&mut ModelVault> = self
			.vaults
			.iter_mut()
			.filter(|(id, vault)| vault.token == token && Some(**id) != except)
			.map(|(_, vault)| vault)
			.collect();
		let sum = others.iter().fold(U256::zero(), |sum, vault| sum + vault.owes);
		for vault in &mut others {
			if !sum.is_zero() {
				vault.owes = mul_div(vault.owes, U256::from(total) << BITS, sum);
			}
		}
	}

	/// Takes `burnt` off a vault's debt; what it owes then is `left`, rounded up, or nothing.
	fn pay(&mut self, id: VaultId, burnt: u128, left: u128) {
		let vault = self.vaults.get_mut(&id).unwrap();
		let token = vault.token;
		*self.owed.get_mut(&token).unwrap() -= burnt;
		vault.owes = match left {
			0 => U256::zero(),
			_ => vault.owes.saturating_sub(U256::from(burnt) << BITS),
		};
		// Whatever the last unit was rounded to, the others owe.
		let rest = (U256::from(self.owed[&token]) << BITS).saturating_sub(self.vaults[&id].owes);
		let rest = (rest + (U256::one() << BITS) - 1) >> BITS;
		self.divide(token, Some(id), rest.as_u128());
	}

	pub fn follow(&mut self, op: &Op) {
		match op {
			Op::SendKwh(from, to, amount) => {
				*self.kwh.get_mut(from).unwrap() -= amount;
				*self.kwh.get_mut(to).unwrap() += amount;
			}
			Op::Donate(who, amount) => *self.tokens.get_mut(&(RSV, *who)).unwrap() -= amount,
			_ => {}
		}
		for event in events(Some) {
			self.hear(event);
		}
	}

	fn hear(&mut self, event: Event<Test>) {
		match event {
			Event::VaultOpened {
				vault, owner, token, ..
			} => {
				let new = ModelVault {
					owner,
					token,
					owes: U256::zero(),
				};
				self.vaults.insert(vault, new);
			}
			Event::TypeAdded { token, .. } => {
				self.owed.insert(token, 0);
			}
			Event::VaultClosed { vault, collateral, .. } => {
				let vault = self.vaults.remove(&vault).unwrap();
				*self.tokens.get_mut(&(vault.token, vault.owner)).unwrap() += collateral;
			}
			Event::CollateralDeposited { vault, from, old, new } => {
				let token = self.vaults[&vault].token;
				*self.tokens.get_mut(&(token, from)).unwrap() -= new - old;
			}
			Event::CollateralWithdrawn { vault, old, new } => {
				let vault = &self.vaults[&vault];
				*self.tokens.get_mut(&(vault.token, vault.owner)).unwrap() += old - new;
			}
			Event::Drawn { vault, amount, fee, .. } => {
				let vault = self.vaults.get_mut(&vault).unwrap();
				vault.owes += U256::from(amount + fee) << BITS;
				*self.owed.get_mut(&vault.token).unwrap() += amount + fee;
				*self.kwh.get_mut(&vault.owner).unwrap() += amount;
				*self.kwh.get_mut(&TREASURY).unwrap() += fee;
				self.divided += 1;
			}
			Event::Repaid {
				vault,
				by: from,
				amount,
				new_debt,
				..
			}
			| Event::Retired {
				vault,
				from,
				amount,
				new_debt,
				..
			} => {
				*self.kwh.get_mut(&from).unwrap() -= amount;
				self.pay(vault, amount, new_debt);
			}
			Event::InterestCharged {
				token, amount, minted, ..
			} => {
				let total = self.owed[&token] + amount;
				self.owed.insert(token, total);
				self.divide(token, None, total);
				*self.kwh.get_mut(&TREASURY).unwrap() += minted;
			}
			Event::RedemptionRequested { request, who, .. } => {
				self.redeemers.insert(request, who);
			}
			Event::VaultRedeemed { vault, burnt, .. } => {
				// Nothing is left, or much more than all that was ever rounded.
				let gone = self.vaults[&vault].owes <= U256::from(burnt + 1_000) << BITS;
				self.pay(vault, burnt, u128::from(!gone));
			}
			Event::Redeemed {
				request,
				token,
				burnt,
				out,
				..
			} => {
				let who = self.redeemers[&request];
				*self.kwh.get_mut(&who).unwrap() -= burnt;
				*self.tokens.get_mut(&(token, who)).unwrap() += out;
			}
			Event::PayoutOwed { token, who, amount, .. } => *self.tokens.get_mut(&(token, who)).unwrap() -= amount,
			Event::PayoutClaimed { token, who, amount } | Event::PoolClaimed { token, who, amount } => {
				*self.tokens.get_mut(&(token, who)).unwrap() += amount;
			}
			Event::RevenueSwept { token, amount } => *self.tokens.get_mut(&(token, TREASURY)).unwrap() += amount,
			Event::Liquidated {
				vault,
				debt,
				redistributed,
				..
			} => {
				let token = self.vaults[&vault].token;
				self.vaults.get_mut(&vault).unwrap().owes = U256::zero();
				let total = self.owed[&token] - debt + redistributed;
				self.owed.insert(token, total);
				self.divide(token, Some(vault), total);
			}
			Event::VaultSwept { vault, debt, .. } => {
				let token = self.vaults[&vault].token;
				self.vaults.get_mut(&vault).unwrap().owes = U256::zero();
				let total = self.owed[&token] - debt;
				self.owed.insert(token, total);
				self.divide(token, Some(vault), total);
			}
			Event::CashedOut { who, token, burnt, out } => {
				*self.kwh.get_mut(&who).unwrap() -= burnt;
				*self.tokens.get_mut(&(token, who)).unwrap() += out;
			}
			Event::PoolDeposited { who, amount, .. } => *self.kwh.get_mut(&who).unwrap() -= amount,
			Event::PoolWithdrawn { who, amount, .. } => *self.kwh.get_mut(&who).unwrap() += amount,
			_ => {}
		}
	}

	pub fn compare(&self, op: &Op) {
		for (who, kwh) in &self.kwh {
			assert_eq!(Balances::total_balance(who), *kwh, "KWH of {who} after {op:?}");
		}
		for ((token, who), amount) in &self.tokens {
			assert_eq!(holdings(*token, *who), *amount, "token {token} of {who} after {op:?}");
		}
		for (token, owed) in &self.owed {
			assert_eq!(kind(*token).books.debt, *owed, "debt of type {token} after {op:?}");
		}
		assert_eq!(Vaults::<Test>::iter().count(), self.vaults.len());
		for (id, vault) in &self.vaults {
			let expected = (vault.owes >> BITS).as_u128();
			let slack = self.divided + 2;
			assert!(
				debt(*id).abs_diff(expected) <= slack,
				"vault {id} owes {}, not {expected}, after {op:?}",
				debt(*id)
			);
		}
	}
}

/// floor(a x b / c)
fn mul_div(a: U256, b: U256, c: U256) -> U256 {
	U256::try_from(a.full_mul(b) / sp_core::U512::from(c)).unwrap()
}
