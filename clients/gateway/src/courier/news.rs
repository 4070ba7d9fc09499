//! What final blocks report about meters.

use baseload_client::{At, Chain, Event};
use baseload_primitives::{MeterId, Moment};
use codec::Decode;

use super::Failure;

const PALLET: &str = "MeterAttestation";

/// Final blocks that are looked through one by one at most, when several became final together: beyond that, nodes may have
/// dropped their state, and the chain is asked where each meter stands.
const MOST_BLOCKS: u64 = 128;

/// What a final block reports about a meter. Sequences are the chain's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
	/// Readings entered it.
	Accepted {
		/// The newest of them.
		last: u64,
		/// When that was measured, Unix milliseconds; a backlog's report does not say.
		measured_at: Option<Moment>,
		/// How many.
		count: u32,
		/// Open time at which they become final if nobody objects.
		final_at: Moment,
	},
	/// All readings up to this one are final.
	Final {
		/// Which.
		sequence: u64,
		/// When it was measured, Unix milliseconds.
		measured_at: Moment,
	},
	/// Something else: ask.
	Changed,
}

/// A newest final block, and what was reported since the one before.
pub struct News {
	/// The block.
	pub at: At,
	/// Its open time, in milliseconds.
	pub open: Moment,
	/// What it and the blocks since the last one reported, in order.
	pub said: Vec<(MeterId, Said)>,
	/// Not all of those blocks were looked through.
	pub gap: bool,
}

/// Looks through the final blocks above `known` up to `at`.
pub async fn until(chain: &Chain, known: u64, at: At) -> Result<News, Failure> {
	let mut said = Vec::new();
	let gap = at.number().saturating_sub(known) > MOST_BLOCKS;
	if !gap {
		for number in known + 1..at.number() {
			let hash = chain.block_hash(number).await?;
			let hash = hash.ok_or_else(|| Failure::Disconnected(format!("the node does not know block {number}")))?;
			read(&chain.at(hash).await?, &mut said).await?;
		}
		if at.number() > known {
			read(&at, &mut said).await?;
		}
	}
	// Time of the last block, then open time
	let (_, open): (Moment, Moment) = at.storage_or_default(PALLET, "OpenClock", &[]).await?;
	Ok(News { at, open, said, gap })
}

async fn read(at: &At, said: &mut Vec<(MeterId, Said)>) -> Result<(), Failure> {
	said.extend(at.events(PALLET).await?.iter().filter_map(of));
	Ok(())
}

/// What an event says, if it is about a meter's readings.
fn of(event: &Event) -> Option<(MeterId, Said)> {
	let fields = &mut event.fields.as_slice();
	Some(match event.name.as_str() {
		"ReadingAccepted" => {
			let (meter, last, at, _, final_at) = <(MeterId, u64, Moment, u8, Moment)>::decode(fields).ok()?;
			let accepted = Said::Accepted {
				last,
				measured_at: Some(at),
				count: 1,
				final_at,
			};
			(meter, accepted)
		}
		"BacklogAccepted" => {
			let (meter, count, _, last, final_at) = <(MeterId, u32, u64, u64, Moment)>::decode(fields).ok()?;
			let accepted = Said::Accepted {
				last,
				measured_at: None,
				count,
				final_at,
			};
			(meter, accepted)
		}
		"RegistersFinal" => {
			let (meter, sequence, measured_at) = Decode::decode(fields).ok()?;
			(meter, Said::Final { sequence, measured_at })
		}
		"KeyChanged" | "DeviceReplaced" | "MeterSuspended" | "MeterResumed" | "ChecksAgree" | "QuorumReached"
		| "Disputed" | "Decided" | "DisputeClosed" | "EquivocationProven" => (MeterId::decode(fields).ok()?, Said::Changed),
		_ => return None,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	fn event(name: &str, fields: impl Encode) -> Event {
		Event {
			pallet: PALLET.into(),
			name: name.into(),
			fields: fields.encode(),
		}
	}

	#[test]
	fn events_should_be_read_in_the_pallets_order_of_fields() {
		let meter = MeterId(3);
		assert_eq!(
			of(&event("ReadingAccepted", (meter, 7u64, 1_000u64, 0u8, 55u64))),
			Some((
				meter,
				Said::Accepted {
					last: 7,
					measured_at: Some(1_000),
					count: 1,
					final_at: 55
				}
			))
		);
		assert_eq!(
			of(&event("BacklogAccepted", (meter, 256u32, 5u64, 260u64, 55u64))),
			Some((
				meter,
				Said::Accepted {
					last: 260,
					measured_at: None,
					count: 256,
					final_at: 55
				}
			))
		);
		assert_eq!(
			of(&event("RegistersFinal", (meter, 260u64, 1_000u64, vec![1u64], 0u8))),
			Some((
				meter,
				Said::Final {
					sequence: 260,
					measured_at: 1_000
				}
			))
		);
		assert_eq!(of(&event("MeterSuspended", meter)), Some((meter, Said::Changed)));
		assert_eq!(of(&event("SiteRegistered", meter)), None);
		assert_eq!(of(&event("ReadingAccepted", 1u8)), None);
	}
}
