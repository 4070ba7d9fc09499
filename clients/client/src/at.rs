//! Reading the state of one block: storage, view functions and runtime APIs, decoded into native types.

use codec::{Decode, DecodeAll, Encode};
use sp_core::H256;
use sp_io::hashing::{blake2_128, blake2_256, twox_128, twox_256, twox_64};
use subxt::{
	ext::{frame_decode::storage::StorageHasher, scale_decode::DecodeAsType},
	Metadata,
};

use crate::{chain::AtBlock, Chain, Error, Result};

/// How many keys one request for a map's keys returns at most.
const PAGE: u32 = 512;

/// The state of the chain at one block. Reads of the same block agree with each other.
#[derive(Clone)]
pub struct At {
	chain: Chain,
	block: AtBlock,
}

impl At {
	pub(crate) fn new(chain: Chain, block: AtBlock) -> Self {
		Self { chain, block }
	}

	/// The connection.
	pub fn chain(&self) -> &Chain {
		&self.chain
	}

	/// The block's hash.
	pub fn hash(&self) -> H256 {
		self.block.block_hash()
	}

	/// The block's number.
	pub fn number(&self) -> u64 {
		self.block.block_number()
	}

	/// Version of the runtime in force at the block.
	pub fn spec_version(&self) -> u32 {
		self.block.spec_version()
	}

	/// What the chain says about its own interface.
	pub fn metadata(&self) -> &Metadata {
		self.block.metadata_ref()
	}

	pub(crate) fn block(&self) -> &AtBlock {
		&self.block
	}

	/// The transactions in the block, as they were sent. Fails if the node no longer has the block.
	pub async fn transactions(&self) -> Result<Vec<Vec<u8>>> {
		self.chain.transactions(self.hash()).await
	}

	/// The value under `entry` of `pallet`; for a map, under the SCALE-encoded `keys`, one per key of the map.
	/// `None` if nothing is stored there. Trailing bytes are ignored, so `T` may be the first fields of a longer record.
	pub async fn storage<T: Decode>(&self, pallet: &str, entry: &str, keys: &[Vec<u8>]) -> Result<Option<T>> {
		let Some(bytes) = self.storage_bytes(pallet, entry, keys).await? else {
			return Ok(None);
		};
		T::decode(&mut bytes.as_slice())
			.map(Some)
			.map_err(|_| Error::Incompatible(format!("{pallet}.{entry}")))
	}

	/// [`At::storage`] as the bytes that are stored.
	pub(crate) async fn storage_bytes(&self, pallet: &str, entry: &str, keys: &[Vec<u8>]) -> Result<Option<Vec<u8>>> {
		let key = self.storage_key(pallet, entry, keys)?;
		Ok(self.chain.methods().state_get_storage(&key, Some(self.hash())).await?)
	}

	/// [`At::storage`], or the type's default if nothing is stored.
	pub async fn storage_or_default<T: Decode + Default>(
		&self,
		pallet: &str,
		entry: &str,
		keys: &[Vec<u8>],
	) -> Result<T> {
		Ok(self.storage(pallet, entry, keys).await?.unwrap_or_default())
	}

	/// [`At::storage`] by the names of fields: `T` may leave fields of the record out, and their order does not matter.
	pub async fn storage_as<T: DecodeAsType>(&self, pallet: &str, entry: &str, keys: &[Vec<u8>]) -> Result<Option<T>> {
		let key = self.storage_key(pallet, entry, keys)?;
		let Some(bytes) = self.chain.methods().state_get_storage(&key, Some(self.hash())).await? else {
			return Ok(None);
		};
		let ty = self
			.metadata()
			.pallet_by_name(pallet)
			.and_then(|pallet| pallet.storage())
			.and_then(|storage| storage.entry_by_name(entry).map(|entry| entry.value_ty()))
			.ok_or_else(|| Error::Missing(format!("storage {pallet}.{entry}")))?;
		T::decode_as_type(&mut bytes.as_slice(), ty, self.metadata().types())
			.map(Some)
			.map_err(|_| Error::Incompatible(format!("{pallet}.{entry}")))
	}

