//! A call by the names of its pallet and of itself, with natively encoded arguments.

use baseload_primitives::Balance;
use codec::{Compact, Encode};
use scale_info::{PortableRegistry, TypeDef};
use sp_io::hashing::blake2_256;
use subxt::{
	ext::{
		scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
		scale_encode::{self, EncodeAsFields},
		scale_type_resolver::{FieldIter, TypeResolver},
	},
	transactions::Payload,
	Metadata,
};

use crate::{Error, Result};

/// One argument of a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
	/// SCALE-encoded.
	Encoded(Vec<u8>),
	/// An amount, encoded as the chain wants it: compact or in full.
	Amount(Balance),
	/// Another call, encoded with the chain's indexes.
	Call(Box<Call>),
	/// A list of other calls.
	Calls(Vec<Call>),
	/// The hash by which the chain knows another call.
	HashOf(Box<Call>),
	/// Bytes of another call, compact.
	LengthOf(Box<Call>),
}

/// A call. Made by the functions of [`crate::calls`], or for any other call of the chain by [`Call::new`] and
/// [`Call::with`]. Before anything is sent the arguments are checked against the chain's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
	pallet: &'static str,
	name: &'static str,
	arguments: Vec<Argument>,
}

impl Call {
	/// The call `name` of `pallet`, without arguments so far.
	pub fn new(pallet: &'static str, name: &'static str) -> Self {
		Self {
			pallet,
			name,
			arguments: Vec::new(),
		}
	}

	/// Adds an argument: any type whose SCALE encoding is that of the chain's type.
	pub fn with(mut self, argument: impl Encode) -> Self {
		self.arguments.push(Argument::Encoded(argument.encode()));
		self
	}

	/// Adds an amount, in base units, as an argument.
	pub fn with_amount(mut self, amount: Balance) -> Self {
		self.arguments.push(Argument::Amount(amount));
		self
	}

	/// Adds another call as an argument.
	pub fn with_call(mut self, call: Call) -> Self {
		self.arguments.push(Argument::Call(Box::new(call)));
		self
	}

	/// Adds a list of calls as an argument.
	pub fn with_calls(mut self, calls: impl IntoIterator<Item = Call>) -> Self {
		self.arguments.push(Argument::Calls(calls.into_iter().collect()));
		self
	}

	/// Adds the hash of another call as an argument.
	pub fn with_hash_of(mut self, call: Call) -> Self {
		self.arguments.push(Argument::HashOf(Box::new(call)));
		self
	}

	/// Adds the length of another call, in bytes, as a compact argument.
	pub fn with_length_of(mut self, call: Call) -> Self {
		self.arguments.push(Argument::LengthOf(Box::new(call)));
		self
	}

	/// The pallet.
	pub fn pallet(&self) -> &str {
		self.pallet
	}

	/// The call's own name.
	pub fn name(&self) -> &str {
		self.name
	}

	/// True for the calls that carry meter readings, whose refusals have codes of their own.
	pub(crate) fn is_reading(&self) -> bool {
		self.pallet == "MeterAttestation" && matches!(self.name, "submit_reading" | "submit_backlog" | "submit_ocmf")
	}

	/// The bytes of the call on the chain that `metadata` describes: pallet index, call index, arguments.
	pub fn encode(&self, metadata: &Metadata) -> Result<Vec<u8>> {
		let prepared = self.prepare(metadata)?;
		let mut bytes = vec![prepared.indexes.0, prepared.indexes.1];
		bytes.extend(prepared.fields.0);
		Ok(bytes)
	}

	/// Looks the names up, encodes the arguments and checks that they are what the chain expects.
	pub(crate) fn prepare(&self, metadata: &Metadata) -> Result<Prepared> {
		let pallet = metadata
			.pallet_by_name(self.pallet)
			.ok_or_else(|| Error::Missing(format!("pallet {}", self.pallet)))?;
		let variant = pallet
			.call_variant_by_name(self.name)
			.ok_or_else(|| Error::Missing(format!("call {}.{}", self.pallet, self.name)))?;

		let types = metadata.types();
		let other = |what: &str| Error::Incompatible(format!("{what} of {}.{}", self.pallet, self.name));
		if variant.fields.len() != self.arguments.len() {
			return Err(other("the arguments"));
		}
		let mut bytes = Vec::new();
		for (argument, field) in self.arguments.iter().zip(&variant.fields) {
			let encoded = match argument {
				Argument::Encoded(encoded) => encoded.clone(),
				Argument::Amount(amount) if is_compact(field.ty.id, types) => Compact(*amount).encode(),
				Argument::Amount(amount) => amount.encode(),
				Argument::Call(call) => call.encode(metadata)?,
				Argument::Calls(calls) => {
					let mut list = Compact(calls.len() as u32).encode();
					for call in calls {
						list.extend(call.encode(metadata)?);
					}
					list
				}
				Argument::HashOf(call) => blake2_256(&call.encode(metadata)?).to_vec(),
				Argument::LengthOf(call) => Compact(call.encode(metadata)?.len() as u32).encode(),
			};
			let rest = &mut encoded.as_slice();
			let fits = decode_with_visitor(rest, field.ty.id, types, IgnoreVisitor::new()).is_ok();
			if !fits || !rest.is_empty() {
				return Err(other(&format!("argument {}", field.name.as_deref().unwrap_or("?"))));
			}
			bytes.extend(encoded);
		}
		Ok(Prepared {
			pallet: self.pallet,
			name: self.name,
			indexes: (pallet.call_index(), variant.index),
			fields: Fields(bytes),
		})
	}
}

fn is_compact(ty: u32, types: &PortableRegistry) -> bool {
	types
		.resolve(ty)
		.is_some_and(|ty| matches!(ty.type_def, TypeDef::Compact(_)))
}

/// A call whose arguments are encoded and fit the chain.
pub(crate) struct Prepared {
	pallet: &'static str,
	name: &'static str,
	indexes: (u8, u8),
	fields: Fields,
}

impl Payload for Prepared {
	type CallData = Fields;

	fn pallet_name(&self) -> &str {
		self.pallet
	}

	fn call_name(&self) -> &str {
		self.name
	}

	fn call_data(&self) -> &Fields {
		&self.fields
	}
}

/// All arguments of a call, encoded.
pub(crate) struct Fields(Vec<u8>);

impl EncodeAsFields for Fields {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_fields: &mut dyn FieldIter<'_, R::TypeId>,
		_types: &R,
		out: &mut Vec<u8>,
	) -> core::result::Result<(), scale_encode::Error> {
		out.extend(&self.0);
		Ok(())
	}
}
