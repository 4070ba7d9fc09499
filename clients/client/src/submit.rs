//! Sending transactions and following them into a block.

use std::time::{SystemTime, UNIX_EPOCH};

use sp_core::H256;
use sp_io::hashing::blake2_256;
use subxt::{
	config::{DefaultExtrinsicParamsBuilder, SubstrateConfig},
	rpcs::{self, methods::legacy::TransactionStatus},
	utils::MultiSignature,
};

use crate::{chain::unknown, error::plain, keys::Key, AccountId, At, Call, Chain, Error, Receipt, Refused, Result};

/// How many blocks a signed transaction stays valid.
const LIFETIME: u64 = 256;

/// How far behind the newest block the block may lie from which a transaction's lifetime counts.
const BIRTH: u64 = 64;

/// How long to follow a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
	/// Until it is in a block.
	InBlock,
	/// Until its block is final.
	Finalized,
}

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
	/// The node accepted it.
	Sent(H256),
	/// It is in the block with this hash. A reorganisation may still take it out again.
	InBlock(H256),
	/// It is in the block with this hash, for good.
	Finalized(H256),
}

impl Chain {
	/// Signs `call` with `key`, sends it, and waits. Fails if it is refused, and also if it fails in a block.
	pub async fn submit(&self, call: &Call, key: &Key, wait: Wait) -> Result<Receipt> {
		self.submit_with(call, key, wait, &mut |_| ()).await
	}

