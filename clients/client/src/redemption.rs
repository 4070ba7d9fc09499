//! Following a request for redemption until it has been executed.

use std::time::Duration;

use baseload_primitives::{Balance, EndReason, TokenId};
use codec::{Decode, Encode};

use crate::{AccountId, Chain, Error, Event, Result, Wait};

const VAULTS: &str = "PowerStablecoin";

/// How long a next block may take.
const BLOCK_PATIENCE: Duration = Duration::from_secs(60);

/// What a request for redemption has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redemption {
	/// KWH units that were released again.
	pub released: Balance,
	/// Why it ended; `None` before it has.
	pub reason: Option<EndReason>,
	/// Token, KWH units burnt for it, collateral units paid out, [`Redemption::owed`] included.
	pub outs: Vec<(TokenId, Balance, Balance)>,
	/// Token, and the collateral units that the holder's account could not receive: they wait to be claimed.
	pub owed: Vec<(TokenId, Balance)>,
	/// The block in which it ended.
	pub block: u64,
}

impl Redemption {
	/// KWH units burnt.
	pub fn burnt(&self) -> Balance {
		self.outs.iter().map(|(_, burnt, _)| burnt).sum()
	}

	/// Token, and the collateral units that came to the holder's account. Without what is owed.
	pub fn received(&self) -> Vec<(TokenId, Balance)> {
		received(self.outs.iter().map(|(token, _, out)| (*token, *out)), &self.owed)
	}

	/// Adds what an event says about the request. True if it was the last one.
	fn hear(&mut self, request: u64, event: &Event) -> Result<bool> {
		let unknown = |_| Error::Incompatible(format!("the event {}.{}", event.pallet, event.name));
		let mut fields = event.fields.as_slice();
		if event.pallet != VAULTS {
			return Ok(false);
		}
		match event.name.as_str() {
			"PayoutOwed" => {
				let (token, _who, amount): (TokenId, AccountId, Balance) =
					Decode::decode(&mut fields).map_err(unknown)?;
				// The redemption comes last; a payout of another kind has none.
				if matches!(Option::<u64>::decode(&mut fields), Ok(Some(of)) if of == request) {
					match self.owed.iter_mut().find(|(known, _)| *known == token) {
						Some((_, before)) => *before = before.saturating_add(amount),
						None => self.owed.push((token, amount)),
					}
				}
			}
			"RedemptionEnded" if u64::decode(&mut fields).map_err(unknown)? == request => {
				let (_who, released, reason): (AccountId, Balance, EndReason) =
					Decode::decode(&mut fields).map_err(unknown)?;
				(self.released, self.reason) = (released, Some(reason));
				return Ok(true);
			}
			"Redeemed" if u64::decode(&mut fields).map_err(unknown)? == request => {
				let (token, burnt, out): (TokenId, Balance, Balance) = Decode::decode(&mut fields).map_err(unknown)?;
				match self.outs.iter_mut().find(|(known, ..)| *known == token) {
					Some((_, burnt_before, out_before)) => {
						*burnt_before = burnt_before.saturating_add(burnt);
						*out_before = out_before.saturating_add(out);
					}
					None => self.outs.push((token, burnt, out)),
				}
			}
			_ => (),
		}
		Ok(false)
	}
}

/// Of what was paid out, what came to the account: without what is owed to it. Tokens of which nothing came are left out.
pub fn received(
	outs: impl Iterator<Item = (TokenId, Balance)>,
	owed: &[(TokenId, Balance)],
) -> Vec<(TokenId, Balance)> {
	let came = outs.map(|(token, out)| {
		let owed = owed.iter().filter(|(of, _)| *of == token);
		let owed = owed.fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount));
		(token, out.saturating_sub(owed))
	});
	came.filter(|(_, amount)| *amount > 0).collect()
}

