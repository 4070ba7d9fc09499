//! `status`: how a running gateway and its meters are doing.

use std::{
	io::{self, IsTerminal, Write},
	net::SocketAddr,
	path::PathBuf,
	time::Duration,
};

use anyhow::{Context, Result};
use baseload_client::units;
use baseload_gateway::{
	config,
	metrics::fetch_status,
	state::{Attest, Fault, Feed, Meter, Status},
	stop::Stop,
};
use baseload_primitives::{Moment, MINUTE, SECOND};
use serde_json::{json, Value};

use super::{table::table, Outcome};

/// Puts a terminal's cursor into the upper left corner of an empty screen.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// How often `--watch` asks.
const PERIOD: Duration = Duration::from_secs(2);

/// Which gateway.
#[derive(clap::Args)]
pub struct Args {
	/// The gateway's configuration: it says where it answers
	#[arg(long, value_name = "FILE", default_value = "/etc/baseload/gateway.toml")]
	config: PathBuf,
	/// Where it answers, instead of what a configuration says
	#[arg(long, value_name = "ADDRESS", conflicts_with = "config")]
	at: Option<SocketAddr>,
	/// Show it anew every two seconds, until stopped
	#[arg(long)]
	watch: bool,
}

/// Asks the gateway, once or again and again.
pub async fn run(args: Args, json: bool) -> Result<Outcome> {
	let address = match args.at {
		Some(address) => address,
		None => {
			let config = config::load(&args.config)?;
			let metrics = config.metrics.with_context(|| {
				format!(
					"{} has no [metrics]: without it a gateway does not tell its status",
					args.config.display()
				)
			})?;
			metrics.listen.0
		}
	};
	if !args.watch {
		let status = fetch_status(address).await?;
		return Ok(Outcome::new(text(&status), serde_json::to_value(&status)?));
	}
	watch(address, json).await?;
	Ok(Outcome::new("", Value::Null))
}

/// In place on a terminal, one below the other elsewhere, a line of JSON each if wanted. A gateway that does not answer is
/// asked again.
async fn watch(address: SocketAddr, as_json: bool) -> Result<()> {
	let stop = Stop::on_signal()?;
	let in_place = !as_json && io::stdout().is_terminal();
	loop {
		let answer = tokio::select! {
			answer = fetch_status(address) => answer,
			() = stop.requested() => return Ok(()),
		};
		let shown = match (&answer, as_json) {
			(Ok(status), true) => serde_json::to_string(status)?,
			(Ok(status), false) => text(status),
			(Err(error), true) => json!({ "error": error.to_string() }).to_string(),
			(Err(error), false) => error.to_string(),
		};
		let clear = if in_place { CLEAR } else { "" };
		let mut out = io::stdout().lock();
		writeln!(out, "{clear}{shown}")?;
		out.flush()?;
		drop(out);
		tokio::select! {
			() = tokio::time::sleep(PERIOD) => (),
			() = stop.requested() => return Ok(()),
		}
	}
}

/// Everything, for people.
fn text(status: &Status) -> String {
	let mut parts = vec![head(status)];
	if !status.meters.is_empty() {
		let rows: Vec<_> = status.meters.iter().map(|of| meter(of, status.now)).collect();
		let headings = [
			"meter",
			"last reading",
			"sequence",
			"queued",
			"in a block",
			"final",
			"final after",
			"state",
		];
		parts.push(table(&headings, &rows));
	}
	if !status.attest.is_empty() {
		let rows: Vec<_> = status.attest.iter().map(|of| attest(of, status.now)).collect();
		let headings = [
			"attests meter",
			"compared",
			"vouched",
			"disputed",
			"votes",
			"reported",
			"state",
		];
		parts.push(table(&headings, &rows));
	}
	if !status.feeds.is_empty() {
		let rows: Vec<_> = status.feeds.iter().map(|of| feed(of, status.now)).collect();
		parts.push(table(&["price", "reported", "at", "state"], &rows));
	}
	parts.join("\n\n")
}

