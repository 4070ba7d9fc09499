//! What the gateway writes to standard error: one line for each event, for people or for programs.

use std::{fmt, io::IsTerminal};

use serde_json::{json, Map, Value};
use tracing::{
	field::{Field, Visit},
	Event, Subscriber,
};
use tracing_subscriber::{
	fmt::{
		format::Writer,
		time::{FormatTime, SystemTime},
		FmtContext, FormatEvent, FormatFields,
	},
	registry::LookupSpan,
	EnvFilter,
};

use crate::config::{Log, LogFormat};

/// The environment variable that overrides the configured level.
const FILTER_VARIABLE: &str = "RUST_LOG";

/// Writes events from now on, until the program ends. To be called once; `RUST_LOG` goes before the configuration.
pub fn init(log: &Log) -> anyhow::Result<()> {
	let filter = match std::env::var(FILTER_VARIABLE) {
		Ok(filter) if !filter.is_empty() => EnvFilter::try_new(filter)?,
		_ => EnvFilter::try_new(&log.level.0)?,
	};
	let builder = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(std::io::stderr);
	let set = match log.format {
		LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
		LogFormat::Json => builder.event_format(Json).try_init(),
	};
	set.map_err(|error| anyhow::anyhow!("the log cannot be begun: {error}"))
}

/// An event as one JSON object: its time, level, target and message, and its fields beside them.
struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
	S: Subscriber + for<'a> LookupSpan<'a>,
	N: for<'a> FormatFields<'a> + 'static,
{
	fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
		let mut time = String::new();
		SystemTime.format_time(&mut Writer::new(&mut time))?;
		let mut fields = Fields(Map::new());
		event.record(&mut fields);
		// A field of the same name does not hide these
		fields.0.insert("time".into(), json!(time));
		fields
			.0
			.insert("level".into(), json!(event.metadata().level().as_str()));
		fields.0.insert("target".into(), json!(event.metadata().target()));
		writeln!(writer, "{}", Value::Object(fields.0))
	}
}

struct Fields(Map<String, Value>);

impl Fields {
	fn set(&mut self, field: &Field, value: Value) {
		self.0.insert(field.name().into(), value);
	}
}

impl Visit for Fields {
	fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
		self.set(field, json!(format!("{value:?}")));
	}

	fn record_str(&mut self, field: &Field, value: &str) {
		self.set(field, json!(value));
	}

	fn record_u64(&mut self, field: &Field, value: u64) {
		self.set(field, json!(value));
	}

	fn record_i64(&mut self, field: &Field, value: i64) {
		self.set(field, json!(value));
	}

	fn record_f64(&mut self, field: &Field, value: f64) {
		self.set(field, json!(value));
	}

	fn record_bool(&mut self, field: &Field, value: bool) {
		self.set(field, json!(value));
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::sync::{Arc, Mutex};

	#[derive(Clone, Default)]
	struct Written(Arc<Mutex<Vec<u8>>>);

	impl std::io::Write for Written {
		fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
			self.0.lock().unwrap().extend(bytes);
			Ok(bytes.len())
		}

		fn flush(&mut self) -> std::io::Result<()> {
			Ok(())
		}
	}

	#[test]
	fn event_should_be_one_object_a_line_when_format_is_json() {
		let written = Written::default();
		let writer = written.clone();
		let subscriber = tracing_subscriber::fmt()
			.with_writer(move || writer.clone())
			.event_format(Json)
			.finish();
		tracing::subscriber::with_default(subscriber, || {
			tracing::info!(
				meter = 7,
				up = true,
				name = "a \"b\"\n",
				level = "mine",
				"{} readings",
				3
			);
			tracing::warn!(error = %"no answer", "silent");
		});
		let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
		let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
		assert_eq!(lines.len(), 2, "{text}");
		let first = &lines[0];
		assert_eq!(
			(
				&first["message"],
				&first["meter"],
				&first["up"],
				&first["name"],
				&first["level"]
			),
			(
				&json!("3 readings"),
				&json!(7),
				&json!(true),
				&json!("a \"b\"\n"),
				&json!("INFO")
			)
		);
		assert!(first["time"].as_str().unwrap().starts_with("20"));
		assert_eq!(
			(&lines[1]["level"], &lines[1]["error"]),
			(&json!("WARN"), &json!("no answer"))
		);
	}
}
