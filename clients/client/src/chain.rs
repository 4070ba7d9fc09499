//! A connection to a node.

use std::{sync::Arc, time::Duration};

use sp_core::H256;
use subxt::{
	backend::LegacyBackend,
	client::OnlineClientAtBlockImpl,
	config::{Config, RpcConfigFor, SubstrateConfig},
	rpcs::{
		client::{rpc_params, RpcClient, RpcParams, RpcSubscription},
		methods::legacy::NumberOrHex,
		LegacyRpcMethods,
	},
	OnlineClient,
};

use crate::{calls::SessionKeys, error::plain, AccountId, At, Error, Result};

/// The runtime's name on every Baseload chain.
const SPEC_NAME: &str = "baseload";

pub(crate) type Rpc = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;
type Header = <SubstrateConfig as Config>::Header;
pub(crate) type AtBlock = subxt::client::ClientAtBlock<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;

/// What a chain is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainType {
	/// One developer's.
	Development,
	/// A few nodes on one machine.
	Local,
	/// Everything else: keys that everybody knows must not be used.
	Live,
}

/// A connection to a node of a Baseload chain. Clones share it. It does not reconnect by itself: after an error for which
/// [`Error::is_connection`] holds, connect again.
#[derive(Clone)]
pub struct Chain {
	shared: Arc<Shared>,
}

struct Shared {
	url: String,
	rpc: RpcClient,
	methods: Rpc,
	client: OnlineClient<SubstrateConfig>,
	name: String,
	chain_type: ChainType,
}

impl Chain {
	/// Connects to the node at `url` (`ws://` or `wss://`) and checks that its chain is a Baseload chain.
	pub async fn connect(url: &str) -> Result<Self> {
		let rpc = RpcClient::from_insecure_url(url)
			.await
			.map_err(|error| Error::Unreachable {
				url: url.into(),
				reason: plain(&error),
			})?;
		let methods = Rpc::new(rpc.clone());

		let version = methods.state_get_runtime_version(None).await?;
		let spec_name = version
			.other
			.get("specName")
			.and_then(|name| name.as_str())
			.unwrap_or_default();
		if spec_name != SPEC_NAME {
			return Err(Error::NotBaseload {
				url: url.into(),
				found: spec_name.into(),
			});
		}

		let backend = LegacyBackend::builder().build(rpc.clone());
		let client = OnlineClient::from_backend(Arc::new(backend))
			.await
			.map_err(|error| Error::Connection(error.to_string()))?;
		let name = methods.system_chain().await?;
		// A custom type is an object, not a string.
		let chain_type: serde_json::Value = rpc.request("system_chainType", RpcParams::new()).await?;
		let chain_type = match chain_type.as_str() {
			Some("Development") => ChainType::Development,
			Some("Local") => ChainType::Local,
			_ => ChainType::Live,
		};
		Ok(Self {
			shared: Arc::new(Shared {
				url: url.into(),
				rpc,
				methods,
				client,
				name,
				chain_type,
			}),
		})
	}

	/// [`Chain::connect`], again and again until a node answers or `patience` is over.
	pub async fn connect_patiently(url: &str, patience: Duration) -> Result<Self> {
		let deadline = tokio::time::Instant::now() + patience;
		loop {
			match Self::connect(url).await {
				Err(error) if error.is_connection() && tokio::time::Instant::now() < deadline => {
					tokio::time::sleep(Duration::from_millis(200)).await
				}
				done => return done,
			}
		}
	}

	/// Where the node answers.
	pub fn url(&self) -> &str {
		&self.shared.url
	}

	/// The chain's name in its chain specification.
	pub fn name(&self) -> &str {
		&self.shared.name
	}

	/// What the chain is for.
	pub fn chain_type(&self) -> &ChainType {
		&self.shared.chain_type
	}

	/// Hash of block 0: the chain's identity. Device signatures bind it.
	pub fn genesis_hash(&self) -> H256 {
		self.shared.client.genesis_hash()
	}

	/// The state at the newest block that the node knows; a reorganisation may still drop that block.
	pub async fn best(&self) -> Result<At> {
		let hash = self.best_hash().await?;
		self.at(hash).await
	}

	/// The state at the newest final block.
	pub async fn finalized(&self) -> Result<At> {
		let hash = self.methods().chain_get_finalized_head().await?;
		self.at(hash).await
	}

	/// The state at the block with this hash.
	pub async fn at(&self, block: H256) -> Result<At> {
		use subxt::error::OnlineClientAtBlockError::{BlockHeaderNotFound, BlockNotFound};
		match self.shared.client.at_block(block).await {
			Ok(inner) => Ok(At::new(self.clone(), inner)),
			Err(BlockHeaderNotFound { .. } | BlockNotFound { .. }) => Err(unknown(&format!("{block:?}"))),
			Err(error) => Err(Error::Connection(error.to_string())),
		}
	}

	/// The hash of the block with this number on the best chain; `None` if there is no such block yet.
	pub async fn block_hash(&self, number: u64) -> Result<Option<H256>> {
		Ok(self
			.methods()
			.chain_get_block_hash(Some(NumberOrHex::Number(number)))
			.await?)
	}

