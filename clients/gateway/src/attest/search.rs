//! Searching final blocks for what the meters' devices signed: a voucher needs the device's signature, which the chain checks and
//! does not keep.

use anyhow::Result;
use baseload_client::{
	files::{format_row, Row},
	At, Chain, Error,
};
use baseload_primitives::{DeviceKey, MeterId, SignedReading};
use tracing::{error, warn};

use super::{config::Config, journal::Journal, papers};

/// How far back blocks are searched, at first and after a long stop: about a day. Readings before get no voucher.
const BACK: u64 = 14_400;

/// After so many blocks the journal notes how far the search has come.
const NOTED: u64 = 200;

/// Searches the final blocks up to `at` that were not searched yet, and stores the signed readings of the meters of which `keys`
/// are.
///
/// Only the state of the newest block is used: most nodes forget a state after some minutes, and an attestor that was off for longer
/// goes on all the same.
pub async fn search(
	chain: &Chain,
	at: &At,
	keys: &[(MeterId, DeviceKey)],
	config: &Config,
	journal: &Journal,
) -> Result<()> {
	let newest = at.number();
	let first = journal.searched()?.map_or(0, |searched| searched + 1);
	let first = first.max(newest.saturating_sub(BACK)).max(1);
	let (mut rows, mut unread) = (Vec::new(), None::<(u64, String)>);
	for number in first..=newest {
		match rows_of(chain, at, number).await {
			Ok(found) => rows.extend(signed(&found, keys, chain)),
			// Whatever is in that block, the next one counts too
			Err(error) if !error.is_connection() => {
				let count = unread.map_or(0, |(count, _)| count);
				unread = Some((count + 1, format!("{number} ({error})")));
			}
			Err(error) => return Err(error.into()),
		}
		if number % NOTED == 0 || number == newest {
			let (good, frauds) = sorted(std::mem::take(&mut rows), journal)?;
			for (meter, one, other) in &frauds {
				expose(config, *meter, one, other)?;
			}
			journal.saw(number, &good)?;
		}
	}
	if let Some((count, last)) = unread {
		warn!("{count} blocks cannot be searched, the last is {last}");
	}
	Ok(())
}

/// The signed readings in the final block with this number.
async fn rows_of(chain: &Chain, at: &At, number: u64) -> baseload_client::Result<Vec<Row>> {
	match chain.block_hash(number).await? {
		Some(hash) => at.signed_readings_in(hash).await,
		None => Err(Error::Node(format!("it does not have block {number}"))),
	}
}

/// Those rows that a device of these really signed. Others can be in blocks too: as refused rows of a relayer's batch.
fn signed(found: &[Row], keys: &[(MeterId, DeviceKey)], chain: &Chain) -> Vec<Row> {
	let genesis = chain.genesis_hash();
	let of_device = |(meter, row): &&Row| {
		let key = keys.iter().find(|(known, _)| known == meter);
		key.is_some_and(|(_, key)| key.verify(&row.reading.signed_payload(genesis, *meter), &row.signature))
	};
	found.iter().filter(of_device).cloned().collect()
}

type Fraud = (MeterId, SignedReading, SignedReading);

/// Rows whose sequence was not seen before, and pairs of rows that say different things of one sequence.
fn sorted(rows: Vec<Row>, journal: &Journal) -> Result<(Vec<Row>, Vec<Fraud>)> {
	let (mut good, mut frauds) = (Vec::<Row>::new(), Vec::new());
	for (meter, row) in rows {
		let sequence = row.reading.sequence;
		let here = good
			.iter()
			.find(|(of, known)| *of == meter && known.reading.sequence == sequence);
		let known = match here {
			Some((_, known)) => Some(known.clone()),
			None => journal.row(meter, sequence)?,
		};
		match known {
			None => good.push((meter, row)),
			Some(known) if known.reading != row.reading => frauds.push((meter, known, row)),
			Some(_) => (),
		}
	}
	Ok((good, frauds))
}

/// Writes down the proof that a device signed two readings of one sequence.
fn expose(config: &Config, meter: MeterId, one: &SignedReading, other: &SignedReading) -> Result<()> {
	let sequence = one.reading.sequence;
	let rows = [one, other].map(|row| format_row(meter, row));
	let [first, second] = papers::write_fraud(&config.evidence, meter, sequence, &rows)?;
	error!(
		meter = meter.0,
		sequence,
		"its device signed two different readings of one sequence; claim the reward with `baseload attestor \
		 report-equivocation {meter} {} {}`",
		first.display(),
		second.display()
	);
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::{AccountId, H256};
	use baseload_primitives::{ClockStatus, DeviceSignature, Quality, Reading, Registers};

	fn row(sequence: u64, count: u64) -> SignedReading {
		SignedReading {
			reading: Reading {
				sequence,
				measured_at: sequence,
				clock: ClockStatus::Synchronised,
				quality: Quality::Measured,
				registers: Registers::truncate_from(vec![count]),
			},
			signature: DeviceSignature::Ed25519([7; 64]),
		}
	}

	#[test]
	fn two_readings_of_one_sequence_should_be_a_fraud_wherever_the_first_was_seen() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(&folder.path().join("j"), H256::zero(), &AccountId([1; 32])).unwrap();
		let (meter, other) = (MeterId(3), MeterId(4));
		journal.saw(1, &[(meter, row(1, 10))]).unwrap();
		let rows = vec![
			(meter, row(1, 10)),
			(meter, row(1, 11)),
			(meter, row(2, 20)),
			(meter, row(2, 21)),
			(other, row(1, 99)),
		];
		let (good, frauds) = sorted(rows, &journal).unwrap();
		assert_eq!(good, [(meter, row(2, 20)), (other, row(1, 99))]);
		assert_eq!(
			frauds,
			[(meter, row(1, 10), row(1, 11)), (meter, row(2, 20), row(2, 21))]
		);
	}
}
