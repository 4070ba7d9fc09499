//! What a transaction did.

use baseload_primitives::Balance;
use codec::{Compact, Decode};
use sp_core::H256;
use subxt::{
	error::{ArithmeticError, DispatchError},
	events::Phase,
	ArcMetadata,
};

use crate::{AccountId, At, Chain, Error, Failure, Result};

/// Something that the chain reported while it executed a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
	/// The pallet that reported it.
	pub pallet: String,
	/// The event's name.
	pub name: String,
	/// Its fields, SCALE-encoded one after the other.
	pub fields: Vec<u8>,
}

/// A transaction in a block that did what it was meant to do.
#[derive(Clone, Debug)]
pub struct Receipt {
	/// The transaction's hash.
	pub hash: H256,
	/// Hash of the block.
	pub block_hash: H256,
	/// Number of the block.
	pub block_number: u64,
	/// Whether the block is final.
	pub finalized: bool,
	/// What the chain reported.
	pub events: Vec<Event>,
}

impl Receipt {
	/// The fields of the first event `name` of `pallet`: all of them as a tuple, or the first ones.
	pub fn event<T: Decode>(&self, pallet: &str, name: &str) -> Option<T> {
		let event = self
			.events
			.iter()
			.find(|event| event.pallet == pallet && event.name == name)?;
		T::decode(&mut event.fields.as_slice()).ok()
	}

	/// The fields of every event `name` of `pallet`, like [`Receipt::event`]; those that are not understood are left out.
	pub fn events_named<T: Decode>(&self, pallet: &str, name: &str) -> Vec<T> {
		let named = self
			.events
			.iter()
			.filter(|event| event.pallet == pallet && event.name == name);
		named
			.filter_map(|event| T::decode(&mut event.fields.as_slice()).ok())
			.collect()
	}

	/// The fee that was paid, in KWH base units; `None` for a transaction without one.
	pub fn fee(&self) -> Option<Balance> {
		let (_payer, fee): (AccountId, Balance) = self.event("TransactionPayment", "TransactionFeePaid")?;
		Some(fee)
	}

	/// Reads what the transaction `bytes` did in the block `block_hash`. A failed one is [`Error::Failed`].
	pub(crate) async fn read(
		chain: &Chain,
		bytes: &[u8],
		hash: H256,
		block_hash: H256,
		finalized: bool,
	) -> Result<Self> {
		let at = chain.at(block_hash).await?;
		let events = events_of(&at, bytes).await?;
		let metadata = at.block().metadata();
		for event in &events {
			if let Some(error) = failure_in(event) {
				return Err(Error::Failed(explain(error, &metadata)));
			}
		}
		Ok(Self {
			hash,
			block_hash,
			block_number: at.number(),
			finalized,
			events,
		})
	}
}

impl At {
	/// Everything that the chain reported in the block, in order: of a transaction with its place in the block, of the chain
	/// itself without one.
	pub async fn events(&self) -> Result<Vec<(Option<u32>, Event)>> {
		let events = self
			.block()
			.events()
			.fetch()
			.await
			.map_err(|error| Error::Connection(format!("the events of block {}: {error}", self.number())))?;
		let mut found = Vec::new();
		for event in events.iter() {
			let event = event.map_err(|error| Error::Incompatible(format!("events ({error})")))?;
			let place = match event.phase() {
				Phase::ApplyExtrinsic(index) => Some(index),
				Phase::Initialization | Phase::Finalization => None,
			};
			let event = Event {
				pallet: event.pallet_name().into(),
				name: event.event_name().into(),
				fields: event.field_bytes().to_vec(),
			};
			found.push((place, event));
		}
		Ok(found)
	}
}

/// The events of the transaction `bytes` in the block `at`.
async fn events_of(at: &At, bytes: &[u8]) -> Result<Vec<Event>> {
	let lost = |reason: String| Error::Lost(format!("it is in block {}, but {reason}", at.number()));
	let transactions = at.transactions().await?;
	let index = transactions
		.iter()
		.position(|transaction| transaction == bytes)
		.ok_or_else(|| lost("the node does not find it there".into()))?;
	let events = at.events().await.map_err(|error| lost(error.to_string()))?;
	let own = events.into_iter().filter(|(place, _)| *place == Some(index as u32));
	Ok(own.map(|(_, event)| event).collect())
}

/// The encoded dispatch error in an event that reports a failure: of the transaction, of the call that sudo or the council ran, or
/// of an upgrade.
fn failure_in(event: &Event) -> Option<&[u8]> {
	/// Of what was run or brought.
	const HASH: usize = 32;
	match (event.pallet.as_str(), event.name.as_str(), event.fields.as_slice()) {
		("System", "ExtrinsicFailed", fields) => Some(fields),
		("System", "RejectedInvalidAuthorizedUpgrade", fields) => fields.get(HASH..),
		("Sudo", "Sudid" | "SudoAsDone", [1, error @ ..]) => Some(error),
		("Council", "Executed", fields) => match fields.get(HASH..)? {
			[1, error @ ..] => Some(error),
			_ => None,
		},
		("Whitelist", "WhitelistedCallDispatched", fields) => match fields.get(HASH..)? {
			[1, used @ ..] => {
				let mut error = used;
				// `PostDispatchInfo`: the weight that was used, and whether it is paid for.
				<(Option<(Compact<u64>, Compact<u64>)>, u8)>::decode(&mut error).ok()?;
				Some(error)
			}
			_ => None,
		},
		_ => None,
	}
}

