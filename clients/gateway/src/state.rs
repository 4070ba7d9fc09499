//! How the gateway is doing, as it goes: what `status` shows and Prometheus is told.
//!
//! Nothing here decides anything; it is lost when the gateway stops, and the outbox and the chain are not.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{SystemTime, UNIX_EPOCH},
};

use baseload_primitives::{MeterId, Moment};
use prometheus::{Histogram, HistogramOpts};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// No text of an error is kept longer than this, in characters.
const LONGEST: usize = 300;

/// A reading of a meter, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
	/// Its sequence.
	pub sequence: u64,
	/// When it was measured, Unix milliseconds.
	pub measured_at: Moment,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
	/// Since when it has been wrong without a break, Unix milliseconds.
	pub since: Moment,
	/// What is wrong, as of the last attempt.
	pub text: String,
}

/// The node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
	/// Whether it answers.
	pub up: bool,
	/// Number of its newest block.
	pub best: u64,
	/// Number of the newest final block.
	pub finalized: u64,
	/// Why it does not answer.
	pub error: Option<Fault>,
}

/// The outbox's room, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
	/// Taken.
	pub used: u64,
	/// In all.
	pub limit: u64,
}

/// Readings since the gateway started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
	/// Taken from sources into the outbox.
	pub taken: u64,
	/// Seen in a final block.
	pub included: u64,
	/// Seen final: their challenge windows are over.
	pub finalised: u64,
	/// Lines and records of sources that were passed over, and readings that the chain refused for good.
	pub set_aside: u64,
	/// Calls sent.
	pub calls: u64,
}

/// One meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
	/// Its number on the chain.
	pub meter: MeterId,
	/// The newest reading taken from its source.
	pub taken: Option<Stamp>,
	/// The newest reading seen in a final block.
	pub included: Option<Stamp>,
	/// The newest reading seen final.
	pub finalised: Option<Stamp>,
	/// How long after its measurement that reading was seen final, in milliseconds.
	pub finality_lag: Option<Moment>,
	/// Whether its readings are signed with the key that is configured as the next one: the chain has that one by now.
	pub signs_with_next_key: bool,
	/// Readings in the outbox: not final yet.
	pub queued: u64,
	/// Lines, records and readings set aside since the start.
	pub set_aside: u64,
	/// The last of them and when.
	pub set_aside_last: Option<Fault>,
	/// Why its source cannot be read.
	pub source_error: Option<Fault>,
	/// Why its readings do not get onto the chain.
	pub chain_error: Option<Fault>,
}

impl Meter {
	fn new(meter: MeterId) -> Self {
		Self {
			meter,
			taken: None,
			included: None,
			finalised: None,
			finality_lag: None,
			signs_with_next_key: false,
			queued: 0,
			set_aside: 0,
			set_aside_last: None,
			source_error: None,
			chain_error: None,
		}
	}
}

/// What an attestor does about one meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attest {
	/// The meter.
	pub meter: MeterId,
	/// Sequence of the last reading compared with the independent source.
	pub compared: Option<u64>,
	/// Readings vouched for since the start.
	pub vouched: u64,
	/// Readings disputed since the start.
	pub disputed: u64,
	/// Votes cast since the start.
	pub votes: u64,
	/// Readings reported as a member of a committee since the start.
	pub reported: u64,
	/// The last dispute and when.
	pub disputed_last: Option<Fault>,
	/// Why it cannot be watched.
	pub error: Option<Fault>,
}

impl Attest {
	/// The reading with this sequence was compared.
	pub fn compared(&mut self, sequence: u64) {
		self.compared = Some(sequence);
	}

	/// It was vouched for.
	pub fn vouched(&mut self, sequence: u64) {
		self.compared(sequence);
		self.vouched += 1;
	}

	/// It was disputed.
	pub fn disputed(&mut self, sequence: u64, why: &str) {
		self.compared(sequence);
		self.disputed += 1;
		self.disputed_last = Some(Fault {
			since: now(),
			text: cut(format!("reading {sequence}: {why}")),
		});
	}

	/// A vote was cast.
	pub fn voted(&mut self) {
		self.votes += 1;
	}

	/// The reading with this sequence was reported as a member of a committee.
	pub fn reported(&mut self, sequence: u64) {
		self.compared(sequence);
		self.reported += 1;
	}

	/// It cannot be watched.
	pub fn failed(&mut self, text: &str) {
		set_fault(&mut self.error, Some(text.into()));
	}

