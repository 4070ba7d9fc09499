//! Redemption of a part against one type: the reserve first, then vaults that are being wound down, then from the riskiest vault
//! that can pay par upward, then those that cannot.

use baseload_math::books::{
	fee,
	key::RiskKey,
	redemption::{is_worth, Redeemed},
	terms::{Price as BooksPrice, BASIS_POINTS},
};
use baseload_primitives::{Balance, TokenId, VaultId, KWH};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding, ArithmeticError, DispatchError, DispatchResult, Perquintill,
	Rounding,
};

use crate::{
	entry::{Entry, REDEMPTION_FLOOR},
	issuance::Source,
	place,
	queue::Steps,
	CollateralType, Config, Error, Event, LastWoundDown, Pallet, Queue, Reached, Request, Types, Vaults,
};

/// What some steps of a redemption did to one type. Amounts are base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
	/// KWH to burn.
	pub(crate) burnt: Balance,
	/// Collateral to pay.
	pub(crate) out: Balance,
	/// True if nothing more will come of this type.
	pub(crate) over: bool,
	/// True if the next step would have paid less than was asked for.
	pub(crate) too_low: bool,
}

/// Where a redemption stands within a type.
struct Course {
	left: Balance,
	rate: u128,
	price: BooksPrice,
	least: Balance,
	part: Part,
}

impl Course {
	/// Whether a step pays at least what was asked for each whole KWH, but for what rounding takes off the payment and the fee.
	fn accepts(&self, paid: &Redeemed) -> bool {
		let needed = multiply_by_rational_with_rounding(paid.burnt, self.least, KWH, Rounding::Up);
		needed.is_some_and(|needed| paid.out.saturating_add(2) >= needed)
	}

	/// Whether no vault has anything to pay for the rest.
	fn is_over(&self) -> bool {
		self.part.over || self.part.too_low || !is_worth(self.left, self.rate, &self.price).unwrap_or(false)
	}

	/// Counts what a step paid.
	fn count(&mut self, paid: &Redeemed) -> Result<(), ArithmeticError> {
		self.left = self.left.saturating_sub(paid.burnt);
		self.part.burnt = self
			.part
			.burnt
			.checked_add(paid.burnt)
			.ok_or(ArithmeticError::Overflow)?;
		self.part.out = self.part.out.checked_add(paid.out).ok_or(ArithmeticError::Overflow)?;
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Redeems up to `left` KWH base units of a request against a type, in at most `steps` steps, and takes what it used off
	/// `steps`; goes on from what was `reached`. Moves no tokens yet. Nothing more comes of a type without a price: what others
	/// pay does not wait for it.
	pub(crate) fn redeem_part(
		request: &Request<T>,
		token: TokenId,
		left: Balance,
		fee: Perquintill,
		reached: &mut Reached,
		steps: &mut Steps,
	) -> Result<Part, DispatchError> {
		let nothing = Part {
			over: true,
			..Part::default()
		};
		let mut kind = Self::kind(token)?;
		if Self::is_impaired(&kind) {
			return Ok(nothing);
		}
		let quote = Self::observe(token, &mut kind);
		Types::<T>::insert(token, &kind);
		let Some(quote) = quote else { return Ok(nothing) };
		let least = request.min_out.iter().find(|(of, _)| *of == token);
		let mut course = Course {
			left,
			rate: fee.deconstruct().into(),
			price: quote.exit,
			least: least.map_or(0, |(_, least)| *least),
			part: Part::default(),
		};
		if *reached == Reached::Reserve {
			Self::redeem_from_reserve(token, &mut course)?;
			let par = Self::par(&kind, &quote.exit);
			for (vault, most) in Self::wound_down(token) {
				if course.is_over() || !steps.take(1) {
					break;
				}
				// Those that cannot pay par wait for their turn, like all others that cannot.
				let key = Vaults::<T>::get(vault).and_then(|vault| vault.books.key());
				let pays = most > 0 && is_worth(most.min(course.left), course.rate, &course.price).unwrap_or(false);
				if !pays || key.is_none_or(|key| key < par) {
					continue;
				}
				Self::redeem_from(token, vault, most, &mut course)?;
				LastWoundDown::<T>::insert(token, vault);
			}
			*reached = Reached::Solvent(None);
		}
		for (vault, passed) in Self::payers(token, &quote.exit, *reached)? {
			if course.is_over() || !steps.take(1) {
				break;
			}
			match Self::redeem_from(token, vault, course.left, &mut course)? {
				// The rest is less than a vault may be left with.
				Some(closed) => course.part.over = !closed,
				None => *reached = passed,
			}
		}
		// With steps to spare nobody is left to pay.
		course.part.over |= !steps.are_used_up() || course.is_over();
		Ok(course.part)
	}

	/// The vaults of a type in the order in which a redemption comes to them, from what was reached; each with what is reached
	/// once it is passed over.
	fn payers(
		token: TokenId,
		price: &BooksPrice,
		reached: Reached,
	) -> Result<impl Iterator<Item = (VaultId, Reached)>, Error<T>> {
		let par = Self::par(&Self::kind(token)?, price);
		let (solvent, passed) = match reached {
			Reached::Reserve => (true, None),
			Reached::Solvent(passed) => (true, passed),
			Reached::UnderWater(passed) => (false, passed),
		};
		let at_par = place(par, VaultId(0));
		let start = passed.map_or(at_par, |passed| passed.max(at_par));
		let above = solvent.then(|| Self::by_risk_from(token, start)).into_iter().flatten();
		let above = above.map(|(key, id)| (place(key, id), id));
		let start = passed.filter(|_| !solvent).unwrap_or([0; 36]);
		let below = Self::by_risk_from(token, start).take_while(move |(key, _)| *key < par);
		let below = below.map(|(key, id)| (place(key, id), id));
		let above = above.map(|(place, id)| (place, id, Reached::Solvent(Some(place))));
		let below = below.map(|(place, id)| (place, id, Reached::UnderWater(Some(place))));
		let on = above.chain(below).filter(move |(place, ..)| Some(*place) != passed);
		Ok(on.map(|(_, id, reached)| (id, reached)))
	}

	/// The first key of a vault that can pay par.
	fn par(kind: &CollateralType, price: &BooksPrice) -> RiskKey {
		let par = kind.books.threshold(price, BASIS_POINTS);
		par.unwrap_or_else(|_| RiskKey::from_be_bytes(&[u8::MAX; 32]))
	}

	fn redeem_from_reserve(token: TokenId, course: &mut Course) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		let redeemed = kind
			.books
			.redeem_reserve(course.left, course.rate, &course.price)
			.map_err(Error::<T>::from)?;
		let Some((books, paid)) = redeemed else { return Ok(()) };
		// A reserve that is worth too little is left to those who take it.
		if !course.accepts(&paid) {
			return Ok(());
		}
		course.count(&paid)?;
		kind.books = books;
		Types::<T>::insert(token, kind);
		Ok(())
	}