/// What a dispatch error means, in the words of the pallet's own documentation.
fn explain(error: &[u8], metadata: &ArcMetadata) -> Failure {
	let plain = |meaning: String| Failure { module: None, meaning };
	match DispatchError::decode_from(error, metadata.clone()) {
		Ok(DispatchError::Module(module)) => match module.details() {
			Ok(details) => Failure {
				module: Some((details.pallet.name().into(), details.variant.name.clone())),
				meaning: words(&details.variant.docs),
			},
			Err(_) => plain(format!("an error of pallet {} without a name", module.pallet_index())),
		},
		Ok(DispatchError::BadOrigin) => plain("the signer may not do this (administrators only)".into()),
		Ok(DispatchError::Arithmetic(ArithmeticError::Underflow)) => {
			plain("there is not that much (a number would fall below zero)".into())
		}
		Ok(DispatchError::Token(error)) => plain(error.to_string()),
		Ok(other) => plain(other.to_string()),
		Err(_) => plain("for a reason that this client does not know".into()),
	}
}

/// A pallet's documentation as one line, with the text of a link in its place: "see [`X`](path)" reads "see X".
fn words(docs: &[String]) -> String {
	let text = docs.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
	let mut plain = String::new();
	let mut rest = text.as_str();
	while let Some((before, tail)) = rest.split_once('[') {
		let link = tail.split_once(']').map(|(shown, after)| {
			let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
			(shown, target.map_or(after, |(_, after)| after))
		});
		let Some((shown, after)) = link else { break };
		plain += before;
		plain += shown;
		rest = after;
	}
	(plain + rest).replace('`', "")
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	fn receipt(events: Vec<Event>) -> Receipt {
		Receipt {
			hash: H256::zero(),
			block_hash: H256::zero(),
			block_number: 1,
			finalized: false,
			events,
		}
	}

	fn event(pallet: &str, name: &str, fields: Vec<u8>) -> Event {
		Event {
			pallet: pallet.into(),
			name: name.into(),
			fields,
		}
	}

	#[test]
	fn event_should_be_decoded_when_only_its_first_fields_are_asked_for() {
		let receipt = receipt(vec![event(
			"MeterAttestation",
			"SiteRegistered",
			(7u32, [1u8; 32]).encode(),
		)]);
		assert_eq!(receipt.event::<u32>("MeterAttestation", "SiteRegistered"), Some(7));
		assert_eq!(receipt.event::<u32>("MeterAttestation", "SiteCertified"), None);
		assert_eq!(receipt.event::<[u8; 64]>("MeterAttestation", "SiteRegistered"), None);
	}

	#[test]
	fn fee_should_be_what_the_payment_event_says() {
		let fields = (AccountId::from([1; 32]), 5u128, 0u128).encode();
		assert_eq!(
			receipt(vec![event("TransactionPayment", "TransactionFeePaid", fields)]).fee(),
			Some(5)
		);
		assert_eq!(receipt(vec![]).fee(), None);
	}

	#[test]
	fn documentation_should_be_one_plain_line_when_it_holds_links() {
		let docs = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect::<Vec<_>>();
		assert_eq!(words(&docs(&["The reading", "is refused."])), "The reading is refused.");
		let linked = docs(&["It is refused; see [`Refusal`](baseload_primitives::Refusal)."]);
		assert_eq!(words(&linked), "It is refused; see Refusal.");
		assert_eq!(words(&docs(&["See [`A`] and [B](b), or [c"])), "See A and B, or [c");
	}

	#[test]
	fn failure_should_be_seen_when_sudo_ran_a_failing_call() {
		assert_eq!(failure_in(&event("Sudo", "Sudid", vec![1, 2])), Some(&[2][..]));
		assert_eq!(failure_in(&event("Sudo", "Sudid", vec![0])), None);
		assert_eq!(failure_in(&event("System", "ExtrinsicFailed", vec![3])), Some(&[3][..]));
		assert_eq!(failure_in(&event("System", "ExtrinsicSuccess", vec![3])), None);
	}

	#[test]
	fn failure_should_be_seen_when_the_council_ran_a_failing_call() {
		let after_hash = |rest: &[u8]| [&[7; 32], rest].concat();
		let executed = |rest: &[u8]| event("Council", "Executed", after_hash(rest));
		assert_eq!(failure_in(&executed(&[1, 2])), Some(&[2][..]));
		assert_eq!(failure_in(&executed(&[0])), None);
		let dispatched = |rest: Vec<u8>| event("Whitelist", "WhitelistedCallDispatched", after_hash(&rest));
		let weight = Some((Compact(1_000_000u64), Compact(5u64)));
		assert_eq!(
			failure_in(&dispatched((1u8, weight, 0u8, 9u8).encode())),
			Some(&[9][..])
		);
		assert_eq!(failure_in(&dispatched(vec![1, 0, 0, 9, 8])), Some(&[9, 8][..]));
		assert_eq!(failure_in(&dispatched(vec![0, 0, 0])), None);
		let rejected = event("System", "RejectedInvalidAuthorizedUpgrade", after_hash(&[3, 4]));
		assert_eq!(failure_in(&rejected), Some(&[3, 4][..]));
	}
}