	/// It can be watched.
	pub fn ok(&mut self) {
		self.error = None;
	}
}

/// A price that an oracle operator reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
	/// Of what.
	pub price: String,
	/// The price reported last, and when, Unix milliseconds.
	pub last: Option<(String, Moment)>,
	/// Whether this operator's report is too old to count.
	pub own_stale: bool,
	/// Whether the chain has too few fresh reports for a price.
	pub chain_stale: bool,
	/// Why it is stale.
	pub why: Option<Fault>,
	/// Why nothing can be reported.
	pub error: Option<Fault>,
}

impl Feed {
	/// This price was reported at this time.
	pub fn fed(&mut self, price: &str, at: Moment) {
		self.last = Some((price.into(), at));
	}

	/// Whether this operator's report is too old to count, whether the chain has too few fresh ones, and why.
	pub fn stale(&mut self, own: bool, chain: bool, why: &str) {
		(self.own_stale, self.chain_stale) = (own, chain);
		set_fault(&mut self.why, (own || chain).then(|| why.into()));
	}

	/// Nothing can be reported.
	pub fn failed(&mut self, text: &str) {
		set_fault(&mut self.error, Some(text.into()));
	}

	/// A report can be made.
	pub fn ok(&mut self) {
		self.error = None;
	}
}

/// Everything at one moment: what `/status` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
	/// Version of the program.
	pub version: String,
	/// When the gateway started, Unix milliseconds.
	pub started: Moment,
	/// When this was true, Unix milliseconds.
	pub now: Moment,
	/// The node.
	pub node: Node,
	/// The outbox; `None` without meters.
	pub outbox: Option<Room>,
	/// Readings of all meters.
	pub totals: Totals,
	/// Each meter, by number.
	pub meters: Vec<Meter>,
	/// Each meter watched as an attestor, by number.
	pub attest: Vec<Attest>,
	/// Each price reported as an oracle operator, by name.
	pub feeds: Vec<Feed>,
}

/// The state that all parts of the gateway share. Clones are the same.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
	started: Moment,
	state: Mutex<State>,
	inclusion: Histogram,
	finality: Histogram,
}

#[derive(Default)]
struct State {
	node: Node,
	outbox: Option<Room>,
	totals: Totals,
	meters: BTreeMap<MeterId, Meter>,
	attest: BTreeMap<MeterId, Attest>,
	feeds: BTreeMap<String, Feed>,
}

impl Default for Shared {
	fn default() -> Self {
		let seconds = |name: &str, help: &str| {
			let buckets = [
				1., 2., 5., 10., 20., 30., 60., 120., 300., 900., 1_800., 3_600., 7_200., 14_400., 86_400., 604_800.,
			];
			let options = HistogramOpts::new(name, help).buckets(buckets.into());
			Histogram::with_opts(options).expect("the names are valid and the buckets ascend")
		};
		Self(Arc::new(Inner {
			started: now(),
			state: Mutex::default(),
			inclusion: seconds(
				"baseload_gateway_inclusion_seconds",
				"From the measurement of a call's newest reading to when it was seen in a final block",
			),
			finality: seconds(
				"baseload_gateway_finality_seconds",
				"From the measurement of the newest of readings that were seen final together to that moment",
			),
		}))
	}
}

impl Shared {
	/// A state of nothing.
	pub fn new() -> Self {
		Self::default()
	}

	/// Where a meter stands as the gateway starts: what its outbox holds.
	pub fn restored(&self, meter: MeterId, taken: Option<Stamp>, finalised: Option<Stamp>, queued: u64) {
		let mut state = self.state();
		let meter = state.meter(meter);
		(meter.taken, meter.finalised, meter.queued) = (taken, finalised, queued);
	}

	/// So many readings of a meter were taken from its source; now this is the newest, and so many wait in the outbox.
	pub fn took(&self, meter: MeterId, readings: u64, newest: Stamp, queued: u64) {
		let mut state = self.state();
		state.totals.taken += readings;
		let meter = state.meter(meter);
		meter.taken = Some(newest);
		meter.queued = queued;
	}

	/// A call was sent.
	pub fn called(&self) {
		self.state().totals.calls += 1;
	}

	/// So many readings of a meter were seen in a final block; this is the newest.
	pub fn included(&self, meter: MeterId, readings: u64, newest: Stamp) {
		let mut state = self.state();
		state.totals.included += readings;
		state.meter(meter).included = Some(newest);
		drop(state);
		self.0
			.inclusion
			.observe(seconds(now().saturating_sub(newest.measured_at)));
	}

