//! What a node's operator relies on: requests, metrics, the commands on a stopped node's database, and new nodes that catch up.

use std::{
	fs,
	io::{Read, Write},
	net::TcpStream,
	path::{Path, PathBuf},
	process::Command,
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::Chain;
use baseload_demo::node::{free_port, Node, Options};
use baseload_tests::{node_program, Said};
use serde_json::Value;
use subxt::rpcs::{client::RpcParams, rpc_params};

/// Requests of which each stands for a group that the node promises to answer.
const METHODS: [&str; 14] = [
	"author_submitAndWatchExtrinsic",
	"author_rotateKeysWithOwner",
	"babe_epochAuthorship",
	"chain_getFinalizedHead",
	"chainHead_v1_follow",
	"chainSpec_v1_genesisHash",
	"grandpa_proveFinality",
	"grandpa_roundState",
	"grandpa_subscribeJustifications",
	"payment_queryInfo",
	"state_call",
	"sync_state_genSyncSpec",
	"system_accountNextIndex",
	"transactionWatch_v1_submitAndWatch",
];

/// How long anything may take that other nodes have a part in.
const PATIENCE: Duration = Duration::from_secs(120);

async fn ask(chain: &Chain, method: &str, parameters: RpcParams) -> Result<Value> {
	let answer = chain.rpc().request::<Value>(method, parameters).await;
	answer.with_context(|| method.to_owned())
}

#[tokio::test]
async fn node_should_answer_and_its_database_should_be_usable_when_an_operator_asks() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let base_path = folder.path().join("node");
	let metrics = free_port()?;
	let mut node = Node::start(Options {
		base_path: Some(base_path.clone()),
		arguments: ["--dev", "--prometheus-port", &metrics.to_string()]
			.map(String::from)
			.to_vec(),
		..Default::default()
	})
	.await?;
	let chain = Chain::connect(&node.url()).await?;
	while chain.best_number().await? < 4 || chain.finalized_number().await? == 0 {
		chain.wait_for_block(PATIENCE).await?;
	}
	requests_should_be_answered(&chain).await?;
	metrics_should_be_told(metrics)?;
	node.stop().await?;
	database_should_be_usable_when_the_node_is_stopped(folder.path(), &base_path)
}

async fn requests_should_be_answered(chain: &Chain) -> Result<()> {
	let known = ask(chain, "rpc_methods", rpc_params![]).await?;
	let known = known["methods"].as_array().context("a list of methods")?;
	for method in METHODS {
		assert!(known.iter().any(|one| one == method), "no {method}");
	}
	let authorship = ask(chain, "babe_epochAuthorship", rpc_params![]).await?;
	assert_eq!(
		authorship.as_object().map(serde_json::Map::len),
		Some(1),
		"{authorship}"
	);
	let round = ask(chain, "grandpa_roundState", rpc_params![]).await?;
	assert_eq!(round["best"]["totalWeight"], 1, "{round}");
	let spec = ask(chain, "sync_state_genSyncSpec", rpc_params![true]).await?;
	assert!(spec["lightSyncState"]["finalizedBlockHeader"].is_string(), "{spec}");
	Ok(())
}

