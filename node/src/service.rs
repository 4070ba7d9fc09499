//! A running node: network, RPC, block authoring, finality.

use std::{path::Path, sync::Arc, time::Duration};

use baseload_runtime::{opaque::Block, Hash};
use futures::FutureExt;
use sc_client_api::{Backend as _, BlockBackend};
use sc_consensus_babe::{BabeParams, SlotProportion};
use sc_consensus_grandpa::{warp_proof, GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{
	config::{FullNetworkConfiguration, NetworkBackendType},
	service::traits::NetworkService,
	Litep2pNetworkBackend, NetworkBackend,
};
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{
	BuildNetworkParams, Configuration, Error, PartialComponents, SpawnTasksParams, TaskManager, WarpSyncConfig,
};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::Telemetry;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;

use crate::{
	components::{new_partial, Backend, Client, Consensus, Pool, JUSTIFICATION_PERIOD},
	rpc,
};

/// How long a vote is expected to need through the network. Rounds of GRANDPA are timed by it.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// The part of a slot that may be spent on making its block. The rest is for sending it around.
const PROPOSAL_PORTION: f32 = 0.5;

/// Starts a node, and watches the free space of its disk.
///
/// # Errors
///
/// Fails when a part of the node cannot be started, or when another network backend than litep2p is asked for; see
/// [`new_partial`] for the database.
pub fn new_full(config: Configuration, storage_monitor: StorageMonitorParams) -> Result<TaskManager, Error> {
	let database = config.database.path().map(Path::to_path_buf);
	if !matches!(config.network.network_backend, NetworkBackendType::Litep2p) {
		return Err(Error::Other(
			"this node speaks litep2p only: leave --network-backend out".into(),
		));
	}
	let task_manager = start(config)?;
	if let Some(database) = database {
		StorageMonitorService::try_spawn(storage_monitor, database, &task_manager.spawn_essential_handle())
			.map_err(|error| Error::Application(error.into()))?;
	}
	Ok(task_manager)
}

/// The network.
type Network = Litep2pNetworkBackend;

/// Starts everything.
fn start(config: Configuration) -> Result<TaskManager, Error> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other:
			Consensus {
				block_import,
				create_inherents,
				babe_link,
				babe_worker,
				grandpa_link,
				mut telemetry,
			},
	} = new_partial(&config)?;

	let genesis = client
		.block_hash(0)?
		.ok_or_else(|| Error::Other("the database has no genesis block".into()))?;
	let registry = config.prometheus_registry().cloned();

	// Network
	let metrics = <Network as NetworkBackend<Block, Hash>>::register_notification_metrics(registry.as_ref());
	let mut net_config = FullNetworkConfiguration::<Block, Hash, Network>::new(&config.network, registry.clone());
	let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
	let (grandpa_protocol_config, grandpa_notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<Block, Network>(
			grandpa_protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_protocol_config);
	let warp_sync = Arc::new(warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
		sc_service::build_network(BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		start_offchain_workers(
			&task_manager,
			client.clone(),
			&backend,
			&transaction_pool,
			&network,
			config.role.is_authority().then(|| keystore_container.keystore()),
		)?;
	}

	// RPC, telemetry, metrics
	let role = config.role;
	let force_authoring = config.force_authoring;
	let name = config.network.node_name.clone();
	let finality = !config.disable_grandpa;
	let voter_state = SharedVoterState::empty();
	let rpc_builder = rpc::builder(
		rpc::Sources {
			client: client.clone(),
			backend: backend.clone(),
			pool: transaction_pool.clone(),
			select_chain: select_chain.clone(),
			keystore: keystore_container.keystore(),
			chain_spec: config.chain_spec.cloned_box(),
			babe_worker: babe_worker.clone(),
			voter_state: voter_state.clone(),
		},
		&grandpa_link,
	);
	sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(rpc_builder),
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	// The BABE worker ends with its last handle, and it is essential: the node must outlive its RPC server.
	task_manager.keep_alive(babe_worker);
	let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

	// Block authoring
	if role.is_authority() {
		let proposer = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			client.clone(),
			transaction_pool.clone(),
			registry.as_ref(),
			telemetry_handle.clone(),
		);
		let babe = sc_consensus_babe::start_babe(BabeParams {
			keystore: keystore_container.keystore(),
			client,
			select_chain,
			env: proposer,
			block_import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: create_inherents,
			force_authoring,
			// The further finality lags, the fewer blocks: a long unfinalised chain makes it harder to catch up. A node
			// that does not follow finality cannot tell how far it lags.
			backoff_authoring_blocks: finality.then(BackoffAuthoringOnFinalizedHeadLagging::default),
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry_handle.clone(),
		})?;
		task_manager
			.spawn_essential_handle()
			.spawn_blocking("babe-proposer", Some("block-authoring"), babe);
	}

	// Finality. Nodes without keys follow the votes too: that costs little and keeps them close to the finalised head.
	if finality {
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: GOSSIP_DURATION,
				justification_generation_period: JUSTIFICATION_PERIOD,
				observer_enabled: false,
				local_role: role,
				name: Some(name),
				keystore: role.is_authority().then(|| keystore_container.keystore()),
				telemetry: telemetry_handle.clone(),
				protocol_name: grandpa_protocol,
			},
			link: grandpa_link,
			network,
			sync: sync_service,
			notification_service: grandpa_notifications,
			voting_rule: VotingRulesBuilder::default().build(),
			prometheus_registry: registry,
			shared_voter_state: voter_state,
			telemetry: telemetry_handle,
			// Two votes of one voter in one round are reported by a transaction into the node's own pool.
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
		})?;
		task_manager
			.spawn_essential_handle()
			.spawn_blocking("grandpa-voter", None, voter);
	}

	Ok(task_manager)
}

/// Runs the runtime's offchain workers after each block, as `--offchain-worker` says. They may not reach out by HTTP:
/// prices come by signed transactions, so that somebody answers for each.
fn start_offchain_workers(
	task_manager: &TaskManager,
	client: Arc<Client>,
	backend: &Backend,
	pool: &Arc<Pool>,
	network: &Arc<dyn NetworkService>,
	keystore: Option<sp_keystore::KeystorePtr>,
) -> Result<(), Error> {
	let workers = OffchainWorkers::new(OffchainWorkerOptions {
		runtime_api_provider: client.clone(),
		is_validator: keystore.is_some(),
		keystore,
		offchain_db: backend.offchain_storage(),
		transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
		network_provider: Arc::new(network.clone()),
		enable_http_requests: false,
		custom_extensions: |_| Vec::new(),
	})?;
	task_manager.spawn_handle().spawn(
		"offchain-workers-runner",
		Some("offchain-worker"),
		workers.run(client, task_manager.spawn_handle()).boxed(),
	);
	Ok(())
}
