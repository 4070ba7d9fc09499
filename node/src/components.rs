//! The parts that a running node and the commands on its database have in common.

use std::sync::Arc;

use baseload_runtime::{opaque::Block, RuntimeApi};
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, ImportQueueParams};
use sc_consensus_grandpa::{GrandpaBlockImport, GrandpaPruningFilter, LinkHalf};
use sc_executor::WasmExecutor;
use sc_service::{Configuration, Error, PartialComponents, TFullBackend, TFullClient};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::SlotDuration;
use sp_inherents::CreateInherentDataProviders;

/// What the runtime may call on the host: the standard functions and nothing else.
type HostFunctions = sp_io::SubstrateHostFunctions;
/// Runs the chain's wasm; there is no native runtime that could differ from it.
type Executor = WasmExecutor<HostFunctions>;

/// The client: the chain and its state.
pub type Client = TFullClient<Block, RuntimeApi, Executor>;
/// The client's database.
pub type Backend = TFullBackend<Block>;
/// The rule that chooses the best chain.
pub type SelectChain = LongestChain<Backend, Block>;
/// The transaction pool.
pub type Pool = TransactionPoolHandle<Block, Client>;

/// What a block says about its making beyond transactions: its slot and its time.
type InherentProviders = (
	sp_consensus_babe::inherents::InherentDataProvider,
	sp_timestamp::InherentDataProvider,
);
/// Makes [`InherentProviders`]; behind a pointer, because the type of a closure cannot be written in [`BlockImport`].
pub type CreateInherents = Arc<dyn CreateInherentDataProviders<Block, (), InherentDataProviders = InherentProviders>>;

/// The path that every block takes into the chain: BABE checks it, then GRANDPA looks for changes of the authorities.
pub type BlockImport = BabeBlockImport<
	Block,
	Client,
	GrandpaBlockImport<Backend, Block, Client, SelectChain>,
	CreateInherents,
	SelectChain,
>;

/// The parts of consensus, and the telemetry that reports on them.
pub struct Consensus {
	/// Where the node's own blocks go in.
	pub block_import: BlockImport,
	/// Slot and time of the node's own blocks.
	pub create_inherents: CreateInherents,
	/// What block authoring shares with import.
	pub babe_link: BabeLink<Block>,
	/// Asks the BABE worker about epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// What the voter shares with import.
	pub grandpa_link: LinkHalf<Block, Client, SelectChain>,
	/// Reports to telemetry servers, if there are any.
	pub telemetry: Option<Telemetry>,
}

/// Everything [`new_partial`] makes.
pub type Components = PartialComponents<Client, Backend, SelectChain, DefaultImportQueue<Block>, Pool, Consensus>;

/// GRANDPA proves finality at least every so many blocks. Fewer proofs take less space, more let warp sync and light
/// clients come closer to the head.
pub const JUSTIFICATION_PERIOD: u32 = 512;

/// Opens the database and makes what stands around it, without network or RPC.
///
/// # Errors
///
/// Fails when the database cannot be opened, when its genesis differs from the specification's, or when the runtime does
/// not answer for its consensus.
pub fn new_partial(config: &Configuration) -> Result<Components, Error> {
	let telemetry = start_telemetry(config)?;
	let executor = sc_service::new_wasm_executor(&config.executor);
	let (client, backend, keystore_container, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
		config,
		telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
		executor,
		// A pruned node still has to prove to others, by warp sync, how the authorities changed.
		vec![Arc::new(GrandpaPruningFilter)],
	)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let telemetry_handle = || telemetry.as_ref().map(Telemetry::handle);

	let select_chain = LongestChain::new(backend.clone());
	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_block_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry_handle(),
	)?;
	let justification_import = Box::new(grandpa_block_import.clone());

	// The runtime decides how long a slot is; networks differ.
	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let create_inherents = create_inherents(slot_duration);
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_block_import,
		client.clone(),
		create_inherents.clone(),
		select_chain.clone(),
		// Two blocks of one author in one slot are reported by a transaction into the node's own pool.
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
		link: babe_link.clone(),
		block_import: block_import.clone(),
		justification_import: Some(justification_import),
		client: client.clone(),
		slot_duration,
		spawner: &task_manager.spawn_essential_handle(),
		registry: config.prometheus_registry(),
		telemetry: telemetry_handle(),
	})?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus {
			block_import,
			create_inherents,
			babe_link,
			babe_worker,
			grandpa_link,
			telemetry,
		},
	})
}

/// A worker for the telemetry servers of the configuration, `None` if it names none.
fn start_telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, Error> {
	/// Messages that may wait for the worker.
	const BUFFER: usize = 16;

	let Some(endpoints) = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
	else {
		return Ok(None);
	};
	let worker = TelemetryWorker::new(BUFFER)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok(Some((worker, telemetry)))
}

/// Slot and time from the machine's clock, for own blocks and to compare those of others with.
fn create_inherents(slot_duration: SlotDuration) -> CreateInherents {
	Arc::new(move |_parent, ()| async move {
		let time = sp_timestamp::InherentDataProvider::from_system_time();
		let slot =
			sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(*time, slot_duration);
		Ok((slot, time))
	})
}
