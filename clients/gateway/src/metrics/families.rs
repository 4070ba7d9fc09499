//! What Prometheus is told, made anew from the shared state for each question.

use baseload_primitives::Moment;
use prometheus::{
	core::Collector, proto::MetricFamily, CounterVec, Gauge, GaugeVec, IntCounter, Opts, Registry, Result,
};

use crate::state::{Attest, Feed, Meter, Shared, Status};

/// All metrics as they are now. `per_meter`: with series of each single meter.
pub fn gather(shared: &Shared, per_meter: bool) -> Result<Vec<MetricFamily>> {
	let status = shared.status();
	let page = Page(Registry::new());
	for histogram in shared.histograms() {
		page.add(histogram)?;
	}
	whole(&page, &status)?;
	if per_meter {
		meters(&page, &status.meters)?;
	}
	if !status.attest.is_empty() {
		attest(&page, &status.attest)?;
	}
	if !status.feeds.is_empty() {
		feeds(&page, &status.feeds)?;
	}
	Ok(page.0.gather())
}

/// What is one number for the whole gateway.
fn whole(page: &Page, status: &Status) -> Result<()> {
	let info = Opts::new("baseload_gateway_info", "Always 1; the label is the program's version");
	page.gauge_with(info.const_label("version", status.version.as_str()), 1.)?;
	page.gauge(
		"start_time_seconds",
		"When the gateway started, in seconds since 1970",
		seconds(status.started),
	)?;
	page.gauge("node_up", "1 if the node answers", flag(status.node.up))?;
	page.gauge(
		"node_best_block",
		"Number of the node's newest block",
		status.node.best as f64,
	)?;
	page.gauge(
		"node_final_block",
		"Number of the newest final block",
		status.node.finalized as f64,
	)?;
	if let Some(room) = status.outbox {
		page.gauge("outbox_bytes", "Bytes of the outbox in use", room.used as f64)?;
		page.gauge("outbox_limit_bytes", "Bytes that the outbox may use", room.limit as f64)?;
	}

	let totals = status.totals;
	page.counter("readings_taken_total", "Readings taken from sources", totals.taken)?;
	page.counter(
		"readings_included_total",
		"Readings seen in a final block",
		totals.included,
	)?;
	page.counter("readings_final_total", "Readings seen final", totals.finalised)?;
	page.counter(
		"set_aside_total",
		"Lines, records and readings that were passed over or refused for good",
		totals.set_aside,
	)?;
	page.counter("calls_total", "Calls sent to the node", totals.calls)?;

	let meters = &status.meters;
	let count = |is: &dyn Fn(&Meter) -> bool| meters.iter().filter(|meter| is(meter)).count() as f64;
	page.gauge("meters", "Meters that are read", meters.len() as f64)?;
	page.gauge(
		"meters_source_failing",
		"Meters whose source cannot be read",
		count(&|meter| meter.source_error.is_some()),
	)?;
	page.gauge(
		"meters_chain_failing",
		"Meters whose readings do not get onto the chain",
		count(&|meter| meter.chain_error.is_some()),
	)?;
	page.gauge(
		"readings_queued",
		"Readings in the outbox: not final yet",
		meters.iter().map(|meter| meter.queued).sum::<u64>() as f64,
	)?;
	let silence = meters
		.iter()
		.map(|meter| meter.taken.map_or(status.started, |taken| taken.measured_at))
		// A reading of the future is as wrong as one of the past: a clock was set back, and the meter is silent until then
		.map(|at| status.now.abs_diff(at))
		.max();
	page.gauge(
		"longest_silence_seconds",
		"Age of the newest reading, or of the gateway if there is none, of the meter that has been silent for longest",
		seconds(silence.unwrap_or_default()),
	)
}

/// What is a number for each meter.
fn meters(page: &Page, meters: &[Meter]) -> Result<()> {
	let each = |name: &str, help: &str, value: &dyn Fn(&Meter) -> Option<f64>| {
		page.gauges(
			name,
			help,
			"meter",
			meters
				.iter()
				.filter_map(|meter| Some((meter.meter.to_string(), value(meter)?))),
		)
	};
	each(
		"meter_last_sequence",
		"Sequence of the newest reading taken",
		&|meter| meter.taken.map(|taken| taken.sequence as f64),
	)?;
	each(
		"meter_last_reading_timestamp_seconds",
		"When the newest reading taken was measured, in seconds since 1970",
		&|meter| meter.taken.map(|taken| seconds(taken.measured_at)),
	)?;
	each(
		"meter_included_sequence",
		"Sequence of the newest reading seen in a final block",
		&|meter| meter.included.map(|included| included.sequence as f64),
	)?;
	each(
		"meter_final_sequence",
		"Sequence of the newest reading seen final",
		&|meter| meter.finalised.map(|finalised| finalised.sequence as f64),
	)?;
	each(
		"meter_final_reading_timestamp_seconds",
		"When the newest reading seen final was measured, in seconds since 1970",
		&|meter| meter.finalised.map(|finalised| seconds(finalised.measured_at)),
	)?;
	each(
		"meter_finality_lag_seconds",
		"From the measurement of the newest final reading to when it was seen final",
		&|meter| meter.finality_lag.map(seconds),
	)?;
	each(
		"meter_queued",
		"Readings of the meter in the outbox: not final yet",
		&|meter| Some(meter.queued as f64),
	)?;
	each(
		"meter_source_failing",
		"1 if the meter's source cannot be read",
		&|meter| Some(flag(meter.source_error.is_some())),
	)?;
	each(
		"meter_chain_failing",
		"1 if the meter's readings do not get onto the chain",
		&|meter| Some(flag(meter.chain_error.is_some())),
	)?;
	page.counters(
		"meter_set_aside_total",
		"Lines, records and readings of the meter that were passed over or refused for good",
		meters.iter().map(|meter| (meter.meter.to_string(), meter.set_aside)),
	)
}

