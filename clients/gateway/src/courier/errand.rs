//! Does what the plan says about one meter, until it has to wait.

use std::sync::Arc;

use baseload_client::{calls, At, Call, Chain};
use baseload_primitives::{DeviceKey, MeterId, Moment, Registers, DAY, SECOND};
use tracing::{debug, info, warn};

use super::{
	binding::{binding, Binding, Held, Newest, Record},
	desk::{Route, Wake},
	plan::{next, Limits, Sent, Standing, Step, PATIENCE},
	refusal::{meaning, About, Meaning},
	Courier, Failure, Signer,
};
use crate::{
	intake::{now, SKEW},
	outbox::{Book, Change, Done, Format, Last, OutboxError, Parcel, Queued},
	state::Stamp,
};

/// Final blocks after which a meter that cannot be carried now is looked at again.
const LATER: u64 = 16;

/// The longest open time after which a meter with pending readings is looked at again, in milliseconds.
const RECHECK: Moment = 300 * SECOND;

/// What errands over one connection share.
pub struct Context {
	/// Whose errands they are.
	pub courier: Courier,
	/// The connection.
	pub chain: Chain,
	/// What the chain bounds a batch by.
	pub limits: Limits,
	/// Time that must lie between two readings of a meter at least, in milliseconds.
	pub min_interval: Moment,
}

/// One meter's errand, as of one final block.
pub struct Errand {
	/// What all of them share.
	pub context: Arc<Context>,
	/// The block.
	pub at: At,
	/// Its open time, in milliseconds.
	pub open: Moment,
	/// The meter.
	pub meter: MeterId,
}

impl Errand {
	/// Goes on until there is something to wait for.
	pub async fn run(self, mut route: Route) -> Result<(Route, Wake), Failure> {
		let Some(mut book) = self.book(&mut route).await? else {
			return Ok((route, self.later(LATER)));
		};
		let mut due = None;
		loop {
			if book.queued == 0 {
				route.sent = None;
				self.blame(None);
				return Ok((route, Wake::NEVER));
			}
			let standing = match &route.standing {
				Some(standing) => standing.clone(),
				None => {
					let Some((standing, final_in)) = self.ask(&book).await? else {
						return Ok((route, self.later(LATER)));
					};
					due = Some(self.open.saturating_add(final_in.clamp(SECOND, RECHECK)));
					route.standing = Some(standing.clone());
					standing
				}
			};
			if let Some(newest) = standing.newest {
				self.context.courier.bell.accept(self.meter, newest);
			}
			let limits = Limits {
				batch: route.most.unwrap_or(self.context.limits.batch),
				..self.context.limits
			};
			let wake = match next(&book, &standing, route.sent.as_ref(), limits, self.at.number()) {
				Step::Settle(done) => {
					book = self.settle(&book, done).await?;
					continue;
				}
				Step::Send { after, count } => match self.send(&mut book, &mut route, after, count).await? {
					Some(wake) => wake,
					None => continue,
				},
				Step::Rest => Wake::NEVER,
				Step::AwaitBlock => Wake::at_block(self.at.number().saturating_add(PATIENCE)),
				// What was reported in a final block has its own time noted
				Step::AwaitFinality => due.map_or(Wake::at_open(self.open.saturating_add(RECHECK)), Wake::at_open),
				Step::Suspended => {
					self.blame(Some("the meter is suspended".into()));
					self.later(LATER)
				}
				Step::Foreign(sequence) => {
					self.blame(Some(format!(
						"the chain has a reading {sequence} that this outbox never gave out: something else signs for the meter, \
						 or the outbox is an old copy. Nothing is sent. Stop the other; then start with a new outbox"
					)));
					self.later(LATER)
				}
				Step::Reset(done) => {
					return Err(Failure::Fatal(format!(
						"the chain was reset: reading {} of meter {} was final on it and is not there any more. Nothing is \
						 replayed; a new chain needs a new outbox",
						done.sequence, self.meter
					)))
				}
			};
			return Ok((route, wake));
		}
	}

