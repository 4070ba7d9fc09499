//! Who gets a project's revenue, in which order.
//!
//! An inflow runs down the tiers, and each takes at most what is due to it:
//!
//! | tier | takes |
//! |---|---|
//! | O&M, fees, interest, principal | what is due to its rows; if there is less, rows share in proportion, at cumulative floors |
//! | reserve | up to its target, to pay interest and principal in a thin month |
//! | sweep | its share, all of it while the project is locked, up to the vault's debt |
//! | equity | the residue; kept as `locked` while the project is locked |
//!
//! **Locked**: cash flow available for debt service is below `lock` times the debt service, or interest or principal is
//! due. A bill of either adds to the debt service; a test replaces both figures. A test that finds the project no longer
//! locked fills the reserve out of what was locked, then frees the rest to equity. At a service date the reserve, then what
//! is locked, pays what is due of interest, then of principal.
//!
//! Whatever happens, what all tiers got adds up to the inflow, to the unit.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, U256};

use crate::split::Cut;

/// The most rows of a tier.
pub const MAX_ROWS: u32 = 64;

const MILLION: u128 = 1_000_000;

/// Base units of the currency.
type Money = u128;

/// Parts per million.
type Ppm = u32;

/// Tiers that pay rows of claimants, in the order in which they are paid.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Tier {
	/// Operation and maintenance.
	#[codec(index = 0)]
	Om,
	/// Fees of agents.
	#[codec(index = 1)]
	Fees,
	/// Interest to lenders.
	#[codec(index = 2)]
	Interest,
	/// Principal to lenders.
	#[codec(index = 3)]
	Principal,
}

impl Tier {
	/// All tiers in order.
	pub const ALL: [Self; 4] = [Self::Om, Self::Fees, Self::Interest, Self::Principal];

	/// True for interest and principal.
	pub const fn is_debt_service(self) -> bool {
		matches!(self, Self::Interest | Self::Principal)
	}
}

/// Why something is refused. What is refused changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// A number does not fit.
	Overflow,
	/// The tier has no such row.
	NoSuchRow,
	/// The O&M budget does not cover it.
	Budget,
	/// Ratios or rows that make no sense.
	BadTerms,
}

/// A claimant of a tier, in base units.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Row {
	/// Billed and not yet paid.
	pub due: Money,
	/// Ever paid.
	pub got: Money,
}

/// The rows of a tier, of equal rank.
pub type Rows = BoundedVec<Row, ConstU32<MAX_ROWS>>;

/// A project's clauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// What the reserve should hold, in base units.
	pub reserve_target: Money,
	/// The sweep's share of what reaches it, at most the whole.
	pub sweep: Ppm,
	/// The lowest cover of debt service at which the project is not locked; 1.2 is 1,200,000.
	pub lock: Ppm,
	/// The O&M budget, in base units.
	pub om_budget: Money,
}

/// A project's revenue so far and what is due. Money in base units.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Waterfall {
	terms: Terms,
	tiers: [Rows; 4],
	/// In the reserve.
	reserve: Money,
	/// Ever used to retire the vault's debt.
	swept: Money,
	/// What the vault still owes.
	vault_debt: Money,
	/// Kept back from equity.
	locked: Money,
	/// Ever given to equity.
	equity: Money,
	/// Ever received.
	inflow: Money,
	/// O&M billed against the budget.
	om_billed: Money,
	/// Cash flow available for debt service, as last tested.
	cash_flow: Money,
	/// Debt service: as last tested, and what was billed since.
	service: Money,
}

impl Waterfall {
	/// A project with these amounts due to the rows of its tiers, and a vault that owes `vault_debt`. What is due at the
	/// start is O&M of the budget, but not debt service that the cover is tested against.
	///
	/// `BadTerms` if a tier has too many rows or the sweep takes more than the whole; `Budget` if O&M is above it.
	pub fn new(terms: Terms, due: [&[Money]; 4], vault_debt: Money) -> Result<Self, Refusal> {
		if u128::from(terms.sweep) > MILLION {
			return Err(Refusal::BadTerms);
		}
		let mut project = Self {
			terms,
			tiers: Default::default(),
			reserve: 0,
			swept: 0,
			vault_debt,
			locked: 0,
			equity: 0,
			inflow: 0,
			om_billed: 0,
			cash_flow: 0,
			service: 0,
		};
		for (rows, due) in project.tiers.iter_mut().zip(due) {
			let fresh = due.iter().map(|due| Row { due: *due, got: 0 });
			rows.try_extend(fresh).map_err(|_| Refusal::BadTerms)?;
		}
		for tier in Tier::ALL {
			// Checks that the sums of what is due fit.
			project.due(tier)?;
		}
		project.om_billed = project.due(Tier::Om)?;
		if project.om_billed > terms.om_budget {
			return Err(Refusal::Budget);
		}
		Ok(project)
	}

	/// Takes in `amount` of revenue and runs it down the tiers.
	pub fn receive(&mut self, amount: Money) -> Result<(), Refusal> {
		let mut next = self.clone();
		add(&mut next.inflow, amount)?;
		let mut left = amount;
		for tier in Tier::ALL {
			next.pay(tier, &mut left)?;
		}
		next.fill_reserve(&mut left)?;
		let locked = next.is_locked()?;
		let share = if locked { left } else { share(left, next.terms.sweep) };
		let swept = share.min(next.vault_debt);
		next.vault_debt -= swept;
		add(&mut next.swept, swept)?;
		left -= swept;
		add(if locked { &mut next.locked } else { &mut next.equity }, left)?;
		*self = next;
		Ok(())
	}