	/// Redeems up to `most`, and up to what is left, against one vault. `None` if it would pay nothing; otherwise whether all its
	/// debt is gone.
	fn redeem_from(
		token: TokenId,
		id: VaultId,
		most: Balance,
		course: &mut Course,
	) -> Result<Option<bool>, DispatchError> {
		let kind = Self::kind(token)?;
		let vault = Vaults::<T>::get(id).ok_or(Error::<T>::UnknownVault)?;
		let mut entry = Entry::<T> { id, vault, kind };
		let asked = most.min(course.left);
		let step = entry
			.kind
			.books
			.redeem_vault(&entry.vault.books, asked, REDEMPTION_FLOOR, course.rate, &course.price)
			.map_err(Error::<T>::from)?;
		let Some(step) = step else { return Ok(None) };
		if !course.accepts(&step.outcome) {
			course.part.too_low = true;
			return Ok(None);
		}
		let before = entry.kind.books.collateral;
		let paid = entry.apply(step);
		let collateral = before - entry.kind.books.collateral;
		course.count(&paid)?;
		entry.pay_off(paid.burnt);
		Self::count_wind_down(&entry, paid.burnt);
		Self::give_back(&mut entry.kind, paid.burnt);
		entry.store();
		Self::deposit_event(Event::VaultRedeemed {
			vault: id,
			burnt: paid.burnt,
			collateral,
		});
		Ok(Some(paid.closed))
	}

	/// Burns what a part redeemed, pays its collateral, and raises the fee's base rate.
	pub(crate) fn settle_part(
		queue: &mut Queue,
		id: u64,
		request: &mut Request<T>,
		token: TokenId,
		fee: Perquintill,
		part: &Part,
		supply: Balance,
	) -> DispatchResult {
		if part.burnt == 0 && part.out == 0 {
			return Ok(());
		}
		Self::burn(Source::Locked(&request.who), part.burnt)?;
		request.locked = request
			.locked
			.checked_sub(part.burnt)
			.ok_or(ArithmeticError::Underflow)?;
		queue.locked = queue.locked.checked_sub(part.burnt).ok_or(ArithmeticError::Underflow)?;
		queue.base_rate = fee::raised(queue.base_rate, part.burnt, supply).map_err(Error::<T>::from)?;
		let mut kind: CollateralType = Self::kind(token)?;
		Self::pay_or_owe(token, &mut kind, &request.who, part.out, Some(id))?;
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::Redeemed {
			request: id,
			token,
			burnt: part.burnt,
			out: part.out,
			fee,
		});
		Ok(())
	}
}