	/// The meter's book, in accordance with the chain; `None` if the meter cannot be carried now.
	async fn book(&self, route: &mut Route) -> Result<Option<Book>, Failure> {
		let outbox = &self.context.courier.outbox;
		loop {
			let book = outbox.book(self.meter)?;
			if route.offset.is_some() {
				return Ok(book);
			}
			let record: Option<Record> = {
				let keys = [codec::Encode::encode(&self.meter)];
				self.at.storage("MeterAttestation", "Meters", &keys).await?
			};
			let Some(record) = record else {
				return self.missing(book.as_ref()).await.map(|()| None);
			};
			let card = match record.card(self.context.min_interval) {
				Ok(card) => card,
				Err(why) => {
					self.blame(Some(why));
					return Ok(None);
				}
			};
			let offset = card.offset;
			let newest = match &book {
				Some(book) if book.card.device == card.device => None,
				_ => self.newest(offset, card.device).await?,
			};
			let held = self.signers().iter().map(|signer| Held {
				key: signer.device.public(),
				own_source: signer.own_source,
			});
			let held: Vec<Held> = held.collect();
			let signs = held.iter().position(|held| held.key == card.key);
			match binding(book.as_ref(), card, newest, &held) {
				Binding::Holds => {
					let shared = &self.context.courier.shared;
					shared.signs_with_next_key(self.meter, signs.is_some_and(|place| place > 0));
					route.offset = Some(offset);
					return Ok(book);
				}
				Binding::ClearFirst => {
					let count = book.map_or(0, |book| book.queued);
					let why = "the meter's device was replaced";
					outbox
						.change(self.meter, Change::SetAllAside { why: why.into() })
						.await?;
					warn!(meter = self.meter.0, count, "readings set aside: {why}");
					let shared = &self.context.courier.shared;
					shared.set_aside(self.meter, count, format!("{count} readings: {why}"));
					shared.waits(self.meter, 0);
				}
				Binding::Needs(change) => {
					match outbox.change(self.meter, change).await {
						Ok(_) => {
							info!(meter = self.meter.0, "the chain has said what the meter is");
							// Signed with another key it will not arrive
							route.sent = None;
							self.context.courier.bell.bound(self.meter);
						}
						// A reading of the old device came in meanwhile: it is set aside first
						Err(OutboxError::OutOfOrder) => (),
						Err(error) => return Err(error.into()),
					}
				}
				Binding::Refused(why) => {
					self.blame(Some(why));
					return Ok(None);
				}
			}
		}
	}

	/// The newest reading of the meter on the chain.
	async fn newest(&self, offset: u64, device: u32) -> Result<Option<Newest>, Failure> {
		let view = self.at.meter(self.meter).await?;
		Ok(view.and_then(|view| view.newest).map(|newest| Newest {
			sequence: newest.sequence.checked_sub(offset),
			last: Last {
				measured_at: newest.measured_at,
				// What a device that replaced another shows is not what the chain makes of it
				registers: match device {
					0 => Registers::truncate_from(newest.registers),
					_ => Registers::new(),
				},
			},
		}))
	}

	/// Where the meter stands, and the open time until what is pending is final, in milliseconds.
	async fn ask(&self, book: &Book) -> Result<Option<(Standing, Moment)>, Failure> {
		match self.at.meter(self.meter).await? {
			Some(view) => Ok(Some((Standing::of(&view, &book.card), view.final_in))),
			None => self.missing(Some(book)).await.map(|()| None),
		}
	}

	/// The chain does not have the meter.
	async fn missing(&self, book: Option<&Book>) -> Result<(), Failure> {
		// An id that was given out is gone only if the meter's owner removed it. Others' meters go on.
		let was_removed = self.meter < self.at.next_meter().await?;
		if was_removed {
			self.blame(Some(format!(
				"meter {} was removed from the chain: what is queued for it will never be carried",
				self.meter
			)));
			return Ok(());
		}
		if book.is_some() {
			return Err(Failure::Fatal(format!(
				"the chain was reset: it had meter {} and has it no more. Nothing is replayed; a new chain needs a new outbox",
				self.meter
			)));
		}
		self.blame(Some(format!("the chain has no meter {}", self.meter)));
		Ok(())
	}