	/// So many readings of a meter were seen final; this is the newest, and so many still wait in the outbox.
	pub fn finalised(&self, meter: MeterId, readings: u64, newest: Stamp, queued: u64) {
		let lag = now().saturating_sub(newest.measured_at);
		let mut state = self.state();
		state.totals.finalised += readings;
		let meter = state.meter(meter);
		(meter.finalised, meter.finality_lag, meter.queued) = (Some(newest), Some(lag), queued);
		drop(state);
		self.0.finality.observe(seconds(lag));
	}

	/// So many lines or records of a meter's source were passed over, or readings refused by the chain for good.
	pub fn set_aside(&self, meter: MeterId, count: u64, what: impl Into<String>) {
		let mut state = self.state();
		state.totals.set_aside += count;
		let meter = state.meter(meter);
		meter.set_aside += count;
		meter.set_aside_last = Some(Fault {
			since: now(),
			text: cut(what.into()),
		});
	}

	/// So many readings of a meter wait in the outbox, now that some were set aside.
	pub fn waits(&self, meter: MeterId, queued: u64) {
		self.state().meter(meter).queued = queued;
	}

	/// Whether the chain has the key of a meter that is configured as its next one.
	pub fn signs_with_next_key(&self, meter: MeterId, signs: bool) {
		self.state().meter(meter).signs_with_next_key = signs;
	}

	/// Why a meter's source cannot be read; `None`: it can. Logged when it begins and when it is over.
	pub fn source_error(&self, meter: MeterId, error: Option<String>) {
		let change = set_fault(&mut self.state().meter(meter).source_error, error);
		match change {
			Some(Change::Begun(text)) => warn!(meter = meter.0, "the source cannot be read: {text}"),
			Some(Change::Over) => info!(meter = meter.0, "the source can be read again"),
			None => (),
		}
	}

	/// Why a meter's readings do not get onto the chain; `None`: they do. Logged when it begins and when it is over.
	pub fn chain_error(&self, meter: MeterId, error: Option<String>) {
		let change = set_fault(&mut self.state().meter(meter).chain_error, error);
		match change {
			Some(Change::Begun(text)) => warn!(meter = meter.0, "readings do not get onto the chain: {text}"),
			Some(Change::Over) => info!(meter = meter.0, "readings get onto the chain again"),
			None => (),
		}
	}

	/// The node answers, and these are the numbers of its newest and its newest final block.
	pub fn node_up(&self, best: u64, finalized: u64) {
		self.state().node = Node {
			up: true,
			best,
			finalized,
			error: None,
		};
	}

	/// The node does not answer, or not as it must.
	pub fn node_down(&self, error: impl Into<String>) {
		let mut state = self.state();
		state.node.up = false;
		set_fault(&mut state.node.error, Some(error.into()));
	}

	/// The outbox's room, in bytes.
	pub fn outbox(&self, used: u64, limit: u64) {
		self.state().outbox = Some(Room { used, limit });
	}

	/// Changes what is known of a meter that is watched as an attestor.
	pub fn attest(&self, meter: MeterId, change: impl FnOnce(&mut Attest)) {
		let mut state = self.state();
		change(state.attest.entry(meter).or_insert_with(|| Attest {
			meter,
			compared: None,
			vouched: 0,
			disputed: 0,
			votes: 0,
			reported: 0,
			disputed_last: None,
			error: None,
		}));
	}

	/// Changes what is known of a price that is reported as an oracle operator.
	pub fn feed(&self, price: &str, change: impl FnOnce(&mut Feed)) {
		let mut state = self.state();
		change(state.feeds.entry(price.into()).or_insert_with(|| Feed {
			price: price.into(),
			last: None,
			own_stale: false,
			chain_stale: false,
			why: None,
			error: None,
		}));
	}

	/// Everything as it is now.
	pub fn status(&self) -> Status {
		let state = self.state();
		Status {
			version: env!("CARGO_PKG_VERSION").into(),
			started: self.0.started,
			now: now(),
			node: state.node.clone(),
			outbox: state.outbox,
			totals: state.totals,
			meters: state.meters.values().cloned().collect(),
			attest: state.attest.values().cloned().collect(),
			feeds: state.feeds.values().cloned().collect(),
		}
	}

