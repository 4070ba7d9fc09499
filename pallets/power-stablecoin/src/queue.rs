//! The redemption queue: requests wait for the first price observed after them, and are executed in the order they came.

use baseload_math::books::fee::FeeTerms;
use baseload_primitives::{hold_sparing, Balance, TokenId};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, InspectHold, MutateHold},
		tokens::Precision,
		Get, Time,
	},
	weights::Weight,
	BoundedVec,
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult, Perquintill};

use crate::{
	Config, EndReason, Error, Event, Execution, HoldReason, Pallet, Queue, Reached, Redemptions, Request, Requests,
	Tokens, Types, WeightInfo,
};

/// Bounds of the redemption fee: 0.5 % to 5 %.
pub(crate) const FEES: FeeTerms = FeeTerms {
	least: 5_000_000_000_000_000,
	cap: 50_000_000_000_000_000,
};

/// What came of working on a request.
enum Worked {
	/// It is over.
	Ended(EndReason),
	/// The steps did not suffice.
	GoesOn,
	/// It waits for a price, or for a liquidation.
	Waits,
}

/// What working on the queue may still do. One look at all types and one payment are in the weight of every portion of work;
/// whatever of it comes again takes steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
	left: u32,
	looked: bool,
	paid: bool,
}

impl Steps {
	pub(crate) fn new(left: u32) -> Self {
		Self {
			left,
			looked: false,
			paid: false,
		}
	}

	/// Takes `count` steps, or else all that are left; says whether there were as many.
	pub(crate) fn take(&mut self, count: u32) -> bool {
		let suffices = self.left >= count;
		self.left = self.left.saturating_sub(count);
		suffices
	}

	/// Takes a look at so many types.
	fn look(&mut self, types: u32) -> bool {
		!core::mem::replace(&mut self.looked, true) || self.take(types)
	}

	/// Makes a payment.
	fn pay(&mut self) -> bool {
		!core::mem::replace(&mut self.paid, true) || self.take(1)
	}

	/// Whether there are none left.
	pub(crate) fn are_used_up(&self) -> bool {
		self.left == 0
	}
}

impl<T: Config> Pallet<T> {
	/// Of working on the queue for so many steps. A step is a vault at the most, or a look at the price of a type.
	pub(crate) fn queue_weight(steps: u32) -> Weight {
		let looks = T::WeightInfo::observe().saturating_mul(steps.into());
		T::WeightInfo::work_queue(steps).saturating_add(looks)
	}

	pub(crate) fn do_redeem(
		who: T::AccountId,
		amount: Balance,
		max_fee: Perquintill,
		min_out: BoundedVec<(TokenId, Balance), T::MaxTypes>,
	) -> DispatchResult {
		Self::ensure_running()?;
		ensure!(amount >= T::MinRedemption::get(), Error::<T>::RedemptionTooSmall);
		for (position, (token, _)) in min_out.iter().enumerate() {
			ensure!(Types::<T>::contains_key(token), Error::<T>::UnknownType);
			let again = min_out.iter().skip(position + 1).any(|(other, _)| other == token);
			ensure!(!again, Error::<T>::DuplicateToken);
		}
		// No fee is ever lower: such a request could only end, and take a place until it does.
		ensure!(
			u128::from(max_fee.deconstruct()) >= FEES.least,
			Error::<T>::MaxFeeTooLow
		);
		let mut queue = Redemptions::<T>::get();
		ensure!(queue.waiting < T::MaxQueue::get(), Error::<T>::QueueFull);
		hold_sparing::<_, T::Kwh>(&HoldReason::Redemption.into(), &who, amount)?;
		let id = queue.tail;
		queue.tail = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		queue.waiting += 1;
		queue.locked = queue.locked.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		let request = Request {
			who: who.clone(),
			locked: amount,
			max_fee,
			min_out,
			requested_at: T::Time::now(),
			execution: None,
		};
		Requests::<T>::insert(id, request);
		Redemptions::<T>::put(queue);
		Self::deposit_event(Event::RedemptionRequested {
			request: id,
			who,
			amount,
		});
		Ok(())
	}