fn head(status: &Status) -> String {
	let node = match &status.node {
		node if node.up => format!("block {}, final {}", node.best, node.finalized),
		node => match &node.error {
			Some(fault) => format!("DOWN {}", faulty(fault, status.now)),
			None => "not asked yet".into(),
		},
	};
	let mut lines = vec![
		format!(
			"gateway {}, running for {}",
			status.version,
			about(status.now.saturating_sub(status.started))
		),
		format!("node: {node}"),
	];
	if let Some(room) = status.outbox {
		let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
		let queued: u64 = status.meters.iter().map(|meter| meter.queued).sum();
		lines.push(format!(
			"outbox: {queued} readings not final yet, {} of {} MiB",
			mebibytes(room.used),
			mebibytes(room.limit)
		));
	}
	let totals = &status.totals;
	lines.push(format!(
		"since its start: {} readings taken, {} in a block, {} final, {} set aside",
		totals.taken, totals.included, totals.finalised, totals.set_aside
	));
	lines.join("\n")
}

fn meter(meter: &Meter, now: Moment) -> Vec<String> {
	let sequence = |stamp: Option<baseload_gateway::state::Stamp>| or_dash(stamp.map(|stamp| stamp.sequence));
	let mut state = faults(
		&[("source: ", &meter.source_error), ("chain: ", &meter.chain_error)],
		now,
	);
	if meter.signs_with_next_key {
		state += "; signs with its next key: configure that as its key";
	}
	if let Some(last) = &meter.set_aside_last {
		state = format!("{state}; {} set aside, last {}", meter.set_aside, faulty(last, now));
	}
	vec![
		meter.meter.to_string(),
		or_dash(meter.taken.map(|taken| ago(taken.measured_at, now))),
		sequence(meter.taken),
		meter.queued.to_string(),
		sequence(meter.included),
		sequence(meter.finalised),
		or_dash(meter.finality_lag.map(about)),
		state,
	]
}

fn attest(attest: &Attest, now: Moment) -> Vec<String> {
	let mut state = faults(&[("", &attest.error)], now);
	if let Some(last) = &attest.disputed_last {
		state = format!("{state}; last dispute {}", faulty(last, now));
	}
	vec![
		attest.meter.to_string(),
		or_dash(attest.compared),
		attest.vouched.to_string(),
		attest.disputed.to_string(),
		attest.votes.to_string(),
		attest.reported.to_string(),
		state,
	]
}

fn feed(feed: &Feed, now: Moment) -> Vec<String> {
	let stale = match (feed.own_stale, feed.chain_stale) {
		(false, false) => "",
		(true, false) => "STALE: ",
		(false, true) => "the chain has no fresh price: ",
		(true, true) => "STALE, and the chain has no fresh price: ",
	};
	vec![
		feed.price.clone(),
		or_dash(feed.last.as_ref().map(|(price, _)| price)),
		or_dash(feed.last.as_ref().map(|(_, at)| ago(*at, now))),
		faults(&[(stale, &feed.why), ("", &feed.error)], now),
	]
}

/// What is wrong, or that nothing is.
fn faults(faults: &[(&str, &Option<Fault>)], now: Moment) -> String {
	let wrong: Vec<_> = faults
		.iter()
		.filter_map(|(of, fault)| Some(format!("{of}{}", faulty(fault.as_ref()?, now))))
		.collect();
	if wrong.is_empty() {
		"ok".into()
	} else {
		wrong.join("; ")
	}
}

/// A fault in one line, whatever its text.
fn faulty(fault: &Fault, now: Moment) -> String {
	let text: String = fault
		.text
		.chars()
		.map(|c| if c.is_control() { ' ' } else { c })
		.collect();
	format!("({}) {text}", ago(fault.since, now))
}

/// When something was; what is a minute ahead or more, by a clock that stood wrong, is not "0s ago".
fn ago(at: Moment, now: Moment) -> String {
	match at.saturating_sub(now) {
		ahead if ahead >= MINUTE => format!("in {}", about(ahead)),
		_ => format!("{} ago", about(now.saturating_sub(at))),
	}
}

