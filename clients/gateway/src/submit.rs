//! Signs readings, sends them, and waits until they are final.
//!
//! Nothing is lost by stopping at any point: what is on the chain is on the chain, and the next run goes on after it.

use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{
	calls, device::format_device_key, keys::DeviceSecret, primitives::views::ReadingView, Chain, MeterView, Progress,
	Wait,
};
use baseload_primitives::{MeterId, MeterStatus, Moment, Reading, Refusal, SignedReading};

use crate::backlog::Layout;

/// The most readings in one call, as the chain bounds a backlog.
pub const MAX_BATCH: usize = 256;

/// How often the chain is asked whether readings are final.
const POLL: Duration = Duration::from_millis(500);

/// What happens while readings are submitted, as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
	/// A batch was sent.
	Sent {
		/// Readings in it.
		count: usize,
		/// Sequence of its first reading.
		first: u64,
		/// Sequence of its last reading.
		last: u64,
	},
	/// The batch is in a block.
	InBlock,
	/// The block with this number, which holds the batch, is final.
	BlockFinal(u64),
	/// The chain takes no more readings of this meter until earlier ones are final.
	WaitsForRoom {
		/// Readings that are not final yet.
		pending: u32,
		/// Open time until they all are, in milliseconds.
		left: Moment,
	},
	/// All readings are in final blocks; their challenge window runs.
	WaitsForFinality {
		/// Open time until it is over, in milliseconds.
		left: Moment,
	},
}

/// A device's way to the chain.
pub struct Gateway {
	chain: Chain,
	meter: MeterId,
	device: DeviceSecret,
	layout: Layout,
}

impl Gateway {
	/// Looks the meter up and checks that the key is its own.
	pub async fn new(chain: Chain, meter: MeterId, device: DeviceSecret) -> Result<Self> {
		let view = meter_view(&chain, meter).await?;
		let key = view
			.key
			.with_context(|| format!("meter {meter} has no device: a committee reads it"))?;
		ensure!(
			key == device.public(),
			"the key file holds the key {}, but meter {meter} has {}",
			format_device_key(device.public()),
			format_device_key(key)
		);
		let layout = Layout::of(&view.registers)?;
		Ok(Self {
			chain,
			meter,
			device,
			layout,
		})
	}

	/// The order of the meter's registers.
	pub fn layout(&self) -> Layout {
		self.layout
	}

	/// The meter's newest reading on the chain, final or not.
	pub async fn newest(&self) -> Result<Option<ReadingView>> {
		Ok(meter_view(&self.chain, self.meter).await?.newest)
	}

	/// Signs a reading.
	pub fn sign(&self, reading: Reading) -> SignedReading {
		self.device.sign_reading(self.chain.genesis_hash(), self.meter, reading)
	}

	/// Sends readings, oldest first, in as few calls as possible, and waits for each call's block to be final. Where
	/// too many readings are pending it waits until they are final.
	pub async fn send(&self, readings: Vec<Reading>, tell: &mut (dyn FnMut(Step) + Send)) -> Result<()> {
		let signed: Vec<SignedReading> = readings.into_iter().map(|reading| self.sign(reading)).collect();
		for batch in signed.chunks(MAX_BATCH) {
			self.send_batch(batch, tell).await?;
		}
		Ok(())
	}

	async fn send_batch(&self, batch: &[SignedReading], tell: &mut (dyn FnMut(Step) + Send)) -> Result<()> {
		let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
			return Ok(());
		};
		let (first, last) = (first.reading.sequence, last.reading.sequence);
		let call = calls::submit_backlog(self.meter, batch);
		// Asked first, since a node bans for a while what it once refused
		while let Err(error) = self.chain.check_feeless(&call).await {
			if error.refusal() != Some(Refusal::PendingFull) {
				return Err(error).with_context(|| format!("readings {first} to {last} of meter {}", self.meter));
			}
			let view = self.active_meter().await?;
			// With nothing pending there will never be more room
			ensure!(
				view.pending > 0,
				"the chain has no room for {} readings of one meter",
				batch.len()
			);
			tell(Step::WaitsForRoom {
				pending: view.pending,
				left: view.final_in,
			});
			self.wait_until_none_pending().await?;
		}
		tell(Step::Sent {
			count: batch.len(),
			first,
			last,
		});
		let receipt = self
			.chain
			.submit_feeless_with(&call, Wait::Finalized, &mut |progress| {
				if let Progress::InBlock(_) = progress {
					tell(Step::InBlock);
				}
			})
			.await
			.with_context(|| format!("readings {first} to {last} of meter {}", self.meter))?;
		tell(Step::BlockFinal(receipt.block_number));
		Ok(())
	}

	/// Waits until the reading with this sequence, or a later one, is final: its challenge window is over. Returns the
	/// newest final reading.
	pub async fn wait_until_final(&self, sequence: u64, tell: &mut (dyn FnMut(Step) + Send)) -> Result<ReadingView> {
		let mut told = false;
		loop {
			let view = self.active_meter().await?;
			match view.newest_final {
				Some(newest) if newest.sequence >= sequence => return Ok(newest),
				_ => (),
			}
			ensure!(
				view.newest.is_some_and(|newest| newest.sequence >= sequence),
				"reading {sequence} of meter {} is not on the chain (any more)",
				self.meter
			);
			if !told {
				tell(Step::WaitsForFinality { left: view.final_in });
				told = true;
			}
			tokio::time::sleep(POLL).await;
		}
	}

	async fn wait_until_none_pending(&self) -> Result<()> {
		while self.active_meter().await?.pending > 0 {
			tokio::time::sleep(POLL).await;
		}
		Ok(())
	}

	/// The meter at the newest final block. Fails if it is suspended: then nothing becomes final, and there is no end
	/// to wait for.
	async fn active_meter(&self) -> Result<MeterView> {
		let view = self
			.chain
			.finalized()
			.await?
			.meter(self.meter)
			.await?
			.with_context(|| unknown(self.meter))?;
		if view.status == MeterStatus::Suspended {
			bail!(
				"meter {} is suspended; {} of its readings are not final",
				self.meter,
				view.pending
			);
		}
		Ok(view)
	}
}

async fn meter_view(chain: &Chain, meter: MeterId) -> Result<MeterView> {
	chain.best().await?.meter(meter).await?.with_context(|| unknown(meter))
}

fn unknown(meter: MeterId) -> String {
	format!("the chain has no meter {meter}")
}
