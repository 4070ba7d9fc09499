//! What the council has before it.

use core::fmt;

use codec::{Compact, Decode, Encode};
use sp_core::H256;
use subxt::{
	ext::scale_value::{
		scale::decode_as_type,
		stringify::{custom_formatters::format_hex, to_writer_custom},
		Composite, Primitive, Value, ValueDef,
	},
	Metadata,
};

use crate::{calls, AccountId, At, Call, Error, Result};

const COUNCIL: &str = "Council";

/// A motion of the council as of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Motion {
	/// Its number: the first is 0.
	pub number: u32,
	/// Hash of the call.
	pub hash: H256,
	/// The call that it would make, encoded.
	pub call: Vec<u8>,
	/// How many ayes carry it.
	pub threshold: u32,
	/// Who is for it.
	pub ayes: Vec<AccountId>,
	/// Who is against it.
	pub nays: Vec<AccountId>,
	/// The block from which on it can be closed however few have voted.
	pub end: u32,
}

/// `pallet_collective::Votes`.
#[derive(Decode)]
struct Votes {
	index: u32,
	threshold: u32,
	ayes: Vec<AccountId>,
	nays: Vec<AccountId>,
	end: u32,
}

impl At {
	/// The members of the council.
	pub async fn council(&self) -> Result<Vec<AccountId>> {
		self.storage_or_default(COUNCIL, "Members", &[]).await
	}

	/// The motions that are neither carried out nor dropped, by number.
	pub async fn motions(&self) -> Result<Vec<Motion>> {
		let mut motions = Vec::new();
		for (key, votes) in self.storage_below::<Votes>(COUNCIL, "Voting", &[]).await? {
			let changed = || Error::Incompatible("Council.Voting".into());
			let hash = H256(key.try_into().map_err(|_| changed())?);
			let call = self.storage_bytes(COUNCIL, "ProposalOf", &[hash.encode()]).await?;
			motions.push(Motion {
				number: votes.index,
				hash,
				call: call.ok_or_else(changed)?,
				threshold: votes.threshold,
				ayes: votes.ayes,
				nays: votes.nays,
				end: votes.end,
			});
		}
		motions.sort_by_key(|motion| motion.number);
		Ok(motions)
	}

	/// The call that closes a motion, with the weight that carrying it out takes at this block.
	pub async fn close_motion(&self, motion: &Motion) -> Result<Call> {
		/// The first field of `RuntimeDispatchInfo`, and the rest of it: the class, and a fee.
		type Info = ((Compact<u64>, Compact<u64>), u8, u128);
		let mut arguments = motion.call.clone();
		(motion.call.len() as u32).encode_to(&mut arguments);
		let (weight, ..) = self
			.runtime_api::<Info>("TransactionPaymentCallApi_query_call_info", &arguments)
			.await?;
		Ok(calls::close_motion(motion, weight))
	}

	/// An encoded call in words: pallet, name and arguments. Fails if the bytes are no call of this chain.
	pub fn describe_call(&self, call: &[u8]) -> Result<String> {
		describe(call, self.metadata())
	}
}

fn describe(call: &[u8], metadata: &Metadata) -> Result<String> {
	let unreadable = || Error::Incompatible("a call".into());
	let types = metadata.types();
	let rest = &mut &call[..];
	let value = decode_as_type(rest, metadata.outer_enums().call_enum_ty(), types).map_err(|_| unreadable())?;
	if !rest.is_empty() {
		return Err(unreadable());
	}
	let account = types.types.iter().find(|entry| {
		let name = entry.ty.path.segments.last();
		name.is_some_and(|name| name == "AccountId32")
	});
	let mut words = String::new();
	write(&value, account.map(|entry| entry.id), &mut words).map_err(|_| unreadable())?;
	Ok(words)
}

/// Writes a value whose parts know their types, of which `account` is that of accounts.
fn write(value: &Value<u32>, account: Option<u32>, out: &mut String) -> fmt::Result {
	to_writer_custom()
		.add_custom_formatter(move |part: &Value<u32>, out: &mut &mut String| in_short(part, account, out))
		.write(value, out)
}

/// Writes accounts as addresses, other bytes as hex, and what wraps one value as that value. `None` for anything else.
fn in_short(value: &Value<u32>, account: Option<u32>, out: &mut String) -> Option<fmt::Result> {
	/// Fewer numbers are a list of numbers.
	const HEX_FROM: usize = 4;
	let ValueDef::Composite(Composite::Unnamed(parts)) = &value.value else {
		return None;
	};
	if Some(value.context) == account {
		let bytes = parts.first().and_then(bytes_of)?;
		out.push_str(&AccountId(bytes.try_into().ok()?).to_string());
		return Some(Ok(()));
	}
	match parts.as_slice() {
		[one] => Some(write(one, account, out)),
		parts if parts.len() >= HEX_FROM => format_hex(value, out),
		_ => None,
	}
}

/// The bytes that a list of numbers is.
fn bytes_of(value: &Value<u32>) -> Option<Vec<u8>> {
	let ValueDef::Composite(Composite::Unnamed(parts)) = &value.value else {
		return None;
	};
	let byte = |part: &Value<u32>| match part.value {
		ValueDef::Primitive(Primitive::U128(number)) => u8::try_from(number).ok(),
		_ => None,
	};
	parts.iter().map(byte).collect()
}