	/// All values of a map below `keys`, each with the raw end of its storage key: the hashed rest of the map's keys.
	pub async fn storage_below<T: Decode>(
		&self,
		pallet: &str,
		entry: &str,
		keys: &[Vec<u8>],
	) -> Result<Vec<(Vec<u8>, T)>> {
		let prefix = self.storage_key(pallet, entry, keys)?;
		let mut found = Vec::new();
		let mut start: Option<Vec<u8>> = None;
		loop {
			let page = self
				.chain
				.methods()
				.state_get_keys_paged(&prefix, PAGE, start.as_deref(), Some(self.hash()))
				.await?;
			for key in &page {
				let Some(bytes) = self.chain.methods().state_get_storage(key, Some(self.hash())).await? else {
					continue;
				};
				let value =
					T::decode(&mut bytes.as_slice()).map_err(|_| Error::Incompatible(format!("{pallet}.{entry}")))?;
				found.push((key.get(prefix.len()..).unwrap_or_default().to_vec(), value));
			}
			match page.last() {
				Some(last) if page.len() == PAGE as usize => start = Some(last.clone()),
				_ => return Ok(found),
			}
		}
	}

	/// The raw key of a storage value, or of a part of a map if `keys` are fewer than the map's.
	pub fn storage_key(&self, pallet: &str, entry: &str, keys: &[Vec<u8>]) -> Result<Vec<u8>> {
		let missing = || Error::Missing(format!("storage {pallet}.{entry}"));
		let storage = self
			.metadata()
			.pallet_by_name(pallet)
			.and_then(|pallet| pallet.storage())
			.ok_or_else(missing)?;
		let hashers = storage.entry_by_name(entry).ok_or_else(missing)?.keys();
		if keys.len() > hashers.len() {
			return Err(Error::Incompatible(format!("the keys of {pallet}.{entry}")));
		}
		let mut raw = twox_128(storage.prefix().as_bytes()).to_vec();
		raw.extend(twox_128(entry.as_bytes()));
		for (key, info) in keys.iter().zip(hashers) {
			match info.hasher {
				StorageHasher::Blake2_128 => raw.extend(blake2_128(key)),
				StorageHasher::Blake2_256 => raw.extend(blake2_256(key)),
				StorageHasher::Blake2_128Concat => {
					raw.extend(blake2_128(key));
					raw.extend(key);
				}
				StorageHasher::Twox128 => raw.extend(twox_128(key)),
				StorageHasher::Twox256 => raw.extend(twox_256(key)),
				StorageHasher::Twox64Concat => {
					raw.extend(twox_64(key));
					raw.extend(key);
				}
				StorageHasher::Identity => raw.extend(key),
			}
		}
		Ok(raw)
	}

	/// The value of a pallet's constant.
	pub fn constant<T: Decode>(&self, pallet: &str, name: &str) -> Result<T> {
		let constant = self
			.metadata()
			.pallet_by_name(pallet)
			.and_then(|pallet| pallet.constant_by_name(name))
			.ok_or_else(|| Error::Missing(format!("constant {pallet}.{name}")))?;
		T::decode_all(&mut constant.value()).map_err(|_| Error::Incompatible(format!("{pallet}.{name}")))
	}

	/// Asks the view function `name` of `pallet`. `arguments` encodes to all its arguments in order: a tuple, or one value.
	pub async fn view<T: Decode>(&self, pallet: &str, name: &str, arguments: impl Encode) -> Result<T> {
		let function = self
			.metadata()
			.pallet_by_name(pallet)
			.and_then(|pallet| pallet.view_function_by_name(name))
			.ok_or_else(|| Error::Missing(format!("view function {pallet}.{name}")))?;
		let input = (function.query_id(), arguments.encode()).encode();
		let output: core::result::Result<Vec<u8>, ViewError> = self
			.runtime_api("RuntimeViewFunction_execute_view_function", &input)
			.await?;
		let output = output.map_err(|error| match error {
			ViewError::NotImplemented | ViewError::NotFound { .. } => {
				Error::Missing(format!("view function {pallet}.{name}"))
			}
			ViewError::Codec => Error::Incompatible(format!("{pallet}.{name}")),
		})?;
		T::decode_all(&mut output.as_slice()).map_err(|_| Error::Incompatible(format!("{pallet}.{name}")))
	}

	/// Calls a runtime API function by its full name, with encoded arguments.
	pub async fn runtime_api<T: Decode>(&self, function: &str, arguments: &[u8]) -> Result<T> {
		let output = self
			.chain
			.methods()
			.state_call(function, Some(arguments), Some(self.hash()))
			.await?;
		T::decode_all(&mut output.as_slice()).map_err(|_| Error::Incompatible(function.into()))
	}
}

impl core::fmt::Debug for At {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		f.debug_struct("At")
			.field("number", &self.number())
			.field("hash", &self.hash())
			.finish()
	}
}

/// `frame_support::view_functions::ViewFunctionDispatchError`.
#[derive(Decode)]
enum ViewError {
	NotImplemented,
	NotFound { _id: [u8; 32] },
	Codec,
}
