//! What can go wrong, in plain words.

use baseload_primitives::Refusal;
use subxt::{
	error::{BackendError, RpcError},
	rpcs,
};

/// Why something did not work. Its text is one sentence for people.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
	/// No node answers at the address.
	Unreachable {
		/// Where.
		url: String,
		/// What the operating system or the network said.
		reason: String,
	},
	/// A node answers, but not of a Baseload chain.
	NotBaseload {
		/// Where.
		url: String,
		/// The name of the runtime that it runs.
		found: String,
	},
	/// The connection broke.
	Connection(String),
	/// The node cannot or will not answer: it says so in its own words.
	Node(String),
	/// The chain has no such pallet, call, storage item or view function.
	Missing(String),
	/// The chain has it, but in another shape: client and chain are of different releases.
	Incompatible(String),
	/// The transaction was refused before it entered a block. Nothing was paid.
	Refused(Refused),
	/// The transaction is in a block, and failed. Its fee was paid; nothing else changed.
	Failed(Failure),
	/// It is not known what became of the transaction: whether it entered a block, or whether its block becomes final.
	Lost(String),
	/// A key or key file cannot be used.
	Key(String),
}

/// Why a transaction was refused before it entered a block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
	/// A meter's reading, for a reason of its own.
	Reading(Refusal),
	/// The sender cannot pay the fee.
	Payment,
	/// The nonce was used already.
	Stale,
	/// The nonce is ahead of the account's.
	Future,
	/// The signature is wrong, or was made for another chain or runtime version.
	BadProof,
	/// Signed too many blocks ago.
	Expired,
	/// Does not fit into a block.
	TooLarge,
	/// The node has it already.
	AlreadyKnown,
	/// Another transaction in the pool takes its place and has at least its priority.
	LowPriority,
	/// Another transaction took its place in the pool.
	Replaced,
	/// The node refused it a moment ago and will not look at it again for a while.
	Banned,
	/// The pool is full.
	PoolFull,
	/// Nothing permits the call: it is filtered, or no authorisation covers it.
	NotPermitted,
	/// Anything else, in the node's words.
	Other(String),
}

/// Why a transaction in a block failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
	/// The pallet and the name of its error, if a pallet refused it.
	pub module: Option<(String, String)>,
	/// What it means.
	pub meaning: String,
}

impl Failure {
	/// True if `pallet` failed with `error`.
	pub fn is(&self, pallet: &str, error: &str) -> bool {
		self.module.as_ref().is_some_and(|(p, e)| p == pallet && e == error)
	}
}

impl Error {
	/// The refusal of a meter reading, if it is one.
	pub fn refusal(&self) -> Option<Refusal> {
		match self {
			Self::Refused(Refused::Reading(refusal)) => Some(*refusal),
			_ => None,
		}
	}

	/// True if a later attempt, over a new connection, may work: the node is away, or was while it mattered.
	pub fn is_connection(&self) -> bool {
		matches!(self, Self::Unreachable { .. } | Self::Connection(_) | Self::Lost(_))
	}

	/// True if the call failed in a block with `error` of `pallet`.
	pub fn is(&self, pallet: &str, error: &str) -> bool {
		matches!(self, Self::Failed(failure) if failure.is(pallet, error))
	}
}

impl core::fmt::Display for Error {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		match self {
			Self::Unreachable { url, reason } => write!(f, "no node answers at {url}: is it running? ({reason})"),
			Self::NotBaseload { url, found } => {
				write!(f, "the node at {url} is not of a Baseload chain: it runs \"{found}\"")
			}
			Self::Connection(reason) => write!(f, "the connection to the node failed: {reason}"),
			Self::Node(words) => write!(f, "the node answers: {words}"),
			Self::Missing(what) => write!(f, "this chain has no {what}"),
			Self::Incompatible(what) => {
				write!(
					f,
					"this chain has {what} in another shape: use the client of the chain's release"
				)
			}
			Self::Refused(refused) => write!(f, "refused: {refused}"),
			Self::Failed(failure) => write!(f, "failed: {failure}"),
			Self::Lost(reason) => write!(f, "what became of the transaction is not known: {reason}"),
			Self::Key(reason) => f.write_str(reason),
		}
	}
}