impl Chain {
	/// Follows the request from block `from` on until it has been executed or cancelled, however long that takes: `tell` is called
	/// with the number of each block that it is looked for in. With [`Wait::Finalized`] only final blocks count.
	///
	/// [`Error::Missing`] if no such request waits and none has ended since that block.
	pub async fn follow_redemption(
		&self,
		request: u64,
		from: u64,
		wait: Wait,
		tell: &mut (dyn FnMut(u64) + Send),
	) -> Result<Redemption> {
		let mut redemption = Redemption::default();
		let mut next = from;
		loop {
			let newest = match wait {
				Wait::InBlock => self.best_number().await?,
				Wait::Finalized => self.finalized_number().await?,
			};
			while next <= newest {
				tell(next);
				let hash = self.block_hash(next).await?;
				let hash = hash.ok_or_else(|| Error::Lost(format!("the node no longer has block {next}")))?;
				for (_, event) in self.at(hash).await?.events().await? {
					if redemption.hear(request, &event)? {
						redemption.block = next;
						return Ok(redemption);
					}
				}
				next += 1;
				let key = [request.encode()];
				// A block that is not final can be replaced by one in which the request still waits for its turn.
				if next > newest
					&& self.finalized_number().await? >= from
					&& self
						.at(hash)
						.await?
						.storage_bytes(VAULTS, "Requests", &key)
						.await?
						.is_none()
				{
					let what = format!("redemption {request} that waits, or that ended in block {from} or later");
					return Err(Error::Missing(what));
				}
			}
			self.wait_for_block(BLOCK_PATIENCE).await?;
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn event(name: &str, fields: impl Encode) -> Event {
		Event {
			pallet: "PowerStablecoin".into(),
			name: name.into(),
			fields: fields.encode(),
		}
	}

	#[test]
	fn redemption_should_add_up_what_each_token_paid_when_it_took_several_blocks() {
		const FEE: u64 = 5;
		let mut redemption = Redemption::default();
		let mut hear = |event: &Event| redemption.hear(5, event).unwrap();
		assert!(!hear(&event("Redeemed", (5u64, 1u32, 10u128, 7u128, FEE))));
		assert!(!hear(&event("Redeemed", (6u64, 1u32, 99u128, 99u128, FEE))));
		assert!(!hear(&event("Redeemed", (5u64, 0u32, 4u128, 3u128, FEE))));
		assert!(!hear(&event("Liquidated", (5u64, 1u32, 1u128, 1u128, FEE))));
		assert!(!hear(&event("Redeemed", (5u64, 1u32, 1u128, 1u128, FEE))));
		assert!(hear(&event("RedemptionEnded", (5u64, [7u8; 32], 2u128, 0u8))));
		assert_eq!(redemption.burnt(), 15);
		assert_eq!(
			redemption,
			Redemption {
				released: 2,
				reason: Some(EndReason::Done),
				outs: vec![(1, 11, 8), (0, 4, 3)],
				owed: vec![],
				block: 0,
			}
		);
	}

	#[test]
	fn redemption_should_tell_what_is_owed_from_what_came_when_an_account_could_not_receive_it() {
		let mut redemption = Redemption::default();
		let owed = |token: u32, amount: u128, of: Option<u64>| event("PayoutOwed", (token, [7u8; 32], amount, of));
		let mut hear = |event: &Event| redemption.hear(5, event).unwrap();
		assert!(!hear(&owed(1, 7, Some(5))));
		assert!(!hear(&event("Redeemed", (5u64, 1u32, 10u128, 7u128))));
		assert!(!hear(&event("Redeemed", (5u64, 0u32, 4u128, 3u128))));
		assert!(!hear(&event("Redeemed", (5u64, 1u32, 3u128, 2u128))));
		// Of another redemption, of none, and of a chain that does not say so.
		assert!(!hear(&owed(0, 3, Some(6))));
		assert!(!hear(&owed(0, 3, None)));
		assert!(!hear(&event("PayoutOwed", (0u32, [7u8; 32], 3u128))));
		assert_eq!(redemption.owed, [(1, 7)]);
		assert_eq!(redemption.received(), [(1, 2), (0, 3)]);
		redemption.owed.push((1, 2));
		assert_eq!(redemption.received(), [(0, 3)]);
	}

	#[test]
	fn redemption_should_be_refused_when_an_event_is_not_understood() {
		let mut redemption = Redemption::default();
		assert!(redemption.hear(5, &event("Redeemed", (5u64, 1u8))).is_err());
		assert!(redemption
			.hear(5, &event("RedemptionEnded", (5u64, [7u8; 32], 2u128, 9u8)))
			.is_err());
	}
}