fn about(duration: Moment) -> String {
	units::format_duration(duration - duration % SECOND)
}

fn or_dash(value: Option<impl ToString>) -> String {
	value.map_or_else(|| "-".into(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_gateway::state::{Node, Room, Stamp, Totals};
	use baseload_primitives::{MeterId, HOUR};

	const NOW: Moment = 1_769_860_800_000;

	fn fault(ago: Moment, text: &str) -> Option<Fault> {
		Some(Fault {
			since: NOW - ago,
			text: text.into(),
		})
	}

	fn status() -> Status {
		let stamp = |sequence| {
			Some(Stamp {
				sequence,
				measured_at: NOW - 3 * MINUTE,
			})
		};
		let fine = Meter {
			meter: MeterId(7),
			taken: stamp(97),
			included: stamp(97),
			finalised: stamp(90),
			finality_lag: Some(72_400),
			signs_with_next_key: false,
			queued: 7,
			set_aside: 0,
			set_aside_last: None,
			source_error: None,
			chain_error: None,
		};
		let silent = Meter {
			meter: MeterId(10_000),
			taken: None,
			included: None,
			finalised: None,
			finality_lag: None,
			set_aside: 2,
			set_aside_last: fault(MINUTE, "line 4: no\nnumber"),
			source_error: fault(HOUR, "no answer"),
			..fine.clone()
		};
		Status {
			version: "0.1.0".into(),
			started: NOW - 25 * HOUR,
			now: NOW,
			node: Node {
				up: true,
				best: 100,
				finalized: 97,
				error: None,
			},
			outbox: Some(Room {
				used: 1,
				limit: 512 << 20,
			}),
			totals: Totals {
				taken: 14,
				included: 12,
				finalised: 10,
				set_aside: 2,
				calls: 3,
			},
			meters: vec![fine, silent],
			attest: Vec::new(),
			feeds: Vec::new(),
		}
	}

	#[test]
	fn status_should_show_each_meter_in_a_line() {
		assert_eq!(
			text(&status()),
			"gateway 0.1.0, running for 1d1h\n\
			 node: block 100, final 97\n\
			 outbox: 14 readings not final yet, 1 of 512 MiB\n\
			 since its start: 14 readings taken, 12 in a block, 10 final, 2 set aside\n\
			 \n\
			 meter  last reading  sequence  queued  in a block  final  final after  state\n\
			 7      3m ago        97        7       97          90     1m12s        ok\n\
			 10000  -             -         7       -           -      -            source: (1h ago) no answer; \
			 2 set aside, last (1m ago) line 4: no number"
		);
	}

	#[test]
	fn reading_of_the_future_should_not_look_like_a_new_one() {
		assert_eq!([ago(NOW - MINUTE, NOW), ago(NOW + SECOND, NOW)], ["1m ago", "0s ago"]);
		assert_eq!(ago(NOW + HOUR, NOW), "in 1h");
	}

	#[test]
	fn status_should_say_what_is_stale_or_disputed() {
		let mut status = status();
		status.meters.clear();
		status.outbox = None;
		status.node = Node {
			error: fault(5_000, "refused"),
			..Node::default()
		};
		status.attest = vec![Attest {
			meter: MeterId(3),
			compared: Some(9),
			vouched: 4,
			disputed: 1,
			votes: 2,
			reported: 0,
			disputed_last: fault(MINUTE, "reading 9: 2 kWh too many"),
			error: None,
		}];
		status.feeds = vec![Feed {
			price: "reference".into(),
			last: Some(("0.1".into(), NOW - HOUR)),
			own_stale: true,
			chain_stale: false,
			why: fault(MINUTE, "the file is old"),
			error: None,
		}];
		let text = text(&status);
		assert!(text.contains("node: DOWN (5s ago) refused"), "{text}");
		assert!(
			text.contains(
				"3              9         4        1         2      0         ok; last dispute (1m ago) reading 9"
			),
			"{text}"
		);
		assert!(
			text.contains("reference  0.1       1h ago  STALE: (1m ago) the file is old"),
			"{text}"
		);
	}
}