	/// The transactions in a block, as they were sent; its state is not needed. Fails if the node no longer has the block.
	pub async fn transactions(&self, block: H256) -> Result<Vec<Vec<u8>>> {
		let found = self.methods().chain_get_block(Some(block)).await?;
		let found = found.ok_or_else(|| unknown(&format!("{block:?}")))?;
		Ok(found.block.extrinsics.into_iter().map(|bytes| bytes.0).collect())
	}

	/// Number of the newest final block.
	pub async fn finalized_number(&self) -> Result<u64> {
		let hash = self.methods().chain_get_finalized_head().await?;
		self.number_of(hash).await
	}

	/// Number of the newest block.
	pub async fn best_number(&self) -> Result<u64> {
		let hash = self.best_hash().await?;
		self.number_of(hash).await
	}

	/// Waits until the next new block, or `patience` is over. Returns the number of the newest block.
	pub async fn wait_for_block(&self, patience: Duration) -> Result<u64> {
		let mut heads = self.methods().chain_subscribe_new_heads().await?;
		let next = async {
			// The subscription begins with the block that is the newest already.
			heads.next().await.transpose()?;
			heads.next().await.transpose()
		};
		match tokio::time::timeout(patience, next).await {
			Ok(Ok(Some(header))) => Ok(header.number),
			Ok(Ok(None)) => Err(Error::Connection("the node closed the connection".into())),
			Ok(Err(error)) => Err(error.into()),
			Err(_) => Err(Error::Node(format!("no new block within {} s", patience.as_secs()))),
		}
	}

	/// Follows the newest block, beginning with the one that it is now.
	pub async fn new_blocks(&self) -> Result<NewBlocks> {
		Ok(NewBlocks {
			chain: self.clone(),
			heads: self.methods().chain_subscribe_new_heads().await?,
		})
	}

	/// Follows the newest final block, beginning with the one that it is now. Blocks that become final together are told of
	/// once, by the newest of them.
	pub async fn final_blocks(&self) -> Result<FinalBlocks> {
		Ok(FinalBlocks {
			chain: self.clone(),
			heads: self.methods().chain_subscribe_finalized_heads().await?,
		})
	}

	/// How many peers the node has, and whether it is still catching up.
	pub async fn health(&self) -> Result<(usize, bool)> {
		let health = self.methods().system_health().await?;
		Ok((health.peers, health.is_syncing))
	}

	/// Makes new session keys in the node's key store for the validator `owner`. The node must permit unsafe requests.
	pub async fn rotate_session_keys(&self, owner: AccountId) -> Result<SessionKeys> {
		let owner = format!("0x{}", hex::encode(owner.0));
		let made: serde_json::Value = self
			.rpc()
			.request("author_rotateKeysWithOwner", rpc_params![owner])
			.await?;
		let field = |name: &str| {
			let text = made.get(name).and_then(|value| value.as_str()).unwrap_or_default();
			hex::decode(text.trim_start_matches("0x"))
				.map_err(|_| Error::Node("it returned session keys that are not hex".into()))
		};
		Ok(SessionKeys {
			keys: field("keys")?,
			proof: field("proof")?,
		})
	}

	/// The raw connection, for requests that this library has no method for.
	pub fn rpc(&self) -> &RpcClient {
		&self.shared.rpc
	}

	pub(crate) fn methods(&self) -> &Rpc {
		&self.shared.methods
	}

	pub(crate) async fn best_hash(&self) -> Result<H256> {
		let hash = self.methods().chain_get_block_hash(None).await?;
		hash.ok_or_else(|| Error::Node("it has no best block".into()))
	}

	pub(crate) async fn number_of(&self, block: H256) -> Result<u64> {
		let header = self.methods().chain_get_header(Some(block)).await?;
		Ok(header.ok_or_else(|| unknown(&format!("{block:?}")))?.number)
	}
}

/// The newest block, again and again; see [`Chain::new_blocks`].
pub struct NewBlocks {
	chain: Chain,
	heads: RpcSubscription<Header>,
}

impl NewBlocks {
	/// Waits until there is a new block, and gives the state at the newest.
	pub async fn next(&mut self) -> Result<At> {
		match self.heads.next().await.transpose()? {
			Some(_) => self.chain.best().await,
			None => Err(Error::Connection("the node closed the connection".into())),
		}
	}
}

/// The newest final block, again and again; see [`Chain::final_blocks`].
pub struct FinalBlocks {
	chain: Chain,
	heads: RpcSubscription<Header>,
}

impl FinalBlocks {
	/// Waits until there is a new final block, and gives the state at the newest.
	pub async fn next(&mut self) -> Result<At> {
		match self.heads.next().await.transpose()? {
			Some(_) => self.chain.finalized().await,
			None => Err(Error::Connection("the node closed the connection".into())),
		}
	}
}

/// The node's answer about a block that it does not have, or no longer has the state of.
pub(crate) fn unknown(block: &str) -> Error {
	Error::Node(format!("it does not have block {block}"))
}

impl core::fmt::Debug for Chain {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		f.debug_struct("Chain")
			.field("url", &self.shared.url)
			.field("name", &self.shared.name)
			.finish_non_exhaustive()
	}
}