	pub(crate) fn do_cancel_redemption(who: &T::AccountId, id: u64) -> DispatchResult {
		let request = Requests::<T>::get(id)
			.filter(|request| &request.who == who)
			.ok_or(Error::<T>::UnknownRedemption)?;
		ensure!(request.execution.is_none(), Error::<T>::RedemptionBegun);
		let mut queue = Redemptions::<T>::get();
		Self::end(&mut queue, id, request, EndReason::Cancelled)?;
		Redemptions::<T>::put(queue);
		Ok(())
	}

	pub(crate) fn do_work_queue(steps: u32) -> DispatchResult {
		ensure!(Self::work_queue_for(steps)? > 0, Error::<T>::NothingDue);
		Ok(())
	}

	/// Works on the queue for at most `steps` steps; returns how many did something.
	pub(crate) fn work_queue_for(steps: u32) -> Result<u32, DispatchError> {
		let mut left = Steps::new(steps);
		let mut queue = Redemptions::<T>::get();
		while !left.are_used_up() && queue.head < queue.tail {
			let id = queue.head;
			let Some(mut request) = Requests::<T>::get(id) else {
				// Cancelled before its turn.
				left.take(1);
				queue.head = id + 1;
				continue;
			};
			if Self::is_shut_down() {
				Self::end(&mut queue, id, request, EndReason::ShutDown)?;
				left.take(1);
				queue.head = id + 1;
				continue;
			}
			// Its own layer: a request that fails is undone as far as this block's work goes, and ends.
			let worked = with_storage_layer(|| {
				let (mut queue, mut request, mut left) = (queue, request.clone(), left);
				let worked = Self::work_on(&mut queue, id, &mut request, &mut left)?;
				Ok::<_, DispatchError>((queue, request, left, worked))
			});
			let reason = match worked {
				Ok((after, worked_on, steps_left, worked)) => {
					(queue, request, left) = (after, worked_on, steps_left);
					match worked {
						Worked::Ended(reason) => reason,
						Worked::GoesOn => {
							Requests::<T>::insert(id, request);
							break;
						}
						Worked::Waits => break,
					}
				}
				Err(_) => {
					// What it did before it failed is undone, but was done.
					left = Steps::new(0);
					EndReason::Failed
				}
			};
			left.take(1);
			Self::end(&mut queue, id, request, reason)?;
			queue.head = id + 1;
		}
		Redemptions::<T>::put(queue);
		Ok(steps - left.left)
	}

	fn work_on(
		queue: &mut Queue,
		id: u64,
		request: &mut Request<T>,
		steps: &mut Steps,
	) -> Result<Worked, DispatchError> {
		let mut execution = match request.execution.take() {
			Some(execution) => execution,
			None if !steps.look(Tokens::<T>::decode_len().unwrap_or_default() as u32) => return Ok(Worked::GoesOn),
			None => match Self::begin(queue, request)? {
				Ok(execution) => execution,
				Err(worked) => return Ok(worked),
			},
		};
		let mut worked = None;
		while let Some((token, left)) = execution.left.iter_mut().next() {
			if steps.are_used_up() || !steps.pay() {
				worked = Some(Worked::GoesOn);
				break;
			}
			// Once there is no price at all, none of its types can go on.
			if Self::reference().is_none() {
				worked = Some(Worked::Waits);
				break;
			}
			let part = Self::redeem_part(request, *token, *left, execution.fee, &mut execution.reached, steps)?;
			let supply = T::Kwh::total_issuance();
			Self::settle_part(queue, id, request, *token, execution.fee, &part, supply)?;
			*left = left.saturating_sub(part.burnt);
			execution.too_low |= part.too_low;
			if part.over || part.too_low || *left == 0 {
				execution.left.remove(0);
				execution.reached = Reached::default();
			}
		}
		let worked = worked.unwrap_or(Worked::Ended(match execution.too_low {
			true => EndReason::OutTooLow,
			false => EndReason::Done,
		}));
		// What has paid out cannot be cancelled any more, also while it waits.
		request.execution = Some(execution);
		if let Worked::Waits = worked {
			Requests::<T>::insert(id, request.clone());
		}
		Ok(worked)
	}

