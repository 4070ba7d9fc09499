//! The naive model: maps, and plain arithmetic on small numbers.

use std::collections::BTreeMap;

use baseload_primitives::{Moment, SiteId, VaultId, KWH};

use super::*;
use crate::{Issuance, NextVault};

/// Whether a call must pass. It may where the last unit of an account depends on what else keeps the account alive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Must {
	Pass,
	Either,
	Fail,
}

struct ModelVault {
	owner: AccountId,
	collateral: u128,
	debt: u128,
	sites: Vec<u32>,
	declared: u128,
}

pub struct Model {
	kwh: BTreeMap<AccountId, u128>,
	reserve: BTreeMap<AccountId, u128>,
	donated: u128,
	vaults: BTreeMap<u32, ModelVault>,
	next: u32,
	/// Owner, Wh, pledged.
	pub sites: BTreeMap<u32, (AccountId, u128, bool)>,
	reference: Option<u128>,
	collateral: Option<u128>,
	elapsed: Moment,
	minted: u128,
	burnt: u128,
}

/// What spending `amount` of `has` leads to, if an account keeps nothing or at least `min`.
fn spend(has: u128, amount: u128, min: u128) -> Must {
	match has.checked_sub(amount) {
		Some(rest) if rest >= min => Must::Pass,
		Some(0) => Must::Either,
		_ => Must::Fail,
	}
}

fn pass_if(condition: bool) -> Must {
	if condition {
		Must::Pass
	} else {
		Must::Fail
	}
}

impl Model {
	pub fn new() -> Self {
		let genesis = ModelVault {
			owner: BANK,
			collateral: 3_000 * RESERVE,
			debt: 10_000 * KWH,
			sites: vec![],
			declared: energy_for(10_000).0.into(),
		};
		Self {
			kwh: ACCOUNTS.map(|who| (who, kwh(who))).into(),
			reserve: ACCOUNTS.map(|who| (who, reserve(who))).into(),
			donated: 0,
			vaults: [(0, genesis)].into(),
			next: 1,
			sites: (0..SITES)
				.map(|site| (site, (ACCOUNTS[site as usize % 3], 0, false)))
				.collect(),
			reference: Some(100),
			collateral: Some(MILLI),
			elapsed: 0,
			minted: 0,
			burnt: 0,
		}
	}

	fn total_debt(&self) -> u128 {
		self.vaults.values().map(|vault| vault.debt).sum()
	}

	fn energy(&self, vault: &ModelVault) -> u128 {
		let left = WINDOW.saturating_sub(self.elapsed);
		let sites: u128 = vault.sites.iter().map(|site| self.sites[site].1).sum();
		sites + vault.declared * u128::from(left) / u128::from(WINDOW)
	}

	/// A half of the energy, at par.
	fn energy_covers(&self, vault: &ModelVault, debt: u128) -> bool {
		debt == 0 || 2 * debt <= self.energy(vault) * 1_000_000_000
	}

	/// collateral / 10^6 x pc >= 3/2 x debt / 10^12 x pr; `None` if a price is missing.
	fn collateral_covers(&self, collateral: u128, debt: u128) -> Option<bool> {
		let (reference, price) = (self.reference?, self.collateral?);
		Some(collateral * price * 2 * 1_000_000 >= 3 * debt * reference)
	}

	/// By bisection: the most that can be drawn.
	fn drawable(&self, vault: &ModelVault) -> Option<u128> {
		self.collateral_covers(0, 0)?;
		let allowed = |debt: u128| {
			self.energy_covers(vault, debt)
				&& self.collateral_covers(vault.collateral, debt) == Some(true)
				&& self.total_debt() - vault.debt + debt <= CEILING.max(self.total_debt())
		};
		let (mut low, mut high) = (0, CEILING + 1);
		while high - low > 1 {
			let middle = (low + high) / 2;
			if allowed(middle) {
				low = middle
			} else {
				high = middle
			}
		}
		Some(if low < MIN_DEBT {
			0
		} else {
			low.saturating_sub(vault.debt)
		})
	}