	/// How long readings take to a block, and until they are final.
	pub(crate) fn histograms(&self) -> [Histogram; 2] {
		[self.0.inclusion.clone(), self.0.finality.clone()]
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl State {
	fn meter(&mut self, meter: MeterId) -> &mut Meter {
		self.meters.entry(meter).or_insert_with(|| Meter::new(meter))
	}
}

/// What became of a fault.
enum Change {
	/// There is one now, and what it says.
	Begun(String),
	/// There is none any more.
	Over,
}

/// Keeps the time at which a fault began while its text changes.
fn set_fault(fault: &mut Option<Fault>, error: Option<String>) -> Option<Change> {
	let error = error.map(cut);
	let change = match (&fault, &error) {
		(None, Some(text)) => Some(Change::Begun(text.clone())),
		(Some(_), None) => Some(Change::Over),
		_ => None,
	};
	*fault = error.map(|text| Fault {
		since: fault.as_ref().map_or_else(now, |fault| fault.since),
		text,
	});
	change
}

/// A text short enough to be kept for each of many meters.
fn cut(text: String) -> String {
	match text.char_indices().nth(LONGEST) {
		Some((end, _)) => format!("{}...", &text[..end]),
		None => text,
	}
}

fn seconds(duration: Moment) -> f64 {
	duration as f64 / 1_000.
}

/// This machine's time in Unix milliseconds; 0 before 1970.
fn now() -> Moment {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map_or(0, |since| since.as_millis() as Moment)
}

#[cfg(test)]
mod tests {
	use super::*;

	const METER: MeterId = MeterId(7);

	fn stamp(sequence: u64) -> Stamp {
		Stamp {
			sequence,
			measured_at: now() - 60_000,
		}
	}

	#[test]
	fn meter_should_show_how_far_its_readings_are() {
		let shared = Shared::new();
		shared.restored(METER, Some(stamp(10)), Some(stamp(8)), 2);
		shared.took(METER, 3, stamp(13), 5);
		shared.included(METER, 5, stamp(13));
		shared.finalised(METER, 4, stamp(12), 1);
		let status = shared.status();
		let meter = &status.meters[0];
		assert_eq!((meter.meter, meter.queued), (METER, 1));
		let sequences = [&meter.taken, &meter.included, &meter.finalised].map(|s| s.unwrap().sequence);
		assert_eq!(sequences, [13, 13, 12]);
		assert!((60_000..90_000).contains(&meter.finality_lag.unwrap()));
		assert_eq!(
			(status.totals.taken, status.totals.included, status.totals.finalised),
			(3, 5, 4)
		);
		let [inclusion, finality] = shared.histograms();
		assert_eq!((inclusion.get_sample_count(), finality.get_sample_count()), (1, 1));
	}

	#[test]
	fn fault_should_keep_its_beginning_until_it_is_over() {
		let shared = Shared::new();
		shared.source_error(METER, Some("no answer".into()));
		let first = shared.status().meters[0].source_error.clone().unwrap();
		std::thread::sleep(std::time::Duration::from_millis(5));
		shared.source_error(METER, Some("still no answer".into()));
		let second = shared.status().meters[0].source_error.clone().unwrap();
		assert_eq!((second.since, second.text.as_str()), (first.since, "still no answer"));
		shared.source_error(METER, None);
		assert_eq!(shared.status().meters[0].source_error, None);
		shared.node_up(9, 7);
		shared.node_down("gone");
		let node = shared.status().node;
		assert_eq!(
			(node.up, node.best, node.error.unwrap().text.as_str()),
			(false, 9, "gone")
		);
	}

	#[test]
	fn text_should_be_cut_when_it_is_long() {
		let shared = Shared::new();
		shared.set_aside(METER, 2, "\u{fc}".repeat(10_000));
		assert_eq!(shared.status().totals.set_aside, 2);
		let kept = shared.status().meters[0].set_aside_last.clone().unwrap().text;
		assert_eq!(kept.chars().count(), LONGEST + 3);
	}

	#[test]
	fn status_should_come_back_when_written_as_json() {
		let shared = Shared::new();
		shared.took(METER, 1, stamp(1), 1);
		shared.attest(METER, |attest| attest.disputed(4, "12 kWh too many"));
		shared.feed("reference", |feed| {
			feed.fed("0.1", 5);
			feed.stale(true, false, "the file is old");
		});
		shared.outbox(5, 10);
		let status = shared.status();
		let text = serde_json::to_string(&status).unwrap();
		assert_eq!(serde_json::from_str::<Status>(&text).unwrap(), status);
		assert_eq!(status.attest[0].compared, Some(4));
	}
}