	/// Begins a request, if a price was observed after it for every type that has one and owes anything; fixes its fee, and what
	/// each type is to pay for.
	fn begin(queue: &Queue, request: &Request<T>) -> Result<Result<Execution<T>, Worked>, DispatchError> {
		let mut weights = BoundedVec::<(TokenId, Balance), T::MaxTypes>::new();
		let mut all: Balance = 0;
		for token in Tokens::<T>::get() {
			let mut kind = Self::kind(token)?;
			let owed = kind.books.debt.saturating_add(kind.books.shortfall);
			if Self::is_impaired(&kind) || owed == 0 {
				continue;
			}
			let quote = Self::observe(token, &mut kind);
			Types::<T>::insert(token, &kind);
			let Some(quote) = quote else { continue };
			let first = Self::ensure_liquidation(&kind).is_ok() && Self::front_is_unsafe(token, &kind, &quote)?;
			if kind.market.at <= request.requested_at || first {
				return Ok(Err(Worked::Waits));
			}
			all = all.checked_add(owed).ok_or(ArithmeticError::Overflow)?;
			// No more types than there may be.
			let _ = weights.try_push((token, owed));
		}
		if all == 0 {
			return Ok(Err(Worked::Waits));
		}
		let supply = T::Kwh::total_issuance();
		let fee = FEES
			.rate(queue.base_rate, request.locked, supply)
			.map_err(Error::<T>::from)?;
		let fee = Perquintill::from_parts(u64::try_from(fee).map_err(|_| ArithmeticError::Overflow)?);
		if fee > request.max_fee {
			return Ok(Err(Worked::Ended(EndReason::FeeTooHigh)));
		}
		Ok(Ok(Execution {
			fee,
			left: Self::split(request.locked, weights, all),
			reached: Reached::default(),
			too_low: false,
		}))
	}

	/// Splits `amount` in proportion to the weights, whose sum is `all`, none beyond its weight. What rounding leaves goes to the
	/// first with room.
	pub(crate) fn split(
		amount: Balance,
		mut weights: BoundedVec<(TokenId, Balance), T::MaxTypes>,
		all: Balance,
	) -> BoundedVec<(TokenId, Balance), T::MaxTypes> {
		let mut rest = amount.min(all);
		let whole = rest;
		let parts: alloc::vec::Vec<Balance> = weights
			.iter()
			.map(|(_, weight)| {
				sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
					whole,
					*weight,
					all,
					sp_runtime::Rounding::Down,
				)
				.unwrap_or(0)
			})
			.collect();
		rest = parts.iter().fold(rest, |rest, part| rest.saturating_sub(*part));
		for ((_, weight), part) in weights.iter_mut().zip(parts) {
			let more = rest.min(weight.saturating_sub(part));
			rest -= more;
			*weight = part + more;
		}
		weights.retain(|(_, part)| *part > 0);
		weights
	}

	/// Ends a request: what is still locked is free again.
	fn end(queue: &mut Queue, id: u64, request: Request<T>, reason: EndReason) -> DispatchResult {
		let Request { who, locked, .. } = request;
		if locked > 0 {
			let held = T::Kwh::balance_on_hold(&HoldReason::Redemption.into(), &who);
			T::Kwh::release(&HoldReason::Redemption.into(), &who, locked.min(held), Precision::Exact)?;
		}
		queue.locked = queue.locked.saturating_sub(locked);
		queue.waiting = queue.waiting.saturating_sub(1);
		Requests::<T>::remove(id);
		Self::deposit_event(Event::RedemptionEnded {
			request: id,
			who,
			released: locked,
			reason,
		});
		Ok(())
	}
}
