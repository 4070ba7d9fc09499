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
	let events = at.events().await?;
	let ours = events
		.iter()
		.map(|(_, event)| event)
		.filter(|event| event.pallet == PALLET);
	said.extend(ours.flat_map(of));
	Ok(())
}

/// What an event says, if it is about a meter's readings: of a reading, also which earlier ones it has settled.
fn of(event: &Event) -> Vec<(MeterId, Said)> {
	said(event).unwrap_or_default()
}

fn said(event: &Event) -> Option<Vec<(MeterId, Said)>> {
	let fields = &mut event.fields.as_slice();
	let with = |meter, accepted, settled: Option<(u64, Moment)>| {
		let settled = settled.map(|(sequence, measured_at)| (meter, Said::Final { sequence, measured_at }));
		settled.into_iter().chain([(meter, accepted)]).collect()
	};
	Some(match event.name.as_str() {
		"ReadingAccepted" => {
			type Fields = (MeterId, u64, Moment, u8, Moment, Option<(u64, Moment)>);
			let (meter, last, at, _, final_at, settled) = Fields::decode(fields).ok()?;
			let accepted = Said::Accepted {
				last,
				measured_at: Some(at),
				count: 1,
				final_at,
			};
			with(meter, accepted, settled)
		}
		"BacklogAccepted" => {
			type Fields = (MeterId, u32, u64, u64, Moment, Option<(u64, Moment)>);
			let (meter, count, _, last, final_at, settled) = Fields::decode(fields).ok()?;
			let accepted = Said::Accepted {
				last,
				measured_at: None,
				count,
				final_at,
			};
			with(meter, accepted, settled)
		}
		"RegistersFinal" => {
			let (meter, sequence, measured_at) = Decode::decode(fields).ok()?;
			vec![(meter, Said::Final { sequence, measured_at })]
		}
		"KeyChanged" | "DeviceReplaced" | "MeterSuspended" | "MeterResumed" | "MeterRemoved" | "ChecksAgree"
		| "QuorumReached" | "Disputed" | "Decided" | "DisputeClosed" | "EquivocationProven" => {
			vec![(MeterId::decode(fields).ok()?, Said::Changed)]
		}
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
			of(&event(
				"ReadingAccepted",
				(meter, 7u64, 1_000u64, 0u8, 55u64, Some((6u64, 900u64)))
			)),
			[
				(
					meter,
					Said::Final {
						sequence: 6,
						measured_at: 900
					}
				),
				(
					meter,
					Said::Accepted {
						last: 7,
						measured_at: Some(1_000),
						count: 1,
						final_at: 55
					}
				)
			]
		);
		assert_eq!(
			of(&event(
				"BacklogAccepted",
				(meter, 256u32, 5u64, 260u64, 55u64, None::<(u64, u64)>)
			)),
			[(
				meter,
				Said::Accepted {
					last: 260,
					measured_at: None,
					count: 256,
					final_at: 55
				}
			)]
		);
		assert_eq!(
			of(&event("RegistersFinal", (meter, 260u64, 1_000u64, vec![1u64], 0u8))),
			[(
				meter,
				Said::Final {
					sequence: 260,
					measured_at: 1_000
				}
			)]
		);
		assert_eq!(of(&event("MeterSuspended", meter)), [(meter, Said::Changed)]);
		assert_eq!(
			of(&event("MeterRemoved", (meter, 0u32, 10u128))),
			[(meter, Said::Changed)]
		);
		assert_eq!(of(&event("SiteRegistered", meter)), []);
		assert_eq!(of(&event("ReadingAccepted", 1u8)), []);
	}
}
