//! The runtime in memory: genesis, and blocks without a node. What a block lacks here is the state root in its header, which
//! nothing asks for.

use baseload_primitives::Moment;
use baseload_runtime::{
	AllPalletsWithSystem, Babe, BlockNumber, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin,
	System,
};
use codec::Encode;
use frame_support::{
	dispatch::DispatchResult,
	traits::{OnFinalize, OnIdle, OnInitialize},
};
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	BABE_ENGINE_ID,
};
use sp_io::TestExternalities;
use sp_runtime::{generic::Digest, traits::Dispatchable, BuildStorage, DigestItem};

use crate::Failure;

/// What the stablecoin reports.
pub type Event = pallet_power_stablecoin::Event<Runtime>;

/// The first block's time, at the start of an hour: 2026-01-01.
const START: Moment = 1_767_225_600_000;

/// A chain.
pub struct Chain {
	state: TestExternalities,
	number: BlockNumber,
	time: Moment,
}

impl Chain {
	/// A chain of which no block was made.
	pub fn new(genesis: &RuntimeGenesisConfig) -> Result<Self, Failure> {
		let storage = genesis.build_storage()?;
		Ok(Self {
			state: TestExternalities::new(storage),
			number: 0,
			time: START,
		})
	}

	/// Milliseconds since the first block.
	pub fn elapsed(&self) -> Moment {
		self.time - START
	}

	/// Looks at the state.
	pub fn read<T>(&mut self, look: impl FnOnce() -> T) -> T {
		self.state.execute_with(look)
	}

	/// Makes a block, `step` milliseconds after the last, with these calls in it. Returns what the stablecoin reported.
	pub fn block(&mut self, step: Moment, calls: impl FnOnce()) -> Result<Vec<Event>, Failure> {
		self.number += 1;
		self.time += step;
		let (number, now) = (self.number, self.time);
		let made: Result<Vec<Event>, Failure> = self.state.execute_with(|| {
			begin(number, now)?;
			calls();
			let room = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
			let left = room.saturating_sub(System::block_weight().total());
			AllPalletsWithSystem::on_idle(number, left);
			AllPalletsWithSystem::on_finalize(number);
			let events = System::events().into_iter().filter_map(|record| match record.event {
				RuntimeEvent::PowerStablecoin(event) => Some(event),
				_ => None,
			});
			Ok(events.collect())
		});
		let events = made?;
		// A node writes its state down after each block. Here what was removed stays in the way of all who look for the front of
		// the risk index, until that is done.
		if events.iter().any(|event| matches!(event, Event::Liquidated { .. })) {
			self.state.commit_all()?;
		}
		Ok(events)
	}
}

/// Everything that a block begins with.
fn begin(number: BlockNumber, now: Moment) -> Result<(), Failure> {
	let slot = (now / Babe::slot_duration()).into();
	let author = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: 0,
		slot,
	});
	let digest = Digest {
		logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, author.encode())],
	};
	System::reset_events();
	System::initialize(&number, &System::parent_hash(), &digest);
	AllPalletsWithSystem::on_initialize(number);
	System::note_finished_initialize();
	let clock = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now });
	dispatch(clock, RuntimeOrigin::none()).map_err(|error| format!("the clock was refused: {error:?}"))
}

/// Does a call, with everything undone if it fails, as in a transaction.
pub fn dispatch(call: RuntimeCall, origin: RuntimeOrigin) -> DispatchResult {
	call.dispatch(origin).map(|_| ()).map_err(|failed| failed.error)
}