impl core::fmt::Display for Refused {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		f.write_str(match self {
			Self::Reading(refusal) => refusal.explain(),
			Self::Payment => "the account cannot pay the fee",
			Self::Stale => "the account's nonce was used already (another transaction of it came first)",
			Self::Future => "the nonce is ahead of the account's",
			Self::BadProof => "the signature does not fit this chain and its runtime version",
			Self::Expired => "it was signed too many blocks ago",
			Self::TooLarge => "it does not fit into a block",
			Self::AlreadyKnown => "the node has this transaction already",
			Self::LowPriority => "another transaction that takes its place is in the pool already",
			Self::Replaced => "another transaction took its place in the pool",
			Self::Banned => {
				"the node refused this transaction a moment ago; try again in half an hour or at another node"
			}
			Self::PoolFull => "the node's pool is full; try again later",
			Self::NotPermitted => "this chain does not permit the call",
			Self::Other(words) => return f.write_str(words),
		})
	}
}

impl core::fmt::Display for Failure {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		match &self.module {
			Some((pallet, error)) if self.meaning.is_empty() => write!(f, "{pallet}.{error}"),
			Some((pallet, error)) => write!(f, "{} ({pallet}.{error})", self.meaning.trim_end_matches('.')),
			None => f.write_str(&self.meaning),
		}
	}
}

impl std::error::Error for Error {}

impl From<rpcs::Error> for Error {
	fn from(error: rpcs::Error) -> Self {
		match error {
			rpcs::Error::User(error) => Self::Node(match error.data {
				Some(data) => format!("{} ({})", error.message, data.get().trim_matches('"')),
				None => error.message,
			}),
			other => Self::Connection(plain(&other)),
		}
	}
}

impl From<BackendError> for Error {
	fn from(error: BackendError) -> Self {
		match error {
			BackendError::Rpc(RpcError::ClientError(error)) => error.into(),
			other => Self::Connection(other.to_string()),
		}
	}
}

/// What a connection's error says, without the names of the layers that it came through.
pub(crate) fn plain(error: &rpcs::Error) -> String {
	let text = error.to_string();
	let mut plain = text.as_str();
	for layer in ["RPC error: ", "client error: "].iter().cycle().take(8) {
		plain = plain.strip_prefix(layer).unwrap_or(plain);
	}
	plain.into()
}

impl Refused {
	/// What the node's answer to a submission means. `None` if it is not about the transaction.
	/// `reading`: the call is a meter reading, whose custom codes are [`Refusal`]s.
	pub(crate) fn from_rpc(code: i32, data: Option<&str>, message: &str, reading: bool) -> Option<Self> {
		let data = data.unwrap_or_default();
		Some(match code {
			1010 => Self::from_invalid(data, reading),
			1011 => Self::NotPermitted,
			1012 => Self::Banned,
			1013 => Self::AlreadyKnown,
			1014 => Self::LowPriority,
			1016 => Self::PoolFull,
			1001 | 1002 | 1015 | 1018..=1021 | 1040 => Self::Other(match data {
				"" => message.into(),
				data => format!("{message} ({data})"),
			}),
			_ => return None,
		})
	}

	/// What the words of an invalid transaction mean: they are those of `sp_runtime::InvalidTransaction`.
	fn from_invalid(words: &str, reading: bool) -> Self {
		if let Some(code) = words
			.strip_prefix("Custom error: ")
			.and_then(|code| code.parse::<u8>().ok())
		{
			return Self::from_custom(code, reading);
		}
		match words {
			"Inability to pay some fees (e.g. account balance too low)" => Self::Payment,
			"Transaction is outdated" => Self::Stale,
			"Transaction will be valid in the future" => Self::Future,
			"Transaction has a bad signature" => Self::BadProof,
			"Transaction has an ancient birth block" => Self::Expired,
			"Transaction would exhaust the block limits" => Self::TooLarge,
			"Transaction call is not expected" | "The transaction extension did not authorize any origin" => {
				Self::NotPermitted
			}
			_ => Self::Other(words.into()),
		}
	}

	/// What a SCALE-encoded `TransactionValidity` says; `None` if the transaction is valid or the bytes are not one.
	pub(crate) fn from_validity(bytes: &[u8], reading: bool) -> Option<Self> {
		match *bytes {
			[1, 0, 7, code, ..] => Some(Self::from_custom(code, reading)),
			[1, 0, kind, ..] => Some(match kind {
				0 | 12 => Self::NotPermitted,
				1 => Self::Payment,
				2 => Self::Future,
				3 => Self::Stale,
				4 => Self::BadProof,
				5 => Self::Expired,
				6 => Self::TooLarge,
				10 => Self::Other("this sender may not send transactions".into()),
				other => Self::Other(format!("the chain finds it invalid (reason {other})")),
			}),
			[1, 1, ..] => Some(Self::NotPermitted),
			_ => None,
		}
	}