	/// Bills `amount` to `row` of `tier`. `Budget` if it is O&M that the budget does not cover.
	pub fn bill(&mut self, tier: Tier, row: u32, amount: Money) -> Result<(), Refusal> {
		let mut next = self.clone();
		let rows = &mut next.tiers[tier as usize];
		let row = rows.get_mut(row as usize).ok_or(Refusal::NoSuchRow)?;
		add(&mut row.due, amount)?;
		next.due(tier)?;
		if tier == Tier::Om {
			add(&mut next.om_billed, amount)?;
			if next.om_billed > next.terms.om_budget {
				return Err(Refusal::Budget);
			}
		}
		if tier.is_debt_service() {
			add(&mut next.service, amount)?;
		}
		*self = next;
		Ok(())
	}

	/// A service date: the reserve, then what is locked, pays what is due of interest, then of principal.
	pub fn service_due(&mut self) -> Result<(), Refusal> {
		let mut next = self.clone();
		let (mut reserve, mut locked) = (next.reserve, next.locked);
		for source in [&mut reserve, &mut locked] {
			for tier in Tier::ALL.into_iter().filter(|tier| tier.is_debt_service()) {
				next.pay(tier, source)?;
			}
		}
		next.reserve = reserve;
		next.locked = locked;
		*self = next;
		Ok(())
	}

	/// A test of the cover: `cash_flow` available for debt service against `service`. If the project is not locked then,
	/// what was locked fills the reserve and goes to equity.
	pub fn test(&mut self, cash_flow: Money, service: Money) -> Result<(), Refusal> {
		let mut next = self.clone();
		next.cash_flow = cash_flow;
		next.service = service;
		if !next.is_locked()? {
			let mut freed = core::mem::take(&mut next.locked);
			next.fill_reserve(&mut freed)?;
			add(&mut next.equity, freed)?;
		}
		*self = next;
		Ok(())
	}

	/// True while equity gets nothing.
	pub fn is_locked(&self) -> Result<bool, Refusal> {
		let cover = U256::from(self.cash_flow) * U256::from(MILLION);
		let required = U256::from(self.service) * U256::from(self.terms.lock);
		Ok(cover < required || self.due(Tier::Interest)? > 0 || self.due(Tier::Principal)? > 0)
	}

	/// The rows of a tier.
	pub fn rows(&self, tier: Tier) -> &[Row] {
		&self.tiers[tier as usize]
	}

	/// What is due in a tier.
	pub fn due(&self, tier: Tier) -> Result<Money, Refusal> {
		let mut sum = 0;
		self.rows(tier).iter().try_for_each(|row| add(&mut sum, row.due))?;
		Ok(sum)
	}

	/// What is in the reserve.
	pub fn reserve(&self) -> Money {
		self.reserve
	}

	/// What the sweep took so far.
	pub fn swept(&self) -> Money {
		self.swept
	}

	/// What the vault still owes.
	pub fn vault_debt(&self) -> Money {
		self.vault_debt
	}

	/// What is kept back from equity.
	pub fn locked(&self) -> Money {
		self.locked
	}

	/// What equity got so far.
	pub fn equity(&self) -> Money {
		self.equity
	}

	/// What came in so far.
	pub fn inflow(&self) -> Money {
		self.inflow
	}

	/// O&M billed against the budget so far.
	pub fn om_billed(&self) -> Money {
		self.om_billed
	}

	/// True if what all tiers got adds up to the inflow.
	pub fn is_consistent(&self) -> bool {
		let rows = self.tiers.iter().flatten().map(|row| row.got);
		let rest = [self.reserve, self.swept, self.locked, self.equity];
		let mut sum = 0;
		let fits = rows.chain(rest).try_for_each(|amount| add(&mut sum, amount));
		fits.is_ok() && sum == self.inflow
	}

	/// Pays the rows of a tier out of `source`, in proportion to what is due to them.
	fn pay(&mut self, tier: Tier, source: &mut Money) -> Result<(), Refusal> {
		let due = self.due(tier)?;
		let paid = due.min(*source);
		*source -= paid;
		let mut cut = Cut::new(paid, due);
		for row in self.tiers[tier as usize].iter_mut() {
			let share = cut.take(row.due);
			// A share of at most what is due in all is, row by row, at most what is due to the row.
			row.due -= share;
			add(&mut row.got, share)?;
		}
		Ok(())
	}

	fn fill_reserve(&mut self, source: &mut Money) -> Result<(), Refusal> {
		let missing = self.terms.reserve_target.saturating_sub(self.reserve);
		let filled = missing.min(*source);
		*source -= filled;
		add(&mut self.reserve, filled)
	}
}

/// floor(`amount` x `ratio` / 10^6), exact for any amount and a ratio of at most the whole.
fn share(amount: Money, ratio: Ppm) -> Money {
	Cut::new(amount, MILLION).take(ratio.into())
}

fn add(account: &mut Money, amount: Money) -> Result<(), Refusal> {
	*account = account.checked_add(amount).ok_or(Refusal::Overflow)?;
	Ok(())
}

#[cfg(test)]
mod tests;