fn metrics_should_be_told(port: u16) -> Result<()> {
	let mut connection = TcpStream::connect(("127.0.0.1", port))?;
	connection.set_read_timeout(Some(PATIENCE))?;
	write!(
		connection,
		"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	)?;
	let mut answer = String::new();
	connection.read_to_string(&mut answer)?;
	assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
	let height = answer
		.lines()
		.find(|line| line.starts_with("substrate_block_height{") && line.contains("status=\"best\""))
		.context("no best height among the metrics")?;
	let height: u64 = height.rsplit(' ').next().context("a value")?.parse()?;
	assert!(height > 0);
	Ok(())
}

/// The commands of a node on a database of one network.
struct Commands {
	/// The network's specification.
	spec: PathBuf,
}

impl Commands {
	/// For the development network, whose raw specification is written into `folder`: unlike `--dev`, it need not be built anew by
	/// each command.
	fn new(folder: &Path) -> Result<Self> {
		let spec = folder.join("spec.json");
		let said = Said::by(Command::new(node_program()?).args(["export-chain-spec", "--chain", "dev", "--raw"]))?;
		ensure!(said.success, "{}", said.err);
		fs::write(&spec, said.out)?;
		Ok(Self { spec })
	}

	/// Runs a command on the database below `base_path`. It must succeed.
	fn run(&self, base_path: &Path, arguments: &[&str]) -> Result<Said> {
		let mut command = Command::new(node_program()?);
		command.args(arguments).arg("--chain").arg(&self.spec);
		let said = Said::by(command.arg("--base-path").arg(base_path))?;
		ensure!(said.success, "{arguments:?}: {}\n{}", said.err, said.out);
		Ok(said)
	}

	/// Number of the best block of the database below `base_path`.
	fn best(&self, base_path: &Path) -> Result<u64> {
		let said = self.run(base_path, &["chain-info"])?;
		let info: Value = serde_json::from_str(&said.out).with_context(|| said.out.clone())?;
		info["best_number"].as_u64().context("a number")
	}
}

fn database_should_be_usable_when_the_node_is_stopped(folder: &Path, base_path: &Path) -> Result<()> {
	let node = Commands::new(folder)?;
	let height = node.best(base_path)?;
	assert!(height >= 4, "{height}");
	let file = folder.join("blocks");
	let blocks = file.to_str().context("a plain path")?;
	node.run(base_path, &["export-blocks", blocks])?;
	node.run(base_path, &["check-block", "1"])?;

	let copy = folder.join("copy");
	node.run(&copy, &["import-blocks", blocks])?;
	assert_eq!(node.best(&copy)?, height, "all blocks came over");
	// Nobody votes on finality there, so that the newest blocks can be taken back.
	node.run(&copy, &["revert", "2"])?;
	assert_eq!(node.best(&copy)?, height - 2);
	node.run(&copy, &["import-blocks", blocks])?;
	assert_eq!(node.best(&copy)?, height, "consensus went back with the blocks");

	node.run(&copy, &["purge-chain", "-y"])?;
	let chain = copy.join("chains").join("baseload_dev");
	assert!(!chain.join("paritydb").exists(), "{}", chain.display());
	assert_eq!(node.best(base_path)?, height, "another node's database");
	Ok(())
}

/// A node of the development network that makes no blocks and knows these others.
async fn follower(others: &[String], more: &[&str]) -> Result<Node> {
	let mut arguments: Vec<_> = ["--chain", "dev", "--no-prometheus", "--no-mdns", "--bootnodes"]
		.map(String::from)
		.to_vec();
	arguments.extend(others.iter().cloned());
	arguments.extend(more.iter().map(|argument| argument.to_string()));
	Node::start(Options {
		arguments,
		..Default::default()
	})
	.await
}

/// Where other nodes find a node: a validator at its port, others at a WebSocket there.
async fn address(node: &Node, socket: &str) -> Result<String> {
	let chain = Chain::connect(&node.url()).await?;
	let id = ask(&chain, "system_localPeerId", rpc_params![]).await?;
	let id = id.as_str().context("a text")?;
	Ok(format!("/ip4/127.0.0.1/tcp/{}{socket}/p2p/{id}", node.network_port()))
}

#[tokio::test]
async fn new_node_should_reach_the_finalised_block_when_it_syncs_by_warp() -> Result<()> {
	let mut first = Node::start(Options::default()).await?;
	// A warp sync begins with three peers.
	let mut known = vec![address(&first, "").await?];
	let mut followers = Vec::new();
	for _ in 0..2 {
		let node = follower(&known[..1], &[]).await?;
		known.push(address(&node, "/ws").await?);
		followers.push(node);
	}
	let finalized = Chain::connect(&first.url()).await?.finalized_number().await?;
	ensure!(finalized > 0, "nothing is final");

	let mut newcomer = follower(&known, &["--sync", "warp"]).await?;
	let chain = Chain::connect(&newcomer.url()).await?;
	let deadline = Instant::now() + PATIENCE;
	while chain.finalized_number().await? <= finalized {
		if Instant::now() > deadline {
			bail!("the newcomer does not reach block {finalized}{}", newcomer.tail());
		}
		chain.wait_for_block(PATIENCE).await?;
	}
	let log = fs::read_to_string(newcomer.base_path().join("node.log"))?;
	assert!(log.contains("Warp sync is complete"), "{log}");
	// It is the same chain. (The blocks before where it began, the newcomer fetches at leisure.)
	let first_chain = Chain::connect(&first.url()).await?;
	let reached = chain.finalized_number().await?;
	let hash = chain.block_hash(reached).await?;
	assert!(hash.is_some(), "block {reached}");
	assert_eq!(hash, first_chain.block_hash(reached).await?);
	newcomer.stop().await?;
	for node in &mut followers {
		node.stop().await?;
	}
	first.stop().await
}