	/// What a custom code means.
	pub(crate) fn from_custom(code: u8, reading: bool) -> Self {
		match Refusal::from_code(code) {
			Some(refusal) if reading => Self::Reading(refusal),
			_ => Self::Other(format!("the chain refused it with the code {code}")),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn refusal_should_be_decoded_when_a_reading_is_refused() {
		for refusal in Refusal::ALL {
			let words = format!("Custom error: {}", refusal as u8);
			let refused = Refused::from_rpc(1010, Some(&words), "Invalid Transaction", true);
			assert_eq!(refused, Some(Refused::Reading(refusal)));
			let error = Error::Refused(Refused::Reading(refusal));
			assert_eq!(error.refusal(), Some(refusal));
			assert_eq!(error.to_string(), format!("refused: {}", refusal.explain()));
		}
	}

	#[test]
	fn custom_code_should_not_be_a_refusal_when_call_is_no_reading() {
		let refused = Refused::from_rpc(1010, Some("Custom error: 4"), "Invalid Transaction", false);
		assert_eq!(
			refused,
			Some(Refused::Other("the chain refused it with the code 4".into()))
		);
		assert!(matches!(Refused::from_custom(200, true), Refused::Other(_)));
	}

	#[test]
	fn invalid_should_be_explained_in_plain_words() {
		for (words, expected) in [
			(
				"Inability to pay some fees (e.g. account balance too low)",
				Refused::Payment,
			),
			("Transaction is outdated", Refused::Stale),
			("Transaction will be valid in the future", Refused::Future),
			("Transaction has a bad signature", Refused::BadProof),
			("Transaction has an ancient birth block", Refused::Expired),
			("Transaction would exhaust the block limits", Refused::TooLarge),
			("Transaction call is not expected", Refused::NotPermitted),
			("something new", Refused::Other("something new".into())),
		] {
			assert_eq!(
				Refused::from_rpc(1010, Some(words), "Invalid Transaction", true),
				Some(expected)
			);
		}
		assert_eq!(Refused::Payment.to_string(), "the account cannot pay the fee");
	}

	#[test]
	fn validity_should_be_explained_as_the_pool_does() {
		assert_eq!(
			Refused::from_validity(&[1, 0, 7, 5], true),
			Some(Refused::Reading(Refusal::StaleSequence))
		);
		assert_eq!(Refused::from_validity(&[1, 0, 1], false), Some(Refused::Payment));
		assert_eq!(Refused::from_validity(&[1, 1, 1], false), Some(Refused::NotPermitted));
		assert_eq!(Refused::from_validity(&[0, 1, 2, 3], true), None);
		assert_eq!(Refused::from_validity(&[], true), None);
	}

	#[test]
	fn codes_should_be_told_apart() {
		assert_eq!(Refused::from_rpc(1013, None, "", false), Some(Refused::AlreadyKnown));
		assert_eq!(Refused::from_rpc(1014, None, "", false), Some(Refused::LowPriority));
		assert_eq!(Refused::from_rpc(1012, None, "", false), Some(Refused::Banned));
		assert_eq!(Refused::from_rpc(1016, None, "", false), Some(Refused::PoolFull));
		assert_eq!(Refused::from_rpc(-32601, None, "Method not found", false), None);
	}

	#[test]
	fn unreachable_should_name_the_address() {
		let error = Error::Unreachable {
			url: "ws://127.0.0.1:1".into(),
			reason: "refused".into(),
		};
		assert!(error
			.to_string()
			.starts_with("no node answers at ws://127.0.0.1:1: is it running?"));
		assert!(error.is_connection());
	}

	#[test]
	fn connection_error_should_be_told_without_its_layers() {
		let inner = rpcs::Error::Client("connection refused".into());
		assert_eq!(plain(&rpcs::Error::Client(Box::new(inner))), "connection refused");
	}

	#[test]
	fn failure_should_name_pallet_and_error() {
		let failure = Failure {
			module: Some(("PpaEscrow".into(), "EscrowShort".into())),
			meaning: "The escrow does not cover the bill.".into(),
		};
		assert!(failure.is("PpaEscrow", "EscrowShort"));
		assert_eq!(
			Error::Failed(failure).to_string(),
			"failed: The escrow does not cover the bill (PpaEscrow.EscrowShort)"
		);
	}
}