/// What an attestor does.
fn attest(page: &Page, meters: &[Attest]) -> Result<()> {
	let compared = meters
		.iter()
		.filter_map(|meter| Some((meter.meter.to_string(), meter.compared? as f64)));
	page.gauges(
		"attest_compared_sequence",
		"Sequence of the last reading compared with the independent source",
		"meter",
		compared,
	)?;
	let failing = meters
		.iter()
		.map(|meter| (meter.meter.to_string(), flag(meter.error.is_some())));
	page.gauges("attest_failing", "1 if the meter cannot be watched", "meter", failing)?;
	let each = |name: &str, help: &str, value: &dyn Fn(&Attest) -> u64| {
		page.counters(
			name,
			help,
			meters.iter().map(|meter| (meter.meter.to_string(), value(meter))),
		)
	};
	each("attest_vouched_total", "Readings vouched for", &|meter| meter.vouched)?;
	each("attest_disputed_total", "Readings disputed", &|meter| meter.disputed)?;
	each("attest_votes_total", "Votes cast", &|meter| meter.votes)?;
	each(
		"attest_reported_total",
		"Readings reported as a member of a committee",
		&|meter| meter.reported,
	)
}

/// What an oracle operator does.
fn feeds(page: &Page, feeds: &[Feed]) -> Result<()> {
	let each = |name: &str, help: &str, value: &dyn Fn(&Feed) -> Option<f64>| {
		page.gauges(
			name,
			help,
			"price",
			feeds.iter().filter_map(|feed| Some((feed.price.clone(), value(feed)?))),
		)
	};
	each(
		"feed_timestamp_seconds",
		"When the price was reported last, in seconds since 1970",
		&|feed| feed.last.as_ref().map(|(_, at)| seconds(*at)),
	)?;
	each(
		"feed_own_stale",
		"1 if this operator's report is too old to count",
		&|feed| Some(flag(feed.own_stale)),
	)?;
	each(
		"feed_chain_stale",
		"1 if the chain has too few fresh reports for a price",
		&|feed| Some(flag(feed.chain_stale)),
	)?;
	each("feed_failing", "1 if nothing can be reported", &|feed| {
		Some(flag(feed.error.is_some()))
	})
}

/// The metrics of one answer.
struct Page(Registry);

impl Page {
	fn add(&self, metric: impl Collector + 'static) -> Result<()> {
		self.0.register(Box::new(metric))
	}

	fn gauge(&self, name: &str, help: &str, value: f64) -> Result<()> {
		self.gauge_with(options(name, help), value)
	}

	fn gauge_with(&self, options: Opts, value: f64) -> Result<()> {
		let gauge = Gauge::with_opts(options)?;
		gauge.set(value);
		self.add(gauge)
	}

	fn gauges(&self, name: &str, help: &str, label: &str, values: impl Iterator<Item = (String, f64)>) -> Result<()> {
		let gauges = GaugeVec::new(options(name, help), &[label])?;
		for (of, value) in values {
			gauges.get_metric_with_label_values(&[&of])?.set(value);
		}
		self.add(gauges)
	}

	fn counter(&self, name: &str, help: &str, value: u64) -> Result<()> {
		let counter = IntCounter::with_opts(options(name, help))?;
		counter.inc_by(value);
		self.add(counter)
	}

	/// A count for each meter.
	fn counters(&self, name: &str, help: &str, values: impl Iterator<Item = (String, u64)>) -> Result<()> {
		let counters = CounterVec::new(options(name, help), &["meter"])?;
		for (of, value) in values {
			counters.get_metric_with_label_values(&[&of])?.inc_by(value as f64);
		}
		self.add(counters)
	}
}

fn options(name: &str, help: &str) -> Opts {
	Opts::new(format!("baseload_gateway_{name}"), help)
}

fn seconds(moment: Moment) -> f64 {
	moment as f64 / 1_000.
}

fn flag(is: bool) -> f64 {
	u8::from(is).into()
}