	/// [`Chain::submit`], telling `progress` of every step.
	pub async fn submit_with(
		&self,
		call: &Call,
		key: &Key,
		wait: Wait,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Receipt> {
		let bytes = self.encode_signed(call, key).await?;
		self.send(&bytes, call.is_reading(), wait, progress).await
	}

	/// [`Chain::submit`], to be executed only if `key`'s account has sent nothing since the block `since`, only on chains that
	/// hold that block, and only within `lifetime` blocks after it (a power of two from 4 to 4096). Whatever was decided by
	/// looking at `since` is therefore decided by looking at all that the account has ever sent: of two programs that use one
	/// key at the same time, at most one gets through, and the other is told [`Refused::Stale`] or the like.
	pub async fn submit_since(&self, call: &Call, key: &Key, since: &At, lifetime: u64, wait: Wait) -> Result<Receipt> {
		let nonce = since.nonce(&key.account()).await?;
		let birth = (since.number(), since.hash());
		let bytes = sign(since, call, key, nonce.into(), birth, lifetime)?;
		self.send(&bytes, call.is_reading(), wait, &mut |_| ()).await
	}

	/// Sends a call that needs no account, such as a meter reading, and waits.
	pub async fn submit_feeless(&self, call: &Call, wait: Wait) -> Result<Receipt> {
		self.submit_feeless_with(call, wait, &mut |_| ()).await
	}

	/// [`Chain::submit_feeless`], telling `progress` of every step.
	pub async fn submit_feeless_with(
		&self,
		call: &Call,
		wait: Wait,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Receipt> {
		let bytes = self.encode_feeless(call).await?;
		self.send(&bytes, call.is_reading(), wait, progress).await
	}

	/// Asks the node whether it would accept a feeless call now, without sending it.
	pub async fn check_feeless(&self, call: &Call) -> Result<()> {
		let bytes = self.encode_feeless(call).await?;
		match self.validity(&bytes, call.is_reading()).await? {
			Some(refused) => Err(Error::Refused(refused)),
			None => Ok(()),
		}
	}

	/// Hands the bytes of a transaction with readings to the node's pool, and does not wait for a block.
	pub async fn hand_in(&self, bytes: &[u8]) -> Result<()> {
		match self.methods().author_submit_extrinsic(bytes).await {
			Ok(_) => Ok(()),
			Err(error) => Err(refused(error, true)),
		}
	}

	/// The bytes of a feeless transaction as of the newest block; see [`At::encode_feeless`].
	pub async fn encode_feeless(&self, call: &Call) -> Result<Vec<u8>> {
		self.best().await?.encode_feeless(call)
	}

	/// The bytes of a signed transaction, with the next nonce that the node's pool leaves free.
	pub async fn encode_signed(&self, call: &Call, key: &Key) -> Result<Vec<u8>> {
		let at = self.best().await?;
		let nonce = self.methods().system_account_next_index(&key.account()).await?;
		let birth = self.birth(at.number()).await?;
		sign(&at, call, key, nonce, birth, LIFETIME)
	}

	/// Sends the bytes of a transaction and waits. `reading`: it carries meter readings.
	async fn send(
		&self,
		bytes: &[u8],
		reading: bool,
		wait: Wait,
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Receipt> {
		let hash = H256(blake2_256(bytes));
		let mut statuses = match self.methods().author_submit_and_watch_extrinsic(bytes).await {
			Ok(statuses) => statuses,
			Err(error) => return Err(refused(error, reading)),
		};
		progress(Progress::Sent(hash));
		let mut block = None;
		loop {
			let status = match statuses.next().await {
				Some(Ok(status)) => status,
				Some(Err(error)) => return Err(lost(block, &plain(&error))),
				None => return Err(lost(block, "the node closed the connection")),
			};
			match status {
				TransactionStatus::InBlock(entered) => {
					progress(Progress::InBlock(entered));
					if wait == Wait::InBlock {
						return Receipt::read(self, bytes, hash, entered, false).await;
					}
					block = Some(entered);
				}
				TransactionStatus::Finalized(block) => {
					progress(Progress::Finalized(block));
					return Receipt::read(self, bytes, hash, block, true).await;
				}
				TransactionStatus::FinalityTimeout(block) => {
					return Err(Error::Lost(format!(
						"it is in block {block:?}, which does not become final"
					)))
				}
				TransactionStatus::Usurped(_) => return Err(Error::Refused(Refused::Replaced)),
				TransactionStatus::Dropped => return Err(Error::Refused(Refused::PoolFull)),
				TransactionStatus::Invalid => {
					// The node does not say why, but it says so when asked again.
					let why = self.validity(bytes, reading).await?;
					return Err(Error::Refused(why.unwrap_or(Refused::Replaced)));
				}
				TransactionStatus::Retracted(_) => block = None,
				TransactionStatus::Future | TransactionStatus::Ready | TransactionStatus::Broadcast(_) => (),
			}
		}
	}

	/// Why the newest block's state refuses a transaction; `None` if it does not.
	async fn validity(&self, bytes: &[u8], reading: bool) -> Result<Option<Refused>> {
		/// `TransactionSource::External`.
		const EXTERNAL: u8 = 2;
		let block = self.best_hash().await?;
		let mut arguments = vec![EXTERNAL];
		arguments.extend(bytes);
		arguments.extend(block.as_bytes());
		let validity = self
			.methods()
			.state_call(
				"TaggedTransactionQueue_validate_transaction",
				Some(&arguments),
				Some(block),
			)
			.await?;
		Ok(Refused::from_validity(&validity, reading))
	}

	/// The block from which a transaction's lifetime counts: the newest final one, unless finality lags far behind.
	async fn birth(&self, best: u64) -> Result<(u64, H256)> {
		let number = self.finalized_number().await?.max(best.saturating_sub(BIRTH));
		let hash = self.block_hash(number).await?;
		Ok((number, hash.ok_or_else(|| unknown(&number.to_string()))?))
	}
}

impl At {
	/// The bytes of a feeless transaction: version 5, *general*, no signature. (A *bare* one would skip the transaction
	/// extensions, and with them the authorisation.) They never expire; the block only says what the chain looks like, so
	/// one block serves for many transactions until the runtime changes.
	///
	/// Two attempts have different bytes: a node does not look again for half an hour at bytes that it refused, although
	/// what was in their way may be gone by then.
	pub fn encode_feeless(&self, call: &Call) -> Result<Vec<u8>> {
		let call = call.prepare(self.metadata())?;
		let parameters = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
			.immortal()
			.nonce(attempt())
			.build();
		let nobody = AccountId::from([0; 32]);
		self.block()
			.tx()
			.create_v5_signable_offline(&call, parameters)
			// No extension of this chain carries a signature, so this one goes nowhere.
			.and_then(|mut signable| {
				signable.sign_with_account_and_signature(&nobody, &MultiSignature::Sr25519([0; 64]))
			})
			.map(|transaction| transaction.into_encoded())
			.map_err(|error| Error::Incompatible(format!("transactions ({error})")))
	}
}

/// The bytes of a signed transaction, valid for `lifetime` blocks from the block `birth` on.
fn sign(at: &At, call: &Call, key: &Key, nonce: u64, birth: (u64, H256), lifetime: u64) -> Result<Vec<u8>> {
	let pair = key.for_chain(at.chain())?;
	let call = call.prepare(at.metadata())?;
	let parameters = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
		.mortal_from_unchecked(lifetime, birth.0, birth.1)
		.nonce(nonce)
		.build();
	at.block()
		.tx()
		.create_v4_signable_offline(&call, parameters)
		.and_then(|mut signable| signable.sign(pair))
		.map(|transaction| transaction.into_encoded())
		.map_err(|error| Error::Incompatible(format!("transactions ({error})")))
}

/// The error after which nobody says any more where a transaction is; `block` had it last.
fn lost(block: Option<H256>, reason: &str) -> Error {
	Error::Lost(match block {
		Some(block) => format!("it was in block {block:?}, which was not final yet ({reason})"),
		None => format!("it was not in a block yet ({reason})"),
	})
}

/// A number that another attempt does not have: it fills the field of the nonce, which nothing reads if nobody signs.
fn attempt() -> u64 {
	let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	u64::from(now.as_micros() as u32)
}

/// What an error at submission means.
fn refused(error: rpcs::Error, reading: bool) -> Error {
	if let rpcs::Error::User(answer) = &error {
		let data = answer
			.data
			.as_ref()
			.and_then(|data| serde_json::from_str::<String>(data.get()).ok());
		if let Some(refused) = Refused::from_rpc(answer.code, data.as_deref(), &answer.message, reading) {
			return Error::Refused(refused);
		}
	}
	error.into()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lost_should_tell_whether_the_transaction_was_in_a_block() {
		let seen = lost(Some(H256::repeat_byte(1)), "gone").to_string();
		assert!(seen.contains("it was in block 0x0101"), "{seen}");
		let unseen = lost(None, "gone").to_string();
		assert!(unseen.contains("it was not in a block yet (gone)"), "{unseen}");
	}
}