	/// Turns `op` to a vault that exists, its owner, and a site that fits, so that most histories get far. An `exact` draw
	/// is of all that can be drawn, or of one unit more.
	pub fn aim(&self, op: Op, exact: bool) -> Op {
		let existing = |id: u32| self.vaults.iter().nth(id as usize % self.vaults.len().max(1));
		let Some((&id, vault)) = op.vault().and_then(existing) else {
			return op;
		};
		let nth = |site: u32, sites: Vec<u32>| sites.get(site as usize % sites.len().max(1)).copied().unwrap_or(site);
		let owner = vault.owner;
		match op {
			Op::Deposit(who, _, amount) => Op::Deposit(who, id, amount),
			Op::Repay(who, _, amount) => Op::Repay(who, id, amount),
			Op::Retire(who, _, amount) => Op::Retire(who, id, amount),
			Op::Withdraw(_, _, amount) => Op::Withdraw(owner, id, amount),
			Op::Close(..) => Op::Close(owner, id),
			Op::Draw(_, _, amount) => match self.drawable(vault) {
				Some(most) if exact => Op::Draw(owner, id, most + amount % 2),
				_ => Op::Draw(owner, id, amount),
			},
			Op::Pledge(_, _, site) => {
				let free = self
					.sites
					.iter()
					.filter(|(_, (of, _, pledged))| *of == owner && !pledged);
				Op::Pledge(owner, id, nth(site, free.map(|(site, _)| *site).collect()))
			}
			Op::Release(_, _, site) => Op::Release(owner, id, nth(site, vault.sites.clone())),
			other => other,
		}
	}

	/// What must come of `op`, judged on the state before it.
	pub fn judge(&self, op: &Op) -> Must {
		let vault = |id: &u32| self.vaults.get(id);
		let owned = |who: &AccountId, id: &u32| vault(id).filter(|vault| vault.owner == *who);
		let whole = |collateral: u128| collateral == 0 || collateral >= RESERVE_MIN;
		match op {
			Op::Open(who) => pass_if(self.kwh[who] >= DEPOSIT + KWH_MIN),
			Op::Deposit(who, id, amount) => match vault(id) {
				Some(vault) if *amount > 0 && vault.collateral.checked_add(*amount).is_some_and(whole) => {
					spend(self.reserve[who], *amount, RESERVE_MIN)
				}
				_ => Must::Fail,
			},
			Op::Pledge(who, id, site) => pass_if(owned(who, id).is_some_and(|vault| {
				let (site_owner, _, pledged) = self.sites[site];
				site_owner == *who && !pledged && vault.sites.len() < 4
			})),
			Op::Release(who, id, site) => pass_if(owned(who, id).is_some_and(|vault| {
				let rest = ModelVault {
					sites: vault.sites.iter().copied().filter(|pledged| pledged != site).collect(),
					..*vault
				};
				vault.sites.contains(site) && self.energy_covers(&rest, vault.debt)
			})),
			Op::Draw(who, id, amount) => pass_if(owned(who, id).is_some_and(|vault| {
				let fits = *amount > 0 && *amount <= CEILING && self.total_debt() + amount <= CEILING;
				fits && {
					let debt = vault.debt + amount;
					debt >= MIN_DEBT
						&& self.energy_covers(vault, debt)
						&& self.collateral_covers(vault.collateral, debt) == Some(true)
						&& self.kwh[who] + amount >= KWH_MIN
				}
			})),
			Op::Repay(who, id, amount) => match vault(id) {
				Some(vault) if *amount > 0 && vault.debt > 0 => {
					let paid = vault.debt.min(*amount);
					if paid < vault.debt && vault.debt - paid < MIN_DEBT {
						Must::Fail
					} else {
						spend(self.kwh[who], paid, KWH_MIN)
					}
				}
				_ => Must::Fail,
			},
			Op::Retire(who, id, amount) => match vault(id).map_or(0, |vault| vault.debt.min(*amount)) {
				0 => Must::Pass,
				paid => spend(self.kwh[who], paid, KWH_MIN),
			},
			Op::Withdraw(who, id, amount) => pass_if(owned(who, id).is_some_and(|vault| {
				let rest = vault.collateral.checked_sub(*amount);
				*amount > 0
					&& rest.is_some_and(|rest| {
						whole(rest)
							&& (vault.debt == 0 || self.collateral_covers(rest, vault.debt) == Some(true))
							&& self.reserve[who] + amount >= RESERVE_MIN
					})
			})),
			Op::Close(who, id) => pass_if(owned(who, id).is_some_and(|vault| vault.debt == 0)),
			Op::SendKwh(_, _, 0) => Must::Either,
			Op::SendKwh(from, to, amount) => match spend(self.kwh[from], *amount, KWH_MIN) {
				Must::Pass if self.kwh[to] + amount >= KWH_MIN => Must::Pass,
				Must::Pass => Must::Fail,
				other => other,
			},
			Op::Donate(who, amount) => match spend(self.reserve[who], *amount, RESERVE_MIN) {
				// The pallet's account may be too empty to take it.
				Must::Pass => Must::Either,
				other => other,
			},
			Op::Attest(..) | Op::Prices(..) | Op::Wait(..) => Must::Pass,
		}
	}