	/// Deletes what is final.
	async fn settle(&self, book: &Book, done: Done) -> Result<Book, Failure> {
		let Context { courier, .. } = &*self.context;
		let settled = Change::Final {
			done,
			block: self.at.number(),
		};
		let after = courier.outbox.change(self.meter, settled).await?;
		let stamp = Stamp {
			sequence: done.sequence,
			measured_at: done.measured_at,
		};
		let readings = book.queued.saturating_sub(after.queued);
		courier.shared.finalised(self.meter, readings, stamp, after.queued);
		debug!(meter = self.meter.0, sequence = done.sequence, readings, "final");
		Ok(after)
	}

	/// Hands a batch to the node. `None`: something else is to be done at once.
	async fn send(
		&self,
		book: &mut Book,
		route: &mut Route,
		after: Option<u64>,
		count: usize,
	) -> Result<Option<Wake>, Failure> {
		let Context { courier, chain, .. } = &*self.context;
		let queued = courier.outbox.queued(self.meter, after, count)?;
		let Some((call, batch)) = self.call(&queued, &book.card.key) else {
			// What is queued is on the chain already; newer ones were set aside
			return Ok(Some(Wake::at_open(self.open.saturating_add(RECHECK))));
		};
		let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
			return Ok(Some(Wake::NEVER));
		};
		let (first, last) = (first.sequence, last);
		let handed = match self.at.encode_feeless(&call) {
			Ok(bytes) => chain.hand_in(&bytes).await,
			Err(error) => Err(error),
		};
		let sent = Sent {
			last: last.sequence,
			measured_at: last.measured_at,
			since: self.at.number(),
		};
		let patience = Wake::at_block(self.at.number().saturating_add(PATIENCE));
		let Err(error) = handed else {
			debug!(meter = self.meter.0, first, last = last.sequence, "sent");
			courier.shared.called();
			self.blame(None);
			(route.sent, route.most) = (Some(sent), None);
			return Ok(Some(patience));
		};
		let about = About {
			signed_by_meter: matches!(book.card.format, Format::Ocmf(_)),
			is_ahead: batch.iter().any(|queued| is_ahead(queued, now())),
		};
		match meaning(&error, about) {
			Meaning::OnItsWay => {
				route.sent = Some(sent);
				Ok(Some(patience))
			}
			Meaning::Stale => match self.dropped(book, after).await? {
				Some(changed) => {
					*book = changed;
					Ok(None)
				}
				None => {
					route.sent = Some(sent);
					Ok(Some(patience))
				}
			},
			Meaning::Changed => {
				self.blame(Some(format!("reading {first}: {error}")));
				route.offset = None;
				Ok(Some(self.later(LATER)))
			}
			Meaning::Never if batch.len() > 1 => {
				route.most = Some(batch.len() / 2);
				Ok(None)
			}
			Meaning::Never => match self.give_up(first, &error.to_string()).await? {
				Some(changed) => {
					(*book, route.most) = (changed, None);
					Ok(None)
				}
				None => Ok(Some(self.later(LATER))),
			},
			Meaning::Later(blocks) => {
				self.blame(Some(format!("reading {first}: {error}")));
				Ok(Some(self.later(blocks)))
			}
			Meaning::Disconnected => Err(error.into()),
		}
	}

	/// The call that carries readings, and those that are in it: the device signs ours, a record travels alone.
	fn call<'a>(&self, queued: &'a [Queued], key: &DeviceKey) -> Option<(Call, &'a [Queued])> {
		match &queued.first()?.parcel {
			Parcel::Ocmf(record) => Some((calls::submit_ocmf(self.meter, record), queued.get(..1)?)),
			Parcel::Reading(_) => {
				let signer = self.signers().iter().find(|signer| signer.device.public() == *key)?;
				let device = &signer.device;
				let genesis = self.context.courier.genesis;
				let signed: Vec<_> = queued
					.iter()
					.map_while(|queued| match &queued.parcel {
						Parcel::Reading(reading) => Some(device.sign_reading(genesis, self.meter, reading.clone())),
						Parcel::Ocmf(_) => None,
					})
					.collect();
				let call = match signed.as_slice() {
					[one] => calls::submit_reading(self.meter, one),
					all => calls::submit_backlog(self.meter, all),
				};
				Some((call, queued.get(..signed.len())?))
			}
		}
	}

	/// Sets aside what the chain dropped after a verdict: sequences that do not come again. `None` if there is nothing such.
	async fn dropped(&self, book: &Book, after: Option<u64>) -> Result<Option<Book>, Failure> {
		let keys = [codec::Encode::encode(&self.meter)];
		let record: Option<Record> = self.at.storage("MeterAttestation", "Meters", &keys).await?;
		let dropped = record
			.and_then(|record| record.dropped)
			.and_then(|dropped| book.card.own(dropped));
		let Some(dropped) = dropped.filter(|dropped| Some(*dropped) > after) else {
			return Ok(None);
		};
		let mut changed = None;
		for queued in self.context.courier.outbox.queued(self.meter, after, usize::MAX)? {
			if queued.sequence > dropped {
				break;
			}
			let why = "dropped by a verdict of the meter's committee";
			let Some(book) = self.give_up(queued.sequence, why).await? else {
				break;
			};
			changed = Some(book);
		}
		Ok(changed)
	}

	/// Sets one reading aside. `None`: as many as are kept have been, so this one stays, and the meter with it.
	async fn give_up(&self, sequence: u64, why: &str) -> Result<Option<Book>, Failure> {
		let courier = &self.context.courier;
		let change = Change::SetAside {
			sequence,
			why: why.into(),
		};
		match courier.outbox.change(self.meter, change).await {
			Ok(book) => {
				warn!(meter = self.meter.0, sequence, "reading set aside: {why}");
				let shared = &courier.shared;
				shared.set_aside(self.meter, 1, format!("reading {sequence}: {why}"));
				shared.waits(self.meter, book.queued);
				Ok(Some(book))
			}
			Err(error @ OutboxError::AsideFull) => {
				self.blame(Some(error.to_string()));
				Ok(None)
			}
			Err(error) => Err(error.into()),
		}
	}

	fn signers(&self) -> &[Signer] {
		self.context.courier.meters.get(&self.meter).map_or(&[], Vec::as_slice)
	}

	fn later(&self, blocks: u64) -> Wake {
		Wake::at_block(self.at.number().saturating_add(blocks))
	}

	fn blame(&self, error: Option<String>) {
		self.context.courier.shared.chain_error(self.meter, error);
	}
}

/// Whether something was measured later than it is now, so that this machine's clock, or the meter's, stood wrong then. A meter's own
/// clock may be some hours off: what it signed waits for its time.
fn is_ahead(queued: &Queued, now: Moment) -> bool {
	let off = match queued.parcel {
		Parcel::Reading(_) => SKEW,
		Parcel::Ocmf(_) => DAY,
	};
	queued.measured_at > now.saturating_add(off)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{ClockStatus, Quality, Reading, HOUR};

	#[test]
	fn reading_should_be_ahead_when_no_clock_that_is_nearly_right_can_have_said_so() {
		let now = 100 * DAY;
		let reading = Reading {
			sequence: 1,
			measured_at: 0,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			registers: Registers::default(),
		};
		for (parcel, after, ahead) in [
			(Parcel::Reading(reading.clone()), SKEW, false),
			(Parcel::Reading(reading), SKEW + 1, true),
			(Parcel::Ocmf(Vec::new()), HOUR, false),
			(Parcel::Ocmf(Vec::new()), DAY + 1, true),
		] {
			let measured_at = now + after;
			let queued = Queued {
				sequence: 1,
				measured_at,
				parcel,
			};
			assert_eq!(is_ahead(&queued, now), ahead, "{queued:?}");
		}
	}
}
