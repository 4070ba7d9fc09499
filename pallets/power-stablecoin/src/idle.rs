//! What a block does with the weight that it has left: prices, liquidations, energy covers, redemptions, in this order.

use frame_support::weights::{Weight, WeightMeter};

use crate::{Config, Pallet, Redemptions, Tokens, Types, WeightInfo, MAX_STEPS};

/// How many portions of the queue a block works on by itself. To find the riskiest vault, the state passes over each that left the
/// index in the same block, once for each request and portion; no weight knows how many these are.
const PORTIONS: u32 = 8;

impl<T: Config> Pallet<T> {
	/// Serves within `limit`; returns what it used.
	pub(crate) fn serve(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		// Reading what there is to do is the first thing to pay for.
		if meter.try_consume(T::WeightInfo::look()).is_err() {
			return meter.consumed();
		}
		if Self::is_shut_down() {
			let one = T::WeightInfo::sweep_vaults(1);
			for token in Tokens::<T>::get() {
				let mut last = None;
				// A sweep that fails is tried again with the next block.
				while meter.can_consume(one) && Self::sweep_front(token, &mut last) == Ok(true) {
					meter.consume(one);
				}
			}
			Self::serve_queue(&mut meter);
			return meter.consumed();
		}
		let mut liquidated = 0u32;
		for token in Tokens::<T>::get() {
			if meter.try_consume(T::WeightInfo::observe()).is_err() {
				return meter.consumed();
			}
			let Ok(mut kind) = Self::kind(token) else { continue };
			let before = kind.clone();
			let quote = Self::observe(token, &mut kind);
			let liquidates = Self::ensure_liquidation(&kind).is_ok();
			if kind != before {
				Types::<T>::insert(token, kind);
			}
			let Some(quote) = quote.filter(|_| liquidates) else {
				continue;
			};
			let (one, mut last) = (T::WeightInfo::liquidate(1), None);
			// A liquidation that fails is tried again with the next block; there is nothing else to do about it here.
			while meter.can_consume(one) && Self::liquidate_front(token, &quote, &mut last) == Ok(true) {
				meter.consume(one);
				liquidated += 1;
			}
		}
		Self::watch_covers(&mut meter);
		// Behind so many that left the index, redemptions wait for the next block.
		if liquidated <= MAX_STEPS {
			Self::serve_queue(&mut meter);
		}
		meter.consumed()
	}

	fn serve_queue(meter: &mut WeightMeter) {
		let queue = Redemptions::<T>::get();
		if queue.head == queue.tail {
			return;
		}
		let one = Self::queue_weight(1);
		let step = Self::queue_weight(2).saturating_sub(one);
		if meter.try_consume(one).is_err() {
			return;
		}
		// As a call would; on as long as there is weight and something to do.
		for _ in 0..PORTIONS {
			let mut steps = 1;
			while steps < MAX_STEPS && meter.try_consume(step).is_ok() {
				steps += 1;
			}
			match Self::work_queue_for(steps) {
				Ok(done) if done == steps && steps == MAX_STEPS && meter.try_consume(one).is_ok() => {}
				Ok(_) => return,
				Err(error) => {
					frame_support::defensive!("the redemption queue could not be worked on", error);
					return;
				}
			}
		}
	}
}