	/// What `op` does when it passes.
	pub fn apply(&mut self, op: &Op) {
		match op {
			Op::Open(who) => {
				*self.kwh.get_mut(who).unwrap() -= DEPOSIT;
				let vault = ModelVault {
					owner: *who,
					collateral: 0,
					debt: 0,
					sites: vec![],
					declared: 0,
				};
				self.vaults.insert(self.next, vault);
				self.next += 1;
			}
			Op::Deposit(who, id, amount) => {
				*self.reserve.get_mut(who).unwrap() -= amount;
				self.vaults.get_mut(id).unwrap().collateral += amount;
			}
			Op::Pledge(_, id, site) => {
				self.vaults.get_mut(id).unwrap().sites.push(*site);
				self.sites.get_mut(site).unwrap().2 = true;
			}
			Op::Release(_, id, site) => {
				self.vaults.get_mut(id).unwrap().sites.retain(|pledged| pledged != site);
				self.sites.get_mut(site).unwrap().2 = false;
			}
			Op::Draw(who, id, amount) => {
				self.vaults.get_mut(id).unwrap().debt += amount;
				*self.kwh.get_mut(who).unwrap() += amount;
				self.minted += amount;
			}
			Op::Repay(who, id, amount) | Op::Retire(who, id, amount) => {
				if let Some(vault) = self.vaults.get_mut(id) {
					let paid = vault.debt.min(*amount);
					vault.debt -= paid;
					*self.kwh.get_mut(who).unwrap() -= paid;
					self.burnt += paid;
				}
			}
			Op::Withdraw(who, id, amount) => {
				self.vaults.get_mut(id).unwrap().collateral -= amount;
				*self.reserve.get_mut(who).unwrap() += amount;
			}
			Op::Close(who, id) => {
				let vault = self.vaults.remove(id).unwrap();
				*self.reserve.get_mut(who).unwrap() += vault.collateral;
				*self.kwh.get_mut(who).unwrap() += DEPOSIT;
				for site in vault.sites {
					self.sites.get_mut(&site).unwrap().2 = false;
				}
			}
			Op::Attest(site, wh) => self.sites.get_mut(site).unwrap().1 = (*wh).into(),
			Op::Prices(reference, collateral) => {
				let price = |given: &Option<u16>| given.filter(|milli| *milli > 0).map(u128::from);
				(self.reference, self.collateral) = (price(reference), price(collateral));
			}
			Op::Wait(time) => self.elapsed += time,
			Op::SendKwh(from, to, amount) => {
				*self.kwh.get_mut(from).unwrap() -= amount;
				*self.kwh.get_mut(to).unwrap() += amount;
			}
			Op::Donate(who, amount) => {
				*self.reserve.get_mut(who).unwrap() -= amount;
				self.donated += amount;
			}
		}
	}

	pub fn compare(&self) {
		for who in ACCOUNTS {
			assert_eq!(
				(kwh(who), reserve(who)),
				(self.kwh[&who], self.reserve[&who]),
				"balances of {who}"
			);
		}
		assert_eq!(kwh(TREASURY), KWH, "nothing went to dust");
		assert_eq!(NextVault::<Test>::get(), VaultId(self.next));
		assert_eq!(Vaults::<Test>::iter().count(), self.vaults.len());
		for (id, expected) in &self.vaults {
			let view = PowerStablecoin::vault(VaultId(*id)).unwrap();
			assert_eq!(view.owner, expected.owner);
			assert_eq!((view.collateral, view.debt), (expected.collateral, expected.debt));
			assert_eq!(
				view.sites,
				expected.sites.iter().copied().map(SiteId).collect::<Vec<_>>()
			);
			assert_eq!(u128::from(view.energy.0), self.energy(expected));
			assert_eq!(view.drawable, self.drawable(expected));
		}
		let issued = Issuance::<Test>::get();
		assert_eq!((issued.minted, issued.burnt), (self.minted, self.burnt));
		let collateral: u128 = self.vaults.values().map(|vault| vault.collateral).sum();
		assert_eq!(reserve(PowerStablecoin::account()), collateral + self.donated);
	}
}
