//! The JSON-RPC methods of the node beside the standard ones, which `sc-service` adds by itself.

use std::{error::Error, sync::Arc};

use baseload_runtime::opaque::Block;
use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{FinalityProofProvider, LinkHalf, SharedVoterState};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_service::ChainSpec;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_keystore::KeystorePtr;
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::components::{Backend, Client, Pool, SelectChain};

/// What the methods read from.
pub struct Sources {
	/// The chain.
	pub client: Arc<Client>,
	/// The client's database.
	pub backend: Arc<Backend>,
	/// The transaction pool.
	pub pool: Arc<Pool>,
	/// The rule that chooses the best chain.
	pub select_chain: SelectChain,
	/// The node's keys.
	pub keystore: KeystorePtr,
	/// The network's specification.
	pub chain_spec: Box<dyn ChainSpec>,
	/// Answers about epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// What the voter votes on at the moment.
	pub voter_state: SharedVoterState,
}

/// The methods, as a function that makes them anew for each server: `sc-service` asks twice.
pub fn builder(
	sources: Sources,
	grandpa_link: &LinkHalf<Block, Client, SelectChain>,
) -> impl Fn(SubscriptionTaskExecutor) -> Result<RpcModule<()>, sc_service::Error> {
	let justifications = grandpa_link.justification_stream();
	let authorities = grandpa_link.shared_authority_set().clone();
	let finality_proofs = FinalityProofProvider::new_for_service(sources.backend.clone(), Some(authorities.clone()));

	move |executor| {
		let build = || -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
			let Sources {
				client,
				pool,
				select_chain,
				keystore,
				chain_spec,
				babe_worker,
				voter_state,
				..
			} = &sources;
			let mut module = RpcModule::new(());
			module.merge(System::new(client.clone(), pool.clone()).into_rpc())?;
			module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
			module.merge(
				Babe::new(
					client.clone(),
					babe_worker.clone(),
					keystore.clone(),
					select_chain.clone(),
				)
				.into_rpc(),
			)?;
			module.merge(
				Grandpa::new(
					executor.clone(),
					authorities.clone(),
					voter_state.clone(),
					justifications.clone(),
					finality_proofs.clone(),
				)
				.into_rpc(),
			)?;
			module.merge(
				SyncState::new(
					chain_spec.cloned_box(),
					client.clone(),
					authorities.clone(),
					babe_worker.clone(),
				)?
				.into_rpc(),
			)?;
			Ok(module)
		};
		build().map_err(Into::into)
	}
}
